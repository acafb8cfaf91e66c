"""Choices on arrays of nodes: no branch in compiled code, ties shared evenly, nan and infinities as NumPy has them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of nan and infinities

X = np.array([-2.0, -0.5, 0.0, 1.5, 3.0, math.inf])
VALUES = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 1e300, 5e-324, 2.0**52 + 1.0, 0.3]


def bits(x: Any) -> Any:
    return (x != x) or (x, math.copysign(1.0, x))


def guards(compiled: Any) -> list[int]:
    """How many branches each known path takes."""
    return [len(run.guards) for program in compiled.programs.values() for run in program.traces]


@pytest.fixture
def interpreted(monkeypatch):
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")


def set_where(x: Any) -> Any:
    return np.where(x < 0.0, 0.0, x) + np.select([x > 1.0, x > 0.0], [x, x * x], 0.5)


def _changed(change: Any, x: Any) -> Any:
    y = x * 1.0
    change(y)
    return y


WITHOUT_A_BRANCH = {
    "max": lambda x: np.max(x),
    "x.max": lambda x: abs(x).max(),
    "min along an axis": lambda x: np.min(x.reshape(2, 3), axis=1),
    "ptp": lambda x: np.ptp(x[:5]),
    "maximum": lambda x: np.maximum(x, 0.5).sum(),
    "fmin": lambda x: np.fmin(x, x[::-1]),
    "maximum.reduce": lambda x: np.maximum.reduce(x),
    "minimum.accumulate": lambda x: np.minimum.accumulate(x),
    "nanmax": lambda x: np.nanmax(x),
    "clip": lambda x: np.clip(x, -1.0, 1.0),
    "x.clip": lambda x: x.clip(max=1.0),
    "where, select": set_where,
    "a mask times x": lambda x: x[:5] * (x[:5] > 0),
    "any": lambda x: np.any(x > 2.0),
    "all": lambda x: (x > -3.0).all(),
    "masks together": lambda x: np.where((x > 0) & (x < 1) | ~(x > -1), x, 0.0),
    "counting": lambda x: np.sum(x > 0.0) + np.count_nonzero(x) + (x > 1.0).mean(),
    "isnan": lambda x: np.isnan(x) | np.isinf(x) | np.isfinite(x),
    "isclose": lambda x: np.isclose(x, 1.5),
    "allclose": lambda x: np.allclose(x, x),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "logical_and": lambda x: np.logical_and(x, x > 1.0),
    "round": lambda x: np.round(x, 1),
    "copysign": lambda x: np.copysign(x, -x),
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "norm, inf": lambda x: np.linalg.norm(x, np.inf),
    "sum, where": lambda x: np.sum(x, where=x > 0.0),
    "sort": lambda x: np.sort(x),
    "sort along an axis": lambda x: np.sort(x.reshape(2, 3), axis=0),
    "partition": lambda x: np.partition(x, 2)[2],
    "median": lambda x: np.median(x),
    "quantiles": lambda x: np.quantile(x[:5], [0.1, 0.5, 0.83]),
    "percentile by rank": lambda x: np.percentile(x, 40, method="nearest"),
    "nanmedian": lambda x: np.nanmedian(x.reshape(2, 3), axis=1),
    "nanquantile": lambda x: np.nanquantile(x[:5], 0.3),
    "copyto": lambda x: _changed(lambda y: np.copyto(y, 0.0, where=y < 0.0), x),
    "putmask": lambda x: _changed(lambda y: np.putmask(y, y < 0.0, [1.0, 2.0]), x),
    "place": lambda x: _changed(lambda y: np.place(y, y < 0.0, 0.5), x),
    "a scalar": lambda x: np.where(x[0] > 0.0, x[0], np.clip(x[1], 0.0, 1.0)),
}


@pytest.mark.parametrize("f", WITHOUT_A_BRANCH.values(), ids=WITHOUT_A_BRANCH)
def test_no_branch_is_taken(f, interpreted):
    compiled = gg.jit(f)
    for x in (X, -X, X[::-1].copy(), np.zeros(6)):
        with np.errstate(all="ignore"):
            expected = f(x)
        assert np.asarray(compiled(x)) == pytest.approx(np.asarray(expected), nan_ok=True)
    assert guards(compiled) == [0]


def test_a_function_of_numpy_that_branches_is_compiled_from_two_lines(interpreted):
    """It has no line of its own, so its branches are told by the line of the call."""
    compiled = gg.jit(np.argmax)
    assert compiled(np.array([1.0, 2.0, 3.0])) == 2
    assert compiled(np.array([1.0, 3.0, 2.0])) == 1
    assert compiled(np.array([3.0, 1.0, 2.0])) == 0


def test_asking_for_one_truth_is_one_branch(interpreted):
    compiled = gg.jit(lambda x: x.sum() if np.max(abs(x)) < 5.0 and not (x > 4.0).any() else -x.sum())
    compiled(np.arange(5.0))
    assert guards(compiled) == [2]


def test_a_stopping_test_by_max_has_one_branch_a_round(interpreted):
    """Jacobi's iteration: the number of rounds decides the path, and nothing else."""
    draw = np.random.default_rng(0)
    matrix, right = draw.normal(size=(9, 9)) * 0.2 + 9 * np.eye(9), draw.normal(size=9)

    def solve(a, b):
        x, rounds = np.zeros_like(b), 0
        while rounds < 100:
            new = (b - (a - np.diag(np.diag(a))) @ x) / np.diag(a)
            rounds += 1
            if np.max(abs(new - x)) < 1e-10:
                break
            x = new
        return new, rounds

    compiled = gg.jit(solve)
    found, rounds = compiled(matrix, right)
    assert found == pytest.approx(np.linalg.solve(matrix, right), abs=1e-9)
    assert guards(compiled) == [rounds]


