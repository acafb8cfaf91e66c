"""Nodes that become plain numbers without being asked to: ``x * math.exp(x)``, ``a[0] = x`` for an array of floats.

Python then calls ``x.__float__()``, as it does for a call written as ``float(x)``. Which of them it was, the bytecode
tells. The first is warned of, once a line: what is made of the number has no derivative.
"""

from __future__ import annotations

import math
import sys
import warnings
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

from glassgrad.bytecode import UNKNOWN, Doing, doing, mapped
from glassgrad.frames import home_of, is_a_library
from glassgrad.op import TABLE, GraphWarning

__all__ = ["Use", "notice", "use"]

# What draws, logs, tests and lays out tables wants numbers, and no derivatives
VIEWERS = frozenset(
    "matplotlib mpl_toolkits seaborn pandas plotly bokeh altair PIL IPython ipykernel ipywidgets anywidget tqdm rich "
    "tabulate prettytable wandb tensorboard tensorboardX mlflow logging pprint pytest _pytest unittest doctest "
    "hypothesis".split()
)
COMPARISONS = frozenset(["isclose", "isnan", "isinf", "isfinite", "allclose", "array_equal", "array_equiv"])
ARRAYS = frozenset(["array", "asarray", "asanyarray", "fromiter", "full"])
SPELLED = {  # what to write for functions that glassgrad has under another name, or Python by operators
    "pow": "x ** y",
    "fabs": "abs(x)",
    "fmod": "x % y",
    "ldexp": "x * 2.0 ** i",
    "fsum": "sum(nodes)",
    "fmean": "sum(nodes) / len(nodes)",
    "sumprod": "sum(a * b for a, b in zip(p, q))",
    "dist": "gg.sqrt(sum((a - b) ** 2 for a, b in zip(p, q)))",
    "degrees": "x * (180 / math.pi)",
    "radians": "x * (math.pi / 180)",
    "gamma": "gg.exp(gg.lgamma(x)), for x above 0",
}
WITHOUT_CURE = "use glassgrad's functions and Python's operators, through which derivatives go"
REMEMBERED = 10_000


class Use(NamedTuple):
    """What a node is wanted for as a float.

    Attributes:
        asked: the program asks for a number, as by ``float(x)``, or only looks at it.
        what: the use in words, ``"math.exp(x)"``.
        cure: what to write instead, "" where there is nothing particular.
    """

    asked: bool
    what: str
    cure: str = ""


ASKED = Use(True, "float(x)")


def use() -> Use:
    """What the program is doing with a node as a float."""
    return _judged(_innermost())[0]


def notice(node: Any) -> None:
    """Warn where ``node`` is converted to a float without being asked to, once a line."""
    frame = _innermost()
    known = _settled.get((id(frame.f_code), frame.f_lasti))
    if known is None or (known[1] and not _same_filters()):
        _settle(node, frame)


