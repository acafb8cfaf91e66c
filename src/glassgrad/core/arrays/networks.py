"""Sorting a few nodes without a branch, by a fixed network of comparisons of neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassgrad.core import scalar
from glassgrad.core.arrays.elementwise import pick

__all__ = ["is_small", "sorted_by_choices"]

LONGEST = 20  # The gradient of a sort of 24 elements takes longer to compile than `gg.config.compile_budget` allows.
MOST = 4096  # The most comparisons in one call, over all rows.


def is_small(size: int, length: int) -> bool:
    """Whether a traced function sorts ``size`` elements, in rows of ``length``, by a network."""
    return scalar.is_decided() and length <= LONGEST and size * (length - 1) <= 2 * MOST


def sorted_by_choices(xs: Sequence[Any]) -> list[Any]:
    """Return ``xs`` from the smallest to the largest, nan last, without a branch. Equal elements keep their order.

    It is odd-even transposition sort: as many rounds as there are elements, in each of which every second pair of
    neighbours is put in order. Only neighbours change places, so the sort is stable, and ties get the same gradient as
    in eager code. Networks with fewer comparisons are not stable.
    """
    row = list(xs)
    for start in range(len(row)):
        for i in range(start % 2, len(row) - 1, 2):
            a, b = row[i], row[i + 1]
            stay = (a <= b) | (b != b)
            row[i], row[i + 1] = pick(stay, a, b), pick(stay, b, a)
    return row
