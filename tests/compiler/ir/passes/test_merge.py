"""Loops that follow one another become one where no round needs a later round of the first, and no bit changes."""

import random

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.passes.merge import merged
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.core import ops

LANES, ROUNDS, STEPS = 3, 8, 4
SQUARES = 2 + STEPS * ROUNDS  # the reference of the first execution of the squares of `pair`


def check(tape: Tape, rng: random.Random) -> Tape:
    columns, again = random_columns(rng, tape, LANES), merged(tape)
    found, expected = (interpret(expand(verify(one)), columns, LANES) for one in (again, tape))
    assert [[*map(key, x)] for x in (*found[0], found[1])] == [[*map(key, x)] for x in (*expected[0], expected[1])]
    return again


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_of_a_random_tape_changes(tape, seed):
    note(str(tape))
    check(tape, random.Random(seed))


def test_no_bit_of_the_seeded_tapes_changes():
    for seed in range(150):
        rng = random.Random(seed)
        check(random_rolled_tape(rng), rng)


def pair(later: Read | int, trips=(ROUNDS, ROUNDS)) -> Tape:
    """In each of 4 steps, a loop of squares of a carried sum, and a loop that adds up products of ``later`` and y."""
    tape = Tape(["x", "y"])
    tape.constants = [0.0]
    tape.loops = [Loop(0, 4, STEPS, -1), Loop(0, 2, trips[0], 0), Loop(2, 4, trips[1], 0)]
    tape.reads = [Carried(0, 0, 2), Carried(1, READS, 2), Carried(2, ~0, 5)]
    tape.reads += [] if isinstance(later, int) else [later]
    ref = later if isinstance(later, int) else READS + 3
    tape.ops, tape.args = [ops.add, ops.mul, ops.mul, ops.add], [(READS + 1, 1), (2, 2), (ref, 1), (READS + 2, 4)]
    tape.segments = [Segment(0, 4, -1, Outputs((5, 3)))]
    return verify(tape)


def lagging(by: int) -> Read:
    """In round k, the square of round k - by of the same step, or of the nearest round that there is."""
    step, k = np.divmod(np.arange(STEPS * ROUNDS), ROUNDS)
    return Read(2, SQUARES + step * ROUNDS + np.clip(k - by, 0, ROUNDS - 1))


@pytest.mark.parametrize("later", [Read(2, Affine(SQUARES, (ROUNDS, 1))), lagging(1), lagging(3)], ids=str)
def test_what_is_known_by_then_is_no_obstacle(later):
    again = check(pair(later), random.Random(0))
    assert [loop.trips for loop in again.loops] == [STEPS, ROUNDS]


def test_what_the_same_round_computes_is_not_read():
    again = check(pair(Read(2, Affine(SQUARES, (ROUNDS, 1)))), random.Random(0))
    assert all(isinstance(read, Carried) for read in again.reads)


@pytest.mark.parametrize(
    "later",
    [
        Read(2, Affine(SQUARES + ROUNDS - 1, (ROUNDS, -1))),  # backwards
        lagging(-1),  # one round ahead
        3,  # the last square
        Read(0, Affine(SQUARES + 2, (ROUNDS,))),  # a square of this step, read outside the second loop
        Read(-1, Affine(SQUARES, ())),
    ],
    ids=str,
)
def test_what_is_not_known_yet_keeps_the_loops_apart(later):
    tape = pair(later)
    assert check(tape, random.Random(0)) is tape


def test_loops_of_different_lengths_stay_apart():
    tape = pair(Read(2, Affine(2 + STEPS * (ROUNDS + 1), (ROUNDS + 1, 1))), (ROUNDS + 1, ROUNDS))
    assert check(tape, random.Random(0)) is tape


def test_loops_that_share_nothing_stay_apart():
    tape = pair(0)
    assert check(tape, random.Random(0)) is tape


def test_loops_with_loops_inside_are_merged():
    """Rows of squares, and rows of sums of the same squares: the inner loops stay two."""
    tape = Tape(["x"])
    tape.constants = [0.0]
    tape.loops = [Loop(0, 2, 5, -1), Loop(0, 2, 6, 0), Loop(2, 4, 5, -1), Loop(2, 4, 6, 2)]
    tape.reads = [Carried(0, 0, 1), Carried(1, READS, 1), Carried(2, ~0, 4), Carried(3, READS + 2, 4)]
    tape.reads.append(Read(3, Affine(1 + 30 + 5, (6, -1))))
    tape.ops, tape.args = [ops.add, ops.mul, ops.mul, ops.add], [(READS + 1, 0), (1, 1), (READS + 4, 0), (READS + 3, 3)]
    tape.segments = [Segment(0, 4, -1, Outputs((4,)))]
    again = check(verify(tape), random.Random(0))
    assert [loop.parent for loop in again.loops] == [-1, 0, 0]
