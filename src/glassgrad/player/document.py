"""Writes a graph as a *document*: the JSON that the player's page reads.

The document holds the graph in columns, with operands before results. Each edge has the rule of its local derivative
(`rules`). So the page computes values and gradients again without knowing calculus. A document has a version number.
The floats that JSON lacks are strings: ``"nan"``, ``"inf"`` and ``"-inf"``.
"""

from __future__ import annotations

import json
import linecache
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from glassgrad.core.op import Op, errstate
from glassgrad.core.scalar import Scalar, used
from glassgrad.draw.metrics import printable
from glassgrad.draw.picture import display_name, gradient
from glassgrad.draw.stale import Changes, changes
from glassgrad.graph import operands, topological
from glassgrad.homework import Composed, adopt_all, number_of
from glassgrad.messages import Message, in_all_languages, packed
from glassgrad.player.rules import Rule, is_live, rule_of, tape_of

__all__ = [
    "FORMAT",
    "VERSION",
    "dumps",
    "encoded",
    "fixed_slopes",
    "forward_at",
    "nodes_of",
    "of",
    "slopes_at",
    "told",
    "value_of",
    "written",
]

FORMAT = "glassgrad-document"
VERSION = 1
COMPUTED, LEAF, CONSTANT = 0, 1, 2  # The values in the column "kind".


def nodes_of(*roots: Any) -> list[Any]:
    """Return the nodes below ``roots`` in the order of their document: operands before results.

    Raises:
        TypeError: a root or an operand is not a node.
        CycleError: a node depends on itself.
    """
    return topological(*adopt_all(roots)[0])


def of(root: Any, names: Mapping[int, str] | None = None, title: str | None = None) -> dict[str, Any]:
    """Return the document of the graph below ``root``.

    Args:
        root: a `Scalar`, or a node of any other class with ``.data``, ``.op`` and ``.prev`` (or ``._op`` and
            ``._prev``), or a list of nodes. The page shows gradients of the first.
        names: ``{id(node): name}`` for nodes without a label.
        title: the title of the page, by default the names of the roots.

    Returns:
        A dict for `json.dumps`. Its entry ``nodes`` is a dict of columns with an entry for each node. The columns
        ``args`` and ``rule`` have an entry for each edge instead.

    Raises:
        TypeError: ``root`` is not a node, or the data of a node is not a number.

    Example:
        >>> import glassgrad as gg
        >>> a = gg.Scalar(3.0, label="a")
        >>> document = of(a * a)
        >>> document["nodes"]["value"], document["nodes"]["args"], document["rules"][0]["out"]
        ([3.0, 9.0], [0, 0], 2)
    """
    roots, names = adopt_all(root if isinstance(root, list) else [root], names)
    nodes = topological(*roots)
    places = {id(node): i for i, node in enumerate(nodes)}
    return _Writer(nodes, [places[id(one)] for one in roots], names).document(title)


def told(found: Changes, nodes: list[Any], names: Mapping[int, str]) -> dict[str, Any] | None:
    """Return the entry ``changes`` of a document, or None if nothing has changed.

    It has the lines ``text``, and ``notes`` on the stale nodes by their places. A page shows one forward pass. If the
    graph mixes several (``mixed``), the page computes a new one from the data of the leaves.
    """
    if not found:
        return None
    *story, cure = found.story(names)
    if found.mixed:
        text = [*story, Message("stale.page_computes")]
        return {"text": text, "notes": {}, "mixed": True}
    notes = {str(i): found.note(node) for i, node in enumerate(nodes) if node in found}
    return {"text": [*story, cure], "notes": notes, "mixed": False}


def shown(found: Changes, node: Any) -> float:
    """Return the value of ``node`` that a page starts from."""
    if found.mixed:
        return _number(node, node.data)
    return _number(node, found.value(node))


def fixed_slopes(nodes: list[Any], edges: Iterable[str]) -> dict[str, float | str]:
    """Return the column ``slopes`` for these ``edges``: their local derivatives in the forward pass of ``nodes``."""
    wanted = set(edges)
    found: dict[str, float | str] = {}
    edge = 0
    with errstate(domain="nan"):
        for node in nodes if wanted else ():
            below = operands(node)
            for i in range(len(below)):
                if str(edge) in wanted:
                    value, xs = value_of(node), _used(node, below)
                    found[str(edge)] = _slope(_operation(node), i, value, xs)
                edge += 1
    return found


