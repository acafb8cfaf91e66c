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

from glassgrad.compiler.ir.loops import Affine, Executions

__all__ = ["Cells"]


class Cells:
    """The layout of the cells.

    Args:
        executions: the executions of the tape.
        recorded: the positions of the operations whose values are recorded.
        copied: the references of constants and inputs that are copied.
        leaves: for each leaf of the inputs that is copied as a whole, the reference of its first number and its size.
        more: how many cells are needed for other things.

    Attributes:
        count: how many cells there are.
        copies: the cell of each constant and input that is copied by itself.
        columns: for each leaf that is copied as a whole, the cell of its first number.
        more: the first of the other cells.
    """

    def __init__(
        self,
        executions: Executions,
        recorded: Iterable[int],
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
        groups: dict[int, list[int]] = {}
        for s in sorted(recorded):
            groups.setdefault(int(executions.home[s]), []).append(s)
        size = len(tape.ops)
        self.base, self.record = np.full(size, -1, np.int64), np.zeros(size, np.int64)
        for home, members in groups.items():
            for k, s in enumerate(members):
                self.base[s], self.record[s] = self.count + k, len(members)
            self.count += len(members) * executions.runs_of(home)
        # The cell of each constant (from the end) and input, for `of`
        self._direct = np.full(len(tape.constants) + tape.inputs, -1, np.int64)
        for k, (first, many) in leaves.items():
            self._direct[first : first + many] = np.arange(self.columns[k], self.columns[k] + many)
        for ref, cell in self.copies.items():
            self._direct[ref] = cell

    def written(self, s: int) -> Affine | Any:
        """Return the cell of each execution of operation s."""
        base, record = int(self.base[s]), int(self.record[s])
        home = int(self.executions.home[s])
        strides, step = [], record
        for k in reversed(self.executions.chain(home)):
            trips = self.executions.tape.loops[k].trips
            strides.insert(0, step)
            if isinstance(trips, np.ndarray):
                return base + record * np.arange(self.executions.runs_of(home))
            step *= trips
        return Affine(base, tuple(strides))

    def affine(self, index: Affine, last: int) -> Affine | None:
        """Return the cells of an index from ``index.base`` to ``last``, or None if they are not those of one operation."""
        first = self.executions.first
        e = index.base - self.inputs
        s = int(np.searchsorted(first, e, "right")) - 1
        if not first[s] <= last - self.inputs < first[s + 1]:
            return None
        record = int(self.record[s])
        return Affine(int(self.base[s]) + record * (e - int(first[s])), tuple([record * x for x in index.strides]))

    def of(self, refs: Any) -> Any:
        """Return the cell of each expanded reference."""
        n, first = self.inputs, self.executions.first
        e = np.maximum(refs - n, 0)
        s = np.minimum(np.searchsorted(first, e, "right") - 1, len(self.base) - 1)
        found = np.where(refs < n, -1, self.base[s] + self.record[s] * (e - first[s])) if len(self.base) else refs
        direct = refs < n
        if direct.any():
            found = found.copy()
            found[direct] = self._direct[refs[direct]]  # negative references count from the end
        return found
