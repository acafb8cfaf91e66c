"""Find the loops of a tape whose rounds are independent: no round uses a value that another round computes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from glassgrad.compiler.ir.loops import EXPANDED, READS, Carried, Executions, Loop
from glassgrad.compiler.ir.tape import Tape

__all__ = ["has_independent_rounds", "references"]


def has_independent_rounds(tape: Tape, executions: Executions, k: int) -> bool:
    """Whether loop k, an outermost loop, has independent rounds, all of the same operations.

    The time is linear in the number of executions.
    """
    loop, loops = tape.loops[k], tape.loops
    rounds = executions.runs[k]
    if loop.parent >= 0 or not rounds:
        return False
    for j in range(k + 1, len(loops)):
        if loops[j].start < loop.stop and isinstance(loops[j].trips, np.ndarray):
            trips = loops[j].trips.reshape(rounds, -1) if executions.entries[j] % rounds == 0 else None
            if trips is None or (trips != trips[0]).any():
                return False
    low, high = (tape.inputs + int(executions.first[s]) for s in (loop.start, loop.stop))
    for ref in references(tape, range(loop.start, loop.stop)):
        if ref < READS:
            continue
        read = tape.reads[ref - READS]
        if isinstance(read, Carried):
            if read.loop == k:
                return False
        elif read.loop < k or not _is_inside(loops[read.loop], loop):
            index = executions.index(read)  # the same value in all rounds
            if ((index >= low) & (index < high)).any():
                return False
        else:
            index = executions.index(read).reshape(rounds, -1)
            own = (index >= low) & (index < high)
            if (own != own[0]).any():
                return False
            e = index[:, own[0]] - tape.inputs
            s = np.searchsorted(executions.first, e, "right") - 1
            runs = np.diff(executions.first)[s] // rounds
            if (e - e[0] != runs[0] * np.arange(rounds)[:, None]).any() or ((e - executions.first[s]) // runs)[0].any():
                return False
    return True


def _is_inside(inner: Loop, outer: Loop) -> bool:
    return outer.start <= inner.start and inner.stop <= outer.stop


def references(tape: Tape, operations: Iterable[int], more: Iterable[int] = ()) -> Iterator[int]:
    """Yield the references that some operations use, and ``more``, with those that carried values among them use."""
    wanted = [*more, *[a for s in operations for a in tape.args[s]]]
    seen = set(wanted)
    while wanted:
        ref = wanted.pop()
        yield ref
        if READS <= ref < EXPANDED:
            read = tape.reads[ref - READS]
            if isinstance(read, Carried):
                new = {read.initial, read.next} - seen
                seen |= new
                wanted += new
