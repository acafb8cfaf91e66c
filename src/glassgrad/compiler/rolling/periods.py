"""Guess at which distances a sequence repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["likely_periods"]

MOST = 24  # As many periods are tried.
OFTEN = 8
WIDTHS = (1, 2, 4, 16, 64)  # The lengths of the words whose distances are counted.


def likely_periods(codes: Any) -> list[int]:
    """Return distances at which the same words stand again, those that cover most of the sequence first."""
    size = len(codes)
    found: dict[int, int] = {}
    often: dict[int, int] = {}
    words = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    width = 1
    for following in (*WIDTHS[1:], 0):
        order = np.argsort(words, kind="stable")
        again = words[order]
        distances, counts = np.unique(np.diff(order)[again[1:] == again[:-1]], return_counts=True)
        for period, count in zip(distances.tolist(), counts.tolist()):
            often[period] = max(often.get(period, 0), count)
            found[period] = max(found.get(period, 0), min(period * count, size))
        while width < following:
            longer = words.copy()
            longer[width:] = words[width:] * np.uint64(6364136223846793005) + (words[:-width] ^ (words[:-width] >> np.uint64(29)))
            words, width = longer, 2 * width
        if width > size:
            break
    best = [period for period, _ in sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST]]
    return [*best, *[p for p, _ in sorted(often.items(), key=lambda one: (-one[1], one[0]))[:OFTEN] if p not in best]]
