"""`gg.interp` against NumPy, in eager and compiled code."""

from __future__ import annotations

import math

import numpy as np
import pytest

import glassgrad as gg

RNG = np.random.default_rng(5)
KNOTS = np.array([-1.5, -0.25, 0.0, 0.75, 2.0, 2.5, 7.0])
HEIGHTS = np.array([3.0, -1.0, 0.5, 0.5, 4.0, -2.0, 1.0])
INSIDE = RNG.uniform(-1.5, 7.0, 40)
EVERYWHERE = np.concatenate([INSIDE, KNOTS, [-9.0, 8.0, math.inf, -math.inf, math.nan, -0.0, np.nextafter(7.0, 8.0)]])


def near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=4e-16, atol=2e-15)  # compiled code fuses a * b + c


def slope_after(x):
    """The slope of the line that holds x, right of a knot; 0 outside."""
    i = np.clip(np.searchsorted(KNOTS, x, side="right") - 1, 0, len(KNOTS) - 2)
    slopes = np.diff(HEIGHTS)[i] / np.diff(KNOTS)[i]
    return np.where((x < KNOTS[0]) | (x > KNOTS[-1]), 0.0, slopes)


@pytest.mark.parametrize("edges", [{}, {"left": -7.0}, {"right": 3.0}, {"left": 0.0, "right": math.nan}])
def test_values_are_numpys(edges):
    expected = np.interp(EVERYWHERE, KNOTS, HEIGHTS, **edges)
    nodes = gg.values(gg.interp(gg.array(EVERYWHERE), KNOTS, HEIGHTS, **edges))
    np.testing.assert_array_equal(nodes, expected)
    np.testing.assert_array_equal(gg.interp(EVERYWHERE, KNOTS, HEIGHTS, **edges), expected)
    one_by_one = gg.vmap(lambda x: gg.interp(x, KNOTS, HEIGHTS, **edges))
    near(one_by_one(EVERYWHERE), expected)
    near(gg.jit(lambda x: np.interp(x, KNOTS, HEIGHTS, **edges))(EVERYWHERE), expected)


@pytest.mark.parametrize("period", [3.0, -3.0, 20.0])
def test_periodic_tables_are_numpys(period):
    x, knots = EVERYWHERE[np.isfinite(EVERYWHERE)], RNG.permutation(KNOTS)
    expected = np.interp(x, knots, HEIGHTS, period=period)
    np.testing.assert_allclose(gg.values(gg.interp(gg.array(x), knots, HEIGHTS, period=period)), expected, atol=1e-14)
    compiled = gg.vmap(lambda x, fp: gg.interp(x, knots, fp, period=period), in_axes=(0, None))
    np.testing.assert_allclose(compiled(x, HEIGHTS), expected, atol=1e-14)


def test_the_interval_takes_no_branch():
    for function in (lambda x: gg.interp(x, KNOTS, HEIGHTS), gg.grad(lambda x: np.interp(x, KNOTS, HEIGHTS))):
        compiled = gg.vmap(function)
        compiled(EVERYWHERE)
        paths = [run for program in compiled.programs.values() for run in program.traces]
        assert [len(run.guards) for run in paths] == [0]


def test_derivatives_with_respect_to_the_argument():
    slopes = gg.vmap(gg.grad(lambda x: gg.interp(x, KNOTS, HEIGHTS)))
    x = EVERYWHERE[np.isfinite(EVERYWHERE)]
    near(slopes(x), slope_after(x))
    near([gg.grad(lambda x: gg.interp(x, KNOTS, HEIGHTS))(float(t)) for t in x], slope_after(x))
    bend = gg.vmap(gg.grad(gg.grad(lambda x: gg.interp(x, KNOTS, HEIGHTS) ** 2)))
    near(bend(x), 2.0 * slope_after(x) ** 2)


def test_derivatives_with_respect_to_the_values_are_the_hats():
    hats = np.array([np.interp(EVERYWHERE[:50], KNOTS, row) for row in np.eye(len(KNOTS))]).T
    compiled = gg.vmap(gg.grad(lambda fp, x: gg.interp(x, KNOTS, fp)), in_axes=(None, 0))
    near(compiled(HEIGHTS, EVERYWHERE[:50]), hats)
    near(gg.grad(lambda fp: gg.interp(INSIDE[0], KNOTS, fp))(HEIGHTS), hats[0])


@pytest.mark.parametrize("x", [-0.9, 0.3, 6.0, -4.0, 9.0])
@pytest.mark.parametrize("extrapolate", [None, True])
def test_all_derivatives_agree_with_differences(x, extrapolate):
    def f(x, xp, fp):
        return gg.interp(x, xp, fp, extrapolate=extrapolate)

    assert gg.check_grad(f, x, KNOTS, HEIGHTS)
    eager = gg.grad(f, argnums=(0, 1, 2))(x, KNOTS, HEIGHTS)
    for found, expected in zip(gg.jit(gg.grad(f, argnums=(0, 1, 2)))(x, KNOTS, HEIGHTS), eager):
        near(found, expected)


