"""`gg.interp2` against SciPy's RegularGridInterpolator."""

from __future__ import annotations

import numpy as np
import pytest

import glassgrad as gg

scipy = pytest.importorskip("scipy.interpolate")

RNG = np.random.default_rng(3)
ROWS, COLUMNS = np.cumsum(RNG.uniform(0.2, 1.0, 5)), np.cumsum(RNG.uniform(0.2, 1.0, 6))
TABLE = RNG.normal(size=(5, 6))
X, Y = RNG.uniform(-0.5, 4.5, 60), RNG.uniform(-0.5, 4.5, 60)
X[:5], Y[:5] = ROWS, COLUMNS[:5]


def reference(x, y, **options):
    grid = scipy.RegularGridInterpolator((ROWS, COLUMNS), TABLE, bounds_error=False, **options)
    return grid(np.stack([x, y], axis=-1))


def near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


CASES = {
    None: reference(np.clip(X, ROWS[0], ROWS[-1]), np.clip(Y, COLUMNS[0], COLUMNS[-1])),
    True: reference(X, Y, fill_value=None),
    False: reference(X, Y),
}


@pytest.mark.parametrize("extrapolate", CASES)
def test_values_are_scipys(extrapolate):
    def f(x, y):
        return gg.interp2(x, y, ROWS, COLUMNS, TABLE, extrapolate=extrapolate)

    near(f(X, Y), CASES[extrapolate])
    near(gg.values(f(gg.array(X), gg.array(Y))), CASES[extrapolate])
    near(gg.jit(f)(X, Y), CASES[extrapolate])
    near(gg.vmap(f)(X, Y), CASES[extrapolate])
    near(gg.vmap(f, in_axes=(0, None))(X, Y[9]), [f(x, Y[9]) for x in X])
    near(gg.jit(lambda x: f(x, Y))(X), CASES[extrapolate])
    near(gg.jit(lambda y: f(X, y))(Y), CASES[extrapolate])


@pytest.mark.parametrize("extrapolate", [None, True])
@pytest.mark.parametrize("lane", [10, 17, 30, 45])
def test_derivatives_agree_with_differences(lane, extrapolate):
    def f(x, y, rows, columns, table):
        return gg.interp2(x, y, rows, columns, table, extrapolate=extrapolate)

    arguments = X[lane], Y[lane], ROWS, COLUMNS, TABLE
    assert gg.check_grad(f, *arguments)
    eager = gg.grad(f, argnums=tuple(range(5)))(*arguments)
    for found, expected in zip(gg.jit(gg.grad(f, argnums=tuple(range(5))))(*arguments), eager):
        near(found, expected)


def test_the_mixed_second_derivative():
    f = gg.vmap(gg.hessian(lambda p: gg.interp2(p[0], p[1], ROWS, COLUMNS, TABLE, extrapolate=True)))
    i = np.clip(np.searchsorted(ROWS, X, side="right") - 1, 0, 3)
    j = np.clip(np.searchsorted(COLUMNS, Y, side="right") - 1, 0, 4)
    twist = TABLE[i + 1, j + 1] - TABLE[i, j + 1] - TABLE[i + 1, j] + TABLE[i, j]
    twist /= (ROWS[i + 1] - ROWS[i]) * (COLUMNS[j + 1] - COLUMNS[j])
    found = f(np.stack([X, Y], axis=1))
    near(found[:, 0, 1], twist)
    near(found[:, 0, 0], 0.0)


def test_the_cell_takes_no_branch():
    compiled = gg.vmap(gg.grad(lambda x, y: gg.interp2(x, y, ROWS, COLUMNS, TABLE)))
    compiled(X, Y)
    paths = [run for program in compiled.programs.values() for run in program.traces]
    assert [len(run.guards) for run in paths] == [0]


def test_shapes_broadcast():
    assert gg.interp2(X[:, None], Y[:4], ROWS, COLUMNS, TABLE).shape == (60, 4)
    found = gg.interp2(gg.array(X[:3, None]), Y[:4], ROWS, COLUMNS, TABLE)
    near(gg.values(found), gg.interp2(X[:3, None], Y[:4], ROWS, COLUMNS, TABLE))
    assert type(gg.interp2(0.5, 0.5, ROWS, COLUMNS, TABLE)) is float


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, Y, ROWS, COLUMNS, TABLE.T), r"fp must have the shape \(5, 6\), got \(6, 5\)"),
        ((X, Y, ROWS[:1], COLUMNS, TABLE[:1]), "xp must have at least 2 knots, got 1"),
        ((X, Y, ROWS, COLUMNS[::-1], TABLE), "yp must be increasing"),
        ((X[:2], Y[:3], ROWS, COLUMNS, TABLE), r"x and y must broadcast together, got \(2,\) and \(3,\)"),
    ],
)
def test_wrong_grids_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        gg.interp2(*arguments)


@pytest.mark.parametrize("shape", [(70, 80), (70, 5), (5, 70)])
def test_grids_of_many_lines_compile_to_the_same_surface(shape):
    rows, columns = np.linspace(0.0, 1.0, shape[0]), np.linspace(0.0, 2.0, shape[1])
    table = np.random.default_rng(4).normal(size=shape)
    x, y = np.random.default_rng(5).uniform(-0.2, 1.2, (2, 40))
    surface = lambda x, y: gg.interp2(x, y, rows, columns, table)
    np.testing.assert_allclose(gg.vmap(surface)(x, y), surface(x, y), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(gg.jit(lambda x: surface(x, 0.5))(x), surface(x, 0.5), rtol=1e-11, atol=1e-12)
    slopes = gg.grad(surface, argnums=(0, 1))
    np.testing.assert_allclose(gg.jit(slopes)(0.33, 0.77), slopes(0.33, 0.77), rtol=1e-11)
