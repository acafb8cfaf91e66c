"""A graph as a document: what the player's page gets, as JSON.

The document holds the graph in columns, operands before results, and for each edge the rule of its local derivative
(`rules`). So a page recomputes values and gradients, and derives nothing. Documents carry a version; a float that JSON
cannot say is a string: ``"nan"``, ``"inf"``, ``"-inf"``.
"""

from __future__ import annotations

import json
import linecache
import math
from collections.abc import Iterable, Mapping
from typing import Any

from glassgrad.draw.metrics import printable
from glassgrad.draw.names import is_node
from glassgrad.draw.picture import display_name, gradient
from glassgrad.graph import operands, topological
from glassgrad.op import TABLE, Op, errstate
from glassgrad.player.rules import Rule, is_live, rule_of

__all__ = ["FORMAT", "VERSION", "dumps", "encoded", "fixed_slopes", "nodes_of", "of"]

FORMAT = "glassgrad-document"
VERSION = 1
COMPUTED, LEAF, CONSTANT = 0, 1, 2  # the column "kind"
_AGREES = 1e-9  # relative: a node of another class does what the table's operation of that symbol does


def nodes_of(root: Any) -> list[Any]:
    """The nodes of the document of ``root``, in its order: operands before results.

    Raises:
        TypeError: ``root`` is no node, or has an operand that is none.
        CycleError: a node depends on itself.
    """
    try:
        return topological(root)
    except AttributeError:
        _refuse_what_is_no_node(root)
        raise


def _refuse_what_is_no_node(root: Any) -> None:
    seen = {id(root)}
    stack = [root]
    while stack:
        node = stack.pop()
        for operand in operands(node):
            if not is_node(operand):
                raise TypeError(
                    f"node {getattr(node, 'label', node)!r:.80} has the operand {operand!r:.80}, which is no node: "
                    "every operand in .prev needs .op and .prev of its own"
                )
            if id(operand) not in seen:
                seen.add(id(operand))
                stack.append(operand)


def of(root: Any, names: Mapping[int, str] | None = None, title: str | None = None) -> dict[str, Any]:
    """The document of the graph below ``root``.

    Args:
        root: a `Scalar`, or any node with ``.op``, ``.prev`` and ``.data``.
        names: ``{id(node): name}`` for nodes without a label of their own.
        title: what the page is called; the root's name if not given.

    Returns:
        What `json.dumps` takes: ``nodes`` is a dict of columns of one length, but ``args`` and ``rule``, which have an
        entry for each edge.

    Raises:
        TypeError: ``root`` is no node, or a node's data is no number.

    Example:
        >>> import glassgrad as gg
        >>> a = gg.Scalar(3.0, label="a")
        >>> document = of(a * a)
        >>> document["nodes"]["value"], document["nodes"]["args"], document["rules"][0]["out"]
        ([3.0, 9.0], [0, 0], 2)
    """
    return _Writer(nodes_of(root), names or {}).document(title)


def fixed_slopes(nodes: list[Any], edges: Iterable[str]) -> dict[str, float | str]:
    """The column "slopes" of a document of these ``edges`` for the numbers that its ``nodes`` have now."""
    wanted = set(edges)
    found: dict[str, float | str] = {}
    edge = 0
    with errstate(domain="nan"):
        for node in nodes if wanted else ():
            below = operands(node)
            for i in range(len(below)):
                if str(edge) in wanted:
                    value, xs = _value(node), [_value(x) for x in below]
                    found[str(edge)] = _slope(_operation(node, value, xs), i, value, xs)
                edge += 1
    return found


