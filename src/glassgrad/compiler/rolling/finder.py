"""Find the loops in a sequence of operations.

The search works upwards, level by level, on a `String` of items. A level looks for *runs*: a run repeats the same items
with the same structure at least three times. The longest runs are taken first, so an outer loop comes before its inner
loops, which are then found in one of its rounds. Each run becomes one item, whose number depends on the body only, so
loops with different numbers of rounds are alike at the next level. That is how ragged and triangular loops are found.

Single copies of a body become loops of one or two rounds, and a loop that is missing in a round becomes a loop that
does not run there. Loops of one round, and loops that are too small to pay, are unrolled at the end.

Every result is correct, because loops run in order and an operand may come from any earlier operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.rolling.align import aligned
from glassgrad.compiler.rolling.nests import nested
from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, placed, static_size
from glassgrad.compiler.rolling.runs import SAVES, Run, Stretches
from glassgrad.compiler.rolling.strings import String
from glassgrad.compiler.rolling.unroll import unrolled, without_tiny_loops

__all__ = ["find_loops"]

LARGE = 400  # Larger code is made smaller where that costs some time; see `aligned`.
LEVELS = 12


def find_loops(codes: Any, lags: Any, refs: Any) -> list[Node]:
    """Return the tree of the loops in a sequence of operations.

    Args:
        codes: a number for each operation; equal operations have equal numbers.
        lags: how many operations before each operation its operands were computed, or `FAR` if an operand is no
            operation's result: a row for each of the first operands.
        refs: the references of these operands.
    """
    string = String(codes.astype(np.int32), np.ascontiguousarray(lags, np.int32), np.arange(len(codes)), {})
    found = without_tiny_loops(_Search(int(codes.max(initial=-1)) + 1).nodes(string))
    size = len(codes) + 1
    while LARGE < static_size(found) < size:
        size = static_size(found)
        found = aligned(found, string.codes)
    return unrolled(nested(found, refs))


class _Body(NamedTuple):
    """The body of a loop: its shape and tree, and the start and length of one round. ``claim`` is 0 for a run."""

    shape: int
    tree: list[Node]
    start: int
    period: int
    claim: int = 0


class _Search:
    """The search for loops, with the number of each shape of a body."""

    def __init__(self, codes: int) -> None:
        self.codes = codes
        self.shapes: dict[tuple[Any, ...], int] = {}
        self.trees: dict[bytes, tuple[int, list[Node]]] = {}  # the shape and tree of each body

    def nodes(self, string: String) -> list[Node]:
        """Return the tree of a string."""
        for _ in range(LEVELS):
            runs = self.runs(string)
            if not runs:
                break
            string = self.collapsed(string, runs)
        self.last = string
        return string.nodes()

    def runs(self, string: String) -> list[Run]:
        """Return runs that do not overlap, from left to right. Those that are worth more have precedence."""
        found = Stretches(string)
        free = np.ones(len(string), bool)
        chosen = []
        while (one := found.next(free)) is not None:
            start, period, trips = one
            free[start : start + period * trips] = False
            chosen.append(one)
            found.taken(start, start + period * trips)
        chosen.sort()
        return chosen

    def collapsed(self, string: String, runs: Sequence[Run]) -> String:
        """Return the string in which each run is one item, and copies of their bodies, too."""
        bodies = [self.body(string, start + period, period) for start, period, _ in runs]
        found = list(zip(runs, bodies)) + self.copies(string, runs, bodies)
        taken = np.zeros(len(string), bool)
        kept = []
        for (start, period, trips), body in sorted(found, key=lambda one: -one[1].claim):  # claims of copies first
            if not taken[start : start + period * trips].any():
                taken[start : start + period * trips] = True
                kept.append((start + np.arange(period * trips).reshape(trips, period), body))
        kept.sort(key=lambda one: int(one[0][0, 0]))
        rows = self.widened(string, [row for row, _ in kept], ~taken)
        loops = [
            Repeat(np.array([len(row)]), placed(body.tree, row, string.node)) for row, (_, body) in zip(rows, kept)
        ]
        return string.collapsed(rows, loops, [body.shape for _, body in kept])

    def body(self, string: String, start: int, period: int) -> _Body:
        """Return the body of a loop, of which one round is at ``start``."""
        part = string.part(start, start + period)
        key = part.codes.tobytes() + part.lags.tobytes()
        if key not in self.trees:
            tree = self.nodes(part) if period > SAVES else part.nodes()
            self.trees[key] = self.shape(part, tree), tree
        return _Body(*self.trees[key], start, period)

    def copies(self, string: String, runs: Sequence[Run], bodies: Sequence[_Body]) -> list[tuple[Run, _Body]]:
        """Return single copies of the bodies of runs. A copy has precedence over runs that are shorter than it."""
        held = np.zeros(len(string), np.int64)  # the length of the run or copy that holds an item
        around: dict[int, tuple[_Body, set[int], set[int]]] = {}  # by shape: the items before and after its runs
        for (start, period, trips), body in zip(runs, bodies):
            stop = start + period * trips
            held[start:stop] = stop - start
            _, before, after = around.setdefault(body.shape, (body, set(), set()))
            before.add(int(string.codes[start - 1]) if start else -1)
            after.add(int(string.codes[stop]) if stop < len(string) else -1)
        found = []
        for body, before, after in sorted(around.values(), key=lambda one: -one[0].period):
            free = held < body.period
            places = string.copies(body.start, body.period, free, before, after).tolist()
            for start, trips in _joined(places, body.period):
                held[start : start + trips * body.period] = len(string)
                found.append(((start, body.period, trips), body._replace(claim=body.period)))
        return found

    def shape(self, part: String, tree: Sequence[Node]) -> int:
        """Return the number of the shape of a body."""
        key = self._key(part, tree)
        return self.shapes.setdefault(key, self.codes + len(self.shapes))

    def _key(self, part: String, tree: Sequence[Node]) -> tuple[Any, ...]:
        return tuple(
            int(part.codes[node.at[0]]) if isinstance(node, Once) else self._key(part, node.body) for node in tree
        )

    def widened(self, string: String, rows: list[Any], free: Any) -> list[Any]:
        """Return the rounds of each loop, with those before and after in which some of its inner loops do not run."""
        if not string.loops:
            return rows
        found = []
        for row in rows:
            body = row[min(1, len(row) - 1)]
            before, after = [], []
            if string.is_loop[body].any() and not string.is_loop[body].all():
                at = int(row[0, 0])
                while (one := _partial(string, body, at, -1, free)) is not None:
                    before.append(one)
                    at = int(one[one >= 0].min())
                    free[one[one >= 0]] = False
                at = int(row[-1, -1]) + 1
                while (one := _partial(string, body, at, 1, free)) is not None:
                    after.append(one)
                    at = int(one.max()) + 1
                    free[one[one >= 0]] = False
            found.append(np.concatenate([*[one[None] for one in reversed(before)], row, *[one[None] for one in after]]))
        return found


def _joined(copies: Sequence[int], period: int) -> list[tuple[int, int]]:
    """Return the start and number of copies that follow one another, without those that overlap an earlier one."""
    found: list[tuple[int, int]] = []
    for at in copies:
        stop = found[-1][0] + period * found[-1][1] if found else -1
        if at == stop:
            found[-1] = found[-1][0], found[-1][1] + 1
        elif at > stop:
            found.append((at, 1))
    return found


def _partial(string: String, body: Any, at: int, step: int, free: Any) -> Any:
    """Return a round that ends before (``step`` -1) or begins at (1) item ``at``, in which inner loops may be missing.

    The result has the item of each place, or -1. It is None if there is no such round.
    """
    row = np.full(len(body), -1)
    i = at - 1 if step < 0 else at
    operations = 0
    for j in range(len(body))[::step]:
        if 0 <= i < len(string) and free[i] and string.codes[i] == string.codes[body[j]]:
            row[j] = i
            i += step
            operations += not string.is_loop[body[j]]
        elif not string.is_loop[body[j]]:
            return None
    return row if operations and _alike(string, body, row) else None


def _alike(string: String, body: Any, row: Any) -> bool:
    """Whether operands that come from within a round come from the same place in both."""
    place = {int(i): j for j, i in enumerate(body)}
    other = {int(i): j for j, i in enumerate(row) if i >= 0}
    for a, b in zip(body.tolist(), row.tolist()):
        if b >= 0 and a not in string.loops:
            for lag in string.lags:
                if place.get(a - int(lag[a]), -1) != other.get(b - int(lag[b]), -1):
                    return False
    return True
