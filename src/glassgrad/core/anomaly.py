"""Find the operation that made a nan or an infinity, and report it.

Nodes remember the line that made them (`note`). Nodes that a sweep makes remember which derivative they are a part of.
The search starts at a result that is not finite and goes back: to an operand that is not finite either, and so on. It
ends at the first such value: an operation whose operands are all finite, or an argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glassgrad.core import ops, scalar
from glassgrad.core.op import errstate
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE, State
from glassgrad.support.frames import users_frame
from glassgrad.support.late import late
from glassgrad.support.legible import legible

if TYPE_CHECKING:
    from glassgrad.player.player import Player  # a layer above this one

__all__ = ["AnomalyError", "Found", "NanReport", "is_bad", "note", "note_lines", "search", "watching"]

SHOWN = 6  # A report shows at most this many arguments.


def watching() -> bool:
    """Whether this thread checks its results for nan and infinity: a ``with detect_anomaly()`` block is open."""
    return bool(HERE.live and HERE.state().watches)


def note_lines(state: State) -> None:
    """Make new nodes remember where they were made."""
    state.lines = True
    if note not in state.heard:
        state.heard = (*state.heard, note)


# The origin of nodes


class Derived(str):
    """The source of a node that a sweep made: the line of the node whose derivative it is a part of.

    Attributes:
        node, operand: it belongs to the derivative of ``node`` with respect to the operand with this index.
        root: the node that was being differentiated, or None.
    """

    node: Scalar
    operand: int
    root: Any

    @classmethod
    def of(cls, node: Scalar, operand: int, root: Any) -> Derived:
        made = cls(node.source or "")
        made.node, made.operand, made.root = node, operand, root
        return made

    def __reduce__(self) -> Any:  # only the text is pickled: a pickler would recurse from node to node
        return str, (str(self),)


def note(node: Scalar) -> None:
    """Store in a new node the user's line that made it, or the derivative that a sweep made it for."""
    deriving = HERE.state().deriving
    if deriving is not None:
        scalar.set_source(node, Derived.of(*deriving))
        return
    frame = users_frame()
    scalar.set_source(node, f"{frame.f_code.co_filename}:{frame.f_lineno}")


# The search


def is_bad(x: Any) -> bool:
    """Whether a node or number is nan or infinite."""
    return not math.isfinite(x.data if isinstance(x, Scalar) else x)


class Found(NamedTuple):
    """The first value on the way to a result that is not finite.

    Attributes:
        node: the node with that value: a result of an operation, or a leaf.
        way: the nodes from ``node`` to the result, including both.
    """

    node: Scalar
    way: tuple[Scalar, ...]


def search(result: Scalar) -> Found:
    """Go back from a result that is not finite to the first value that is not finite."""
    way = [result]
    while True:
        operand = _cause(way[-1])
        if operand is None or operand.is_constant:
            return Found(way[-1], tuple(reversed(way)))
        way.append(operand)


def _cause(node: Scalar) -> Scalar | None:
    """The operand that made ``node`` not finite, or None; a nan is preferred to an infinity."""
    bad = [(i, x) for i, x in enumerate(node.prev) if is_bad(x)]
    if bad and node.operation is not None and node.operation.selects:
        slopes = node.local_partials()
        bad = [(i, x) for i, x in bad if slopes[i] != 0] or bad
    if math.isnan(node.data):
        bad.sort(key=lambda entry: not math.isnan(entry[1].data))
    return bad[0][1] if bad else None


# The report


class NanReport(NamedTuple):
    """Explains why a result is nan or infinite. Print it to read the explanation.

    Attributes:
        function: the function that was called, such as ``gg.grad(loss)``.
        result, value: the result in words, such as ``the result[0]``, and its value.
        lane: in a batch, the first lane with such a result; otherwise None.
        lanes: in a batch, the number of lanes with such a result and the number of all lanes; otherwise None.
        kind: the origin of the value. ``"value"``: an operation gave it. ``"derivative"``: the derivative of an
            operation gave it. ``"argument"``: an argument had it. ``"constant"``: it is a number inside the function,
            or a node from outside. ``"float32"``: the result is finite as float64, but not as float32. ``"sum"``: only
            the sum over the lanes is not finite. ``"unknown"``: none of these was found.
        why: the explanation in words.
        node: the node of that operation or argument; None if there is none.
        operation, operands: the operation's name, and ``(name, value)`` for each operand; the name may be "".
        line, code: where the source made the node, such as ``"file.py:12"``, and the text of that line; "" if unknown.
        operand, slope: for a derivative, the index of the operand it is taken with respect to, and its value.
        arguments: the arguments of the call (in a batch, of the lane), by name.
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
        """Open the player on the graph that made the value, with the node selected. The same as ``gg.play(report)``.

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
            rows["line"] = (f"{self.line}: {self.code}" if self.code else self.line) or "unknown"
        rows["then"] = self.then
        shown = [f"{name}={x!r}" for name, x in [*(self.arguments or {}).items()][:SHOWN]]
        more = len(self.arguments or ()) - len(shown)
        rows["arguments"] = ", ".join(shown) + (f" and {more} more" if more else "")
        if self.lanes is not None:
            rows["lanes"] = f"{self.lanes[0]} of {self.lanes[1]} are not finite; this is the first"
        return legible("\n".join([self._what(), *[f"  {name:<10} {text}" for name, text in rows.items() if text]]))

    def _what(self) -> str:
        lane = "" if self.lane is None else f" in lane {self.lane}"
        return f"{self.function}: {self.result} is {self.value!r}{lane}"


