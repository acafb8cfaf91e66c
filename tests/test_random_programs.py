"""Random programs over the whole table: every sweep, the nudge and mpmath agree on their derivatives.

A program is a list of steps; each applies an operation to what earlier steps made, or to numbers, and what it makes
may be used any number of times. It is drawn at a point, step by step, so that no step leaves its domain there or
comes near a kink, or grows beyond bounds.
"""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import sys
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.core import reverse
from glassgrad.core.op import TABLE, Op
from glassgrad.transforms import nudges
from helpers import exact, sampling

EPS = sys.float_info.epsilon
BOUND = 50.0  # of values on the way
SMOOTH = [op for op in TABLE.values() if not op.selects and op.name not in ("polygamma", "mod")]
ALL = [op for op in TABLE.values() if op.name not in ("polygamma", "detach")]
CHEAP = [op for op in SMOOTH if op.name not in exact.AFFORDABLE]  # for mpmath
COMPOSED = [gg.sigmoid, gg.softplus, gg.silu, gg.gelu, gg.norm_cdf, gg.norm_pdf, gg.log_sigmoid, gg.elu, gg.leaky_relu]


MORE = settings(max_examples=4 * settings().max_examples)  # where an example costs little


class Step(NamedTuple):
    """An operation, and for each argument the index of an earlier value, or a number."""

    function: Any
    args: tuple[int | float, ...]

    def __repr__(self) -> str:
        args = (f"v{a}" if isinstance(a, int) else repr(a) for a in self.args)
        return f"{self.function.__name__}({', '.join(args)})"


