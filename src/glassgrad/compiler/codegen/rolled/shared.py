"""Values that are the same for all lanes: they are computed once for a whole batch, before its lanes.

A value is *shared* if it depends only on constants and on arguments that all lanes share. The shared part of a tape
runs first, with the same instructions as the rest. It stores one number for each execution of the operations that the
lanes need, and the lanes read these numbers as they read arguments that they share.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, Form
from glassgrad.compiler.codegen.rolled.bounds import bounds, spread
from glassgrad.compiler.codegen.rolled.places import Area
from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Executions, Read
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
    n, count = executions.tape.inputs, len(executions.tape.ops)
    varying_inputs = np.zeros(n, bool)
    for form in inputs:
        varying_inputs[form.first : form.first + form.size] = form.layout != BROADCAST
    graph = _Graph(executions, varying_inputs)
    asserts = [n + s for s, op in enumerate(executions.tape.ops) if isinstance(op, Assert)]
    varying = graph.reached(graph.varying + asserts)
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


class _Named(NamedTuple):
    """What a read names: operations, by their references; whether it names anything else, and inputs that vary."""

    operations: set[int]
    others: bool
    varying: bool


class _Graph:
    """What depends on what.

    Args:
        executions: the executions of the tape.
        varying: for each input, whether lanes have their own.

    Attributes:
        varying: the operations and reads that use such inputs.
    """

    def __init__(self, executions: Executions, varying: Any) -> None:
        self.executions = executions
        tape = self.tape = executions.tape
        self._first = executions.first.tolist()
        self._before = np.concatenate(([0], np.cumsum(varying))).tolist()  # varying inputs before each input
        self._inputs = varying
        self._named: dict[int, _Named] = {}
        self._users: dict[int, list[int]] = {}
        self.varying: list[int] = []
        n = tape.inputs
        own = varying.tolist()
        for s, args in enumerate(tape.args):
            self._use(args, n + s, own)
        for k, read in enumerate(tape.reads):
            if isinstance(read, Carried):
                self._use((read.initial, read.next), READS + k, own)
                continue
            named = self.named(READS + k)
            for a in named.operations:
                self._users.setdefault(a, []).append(READS + k)
            if named.varying:
                self.varying.append(READS + k)

    def _use(self, refs: Iterable[int], user: int, own: Sequence[bool]) -> None:
        for a in refs:
            if a >= len(own):
                self._users.setdefault(a, []).append(user)
            elif a >= 0 and own[a]:
                self.varying.append(user)

    def named(self, ref: int) -> _Named:
        """Return what a read names."""
        found = self._named.get(ref)
        if found is None:
            found = self._named[ref] = self._find_named(ref)
        return found

    def _find_named(self, ref: int) -> _Named:
        read, n, first = self.tape.reads[ref - READS], self.tape.inputs, self.executions.first
        assert isinstance(read, Read)
        if not self.executions.runs_of(read.loop):
            return _Named(set(), False, False)
        low, high = bounds(self.executions, read)
        if isinstance(read.index, Affine):
            start, stop = max(low, 0), max(min(high + 1, n), 0)
            varying = start < stop and self._before[stop] > self._before[start]
            named: set[int] = set()
            if high >= n:
                s, last = (bisect_right(self._first, max(e - n, 0)) - 1 for e in (low, high))
                named.update(range(n + s, n + min(last + 1, len(self.tape.ops))))
            return _Named(named, low < n, varying)
        refs = read.index
        ops = distinct(np.searchsorted(first, refs[refs >= n] - n, "right") - 1, len(self.tape.ops))
        varying = bool(self._inputs[refs[(refs >= 0) & (refs < n)]].any())
        return _Named({*(ops + n).tolist()}, low < n, varying)

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
        refs = np.array(segment.exit.refs, np.int64)
        stack = refs[(refs >= n) & (refs < EXPANDED)].tolist()
        results = np.searchsorted(self.executions.first, refs[refs >= EXPANDED] - EXPANDED - n, "right") - 1
        needed = {s for s in distinct(results, len(tape.ops)).tolist() if ops[s]}
        stack += [a for s, args in enumerate(tape.args) if not ops[s] for a in args]
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
            named = self.named(ref)
            some = {a - n for a in named.operations if ops[a - n]}
            if some and (named.others or len(some) < len(named.operations)):
                split |= some
            needed |= some
        return needed, split
