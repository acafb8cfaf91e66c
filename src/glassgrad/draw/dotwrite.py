"""Writes a picture in DOT, Graphviz's language, and escapes text for it."""

import math
from collections.abc import Iterator

from glassgrad.draw import colours
from glassgrad.draw.metrics import clip, number, printable
from glassgrad.draw.picture import Item, Picture

LABEL = 200  # The largest number of characters in a label.


def to_dot(picture: Picture, rankdir: str) -> str:
    """Return a picture as DOT source, with its clusters, labels and colours."""
    grads = [abs(item.grad) for item in picture.items if item.grad is not None and math.isfinite(item.grad)]
    largest = max(grads, default=0.0)
    caption = "\n".join(filter(None, [picture.caption, *picture.story]))
    lines = ["digraph {"]
    lines.append(f"\tgraph [rankdir={rankdir} ordering=in label={_quoted(_escaped(caption))} labeljust=l]")
    lines.append('\tnode [fontname="DejaVu Sans,Helvetica" fontsize=11 color="#6b7480"]')
    lines.append('\tedge [fontname="DejaVu Sans,Helvetica" fontsize=9 color="#8a939e" fontcolor="#5a6370"]')
    lines.extend(_clusters(picture, largest))
    for wire in picture.wires:
        head = picture.items[wire.head]
        attributes = [f"tooltip={_quoted(_escaped(wire.title))}"]
        if wire.backward:
            attributes += ["style=dashed", "dir=back", 'color="#c2185b"']
        elif wire.returning:
            attributes += ["style=dashed", "constraint=false", 'color="#6b7480"']
        elif wire.label:
            attributes.append(f"label={_quoted(_escaped(wire.label))}")
        target = f"n{wire.head}_op" if head.op and not wire.backward else f"n{wire.head}"
        lines.append(f"\tn{wire.tail} -> {target} [{' '.join(attributes)}]")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _clusters(picture: Picture, largest: float) -> Iterator[str]:
    """Yield the lines of all nodes, each inside its cluster, and of clusters inside their parents."""
    inside: list[list[int]] = [[] for _ in picture.clusters]
    for i, item in enumerate(picture.items):
        inside[item.region].append(i)
    children: list[list[int]] = [[] for _ in picture.clusters]
    for c, cluster in enumerate(picture.clusters[1:], 1):
        children[cluster.parent].append(c)
    stack = [(0, False)]
    while stack:
        c, close = stack.pop()
        if close:
            yield "\t}"
            continue
        if c:
            label = _quoted(_escaped(picture.clusters[c].name))
            yield f"\tsubgraph cluster_{c} {{"
            yield f'\tlabel={label}; style="rounded,filled"; fillcolor="#f6f8fa"; color="#b9c2cc"'
            stack.append((c, True))
        for i in inside[c]:
            yield from _item(i, picture.items[i], largest)
        stack.extend((child, False) for child in reversed(children[c]))


def _item(i: int, item: Item, largest: float) -> Iterator[str]:
    tooltip = f"tooltip={_quoted(_escaped(item.title))}"
    if item.kind == "node":
        label = f"{{{field(item.name)}|{item.value}}}" if item.name else f"{{{field(item.value)}}}"
        fill = "#f1f3f6" if item.leaf else "#ffffff"
        if item.grad is not None:
            label += f"|{{grad|{number(item.grad)}}}"
            fill = colours.LIGHT[colours.step(item.grad, largest)].fill
        if item.now:
            label += f"|{field(item.now)}"
        style = '"filled,dashed"' if item.stale else "filled"
        yield f'\tn{i} [shape=record style={style} fillcolor="{fill}" label={_quoted(label)} {tooltip}]'
        if item.op:
            yield f'\tn{i}_op [style=filled fillcolor="#e3e8ee" label={_quoted(_escaped(item.op))}]'
            yield f"\tn{i}_op -> n{i}"
    else:
        text = "\\n".join(_escaped(line) for line in [item.name, *item.lines])
        style = "dashed" if item.kind != "group" else '"filled,dashed"' if item.stale else "filled"
        yield f'\tn{i} [shape=box style={style} fillcolor="#e3e8ee" label={_quoted(text)} {tooltip}]'


def _escaped(text: str) -> str:
    lines = (printable(line).replace("\\", "\\\\").replace("&", "&amp;") for line in text.split("\n"))
    return "\\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def field(text: object) -> str:
    """Return a text as a field of a record, with the characters escaped that mean something there."""
    safe = clip(printable(text), LABEL)
    out = []
    for i, character in enumerate(safe):
        if character in "\\|{}<>":
            out.append("\\" + character)
        elif character == " " and (i in (0, len(safe) - 1) or safe[i - 1] == " "):
            out.append("\\ ")  # in records only single spaces between words survive
        else:
            out.append("&amp;" if character == "&" else character)
    return "".join(out)
