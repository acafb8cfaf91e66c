"""Compiled functions work in forked children, whatever other threads were doing at the fork, and in processes that are
started in any other way."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

COMMON = """
import math, os, signal, sys, threading, time
import numpy as np
import glassgrad as gg
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import kernel, optimiser

X = np.linspace(0.0, 1.0, 100_000)
WAVE = np.array([math.sin(x) * math.exp(-x) for x in X.tolist()])
kernel.SPLIT = 1  # threads share in any batch


def long(x, y):
    for _ in range(25):
        x = x + 0.01 * gg.sin(y) * y
        y = y - 0.01 * gg.exp(-x * x)
    return x * y


def plain(x, y):
    for _ in range(25):
        x = x + 0.01 * math.sin(y) * y
        y = y - 0.01 * math.exp(-x * x)
    return x * y


compiled, batch = gg.jit(long), gg.vmap(lambda x: gg.sin(x) * gg.exp(-x), threads=2)


def near(a, b):
    return np.allclose(a, b, rtol=1e-11, atol=0)


def works():
    '''Whether all is well here: code that there was, new code, better code, threads.'''
    fresh = gg.jit(lambda x: gg.cos(x) + gg.tanh(x * 0.5))
    good = near(fresh(0.3), math.cos(0.3) + math.tanh(0.15)) and near(compiled(1.0, 2.0), plain(1.0, 2.0))
    good = good and near(batch(X), WAVE) and near(gg.vmap(lambda x: x * x + 1.0)(X), X * X + 1.0)
    for one in (compiled, batch, fresh):
        for made in one.kernels():
            made.wait()
            good = good and made.final
    return good and near(compiled(1.0, 2.0), plain(1.0, 2.0)) and near(batch(X), WAVE) and near(fresh(0.0), 1.0)


def forked(work=works):
    '''What became of ``work`` in a forked child: 0 if it was true. A child that hangs is ended by a signal.'''
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        code = 3
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def heat(one):
    for made in one.kernels():
        made.calls = 100
        made.count_use(1e9)
