"""Where a nan or an infinity came from: the search for the operation that made it, and the report of what was found.

Nodes remember the line that made them (`note`), and those that a sweep makes remember of which derivative they are a
part. From a result that is not finite the search goes back, to an operand that is not finite either, and so on, to the
first: an operation whose operands are all finite, or an argument.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from glassgrad.core import ops, scalar
from glassgrad.core.op import errstate
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE, State
from glassgrad.support.late import late
from glassgrad.support.legible import legible

if TYPE_CHECKING:
    from glassgrad.player.player import Player  # which stands above

__all__ = ["AnomalyError", "Found", "NanReport", "is_bad", "note", "note_lines", "search", "watching"]

# In the frames of these modules, `node` and `i` say which derivative is being computed.
SWEEPS = ("glassgrad.core.reverse", "glassgrad.core.forward")
RULE = 5  # frames of a user's own rule that may lie between such a frame and a new node
SHOWN = 6  # arguments that a report shows, at most


def watching() -> bool:
    """Whether results of this thread are looked at: a ``with detect_anomaly()`` block is open."""
    return bool(HERE.live and HERE.state().watches)


def note_lines(state: State) -> None:
    """Have new nodes remember where they come from."""
    if note not in state.heard:
        state.heard = (*state.heard, note)


# Where nodes come from


class Derived(str):
    """The source of a node that a sweep made: the line of the node whose derivative it is a part of.

    Attributes:
        node, operand: the derivative of ``node`` by the operand of that number.
        root: what was being differentiated, or None.
    """

    node: Scalar
    operand: int
    root: Any

    @classmethod
    def of(cls, node: Scalar, operand: int, root: Any) -> Derived:
        made = cls(node.source or "")
        made.node, made.operand, made.root = node, operand, root
        return made

    def __reduce__(self) -> Any:  # the text alone: a pickler would recurse from node to node
        return str, (str(self),)


def note(node: Scalar) -> None:
    """Have a new node remember the user's line that made it, or the derivative that a sweep made it for."""
    line, seen, in_a_sweep = "", 0, True
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and seen < RULE:
        home = frame.f_globals.get("__name__", "")
        if in_a_sweep and home in SWEEPS and {"node", "i"} <= frame.f_locals.keys():
            around = frame.f_back
            root = frame.f_locals.get("root", None if around is None else around.f_locals.get("root"))
            scalar.set_source(node, Derived.of(frame.f_locals["node"], frame.f_locals["i"], root))
            return
        if home == "glassgrad.transforms.tracing" and frame.f_code.co_name == "_run":
            in_a_sweep = False  # the function itself is being run
        if home.partition(".")[0] != "glassgrad" or frame.f_back is None:
            line = line or f"{frame.f_code.co_filename}:{frame.f_lineno}"
            seen += 1 if in_a_sweep else RULE
        frame = frame.f_back
    scalar.set_source(node, line)


# The search


def is_bad(x: Any) -> bool:
    """Whether a node or number is nan or infinite."""
    return not math.isfinite(x.data if isinstance(x, Scalar) else x)


class Found(NamedTuple):
    """The first value that is not finite on the way to a result.

    Attributes:
        node: what has it: a result of an operation, or a leaf.
        way: the nodes from there to the result, both among them.
    """

    node: Scalar
    way: tuple[Scalar, ...]


def search(result: Scalar) -> Found:
    """Go back from a result that is not finite to the first value that is not."""
    way = [result]
    while True:
        operand = _cause(way[-1])
        if operand is None or operand.is_constant:
            return Found(way[-1], tuple(reversed(way)))
        way.append(operand)


def _cause(node: Scalar) -> Scalar | None:
    """An operand that is not finite, of which ``node`` has what it has; a nan rather than an infinity."""
    bad = [(i, x) for i, x in enumerate(node.prev) if is_bad(x)]
    if bad and node.operation is not None and node.operation.selects:
        slopes = node.local_partials()
        bad = [(i, x) for i, x in bad if slopes[i] != 0] or bad
    if math.isnan(node.data):
        bad.sort(key=lambda entry: not math.isnan(entry[1].data))
    return bad[0][1] if bad else None


