"""Time functions written with NumPy against the same functions in glassgrad's words, compiled: `vmap` of the gradient.

`python benchmarks/setup_and_run.py arrays` makes the environment for this. Both forms of a function run by turns in one
process, on the same lanes, after their code has been made. The table gives the least time of each, and how many paths
the NumPy form takes. A gradient that differs ends the run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)]

import numpy as np  # noqa: E402
import report  # noqa: E402

import glassgrad as gg  # noqa: E402

LANES, LENGTH = 2000, 16
SYSTEMS = 1024
TURNS = 2000
WARM = 200  # calls of each form before the clock starts
AGREEMENT = 1e-12


class Pair(NamedTuple):
    """A function of `LENGTH` numbers in two forms, and glassgrad's form as text."""

    numpy: Callable[[Any], Any]
    ours: Callable[[Any], Any]
    text: str


PAIRS = {
    "np.maximum(x, 0.0)": Pair(
        lambda x: np.sum(np.maximum(x, 0.0)),
        lambda x: gg.total([gg.maximum(t, 0.0) for t in x]),
        "gg.maximum(t, 0.0)",
    ),
    "np.where(x > 0, x * x, -x)": Pair(
        lambda x: np.sum(np.where(x > 0, x * x, -x)),
        lambda x: gg.total([gg.where(t > 0, t * t, -t) for t in x]),
        "gg.where(t > 0, t * t, -t)",
    ),
    "np.clip(x, -1, 1)": Pair(
        lambda x: np.sum(np.clip(x, -1.0, 1.0)),
        lambda x: gg.total([gg.clip(t, -1.0, 1.0) for t in x]),
        "gg.clip(t, -1.0, 1.0)",
    ),
    "x * (x > 0)": Pair(
        lambda x: np.sum(x * (x > 0)),
        lambda x: gg.total([gg.where(t > 0, t, 0.0) for t in x]),
        "gg.where(t > 0, t, 0.0)",
    ),
    "np.max(x)": Pair(lambda x: np.max(x), lambda x: reduce(gg.maximum, list(x)), "reduce(gg.maximum, x)"),
}


def paths(compiled: Any) -> int:
    return sum(len(program.traces) for program in compiled.programs.values())


def measured(pair: Pair, lanes: np.ndarray, turns: int) -> tuple[float, float, int]:
    """Return the least seconds of a call of both forms, and the number of paths of the first."""
    forms = [gg.vmap(gg.grad(form)) for form in (pair.numpy, pair.ours)]
    first, second = (form(lanes) for form in forms)
    np.testing.assert_allclose(first, second, rtol=AGREEMENT, atol=AGREEMENT)
    for form in forms * WARM:
        form(lanes)
    time.sleep(1.0)  # better code is made in the background
    least = [float("inf")] * 2
    for _ in range(turns):
        for k, form in enumerate(forms):
            began = time.perf_counter()
            form(lanes)
            least[k] = min(least[k], time.perf_counter() - began)
    return least[0], least[1], paths(forms[0])


def weighed_solution(a: Any, b: Any) -> Any:
    x = np.linalg.solve(a, b)
    return 1.5 * x[0] - x[1] + 0.5 * x[2]


def solve_time(turns: int) -> float:
    """Return the least seconds for a 3 by 3 system of a batch, solved with its gradients, on one thread."""
    f = gg.vmap(gg.value_and_grad(weighed_solution, (0, 1)), threads=1)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(SYSTEMS, 3, 3)), rng.normal(size=(SYSTEMS, 3))
    value, _ = f(a, b)
    expected = np.linalg.solve(a, b[..., None])[..., 0] @ np.array([1.5, -1.0, 0.5])
    np.testing.assert_allclose(value, expected, rtol=1e-9)
    for _ in range(WARM):
        f(a, b)
    time.sleep(1.0)
    least = float("inf")
    for _ in range(turns):
        began = time.perf_counter()
        f(a, b)
        least = min(least, time.perf_counter() - began)
    return least / SYSTEMS


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks arrays", description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS, help=f"how often each form is timed, {TURNS}")
    options = parser.parse_args()
    lanes = np.random.default_rng(0).normal(size=(LANES, LENGTH))
    rows = []
    for name, pair in PAIRS.items():
        numpy, ours, count = measured(pair, lanes, options.turns)
        cells = [f"`{name}`", f"`{pair.text}`", f"{1e6 * numpy:.1f}", f"{1e6 * ours:.1f}"]
        rows.append([*cells, f"{numpy / ours:.2f}", str(count)])
    about = report.machine()
    text = (
        "# Arrays\n\n"
        f"{about['cpu']}, {about['cores']} cores; {about['system']}, {about['python']}; glassgrad {gg.__version__}, "
        f"NumPy {np.__version__}. Microseconds of a call of `gg.vmap(gg.grad(f))` on {LANES:,} lanes of {LENGTH} "
        f"numbers, on the wall: the least of {options.turns:,} calls, taken by turns. `f` is the sum of the "
        "expression, or its maximum.\n\n"
        + report.table(["NumPy", "glassgrad", "µs", "µs", "ratio", "paths of NumPy's form"], rows)
        + f"\n\nA batch of {SYSTEMS:,} systems of 3 equations by `np.linalg.solve`, with the gradients of a weighed "
        f"sum of the solution, on one thread: {1e9 * solve_time(options.turns):.1f} ns a system.\n"
    )
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
