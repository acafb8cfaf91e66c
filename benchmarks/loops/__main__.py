"""Time programs with loops, compiled by glassgrad, beside its peers and C by hand; write tables and a plot.

`python benchmarks/setup_and_run.py loops` makes the environment for this. The contenders take turns, as `turns` says.
If a peer is not installed, the page names it, and the run goes on without it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import page  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
from families import load  # noqa: E402
from programs import ROWS  # noqa: E402
from recording import operations  # noqa: E402
from turns import run_case  # noqa: E402

BUDGET = 60.0  # seconds for a first call


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="loops", description="Time programs with loops beside glassgrad's peers.")
    parser.add_argument("--quick", action="store_true", help="small sizes, three rounds: a look, not a measurement")
    parser.add_argument("--rounds", type=int, help="how many turns each contender gets at each row")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="TEXT", help="only rows with one of these in the title"
    )
    parser.add_argument(
        "--peers", nargs="+", default=[], metavar="NAME", help="only contenders with one of these in their name"
    )
    parser.add_argument("--budget", type=float, default=BUDGET, help=f"seconds for a first call, {BUDGET:.0f}")
    parser.add_argument("--operations", action="store_true", help="only count the recorded operations of each row")
    parser.add_argument("--out", type=Path, help="folder for results.md, results.json and the plot")
    parser.add_argument("--again", action="store_true", help="only draw and write again what results.json holds")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    folder = chosen.out or HERE / ("quick" if chosen.quick else "results")
    if chosen.again:
        page.write(json.loads((folder / "results.json").read_text(encoding="utf-8")), folder)
        return
    begin = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begin:6.0f} s  {text}", file=sys.stderr, flush=True)

    some = [row for row in ROWS if not chosen.only or any(text.lower() in row.title for text in chosen.only)]
    if chosen.operations:
        print(operations(some, say))
        return
    rounds = chosen.rounds or (3 if chosen.quick else 21)
    results: dict[str, Any] = {"quick": chosen.quick, "rounds": rounds, "budget": chosen.budget}
    results |= {"machine": report.machine(), "families": {}}
    for row in some:
        family = load(row.title)
        case = (family.quick if chosen.quick else family.cases)[0]
        about = {"title": family.title, "about": family.about, "unit": family.unit, "axis": family.axis}
        found = run_case(
            HERE, row.title, case, rounds, chosen.peers, say, patience=chosen.budget, warm=not chosen.quick
        )
        results["families"][row.title] = about | {"cases": [found]}
        results["minutes"] = (time.perf_counter() - begin) / 60
        print(rows.family_section(results["families"][row.title], results["machine"]), flush=True)
        page.write(results, folder)
    print(f"written to {os.path.relpath(folder)}: results.md, results.json and a plot")


if __name__ == "__main__":
    main()
