"""Warns when a node becomes a plain number unasked, as in ``math.exp(x)``, or ``a[0] = x`` for an array of floats.

In both cases Python calls ``x.__float__()``. It does the same for ``float(x)``, which asks for the number and needs no
warning. The bytecode tells these uses apart. Each line that converts a node unasked gets one warning, because results
of the number have no derivative.
"""

from __future__ import annotations

import math
import sys
import warnings
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

from glassgrad.core import functions
from glassgrad.core.op import TABLE, GraphWarning
from glassgrad.core.refusals import MAKERS, OF_COLUMNS, SPELLED, linear_function, no_operation
from glassgrad.support.bytecode import UNKNOWN, Doing, doing, mapped
from glassgrad.support.frames import home_of, is_a_library
from glassgrad.support.naming import quoted

__all__ = ["Use", "notice", "use"]

# These packages draw, log, test or print. They want numbers and no derivatives.
VIEWERS = frozenset(
    "matplotlib mpl_toolkits seaborn pandas plotly bokeh altair PIL IPython ipykernel ipywidgets anywidget tqdm rich "
    "tabulate prettytable wandb tensorboard tensorboardX mlflow logging pprint pytest _pytest unittest doctest "
    "hypothesis".split()
)
PANDAS_REDUCTIONS = "pandas.core.nanops"  # This module computes: the mean of a column of nodes has lost its graph.
# These packages compute with arrays, as NumPy does.
COMPUTERS = frozenset("scipy sklearn statsmodels sympy numba torch jax tensorflow polars".split())
COMPARISONS = frozenset(["isclose", "isnan", "isinf", "isfinite", "allclose", "array_equal", "array_equiv"])
WITHOUT_CURE = "use glassgrad's functions and Python's operators, which keep derivatives"
# The modules with the methods of a node, and the sweeps that these call.
METHODS = frozenset(f"glassgrad.core.{name}" for name in ("backward", "folded", "scalar", "sweep", "trace_sweep"))
REMEMBERED = 10_000  # The number of places that are remembered.


class Use(NamedTuple):
    """The use of a node as a float.

    Attributes:
        asked: whether the program asks for the number, as in ``float(x)``, or only looks at it.
        what: the use in words, as in ``"math.exp(x)"``.
        cure: what to write instead, or ``""`` if there is no particular advice.
        refused: the full name of the function, if it must not take a node at all; else ``""``.
    """

    asked: bool
    what: str
    cure: str = ""
    refused: str = ""


ASKED = Use(True, "float(x)")


def use() -> Use:
    """Return what the program is doing with a node as a float."""
    return _judged(_innermost()).use


def notice(node: Any) -> tuple[CodeType, int] | None:
    """Warn that ``node`` is converted to a float unasked, once for each line.

    Returns:
        The place in the code, if no warning will ever be due there again; otherwise None.
    """
    frame = _innermost()
    known = _settled.get((id(frame.f_code), frame.f_lasti))
    if known is None:
        known = _settled.get(_route(frame)[0])
    if known is None or (known.warned and not _same_filters()):
        _settle(node, frame)
        known = _settled.get((id(frame.f_code), frame.f_lasti))
    return None if known is None or known.warned or len(known.codes) > 1 else (frame.f_code, frame.f_lasti)


def _innermost() -> FrameType:
    """Return the innermost frame, without those of a node's methods, which only plain Python has."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") in METHODS:
        frame = frame.f_back
    return frame


class Settled(NamedTuple):
    """A place that needs no further warning. It keeps the code alive, so that its id stays the same."""

    codes: list[CodeType]
    warned: bool


_settled: dict[tuple[int, ...], Settled] = {}
_lines: set[tuple[str, int]] = set()  # The lines that have had a warning.
_filters: tuple[Any, ...] = ()


def _same_filters() -> bool:
    """Whether the filters of warnings are the same as before. If not, every line may get a warning again.

    The filters change, for example, when a test catches warnings.
    """
    global _filters
    now = warnings.filters
    same = len(_filters) == 3 and _filters[0] is now and _filters[1:] == (len(now), now[0] if now else None)
    if not same:
        _filters = (now, len(now), now[0] if now else None)
        _lines.clear()
        for place in [place for place, one in list(_settled.items()) if one.warned]:
            _settled.pop(place, None)
    return same


def _route(frame: FrameType) -> tuple[tuple[int, ...], list[CodeType]]:
    """Return the instructions through which the user's code came to ``frame``, and their code."""
    route, codes = [id(frame.f_code), frame.f_lasti], [frame.f_code]
    while frame.f_back is not None and _is_passed(frame):
        frame = frame.f_back
        route += id(frame.f_code), frame.f_lasti
        codes.append(frame.f_code)
    return tuple(route), codes


