"""Cut a tape with loops into phases, for a kernel that computes one lane with vectors.

A *lane loop* is an outermost loop whose rounds are independent. It is a phase of its own, and its rounds are the lanes
of a batch. What stands between lane loops are phases, too, with one lane. Each phase is a tape. What a phase computes
for later ones lies in its buffer: for a phase with one lane number after number, for a lane loop lane beside lane, then
the next number of all lanes.

A number that a phase uses lies in an *area*: an array of the arguments, the buffer of an earlier phase, the constants,
or numbers that are copied before the phase begins. In a lane loop the same operand of all rounds is a *column*. If it
moves evenly from lane to lane it is read from where it lies; otherwise it is copied. Often only the first lane or the
last differs, because tracing computes it outside the loop. So there is room before and after the lanes of each number
in the buffer of a lane loop. Only what differs is copied there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.ir.loops import EXPANDED, READS, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.rounds import has_independent_rounds, references
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.rolling.operands import Namer

__all__ = ["CONSTANTS", "COPIES", "ROOM", "Copy", "Leaf", "Phase", "cut", "lane_loops", "pitch"]

GAP = 64  # Numbers that lie further apart than this belong to different leaves.
ROOM = 2  # There is room for so many numbers before the first lane and after the last.
WORTH = 500  # A lane loop executes at least this many operations. Making the code of a phase takes 10 ms.
CONSTANTS, COPIES = -1, -2  # Areas: the constants, and the numbers that are copied for a phase.
FIXED, OWN = -3, -4  # In the place of an area: a constant that is the same in all lanes, and a value of the same phase.


SINGLES = -1


class Leaf(NamedTuple):
    """A leaf of the inputs of a phase.

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
    """Numbers that are copied before a phase begins.

    Attributes:
        area, source: the area that they lie in, and their places there.
        to, target: the area that they are copied to, and their places there.
    """

    area: int
    source: Any
    to: int
    target: Any


def pitch(lanes: int) -> int:
    """Return the distance from number to number in the buffer of a phase with so many lanes; 0: of no lane loop."""
    return lanes + 2 * ROOM if lanes else 1


