"""Loops are divided into rows, so that operands move evenly."""

from __future__ import annotations

import numpy as np
from benchmarks.loops.programs import find

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import READS, Affine, Executions, Read
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
