"""Compute values again where a loop reads them, instead of storing them at each round of the loop that made them.

The reverse sweep reads in each round values that the forward sweep computed in one round. Some of these are cheap to
compute from the others. For each loop that reads, a minimum cut chooses which values to store and which to compute
again. The copies are the same operations on the same operands, so no bit changes.

In the network, each value has two nodes: that it is *available* to the reader, and that it is *computed* there. What is
available but not computed is stored, which costs a store and a load. What is computed costs its operation, and needs
its operands to be available.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.ir.loops import READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.memory.costs import KEPT, LOAD, NEAR, STORE, TABLE, cost_of
from glassgrad.compiler.ir.memory.insertion import Insertions, Record, as_affine, key_of, shifted
from glassgrad.compiler.ir.memory.mincut import NEVER, Network
from glassgrad.compiler.ir.memory.mixed import Part, choice_of, rare_parts
from glassgrad.compiler.ir.memory.records import (
    Frame,
    has_ended,
    numbers_stored,
    operations_named,
    place_in,
    reads_in_use,
    resolved,
    results_named,
)
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops

__all__ = ["recompute"]

EARLIER = 1  # A carried value was computed in an earlier round. It may be computed again this many rounds earlier.
MOST_FRAMES = 24  # A reader computes values of this many frames at most.


class Value(NamedTuple):
    """A value of the loop that is read: an operation's, or a carried value's (``source`` is its reference)."""

    frame: Frame
    source: int


Operand = Any  # a Value, a Read to be made, or a reference


class Reader:
    """The values that the body of one loop reads of other loops, and how it comes by them.

    Attributes:
        read_anyway: the keys of the reads that this body makes in any case.
        loaded: the sources of the values that must be stored.
        computed: the values that are computed in this body.
    """

    def __init__(self, executions: Executions, loop: int, wanted: Iterable[Value], read_anyway: set[Any]) -> None:
        self.read_anyway = read_anyway
        self.executions, self.tape, self.loop = executions, executions.tape, loop
        self.wanted = list(dict.fromkeys(wanted))
        self.runs = executions.runs_of(loop)
        self.depth = {value.frame: 0 for value in self.wanted}
        self.loaded: set[int] = set()
        self.computed: set[Value] = set()
        self._solved_for: set[int] | None = None
        self._sources: set[int] = set()  # those that it was solved for
        self._rounds: dict[Frame, Any] = {}
        self._external: dict[Any, Operand] = {}
        self._operands: dict[Value, list[Operand] | None] = {}

    def rounds(self, frame: Frame) -> Any:
        """Return the execution of the source's body that each execution of this body reads, as an array."""
        if frame not in self._rounds:
            self._rounds[frame] = (
                self.executions.index(Read(self.loop, frame.rounds))
                if isinstance(frame.rounds, Affine)
                else np.frombuffer(frame.rounds, np.int64)
            )
        return self._rounds[frame]

    def operands(self, value: Value) -> list[Operand] | None:
        """Return the operands from which this body can compute ``value``, or None if it cannot."""
        if value not in self._operands:
            self._operands[value] = self._find_operands(value)
        return self._operands[value]

    def _find_operands(self, value: Value) -> list[Operand] | None:
        frame, source = value
        if source >= READS:
            other = self._before(frame, source)
            return None if other is None else [other]
        if self.depth[frame] > EARLIER or cost_of(self.tape.ops[source]) >= NEVER:
            return None
        found = [self._operand(frame, a) for a in self.tape.args[source]]
        return None if None in found else found

    def _operand(self, frame: Frame, ref: int) -> Operand:
        n = self.tape.inputs
        if ref < n:
            return ref
        if ref < READS and self.executions.home[ref - n] == frame.source:
            return Value(frame, ref - n)
        if (frame, ref) not in self._external:
            self._external[frame, ref] = self._from_outside(frame, ref)
        return self._external[frame, ref]

    def _from_outside(self, frame: Frame, ref: int) -> Operand:
        """Return the operand for a value that the source's body has from outside, or from another round."""
        executions, n = self.executions, self.tape.inputs
        refs = executions.values(ref, frame.source)[self.rounds(frame)]
        if (refs == refs[0]).all() and refs[0] < n:
            return int(refs[0])
        if self._is_in_scope(ref) and np.array_equal(executions.values(ref, self.loop), refs):
            return ref
        is_carried = ref >= READS and isinstance(self.tape.reads[ref - READS], Carried)
        if is_carried and self.tape.reads[ref - READS].loop == frame.source:
            return Value(frame, ref)
        read = Read(self.loop, as_affine(executions, self.loop, refs))
        found = self._resolved(frame, read)
        return read if found is None and not is_carried else found

    def _before(self, frame: Frame, ref: int) -> Operand:
        """Return the operation's value that a carried value is, if it is one operation's in each round."""
        refs = self.executions.values(ref, frame.source)[self.rounds(frame)]
        return self._resolved(frame, Read(self.loop, as_affine(self.executions, self.loop, refs)))

    def _resolved(self, frame: Frame, read: Read) -> Operand:
        """Return the value that a read names, if it is one operation's. ``frame`` is where it is needed."""
        executions = self.executions
        found = resolved(executions, read)
        if found is None:
            return None
        home = int(executions.home[found[0]])
        if home < 0:
            return self.tape.inputs + found[0]
        other = Frame(self.loop, home, _key(found[1]))
        if other not in self.depth:
            few = len(self.depth) < MOST_FRAMES
            self.depth[other] = self.depth[frame] + self._is_earlier(other, frame) if few else EARLIER + 1
        return Value(other, found[0])

    def _is_earlier(self, one: Frame, other: Frame) -> bool:
        """Whether two frames belong to different rounds of the outermost loop around them that has ended."""
        executions, around = self.executions, self.executions.chain(self.loop)
        tops = [next((k for k in executions.chain(frame.source) if k not in around), -1) for frame in (one, other)]
        if tops[0] != tops[1] or tops[0] < 0:
            return True
        rounds = [executions.outer(frame.source, tops[0])[self.rounds(frame)] for frame in (one, other)]
        return not np.array_equal(*rounds)

    def _is_in_scope(self, ref: int) -> bool:
        """Whether ``ref`` may be used at the start of the body of this loop."""
        home = self.tape.reads[ref - READS].loop if ref >= READS else int(self.executions.home[ref - self.tape.inputs])
        if home >= 0 and home not in self.executions.chain(self.loop):
            return False
        return ref >= READS or self.loop < 0 or ref - self.tape.inputs < self.tape.loops[self.loop].start

    def solve(self, kept: set[int], passing: set[int]) -> None:
        """Choose the values to be loaded and those to be computed.

        The sources in ``kept`` are stored anyway, and those in ``passing`` for some rounds each.
        """
        if self._solved_for is not None and not (kept ^ self._solved_for) & self._sources:
            return
        network = Network()
        nodes: dict[Any, tuple[int, int]] = {}

        def available(operand: Operand) -> int:
            key = operand if isinstance(operand, Value) else key_of(operand)
            if key in nodes:
                return nodes[key][0]
            node = network.node()
            nodes[key] = node, -1
            if isinstance(operand, Value):
                work.append(operand)
            elif key not in self.read_anyway:
                network.edge(node, 1, self.runs * (LOAD if isinstance(operand.index, Affine) else TABLE))
            return node

        work: deque[Value] = deque()
        for value in self.wanted:
            network.edge(0, available(value), NEVER)
        while work:
            value = work.popleft()
            node = nodes[value][0]
            price = self._price(value, kept, passing)
            operands = self.operands(value)
            if operands is None:
                network.edge(node, 1, price)
                continue
            computed = network.node()
            nodes[value] = node, computed
            network.edge(node, computed, price)
            operation = 0 if value.source >= READS else cost_of(self.tape.ops[value.source])
            network.edge(computed, 1, self.runs * operation)
            for operand in operands:
                if not isinstance(operand, int):
                    network.edge(computed, available(operand), NEVER)
        self._solved_for, self._sources = kept, {value.source for value in nodes if isinstance(value, Value)}
        _, side = network.cut()
        chosen = [value for value, (node, _) in nodes.items() if isinstance(value, Value) and side[node]]
        self.computed = {value for value in chosen if nodes[value][1] >= 0 and side[nodes[value][1]]}
        self.loaded = {value.source for value in chosen if value not in self.computed}

    def _price(self, value: Value, kept: set[int], passing: set[int]) -> int:
        """Return the cost of storing and loading ``value``."""
        load = self.runs * (LOAD if isinstance(value.frame.rounds, Affine) else TABLE)
        store = 0 if value.source in kept else KEPT if value.source in passing else STORE
        return load + store * self.executions.runs_of(value.frame.source)


