"""Time glassgrad beside C by hand in one process: ``python benchmarks/loops/beside_c.py [SECONDS [TITLE ...]]``.

This is a quick look without peers, and without other processes. Both take turns, and the minima count. It prints µs a
lane, their ratio, the processor time of the first call, and the sizes of code and cells. The last line is the geometric
mean of the ratios.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import c_by_hand  # noqa: E402
import ours  # noqa: E402
from programs import ROWS  # noqa: E402

SECONDS = 2.5  # for each row
SHORT = 4e-4  # A shorter call is repeated until it takes this many seconds.


def timed(call: Callable[[], Any]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    call()
    once = time.perf_counter() - began
    if once >= SHORT / 2:
        return once
    times = int(SHORT / once) + 1
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    ratios = []
    for row in ROWS:
        if len(sys.argv) > 2 and not any(text in row.title for text in sys.argv[2:]):
            continue
        program = row.program()
        calls = c_by_hand.make(program, 1)[0], (made := ours.make(program, 1))[0]
        began = time.process_time()
        calls[1]()
        first = time.process_time() - began
        best = [math.inf, math.inf]
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            best = [min(a, timed(call)) for a, call in zip(best, calls)]
        c, own = (1e6 * x / program.lanes for x in best)
        ratios.append(own / c)
        sizes = {name: round(count / 1024) for name, count in made[2]().items()}
        print(
            f"{row.title:28} C {c:9.4f} glassgrad {own:9.4f} ratio {own / c:6.2f}  first {first:5.2f} s  "
            f"code {sizes['code']} KiB  cells {sizes['scratch']} KiB",
            flush=True,
        )
    print(f"geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}")


if __name__ == "__main__":
    main()
