"""What is composed from the table, against mpmath to the last digits: on floats, on nodes, compiled; derivatives, too.

Values are within 4 ULP everywhere. What a derivative may be off is derived from its conditioning: as much as moving x
by a few units in its last place would move it, and as many units of its own.
"""

from __future__ import annotations

import math
import sys
from functools import cache

import numpy as np
import pytest
from mpmath import mp, mpf

import glassgrad as gg
from helpers import exact
from helpers.branching import code_for, runnable
from helpers.functions import IN_THE_TABLE, OF_ONE, OF_TWO, pairs, points

EPS = sys.float_info.epsilon
ULPS = 4.0
FIRST, SECOND = 4.0, 16.0  # units that a derivative may be off: it has some operations, each within 2 ULP
FLOOR = 8 * sys.float_info.min  # a subnormal number has fewer digits, and so has what is computed of it

# Where terms of the size of a lower derivative cancel in the rule, though x conditions them not: at the inflection
CANCELS = {"sigmoid": lambda first: abs(first) / 4}

TIES = [[0.0, 0.0], [-1.0, -1.0, -1.0], [2.0, 2.0, -40.0], [0.5] * 7]
SPREAD = [[0.0, -40.0], [-40.0, 0.0, -45.0], [1.5, -700.3], [700.3, -0.3, 12.0], [-1e4, 1e-9, 3.0], [1e300, 0.0], [5.0]]


def vectors(seed: int, size: float) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    return [rng.uniform(-size, size, n).tolist() for n in (1, 2, 3, 7, 40, 300)]


VECTORS = [*TIES, *SPREAD, *vectors(1, 5.0), *vectors(2, 500.0), *vectors(3, 1e-3)]


def function(name: str):
    f = getattr(gg, name)
    return (lambda x: gg.clip(x, -1.0, 1.0)) if name == "clip" else f


@cache
def values(name: str, count: int) -> list[tuple[float, object]]:
    return [(x, exact.of(OF_ONE[name].exact, (x,))) for x in points(name, count)]


def worst(found, expected) -> tuple[float, object]:
    return max((exact.ulps(y, reference), (x, y)) for y, (x, reference) in zip(found, expected, strict=True))


@pytest.mark.parametrize("name", OF_ONE)
def test_values(name):
    f, expected = function(name), values(name, 60)
    found = [f(x) for x, _ in expected]
    off, where = worst(found, expected)
    assert off <= ULPS, where
    assert [f(gg.Scalar(x)).data for x, _ in expected] == found


@pytest.mark.parametrize("name", sorted(set(OF_ONE) - IN_THE_TABLE))
def test_compiled_values(name):
    pytest.importorskip("llvmlite")
    f, expected = function(name), values(name, 60)
    xs = np.array([x for x, _ in expected])
    batch = gg.vmap(f)(xs).tolist()
    for found in (batch, gg.vmap(gg.value_and_grad(f))(xs)[0].tolist()):
        off, where = worst(found, expected)
        assert off <= ULPS, where
    assert [gg.jit(f)(x) for x in xs[:3].tolist()] == batch[:3]


@pytest.mark.nightly
@pytest.mark.parametrize("target", runnable())
@pytest.mark.parametrize("name", OF_ONE)
def test_values_at_many_points(name, target):
    f, expected = function(name), values(name, 3000)
    with code_for(target):
        for found in (gg.vmap(f)(np.array([x for x, _ in expected])).tolist(), [f(x) for x, _ in expected]):
            off, where = worst(found, expected)
            assert off <= ULPS, where


def derivative(f, x: float, order: int) -> float:
    for _ in range(order):
        f = gg.grad(f)
    return f(x)


def tolerance(name: str, x: float, order: int, slopes) -> float:
    size = abs(slopes[order]) + abs(x * slopes[order + 1])
    if order == 2 and name in CANCELS:
        size += CANCELS[name](slopes[1])
    return float((FIRST if order == 1 else SECOND) * EPS * size) + FLOOR


@pytest.mark.parametrize("name", OF_ONE)
def test_derivatives(name):
    case, f = OF_ONE[name], function(name)
    for x in points(name, 4, seed=2):
        if abs(x) < 1e-20 or abs(x) > 1e9 or x in case.kinks:
            continue
        slopes = [None, *(exact.slope(case.exact, (x,), 0, order) for order in (1, 2, 3))]
        for order in (1, 2):
            found = derivative(f, x, order)
            if abs(slopes[order]) < sys.float_info.max:
                assert abs(found - slopes[order]) <= tolerance(name, x, order, slopes), (x, order, found)
        assert gg.jvp(f, (x,), (1.0,))[1] == pytest.approx(derivative(f, x, 1), rel=4 * EPS, abs=FLOOR)


