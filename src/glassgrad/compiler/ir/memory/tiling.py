"""Write a tape whose forward and reverse loop are cut into segments.

The new tape has these loops in place of the two: ``outer``, with ``inner`` in it, is the forward loop. ``back`` goes
over the segments, last first. In it, ``again`` is a copy of the forward loop over one segment, and ``last`` is the
reverse loop over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import Indices, distinct
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.memory.records import first_uses, resolved, results_named
from glassgrad.compiler.ir.memory.segments import Segments
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["Tiled"]

HERE, AGAIN, AROUND = range(3)  # an operand in its own body, in the copy of that body, and in the loop over segments


class Tiled:
    """The tape while it is written.

    Attributes:
        moved: the reads of the reverse loop that name values of the segment at hand, so that the copy has them.
        needed: the operations of the forward loop that run again.
        kept: the carried values of the forward loop that are kept for each segment.
    """

    def __init__(self, executions: Executions, forward: int, reverse: int, segments: Segments) -> None:
        self.executions, self.old = executions, executions.tape
        self.forward, self.reverse, self.segments = forward, reverse, segments
        self.inputs = self.old.inputs
        first, second = self.old.loops[forward], self.old.loops[reverse]
        self.bodies = {forward: range(first.start, first.stop), reverse: range(second.start, second.stop)}
        self.moved: set[int] = set()
        self.needed: set[int] = set()
        self.kept: list[int] = []
        self._orders: dict[int, tuple[Any, Any]] = {}
        self._refs: dict[tuple[int, int], int] = {}
        self._used = first_uses(self.old)

    def write(self) -> Tape | None:
        """Return the new tape, or None if a round of the forward loop needs values of another segment by a read."""
        if not self._find_needed():
            return None
        self.tape = Tape(self.old.names)
        self.tape.constants = list(self.old.constants)
        self._number_loops()
        self._place()
        self.known = Executions(self.tape)
        self.indices = Indices(self.known)
        self.tape.args = [tuple([self.ref(a, where) for a in args]) for args, where in self.line]
        (segment,) = self.old.segments
        assert isinstance(segment.exit, Outputs)
        exit = segment.exit._replace(refs=self._results(segment.exit.refs))
        self.tape.segments = [Segment(0, len(self.tape.ops), -1, exit)]
        return self.tape

    # The operations that run again

    def _find_needed(self) -> bool:
        """Find ``moved``, ``needed`` and ``kept``. Return whether the forward loop can run again from ``kept``."""
        body = self.bodies[self.forward]
        wanted: list[int] = []
        for ref, start in self._used.items():
            read = self.old.reads[ref - READS]
            if not isinstance(read, Read):
                continue
            rounds = self._rounds_read(read, start)
            if rounds is not None and (owners := self._owners(read)) and self._stays(read, rounds):
                self.moved.add(ref)
                wanted += owners
        owners, last = self._results_in_last_segment(results_named(self.old))
        wanted += (self.inputs + owners[last]).tolist()
        seen: set[int] = set()
        while wanted:
            ref = wanted.pop()
            if ref < self.inputs or ref in seen or (ref < READS and ref - self.inputs not in body):
                continue
            seen.add(ref)
            if ref < READS:
                self.needed.add(ref - self.inputs)
                wanted += self.old.args[ref - self.inputs]
                continue
            read = self.old.reads[ref - READS]
            if isinstance(read, Carried):
                if self.forward in self.executions.chain(read.loop):
                    wanted.append(read.next)
                    if read.loop == self.forward:
                        self.kept.append(ref)
                    else:
                        wanted.append(read.initial)
            elif self.forward in self.executions.chain(read.loop) and (owners := self._owners(read)):
                if not self._stays(read, self._round(read.loop, self.forward)):
                    return False
                wanted += owners
        self.kept.sort()
        return bool(self.needed)

    def _results_in_last_segment(self, refs: Any) -> tuple[Any, Any]:
        """Return the owners of results, and which of these are values of the segment that runs again last."""
        owners = np.searchsorted(self.executions.first, refs - self.inputs, "right") - 1
        last = np.zeros(len(refs), bool)
        body = self.bodies[self.forward]
        for s in [s for s in distinct(owners, len(self.old.ops)).tolist() if s in body]:
            here = owners == s
            number = refs[here] - self.inputs - self.executions.first[s]
            rounds = self._round(int(self.executions.home[s]), self.forward)[number]
            last[here] = (rounds // self.segments.size == self.segments.bottom) & (rounds <= self.segments.last)
        return owners, last

    def _rounds_read(self, read: Read, start: int) -> Any:
        """Return, for each execution of a read, a round of the segment that has run again just before, or None.

        ``start`` is where the read is used first. After the reverse loop, it is the segment that was taken last.
        """
        if self.reverse in self.executions.chain(read.loop):
            return self.segments.last - self._round(read.loop, self.reverse)
        if start >= self.bodies[self.reverse].stop:
            return np.full(self.executions.runs_of(read.loop), self.segments.bottom * self.segments.size)
        return None

    def _round(self, loop: int, around: int) -> Any:
        """Return the round of the loop ``around`` for each execution of the body of ``loop``."""
        return self.executions.outer(loop, around)

    def _owners(self, read: Read) -> list[int]:
        """Return the operations of the forward loop that a read names, as references."""
        indices = Indices(self.executions)
        body = self.bodies[self.forward]
        return [self.inputs + s for s in indices.owners(read).tolist() if s in body]

    def _stays(self, read: Read, rounds: Any) -> bool:
        """Whether a read names values of the forward loop of the segments of ``rounds`` only.

        Rounds that do not run again do not count.
        """
        executions, size = self.executions, self.segments.size
        index = executions.index(read)
        e = index - self.inputs
        owner = np.searchsorted(executions.first, np.maximum(e, 0), "right") - 1
        owner[e < 0] = -1
        for ref in self._owners(read):
            s = ref - self.inputs
            here = owner == s
            named = self._round(int(executions.home[s]), self.forward)[e[here] - executions.first[s]]
            again = rounds[here] <= self.segments.last
            if (named // size != rounds[here] // size)[again].any() or (named > self.segments.last)[again].any():
                return False
        return True

    def _order(self, loop: int) -> tuple[Any, Any]:
        """Return the executions of the body of ``loop`` that run again, in order, and the place of each there."""
        if loop not in self._orders:
            order = self.segments.order(self._round(loop, self.forward))
            place = np.full(self.executions.runs[loop], -1, np.int64)
            place[order] = np.arange(len(order))
            self._orders[loop] = order, place
        return self._orders[loop]

    # Loops and operations

    def _number_loops(self) -> None:
        """Number the loops: ``loops`` has the new number of each old loop, ``copies`` those of copied loops."""
        segments, old = self.segments, self.old.loops
        self.loops: dict[int, int] = {-1: -1}
        self.copies: dict[int, int] = {}
        homes = {k for s in self.needed for k in self.executions.chain(int(self.executions.home[s]))}
        for k, loop in enumerate(old):
            if k == self.forward:
                self.outer = self._loop(segments.number, -1)
                self.inner = self.loops[k] = self._loop(segments.forward(), self.outer)
            elif k == self.reverse:
                self.back = self._loop(segments.visited, -1)
                self.copies[self.forward] = self._loop(segments.again(), self.back)
                for j in range(self.forward + 1, len(old)):
                    if j in homes and self.forward in self.executions.chain(j):
                        self._copy_loop(j)
                self.loops[k] = self._loop(segments.reverse(), self.back)
            else:
                self.loops[k] = self._loop(loop.trips, self.loops[loop.parent])

    def _copy_loop(self, j: int) -> None:
        loop = self.old.loops[j]
        trips = loop.trips if isinstance(loop.trips, int) else loop.trips[self._order(loop.parent)[0]]
        self.copies[j] = self._loop(trips, self.copies[loop.parent])

    def _loop(self, trips: Any, parent: int) -> int:
        self.tape.loops.append(Loop(-1, -1, trips, parent))
        return len(self.tape.loops) - 1

    def _place(self) -> None:
        """Put the operations in order. ``line`` has the operands of each, and where they are used."""
        self.line: list[tuple[tuple[int, ...], int]] = []
        self.at: dict[tuple[int, int], int] = {}  # the new position of each operation, and of its copy
        self.heads: dict[int, int] = {}  # the position of the operation that keeps a carried value for each segment
        self.ends: dict[int, int] = {}  # and of the one that has its next value at the end of a round
        for i, (op, args) in enumerate(zip(self.old.ops, self.old.args)):
            if i == self.bodies[self.forward].start:
                for ref in self.kept:
                    self.heads[ref] = self._append(ops.identity, (ref,), self.outer, AROUND)
            if i == self.bodies[self.reverse].start:
                for s in sorted(self.needed):
                    home = self.copies[int(self.executions.home[s])]
                    self.at[s, AGAIN] = self._append(self.old.ops[s], self.old.args[s], home, AGAIN)
            self.at[i, HERE] = self._append(op, args, self.loops[int(self.executions.home[i])])
            for loop, body in self.bodies.items():
                if i == body.stop - 1:
                    self._end(loop)

    def _end(self, loop: int) -> None:
        """Store the next value of carried values that are no operations, as they have none after the loop."""
        for ref in self._used:
            read = self.old.reads[ref - READS]
            if isinstance(read, Carried) and read.loop == loop and read.next >= READS:
                self.ends[ref] = self._append(ops.identity, (read.next,), self.loops[loop])

    def _append(self, op: Op, args: tuple[int, ...], home: int, where: int = HERE) -> int:
        tape, at = self.tape, len(self.tape.ops)
        tape.ops.append(op)
        self.line.append((args, where))
        while home >= 0:
            loop = tape.loops[home]
            tape.loops[home] = loop._replace(start=at if loop.start < 0 else loop.start, stop=at + 1)
            home = loop.parent
        return at

    # References

    def _results(self, refs: Sequence[int]) -> tuple[int, ...]:
        """Return the new references of results."""
        found = np.array(refs, np.int64)
        direct = found >= EXPANDED
        found[~direct] = list(map(self.ref, found[~direct].tolist()))
        values = found[direct] - EXPANDED
        _, last = self._results_in_last_segment(values)
        for some, redirected in ((last, True), (~last, False)):
            values[some] = self._renumbered(values[some], redirected)
        found[direct] = EXPANDED + values
        return tuple(found.tolist())

    def ref(self, ref: int, where: int = HERE) -> int:
        """Return the new reference of an old one that is used at ``where``."""
        if ref < self.inputs:
            return ref
        if ref < READS:
            s = ref - self.inputs
            return self.inputs + self.at[s, AGAIN if where == AGAIN and s in self.needed else HERE]
        read = self.old.reads[ref - READS]
        if where == AGAIN and self.forward not in self.executions.chain(read.loop):
            where = HERE
        if (ref, where) not in self._refs:
            self._refs[ref, where] = READS + len(self.tape.reads)
            self.tape.reads.append(None)  # type: ignore[arg-type]  # its place: carried values may go in a circle
            found = self._carried(ref, read, where) if isinstance(read, Carried) else self._read(ref, read, where)
            self.tape.reads[self._refs[ref, where] - READS] = found
        return self._refs[ref, where]

    def _carried(self, ref: int, read: Carried, where: int) -> Carried:
        """Return the carried value of the new tape for one of the old tape."""
        if where == AGAIN:
            kept = read.loop == self.forward
            initial = self._from_head(ref) if kept else self.ref(read.initial, AGAIN)
            return Carried(self.copies[read.loop], initial, self.ref(read.next, AGAIN))
        after = self.inputs + self.ends[ref] if ref in self.ends else self.ref(read.next)
        if where == AROUND:
            return Carried(self.tape.loops[self.loops[read.loop]].parent, self.ref(read.initial), after)
        initial = self.ref(ref, AROUND) if read.loop in self.bodies else self.ref(read.initial)
        return Carried(self.loops[read.loop], initial, after)

    def _from_head(self, ref: int) -> int:
        """Return the read of a carried value that was kept at the beginning of the segment that runs again."""
        base = self.inputs + int(self.known.first[self.heads[ref]]) + self.segments.top
        self.tape.reads.append(Read(self.back, Affine(base, (-1,))))
        return READS + len(self.tape.reads) - 1

    def _read(self, ref: int, read: Read, where: int) -> Read:
        """Return the read of the new tape for one of the old tape."""
        loop = (self.copies if where == AGAIN else self.loops)[read.loop]
        redirected = where == AGAIN or ref in self.moved
        if isinstance(read.index, Affine):
            found = self._affine(read, read.index, where, redirected)
            if found is not None:
                return Read(loop, found)
        index = self.executions.index(read)
        if where == AGAIN:
            index = index[self._order(read.loop)[0]]
        index = self._renumbered(index, redirected)
        return Read(loop, self.indices.shortest(loop, index) if isinstance(read.index, Affine) or redirected else index)

    def _affine(self, read: Read, index: Affine, where: int, redirected: bool) -> Affine | None:
        """Return the new index of an affine read, if it is seen at once."""
        (base, strides), segments, chain = index, self.segments, self.executions.chain(read.loop)
        named = resolved(self.executions, read)
        if named is None:
            reach = self.executions.reach(read)
            if reach is not None and reach[1] >= self.inputs:
                return None
        else:
            s, (number, _) = named
            if redirected and s in self.needed:
                plain = (read.loop, int(self.executions.home[s])) == (self.reverse, self.forward)
                if not plain or (number, strides) != (segments.last, (-1,)):
                    return None
                first = int(self.known.first[self.at[s, AGAIN]])
                return Affine(self.inputs + first + segments.opening - 1, (segments.size, -1))
            base += int(self.known.first[self.at[s, HERE]] - self.executions.first[s])
        if not chain or chain[0] not in self.bodies:
            return Affine(base, strides)
        if where == AGAIN:
            far = strides[0] * segments.size
            return Affine(base + far * segments.top, (-far, *strides))
        if chain[0] == self.reverse and strides[0] and segments.opening < segments.size:
            return None
        return Affine(base, (strides[0] * segments.size, *strides))

    def _renumbered(self, index: Any, redirected: bool) -> Any:
        """Return expanded references of the old tape in the numbers of the new one."""
        executions, known = self.executions, self.known
        e = index - self.inputs
        owner = np.searchsorted(executions.first, np.maximum(e, 0), "right") - 1
        owner[e < 0] = -1
        found = index.copy()
        for s in distinct(owner[owner >= 0], len(self.old.ops)).tolist():
            here = owner == s
            number = e[here] - executions.first[s]
            copied = redirected and s in self.needed
            if copied:
                number = self._order(int(executions.home[s]))[1][number]
            found[here] = self.inputs + known.first[self.at[s, AGAIN if copied else HERE]] + number
        return found
