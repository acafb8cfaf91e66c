"""Record programs without compiling them: the tape of one lane, after differentiation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import report
from programs import Program, Row

import glassgrad as gg
from glassgrad.compiler.marshal.arguments import Arguments, taken


def recorded(program: Program) -> Any:
    """Return the tape of a program's value and gradient for one lane, before the passes."""
    compiled = gg.jit(program.transformed)
    _, _, leaves, structure = taken(compiled._user, program.lane(0), {})
    arguments = Arguments(compiled._user, leaves, structure)
    record = compiled.program(arguments)
    values = [arguments.values[k] for k in record.order]
    record.trace([x for value in values for x in (value.array.ravel() if hasattr(value, "array") else [value])])
    return record.tape


def operations(rows: Iterable[Row], say: Callable[[str], None]) -> str:
    """Return a table of the recorded operations of each row."""
    lines = []
    for row in rows:
        say(f"recording {row.title}")
        began = time.process_time()
        count = len(recorded(row.program()).ops)
        seconds = time.process_time() - began
        lines.append([row.title, f"{count:,}", f"{seconds:.2f}", f"{1e6 * seconds / count:.1f}"])
    return report.table(("program, one lane", "recorded operations", "seconds", "µs an operation"), lines)
