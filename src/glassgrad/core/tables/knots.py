"""The knots of a table, and the interval between two of them that holds an argument."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.core import ops, scalar
from glassgrad.core.arrays.choices import where
from glassgrad.core.arrays.making import values
from glassgrad.core.arrays.rows import take
from glassgrad.core.arrays.wrapping import elements, objects, wrapped
from glassgrad.core.op import as_float
from glassgrad.core.row_ops import TAKE
from glassgrad.core.scalar import Scalar

__all__ = ["Interval", "argument", "column", "has_nodes", "increasing", "number", "outside", "row_at", "widened"]

SEARCHED = 64  # With more knots, a binary search is faster than a tree of `where`, and compiles faster.


def has_nodes(*arrays: Any) -> bool:
    """Whether any element of the arrays is a node."""
    return any(isinstance(x, Scalar) for array in arrays for x in elements(objects(array)))


def column(data: Any, name: str) -> Any:
    """Convert ``data`` to an array of float64, or of dtype object if there are nodes in it.

    Raises:
        TypeError: an element is not a number.
    """
    if type(data) is np.ndarray and data.dtype.kind in "biuf":
        return data.astype(float)
    found = objects(data)
    numbers = [x if isinstance(x, Scalar) else as_float(x, name) for x in elements(found)]
    kind = object if has_nodes(found) else float
    return np.array(numbers, dtype=kind).reshape(found.shape)


def argument(x: Any, name: str) -> Any:
    """Convert ``x`` to a float, a node, an array of float64, or an `Array`."""
    found = column(x, name)
    return number(wrapped(found))


def increasing(data: Any, name: str, least: int, strictly: bool = True) -> Any:
    """Convert ``data`` to the knots of a table.

    Raises:
        ValueError: the knots are not one-dimensional, fewer than ``least``, or not in increasing order.
    """
    knots = column(data, name)
    if knots.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got the shape {knots.shape}")
    if len(knots) < least:
        raise ValueError(f"{name} must have at least {least} {'knot' if least == 1 else 'knots'}, got {len(knots)}")
    if knots.dtype == object and scalar.is_decided():  # the values are hidden
        return knots
    numbers = values(knots)
    steps = np.diff(numbers)
    wrong = np.flatnonzero(~(steps > 0.0) if strictly else ~(steps >= 0.0))
    if len(wrong):
        i = int(wrong[0])
        raise ValueError(
            f"{name} must be increasing, got {name}[{i}] = {numbers[i]} and {name}[{i + 1}] = {numbers[i + 1]}"
        )
    return knots


def outside(x: Any, knots: Any) -> Any:
    """Whether ``x`` lies before the first knot or after the last."""
    return np.less(x, knots[0]) | np.greater(x, knots[-1])


class Interval:
    """The interval that holds ``x``: the last one whose first knot is not above ``x``, or the first of all.

    Args:
        x: a number, a node, or an array of them.
        knots: the first knot of each interval, increasing.

    Attributes:
        index: the number of the interval, with the shape of ``x``. It is None if a tree of ``where`` chooses instead:
            while a function is compiled, if the knots are few or are nodes.
    """

    def __init__(self, x: Any, knots: Any) -> None:
        hidden = scalar.is_decided() and has_nodes(x, knots)
        self.index: Any = None
        self.above: list[Any] = []
        if not hidden:
            self.index = np.searchsorted(values(knots[1:]), values(x), side="right")[()]
        elif len(knots) > SEARCHED and not has_nodes(knots):
            places = [_searched(one, knots.tolist()) for one in elements(objects(x))]
            self.index = objects(places).reshape(np.shape(x))[()]
        else:
            self.above = [np.greater_equal(x, knot) for knot in knots[1:]]

    def of(self, rows: Any) -> Any:
        """Choose, from ``rows`` with one row for each interval, the row of this one.

        If ``x`` is an array, the result has its shape, followed by the shape of a row.
        """
        return self.choose(rows, rows.ndim - 1) if self.index is None else row_at(rows, self.index)

    def choose(self, rows: Sequence[Any], axes: int = 0) -> Any:
        """Choose from ``rows`` by a tree of ``where``, with the answers broadcast along ``axes`` more axes."""
        above = [widened(truth, axes) for truth in self.above]
        level = list(rows)
        while len(level) > 1:  # a balanced tree; above[i] chooses between level[i] and level[i + 1]
            pairs = [where(t, b, a) for t, a, b in zip(above[::2], level[::2], level[1::2])]
            level = [*pairs, *level[len(level) & ~1 :]]
            above = above[1::2]
        return level[0]


def row_at(rows: Any, index: Any) -> Any:
    """Return ``rows[index]``; ``index`` is an integer, a node that is one, or an array of these."""
    return number(take(rows, index) if has_nodes(index) else wrapped(rows[index]))


def _searched(x: Any, knots: list[float]) -> Any:
    """Find the place of the last knot that is not above ``x``, or 0, by a binary search without a branch."""
    if not isinstance(x, Scalar):
        return int(np.searchsorted(knots[1:], x, side="right"))
    half = len(knots) // 2
    place: Any = ops.where(x >= knots[half], float(half), 0.0)
    left = len(knots) - half  # the number of knots, beginning at place, that are left to search
    while left > 1:
        half = left // 2
        place = ops.where(x >= TAKE(place + half, *knots), place + half, place)
        left -= half
    return place


def number(x: Any) -> Any:
    """Convert a number of NumPy's to a float, and an array of no axes to its element; leave anything else."""
    if isinstance(x, np.ndarray):
        return x if x.ndim else number(x.item())
    return x if isinstance(x, Scalar) else float(x)


def widened(x: Any, axes: int) -> Any:
    """Append ``axes`` axes of length 1 to ``x``, unless it has none."""
    shape = np.shape(x)
    return np.reshape(x, shape + (1,) * axes) if shape and axes else x
