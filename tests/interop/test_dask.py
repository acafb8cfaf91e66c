"""Compiled lambdas in the tasks of Dask: threads, processes, and workers of a cluster on this machine."""

import math

import numpy as np
import pytest

import glassgrad as gg

dask = pytest.importorskip("dask")

POINTS = [0.5, 1.0, 2.0]
SLOPES = [math.sin(x) + x * math.cos(x) for x in POINTS]
VALUES = np.arange(10.0)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads", "processes"])
def test_compiled_lambdas_are_tasks(scheduler):
    slope = gg.jit(gg.grad(lambda x: x * gg.sin(x)))
    found = dask.compute(*[dask.delayed(slope)(x) for x in POINTS], scheduler=scheduler, num_workers=2)
    assert found == pytest.approx(SLOPES, rel=1e-15)


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_blocks_of_arrays_are_batches(scheduler):
    arrays = pytest.importorskip("dask.array")
    blocks = arrays.from_array(VALUES, chunks=4)
    slopes = blocks.map_blocks(gg.vmap(gg.grad(lambda x: x**3)), dtype=float)
    assert slopes.compute(scheduler=scheduler, num_workers=2) == pytest.approx(3 * VALUES**2, rel=1e-15)
    total = gg.vmap(lambda x: x * x, reduce="sum")
    parts = dask.compute(*[dask.delayed(total)(b) for b in blocks.to_delayed()], scheduler=scheduler, num_workers=2)
    assert sum(parts) == 285.0  # 0² + 1² + … + 9²


def test_tokens_tell_functions_apart():
    from dask.tokenize import tokenize

    one, other = gg.jit(lambda x: x * 2.0), gg.jit(lambda x: x * 3.0)
    assert tokenize(one) == tokenize(one)
    assert tokenize(one) != tokenize(other)


@pytest.mark.slow  # the workers start and end within seconds
def test_workers_of_a_cluster():
    distributed = pytest.importorskip("distributed")
    slope = gg.jit(gg.grad(lambda x: x * gg.sin(x)))
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        assert client.gather(client.map(slope, POINTS)) == pytest.approx(SLOPES, rel=1e-15)
        assert client.submit(gg.vmap(gg.grad(lambda x: x * x)), VALUES).result().tolist() == (2 * VALUES).tolist()