def test_the_curvature_of_log_norm_cdf():
    """It is -h (x + h), where h is the hazard pdf / cdf. For negative x it is near -1, and its terms are near x**2."""
    curvature = gg.grad(gg.grad(gg.log_norm_cdf))

    def exactly(x):
        hazard = mp.npdf(x) / mp.ncdf(x)
        return -hazard * (x + hazard)

    for x in np.random.default_rng(0).uniform(-12.0, 5.0, 200).tolist():
        assert exact.ulps(curvature(x), exact.of(exactly, (x,))) <= 8, x


def test_log_norm_cdf_far_out():
    """Beyond -38, where norm_cdf is 0: log(norm_cdf(x)) tends to -x**2 / 2 - log(-x sqrt(2 pi))."""
    for x in (-27.5, -38.5, -40.0, -1e3, -1e8, -1e150):
        with mp.workprec(1500):
            t = mpf(x) ** -2
            mills = mp.fsum((-t) ** k * mp.fac2(2 * k - 1) for k in range(12))  # within 1e-20 of it
            value = -(mpf(x) ** 2) / 2 - mp.log(-mpf(x) * mp.sqrt(2 * mp.pi)) + mp.log(mills)
            slope = -mpf(x) / mills  # the density over the distribution function
            curve = -slope * (mpf(x) + slope)
        assert gg.log_norm_cdf(x) == pytest.approx(float(value), rel=4 * EPS)
        assert derivative(gg.log_norm_cdf, x, 1) == pytest.approx(float(slope), rel=FIRST * EPS)
        assert derivative(gg.log_norm_cdf, x, 2) == pytest.approx(float(curve), rel=SECOND * EPS)
    assert gg.log_norm_cdf(-math.inf) == -math.inf
    assert gg.log_norm_cdf(math.inf) == 0.0


# Of two numbers


def scale(name: str, xs: tuple[float, float], expected) -> float:
    """What the error is relative to: the result, or for a sum near 1 what cancels in its logarithm."""
    return max(abs(expected), max(map(abs, xs)) if name == "logaddexp" and max(xs) < 0 else 0)


@pytest.mark.parametrize("name", OF_TWO)
def test_values_of_two(name):
    f, some = getattr(gg, name), pairs(name, 300)
    compiled = gg.vmap(f)(*map(np.array, zip(*some))).tolist()
    for xs, other in zip(some, compiled, strict=True):
        expected = exact.of(OF_TWO[name], xs)
        if abs(expected) > sys.float_info.max:
            continue
        for y in (f(*xs), f(*map(gg.Scalar, xs)).data, other):
            assert abs(y - expected) <= ULPS * math.ulp(float(scale(name, xs, expected))), (xs, y)


@pytest.mark.parametrize("name", OF_TWO)
def test_gradients_of_two(name):
    f = getattr(gg, name)
    for xs in pairs(name, 60, seed=2):
        if not all(1e-100 < abs(x) < 1e100 for x in xs):
            continue
        found = gg.grad(f, argnums=(0, 1))(*xs)
        for i in (0, 1):
            slope = exact.slope(OF_TWO[name], xs, i)
            moved = sum(
                abs(x * exact.slope(lambda *ys, i=i: exact_partial(name, ys, i), xs, k)) for k, x in enumerate(xs)
            )
            assert abs(found[i] - slope) <= float(FIRST * EPS * (abs(slope) + moved)) + FLOOR, (xs, i, found)


def exact_partial(name: str, xs, i: int):
    x, y = xs
    if name == "logaddexp":
        return 1 / (1 + mp.exp(xs[1 - i] - xs[i]))
    if name == "rel_entr":
        return mp.log(x / y) + 1 if i == 0 else -x / y
    inner = 1 + y if name == "xlog1py" else y
    return mp.log(inner) if i == 0 else x / inner


# Of many


def references(xs: list[float]):
    """The logarithm of the sum of exponentials, and each one's share of the sum."""
    with mp.workprec(2600):
        weights = [mp.exp(mpf(x) - max(xs)) for x in xs]
        whole = sum(weights)
        return max(xs) + mp.log(whole), [w / whole for w in weights], [mpf(x) - max(xs) - mp.log(whole) for x in xs]


