"""Time sequences of calls whose routes differ, compiled and uncompiled, and check the bound on the cost of compiling.

`python benchmarks/setup_and_run.py routes` makes the environment for this. Each sequence is a process of its own. It
runs the calls uncompiled, then compiled, and compares the results. Both times include the first call. The bound is
twice the uncompiled time plus `gg.config.compile_budget`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
import report  # noqa: E402
from programs import SEQUENCES  # noqa: E402

import glassgrad as gg  # noqa: E402

ROUNDS = 5
AGREEMENT = 1e-9  # of compiled and uncompiled results


def flat(found: Any) -> list[float]:
    return [x for part in found for x in flat(part)] if isinstance(found, (list, tuple)) else np.ravel(found).tolist()


def timed(f: Any, calls: list[tuple[Any, ...]]) -> tuple[float, list[Any]]:
    """Return the wall time in seconds, and the results."""
    began = time.perf_counter()
    results = [f(*args) for args in calls]
    return time.perf_counter() - began, results


def one(name: str) -> dict[str, float]:
    """Run one round of one sequence."""
    warnings.simplefilter("ignore", RuntimeWarning)  # these say that routes run uncompiled
    sequence = SEQUENCES[name]
    f, calls = sequence.make()

    def lane_by_lane(*args: Any) -> Any:
        return [f(*lane) for lane in zip(*(arg.tolist() for arg in args), strict=True)]

    f(*(arg[0] for arg in calls[0])) if sequence.lanes else f(*calls[0])  # imports by the first call count for neither
    gg.jit(lambda x: x)(1.0)
    gg.vmap(lambda x: x)(np.ones(2))
    uncompiled, expected = timed(lane_by_lane if sequence.lanes else f, calls)
    compiled = gg.vmap(f) if sequence.lanes else gg.jit(f)
    seconds, results = timed(compiled, calls)
    for mine, theirs in zip(results, expected, strict=True):
        if sequence.lanes:
            theirs = [list(part) for part in zip(*theirs)] if isinstance(theirs[0], tuple) else theirs
        np.testing.assert_allclose(flat(mine), flat(theirs), rtol=AGREEMENT, atol=AGREEMENT)
    return {"uncompiled": uncompiled, "compiled": seconds, "budget": gg.config.compile_budget, "calls": len(calls)}


def span(values: list[float]) -> str:
    return f"{1e3 * median(values):.1f} ({1e3 * min(values):.1f} to {1e3 * max(values):.1f})"


def markdown(rows: dict[str, list[dict[str, float]]]) -> str:
    about = report.machine()
    lines = [
        "# Routes",
        "",
        f"{about['cpu']}, {about['cores']} cores; {about['system']}, {about['python']}; glassgrad {gg.__version__}, "
        f"NumPy {np.__version__}. Milliseconds on the wall for all calls, the first included: the median of "
        f"{len(next(iter(rows.values())))} processes, and their range.",
        "",
        "| calls | uncompiled | compiled | bound |",
        "| --- | --: | --: | --: |",
    ]
    for name, some in rows.items():
        bounds = [2 * row["uncompiled"] + row["budget"] for row in some]
        late = any(row["compiled"] > bound for row, bound in zip(some, bounds))
        lines.append(
            f"| {SEQUENCES[name].title} | {span([row['uncompiled'] for row in some])} | "
            f"{span([row['compiled'] for row in some])} | {1e3 * median(bounds):.0f}{' **exceeded**' if late else ''} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks routes", description=__doc__)
    parser.add_argument("--one", choices=SEQUENCES, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured, {ROUNDS}")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
        return
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in SEQUENCES}
    for turn in range(options.rounds):
        for name in SEQUENCES:
            print(f"round {turn + 1} of {options.rounds}: {name}", file=sys.stderr, flush=True)
            command = [sys.executable, str(HERE), "--one", name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows[name].append(json.loads(done.stdout))
    text = markdown(rows)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