# Ties


@pytest.mark.parametrize("top", [1.0, 0.0, -0.0, -3.0, 1.7e308, math.inf, -math.inf])
@pytest.mark.parametrize("f", [np.max, np.min, np.nanmax], ids=["max", "min", "nanmax"])
def test_ties_share_the_gradient_evenly_in_any_order(f, top, interpreted):
    other = math.inf if f is np.min else -math.inf
    for ties, others in itertools.product(range(1, 6), range(3)):
        x = np.array([top] * ties + [other] * others)
        for order in (np.arange(len(x)), np.random.default_rng(ties).permutation(len(x))):
            y = x[order]
            best = f(y)
            expected = (y == best) / np.sum(y == best)
            for slope in (gg.grad(f)(y), gg.jit(gg.grad(f))(y)):
                assert slope == pytest.approx(expected, rel=1e-15)
            for found in (float(f(gg.array(y))), gg.jit(f)(y)):
                assert bits(found) == bits(best)


def test_ties_of_absolutes(interpreted):
    x = np.array([1.0, -2.0, 2.0, -2.0])
    for f in (lambda x: np.linalg.norm(x, np.inf), lambda x: abs(x).max()):
        for transform in (gg.grad(f), gg.jit(gg.grad(f))):
            assert transform(x) == pytest.approx([0.0, -1 / 3, 1 / 3, -1 / 3])


def test_the_second_derivative_of_a_largest_is_0(interpreted):
    for x in (np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 2.0, 3.0])):
        for hessian in (gg.hessian(np.max), gg.jit(gg.hessian(np.max))):
            assert hessian(x) == pytest.approx(np.zeros((len(x), len(x))))
        squared = gg.hessian(lambda x: np.max(x) ** 2)(x)
        slope = gg.grad(np.max)(x)
        assert squared == pytest.approx(2 * np.outer(slope, slope))


# nan, infinities, signs of zero


UNARY = (
    "isnan isinf isfinite signbit logical_not rint trunc fix absolute fabs floor ceil isposinf isneginf modf".split()
)
BINARY = (
    "fmod remainder floor_divide copysign heaviside logical_and logical_or logical_xor less greater_equal equal".split()
)


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_bit_for_bit_as_numpy(name, interpreted):
    f = getattr(np, name)
    pairs = list(itertools.product(VALUES, VALUES))
    columns = [np.array(VALUES)] if name in UNARY else [np.array(column) for column in zip(*pairs)]
    with np.errstate(all="ignore"):
        expected = [bits(float(x)) for x in np.ravel(f(*columns))]
    with gg.errstate(domain="nan"):
        eager = np.ravel(np.stack(f(*map(gg.array, columns)))) if name == "modf" else f(*map(gg.array, columns))
        compiled = np.ravel(gg.jit(lambda *xs: f(*xs))(*columns))
    assert [bits(x.data if isinstance(x, Scalar) else float(x)) for x in eager] == expected
    assert [bits(float(x)) for x in compiled] == expected


