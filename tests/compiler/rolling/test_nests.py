"""Loops are divided into rows, so that operands move evenly."""

from __future__ import annotations

import numpy as np
from benchmarks.loops.programs import find

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import READS, Affine, Executions, Read
from glassgrad.compiler.rolling import nests
from glassgrad.compiler.rolling.nodes import Once, Repeat, executed
from glassgrad.compiler.rolling.roll import roll
from helpers.recording import recorded


def test_products_of_matrices_need_few_tables():
    program = find("matmul")(n=12, lanes=8)
    tape = recorded(program.transformed, *program.lane(0))
    rolled = roll(tape)
    assert expand(rolled).args == tape.args
    executions = Executions(rolled)
    runs = np.diff(executions.first)
    reads = [(s, rolled.reads[a - READS]) for s, args in enumerate(rolled.args) for a in args if a >= READS]
    uneven = sum(runs[s] for s, read in reads if isinstance(read, Read) and not isinstance(read.index, Affine))
    assert uneven < 0.15 * sum(runs[s] for s, _ in reads)


def test_a_loop_that_runs_only_in_the_round_left_out_is_dropped():
    at = np.arange(39)  # 13 rounds of three operations, of which the loop inside runs in the last round only
    inner = Repeat(np.array([0] * 12 + [2]), [Once(np.array([100, 101]))])
    loop = Repeat(np.array([13]), [Once(at[::3]), Once(at[1::3]), Once(at[2::3]), inner])
    before, middle, after = nests._pieces(loop, 0, 1)
    assert [executed(node) for node in before] == []
    assert [executed(node) for node in middle] == [12, 12, 12]
    assert [executed(node) for node in after] == [1, 1, 1, 2]