def _is_passed(frame: FrameType) -> bool:
    """Whether the code of ``frame`` belongs to a library that the user's code called."""
    return is_a_library(frame.f_globals) or home_of(frame) in VIEWERS or home_of(frame) in COMPUTERS


def _settle(node: Any, frame: FrameType) -> None:
    """Decide whether a conversion in ``frame`` needs a warning, and give it."""
    _same_filters()
    use, user, holds = _judged(frame)
    if use.refused:
        raise TypeError(no_operation(use.refused))
    if user is not None and not use.asked:
        line = (user.f_code.co_filename, user.f_lineno)
        if line not in _lines:
            _warn(node, use, user)
            _lines.add(line)
    if holds:
        if len(_settled) >= REMEMBERED:
            _settled.clear()
        place, codes = _route(frame) if holds == BY_ROUTE else ((id(frame.f_code), frame.f_lasti), [frame.f_code])
        _settled[place] = Settled(codes, not use.asked)


def _warn(node: Any, use: Use, user: FrameType) -> None:
    name = next((name for name, x in [*user.f_locals.items()] if x is node), None)
    text = quoted(node) if name is None or node.named else f"node {name!r}"
    warnings.warn_explicit(
        f"{use.what} takes the value of {text} out of the graph, so its result has no derivative with respect to "
        f"that node: {use.cure or WITHOUT_CURE}; write float(x) or x.data if you want just the number",
        GraphWarning,
        user.f_code.co_filename,
        user.f_lineno,
        user.f_globals.get("__name__", "<unknown>"),
        user.f_globals.setdefault("__warningregistry__", {}),
    )


class Judged(NamedTuple):
    """The use of a node, and where.

    Attributes:
        use: the use.
        user: the frame of the user's code that is responsible, or None.
        holds: when the same judgement holds again: at the same instruction (`BY_PLACE`), after the same calls
            (`BY_ROUTE`), or never (``""``).
    """

    use: Use
    user: FrameType | None
    holds: str


BY_PLACE, BY_ROUTE = "place", "route"


def _judged(frame: FrameType) -> Judged:
    now = doing(frame)
    reduces = _reduces(frame)
    if _is_formatting(now) or (home_of(frame) in VIEWERS and not reduces):
        return Judged(ASKED, None, BY_PLACE)
    if (home_of(frame) == "glassgrad" and not _works_for_numpy(frame)) or not _is_passed(frame):
        return Judged(_use(frame, now), frame, BY_PLACE if now.fixed else "")
    if not now.fixed and _asks(now) and home_of(frame) not in COMPUTERS:
        return Judged(ASKED, None, "")  # a function that the user passed on, as in pool.map(float, nodes)
    entered, user, linear = frame, frame.f_back, linear_function(frame)
    while user is not None and _is_passed(user):
        reduces = reduces or _reduces(user)
        if home_of(user) in VIEWERS and not reduces:
            return Judged(ASKED, None, BY_ROUTE)
        entered, user = user, user.f_back
        linear = linear_function(entered) or (linear if _is_within(entered) else "")
    if linear.startswith("scipy."):
        return Judged(Use(False, f"{linear}(…)", refused=linear), user, "")
    written = "" if user is None else doing(user).written
    name = written.rpartition(".")[2] if _works_for_numpy(entered) else entered.f_code.co_name
    if user is None or name in COMPARISONS or "testing" in entered.f_globals.get("__name__", "").split("."):
        return Judged(ASKED, None, BY_ROUTE)
    written = written or f"{home_of(entered)}'s {name}"
    return Judged(Use(False, f"{written}(…)", OF_COLUMNS if reduces else _cure(name)), user, BY_ROUTE)


