"""Threads that share in a batch: the pool in C, and the threads that are started for each call where there is no
compiler. Whatever the threads do, and however many come, each part is run once and the results are the same."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import kernel, pool, threads
from glassgrad.compiler.runtime.pool import Split, states
from glassgrad.compiler.runtime.threads import KERNEL
from helpers import interruption

X = np.linspace(0.0, 1.0, 100_000)
STEP, ROW, SUMS = 4096, 24, 10_000_000  # lanes of a part; bytes of a row of sums, and the address of the first one
WAYS = {"started": threads.run, **({"pool": Split.run} if gg.compiled() else {})}

compiled_only = pytest.mark.skipif(not gg.compiled(), reason="there is no pool in plain Python")
timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
several = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2, reason="Linux, with several processors"
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
    for made in batch.kernels():
        made.wait()
    return batch


AT_ONCE = "import glassgrad\nglassgrad.config.compile_budget = float('inf')\n"


def run(code: str, timeout: int = 120, pure: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, with this build or with plain Python. Its code is made at once."""
    environment = interruption.environment(**({"GLASSGRAD_PURE": pure} if pure else {}))
    command = [sys.executable, "-W", "ignore", "-c", AT_ONCE + textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=environment)


# The compiled build starts programs of both, so plain Python need not start its own again.
PURE = pytest.param("1", marks=() if gg.compiled() else pytest.mark.one_build)
builds = pytest.mark.parametrize("pure", ["", PURE] if gg.compiled() else [PURE], ids=lambda pure: pure and "pure")


@pytest.fixture
def eager(monkeypatch):
    """Threads share in any batch, however small."""
    monkeypatch.setattr(kernel, "SPLIT", 1)


# The parts of a job


class Recorder:
    """A split whose kernel notes what it was asked for."""

    def __init__(self, parts: int, lanes: int, row: int = 0) -> None:
        self.asked: list[tuple[int, int, list[int]]] = []
        self.table = np.array([SUMS, 0, 8], np.int64)
        self.function = KERNEL(self.kernel)
        self.address = ctypes.cast(self.function, ctypes.c_void_p).value
        self.split = Split(
            lanes=lanes, step=STEP, parts=parts, chunk=STEP, row=row, ins=0, outs=self.table.ctypes.data, unmatched=0
        )

    def kernel(self, start, stop, lanes, ins, outs, scratch, unmatched):
        leaf = np.ctypeslib.as_array(ctypes.cast(outs, ctypes.POINTER(ctypes.c_int64)), (3,)).tolist()
        assert scratch % 64 == 0
        ctypes.memset(scratch, 1, 100)
        self.asked.append((start, stop, leaf))
        return int(start == 0)


@pytest.mark.parametrize("way", WAYS)
def test_every_part_is_run_once(way):
    draw = random.Random(0)
    for _ in range(200):
        count, parts, folds = draw.randrange(1, 9), draw.randrange(1, 40), draw.random() < 0.5
        lanes = (parts - 1) * STEP + draw.randrange(1, 2 * STEP)
        first = draw.randrange(parts)
        last = draw.randrange(first, parts) + 1
        job = Recorder(parts, lanes, ROW if folds else 0)
        assert WAYS[way](job.split, job.address, 100, first, last, count) == (first == 0)
        assert sorted(job.asked) == [
            (
                k * STEP,
                lanes if k == parts - 1 else (k + 1) * STEP,
                [SUMS + (k * ROW if folds else 0), 0, 8],
            )
            for k in range(first, last)
        ]


