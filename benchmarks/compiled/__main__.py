"""Time compiled glassgrad and its peers, compare their results, and write tables and log-log plots.

`python benchmarks/setup_and_run.py compiled` makes the environment for this. The contenders take turns, as `turns`
says. If a peer is not installed, the page names it, and the run goes on without it.
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
from families import FAMILIES, load  # noqa: E402
from turns import run_case  # noqa: E402


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
            run_case(HERE, name, case, rounds, options.peers, say)
            for case in (family.quick if options.quick else family.cases)
            if not options.sizes or case.size in options.sizes
        ]
        results["families"][name] = about | {"cases": cases}
        results["minutes"] = (time.perf_counter() - begin) / 60
        print(rows.family_section(results["families"][name], results["machine"]), flush=True)
        page.write(results, folder)
    print(f"written to {os.path.relpath(folder)}: results.md, results.json and a plot for each family")


if __name__ == "__main__":
    main()