# The report


class NanReport(NamedTuple):
    """Why a result is nan or infinite; printed, in words.

    Attributes:
        function: the function that was called, as ``gg.grad(loss)``.
        result, value: which of its results it is, in words, and what that is.
        lane: of a batch, the first lane with such a result; else None.
        lanes: of a batch, how many lanes have such a result, and how many there are; else None.
        kind: ``"value"``: an operation gave it; ``"derivative"``: the derivative of an operation did; ``"argument"``:
            it came in; ``"constant"``: it is a number in the function, or outside of it; ``"float32"``: the result is
            finite, but not as float32; ``"sum"``: only the sum over the lanes is not; ``"unknown"``.
        node: the node of that operation, or that argument; None where there is none.
        operation, operands: the operation's name, and ``(name, value)`` for each operand, with "" for no name.
        line, code: where the source made the node, ``"file.py:12"``, and what is written there; "" if not known.
        operand, slope: for a derivative, the number of the operand that it is by, and the derivative.
        arguments: what the function was called with (of the lane), by name.
    """

    function: str
    result: str
    value: float
    kind: str
    why: str
    node: Scalar | None = None
    lane: int | None = None
    lanes: tuple[int, int] | None = None
    operand: int | None = None
    slope: float | None = None
    arguments: Mapping[str, float] | None = None
    then: str = ""
    root: Any = None

    @property
    def operation(self) -> str:
        op = None if self.node is None else self.node.operation
        return "" if op is None else op.name

    @property
    def operands(self) -> tuple[tuple[str, float], ...]:
        return () if self.node is None else tuple([(_name(x), x.data) for x in self.node.prev])

    @property
    def line(self) -> str:
        return "" if self.node is None else _line(self.node)

    @property
    def code(self) -> str:
        import linecache

        file, _, number = self.line.rpartition(":")
        return linecache.getline(file, int(number)).strip() if number.isdigit() else ""

    def play(self, title: str | None = None) -> Player:
        """The player on the graph that made it, with the node selected: ``gg.play(report)``.

        Raises:
            ValueError: the report names no node.
        """
        player: Player = late("glassgrad.player.player").play(self, title=title)
        return player

    def __repr__(self) -> str:
        return legible(f"<nan report: {self._what()}, because {self.why}>")

    def __str__(self) -> str:
        rows = {"because": self.why}
        if self.operation:
            rows["line"] = (f"{self.line}: {self.code}" if self.code else self.line) or "not known"
        rows["then"] = self.then
        shown = [f"{name}={x!r}" for name, x in [*(self.arguments or {}).items()][:SHOWN]]
        more = len(self.arguments or ()) - len(shown)
        rows["arguments"] = ", ".join(shown) + (f" and {more} more" if more else "")
        if self.lanes is not None:
            rows["lanes"] = f"{self.lanes[0]} of {self.lanes[1]} are not finite, this one first"
        return legible("\n".join([self._what(), *[f"  {name:<10} {text}" for name, text in rows.items() if text]]))

    def _what(self) -> str:
        lane = "" if self.lane is None else f" in lane {self.lane}"
        return f"{self.function}: {self.result} is {self.value!r}{lane}"


def explained(found: Any, inputs: Mapping[int, str], **about: Any) -> NanReport:
    """The report on a node or number that is not finite.

    Args:
        inputs: the names of the arguments' nodes, by their id.
        about: what else the report holds: the function's name, what the result is called, ….
    """
    if not isinstance(found, Scalar):
        why = "the function returns this number itself, computed from no argument"
        return NanReport(kind="constant", why=why, value=float(found), **about)
    node, way = search(found)
    about |= {"value": found.data, "node": node, "root": found}
    then = next((x for x in way[1:] if math.isnan(x.data)), None)
    if then is not None and not math.isnan(node.data):
        about["then"] = f"{_shown(then)} = nan{_part(then)}" + (f", at {_line(then)}" if _line(then) else "")
    if isinstance(node.source, Derived):
        return _explain_derivative(node, node.source, about)
    roots = [x.source.root for x in way if isinstance(x.source, Derived) and x.source.root is not None]
    if roots:
        about["root"] = roots[0]
    if node.operation is not None:
        return NanReport(kind="value", why=f"{_shown(node)} = {node.data!r}{_reason(node)}", **about)
    name = inputs.get(id(node))
    if name is not None:
        return NanReport(kind="argument", why=f"its argument {name!r} is {node.data!r}", **about)
    return NanReport(kind="constant", why=f"the node {node.label!r} from outside of it is {node.data!r}", **about)


