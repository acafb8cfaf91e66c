"""Run contenders in turns: each is a process of its own (worker.py), with its threads set before it starts.

For a case all contenders start one after another, which gives the first calls. Then they take turns, round after
round, so all see the same state of the machine. If a peer is not installed, the run goes on without it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from family import Array, Case, Contender, Family

HERE = Path(__file__).parent
PATIENCE = 120.0  # seconds for the first call; a contender that takes longer is stopped
SLOW = 1.0  # seconds: a call that takes longer runs in only FEW rounds
FEW = 3
REST = 0.01  # seconds between turns, so that threads of the last turn go to sleep


@dataclass
class Entrant:
    """A contender with a number of threads, at one case: its process, its first answer, the times of its turns."""

    contender: Contender
    threads: int
    process: subprocess.Popen[str]
    told: dict[str, Any]
    results: Path
    wall: list[float]
    cpu: list[float]

    @property
    def seconds(self) -> list[float]:
        """The time of each turn's call: wall time, or for one thread the smaller of wall and processor time."""
        return self.wall if self.threads > 1 else [min(pair) for pair in zip(self.wall, self.cpu, strict=True)]

    @property
    def key(self) -> str:
        return f"{self.contender.name}|{self.threads}"

    def turn(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("turn\n")
        self.process.stdin.flush()
        answer = hear(self.process, PATIENCE)
        self.wall.append(answer["wall"])
        self.cpu.append(answer["cpu"])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def environment(threads: int, folder: Path) -> dict[str, str]:
    """Return the environment that sets the threads of all libraries, with caches in `folder`, which is empty."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")
    xla = f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'}"
    folder.mkdir()
    ours = {"XLA_FLAGS": xla, "GLASSGRAD_CACHE": str(folder / "cache"), "TMPDIR": str(folder)}
    return {**os.environ, **dict.fromkeys(names, str(threads)), **ours}


def hear(process: subprocess.Popen[str], patience: float) -> dict[str, Any]:
    """Return a process's next answer, or raise an error that says why there is none."""
    assert process.stdout
    if not select.select([process.stdout], [], [], patience)[0]:
        process.kill()
        raise RuntimeError(f"took over {patience:.0f} s, stopped")
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"ended with code {process.wait()}")
    answer: dict[str, Any] = json.loads(line)
    return answer


def enter(job: dict[str, Any], contender: Contender, folder: Path, patience: float) -> Entrant | str:
    """Start a contender in its own process and make its first call; or return the reason why that is impossible."""
    threads = job["threads"]
    stem = f"{contender.name}-{threads}{'-warm' * job['warm']}".replace("/", " ").replace(" ", "-")
    results, errors = folder / f"{stem}.npy", folder / f"{stem}.txt"
    with errors.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), json.dumps(job | {"results": str(results)})],
            env=environment(threads, folder / stem),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        told = hear(process, patience)
    except RuntimeError as error:
        process.kill()
        process.wait()
        last = errors.read_text().strip().splitlines()[-1:]
        return f"{error}: {last[0][:200]}" if last and "ended" in str(error) else str(error)
    if "missing" in told:
        process.wait()
        return f"not installed ({told['missing']})"
    return Entrant(contender, threads, process, told, results, [], [])


def disagreement(got: Array, want: Array) -> float:
    """Return the largest difference relative to max(1, |value|); inf for NaN, or if the shapes differ."""
    if got.shape != want.shape:
        return float("inf")
    difference = np.abs(got - want) / np.maximum(1.0, np.abs(want))
    worst = float(difference.max(initial=0.0))
    return worst if worst == worst else float("inf")