@pytest.mark.parametrize("way", WAYS)
def test_a_call_waits_for_a_part_that_another_thread_runs(way):
    """Two parts, each of which waits for the other to begin: so two threads run them."""
    both = threading.Barrier(2, timeout=60)
    job = Recorder(2, 2 * STEP)
    note = job.kernel
    seen = []

    def wait(*given):
        seen.append(threading.get_ident())
        both.wait()
        return note(*given)

    function = KERNEL(wait)
    for _ in range(20):
        job.asked.clear()
        seen.clear()
        WAYS[way](job.split, ctypes.cast(function, ctypes.c_void_p).value, 100, 0, 2, 2)
        assert len(job.asked) == 2
        assert len(set(seen)) == 2
        assert threading.get_ident() in seen


def test_results_do_not_depend_on_the_number_of_threads(eager):
    """Bit for bit, for all numbers of lanes, summed or not, by first code and by the best."""
    draw = np.random.default_rng(0)
    for lanes in (100, 8_192, 30_001, 99_999):
        x = draw.uniform(0.0, 2.0, lanes)
        for reduce in (None, "sum", "mean"):
            wanted = gg.vmap(wave, reduce=reduce, threads=1)(x)
            for count in (2, 3, 5, 300):
                batch = gg.vmap(wave, reduce=reduce, threads=count)
                np.testing.assert_array_equal(batch(x), wanted)
                np.testing.assert_array_equal(ready(batch, x)(x), wanted)


def test_unmatched_lanes_of_any_thread_are_found(eager):
    """Each share has lanes that take a path unknown until then."""

    def paths(x):
        for k in range(10):
            if x < k + 1.5:
                return x * k + gg.exp(-x)
        return x

    at = np.zeros(len(X))
    batch = ready(gg.vmap(paths, threads=3), at)
    draw = np.random.default_rng(0)
    for k in range(1, 10):
        at[draw.integers(0, len(at), 3)] = k
        at[-1] = k
        np.testing.assert_allclose(batch(at), [float(paths(x)) for x in at.tolist()], rtol=1e-14)


def test_better_code_is_taken_up_in_the_middle_of_a_batch(monkeypatch, eager):
    """Until the code is final, a batch is run in rounds, each with the best code there is."""
    rounds = []
    real = Split.run

    class Noted(Split):
        def run(self, address, space, first, last, threads):
            rounds.append((first, last, self.parts))
            return real(self, address, space, first, last, threads)

    monkeypatch.setattr(kernel, "Split", Noted)
    batch = gg.vmap(heavy, threads=2)
    wanted = gg.vmap(heavy, threads=1)(X)
    np.testing.assert_array_equal(batch(X), wanted)
    assert len(rounds) > 1
    assert [first for first, _, _ in rounds[1:]] == [last for _, last, _ in rounds[:-1]]
    ready(batch, X)
    rounds.clear()
    np.testing.assert_array_equal(batch(X), wanted)
    assert [(first, last == parts) for first, last, parts in rounds] == [(0, True)]


# Threads come and go


@compiled_only
def test_a_thread_sleeps_behind_a_job_and_is_woken_for_the_next(eager):
    batch = ready(gg.vmap(wave, threads=3), X)
    wanted = gg.vmap(wave, threads=1)(X)
    for _ in range(5):
        np.testing.assert_array_equal(batch(X), wanted)
        until = time.monotonic() + 60
        while set(states()) != {"sleeping"}:
            assert time.monotonic() < until
            time.sleep(0.001)
    assert len(states()) >= 2


@compiled_only
def test_a_thread_spins_only_where_there_are_processors_for_all(monkeypatch):
    """Else it would keep others from work."""
    monkeypatch.setattr(pool, "SPIN", 10**12)  # for as long as it takes
    job = Recorder(2, 2 * STEP)
    both = threading.Barrier(2, timeout=60)
    note = job.kernel
    function = KERNEL(lambda *given: both.wait() * 0 + note(*given))
    address = ctypes.cast(function, ctypes.c_void_p).value
    monkeypatch.setattr(pool, "processors", lambda: 2)
    job.split.run(address, 100, 0, 2, 2)
    assert states()[0] == "spinning"
    monkeypatch.setattr(pool, "processors", lambda: 1)
    job.split.run(address, 100, 0, 2, 2)
    until = time.monotonic() + 60
    while states()[0] != "sleeping":
        assert time.monotonic() < until
        time.sleep(0.001)


