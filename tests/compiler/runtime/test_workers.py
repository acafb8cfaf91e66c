"""Threads that share in a batch: where they run, and what a call does without them."""

from __future__ import annotations

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

from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import kernel, workers

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
    for made in batch.kernels():
        made.wait()
    return batch


@pytest.fixture
def lingering(monkeypatch):
    """Threads of this test alone, that linger for as long as it takes; returns how many jobs were posted to them."""
    posted = []

    class Counted(workers.Workers):
        def __init__(self, count):
            super().__init__(count)
            real = self.post
            self.post = lambda *given: posted.append(real(*given)) or posted[-1]

    monkeypatch.setattr(workers, "Workers", Counted)
    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(workers, "processors", lambda: 8)
    monkeypatch.setattr(workers, "LINGERS", 1.0)
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
    taken: list[int] = []
    for k in range(1, 10):
        at[draw.integers(0, len(at), 3)] = k
        at[-1] = k  # in the share of the other thread
        before = len(lingering)
        found = batch(at)
        taken += lingering[before:]
        np.testing.assert_allclose(found, [float(ways(x)) for x in at.tolist()], rtol=1e-14)
        ready(batch, at)
        linger(lingering, batch, at)
    assert any(taken)  # not each time, on a busy machine


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
    assert not workers._workers.desks.any()


def begun(count):
    """Wait until so many threads of the pool are there."""
    while len(workers._workers.threads) < count:
        time.sleep(0.001)


@several
def test_they_run_on_other_processors_than_the_caller(monkeypatch):
    monkeypatch.setattr(workers, "_workers", None)
    here = min(os.sched_getaffinity(0))
    monkeypatch.setattr(workers, "processor", lambda: here)
    batch = gg.vmap(wave, threads=2)
    wanted = batch(X)
    begun(1)
    np.testing.assert_array_equal(batch(X), wanted)
    found = workers._workers.threads
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
    begun(1)
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
    start, asked = workers.start_new_thread, []

    def limited(*given):
        asked.append(given)
        if len(asked) > 1:
            raise RuntimeError("can't start new thread")
        start(*given)

    monkeypatch.setattr(workers, "start_new_thread", limited)
    batch = gg.vmap(heavy, threads=3)
    wanted = gg.vmap(heavy, threads=1)(X)
    out = np.empty(len(X))
    for _ in range(10):
        monkeypatch.setattr(workers, "_workers", None)
        asked.clear()
        out[:] = -1.0
        np.testing.assert_array_equal(batch(X, out=out), wanted)
    assert len(asked) > 1


def test_pools_that_are_replaced_end(monkeypatch):
    """Only the last one's threads stay, until it is gone too."""
    ended, pools = [], []

    def serve(*given):
        workers_serve(*given)
        ended.append(1)

    workers_serve = workers._serve
    monkeypatch.setattr(workers, "_serve", serve)
    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(kernel, "SPLIT", 1)
    for count in range(2, 8):
        gg.vmap(wave, threads=count)(X)
        begun(count - 1)
        pools.append(count - 1)
    until = time.monotonic() + 20
    while len(ended) < sum(pools[:-1]) and time.monotonic() < until:
        time.sleep(0.01)
    assert len(ended) == sum(pools[:-1])
    workers._workers = None
    while len(ended) < sum(pools) and time.monotonic() < until:
        time.sleep(0.01)
    assert len(ended) == sum(pools)


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


