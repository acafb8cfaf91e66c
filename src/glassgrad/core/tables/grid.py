"""`interp2`: bilinear interpolation on a grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core.arrays.choices import where
from glassgrad.core.arrays.wrapping import wrapped
from glassgrad.core.tables.knots import Interval, argument, column, increasing, number, outside, row_at

__all__ = ["interp2"]


def interp2(x: Any, y: Any, xp: Any, yp: Any, fp: Any, *, extrapolate: bool | None = None) -> Any:
    """Interpolate between the points of a grid: linearly in ``x`` and linearly in ``y``.

    The cell is found without a branch, so all arguments share one compiled path. On a line of the grid, derivatives
    are those of the cell with larger coordinates.

    Args:
        x, y: where to interpolate: numbers, nodes, or arrays whose shapes broadcast together.
        xp, yp: the knots along each axis, increasing: one-dimensional, at least two each.
        fp: the values on the grid, shape ``(len(xp), len(yp))``. They may be nodes.
        extrapolate: what to do outside the grid. None takes the nearest point of its border, as ``gg.interp`` does,
            True continues the outermost cells, False returns nan.

    Returns:
        A float or a node; for arrays, an array of their common shape.

    Raises:
        TypeError: an element is not a number.
        ValueError: the knots are not increasing, ``fp`` has another shape, or ``x`` and ``y`` do not broadcast.

    Example:
        >>> import glassgrad as gg
        >>> vols = [[0.20, 0.22, 0.25], [0.18, 0.21, 0.24]]
        >>> vol = lambda strike, years: gg.interp2(strike, years, [90.0, 110.0], [0.5, 1.0, 2.0], vols)
        >>> round(vol(100.0, 1.5), 6)
        0.23
        >>> [round(slope, 6) for slope in gg.grad(vol, argnums=(0, 1))(100.0, 1.5)]
        [-0.0005, 0.03]
    """
    if extrapolate not in (None, True, False):
        raise ValueError(f"extrapolate must be None, True or False, got {extrapolate!r}")
    rows, columns, table = increasing(xp, "xp", 2), increasing(yp, "yp", 2), column(fp, "fp")
    if table.shape != (len(rows), len(columns)):
        raise ValueError(f"fp must have the shape {(len(rows), len(columns))}, got {table.shape}")
    x, y = argument(x, "x"), argument(y, "y")
    try:
        shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    except ValueError:
        raise ValueError(f"x and y must broadcast together, got {np.shape(x)} and {np.shape(y)}") from None
    if shape:
        x, y = [wrapped(np.broadcast_to(np.asarray(z), shape)) for z in (x, y)]
    p, q = (x, y) if extrapolate is not None else (_within(x, rows), _within(y, columns))
    found = _bilinear(p, q, rows, columns, table)
    if extrapolate is False:
        found = where(outside(x, rows) | outside(y, columns), math.nan, found)
    return number(found)


def _within(x: Any, knots: Any) -> Any:
    """Move ``x`` to the nearest knot if it lies outside."""
    return where(np.less(x, knots[0]), knots[0], where(np.greater(x, knots[-1]), knots[-1], x))


def _bilinear(x: Any, y: Any, rows: Any, columns: Any, table: Any) -> Any:
    across, along = Interval(x, rows[:-1]), Interval(y, columns[:-1])
    u = (x - across.of(rows[:-1])) / across.of(rows[1:] - rows[:-1])
    v = (y - along.of(columns[:-1])) / along.of(columns[1:] - columns[:-1])
    before = _corner(across, along, table[:-1, :-1]) * (1.0 - v) + _corner(across, along, table[:-1, 1:]) * v
    after = _corner(across, along, table[1:, :-1]) * (1.0 - v) + _corner(across, along, table[1:, 1:]) * v
    return before * (1.0 - u) + after * u


def _corner(across: Interval, along: Interval, table: Any) -> Any:
    """The value at one corner of the cell; ``table`` has the values at that corner of each cell."""
    if across.index is not None and along.index is not None:
        return row_at(table.reshape(-1), across.index * table.shape[1] + along.index)
    if along.index is not None:
        across, along, table = along, across, table.T
    return along.choose([across.of(line) for line in table.T])
