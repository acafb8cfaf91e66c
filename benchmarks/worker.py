"""Run one contender in a process of its own: `python worker.py JOB`, with JOB in JSON. Answers are lines of JSON.

The first answer describes the first call. After that, each line on standard input asks for a turn of steady calls, so
the contenders can take turns and never run at the same time. The environment sets the number of threads before the
start.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from family import About, Call, Case, Read, flat
from measure import peak, resident

TURN = 0.03  # a turn lasts at least as many seconds
LONG = 0.5  # a call that takes longer than this has no warm-up call
WARM = 0.3  # seconds of calls before the first turn, twice
QUIET, PATIENCE = 0.02, 20.0  # how long the background must be idle; how long to wait for that


def ready_jax() -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.devices()


def ready_torch() -> None:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.set_default_dtype(torch.float64)


def ready_heyoka() -> None:
    import heyoka

    heyoka.set_nthreads(int(os.environ["OMP_NUM_THREADS"]))
    heyoka.llvm_state.set_diskcache_enabled(False)  # otherwise a first call could use what another process compiled


READY: dict[str, Callable[[], None]] = {"jax": ready_jax, "torch": ready_torch, "heyoka": ready_heyoka}


def version(package: str) -> str:
    """Return the package's version; for glassgrad also whether its hot modules are compiled."""
    if package == "glassgrad":
        gg = importlib.import_module("glassgrad")
        return f"{gg.__version__} ({'compiled' if gg.compiled() else 'pure Python'})"
    return importlib.metadata.version(package)


def get_ready(packages: list[str]) -> dict[str, str]:
    """Import the packages of a contender and set them up as their manuals say; return the versions."""
    for package in packages:
        importlib.import_module(package)
        READY.get(package, lambda: None)()
    return {package: version(package) for package in packages}


def spend(call: Callable[[], Any], number: int) -> tuple[float, float]:
    """Return wall time and processor time of a call in seconds, averaged over `number` calls."""
    cpu, wall = processor_time(), time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - wall) / number, (processor_time() - cpu) / number


def settle(call: Callable[[], Any]) -> None:
    """Warm up until no thread works in the background: better code has been made, and no thread spins.

    Then turns measure the steady state, and a contender that waits leaves the machine to the others."""
    for _ in range(2):
        end = time.perf_counter() + WARM
        while time.perf_counter() < end:
            call()
        until, busy = time.perf_counter() + PATIENCE, 1.0
        while busy > 0.1 and time.perf_counter() < until:
            cpu, wall = time.process_time(), time.perf_counter()
            time.sleep(QUIET)
            busy = (time.process_time() - cpu) / (time.perf_counter() - wall)


def parts(made: Any) -> tuple[Call, Read, About]:
    """Return the three functions of a contender, with defaults for those that it leaves out."""
    given = made if isinstance(made, tuple) else (made,)
    default: tuple[Any, ...] = (None, lambda results: results, dict)
    return (*given, *default[len(given) :])


def forget_the_peak() -> None:
    """Have the peak of resident memory start from what is resident now, on Linux."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def processor_time() -> float:
    """Return the processor time of this process and its ended children (gcc, for instance) in seconds."""
    return time.process_time() + sum(os.times()[2:4])


def main(job: dict[str, Any]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # prints of a library must not mix with the answer

    def tell(**answer: Any) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    sys.path.insert(0, job["folder"])
    family, case = importlib.import_module("families").load(job["family"]), Case(**job["case"])
    contender = family.contenders[job["contender"]]
    try:
        versions = get_ready(list(contender.packages))
    except ImportError as error:
        tell(missing=str(error))
        return
    if job["warm"]:
        parts(contender.make(family.data(family.quick[0]), job["threads"]))[0]()
    data = family.data(case)
    gc.collect()
    gc.freeze()
    forget_the_peak()
    before = resident()
    begin = time.perf_counter()
    call, read, about = parts(contender.make(data, job["threads"]))
    results = call()
    first = time.perf_counter() - begin
    memory = max(0, peak() - before)
    np.save(job["results"], flat(read(results)))
    del results
    once, _ = spend(call, 1)
    if once < LONG:
        settle(call)
        once, _ = spend(call, 3)
    number = max(1, int(TURN / once))
    tell(first=first, once=once, number=number, versions=versions, memory=memory, about=about())
    for _ in sys.stdin:
        if once < LONG:
            call()
        wall, cpu = spend(call, number)
        tell(wall=wall / contender.times, cpu=cpu / contender.times)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main(json.loads(sys.argv[1]))