INTERRUPTED = """
import dis, os, signal, sys, time
import numpy as np, glassgrad as gg
from glassgrad.compiler.runtime import workers

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
files = ("workers.py", "kernel.py", "threading.py", "driver.py", "machine.py")
checked = ("RESUME", "CALL", "JUMP_BACKWARD", "CALL_FUNCTION_EX")  # behind these Python looks for signals
known = {}

def before(frame):
    code = frame.f_code
    if code not in known:
        names = [(i.offset, i.opname) for i in dis.get_instructions(code)]
        known[code] = {offset: name for (offset, _), (_, name) in zip(names[1:], names)}
    return known[code].get(frame.f_lasti)

def interrupted_at(point, asleep):
    seen = 0
    def trace(frame, event, arg):
        nonlocal seen
        if not frame.f_code.co_filename.endswith(files):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and before(frame) in checked:
            seen += 1
            if seen == point:
                raise Interruption
        return trace
    workers._workers = None
    for _ in range(4):
        batch(x, out=out)
    if asleep:
        time.sleep(0.01)
    sys.settrace(trace)
    try:
        batch(x, out=out)
    except Interruption:
        pass
    else:
        return 9 if seen < point else 1  # all points are behind it, or the interruption was lost
    finally:
        sys.settrace(None)
    out[:] = 7.0
    time.sleep(0.003)
    if (out != 7.0).any():
        return 2
    return 0 if all(np.array_equal(batch(x), wanted) for _ in range(3)) else 3

for asleep in (False, True):
    point = 0
    while True:
        point += 1
        child = os.fork()
        if not child:
            signal.alarm(20)
            os._exit(interrupted_at(point, asleep))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 9:
            break
        if code:
            print("point", point, "asleep" if asleep else "lingering", "ended with", code)
    print(point)
"""


@pytest.mark.skipif(
    not hasattr(os, "fork") or sys.version_info[:2] != (3, 11), reason="knows Python 3.11's instructions"
)
def test_a_call_that_is_interrupted_anywhere_is_over():
    """At each instruction where a signal may come, by a thread that lingers or sleeps: no lock stays, nothing is
    written later, and the next calls are as always."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", INTERRUPTED], capture_output=True, text=True, timeout=300
    )
    assert not done.stderr
    counts = done.stdout.split()
    assert len(counts) == 2, done.stdout
    assert all(int(count) > 20 for count in counts)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
def test_a_signals_handler_may_call_while_a_call_is_at_work():
    code = """
import signal, sys, time
import numpy as np, glassgrad as gg
x = np.linspace(0.0, 1.0, 50_000)
batch = gg.vmap(lambda x: gg.exp(-x) * gg.sin(x), threads=2)
wanted = batch(x)
count = 0
def handler(*_):
    global count
    count += 1
    assert (batch(x) == wanted).all()
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0007)
end = time.monotonic() + 3
while time.monotonic() < end:
    assert (batch(x) == wanted).all()
signal.setitimer(signal.ITIMER_REAL, 0)
print(count > 100)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "True", (done.returncode, done.stderr)


def test_a_call_does_not_wait_while_other_code_is_made():
    """Whoever compiles holds a lock, which calls of code that is there do not need."""
    batch = ready(gg.vmap(wave, threads=2), X)
    wanted = batch(X)
    taken, done = threading.Event(), threading.Event()

    def compile_long():
        with machine.first.turn, machine._making.lock:
            taken.set()
            done.wait(30)

    thread = threading.Thread(target=compile_long)
    thread.start()
    taken.wait(30)
    np.testing.assert_array_equal(batch(X), wanted)
    assert thread.is_alive()  # it still holds the lock
    done.set()
    thread.join()


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


def test_many_callers_do_not_queue_for_a_thread_without_end(monkeypatch):
    """What it has no time for, they do alone."""
    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(kernel, "SPLIT", 1)
    x = np.linspace(0.0, 1.0, 2_000)
    batch, most = ready(gg.vmap(wave, threads=2), x), []
    wanted = gg.vmap(wave, threads=1)(x)
    wrong = []

    def call():
        for _ in range(300):
            if not np.array_equal(batch(x), wanted):
                wrong.append(1)
            most.append(workers._workers.teams.qsize())

    callers = [threading.Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong
    assert max(most) <= workers.QUEUED + 8


def test_nothing_is_queued_where_no_thread_is(monkeypatch):
    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(workers, "start_new_thread", refuse)
    batch = ready(gg.vmap(heavy, threads=3), X)
    for _ in range(3):
        np.testing.assert_array_equal(batch(X), gg.vmap(heavy, threads=1)(X))
    assert workers._workers.teams.empty()
