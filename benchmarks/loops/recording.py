"""Count the operations that are recorded for one lane of each program, after differentiation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import report
from programs import Row


def operations(rows: Iterable[Row], say: Callable[[str], None]) -> str:
    """Return a table of the recorded operations of each row."""
    lines = []
    for row in rows:
        say(f"recording {row.title}")
        began = time.process_time()
        count = len(row.program().tape().ops)
        seconds = time.process_time() - began
        lines.append([row.title, f"{count:,}", f"{seconds:.2f}", f"{1e6 * seconds / count:.1f}"])
    return report.table(("program, one lane", "recorded operations", "seconds", "µs an operation"), lines)