class Copies:
    """Write the copies that the readers have chosen."""

    def __init__(self, insertions: Insertions) -> None:
        self.insertions = insertions
        self.done: dict[Any, int] = {}
        self.heads: dict[int, int] = {}  # the operation that stores each carried value
        self.stops = [segment.stop for segment in insertions.tape.segments]

    def make(self, reader: Reader, value: Operand, at: int) -> int:
        """Return the reference of ``value`` in the body of ``reader``. Operations are inserted before ``at``."""
        if isinstance(value, int):
            return value
        if isinstance(value, Read):
            return self.insertions.read(value)
        key = (reader.loop, bisect_right(self.stops, at), value)  # other segments may belong to other paths
        if key not in self.done:
            operands = reader.operands(value) or []
            if value in reader.computed and value.source >= READS:
                self.done[key] = self.make(reader, operands[0], at)
            elif value in reader.computed:
                args = [self.make(reader, operand, at) for operand in operands]
                self.done[key] = self.insertions.insert(at, reader.loop, reader.tape.ops[value.source], tuple(args))
            else:
                numbers = _index(value.frame.rounds)
                self.done[key] = self.insertions.read(Record(reader.loop, self._source(reader.tape, value), numbers))
        return self.done[key]

    def choose(self, reader: Reader, read: Read, parts: list[Part], at: int) -> int:
        """Return the reference of what a read names of several operations, if those of ``parts`` are computed again."""
        key = (reader.loop, bisect_right(self.stops, at), key_of(read))
        if key not in self.done:

            def copy(part: Part) -> int:
                return self.make(reader, _value(reader.executions, reader.loop, part), at)

            self.done[key] = choice_of(self.insertions, read, parts, copy, at)
        return self.done[key]

    def _source(self, tape: Tape, value: Value) -> int:
        """Return the reference of the operation whose executions are stored."""
        if value.source < READS:
            return tape.inputs + value.source
        if value.source not in self.heads:  # a carried value: an operation at the head of each round stores it
            loop = value.frame.source
            start = tape.loops[loop].start
            self.heads[value.source] = self.insertions.insert(start, loop, ops.identity, (value.source,))
        return self.heads[value.source]