@pytest.mark.parametrize("xs", VECTORS, ids=lambda xs: f"{len(xs)} from {xs[0]:.4g}")
def test_logsumexp_and_softmax(xs):
    expected, shares, logs = references(xs)
    nodes = gg.scalars(xs)
    with mp.workprec(2600):
        for y in (gg.logsumexp(xs), gg.logsumexp(nodes).data, float(gg.logsumexp(np.array(xs)))):
            assert abs(y - expected) <= ULPS * max(math.ulp(float(expected)), math.ulp(max(xs)) if max(xs) < 0 else 0)
        for computed in (gg.softmax(xs), [y.data for y in gg.softmax(nodes)]):
            for y, share in zip(computed, shares, strict=True):
                assert exact.ulps(y, share) <= ULPS
        for y, reference in zip(gg.log_softmax(xs), logs, strict=True):
            assert exact.ulps(y, reference) <= ULPS
        gg.logsumexp(nodes).backward()
        for slopes in (gg.grad(gg.logsumexp)(xs), [node.grad for node in nodes]):
            for slope, share in zip(slopes, shares, strict=True):
                assert abs(slope - share) <= FIRST * EPS * (2 + max(xs) - min(xs)) * share + FLOOR
    if len(xs) == 2:
        assert gg.logaddexp(*xs) == gg.logsumexp(xs)


@pytest.mark.parametrize(
    "xs", [v for v in VECTORS if len(v) in (2, 3, 7)], ids=lambda xs: f"{len(xs)} from {xs[0]:.4g}"
)
def test_second_derivatives_of_logsumexp_at_ties_too(xs):
    """diag(p) - p p', which is the derivative of softmax, too."""
    _, shares, _ = references(xs)
    found, other = gg.hessian(gg.logsumexp)(xs), gg.jacobian(gg.softmax)(xs)
    for i, p in enumerate(shares):
        for j, q in enumerate(shares):
            expected = (p if i == j else 0) - p * q
            allowed = float(SECOND * EPS * (2 + max(xs) - min(xs)) * (p * q + (p if i == j else 0))) + FLOOR
            assert abs(found[i][j] - expected) <= allowed, (i, j)
            assert abs(other[i][j] - expected) <= allowed, (i, j)


def test_where_one_dominates_nothing_is_lost():
    with mp.workprec(200):
        tiny = mp.exp(-40)
        assert exact.ulps(gg.logaddexp(0.0, -40.0), mp.log1p(tiny)) <= 1
        assert exact.ulps(gg.logsumexp([-40.0, 0.0, -40.0]), mp.log1p(2 * tiny)) <= 2
        assert exact.ulps(gg.log_softmax([0.0, -40.0, -40.0])[0], -mp.log1p(2 * tiny)) <= 2
    compiled = gg.jit(gg.logsumexp)
    assert compiled([-40.0, 0.0, -40.0]) == pytest.approx(float(2 * tiny), rel=4 * EPS)


def test_the_sum_of_many_weights_is_exact():
    """A plain sum of 10**5 of them would be some 10**5 units off at worst."""
    xs = np.random.default_rng(0).uniform(-20.0, 0.0, 100_000)
    with mp.workprec(200):
        expected = mp.log(mp.fsum(mp.exp(mpf(x)) for x in xs.tolist()))
    assert exact.ulps(gg.logsumexp(xs), expected) <= ULPS


@pytest.mark.parametrize(
    "xs",
    [[3e200, 4e200], [3e-200, 4e-200], [1e308], [5e-324], [0.0, 2.0], [1e300, 0.0], [1e-170, -1e-160, 0.0], [1.0] * 50],
)
def test_norm(xs):
    n = len(xs)
    with mp.workprec(2600):
        length = mp.sqrt(sum(mpf(x) ** 2 for x in xs))
        slopes = [mpf(x) / length for x in xs]
    sum_of_n = (n + 4) * EPS  # a plain sum of n squares
    for y in (gg.norm(xs), gg.norm(gg.array(xs)).data, gg.jit(gg.norm)(xs)):
        assert abs(y - length) <= sum_of_n * length + 4 * math.ulp(0.0)
    for mine, theirs in zip(gg.grad(gg.norm)(xs), slopes, strict=True):
        assert abs(mine - theirs) <= 2 * sum_of_n * abs(theirs)


def test_second_derivatives_of_norm_beside_zeros():
    """(I - u u') / r: at a zero of some, not all, nothing is wrong."""
    xs = [0.0, 3.0, -4.0]
    u = np.array(xs) / 5.0
    np.testing.assert_allclose(gg.hessian(gg.norm)(np.array(xs)), (np.eye(3) - np.outer(u, u)) / 5.0, atol=1e-16)
