"""Plots a function of one variable with its derivative, or with the tangent and a nudge at one point.

The engine computes the derivative if the function can run on nodes; otherwise finite differences (`nudges`) do.
matplotlib is imported when the first plot is made.

>>> import glassgrad as gg
>>> axes = gg.plot(gg.tanh, at=1.0, name="tanh")
>>> [text.get_text() for text in axes.get_legend().get_texts()]
['tanh(x)', 'tangent at x = 1: slope 0.42', 'nudge by 0.8: 0.1852 / 0.8 = 0.2315']
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from glassgrad.draw.fonts import Fonts
from glassgrad.transforms import nudges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot"]

# Colours of Okabe and Ito, which colour-blind readers can tell apart. They stand out on white and on black.
FUNCTION, SLOPE, NUDGE = "#0072B2", "#D55E00", "#009E73"
SAMPLES = 401  # The number of points of a curve. It is odd, so that the middle, where kinks often are, is a point.
STEEP = 0.02  # If two neighbours differ by more than this share of the height, there may be a jump between them.
HALVINGS = 40  # The largest number of halvings in the search for a jump.
JUMP = 0.5  # It is a jump if, after the search, this share of the difference between the samples remains.
POLE = 1e4  # The curve goes to infinity if it rises to this many times the height of both ends.
TALL = 3  # Beside a pole, the plot ends at this many times the spread of most values.
NO_VALUE = (ValueError, ArithmeticError)

Curve = Callable[[float], float]


def plot(
    f: Callable[[Any], Any],
    at: float | None = None,
    *,
    h: float | None = None,
    span: tuple[float, float] | None = None,
    name: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot a function with its derivative, or with its tangent and a nudge at one point.

    The curve has a gap where ``f`` or its derivative is undefined, infinite, or jumps.

    Args:
        f: a function of one number, such as `gg.tanh` or a function of your own. It may take floats, Scalars or NumPy
            arrays.
        at: the x of the tangent. Beside it stands a triangle with the sides ``h`` and ``f(at + h) - f(at)``. Without
            ``at``, the derivative is plotted instead.
        h: the nudge, positive or negative. By default it is a sixth of the span.
        span: the smallest and the largest x of the plot. By default it is -5 to 5, or an interval around ``at``.
        name: what to call ``f`` in the legend. By default it is the function's own name.
        ax: the matplotlib axes to draw on. By default a new figure is made.

    Returns:
        The axes, so that you can set a title or limits. A notebook shows their figure by itself.

    Raises:
        TypeError: ``f`` is not a function, or another argument is not a number.
        ValueError: ``span`` is empty, does not contain ``at``, or has no point where ``f`` is defined; ``h`` is zero;
            or ``f`` has no finite value or slope at ``at``.

    Example:
        >>> import glassgrad as gg
        >>> axes = gg.plot(lambda x: 3 * x**2 - 4 * x + 5, at=3.0, name="f")
        >>> [text.get_text() for text in axes.get_legend().get_texts()]
        ['f(x)', 'tangent at x = 3: slope 14', 'nudge by 0.8: 13.12 / 0.8 = 16.4']
    """
    if not callable(f):
        raise TypeError(f"plot's first argument must be a function, got {f!r}")
    x = None if at is None else _number(at, "at")
    low, high = _span(span, x)
    nudge = float(f"{(high - low) / 6:.0e}") if h is None else _number(h, "h")
    if nudge == 0.0:
        raise ValueError("h must not be 0, because a nudge of 0 has no triangle: choose another h, or leave it out")
    name = _name(f) if name is None else name
    value, slope = _value(f), _slope(f)
    if x is not None:
        _require_slope(name, x, value(x), slope(x), value(x + nudge))
    xs, ys = _sampled(value, low, high)
    if not any(map(math.isfinite, ys)):
        raise ValueError(f"{name} is not defined anywhere between {low:g} and {high:g}: choose another span")
    axes = _axes() if ax is None else ax
    axes.plot(xs, ys, color=FUNCTION, linewidth=2.4, label=f"{name}(x)")
    if x is None:
        slopes = _sampled(slope, low, high)
        axes.plot(*slopes, color=SLOPE, linewidth=1.6, linestyle="--", label="its derivative")
        limits = [_shown(ys), _shown(slopes[1])]
    else:
        _draw_tangent(axes, x, value(x), slope(x), low, high)
        _draw_nudge(axes, x, value(x), nudge, value(x + nudge))
        limits = [_shown(ys), (value(x), value(x + nudge))]
    _dress(axes, low, high, [y for pair in limits for y in pair])
    return axes


# Drawing ----------------------------------------------------------------------------------------------------


