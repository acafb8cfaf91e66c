"""lgamma, digamma and polygamma against mpmath, in units in the last place."""

from __future__ import annotations

import math
import random

import mpmath
import pytest

from glassgrad.core.special import digamma, gamma, lgamma, polygamma

ULP = 1.0  # what the docstrings promise; measured, nearly every result is the nearest double


def points(seed: int, count: int) -> list[float]:
    """Doubles from the whole range, most of them where something cancels."""
    draw = random.Random(seed)
    xs: list[float] = []
    for _ in range(count):
        sign = draw.choice((-1, 1))
        xs += [
            draw.uniform(0, 4),
            draw.uniform(4, 100),
            -draw.uniform(0, 40),
            -draw.uniform(0, 1e5),
            10 ** draw.uniform(2, 305),
            sign * 10 ** draw.uniform(-307, 0),
            sign * 10 ** draw.uniform(-323, -300),
            1 + sign * 2 ** -draw.uniform(1, 52),
            2 + sign * 2 ** -draw.uniform(1, 51),
            -draw.randint(1, 30) + sign * 2 ** -draw.uniform(1, 48),
        ]
    return [x for x in xs if x > 0 or x != math.floor(x)]


def beside(root: float, count: int) -> list[float]:
    """The nearest doubles on both sides of a root, and others further away."""
    xs = [root]
    for side in (-math.inf, math.inf):
        x = root
        for _ in range(count):
            x = math.nextafter(x, side)
            xs.append(x)
        xs += [root + math.copysign(2.0**-k, side) for k in range(12, 50, 3)]
    return xs


def reference(function, x: float):
    """At twice mpmath's usual care where that is enough, to 2,500 bits where `x` is huge."""
    with mpmath.workprec(400 if abs(x) < 1e30 else 2500):
        return mpmath.re(function(mpmath.mpf(x)))


def off_by(value: float, exact) -> float:
    """In units in the last place of the exact result."""
    nearest = float(exact)
    if value == nearest:
        return 0.5
    assert math.isfinite(value), (value, exact)
    return float(abs(mpmath.mpf(value) - exact) / math.ulp(nearest))


def worst(ours, theirs, xs: list[float]) -> tuple[float, float]:
    return max((off_by(ours(x), reference(theirs, x)), x) for x in xs)


def roots(function, brackets: list[tuple[float, float]]) -> list[float]:
    with mpmath.workprec(200):
        return [float(mpmath.findroot(function, bracket, solver="anderson")) for bracket in brackets]


LGAMMA_ROOTS = roots(
    lambda x: mpmath.re(mpmath.loggamma(x)),
    [
        (-2.6, -2.3),
        (-2.8, -2.7),
        (-3.2, -3.1),
        (-3.99, -3.9),
        (-4.1, -4.03),
        (-4.999, -4.98),
        (-5.01, -5.005),
    ],
)
DIGAMMA_ROOTS = roots(mpmath.digamma, [(1.4, 1.5), *((-n - 0.6, -n - 0.1) for n in range(12))])


def test_lgamma_over_the_whole_range():
    off, x = worst(lgamma, mpmath.loggamma, points(1, 120))
    assert off <= ULP, x


def test_gamma_over_the_whole_range():
    xs = [x for x in points(4, 120) if 1e-300 < abs(x) and -170 < x < 171.6]
    off, x = worst(gamma, mpmath.gamma, [*xs, *(k + d for k in range(-170, 0) for d in (1e-9, 0.3, 0.5))])
    assert off <= ULP, x


def test_gamma_of_whole_numbers_is_a_factorial():
    assert [gamma(float(n)) for n in range(1, 171)] == [float(math.factorial(n - 1)) for n in range(1, 171)]


def test_gamma_at_its_edges():
    assert gamma(0.0) == gamma(5e-324) == gamma(171.7) == gamma(math.inf) == math.inf
    assert gamma(-0.0) == gamma(-5e-324) == -math.inf
    assert all(map(math.isnan, map(gamma, (-1.0, -170.0, -1e300, -math.inf, math.nan))))
    assert [math.copysign(1, gamma(x)) for x in (-0.5, -1.5, -184.5, -185.5, -200.5, -201.5)] == [-1, 1] * 2 + [-1, 1]
    assert gamma(-250.5) == 0.0


def test_digamma_over_the_whole_range():
    off, x = worst(digamma, mpmath.digamma, points(2, 80))
    assert off <= ULP, x


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_polygamma_over_the_whole_range(n):
    xs = [x for x in points(3, 20) if 1e-40 < abs(x) and -100 < x < 1e30]  # further down mpmath takes seconds
    off, x = worst(lambda x: polygamma(n, x), lambda x: mpmath.polygamma(n, x), xs)
    assert off <= ULP, x