class Program:
    """Steps to take from some inputs; the result is the sum of all values that no step uses."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.steps: list[Step] = []

    def __call__(self, *xs: Any) -> Any:
        return self.run(xs, lambda step: step.function)

    def exactly(self, *xs: Any) -> Any:
        return self.run(xs, lambda step: exact.reference(step.function.name))

    def run(self, xs: Any, function: Any) -> Any:
        values = list(xs)
        for step in self.steps:
            values.append(function(step)(*[values[a] if isinstance(a, int) else a for a in step.args]))
        used = {a for step in self.steps for a in step.args if isinstance(a, int)}
        result = values[-1]
        for i in range(len(values) - 1):
            if i not in used:
                result = result + values[i]
        return result

    def __repr__(self) -> str:
        steps = (f"v{self.inputs + i} = {step}" for i, step in enumerate(self.steps))
        return "; ".join([f"{self.inputs} inputs", *steps])


def number() -> st.SearchStrategy[float]:
    return st.floats(-3.0, 3.0).filter(lambda x: x == 0 or abs(x) > 1e-3) | st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5])


@st.composite
def programs(draw, operations=SMOOTH, composed=(), steps=12):
    """A program and a point at which it is defined, and smooth nearby."""
    xs = draw(st.lists(st.floats(-2.5, 2.5).filter(lambda x: abs(x) > 0.01), min_size=1, max_size=3))
    program = Program(len(xs))
    values = list(xs)
    for _ in range(draw(st.integers(1, steps))):
        function = draw(st.sampled_from([*operations, *composed]))
        arity = function.arity if isinstance(function, Op) else 1
        args = [draw(st.integers(0, len(values) - 1)) for _ in range(arity)]
        if arity > 1 and draw(st.booleans()):
            args[draw(st.integers(0, arity - 1))] = draw(number())
        given_values = [values[a] if isinstance(a, int) else a for a in args]
        if isinstance(function, Op) and not quiet(function, given_values):
            continue
        y = float(function(*given_values))
        if abs(y) <= BOUND:
            program.steps.append(Step(function, tuple(args)))
            values.append(y)
    assume(program.steps)
    note(f"{program!r} at {xs}")
    return program, xs


def quiet(op: Op, xs: list[float]) -> bool:
    """Whether ``op`` is defined and smooth at ``xs`` and nearby, with moderate derivatives."""
    near = [xs, *sampling.neighbourhood(op, xs, 0.03), *([x + d for x in xs] for d in (0.02, -0.02))]
    if not all(sampling.fine(op, point) for point in near):
        return False
    if (op.selects or op.name == "abs") and len({slopes(op, point) for point in near}) > 1:
        return False  # there is a kink between
    return not any(abs(slope) > BOUND for slope in slopes(op, xs))


def slopes(op: Op, xs: list[float]) -> tuple[float, ...]:
    return tuple(float(op.partial(i, op.value(*xs), xs)) for i in range(len(xs)))


def gradients(program: Program, xs: list[float]) -> list[float]:
    nodes = [gg.Scalar(x) for x in xs]
    y = program(*nodes)
    if isinstance(y, gg.Scalar):
        y.backward()
    return [node.grad for node in nodes]


def close(a: float, b: float, scale: float, rounding: float) -> bool:
    return exact.same(a, b) or abs(a - b) <= rounding * scale or (math.isnan(a) and math.isnan(b))


@MORE
@given(programs(ALL, COMPOSED))
def test_nodes_have_the_values_of_floats(drawn):
    program, xs = drawn
    plain = program(*xs)
    assert exact.same(program(*[gg.Scalar(x) for x in xs]).data, plain)
    assert exact.same(gg.value_and_grad(program)(*xs)[0], plain)
    assert exact.same(gg.jvp(program, tuple(xs), (1.0,) * len(xs))[0], plain)


@MORE
@given(programs(ALL, COMPOSED))
def test_reverse_and_forward_agree(drawn):
    program, xs = drawn
    found = gradients(program, xs)
    assume(all(map(math.isfinite, found)))
    every = tuple(range(len(xs)))
    transformed = gg.grad(program, argnums=every)(*xs)
    pulled = gg.vjp(program, *xs)[1](1.0)
    nodes = [gg.Scalar(x) for x in xs]
    symbolic = reverse.gradient(gg.total([program(*nodes), *[0.0 * n for n in nodes]]), nodes)
    pushed = [gg.jvp(program, tuple(xs), tuple(float(i == k) for k in every))[1] for i in every]
    scale = 1.0 + sum(map(abs, found))
    for i in every:
        for other in (transformed[i], pulled[i], float(symbolic[i])):
            assert close(found[i], other, scale, 1e-13), (i, found[i], other)
        assert close(found[i], pushed[i], scale * 100, 1e-12), (i, found[i], pushed[i])  # another order of summation


@given(programs(ALL, COMPOSED, steps=7))
def test_nudges_agree(drawn):
    program, xs = drawn
    found = gradients(program, xs)
    assume(all(map(math.isfinite, found)))
    report = nudges.compare(tuple(found), program, *xs, rtol=1e-6)
    for row in report.rows:
        assert row.verdict != "WRONG" or unsteady(row), str(report)


def unsteady(row) -> bool:
    """Whether the nudge itself is in doubt: both its sides have other slopes."""
    sides = (row.left, row.right)
    return abs(row.left - row.right) > 0.1 * abs(row.analytic - row.numeric) or not all(map(math.isfinite, sides))


@given(programs(CHEAP, steps=6))
def test_to_third_order_against_mpmath(drawn):
    program, xs = drawn
    derivative = program
    scale = 1.0 + abs(program(*xs))
    for order in (1, 2, 3):
        derivative = gg.grad(derivative)
        expected = exact.slope(program.exactly, tuple(xs), 0, order)
        assume(expected == expected and abs(expected) < 1e6)
        found = derivative(*xs)
        assume(math.isfinite(found))
        scale = 100 * (scale + abs(expected))  # rounding grows as much from order to order as values may
        assert abs(found - expected) <= 100 * EPS * scale, (order, found, float(expected))


@given(programs(SMOOTH, COMPOSED, steps=6))
def test_sweeps_nest_in_any_order(drawn):
    """Forward over reverse, reverse over forward and reverse over reverse give the same second derivative."""
    program, xs = drawn
    rest = xs[1:]

    def f(x):
        return program(x, *rest)

    def slope(x):
        return gg.jvp(f, (x,), (1.0,))[1]

    x = xs[0]
    twice = gg.grad(gg.grad(f))(x)
    assume(math.isfinite(twice) and abs(twice) < 1e6)
    first = abs(gg.grad(f)(x))
    others = {
        "reverse over forward": gg.grad(slope)(x),
        "forward over reverse": gg.jvp(gg.grad(f), (x,), (1.0,))[1],
        "forward over forward": gg.jvp(slope, (x,), (1.0,))[1],
        "hvp": gg.hvp(f, x, 1.0),
        "hessian": float(gg.hessian(f)(x)),
    }
    for way, other in others.items():
        assert close(twice, other, 1e4 * (1.0 + abs(twice) + first), 1e-13), (way, twice, other)


@MORE
@given(programs(SMOOTH, COMPOSED), st.data())
def test_forward_after_changes_is_as_if_built_anew(drawn, data):
    program, xs = drawn
    nodes = [gg.Scalar(x) for x in xs]
    y = program(*nodes)
    new = [data.draw(st.floats(-2.5, 2.5)) for _ in xs]
    for node, x in zip(nodes, new, strict=True):
        node.data = x
    with gg.errstate(domain="nan"):
        assert exact.same(y.forward().data, program(*new))
        y.backward()
        expected = gradients(program, new)
    assert all(map(exact.same, [node.grad for node in nodes], expected))


@given(programs(ALL, COMPOSED))
def test_backward_twice_and_zero_grad(drawn):
    program, xs = drawn
    nodes = [gg.Scalar(x) for x in xs]
    y = program(*nodes)
    y.backward()
    once = [node.grad for node in nodes]
    y.backward()
    for node, g in zip(nodes, once, strict=True):
        assert node.grad == pytest.approx(2 * g, rel=1e-9, abs=1e-9, nan_ok=True)  # what was a sum is summed on
    y.zero_grad()
    assert [node.grad for node in nodes if reaches(y, node)] == [0.0] * sum(reaches(y, node) for node in nodes)


def reaches(root: gg.Scalar, node: gg.Scalar) -> bool:
    return any(n is node for n in gg.graph.topological(root))


@given(programs(ALL, COMPOSED))
def test_copies_and_pickles_compute_the_same(drawn):
    program, xs = drawn
    y = program(*[gg.Scalar(x, label=f"x{i}") for i, x in enumerate(xs)])
    y.backward()
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert exact.same(twin.data, y.data)
        ours, theirs = gg.graph.topological(y), gg.graph.topological(twin)
        assert [repr(n) for n in ours] == [repr(n) for n in theirs]
        assert [n.operation for n in ours] == [n.operation for n in theirs]
        twin.zero_grad()
        twin.backward()
        assert all(map(exact.same, leaf_gradients(twin), leaf_gradients(y)))


def leaf_gradients(root: gg.Scalar) -> list[float]:
    return [leaf.grad for leaf in gg.graph.leaves(root) if not leaf.is_constant]


@given(programs(SMOOTH, steps=8), programs(SMOOTH, steps=8))
def test_the_chain_rule_through_a_nested_gradient(inner, outer):
    """d/dx outer(inner'(x)): a gradient in the middle of a function is differentiated through."""
    f, (x, *rest) = inner
    g, (_, *others) = outer

    def slope(t):
        return gg.grad(f)(t, *rest)

    try:
        at = slope(x)
        by_hand = gg.grad(g)(at, *others) * gg.grad(slope)(x)
        through = gg.grad(lambda t: g(slope(t), *others))(x)
    except gg.DomainError:
        assume(False)
    assume(math.isfinite(by_hand) and abs(by_hand) < 1e8)
    assert close(by_hand, through, 1.0 + abs(by_hand), 1e-9)


@pytest.mark.parametrize("op", ALL, ids=str)
def test_programs_can_hold_every_operation(op):
    """Else they would say less than they seem to."""
    spots = (-2.3, -1.7, -0.6, 0.4, 0.7, 1.3, 2.2)
    assert any(quiet(op, list(xs)) for xs in itertools.product(spots, repeat=op.arity))


@pytest.mark.nightly
@given(programs(ALL, COMPOSED, steps=60))
def test_long_programs(drawn):
    program, xs = drawn
    found = gradients(program, xs)
    assume(all(math.isfinite(g) and abs(g) < 1e6 for g in found))
    pushed = [gg.jvp(program, tuple(xs), tuple(float(i == k) for k in range(len(xs))))[1] for i in range(len(xs))]
    scale = 1.0 + sum(map(abs, found))
    assert all(close(a, b, scale * 1e4, 1e-12) for a, b in zip(found, pushed, strict=True))