def explained(found: Any, inputs: Mapping[int, str], **about: Any) -> NanReport:
    """Report on a node or number that is not finite.

    Args:
        found: the node or number.
        inputs: the names of the arguments' nodes, by their id.
        about: other attributes of the report: the function's name, the name of the result, ….
    """
    if not isinstance(found, Scalar):
        why = "the function returned this number, which it did not compute from any argument"
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
    return NanReport(kind="constant", why=f"the node {node.label!r} from outside it is {node.data!r}", **about)


def _explain_derivative(node: Scalar, source: Derived, about: dict[str, Any]) -> NanReport:
    of, i = source.node, source.operand
    with errstate(domain="nan"):
        slope = of.local_partials()[i]
    by = _name(of.prev[i]) or f"operand {i}"
    why = f"the derivative of {_shown(of)} = {of.data!r} with respect to {by} is {slope!r}"
    if math.isfinite(slope):
        why += f", and on the way to it {_shown(node)} = {node.data!r}"
    about |= {"node": of, "root": about["root"] if source.root is None else source.root}
    return NanReport(kind="derivative", why=why + _kink(of) + _part(of), operand=i, slope=slope, **about)


def _kink(node: Scalar) -> str:
    """Words that say that the operation has a kink at its operands; "" if it has none."""
    kinks = None if node.operation is None else node.operation.kinks
    if kinks is None or not kinks.holds(*[x.data for x in node.prev]):
        return ""
    return f" (it has a kink where {kinks.text})"


def _part(node: Scalar) -> str:
    """Words that say which derivative the node is a part of; "" if none."""
    parts = ""
    while isinstance(node.source, Derived):
        node = node.source.node
        parts += f", part of the derivative of {_shown(node)}{_kink(node)}"
    return parts


def _reason(node: Scalar) -> str:
    """Words that say why the operation's value is not finite, if its entry in the table tells."""
    op, constant = node.operation, _cause(node)
    if constant is not None:
        return f", from the constant {constant.data!r}"
    if op is None:
        return ""
    if op.domain is not None and not op.domain.holds(*[x.data for x in node.prev]):
        return f": outside its domain (it needs {op.domain.text})"
    return ": too large for a float64" if math.isinf(node.data) and op.trusted else ""


def _shown(node: Scalar) -> str:
    """The operation and its operands, such as ``log(x=-1.0)``."""
    shown = [f"{_name(x)}={x.data!r}" if _name(x) else repr(x.data) for x in node.prev]
    return f"{'' if node.operation is None else node.operation.name}({', '.join(shown)})"


def _name(node: Scalar) -> str:
    while not node.named and node.operation is ops.identity:  # the node that a transform made for an argument
        (node,) = node.prev
    return node.label if node.named else ""


def _line(node: Scalar) -> str:
    return str(node.source or "")


class AnomalyError(ArithmeticError):
    """A result or a gradient is nan or infinite. Raised inside `detect_anomaly` only.

    Attributes:
        node: the node that caused it, or None if no node did.
        report: the `NanReport`, for transforms and compiled functions; None for ``backward()``.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(0.0, label="x")
        >>> try:
        ...     with gg.detect_anomaly():
        ...         x.sqrt().backward()
        ... except gg.AnomalyError as error:
        ...     print(error.node.op, error.report)
        sqrt None
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
    """Raise `AnomalyError`, with a report, for the first of ``values`` that is nan or infinite. ``names`` has their
    names, and ``as_nodes()`` returns them as nodes."""
    for k, x in enumerate(values):
        if is_bad(x):
            node = as_nodes()[k]
            report = explained(node if is_bad(node) else x, inputs, result=names[k], **about)
            raise AnomalyError(str(report), report.node, report)
