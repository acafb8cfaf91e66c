"""Guess at which distances a sequence repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.rolling.scan import distances

__all__ = ["likely_periods"]

WIDTHS = (1, 4, 16, 64)  # The lengths of the words whose distances are looked at.
INNER, OUTER = 16, 12  # As many periods are tried for each length.


def likely_periods(codes: Any) -> list[int]:
    """Return distances at which the same words stand again.

    Where a sequence has a period, words stand again at that distance one after another. Periods of outer loops show
    only at words that reach over the end of an inner loop, so each of these counts for a whole period.
    """
    size = len(codes)
    found: dict[int, None] = {}
    for width in WIDTHS:
        if width >= size:
            break
        distance = distances(codes, width)
        ends = np.flatnonzero(np.diff(distance, append=-1))
        lengths, periods = np.diff(ends, prepend=-1), distance[ends]
        inside = lengths[periods > 0], periods[periods > 0]
        total = np.bincount(inside[1], inside[0])
        long = inside[0] >= inside[1]
        covered = np.bincount(inside[1][long], inside[0][long])
        outer = np.minimum(total * np.arange(len(total)), size)
        found |= dict.fromkeys(_largest(covered, INNER) + _largest(outer, OUTER))
    return list(found)


def _largest(values: Any, many: int) -> list[int]:
    """Return the places of the largest values that are not 0, smaller places first among equals."""
    some = np.flatnonzero(values)
    return [*some[np.lexsort((some, -values[some]))[:many]].tolist()]
