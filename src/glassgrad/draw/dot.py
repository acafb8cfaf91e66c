"""`draw_dot`, the drawing of the teaching notebook: records and operations in DOT, Graphviz's language.

It returns a `graphviz.Digraph`. Where Graphviz's programs are installed, they lay it out. Elsewhere `dotscene` lays it
out, so that it still displays and saves.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glassgrad.draw import names as naming
from glassgrad.draw.counting import left_out
from glassgrad.draw.dotwrite import LABEL, field
from glassgrad.draw.drawing import RANKDIRS, check_choice, roots_of
from glassgrad.draw.metrics import clip, printable
from glassgrad.draw.picture import display_name, nearest
from glassgrad.draw.stale import Changes, changes
from glassgrad.graph import operands
from glassgrad.homework import adopt_all

if TYPE_CHECKING:
    import graphviz

DRAWN_MAX = 10_000  # Of a graph with more nodes, draw_dot draws only the part nearest to the root.
_PART = 500  # The number of nodes in that part.


def draw_dot(
    root: Any,
    format: str = "svg",
    rankdir: str = "LR",
    show_backprop: bool = True,
    colors: bool = True,
    names: Mapping[str, Any] | bool | None = None,
) -> graphviz.Digraph:
    """Draw a graph as the teaching notebook does, as a `graphviz.Digraph`.

    Each node is a record ``{label|data}``, and operations stand between the records. A node whose gradient has been
    computed shows it too, as ``{label|data}|{do/dlabel|grad}``; its border is blue and its operation purple. Red dashed
    edges lead back from every result whose gradient is not zero. Nodes and edges come in a fixed order, so the same
    graph always gives the same source.

    Args:
        root: a `Scalar`, or a node of any other class with ``.data``, ``.op`` and ``.prev`` (or ``._op`` and
            ``._prev``). A list, tuple or array of nodes makes one drawing of all of them.
        format: the format that ``render`` and ``pipe`` write: ``"svg"``, ``"png"``, ``"pdf"``, or any other that an
            installed Graphviz offers.
        rankdir: ``"LR"`` draws from left to right, ``"TB"`` from top to bottom.
        show_backprop: draw the red edges.
        colors: draw in blue and purple as above; False draws in black.
        names: how to name nodes that have no label, as for `draw`. A node without any name is called ``unk``.

    Returns:
        The graph. It shows itself in a notebook; ``.render("name")`` and ``.save("name.svg")`` write a picture.

    Raises:
        TypeError: ``root`` is neither a node nor a list of nodes, or ``names`` is not a mapping.
        ValueError: ``rankdir`` is unknown, or the graph has a cycle.

    Warns:
        UserWarning: the graph has more than 10,000 nodes, and only the part nearest to the root is drawn. `draw` with
            ``max_nodes`` draws such a part with a summary of the rest.

    Example:
        >>> import glassgrad as gg
        >>> a, b = gg.Scalar(2.0, label="a"), gg.Scalar(-3.0, label="b")
        >>> print(draw_dot(a * b).source)  # doctest: +NORMALIZE_WHITESPACE
        digraph {
            graph [ordering=in rankdir=LR]
            n0 [label="{a|2.000}" shape=record]
            n1 [label="{b|-3.000}" shape=record]
            n2 [label="{unk|-6.000}" shape=record]
            n2_op [label="*"]
            n2_op -> n2
            n0 -> n2_op
            n1 -> n2_op
        }
    """
    roots = roots_of("draw_dot", root)
    check_choice("rankdir", rankdir, RANKDIRS)
    variables = naming.given(names, sys._getframe(1))
    from glassgrad.draw.digraph import Digraph

    roots, variables = adopt_all(roots, variables)
    nodes, edges, more = _nodes_and_edges(roots)
    dot = Digraph(format=format, graph_attr={"rankdir": rankdir, "ordering": "in"}, engine="dot")
    border, badge = ("blue", "purple") if colors else ("black", "black")
    places = {id(node): f"n{i}" for i, node in enumerate(nodes)}
    found = changes(roots)
    for node in nodes:
        name, updated = places[id(node)], bool(getattr(node, "grad_updated", False)) and id(node) not in found.disowned
        style = "dashed" if node in found else None
        label = _record(node, variables, updated, found)
        dot.node(name, label=label, shape="record", color=border if updated else None, style=style)
        if node.op:
            dot.node(f"{name}_op", label=_plain(node.op), color=badge if updated else None)
            dot.edge(f"{name}_op", name)
    for tail, head in edges:
        # A node with operands but without an operation has no badge. Its edges end at the node itself.
        dot.edge(places[id(tail)], places[id(head)] + ("_op" if head.op else ""))
    if show_backprop:
        for tail, head in edges:
            if hasattr(head, "grad_updated") and head.grad:
                dot.edge(places[id(tail)], places[id(head)], color="red", style="dashed", dir="back")
    if found:
        dot.attr(label=r"\l".join([*map(_plain, found.story(variables)), ""]), labeljust="l")
    if more:
        dot.node("more", label=_plain(f"… {more}"), shape="box", style="dashed")
    return dot


def _nodes_and_edges(roots: list[Any]) -> tuple[list[Any], list[tuple[Any, Any]], str]:
    """Return the nodes and edges to draw, and a line about those that are left out."""
    nodes, complete = nearest(roots, DRAWN_MAX)
    if complete:
        return nodes, [(tail, node) for node in nodes for tail in operands(node)], ""
    nodes, _ = nearest(roots, _PART)
    warnings.warn(
        f"this graph has more than {DRAWN_MAX:,} nodes, so draw_dot draws the {_PART} nearest to the root. "
        f"draw(root, max_nodes={_PART}) also sums up the rest",
        stacklevel=3,
    )
    drawn = {id(node) for node in nodes}
    edges = [(tail, node) for node in nodes for tail in operands(node) if id(tail) in drawn]
    return nodes, edges, left_out(roots, nodes)


def _record(node: Any, variables: Mapping[int, str], updated: bool, found: Changes) -> str:
    label = display_name(node, variables) or str(getattr(node, "label", ""))
    name = field(label)
    record = f"{{{name}|{_three_places(found.value(node))}}}"
    if updated:
        by = f"({name})" if len(label) > 2 else name
        record += f"|{{do/d{by}|{_three_places(node.grad)}}}"
    moved = found.moved.get(id(node))
    return record if moved is None else f"{record}|{field(moved.now)}"


def _three_places(value: Any) -> str:
    try:
        return "%.3f" % value  # noqa: UP031 - the notebook's own template, which formats integers and NumPy numbers too
    except (OverflowError, TypeError, ValueError):
        return field(value)


def _plain(text: object) -> str:
    """Return a text as an ordinary label, which Graphviz never takes for HTML."""
    import graphviz

    safe = clip(printable(text), LABEL).replace("&", "&amp;")
    escaped: str = graphviz.escape(safe)  # a str of its own class, which is never HTML
    return escaped
