"""Loops are taken apart without a change of any result, and what can be independent is."""

import random

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.helpers.rolled_tapes import random_columns, rolled_tapes
from tests.helpers.rounds import loops_of_rounds, random_loops

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.compiler.rolling.roll import roll
from glassgrad.compiler.rolling.rounds import apart

LANES = 3


def check(tape: Tape, other: Tape, rng: random.Random) -> None:
    columns = random_columns(rng, tape, LANES)
    expected, path = interpret(expand(tape), columns, LANES)
    found, other_path = interpret(verify(expand(other)), columns, LANES)
    assert (path == other_path).all()
    for one, two in zip(expected, found, strict=True):
        assert one.tobytes() == two.tobytes() or np.array_equal(one, two, equal_nan=True)


@given(loops_of_rounds(), st.integers(0, 1000))
def test_taking_apart_changes_no_result(tape, seed):
    note(str(tape))
    check(tape, apart(roll(tape, 1)), random.Random(seed))


@pytest.mark.parametrize("seed", range(40))
def test_seeded_loops_keep_their_results(seed):
    rng = random.Random(seed)
    tape = random_loops(rng)
    check(tape, apart(roll(tape, 1)), rng)


@given(rolled_tapes(), st.integers(0, 1000))
def test_any_tape_with_loops_keeps_its_results(tape, seed):
    check(tape, apart(tape), random.Random(seed))
