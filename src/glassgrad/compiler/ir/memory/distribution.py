"""Distribute the body of a loop over several loops, so that what each carries fits the registers.

A loop that adds up many sums at once, such as a product with the transpose of a matrix, carries all of them from round
to round. If they do not fit the registers, each is loaded and stored in each round. So the loop becomes several loops
over the same rounds, and each has some of the sums. The operations of a body are divided where no value goes from one
part to the other. Each part has a copy of the cheap operations that all of them need. Each sum still adds up in its own
order, so no bit changes.

This is loop distribution, as in Allen and Kennedy, *Optimizing Compilers for Modern Architectures*, 6.2.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.memory.costs import cost_of
from glassgrad.compiler.ir.memory.insertion import as_affine, extent, op_of, shifted
from glassgrad.compiler.ir.memory.mincut import NEVER
from glassgrad.compiler.ir.memory.records import operations_named, reads_in_use, results_named
from glassgrad.compiler.ir.operations import is_pure
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape

__all__ = ["distributed"]

CARRIED = 8  # Each loop carries at most this many values, if it can be divided so.
COPIED = 0.25  # There are at most this many copies for each operation of the loop.


def distributed(tape: Tape, most: int = CARRIED) -> Tape:
    """Return ``tape`` with the loops divided that carry more than ``most`` values, where that is possible.

    Tapes with branches or masked loops stay as they are.
    """
    if len(tape.segments) != 1 or tape.masked or not tape.loops:
        return tape
    uses = _Uses(tape)
    if max(map(len, uses.carried.values()), default=0) <= most:
        return tape
    parts: dict[int, list[set[int]]] = {}
    for k in range(len(tape.loops)):
        if not any(around in parts for around in uses.executions.chain(k)):
            found = _Body(uses, k, most).parts()
            if found is not None:
                parts[k] = found
    return _Written(uses.executions, parts).tape if parts else tape


class _Uses:
    """Which operations and values of a tape are used, and where.

    Attributes:
        carried: for each loop, the carried values in use.
        owners: for each read in use, the operations that it names.
        wanted: the operations that reads, carried values or results name.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape, self.executions = tape, Executions(tape)
        by_operation, elsewhere = reads_in_use(tape)
        indices, n = Indices(self.executions), tape.inputs
        self.carried: dict[int, list[int]] = defaultdict(list)
        self.owners: dict[int, list[int]] = {}
        self.wanted: set[int] = set()
        for ref in sorted(by_operation.keys() | elsewhere):
            read = tape.reads[ref - READS]
            if isinstance(read, Carried):
                self.carried[read.loop].append(ref)
                named = [a - n for a in read[1:] if n <= a < READS]
            else:
                single = isinstance(read.index, Affine) and not any(read.index.strides)  # most results are
                named = [op_of(self.executions, read.index.base)] if single else indices.owners(read).tolist()
                self.owners[ref] = named = [s for s in named if s >= 0]
            self.wanted.update(named)
        (segment,) = tape.segments
        assert isinstance(segment.exit, Outputs)
        self.wanted.update([a - n for a in segment.exit.refs if n <= a < READS])
        self.wanted |= operations_named(self.executions, results_named(tape))


