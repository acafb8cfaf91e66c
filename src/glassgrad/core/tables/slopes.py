"""The slopes at the knots of a cubic interpolant."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from glassgrad.core.arrays.choices import where
from glassgrad.core.arrays.wrapping import wrapped
from glassgrad.core.tables.knots import column, number, widened

__all__ = ["monotone_slopes", "spline_slopes"]

# The conditions at an end that have a name, as the order and value of the derivative there.
NAMED = {"natural": (2, 0.0), "clamped": (1, 0.0)}
NOT_A_KNOT, PERIODIC = "not-a-knot", "periodic"


def _steps(x: Any, y: Any) -> tuple[Any, Any]:
    """The width of each interval, and the slope of the line across it."""
    width = wrapped(x[1:] - x[:-1])
    return width, wrapped(y[1:] - y[:-1]) / widened(width, y.ndim - 1)


def spline_slopes(x: Any, y: Any, bc_type: Any) -> Any:
    """The slopes of the cubic spline through the points.

    The second derivatives of neighbouring polynomials must agree at each inner knot. That gives one equation with three
    slopes for each knot. The two ends give one equation each.
    """
    width, secant = _steps(x, y)
    n = len(x)
    if isinstance(bc_type, str):
        bc_type = (bc_type, bc_type)
    if not isinstance(bc_type, (tuple, list)) or len(bc_type) != 2:
        raise ValueError(f"bc_type must be a name or a pair, got {bc_type!r}")
    if any(isinstance(end, str) and end == PERIODIC for end in bc_type):
        return _periodic_slopes(width, secant, y, bc_type)
    first, last = [_condition(end) for end in bc_type]
    if n == 2:  # there is no inner knot, so a line, as far as the conditions allow one
        first, last = [(1, secant[0]) if end == NOT_A_KNOT else end for end in (first, last)]
    if n == 3 and first == last == NOT_A_KNOT:  # one parabola through three points
        bend = (secant[1] - secant[0]) / (width[0] + width[1])
        return np.stack([secant[0] - width[0] * bend, secant[0] + width[0] * bend, secant[1] + width[1] * bend])
    rows = [
        _end_row(first, width, secant),
        *[
            (width[i], 2.0 * (width[i - 1] + width[i]), width[i - 1],
             3.0 * (width[i] * secant[i - 1] + width[i - 1] * secant[i]))
            for i in range(1, n - 1)
        ],
        _end_row(last, width[::-1], secant[::-1], at_last=True),
    ]  # fmt: skip
    return np.stack(_tridiagonal(rows))


def _condition(end: Any) -> Any:
    if isinstance(end, str):
        if end in NAMED:
            return NAMED[end]
        if end == NOT_A_KNOT:
            return end
        raise ValueError(f"bc_type must be one of {[NOT_A_KNOT, *NAMED, PERIODIC]}, got {end!r}")
    if not isinstance(end, (tuple, list)) or len(end) != 2 or end[0] not in (1, 2):
        raise ValueError(f"bc_type of an end must be a name or (order, value) with order 1 or 2, got {end!r}")
    return int(end[0]), wrapped(column(end[1], "bc_type"))


def _end_row(end: Any, width: Any, secant: Any, at_last: bool = False) -> tuple[Any, ...]:
    """The equation of an end: the factors of the slopes before, at and after it, and the right-hand side.

    For the last end, the arrays are reversed, and so is the row.
    """
    if end == NOT_A_KNOT:
        both = width[0] + width[1]
        right = ((width[0] + 2.0 * both) * width[1] * secant[0] + width[0] * width[0] * secant[1]) / both
        row = (0.0, width[1], both, right)
    elif end[0] == 1:
        row = (0.0, 1.0, 0.0, end[1] + 0.0 * secant[0])
    else:
        bend = -end[1] if at_last else end[1]
        row = (0.0, 2.0, 1.0, 3.0 * secant[0] - 0.5 * bend * width[0])
    return (row[2], row[1], row[0], row[3]) if at_last else row


def _tridiagonal(rows: list[tuple[Any, ...]]) -> list[Any]:
    """Solve by elimination. No row is exchanged: the pivots are positive."""
    pivots, sides = [rows[0][1]], [rows[0][3]]
    for (_, _, above, _), (before, at, _, side) in itertools.pairwise(rows):
        factor = before / pivots[-1]
        pivots.append(at - factor * above)
        sides.append(side - factor * sides[-1])
    found = [sides[-1] / pivots[-1]]
    for i in range(len(rows) - 2, -1, -1):
        found.append((sides[i] - rows[i][2] * found[-1]) / pivots[i])
    return found[::-1]


def _periodic_slopes(width: Any, secant: Any, y: Any, bc_type: Any) -> Any:
    """Solve for the slopes of a periodic spline, whose last knot is the first of the next period.

    The matrix has a number in two of its corners. The formula of Sherman and Morrison reduces it to two tridiagonal
    ones.
    """
    if any(end != PERIODIC for end in bc_type):
        raise ValueError(f"bc_type must be periodic at both ends or at none, got {bc_type!r}")
    if not np.allclose(y[0], y[-1], rtol=1e-15, atol=1e-15):
        raise ValueError("a periodic spline needs the same first and last value in y")
    n = len(width)  # knots that differ
    if n == 1:
        return np.stack([0.0 * secant[0]] * 2)
    if n == 2:
        slope = (width[0] * secant[1] + width[1] * secant[0]) / (width[0] + width[1])
        return np.stack([slope] * 3)
    rows = [
        (width[i], 2.0 * (width[i - 1] + width[i]), width[i - 1],
         3.0 * (width[i] * secant[i - 1] + width[i - 1] * secant[i]))
        for i in range(n)
    ]  # fmt: skip
    corner, other = rows[0][0], rows[-1][2]  # first row, last column; last row, first column
    pivot = -rows[0][1]
    rows[0] = (0.0, rows[0][1] - pivot, *rows[0][2:])
    rows[-1] = (rows[-1][0], rows[-1][1] - other * corner / pivot, 0.0, rows[-1][3])
    plain = _tridiagonal(rows)
    unit = [pivot, *[0.0] * (n - 2), other]
    weights = _tridiagonal([(*row[:3], u) for row, u in zip(rows, unit)])
    ratio = (plain[0] + corner / pivot * plain[-1]) / (1.0 + weights[0] + corner / pivot * weights[-1])
    slopes = [p - ratio * w for p, w in zip(plain, weights)]
    return np.stack([*slopes, slopes[0]])


def monotone_slopes(x: Any, y: Any) -> Any:
    """The slopes of Fritsch and Butland: a weighted harmonic mean of the neighbours, or 0 where they change sign."""
    width, secant = _steps(x, y)
    width = widened(width, y.ndim - 1)
    if len(x) == 2:
        return np.stack([secant[0], secant[0]])
    before, after = secant[:-1], secant[1:]
    turns = (np.sign(before) != np.sign(after)) | (before == 0.0) | (after == 0.0)
    w1, w2 = 2.0 * width[1:] + width[:-1], width[1:] + 2.0 * width[:-1]
    safe_before, safe_after = where(turns, 1.0, before), where(turns, 1.0, after)
    inner = where(turns, 0.0, (w1 + w2) / (w1 / safe_before + w2 / safe_after))
    ends = [_end_slope(width, secant), _end_slope(width[::-1], secant[::-1])]
    return np.concatenate([[ends[0]], inner, [ends[1]]])


def _end_slope(width: Any, secant: Any) -> Any:
    """The slope of a parabola through the last three points, limited so that the interpolant stays monotone."""
    slope = ((2.0 * width[0] + width[1]) * secant[0] - width[0] * secant[1]) / (width[0] + width[1])
    steep = (np.sign(secant[0]) != np.sign(secant[1])) & (abs(slope) > 3.0 * abs(secant[0]))
    return number(where(np.sign(slope) != np.sign(secant[0]), 0.0, where(steep, 3.0 * secant[0], slope)))
