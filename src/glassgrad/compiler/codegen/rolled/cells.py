"""The cells of a kernel for a tape with loops: its scratch memory, in which each cell holds a number for each lane.

A value is *recorded* if an operand reads it from an execution that may be another one than the current. The recorded
values of one loop lie side by side for each execution of its body: ``[execution][value]``. So an operand that moves
evenly from execution to execution moves evenly through memory. Other cells hold copies: of constants and arguments that
an operand reads in turn with recorded values, of leaves whose lanes do not lie side by side, and of results.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.rolled.bounds import spread
from glassgrad.compiler.codegen.rolled.liveness import Lives
from glassgrad.compiler.ir.loops import Affine, Executions

__all__ = ["Cells"]

WASTED = 2  # Values share a ring if it has at most this many times the cells that each of them needs.


class Cells:
    """The layout of the cells.

    Args:
        executions: the executions of the tape.
        lives: how long the recorded values are needed.
        copied: the references of constants and inputs that are copied.
        leaves: for each leaf of the inputs that is copied as a whole, the reference of its first number and its size.
        more: how many cells are needed for other things.

    Attributes:
        count: how many cells there are.
        copies: the cell of each constant and input that is copied by itself.
        columns: for each leaf that is copied as a whole, the cell of its first number.
        more: the first of the other cells.
        base, record: for each operation, the cell of its first execution, and the distance to the next; 0 if it is not
            recorded.
        ring: for each operation, how many cells its ring has, or 0 if each execution has a cell of its own.
        begin: for each operation, the first cell of its ring.
    """

    def __init__(
        self,
        executions: Executions,
        lives: Lives,
        copied: Iterable[int],
        leaves: dict[int, tuple[int, int]],
        more: int,
    ) -> None:
        self.executions = executions
        tape = executions.tape
        self.inputs = tape.inputs
        self.copies = {ref: cell for cell, ref in enumerate(copied)}
        self.count = len(self.copies)
        self.columns: dict[int, int] = {}
        for k, (_, size) in leaves.items():
            self.columns[k] = self.count
            self.count += size
        self.more, self.count = self.count, self.count + more
        self.base, self.record, self.ring, self.begin = (np.zeros(len(tape.ops), np.int64) for _ in range(4))
        self._place(lives)
        # The cell of each input, and (from the end) of each constant, for `of`
        self._direct = np.full(len(tape.constants) + tape.inputs, -1, np.int64)
        for k, (first, many) in leaves.items():
            self._direct[first : first + many] = np.arange(self.columns[k], self.columns[k] + many)
        for ref, cell in self.copies.items():
            self._direct[ref] = cell

    def _place(self, lives: Lives) -> None:
        """Give cells to the recorded values. Values that are not needed at the same time share cells."""
        executions = self.executions
        groups: list[tuple[int, int, list[int]]] = []  # the loop, how many executions are kept, and the operations
        for s in sorted(lives.age, key=lambda s: (int(executions.home[s]), -lives.age[s], s)):
            home, runs = int(executions.home[s]), executions.runs_of(int(executions.home[s]))
            kept = lives.age[s] if 2 * lives.age[s] <= runs else runs
            if groups and groups[-1][0] == home and groups[-1][1] <= WASTED * kept:
                groups[-1][2].append(s)
            else:
                groups.append((home, kept, [s]))
        space = _Space(self.count)
        for home, kept, members in sorted(groups, key=lambda group: -group[1] * len(group[2])):
            members.sort()
            size = len(members)
            outermost = executions.chain(home)[:1]
            start = executions.tape.loops[outermost[0]].start if outermost else members[0]
            begin = space.take(kept * size, start, max(lives.last[s] for s in members))
            for k, s in enumerate(members):
                self.base[s], self.record[s], self.begin[s] = begin + k, size, begin
                self.ring[s] = kept * size if kept < executions.runs_of(home) else 0
        self.count = space.end

    def written(self, s: int) -> Affine | Any:
        """Return the cell of each execution of operation s, as if there were no rings."""
        return spread(self.executions, int(self.executions.home[s]), int(self.base[s]), int(self.record[s]))

    def read(self, s: int, index: Affine) -> Affine:
        """Return the cells of executions of operation s, as if there were no rings."""
        record, e = int(self.record[s]), index.base - self.inputs - int(self.executions.first[s])
        return Affine(int(self.base[s]) + record * e, tuple([record * x for x in index.strides]))

    def of(self, refs: Any) -> Any:
        """Return the cell of each expanded reference."""
        n, first = self.inputs, self.executions.first
        e = np.maximum(refs - n, 0)
        s = np.minimum(np.searchsorted(first, e, "right") - 1, len(self.base) - 1)
        if not len(self.base):
            return self._direct[refs]
        found = self.wrapped(s, self.base[s] + self.record[s] * (e - first[s]))
        direct = refs < n
        if direct.any():
            found[direct] = self._direct[refs[direct]]  # negative references count from the end
        return found

    def wrapped(self, s: Any, cells: Any) -> Any:
        """Return cells of operations s, which were given as if there were no rings."""
        ring, begin = self.ring[s], self.begin[s]
        return np.where(ring > 0, begin + (cells - begin) % np.maximum(ring, 1), cells)


class _Space:
    """Memory that is shared by what is not needed at the same time. ``end`` is the end of what is used."""

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self._taken: list[tuple[int, int, int, int]] = []  # from and to cell, from and to time

    def take(self, size: int, start: int, stop: int) -> int:
        """Return the first of ``size`` cells that are free from time ``start`` to ``stop``."""
        place = self.start
        for low, high, since, until in sorted(self._taken):
            if since < stop and start < until and low < place + size and place < high:
                place = high
        self._taken.append((place, place + size, start, stop))
        self.end = max(self.end, place + size)
        return place
