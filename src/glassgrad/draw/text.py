"""Writes a picture as a tree of text, for the terminal."""

from collections.abc import Mapping
from typing import Any

from glassgrad.draw.metrics import clip, number, printable
from glassgrad.draw.picture import Picture, gradient, returning
from glassgrad.graph import operands

LINES = 120  # The largest number of lines.
LEVELS = 28  # The largest depth of the tree, so that it stays on the screen.
NAME = 40  # Longer names are cut to this many characters.


def to_text(picture: Picture) -> str:
    """Return a tree for each root. A node has its operands below it, and ``^`` marks a node that is further up."""
    numbers = _numbers(picture)
    lines: list[str] = []
    written: set[int] = set()
    shown = {id(node) for node in picture.nodes}
    left_out = 0
    stack = [(root, "", "", 0) for root in reversed(picture.roots)]
    while stack:
        node, lead, below, level = stack.pop()
        if len(lines) >= LINES:
            left_out += id(node) not in written
            continue
        again = id(node) in written and bool(node.op)
        written.add(id(node))
        lines.append(lead + _line(node, picture, numbers, again))
        if again or not node.op:
            continue
        # Constants are shown here even if the picture folds them into their operations.
        onward = [(operand, "") for operand in operands(node)]
        every = [*onward, *[(operand, "then ") for operand in returning(node)]]
        under = [(o, how) for o, how in every if id(o) in shown or getattr(o, "is_constant", False) is True]
        hidden = len(every) - len(under)
        if level >= LEVELS and under:
            lines.append(f"{below}└─ … deeper")
            continue
        if hidden and len(lines) < LINES:
            branch = "├─" if under else "└─"
            lines.append(f"{below}{branch} … {hidden} operand{'s' if hidden > 1 else ''} not shown")
        for i in range(len(under) - 1, -1, -1):
            operand, how = under[i]
            last = i == len(under) - 1
            lead, deeper = (below + "└─ ", below + "   ") if last else (below + "├─ ", below + "│  ")
            stack.append((operand, lead + how, deeper, level + 1))
    missing = len(shown - written)
    if missing:
        lines.append(f"… {missing:,} more node{'s' if missing > 1 else ''} of the drawing")
    if picture.more:
        lines.append(f"… {picture.more}")
    if picture.note:
        lines.append(f"({picture.note})")
    lines.extend(picture.story)
    return "\n".join(lines)


def _numbers(picture: Picture) -> dict[int, int]:
    """Return numbers for the nodes that are used more than once but have no name."""
    uses: dict[int, int] = {}
    for node in picture.nodes:
        for operand in operands(node):
            uses[id(operand)] = uses.get(id(operand), 0) + 1
    shared = [n for n in picture.nodes if n.op and uses.get(id(n), 0) > 1 and not picture.names.get(id(n))]
    return {id(node): i + 1 for i, node in enumerate(shared)}


def _line(node: Any, picture: Picture, numbers: Mapping[int, int], again: bool) -> str:
    name = clip(picture.names.get(id(node), ""), NAME)
    if not name and id(node) in numbers:
        name = f"#{numbers[id(node)]}"
    if again:
        return f"{name or clip(printable(node.op), NAME)} ^"
    value = number(picture.changes.value(node))
    parts = [f"{name} = {value}" if name and value else name or value]
    if node.op:
        parts.append(f"[{clip(printable(node.op), NAME)}]")
    grad = gradient(node) if picture.show_grad and id(node) not in picture.changes.disowned else None
    if grad is not None:
        parts.append(f"grad {number(grad)}")
    moved = picture.changes.moved.get(id(node))
    if moved is not None:
        parts.append(f"({moved.text})")
    elif node in picture.changes:
        parts.append("(stale)")
    return "  ".join(parts)
