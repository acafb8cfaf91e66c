"""`gg.CubicSpline` and `gg.PchipInterpolator` against SciPy."""

from __future__ import annotations

import numpy as np
import pytest

import glassgrad as gg

scipy = pytest.importorskip("scipy.interpolate")

RNG = np.random.default_rng(8)
KNOTS = np.cumsum(RNG.uniform(0.1, 2.0, 9))
HEIGHTS = RNG.normal(size=(9, 2))
X = np.concatenate([RNG.uniform(KNOTS[0] - 1.0, KNOTS[-1] + 1.0, 30), KNOTS])
ENDS = ["not-a-knot", "natural", "clamped", "periodic", ((1, 0.3), (2, -0.5)), ("natural", (1, 2.0))]
FLAT = np.array([0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 1.5, 3.0, -1.0])  # has plateaus and turns, where pchip's slopes are 0


def near(found, expected, scale=1.0):
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11 * scale)


def points(n, ends):
    y = HEIGHTS[:n].copy()
    if ends == "periodic":
        y[-1] = y[0]
    return (KNOTS[:n], y if isinstance(ends, str) else y[:, 0])


@pytest.mark.parametrize("n", [2, 3, 4, 9])
@pytest.mark.parametrize("ends", ENDS, ids=str)
def test_splines_are_scipys(ends, n):
    x, y = points(n, ends)
    ours, theirs = gg.CubicSpline(x, y, bc_type=ends), scipy.CubicSpline(x, y, bc_type=ends)
    for nu in range(5):
        near(ours(X, nu), theirs(X, nu), np.abs(theirs(X)).max())
    at = gg.vmap(lambda x, y: gg.CubicSpline(KNOTS[:n], y, bc_type=ends)(x), in_axes=(0, None))
    near(at(X, y), theirs(X), np.abs(theirs(X)).max())


@pytest.mark.parametrize("n", [2, 3, 4, 9])
@pytest.mark.parametrize("y", [HEIGHTS, FLAT], ids=["random", "flat"])
def test_monotone_interpolants_are_scipys(y, n):
    ours, theirs = gg.PchipInterpolator(KNOTS[:n], y[:n]), scipy.PchipInterpolator(KNOTS[:n], y[:n])
    for nu in range(4):
        near(ours(X, nu), theirs(X, nu), np.abs(theirs(X)).max())
    at = gg.vmap(lambda x, y: gg.PchipInterpolator(KNOTS[:n], y)(x), in_axes=(0, None))
    near(at(X, y[:n]), theirs(X), np.abs(theirs(X)).max())


@pytest.mark.parametrize("make", [gg.CubicSpline, gg.PchipInterpolator])
@pytest.mark.parametrize("extrapolate", [True, False, "periodic"])
def test_extrapolation_is_scipys(make, extrapolate):
    y = HEIGHTS[:, 0]
    theirs = getattr(scipy, make.__name__)(KNOTS, y, extrapolate=extrapolate)
    near(make(KNOTS, y, extrapolate=extrapolate)(X), theirs(X))
    near(make(KNOTS, y)(X, extrapolate=extrapolate), theirs(X))
    near(gg.vmap(lambda x: make(KNOTS, y, extrapolate=extrapolate)(x))(X), theirs(X))


@pytest.mark.parametrize("make", [gg.CubicSpline, gg.PchipInterpolator])
def test_derivatives_are_those_of_the_polynomials(make):
    theirs = getattr(scipy, make.__name__)(KNOTS, FLAT)
    curve = gg.vmap(gg.grad(lambda x: make(KNOTS, FLAT)(x)))
    near(curve(X), theirs(X, 1))
    near(gg.vmap(gg.grad(gg.grad(lambda x: make(KNOTS, FLAT)(x))))(X), theirs(X, 2))
    near([gg.grad(make(KNOTS, FLAT))(float(x)) for x in X], theirs(X, 1))


def test_a_spline_is_linear_in_its_values():
    basis = np.array([scipy.CubicSpline(KNOTS, row)(X) for row in np.eye(len(KNOTS))]).T
    by_values = gg.vmap(gg.grad(lambda y, x: gg.CubicSpline(KNOTS, y)(x)), in_axes=(None, 0))
    near(by_values(FLAT, X), basis, np.abs(basis).max())


@pytest.mark.parametrize("make", [gg.CubicSpline, gg.PchipInterpolator])
def test_all_derivatives_agree_with_differences(make):
    y = HEIGHTS[:, 0]

    def f(x, knots, y):
        return make(knots, y)(x)

    for x in (0.5 * (KNOTS[0] + KNOTS[1]), 0.5 * (KNOTS[4] + KNOTS[5])):
        assert gg.check_grad(f, x, KNOTS, y)
        eager = gg.grad(f, argnums=(0, 1, 2))(x, KNOTS, y)
        for found, expected in zip(gg.jit(gg.grad(f, argnums=(0, 1, 2)))(x, KNOTS, y), eager):
            near(found, expected, 10.0)


@pytest.mark.parametrize("make", [gg.CubicSpline, gg.PchipInterpolator])
def test_no_branch_is_taken(make):
    compiled = gg.vmap(gg.grad(lambda y, x: make(KNOTS, y)(x)), in_axes=(None, 0))
    compiled(FLAT, X)
    paths = [run for program in compiled.programs.values() for run in program.traces]
    assert [len(run.guards) for run in paths] == [0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gg.CubicSpline([0.0], [1.0]), "at least 2 knots, got 1"),
        (lambda: gg.PchipInterpolator([0.0, 0.0], [1.0, 2.0]), r"x must be increasing, got x\[0\] = 0.0"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0, 3.0]), r"each of the 2 knots, got the shape \(3,\)"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0], bc_type="nautral"), "must be one of .*got 'nautral'"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0], bc_type=((3, 0.0), "natural")), "order 1 or 2"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0], bc_type=("periodic", "natural")), "both ends or at none"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0], bc_type="periodic"), "same first and last value"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0], extrapolate="line"), "got 'line'"),
        (lambda: gg.CubicSpline([0.0, 1.0], [1.0, 2.0])(0.5, 1.5), "nu must be a whole number"),
    ],
)
def test_wrong_tables_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("table", [gg.CubicSpline, gg.PchipInterpolator])
@pytest.mark.parametrize("columns", [(), (2,)])
def test_tables_of_many_knots_compile_to_the_same_curve(table, columns):
    knots = np.sort(np.random.default_rng(8).uniform(0.0, 10.0, 80))
    heights = np.sin(knots) if not columns else np.stack([np.sin(knots), np.cos(knots)], axis=1)
    curve = table(knots, heights)
    assert curve.c.dtype == float
    x = np.linspace(-1.0, 11.0, 60)
    np.testing.assert_allclose(gg.vmap(curve)(x), curve(x), rtol=1e-12, atol=1e-13)
    total = lambda heights, x: np.sum(table(knots, heights)(x))
    found = gg.jit(gg.grad(total))(heights, 3.3)
    np.testing.assert_allclose(found, gg.grad(total)(heights, 3.3), rtol=1e-9, atol=1e-12)
