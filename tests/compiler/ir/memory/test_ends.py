"""A value of which only the last round is read is stored after its loop, and has the same bits."""

import random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.compiler.ir.memory.test_recompute import LANES, results
from tests.helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes

from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.memory.ends import stored_at_ends
from glassgrad.compiler.ir.memory.records import numbers_stored
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.core import ops


def check(tape: Tape, rng: random.Random) -> Tape:
    columns = random_columns(rng, tape, LANES)
    again = verify(stored_at_ends(tape))
    assert results(again, columns) == results(tape, columns)
    return again


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_of_a_random_tape_changes(tape, seed):
    note(str(tape))
    check(tape, random.Random(seed))


def test_no_bit_of_the_seeded_tapes_changes():
    changed = 0
    for seed in range(150):
        rng = random.Random(seed)
        tape = random_rolled_tape(rng)
        changed += check(tape, rng) is not tape
    assert changed > 5


ROUNDS = 5


def sums(before: int) -> Tape:
    """Four sums of ROUNDS sines. A later loop reads of each what it was ``before`` rounds before its end."""
    tape = Tape(["x", "y"])
    tape.constants = [0.0]
    tape.ops = [ops.sin, ops.add, ops.mul]
    tape.args = [(READS,), (2, READS), (READS + 1, 1)]
    tape.loops = [Loop(0, 2, 4, -1), Loop(0, 2, ROUNDS, 0), Loop(2, 3, 4, -1)]
    first = 2 + 4 * ROUNDS  # of the sums, after the inputs and the sines
    tape.reads = [Carried(1, 0, 3), Read(2, Affine(first + ROUNDS - 1 - before, (ROUNDS,)))]
    tape.segments = [Segment(0, 3, -1, Outputs((4,), 0))]
    return verify(tape)


@pytest.mark.parametrize(("before", "loop"), [(0, 0), (1, 1)])
def test_last_sums_are_stored_in_the_loop_around(before, loop):
    tape = sums(before)
    assert numbers_stored(tape) == {1: 1}
    assert numbers_stored(check(tape, random.Random(0))) == {loop: 1}
