"""Derivatives of every operation to third order, and by every way there is to compute them."""

from __future__ import annotations

import math
import sys

import pytest

import glassgrad as gg
from glassgrad.core import reverse
from glassgrad.core.op import TABLE, Op
from helpers import exact, sampling

EPS = sys.float_info.epsilon

# A derivative of order k is a sum of products of some dozens of factors, each right to a few ULP, and their sizes are
# those of the derivatives of lower order at arguments between 1/16 and 8: so the error is relative to all of them.
HIGHER = {2: 100 * EPS, 3: 1000 * EPS}

TAILS = [  # second derivatives that are tiny, or near the end of the range, and right to the last digits all the same
    *(("tanh", x) for x in (20.0, -20.0, 350.0)),
    *(("atan", x) for x in (1e8, 1e50)),
    *(("asinh", x) for x in (1e10, 1e100)),
    *(("acosh", x) for x in (1e10, 1e100)),
    *(("log1p", x) for x in (1e10, -1 + EPS)),
    *(("log", x) for x in (1e-100, 1e100)),
    *(("cbrt", x) for x in (1e-50, -1e50)),
    *(("sqrt", x) for x in (1e-50, 1e50)),
    *(("exp", x) for x in (-700.0, 700.0)),
    *(("sinh", x) for x in (-700.0, 700.0)),
    *(("digamma", x) for x in (1e10, 1e20)),
    *(("lgamma", x) for x in (1e10, 1e20)),
]

FLAT = ["tanh", "atan", "erf", "erfc", "sigmoid", "softplus", "silu", "gelu", "norm_cdf", "norm_pdf", "relu", "asinh"]


def test_second_derivatives_at_kinks():
    """nan where a smooth function may have been made of the kink; 0 for what is linear in pieces."""
    for row in gg.hessian(gg.hypot, argnums=(0, 1))(0.0, 0.0):
        assert all(map(math.isnan, row))
    assert math.isnan(gg.grad(gg.grad(gg.abs))(0.0))
    for f in (gg.relu, gg.sign, gg.floor, gg.ceil):
        assert gg.grad(gg.grad(f))(0.0) == 0.0


def differentiable(op: Op) -> list[int]:
    return [] if op.name == "detach" else [i for i, rule in enumerate(op.partials) if rule is not None]


def along(op: Op, xs: tuple[float, ...], i: int):
    """``op`` as a function of its argument ``i`` alone."""
    return lambda x: op(*xs[:i], x, *xs[i + 1 :])


@pytest.mark.parametrize("order", HIGHER)
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_higher_derivatives(op, order):
    for xs in sampling.moderate(op, 5, 8):
        for i in differentiable(op):
            f = along(op, xs, i)
            for _ in range(order):
                f = gg.grad(f)
            lower = [abs(exact.slope(exact.reference(op.name), xs, i, k)) for k in range(1, order)]
            expected = exact.slope(exact.reference(op.name), xs, i, order)
            if expected != expected:
                assert math.isnan(f(xs[i])), (i, xs)
                continue
            scale = abs(expected) + sum(lower) + abs(op.value(*xs))
            assert abs(f(xs[i]) - expected) <= HIGHER[order] * scale, (i, xs, f(xs[i]), float(expected))


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.arity == 2 and None not in op.partials], ids=str)
def test_mixed_second_derivatives(op):
    for a, b in sampling.moderate(op, 6, 8):
        hessian = gg.hessian(op, argnums=(0, 1))(a, b)

        def by_first(x, y):
            return exact.slope(exact.reference(op.name), (x, y), 0)

        with exact.mpmath.workprec(600):
            h = exact.mpf(2) ** -40
            expected = (by_first(a, b + h) - by_first(a, b - h)) / (2 * h)
        if expected != expected:
            assert math.isnan(hessian[0][1])
            assert math.isnan(hessian[1][0])
            continue
        scale = 1 + abs(op.value(a, b)) + abs(expected)
        for mixed in (hessian[0][1], hessian[1][0]):
            assert abs(mixed - expected) <= 1e-11 * scale, (a, b, mixed, float(expected))  # the reference's truncation


@pytest.mark.parametrize(("name", "x"), TAILS)
def test_second_derivatives_to_the_last_digits_in_tails(name, x):
    expected = exact.slope(exact.reference(name), (x,), 0, 2)
    assert abs(gg.grad(gg.grad(TABLE[name]))(x) - expected) <= 50 * EPS * abs(expected)


@pytest.mark.parametrize("name", FLAT)
def test_flat_functions_stay_flat_far_out(name):
    f = getattr(gg, name)
    for x in (-1e150, -1e5, -750.0, 750.0, 1e5, 1e150):
        for order in (1, 2, 3):
            slope = gg.grad(f)
            for _ in range(order - 1):
                slope = gg.grad(slope)
            assert math.isfinite(slope(x)), (x, order)
            if order > 1:
                assert abs(slope(x)) < 1e-5


# Every way to a derivative is the same rules in the same order, so they agree to the last bit


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_all_sweeps_agree(op):
    which = [i for i, rule in enumerate(op.partials) if rule is not None]
    for xs in [*sampling.moderate(op, 7, 5), *sampling.arguments(op, 8, 40, invertible)]:
        with gg.errstate(domain="nan"):
            by_hand = tuple(op.partial(i, op.value(*xs), xs) for i in which)
            nodes = [gg.Scalar(x) if i in which else x for i, x in enumerate(xs)]
            root = op(*nodes)
            local = [p for i, p in enumerate(root.local_partials()) if i in which]
            root.backward()
            swept = [nodes[i].grad for i in which]
            symbolic = [float(g) for g in reverse.gradient(root, [nodes[i] for i in which])]
            transformed = gg.grad(op, argnums=tuple(which))(*xs)
            forward = [jvp_by(op, xs, i) for i in which]
            nested = [gg.grad(lambda t, i=i: jvp_by(op, xs, i) * t)(1.0) for i in which]
        for ways in zip(by_hand, local, swept, symbolic, transformed, forward, nested, strict=True):
            assert all(exact.same(ways[0] + 0.0, way + 0.0) for way in ways), (xs, ways)


def invertible(*xs: float) -> bool:
    """Whether 1 / x is finite for each."""
    return all(x == 0 or abs(x) > sys.float_info.min for x in xs)


def jvp_by(op: Op, xs: tuple[float, ...], i: int):
    return gg.jvp(along(op, xs, i), (xs[i],), (1.0,))[1]


@pytest.mark.parametrize("op", [op for op in TABLE.values() if None not in op.partials], ids=str)
def test_the_same_node_as_every_argument(op):
    """``f(x, x)`` has the sum of the partials as its derivative."""
    for x in (0.3, 0.7, 1.5, 2.0):
        xs = (x,) * op.arity
        if not sampling.fine(op, list(xs)):
            continue
        node = gg.Scalar(x)
        op(*[node] * op.arity).backward()
        expected = sum(op.partial(i, op.value(*xs), xs) for i in range(op.arity))
        assert node.grad == pytest.approx(expected, rel=4 * EPS, abs=0.0)
        assert gg.grad(lambda v: op(*[v] * op.arity))(x) == node.grad
        assert gg.jvp(lambda v: op(*[v] * op.arity), (x,), (1.0,))[1] == pytest.approx(node.grad, rel=4 * EPS)