def test_extrapolation():
    first, last = slope_after(-1.0), slope_after(6.0)
    expected = np.interp(EVERYWHERE, KNOTS, HEIGHTS)
    below, above = EVERYWHERE < KNOTS[0], EVERYWHERE > KNOTS[-1]
    with np.errstate(invalid="ignore"):
        lines = np.where(below, HEIGHTS[0] + first * (EVERYWHERE - KNOTS[0]), expected)
        lines = np.where(above, HEIGHTS[-1] + last * (EVERYWHERE - KNOTS[-1]), lines)
    near(gg.interp(EVERYWHERE, KNOTS, HEIGHTS, extrapolate=True), lines)
    near(gg.vmap(lambda x: gg.interp(x, KNOTS, HEIGHTS, extrapolate=True))(EVERYWHERE), lines)
    holes = np.where(below | above, math.nan, expected)
    near(gg.interp(EVERYWHERE, KNOTS, HEIGHTS, extrapolate=False), holes)
    near(gg.vmap(lambda x: gg.interp(x, KNOTS, HEIGHTS, extrapolate=False))(EVERYWHERE), holes)


def test_one_knot_is_a_constant():
    assert gg.interp(gg.Scalar(3.0), [1.0], [5.0]) == 5.0
    assert gg.interp(gg.Scalar(3.0), [1.0], [5.0], extrapolate=True) == 5.0


def test_floats_give_floats_and_arrays_their_shape():
    assert type(gg.interp(0.5, [0.0, 1.0], [0.0, 2.0])) is float
    assert type(gg.interp(0.5, [0.0, 1.0], [0.0, 2.0], extrapolate=True)) is float
    assert gg.interp(np.zeros((2, 3)), [0.0, 1.0], [0.0, 2.0]).dtype == float
    assert isinstance(gg.interp(gg.Scalar(0.5), [0.0, 1.0], [0.0, 2.0]), gg.Scalar)
    found = gg.interp(gg.array(np.zeros((2, 3))), [0.0, 1.0], [0.0, 2.0])
    assert isinstance(found, gg.Array)
    assert found.shape == (2, 3)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0.0, 2.0, 1.0], [1.0, 2.0, 3.0]), {}, r"xp must be increasing, got xp\[1\] = 2.0 and xp\[2\] = 1.0"),
        (([0.0, math.nan], [1.0, 2.0]), {}, "xp must be increasing"),
        (([], []), {}, "at least 1 knot, got 0"),
        (([[0.0]], [[1.0]]), {}, "one dimension"),
        (([0.0, 1.0], [1.0]), {}, r"fp must have the shape of xp, \(2,\), got \(1,\)"),
        (([0.0, 1.0], [1.0, 2.0]), {"period": 0.0}, "period must not be 0"),
        (([0.0, 1.0], [1.0, 2.0]), {"period": 1.0, "extrapolate": True}, "not both"),
        (([0.0, 1.0], [1.0, 2.0]), {"left": 1.0, "extrapolate": False}, "not both"),
    ],
)
def test_wrong_tables_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        gg.interp(gg.Scalar(0.5), *arguments, **options)


def test_text_is_refused():
    for fp in (["a", "b"], [gg.Scalar(1.0), "b"]):
        with pytest.raises(TypeError, match="fp needs a number, but got str"):
            gg.interp(0.5, [0.0, 1.0], fp)


def many_knots(n):
    x = np.sort(RNG.uniform(0.0, 10.0, n))
    return x, np.sin(x)


@pytest.mark.parametrize("n", [65, 100, 1000])
def test_tables_of_many_knots_are_numpys(n):
    knots, heights = many_knots(n)
    x = np.concatenate(
        [RNG.uniform(-1.0, 11.0, 200), knots, np.nextafter(knots, -9.0), [-math.inf, math.inf, math.nan]]
    )
    expected = np.interp(x, knots, heights)
    compiled = gg.vmap(lambda x: gg.interp(x, knots, heights))
    np.testing.assert_allclose(compiled(x), expected, rtol=1e-12, atol=1e-14)
    assert len([run for program in compiled.programs.values() for run in program.traces]) == 1
    slopes = np.append(np.diff(heights) / np.diff(knots), 0.0)
    inside = x[(x >= knots[0]) & (x < knots[-1])]
    found = gg.vmap(gg.grad(lambda x: gg.interp(x, knots, heights)))(inside)
    np.testing.assert_array_equal(found, slopes[np.searchsorted(knots, inside, side="right") - 1])


def test_tables_of_many_knots_pass_derivatives_to_the_values():
    knots, heights = many_knots(70)
    hat = np.array([np.interp(3.3, knots, row) for row in np.eye(70)])
    near(gg.jit(gg.grad(lambda fp, x: gg.interp(x, knots, fp)))(heights, 3.3), hat)


def test_a_search_among_many_knots_makes_few_instructions():
    """A tree of ``where`` takes an instruction or more for each knot, a binary search one for each halving."""
    knots, heights = many_knots(1000)
    tape = gg.jit(lambda x: gg.interp(x, knots, heights)).lower(3.3).tape
    assert len(tape.ops) < 80


@pytest.mark.parametrize("knots", [[0.0, 1.0, 2.0, 2.0], [0.0, 0.0, 1.0, 2.0], [0.0, 1.0, 1.0, 2.0]])
@pytest.mark.parametrize("x", [-1.0, 0.0, 0.5, 1.0, 2.0, 2.5])
def test_the_value_jumps_at_repeated_knots(knots, x):
    heights = [0.0, 1.0, 2.0, 3.0]
    expected = np.interp(x, knots, heights)
    assert gg.interp(gg.Scalar(x), knots, heights) * 1.0 == expected
    assert gg.jit(lambda x: gg.interp(x, knots, heights))(x) == expected
    assert math.isfinite(gg.jit(gg.grad(lambda x: gg.interp(x, knots, heights)))(x))
