"""Values that are the same for all lanes: they are computed once for a whole batch, before its lanes.

A value is *shared* if it depends only on constants and on arguments that all lanes share. The shared part of a tape
runs first, with the same instructions as the rest. It stores one number for each execution of the operations that the
lanes need, and the lanes read these numbers as they read arguments that they share.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, Form
from glassgrad.compiler.codegen.rolled.bounds import bounds, distinct, spread
from glassgrad.compiler.codegen.rolled.places import Area
from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Executions, Read
from glassgrad.compiler.ir.tape import Outputs

__all__ = ["Shared", "shared_part"]

LEAST = 0.08  # The shared part is computed by itself if it has at least this share of the work.


class Shared:
    """The shared part of a tape.

    Attributes:
        ops: for each operation, whether it is in the shared part.
        area: the memory of the numbers that the lanes need.
        base, record: for each operation, the number of its first execution there, and the distance to the next; 0 if
            the lanes do not need it.
        count: how many numbers there are.
    """

    def __init__(self, executions: Executions, ops: Any, needed: Sequence[int]) -> None:
        self.executions, self.ops = executions, ops
        self.area = Area(8)
        self.count = 0
        self.base, self.record = np.zeros(len(ops), np.int64), np.zeros(len(ops), np.int64)
        groups: dict[int, list[int]] = {}
        for s in needed:
            groups.setdefault(int(executions.home[s]), []).append(s)
        for home, members in groups.items():
            for k, s in enumerate(members):
                self.base[s], self.record[s] = self.count + k, len(members)
            self.count += len(members) * executions.runs_of(home)

    def written(self, s: int) -> Affine | Any:
        """Return the number of each execution of operation s."""
        return spread(self.executions, int(self.executions.home[s]), int(self.base[s]), int(self.record[s]))

    def of(self, refs: Any) -> Any:
        """Return the numbers of expanded references."""
        e = refs - self.executions.tape.inputs
        s = np.searchsorted(self.executions.first, e, "right") - 1
        return self.base[s] + self.record[s] * (e - self.executions.first[s])

    def read(self, read: Read) -> Affine | Any:
        """Return the numbers of a read."""
        executions, index = self.executions, read.index
        if isinstance(index, Affine):
            n, (low, high) = executions.tape.inputs, bounds(executions, read)
            s, other = (int(np.searchsorted(executions.first, e - n, "right")) - 1 for e in (low, high))
            if s == other:
                record = int(self.record[s])
                base = int(self.base[s]) + record * (index.base - n - int(executions.first[s]))
                return Affine(base, tuple([record * x for x in index.strides]))
        return self.of(executions.index(read))


def shared_part(executions: Executions, inputs: Sequence[Form], weights: Sequence[int]) -> Shared | None:
    """Return the shared part of a tape, or None if it is too small. ``weights`` are the costs of the operations."""
    if all(form.layout != BROADCAST or not form.size for form in inputs):
        return None
    graph = _Graph(executions)
    n, count = executions.tape.inputs, len(executions.tape.ops)
    asserts = [n + s for s, op in enumerate(executions.tape.ops) if isinstance(op, Assert)]
    own = [form for form in inputs if form.layout != BROADCAST]
    varying = graph.reached([ref for form in own for ref in range(form.first, form.first + form.size)] + asserts)
    while True:
        ops = np.array([n + s not in varying for s in range(count)], bool)
        needed, split = graph.needed(ops)
        if not split:
            break
        varying |= graph.reached([n + s for s in split])
    runs = np.diff(executions.first)
    work = runs * np.array(weights[:count], np.int64) if count else runs
    repeated = executions.home >= 0
    if not count or work[ops & repeated].sum() < LEAST * work.sum():
        return None
    return Shared(executions, ops, sorted(needed))


class _Graph:
    """What depends on what."""

    def __init__(self, executions: Executions) -> None:
        self.executions = executions
        tape = self.tape = executions.tape
        self._first = executions.first.tolist()
        self._sources: dict[int, tuple[set[int], bool]] = {}
        self._users: dict[int, list[int]] = {}
        for s, args in enumerate(tape.args):
            for a in args:
                self._users.setdefault(a, []).append(tape.inputs + s)
        for k, read in enumerate(tape.reads):
            for a in (read.initial, read.next) if isinstance(read, Carried) else self.sources(READS + k)[0]:
                self._users.setdefault(a, []).append(READS + k)

    def sources(self, ref: int) -> tuple[set[int], bool]:
        """Return the references that a read names: operations, and inputs; and whether it names constants, too."""
        found = self._sources.get(ref)
        if found is None:
            found = self._sources[ref] = self._named(ref)
        return found

    def _named(self, ref: int) -> tuple[set[int], bool]:
        read, n, first = self.tape.reads[ref - READS], self.tape.inputs, self.executions.first
        assert isinstance(read, Read)
        if read.loop < 0 and isinstance(read.index, Affine):
            e = read.index.base
            return {e if e < n else n + bisect_right(self._first, e - n) - 1} if e >= 0 else set(), e < 0
        if not self.executions.runs_of(read.loop):
            return set(), False
        low, high = bounds(self.executions, read)
        if isinstance(read.index, Affine):
            named = {*range(max(low, 0), min(high + 1, n))}
            if high >= n:
                s, last = (bisect_right(self._first, max(e - n, 0)) - 1 for e in (low, high))
                named.update(range(n + s, n + min(last + 1, len(self.tape.ops))))
            return named, low < 0
        refs = read.index
        ops = distinct(np.searchsorted(first, refs[refs >= n] - n, "right") - 1, len(self.tape.ops))
        return {*distinct(refs[(refs >= 0) & (refs < n)], n).tolist(), *(ops + n).tolist()}, low < 0

    def reached(self, refs: Sequence[int]) -> set[int]:
        """Return the references ``refs``, and all that depends on them."""
        found, stack = set(refs), [*refs]
        while stack:
            for user in self._users.get(stack.pop(), ()):
                if user not in found:
                    found.add(user)
                    stack.append(user)
        return found

    def needed(self, ops: Any) -> tuple[set[int], set[int]]:
        """Return the operations among ``ops`` that others need, and those that a read names beside other values."""
        tape, n = self.tape, self.tape.inputs
        (segment,) = tape.segments
        assert isinstance(segment.exit, Outputs)
        stack = [*segment.exit.refs, *(a for s, args in enumerate(tape.args) if not ops[s] for a in args)]
        needed: set[int] = set()
        split: set[int] = set()
        seen: set[int] = set()
        while stack:
            ref = stack.pop()
            if ref in seen or ref < n:
                continue
            seen.add(ref)
            if ref < READS:
                if ops[ref - n]:
                    needed.add(ref - n)
                continue
            read = tape.reads[ref - READS]
            if isinstance(read, Carried):
                stack += [read.initial, read.next]
                continue
            named, constants = self.sources(ref)
            some = {a - n for a in named if a >= n and ops[a - n]}
            if some and (constants or len(some) < len(named)):
                split |= some
            needed |= some
        return needed, split
