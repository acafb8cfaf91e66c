"""Rounds that are said to be independent are so in the expansion."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.rolled_tapes import random_rolled_tape, rolled_tapes

from glassgrad.compiler.ir.expand import positions
from glassgrad.compiler.ir.loops import READS, Executions, Loop, Read
from glassgrad.compiler.ir.rounds import has_independent_rounds
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops


def rounds_of(tape, executions, k):
    """For each round of loop k what it runs: each operation, and of each operand where in the round it is computed."""
    place, loop, n = positions(tape, executions), tape.loops[k], tape.inputs
    found = {}
    for s in range(loop.start, loop.stop):
        home = int(executions.home[s])
        turns = executions.outer(home, k)
        columns = [executions.values(a, home) for a in tape.args[s]]
        for e, turn in enumerate(turns):
            at = int(place[executions.first[s] + e])
            operands = [int(place[c[e] - n]) if c[e] >= n else -1 for c in columns]
            found.setdefault(int(turn), []).append((at, s, operands))
    rows = [sorted(found.get(turn, [])) for turn in range(executions.runs[k])]
    every = [at for row in rows for at, _, _ in row]
    low, high = min(every, default=0), max(every, default=0)

    def relative(operand, start):
        return operand - start if low <= operand <= high else None

    return [[(s, [relative(x, row[0][0]) for x in operands]) for _, s, operands in row] for row in rows]


def check(tape):
    executions = Executions(tape)
    for k, loop in enumerate(tape.loops):
        if loop.parent >= 0 or not executions.runs[k]:
            assert not has_independent_rounds(tape, executions, k)
            continue
        rows = rounds_of(tape, executions, k)
        own = all(x is None or x >= 0 for row in rows for _, operands in row for x in operands)
        independent = own and all(row == rows[0] for row in rows)
        assert has_independent_rounds(tape, executions, k) <= independent


@given(rolled_tapes())
def test_rounds_are_independent_if_the_expansion_says_so(tape):
    check(tape)


@pytest.mark.parametrize("seed", range(60))
def test_rounds_of_seeded_tapes(seed):
    check(random_rolled_tape(random.Random(seed)))


@given(st.permutations(range(4)))
def test_a_round_that_reads_another_is_not_independent(order):
    """v1 of round t reads v0 of round order[t], of this loop or of the one before."""
    for loops, expected in (
        ([Loop(0, 1, 4, -1), Loop(1, 2, 4, -1)], True),
        ([Loop(0, 2, 4, -1)], order == [0, 1, 2, 3]),
    ):
        if len(loops) == 1 and any(source > t for t, source in enumerate(order)):
            continue  # it is not computed yet
        tape = Tape(["x"])
        tape.ops, tape.args = [ops.sin, ops.cos], [(0,), (READS,)]
        tape.loops, tape.reads = loops, [Read(len(loops) - 1, 1 + np.array(order))]
        tape.segments = [Segment(0, 2, -1, Outputs((2,)))]
        assert has_independent_rounds(tape, Executions(tape), len(loops) - 1) is expected
