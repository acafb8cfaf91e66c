"""The plan of a kernel for a tape with loops, made before its code is written: what lies where in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.rolled.bounds import bounds
from glassgrad.compiler.codegen.rolled.cells import Cells
from glassgrad.compiler.codegen.rolled.liveness import Lives, last_uses
from glassgrad.compiler.codegen.rolled.pairs import pairs
from glassgrad.compiler.codegen.rolled.places import Area, Place, Places
from glassgrad.compiler.codegen.rolled.shared import Shared
from glassgrad.compiler.codegen.rolled.summed import Sums
from glassgrad.compiler.codegen.rolled.vectors import best
from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Executions, Read
from glassgrad.compiler.ir.tape import Outputs

__all__ = ["Plan", "is_listed"]

STRAIGHT = 32  # At most this many results are stored one after another. More are stored in loops.


def is_listed(outputs: Sequence[Form], reduced: bool, vector: int) -> bool:
    """Whether the results are collected in cells, and then stored in loops."""
    rows = vector > 1 and any(form.layout == INTERLEAVED and form.size > 1 for form in outputs)
    return reduced or rows or sum([form.size for form in outputs]) > STRAIGHT


class Plan:
    """The plan of one kernel.

    Attributes:
        module: the module that its functions are added to.
        vector: how many lanes a vector of the processor has.
        vectors: how many vectors a block of lanes has.
        reduced: whether results are summed over the lanes.
        refs: the references of the results.
        path: the number of the path.
        executions: how often the operations run.
        cells: the layout of scratch memory.
        places: the pointers and tables. The code finds the tables by ``symbol``.
        area: the area of the cells.
        same: for a `Read` that always names the same constant or input, its reference.
        place: the place of each other `Read`.
        stored: for each operation whose value is recorded, the place where it is stored.
        carried: for each loop, the carried values that are used.
        asserts: for each loop, whether lanes may become unmatched in it; the last entry is for the whole tape.
        pairs: the loops that compute two rounds at a time.
        trips: for each loop whose number of rounds differs, the place of that number.
        shared: the values that all lanes share, or None.
        ops: for each operation, whether it is computed here: those of the shared part, or all others.
        outside: the place of each shared value that is used directly, by its reference and the loop around its use.
        listed: whether the results are collected in cells, and then stored in loops.
        direct_results: for each operation the results that name one execution of it: by execution, which results.
        sums: the area of the sums over the lanes.
        added: for each operation whose values are added to sums when they are computed, the place of the sum.
        collected: the numbers of the results that are not added in this way.
        passed: for each leaf of the results that is a part of a leaf of the inputs, the reference of its first number.
    """

    def __init__(
        self,
        module: Module,
        executions: Executions,
        reduced: bool,
        vectors: int | None,
        symbol: str,
        shared: Shared | None = None,
        lanes: bool = True,
    ) -> None:
        self.module, self.reduced, self.vector = module, reduced, module.target.lanes
        self._in_place = vectors == 1  # whether leaves are read where they lie
        self.tape = tape = module.tape
        (segment,) = tape.segments
        assert isinstance(segment.exit, Outputs)
        self.refs, self.path = segment.exit.refs if lanes else (), segment.exit.path
        self.executions = executions
        self.shared = shared
        self.ops = np.ones(len(tape.ops), bool) if shared is None else shared.ops != lanes
        self._first: list[int] = executions.first.tolist()
        self.places = Places(self.executions, symbol)
        self.area, self.sums = Area(0), Area(8 * self.vector)
        self.leaf_areas = [
            Area(0 if form.layout != BROADCAST else form.width, k) for k, form in enumerate(module.inputs)
        ]
        self.passed = self._passed_on() if self.vector == 1 else {}
        self.listed = is_listed(module.outputs, reduced, self.vector)
        self.direct_results = self._direct_results()
        self.asserts = [False] * (len(tape.loops) + 1)
        failing = [int(executions.home[s]) for s, op in enumerate(tape.ops) if isinstance(op, Assert) and self.ops[s]]
        failing += [k for k, loop in enumerate(tape.loops) if loop.masked]
        for around in failing:
            for k in (-1, *executions.chain(around)):
                self.asserts[k] = True
        self.lines = sum(module.weights)
        self._find_used()
        self._lay_out()
        self.vectors = vectors or best(self)
        self.area.unit = 8 * self.lanes
        self._find_places()
        self.pairs = pairs(executions, self.places, self.place) if self.vector > 1 else set()

    @property
    def lanes(self) -> int:
        """How many lanes a block has."""
        return self.vector * self.vectors

    def _find_used(self) -> None:
        """Find the reads, carried values and inputs that are used."""
        tape = self.tape
        home = self.executions.home
        self.used: set[int] = set()
        self.carried: list[list[int]] = [[] for _ in tape.loops]
        self._outside: set[tuple[int, int]] = set()  # shared values, each with the loop around its use
        wanted = [(a, int(home[s])) for s, args in enumerate(tape.args) if self.ops[s] for a in args]
        wanted += [(loop.until.condition, k) for k, loop in enumerate(tape.loops) if loop.until is not None]
        wanted += [(loop.down_from, loop.parent) for loop in tape.loops if loop.down_from is not None]
        seen: set[int] = set()
        self._find_from(wanted, seen)
        self._inside = set(self.used)  # the reads that are not only results
        n = tape.inputs
        self._find_from([(ref, -1) for ref in self.refs if n <= ref < EXPANDED], seen)
        for refs in self.carried:
            refs.sort()
        self.direct = {ref for ref in seen.union(self.refs) if 0 <= ref < n}

    def _find_from(self, wanted: list[tuple[int, int]], seen: set[int]) -> None:
        """Find what is used from the references ``wanted``, each with the loop around its use."""
        tape = self.tape
        while wanted:
            ref, loop = wanted.pop()
            if tape.inputs <= ref < READS and not self.ops[ref - tape.inputs]:
                self._outside.add((ref, loop))
            if ref in seen:
                continue
            seen.add(ref)
            if ref >= READS:
                read = tape.reads[ref - READS]
                if isinstance(read, Carried):
                    self.carried[read.loop].append(ref)
                    wanted += [(read.initial, tape.loops[read.loop].parent), (read.next, read.loop)]
                else:
                    self.used.add(ref)

    def _lay_out(self) -> None:
        """Lay out the cells: find the values that are recorded, and what is copied."""
        tape, n, executions = self.tape, self.tape.inputs, self.executions
        lives = Lives(executions)
        last = last_uses(executions, self.used)
        self.same: dict[int, int] = {}
        single: dict[int, int] = {}  # reads within one leaf, by their leaf
        tables: dict[int, Any] = {}  # reads of constants
        mixed: dict[int, Any] = {}  # all other reads that are not affine in one operation
        even: dict[int, tuple[int, Affine]] = {}
        self._once: list[int] = []  # reads of shared values
        summed = self._results_in_loops() if self.reduced and self.vector > 1 else {}
        sums = Sums(executions, summed, len(self.refs))
        for ref in sorted(self.used):
            read = tape.reads[ref - READS]
            assert isinstance(read, Read)
            if not executions.runs_of(read.loop):
                continue
            index = read.index
            low, high = bounds(executions, read)
            if low == high and low < n:
                self.same[ref] = low
                continue
            if high < 0:
                tables[ref] = executions.index(read)
                continue
            if low >= 0 and high < n and self.module.owner[low] == self.module.owner[high]:
                single[ref] = self.module.owner[low]
                continue
            if high >= n and self._is_shared(read):
                self._once.append(ref)
                continue
            if low >= n:
                s, other = (bisect_right(self._first, e - n) - 1 for e in (low, high))
                if s == other and isinstance(index, Affine):
                    first = n + self._first[s]
                    lives.read(s, read, index._replace(base=index.base - first), low - first, last[ref])
                    even[ref] = s, index
                    continue
            mixed[ref] = executions.index(read)
            self._note(lives, read, mixed[ref], last[ref])
        for s in sorted(self.direct_results.keys() | summed.keys()):
            if not sums.takes(s, lives.age) and s in self.direct_results:
                lives.result(s, min(self.direct_results[s]))
        self._added = sums.numbers
        self.collected = [k for k in range(len(self.refs)) if k not in sums.added]
        copied = {ref for index in mixed.values() for ref in self._copied(index)}
        self._collect_results(copied)
        leaves = self._leaves({*single.values()}, copied)
        alone = sorted(copied - {ref for first, size in leaves.values() for ref in range(first, first + size)})
        self.cells = Cells(executions, lives, alone, leaves, len(self.kept))
        self._reads = single, tables, mixed, even

    def _direct_results(self) -> dict[int, dict[int, list[int]]]:
        refs = np.array(self.refs, np.int64)
        numbers = np.flatnonzero(refs >= EXPANDED)
        e = refs[numbers] - EXPANDED - self.tape.inputs
        owners = np.searchsorted(self.executions.first, e, "right") - 1
        found: dict[int, dict[int, list[int]]] = {}
        for s, one, k in zip(owners.tolist(), (e - self.executions.first[owners]).tolist(), numbers.tolist()):
            found.setdefault(s, {}).setdefault(one, []).append(k)
        return found

    def _results_in_loops(self) -> dict[int, dict[int, list[int]]]:
        """Return the direct results, and those that are the values of last rounds."""
        found = {s: {one: [*some] for one, some in results.items()} for s, results in self.direct_results.items()}
        n = self.tape.inputs
        for k, ref in enumerate(self.refs):
            if n <= ref < READS and self.ops[ref - n] and not self.tape.masked:
                one = self.executions.runs_of(int(self.executions.home[ref - n])) - 1
                found.setdefault(ref - n, {}).setdefault(one, []).append(k)
        return found

    def _note(self, lives: Lives, read: Read, refs: Any, last: int) -> None:
        """Note a read of several operations in ``lives``."""
        e = refs - self.tape.inputs
        ops = np.searchsorted(lives.executions.first, e, "right") - 1
        for s in distinct(ops[e >= 0], len(self.tape.ops)).tolist():
            index = np.where((ops == s) & (e >= 0), e - lives.executions.first[s], -1)
            lives.read(s, read, index, int(index[index >= 0].min()), last)

    def _copied(self, refs: Any) -> list[int]:
        """Return the constants and inputs among expanded references."""
        constants = len(self.tape.constants)
        direct = refs[refs < self.tape.inputs]
        return (distinct(direct + constants, constants + self.tape.inputs) - constants).tolist()  # type: ignore[no-any-return]

    def _leaves(self, indexed: set[int], copied: set[int]) -> dict[int, tuple[int, int]]:
        """Return the leaves to copy as a whole; add other numbers that must be copied to ``copied``."""
        module = self.module
        found: dict[int, tuple[int, int]] = {}
        if self.vector == 1:
            return found
        for k, form in enumerate(module.inputs):
            if form.layout == BROADCAST or (form.layout == CONTIGUOUS and self._in_place):
                continue
            some = {ref for ref in self.direct | copied if form.first <= ref < form.first + form.size}
            if k in indexed or (some and 4 * len(some) > form.size):
                found[k] = form.first, form.size
            else:
                copied |= some
        return found

    def _collect_results(self, copied: set[int]) -> None:
        """If the results are collected in cells, find which are copied there, and which are stored at the end."""
        self.kept: dict[int, int] = {}  # the number of each result that is stored at the end
        if not self.listed:
            return
        n, passed = self.tape.inputs, self._passed_numbers()
        refs = [self.same.get(self.refs[k], self.refs[k]) for k in self.collected if k not in passed]
        copied |= {ref for ref in refs if ref < n}
        for ref in refs:
            if n <= ref < EXPANDED:
                if ref < READS or ref in self._once or isinstance(self.tape.reads[ref - READS], Carried):
                    self.kept.setdefault(ref, len(self.kept))

    def _passed_numbers(self) -> set[int]:
        """Return the numbers of the results that are passed on."""
        forms = [self.module.outputs[k] for k in self.passed]
        return {k for form in forms for k in range(form.first, form.first + form.size)}

    def recent(self, loop: int, rounds: int) -> dict[int, int]:
        """Return the reads of ``loop`` that name values of so many rounds before, and which they name.

        It looks at two rounds in the middle: one may be at the border of a grid.
        """
        executions, n = self.executions, self.tape.inputs
        found: dict[int, int] = {}
        _, _, mixed, even = self._reads
        for ref in (*mixed, *even):
            if self._loop(ref) != loop:
                continue
            read = self.tape.reads[ref - READS]
            assert isinstance(read, Read)
            index = mixed[ref] if ref in mixed else executions.index(read)
            for at in range(len(index) // 2, min(len(index) // 2 + 2, len(index))):
                e = int(index[at]) - n
                s = bisect_right(self._first, e) - 1
                if e >= 0 and executions.home[s] == loop and at - (e - self._first[s]) == rounds:
                    found[ref] = n + s
        return found

    def _passed_on(self) -> dict[int, int]:
        """Return the leaves of the results that are parts of a leaf of the inputs, each with its first reference."""
        found, module = dict[int, int](), self.module
        for k, form in enumerate(module.outputs):
            refs = self.refs[form.first : form.first + form.size]
            if len(refs) > STRAIGHT and 0 <= refs[0] <= refs[-1] < self.tape.inputs:
                a, b = (module.owner[ref] for ref in (refs[0], refs[-1]))
                alike = module.inputs[a][2:] == form[2:]  # in layout and type
                if a == b and alike and refs == tuple(range(refs[0], refs[-1] + 1)):
                    found[k] = refs[0]
        return found

    def result_cells(self) -> Any:
        """Return the cell of each result. It has no meaning for results that are passed on."""
        cells = self.cells
        passed = self._passed_numbers()
        refs = np.array([self.same.get(ref, ref) for ref in self.refs], np.int64)[self.collected]
        found = np.zeros(len(refs), np.int64)
        named = refs >= EXPANDED
        copied = refs < self.tape.inputs
        found[named] = cells.of(refs[named] - EXPANDED)
        copied &= np.array([k not in passed for k in self.collected], bool)
        found[copied] = cells.of(refs[copied])
        for k in np.flatnonzero(~named & (refs >= self.tape.inputs)).tolist():
            ref = int(refs[k])
            found[k] = cells.more + self.kept[ref] if ref in self.kept else self.place[ref].offset
        return found

    def _find_places(self) -> None:
        tape, executions, places = self.tape, self.executions, self.places
        single, tables, mixed, even = self._reads
        self.place: dict[int, Place] = {}
        for ref, index in tables.items():
            numbers = np.array(tape.constants, float)[~index]
            self.place[ref] = places.numbers(self._loop(ref), numbers)
        for ref, k in single.items():
            self.place[ref] = self._in_leaf(ref, k)
        for ref, index in mixed.items():
            self.place[ref] = places.find(self.area, self._loop(ref), self.cells.of(index))
        for ref, (s, index) in even.items():
            self.place[ref] = self._in_cells(self._loop(ref), s, self.cells.read(s, index))
        self.outside: dict[tuple[int, int], Place] = {}
        self.exported: dict[int, Place] = {}
        if self.shared is not None:
            self._find_shared(self.shared)
        self.stored = {
            s: self._in_cells(int(executions.home[s]), s, self.cells.written(s))
            for s in range(len(tape.ops))
            if self.cells.record[s] and executions.runs_of(int(executions.home[s]))
        }
        self.added = {s: places.find(self.sums, int(executions.home[s]), where) for s, where in self._added.items()}
        count = Area(1)
        self.trips: dict[int, Place] = {}
        for k, loop in enumerate(tape.loops):
            if isinstance(loop.trips, np.ndarray) and executions.runs[k] and len(set(loop.trips.tolist())) > 1:
                self.trips[k] = places.integers(loop.parent, loop.trips, count)

    def _is_shared(self, read: Read) -> bool:
        """Whether a read names shared values, which are not computed here."""
        if self.shared is None:
            return False
        index = read.index
        e = int(index.base if isinstance(index, Affine) else index.max()) - self.tape.inputs
        return e >= 0 and not self.ops[bisect_right(self._first, e) - 1]

    def _find_shared(self, shared: Shared) -> None:
        """Find the places of shared values: where they are read, or where they are stored."""
        executions, places = self.executions, self.places
        for ref in self._once:
            read = self.tape.reads[ref - READS]
            assert isinstance(read, Read)
            self.place[ref] = places.find(shared.area, read.loop, shared.read(read))
        for ref, loop in self._outside:
            if executions.runs_of(loop):
                where = shared.of(executions.values(ref, loop))
                self.outside[ref, loop] = places.find(shared.area, loop, where)
        for s in np.flatnonzero(self.ops & (shared.record > 0)).tolist():
            self.exported[s] = places.find(shared.area, int(executions.home[s]), shared.written(s))

    def _in_cells(self, loop: int, s: int, where: Affine | Any) -> Place:
        """Return the place of values of operation s in cells that are given as if there were no rings."""
        cells = self.cells
        ring = int(cells.ring[s])
        if not ring:
            return self.places.find(self.area, loop, where)
        if isinstance(where, Affine):
            begin = int(cells.begin[s])
            position = int(cells.base[s]) - begin
            even = where._replace(base=where.base - begin - position)
            place = self.places.in_ring(self.area, loop, even, begin, ring)
            return place._replace(offset=place.offset + position)
        return self.places.find(self.area, loop, cells.wrapped(np.int64(s), where))

    def _loop(self, ref: int) -> int:
        return self.tape.reads[ref - READS].loop

    def _in_leaf(self, ref: int, k: int) -> Place:
        """Return the place of a read of leaf k."""
        read = self.tape.reads[ref - READS]
        assert isinstance(read, Read)
        column = self.cells.columns.get(k)
        area, shift = (self.leaf_areas[k], 0) if column is None else (self.area, column)
        shift -= self.module.inputs[k].first
        index = read.index
        where = index._replace(base=index.base + shift) if isinstance(index, Affine) else index + shift
        return self.places.find(area, read.loop, where)

    def input(self, ref: int) -> Place:
        """Return the place of an input."""
        k = self.module.owner[ref]
        j = ref - self.module.inputs[k].first
        if k in self.cells.columns:
            return Place(self.area, None, self.cells.columns[k] + j)
        if ref in self.cells.copies:
            return Place(self.area, None, self.cells.copies[ref])
        return self.original(ref)

    def original(self, ref: int) -> Place:
        """Return the place of an input among the arguments."""
        k = self.module.owner[ref]
        return Place(self.leaf_areas[k], None, ref - self.module.inputs[k].first)
