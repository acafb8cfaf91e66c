"""Batch calls that look like one before are replayed where there are no fast paths, and only those."""

from __future__ import annotations

import math

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler.compiled import Compiled
from glassgrad.compiler.runtime.replay import Replays

N = 100


def curve(x, y):
    return gg.exp(-x * y) + x


def expected(x, y):
    return [math.exp(-a * b) + a for a, b in zip(x.tolist(), y.tolist())]


def some(seed, n=N):
    return np.random.default_rng(seed).uniform(0.1, 2.0, n)


def learnt(f, *args, **options):
    """A batch of ``f`` that has replays also in the compiled build, after calls with ``args``."""
    batch = gg.vmap(f, **options)
    batch._replays = Replays()
    for _ in range(2):
        batch(*args)
    for kernel in batch.kernels():
        kernel.wait()
    batch(*args)
    return batch


@pytest.fixture
def long_way(monkeypatch):
    """A list that grows by one with each call that is not replayed."""
    calls = []
    original = Compiled._call

    def counted(self, args, kwargs):
        calls.append(args)
        return original(self, args, kwargs)

    monkeypatch.setattr(Compiled, "_call", counted)
    return calls


def test_other_arrays_of_the_same_look_are_replayed(long_way):
    batch = learnt(curve, some(0), some(1))
    long_way.clear()
    x, y = some(2), some(3)
    np.testing.assert_allclose(batch(x, y), expected(x, y), rtol=1e-15)
    assert not long_way


@pytest.mark.parametrize(("reduce", "divisor"), [("sum", 1), ("mean", N)])
def test_sums_are_replayed(long_way, reduce, divisor):
    batch = learnt(curve, some(0), some(1), reduce=reduce)
    long_way.clear()
    x, y = some(2), some(3)
    assert batch(x, y) == pytest.approx(math.fsum(expected(x, y)) / divisor, rel=1e-14)
    assert not long_way


def test_results_go_to_out(long_way):
    batch = learnt(curve, some(0), some(1))
    long_way.clear()
    x, y, out = some(2), some(3), np.zeros(N)
    assert batch(x, y, out=out) is out
    np.testing.assert_allclose(out, expected(x, y), rtol=1e-15)
    assert not long_way


def test_out_may_be_an_argument():
    batch = learnt(curve, some(0), some(1))
    x, y = some(2), some(3)
    wanted = expected(x, y)
    batch(x, y, out=x)
    np.testing.assert_allclose(x, wanted, rtol=1e-15)


def test_a_wrong_out_is_refused():
    batch = learnt(curve, some(0), some(1))
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        batch(some(2), some(3), out=np.zeros(3))


def misaligned(x):
    memory = np.zeros(x.nbytes + 1, np.uint8)[1:].view(float)
    memory[:] = x
    return memory


@pytest.mark.parametrize("change", [misaligned, lambda x: x.astype(np.float32), lambda x: np.repeat(x, 2)[::2]])
def test_arrays_that_lie_otherwise_are_read_right(change):
    batch = learnt(curve, some(0), some(1))
    x, y = change(some(2)), some(3)
    np.testing.assert_allclose(batch(x, y), expected(x, y), rtol=1e-15)


def test_lanes_on_the_last_axis_are_replayed(long_way):
    batch = learnt(lambda x: x[0] - x[1] * x[2], np.ones((3, N)), in_axes=1)
    long_way.clear()
    x = some(4, 3 * N).reshape(3, N)
    np.testing.assert_allclose(batch(x), x[0] - x[1] * x[2], atol=1e-15)
    assert not long_way


def test_a_new_path_goes_the_long_way(long_way):
    batch = learnt(lambda x: x * 3.0 if x > 1.0 else -x, some(0) + 2.0)
    long_way.clear()
    x = some(5)
    np.testing.assert_array_equal(batch(x), np.where(x > 1.0, x * 3.0, -x))
    assert len(long_way) == 1
    np.testing.assert_array_equal(batch(x), np.where(x > 1.0, x * 3.0, -x))


def test_values_from_outside_are_read_at_each_call():
    outside = gg.Scalar(2.0)
    batch = learnt(lambda x: outside * x, some(0))
    outside.data = 5.0
    x = some(1)
    np.testing.assert_array_equal([float(v) for v in batch(x)], 5.0 * x)


def test_a_call_inside_a_trace_is_not_replayed():
    x, y = some(2), some(3)
    batch = learnt(curve, x, y)
    slope = gg.grad(lambda a: a * sum(float(v) for v in batch(x, y).tolist()))(1.0)
    assert slope == pytest.approx(math.fsum(expected(x, y)), rel=1e-13)


def test_few_kinds_of_calls_are_kept():
    batch = learnt(curve, some(0), some(1))
    for n in range(N, N + 40):
        batch(some(0, n), some(1, n))
    assert len(batch._replays._known) <= 8
