"""Merge loops that follow one another and have the same number of rounds.

A list comprehension after another records one loop after another. If each round of the second loop needs only what
rounds of the first have computed so far, both bodies can run in the same round. Then values stay in registers, and
what both bodies read is read once. No operation changes, so no bit does.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.ir.loops import READS, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.passes.normalise import cse
from glassgrad.compiler.ir.tape import Tape

__all__ = ["merged"]

LARGEST = 64  # A merged body has at most this many operations. More values would not fit the registers.
CARRIED = 12  # A merged loop carries at most this many values, for the same reason.


def merged(tape: Tape) -> Tape:
    """Return ``tape`` with loops merged. A tape with masked loops stays as it is."""
    if tape.masked or len(tape.segments) != 1:
        return tape
    changed = False
    while (pair := _first_pair(Executions(tape))) is not None:
        tape, changed = _joined(tape, *pair), True
    return cse(tape) if changed else tape


def _first_pair(executions: Executions) -> tuple[int, int] | None:
    """Return the first two loops that can be merged."""
    loops = executions.tape.loops
    before: dict[tuple[int, int], int] = {}  # by where it ends and the loop around it
    for k, loop in enumerate(loops):
        j = before.get((loop.start, loop.parent))
        if j is not None and loop.stop - loops[j].start <= LARGEST and _Pair(executions, j, k).can_be_merged():
            return j, k
        before[loop.stop, loop.parent] = k
    return None


class _Pair:
    """Two loops, one right after the other."""

    def __init__(self, executions: Executions, first: int, second: int) -> None:
        self.executions, self.tape, self.first, self.second = executions, executions.tape, first, second
        one, other = (self.tape.loops[k] for k in (first, second))
        self.start, self.middle, self.stop = one.start, other.start, other.stop

    def can_be_merged(self) -> bool:
        """Whether both have the same rounds, share some values, and the first never needs to be ahead of the second."""
        executions, tape = self.executions, self.tape
        if not np.array_equal(*(executions.trips(k) for k in (self.first, self.second))):
            return False
        if not executions.runs[self.first] or executions.runs[self.first] == executions.entries[self.first]:
            return False
        carried = sum(isinstance(read, Carried) and read.loop in (self.first, self.second) for read in tape.reads)
        return carried <= CARRIED and self._shares() and all(map(self._is_early, self._used()))

    def _used(self) -> Iterator[int]:
        """Yield the references that the second loop uses, and those of its carried values."""
        for s in range(self.middle, self.stop):
            yield from self.tape.args[s]
        for read in self.tape.reads:
            if isinstance(read, Carried) and self.second in self.executions.chain(read.loop):
                yield from (read.initial, read.next)

    def _is_early(self, ref: int) -> bool:
        """Whether a value that the second loop uses is known in the merged loop by then."""
        n, executions = self.tape.inputs, self.executions
        if ref < READS:
            return not self.start <= ref - n < self.middle
        read = self.tape.reads[ref - READS]
        if isinstance(read, Carried):
            return True
        index = executions.index(read) - n
        low, high = executions.first[[self.start, self.middle]]
        here = np.flatnonzero((index >= low) & (index < high))
        owners = np.searchsorted(executions.first, index[here], "right") - 1
        inside = self.second in executions.chain(read.loop)
        around, other = (self.first, self.second) if inside else (read.loop, read.loop)
        rounds = executions.outer(read.loop, other)[here]
        for s in distinct(owners, len(self.tape.ops)).tolist():
            of = owners == s
            named = executions.outer(int(executions.home[s]), around)[(index[here] - executions.first[s])[of]]
            # What is read outside the second loop must have been computed in an earlier round of the loop around both
            if (named > rounds[of] - (not inside)).any():
                return False
        return True

    def _shares(self) -> bool:
        """Whether the second loop reads what the first computes, or both read the same."""
        tape, n = self.tape, self.tape.inputs
        reads = [self._keys(self.start, self.middle), self._keys(self.middle, self.stop)]
        if reads[0] & reads[1]:
            return True
        low, high = self.executions.first[[self.start, self.middle]]
        for s in range(self.middle, self.stop):
            for a in tape.args[s]:
                read = tape.reads[a - READS] if a >= READS else None
                if isinstance(read, Read) and self.second in self.executions.chain(read.loop):
                    index = self.executions.index(read) - n
                    if ((index >= low) & (index < high)).any():
                        return True
        return False

    def _keys(self, start: int, stop: int) -> set[object]:
        """Return keys of what operations read; they are equal for equal reads in the same rounds."""
        found: set[object] = set()
        for s in range(start, stop):
            for a in self.tape.args[s]:
                read = self.tape.reads[a - READS] if a >= READS else None
                if isinstance(read, Read) and read.loop in (self.first, self.second):
                    index = read.index
                    found.add(index.tobytes() if isinstance(index, np.ndarray) else index)
        return found


def _joined(tape: Tape, first: int, second: int) -> Tape:
    """Return the tape in which loop ``second`` is a part of loop ``first``, which ends where it begins.

    All executions keep their numbers, since each operation stays in its place and runs as often.
    """

    def number(k: int) -> int:
        return first if k == second else k - (k > second)

    new = Tape(tape.names)
    new.constants, new.ops, new.args, new.segments = tape.constants, tape.ops, tape.args, tape.segments
    stop = tape.loops[second].stop
    new.loops = [
        Loop(loop.start, stop if k == first else loop.stop, loop.trips, number(loop.parent))
        for k, loop in enumerate(tape.loops)
        if k != second
    ]
    new.reads = [read._replace(loop=number(read.loop)) for read in tape.reads]
    return new
