"""Derivatives from first principles: nudge an argument, see how far the result moves, and divide.

This module checks the engine, so it imports nothing from it. It calls `f` with plain floats and converts the result to
a float. `derivative` and `partials` return slopes, `estimate` returns a slope with its error, and `compare` checks a
gradient from another source against slopes, argument by argument.

A plain difference (`method="central"`) with step h has two errors: the omitted terms of the Taylor series cost about
`h**2`, and the rounding of `f` costs about `EPS / h`. Their sizes depend on `f`. So by default a ladder of steps is
tried. The first step is about a quarter of `|x|` or of 1, whichever is larger. Each further step is about a quarter of
the one before.

Slopes of neighbouring steps are extrapolated to a step of zero (L. F. Richardson, *The approximate arithmetical
solution by finite differences of physical problems*, 1911). The results are extrapolated again, and so on, which gives
a triangle of values. The value that agrees best with its neighbours is the slope, and the disagreement is its error
(C. J. F. Ridders, *Accurate computation of F'(x) and F'(x)F''(x)*, Advances in Engineering Software 4, 1982; Press et
al., *Numerical Recipes*, 3rd edition, section 5.7).

The same calls also give both one-sided slopes. If these differ, there is a kink. If one is missing, there is an edge.
"""

from __future__ import annotations

import math
import numbers
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple

from glassgrad.support.legible import legible
from glassgrad.support.records import Opened, is_record, rebuilt

__all__ = ["Estimate", "GradReport", "GradRow", "compare", "derivative", "estimate", "partials"]

EPS = sys.float_info.epsilon
ROUNDING = 4 * EPS  # A function of a few operations is assumed to have this relative rounding error.
ONE_SIDED_STEP = EPS ** (1 / 2)  # Here the truncation error h of a one-sided difference equals the rounding EPS / h.
STEP = EPS ** (1 / 3)  # Here the truncation error h**2 of a central difference equals the rounding EPS / h.
FIRST_DERIVATIVE = 30 * EPS ** (2 / 3)  # This error is left then, with a factor of 30 for the derivatives of f.
COMPLEX_STEP = 2.0**-100  # Its square vanishes beside 1, so there is no truncation error, and nothing is subtracted.
# The steps go down to 7e-14. Added to x = 1, such a step keeps 8 bits. The steps are not round numbers, because
# sin(32 pi x) looks flat at multiples of 1/16.
LADDER = tuple(0.23 * 0.27**k for k in range(23))
SAFETY = 10  # An error that is estimated from neighbours may be too small by this factor.
CONVERGED = 1e-11  # With this relative error, a central slope needs no smaller steps.
ONE_SIDED_CONVERGED = 1e-7  # The same for one-sided slopes.
PLAUSIBLE = 1e-6  # Below this relative error, neighbours do not agree by chance.
KINK = 1e-4  # The slopes of the two sides of a kink differ by at least this, relatively.
MEANINGLESS = 0.1  # Above this relative error, an estimate says nothing, unless the slope is close to zero.
NEGLIGIBLE = 1e-5  # An error is negligible if it is below this part of the slope over which f changes by its value.
NO_VALUE = (ValueError, ArithmeticError)  # Functions of floats raise these where they are undefined.

METHODS = ("auto", "central", "forward", "backward", "richardson", "complex")
Function = Callable[..., Any]


class Estimate(NamedTuple):
    """A slope and its estimated error. The error is an estimate, not a bound."""

    value: float
    error: float


