"""What an earlier loop has computed is read, and not computed a second time."""

import random

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.memory.repeated import without_repeats
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from glassgrad.compiler.ir.tape import identity as key
from glassgrad.compiler.runtime import forms
from glassgrad.core import ops
from helpers.recording import recorded

LANES = 3


def check(tape: Tape, rng: random.Random) -> Tape:
    columns, again = random_columns(rng, tape, LANES), without_repeats(tape)
    found, expected = (interpret(verify(expand(one)), columns, LANES) for one in (again, tape))
    assert [[*map(key, x)] for x in (*found[0], found[1])] == [[*map(key, x)] for x in (*expected[0], expected[1])]
    return again


@given(rolled_tapes(), st.integers(0, 1000))
def test_no_bit_of_a_random_tape_changes(tape, seed):
    note(str(tape))
    check(tape, random.Random(seed))


def test_no_bit_of_the_seeded_tapes_changes():
    for seed in range(100):
        rng = random.Random(seed)
        check(random_rolled_tape(rng), rng)


def backwards(op, arguments, base: int = 9, stride: int = -1) -> Tape:
    """A loop that computes ``x + state`` and ``1 / (x + state)``, and a loop that reads the sums backwards.

    Of each sum the second loop computes ``op``, and adds the results up.
    """
    tape = Tape(["x", "y"])
    tape.constants = [0.0, 1.0]
    tape.loops = [Loop(0, 2, 10, -1), Loop(2, 4, 10, -1)]
    tape.reads = [Carried(0, 0, 3), Read(1, Affine(2 + base, (stride,))), Carried(1, ~0, 5)]
    tape.ops = [ops.add, ops.div, op, ops.add]
    tape.args = [(1, READS), (~1, 2), arguments, (READS + 2, 4)]
    tape.segments = [Segment(0, 4, -1, Outputs((5,)))]
    return verify(tape)


@pytest.mark.parametrize(("base", "stride"), [(9, -1), (0, 1)])
def test_a_division_is_not_repeated(base, stride):
    again = check(backwards(ops.div, (~1, READS + 1), base, stride), random.Random(0))
    assert again.ops.count(ops.div) == 1


@pytest.mark.parametrize("arguments", [(0, READS + 1), (READS + 1, ~1), (READS + 1, READS + 1)])
def test_a_division_of_other_numbers_stays(arguments):
    tape = backwards(ops.div, arguments)
    assert check(tape, random.Random(0)) is tape


def test_what_is_cheap_is_repeated():
    tape = backwards(ops.mul, (~1, READS + 1))
    tape.ops[1] = ops.mul
    assert check(tape, random.Random(0)) is tape


def test_asserts_stay():
    tape = backwards(ops.add, (~1, READS + 1))
    tape.ops[1] = tape.ops[2] = Assert(True, "f.py:1")
    tape.args[1], tape.args[2], tape.args[3] = (2,), (READS + 1,), (READS + 2, READS + 1)
    assert without_repeats(tape) is tape


def test_the_gradient_of_a_loop_of_divisions_divides_once():
    """The partial of 1 / u is -1 / u / u. Both divisions by u give the same number."""

    def f(x, y):
        for _ in range(400):
            x = x + y / (1.0 / (x * x + 1.0))
        return x

    def divisions(tape):
        executions = Executions(tape)
        counts = np.diff(executions.first)
        return sum(count for op, count in zip(tape.ops, counts) if op is ops.div)

    tape = forms.improved(recorded(gg.grad(f, (0, 1)), 0.5, 0.01), False)
    again = check(tape, random.Random(0))
    assert divisions(again) < divisions(tape)
