"""`interp`: linear interpolation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core.arrays.choices import where
from glassgrad.core.arrays.wrapping import wrapped
from glassgrad.core.tables.knots import Interval, argument, column, has_nodes, increasing, number

__all__ = ["interp"]


def interp(
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
    period: Any = None,
    *,
    extrapolate: bool | None = None,
) -> Any:
    """Interpolate linearly between the points of a table, as ``np.interp`` does.

    The interval is found without a branch, so all arguments share one compiled path. At a knot, the derivative with
    respect to ``x`` is the slope of the line to its right; at the last knot, of the line to its left.

    Args:
        x: where to interpolate: a number, a node, or an array of any shape.
        xp: the knots, increasing: one-dimensional. They may be nodes.
        fp: the values at the knots, as many. They may be nodes.
        left: the value for ``x < xp[0]``; ``fp[0]`` if it is None.
        right: the value for ``x > xp[-1]``; ``fp[-1]`` if it is None.
        period: the period of ``x``, a number. The knots may then come in any order, but must be plain numbers.
        extrapolate: what to do outside the knots. None returns ``left`` and ``right``, True continues the first and
            the last line, False returns nan.

    Returns:
        A float or a node; for an array ``x``, an array of its shape.

    Raises:
        TypeError: an element is not a number.
        ValueError: ``xp`` is not increasing, or has another length than ``fp``; ``period`` is 0; or ``left``,
            ``right`` or ``period`` is given together with ``extrapolate``.

    Example:
        >>> import glassgrad as gg
        >>> rates = [0.02, 0.03, 0.035]
        >>> gg.interp(1.5, [1.0, 2.0, 5.0], rates)
        0.025
        >>> gg.grad(lambda t: gg.interp(t, [1.0, 2.0, 5.0], rates))(1.5)
        0.009999999999999998
    """
    values = column(fp, "fp")
    x = argument(x, "x")
    if extrapolate is not None and not (left is None and right is None and period is None):
        raise ValueError("gg.interp takes extrapolate, or left, right and period, but not both")
    if period is not None:
        x, knots, values = _periodic(x, xp, values, period)
        left = right = None
    else:
        knots = increasing(xp, "xp", 1, strictly=False)
    if values.shape != knots.shape:
        raise ValueError(f"fp must have the shape of xp, {knots.shape}, got {values.shape}")
    if extrapolate is None and not has_nodes(x, knots, values, left, right):
        return number(np.interp(x, knots, values, left, right))
    return number(wrapped(_between(x, knots, values, left, right, extrapolate)))


def _between(x: Any, knots: Any, values: Any, left: Any, right: Any, extrapolate: bool | None) -> Any:
    slopes = _slopes(knots, values)
    interval = Interval(x, knots)
    found = interval.of(slopes) * (x - interval.of(knots)) + interval.of(values)
    if extrapolate:
        return found
    below, above = (math.nan, math.nan) if extrapolate is False else (left, right)
    first = values[0] if below is None else below
    last = values[-1] if above is None else above
    return where(np.greater(x, knots[-1]), last, where(np.less(x, knots[0]), first, found))


def _slopes(knots: Any, values: Any) -> Any:
    """The slope after each knot; after the last knot, that before it, or 0 if there is none.

    Between two equal knots the value jumps, and the slope is 0.
    """
    rise, width = wrapped(values[1:] - values[:-1]), wrapped(knots[1:] - knots[:-1])
    if knots.dtype == object:
        slopes = rise / width
    else:
        slopes = np.where(width > 0.0, rise, 0.0) / np.where(width > 0.0, width, 1.0)
    return np.append(np.asarray(slopes), slopes[-1] if len(slopes) else 0.0)


def _periodic(x: Any, xp: Any, values: Any, period: Any) -> tuple[Any, Any, Any]:
    """Bring ``x`` and the knots into one period, sorted, with a knot of the neighbouring period at each end."""
    knots = column(xp, "xp")
    if has_nodes(knots) or has_nodes(period):
        raise TypeError("gg.interp with period needs plain numbers as xp and period, because it sorts the knots")
    if knots.ndim != 1 or values.shape != knots.shape:
        raise ValueError(f"xp and fp must have one dimension and one length, got {knots.shape} and {values.shape}")
    period = abs(float(period))
    if not period > 0.0:
        raise ValueError(f"period must not be 0, got {period}")
    order = np.argsort(knots % period, kind="stable")
    knots, values = (knots % period)[order], values[order]
    knots = np.concatenate([knots[-1:] - period, knots, knots[:1] + period])
    return np.mod(x, period), knots, np.concatenate([values[-1:], values, values[:1]])
