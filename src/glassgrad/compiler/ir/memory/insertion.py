"""Insert operations into a tape with loops, and number its references again.

An inserted operation has a reference of its own, ``INSERTED + k`` for the k-th, until the tape is written. A `Record`
is a read that may name the executions of an inserted operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core.op import Op

__all__ = ["INSERTED", "Insertions", "Record", "as_affine", "extent", "op_of", "shifted"]

INSERTED = 1 << 42


class Insertion(NamedTuple):
    """An operation to be inserted before operation ``at``, in the body of ``loop``."""

    at: int
    loop: int
    op: Op
    args: tuple[int, ...]


class Record(NamedTuple):
    """Like `Read`, but it names executions of ``source`` (an operation of the tape, or an inserted one) by number."""

    loop: int
    source: int
    numbers: Any


def extent(executions: Executions, loop: int, index: Affine) -> tuple[int, int] | None:
    """Return the least and the greatest value of an index in the body of ``loop``; None if the body never runs."""
    chain = executions.chain(loop)
    trips = [executions.tape.loops[k].trips for k in chain]
    if all(isinstance(t, int) for t in trips):
        if 0 in trips:
            return None
        ends = [stride * (t - 1) for stride, t in zip(index.strides, trips)]
        return index.base + sum(min(0, e) for e in ends), index.base + sum(max(0, e) for e in ends)
    found = executions.index(Read(loop, index))
    return (int(found.min()), int(found.max())) if len(found) else None


def op_of(executions: Executions, ref: int) -> int:
    """Return the operation whose execution an expanded reference names; -1 for an input or a constant."""
    e = ref - executions.tape.inputs
    return int(np.searchsorted(executions.first, e, "right")) - 1 if e >= 0 else -1


def as_affine(executions: Executions, loop: int, index: Any) -> Any:
    """Return an index of the body of ``loop``, an array, as an `Affine` if it is one."""
    if len(index) == 0:
        return index
    strides = list[int]()
    rounds = executions.counters(loop)
    for k, own in enumerate(rounds):  # a stride shows where the round of a loop alone changes
        others = [r for j, r in enumerate(rounds) if j != k]
        start = np.ones(len(index), bool)
        for r in others:
            start &= r == 0
        first, second = index[start & (own == 0)], index[start & (own == 1)]
        strides.append(int(second[0] - first[0]) if len(first) and len(second) else 0)
    base = int(index[0]) - sum(s * int(r[0]) for s, r in zip(strides, rounds))
    affine = Affine(base, tuple(strides))
    return affine if np.array_equal(executions.index(Read(loop, affine)), index) else index


def shifted(index: Any, by: int) -> Any:
    """Add a number to an index."""
    return index._replace(base=index.base + by) if isinstance(index, Affine) else index + by


class Insertions:
    """The operations to be inserted into a tape, and the operands to be replaced."""

    def __init__(self, tape: Tape, executions: Executions) -> None:
        self.tape, self.executions = tape, executions
        self.added: list[Insertion] = []
        self.reads: list[Read | Carried | Record] = list(tape.reads)
        self.replaced: dict[tuple[int, int], int] = {}  # by operation and operand read: the new reference
        self._known: dict[Any, int] = {}

    def insert(self, at: int, loop: int, op: Op, args: tuple[int, ...]) -> int:
        """Insert an operation before operation ``at``, in the body of ``loop``. Return its reference."""
        self.added.append(Insertion(at, loop, op, args))
        return INSERTED + len(self.added) - 1

    def read(self, one: Read | Record) -> int:
        """Return the reference of a read. Equal reads are stored once."""
        index = one.numbers if isinstance(one, Record) else one.index
        source = one.source if isinstance(one, Record) else -1
        key = (type(one), one.loop, source, index if isinstance(index, Affine) else index.tobytes())
        if key not in self._known:
            self._known[key] = READS + len(self.reads)
            self.reads.append(one)
        return self._known[key]

    def write(self) -> Tape:
        """Return the new tape."""
        return Written(self).tape


class Written:
    """The tape with the insertions."""

    def __init__(self, wanted: Insertions) -> None:
        self.wanted, old = wanted, wanted.tape
        self.old, self.executions = old, wanted.executions
        self.tape = new = Tape(old.names)
        new.constants = list(old.constants)
        self._place()
        new.loops = [self._loop(k) for k in range(len(old.loops))]
        new.ops = [self._op(x) for x in self.line]
        self.first = Executions(new).first
        self.refs: dict[int, int] = {}  # the new reference of each read in use
        new.args = [self._args(x) for x in self.line]
        stop = 0
        for a, b, parent, exit in old.segments:
            if isinstance(exit, Outputs):
                exit = exit._replace(refs=self._results(exit.refs))
            else:
                exit = exit._replace(condition=self._ref(exit.condition))
            start, stop = stop, self.at[b - 1] + 1 if a < b else stop
            new.segments.append(Segment(start, stop, parent, exit))

    def _place(self) -> None:
        """Find the order of all operations: ``line`` has old operations, and ~k for the k-th inserted one."""
        chain, tape = self.executions.chain, self.old
        before: list[list[int]] = [[] for _ in tape.ops]
        for k, one in enumerate(self.wanted.added):
            before[one.at].append(k)
        self.line: list[int] = []
        self.at = [0] * len(tape.ops)  # the new position of each operation
        self.inserted = [0] * len(self.wanted.added)
        self.starts = [0] * len(tape.loops)
        opened: dict[int, list[int]] = {}
        for k, loop in enumerate(tape.loops):
            opened.setdefault(loop.start, []).append(k)
        for i, some in enumerate(before):
            depths = sorted((len(chain(self.wanted.added[k].loop)), k) for k in some)
            for loop_here in opened.get(i, ()):
                outside = sum(depth < len(chain(loop_here)) for depth, _ in depths)
                self.starts[loop_here] = len(self.line) + outside
            for _, k in depths:
                self.inserted[k] = len(self.line)
                self.line.append(~k)
            self.at[i] = len(self.line)
            self.line.append(i)

    def _loop(self, k: int) -> Loop:
        loop = self.old.loops[k]
        if loop.start == loop.stop:  # an empty loop
            here = self.at[loop.start] if loop.start < len(self.at) else len(self.line)
            return loop._replace(start=here, stop=here)
        return loop._replace(start=self.starts[k], stop=self.at[loop.stop - 1] + 1)

    def _op(self, x: int) -> Op:
        return self.old.ops[x] if x >= 0 else self.wanted.added[~x].op

    def _args(self, x: int) -> tuple[int, ...]:
        if x < 0:
            return tuple(map(self._ref, self.wanted.added[~x].args))
        replaced = self.wanted.replaced
        return tuple([self._ref(replaced.get((x, a), a)) for a in self.old.args[x]])

    def _ref(self, ref: int) -> int:
        n = self.old.inputs
        if ref < n:
            return ref
        if ref < READS:
            return n + self.at[ref - n]
        if ref >= INSERTED:
            return n + self.inserted[ref - INSERTED]
        if ref not in self.refs:
            self.refs[ref] = READS + len(self.tape.reads)
            self.tape.reads.append(None)  # type: ignore[arg-type]  # its place, as carried values may go in a circle
            self.tape.reads[self.refs[ref] - READS] = self._read(self.wanted.reads[ref - READS])
        return self.refs[ref]

    def _results(self, refs: Sequence[int]) -> tuple[int, ...]:
        found = np.array(refs, np.int64)
        direct = found >= EXPANDED
        found[~direct] = list(map(self._ref, found[~direct].tolist()))
        found[direct] = EXPANDED + self._renumbered(found[direct] - EXPANDED)
        return tuple(found.tolist())

    def _read(self, read: Read | Carried | Record) -> Read | Carried:
        if isinstance(read, Carried):
            return Carried(read.loop, self._ref(read.initial), self._ref(read.next))
        if isinstance(read, Record):
            source = self._ref(read.source)
            return Read(read.loop, shifted(read.numbers, int(self.first[source - self.old.inputs]) + self.old.inputs))
        return Read(read.loop, self._index(read))

    def _index(self, read: Read) -> Any:
        """Return the index of a read of the old tape in the new numbers of executions."""
        executions = self.executions
        ends = extent(executions, read.loop, read.index) if isinstance(read.index, Affine) else None
        if ends is not None:
            low, high = (op_of(executions, x) for x in ends)
            if low == high:
                return shifted(read.index, self._moved(low))
        index = self._renumbered(executions.index(read))
        return as_affine(executions, read.loop, index) if isinstance(read.index, Affine) else index

    def _renumbered(self, refs: Any) -> Any:
        """Return expanded references of the old tape in the new numbers of executions."""
        e = refs - self.old.inputs
        ops = np.searchsorted(self.executions.first, np.maximum(e, 0), "right") - 1
        return refs + self._moves[np.where(e >= 0, ops, -1) + 1]

    @cached_property
    def _moves(self) -> Any:
        return np.array([self._moved(s) for s in range(-1, len(self.old.ops))])

    def _moved(self, s: int) -> int:
        """Return how far the executions of an operation have moved; 0 for -1, the inputs and constants."""
        return int(self.first[self.at[s]] - self.executions.first[s]) if s >= 0 else 0
