"""Sorting by a network: what NumPy's stable sort gives, to the bit, for every order of ties, nan and zeros."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import glassgrad as gg


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")


def identical(a: Any, b: Any) -> bool:
    return np.asarray(a, float).tobytes() == np.asarray(b, float).tobytes()


SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_row_of_special_numbers_is_sorted_as_by_numpy(length):
    compiled = gg.jit(np.sort)
    for row in map(np.array, itertools.product(SPECIAL, repeat=length)):
        found, expected = compiled(row), np.sort(row, kind="stable")
        assert identical(found, expected), row
    assert [len(p.traces) for p in compiled.programs.values()] == [1]


@pytest.mark.parametrize("length", [5, 8, 13, 16, 19, 20])
def test_longer_rows(length):
    draw = np.random.default_rng(length)
    compiled = gg.jit(np.sort)
    for _ in range(20):
        row = draw.choice([*SPECIAL, *draw.normal(size=4)], length)
        assert identical(compiled(row), np.sort(row, kind="stable"))


@pytest.mark.parametrize("f", [np.sort, np.partition, np.median, np.nanmedian, np.quantile], ids=lambda f: f.__name__)
@pytest.mark.parametrize("row", [[2.0, 1.0, 2.0, 1.0, 2.0], [0.0, -0.0, 0.0], [3.0] * 6, [1.0, 5.0, -2.0]], ids=str)
def test_ties_get_the_gradient_that_they_get_in_eager_code(f, row):
    arguments = {np.partition: (1,), np.quantile: ([0.2, 0.5, 0.9],)}.get(f, ())
    weights = np.arange(1.0, 9.0)

    def total(x):
        found = np.ravel(np.array(f(x, *arguments)))
        return sum(w * t for w, t in zip(weights, found))

    x = np.array(row)
    expected = gg.grad(total)(x)
    assert identical(gg.jit(gg.grad(total))(x), expected)
    assert identical(gg.vmap(gg.grad(total))(x[None])[0], expected)


METHODS = (
    "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear "
    "median_unbiased normal_unbiased lower higher midpoint nearest"
).split()
QS = [0.0, 0.05, 0.25, 1 / 3, 0.5, 0.7, 0.99, 1.0]


@pytest.mark.filterwarnings("ignore:All-NaN slice")
@pytest.mark.parametrize("method", METHODS)
def test_quantiles_by_every_method_are_numpy_s(method):
    draw = np.random.default_rng(0)
    for length in range(1, 9):
        row = draw.normal(size=length)
        expected = np.quantile(row, QS, method=method)
        for found in (gg.values(np.quantile(gg.array(row), QS, method=method)), gg.jit(of(method))(row)):
            assert found == pytest.approx(expected, rel=1e-14, abs=1e-15)
        row[length // 2] = math.nan
        expected = np.nanquantile(row, QS, method=method)
        for found in (gg.values(np.nanquantile(gg.array(row), QS, method=method)), gg.jit(of(method, "nan"))(row)):
            assert found == pytest.approx(expected, rel=1e-14, abs=1e-15, nan_ok=True)


def of(method: str, nan: str = "") -> Any:
    f = getattr(np, f"{nan}quantile")
    return lambda x: f(x, QS, method=method)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match=r"'median' is not a method of np\.quantile, which are inverted_cdf"):
        np.quantile(gg.array([1.0]), 0.5, method="median")


def test_long_rows_are_sorted_with_branches():
    row = np.random.default_rng(0).normal(size=21)
    compiled = gg.jit(np.sort)
    assert identical(compiled(row), np.sort(row))
    assert len(next(iter(compiled.programs.values())).traces[0].guards) > 20


@pytest.mark.parametrize("name", ["quantile", "nanquantile", "percentile", "nanpercentile"])
def test_the_old_name_of_a_method_is_heeded(name):
    """NumPy passed it on until 2.4, so it must not be ignored."""
    from glassgrad.core.arrays import quantiles

    row, share = np.array([4.0, 1.0, 3.0]), 30.0 if "percent" in name else 0.3
    found = getattr(quantiles, name)(gg.array(row), share, interpolation="higher")
    assert float(gg.values(found)) == getattr(np, name)(row, share, method="higher") == 3.0
