"""Calls over a batch that look like one before go to the kernel without Python in between, and to Python otherwise."""

from __future__ import annotations

import gc
import math
import sys
import threading
import weakref
from collections import namedtuple

import numpy as np
import optree
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler.compiled import Compiled
from glassgrad.compiler.runtime import kernel

compiled = pytest.mark.skipif(not gg.compiled(), reason="plain Python has no fast paths")

N = 3000


def curve(x, y):
    return gg.exp(-x * y) + x * x


def branching(x):
    if x > 2.0:
        return x * 3.0
    return x + 1.0 if x > 0.0 else -x


def warm(batch, *args):
    """The batch, once its code is as good as it gets and calls like this one are known."""
    batch(*args)
    for made in batch.kernels():
        made.wait()
    for _ in range(3):
        batch(*args)
    return batch


@pytest.fixture
def straight(monkeypatch):
    """Within it a call that goes through Python fails."""

    class Straight:
        def __enter__(self):
            def fail(*_):
                raise AssertionError("this call went through Python")

            monkeypatch.setattr(Compiled, "_call", fail)

        def __exit__(self, *_):
            monkeypatch.undo()

    return Straight()


def some(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 2.0, shape)


def same(found, wanted):
    for a, b in zip(optree.tree_leaves(found), optree.tree_leaves(wanted), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


@compiled
def test_batches_of_other_lengths_go_the_same_way(straight):
    batch = warm(gg.vmap(curve), some(N), some(N, seed=1))
    cases = [(some(n), some(n, seed=1)) for n in (16, 17, 1023, 1024, 4097, 200_001)]
    wanted = [np.array([curve(float(x), float(y)) for x, y in zip(a[:50], b[:50])]) for a, b in cases]
    with straight:
        found = [batch(*case) for case in cases]
    for y, few, (x, _) in zip(found, wanted, cases):
        assert y.shape == x.shape
        np.testing.assert_allclose(y[:50], few, rtol=1e-15)
    same(found, [gg.vmap(curve, threads=1)(*case) for case in cases])


@compiled
def test_short_batches_are_known_after_some_calls(straight):
    """However little time they take: what is called often is made well."""
    batch, x, y = gg.vmap(curve), some(16), some(16, seed=1)
    for _ in range(kernel.AGAIN + 1):
        batch(x, y)
    for made in batch.kernels():
        assert made._asked
        made.wait()
    wanted = batch(x, y)
    with straight:
        same(batch(x, y), wanted)


@compiled
@pytest.mark.parametrize("form", ["one", "tuple", "nested", "deep", "dict"])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_results_of_every_structure_and_kind(straight, form, kind):
    function = {
        "one": lambda x, y: curve(x, y),
        "tuple": lambda x, y: (curve(x, y), x - y),
        "nested": gg.value_and_grad(curve, argnums=(0, 1)),
        "deep": lambda x, y: (((curve(x, y), x - y), ()), (x * y,)),
        "dict": lambda x, y: {"b": x, "a": [y, curve(x, y)]},
    }[form]
    args = some(N).astype(kind), some(N, seed=1).astype(kind)
    wanted = gg.vmap(function)(*args)
    batch = warm(gg.vmap(function), *args)
    out = optree.tree_map(np.zeros_like, wanted)
    with straight:
        found, given = batch(*args), batch(*args, out=out)
        assert batch(*args, out=None) is not None
    same(found, wanted)
    same(given, wanted)
    assert optree.tree_structure(found) == optree.tree_structure(wanted)
    for a, b in zip(optree.tree_leaves(given), optree.tree_leaves(out), strict=True):
        assert a is b


@compiled
def test_arrays_within_a_lane_and_arrays_for_all_lanes(straight):
    def loss(w, x, t):
        return gg.square(w @ x - t)

    args = some(4), some(N, 4), some(N, seed=1)
    axes = (None, 0, 0)
    wanted = gg.vmap(gg.value_and_grad(loss, argnums=(0, 1)), axes)(*args)
    batch = warm(gg.vmap(gg.value_and_grad(loss, argnums=(0, 1)), axes), *args)
    with straight:
        found = batch(*args)
    same(found, wanted)
    assert found[1][0].shape == (N, 4)
    np.testing.assert_allclose(found[0], (args[1] @ args[0] - args[2]) ** 2, rtol=1e-12)


@compiled
@pytest.mark.parametrize("axes", [1, -1, (1,)])
def test_lanes_on_another_axis(axes):
    """Whichever calls came before: an array may be like an earlier one as it lies, and have lanes elsewhere."""
    last = lambda v: gg.exp(v[0]) + v[-1] * v[-1]
    for shape in ((20, 32), (20, 20), (8, 16)):
        batch = warm(gg.vmap(last, axes), some(*shape))
        for other in ((48, 20), (16, 32), (20, 20), (9, 8), (300, 2)):
            given = some(*other, seed=1)
            same(batch(given), gg.vmap(last)(given.T.copy()))
    deep = warm(gg.vmap(lambda v: v.sum(), axes), some(1, 40, 3))
    if axes != -1:
        assert deep(some(30, 1, 3)).shape == (1,)


@compiled
@pytest.mark.parametrize("reduce", ["sum", "mean"])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_batch_that_is_summed(straight, reduce, kind):
    """A loss and its gradient by parameters, step after step."""

    def loss(w, x, t):
        return gg.square(w @ x - t) if t > 0.5 else gg.exp(-t) * w[0]

    axes = (None, 0, 0)
    function = gg.value_and_grad(loss, argnums=(0, 2))
    args = [a.astype(kind) for a in (some(5), some(N, 5), some(N, seed=1))]
    batch = warm(gg.vmap(function, axes, reduce=reduce), *args)
    lengths = (16, 17, 4095, 4096, 4099, 4104, 20_000, 150_000)
    cases = [(args[0], some(n, 5).astype(kind), some(n, seed=1).astype(kind)) for n in lengths]
    with straight:
        found = [batch(*case) for case in cases]
    for case, (value, (by_w, by_t)) in zip(cases, found):
        assert type(value) is float
        assert type(by_t) is float
        assert by_w.dtype == kind
        wanted = gg.vmap(function, axes, reduce=reduce, threads=1)(*case)
        assert (value, by_t) == (wanted[0], wanted[1][1])
        np.testing.assert_array_equal(by_w, wanted[1][0])
    alone = warm(gg.vmap(math_like, reduce=reduce), some(N))
    with straight:
        total = alone(some(40_000))
    assert total == gg.vmap(math_like, reduce=reduce, threads=2)(some(40_000))
    assert type(total) is float


@compiled
def test_a_new_way_in_a_batch_that_is_summed():
    batch = warm(gg.vmap(branching, reduce="sum"), np.full(N, -1.0))
    mixed = np.linspace(-4.0, 4.0, N)
    wanted = math.fsum(branching(x) for x in mixed.tolist())
    for _ in range(4):
        assert batch(mixed) == pytest.approx(wanted, rel=1e-12)
    with pytest.raises(TypeError, match="arrays"):
        batch(mixed, out=np.empty(1))


@compiled
def test_what_does_not_look_like_it_is_still_right():
    batch = warm(gg.vmap(curve), some(N), some(N, seed=1))
    x, y = some(N), some(N, seed=1)
    wanted = batch(x, y)
    wide = np.empty((N, 3))
    wide[:, 1] = x
    odd = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(float)
    frozen = x.copy()
    frozen.flags.writeable = False
    for other in (wide[:, 1], odd, frozen, x[::-1].copy()[::-1], x.astype(">f8"), x.astype(object)):
        same(batch(other, y), wanted)
    same(batch(x, y=y), wanted)
    np.testing.assert_allclose(batch(x.astype(np.float32), y), wanted, rtol=1e-5)
    same(batch(x[:5], y[:5]), wanted[:5])
    assert batch(np.empty(0), np.empty(0)).shape == (0,)


@compiled
def test_what_is_wrong_is_said_as_before():
    batch = warm(gg.vmap(curve), some(N), some(N, seed=1))
    x, y = some(N), some(N, seed=1)
    with pytest.raises(ValueError, match="lanes"):
        batch(x, y[:-1])
    with pytest.raises(TypeError):
        batch(x)
    with pytest.raises(ValueError, match="out must have shape"):
        batch(x, y, out=np.empty(N - 1))
    with pytest.raises(ValueError, match="dtype float32"):
        batch(x, y, out=np.empty(N, np.float32))
    frozen = np.zeros(N)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        batch(x, y, out=frozen)
    assert not frozen.any()
    both = warm(gg.vmap(gg.value_and_grad(curve)), x, y)
    for other in ([np.empty(N), np.empty(N)], (np.empty(N), (np.empty(N),)), (np.empty(N),) * 3, (np.empty(N),)):
        with pytest.raises(ValueError, match="structure"):
            both(x, y, out=other)
    for wrong in (3.0, [0.0] * N):
        with pytest.raises((TypeError, ValueError), match=r"array, or None for|with an array or None"):
            both(x, y, out=(np.empty(N), wrong))


@compiled
def test_out_may_be_an_argument():
    """Then nothing is written while it is read."""
    x, y = some(N), some(N, seed=1)
    batch = warm(gg.vmap(curve), x, y)
    wanted = batch(x, y)
    memory = np.concatenate([x, np.zeros(8)])
    same(batch(memory[:N], y, out=memory[8:]), wanted)
    both = warm(gg.vmap(lambda x, y: (curve(x, y), x - y)), x, y)
    first, second = both(x, y)
    shared = np.zeros(N)
    result = both(x, y, out=(shared, shared))
    assert result[0] is shared
    np.testing.assert_array_equal(shared, second)
    assert first.shape == shared.shape


@compiled
def test_a_new_way_is_learnt(straight):
    low = np.full(N, -1.0)
    batch = warm(gg.vmap(branching), low)
    mixed = np.linspace(-4.0, 4.0, N)
    wanted = np.array([branching(x) for x in mixed.tolist()])
    out = np.zeros(N)
    np.testing.assert_array_equal(batch(mixed), wanted)
    np.testing.assert_array_equal(batch(mixed, out=out), wanted)
    warm(batch, mixed)
    with straight:
        np.testing.assert_array_equal(batch(mixed), wanted)
        np.testing.assert_array_equal(batch(mixed[::-1].copy()), wanted[::-1])


@compiled
def test_lanes_that_run_uncompiled():
    x = np.arange(40.0)
    steps = lambda x: next((k * x for k in range(60) if x <= k), x)
    batch = gg.vmap(steps, max_paths=5)
    wanted = np.array([steps(v) for v in x.tolist()])
    with pytest.warns(RuntimeWarning, match="6 different routes through its `if`"):
        np.testing.assert_array_equal(batch(x), wanted)
    for _ in range(3):
        np.testing.assert_array_equal(batch(x), wanted)


@compiled
def test_inside_a_trace_it_runs_as_it_is():
    """A function whose surroundings are being differentiated gives nodes, however well it is known."""
    scale = [2.0]
    inner = lambda x: x * scale[0]
    batch = warm(gg.vmap(inner), some(N))
    x = np.linspace(0.0, 1.0, 8)

    def outer(s):
        scale[0] = s
        return sum(batch(x))

    assert gg.grad(outer)(3.0) == pytest.approx(x.sum())


@compiled
def test_many_threads_at_once():
    x, y = some(20_000), some(20_000, seed=1)
    batch = warm(gg.vmap(gg.value_and_grad(curve, argnums=(0, 1))), x, y)
    wanted = batch(x, y)
    wrong = []

    def work(seed):
        for n in (20_000, 100, 5_000):
            for _ in range(20):
                for a, b in zip(optree.tree_leaves(batch(x[:n], y[:n])), optree.tree_leaves(wanted), strict=True):
                    if not np.array_equal(a, b[:n]):
                        wrong.append((seed, n))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@compiled
@pytest.mark.skipif(not hasattr(sys, "getrefcount"), reason="counts references")
def test_nothing_is_kept():
    """Neither arguments, nor results, nor what a failed call had opened."""
    x, y, out = some(N), some(N, seed=1), (np.zeros(N), (np.zeros(N), np.zeros(N)))
    batch = warm(gg.vmap(gg.value_and_grad(curve, argnums=(0, 1))), x, y)
    bad = (np.zeros(N), (np.zeros(N), np.zeros(3)))
    watched = [x, y, *optree.tree_leaves(out), *optree.tree_leaves(bad)]
    gc.collect()
    before = [sys.getrefcount(a) for a in watched]
    for _ in range(100):
        batch(x, y)
        batch(x, y, out=out)
        for wrong in (lambda: batch(x, y, out=bad), lambda: batch(x, y, out=[1])):
            with pytest.raises((ValueError, TypeError)):
                wrong()
        with pytest.raises(ValueError, match="lanes"):
            batch(x, y[:-1])
    gc.collect()
    assert [sys.getrefcount(a) for a in watched] == before
    out[0].resize(0, refcheck=False)  # what is still exported as a buffer cannot be


@compiled
def test_what_is_dropped_is_gone():
    """Fast paths are out of the garbage collector's sight, and must not hold what holds them."""
    batch = warm(gg.vmap(gg.value_and_grad(curve)), some(N), some(N))
    seen = weakref.ref(batch)
    del batch
    gc.collect()
    assert seen() is None


@compiled
def test_a_pickle_learns_anew():
    import pickle

    batch = warm(gg.vmap(math_like), some(N))
    again = pickle.loads(pickle.dumps(batch))
    same(again(some(N)), batch(some(N)))
    same(warm(again, some(N))(some(N)), batch(some(N)))


def math_like(x):
    return gg.sin(x) / (1.0 + x * x)


def test_threads_take_every_part_once(monkeypatch):
    """Whatever the number of threads and parts: values, and sums over the batch."""
    monkeypatch.setattr(kernel, "SPLIT", 1)  # however little work there is
    monkeypatch.setattr(kernel, "PART", 1)
    x = some(50_000)
    wanted = gg.vmap(math_like, threads=1)(x)
    for threads in (2, 3, 7):
        for n in (8_192, 8_193, 12_287, 49_999):
            np.testing.assert_array_equal(gg.vmap(math_like, threads=threads)(x[:n]), wanted[:n])
            total = gg.vmap(math_like, reduce="sum", threads=threads)(x[:n])
            assert total == gg.vmap(math_like, reduce="sum", threads=1)(x[:n])
            assert total == pytest.approx(math.fsum(wanted[:n]), rel=1e-12)


def test_threads_share_a_batch_of_few_lanes_with_much_to_do(monkeypatch):
    """Of less than a chunk: where nothing is summed, parts may be as short as a few vectors."""
    monkeypatch.setattr(kernel, "SPLIT", 1)
    parts = []

    class Counted(kernel.Split):
        def __init__(self, **given):
            super().__init__(**given)
            parts.append((given["parts"], given["step"]))

    monkeypatch.setattr(kernel, "Split", Counted)
    x = some(1_000)
    for n in (128, 129, 200, 777, 1_000):
        np.testing.assert_array_equal(gg.vmap(math_like, threads=2)(x[:n]), gg.vmap(math_like, threads=1)(x[:n]))
        np.testing.assert_array_equal(gg.vmap(branching, threads=3)(x[:n]), gg.vmap(branching, threads=1)(x[:n]))
        count, step = parts[-1]
        assert count >= 2
        assert (count - 1) * step < n
    assert gg.vmap(math_like, reduce="sum", threads=2)(x) == gg.vmap(math_like, reduce="sum", threads=1)(x)


class Ordered(namedtuple("Ordered", "high low")):
    """A structure of somebody's own, that checks what it is made of."""

    __slots__ = ()

    def __new__(cls, high, low):
        if isinstance(high, (int, float, np.ndarray)) and not np.all(high >= low):
            raise ValueError(f"{high} is below {low}")
        return super().__new__(cls, high, low)


def test_a_structure_is_made_of_results_alone():
    """Not of numbers that stand for them."""
    batch = warm(gg.vmap(lambda x: Ordered(x * x + 1.0, x * x)), some(N))
    assert type(batch(some(N))) is Ordered
    one = gg.jit(lambda x: (Ordered(x * x + 1.0, x * x), x))
    for _ in range(kernel.OFTEN + 2):
        one(2.0)
    assert one(2.0) == ((5.0, 4.0), 2.0)


def settled(f, *args):
    """A compiled function that takes its fast path for calls like that one."""
    compiled_function = gg.jit(f)
    for _ in range(3):
        compiled_function(*args)
        for made in compiled_function.kernels():
            made.wait()
    return compiled_function


@compiled
@pytest.mark.parametrize("count", [1, 2, 17, 64, 65, 100])
def test_any_number_of_floats_takes_the_fast_path(straight, count):
    """Up to 64 numbers C takes without tables."""
    numbers = [0.5 + k for k in range(count)]
    total = settled(lambda *xs: sum(xs), *numbers)
    doubled = settled(lambda *xs: tuple([2 * x for x in xs]), *numbers)
    with straight:
        assert total(*numbers) == sum(numbers)
        assert total(*map(int, numbers)) == sum(range(count))
        assert doubled(*map(np.float64, numbers)) == tuple([2 * x for x in numbers])


@compiled
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: (),
        lambda x, y: (x * y, (x, (y, (), x > y)), x - y),
        lambda x, y: x > y,
        lambda x, y: [x, (y, x)],
        lambda x, y: {"b": x, "a": (y, x * y)},
        lambda x, y: (x, None),
    ],
)
def test_numbers_are_put_into_any_structure(straight, f):
    compiled_function = settled(f, 1.5, 0.5)
    with straight:
        for args in ((2.0, 3.0), (3.0, 2.0), (math.inf, -1.0)):
            found, wanted = compiled_function(*args), f(*args)
            assert found == wanted
            assert list(map(type, optree.tree_leaves(found))) == list(map(type, optree.tree_leaves(wanted)))
            assert optree.tree_structure(found) == optree.tree_structure(wanted)


@compiled
@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((1.0,), {}),
        ((1.0, 2.0, 3.0), {}),
        ((1.0, "2"), {}),
        ((1.0, None), {}),
        ((1.0, [2.0, 3.0]), {}),
        ((), {"z": 1.0}),
    ],
)
def test_calls_that_do_not_fit_raise_what_the_function_raises(args, kwargs):
    compiled_function = settled(lambda x, y: x * y, 1.5, 0.5)
    with pytest.raises(TypeError):
        compiled_function(*args, **kwargs)


@compiled
def test_numbers_that_a_fast_path_cannot_read_are_read_by_python():
    compiled_function = settled(lambda x, y: x + y, 1.5, 0.5)
    assert compiled_function(True, 0.5) == 1.5
    assert compiled_function(y=1.0, x=2.0) == 3.0
    assert compiled_function(np.float32(0.5), 0.5) == 1.0
    with pytest.raises(OverflowError):
        compiled_function(10**400, 0.5)
