"""A tape's operations in arrays, and the tapes that keep them there."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.ir.columns import PAD, WIDEST, columns_of, lists_of
from glassgrad.compiler.ir.recorded import RecordedTape
from glassgrad.compiler.ir.tape import IllegalTape, Outputs, Segment, Tape, verify
from glassgrad.core import ops
from glassgrad.core.row_ops import TAKE

references = st.integers(-(1 << 41), (1 << 41) + 5)
operations = st.one_of(
    st.tuples(st.sampled_from([ops.neg, ops.sin]), st.tuples(references)),
    st.tuples(st.sampled_from([ops.add, ops.mul]), st.tuples(references, references)),
    st.tuples(st.just(ops.where), st.tuples(references, references, references)),
    st.tuples(st.just(TAKE), st.lists(references, min_size=1, max_size=12).map(tuple)),
)


@given(st.lists(operations, max_size=30))
def test_lists_come_back(some):
    before = [op for op, _ in some], [args for _, args in some]
    columns = columns_of(*before)
    after = lists_of(columns)
    assert after == before
    assert all(type(args) is tuple and all(type(a) is int for a in args) for args in after[1])
    assert columns.ops == list(dict.fromkeys(before[0])), "each once, in the order in which they first occur"


def test_the_arrays():
    columns = columns_of([ops.mul, ops.neg, ops.where, ops.mul], [(0, -1), (2,), (3, 0, -2), (4, 4)])
    assert columns.ops == [ops.mul, ops.neg, ops.where]
    assert (columns.code.dtype, columns.code.tolist()) == (np.int32, [0, 1, 2, 0])
    assert columns.operands.dtype == np.int64
    assert columns.operands.tolist() == [[0, -1, PAD], [2, PAD, PAD], [3, 0, -2], [4, 4, PAD]]
    assert not columns.wide.size


def test_a_wide_operation_makes_no_array_wide():
    row = tuple(range(500))
    columns = columns_of([ops.add, TAKE, ops.add, TAKE], [(0, 1), row, (2, 3), row[:300]])
    assert columns.operands.shape == (4, 2)
    assert (columns.operands[[1, 3]] == PAD).all()
    assert columns.wide.tolist() == [1, 3]
    assert columns.starts.tolist() == [0, 500, 800]
    assert tuple(columns.rest[500:].tolist()) == row[:300]
    assert len(row[: WIDEST + 1]) in {len(args) for args in lists_of(columns_of([TAKE], [row[: WIDEST + 1]]))[1]}


def test_a_tape_without_operations():
    columns = gg.jit(lambda x: x).lower(1.0).source.columns()
    assert (columns.ops, len(columns.code), lists_of(columns)) == ([], 0, ([], []))


# Tapes of recorded runs


def program(x, y):
    for k in range(4):
        x = gg.where(x > y, x * y + k, gg.sin(x)) * 1.5
    return x / y, x


def recorded():
    f = gg.jit(gg.jacobian(program, argnums=(0, 1)))
    f.lower(0.5, 2.0)
    (known,) = f.programs.values()
    return known.tape_of([0])[0]


def test_the_tape_of_one_path_keeps_arrays_until_lists_are_read():
    tape = recorded()
    assert isinstance(tape, RecordedTape)
    columns = tape.columns()
    assert "ops" not in vars(tape)
    assert verify(tape) is tape
    assert "ops" not in vars(tape), "verify needs no lists"
    assert lists_of(columns) == (tape.ops, tape.args)
    assert tape.ops is tape.ops
    for one, other in zip(columns_of(tape.ops, tape.args), columns, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_shares_the_arrays_of_its_trace():
    f = gg.jit(program)
    f.lower(0.5, 2.0)
    (known,) = f.programs.values()
    assert np.shares_memory(known.tape.columns().operands, known.traces[0].recorded.operands)


def test_it_pickles_without_lists():
    tape = recorded()
    text = str(tape)
    again = pickle.loads(pickle.dumps(tape))
    assert "ops" not in vars(again)
    assert str(again) == text
    with pytest.raises(AttributeError, match="no attribute 'opps'"):
        _ = again.opps


WRONG = {
    "a later operation": lambda tape, i: (ops.add, (len(tape.ops) + tape.inputs - 1, 0)),
    "itself": lambda tape, i: (ops.neg, (tape.inputs + i,)),
    "no value": lambda tape, i: (ops.neg, (tape.inputs + len(tape.ops),)),
    "no constant": lambda tape, i: (ops.neg, (~len(tape.constants),)),
    "far away": lambda tape, i: (ops.neg, (1 << 45,)),
    "far below": lambda tape, i: (ops.neg, (-(1 << 45),)),
    "too many operands": lambda tape, i: (ops.neg, (0, 0)),
    "too few operands": lambda tape, i: (ops.where, (0, 0)),
    "no operands": lambda tape, i: (ops.neg, ()),
    "a wide operation of a later one": lambda tape, i: (TAKE, (0, 1, 0, 1, 0, tape.inputs + i)),
    "a wide operation of the wrong number": lambda tape, i: (ops.add, (0, 1, 0, 1, 0)),
}


@pytest.mark.parametrize("what", WRONG)
def test_verify_finds_the_same_in_arrays_and_lists(what):
    good = recorded()
    middle = len(good.ops) // 2
    messages = []
    for make in (in_lists, in_arrays):
        rows = [*zip(good.ops, good.args)]
        verify(make(good, rows))
        rows[middle] = WRONG[what](good, middle)
        with pytest.raises(IllegalTape, match=f"^v{middle} = ") as error:
            verify(make(good, rows))
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def in_lists(like, rows):
    tape = Tape(like.names)
    tape.ops, tape.args = [op for op, _ in rows], [args for _, args in rows]
    tape.constants, tape.segments = like.constants, like.segments
    return tape


def in_arrays(like, rows):
    tape = RecordedTape(like.names, columns_of([op for op, _ in rows], [args for _, args in rows]))
    tape.constants, tape.segments = like.constants, like.segments
    return tape


def test_verify_of_a_recorded_tape_counts_its_operations():
    tape = RecordedTape(["x"], columns_of([ops.neg, ops.neg], [(0,), (1,)]))
    tape.segments = [Segment(0, 1, -1, Outputs((1,)))]
    with pytest.raises(IllegalTape, match="1 operations are in no segment"):
        verify(tape)
