"""Time glassgrad and its peers, compare their gradients, and write a table and a plot.

`python setup_and_run.py` makes the environment for this. Every measurement is a process of its own (measure.py). The
peers take turns, round after round, so a slow minute of the machine affects all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import report
from peers import PEERS

from glassgrad.support.legible import legible

HERE = Path(__file__).parent
AGREEMENT = 1e-9  # of gradients among peers: enough for a few million roundings
PATIENCE = 10.0  # seconds: a peer slower than this at a case is measured once, not in every round
PURE = "glassgrad, pure Python"


@dataclass(frozen=True)
class Case:
    """One block of the table: a task of measure.py with its settings, which are the same for every peer."""

    title: str
    task: str
    workload: str
    size: int
    repeats: int
    seconds: float = 0.0
    collect: bool = True

    def job(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "title"}


@dataclass(frozen=True)
class Plan:
    """The extent of a run, full or quick."""

    rounds: int
    cases: dict[str, Case]
    sizes: list[int]


def plan(quick: bool) -> Plan:
    links, nodes, seconds = (6_500, 50_000, 0.2) if quick else (65_000, 1_000_000, 0.5)
    cases = {
        "chain": Case(f"multiply-add chain, tanh every 64, {links:,} operations", "graph", "chain", links, 2, seconds),
        "chain, no gc": Case(
            "the same chain, garbage collector off", "graph", "chain", links, 1, seconds, collect=False
        ),
        "short chain": Case("the same chain, 1,000 operations", "graph", "chain", 1_000, 2, seconds),
        "mlp": Case("MLP 2-16-16-1, one step on 8 rows", "train", "mlp", 8, 2, seconds),
        "graph": Case(f"wide graph of {nodes:,} nodes", "graph", "lattice", nodes, 1, 2 * seconds),
    }
    if quick:
        del cases["short chain"]
    return Plan(rounds=1 if quick else 3, cases=cases, sizes=[10**size for size in range(3, 7 if quick else 8)])


def ask(peer: str, **job: Any) -> dict[str, Any]:
    """Run a job of measure.py in a new process; return its answer, or `{"failed": reason}`."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment.pop("GLASSGRAD_PURE", None)
    if peer == PURE:
        environment["GLASSGRAD_PURE"] = "1"
    command = [sys.executable, str(HERE / "measure.py"), json.dumps(job | {"peer": peer})]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with code {done.returncode}"]
        return {"failed": lines[-1]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def compare(case: Case, checks: dict[str, list[float]]) -> float:
    """Return the largest relative difference of results and gradients among peers; exit if it is too large."""
    reference, expected = next(iter(checks.items()))
    worst = 0.0
    for peer, check in checks.items():
        for index, (got, want) in enumerate(zip(check, expected, strict=True)):
            difference = abs(got - want) / max(1.0, abs(want))
            if not difference <= AGREEMENT:  # NaN too
                what = f"gradient {index}" if index else "result"
                sys.exit(f"{case.title}: {what} of {peer} is {got!r}, of {reference} {want!r}; stopped")
            worst = max(worst, difference)
    return worst


def summary(operations: int, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return nanoseconds per operation: the median of each phase, and the median and range of their sum."""
    phases = [phase for phase in ("record", "reverse", "update") if phase in samples[0]]
    totals = [sum(sample[phase] for phase in phases) / operations * 1e9 for sample in samples]
    row: dict[str, Any] = {phase: median(sample[phase] for sample in samples) / operations * 1e9 for phase in phases}
    row |= {"total": median(totals), "low": min(totals), "high": max(totals), "samples": len(totals)}
    if "free" in samples[0]:
        row["free"] = median(sample["free"] for sample in samples) / operations * 1e9
    return row


def storage(operations: int, samples: list[dict[str, Any]]) -> dict[str, float]:
    """Return the growth of resident memory in bytes per node: after recording, after reverse, and at its peak."""
    sizes = {"recorded": "recorded_bytes", "reversed": "reversed_bytes", "peak": "peak_bytes"}
    return {name: median(sample[key] for sample in samples) / operations for name, key in sizes.items()}


def measure(settings: Plan, versions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Measure every case with every peer, the training script, and the scaling of glassgrad, in each round."""
    begin = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begin:6.0f} s  {text}", file=sys.stderr, flush=True)

    peers = list(versions)
    answers: dict[str, dict[str, list[dict[str, Any]]]] = {name: {} for name in settings.cases}
    operations: dict[str, int] = {}
    checks: dict[str, dict[str, list[float]]] = {name: {} for name in settings.cases}
    fresh: dict[str, list[dict[str, Any]]] = {}  # first graphs of processes: only they show the memory
    scripts: dict[str, list[dict[str, Any]]] = {}
    scaling: dict[int, list[dict[str, Any]]] = {}
    failures: list[str] = []
    finished: set[tuple[str, str]] = set()
    scripted = [peer for peer in ("glassgrad", PURE, "micrograd") if peer in versions]
    for turn in range(settings.rounds):
        for name, case in settings.cases.items():
            for peer in peers:
                if (name, peer) in finished:
                    continue
                say(f"round {turn + 1} of {settings.rounds}: {name}, {peer}")
                asked = time.perf_counter()
                answer = ask(peer, **case.job())
                if "failed" in answer:
                    failures.append(f"{name}, {peer}: {answer['failed']}")
                    finished.add((name, peer))
                    continue
                if time.perf_counter() - asked > PATIENCE:
                    finished.add((name, peer))
                operations[name], checks[name][peer] = answer["operations"], answer["check"]
                answers[name].setdefault(peer, []).extend(answer["samples"])
                if name == "graph":
                    fresh.setdefault(peer, []).append(answer["samples"][0])
        for peer in scripted:
            say(f"round {turn + 1} of {settings.rounds}: training script, {peer}")
            answer = ask(peer, task="script")
            if "failed" in answer:
                failures.append(f"training script, {peer}: {answer['failed']}")
            else:
                scripts.setdefault(peer, []).append(answer)
        if "glassgrad" in versions:
            say(f"round {turn + 1} of {settings.rounds}: scaling, glassgrad")
            answer = ask("glassgrad", task="scaling", sizes=settings.sizes)
            if "failed" in answer:
                failures.append(f"scaling: {answer['failed']}")
            for entry in answer.get("scaling", []):
                scaling.setdefault(entry["operations"], []).extend(entry["samples"])

    measured = {name: answers[name] for name in settings.cases if answers[name]}
    return {
        "cases": {
            name: {
                "title": settings.cases[name].title,
                "operations": operations[name],
                "collector": settings.cases[name].collect,
                "disagreement": compare(settings.cases[name], checks[name]),
                "peers": {peer: summary(operations[name], samples) for peer, samples in per_peer.items()},
            }
            for name, per_peer in measured.items()
        },
        "bytes": {peer: storage(operations["graph"], samples) for peer, samples in fresh.items()},
        "scaling": [{"operations": size, **summary(size, samples)} for size, samples in scaling.items()],
        "script": {
            peer: {"seconds": [run["seconds"] for run in runs], "printed": runs[0]["printed"]}
            for peer, runs in scripts.items()
        },
        "failures": failures,
        "minutes": (time.perf_counter() - begin) / 60,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Time glassgrad beside its peers.")
    parser.add_argument("--quick", action="store_true", help="smaller graphs, one round, about a minute")
    parser.add_argument("--out", type=Path, help="folder for results.md, .json, .png and .svg")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), metavar="PEER", help="only these")
    options = parser.parse_args()
    settings = plan(options.quick)
    versions, missing = {}, []
    for peer in options.peers:
        answer = ask(peer, task="versions")
        if "failed" in answer:
            missing.append(f"{peer}: {answer['failed']}")
        else:
            versions[peer] = answer
    if "glassgrad" in versions and not versions["glassgrad"]["compiled"]:
        missing.append("glassgrad: its engine is not compiled here, so that row is pure Python too")
    machine = report.machine() | {"threads": 1}
    results = {"quick": options.quick, "rounds": settings.rounds, "machine": machine, "versions": versions}
    results |= measure(settings, versions)
    results["cases_asked"] = {name: asdict(case) for name, case in settings.cases.items()}
    results["failures"] = missing + results["failures"]
    folder = options.out or HERE / ("quick" if options.quick else "results")
    report.write(results, folder)
    print(legible(report.markdown(results)))
    print(f"written to {os.path.relpath(folder)}: results.md, results.json, results.png, results.svg")


if __name__ == "__main__":
    main()