def recompute(tape: Tape, near: int = NEAR) -> Tape:
    """Return ``tape`` with copies of operations in place of reads, where that takes less time and memory.

    A tape whose stored numbers take at most ``near`` bytes for each lane stays as it is,
    and so does a tape with masked loops.
    """
    if not tape.reads or tape.masked:
        return tape
    executions = Executions(tape)
    if _bytes(executions) <= near:
        return tape
    uses, elsewhere = reads_in_use(tape)
    wanted: dict[int, Value] = {}
    mixed: dict[int, list[Part]] = {}
    kept = operations_named(executions, results_named(tape))  # the operations that are stored in any case
    passing: set[int] = set()  # and those that are read in the same outermost loop, so that a few rounds are enough
    read_anyway: dict[int, set[Any]] = defaultdict(set)
    for ref in uses.keys() | elsewhere:
        read = tape.reads[ref - READS]
        if not isinstance(read, Read):
            continue
        value = _wanted(executions, read, uses[ref]) if ref not in elsewhere else None
        if value is not None:
            wanted[ref] = value
            continue
        read_anyway[read.loop].add(key_of(read))
        sources = operations_named(executions, executions.index(read))
        if ref not in elsewhere:
            mixed[ref] = rare_parts(executions, read, sources, uses[ref])
            sources -= {part.source for part in mixed[ref]}
        outermost = executions.chain(read.loop)[:1]
        here = {s for s in sources if outermost and executions.chain(int(executions.home[s]))[:1] == outermost}
        passing |= here
        kept |= sources - here
    groups: dict[int, list[Value]] = defaultdict(list)
    for ref in sorted(wanted.keys() | mixed.keys()):
        mixed[ref] = [part for part in mixed.get(ref, ()) if part.source not in kept]
        loop = tape.reads[ref - READS].loop
        groups[loop] += [wanted[ref]] if ref in wanted else [_value(executions, loop, part) for part in mixed[ref]]
    readers = {loop: Reader(executions, loop, values, read_anyway[loop]) for loop, values in groups.items()}
    order = sorted(readers.values(), key=lambda reader: (-reader.runs, reader.loop))
    for _ in range(2):  # what one reader has stored, the others load
        for reader in order:
            reader.solve(kept.union(*[other.loaded for other in order if other is not reader]), passing)
    stored = kept.union(*[reader.loaded for reader in order])
    for ref, parts in mixed.items():
        mixed[ref] = [part for part in parts if part.source not in stored]
    return _written(executions, readers, wanted, mixed, uses)


