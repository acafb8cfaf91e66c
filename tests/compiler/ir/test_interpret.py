"""The interpreter runs tapes with loops as they stand."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops
from helpers.rolled_tapes import random_columns, random_rolled_tape, rolled_tapes


def check(tape: Tape, rng: random.Random, lanes: int) -> None:
    """The results, signs of zeros included, are those of the expansion."""
    columns = random_columns(rng, tape, lanes)
    (found, path), (expected, way) = interpret(tape, columns, lanes), interpret(expand(tape), columns, lanes)
    np.testing.assert_array_equal(path, way)
    np.testing.assert_array_equal(found, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found)[numbers], np.signbit(expected)[numbers])


@given(rolled_tapes(), st.integers(0, 1000), st.sampled_from([0, 1, 9]))
def test_it_gives_what_the_expansion_gives(tape, seed, lanes):
    note(str(tape))
    check(tape, random.Random(seed), lanes)


@pytest.mark.slow
def test_many_random_tapes():
    for seed in range(2000):
        rng = random.Random(seed)
        check(random_rolled_tape(rng), rng, 7)


def harmonic(trips: int, reads: list, *more: tuple) -> Tape:
    """The sum c + x of as many rounds as ``trips``, and operations on what is read after it."""
    tape = Tape(["x"])
    tape.constants = [0.0]
    tape.ops, tape.args = [ops.add, *[op for op, _ in more]], [(READS, 0), *[args for _, args in more]]
    tape.loops = [Loop(0, 1, trips, -1)]
    tape.reads = [Carried(0, ~0, 1), *reads]
    tape.segments = [Segment(0, len(tape.ops), -1, Outputs((len(tape.ops),)))]
    return tape


def peak(tape: Tape, lanes: int) -> int:
    tracemalloc.start()
    interpret(tape, [np.ones(lanes)], lanes)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_values_that_nobody_reads_later_take_no_memory():
    """Of 20,000 rounds over 100 lanes one is recorded; all would take 16 MB."""
    tape = harmonic(20_000, [Read(-1, Affine(1 + 9_999, ()))], (ops.mul, (1, READS + 1)))
    (result,), _ = interpret(tape, [np.ones(2)], 2)
    assert result.tolist() == [2e8, 2e8]
    assert peak(tape, 100) < 1 << 20


def test_lanes_that_an_assert_refuses_call_no_function():
    called = []

    def value(x: float) -> float:
        called.append(x)
        return x

    op = ops.neg._opaque("watched", "watched")
    op.value, op.arity = value, 1
    tape = Tape(["x"])
    tape.constants = [2.0, 0.0]
    tape.ops = [ops.add, ops.less, Assert(True, "f.py:1"), op]
    tape.args = [(READS, 0), (1, ~0), (2,), (1,)]
    tape.loops, tape.reads = [Loop(0, 4, 3, -1)], [Carried(0, ~1, 1)]
    tape.segments = [Segment(0, 4, -1, Outputs((4,), 5))]
    (result,), path = interpret(tape, [np.array([0.5, 0.9, 3.0])], 3)
    assert path.tolist() == [5, -1, -1]
    assert result[0] == 1.5
    assert np.isnan(result[1:]).all()
    assert called == [0.5, 0.9, 1.0, 1.8, 1.5]
