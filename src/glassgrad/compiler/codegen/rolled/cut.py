"""Cut a tape with loops into stages, for a kernel that computes one lane with vectors.

A *lane loop* is an outermost loop whose rounds are independent. It is a stage of its own, and its rounds are the lanes
of a batch. What stands between lane loops are stages, too, with one lane. Each stage is a tape. What a stage computes
for later ones lies in its buffer: for a stage with one lane number after number, for a lane loop lane beside lane, then
the next number of all lanes.

A number that a stage uses lies in an *area*: an array of the arguments, the buffer of an earlier stage, the constants,
or numbers that are copied before the stage begins. In a lane loop the same operand of all rounds is a *column*. If it
moves evenly from lane to lane it is read from where it lies; otherwise it is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.ir.loops import READS, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.rounds import has_independent_rounds, references
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.rolling.operands import Namer

__all__ = ["Copy", "Leaf", "Stage", "cut", "lane_loops"]

GAP = 64  # Numbers that lie further apart than this belong to different leaves.
WORTH = 64  # A lane loop runs at least this many operations.
CONSTANTS, COPIES = -1, -2  # Areas: the constants, and the numbers that are copied for a stage.


class Leaf(NamedTuple):
    """A leaf of the inputs of a stage.

    Attributes:
        form: its form.
        area: the area that it lies in.
        start: the place in the area of its first number in lane 0.
        lane, number: the distances from lane to lane, and from number to number.
    """

    form: Form
    area: int
    start: int
    lane: int
    number: int


class Copy(NamedTuple):
    """Numbers that are copied before a stage begins: from the places ``source`` in ``area`` to ``target``."""

    area: int
    source: Any
    target: Any


class Stage(NamedTuple):
    """A stage.

    Attributes:
        tape: its operations. The results of the last stage are those of the tape that was cut.
        leaves: the leaves of its inputs.
        copies: what is copied before it begins.
        constants: for each column of constants, the constants of all lanes.
        lanes: the number of lanes; 0 if it is no lane loop.
        results: how many numbers it computes for later stages in each lane.
    """

    tape: Tape
    leaves: list[Leaf]
    copies: list[Copy]
    constants: Any
    lanes: int
    results: int


def lane_loops(tape: Tape, executions: Executions, least: int) -> list[int]:
    """Return the loops of at least ``least`` rounds that are worth being lane loops."""
    found = []
    for k, loop in enumerate(tape.loops):
        if loop.parent < 0 and executions.runs[k] >= least:
            work = int(executions.first[loop.stop] - executions.first[loop.start])
            if work >= WORTH and has_independent_rounds(tape, executions, k):
                found.append(k)
    return found


def cut(tape: Tape, inputs: Sequence[Form], executions: Executions, chosen: Sequence[int]) -> list[Stage]:
    """Return the stages of a tape with one segment, of which the loops ``chosen`` are lane loops."""
    return _Cutter(tape, inputs, executions, chosen).stages()


class _Part(NamedTuple):
    """The operations of a stage."""

    start: int
    stop: int
    loop: int
    lanes: int


class _Cutter:
    """
    Attributes:
        part_of: for each operation its part.
        cell: for each execution its place in the buffer of its stage, or -1.
        backwards: whether the last round of a part is its first lane.
    """

    def __init__(self, tape: Tape, inputs: Sequence[Form], executions: Executions, chosen: Sequence[int]) -> None:
        self.tape, self.inputs, self.executions = tape, inputs, executions
        self.parts: list[_Part] = []
        start = 0
        for k in chosen:
            loop = tape.loops[k]
            if start < loop.start:
                self.parts.append(_Part(start, loop.start, -1, 0))
            self.parts.append(_Part(loop.start, loop.stop, k, executions.runs[k]))
            start = loop.stop
        self.parts.append(_Part(start, len(tape.ops), -1, 0))
        self.part_of = np.repeat(np.arange(len(self.parts)), [part.stop - part.start for part in self.parts])
        self.runs = np.diff(executions.first)
        self.uses = [[*self._uses(p)] for p in range(len(self.parts))]
        self.backwards = [False] * len(self.parts)
        for p, part in enumerate(self.parts):
            self.backwards[p] = part.lanes > 0 and self._is_backwards(p)
        self.cell = np.full(executions.total, -1, np.int64)
        self.outputs = self._lay_out()

    def stages(self) -> list[Stage]:
        return [_Extract(self, p).stage() for p in range(len(self.parts))]

    # What each part uses

    @property
    def results(self) -> tuple[int, ...]:
        exit = self.tape.segments[0].exit
        assert isinstance(exit, Outputs)
        return exit.refs

    def references(self, p: int) -> Iterator[int]:
        """Yield the references that a part uses."""
        part = self.parts[p]
        yield from references(self.tape, range(part.start, part.stop), self.results if p == len(self.parts) - 1 else ())

    def is_inside(self, p: int, loop: int) -> bool:
        """Whether ``loop`` belongs to the body of a part."""
        part = self.parts[p]
        return loop >= 0 and part.start <= self.tape.loops[loop].start < part.stop

    def _uses(self, p: int) -> Iterator[Any]:
        """Yield the expanded references that a part uses, with a row for each lane."""
        part = self.parts[p]
        for ref in self.references(p):
            read = self.tape.reads[ref - READS] if ref >= READS else None
            if read is not None and self.is_inside(p, read.loop):
                if isinstance(read, Read) and self.executions.runs[read.loop]:
                    yield self.executions.index(read).reshape(max(part.lanes, 1), -1)
            elif read is not None or not part.start <= ref - self.tape.inputs < part.stop:
                yield self.executions.values(ref, -1).reshape(1, 1)

    def outside(self, p: int, refs: Any) -> Any:
        """Say which expanded references are values of other parts."""
        first, part = self.executions.first, self.parts[p]
        e = refs - self.tape.inputs
        return (e >= 0) & ((e < first[part.start]) | (e >= first[part.stop]))

    def static(self, e: Any) -> Any:
        """Return the operations of executions."""
        return np.searchsorted(self.executions.first, e, "right") - 1

    def round(self, e: Any, s: Any) -> tuple[Any, Any]:
        """Return the rounds of executions in a lane loop, and their numbers in the round."""
        lanes = np.array([part.lanes for part in self.parts])[self.part_of[s]]
        per_round = np.maximum(self.runs[s] // np.maximum(lanes, 1), 1)
        number = e - self.executions.first[s]
        return number // per_round, number % per_round

    # The buffers

    def _is_backwards(self, p: int) -> bool:
        """Whether a lane loop uses more columns of earlier lane loops from the last lane to the first."""
        balance = 0
        for index in self.uses[p]:
            if len(index) < 2:
                continue
            two = index[:2]
            two = two[:, self.outside(p, two).all(axis=0)]
            if two.size:
                e = two - self.tape.inputs
                s = self.static(e)
                turn = self.round(e, s)[0]
                sign = np.where(np.array(self.backwards)[self.part_of[s[0]]], -1, 1)
                lane_loop = np.array([part.lanes > 0 for part in self.parts])[self.part_of[s[0]]]
                balance += int(np.sign((turn[1] - turn[0]) * sign * lane_loop).sum())
        return balance < 0

    def _lay_out(self) -> list[list[tuple[int, int]]]:
        """Find the places of all values in the buffers.

        Return for each part the operations whose values it stores, and their numbers in the round, in order.
        """
        size = len(self.parts)
        first = self.executions.first
        order = sorted(range(size), key=lambda p: (not self.parts[p].lanes, self.parts[p].stop - self.parts[p].start))
        found: list[Any] = [[] for _ in range(size)]
        for p in order:
            for index in self.uses[p]:
                some = np.concatenate([index[0], index[:, 0], index.ravel()])
                e = some[self.outside(p, some)] - self.tape.inputs
                s = self.static(e)
                number = self.round(e, s)[1]
                for q in np.unique(self.part_of[s]).tolist():
                    mine = self.part_of[s] == q
                    found[q].append(first[s[mine]] + number[mine])
        outputs: list[list[tuple[int, int]]] = []
        for part, columns in zip(self.parts, found):
            every = np.concatenate([*columns, np.zeros(0, np.int64)])
            unique, at = np.unique(every, return_index=True)
            keys = unique[np.argsort(at)]
            s = self.static(keys)
            number = keys - first[s]
            lanes = max(part.lanes, 1)
            per_round = self.runs[s] // lanes
            turn = np.arange(lanes)
            lane = turn[::-1] if self.backwards[len(outputs)] else turn
            e = first[s][:, None] + number[:, None] + per_round[:, None] * turn
            self.cell[e] = np.arange(len(keys))[:, None] * lanes + lane
            outputs.append([*zip(s.tolist(), number.tolist())])
        return outputs

    def located(self, refs: Any) -> tuple[Any, Any]:
        """Return the areas of expanded references of other parts, and the places in them.

        The areas of arguments come first, then the buffers.
        """
        n = self.tape.inputs
        starts = np.array([form.first for form in self.inputs] or [0])
        leaf = np.searchsorted(starts, np.maximum(refs, 0), "right") - 1
        e = np.maximum(refs - n, 0)
        s = self.static(e) if self.executions.total else e
        area = np.where(refs < 0, CONSTANTS, leaf)
        place = np.where(refs < 0, ~refs, refs - starts[np.maximum(leaf, 0)])
        if len(self.part_of):
            s = np.minimum(s, len(self.part_of) - 1)
            inner = refs >= n
            area = np.where(inner, len(self.inputs) + self.part_of[s], area)
            place = np.where(inner, self.cell[np.minimum(e, len(self.cell) - 1)], place)
        return area, place


class _Extract:
    """The tape of one part."""

    def __init__(self, cutter: _Cutter, p: int) -> None:
        self.cutter, self.p, self.part = cutter, p, cutter.parts[p]
        self.tape, self.executions, self.n = cutter.tape, cutter.executions, cutter.tape.inputs
        self.last = p == len(cutter.parts) - 1
        self.keys: dict[tuple[int, int, int], None] = {}  # columns: area, place in lane 0, distance between lanes
        self.copied: dict[bytes, int] = {}  # columns that are copied, and columns of constants: the number of each
        self.columns: dict[int, list[Any]] = {CONSTANTS: [], COPIES: []}  # the expanded references of these

    def stage(self) -> Stage:
        part, cutter = self.part, self.cutter
        for index in cutter.uses[self.p]:
            self._named(index)
        leaves, numbers = self._leaves()
        self.numbers = numbers
        made = self._tape(sum(leaf.form.size for leaf in leaves))
        results = 0 if self.last else len(cutter.outputs[self.p])
        constants = np.array(self.tape.constants)[~np.concatenate([*self.columns[CONSTANTS], np.zeros(0, np.int64)])]
        return Stage(made, leaves, self._copies(), constants, part.lanes, results)

    # Inputs

    def _named(self, index: Any) -> Any:
        """Return the columns of the numbers in an index that come from outside, and note them.

        The result has an item for each column of the index: None for values of this part, an integer for a constant,
        or the key of a column.
        """
        cutter = self.cutter
        first, part = self.executions.first, self.part
        if cutter.backwards[self.p] and len(index) > 1:
            index = index[::-1]
        low, high = self.n + first[part.start], self.n + first[part.stop]
        own = ((index >= low) & (index < high)).any(axis=0)
        found: list[Any] = [None] * index.shape[1]
        theirs = np.flatnonzero(~own)
        if not len(theirs):
            return found
        index = index[:, theirs]
        same = (index == index[0]).all(axis=0)
        area, place = cutter.located(index)
        steps = np.diff(place, axis=0)
        even = (area == area[0]).all(axis=0) & (area[0] >= 0)
        if len(steps):
            even &= (steps == steps[0]).all(axis=0)
        for c, j in enumerate(theirs.tolist()):
            if same[c] and index[0, c] < 0:
                found[j] = int(index[0, c])
                continue
            if even[c]:
                key = int(area[0, c]), int(place[0, c]), int(steps[0, c]) if len(steps) else 0
            else:
                name = np.ascontiguousarray(index[:, c]).tobytes()
                kind = CONSTANTS if (index[:, c] < 0).all() else COPIES
                if name not in self.copied:
                    self.copied[name] = len(self.columns[kind])
                    self.columns[kind].append(index[:, c])
                key = kind, self.copied[name] * len(index), 1
            self.keys[key] = None
            found[j] = key
        return found

    def _leaves(self) -> tuple[list[Leaf], dict[tuple[int, int, int], int]]:
        """Return the leaves of all columns, and the number of each column."""
        cutter, forms = self.cutter, self.cutter.inputs
        groups: dict[tuple[int, int, int, int], list[tuple[int, tuple[int, int, int]]]] = {}
        for key in self.keys:
            area, place, step = key
            unit = 1
            if step == 1 and not 0 <= area < len(forms):
                unit = self.part.lanes if area < 0 else max(cutter.parts[area - len(forms)].lanes, 1)
            groups.setdefault((area, step, unit, place % unit), []).append((place // unit, key))
        leaves: list[Leaf] = []
        numbers: dict[tuple[int, int, int], int] = {}
        count = 0
        for (area, step, unit, rest), members in groups.items():
            members.sort()
            runs: list[list[tuple[int, tuple[int, int, int]]]] = []
            for member in members:
                if runs and member[0] - runs[-1][-1][0] <= GAP:
                    runs[-1].append(member)
                else:
                    runs.append([member])
            for run in runs:
                low, size = run[0][0], run[-1][0] - run[0][0] + 1
                layout = BROADCAST if step == 0 else CONTIGUOUS if step == 1 else INTERLEAVED
                single = 0 <= area < len(forms) and forms[area].single
                leaves.append(Leaf(Form(count, size, layout, single), area, low * unit + rest, step, unit))
                for at, key in run:
                    numbers[key] = count + at - low
                count += size
        return leaves, numbers

    def _copies(self) -> list[Copy]:
        """Return what is copied before the stage begins."""
        if not self.columns[COPIES]:
            return []
        area, place = self.cutter.located(np.concatenate(self.columns[COPIES]))
        to = np.arange(len(area))
        return [Copy(k, place[area == k], to[area == k]) for k in np.unique(area).tolist()]

    # The tape

    def _tape(self, inputs: int) -> Tape:
        part, old = self.part, self.tape
        start, stop = part.start, part.stop
        made = Tape([""] * inputs)
        made.constants = old.constants
        made.ops = old.ops[start:stop]
        inner = [k for k, loop in enumerate(old.loops) if k != part.loop and self.cutter.is_inside(self.p, k)]
        self.loop = {k: j for j, k in enumerate(inner)} | {-1: -1, part.loop: -1}
        rounds = max(part.lanes, 1)
        for k in inner:
            trips = old.loops[k].trips
            if isinstance(trips, np.ndarray):
                trips = trips[: len(trips) // rounds]
            at, end, parent = old.loops[k].start, old.loops[k].stop, old.loops[k].parent
            made.loops.append(Loop(at - start, end - start, trips, self.loop[parent]))
        self.made, self.inside = made, Executions(made)
        self.namer = Namer(made, self.inside)
        self.known: dict[int, int] = {}
        made.args = [tuple(map(self._moved, args)) for args in old.args[start:stop]]
        exit = old.segments[0].exit
        assert isinstance(exit, Outputs)
        if self.last:
            refs = tuple(map(self._moved, exit.refs))
        else:
            refs = tuple([self._result(s - start, number) for s, number in self.cutter.outputs[self.p]])
        made.segments = [Segment(0, len(made.ops), -1, Outputs(refs, exit.path))]
        return made

    def _result(self, s: int, number: int) -> int:
        """Return the reference of an execution of an operation."""
        n = self.made.inputs
        if self.inside.first[s + 1] - self.inside.first[s] == 1 and self.inside.home[s] < 0:
            return n + s
        return self.namer.read(-1, np.array([n + int(self.inside.first[s]) + number]))

    def _moved(self, ref: int) -> int:
        """Return the new reference of an operand."""
        part, n = self.part, self.n
        if ref < 0:
            return ref
        if part.start <= ref - n < part.stop:
            return ref - n - part.start + self.made.inputs
        if ref not in self.known:
            read = self.tape.reads[ref - READS] if ref >= READS else None
            if isinstance(read, Carried) and self.cutter.is_inside(self.p, read.loop):
                self.known[ref] = READS + len(self.made.reads)
                self.made.reads.append(read)  # a carried value may need itself
                moved = Carried(self.loop[read.loop], self._moved(read.initial), self._moved(read.next))
                self.made.reads[self.known[ref] - READS] = moved
            elif isinstance(read, Read) and self.cutter.is_inside(self.p, read.loop):
                self.known[ref] = self._read(read)
            else:
                value = self.executions.values(ref, -1)
                (named,) = self._named(value.reshape(1, 1))
                if named is None:
                    s = int(self.cutter.static(value - self.n)[0])
                    number = int(value[0]) - self.n - int(self.executions.first[s])
                    self.known[ref] = self._result(s - part.start, number)
                else:
                    self.known[ref] = self._number(named)
        return self.known[ref]

    def _number(self, key: Any) -> int:
        return key if isinstance(key, int) else self.numbers[key]

    def _read(self, read: Read) -> int:
        """Return the reference of a read in the part."""
        lanes = max(self.part.lanes, 1)
        loop = self.loop[read.loop]
        index = self.executions.index(read)
        if not len(index):
            return -1 if self.made.constants else 0
        index = index.reshape(lanes, -1)
        named = self._named(index)
        own = np.array([one is None for one in named])
        values = np.array([0 if one is None else self._number(one) for one in named])
        if own.any():
            e = index[0, own] - self.n
            s = self.cutter.static(e)
            number = e - self.executions.first[s]
            values[own] = self.made.inputs + self.inside.first[s - self.part.start] + number
        if (values == values[0]).all() and values[0] < self.made.inputs:
            return int(values[0])
        return self.namer.read(loop, values)