@several
@compiled_only
def test_threads_run_on_other_processors_than_the_caller():
    """Linux often wakes a thread where its caller is busy. They follow what the caller may use."""
    done = run("""
        import os, threading, time
        import numpy as np, glassgrad as gg
        from glassgrad.compiler.runtime import kernel
        from glassgrad.compiler.runtime.pool import states
        kernel.SPLIT = 1
        x = np.linspace(0.0, 1.0, 100_000)
        batch = gg.vmap(lambda x: gg.exp(-x), threads=2)
        def tasks():
            return {int(name) for name in os.listdir("/proc/self/task")}
        def allowed_behind_a_call():
            batch(x)
            while set(states()) != {"sleeping"}:
                time.sleep(0.001)
            batch(x)
            return os.sched_getaffinity(thread)
        batch(x[:64])
        for made in batch.kernels():
            made.wait()
        allowed, first, before = os.sched_getaffinity(0), min(os.sched_getaffinity(0)), tasks()
        batch(x)
        while set(states()) != {"sleeping"}:
            time.sleep(0.001)
        (thread,) = tasks() - before
        found = allowed_behind_a_call()
        print(found < allowed and len(found) == len(allowed) - 1)
        os.sched_setaffinity(0, {first})
        print(allowed_behind_a_call() == {first})
        os.sched_setaffinity(0, allowed)
        found = allowed_behind_a_call()
        print(found < allowed and len(found) == len(allowed) - 1)
    """)
    assert done.stdout.split() == ["True"] * 3, done.stderr


def test_a_system_without_more_threads(monkeypatch):
    """The call is done by the threads that there are. (Of the pool in C, `test_pool_races` says so.)"""
    started, asked = threads.start_new_thread, []

    def limited(*given):
        asked.append(given)
        if len(asked) % 3:
            raise RuntimeError("can't start new thread")
        started(*given)

    monkeypatch.setattr(threads, "start_new_thread", limited)
    for _ in range(10):
        job = Recorder(7, 7 * STEP)
        threads.run(job.split, job.address, 100, 0, 7, 4)
        assert len(job.asked) == 7
    assert len(asked) > 10


def test_an_error_in_a_thread_is_the_calls(monkeypatch):
    """There is no memory for a thread to work in, say."""
    job = Recorder(2, 2 * STEP)
    caller, failed = threading.get_ident(), threading.Event()
    make = threads.Scratch

    def scarce(size):
        if threading.get_ident() != caller:
            failed.set()
            raise MemoryError
        failed.wait(60)
        return make(size)

    monkeypatch.setattr(threads, "Scratch", scarce)
    with pytest.raises(MemoryError):
        threads.run(job.split, job.address, 100, 0, 2, 2)


def test_a_call_for_which_there_is_no_memory():
    job = Recorder(2, 2 * STEP)
    for run_parts in WAYS.values():
        with pytest.raises(MemoryError):
            run_parts(job.split, job.address, 1 << 60, 0, 2, 2)
    assert not job.asked


# Crowds


CROWD = """
    import threading
    import numpy as np, glassgrad as gg
    from glassgrad.compiler.runtime import kernel
    kernel.SPLIT = 1
    wave = lambda x: gg.sin(x) * gg.exp(-x)
    xs = [np.linspace(0.0, k, 2_000 * k) for k in range(1, 9)]
    wanted = [gg.vmap(wave, threads=1)(x) for x in xs]
    batches = [gg.vmap(wave, threads=count) for count in (2, 3, 4)]
    wrong = []
    def call(k):
        for turn in range(100):
            if not np.array_equal(batches[turn % 3](xs[k]), wanted[k]):
                wrong.append(k)
    callers = [threading.Thread(target=call, args=(k,)) for k in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    print(wrong)
"""