def run_case(
    folder: Path,
    name: str,
    case: Case,
    rounds: int,
    peers: list[str],
    say: Callable[[str], None],
    *,
    patience: float = PATIENCE,
    warm: bool = False,
) -> dict[str, Any]:
    """Run one case: first calls in turn, comparison, then rounds of steady calls.

    Args:
        folder: where the module `families` is, which loads the family.
        name: the family.
        peers: only contenders with one of these in their names, unless it is empty.
        patience: the seconds after which a contender's first call is stopped.
        warm: whether every contender makes two first calls: one in a process that has compiled nothing, and one in a
            process that has compiled and run the family's first quick case. The second process makes the steady calls.
    """
    family = importlib.import_module("families").load(name)
    entrants: list[Entrant] = []
    absent: dict[str, str] = {}
    cold: dict[str, dict[str, Any]] = {}
    reference: Array | None = None
    worst = 0.0
    with tempfile.TemporaryDirectory() as temporary:
        for key, contender, threads in chosen(family, case, peers):
            if contender.name in absent:
                continue
            job = {"folder": str(folder), "family": name, "case": asdict(case), "contender": key, "threads": threads}
            entrant: Entrant | str = ""
            for again in (False, True) if warm else (False,):
                say(f"{family.title}: {case.name}: {contender.name}, {threads} thread(s){', warm' * again}")
                entrant = enter(job | {"warm": again}, contender, Path(temporary), patience)
                if isinstance(entrant, str):
                    break
                if warm and not again:
                    cold[entrant.key] = entrant.told
                    entrant.stop()
            if isinstance(entrant, str):
                say(f"    {entrant}")
                absent[contender.name] = entrant
                continue
            got = np.load(entrant.results)
            entrant.results.unlink()
            reference = got if reference is None else reference
            difference = disagreement(got, reference)
            if not difference <= (contender.agreement or family.agreement):
                entrant.stop()
                absent[contender.name] = f"its results differ by {difference:.1e} from the first one's: no figure"
                say(f"    {absent[contender.name]}")
                continue
            worst = max(worst, 0.0 if contender.agreement else difference)
            entrants.append(entrant)
        take_turns(entrants, rounds, absent, say)
    return {
        "series": case.series,
        "size": case.size,
        "items": case.items,
        "disagreement": worst,
        "absent": absent,
        "versions": {k: v for entrant in entrants for k, v in entrant.told["versions"].items()},
        "rows": {entrant.key: row_of(entrant, cold.get(entrant.key)) for entrant in entrants},
    }


def chosen(family: Family, case: Case, peers: list[str]) -> Iterator[tuple[str, Contender, int]]:
    """Yield the key of each contender that runs a case, the contender, and its number of threads."""
    work = case.size if case.items == 1 else case.items
    for key, contender in family.contenders.items():
        if contender.series not in (None, case.series) or (contender.most is not None and work > contender.most):
            continue
        if peers and not any(peer.lower() in contender.name.lower() for peer in peers):
            continue
        for threads in (1, os.cpu_count() or 1) if contender.threads else (1,):
            yield key, contender, threads


def take_turns(entrants: list[Entrant], rounds: int, absent: dict[str, str], say: Callable[[str], None]) -> None:
    """Have the contenders make their steady calls in turn. One that fails goes from `entrants` to `absent`."""
    try:
        for turn in range(rounds):
            for entrant in list(entrants):
                if turn < FEW or entrant.told["once"] < SLOW:
                    try:
                        entrant.turn()
                    except RuntimeError as error:
                        say(f"    {entrant.key}: {error}")
                        absent[entrant.contender.name] = f"{error} after a first call of {entrant.told['first']:.1f} s"
                        entrant.stop()
                        entrants.remove(entrant)
                    time.sleep(REST)
    finally:
        for entrant in entrants:
            entrant.stop()


def row_of(entrant: Entrant, cold: dict[str, Any] | None) -> dict[str, Any]:
    """Return the figures of one contender, with those of its cold first call if there was a warm one."""
    begun = cold or entrant.told
    return {
        "first": begun["first"],
        **({"warm": entrant.told["first"]} if cold else {}),
        "memory": begun["memory"],
        **entrant.told["about"],
        "median": median(entrant.seconds),
        "wall": median(entrant.wall),
        "low": min(entrant.seconds),
        "high": max(entrant.seconds),
        "busy": median(cpu / wall for cpu, wall in zip(entrant.cpu, entrant.wall, strict=True)),
        "rounds": len(entrant.wall),
        "calls": entrant.told["number"],
    }