def _bytes(executions: Executions) -> int:
    """Return how much memory the stored numbers take for each lane if nothing is computed again."""
    stored = numbers_stored(executions.tape, executions)
    return 8 * sum(count * executions.runs[loop] for loop, count in stored.items())


def _wanted(executions: Executions, read: Read, uses: Iterable[int]) -> Value | None:
    """Return the value that a read names, if it is one value of a loop that has ended before each use."""
    found = resolved(executions, read)
    other = _as_carried(executions, read, *found) if found else _as_carried_mixed(executions, read)
    if other is None and found is None:
        return None
    value = other
    if value is None:
        assert found is not None
        value = Value(Frame(read.loop, int(executions.home[found[0]]), _key(found[1])), found[0])
    return value if has_ended(executions, value.frame.source, read.loop, uses) else None


def _value(executions: Executions, loop: int, part: Part) -> Value:
    """Return the value that a part of a read in the body of ``loop`` names."""
    return Value(Frame(loop, int(executions.home[part.source]), _key(part.numbers)), part.source)


def _as_carried(executions: Executions, read: Read, s: int, numbers: Any) -> Value | None:
    """Return the carried value of the next round that is what operation s gave in the rounds ``numbers``."""
    tape, home = executions.tape, int(executions.home[s])
    if home < 0:
        return None
    for k, carried in enumerate(tape.reads):
        if isinstance(carried, Carried) and (carried.loop, carried.next) == (home, tape.inputs + s):
            rounds = shifted(numbers, 1)
            places = executions.index(Read(read.loop, rounds))
            starts = executions.rounds(home) == 0
            if places.max() < executions.runs[home] and not starts[places].any():
                return Value(Frame(read.loop, home, _key(rounds)), READS + k)
    return None


def _as_carried_mixed(executions: Executions, read: Read) -> Value | None:
    """Return the carried value that a read names, if there is one: its initial value and those from later rounds."""
    tape, n = executions.tape, executions.tape.inputs
    index = executions.index(read)
    for s in operations_named(executions, index):
        for k, carried in enumerate(tape.reads):
            if isinstance(carried, Carried) and carried.next == n + s and executions.runs[carried.loop]:
                values = executions.values(READS + k, carried.loop)
                order = np.argsort(values, kind="stable")
                places = order[np.minimum(np.searchsorted(values, index, sorter=order), len(values) - 1)]
                if np.array_equal(values[places], index) and _is_over(executions, carried.loop, read.loop, places):
                    rounds = as_affine(executions, read.loop, places)
                    return Value(Frame(read.loop, carried.loop, _key(rounds)), READS + k)
    return None


def _is_over(executions: Executions, loop: int, reader: int, rounds: Any) -> bool:
    """Whether the body of ``loop`` has run ``rounds`` before the body of ``reader``, which reads them, is entered."""
    chain, around = executions.chain(loop), executions.chain(reader)
    shared = [k for k in chain if k in around]
    inner = chain[len(shared) :]
    start = executions.tape.loops[reader].start if reader >= 0 else len(executions.tape.ops)
    if not inner or executions.tape.loops[inner[0]].stop > start:
        return False
    common = shared[-1] if shared else -1
    return bool((executions.outer(loop, common)[rounds] <= executions.outer(reader, common)).all())


def _written(
    executions: Executions,
    readers: dict[int, Reader],
    wanted: dict[int, Value],
    mixed: dict[int, list[Part]],
    uses: dict[int, list[int]],
) -> Tape:
    tape = executions.tape
    insertions = Insertions(tape, executions)
    copies = Copies(insertions)
    places = sorted((i, ref) for ref in wanted.keys() | mixed.keys() for i in uses[ref])
    for i, ref in places:
        read = tape.reads[ref - READS]
        assert isinstance(read, Read)
        reader, at = readers[read.loop], place_in(executions, i, read.loop)
        if ref not in wanted:
            if mixed[ref]:
                insertions.replaced[i, ref] = copies.choose(reader, read, mixed[ref], at)
        elif wanted[ref] in reader.computed or wanted[ref].source >= READS:
            insertions.replaced[i, ref] = copies.make(reader, wanted[ref], at)
    return insertions.write() if insertions.added else tape


def _key(index: Any) -> Any:
    return index if isinstance(index, Affine) else np.asarray(index, np.int64).tobytes()


def _index(rounds: Any) -> Any:
    return rounds if isinstance(rounds, Affine) else np.frombuffer(rounds, np.int64)
