"""Loops are taken apart without a change of any result, and what can be independent is."""

import random

import numpy as np
import pytest
from benchmarks.loops.programs import small
from hypothesis import given, note
from hypothesis import strategies as st
from tests.helpers.recording import recorded
from tests.helpers.rolled_tapes import random_columns, rolled_tapes
from tests.helpers.rounds import loops_of_rounds, random_loops

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.passes import improve
from glassgrad.compiler.ir.rounds import has_independent_rounds
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.compiler.rolling.flat import Flat
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


def independent(tape: Tape) -> float:
    """The share of all executions that are in loops with independent rounds."""
    executions = Executions(tape)
    chosen = [loop for k, loop in enumerate(tape.loops) if has_independent_rounds(tape, executions, k)]
    return sum(int(executions.first[loop.stop] - executions.first[loop.start]) for loop in chosen) / executions.total


def squares(rows: int, wide: int) -> Tape:
    """The gradient of the sum of squares of differences, tanh(w·x) - y, as a trace writes it."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((rows, wide)), rng.standard_normal(rows)

    def loss(w):
        return sum((gg.tanh(sum(a * b for a, b in zip(w, x))) - y) ** 2 for x, y in zip(X.tolist(), Y.tolist()))

    return recorded(gg.grad(loss), rng.standard_normal(wide))


def test_rows_of_data_are_independent_and_their_sums_too():
    rolled = roll(squares(40, 12))
    assert independent(rolled) < 0.5
    assert independent(apart(rolled)) > 0.9


def test_a_sum_that_waits_for_itself_keeps_its_cheap_terms():
    """Each addition waits for the one before. Multiplications in a loop of their own would only cost memory."""
    rng = np.random.default_rng(0)
    rolled = roll(recorded(lambda a, b: sum(x * y for x, y in zip(a, b)), *rng.standard_normal((2, 100))))
    assert apart(rolled) is rolled


def test_dear_terms_of_a_sum_get_a_loop_of_their_own():
    rolled = roll(recorded(lambda a: sum(gg.exp(x) for x in a), np.linspace(0, 1, 100)))
    assert independent(apart(rolled)) >= 0.5


@pytest.mark.parametrize("name", ["lorenz", "heston", "kalman"])
def test_loops_that_carry_their_values_are_not_expanded_to_find_that_out(monkeypatch, name):
    program = small(name)
    tape = improve(roll(recorded(program.transformed, *program.lane(0)), least=0))
    monkeypatch.setattr(Flat, "expanded", lambda *_: pytest.fail("expanded"))
    assert apart(tape) is tape
