"""Tapes with loops, written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from glassgrad.compiler.ir.loops import Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape

__all__ = ["tape_of"]


def tape_of(
    names: Sequence[str],
    body: Iterable[Sequence[Any]],
    loops: Iterable[Loop],
    reads: Iterable[Read | Carried],
    results: Iterable[int],
    constants: Iterable[float] = (),
) -> Tape:
    """Return a tape with one path. Each operation of ``body`` is followed by its operands: ``(ops.add, 0, 1)``."""
    tape = Tape(names)
    tape.constants = [*constants]
    for op, *args in body:
        tape.ops.append(op)
        tape.args.append(tuple(args))
    tape.loops, tape.reads = [*loops], [*reads]
    tape.segments = [Segment(0, len(tape.ops), -1, Outputs(tuple(results)))]
    return tape