@builds
def test_many_callers_at_once(pure):
    """They share few threads; a call for which there is none goes on alone."""
    done = run(CROWD, pure=pure)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_call_does_not_wait_while_other_code_is_made():
    """Whoever compiles holds a lock, which calls of code that is there do not need."""
    batch = ready(gg.vmap(wave, threads=2), X)
    wanted = batch(X)
    taken, done = threading.Event(), threading.Event()

    def compile_long():
        with machine.first.turn:
            taken.set()
            done.wait(30)

    thread = threading.Thread(target=compile_long)
    thread.start()
    taken.wait(30)
    np.testing.assert_array_equal(batch(X), wanted)
    assert thread.is_alive()  # it still holds the lock
    done.set()
    thread.join()


# Interruptions


INTERRUPTED = """
    import signal, sys, time
    import numpy as np, glassgrad as gg

    def heavy(x):
        for _ in range(60):
            x = gg.exp(-x) + gg.sin(x) * 0.5
        return x

    x = np.linspace(0.0, 1.0, 100_000)
    batch, out, took = gg.vmap(heavy, threads=2), np.zeros(100_000), float("inf")
    wanted = gg.vmap(heavy, threads=1)(x)
    batch(x)
    for made in batch.kernels():
        made.wait()
    for _ in range(5):
        start = time.perf_counter()
        batch(x, out=out)
        took = min(took, time.perf_counter() - start)

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    interrupted = wrong = k = 0
    end = time.monotonic() + 30
    while interrupted < 20 and time.monotonic() < end:
        k += 1
        try:
            signal.setitimer(signal.ITIMER_REAL, took * (0.1 + 0.8 * (k % 40) / 40))
            batch(x, out=out)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            interrupted += 1
            out[:] = 7.0
            time.sleep(took / 2)
            wrong += (out != 7.0).any()
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(interrupted > 0, wrong, (batch(x) == wanted).all())
"""


@timers
@builds
def test_when_a_call_is_interrupted_no_thread_goes_on(pure):
    """Else it would write to arrays that the caller has for something else by then."""
    done = run(INTERRUPTED, pure=pure)
    assert done.stdout.split() == ["True", "0", "True"], done.stderr


def test_a_call_that_is_too_deep_is_over():
    """Wherever the limit is met: the call is done, or raises."""
    batch, out = ready(gg.vmap(heavy, threads=2), X), np.empty(len(X))
    wanted = gg.vmap(heavy, threads=1)(X)

    def deep(levels):
        if levels:
            return deep(levels - 1)
        return batch(X, out=out)

    ends = []
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        for levels in range(400, 500):
            try:
                np.testing.assert_array_equal(deep(levels), wanted)
            except RecursionError:
                ends.append(levels)
    finally:
        sys.setrecursionlimit(before)
    assert ends
    np.testing.assert_array_equal(batch(X), wanted)


ANYWHERE = """
    import os, signal, time
    import numpy as np, glassgrad as gg
    from helpers.interruption import Interrupter

    class Interruption(BaseException):
        pass

    def heavy(x):
        for _ in range(30):
            x = gg.exp(-x) * gg.sin(x) + 0.3
        return x

    x = np.linspace(0.0, 1.0, 100_000)
    batch, out = gg.vmap(heavy, threads=2), np.empty(100_000)
    wanted = gg.vmap(heavy, threads=1)(x)
    batch(x)
    for made in batch.kernels():
        made.wait()
    files = ("threads.py", "kernel.py", "memory.py", "pool.py", "threading.py", "specialize.py", "batch_code.py")

    def interrupted_at(point):
        for _ in range(2):
            batch(x, out=out)
        interrupter = Interrupter(files, point, Interruption)
        try:
            with interrupter:
                batch(x, out=out)
        except Interruption:
            pass
        else:
            return 1 if interrupter.reached else 9  # the interruption was lost, or all points are behind it
        out[:] = 7.0
        time.sleep(0.003)
        if (out != 7.0).any():
            return 2
        return 0 if all(np.array_equal(batch(x), wanted) for _ in range(3)) else 3

    point = 0
    while True:
        point += 1
        child = os.fork()
        if not child:
            signal.alarm(20)
            os._exit(interrupted_at(point))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 9:
            break
        if code:
            print("point", point, "ended with", code)
    print(point)
"""