def _axes() -> Axes:
    import matplotlib.pyplot as plt

    axes: Axes = plt.figure(figsize=(6, 4.2), layout="constrained").add_subplot(axes_class=_quiet())
    return axes


@cache
def _quiet() -> type[Axes]:
    """Return a class of axes that print nothing as the last line of a notebook's cell. Their figure is shown anyway."""
    from matplotlib.axes import Axes

    class PlotAxes(Axes):
        def _ipython_display_(self) -> None:
            """Print nothing: the notebook shows the figure by itself."""

        def __repr__(self) -> str:
            _, labels = self.get_legend_handles_labels()
            return f"<plot of {labels[0]}>" if labels else super().__repr__()

    PlotAxes.__qualname__ = PlotAxes.__name__
    return PlotAxes


def __getattr__(name: str) -> Any:
    """Make `PlotAxes` when a pickle asks for it, so that matplotlib is imported only then."""
    if name == "PlotAxes":
        return _quiet()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _draw_tangent(axes: Axes, x: float, y: float, slope: float, low: float, high: float) -> None:
    ends = (low, high)
    heights = [y + slope * (end - x) for end in ends]
    axes.plot(ends, heights, color=SLOPE, linewidth=1.6, label=f"tangent at x = {x:.4g}: slope {slope:.4g}")
    axes.plot([x], [y], "o", color=SLOPE, markersize=6, zorder=4)


def _draw_nudge(axes: Axes, x: float, y: float, h: float, higher: float) -> None:
    """Draw the triangle of run and rise. The slope of its long side, the chord, is their quotient."""
    from matplotlib.patheffects import withStroke

    rise = higher - y
    corners = [(x, y), (x + h, y), (x + h, higher)]
    label = f"nudge by {h:.4g}: {rise:.4g} / {h:.4g} = {rise / h:.4g}"
    axes.fill(*zip(*corners, strict=True), facecolor=NUDGE, alpha=0.15, zorder=1)
    axes.plot(*zip(*corners, corners[0], strict=True), color=NUDGE, linewidth=1.6, label=label, zorder=3)
    axes.plot([x + h], [higher], "o", color=NUDGE, markersize=6, zorder=4)
    down, left = rise >= 0, h < 0
    halo = [withStroke(linewidth=3, foreground=axes.get_facecolor())]
    for text, place, offset, ha, va in (
        ("h", (x + h / 2, y), (0, -5 if down else 5), "center", "top" if down else "bottom"),
        ("rise", (x + h, y + rise / 2), (-6 if left else 6, 0), "right" if left else "left", "center"),
    ):
        note = axes.annotate(text, place, offset, textcoords="offset points", ha=ha, va=va, fontsize="small")
        note.set(color=NUDGE, path_effects=halo, zorder=5)


def _dress(axes: Axes, low: float, high: float, ys: list[float]) -> None:
    axes.set_xlim(low, high)
    margin = 0.05 * (max(ys) - min(ys)) or 0.05 * abs(max(ys)) or 1.0
    axes.set_ylim(min(ys) - margin, max(ys) + margin)
    axes.set_xlabel("x")
    axes.grid(alpha=0.25)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, borderaxespad=0.2, prop=_font(axes))


def _font(axes: Axes) -> dict[str, Any]:
    """Return the font of the legend: matplotlib's, and other installed fonts for letters that it lacks."""
    from matplotlib import rcParams

    text = "".join(axes.get_legend_handles_labels()[1])
    more = [] if text.isascii() else Fonts([(text, False)]).others()
    return {"size": "small", "family": [*rcParams["font.family"], *more]}


def _shown(ys: list[float]) -> tuple[float, float]:
    """Return the range of y to show. If the curve has gaps, its poles are cut off, so that the rest can be seen."""
    whole = all(map(math.isfinite, ys))
    return (min(ys), max(ys)) if whole else _without_poles(ys)


def _without_poles(ys: list[float]) -> tuple[float, float]:
    finite = sorted(y for y in ys if math.isfinite(y)) or [0.0]
    fifth = len(finite) // 5
    low, high = finite[fifth], finite[-1 - fifth]
    reach = TALL * (high - low) or math.inf
    return max(finite[0], low - reach), min(finite[-1], high + reach)


# Sampling ---------------------------------------------------------------------------------------------------


def _sampled(curve: Curve, low: float, high: float) -> tuple[list[float], list[float]]:
    """Return points of the curve, with a nan between the two sides of each jump."""
    xs = [low + (high - low) * i / (SAMPLES - 1) for i in range(SAMPLES)]
    ys = [curve(x) for x in xs]
    least, largest = _without_poles(ys)
    points = [(xs[0], ys[0])]
    for a, b, ya, yb in zip(xs, xs[1:], ys, ys[1:], strict=False):
        if abs(yb - ya) > STEEP * (largest - least):
            points += _jump(curve, a, ya, b, yb)
        points.append((b, yb))
    return [x for x, _ in points], [y for _, y in points]


