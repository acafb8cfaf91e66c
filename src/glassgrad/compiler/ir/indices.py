"""The indices of reads: which values they name, and how to write them shortest; the distinct numbers of an array."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Affine, Executions, Read

__all__ = ["Indices", "distinct"]


class Indices:
    """The indices of the reads of a tape, whose executions are known."""

    def __init__(self, executions: Executions) -> None:
        self.executions, self.tape = executions, executions.tape
        self._owners: dict[Read, Any] = {}

    def rounds(self, loop: int) -> list[Any]:
        """Return, for each loop around the body of ``loop``, outermost first, the round at each execution."""
        return self.executions.counters(loop)

    def most(self, loop: int) -> int:
        """Return the largest number of rounds of a loop."""
        return int(np.max(self.tape.loops[loop].trips, initial=0))

    def runs_at_each_entry(self, loop: int) -> bool:
        """Whether the loop runs at least once each time it is entered."""
        trips = self.tape.loops[loop].trips
        return bool(np.all(np.asarray(trips) > 0))

    def span(self, read: Read) -> tuple[int, int]:
        """Return the least and the greatest reference that a read names. Some execution reads it."""
        if isinstance(read.index, Affine):
            if not any(read.index.strides):
                return read.index.base, read.index.base
            found = self.executions.reach(read)
            assert found is not None
            return found
        return int(read.index.min()), int(read.index.max())

    def owner(self, refs: Any) -> Any:
        """Return the operations whose executions ``refs``, which name operations only, are."""
        return np.searchsorted(self.executions.first, refs - self.tape.inputs, "right") - 1

    def owner_of(self, ref: int) -> int:
        """Return the operation whose execution ``ref`` is."""
        return bisect_right(self.executions.starts, ref - self.tape.inputs) - 1

    def owners(self, read: Read) -> Any:
        """Return the operations that a read names, each once, in order."""
        if not isinstance(read.index, Affine):
            return self._find_owners(read)
        found = self._owners.get(read)
        if found is None:
            found = self._owners[read] = self._find_owners(read)
        return found

    def _find_owners(self, read: Read) -> Any:
        n = self.tape.inputs
        if not self.executions.runs_of(read.loop):
            return np.zeros(0, np.int64)
        low, high = self.span(read)
        if high < n:
            return np.zeros(0, np.int64)
        if low == high:
            return np.array([self.owner_of(low)])
        if low >= n:
            first, last = self.owner(np.array([low, high])).tolist()
            if first == last:
                return np.array([first])
        index = self.executions.index(read)
        return distinct(self.owner(index[index >= n]), len(self.tape.ops))

    def shortest(self, loop: int, index: Any) -> Affine | Any:
        """Return the affine index that names what the array ``index`` names, if there is one; else the array."""
        if not len(index):
            return Affine(0, (0,) * len(self.executions.chain(loop)))
        rest, strides = index, list[int]()
        for rounds in reversed(self.rounds(loop)):  # the innermost counter varies fastest
            steps = np.flatnonzero(rounds[1:] > rounds[:-1])  # where this counter grows, those outside it do not change
            stride = 0
            if len(steps):
                at = steps[0]
                stride, remainder = divmod(int(rest[at + 1] - rest[at]), int(rounds[at + 1] - rounds[at]))
                if remainder:
                    return index
            if stride:
                rest = rest - stride * rounds
            strides.insert(0, stride)
        return Affine(int(rest[0]), tuple(strides)) if np.all(rest == rest[0]) else index


def distinct(numbers: Any, size: int) -> Any:
    """Return the distinct numbers of an array in ascending order. All are at least 0 and below ``size``.

    ``numpy.unique`` takes 50 times as long, because it does not know the size.
    """
    found = np.zeros(size, bool)
    found[numbers] = True
    return np.flatnonzero(found)