@pytest.mark.skipif(
    not hasattr(os, "fork") or not interruption.KNOWN, reason="knows Python 3.11's instructions, and needs a fork"
)
@builds
def test_a_call_that_is_interrupted_anywhere_is_over(pure):
    """At each instruction where a signal may come: no lock stays, nothing is written later, and the next calls are as
    always."""
    done = run(ANYWHERE, timeout=300, pure=pure)
    assert not done.stderr
    (count,) = done.stdout.split()
    assert int(count) > (20 if pure else 5)


HANDLER = """
    import signal, sys, time
    import numpy as np, glassgrad as gg
    x = np.linspace(0.0, 1.0, 50_000)
    batch = gg.vmap(lambda x: gg.exp(-x) * gg.sin(x), threads=2)
    wanted = batch(x)
    count = depth = 0
    def again():
        if count < 100:
            signal.setitimer(signal.ITIMER_REAL, 0.0007)
    def handler(*_):
        global count, depth
        count += 1
        depth += 1
        if depth < 4:  # a handler may be interrupted by another one
            again()
        assert (batch(x) == wanted).all()
        depth -= 1
        again()
    signal.signal(signal.SIGALRM, handler)
    again()
    while count < 100:
        assert (batch(x) == wanted).all()
    print(count)
"""


@timers
@builds
def test_a_signals_handler_may_call_while_a_call_is_at_work(pure):
    done = run(HANDLER, pure=pure)
    assert int(done.stdout) >= 100, (done.returncode, done.stderr)


SLEEPER = """
    import signal, time
    import numpy as np, glassgrad as gg
    x = np.linspace(0.0, 1.0, 100_000)
    batch = gg.vmap(lambda x: gg.exp(-x), threads=2)
    batch(x)
    class Alarm(Exception):
        pass
    def alarm(*_):
        raise Alarm
    signal.signal(signal.SIGALRM, alarm)
    for _ in range(20):
        batch(x)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            time.sleep(30)
        except Alarm:
            continue
        break
    else:
        print("woken each time")
"""


@timers
@compiled_only
def test_threads_of_the_pool_leave_signals_to_python():
    """A signal that one of them took would not wake the main thread from its sleep."""
    assert run(SLEEPER).stdout.strip() == "woken each time"


# The end of the program, and forks


@builds
def test_batches_run_on_when_python_ends(pure):
    done = run(
        """
        import atexit
        import numpy as np, glassgrad as gg
        x = np.linspace(0.0, 1.0, 100_000)
        batch = gg.vmap(lambda x: gg.exp(-x), threads=2)
        wanted = batch(x)
        atexit.register(lambda: print((batch(x) == wanted).all()))
        """,
        pure=pure,
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("True", "", 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@builds
def test_a_forked_process_has_threads_of_its_own(pure):
    done = run(
        """
        import os, sys
        import numpy as np, glassgrad as gg
        from glassgrad.compiler.runtime.pool import states
        x = np.linspace(0.0, 1.0, 100_000)
        batch = gg.vmap(lambda x: gg.exp(-x), threads=2)
        wanted = batch(x)
        batch(x)
        before = len(states())
        child = os.fork()
        if not child:
            good = not states() and (batch(x) == wanted).all() and len(states()) == before
            os._exit(0 if good else 1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """,
        pure=pure,
    )
    assert done.returncode == 0, done.stderr
