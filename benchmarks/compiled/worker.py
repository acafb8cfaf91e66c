"""One contender in a process of its own: `python worker.py JOB`, JOB in JSON; it answers in lines of JSON.

The first answer tells of the first call; after that, each line on standard input asks for a turn of steady calls, so
that the contenders can take turns while none of them runs beside another. Threads are set by the environment before the
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

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from family import Case, flat, load

TURN = 0.03  # seconds of calls at a turn, at least
LONG = 0.5  # a call that takes longer is not made once more to warm up
WARM = 0.3  # seconds of calls, twice, before the first turn
QUIET, PATIENCE = 0.02, 20.0  # how long nothing works behind the calls once they have settled; how long that may take


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
    heyoka.llvm_state.set_diskcache_enabled(False)  # else what another process compiled would be a first call


READY: dict[str, Callable[[], None]] = {"jax": ready_jax, "torch": ready_torch, "heyoka": ready_heyoka}


def version(package: str) -> str:
    """The package's version; for glassgrad also whether its hot modules are compiled."""
    if package == "glassgrad":
        gg = importlib.import_module("glassgrad")
        return f"{gg.__version__} ({'compiled' if gg.compiled() else 'pure Python'})"
    return importlib.metadata.version(package)


def get_ready(packages: list[str]) -> dict[str, str]:
    """Import what a contender needs and do what its manual says to do first; returns the versions."""
    for package in packages:
        importlib.import_module(package)
        READY.get(package, lambda: None)()
    return {package: version(package) for package in packages}


def spend(call: Callable[[], Any], number: int) -> tuple[float, float]:
    """Seconds on the wall and of processor time that a call takes, over `number` of them."""
    cpu, wall = processor_time(), time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - wall) / number, (processor_time() - cpu) / number


def settle(call: Callable[[], Any]) -> None:
    """Warm up, and wait until no thread works behind the calls: what compiles hot code again there is done, or spins no
    more. So turns are of the steady state, and a contender that sits one out leaves the machine to the others."""
    for _ in range(2):
        end = time.perf_counter() + WARM
        while time.perf_counter() < end:
            call()
        until, busy = time.perf_counter() + PATIENCE, 1.0
        while busy > 0.1 and time.perf_counter() < until:
            cpu, wall = time.process_time(), time.perf_counter()
            time.sleep(QUIET)
            busy = (time.process_time() - cpu) / (time.perf_counter() - wall)


def processor_time() -> float:
    """Seconds of processor time of this process, and of those that it started and that have ended, gcc say."""
    return time.process_time() + sum(os.times()[2:4])


def main(job: dict[str, Any]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer

    def tell(**answer: Any) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    family, case = load(job["family"]), Case(**job["case"])
    contender = family.contenders[job["contender"]]
    try:
        versions = get_ready(list(contender.packages))
    except ImportError as error:
        tell(missing=str(error))
        return
    data = family.data(case)
    gc.collect()
    gc.freeze()
    begin = time.perf_counter()
    made = contender.make(data, job["threads"])
    call, read = made if isinstance(made, tuple) else (made, lambda results: results)
    results = call()
    first = time.perf_counter() - begin
    np.save(job["results"], flat(read(results)))
    del results
    once, _ = spend(call, 1)
    if once < LONG:
        settle(call)
        once, _ = spend(call, 3)
    number = max(1, int(TURN / once))
    tell(first=first, once=once, number=number, versions=versions)
    for _ in sys.stdin:
        if once < LONG:
            call()
        wall, cpu = spend(call, number)
        tell(wall=wall / contender.times, cpu=cpu / contender.times)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main(json.loads(sys.argv[1]))