def _explain_derivative(node: Scalar, source: Derived, about: dict[str, Any]) -> NanReport:
    of, i = source.node, source.operand
    with errstate(domain="nan"):
        slope = of.local_partials()[i]
    by = _name(of.prev[i]) or f"operand {i}"
    why = f"the derivative of {_shown(of)} = {of.data!r} by {by} is {slope!r}"
    if math.isfinite(slope):
        why += f", and on its way {_shown(node)} = {node.data!r}"
    about |= {"node": of, "root": about["root"] if source.root is None else source.root}
    return NanReport(kind="derivative", why=why + _kink(of) + _part(of), operand=i, slope=slope, **about)


def _kink(node: Scalar) -> str:
    """That an operation has a kink at its operands, in words; "" where it has none."""
    kinks = None if node.operation is None else node.operation.kinks
    if kinks is None or not kinks.holds(*[x.data for x in node.prev]):
        return ""
    return f" (it has a kink where {kinks.text})"


def _part(node: Scalar) -> str:
    """Of what derivative a node is a part, in words; "" of none."""
    parts = ""
    while isinstance(node.source, Derived):
        node = node.source.node
        parts += f", a part of the derivative of {_shown(node)}{_kink(node)}"
    return parts


def _reason(node: Scalar) -> str:
    """Why an operation gives what is not finite, where its entry tells."""
    op, constant = node.operation, _cause(node)
    if constant is not None:
        return f", from the constant {constant.data!r}"
    if op is None:
        return ""
    if op.domain is not None and not op.domain.holds(*[x.data for x in node.prev]):
        return f": outside its domain (it needs {op.domain.text})"
    return ": too large for a float64" if math.isinf(node.data) and op.trusted else ""


def _shown(node: Scalar) -> str:
    """An operation and its operands, ``log(x=-1.0)``."""
    shown = [f"{_name(x)}={x.data!r}" if _name(x) else repr(x.data) for x in node.prev]
    return f"{'' if node.operation is None else node.operation.name}({', '.join(shown)})"


def _name(node: Scalar) -> str:
    while not node.named and node.operation is ops.identity:  # a transform's own node for an argument
        (node,) = node.prev
    return node.label if node.named else ""


def _line(node: Scalar) -> str:
    return str(node.source or "")


class AnomalyError(ArithmeticError):
    """A result or a gradient became nan or infinite.

    Attributes:
        node: the node that did it; None where no node did.
        report: the `NanReport`, for transforms and compiled functions; None for ``backward()``.
    """

    __module__ = "glassgrad"

    def __init__(self, message: str, node: Scalar | None = None, report: NanReport | None = None) -> None:
        super().__init__(message)
        self.node = node
        self.report = report

    def __reduce__(self) -> Any:
        return AnomalyError, (str(self), self.node, self.report)


def require_finite(
    values: Sequence[Any],
    names: Sequence[str],
    as_nodes: Callable[[], Sequence[Any]],
    inputs: Mapping[int, str],
    **about: Any,
) -> None:
    """Raise `AnomalyError`, with a report, for the first of ``values`` that is nan or infinite; ``names`` says what
    they are, and ``as_nodes()`` gives them as nodes."""
    for k, x in enumerate(values):
        if is_bad(x):
            node = as_nodes()[k]
            report = explained(node if is_bad(node) else x, inputs, result=names[k], **about)
            raise AnomalyError(str(report), report.node, report)
