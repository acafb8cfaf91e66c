"""Compiled lambdas in the processes of joblib and of Python's pools."""

import math
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import glassgrad as gg

joblib = pytest.importorskip("joblib")
Parallel, delayed = joblib.Parallel, joblib.delayed

POINTS = [0.5, 1.0, 2.0]
SLOPES = [math.sin(x) + x * math.cos(x) for x in POINTS]


def require_forks(needed: bool) -> None:
    if needed and "jax" in sys.modules:
        pytest.skip("JAX is imported, which allows no fork")


@pytest.fixture(scope="module", autouse=True)
def _workers_end():
    yield
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


@pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_lambdas_and_closures_run_in_other_processes(compiled):
    slope = compiled(gg.grad(lambda x: x * gg.sin(x)))
    assert Parallel(2)(delayed(slope)(x) for x in POINTS) == pytest.approx(SLOPES, rel=1e-15)
    assert slope(POINTS[0]) == pytest.approx(SLOPES[0])  # and once more, after a call here
    assert Parallel(2)(delayed(slope)(x) for x in POINTS) == pytest.approx(SLOPES, rel=1e-15)
    for factor in (3.0, 4.0):
        scaled = compiled(gg.grad(lambda x, factor=factor: factor * x * x))
        assert Parallel(2)(delayed(scaled)(x) for x in POINTS) == [2 * factor * x for x in POINTS]


def test_lanes_run_in_other_processes_also_on_memory_maps():
    lanes = gg.vmap(gg.grad(lambda x: x * x))
    batches = [np.arange(20_000.0) + x for x in POINTS]
    for batch, found in zip(batches, Parallel(2, max_nbytes=1_000)(delayed(lanes)(batch) for batch in batches)):
        assert np.array_equal(found, 2 * batch)


@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_other_backends(backend):
    require_forks(backend == "multiprocessing")
    slope = gg.jit(gg.grad(lambda x: x * gg.sin(x)))
    slope(POINTS[0])  # multiprocessing pickles no lambda, but the code made here
    assert Parallel(2, backend=backend)(delayed(slope)(x) for x in POINTS) == pytest.approx(SLOPES, rel=1e-15)


def test_nodes_and_arrays_come_back():
    found = Parallel(2)(delayed(lambda x: gg.array([x, 2.0]) * 3.0)(x) for x in POINTS)
    assert [gg.values(array).tolist() for array in found] == [[3 * x, 6.0] for x in POINTS]


def test_results_are_kept_on_disk(tmp_path):
    calls = joblib.Memory(tmp_path, verbose=0).cache(gg.jit(gg.grad(gg.sin)))
    assert calls(0.0) == calls(0.0) == 1.0


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_pools_by_every_start_method(method):
    require_forks(method == "fork")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        assert list(pool.map(gg.jit(gg.grad(gg.sin)), POINTS)) == pytest.approx([math.cos(x) for x in POINTS])
