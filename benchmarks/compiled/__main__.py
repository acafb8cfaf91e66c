"""Time compiled glassgrad and its peers, compare their results, and write tables and log-log plots.

`python benchmarks/setup_and_run.py compiled` makes the environment for this. Every contender is a process of its own
(worker.py), with its threads set before it starts. For each case all contenders start one after another, which gives
the first calls. Then they take turns, round after round, so all see the same state of the machine. If a peer is not
installed, the page names it, and the run goes on without it.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402
from family import AGREEMENT, FAMILIES, Array, Case, Contender, Family, load  # noqa: E402

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


def enter(name: str, case: Case, key: str, contender: Contender, threads: int, folder: Path) -> Entrant | str:
    """Start a contender in its own process and make its first call; or return the reason why that is impossible."""
    stem = f"{contender.name}-{threads}".replace("/", " ").replace(" ", "-")
    results, errors = folder / f"{stem}.npy", folder / f"{stem}.txt"
    job = {"family": name, "case": asdict(case), "contender": key, "threads": threads, "results": str(results)}
    with errors.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), json.dumps(job)],
            env=environment(threads, folder / stem),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        told = hear(process, PATIENCE)
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


def run_case(name: str, family: Family, case: Case, rounds: int, peers: list[str], say: Any) -> dict[str, Any]:
    """Run one case: first calls in turn, comparison, then rounds of steady calls."""
    entrants: list[Entrant] = []
    absent: dict[str, str] = {}
    reference: Array | None = None
    worst = 0.0
    with tempfile.TemporaryDirectory() as temporary:
        for key, contender in family.contenders.items():
            work = case.size if case.items == 1 else case.items
            if contender.series not in (None, case.series) or (contender.most is not None and work > contender.most):
                continue
            if peers and not any(peer.lower() in contender.name.lower() for peer in peers):
                continue
            for threads in (1, os.cpu_count() or 1) if contender.threads else (1,):
                say(f"{family.title}: {case.name}: {contender.name}, {threads} thread(s)")
                entrant = enter(name, case, key, contender, threads, Path(temporary))
                if isinstance(entrant, str):
                    say(f"    {entrant}")
                    absent[contender.name] = entrant
                    break
                got = np.load(entrant.results)
                entrant.results.unlink()
                reference = got if reference is None else reference
                difference = disagreement(got, reference)
                if not difference <= AGREEMENT:
                    entrant.stop()
                    absent[contender.name] = f"its results differ by {difference:.1e} from the first one's: no figure"
                    say(f"    {absent[contender.name]}")
                    break
                worst = max(worst, difference)
                entrants.append(entrant)
        try:
            for turn in range(rounds):
                for entrant in list(entrants):
                    if turn < FEW or entrant.told["once"] < SLOW:
                        try:
                            entrant.turn()
                        except RuntimeError as error:
                            say(f"    {entrant.key}: {error}")
                            absent[entrant.contender.name] = (
                                f"{error} after a first call of {entrant.told['first']:.1f} s"
                            )
                            entrant.stop()
                            entrants.remove(entrant)
                        time.sleep(REST)
        finally:
            for entrant in entrants:
                entrant.stop()
    return {
        "series": case.series,
        "size": case.size,
        "items": case.items,
        "disagreement": worst,
        "absent": absent,
        "versions": {k: v for entrant in entrants for k, v in entrant.told["versions"].items()},
        "rows": {
            entrant.key: {
                "first": entrant.told["first"],
                "median": median(entrant.seconds),
                "wall": median(entrant.wall),
                "low": min(entrant.seconds),
                "high": max(entrant.seconds),
                "busy": median(cpu / wall for cpu, wall in zip(entrant.cpu, entrant.wall, strict=True)),
                "rounds": len(entrant.wall),
                "calls": entrant.told["number"],
            }
            for entrant in entrants
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="compiled", description="Time compiled glassgrad beside its peers.")
    parser.add_argument("--quick", action="store_true", help="small sizes, three rounds: a look, not a measurement")
    parser.add_argument("--rounds", type=int, help="how many turns each contender gets at each case")
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=FAMILIES, metavar="NAME", help="only these")
    parser.add_argument("--sizes", nargs="+", type=int, help="only cases of these sizes")
    parser.add_argument(
        "--peers", nargs="+", default=[], metavar="NAME", help="only contenders with this in their name"
    )
    parser.add_argument("--out", type=Path, help="folder for results.md, results.json and the plots")
    parser.add_argument("--again", action="store_true", help="only draw and write again what results.json holds")
    options = parser.parse_args()
    folder = options.out or HERE / ("quick" if options.quick else "results")
    if options.again:
        page.write(json.loads((folder / "results.json").read_text()), folder)
        return
    begin = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begin:6.0f} s  {text}", file=sys.stderr, flush=True)

    rounds = options.rounds or (3 if options.quick else 15)
    results: dict[str, Any] = {"quick": options.quick, "rounds": rounds, "machine": report.machine(), "families": {}}
    for name in options.families:
        family = load(name)
        about = {"title": family.title, "about": family.about, "unit": family.unit, "axis": family.axis}
        cases = [
            run_case(name, family, case, rounds, options.peers, say)
            for case in (family.quick if options.quick else family.cases)
            if not options.sizes or case.size in options.sizes
        ]
        results["families"][name] = about | {"cases": cases}
        results["minutes"] = (time.perf_counter() - begin) / 60
        print(page.family_section(results["families"][name], results["machine"]), flush=True)
        page.write(results, folder)
    print(f"written to {os.path.relpath(folder)}: results.md, results.json and a plot for each family")


if __name__ == "__main__":
    main()
