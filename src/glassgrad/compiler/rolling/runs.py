"""Choose among the runs of a string: parts in which the same items repeat."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.rolling.scan import stretches
from glassgrad.compiler.rolling.strings import String

__all__ = ["LEAST", "SAVES", "Run", "Stretches"]

LEAST = 3  # A run has at least this many rounds, and
SAVES = 3  # it saves at least this many operations.
MOST = 2000  # Only so many stretches are looked at, and one more for each 50 items.
TABLE = 2  # An operand by a table costs as much as this many operations.

Run = tuple[int, int, int]  # start, period, rounds


class Stretches:
    """The stretches of a string in which items repeat, those that may be worth most first.

    A run is worth the operations that it saves. Operands that do not repeat must be found by tables, so there are two
    kinds of stretches: those in which all repeats, and *loose* ones, in which only the operations do. These are worth
    less.
    """

    def __init__(self, string: String) -> None:
        self.string = string
        parts = [np.empty((0, 4), np.int64)]
        none = np.empty((0, 0), np.int32)
        for period in string.likely_periods():
            if (LEAST - 1) * period >= len(string):
                continue
            for loose in (0, 1):
                if loose and period < 4:
                    continue
                lags, least = (none, (LEAST - 1) * period) if loose else (string.lags, max((LEAST - 2) * period, 1))
                rows = stretches(string.codes, lags, period, least)
                parts.append(np.column_stack([rows, np.full(len(rows), period), np.full(len(rows), loose)]))
        rows = np.concatenate(parts)
        most = MOST + len(string) // 50
        self.rows = rows[np.lexsort((rows[:, 3], rows[:, 2], rows[:, 0] - rows[:, 1]))[:most]]
        self.at = 0
        self.waiting: list[tuple[int, int, int, int]] = []  # loose runs, by their worth: -worth, start, period, trips

    def next(self, free: Any) -> Run | None:
        """Return the next run among the ``free`` items, or None if there is none."""
        while self.at < len(self.rows) or self.waiting:
            row = self.rows[self.at].tolist() if self.at < len(self.rows) else None
            if self.waiting and (row is None or -self.waiting[0][0] >= row[1] - row[0]):
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
                trips, slack = divmod(stop + period - start, period)
                if slack and trips >= LEAST:
                    start += self.string.best_shift(start, period, slack)
            gap = _longest(free[start : start + period * trips])
            if gap is not None:
                start, trips = start + gap[0], gap[1] // period
            if trips >= LEAST and (trips - 1) * period >= SAVES:
                return start, period, trips
        return None

    def _wait(self, start: int, stop: int, period: int) -> None:
        same = self.string.repeats(start + period, stop, period)  # the first round may differ
        bad = distinct(np.flatnonzero(~same) % period, period)
        trips = (stop + period - start) // period
        if 0 < len(bad) * TABLE < period:
            heapq.heappush(self.waiting, (int((1 - trips) * (period - TABLE * len(bad))), start, period, trips))

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