def dumps(document: Mapping[str, Any]) -> str:
    """The document as strict JSON on one line, which no text in it can make end the script element around it."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def encoded(x: float) -> float | str:
    """A float as the document has it."""
    return x if math.isfinite(x) else "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


class _Writer:
    def __init__(self, nodes: list[Any], names: Mapping[int, str]) -> None:
        self.nodes, self.names = nodes, names
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
        root = len(self.nodes) - 1
        strings = list(self.strings)
        return {
            "format": FORMAT,
            "version": VERSION,
            "title": printable(title) if title is not None else strings[columns["label"][root]] or "root",
            "strings": strings,
            "ops": self.ops,
            "rules": [
                {
                    "arity": rule.arity,
                    "constants": [encoded(x) for x in rule.constants],
                    "code": [list(line) for line in rule.code],
                    "out": rule.out,
                }
                for rule in self.rules
            ],
            "nodes": columns,
            "slopes": self.slopes,
            "groups": self.groups,
            "lines": self._lines(strings, columns["source"]),
            "root": root,
            "selected": None,
            "view": {},
            "run": None,
            "quiz": None,
        }

    def _columns(self) -> dict[str, list[Any]]:
        places = {id(node): i for i, node in enumerate(self.nodes)}
        names = ("op", "kind", "start", "args", "rule", "value", "grad", "label", "group", "source")
        columns: dict[str, list[Any]] = {name: [] for name in names}
        values = [_value(node) for node in self.nodes]
        for node, value in zip(self.nodes, values):
            below = [places[id(operand)] for operand in operands(node)]
            xs = [values[i] for i in below]
            op = _operation(node, value, xs) if node.op or below else None
            columns["op"].append(-1 if op is None else self._op(op, str(node.op)))
            constant = getattr(node, "is_constant", False) is True
            columns["kind"].append(COMPUTED if op is not None else CONSTANT if constant else LEAF)
            columns["start"].append(len(columns["args"]))
            for i, operand in enumerate(below):
                columns["rule"].append(self._rule(op, i, value, xs, len(columns["args"])))
                columns["args"].append(operand)
            columns["value"].append(encoded(value))
            grad = gradient(node)
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
        live = is_live(op)
        key = op.name if live else op
        if key not in self.op_places:
            self.op_places[key] = len(self.ops)
            self.ops.append(
                {
                    "name": printable(op.name),
                    "symbol": printable(op.symbol or symbol),
                    "latex": op.latex,
                    "selects": op.selects,
                    "live": live,
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


def _slope(op: Op, i: int, y: float, xs: list[float]) -> float | str:
    try:
        return encoded(float(op.partial(i, y, xs)))
    except Exception:  # the user's own rule, at numbers that it may not like
        return "nan"


def _value(node: Any) -> float:
    data = getattr(node, "data", None)
    try:
        return float(data)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(
            f"node {getattr(node, 'label', node)!r:.80} has the data {data!r:.80}: the player shows numbers"
        ) from None


def _operation(node: Any, value: float, xs: list[float]) -> Op:
    """What made a node: its own operation, or the table's of that symbol if it does the same."""
    own = getattr(node, "operation", None)
    if isinstance(own, Op):
        return own
    symbol = str(node.op)
    for op in _by_symbol(len(xs)).get(symbol.lower(), ()):
        assert op.value is not None
        y = op.value(*xs)
        if y == value or abs(y - value) <= _AGREES * abs(value) or (y != y and value != value):
            return op
    return _opaque(symbol)


def _opaque(symbol: str) -> Op:
    if symbol not in _opaque_ops:
        _opaque_ops[symbol] = Op(symbol or "?", value=None, partials=None, latex=r"\operatorname{{op}}")
    return _opaque_ops[symbol]


_opaque_ops: dict[str, Op] = {}


def _by_symbol(arity: int) -> dict[str, list[Op]]:
    if arity not in _symbols:
        found: dict[str, list[Op]] = {}
        for op in TABLE.values():
            if op.arity == arity and op.value is not None:
                for symbol in {op.symbol, op.name}:
                    found.setdefault(symbol, []).append(op)
        _symbols[arity] = found
    return _symbols[arity]


_symbols: dict[int, dict[str, list[Op]]] = {}
