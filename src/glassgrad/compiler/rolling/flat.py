"""The operations of a flat tape in arrays, for the search for loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.compiler.rolling.nodes import Node, Once, Repeat
from glassgrad.compiler.rolling.strings import FAR
from glassgrad.core.op import Op

__all__ = ["OPERANDS", "Flat", "end_with", "tree_of"]

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
        ops = {op: k for k, op in enumerate(dict.fromkeys(tape.ops))}
        op = np.fromiter(map(ops.__getitem__, tape.ops), np.int64, len(tape.ops))
        counts = np.fromiter(map(len, tape.args), np.int64, len(tape.args))
        refs = np.fromiter(chain.from_iterable(tape.args), np.int64, int(counts.sum()))
        return cls(tape, [*ops], op, counts, refs, tape.segments)

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
        here, counts = np.arange(start, stop), self.counts[start:stop]
        size = min(OPERANDS, int(counts.max(initial=0)))
        lags, refs = np.empty((size, stop - start), np.int32), np.empty((size, stop - start), np.int64)
        for k in range(size):
            has = counts > k
            refs[k] = np.where(has, self.refs[np.where(has, self.starts[start:stop] + k, 0)], -1)
            made = refs[k] - self.inputs
            lags[k] = np.where(made >= start, here - made, FAR)
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
