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

import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, placed
from glassgrad.compiler.rolling.periods import likely_periods
from glassgrad.compiler.rolling.scan import stretches
from glassgrad.compiler.rolling.strings import String
from glassgrad.compiler.rolling.unroll import unrolled

__all__ = ["find_loops"]

LEVELS = 12
LEAST = 3  # A run has at least this many rounds, and
SAVES = 3  # it saves at least this many operations.

import os
COVER = float(os.environ.get('COVER', 0))
TABLE = float(os.environ.get('TABLE', 2))  # An operand by a table costs as much as this many operations.

Run = tuple[int, int, int]  # start, period, rounds


def find_loops(codes: Any, lags: Any) -> list[Node]:
    """Return the tree of the loops in a sequence of operations.

    Args:
        codes: a number for each operation; equal operations have equal numbers.
        lags: how many operations before each operation its operands were computed, or `FAR` if an operand is no
            operation's result: a row for each of the first operands.
    """
    string = String(codes.astype(np.int32), np.ascontiguousarray(lags, np.int32), np.arange(len(codes)), {})
    return unrolled(_Search(int(codes.max(initial=-1)) + 1).nodes(string))


class _Search:
    """The search for loops, with the number of each shape of a body."""

    def __init__(self, codes: int) -> None:
        self.codes = codes
        self.shapes: dict[tuple[Any, ...], int] = {}

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
        found = _Stretches(string)
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
        free = np.ones(len(string), bool)
        for start, period, trips in runs:
            free[start : start + period * trips] = False
        bodies: dict[int, tuple[int, int, list[Node]]] = {}  # by shape: where it stands, its length, its tree
        rows, shapes = [], []
        trees: dict[bytes, tuple[int, list[Node]]] = {}
        before: dict[int, set[int]] = {}
        after: dict[int, set[int]] = {}
        for start, period, trips in runs:
            part = string.part(start + period, start + 2 * period)
            key = part.codes.tobytes() + part.lags.tobytes()
            if key not in trees:
                tree = self.nodes(part) if period > SAVES else part.nodes()
                trees[key] = self.shape(part, tree), tree
            shape, tree = trees[key]
            bodies.setdefault(shape, (start + period, period, tree))
            stop = start + period * trips
            before.setdefault(shape, set()).add(int(string.codes[start - 1]) if start else -1)
            after.setdefault(shape, set()).add(int(string.codes[stop]) if stop < len(string) else -1)
            rows.append(start + np.arange(period * trips).reshape(trips, period))
            shapes.append((shape, tree))
        for shape, (start, period, tree) in sorted(bodies.items(), key=lambda one: -one[1][1]):
            for at, trips in _joined(string.copies(start, period, free, before[shape], after[shape]).tolist(), period, free):
                rows.append(at + np.arange(period * trips).reshape(trips, period))
                shapes.append((shape, tree))
        order = sorted(range(len(rows)), key=lambda k: int(rows[k][0, 0]))
        rows, shapes = [rows[k] for k in order], [shapes[k] for k in order]
        rows = self.widened(string, rows, free)
        loops = [Repeat(np.array([len(row)]), placed(tree, row, string.node)) for row, (_, tree) in zip(rows, shapes)]
        return string.collapsed(rows, loops, [shape for shape, _ in shapes])

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


class _Stretches:
    """The stretches of a string in which items repeat, those that may be worth most first.

    A run is worth its number of operations. Operands that do not repeat must be found by tables, so there are two kinds
    of stretches: those in which all repeats, and *loose* ones, in which only the operations do. These are worth less.
    """

    def __init__(self, string: String) -> None:
        self.string = string
        parts = [np.empty((0, 4), np.int64)]
        none = np.empty((0, 0), np.int32)
        for period in likely_periods(string.codes):
            if (LEAST - 1) * period >= len(string):
                continue
            for loose in (0, 1):
                if loose and period < 4:
                    continue
                lags, least = (none, (LEAST - 1) * period) if loose else (string.lags, max((LEAST - 2) * period, 1))
                rows = stretches(string.codes, lags, period, least)
                parts.append(np.column_stack([rows, np.full(len(rows), period), np.full(len(rows), loose)]))
        rows = np.concatenate(parts)
        self.rows = rows[np.lexsort((rows[:, 3], rows[:, 2], rows[:, 0] - rows[:, 1] - rows[:, 2]))]
        self.at = 0
        self.waiting: list[tuple[int, int, int, int]] = []  # loose runs whose worth is known: -worth, start, period, trips

    def next(self, free: Any) -> Run | None:
        """Return the next run among the ``free`` items, or None if there is none."""
        while self.at < len(self.rows) or self.waiting:
            row = self.rows[self.at].tolist() if self.at < len(self.rows) else None
            if self.waiting and (row is None or -self.waiting[0][0] >= row[1] - row[0] + row[2]):
                _, start, period, trips = heapq.heappop(self.waiting)
            else:
                assert row is not None
                self.at += 1
                start, stop, period, loose = row
                if not free[start : stop + period : period].any():
                    continue
                if loose:
                    self._wait(start, stop, period)
                    continue
                start = self.string.first_round(period, start)
                trips = (stop + period - start) // period
            gap = _longest(free[start : start + period * trips])
            if gap is not None:
                start, trips = start + gap[0], gap[1] // period
            if trips >= LEAST and (trips - 1) * period >= SAVES:
                return start, period, trips
        return None

    def _wait(self, start: int, stop: int, period: int) -> None:
        same = self.string.repeats(start + period, stop, period)  # the first round may differ
        bad = np.unique(np.flatnonzero(~same) % period)
        trips = (stop + period - start) // period
        if 0 < len(bad) * TABLE < period:
            heapq.heappush(self.waiting, (int(-trips * (period - TABLE * len(bad))), start, period, trips))

    def taken(self, start: int, stop: int) -> None:
        """Forget the stretches inside a long run, which has been taken."""
        if 8 * (stop - start) > len(self.string):
            rest = self.rows[self.at :]
            self.rows, self.at = rest[(rest[:, 0] < start) | (rest[:, 1] > stop)], 0


def _longest(free: Any) -> tuple[int, int] | None:
    """Return the start and length of the longest part that is free, or None if all is free."""
    if free.all():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate(([0], free.view(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    k = int(np.argmax(edges[1::2] - edges[::2]))
    return int(edges[2 * k]), int(edges[2 * k + 1] - edges[2 * k])


def _joined(copies: Sequence[int], period: int, free: Any) -> list[tuple[int, int]]:
    """Return the start and number of copies that follow one another, and mark their items as taken."""
    found: list[tuple[int, int]] = []
    for at in copies:
        if found and at < found[-1][0] + period * found[-1][1]:
            continue
        if found and at == found[-1][0] + period * found[-1][1]:
            found[-1] = found[-1][0], found[-1][1] + 1
        else:
            found.append((at, 1))
        free[at : at + period] = False
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
