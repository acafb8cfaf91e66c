"""Name the operands of static operations: find the reference that means the right value at each execution."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.tape import Tape

__all__ = ["Namer"]

DISTANCE = 4  # A value is carried over at most this many rounds; from further away it is read from memory.


class Namer:
    """Finds references on a tape whose operations and loops are known.

    Args:
        tape: the tape. `name` appends to its `reads`.
        executions: of the tape.
    """

    def __init__(self, tape: Tape, executions: Executions) -> None:
        self.tape, self.executions, self.inputs = tape, executions, tape.inputs
        self.runs_always = [bool(np.min(loop.trips) > 0) for loop in tape.loops]
        self._known: dict[Any, int] = {}
        self._of_loop: dict[int, tuple[Any, Any, Any]] = {}
        self._current: dict[tuple[int, int], Any] = {}

    def name(self, values: Any, loop: int, place: int) -> int:
        """Return the reference that means ``values``.

        Args:
            values: the expanded reference of the operand, for each execution of the body of ``loop``.
            loop: the innermost loop around the operand, or -1.
            place: the static operation that has the operand. Values that are used must stand before it.
        """
        first = int(values[0])
        if first < self.inputs and (values == first).all():
            return first
        if first >= self.inputs:
            s = self._static(first)
            if s < place and self._always(s, loop) and (values == self._latest(s, loop)).all():
                return self.inputs + s
        if loop < 0:
            return self.read(loop, values)
        _, _, later = self._rounds(loop)
        if self.runs_always[loop] and ((values[1:] == values[:-1]) | ~later).all():
            entered = np.concatenate(([True], ~later))
            return self.name(values[entered], self.tape.loops[loop].parent, self.tape.loops[loop].start)
        found = self._carried(values, loop)
        return self.read(loop, values) if found is None else found

    def _rounds(self, loop: int) -> tuple[Any, Any, Any]:
        """Return the round and the entry of each execution of a loop, and for all but the first whether it is no first
        round."""
        found = self._of_loop.get(loop)
        if found is None:
            rounds = self.executions.rounds(loop)
            entry = np.repeat(np.arange(self.executions.entries[loop]), self.executions.trips(loop))
            found = self._of_loop[loop] = rounds, entry, rounds[1:] > 0
        return found

    # Values of the same round

    def _static(self, expanded: int) -> int:
        """Return the static operation of an execution."""
        return int(np.searchsorted(self.executions.first, expanded - self.inputs, "right")) - 1

    def _always(self, s: int, loop: int) -> bool:
        """Whether operation ``s`` has a latest value wherever ``loop`` runs."""
        around = self.executions.chain(loop)
        return all(self.runs_always[k] for k in self.executions.chain(int(self.executions.home[s])) if k not in around)

    def _latest(self, s: int, loop: int) -> Any:
        """Return the expanded reference of the latest value of ``s`` at the end of each execution of ``loop``."""
        home = int(self.executions.home[s])
        found = self._current.get((home, loop))
        if found is None:
            found = self.executions.values(self.inputs + s, loop) - self.executions.first[s]
            self._current[home, loop] = found
        return found + self.executions.first[s]

    # Values of earlier rounds

    def _carried(self, values: Any, loop: int) -> int | None:
        """Return the reference of a carried value, or None if ``values`` are none."""
        rounds, _, _ = self._rounds(loop)
        last = int(np.argmax(rounds))
        if not rounds[last] or values[last] < self.inputs:
            return None
        start, stop = self.tape.loops[loop].start, self.tape.loops[loop].stop
        s = self._static(int(values[last]))
        if not start <= s < stop or not self._always(s, loop):
            return None
        latest = self._latest(s, loop)
        distance = last - int(np.searchsorted(latest, values[last]))
        if not 1 <= distance <= min(DISTANCE, int(rounds[last])):
            return None
        later = np.flatnonzero(rounds >= distance)
        if not (values[later] == latest[later - distance]).all():
            return None
        initial = self._initial(values, loop, rounds, distance)
        if initial is None:
            return None
        next = self.inputs + s
        for one in reversed(initial):
            next = self._entry(("carried", loop, one, next), Carried(loop, one, next))
        return next

    def _initial(self, values: Any, loop: int, rounds: Any, distance: int) -> list[int] | None:
        """Return the references of the values in the first rounds, or None if an entry has none."""
        parent, place = self.tape.loops[loop].parent, self.tape.loops[loop].start
        trips = self.executions.trips(loop)
        entered = np.flatnonzero(trips > 0)
        if not trips[0]:
            return None
        valid = np.maximum.accumulate(np.where(trips > 0, np.arange(len(trips)), 0))  # the last entry with rounds
        found, before = [], None
        for k in range(distance):
            here = np.flatnonzero(trips > k)
            some = np.empty(len(trips), np.int64) if before is None else before.copy()
            some[here] = values[rounds == k]
            if before is None and len(entered) < len(trips):
                some = some[valid]
            before = some
            if not self._known_before(some, loop):
                return None
            found.append(self.name(some, parent, place))
        return found

    def _known_before(self, values: Any, loop: int) -> bool:
        """Whether the values, one for each entry of ``loop``, are computed before that entry."""
        start, stop, _, parent = self.tape.loops[loop][:4]
        at = np.flatnonzero(values >= self.inputs)
        found = values[at] - self.inputs
        owners = np.searchsorted(self.executions.first, found, "right") - 1
        for s in distinct(owners[(owners >= start) & (owners < stop)], stop).tolist():
            where = owners == s
            entered = self.executions.outer(int(self.executions.home[s]), parent)
            if (entered[found[where] - self.executions.first[s]] >= at[where]).any():
                return False
        return True

    # Values from memory

    def read(self, loop: int, values: Any) -> int:
        affine = self._affine(values, loop)
        if affine is not None:
            return self._entry(("affine", loop, *affine), Read(loop, affine))
        return self._entry(("table", loop, values.tobytes()), Read(loop, values))

    def _affine(self, values: Any, loop: int) -> Affine | None:
        """Return the index that moves evenly through ``values``, if there is one."""
        strides: list[int] = []
        runs: Any = slice(None)  # the executions of the body of `loop` that are left
        while loop >= 0:
            rounds, entry, _ = self._rounds(loop)
            rounds, entry = rounds[runs], entry[runs]
            inside = entry[1:] == entry[:-1]
            stride = 0
            if inside.any():
                steps, moves = np.diff(rounds)[inside], np.diff(values)[inside]
                stride = int(moves[0]) // int(steps[0])
                if not (moves == stride * steps).all():
                    return None
            values = (values - stride * rounds)[np.concatenate(([True], ~inside))]
            runs = entry[np.concatenate(([True], ~inside))]
            strides.append(stride)
            loop = self.tape.loops[loop].parent
        return Affine(int(values[0]), tuple(reversed(strides)))

    def _entry(self, key: Any, entry: Read | Carried) -> int:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = READS + len(self.tape.reads)
            self.tape.reads.append(entry)
        return found
