"""Loops on a tape: operations that run many times, and operands that name another value at each execution.

The operations of a tape with loops are *static*: an operation in the body of a loop stands on the tape once and runs
many times. The *expansion* is the flat tape of all executions, in order. A tape with loops means what its expansion
means.

A static operation s runs ``runs`` times. Its execution number e, counted from 0, has the *expanded reference*
``n + first[s] + e``, where n is the number of inputs, and ``first[s]`` is the number of all executions of the
operations before s. Constants and inputs have the same references as ever. `Executions` computes these numbers.

Lanes may run a loop different numbers of times: until a condition is 0 (`Until`), or as often as a value says
(``Loop.down_from``). Such a loop is *masked*. Its executions are numbered as if every lane ran all its rounds, so each
round has the same numbers in every lane. A lane that runs fewer rounds has no values for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassgrad.core.op import Op

if TYPE_CHECKING:
    from glassgrad.compiler.ir.tape import Tape

__all__ = [
    "EXPANDED", "READS", "Affine", "Assert", "Carried", "Executions", "Loop", "Read", "Until", "add_loops",
    "told_apart",
]  # fmt: skip

READS = 1 << 41  # READS + k is a reference to the k-th entry of a tape's `reads`.
EXPANDED = 1 << 43  # EXPANDED + e is a result of the tape: what the expanded reference e names. Only results may be so.


class Until(NamedTuple):
    """Where lanes leave a loop.

    In each round the operations of the body before ``position`` run first. Then a lane whose ``condition``, a reference
    that is valid there, is 0 leaves the loop. The others run the rest of the body.
    """

    position: int
    condition: int


class Loop(NamedTuple):
    """A loop.

    A loop with ``until`` or ``down_from`` is *masked*: each lane has its own number of rounds.

    Attributes:
        start, stop: the positions of the operations of its body, those of inner loops included.
        trips: how often the body runs each time the loop is entered: a number, or an array with one number for each
            entry, in order. For a masked loop it is a number: the most rounds that a lane may begin. A lane that
            would need more is unmatched.
        parent: the number of the loop around it, or -1.
        until: where lanes leave the loop, or None.
        down_from: a reference that is valid before the loop, or None. A lane runs the rounds t below its value, and the
            rounds run down: from the last to 0. So a reverse sweep can use the round numbers of the loop it reverses.
    """

    start: int
    stop: int
    trips: Any
    parent: int
    until: Until | None = None
    down_from: int | None = None

    @property
    def masked(self) -> bool:
        """Whether each lane has its own number of rounds."""
        return self.until is not None or self.down_from is not None


class Affine(NamedTuple):
    """An index that moves evenly: ``base`` plus, for each loop around it, outermost first, stride times round."""

    base: int
    strides: tuple[int, ...]


class Read(NamedTuple):
    """An operand that names another value at each execution of the body of ``loop`` (-1: outside all loops).

    ``index`` gives the expanded reference for each execution of that body: an `Affine`, or an array.
    """

    loop: int
    index: Any


class Carried(NamedTuple):
    """A value that a loop carries from round to round.

    In the first round after each entry it is ``initial``, a reference that is valid before the loop. In the other
    rounds it is what ``next``, a reference that is valid at the end of the body, was in the round before.

    After a masked loop, in the body around it, a lane still has the value: what ``next`` was at the end of the last
    round that the lane completed, or ``initial`` if there was none.
    """

    loop: int
    initial: int
    next: int


class Assert(Op):
    """A branch of which only one side is known: lanes whose condition is not ``outcome`` are unmatched.

    It makes no value.
    """

    def __init__(self, outcome: bool, line: str) -> None:
        name = "assert_true" if outcome else "assert_false"
        super().__init__(name, code="assert", arity=1, value=None, partials=None)
        self.outcome, self.line = outcome, line

    def __reduce__(self) -> Any:
        return Assert, (self.outcome, self.line)


def add_loops(sha: Any, tape: Tape) -> None:
    """Add to a hash everything about the loops and reads of a tape. For a flat tape that is nothing."""
    for name, entries in (("loop", tape.loops), ("read", tape.reads)):
        for entry in entries:
            for field in (name, type(entry).__name__, *entry):
                table = isinstance(field, np.ndarray)
                sha.update(f"table of {len(field)};".encode() if table else f"{field!r};".encode())
                if table:
                    sha.update(np.ascontiguousarray(field))


def told_apart(ops: Sequence[Op]) -> list[Any]:
    """Return the operations, with a name in place of each assert, whose line makes no difference to code."""
    return [op.name if isinstance(op, Assert) else op for op in ops]


class Executions:
    """How often, and in which order, the operations of a tape run.

    Attributes:
        home: the innermost loop around each operation, or -1.
        entries, runs: how often each loop is entered, and how often its body runs.
        first: the number of all executions of the operations before each operation. One more entry has their total.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        loops = tape.loops
        self.home = np.full(len(tape.ops), -1, np.int64)
        self.entries: list[int] = []
        self.runs: list[int] = []
        for k, loop in enumerate(loops):
            self.home[loop.start : loop.stop] = k
            entries = self.runs_of(loop.parent)
            self.entries.append(entries)
            self.runs.append(int(np.sum(loop.trips)) if isinstance(loop.trips, np.ndarray) else entries * loop.trips)
        counts = np.array([*self.runs, 1], np.int64)[self.home]  # home -1 takes the last
        self.first = np.concatenate(([0], np.cumsum(counts)))
        self._outer: dict[tuple[int, int], Any] = {}
        self._rounds: dict[int, Any] = {}
        self._counters: dict[int, list[Any]] = {}
        self._reach: dict[tuple[int, Affine], tuple[int, int] | None] = {}

    def runs_of(self, loop: int) -> int:
        """Return how often the body of ``loop`` runs; 1 for -1, the code outside all loops."""
        return self.runs[loop] if loop >= 0 else 1

    @property
    def total(self) -> int:
        """The number of all executions."""
        return int(self.first[-1])

    @cached_property
    def starts(self) -> list[int]:
        """`first` as a list."""
        found: list[int] = self.first.tolist()
        return found

    @cached_property
    def chains(self) -> list[list[int]]:
        """The loops around the body of each loop, outermost first, itself last."""
        found: list[list[int]] = []
        for k, loop in enumerate(self.tape.loops):
            found.append([*(found[loop.parent] if loop.parent >= 0 else []), k])
        return found

    def chain(self, loop: int) -> list[int]:
        return self.chains[loop] if loop >= 0 else []

    def trips(self, loop: int) -> Any:
        """Return the number of rounds of each entry, as an array."""
        trips = self.tape.loops[loop].trips
        return trips if isinstance(trips, np.ndarray) else np.full(self.entries[loop], trips, np.int64)

    def outer(self, loop: int, ancestor: int) -> Any:
        """Return, for each execution of the body of ``loop``, the number of the execution of ``ancestor`` around it."""
        if loop == ancestor:
            return np.arange(self.runs_of(loop))
        found = self._outer.get((loop, ancestor))
        if found is None:
            entry = np.repeat(np.arange(self.entries[loop]), self.trips(loop))
            parent = self.tape.loops[loop].parent
            found = self._outer[loop, ancestor] = (
                np.zeros(self.runs[loop], np.int64) if ancestor < 0 else self.outer(parent, ancestor)[entry]
            )
        return found

    def rounds(self, loop: int) -> Any:
        """Return, for each execution of the body of ``loop``, the number of the round since the loop was entered."""
        found = self._rounds.get(loop)
        if found is None:
            trips = self.tape.loops[loop].trips
            if isinstance(trips, np.ndarray):
                found = np.arange(self.runs[loop]) - np.repeat(np.cumsum(trips) - trips, trips)
            else:
                found = np.tile(np.arange(trips), self.entries[loop])
            self._rounds[loop] = found
        return found

    def index(self, read: Read) -> Any:
        """Return the expanded reference of a read for each execution."""
        if not isinstance(read.index, Affine):
            return read.index
        found = np.full(self.runs_of(read.loop), read.index.base, np.int64)
        if any(read.index.strides):
            for counter, stride in zip(self.counters(read.loop), read.index.strides):
                if stride:
                    found += stride * counter
        return found

    def singles(self, refs: Any) -> Any:
        """Return what references outside all loops mean at the end, as expanded references."""
        found = np.array(refs, np.int64)
        reads = self.tape.reads
        direct = found >= EXPANDED
        found[direct] -= EXPANDED
        for k in np.flatnonzero(~direct & (found >= self.tape.inputs)).tolist():
            read = reads[found[k] - READS] if found[k] >= READS else None
            if isinstance(read, Read) and isinstance(read.index, Affine) and read.loop < 0:
                found[k] = read.index.base
            else:
                found[k] = self.values(int(found[k]), -1)[0]
        return found

    def results(self, values: Any) -> list[int]:
        """Return references for results that are ``values``, an array of expanded references."""
        n = self.tape.inputs
        found = values.copy()
        at = np.flatnonzero(values >= n)
        if len(at):
            e = values[at] - n
            s = np.searchsorted(self.first, e, "right") - 1
            last = (e + 1 == self.first[s + 1]) & self._is_certain[s]
            found[at] = np.where(last, n + s, EXPANDED + values[at])
        return found.tolist()  # type: ignore[no-any-return]

    @cached_property
    def _is_certain(self) -> Any:
        """For each operation, whether all loops around it run at least once each time they are entered."""
        certain: list[bool] = []
        for loop in self.tape.loops:
            outside = certain[loop.parent] if loop.parent >= 0 else True
            certain.append(outside and not loop.masked and bool(np.all(np.asarray(loop.trips) > 0)))
        return np.array([*certain, True])[self.home]  # home -1 takes the last

    def counters(self, loop: int) -> list[Any]:
        """Return, for each execution of the body of ``loop``, the rounds of the loops around it, outermost first."""
        found = self._counters.get(loop)
        if found is None:
            found = [self.rounds(k) if k == loop else self.rounds(k)[self.outer(loop, k)] for k in self.chain(loop)]
            self._counters[loop] = found
        return found

    def reach(self, read: Read) -> tuple[int, int] | None:
        """Return the least and the greatest reference that an affine read names, or None if it never does."""
        if read not in self._reach:
            self._reach[read] = self._find_reach(read)
        return self._reach[read]

    def _find_reach(self, read: Read) -> tuple[int, int] | None:
        loop, (base, strides) = read
        if not self.runs_of(loop):
            return None
        chain = self.chain(loop)
        rounds = [self.tape.loops[k].trips for k in chain]
        ragged = max([j for j, trips in enumerate(rounds) if isinstance(trips, np.ndarray)], default=-1)
        low = high = base
        if ragged >= 0:  # exactly up to this loop; within it each loop goes through all its rounds
            parent, trips = self.tape.loops[chain[ragged]].parent, rounds[ragged]
            entered = trips > 0
            at = self.index(Read(parent, Affine(base, strides[:ragged])))[entered]
            last = at + strides[ragged] * (trips[entered] - 1)
            low, high = int(np.minimum(at, last).min()), int(np.maximum(at, last).max())
        for stride, trips in zip(strides[ragged + 1 :], rounds[ragged + 1 :]):
            low, high = low + min(0, stride * (trips - 1)), high + max(0, stride * (trips - 1))
        return low, high

    def values(self, ref: int, loop: int) -> Any:
        """Return the expanded reference of what ``ref`` is at the end of each execution of the body of ``loop``."""
        n, tape = self.tape.inputs, self.tape
        if ref < n or ref >= EXPANDED:
            return np.full(self.runs_of(loop), ref if ref < n else ref - EXPANDED, np.int64)
        if ref < READS:
            s = ref - n
            return n + self.first[s] + self._current(int(self.home[s]), loop)
        read = tape.reads[ref - READS]
        found = self.index(read) if isinstance(read, Read) else self._carried(ref - READS)
        return found if read.loop == loop else found[self.outer(loop, read.loop)]

    def _current(self, home: int, loop: int) -> Any:
        """Return, for each execution of ``loop``, the last execution of the body of ``home`` until its end."""
        chain, other = self.chain(home), self.chain(loop)
        shared = -1
        for a, b in zip(chain, other):
            if a != b:
                break
            shared = a
        around = self.outer(loop, shared) if shared >= 0 else np.zeros(self.runs_of(loop), np.int64)
        if home == shared:
            return around
        inside = self.outer(home, shared)
        return np.searchsorted(inside, around, "right") - 1

    @cached_property
    def _every_carried(self) -> dict[int, Carried]:
        return {k: read for k, read in enumerate(self.tape.reads) if isinstance(read, Carried)}

    def _carried(self, k: int) -> Any:
        """Return the expanded reference of a carried value for each execution of the body of its loop."""
        every = self._every_carried
        loop, after = every[k].loop, every[k].next - READS
        members = [k]  # the carried values that it depends on, in order
        while after in every and every[after].loop == loop and after not in members:
            members.append(after)
            after = every[after].next - READS
        start = self.rounds(loop) == 0
        parent = self.tape.loops[loop].parent
        entry = np.repeat(np.arange(self.entries[loop]), self.trips(loop))
        first = [self.values(every[m].initial, parent)[entry] for m in members]
        if after in members:  # the values go round in a circle
            circle = members.index(after)
            found = self._circle(first[circle:], start)
        else:
            circle, found = len(members), self.values(every[members[-1]].next, loop)
        for m in range(circle - 1, -1, -1):
            one = first[m].copy()
            one[1:][~start[1:]] = found[:-1][~start[1:]]
            found = one
        return found

    @staticmethod
    def _circle(first: Sequence[Any], start: Any) -> Any:
        """Return the first of several values that take each other's place in each round."""
        size = len(first)
        since = np.arange(len(start)) - np.maximum.accumulate(np.where(start, np.arange(len(start)), 0))
        return np.stack(first)[since % size, np.arange(len(start))] if len(start) else first[0]
