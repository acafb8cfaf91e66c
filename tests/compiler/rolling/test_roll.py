"""A rolled tape expands to the very tape that it was made from, whatever the program."""

from __future__ import annotations

import random
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.tape import Outputs, Split, Tape, TapeBuilder, verify
from glassgrad.compiler.rolling import finder, trim
from glassgrad.compiler.rolling.roll import roll
from glassgrad.core import ops
from helpers.recording import recorded


def same(a: Tape, b: Tape) -> bool:
    return (a.names, a.constants, a.ops, a.args, a.segments) == (b.names, b.constants, b.ops, b.args, b.segments)


def check(tape: Tape) -> Tape:
    """Roll ``tape`` as it is, and as if it were large. Return the first."""
    verify(tape)
    with patch.object(finder, "LARGE", 0):
        assert same(expand(roll(tape, least=0)), tape)
    rolled = roll(tape, least=0)
    assert same(expand(rolled), tape)
    return rolled


@st.composite
def flat_tapes(draw: st.DrawFn) -> Tape:
    """A tape of few kinds of operations, whose operands are near, far or anywhere, with repeats and branches."""
    chance = draw(st.randoms(use_true_random=False))
    inputs = draw(st.integers(1, 5))
    builder = TapeBuilder([f"x{i}" for i in range(inputs)])
    constants = [builder.constant(float(k)) for k in range(3)]
    kinds = draw(st.lists(st.sampled_from([ops.add, ops.mul, ops.sin, ops.where]), min_size=1, max_size=3))
    refs = list(range(inputs))
    parent = -1
    for _ in range(draw(st.integers(1, 3))):
        builder.begin(parent)
        for _ in range(draw(st.integers(1, 4))):
            body = [(chance.choice(kinds), chance.random()) for _ in range(chance.randint(1, 5))]
            for _ in range(chance.choice([1, 2, 3, 5, 9, 20])):
                for op, reach in body:
                    if chance.random() < 0.02:
                        continue
                    args = tuple(_operand(chance, reach, refs, constants) for _ in range(op.arity or 0))
                    refs.append(builder.append(op, args))
        parent += 1
        builder.end(Split(chance.choice(refs), parent + 1, None, f"f.py:{chance.randint(1, 2)}"))
    some = [chance.choice([*refs, *constants]) for _ in range(draw(st.integers(0, 6)))]
    tape = builder.tape
    tape.segments[-1] = tape.segments[-1]._replace(exit=Outputs(tuple(some)))
    return tape


def _operand(chance: random.Random, reach: float, refs: list[int], constants: list[int]) -> int:
    if reach < 0.3:
        return refs[-1]
    if reach < 0.6:
        return refs[-min(len(refs), 1 + int(reach * 20))]
    if reach < 0.7:
        return chance.choice(constants)
    return chance.choice(refs)


@given(flat_tapes())
def test_any_tape_comes_back(tape: Tape) -> None:
    check(tape)


Statement = tuple[Any, ...]
TRIPS = st.one_of(st.integers(0, 5), st.sampled_from(["triangular", "shrinking", "ragged"]))
SOURCES = st.sampled_from(["state", "before", "x", "gathered", "constant", "moving", "old", "cell", "own"])
STATEMENTS = st.recursive(
    st.tuples(st.just("op"), st.integers(0, 3), st.sampled_from(["+", "*", "sin", "-"]), SOURCES, SOURCES),
    lambda inner: st.tuples(st.just("for"), TRIPS, st.lists(inner, min_size=1, max_size=4)),
    max_leaves=8,
)


def program(statements: list[Statement], kind: int) -> Any:
    """A function of an array that runs loops of ``statements``; ``kind`` chooses its results."""

    def f(x: Any) -> Any:
        chance = random.Random(kind)
        state, history, cells = [0.0, x[0], 1.0, x[1]], [x[0], x[1], x[2], x[3]], [0.0] * 3

        def read(source: str, k: int, i: int) -> Any:
            return {
                "state": lambda: state[(k + 1) % 4],
                "own": lambda: state[k],
                "before": lambda: history[-1 - k % 3],
                "x": lambda: x[i % len(x)],
                "gathered": lambda: x[chance.randrange(len(x))],
                "constant": lambda: 0.5,
                "moving": lambda: 0.125 * i,
                "old": lambda: history[min(i, len(history) - 1)],
                "cell": lambda: cells[chance.randrange(3)],
            }[source]()

        def run(some: list[Statement], i: int) -> None:
            for one in some:
                if one[0] == "for":
                    trips = {"triangular": i, "shrinking": 5 - i, "ragged": chance.randrange(4)}.get(one[1], one[1])
                    for j in range(max(trips, 0)):
                        run(one[2], j)
                    continue
                _, k, sign, *sources = one
                a, b = (read(source, k, i) for source in sources)
                y = {"+": lambda: a + b, "*": lambda: a * b, "-": lambda: a - b, "sin": lambda: gg.sin(a)}[sign]()
                y = 0.25 * y if sign == "*" else y
                state[k] = y
                history.append(y)
                cells[chance.randrange(3)] += 0.5 * y

        for j in range(6):
            run(statements, j)
        if kind % 3 == 0:
            return state[0] + state[2] + sum(cells)
        return np.array([x[0] * 1.0, *(history if kind % 3 == 1 else state)])

    return f


TRANSFORMS = {
    "primal": lambda f, g: f,
    "grad": lambda f, g: gg.value_and_grad(g),
    "jacobian": lambda f, g: gg.jacobian(f),
    "hessian": lambda f, g: gg.hessian(g),
    "grad of grad": lambda f, g: gg.grad(lambda x: sum(gg.grad(g)(x) ** 2)),
}


def test_loops_that_run_only_in_rounds_taken_out_are_dropped(monkeypatch):
    monkeypatch.setattr(trim, "SHARE", 1.0)
    adds = [("op", 0, "sin", "own", "state"), *[("op", 0, "+", "state", one) for one in ("old", "before", "state")]]
    rounds = ("for", "shrinking", [("for", "shrinking", [("for", 5, adds)])])
    f = program([("for", "ragged", [("op", 1, "sin", "old", "state"), rounds])], 0)
    check(recorded(gg.value_and_grad(f), np.array([0.5, 0.25, -0.5, 0.75, 1.0])))


@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.integers(0, 5), st.sampled_from(sorted(TRANSFORMS)))
def test_loops_of_every_kind_come_back(statements: list[Statement], kind: int, transform: str) -> None:
    f = program(statements, kind)
    g = program(statements, 3 * kind)
    check(recorded(TRANSFORMS[transform](f, g), np.array([0.5, 0.25, -0.5, 0.75, 1.0])))
