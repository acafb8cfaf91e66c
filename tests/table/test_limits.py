"""Derivatives at infinity are the limits, eagerly and compiled; and where the argument is nan, so is what comes out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE
from helpers import exact

INF = math.inf

# The limits of the first derivative at minus infinity and at infinity; None where there is no limit
LIMITS: dict[str, tuple[float | None, float | None]] = {
    **dict.fromkeys(("atan", "asinh", "cbrt", "erf", "erfc", "norm_pdf", "norm_cdf", "tanh", "sigmoid"), (0.0, 0.0)),
    **dict.fromkeys(("silu", "gelu", "softplus", "elu"), (0.0, 1.0)),
    **dict.fromkeys(("acosh", "log", "log1p", "log2", "log10", "sqrt", "digamma"), (None, 0.0)),
    **dict.fromkeys(("exp", "exp2", "expm1"), (0.0, INF)),
    "erfcx": (-INF, 0.0),
    "log_sigmoid": (1.0, 0.0),
    "log_norm_cdf": (INF, 0.0),
    "log1mexp": (0.0, 0.0),
    "leaky_relu": (0.01, 1.0),
    "relu": (0.0, 1.0),
    "abs": (-1.0, 1.0),
    "entr": (None, -INF),
    "lgamma": (None, INF),
    "square": (-INF, INF),
    "sinh": (INF, INF),
    "cosh": (-INF, INF),
}
BESIDE: dict[str, tuple[Callable[[Any], Any], float | None, float | None]] = {
    "hypot": (lambda x: gg.hypot(x, 3.0), -1.0, 1.0),
    "hypot, second": (lambda x: gg.hypot(3.0, x), -1.0, 1.0),
    "atan2": (lambda x: gg.atan2(x, 2.0), 0.0, 0.0),
    "atan2, second": (lambda x: gg.atan2(2.0, x), 0.0, 0.0),
    "logaddexp": (lambda x: gg.logaddexp(x, 1.0), 0.0, 1.0),
    "logsumexp": (lambda x: gg.logsumexp([1.0, x, 2.0]), 0.0, 1.0),
    "softmax": (lambda x: gg.softmax([1.0, x, 2.0])[1], 0.0, 0.0),
    "rel_entr": (lambda x: gg.rel_entr(x, 2.0), None, INF),
}
CURVED = {"square": 2.0, "exp": INF, "exp2": INF, "expm1": INF, "cosh": INF, "sinh": INF, "erfcx": INF}  # else 0
CURVED_BELOW = {"square": 2.0, "sinh": -INF, "cosh": INF, "erfcx": INF, "log_norm_cdf": -1.0}

CASES = [
    (name, f, x, limit)
    for name, f, *limits in [
        *((name, getattr(gg, name), *limits) for name, limits in LIMITS.items()),
        *((name, *case) for name, case in BESIDE.items()),
    ]
    for x, limit in zip((-INF, INF), limits, strict=True)
    if limit is not None
]


@pytest.mark.parametrize(("name", "f", "x", "limit"), CASES, ids=[f"{name} {x}" for name, _, x, _ in CASES])
def test_derivatives_at_infinity(name, f, x, limit):
    node = gg.Scalar(x)
    f(node).backward()
    slopes = [gg.grad(f)(x), node.grad, gg.jvp(f, (x,), (1.0,))[1]]
    curve = (CURVED if x > 0 else CURVED_BELOW).get(name, 0.0)
    curves = [gg.grad(gg.grad(f))(x)] if not math.isinf(curve) and name != "log_norm_cdf" else []
    if gg.compiled():
        slopes += [gg.jit(gg.grad(f))(x), *gg.vmap(gg.grad(f))(np.full(9, x)).tolist()]
        if curves:
            curves += [gg.jit(gg.grad(gg.grad(f)))(x), *gg.vmap(gg.grad(gg.grad(f)))(np.full(9, x)).tolist()]
    assert slopes == [limit] * len(slopes)
    assert curves == [curve] * len(curves)


@pytest.mark.parametrize("name", ["atan", "erf", "erfc", "norm_cdf", "norm_pdf", "gelu", "silu", "asinh"])
def test_derivatives_of_huge_numbers(name):
    """Where a square overflows, and where twice the number does."""
    for x in (1e155, -1e160, 1e162, 1.7e308, -1.7e308):
        assert abs(gg.grad(gg.grad(getattr(gg, name)))(x)) < 1e-300


def test_entropies_of_subnormal_numbers():
    """-x log(x) has the derivative -log(x) - 1, and x log(x / y) has log(x / y) + 1, though 1 / x overflows."""
    for x in (5e-324, 1e-310, 1e-300):
        assert gg.grad(gg.entr)(x) == pytest.approx(-math.log(x) - 1.0, rel=1e-15)
        assert gg.grad(gg.rel_entr)(x, 2.0) == pytest.approx(math.log(x) - math.log(2.0) + 1.0, rel=1e-15)


# Of a nan

FLAT = {"sign", "floor", "ceil", "abs_slope", "detach"}  # 0 everywhere
STRAIGHT = {"neg", "identity", "relu", "leaky_relu"}  # of constant slope; relu's choice at nan is documented
NAMES = [name for name, op in TABLE.items() if op.arity == 1] + [name for name in LIMITS if name not in TABLE]


@pytest.mark.parametrize("name", [*NAMES, "logit", "logsumexp"])
def test_nan_in_nan_out(name):
    f = (lambda x: gg.logsumexp([x, 1.0, 2.0])) if name == "logsumexp" else getattr(gg, name)
    assert math.isnan(f(math.nan))
    ways = [gg.grad(f)]
    if gg.compiled():
        ways += [gg.jit(gg.grad(f)), lambda x: gg.vmap(gg.grad(f))(np.full(9, x))[4]]
    for slope in ways:
        if name in FLAT:
            assert slope(math.nan) == 0.0
        elif name in STRAIGHT:
            assert abs(slope(math.nan)) == 1.0
        else:
            assert math.isnan(slope(math.nan))


# Powers whose exponent less 1 is not a float


def by_base(a: float, b: float) -> list[float]:
    found = [gg.grad(lambda x: gg.pow(x, b))(a), gg.grad(gg.pow)(a, b), gg.jvp(lambda x: gg.pow(x, b), (a,), (1.0,))[1]]
    if gg.compiled():
        found += [gg.jit(gg.grad(gg.pow))(a, b), *gg.vmap(gg.grad(gg.pow))(np.full(9, a), np.full(9, b)).tolist()]
    return found


@pytest.mark.parametrize("b", [2.0**53, 2.0**53 + 2, 2.0**54, -(2.0**53), -(2.0**54), 2.0**60, -(2.0**60)])
def test_an_exponent_beyond_the_whole_numbers_is_even(b):
    """So the derivative by the base, b a ** (b - 1), is odd in the base."""
    for a in (-1.0, -1.0 - 2.0**-50, -1.0 + 2.0**-52):
        expected = exact.of(lambda x, n: n * x ** (int(n) - 1), (a, b))
        if abs(expected) < 1e300 and abs(expected) > 1e-300:
            for slope in by_base(a, b):
                assert exact.ulps(slope, expected) <= 4
            assert by_base(-a, b) == [-slope for slope in by_base(a, b)]
    if b > 0:
        for a in (-2.0, -INF):
            assert by_base(a, b) == [-INF] * len(by_base(a, b))


@pytest.mark.parametrize("b", [0.1, 1e-3, -0.3, 1e-17, -1.7, 0.49999999999999994])
def test_what_an_exponent_loses_to_1_is_made_good(b):
    for a in (1e-300, 3e-40, 0.7, 12.5, 1e40, 1e300):
        expected = exact.of(lambda x, n: n * x ** (n - 1), (a, b))
        if 1e-300 < abs(expected) < 1e300:
            for slope in by_base(a, b):
                assert exact.ulps(slope, expected) <= 4, a