def _reduces(frame: FrameType) -> bool:
    """Whether the code of ``frame`` is a reduction of pandas, such as a mean."""
    return bool(frame.f_globals.get("__name__") == PANDAS_REDUCTIONS)


def _works_for_numpy(frame: FrameType) -> bool:
    """Whether the code of ``frame`` is our version, for nodes, of a NumPy function that the user called."""
    return str(frame.f_globals.get("__name__", "")).startswith("glassgrad.core.arrays.")


def _is_within(frame: FrameType) -> bool:
    """Whether the code of ``frame`` may be a part of a function of SciPy's or NumPy's linear algebra."""
    return str(frame.f_globals.get("__name__", "")).startswith(("numpy", "scipy.linalg", "scipy._lib"))


def _is_formatting(now: Doing) -> bool:
    return now.operation == "BINARY_OP" and now.symbol in ("%", "%=")


def _use(frame: FrameType, now: Doing) -> Use:
    """Return the use by an instruction of the user's own code."""
    if now.operation in ("STORE_SUBSCR", "STORE_SLICE"):
        cure = "make it with gg.zeros or gg.array, or keep nodes in a list"
        return Use(False, "storing x in an array of floats", cure)
    if now.operation == "STORE_ATTR":
        return Use(False, "storing x in a field for numbers", "keep the node itself, in a plain Python object")
    if now.operation == "BINARY_OP":
        return Use(False, f"x as an operand of {now.symbol!r}", "use Python's numbers there, or glassgrad's functions")
    if now.operation == "CALL":
        return _call(frame, now)
    return _by_map(frame)  # an iterator is asked for its next value


def _call(frame: FrameType, now: Doing) -> Use:
    if _asks(now) or any(map(_asks, mapped(frame, anywhere=False))):
        return ASKED
    return _by_map(frame) if _is_pythons_own(now) else _by_function(now)


def _by_map(frame: FrameType) -> Use:
    """Return the use by a function that ``map`` calls. Python's own functions and containers convert nothing."""
    found = mapped(frame, anywhere=True)
    if not found or any(_asks(one) or _is_pythons_own(one) for one in found):
        return ASKED
    return _by_function(found[0])


def _by_function(call: Doing) -> Use:
    name = getattr(call.function, "__name__", call.written.rpartition(".")[2])
    alone = name in TABLE or hasattr(math, name)
    return Use(False, f"{call.written or 'a function written in C'}({'x' if alone else '…'})", _cure(name))


def _asks(call: Doing) -> bool:
    """Whether a call asks for plain numbers, or only compares numbers."""
    function, numpy = call.function, sys.modules.get("numpy")
    if isinstance(function, type):
        return issubclass(function, (float, int, complex) if numpy is None else (float, int, complex, numpy.number))
    if call.written.startswith("@py_assert"):  # how pytest rewrites an assertion, which looks at numbers
        return True
    return call.written.endswith("__float__") or getattr(function, "__name__", "") in COMPARISONS


def _is_pythons_own(call: Doing) -> bool:
    """Whether the function is builtin, or a method of a builtin container."""
    owner = call.function if call.receiver is UNKNOWN or isinstance(call.receiver, ModuleType) else type(call.receiver)
    return getattr(owner, "__module__", None) in ("builtins", "functools", "itertools", "collections")


def _cure(name: str) -> str:
    """Return what to write instead of a function of that name, or ``""``."""
    if name in MAKERS:
        return MAKERS[name]
    if name in SPELLED:
        return f"write {SPELLED[name]} instead"
    if name in TABLE or (name in functions.__all__ and hasattr(math, name)):
        return f"use gg.{name}, which keeps derivatives"
    return ""
