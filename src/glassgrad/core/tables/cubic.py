"""`CubicSpline` and `PchipInterpolator`: cubic interpolation in one dimension."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core.arrays.choices import where
from glassgrad.core.arrays.wrapping import wrapped
from glassgrad.core.tables.knots import Interval, argument, column, increasing, number, outside, widened
from glassgrad.core.tables.slopes import monotone_slopes, spline_slopes

__all__ = ["CubicSpline", "PchipInterpolator"]


class PiecewiseCubic:
    """A cubic polynomial for each interval between two knots.

    Attributes:
        x: the knots.
        c: the coefficients, shape ``(4, n - 1, …)``, highest power of ``x - x[i]`` first, as in SciPy.
        extrapolate: what to do outside the knots: True, False or ``"periodic"``.
    """

    def __init__(self, x: Any, y: Any, slopes: Any, extrapolate: bool | str) -> None:
        if extrapolate not in (True, False, "periodic"):
            raise ValueError(f"extrapolate must be True, False, None or 'periodic', got {extrapolate!r}")
        self.x = x
        self.extrapolate = extrapolate
        width = widened(wrapped(x[1:] - x[:-1]), y.ndim - 1)
        secant = wrapped(y[1:] - y[:-1]) / width
        bend = (slopes[:-1] + slopes[1:] - 2.0 * secant) / width
        powers = [bend / width, (secant - slopes[:-1]) / width - bend, wrapped(slopes[:-1]), wrapped(y[:-1])]
        self.c = wrapped(column(np.stack(powers), "y"))

    def __call__(self, x: Any, nu: int = 0, extrapolate: bool | str | None = None) -> Any:
        """Return the value of the interpolant at ``x``, or its derivative of order ``nu`` with respect to ``x``.

        Args:
            x: a number, a node, or an array of any shape.
            nu: the order of the derivative, 0 to 3; above 3, the result is 0.
            extrapolate: what to do outside the knots; None takes the choice made with the table.
        """
        if isinstance(nu, bool) or not isinstance(nu, (int, np.integer)) or nu < 0:
            raise ValueError(f"nu must be a whole number of at least 0, got {nu!r}")
        beyond = self.extrapolate if extrapolate is None else extrapolate
        x = argument(x, "x")
        if beyond == "periodic":
            x = self.x[0] + np.mod(x - self.x[0], self.x[-1] - self.x[0])
        interval = Interval(x, self.x[:-1])
        axes = self.c.ndim - 2
        t = widened(x - interval.of(self.x[:-1]), axes)
        powers = range(3, nu - 1, -1)  # of t, before the derivative is taken
        found: Any = 0.0 * interval.of(np.asarray(self.c[3]))
        for power in powers:
            found = found * t + math.perm(power, nu) * interval.of(np.asarray(self.c[3 - power]))
        if beyond is False:
            found = where(widened(outside(x, self.x), axes), math.nan, found)
        return number(found)


class CubicSpline(PiecewiseCubic):
    """A cubic spline through the points of a table: two continuous derivatives. It is SciPy's ``CubicSpline``.

    The points may be nodes. The interval of an argument is found without a branch, so all arguments share one compiled
    path. At a knot, derivatives are those of the polynomial to its right.

    Args:
        x: the knots, increasing: one-dimensional.
        y: the values at the knots, shape ``(len(x), …)``.
        bc_type: the conditions at the ends: ``"not-a-knot"``, ``"natural"``, ``"clamped"``, ``"periodic"``, or a pair
            of them. ``(order, value)`` instead of a name sets the first or second derivative at that end.
        extrapolate: what to do outside the knots. True continues the first and the last polynomial, False returns
            nan, and ``"periodic"`` repeats the table. None means True, or ``"periodic"`` if ``bc_type`` is periodic.

    Raises:
        TypeError: an element is not a number.
        ValueError: there are fewer than 2 knots, they are not increasing, ``y`` has another length, or an option is
            unknown.

    Source:
        C. de Boor, A Practical Guide to Splines, chapter IV.

    Example:
        >>> import glassgrad as gg
        >>> curve = gg.CubicSpline([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 8.0, 27.0])
        >>> round(curve(1.5), 6), round(gg.grad(curve)(1.5), 6)
        (3.375, 6.75)
    """

    def __init__(self, x: Any, y: Any, *, bc_type: Any = "not-a-knot", extrapolate: bool | str | None = None) -> None:
        knots, points = _points(x, y)
        if extrapolate is None:
            extrapolate = "periodic" if isinstance(bc_type, str) and bc_type == "periodic" else True
        super().__init__(knots, points, spline_slopes(knots, points, bc_type), extrapolate)


class PchipInterpolator(PiecewiseCubic):
    """A monotone cubic interpolant: it rises and falls only as the points do. It is SciPy's ``PchipInterpolator``.

    The points may be nodes. Neither the slopes nor the interval of an argument take a branch.

    Args:
        x: the knots, increasing: one-dimensional.
        y: the values at the knots, shape ``(len(x), …)``.
        extrapolate: what to do outside the knots. True or None continues the first and the last polynomial, False
            returns nan, and ``"periodic"`` repeats the table.

    Raises:
        TypeError: an element is not a number.
        ValueError: there are fewer than 2 knots, they are not increasing, or ``y`` has another length.

    Source:
        F. N. Fritsch and J. Butland, A method for constructing local monotone piecewise cubic interpolants, SIAM J.
        Sci. Stat. Comput. 5 (1984).

    Example:
        >>> import glassgrad as gg
        >>> curve = gg.PchipInterpolator([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 1.0, 1.0])
        >>> curve(0.5), curve(1.5), gg.grad(curve)(1.5)
        (0.0, 0.5, 1.5)
    """

    def __init__(self, x: Any, y: Any, *, extrapolate: bool | str | None = None) -> None:
        knots, points = _points(x, y)
        super().__init__(knots, points, monotone_slopes(knots, points), True if extrapolate is None else extrapolate)


def _points(x: Any, y: Any) -> tuple[Any, Any]:
    knots, points = increasing(x, "x", 2), column(y, "y")
    if points.ndim == 0 or len(points) != len(knots):
        raise ValueError(f"y must have a value for each of the {len(knots)} knots, got the shape {points.shape}")
    return knots, wrapped(points)
