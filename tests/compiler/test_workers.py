"""Threads that share in a batch: where they run, and what a call does without them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler import kernel, workers

X = np.linspace(0.0, 1.0, 100_000)
several = pytest.mark.skipif(
    workers.processor is None or len(os.sched_getaffinity(0)) < 2, reason="Linux, with several processors"
)


def wave(x):
    return gg.sin(x) * gg.exp(-x)


def heavy(x):
    for _ in range(60):
        x = gg.exp(-x) + gg.sin(x) * 0.5
    return x


def ready(batch, *args):
    """The batch, once its code is as good as it gets."""
    batch(*args)
    for _, made in batch._kernels.values():
        made.wait()
    return batch


@pytest.fixture
def lingering(monkeypatch):
    """Threads of this test alone, that linger for as long as it takes; returns how many jobs were posted to them."""
    posted = []
    real = workers.Workers.post

    def post(self, job, wanted):
        posted.append(real(self, job, wanted))
        return posted[-1]

    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(workers, "processors", lambda: 8)
    monkeypatch.setattr(workers, "LINGERS", 1.0)
    monkeypatch.setattr(workers.Workers, "post", post)
    monkeypatch.setattr(kernel, "SPLIT", 1)
    return posted


def linger(posted, batch, *args):
    """Call until all its threads linger."""
    while not posted or posted[-1] < batch.threads - 1:
        batch(*args)
        time.sleep(0.01)


@pytest.mark.parametrize("reduce", [None, "sum"])
def test_a_thread_that_lingers_shares_in_the_next_call(lingering, reduce):
    """For different numbers of lanes, and of threads, one after another."""
    batches = [ready(gg.vmap(wave, reduce=reduce, threads=count), X) for count in (1, 2, 3)]
    linger(lingering, batches[2], X)
    for lanes in (100_000, 30_000, 30_001, 8_192, 99_999):
        wanted = batches[0](X[:lanes])
        for batch in batches[1:]:
            np.testing.assert_array_equal(batch(X[:lanes]), wanted)
    assert lingering[-1]


def test_lanes_that_are_missed_by_a_thread_that_lingers(lingering):
    """Their way is found, and run."""

    def ways(x):
        for k in range(10):
            if x < k + 1.5:
                return x * k + gg.exp(-x)
        return x

    at = np.zeros(len(X))
    batch = ready(gg.vmap(ways, threads=2), at)
    linger(lingering, batch, at)
    draw = np.random.default_rng(0)
    for k in range(1, 10):
        at[draw.integers(0, len(at), 3)] = k
        at[-1] = k  # in the share of the other thread
        before = len(lingering)
        found = batch(at)
        assert any(lingering[before:])
        np.testing.assert_allclose(found, [float(ways(x)) for x in at.tolist()], rtol=1e-14)
        ready(batch, at)
        linger(lingering, batch, at)


def test_calls_side_by_side_have_threads_that_linger_for_one_of_them(lingering):
    xs = [np.linspace(0.0, k, 50_000) for k in range(1, 5)]
    batch = ready(gg.vmap(wave, threads=2), X)
    linger(lingering, batch, X)
    wanted = [gg.vmap(wave, threads=1)(x) for x in xs]
    wrong = []

    def call(k):
        for _ in range(100):
            if not np.array_equal(batch(xs[k]), wanted[k]):
                wrong.append(k)

    callers = [threading.Thread(target=call, args=(k,)) for k in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong
    assert {0, 1} <= set(lingering)


def test_where_processors_are_few_none_lingers(monkeypatch):
    """It would keep others from work."""
    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(workers, "processors", lambda: 1)
    monkeypatch.setattr(kernel, "SPLIT", 1)
    batch = ready(gg.vmap(wave, threads=2), X)
    for _ in range(5):
        np.testing.assert_array_equal(batch(X), gg.vmap(wave, threads=1)(X))
    assert not workers._workers._desks.any()


@several
def test_they_run_on_other_processors_than_the_caller(monkeypatch):
    monkeypatch.setattr(workers, "_workers", None)
    here = min(os.sched_getaffinity(0))
    monkeypatch.setattr(workers, "processor", lambda: here)
    batch = gg.vmap(wave, threads=2)
    wanted = batch(X)
    np.testing.assert_array_equal(batch(X), wanted)  # now the thread is there
    found = workers._workers.threads
    assert found
    assert all(os.sched_getaffinity(thread) == os.sched_getaffinity(0) - {here} for thread in found)


@several
def test_where_that_is_not_allowed_they_run_anywhere(monkeypatch):
    def refuse(*_):
        raise PermissionError("not here")

    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    batch = gg.vmap(wave, threads=2)
    for _ in range(3):
        np.testing.assert_array_equal(batch(X), gg.vmap(wave, threads=1)(X))


@several
def test_they_follow_what_the_caller_may_use(monkeypatch):
    """A caller that was held to one processor for a while leaves no trace."""
    monkeypatch.setattr(workers, "_workers", None)
    batch = gg.vmap(wave, threads=2)
    allowed = os.sched_getaffinity(0)
    first = min(allowed)
    batch(X)
    batch(X)
    try:
        os.sched_setaffinity(0, {first})
        batch(X)
        assert [os.sched_getaffinity(thread) for thread in workers._workers.threads] == [{first}]
    finally:
        os.sched_setaffinity(0, allowed)
    monkeypatch.setattr(workers, "processor", lambda: first)
    batch(X)
    assert [os.sched_getaffinity(thread) for thread in workers._workers.threads] == [allowed - {first}]


def test_a_system_without_more_threads(monkeypatch):
    """The call is done by those that there are, and over when it returns."""
    start, begun = threading.Thread.start, []

    def limited(thread):
        if thread.name.startswith("glassgrad"):
            begun.append(thread)
            if len(begun) > 1:
                raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    batch = gg.vmap(heavy, threads=3)
    wanted = gg.vmap(heavy, threads=1)(X)
    out = np.empty(len(X))
    for _ in range(10):
        monkeypatch.setattr(workers, "_workers", None)
        begun.clear()
        out[:] = -1.0
        np.testing.assert_array_equal(batch(X, out=out), wanted)
    assert len(begun) > 1


def test_pools_that_are_replaced_end():
    before = threading.active_count()
    for count in range(2, 12):
        gg.vmap(wave, threads=count)(X)
    gc.collect()
    until = time.monotonic() + 20
    while threading.active_count() > before + 12 and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before + 12


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
def test_when_a_call_is_interrupted_no_thread_goes_on():
    """Else it would write to arrays that the caller has for something else by then."""
    batch, out = ready(gg.vmap(heavy, threads=2), X), np.zeros(len(X))
    took = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        batch(X, out=out)
        took = min(took, time.perf_counter() - start)

    def interrupt(*_):
        raise KeyboardInterrupt

    before, interrupted = signal.signal(signal.SIGALRM, interrupt), 0
    try:
        for k in range(40):
            try:
                signal.setitimer(signal.ITIMER_REAL, took * (0.1 + 0.8 * k / 40))
                batch(X, out=out)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                interrupted += 1
                out[:] = 7.0
                time.sleep(took / 2)
                assert (out == 7.0).all()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupted
    np.testing.assert_array_equal(batch(X), gg.vmap(heavy, threads=1)(X))


def test_an_error_in_a_thread_is_the_calls():
    caller = threading.get_ident()

    def work(number):
        if threading.get_ident() != caller:
            raise ValueError("in a thread")
        time.sleep(0.2)

    with pytest.raises(ValueError, match="in a thread"):
        workers.together(work, 1)


def test_no_thread_is_started_when_python_ends():
    code = """
        import atexit
        import numpy as np, glassgrad as gg
        x = np.linspace(0.0, 1.0, 100_000)
        batch = gg.vmap(lambda x: gg.exp(-x), threads=2)
        wanted = batch(x)
        atexit.register(lambda: print((batch(x) == wanted).all()))
    """
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line.strip() for line in code.splitlines())],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr
    assert not done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_process_has_threads_of_its_own():
    code = """
import os, sys, warnings
import numpy as np, glassgrad as gg
warnings.simplefilter("ignore")
x = np.linspace(0.0, 1.0, 100_000)
batch = gg.vmap(lambda x: gg.exp(-x), threads=2)
wanted = batch(x)
batch(x)
child = os.fork()
if not child:
    os._exit(0 if (batch(x) == wanted).all() else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