def slopes_at(nodes: list[Any], values: Sequence[float]) -> tuple[float, ...]:
    """Return the local derivative of every edge, in the order of the document, for these ``values`` of the nodes."""
    places = {id(node): i for i, node in enumerate(nodes)}
    found: list[float] = []
    with errstate(domain="nan"):
        for node, y in zip(nodes, values):
            xs = [values[places[id(operand)]] for operand in operands(node)]
            op = _operation(node) if xs else None
            found += [float(_slope(op, i, y, xs)) for i in range(len(xs)) if op is not None]
    return tuple(found)


def forward_at(nodes: list[Any], values: Sequence[float]) -> list[float]:
    """Compute all nodes from the ``values`` of the leaves, in the order of the document, as ``forward()`` does.

    A node whose operation is not known keeps its value.
    """
    found: list[float] = []
    places = {id(node): i for i, node in enumerate(nodes)}
    with errstate(domain="nan"):
        for node, value in zip(nodes, values):
            below = operands(node)
            op = _operation(node) if below else None
            if op is None or op.value is None:
                found.append(value)
            else:
                found.append(op.evaluate([found[places[id(x)]] for x in below]))
    return found


def dumps(document: Mapping[str, Any]) -> str:
    """Return the document as strict JSON on one line. No text in it can end the script element around it."""
    used: set[str] = set()
    written = _with_messages(document, used)
    text = json.dumps(
        {**written, "messages": in_all_languages(used)} if used else written,
        allow_nan=False,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _with_messages(document: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
    """Return the document with its messages packed, so that the page can translate them."""
    written = dict(document)
    for part in ("changes", "judged"):
        if written.get(part):
            written[part] = packed(written[part], used)
    if written.get("run"):
        steps = [_with_messages(step, used) for step in written["run"]["steps"]]
        written["run"] = {**written["run"], "steps": steps}
    if "document" in written:  # a step of a run with a graph of its own
        written["document"] = _with_messages(written["document"], used)
    return written


def encoded(x: float) -> float | str:
    """Return a float in the form of documents."""
    return x if math.isfinite(x) else "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


class _Writer:
    def __init__(self, nodes: list[Any], roots: list[int], names: Mapping[int, str]) -> None:
        self.nodes, self.roots, self.names = nodes, roots, names
        self.changes = changes([nodes[root] for root in roots])
        self.strings: dict[str, int] = {"": 0}
        self.ops: list[dict[str, Any]] = []
        self.op_places: dict[Any, int] = {}
        self.rules: dict[Rule, int] = {}
        self.groups: list[dict[str, Any]] = []
        self.group_places: dict[int, int] = {}
        self.slopes: dict[str, float | str] = {}

    def document(self, title: str | None) -> dict[str, Any]:
        with errstate(domain="nan"):
            columns = self._columns()
        strings = list(self.strings)
        if title is None:
            title = ", ".join(strings[columns["label"][root]] or "root" for root in self.roots)
        return {
            "format": FORMAT,
            "version": VERSION,
            "title": printable(title),
            "strings": strings,
            "ops": self.ops,
            "rules": [written(rule) for rule in self.rules],
            "nodes": columns,
            "slopes": self.slopes,
            "groups": self.groups,
            "lines": self._lines(strings, columns["source"]),
            "root": self.roots[0],
            "roots": self.roots,
            "selected": None,
            "view": {},
            "run": None,
            "judged": None,
            "unknown": any(getattr(node, "trouble", "") for node in self.nodes),
            "quiz": None,
            "changes": told(self.changes, self.nodes, self.names),
        }

    def _columns(self) -> dict[str, list[Any]]:
        places = {id(node): i for i, node in enumerate(self.nodes)}
        names = ("op", "kind", "start", "args", "rule", "value", "grad", "label", "group", "source")
        columns: dict[str, list[Any]] = {name: [] for name in names}
        values = [shown(self.changes, node) for node in self.nodes]
        for node, value in zip(self.nodes, values):
            below = [places[id(operand)] for operand in operands(node)]
            xs = _used(node, operands(node))
            op = _operation(node) if node.op or below else None
            columns["op"].append(-1 if op is None else self._op(op, str(node.op)))
            constant = getattr(node, "is_constant", False) is True
            columns["kind"].append(COMPUTED if op is not None else CONSTANT if constant else LEAF)
            columns["start"].append(len(columns["args"]))
            for i, operand in enumerate(below):
                columns["rule"].append(self._rule(op, i, value, xs, len(columns["args"])))
                columns["args"].append(operand)
            columns["value"].append(encoded(value))
            hidden = self.changes.mixed or id(node) in self.changes.disowned
            grad = None if hidden else gradient(node)
            columns["grad"].append(None if grad is None else encoded(grad))
            columns["label"].append(self._string(display_name(node, self.names)))
            columns["group"].append(self._group(getattr(node, "group", None)))
            source = getattr(node, "source", None)
            columns["source"].append(self._string(str(source)) if source else -1)
        columns["start"].append(len(columns["args"]))
        return columns

    def _string(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))

    def _op(self, op: Op, symbol: str) -> int:
        key = op.name if is_live(op) else op
        tape = tape_of(op) if isinstance(op, Composed) else None
        if key not in self.op_places:
            self.op_places[key] = len(self.ops)
            self.ops.append(
                {
                    "name": printable(op.name),
                    "symbol": printable(op.symbol or symbol),
                    "latex": op.latex,
                    "selects": op.selects,
                    "live": is_live(op) or tape is not None,
                    **({"unknown": True} if op is _opaque_ops.get(symbol) else {}),
                    **({"tape": written(tape)} if tape else {}),
                    **({"slopes": list(op.slopes)} if op.slopes else {}),
                }
            )
        return self.op_places[key]

    def _rule(self, op: Op | None, i: int, y: float, xs: list[float], edge: int) -> int:
        assert op is not None
        rule = rule_of(op, i)
        if rule is not None and rule.arity == len(xs):
            return self.rules.setdefault(rule, len(self.rules))
        self.slopes[str(edge)] = _slope(op, i, y, xs)
        return -1

    def _group(self, group: Any) -> int:
        if group is None:
            return -1
        chain = []
        while group is not None and id(group) not in self.group_places:
            chain.append(group)
            group = group.parent
        parent = -1 if group is None else self.group_places[id(group)]
        for one in reversed(chain):
            self.groups.append({"name": printable(one.name), "parent": parent})
            parent = self.group_places[id(one)] = len(self.groups) - 1
        return parent

    def _lines(self, strings: list[str], sources: list[int]) -> dict[str, str]:
        lines = {}
        for at in {at for at in sources if at >= 0}:
            file, _, number = strings[at].rpartition(":")
            text = linecache.getline(file, int(number)).strip() if number.isdigit() else ""
            if text:
                lines[strings[at]] = text
        return dict(sorted(lines.items()))


def written(rule: Rule | None) -> dict[str, Any] | None:
    """Return a tape in the form of documents."""
    if rule is None:
        return None
    return {
        "arity": rule.arity,
        "constants": [encoded(x) for x in rule.constants],
        "code": [list(line) for line in rule.code],
        "out": rule.out,
    }


def _slope(op: Op, i: int, y: float, xs: list[float]) -> float | str:
    try:
        return encoded(float(op.partial(i, y, xs)))
    except Exception:  # the user's own rule may raise anything
        return "nan"


def _used(node: Any, below: Iterable[Any]) -> list[float]:
    """Return the values of the operands that ``node`` was computed from."""
    own = getattr(node, "original", node)
    return list(used(own)) if isinstance(own, Scalar) else [value_of(x) for x in below]


def value_of(node: Any) -> float:
    """Return the value of a node in the document."""
    return _number(node, getattr(node, "data", None))


def _number(node: Any, data: Any) -> float:
    value = number_of(data)
    if value is None:
        raise TypeError(f"the data of node {node!r:.80} must be a number, got {data!r:.80}")
    return value


def _operation(node: Any) -> Op:
    """Return the operation of a node. If it is not known, return one without a value."""
    own = getattr(node, "operation", None)
    return own if isinstance(own, Op) else _opaque(str(node.op))


def _opaque(symbol: str) -> Op:
    if symbol not in _opaque_ops:
        _opaque_ops[symbol] = Op(symbol or "?", value=None, partials=None, latex=r"\operatorname{{op}}")
    return _opaque_ops[symbol]


_opaque_ops: dict[str, Op] = {}