def _jump(curve: Curve, a: float, ya: float, b: float, yb: float) -> list[tuple[float, float]]:
    """Search for a jump or pole between a and b by halving. Return its two ends with a gap between, or nothing."""
    ends = (a, ya), (b, yb)
    step = abs(yb - ya)
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        y = curve(middle)
        if not math.isfinite(y):
            return [ends[0], (middle, math.nan), ends[1]]
        if abs(y - ya) > abs(yb - y):
            b, yb = middle, y
        else:
            a, ya = middle, y
    if abs(yb - ya) > JUMP * step:
        return [(a, ya), (a, math.nan), (b, yb)]
    pole = _pole(curve, *ends)
    return [] if pole is None else [ends[0], (pole, math.nan), ends[1]]


def _pole(curve: Curve, start: tuple[float, float], end: tuple[float, float]) -> float | None:
    """Return where the curve goes to infinity with the same sign on both sides, as 1 / x**2 does, or None."""
    (a, ya), (b, yb) = start, end
    height = max(abs(ya), abs(yb))
    for k in range(HALVINGS):
        middle = (a + b) / 2
        y = curve(middle)
        if not abs(y) <= POLE * height:
            return middle
        if k > 5 and abs(y) < 2 * height:  # beside a pole it would be much higher by now
            return None
        if abs(ya) > abs(yb):  # a is nearer to the pole
            b, yb = middle, y
        else:
            a, ya = middle, y
    return None


# The function and its slope -----------------------------------------------------------------------------------


def _value(f: Callable[[Any], Any]) -> Curve:
    """Return ``f`` as a function from float to float, which is nan where ``f`` is undefined."""

    def value(x: float) -> float:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                y = f(x)
        except NO_VALUE:
            return math.nan
        if isinstance(y, complex):
            return math.nan
        return _number(y, f"{_name(f)}({x!r})")

    return value


def _slope(f: Callable[[Any], Any]) -> Curve:
    """Return the derivative of ``f``, which is nan where there is none. The engine computes it if ``f`` takes nodes."""
    from glassgrad.transforms.api import grad

    gradient: Callable[[float], Any] = grad(f)
    runs = True  # until it turns out that f takes floats only

    def slope(x: float) -> float:
        nonlocal runs
        try:
            if runs:
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", RuntimeWarning)
                        return float(gradient(x))
                except NO_VALUE:
                    raise
                except Exception:  # a function that takes floats only may raise anything
                    runs = False
            return nudges.derivative(f, x)
        except NO_VALUE:
            return math.nan

    return slope


# Checking -----------------------------------------------------------------------------------------------------


def _number(x: Any, what: str) -> float:
    try:
        if isinstance(x, (str, bytes)) or getattr(x, "ndim", None):
            raise TypeError
        return float(x)
    except TypeError:
        raise TypeError(f"{what} must be one number, got {x!r}") from None


def _span(span: tuple[float, float] | None, x: float | None) -> tuple[float, float]:
    if span is None:
        middle, reach = (0.0, 5.0) if x is None else (x, max(2.5, abs(x) / 2))
        return middle - reach, middle + reach
    try:
        low, high = span
    except (TypeError, ValueError):
        raise TypeError(f"span must be a pair of numbers, the smallest and the largest x, got {span!r}") from None
    low, high = _number(low, "span"), _number(high, "span")
    if not -math.inf < low < high < math.inf:
        raise ValueError(f"span must go from a number to a larger one, got {low!r} to {high!r}")
    if x is not None and not low <= x <= high:
        raise ValueError(f"at must lie within the span from {low!r} to {high!r}, got {x!r}")
    return low, high


def _require_slope(name: str, x: float, y: float, slope: float, nudged: float) -> None:
    if not math.isfinite(y):
        raise ValueError(f"{name} has no finite value at x = {x!r}, and so no tangent: choose another `at`")
    if not math.isfinite(slope):
        raise ValueError(f"{name} has no finite slope at x = {x!r}, and so no tangent: choose another `at`")
    if not math.isfinite(nudged):
        raise ValueError(f"{name} has no finite value one nudge away from x = {x!r}: choose a smaller or a negative h")


def _name(f: Callable[[Any], Any]) -> str:
    name = getattr(f, "__name__", None) or getattr(f, "name", None) or "f"
    return "f" if name == "<lambda>" else str(name)
