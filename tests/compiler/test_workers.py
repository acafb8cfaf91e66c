"""Threads that share in a batch: where they run, and what a call does without them."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("llvmlite")

from glassgrad.compiler import workers

X = np.linspace(0.0, 1.0, 100_000)
several = pytest.mark.skipif(
    workers.processor is None or len(os.sched_getaffinity(0)) < 2, reason="Linux, with several processors"
)


def wave(x):
    return gg.sin(x) * gg.exp(-x)


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