def derivative(f: Function, x: float, *, method: str = "auto", step: float | None = None) -> float:
    """Return the slope of `f` at the number `x`, found by calling `f` near `x`.

    Args:
        f: a function that takes one float and returns a number, which may be a Scalar.
        x: the point.
        method: how the slope is found.

            - `"auto"`: Richardson extrapolation of central differences over a ladder of steps (10 to 50 calls). If `f`
              is undefined on one side of `x`, one-sided differences are used. (It is undefined where it raises
              `ValueError` or `ArithmeticError`, or returns a number that is not finite.) At a kink, the result is the
              mean of the slopes of both sides.
            - `"central"`: `(f(x + h) - f(x - h)) / 2h`.
            - `"forward"`: `(f(x + h) - f(x)) / h`.
            - `"backward"`: `(f(x) - f(x - h)) / h`.
            - `"richardson"`: like `"auto"`, but always with central differences.
            - `"complex"`: `f(x + ih).imag / h`. This is exact up to rounding, but `f` must consist of arithmetic and
              functions of `cmath` or NumPy.
        step: h, or the first step of the ladder. By default it follows from the float format and `x`.

    Raises:
        TypeError: `f` is not callable, `f` does not return a single number, or `x` is not a number.
        ValueError: the method is unknown, the step does not move `x`, `x` is not finite, or there is no slope.
        Exception: an exception of `f` at `x`. With `"central"`, `"forward"` and `"backward"`, also one near `x`.

    >>> round(derivative(lambda x: 3 * x**2 - 4 * x + 5, 3.0), 9)
    14.0
    >>> f"{derivative(math.log, 1e-10):.9g}"
    '1e+10'
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    x, step = _checked(f, x, step, moves=method != "complex")
    if method in ("auto", "richardson"):
        slopes = _slopes(f, x, step)
        return _settled(f, x, slopes.two_sided if method == "richardson" else slopes).value
    if method == "complex":
        return _complex_step(f, x, COMPLEX_STEP * max(abs(x), 2.0**-800) if step is None else step)
    h = step or _near_power(STEP if method == "central" else ONE_SIDED_STEP) * _scale(x)
    above = x if method == "backward" else x + h
    below = x if method == "forward" else x - h
    return (_value(f, above) - _value(f, below)) / (above - below)  # their actual distance, after rounding


def estimate(f: Function, x: float, *, step: float | None = None) -> Estimate:
    """Return the slope of `f` at `x`, as `derivative` finds it by default, with its estimated error.

    >>> slope = estimate(math.exp, 1.0)
    >>> abs(slope.value - math.e) < 10 * slope.error < 1e-9
    True
    """
    x, step = _checked(f, x, step)
    return _settled(f, x, _slopes(f, x, step))


def partials(f: Function, *xs: Any, method: str = "auto", step: float | None = None) -> tuple[Any, ...]:
    """Return the slope of `f(*xs)` with respect to each argument, in a tuple with one entry for each argument.

    An argument is a number, or a NumPy array, list, tuple or dict of numbers, which may be nested. Its entry has the
    same structure, with a float for each number. `method`, `step` and the errors are those of `derivative`.

    >>> partials(lambda a, b, c: a * b + c, 2.0, -3.0, 10.0, method="central")
    (-3.0, 2.0, 1.0)
    >>> partials(lambda p: p["w"][0] * p["w"][1], {"w": [2.0, 5.0]}, method="central")
    ({'w': [5.0, 2.0]},)
    """
    if not callable(f):
        raise TypeError(f"the first argument of partials must be a function, got {f!r}")
    leaves = _numbers(xs)
    slopes = [derivative(_along(f, xs, leaves, i), leaf, method=method, step=step) for i, leaf in enumerate(leaves)]
    return tuple(_rebuilt(xs, iter(slopes)))


# Judging a gradient -----------------------------------------------------------------------------------------


class GradRow(NamedTuple):
    """One number of the arguments, and the findings of `compare` there."""

    name: str
    value: float
    analytic: float
    numeric: float
    difference: float
    tolerance: float
    verdict: str  # 'ok', 'WRONG', 'kink' or 'undefined'
    left: float
    right: float


class GradReport:
    """The result of `compare`. Print it to see a table.

    Attributes:
        rows: a `GradRow` for each number of the arguments.
        ok: whether the gradient is right. The truth of the report is the same.
    """

    HEADER = ("argument", "value", "analytic", "numeric", "difference", "tolerance", "verdict")
    SHOWN = 40

    def __init__(self, name: str, rows: Sequence[GradRow]) -> None:
        self.name = name
        self.rows = tuple(rows)

    @property
    def ok(self) -> bool:
        """True if every row is 'ok', or a 'kink' whose gradient lies between the slopes of its two sides."""
        return all(row.verdict in ("ok", "kink") for row in self.rows)

    def __bool__(self) -> bool:
        return self.ok

    def raise_if_wrong(self) -> None:
        """Raise `AssertionError` with the table unless the gradient is right."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        lines = [self.HEADER, *map(_cells, self._shown())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [self._summary()]
        for line in lines:
            name, *middle, verdict = line
            padded = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
            text.append("  ".join([name.ljust(widths[0]), *padded, verdict]))
        return legible("\n".join([*text, *self._notes()]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        def line(cells: Sequence[str], tag: str, style: str = "") -> str:
            return f"<tr{style}>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        bold = ' style="font-weight:bold"'
        body = [line(_cells(row), "td", "" if row.verdict == "ok" else bold) for row in self._shown()]
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        return (
            f"<p>{escape(self._summary())}</p><table><thead>{line(self.HEADER, 'th')}</thead>"
            f"<tbody>{''.join(body)}</tbody></table>{notes}"
        )

    def _summary(self) -> str:
        counts = dict.fromkeys(("ok", "kink", "WRONG", "undefined"), 0)
        for row in self.rows:
            counts[row.verdict] += 1
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "no arguments"
        return f"gradient of {self.name}: {said}"

    def _shown(self) -> list[GradRow]:
        """Return all rows. If there are too many, return some, beginning with the doubtful ones."""
        if len(self.rows) <= self.SHOWN:
            return list(self.rows)
        return sorted(self.rows, key=lambda row: row.verdict == "ok")[: self.SHOWN]

    def _notes(self) -> Iterator[str]:
        for row in self._shown():
            if row.verdict == "kink":
                yield f"{row.name} is at a kink: slope {row.left:.6g} on its left, {row.right:.6g} on its right"
            elif row.verdict == "undefined":
                yield f"{row.name} could not be checked: no finite slope was found there"
        if len(self.rows) > self.SHOWN:
            yield f"({len(self.rows) - self.SHOWN} more, all in .rows)"


def compare(
    analytic: Any,
    f: Function,
    *args: Any,
    names: Sequence[str] | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> GradReport:
    """Compare a gradient of `f` at `args` with the slopes found by nudging each number in `args`.

    A number passes if

        |analytic - numeric| <= rtol * max(|analytic|, |numeric|) + atol

    and its verdict is then `'ok'`. The verdict is `'kink'` if the slopes of the two sides differ and the analytic one
    equals one of them or lies between them. It is `'undefined'` if no meaningful finite slope was found, and `'WRONG'`
    otherwise.

    Args:
        analytic: the gradient, a tuple with one entry for each argument, of the same structure as the argument. For a
            single argument it may also be the entry itself.
        f: the function.
        args: its arguments, as for `partials`.
        names: names for the arguments. By default they are the names of the parameters of `f`.
        rtol: the relative tolerance, by default `FIRST_DERIVATIVE` (about 1e-9).
        atol: the absolute tolerance, by default ten times the estimated error of the slope.

    >>> report = compare((6.0, 2.0), lambda a, b: a * a * b, 3.0, 1.0)
    >>> [row.verdict for row in report.rows], report.ok
    (['ok', 'WRONG'], False)
    """
    if not callable(f):
        raise TypeError(f"the second argument of compare must be a function, got {f!r}")
    if not isinstance(analytic, tuple) and len(args) == 1:
        analytic = (analytic,)
    if len(analytic) != len(args):
        raise ValueError(f"the gradient must have an entry for each of {len(args)} arguments, got {len(analytic)}")
    names = _names(f, len(args)) if names is None else names
    leaves = _numbers(args)
    rows: list[GradRow] = []
    for name, arg, gradient in zip(names, args, analytic, strict=True):
        for path, value, slope in _leaves(name, arg, gradient):
            slopes = _slopes(_along(f, args, leaves, len(rows)), value, None)
            rows.append(_judged(path, value, slope, slopes, rtol, atol))
    return GradReport(_name(f), rows)


def _judged(
    name: str, value: float, analytic: float, slopes: _Slopes, rtol: float | None, atol: float | None
) -> GradRow:
    numeric, error = slopes.best or Estimate(math.nan, math.nan)
    left = (slopes.left or slopes.best or Estimate(math.nan, 0.0)).value
    right = (slopes.right or slopes.best or Estimate(math.nan, 0.0)).value
    size = max(abs(analytic), abs(numeric))
    tolerance = (FIRST_DERIVATIVE if rtol is None else rtol) * size + (SAFETY * error if atol is None else atol)
    if not slopes.meaningful:
        verdict = "undefined"
    elif slopes.kink and min(left, right) - tolerance <= analytic <= max(left, right) + tolerance:
        verdict = "kink"
    else:
        verdict = "ok" if abs(analytic - numeric) <= tolerance < math.inf else "WRONG"
    return GradRow(name, value, analytic, numeric, abs(analytic - numeric), tolerance, verdict, left, right)


def _cells(row: GradRow) -> tuple[str, ...]:
    wide = (f"{number:.10g}" for number in (row.value, row.analytic, row.numeric))
    return (row.name, *wide, f"{row.difference:.1e}", f"{row.tolerance:.1e}", row.verdict)


def _names(f: Function, count: int) -> list[str]:
    """Return the names of the first parameters of `f`. Those of `*args` get a number."""
    import inspect

    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # some functions written in C tell nothing
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    rest = next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), "x")
    return names + [f"{rest}[{i}]" for i in range(count - len(names))]


# The ladder -------------------------------------------------------------------------------------------------


class _Triangle:
    """Richardson's extrapolation of slopes whose error is a series in powers of `h**order`, and the best value so far.

    Each new row extends the last one: `row[k]` is free of the first k powers. The value with the least relative error
    is the best. Absolute errors would mislead: over a step on which `f` oscillates many times, slopes are small, and so
    are their errors, which may be smaller than the error of a steep slope that is right. The least absolute error
    decides only where no relative error is plausible, near a slope of zero.
    """

    def __init__(self, order: int) -> None:
        self.order = order
        self.steps: list[float] = []
        self.row: list[float] = []
        self.relative = math.inf
        self.by_relative: Estimate | None = None
        self.by_absolute: Estimate | None = None
        self.worse = 0  # the number of rows since the best, all with larger errors, because rounding dominates now

    def add(self, h: float, slope: float, noise: float, shift: float) -> None:
        """Add the slope at the next step.

        Args:
            h: the step.
            slope: the slope.
            noise: the error of the slope that rounding of the results of `f` may cause.
            shift: the error of the slope that rounding of the arguments of `f` may cause.
        """
        last, self.row = self.row, [slope]
        self.steps.append(h)
        least = math.inf
        for k, older in enumerate(last):
            shrunk = (self.steps[-k - 2] / h) ** self.order
            value = self.row[k] + (self.row[k] - older) / (shrunk - 1)
            if not math.isfinite(value):
                break
            self.row.append(value)
            error = max(abs(value - self.row[k]), abs(value - older)) + noise
            least = min(least, error)
            if len(last) > 1:  # two slopes may agree by chance
                self._offer(value, error, max(abs(value), abs(slope), abs(last[0])), shift)
        if self.by_relative is not None:
            self.worse = self.worse + 1 if least > 2 * self.by_relative.error else 0

    def gap(self) -> None:
        """Begin anew because `f` is undefined at this step, so larger steps say nothing about smaller ones."""
        self.row, self.steps = [], []

    def _offer(self, value: float, error: float, size: float, shift: float) -> None:
        relative = error / size if error < size else float(error > 0)
        found = Estimate(value, error + shift)
        if relative < self.relative:
            self.relative, self.by_relative = relative, found
        if self.by_absolute is None or found.error < self.by_absolute.error:
            self.by_absolute = found

    @property
    def best(self) -> Estimate | None:
        return self.by_relative if self.relative < MEANINGLESS else self.by_absolute


class _Slopes(NamedTuple):
    """The slopes at a point from its left, from both sides and from its right. Each is None if it is undefined."""

    left: Estimate | None
    central: Estimate | None
    right: Estimate | None
    size: float  # the slope with which f would change by its whole value over the first step
    relative: float  # the relative error of the best slope

    @classmethod
    def of(cls, left: _Triangle, central: _Triangle, right: _Triangle, size: float) -> _Slopes:
        best = next((side for side in (central, right, left) if side.best is not None), central)
        return cls(left.best, central.best, right.best, size, best.relative)

    @property
    def best(self) -> Estimate | None:
        return self.central or self.right or self.left

    @property
    def two_sided(self) -> _Slopes:
        return self._replace(left=None, right=None)

    @property
    def meaningful(self) -> bool:
        """Whether there is a slope that is not mostly error."""
        if self.best is None:
            return False
        value, error = self.best
        return self.kink or error <= max(MEANINGLESS * abs(value), NEGLIGIBLE * self.size)

    @property
    def kink(self) -> bool:
        """Whether both sides have a slope, and the two slopes differ."""
        if self.left is None or self.right is None:
            return False
        size = max(abs(self.left.value), abs(self.right.value))
        errors = self.left.error + self.right.error
        apart = abs(self.left.value - self.right.value)
        return errors < MEANINGLESS * size and apart > SAFETY * errors + KINK * size


def _slopes(f: Function, x: float, step: float | None) -> _Slopes:
    y = _value(f, x)
    if not math.isfinite(x) or not math.isfinite(y):
        return _Slopes(None, None, None, 0.0, math.inf)
    slopes = _climb(f, x, y, _scale(x) if step is None else step / LADDER[0])
    if step is None and 0 < abs(x) < 1 and (slopes.relative > PLAUSIBLE or slopes.kink):
        closer = _climb(f, x, y, abs(x))  # f may have the scale of a small x
        if closer.relative < MEANINGLESS and (slopes.kink > closer.kink or closer.relative < slopes.relative):
            return closer
    return slopes


def _climb(f: Function, x: float, y: float, first: float) -> _Slopes:
    """Go down the ladder of steps, which are multiples of `first`, until smaller steps tell nothing new."""
    left, central, right = _Triangle(1), _Triangle(2), _Triangle(1)
    largest = abs(y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy warns where f is undefined
        for rung in LADDER:
            h = first * rung
            above, below = x + h, x - h
            if above == x or below == x:
                break
            up, down = _value_or_nan(f, above), _value_or_nan(f, below)
            moves = [abs(z - y) for z in (up, down) if math.isfinite(z)]
            shift = EPS / 2 * (abs(x) / h) * (max(moves, default=0.0) / h)
            for triangle, (a, ya), (b, yb) in (
                (left, (below, down), (x, y)),
                (central, (below, down), (above, up)),
                (right, (x, y), (above, up)),
            ):
                if math.isfinite(ya) and math.isfinite(yb):
                    largest = max(largest, abs(ya), abs(yb))
                    noise = ROUNDING * max(abs(y), abs(ya), abs(yb)) / h
                    triangle.add(b - a, (yb - ya) / (b - a), noise, shift)
                else:
                    triangle.gap()
            slopes = _Slopes.of(left, central, right, largest / first)
            if _told(left, central, right) and not slopes.kink:
                break
    return _Slopes.of(left, central, right, largest / first)


def _told(left: _Triangle, central: _Triangle, right: _Triangle) -> bool:
    """Whether smaller steps would add nothing but rounding errors."""
    both = max(left.relative, right.relative)
    return (
        (central.relative < CONVERGED and both < ONE_SIDED_CONVERGED)
        or (central.relative < PLAUSIBLE and central.worse > 1 and both < MEANINGLESS)
        or (central.best is None and any(side.relative < PLAUSIBLE and side.worse > 1 for side in (left, right)))
    )


def _complex_step(f: Function, x: float, h: float) -> float:
    """Return the slope from a complex step.

    See W. Squire and G. Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM Review 40,
    1998.
    """
    try:
        y = f(complex(x, h))
    except TypeError as error:
        raise TypeError(
            f"{_call(f, x)} takes no complex number ({error}). Write it with cmath, NumPy or arithmetic, "
            f"or leave out method='complex'"
        ) from error
    if not _is_complex(y):
        raise TypeError(
            f"{_call(f, x)} returned {y!r} for a complex argument. A function that drops the imaginary part "
            f"(by abs, a comparison or float) has no complex step. Leave out method='complex'"
        )
    return complex(y).imag / h


# Calling f, and checking arguments and results --------------------------------------------------------------


def _value(f: Function, x: float) -> float:
    """Return `f(x)` as a float."""
    y = f(x)
    return y if type(y) is float else _as_float(f, x, y)


def _value_or_nan(f: Function, x: float) -> float:
    """Return `f(x)` as a float, or nan if it is undefined.

    It is undefined outside the domain of `f`, or where the result is not real, like the root of a negative number.
    """
    try:
        y = f(x)
        return math.nan if _is_complex(y) else _as_float(f, x, y)
    except NO_VALUE:
        return math.nan


def _as_float(f: Function, x: float, y: Any) -> float:
    if _is_complex(y):
        raise TypeError(
            f"{_call(f, x)} must return a real number, got the complex {y!r}. Return its real part or its abs"
        )
    try:
        if isinstance(y, (str, bytes)) or getattr(y, "ndim", None):
            raise TypeError
        return float(y)
    except TypeError:
        cure = "was `return` forgotten?" if y is None else "for many results, take the slope of one at a time"
        raise TypeError(f"{_call(f, x)} must return one number, got {y!r}: {cure}") from None


def _is_complex(y: Any) -> bool:
    return isinstance(y, numbers.Complex) and not isinstance(y, numbers.Real)


def _call(f: Function, x: float) -> str:
    return f"{_name(f)}({x!r})"


def _name(f: Any) -> str:
    """Return the name of ``f`` for a message. A lambda has no name of its own."""
    name = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else str(name)


def _number(x: Any, what: str) -> float:
    if not hasattr(x, "__float__") or _is_complex(x) or getattr(x, "ndim", None):
        raise TypeError(f"{what} must be a real number, got {x!r}")
    return float(x)


def _checked(f: Function, x: float, step: float | None, moves: bool = True) -> tuple[float, float | None]:
    if not callable(f):
        raise TypeError(f"f must be a function, got {f!r}. Pass the function itself and x, as in derivative(f, x)")
    x = _number(x, "x")
    if not math.isfinite(x):
        raise ValueError(f"x must be finite, got {x!r}")
    if step is not None:
        step = _number(step, "step")
        if not 0 < step < math.inf:
            raise ValueError(f"step must be positive and finite, got {step!r}")
        if moves and (x + step == x or x - step == x):
            raise ValueError(
                f"step must be large enough to move x = {x!r}, whose next float is {math.ulp(x)!r} away, got {step!r}"
            )
    return x, step


def _settled(f: Function, x: float, slopes: _Slopes) -> Estimate:
    if slopes.best is None:
        raise ValueError(f"{_call(f, x)} has no slope: it is not finite there, or not on both sides as required")
    if not slopes.meaningful:
        raise ValueError(f"{_call(f, x)} has no slope that can be found: nudges of all sizes disagree, as at a jump")
    return slopes.best


def _scale(x: float) -> float:
    """Return the power of two at or below the larger of `|x|` and 1. Steps of a power of two times it add exactly."""
    return 2.0 ** (math.frexp(max(abs(x), 1.0))[1] - 1)


def _near_power(x: float) -> float:
    return 2.0 ** round(math.log2(x))


# Arguments with structure -----------------------------------------------------------------------------------


def _is_array(x: Any) -> bool:
    numpy = sys.modules.get("numpy")  # anyone who has an array has imported NumPy
    return numpy is not None and isinstance(x, numpy.ndarray)


def _leaves(path: str, tree: Any, *others: Any) -> Iterator[tuple[Any, ...]]:
    """Yield `(path, number, ...)` for each number in `tree`, with the numbers at the same place in the `others`.

    Values that steer the function, such as strings and functions, are left out."""
    if not _is_node(tree):
        if not _steers(tree):
            yield (path, *(_number(leaf, path) for leaf in (tree, *others)))
        return
    children = dict(_children(tree))
    for other in others:
        if not _is_node(other) or children.keys() != dict(_children(other)).keys():
            raise ValueError(f"{path} and its gradient must have the same structure, got {tree!r} and {other!r}")
    for key, child in children.items():
        if is_record(tree):
            yield from _leaves(f"{path}.{key}", child, *(getattr(other, key) for other in others))
            continue
        index = ", ".join(map(repr, key)) if isinstance(key, tuple) else repr(key)
        if isinstance(tree, (list, tuple)) and isinstance(child, str):
            _number(child, f"{path}[{index}]")  # raises
        yield from _leaves(f"{path}[{index}]", child, *(other[key] for other in others))


def _steers(x: Any) -> bool:
    """Whether `x` is no number, but steers the function."""
    return x is None or isinstance(x, (str, slice)) or (isinstance(x, Enum) and not isinstance(x, int)) or callable(x)


def _is_node(tree: Any) -> bool:
    return isinstance(tree, (list, tuple, dict)) or _is_array(tree) or is_record(tree)


def _children(tree: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(tree, dict):
        yield from tree.items()
    elif isinstance(tree, (list, tuple)):
        yield from enumerate(tree)
    elif _is_array(tree):
        for index in sys.modules["numpy"].ndindex(tree.shape):
            yield tuple(index), tree[index]
    else:
        opened = Opened(tree)
        yield from zip(opened.layout.names, opened.parts)


def _rebuilt(tree: Any, values: Iterator[float]) -> Any:
    """Return `tree` with its numbers replaced by `values`, in order."""
    if isinstance(tree, dict):
        new = tree.copy()
        for key, child in tree.items():
            new[key] = _rebuilt(child, values)
        return new
    if isinstance(tree, (list, tuple)):
        children = [_rebuilt(child, values) for child in tree]
        return type(tree)(*children) if hasattr(tree, "_fields") else type(tree)(children)
    if _is_array(tree):
        numpy = sys.modules["numpy"]
        return numpy.array([next(values) for _ in range(tree.size)], dtype=float).reshape(tree.shape)
    if is_record(tree):
        opened = Opened(tree)
        return rebuilt(opened.layout, [_rebuilt(child, values) for child in opened.parts])
    return tree if _steers(tree) else next(values)


def _numbers(xs: tuple[Any, ...]) -> list[float]:
    return [leaf for i, x in enumerate(xs) for _, leaf in _leaves(f"argument {i}", x)]


def _along(f: Function, xs: tuple[Any, ...], leaves: list[float], i: int) -> Callable[[float], Any]:
    """Return `f` as a function of the i-th number in its arguments alone."""

    def line(t: float) -> Any:
        return f(*_rebuilt(xs, iter([*leaves[:i], t, *leaves[i + 1 :]])))

    line.__name__ = getattr(f, "__name__", "f")
    return line