def test_lgamma_beside_its_roots():
    assert len(LGAMMA_ROOTS) == 7
    for root in (1.0, 2.0, *LGAMMA_ROOTS):
        xs = [x for x in beside(root, 20) if x not in (1.0, 2.0)]
        off, x = worst(lgamma, mpmath.loggamma, xs)
        assert off <= ULP, x


def test_digamma_beside_its_roots():
    assert DIGAMMA_ROOTS[0] == pytest.approx(1.4616321449683622)
    for root in DIGAMMA_ROOTS:
        off, x = worst(digamma, mpmath.digamma, beside(root, 20))
        assert off <= ULP, x


def test_the_measure_sees_one_unit():
    assert off_by(math.nextafter(1.0, 2.0), mpmath.mpf(1)) == pytest.approx(1.0)
    assert off_by(1.0 + 1e-12, mpmath.mpf(1)) > 4000


def test_known_values():
    assert lgamma(1.0) == lgamma(2.0) == 0.0
    assert lgamma(0.5) == 0.5 * math.log(math.pi)
    assert lgamma(171.0) == pytest.approx(math.log(math.factorial(170)), rel=1e-15)
    assert digamma(1.0) == -0.5772156649015329
    assert digamma(0.5) == pytest.approx(-0.5772156649015329 - 2 * math.log(2), rel=1e-15)
    assert polygamma(1, 0.5) == pytest.approx(math.pi**2 / 2, rel=1e-15)
    assert polygamma(0, 3.7) == digamma(3.7)


def test_high_orders_beside_and_between_the_poles():
    for x in (-1.5, -1.4999999, -1.25, -1.0000001, -20.5, -3.3):
        for n in (10, 11, 30, 31):
            with mpmath.workprec(400):
                assert off_by(polygamma(n, x), mpmath.polygamma(n, mpmath.mpf(x))) <= ULP, (n, x)


def test_far_down_by_reflection():
    for x in (-1e6 + 0.25, -1e6 + 0.5, -1e10 - 0.125, -(2.0**50) - 0.25):
        with mpmath.workprec(400):
            y = mpmath.mpf(x)
            trigamma = (mpmath.pi / mpmath.sinpi(y)) ** 2 - mpmath.polygamma(1, 1 - y)
            tetragamma = mpmath.polygamma(2, 1 - y) - 2 * mpmath.pi**3 * mpmath.cospi(y) / mpmath.sinpi(y) ** 3
            assert off_by(polygamma(1, x), trigamma) <= ULP
            assert off_by(polygamma(2, x), tetragamma) <= ULP


def test_orders_so_high_that_results_leave_the_range():
    assert polygamma(150, 1e10) == 0.0
    assert polygamma(1, 1e300) == 1e-300
    assert polygamma(2, 1e200) == 0.0
    assert polygamma(200, 0.01) == -math.inf
    with mpmath.workprec(800):
        assert off_by(polygamma(100, 3.5), mpmath.polygamma(100, 3.5)) <= ULP
        assert off_by(polygamma(50, 1e6), mpmath.polygamma(50, 10**6)) <= ULP


@pytest.mark.parametrize("x", [0.0, -0.0, -1.0, -2.0, -1e15, -1e300, math.inf, -math.inf, 1e306, 1.7e308])
def test_lgamma_is_infinite_at_poles_infinities_and_overflow(x):
    assert lgamma(x) == math.inf


def test_digamma_at_the_edges():
    assert digamma(0.0) == -math.inf
    assert digamma(-0.0) == math.inf
    assert digamma(math.inf) == math.inf
    for x in (-1.0, -7.0, -1e300, -math.inf, math.nan):
        assert math.isnan(digamma(x))
    assert math.isnan(lgamma(math.nan))
    assert digamma(5e-324) == -math.inf
    assert digamma(-5e-324) == math.inf


def test_polygamma_at_the_edges():
    assert polygamma(1, 0.0) == polygamma(1, -0.0) == polygamma(3, -2.0) == math.inf
    assert polygamma(2, 0.0) == -math.inf
    assert polygamma(2, -0.0) == math.inf
    assert math.copysign(1, polygamma(1, math.inf)) == 1
    assert math.copysign(1, polygamma(2, math.inf)) == -1
    for n, x in ((2, -1.0), (1, -math.inf), (1, math.nan)):
        assert math.isnan(polygamma(n, x))


@pytest.mark.parametrize("n", [-1, 1.5, "1", None])
def test_polygamma_refuses_other_orders(n):
    with pytest.raises(ValueError, match="order must be a nonnegative integer"):
        polygamma(n, 1.0)