class Phase(NamedTuple):
    """A phase.

    Attributes:
        tape: its operations. The results of the last phase are those of the tape that was cut.
        leaves: the leaves of its inputs.
        copies: what is copied before it begins.
        constants: for each column of constants, the constants of all lanes.
        lanes: the number of lanes; 0 if it is no lane loop.
        results: how many numbers it computes for later phases in each lane.
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


def cut(tape: Tape, inputs: Sequence[Form], executions: Executions, chosen: Sequence[int]) -> list[Phase]:
    """Return the phases of a tape with one segment, of which the loops ``chosen`` are lane loops."""
    return _Cutter(tape, inputs, executions, chosen).phases()


class _Part(NamedTuple):
    """The operations of a phase."""

    start: int
    stop: int
    loop: int
    lanes: int


class _Cutter:
    """Attributes:
    part_of: for each operation its part.
    singles: for each part, the references that it uses to values outside all loops.
    uses: for each part, the references that it uses, and what they stand for; see `_uses`.
    cell: for each execution its place in the buffer of its phase, or -1.
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
        self.singles: list[list[int]] = []
        self.uses = [dict(self._uses(p)) for p in range(len(self.parts))]
        self.backwards = [False] * len(self.parts)
        for p, part in enumerate(self.parts):
            self.backwards[p] = part.lanes > 0 and self._is_backwards(p)
        self.cell = np.full(executions.total, -1, np.int64)
        self.outputs = self._lay_out()
        self.guests: dict[tuple[int, int], tuple[int, int]] = {}  # what is copied to the room: of which area and place

    def phases(self) -> list[Phase]:
        return [_Extract(self, p).phase() for p in range(len(self.parts))]

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

    def _uses(self, p: int) -> Iterator[tuple[int, Any]]:
        """Yield references that a part uses, and the expanded references that they stand for, a row for each lane.

        References to operations of the part are left out, and so are values that its loops carry. `SINGLES` stands for
        all references to values outside all loops, which are in `singles`.
        """
        part, singles = self.parts[p], []
        for ref in self.references(p):
            read = self.tape.read(ref) if ref >= READS else None
            if read is not None and self.is_inside(p, read.loop):
                if isinstance(read, Read) and self.executions.runs[read.loop]:
                    yield ref, self.executions.index(read).reshape(max(part.lanes, 1), -1)
            elif read is not None or not part.start <= ref - self.tape.inputs < part.stop:
                singles.append(ref)
        self.singles.append(singles)
        yield SINGLES, self.executions.singles(singles).reshape(1, -1)

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
        for index in self.uses[p].values():
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
            for index in self.uses[p].values():
                some = np.concatenate([index[0], index[:, :1].ravel(), index.ravel()])
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
            per_round = self.runs[s] // max(part.lanes, 1)
            turn = np.arange(max(part.lanes, 1))
            lane = turn[::-1] if self.backwards[len(outputs)] else turn
            e = first[s][:, None] + number[:, None] + per_round[:, None] * turn
            self.cell[e] = np.arange(len(keys))[:, None] * pitch(part.lanes) + lane + (ROOM if part.lanes else 0)
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
    """The tape of one part.

    Attributes:
        columns: for each reference in `_Cutter.uses`, its columns: of each the area, the place in it of the first lane,
            and the distance from lane to lane.
        tables: the columns of constants, and those that are copied.
        guests: what is copied to the room of a buffer: the area and the place there, the area and place of the number.
    """

    def __init__(self, cutter: _Cutter, p: int) -> None:
        self.cutter, self.p, self.part = cutter, p, cutter.parts[p]
        self.tape, self.executions, self.n = cutter.tape, cutter.executions, cutter.tape.inputs
        self.last = p == len(cutter.parts) - 1
        self.tables: dict[int, dict[bytes, tuple[int, Any]]] = {CONSTANTS: {}, COPIES: {}}
        self.guests: list[tuple[int, int, int, int]] = []

    def phase(self) -> Phase:
        part, cutter = self.part, self.cutter
        self.made = made = self._body()
        self.inside = Executions(made)
        self.columns = {ref: self._columns(index) for ref, index in cutter.uses[self.p].items()}
        leaves = self._leaves()
        made.names = [""] * sum([leaf.form.size for leaf in leaves])
        self._fill(made)
        constants = np.concatenate([*[column for _, column in self.tables[CONSTANTS].values()], np.zeros(0, np.int64)])
        results = 0 if self.last else len(cutter.outputs[self.p])
        return Phase(made, leaves, self._copies(), np.array(made.constants, float)[~constants], part.lanes, results)

    # Inputs

    def _columns(self, index: Any) -> Any:
        """Return the columns of an index. An own value or a fixed constant has an area of its own."""
        cutter, first, part = self.cutter, self.executions.first, self.part
        own = (index[0] >= self.n + first[part.start]) & (index[0] < self.n + first[part.stop])
        found = np.zeros((index.shape[1], 3), np.int64)
        e = index[0, own] - self.n
        s = cutter.static(e)
        found[own, 0], found[own, 1] = OWN, self.inside.first[s - part.start] + e - first[s]
        theirs = np.flatnonzero(~own)
        index = index[:, theirs]
        if cutter.backwards[self.p]:
            index = index[::-1]
        area, place = cutter.located(index)
        steps = np.diff(place, axis=0) if len(index) > 1 else np.zeros_like(place)
        fixed = (index == index[0]).all(axis=0) & (area[0] == CONSTANTS)
        even = (area == area[0]).all(axis=0) & (area[0] != CONSTANTS) & (steps == steps[0]).all(axis=0)
        found[theirs] = np.stack([area[0], place[0], steps[0]], axis=1)
        found[theirs[fixed], 0], found[theirs[fixed], 1] = FIXED, index[0, fixed]
        for c in np.flatnonzero(~fixed & ~even).tolist():
            joined = self._joined(area[:, c], place[:, c])
            if joined is not None:
                found[theirs[c]] = joined
                continue
            kind = CONSTANTS if (area[:, c] == CONSTANTS).all() else COPIES
            table, column = self.tables[kind], np.ascontiguousarray(index[:, c])
            number, _ = table.setdefault(column.tobytes(), (len(table), column))
            found[theirs[c]] = kind, number * part.lanes, 1
        return found

    def _joined(self, area: Any, place: Any) -> tuple[int, int, int] | None:
        """Return a column of a buffer in whose room the first or last numbers fit. None if there is no such column."""
        cutter, lanes = self.cutter, len(area)
        if lanes < 4 * ROOM:
            return None
        middle = slice(ROOM, lanes - ROOM)
        k, expected = int(area[ROOM]), np.arange(lanes) + int(place[ROOM]) - ROOM
        p = k - len(cutter.inputs)
        if p < 0 or not cutter.parts[p].lanes or (area[middle] != k).any() or (place[middle] != expected[middle]).any():
            return None
        guests = {}
        for i in np.flatnonzero((area != k) | (place != expected)).tolist():
            if ROOM <= expected[i] % pitch(cutter.parts[p].lanes) < ROOM + cutter.parts[p].lanes:
                return None  # another number lies there
            guests[k, int(expected[i])] = int(area[i]), int(place[i])
        if any(cutter.guests.get(room, guest) != guest for room, guest in guests.items()):
            return None
        self.guests += [(*room, *guest) for room, guest in guests.items() if room not in cutter.guests]
        cutter.guests |= guests
        return k, int(expected[0]), 1

    def _leaves(self) -> list[Leaf]:
        """Return the leaves of all columns, and put the number of each column in the place of its area."""
        forms = self.cutter.inputs
        every = np.concatenate([*self.columns.values(), np.zeros((0, 3), np.int64)])
        outside = every[:, 0] > FIXED
        area, place, step = every[outside].T
        units = np.array([self.part.lanes] * 2 + [1] * len(forms) + [pitch(part.lanes) for part in self.cutter.parts])
        unit = np.where(step == 1, np.maximum(units[area + 2], 1), 1)  # area -2 is the first
        groups, group = np.unique(np.stack([area, step, unit, place % unit]), axis=1, return_inverse=True)
        numbers = np.zeros(len(area), np.int64)
        leaves: list[Leaf] = []
        count = 0
        for g, (k, lane, number, rest) in enumerate(groups.T.tolist()):
            mine = group.ravel() == g
            places = place[mine] // number
            unique = np.unique(places)
            starts = np.flatnonzero(np.diff(unique, prepend=unique[0] - GAP - 1) > GAP)
            low, high = unique[starts], unique[np.append(starts[1:], len(unique)) - 1]
            sizes = high - low + 1
            firsts = count + np.cumsum(sizes) - sizes
            run = np.searchsorted(low, places, "right") - 1
            numbers[mine] = firsts[run] + places - low[run]
            layout = BROADCAST if lane == 0 else CONTIGUOUS if lane == 1 else INTERLEAVED
            single = 0 <= k < len(forms) and forms[k].single
            for first, size, at in zip(firsts.tolist(), sizes.tolist(), low.tolist()):
                leaves.append(Leaf(Form(first, size, layout, single), k, at * number + rest, lane, number))
            count += int(sizes.sum())
        every[outside, 0] = numbers
        every[every[:, 0] == OWN, 0] = -1
        start = 0
        for ref, columns in self.columns.items():
            some = every[start : start + len(columns)]
            self.columns[ref] = np.where(some[:, 0] == FIXED, some[:, 1], some[:, 0])
            own = columns[:, 0] == OWN
            self.columns[ref][own] = count + some[own, 1]
            start += len(columns)
        return leaves

    def _copies(self) -> list[Copy]:
        """Return what is copied before the phase begins."""
        found = []
        columns = [column for _, column in self.tables[COPIES].values()]
        if columns:
            area, place = self.cutter.located(np.concatenate(columns))
            to = np.arange(len(area))
            found = [Copy(k, place[area == k], COPIES, to[area == k]) for k in np.unique(area).tolist()]
        if self.guests:
            to, target, area, place = np.array(self.guests).T
            for k, other in {*zip(area.tolist(), to.tolist())}:
                mine = (area == k) & (to == other)
                found.append(Copy(k, place[mine], other, target[mine]))
        return found

    # The tape

    def _body(self) -> Tape:
        """Return a tape with the operations and loops of a round, but without operands."""
        part, old = self.part, self.tape
        made = Tape([])
        made.constants, made.ops = old.constants, old.ops[part.start : part.stop]
        made.args = [()] * len(made.ops)
        inner = [k for k in range(len(old.loops)) if k != part.loop and self.cutter.is_inside(self.p, k)]
        self.loop = {-1: -1, part.loop: -1} | {k: j for j, k in enumerate(inner)}
        for k in inner:
            loop = old.loops[k]
            trips = loop.trips
            if isinstance(trips, np.ndarray):
                trips = trips[: len(trips) // max(part.lanes, 1)]
            made.loops.append(Loop(loop.start - part.start, loop.stop - part.start, trips, self.loop[loop.parent]))
        return made

    def _fill(self, made: Tape) -> None:
        """Add the operands and the results."""
        part, old = self.part, self.tape
        self.namer = Namer(made, self.inside)
        refs, singles = np.array(self.cutter.singles[self.p], np.int64), self.columns[SINGLES]
        direct = refs >= EXPANDED
        self.known = dict(zip(refs[~direct].tolist(), map(self._value, singles[~direct].tolist())))
        self.known |= zip(refs[direct].tolist(), self.inside.results(singles[direct]))
        made.args = [tuple(map(self._moved, args)) for args in old.args[part.start : part.stop]]
        exit = old.segments[0].exit
        assert isinstance(exit, Outputs)
        if self.last:
            results = tuple(map(self._moved, exit.refs))
        else:
            s, e = np.array(self.cutter.outputs[self.p], np.int64).reshape(-1, 2).T
            results = tuple(self.inside.results(made.inputs + self.inside.first[s - part.start] + e))
        made.segments = [Segment(0, len(made.ops), -1, Outputs(results, exit.path))]

    def _value(self, value: int) -> int:
        """Return a reference to one expanded reference, for use outside all loops."""
        n, inside = self.made.inputs, self.inside
        if value < n:
            return value
        s = int(np.searchsorted(inside.first, value - n, "right")) - 1
        return n + s if inside.home[s] < 0 else self.namer.read(-1, np.array([value]))

    def _moved(self, ref: int) -> int:
        """Return the new reference of an operand."""
        part = self.part
        if ref < 0:
            return ref
        if part.start <= ref - self.n < part.stop:
            return ref - self.n - part.start + self.made.inputs
        if ref not in self.known:
            read = self.tape.reads[ref - READS] if ref >= READS else None
            assert read is not None
            if isinstance(read, Carried):
                self.known[ref] = READS + len(self.made.reads)
                self.made.reads.append(read)  # a carried value may need itself
                moved = Carried(self.loop[read.loop], self._moved(read.initial), self._moved(read.next))
                self.made.reads[self.known[ref] - READS] = moved
            else:
                self.known[ref] = self._read(self.columns.get(ref), self.loop[read.loop])
        found: int = self.known[ref]
        return found

    def _read(self, values: Any, loop: int) -> int:
        """Return the reference of a read in the body of ``loop``. ``values`` is None if the body never runs."""
        if values is None:
            return ~0
        if (values == values[0]).all() and values[0] < self.made.inputs:
            return int(values[0])
        return self.namer.read(loop, values)
