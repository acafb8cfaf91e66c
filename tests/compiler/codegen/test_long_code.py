"""Code that is too long for one function: leaves are transposed once, and results are stored and added up in loops.

All numbers here are small integers, so that sums and products are exact: NumPy's results are the right ones to the last
bit, whatever the order of the additions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler.codegen import module, region_kernel
from helpers.branching import code_for, runnable


@pytest.fixture(autouse=True)
def _all_code_is_long(monkeypatch):
    monkeypatch.setattr(region_kernel, "WHOLE", 20)
    monkeypatch.setattr(module, "PIECE", 30)


def integers(*shape: int, dtype: Any = float, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(-8, 9, shape).astype(dtype)


def product(a: Any, b: Any) -> Any:
    return a @ b


def either(a: Any, b: Any) -> Any:
    """One of two products; lanes that take the same way are not side by side."""
    return a @ b if a[0, 0] > b[0, 0] else b @ a


def each_way(a: Any, b: Any) -> Any:
    return np.where((a[:, 0, 0] > b[:, 0, 0])[:, None, None], a @ b, b @ a)


@pytest.mark.parametrize("target", runnable())
@pytest.mark.parametrize("n", [2, 4, 5])  # fewer numbers than lanes, whole squares, and others
def test_products_of_interleaved_matrices(n, target):
    with code_for(target):
        for lanes in (1, 61):
            a, b = integers(lanes, n, n), integers(lanes, n, n, seed=1)
            np.testing.assert_array_equal(gg.vmap(product)(a, b), a @ b)
            np.testing.assert_array_equal(gg.vmap(either)(a, b), each_way(a, b))


def test_float32_is_transposed_too():
    a, b = integers(50, 5, 5, dtype=np.float32), integers(50, 5, 5, dtype=np.float32, seed=1)
    for f, expected in ((product, a @ b), (either, each_way(a, b))):
        found = gg.vmap(f)(a, b)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected)


def test_results_in_memory_of_the_caller():
    a, b = integers(50, 5, 5), integers(50, 5, 5, seed=1)
    whole = np.full((50, 5, 7), 99.0)
    gg.vmap(product)(a, b, out=whole[:, :, :5])
    np.testing.assert_array_equal(whole[:, :, :5], a @ b)
    np.testing.assert_array_equal(whole[:, :, 5:], 99.0)


@pytest.mark.parametrize("target", runnable())
@pytest.mark.parametrize("n", [3, 5])  # results one after another, and in a loop
def test_many_results_are_summed(n, target):
    with code_for(target):
        for lanes in (9, 5000):
            a, b = integers(lanes, n, n), integers(lanes, n, n, seed=1)
            np.testing.assert_array_equal(gg.vmap(product, reduce="sum")(a, b), (a @ b).sum(0))
            np.testing.assert_array_equal(gg.vmap(either, reduce="sum")(a, b), each_way(a, b).sum(0))


def test_results_that_are_inputs_or_constants_are_summed():
    def f(a: Any) -> Any:
        return [*(a * 2.0), *a, 1.0, *a]

    a = integers(100, 40)
    found = gg.vmap(f, reduce="sum")(a)
    np.testing.assert_array_equal(found, np.concatenate([2 * a, a, np.ones((100, 1)), a], axis=1).sum(0))


def test_a_sum_of_many_results_is_no_longer_than_one_of_few():
    """The loops that clear the sums and add up their lanes are as long for 1,000 results as for 100."""

    def length(count: int) -> int:
        lowered = gg.vmap(lambda a: list(a), reduce="sum").lower(integers(64, count))
        (kernel,) = [text for text in lowered.llvm.split("define ") if "@kernel(" in text.split("\n")[0]]
        return len(kernel.splitlines())

    assert length(1000) == length(100 // 8 * 8)


def test_long_code_may_sum_no_results() -> None:
    def f(x: Any) -> Any:
        y = x
        for _ in range(900):
            y = gg.sin(y) + x
        return [3.0] if y < -1e9 else []

    assert gg.vmap(f, reduce="sum")(np.linspace(0.0, 1.0, 9)) == []