def _innermost() -> FrameType:
    """The innermost frame but those of the node's own methods, which only the uncompiled build has."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") == "glassgrad.scalar":
        frame = frame.f_back
    return frame


# Places where nothing is said any more: the code, so that its id is not another's, and whether it was warned of there
_settled: dict[tuple[int, int], tuple[CodeType, bool]] = {}
_lines: set[tuple[str, int]] = set()  # that were warned of
_filters: tuple[Any, ...] = ()


def _same_filters() -> bool:
    """Whether warnings are filtered as before. If not (a test catches them, say), all may be said again."""
    global _filters
    now = warnings.filters
    same = len(_filters) == 3 and _filters[0] is now and _filters[1:] == (len(now), now[0] if now else None)
    if not same:
        _filters = (now, len(now), now[0] if now else None)
        _lines.clear()
        for place in [place for place, (_, warned) in list(_settled.items()) if warned]:
            _settled.pop(place, None)
    return same


def _settle(node: Any, frame: FrameType) -> None:
    """Decide what is to be said of a conversion in ``frame``, and say it."""
    _same_filters()
    use, user, fixed = _judged(frame)
    if user is not None and not use.asked:
        line = (user.f_code.co_filename, user.f_lineno)
        if line not in _lines:
            _warn(node, use, user)
            _lines.add(line)
        fixed = user is frame
    if fixed:
        if len(_settled) >= REMEMBERED:
            _settled.clear()
        _settled[id(frame.f_code), frame.f_lasti] = (frame.f_code, not use.asked)


def _warn(node: Any, use: Use, user: FrameType) -> None:
    warnings.warn_explicit(
        f"{use.what} takes the value of node {node.label!r} out of the graph, so what is made of it has no derivative "
        f"by that node: {use.cure or WITHOUT_CURE}; write float(x) or x.data where you want just the number",
        GraphWarning,
        user.f_code.co_filename,
        user.f_lineno,
        user.f_globals.get("__name__", "<unknown>"),
        user.f_globals.setdefault("__warningregistry__", {}),
    )


def _judged(frame: FrameType) -> tuple[Use, FrameType | None, bool]:
    """The use, the frame of the user's whose line it is (None: none's), and whether it is the same each time there."""
    now = doing(frame)
    if _is_formatting(now) or home_of(frame) in VIEWERS:
        return ASKED, None, True
    if home_of(frame) == "glassgrad" or not is_a_library(frame.f_globals):
        return _use(frame, now), frame, now.fixed
    if not now.fixed and _asks(now):  # what the user passed on, as in pool.map(float, nodes)
        return ASKED, None, False
    entered, user = frame, frame.f_back
    while user is not None and (is_a_library(user.f_globals) or home_of(user) in VIEWERS):
        if home_of(user) in VIEWERS:
            return ASKED, None, False
        entered, user = user, user.f_back
    name = entered.f_code.co_name
    if user is None or name in COMPARISONS or "testing" in entered.f_globals.get("__name__", "").split("."):
        return ASKED, None, False
    written = doing(user).written or f"{home_of(entered)}'s {name}"
    return Use(False, f"{written}(…)", _cure(name)), user, False


def _is_formatting(now: Doing) -> bool:
    return now.operation == "BINARY_OP" and now.symbol in ("%", "%=")


def _use(frame: FrameType, now: Doing) -> Use:
    """The use by an instruction of the user's own."""
    if now.operation in ("STORE_SUBSCR", "STORE_SLICE"):
        return Use(False, "storing x in an array of floats", "keep nodes in a list, or in gg.array([...])")
    if now.operation == "STORE_ATTR":
        return Use(False, "storing x in a field for numbers", "keep the node itself in an object of Python's")
    if now.operation == "BINARY_OP":
        return Use(False, f"x as an operand of {now.symbol!r}", "use Python's numbers there, and glassgrad's functions")
    if now.operation == "CALL":
        return _call(frame, now)
    return _by_map(frame)  # an iterator is asked for its next value


def _call(frame: FrameType, now: Doing) -> Use:
    if _asks(now) or any(map(_asks, mapped(frame, anywhere=False))):
        return ASKED
    return _by_map(frame) if _is_pythons_own(now) else _by_function(now)


def _by_map(frame: FrameType) -> Use:
    """Python's own functions and containers convert nothing; a function may that ``map`` calls for them."""
    found = mapped(frame, anywhere=True)
    if not found or any(_asks(one) or _is_pythons_own(one) for one in found):
        return ASKED
    return _by_function(found[0])


def _by_function(call: Doing) -> Use:
    name = getattr(call.function, "__name__", call.written.rpartition(".")[2])
    alone = name in TABLE or hasattr(math, name)
    return Use(False, f"{call.written or 'a function written in C'}({'x' if alone else '…'})", _cure(name))


def _asks(call: Doing) -> bool:
    """Whether a call asks for plain numbers, or only compares them."""
    function, numpy = call.function, sys.modules.get("numpy")
    if isinstance(function, type):
        return issubclass(function, (float, int, complex) if numpy is None else (float, int, complex, numpy.number))
    if call.written.startswith("@py_assert"):  # how pytest rewrites an assertion, which looks at numbers
        return True
    return call.written.endswith("__float__") or getattr(function, "__name__", "") in COMPARISONS


def _is_pythons_own(call: Doing) -> bool:
    """Whether the function is a builtin one, or a method of a builtin container."""
    owner = call.function if call.receiver is UNKNOWN or isinstance(call.receiver, ModuleType) else type(call.receiver)
    return getattr(owner, "__module__", None) in ("builtins", "functools", "itertools", "collections")


def _cure(name: str) -> str:
    """What to write in the place of a function of that name."""
    if name == "astype":
        return "use the array of nodes itself"
    if name in SPELLED:
        return f"write {SPELLED[name]} in its place"
    import glassgrad

    if hasattr(glassgrad, name) and (name in TABLE or hasattr(math, name)):
        return f"use gg.{name}, which keeps derivatives"
    if name in ARRAYS:
        return "use gg.array([...]), which keeps nodes"
    return ""
