"""Threads: those that a differentiated or compiled function starts, and those that each do work of their own."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import copy
import math
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar, TracingError
from glassgrad.core.state import HERE
from helpers.threads import run_in_threads

HOME = Path(__file__).name


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


def by_map(pool):
    return lambda x: x + sum(pool.map(lambda k: k * x * x, [1.0, 2.0]))


def by_submit(pool):
    def f(x):
        futures = [pool.submit(lambda k=k: k * x * x) for k in (1.0, 2.0)]
        return sum([future.result() for future in futures], x)

    return f


def by_threads(pool):
    def f(x):
        terms = [None, None]

        def work(i):
            terms[i] = (i + 1.0) * x * x

        threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return x + terms[0] + terms[1]

    return f


def by_the_event_loop(pool):
    async def work(x):
        return sum(await asyncio.gather(*[asyncio.to_thread(lambda k=k: k * x * x) for k in (1.0, 2.0)]))

    return lambda x: x + asyncio.run(work(x))


def by_another_context(pool):
    return lambda x: x + contextvars.Context().run(lambda: 3.0 * x * x)


def the_result_itself(pool):
    return lambda x: pool.submit(lambda: x + 3.0 * x * x).result()


def one_after_another(pool):
    def f(x):
        y = x * x
        z = pool.submit(lambda: y + y).result()
        return pool.submit(lambda: z + y + x).result()

    return f


# f(x) = x + 3x², f(3) = 30, f'(3) = 19, f'' = 6
WAYS = [by_map, by_submit, by_threads, by_the_event_loop, by_another_context, the_result_itself, one_after_another]
ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@ways
def test_derivatives_go_through_threads_of_the_function(way, pool):
    f = way(pool)
    assert gg.grad(f)(3.0) == 19.0
    assert gg.value_and_grad(f)(3.0) == (30.0, 19.0)
    assert gg.jvp(f, (3.0,), (2.0,)) == (30.0, 38.0)
    value, pullback = gg.vjp(f, 3.0)
    assert (value, pullback(2.0)) == (30.0, (38.0,))
    assert gg.grad(gg.grad(f))(3.0) == gg.hessian(f)(3.0) == gg.hvp(f, 3.0, 1.0) == 6.0
    assert gg.jacobian(f)(3.0) == 19.0
    assert gg.grad(lambda x: f(x) * f(x))(3.0) == 2 * 30.0 * 19.0


def test_arrays_and_numpy_in_threads(pool):
    x = np.array([1.0, 2.0, 3.0])
    f = lambda x: np.array(list(pool.map(lambda i: np.sin(x[i]) * x[i - 1], range(3))))
    wanted = gg.jacobian(lambda x: np.array([np.sin(x[i]) * x[i - 1] for i in range(3)]))(x)
    np.testing.assert_array_equal(gg.jacobian(f)(x), wanted)
    total = lambda x: np.sum(pool.submit(lambda: x @ x).result())
    np.testing.assert_array_equal(gg.grad(total)(x), 2 * x)
    np.testing.assert_array_equal(gg.hessian(total)(x), 2 * np.eye(3))


def test_many_threads_at_once(pool):
    f = lambda x: sum(pool.map(lambda k: gg.sin(k * x) * x, range(200)))
    wanted = math.fsum(math.sin(k * 0.5) + k * 0.5 * math.cos(k * 0.5) for k in range(200))
    assert gg.grad(f)(0.5) == pytest.approx(wanted, rel=1e-12)


def test_an_outer_transform_hears_what_threads_do_inside_of_an_inner_one(pool):
    f = lambda x, y: sum(pool.map(lambda k: k * x * x * y, [1.0, 2.0]))  # 3x²y
    assert gg.grad(lambda y: gg.grad(lambda x: f(x, y))(3.0))(5.0) == 18.0
    assert gg.grad(lambda y: y * gg.grad(lambda x: f(x, y))(y))(2.0) == pytest.approx(3 * 6 * 2.0**2)  # d/dy 6y³


def test_transforms_side_by_side_in_threads(pool):
    w = Scalar(2.0)
    found = list(pool.map(lambda k: gg.grad(lambda x: x**3 * k + x * w)(2.0), [float(k) for k in range(64)]))
    assert found == [12.0 * k + 2.0 for k in range(64)]
    assert w.grad == 0.0


USES = {
    "operation": lambda x: x * 2.0,
    "function": lambda x: gg.sin(x),
    "NumPy": lambda x: np.sin(np.array([x]))[0],
    "comparison": lambda x: x > 1.0,
    "equality": lambda x: x == 3.0,
    "truth": lambda x: 1.0 if x else 2.0,
    "maximum": lambda x: max(x, 1.0),
    "data": lambda x: x.data,
    "float": lambda x: float(x),
    "math": lambda x: math.sin(x),
    "int": lambda x: int(x),
    "round": lambda x: round(x),
    "hash": lambda x: len({x}),
    "copy": lambda x: copy.copy(x) * 1.0,
    "backward": lambda x: x.backward(),
}


@pytest.mark.parametrize("compile", [gg.jit, gg.vmap, lambda f: gg.jit(gg.grad(f))], ids=["jit", "vmap", "jit of grad"])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("lost", [False, True], ids=["raised", "lost in the thread"])
def test_compiling_refuses_a_node_in_a_second_thread_with_the_line(compile, use, lost, pool):
    def work(x):
        return USES[use](x)

    def f(x):
        future = pool.submit(work, x)
        return x * (1.0 if lost and future.exception() else future.result())

    with pytest.raises(TracingError, match=rf"^\S*{HOME}:\d+: .*node 'x' in a second thread.*plain loop") as caught:
        compile(f)(np.array([3.0]) if compile is gg.vmap else 3.0)
    line = int(re.search(rf"{HOME}:(\d+)", str(caught.value))[1])
    assert line < 160  # of USES
    assert gg.jit(lambda x: x * 2.0)(3.0) == 6.0
    assert not HERE.live


def test_a_context_that_is_copied_into_another_thread_is_refused_too():
    """As asyncio.to_thread does, and threads of a free-threaded Python."""

    async def work(x):
        return await asyncio.to_thread(lambda: x * x)

    for compile in (gg.jit, gg.vmap):
        with pytest.raises(TracingError, match="in a second thread"):
            compile(lambda x: asyncio.run(work(x)))(np.array([3.0]))


@pytest.mark.parametrize("use", ["float", "math", "int", "round", "backward"])
@pytest.mark.parametrize("lost", [False, True], ids=["raised", "lost in the thread"])
def test_a_transform_refuses_what_takes_a_value_out_in_a_second_thread(use, lost, pool):
    def f(x):
        future = pool.submit(USES[use], x * x)
        return x * (1.0 if lost and future.exception() else future.result())

    for transform in (gg.grad, gg.value_and_grad, gg.jacobian, gg.hessian):
        with pytest.raises(TracingError, match=rf"^\S*{HOME}:\d+: .* out of the graph"):
            transform(f)(3.0)
    with pytest.raises(TracingError, match=rf"^\S*{HOME}:\d+: .* out of the graph"):
        gg.jvp(f, (3.0,), (1.0,))


def test_a_transform_in_a_second_thread_takes_no_node_of_the_first(pool):
    closed_over = lambda x: x * sum(pool.map(lambda k: gg.grad(lambda y: y * y * x)(k), [1.0, 2.0]))
    passed_on = lambda x: x * sum(pool.map(lambda k: gg.grad(lambda y: y * y * k)(x), [1.0, 2.0]))
    for f in (closed_over, passed_on):
        with pytest.raises(TracingError, match=rf"{HOME}:\d+: .*which another thread is differentiating"):
            gg.grad(f)(3.0)
    assert gg.grad(lambda x: x * sum(pool.map(gg.grad(lambda y: y * y), [1.0, 2.0])))(3.0) == 6.0


def test_other_threads_are_not_disturbed_while_one_traces(pool):
    """They read, compare, hash and print nodes of their own, old ones among them."""
    kept = []
    gg.grad(lambda x: kept.append(x * 2.0) or x)(1.0)
    old = Scalar(2.0) * 3.0
    entered, done = threading.Event(), threading.Event()

    def slow(x):
        entered.set()
        assert done.wait(120)
        return x * x

    for compile, wanted in ((gg.jit, 9.0), (gg.grad, 6.0)):
        entered.clear(), done.clear()
        future = pool.submit(compile(slow), 3.0)
        assert entered.wait(120)
        try:
            own = Scalar(4.0)
            assert (own > 3.0) is True
            assert (float(own), own.data, int(own), round(own), bool(own)) == (4.0, 4.0, 4, 4, True)
            assert math.trunc(own + 0.5) == 4.0
            assert {own: 1}[own] == 1
            assert repr(own) == "unk|4.000|0.000"
            assert (old > 3.0) is True
            assert float(old) == 6.0
            assert float(kept[0] * own) == 8.0
            product = own * old
            product.backward()
            assert own.grad == 6.0
            assert gg.grad(lambda x: x**3)(2.0) == 12.0
        finally:
            done.set()
        assert future.result(20) == wanted
        own.grad = old.grad = 0.0


# State is per thread and per task


def in_many_threads(work, count=8):
    """``work(k, meet)`` in each of them; at ``meet()`` they wait for each other."""
    barrier, wrong = threading.Barrier(count), []

    def run(k):
        try:
            work(k, lambda: barrier.wait(120))
        except BaseException as error:
            wrong.append(error)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def test_recordings_in_many_threads_each_keep_their_own_steps():
    def work(k, meet):
        x = Scalar(float(k))
        for _ in range(20):
            meet()
            with gg.record() as run:
                meet()
                for _ in range(5):
                    loss = x * x + gg.sin(x)
                    loss.backward()
            assert len(run) == run.total == 5
            assert all(step.loss == loss.data for step in run)

    in_many_threads(work)
    assert HERE.state().watcher is None
    assert not HERE.live


def test_anomalies_are_found_in_many_threads_and_nowhere_else():
    def work(k, meet):
        for _ in range(50):
            x = Scalar(0.0)
            meet()
            if k % 2:
                with gg.detect_anomaly():
                    meet()
                    y = gg.sqrt(x)
                    with pytest.raises(gg.AnomalyError):
                        y.backward()
            else:
                meet()
                y = gg.sqrt(x)
                y.backward()
                assert (x.grad, y.source) == (math.inf, None)

    in_many_threads(work)
    x = Scalar(0.0)
    gg.sqrt(x).backward()
    assert x.grad == math.inf


def test_groups_are_of_one_thread():
    model = gg.nn.MLP(2, [3, 1], seed=0)

    def work(k, meet):
        for _ in range(50):
            with gg.group(f"group {k}") as group:
                meet()
                x = Scalar(1.0) * 2.0
                with gg.group("inner") as inner:
                    y = x + 1.0
                    out = model([0.5, x])
                z = y * x
            assert [node.group for node in (x, y, z)] == [group, inner, group]
            above = []
            at = out.group
            while at is not None:
                above.append(at)
                at = at.parent
            assert inner in above
            assert (x * 2.0).group is None

    in_many_threads(work)
    with gg.group("here"):
        found = []
        thread = threading.Thread(target=lambda: found.append(Scalar(1.0).group))
        thread.start()
        thread.join()
    assert found == [None]


def test_error_states_are_of_one_thread():
    def work(k, meet):
        for _ in range(100):
            meet()
            if k % 2:
                with gg.errstate(domain="nan"):
                    assert math.isnan(gg.log(-1.0))
            else:
                with pytest.raises(gg.DomainError):
                    gg.log(-1.0)

    in_many_threads(work)


def test_one_block_object_serves_several_threads():
    block = gg.group("shared")

    def work(k, meet):
        for _ in range(100):
            with block as group:
                meet()
                x = Scalar(1.0) * 2.0
            assert x.group is group
            assert (x * 2.0).group is None

    in_many_threads(work)
    assert not HERE.live


def test_tasks_have_groups_of_their_own():
    async def work(k):
        with gg.group(f"task {k}") as group:
            for _ in range(5):
                await asyncio.sleep(0)
                assert (Scalar(1.0) * 2.0).group is group
        assert Scalar(1.0).group is None

    async def all_of_them():
        with gg.group("around"):
            tasks = [asyncio.ensure_future(work(k)) for k in range(5)]
        for task in tasks:
            await task

    asyncio.run(all_of_them())
    assert Scalar(1.0).group is None


def test_a_generator_keeps_its_block_to_itself():
    def nodes():
        with gg.group("inside"):
            while True:
                yield Scalar(1.0) * 2.0

    made = nodes()
    next(made)
    with gg.group("outside") as outside:
        made.close()
        assert Scalar(1.0).group is outside
    assert Scalar(1.0).group is None
    assert not HERE.live


def in_a_generator(x, kept):
    def nodes():
        with gg.group("inside"), gg.errstate(domain="nan"):
            yield x * x

    kept.append(nodes())
    return next(kept[-1])


def by_hand(x, kept):
    kept.append(contextlib.ExitStack())
    kept[-1].enter_context(gg.errstate(domain="nan"))
    kept[-1].enter_context(gg.detect_anomaly())
    return x * x


@pytest.mark.filterwarnings("ignore:.*changes the:RuntimeWarning")
@pytest.mark.parametrize("f", [in_a_generator, by_hand])
@pytest.mark.parametrize(
    "transform",
    [gg.grad, gg.jit, gg.vmap, gg.hessian, lambda f: gg.jit(gg.grad(f)), lambda f: lambda x: gg.jvp(f, (x,), (1.0,))],
    ids=["grad", "jit", "vmap", "hessian", "jit of grad", "jvp"],
)
def test_a_block_that_outlives_a_transform_does_not_keep_it_at_work(f, transform):
    kept = []
    transform(lambda x: f(x, kept))(np.array([3.0]) if transform is gg.vmap else 3.0)
    assert HERE.state().outer is None
    assert type(gg.grad(lambda x: x * x)(3.0)) is float
    assert (Scalar(1.0) > 0.0) is True
    assert Scalar(1.0).group is None
    with pytest.raises(gg.DomainError):
        gg.log(-1.0)
    for one in kept:
        one.close()
    assert HERE.state().outer is None


def test_a_pullback_serves_many_threads(pool):
    def slope(y, x):
        time.sleep(0.002)  # another thread's turn
        return 2.0 * x

    @gg.primitive(partials=(slope,))
    def square(x):
        return x * x

    _, pullback = gg.vjp(lambda x: square(square(x)), 2.0)
    assert list(pool.map(pullback, [1.0, 2.0] * 4)) == [(32.0,), (64.0,)] * 4


def test_a_block_that_threads_share_is_one_for_each():
    shared = gg.errstate(domain="nan")
    wrong = []

    def work(_):
        for _ in range(3000):
            with shared:
                if HERE.state().policy != "nan":
                    wrong.append("not entered")
                with shared:
                    pass
                if HERE.state().policy != "nan":
                    wrong.append("left too early")
            if HERE.state().policy != "raise":
                wrong.append("not left")

    run_in_threads(work)
    assert wrong == []
