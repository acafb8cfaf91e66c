"""Insert operations into a tape with loops, and number its references again.

An inserted operation has a reference of its own, ``INSERTED + k`` for the k-th, until the tape is written. A `Record`
is a read that may name the executions of an inserted operation. A `Renamed` read names other operations instead.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.ir.tape import identity as same
from glassgrad.core.op import Op

__all__ = ["INSERTED", "Insertions", "Record", "Renamed", "as_affine", "extent", "key_of", "op_of", "shifted"]

INSERTED = 1 << 42


class Insertion(NamedTuple):
    """An operation to be inserted before operation ``at``, or after it, in the body of ``loop``."""

    at: int
    loop: int
    op: Op
    args: tuple[int, ...]
    after: bool = False


class Record(NamedTuple):
    """Like `Read`, but it names executions of ``source`` (an operation of the tape, or an inserted one) by number."""

    loop: int
    source: int
    numbers: Any


class Renamed(NamedTuple):
    """Like `Read`, but where its index names executions of an operation in ``names``, it names those of another one.

    ``names`` has the reference of the other operation, which is in the same body.
    """

    loop: int
    index: Any
    names: dict[int, int]


def extent(executions: Executions, loop: int, index: Affine) -> tuple[int, int] | None:
    """Return the least and the greatest value of an index in the body of ``loop``; None if the body never runs."""
    chain = executions.chain(loop)
    if not chain:
        return index.base, index.base
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
    return bisect_right(executions.starts, ref - executions.tape.inputs) - 1


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


def key_of(one: Read | Record | Renamed) -> Any:
    """Return a key that is equal for equal reads."""
    index = one.numbers if isinstance(one, Record) else one.index
    more = one.source if isinstance(one, Record) else tuple(one.names.items()) if isinstance(one, Renamed) else None
    return type(one), one.loop, more, index if isinstance(index, Affine) else index.tobytes()


class Insertions:
    """The operations to be inserted into a tape, and the operands to be replaced.

    Attributes:
        replaced: by operation and operand: the new operand.
        renamed: by operation: the inserted operation that its reads name instead, and its execution for each execution
            of the operation.
    """

    def __init__(self, tape: Tape, executions: Executions) -> None:
        self.tape, self.executions = tape, executions
        self.added: list[Insertion] = []
        self.reads: list[Read | Carried | Record | Renamed] = list(tape.reads)
        self.constants = [*tape.constants]
        self.replaced: dict[tuple[int, int], int] = {}
        self.renamed: dict[int, tuple[int, Any]] = {}
        self._known: dict[Any, int] = {}
        for k, one in enumerate(tape.reads):
            if isinstance(one, Read):
                self._known.setdefault(key_of(one), READS + k)

    def insert(self, at: int, loop: int, op: Op, args: tuple[int, ...]) -> int:
        """Insert an operation before operation ``at``, in the body of ``loop``. Return its reference."""
        self.added.append(Insertion(at, loop, op, args))
        return INSERTED + len(self.added) - 1

    def insert_after(self, at: int, loop: int, op: Op, args: tuple[int, ...]) -> int:
        """Insert an operation in the body of ``loop``, after operation ``at`` and the loops in it that end there."""
        self.added.append(Insertion(at, loop, op, args, after=True))
        return INSERTED + len(self.added) - 1

    def read(self, one: Read | Record | Renamed) -> int:
        """Return the reference of a read. Equal reads are stored once."""
        key = key_of(one)
        if key not in self._known:
            self._known[key] = READS + len(self.reads)
            self.reads.append(one)
        return self._known[key]

    def constant(self, x: float) -> int:
        """Return the reference of a constant."""
        found = next((k for k, one in enumerate(self.constants) if same(one) == same(x)), None)
        if found is None:
            found = len(self.constants)
            self.constants.append(x)
        return ~found

    def write(self) -> Tape:
        """Return the new tape."""
        return Written(self).tape


class Written:
    """The tape with the insertions."""

    def __init__(self, wanted: Insertions) -> None:
        self.wanted, old = wanted, wanted.tape
        self.old, self.executions = old, wanted.executions
        self.tape = new = Tape(old.names)
        new.constants = wanted.constants
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
            start, stop = stop, self.at[b - 1] + 1 + len(self.after[b - 1]) if a < b else stop
            new.segments.append(Segment(start, stop, parent, exit))

    def _place(self) -> None:
        """Find the order of all operations: ``line`` has old operations, and ~k for the k-th inserted one."""
        chain, tape = self.executions.chain, self.old
        before: list[list[int]] = [[] for _ in tape.ops]
        self.after: list[list[int]] = [[] for _ in tape.ops]  # the depths of the operations inserted after each one
        following: list[list[tuple[int, int]]] = [[] for _ in tape.ops]
        for k, one in enumerate(self.wanted.added):
            if one.after:
                following[one.at].append((-len(chain(one.loop)), k))
            else:
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
            for depth, k in sorted(following[i]):
                self.after[i].append(-depth)
                self.inserted[k] = len(self.line)
                self.line.append(~k)

    def _loop(self, k: int) -> Loop:
        loop = self.old.loops[k]
        if loop.start == loop.stop:  # an empty loop
            here = self.at[loop.start] if loop.start < len(self.at) else len(self.line)
            return loop._replace(start=here, stop=here)
        depth, last = len(self.executions.chain(k)), loop.stop - 1
        inside = sum(other >= depth for other in self.after[last])
        return loop._replace(start=self.starts[k], stop=self.at[last] + 1 + inside)

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
        found[direct] = EXPANDED + self._renumbered(found[direct] - EXPANDED, {})
        return tuple(found.tolist())

    def _read(self, read: Read | Carried | Record | Renamed) -> Read | Carried:
        if isinstance(read, Carried):
            return Carried(read.loop, self._ref(read.initial), self._ref(read.next))
        if isinstance(read, Record):
            source = self._ref(read.source)
            return Read(read.loop, shifted(read.numbers, int(self.first[source - self.old.inputs]) + self.old.inputs))
        if isinstance(read, Renamed):
            return Read(read.loop, self._index(Read(read.loop, read.index), read.names))
        return Read(read.loop, self._index(read, {}))

    def _index(self, read: Read, names: dict[int, int]) -> Any:
        """Return the index of a read of the old tape in the new numbers of executions. For ``names`` see `Renamed`."""
        executions = self.executions
        ends = extent(executions, read.loop, read.index) if isinstance(read.index, Affine) else None
        if ends is not None:
            low, high = (op_of(executions, x) for x in ends)
            if low == high and low not in self.wanted.renamed:
                return shifted(read.index, self._moved(low, names))
        index = self._renumbered(executions.index(read), names)
        return as_affine(executions, read.loop, index) if isinstance(read.index, Affine) else index

    def _renumbered(self, refs: Any, names: dict[int, int]) -> Any:
        """Return expanded references of the old tape in the new numbers of executions."""
        n, first = self.old.inputs, self.executions.first
        ops = np.searchsorted(first, np.maximum(refs - n, 0), "right") - 1
        ops[refs < n] = -1
        found = refs + self._moves[ops]
        if names or self.wanted.renamed:
            for s in set(ops.tolist()) & (names.keys() | self.wanted.renamed.keys()):
                here = ops == s
                if s in names:
                    found[here] = refs[here] + self._moved(s, names)
                else:
                    ref, numbers = self.wanted.renamed[s]
                    new = self.first[self.inserted[ref - INSERTED]]
                    found[here] = n + new + numbers[refs[here] - n - first[s]]
        return found

    @cached_property
    def _moves(self) -> Any:
        """How far the executions of each operation have moved. At the end there is a 0 for inputs and constants."""
        return np.append(self.first[self.at] - self.executions.first[:-1], 0)

    def _moved(self, s: int, names: dict[int, int]) -> int:
        """Return how far the executions of an operation have moved, or those of its substitute; 0 for -1."""
        if s not in names:
            return int(self._moves[s])
        return int(self.first[self._ref(names[s]) - self.old.inputs] - self.executions.first[s])
