"""Make one measurement in a process of its own: `python measure.py JOB`, with JOB and answer in JSON.

A job names a task and its settings. The answer is one line on standard output. So the heap, the imports and the garbage
collector of one peer cannot affect another.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import resource
import runpy
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peers import PEERS
from workloads import WORKLOADS, Workload, chain

HERE = Path(__file__).parent
STATUS = Path("/proc/self/status")
RATE = 0.01


def clock(act: Callable[..., object], *args: object) -> float:
    """Return the processor time of `act(*args)` in seconds. Every peer runs in one thread."""
    begin = time.process_time()
    act(*args)
    return time.process_time() - begin


def settle(collect: bool) -> None:
    """Prepare the collector, the same for every peer: no garbage left, older objects frozen, then on or off."""
    gc.collect()
    gc.freeze()  # without this, a peer would pay for the objects that its import made
    (gc.enable if collect else gc.disable)()


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    return memory("VmRSS") or peak()


def peak() -> int:
    """Return the peak of this process's resident memory so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return memory("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def memory(field: str) -> int:
    """Return a field of /proc/self/status in bytes, or 0 where there is no such file."""
    if not STATUS.exists():
        return 0
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])


def graph(peer: str, workload: str, size: int, repeats: int, seconds: float, collect: bool) -> dict[str, Any]:
    """Record, reverse and free a graph, after a small one to warm up.

    It repeats that at least `repeats` times, and until `seconds` have passed. `check` is the result and the gradients.
    """
    library, make = PEERS[peer](), WORKLOADS[workload]
    once(library, make(2_000), collect)
    target = make(size)
    operations = target.operations
    samples: list[dict[str, float]] = []
    begin = time.perf_counter()
    while len(samples) < repeats or time.perf_counter() - begin < seconds:
        sample, check = once(library, target, collect)
        samples.append(sample)
    return {"operations": operations, "samples": samples, "check": check}


def once(library: Any, target: Workload, collect: bool) -> tuple[dict[str, float], list[float]]:
    library.start(target.values)
    settle(collect)
    before = resident()
    record = clock(library.record, target.program)
    recorded = resident() - before
    reverse = clock(library.reverse)
    reversed_ = resident() - before
    check = [library.result(), *library.gradients()]
    free = clock(library.free)
    collecting = clock(gc.collect)  # a graph of reference cycles is freed here
    sample = {
        "record": record,
        "reverse": reverse,
        "free": free + collecting,
        "recorded_bytes": recorded,
        "reversed_bytes": reversed_,
        "peak_bytes": max(peak() - before, recorded, reversed_),  # the kernel updates its peak with a delay
    }
    return sample, check


def train(peer: str, workload: str, size: int, repeats: int, seconds: float, collect: bool) -> dict[str, Any]:
    """Run steps of gradient descent (forward, backward, update): one to warm up, then as many as `graph` does."""
    library, target = PEERS[peer](), WORKLOADS[workload](size)
    operations = target.operations
    library.start(target.values)
    settle(collect)
    samples: list[dict[str, float]] = []
    begin = time.perf_counter()
    while len(samples) <= repeats or time.perf_counter() - begin < seconds:
        record = clock(library.record, target.program)  # frees the graph of the step before, too
        reverse = clock(library.reverse)
        if len(samples) == 1:  # after one update, so that it is checked as well
            check = [library.result(), *library.gradients()]
        update = clock(library.update, RATE)
        samples.append({"record": record, "reverse": reverse, "update": update})
    return {"operations": operations, "samples": samples[1:], "check": check}


def scaling(peer: str, sizes: list[int]) -> dict[str, Any]:
    """Return the seconds to record, reverse and free the chain, all samples for each size."""
    library = PEERS[peer]()
    once(library, chain(2_000), collect=True)
    answer = []
    for size in sizes:
        target = chain(size)
        operations = target.operations
        samples = []
        for _ in range(min(100, max(3, 1_000_000 // size))):
            library.start(target.values)
            settle(collect=True)
            record = clock(library.record, target.program)
            reverse = clock(library.reverse)
            samples.append({"record": record, "reverse": reverse, "free": clock(library.free)})
        answer.append({"operations": operations, "samples": samples})
    return {"scaling": answer}


def script(peer: str) -> dict[str, Any]:
    """Run the training script unchanged, from start to end; for glassgrad, with `Scalar` as `Value`."""
    begin = time.process_time()
    if PEERS[peer].package == "glassgrad":
        engine: Any = types.ModuleType("micrograd.engine")
        engine.Value = importlib.import_module("glassgrad").Scalar
        sys.modules["micrograd.engine"] = engine
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        runpy.run_path(str(HERE / "train_moons.py"), run_name="__main__")
    return {"seconds": time.process_time() - begin, "printed": printed.getvalue()}


def versions(peer: str) -> dict[str, Any]:
    """Return the peer's version, and for glassgrad whether the engine is compiled and the size of a node."""
    from importlib.metadata import version

    PEERS[peer]()
    package = PEERS[peer].package
    answer: dict[str, Any] = {"version": version(package)}
    if package == "glassgrad":
        gg = importlib.import_module("glassgrad")
        answer |= {"compiled": gg.compiled(), "sizeof": sys.getsizeof(gg.Scalar(0.0))}
    return answer


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "graph": graph, "train": train, "scaling": scaling, "script": script, "versions": versions,
}  # fmt: skip


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    print(json.dumps(TASKS[job.pop("task")](**job)))
