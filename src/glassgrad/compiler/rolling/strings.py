"""A sequence of items, operations and loops, in which to look for repetitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, emptied, merged
from glassgrad.compiler.rolling.periods import likely_periods

__all__ = ["FAR", "String"]

FAR = 1 << 30  # The lag of an operand that is no earlier value of the string.
NEAR = 16  # Longer lags are alike when periods are guessed.


class String:
    """A sequence of items.

    Attributes:
        codes: a number for each item. Items with the same number may be rounds of one loop: the same operations, or
            loops with the same body.
        lags: how many items before each item its operands were computed, or FAR: a row for each of the first operands.
        at: the position of each item that is an operation.
        loops: the items that are loops.
    """

    def __init__(self, codes: Any, lags: Any, at: Any, loops: Mapping[int, Node]) -> None:
        self.codes, self.lags, self.at, self.loops = codes, lags, at, loops

    def __len__(self) -> int:
        return len(self.codes)

    def part(self, start: int, stop: int) -> String:
        """Return the items from ``start`` to ``stop`` as operations, with their positions relative to ``start``."""
        here = np.arange(stop - start)
        lags = self.lags[:, start:stop]
        near = np.ascontiguousarray(np.where(lags <= here, lags, FAR), np.int32)
        return String(self.codes[start:stop].copy(), near, here, {})

    def nodes(self) -> list[Node]:
        """Return the node of each item."""
        return [self.loops[i] if i in self.loops else Once(self.at[i : i + 1]) for i in range(len(self))]

    def node(self, items: Any) -> Node:
        """Return the node of several items of one kind, in order. -1 stands for a loop that does not run there."""
        first = int(items.max())
        if first not in self.loops:
            return Once(self.at[items])
        none = emptied(self.loops[first])
        return merged([none if i < 0 else self.loops[i] for i in items.tolist()])

    @cached_property
    def is_loop(self) -> Any:
        found = np.zeros(len(self), bool)
        found[list(self.loops)] = True
        return found

    def likely_periods(self) -> list[int]:
        """Return periods at which codes and short lags repeat."""
        words = self.codes.astype(np.int64)
        for lag in self.lags:
            words = words * (NEAR + 1) + np.minimum(lag, NEAR)
        return likely_periods(((words ^ (words >> 31)) & 0x7FFFFFFF).astype(np.int32))

    def repeats(self, start: int, stop: int, period: int) -> Any:
        """Say for the items from ``start`` to ``stop`` whether the operands repeat ``period`` items later."""
        a, b = self.lags[:, start:stop], self.lags[:, start + period : stop + period]
        return ((a == b) | (b - a == period) | ((a > 2 * period) & (b > 2 * period))).all(axis=0)

    def first_round(self, period: int, second: int) -> int:
        """Return where the first round starts, given where items begin to repeat: at most one period before.

        In the first round, operands that later come from the round before may come from anywhere before the loop.
        """
        low = max(second - period, 0)
        if low == second:
            return second
        here = np.arange(low, second)
        a, b = slice(low, second), slice(low + period, second + period)
        bound = np.where(self.codes[a] == self.codes[b], -1, here)  # the loop must start after it
        for lag in self.lags:
            bound = np.maximum(bound, np.where(lag[a] == lag[b], -1, here - np.minimum(lag[a], lag[b])))
        bound = np.maximum.accumulate(bound[::-1])[::-1]
        starts = np.flatnonzero(bound < here)
        return low + int(starts[0]) if len(starts) else second

    def best_shift(self, start: int, period: int, slack: int) -> int:
        """Return by how much, up to ``slack``, the start of a run should move so that its rounds share few values.

        A round that begins in the middle of a computation takes values from the round before that it could compute.
        """
        low, stop = start + period, min(start + 2 * period + slack, len(self))
        change = np.zeros(stop - low + 1, np.int64)  # of the number of values in use from one item to the next
        for lag in self.lags[:, low:stop]:
            used = np.flatnonzero(lag <= period)
            np.add.at(change, np.maximum(used - lag[used] + 1, 0), 1)
            np.add.at(change, used + 1, -1)
        return int(np.argmin(np.cumsum(change)[: slack + 1]))

    def copies(self, start: int, period: int, free: Any, before: set[int], after: set[int]) -> Any:
        """Return where else the round at ``start`` stands, among the items that are ``free``.

        The item before a copy must be one of ``before``, or another copy, and the item after it one of ``after``.
        """
        found = np.flatnonzero(
            free[: len(self) - period + 1] & (self.codes[: len(self) - period + 1] == self.codes[start])
        )
        for j in range(period):
            if not len(found):
                break
            good = free[found + j] & (self.codes[found + j] == self.codes[start + j])
            for lag in self.lags:
                expected, own = lag[start + j], lag[found + j]
                good &= (own == expected) if expected <= j else (own > j)
            found = found[good]
        return found[self._has_neighbours(found, period, before, after)]

    def _has_neighbours(self, found: Any, period: int, before: set[int], after: set[int]) -> Any:
        """Say which of some copies, together with the copies around them, stand between ``before`` and ``after``."""
        starts = set(found.tolist())
        codes = self.codes

        def runs(i: int) -> bool:
            a, b = i, i + period
            while a - period in starts:
                a -= period
            while b in starts:
                b += period
            left = int(codes[a - 1]) if a else -1
            return left in before and (int(codes[b]) if b < len(codes) else -1) in after

        return np.array([runs(i) for i in found.tolist()], bool)

    def collapsed(self, rows: Sequence[Any], loops: Sequence[Node], shapes: Sequence[int]) -> String:
        """Return the string in which each of some loops is one item.

        Args:
            rows: for each loop, in order, an array with the items of each of its rounds. -1 stands for no item.
            loops: the nodes of these loops.
            shapes: their numbers among `codes`.
        """
        size = len(self)
        spans = [(int(row[row >= 0].min()), int(row.max()) + 1) for row in rows]
        item = np.ones(size + 1, np.int64)  # 1 where an item begins
        for start, stop in spans:
            item[start + 1 : stop] = 0
        moved = np.cumsum(item) - 1  # the new number of each item
        kept = np.flatnonzero(item[:-1])
        codes, at = self.codes[kept], self.at[kept]
        new = {int(moved[i]): node for i, node in self.loops.items() if item[i]}
        for (start, _), node, shape in zip(spans, loops, shapes):
            new[int(moved[start])] = node
            codes[moved[start]] = shape
        old = self.lags[:, kept]
        loop = np.zeros(len(kept), bool)
        loop[list(new)] = True
        near = (old < FAR) & ~loop
        moves = np.arange(len(kept)) - moved[np.where(near, kept - old, 0)]
        return String(codes, np.ascontiguousarray(np.where(near, moves, FAR), np.int32), at, new)
