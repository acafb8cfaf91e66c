"""A value that is seldom read in turn with others is computed again, and the results keep their bits."""

import random

import numpy as np
import pytest
from tests.helpers.rolled_tapes import random_columns

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.memory.recompute import recompute
from glassgrad.compiler.ir.memory.records import numbers_stored
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.core import ops

ROUNDS, LANES = 40, 3
SUM, SQUARE, CUBE = (2 + ROUNDS * k for k in range(3))  # the references of their first executions


def tape_with(mixed) -> Tape:
    """Loop 0 makes sums, squares and cubes, loop 1 reads all sums, and loop 2 reads ``mixed``."""
    tape = Tape(["x", "y"])
    tape.constants = [0.0]
    trips = len(mixed)
    tape.loops = [Loop(0, 3, ROUNDS, -1), Loop(3, 4, ROUNDS, -1), Loop(4, 5, trips, -1)]
    tape.reads = [
        *(Carried(0, 0, 2), Read(1, Affine(SUM + ROUNDS - 1, (-1,))), Carried(1, ~0, 5)),
        *(Read(2, np.array(mixed)), Carried(2, ~0, 6)),
    ]
    tape.ops = [ops.add, ops.mul, ops.mul, ops.add, ops.add]
    tape.args = [(READS, 1), (2, 2), (3, 2), (READS + 1, READS + 2), (READS + 3, READS + 4)]
    tape.segments = [Segment(0, 5, -1, Outputs((5, 6)))]
    return verify(tape)


def check(tape: Tape) -> Tape:
    columns, again = random_columns(random.Random(0), tape, LANES), recompute(tape, 0)
    found, expected = (interpret(verify(expand(one)), columns, LANES)[0] for one in (again, tape))
    assert [[*map(key, x)] for x in found] == [[*map(key, x)] for x in expected]
    return again


@pytest.mark.parametrize(
    "mixed",
    [
        (SQUARE + 4, ~0, SQUARE + 9),
        (~0, ~0, SQUARE + 7, 1),
        (SQUARE + 7, SQUARE + 8, CUBE + 3),
        (CUBE + 3, SQUARE + 8, 0, CUBE + 1, ~0),
        (SUM + 3, SQUARE + 3, CUBE + 3),
    ],
    ids=str,
)
def test_what_is_seldom_read_is_not_stored(mixed):
    tape = tape_with(mixed)
    assert numbers_stored(tape)[0] > 1
    assert numbers_stored(check(tape)) == {0: 1}


def test_what_is_often_read_is_stored():
    tape = tape_with([SQUARE + k if k % 5 else ~0 for k in range(ROUNDS)])
    assert numbers_stored(check(tape)) == {0: 2}


@pytest.mark.parametrize("rounds", [(~0, 4, 29), (~0, 29, ~0), (3, ~0, 29), (2, 8, 40), (~0, ~0, 40)], ids=str)
def test_no_round_reads_what_is_still_to_come(rounds):
    """Each round of loop 0 makes 16 products in loop 1. Loop 2 reads one of those made so far, or a constant."""
    tape = Tape(["x"])
    tape.constants = [0.0]
    tape.loops = [Loop(0, 3, 3, -1), Loop(1, 2, 16, 0), Loop(2, 3, 2, 0)]
    index = np.repeat([k if k < 0 else 1 + 3 + k for k in rounds], 2)
    tape.reads = [Read(2, index), Carried(0, 0, 1), Carried(2, ~0, 3)]
    tape.ops = [ops.sin, ops.mul, ops.add]
    tape.args = [(READS + 1,), (1, 0), (READS, READS + 2)]
    tape.segments = [Segment(0, 3, -1, Outputs((3,)))]
    check(verify(tape))
