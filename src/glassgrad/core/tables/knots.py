"""The knots of a table, and the interval between two of them that holds an argument."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.core import scalar
from glassgrad.core.arrays.choices import where
from glassgrad.core.arrays.making import values
from glassgrad.core.arrays.wrapping import elements, objects, wrapped
from glassgrad.core.op import as_float
from glassgrad.core.scalar import Scalar

__all__ = ["Interval", "argument", "column", "has_nodes", "increasing", "number", "outside", "widened"]


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
    """

    def __init__(self, x: Any, knots: Any) -> None:
        self.x = x
        hidden = scalar.is_decided() and has_nodes(x, knots)
        self.index = None if hidden else np.searchsorted(values(knots[1:]), values(x), side="right")[()]
        self.above = [np.greater_equal(x, knot) for knot in knots[1:]] if hidden else []

    def of(self, rows: Any) -> Any:
        """Choose, from ``rows`` with one row for each interval, the row of this one.

        If ``x`` is an array, the result has its shape, followed by the shape of a row.
        """
        if self.index is not None:
            found = rows[self.index]
            return number(wrapped(found))
        return self.choose(rows, rows.ndim - 1)

    def choose(self, rows: Sequence[Any], axes: int = 0) -> Any:
        """Choose from ``rows`` by a tree of ``where``, with the answers broadcast along ``axes`` more axes."""
        above = [widened(truth, axes) for truth in self.above]
        level = list(rows)
        while len(level) > 1:  # a balanced tree; above[i] chooses between level[i] and level[i + 1]
            pairs = [where(t, b, a) for t, a, b in zip(above[::2], level[::2], level[1::2])]
            level = [*pairs, *level[len(level) & ~1 :]]
            above = above[1::2]
        return level[0]


def number(x: Any) -> Any:
    """Convert a number of NumPy's to a float, and an array of no axes to its element; leave anything else."""
    if isinstance(x, np.ndarray):
        return x if x.ndim else number(x.item())
    return x if isinstance(x, Scalar) else float(x)


def widened(x: Any, axes: int) -> Any:
    """Append ``axes`` axes of length 1 to ``x``, unless it has none."""
    shape = np.shape(x)
    return np.reshape(x, shape + (1,) * axes) if shape and axes else x