"""


def run(code: str, *, timeout: int = 150, pure: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, with this build or with plain Python."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMMON + textwrap.dedent(code)],
        capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, **({"GLASSGRAD_PURE": "1"} if pure else {})},
    )  # fmt: skip


SITUATIONS = {
    "better code is being made": """
        compiled(1.0, 2.0)
        made, image = [], machine.better.image
        machine.better.image = lambda *given: made.append(1) or image(*given)
        heat(compiled)
        while not made:
            time.sleep(0.0001)
    """,
    "another thread traces the same function": """
        tracing = threading.Event()
        def slowly(x):
            if threading.get_ident() != main:
                tracing.set()
                time.sleep(0.5)
            return gg.exp(x) + x
        main, compiled_slowly = threading.get_ident(), gg.jit(slowly)
        threading.Thread(target=compiled_slowly, args=(0.5,), daemon=True).start()
        tracing.wait()
        before = works
        def works():
            return near(compiled_slowly(0.5), math.exp(0.5) + 0.5) and before()
    """,
    "another thread makes first code": """
        def endlessly():
            k = 0
            while True:
                k += 1
                gg.jit(lambda x: gg.exp(x) * k + gg.sin(x) / k)(0.5)
        threading.Thread(target=endlessly, daemon=True).start()
        time.sleep(0.2)
    """,
    "threads of a batch are waiting for more": """
        for _ in range(5):
            batch(X)
    """,
    "another thread runs a batch": """
        def endlessly():
            while True:
                batch(X)
        threading.Thread(target=endlessly, daemon=True).start()
        time.sleep(0.2)
    """,
}


@forks
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_forked_child(situation):
    """Of the main thread, of another thread, and of a child."""
    ways = """
        found = [forked(works)]
        thread = threading.Thread(target=lambda: found.append(forked(works)))
        thread.start()
        thread.join()
        found.append(forked(lambda: forked(works) == 0))
        print(*found, works(), flush=True)
        os._exit(0)
    """
    done = run(textwrap.dedent(SITUATIONS[situation]) + textwrap.dedent(ways))
    assert not done.stderr
    assert done.stdout.split() == ["0", "0", "0", "True"]


@forks
def test_children_forked_at_any_time():
    """While one thread makes first code, one runs a batch, and better code is made."""
    done = run("""
        def endlessly(step):
            def loop():
                k = 0
                while True:
                    k += 1
                    step(k)
            threading.Thread(target=loop, daemon=True).start()
        def compiles(k):
            one = gg.vmap(lambda x: gg.exp(x) * k + gg.tanh(x) / k)
            one(X[:100])
            heat(one)
        def known(k):
            gg.vmap(lambda x: x * 2.0 if x > 0.5 else x + 1.0)(X[:100])
        works()
        endlessly(compiles)
        endlessly(known)
        endlessly(lambda k: batch(X))
        def child():
            fresh = gg.jit(lambda x: gg.cos(x) + gg.tanh(x * 0.5))
            return near(fresh(0.3), math.cos(0.3) + math.tanh(0.15)) and near(batch(X), WAVE)
        print(*{forked(child) for _ in range(25)}, flush=True)
        os._exit(0)
    """)
    assert not done.stderr
    assert done.stdout.split() == ["0"]


@forks
def test_better_code_begun_in_the_parent_is_made_in_the_child():
    """The child has no thread that would finish it."""
    done = run("""
        compiled(1.0, 2.0)
        (made,) = compiled.kernels()
        machine.better.image = lambda *given: time.sleep(1000)
        heat(compiled)
        while not optimiser._working.locked():
            time.sleep(0.001)
        def child():
            del machine.better.image
            for _ in range(200):
                compiled(1.0, 2.0)
                if made.final:
                    return True
                time.sleep(0.05)
        print(forked(child), made.final, flush=True)
        os._exit(0)
    """)
    assert not done.stderr
    assert done.stdout.split() == ["0", "False"]


MIDDLE = """
    parent = os.getpid()
    children = []
    heavy = gg.vmap(long, threads=2)
    wanted = gg.vmap(long, threads=1)(X, X)
    heavy(X, X)
    def fork(*_):
        child = os.fork()
        if child:
            children.append(child)
        else:
            signal.alarm(60)
    signal.signal(signal.SIGALRM, fork)
    good, error = True, None
    signal.setitimer(signal.ITIMER_REAL, 0.002)
    for _ in range(3):
        try:
            good = good and np.array_equal(heavy(X, X), wanted)
        except RuntimeError as e:
            error = e
    if os.getpid() != parent:
        os._exit((0 if error is None else 2) if good and works() else 1)
    print(good, error, *[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""


@forks
@pytest.mark.skipif(not gg.compiled(), reason="there is no pool in plain Python")
def test_a_call_that_is_forked_in_the_middle_goes_on_in_the_child():
    """A signal's handler forks. It runs when none of the pool's threads is at work on the call."""
    done = run(MIDDLE)
    assert not done.stderr
    assert done.stdout.split() == ["True", "None", "0"]


@forks
def test_in_plain_python_a_call_that_is_forked_in_the_middle_ends_in_the_child():
    """The child cannot finish the call, for it has not got the threads that share in it: it raises an exception, unless
    the fork came between two calls."""
    done = run(MIDDLE, pure=True)
    assert not done.stderr
    *parents, child = done.stdout.split()
    assert parents == ["True", "None"]
    assert child in ("0", "2")


TASKS = """
import math
import glassgrad as gg
import numpy as np


@gg.jit
def slope(x):
    return gg.sin(x) * gg.exp(-x)


batch = gg.vmap(lambda x: gg.tanh(x) * x, threads=2)
X = np.linspace(0.0, 1.0, 200_000)


def task(k):
    for _ in range(20):
        value = slope(k * 0.1)
    return value, float(batch(X + k)[-1]), gg.jit(lambda x: x * k + gg.cos(x))(1.0)


def wanted(k):
    x = k * 0.1
    return math.sin(x) * math.exp(-x), math.tanh(1.0 + k) * (1.0 + k), k + math.cos(1.0)


"""
POOLS = """
import sys
import numpy as np
from tasks import X, batch, slope, task, wanted

if __name__ == "__main__":
    way = sys.argv[1]
    for _ in range(20):
        slope(0.5)
    batch(X)
    if way == "loky":
        import joblib
        found = joblib.Parallel(n_jobs=2)(joblib.delayed(task)(k) for k in range(6))
    else:
        import concurrent.futures
        import multiprocessing
        library, method = way.split()
        context = multiprocessing.get_context(method)
        if library == "multiprocessing":
            with context.Pool(2) as pool:
                found = pool.map(task, range(6), chunksize=1)
        else:
            with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
                found = list(pool.map(task, range(6)))
    print(np.allclose(found, [wanted(k) for k in range(6)], rtol=1e-12))
"""
METHODS = ["fork", "forkserver", "spawn"] if hasattr(os, "fork") else ["spawn"]


@pytest.mark.parametrize(
    "way",
    [*[f"multiprocessing {method}" for method in METHODS], f"concurrent.futures {METHODS[0]}", "loky"],
)
def test_pools_of_processes(way, tmp_path):
    """After a warm call, when better code may be being made, each worker compiles for itself."""
    if way == "loky":
        pytest.importorskip("joblib")
    (tmp_path / "tasks.py").write_text(TASKS, encoding="utf-8")
    script = tmp_path / "pools.py"
    script.write_text(POOLS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), way], capture_output=True, text=True, timeout=150, check=False
    )
    assert done.stdout.strip() == "True", done.stderr
