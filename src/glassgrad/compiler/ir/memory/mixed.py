"""Reads that name values of several operations in turn, taken apart.

Such a read needs all of these values in memory. If one operation runs often but is seldom read in this way, it is
cheaper to compute its values again, and to choose in each round between these and the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.ir.loops import Executions, Read
from glassgrad.compiler.ir.memory.insertion import Insertions, as_affine
from glassgrad.compiler.ir.memory.records import has_ended
from glassgrad.core import ops

__all__ = ["Part", "choice_of", "rare_parts"]

RARE = 8  # An operation is seldom read if it runs at least this many times as often as the body that reads.


class Part(NamedTuple):
    """The executions of one operation that a read names.

    Attributes:
        source: the operation.
        numbers: for each execution of the reading body, the number of an execution of the operation.
        here: where the read names these. Elsewhere it names something else, and ``numbers`` may be anything.
    """

    source: int
    numbers: Any
    here: Any


def rare_parts(executions: Executions, read: Read, sources: Iterable[int], uses: Sequence[int]) -> list[Part]:
    """Return the parts of a read that belong to operations of ended loops that run far more often than the read."""
    found, around = [], executions.chain(read.loop)
    runs, index = executions.runs_of(read.loop), executions.index(read) - executions.tape.inputs
    for s in sorted(sources):
        home, first, stop = int(executions.home[s]), int(executions.first[s]), int(executions.first[s + 1])
        if runs * RARE <= stop - first and has_ended(executions, home, read.loop, uses):
            here = (index >= first) & (index < stop)
            shared = any(k in around for k in executions.chain(home))
            if here[0] or not shared:  # else an early round would name an execution that is still to come
                numbers = _filled(index - first, here)
                found.append(Part(s, as_affine(executions, read.loop, numbers), here))
    return found


def choice_of(insertions: Insertions, read: Read, parts: Sequence[Part], copy: Callable[[Part], int], at: int) -> int:
    """Insert before operation ``at`` what a read names. Return its reference. ``copy`` gives the values of a part."""
    executions, loop = insertions.executions, read.loop
    index = executions.index(read)
    others = ~np.logical_or.reduce([part.here for part in parts])
    if others.any():
        rest = np.where(_seen(others), _filled(index, others), insertions.constant(0.0))
        plain = rest[0] < executions.tape.inputs and (rest == rest[0]).all()
        value = int(rest[0]) if plain else insertions.read(Read(loop, as_affine(executions, loop, rest)))
    else:
        value, parts = copy(parts[0]), parts[1:]
    for part in parts:
        numbers = np.where(part.here, insertions.constant(1.0), insertions.constant(0.0))
        value = insertions.insert(at, loop, ops.where, (insertions.read(Read(loop, numbers)), copy(part), value))
    return value


def _filled(numbers: Any, known: Any) -> Any:
    """Return an array in which each number that is not ``known`` is replaced by the last known one before it.

    If there is none before it, the first known one is taken.
    """
    last = np.maximum.accumulate(np.where(known, np.arange(len(numbers)), -1))
    return numbers[np.where(last < 0, int(np.argmax(known)), last)]


def _seen(known: Any) -> Any:
    """Return where a number is known, or one before it."""
    return np.logical_or.accumulate(known)