REDUCTIONS = {
    "max": np.max,
    "min": np.min,
    "nanmax": np.nanmax,
    "nanmin": np.nanmin,
    "fmax.reduce": np.fmax.reduce,
    "maximum.accumulate": np.maximum.accumulate,
    "sort": np.sort,
    "argsort": lambda x: np.argsort(x, kind="stable"),
    "argmax": np.argmax,
    "argmin": np.argmin,
    "median": np.median,
    "nanmedian": np.nanmedian,
    "searchsorted": lambda x: np.searchsorted([-1.0, 0.0, 1.0], x),
    "count_nonzero": np.count_nonzero,
    "any": np.any,
    "all": np.all,
    "nansum": np.nansum,
    "nanmean": np.nanmean,
    "nanvar": np.nanvar,
    "ptp": np.ptp,
    "nanvar, ddof": lambda x: np.nanvar(x, ddof=2),
    "nanmean, where": lambda x: np.nanmean(x, where=x > 0.0),
    "nanquantile": lambda x: np.nanquantile(x, 0.3, method="higher"),
    "percentile": lambda x: np.percentile(x, 70, method="nearest"),
}


@pytest.mark.parametrize("f", REDUCTIONS.values(), ids=REDUCTIONS)
def test_reductions_of_nan_and_infinities_are_numpy_s(f, interpreted):
    draw = np.random.default_rng(0)
    for size in (1, 2, 3, 4, 5, 5, 6, 6):
        x = draw.choice(VALUES[:11], size)
        expected = np.atleast_1d(f(x)).astype(float)
        with gg.errstate(domain="nan"):
            eager = [y.data if isinstance(y, Scalar) else float(y) for y in np.ravel(f(gg.array(x)))]
            compiled = np.atleast_1d(gg.jit(f)(x)).astype(float)
        assert eager == pytest.approx(expected, nan_ok=True)
        assert compiled == pytest.approx(expected, nan_ok=True)


def test_of_nothing_there_is_no_largest():
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
        np.max(gg.array([]))
    assert np.max(gg.array([]), initial=2.0) == 2.0


def test_isclose_of_a_node_and_of_a_mask_of_both_kinds(interpreted):
    assert np.isclose(Scalar(1.0), 1.0)
    compiled = gg.jit(lambda x: np.isclose(x, 2.0))
    assert (compiled(2.0), compiled(3.0)) == (True, False)
    known = np.array([True, False, True])
    mixed = gg.jit(lambda x: (x > 0) & known)
    assert mixed(np.array([1.0, 1.0, -1.0])).tolist() == [True, False, False]


def test_a_mask_that_is_traced_is_like_an_array_of_bool(interpreted):
    def f(x):
        mask = x > 0.5
        assert (mask.shape, mask.ndim, mask.size, len(mask), mask.dtype) == ((2, 3), 2, 6, 2, bool)
        assert mask.T.shape == (3, 2)
        assert mask.reshape(6).copy().ravel().shape == (6,)
        rows = [row.any() for row in mask]
        weights = mask.astype(float) @ np.ones(3)
        return mask, rows, weights, np.concatenate([mask, ~mask]), mask[0, 1], mask.sum(), mask.mean(axis=0)

    x = np.array([[0.7, -1.3, 2.1], [0.4, -0.6, 1.7]])
    for found, expected in zip(gg.jit(f)(x), f(x)):
        assert np.asarray(found).tolist() == np.asarray(expected).tolist()
    compiled = gg.jit(f)
    compiled(x)
    assert guards(compiled) == [0]
    assert gg.jit(lambda x: x > 0.5)(x).dtype == bool
    with pytest.raises(ValueError, match=r"ambiguous.*any"):
        gg.jit(lambda x: 1.0 if x > 0.5 else 2.0)(x)
