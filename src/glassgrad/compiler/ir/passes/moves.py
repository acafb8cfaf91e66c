"""Follow values from an old tape to a new one, so that the indices of reads name them there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import Indices, distinct
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Executions, Read

__all__ = ["Moves"]


class Moves:
    """Where the values of an old tape are on a new one.

    Args:
        old: the indices of the old tape.
        new: the executions of the new tape.
        refs: for each operation of the old tape, the reference that has its value on the new tape, or None if no index
            names it. References from `READS` on are entries of ``named``.
        constants: for each constant of the old tape, its reference on the new tape.
        loops: the number that each loop of the old tape has on the new one.
        named: returns what a read, or a carried value, of the new tape is at each execution of a loop of the old tape,
            in expanded references of the old tape.
    """

    def __init__(
        self,
        old: Indices,
        new: Executions,
        refs: Sequence[int | None],
        constants: Sequence[int],
        loops: dict[int, int],
        named: Callable[[int, int], Any] | None = None,
    ) -> None:
        self.old, self.new, self.refs, self.named = old, new, refs, named
        self.inputs = old.tape.inputs
        self.constants = np.array(constants, np.int64)
        self.same_constants = list(constants) == [~k for k in range(len(constants))]
        self.loops = {**loops, -1: -1}
        n, homes = self.inputs, old.executions.home.tolist()
        first, new_first, new_homes = old.executions.first, new.first, new.home
        count = len(refs)
        self.shift = np.zeros(count, np.int64)  # by how much the references of an operation's executions move
        self.even = np.zeros(count, bool)  # whether they all move by as much
        for s, ref in enumerate(refs):
            if ref is not None and n <= ref < READS and new_homes[ref - n] == self.loops.get(homes[s]):
                self.even[s] = True
                self.shift[s] = new_first[ref - n] - first[s]
        self._elsewhere: dict[int, Any] = {}

    def index(self, read: Read) -> Read:
        """Return a read of the old tape as one of the new tape."""
        loop, index = self.loops[read.loop], read.index
        if not self.old.executions.runs_of(read.loop):
            return Read(loop, index)  # it names nothing
        if isinstance(index, Affine):
            shift = self._common_shift(read)
            if shift is not None:
                return Read(loop, index._replace(base=index.base + shift))
            index = self.old.executions.index(read)
        return Read(loop, self.old.shortest(read.loop, self.of(index)))

    def _common_shift(self, read: Read) -> int | None:
        """Return by how much all references move that an affine index may name, or None if some move differently."""
        low, high = self.old.span(read)
        if high < self.inputs:
            return 0 if self.same_constants or low >= 0 else None
        if low < self.inputs or high >= self.inputs + self.old.executions.total:
            return None
        first, last = self.old.owner_of(low), self.old.owner_of(high)
        if first == last:
            return int(self.shift[first]) if self.even[first] else None
        shifts = self.shift[first : last + 1]
        return int(shifts[0]) if self.even[first : last + 1].all() and (shifts == shifts[0]).all() else None

    def of(self, refs: Any) -> Any:
        """Return the references on the new tape of values of the old tape."""
        refs = self._behind(refs)
        found = refs.copy()
        below = refs < 0
        if below.any() and not self.same_constants:
            found[below] = self.constants[~refs[below]]
        where = np.flatnonzero(refs >= self.inputs)
        if not len(where):
            return found
        owners = self.old.owner(refs[where])
        found[where] += self.shift[owners]
        uneven = ~self.even[owners]
        if uneven.any():
            for s in distinct(owners[uneven], len(self.even)).tolist():
                at = where[owners == s]
                found[at] = self._moved(s)[refs[at] - self.inputs - self.old.executions.first[s]]
        return found

    def results(self, refs: Sequence[int], moved: Callable[[int], int]) -> tuple[int, ...]:
        """Return the new references of results.

        Inputs and constants keep theirs, and ``moved`` returns those of other values that are no single executions.
        """
        found = np.array(refs, np.int64)
        direct = found >= EXPANDED
        others = (found >= self.inputs) & ~direct
        found[others] = list(map(moved, found[others].tolist()))
        found[direct] = self.new.results(self.of(found[direct] - EXPANDED))
        return tuple(found.tolist())

    def _moved(self, s: int) -> Any:
        """Return the new reference of each execution of an operation that became a value of another loop."""
        found = self._elsewhere.get(s)
        if found is None:
            ref, home = self.refs[s], int(self.old.executions.home[s])
            assert ref is not None
            found = self._elsewhere[s] = self.new.values(ref, self.loops[home])
        return found

    # Operations that became reads, which name values of other operations

    @cached_property
    def _aliases(self) -> tuple[Any, Any]:
        """The references that the executions of such operations stand for, in one array, and where those of each
        operation begin in it, or -1."""
        starts = np.full(len(self.refs), -1, np.int64)
        some, size = list[Any](), 0
        for s, ref in enumerate(self.refs):
            if ref is not None and ref >= READS:
                assert self.named is not None
                starts[s] = size
                some.append(self.named(ref, int(self.old.executions.home[s])))
                size += len(some[-1])
        if not some:
            return np.zeros(0, np.int64), starts
        table = np.concatenate(some)
        while True:  # one may stand for another one: follow twice as many steps in each turn
            at, place = self._aliased(table, starts)
            if not len(at):
                return table, starts
            table[at] = table[place]

    def _aliased(self, refs: Any, starts: Any) -> tuple[Any, Any]:
        """Return which of ``refs`` name operations that became reads, and their places in the table."""
        at = np.flatnonzero(refs >= self.inputs)
        owners = self.old.owner(refs[at])
        inside = starts[owners] >= 0
        at, owners = at[inside], owners[inside]
        return at, starts[owners] + refs[at] - self.inputs - self.old.executions.first[owners]

    def _behind(self, refs: Any) -> Any:
        table, starts = self._aliases
        if not len(table):
            return refs
        at, place = self._aliased(refs, starts)
        if len(at):
            refs = refs.copy()
            refs[at] = table[place]
        return refs