class _Body:
    """The operations of a loop, those of inner loops included.

    Attributes:
        around: the loop and its inner loops.
        bound: the reads of these loops through which a value of the body goes to another operation of the body.
        copied: the operations that each part may compute for itself.
    """

    def __init__(self, uses: _Uses, loop: int, most: int) -> None:
        self.uses, self.tape, self.most = uses, uses.tape, most
        self.start, self.stop = self.tape.loops[loop].start, self.tape.loops[loop].stop
        self.around = [k for k in range(len(self.tape.loops)) if loop in uses.executions.chain(k)]

    def parts(self) -> list[set[int]] | None:
        """Return the operations of each part, or None if the loop stays as it is."""
        if max(len(self.uses.carried[k]) for k in self.around) <= self.most:
            return None
        if any(isinstance(op, Assert) or not is_pure(op) for op in self.tape.ops[self.start : self.stop]):
            return None
        self.bound = {ref for k in self.around for ref in self.uses.carried[k]}
        for ref, owners in self.uses.owners.items():
            if self.tape.reads[ref - READS].loop in self.around and any(self.start <= s < self.stop for s in owners):
                self.bound.add(ref)
        self.copied = self._copied()
        found = self._grouped(self._components())
        size = self.stop - self.start
        copies = sum(map(len, found)) - size
        return found if len(found) > 1 and copies <= COPIED * size else None

    def _operands(self, refs: Iterable[int]) -> list[int]:
        """Return those of some references that name values of this body."""
        n = self.tape.inputs
        return [a for a in refs if (a in self.bound if a >= READS else self.start <= a - n < self.stop)]

    def _copied(self) -> set[int]:
        """Return the cheap operations that need no other values of this body, and that only operations of this body
        refer to."""
        tape, n, found = self.tape, self.tape.inputs, set[int]()
        outside = {a for args in tape.args[self.stop :] for a in args} | {n + s for s in self.uses.wanted}
        for i in range(self.start, self.stop):
            free = all(a < READS and a - n in found for a in self._operands(tape.args[i]))
            if free and n + i not in outside and cost_of(tape.ops[i]) < NEVER:
                found.add(i)
        return found

    def _components(self) -> list[set[int]]:
        """Return the sets of operations between which no value goes, in order, each with the copies that it needs."""
        tape, n = self.tape, self.tape.inputs
        heads: dict[int, int] = {}  # by reference: another reference of the same set

        def head(ref: int) -> int:
            while (other := heads.setdefault(ref, ref)) != ref:
                heads[ref] = heads[other]
                ref = other
            return ref

        rest = [i for i in range(self.start, self.stop) if i not in self.copied]
        edges = [(n + i, a) for i in rest for a in self._operands(tape.args[i])]
        for ref in self.bound:
            read = tape.reads[ref - READS]
            named = read[1:] if isinstance(read, Carried) else [n + s for s in self.uses.owners[ref]]
            edges += [(ref, a) for a in self._operands(named)]
        for a, b in edges:
            if b - n not in self.copied:
                heads[head(b)] = head(a)
        found: dict[int, set[int]] = defaultdict(set)
        for i in rest:
            found[head(n + i)].add(i)
        return [self._complete(some) for some in found.values()]

    def _complete(self, part: set[int]) -> set[int]:
        """Add the copies that a part needs."""
        stack = [*part]
        while stack:
            for a in self._operands(self.tape.args[stack.pop()]):
                if a - self.tape.inputs in self.copied and a - self.tape.inputs not in part:
                    part.add(a - self.tape.inputs)
                    stack.append(a - self.tape.inputs)
        return part

    def _grouped(self, components: Sequence[set[int]]) -> list[set[int]]:
        """Join components to parts of about equal size, as few as `most` allows."""
        counts = [self._sums(some) for some in components]
        total = sum(counts, Counter[int]())
        parts = max(-(-count // self.most) for count in total.values())
        most = {k: -(-count // parts) for k, count in total.items()}
        found, size = list[set[int]](), Counter[int]()
        for some, count in zip(components, counts):
            size += count
            if not found or any(size[k] > most[k] for k in count):
                found.append(set())
                size = Counter(count)
            found[-1] |= some
        return found

    def _sums(self, component: set[int]) -> Counter[int]:
        """Return how many values of other rounds each loop uses for a component: carried values and records."""
        used = {a for i in component for a in self._operands(self.tape.args[i]) if a >= READS}
        return Counter([self.tape.reads[a - READS].loop for a in used])


class _Written:
    """The tape with the loops in parts."""

    def __init__(self, executions: Executions, parts: dict[int, list[set[int]]]) -> None:
        self.executions, self.old = executions, executions.tape
        self.tape = new = Tape(self.old.names)
        new.constants = list(self.old.constants)
        self.line: list[tuple[int, int]] = []  # the operations, each with the number of its part, or 0
        self.at: dict[tuple[int, int], int] = {}  # the new position of each
        self.inside: list[set[int]] = [set()]  # for each part, its loops
        self.loops: dict[tuple[int, int], int] = {(-1, 0): -1}  # the new number of each loop, by its part
        self._place(parts)
        new.ops = [self.old.ops[i] for i, _ in self.line]
        self.first = Executions(new).first
        self.place = {i: at for (i, _), at in self.at.items()}  # copies are named in their own part only
        self.moves = np.zeros(len(self.old.ops) + 1, np.int64)  # how far the executions of each operation move
        for i, at in self.place.items():
            self.moves[i] = self.first[at] - executions.first[i]
        self.refs: dict[tuple[int, int], int] = {}  # the new reference of each read, by part
        new.args = [tuple([self._ref(a, part) for a in self.old.args[i]]) for i, part in self.line]
        (segment,) = self.old.segments
        assert isinstance(segment.exit, Outputs)
        new.segments = [Segment(0, len(new.ops), -1, segment.exit._replace(refs=self._results(segment.exit.refs)))]

    def _results(self, refs: Sequence[int]) -> tuple[int, ...]:
        found = np.array(refs, np.int64)
        direct = found >= EXPANDED
        found[~direct] = [self._ref(a, 0) for a in found[~direct].tolist()]
        owners = np.searchsorted(self.executions.first, found[direct] - EXPANDED - self.old.inputs, "right") - 1
        found[direct] += self.moves[owners]
        return tuple(found.tolist())

    def _place(self, parts: dict[int, list[set[int]]]) -> None:
        """Put the operations and loops in order."""
        tape, chain, i = self.old, self.executions.chain, 0
        divided = {tape.loops[k].start: k for k in parts}
        while i < len(tape.ops):
            k = divided.get(i, -1)
            if k < 0:
                self._append(i, 0)
                i += 1
                continue
            for some in parts[k]:
                self.inside.append({j for j in range(len(tape.loops)) if k in chain(j)})
                for s in sorted(some):
                    self._append(s, len(self.inside) - 1)
            i = tape.loops[k].stop

    def _append(self, i: int, part: int) -> None:
        at, loops = len(self.line), self.tape.loops
        self.line.append((i, part))
        self.at[i, part] = at
        for k in self.executions.chain(int(self.executions.home[i])):
            key = self._key(k, part)
            if key not in self.loops:
                loop = self.old.loops[k]
                self.loops[key] = len(loops)
                loops.append(Loop(at, at, loop.trips, self.loops[self._key(loop.parent, part)]))
            new = self.loops[key]
            loops[new] = loops[new]._replace(stop=at + 1)

    def _key(self, k: int, part: int) -> tuple[int, int]:
        return k, part if k in self.inside[part] else 0

    def _ref(self, ref: int, part: int) -> int:
        """Return the new reference of an operand in a part."""
        n = self.old.inputs
        if ref < n:
            return ref
        if ref < READS:
            return n + self.at.get((ref - n, part), self.place[ref - n])
        read = self.old.reads[ref - READS]
        key = ref, self._key(read.loop, part)[1]
        if key not in self.refs:
            self.refs[key] = READS + len(self.tape.reads)
            self.tape.reads.append(None)  # type: ignore[arg-type]  # its place, as carried values may go in a circle
            self.tape.reads[self.refs[key] - READS] = self._read(read, part)
        return self.refs[key]

    def _read(self, read: Read | Carried, part: int) -> Read | Carried:
        loop = self.loops[self._key(read.loop, part)]
        if isinstance(read, Carried):
            return Carried(loop, self._ref(read.initial, part), self._ref(read.next, part))
        return Read(loop, self._index(read))

    def _index(self, read: Read) -> Any:
        """Return the index of a read in the new numbers of executions."""
        executions = self.executions
        ends = extent(executions, read.loop, read.index) if isinstance(read.index, Affine) else None
        if ends is not None:
            low, high = (op_of(executions, x) for x in ends)
            if low == high:
                return shifted(read.index, int(self.moves[low]))  # -1 takes the last, which does not move
        index = executions.index(read)
        e = index - self.old.inputs
        owner = np.searchsorted(executions.first, np.maximum(e, 0), "right") - 1
        owner[e < 0] = -1
        index = index + self.moves[owner]
        return as_affine(executions, read.loop, index) if isinstance(read.index, Affine) else index
