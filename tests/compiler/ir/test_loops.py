"""Loops and reads: how often operations run, copies, and what tells tapes apart."""

from __future__ import annotations

import copy
import pickle
import random

import numpy as np
import pytest
from hypothesis import given

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.fused_ops import ERF_GIVEN, FMA, FMS, FNMA, NORMAL, TANH_SLOPE
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.loops import Affine, Assert, Executions, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape, verify
from helpers.rolled_tapes import executions_of, random_columns, random_rolled_tape, rolled_tapes


@given(rolled_tapes())
def test_executions_are_counted(tape):
    """The numbers are those of running the loops one round after another."""
    counts = executions_of(tape)
    executions = Executions(tape)
    assert np.diff(executions.first).tolist() == counts
    assert executions.total == sum(counts)


@given(rolled_tapes())
def test_an_affine_read_reaches_from_its_least_to_its_greatest_reference(tape):
    executions = Executions(tape)
    for read in tape.reads:
        if isinstance(read, Read) and isinstance(read.index, Affine):
            refs = executions.index(read)
            assert executions.reach(read) == ((refs.min(), refs.max()) if len(refs) else None)


def same(a: Tape, b: Tape) -> None:
    assert str(a) == str(b)
    assert repr(a.args) == repr(b.args)
    assert repr([*a.loops, *a.reads]) == repr([*b.loops, *b.reads])
    rng = random.Random(3)
    columns = random_columns(rng, a, 3)
    np.testing.assert_array_equal(interpret(a, columns, 3)[0], interpret(b, columns, 3)[0])


@pytest.mark.parametrize("duplicate", [lambda tape: pickle.loads(pickle.dumps(tape)), copy.deepcopy, copy.copy])
@pytest.mark.parametrize("seed", range(8))
def test_tapes_with_loops_are_copied(seed, duplicate):
    tape = random_rolled_tape(random.Random(seed))
    same(tape, verify(duplicate(tape)))


@pytest.mark.parametrize("op", [FMA, FMS, FNMA, ERF_GIVEN, *NORMAL.values(), TANH_SLOPE])
def test_operations_of_passes_are_pickled_by_name(op):
    assert pickle.loads(pickle.dumps(op)) is op


def test_a_tape_with_asserts_alone_is_rolled():
    tape = Tape(["x"])
    tape.ops, tape.args, tape.segments = [Assert(True, "f.py:3")], [(0,)], [Segment(0, 1, -1, Outputs((0,)))]
    assert verify(tape).rolled
    assert tape.straight
    assert len(expand(tape).segments) == 2


def test_an_assert_is_pickled():
    op = pickle.loads(pickle.dumps(Assert(False, "f.py:3")))
    assert (op.outcome, op.line, op.name, op.arity) == (False, "f.py:3", "assert_false", 1)


def test_a_tape_after_the_passes_is_pickled():
    tape = gg.jit(lambda x, y: x * y + 1 + gg.erf(x) * gg.exp(-x * x)).lower(0.5, 2.0).tape
    again = pickle.loads(pickle.dumps(tape))
    assert str(again) == str(tape)
    assert interpret(again, [0.5, 2.0], 1)[0][0][0] == interpret(tape, [0.5, 2.0], 1)[0][0][0]
