"""Tapes: how they print, what runs them, and each rule of a legal one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.tape import IllegalTape, Outputs, Segment, Split, Tape, TapeBuilder, verify
from glassgrad.core import ops

HERE = Path(__file__).name


def straight() -> Tape:
    """x * x + 2."""
    draft = TapeBuilder(["x"])
    draft.begin(-1)
    square = draft.append(ops.mul, (0, 0))
    draft.end(Outputs((draft.append(ops.add, (square, draft.constant(2.0))),)))
    return draft.tape


def branching() -> Tape:
    """x * 2 if x > 0 else -x, and if that is nan, y."""
    draft = TapeBuilder(["x", "y"])
    root = draft.begin(-1)
    condition = draft.append(ops.greater, (0, draft.constant(0.0)))
    draft.end(Split(condition, None, None, "f.py:3"))
    no = draft.begin(root)
    minus = draft.append(ops.neg, (0,))
    same = draft.append(ops.equal, (minus, minus))
    draft.end(Split(same, None, None, "f.py:5"))
    draft.attach(root, False, no)
    good = draft.begin(no)
    draft.end(Outputs((minus,), 1))
    draft.attach(no, True, good)
    bad = draft.begin(no)
    draft.end(Outputs((1,), 2))
    draft.attach(no, False, bad)
    yes = draft.begin(root)
    draft.end(Outputs((draft.append(ops.mul, (0, draft.constant(2.0))),), 0))
    draft.attach(root, True, yes)
    return draft.tape


def test_these_are_legal():
    for tape in (straight(), branching()):
        assert verify(tape) is tape
    assert straight().straight
    assert not branching().straight
    assert (straight().paths, branching().paths) == (1, 3)
    assert (straight().outputs(), branching().outputs()) == (1, 1)
    assert repr(branching()) == "<tape of 4 operations, 2 inputs, 3 paths>"


def test_it_prints():
    assert str(straight()) == "inputs: x\nv0 = x * x\nv1 = v0 + 2\nreturn v1"
    assert str(branching()) == "\n".join(
        [
            "inputs: x, y",
            "v0 = x > 0",
            "guard v0   # f.py:3",
            "if false:",
            "  v1 = neg(x)",
            "  v2 = v1 == v1",
            "  guard v2   # f.py:5",
            "  if true:",
            "    return v1",
            "  if false:",
            "    return y",
            "if true:",
            "  v3 = x * 2",
            "  return v3",
        ]
    )


def test_a_traced_function_prints():
    def f(x, rows):
        if x > 1:
            return x - rows[0, 1], gg.hypot(x, -0.1)
        return x, x

    text = str(gg.jit(f).lower(2.0, np.ones((1, 2))).source)
    line = f.__code__.co_firstlineno + 1
    assert text.startswith("inputs: rows[0, 0], rows[0, 1], x\n")
    assert f"{HERE}:{line}" in text
    assert "not taken yet" in text
    assert "hypot(x, -0.1)" in text
    empty = gg.jit(lambda x: None).lower(1.0).tape
    assert str(empty) == "inputs: x\nreturn nothing"
    assert str(gg.jit(lambda: 2.0).lower().tape) == "inputs: none\nreturn 2"


def test_a_constant_is_there_once_and_keeps_its_sign():
    draft = TapeBuilder([])
    refs = [draft.constant(x) for x in (0.0, -0.0, math.nan, 1.0, math.nan, 0.0, -0.0, math.inf)]
    assert refs == [~0, ~1, ~2, ~3, ~2, ~0, ~1, ~4]
    assert math.copysign(1.0, draft.tape.constants[1]) == -1.0


# Each rule


def replace(tape: Tape, k: int, **changes) -> Tape:
    tape.segments[k] = tape.segments[k]._replace(**changes)
    return tape


def with_args(tape: Tape, i: int, *args: int) -> Tape:
    tape.args[i] = args
    return tape


def with_exit(tape: Tape, k: int, **changes) -> Tape:
    return replace(tape, k, exit=tape.segments[k].exit._replace(**changes))


def without_segments(tape: Tape) -> Tape:
    tape.segments.clear()
    return tape


def one_operand_list_less(tape: Tape) -> Tape:
    tape.args.pop()
    return tape


def one_operation_more(tape: Tape) -> Tape:
    tape.ops.append(ops.neg)
    tape.args.append((0,))
    return tape


def swapped(tape: Tape) -> Tape:
    """The last segment, a child of the first, stands between another and its child."""
    s = tape.segments
    tape.segments = [s[0], s[1], s[4], s[2], s[3]]
    return tape


ILLEGAL = {
    "no segments": (lambda: without_segments(straight()), "there must be a first segment"),
    "a root with a parent": (lambda: replace(straight(), 0, parent=0), "parent must be -1"),
    "operands of fewer operations": (lambda: one_operand_list_less(straight()), "same length, got 2 and 1"),
    "operations in no segment": (lambda: one_operation_more(straight()), "1 operations are in no segment"),
    "a gap": (lambda: replace(branching(), 1, start=2), "must start at 1 .* got 2"),
    "an overlap": (lambda: replace(branching(), 1, start=0), "must start at 1 .* got 0"),
    "a negative length": (lambda: replace(straight(), 0, stop=-1), "got 0 to -1"),
    "a parent behind": (lambda: replace(branching(), 4, parent=9), "before its parent 9|not its child"),
    "a parent of its own": (lambda: replace(branching(), 1, parent=1), "before its parent 1|not its child"),
    "no preorder": (lambda: swapped(branching()), "preorder|not its child|must start at"),
    "too few operands": (lambda: with_args(straight(), 0, 0), "mul must have 2 operands, got 1"),
    "too many operands": (lambda: with_args(branching(), 1, 0, 0), "neg must have 1 operands, got 2"),
    "an operand of the future": (lambda: with_args(straight(), 0, 0, 2), "v0 = mul uses 2"),
    "its own operand": (lambda: with_args(straight(), 0, 1, 0), "v0 = mul uses 1"),
    "no such constant": (lambda: with_args(straight(), 1, 1, -2), "v1 = add uses -2"),
    "no such value": (lambda: with_args(straight(), 1, 1, 99), "v1 = add uses 99"),
    "an operand of the other way": (lambda: with_args(branching(), 3, 3, -2), "v3 = mul uses 3.*every path"),
    "a result of the other way": (lambda: with_exit(branching(), 4, refs=(3,)), "segment 4 ends with 3"),
    "a result that is nowhere": (lambda: with_exit(straight(), 0, refs=(7,)), "segment 0 ends with 7"),
    "a result of no constant": (lambda: with_exit(straight(), 0, refs=(-9,)), "ends with -9"),
    "a condition of the future": (lambda: with_exit(branching(), 0, condition=3), "segment 0 ends with 3"),
    "a branch to nowhere": (lambda: with_exit(branching(), 0, yes=None, no=None), "branches to nowhere"),
    "a branch back": (lambda: with_exit(branching(), 1, yes=0), "branches to 0, which is not its child"),
    "a branch to another's child": (lambda: with_exit(branching(), 0, yes=2), "branches to 2, which is not its child"),
    "a branch beyond": (lambda: with_exit(branching(), 0, yes=9), "branches to 9"),
    "paths of different widths": (lambda: with_exit(branching(), 3, refs=(0, 1)), r"same number.*\[1, 2\]"),
}


@pytest.mark.parametrize("rule", ILLEGAL)
def test_what_is_illegal_is_refused(rule):
    make, message = ILLEGAL[rule]
    with pytest.raises(IllegalTape, match=message):
        verify(make())


def test_a_result_may_come_from_any_segment_on_the_way():
    assert verify(with_exit(branching(), 2, refs=(2,)))  # v0, of the first
    assert verify(with_exit(branching(), 2, refs=(-1,)))
    assert verify(with_args(branching(), 3, 2, 1))


# The interpreter


def test_it_runs():
    x = np.array([3.0, -2.0, math.nan, 0.0])
    (found,), paths = interpret(branching(), [x, 9.0], 4)
    assert found.tolist() == [6.0, 2.0, 9.0, 0.0]
    assert paths.tolist() == [0, 1, 2, 1]
    (found,), paths = interpret(straight(), [x[:2]], 2)
    assert found.tolist() == [11.0, 6.0]


def test_lanes_whose_way_is_not_known():
    tape = with_exit(branching(), 1, no=None)
    tape.segments[3:] = [Segment(3, 4, 0, tape.segments[4].exit)]
    tape = verify(with_exit(tape, 0, yes=3))
    (found,), paths = interpret(tape, [np.array([1.0, math.nan, -1.0]), 5.0], 3)
    assert paths.tolist() == [0, -1, 1]
    assert (found[0], found[2]) == (2.0, 1.0)


def test_a_condition_of_nan_is_true():
    """As Python's ``bool(nan)``."""
    draft = TapeBuilder(["x"])
    root = draft.begin(-1)
    draft.end(Split(0, None, None, ""))
    for way, value in ((True, 1.0), (False, 2.0)):
        here = draft.begin(root)
        draft.end(Outputs((draft.constant(value),), int(way)))
        draft.attach(root, way, here)
    (found,), _ = interpret(verify(draft.tape), [np.array([math.nan, 0.0, -0.0, -3.0])], 4)
    assert found.tolist() == [1.0, 2.0, 2.0, 1.0]


def test_no_lanes():
    (found,), paths = interpret(branching(), [np.empty(0), 1.0], 0)
    assert (len(found), len(paths)) == (0, 0)
