"""The operations of a flat tape in arrays, for the search for loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.columns import PAD, WIDEST
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.rolling.nodes import Node, Once, Repeat
from glassgrad.compiler.rolling.strings import FAR
from glassgrad.core.op import Op

__all__ = ["OPERANDS", "Flat", "end_with", "tree_of"]

BLOCK = 1 << 14  # Arrays are computed in blocks of this many operations, which fit the cache.
OPERANDS = 3  # The search for loops looks at the first operands of an operation only.


class Flat:
    """A flat tape in arrays. A reference is an input, a constant, or n plus the position of an operation.

    Attributes:
        names, constants: those of the tape.
        ops: the different operations.
        op: for each operation of the tape, its place in `ops`.
        counts: the number of its operands.
        starts: where its operands begin in `refs`.
        refs: the references, one operation after another.
        segments: the segments.
    """

    def __init__(
        self, tape: Tape, ops: Sequence[Op], op: Any, counts: Any, refs: Any, segments: Sequence[Segment]
    ) -> None:
        self.names, self.constants, self.inputs = tape.names, tape.constants, tape.inputs
        self.ops, self.op, self.counts, self.refs = ops, op, counts, refs
        self.starts = np.cumsum(counts) - counts
        self.segments = segments

    def __len__(self) -> int:
        return len(self.op)

    @classmethod
    def of(cls, tape: Tape) -> Flat:
        """Return the arrays of a flat tape."""
        columns = tape.columns()
        rows, wide = columns.operands, columns.wide
        present = rows != PAD
        counts = np.count_nonzero(present, axis=1)
        counts[wide] = np.diff(columns.starts)
        refs = rows[present]
        if len(wide):
            inside = np.repeat(counts > WIDEST, counts)
            every = np.empty(len(inside), np.int64)
            every[inside], every[~inside] = columns.rest, refs
            refs = every
        return cls(tape, columns.ops, columns.code, counts, refs, tape.segments)

    @classmethod
    def expanded(cls, tape: Tape, executions: Executions, place: Any) -> Flat:
        """Return the arrays of the expansion of a tape, in which asserts stay operations.

        ``place`` has the position of each execution.
        """
        n, total = tape.inputs, executions.total
        static = np.empty(total, np.int64)
        static[place] = np.repeat(np.arange(len(tape.ops)), np.diff(executions.first))
        counts = np.array([*map(len, tape.args)], np.int64)[static] if total else static
        starts = np.cumsum(counts) - counts
        refs = np.empty(int(counts.sum()), np.int64)

        def located(some: Any) -> Any:
            return np.where(some >= n, n + place[np.maximum(some - n, 0)], some) if total else some

        for s, args in enumerate(tape.args):
            at = starts[place[executions.first[s] : executions.first[s + 1]]]
            for k, a in enumerate(args):
                refs[at + k] = located(executions.values(a, int(executions.home[s])))
        segments = []
        for start, stop, parent, exit in tape.segments:
            end = end_with(exit, lambda refs: located(executions.singles(refs)).tolist())
            segments.append(Segment(int(executions.first[start]), int(executions.first[stop]), parent, end))
        return cls(tape, tape.ops, static, counts, refs, segments)

    def codes(self) -> Any:
        """Return a number for each operation. It differs if the operation or the number of operands does."""
        first: dict[Op, int] = {}
        kinds = np.array([first.setdefault(op, k) for k, op in enumerate(self.ops)], np.int64)
        several = np.flatnonzero(np.bincount(self.counts)) if len(self) else self.counts
        return kinds[self.op] * len(several) + np.searchsorted(several, self.counts)

    def first(self, start: int, stop: int) -> tuple[Any, Any]:
        """Return how many operations before each operation its first operands were computed, and their references."""
        size = min(OPERANDS, int(self.counts[start:stop].max(initial=0)))
        lags, refs = np.empty((size, stop - start), np.int32), np.full((size, stop - start), -1, np.int64)
        for begin in range(start, stop, BLOCK):
            end = min(begin + BLOCK, stop)
            counts, here = self.counts[begin:end], slice(begin - start, end - start)
            base = np.arange(self.inputs + begin, self.inputs + end)
            for k in range(size):
                has = counts > k
                refs[k, here][has] = self.refs[self.starts[begin:end][has] + k]
                some = refs[k, here]
                lags[k, here] = np.where(some >= self.inputs + start, base - some, FAR)
        return lags, refs


def end_with(exit: Any, new: Callable[[Any], Sequence[int]]) -> Any:
    """Return the end of a segment with other references. ``new`` gets an array of those that it has."""
    if isinstance(exit, Outputs):
        return exit._replace(refs=tuple(new(np.array(exit.refs, np.int64))))
    return exit._replace(condition=new(np.array([exit.condition]))[0])


def tree_of(tape: Tape, executions: Executions, place: Any, start: int, stop: int, loop: int = -1) -> list[Node]:
    """Return the tree of the static operations from ``start`` to ``stop`` in the body of ``loop``.

    Operations and loops that never run are left out.
    """
    found: list[Node] = []
    for k, inner in enumerate(tape.loops):
        if inner.parent == loop and start <= inner.start < inner.stop <= stop:
            found += _straight(executions, place, start, inner.start)
            body = tree_of(tape, executions, place, inner.start, inner.stop, k)
            if body:
                found.append(Repeat(executions.trips(k), body))
            start = inner.stop
    return found + _straight(executions, place, start, stop)


def _straight(executions: Executions, place: Any, start: int, stop: int) -> list[Node]:
    first = executions.first
    return [Once(place[first[s] : first[s + 1]]) for s in range(start, stop) if first[s] < first[s + 1]]
