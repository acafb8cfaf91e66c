"""Guess at which distances a sequence repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["likely_periods"]

WIDTHS = (1, 4, 16, 64)  # The lengths of the words whose distances are looked at.
import os
INNER, OUTER = map(int, os.environ.get('QUOTA', '16,12').split(','))  # As many periods are tried for each length.


def likely_periods(codes: Any) -> list[int]:
    """Return distances at which the same words stand again.

    Where a sequence has a period, words stand again at that distance one after another. Periods of outer loops show
    only at words that reach over the end of an inner loop, so each of these counts for a whole period.
    """
    size = len(codes)
    found: dict[int, None] = {}
    words = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    width = 1
    for wanted in WIDTHS:
        if wanted >= size:
            break
        while width < wanted:
            longer = words.copy()
            before = words[:-width]
            longer[width:] = words[width:] * np.uint64(6364136223846793005) + (before ^ (before >> np.uint64(29)))
            words, width = longer, 2 * width
        distance = _distances(words)
        ends = np.flatnonzero(np.diff(distance, append=-1))
        lengths, periods = np.diff(ends, prepend=-1), distance[ends]
        for least, many in ((True, INNER), (False, OUTER)):
            some = (periods > 0) & ((lengths >= periods) if least else (lengths > 0))
            names, where = np.unique(periods[some], return_inverse=True)
            worth = np.bincount(where, lengths[some], len(names))
            if not least:
                worth = np.minimum(worth * names, size)
            found |= dict.fromkeys(names[np.lexsort((names, -worth))[:many]].tolist())
    return list(found)


def _distances(words: Any) -> Any:
    """Return how far before each word it stood last; 0 if it is new."""
    order = np.argsort(words, kind="stable")
    again = words[order]
    found = np.zeros(len(words), np.int64)
    same = again[1:] == again[:-1]
    found[order[1:][same]] = np.diff(order)[same]
    return found
