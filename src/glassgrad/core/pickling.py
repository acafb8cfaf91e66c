"""Copy and pickle graphs of any depth.

A pickler follows references by recursion, and a graph can be deeper than Python's recursion limit. So a pickled node
refers not to its operands but to a `Tape`: everything below the node, as flat lists. Nodes that are pickled together
must stay together. So while a tape lives (the pickler's memo holds it), each of its nodes is pickled as an index into
that tape.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

from glassgrad.core.scalar import Scalar, is_same, rebuild, refuse_while_traced, take_apart, used

__all__ = ["Tape", "reduce_node"]

_tape_of: dict[int, ref[Tape]] = {}  # The tape of each node, by the node's id. A dying tape removes its entries.


def reduce_node(node: Scalar) -> tuple[Any, ...]:
    """Return the value of ``node.__reduce__()``: an index into a tape."""
    refuse_while_traced(node, "a deep copy or a pickle")
    tape = _living(id(node)) or Tape(node)
    return _pick, (tape, tape.index[id(node)])


def _living(i: int) -> Tape | None:
    known = _tape_of.get(i)
    return None if known is None else known()


class Tape:
    """A node and everything below it, as flat lists, operands before results."""

    def __init__(self, root: Scalar) -> None:
        self.nodes: list[Scalar] = []
        self.elsewhere: list[Scalar] = []  # nodes that are already in other tapes
        self.index: dict[int, int] = {}
        self.ref = ref(self)
        entered: set[int] = set()
        stack = [root]
        while stack:
            node = stack[-1]
            i = id(node)
            if i in self.index:
                stack.pop()
            elif i in entered:
                self.index[i] = len(self.nodes)
                self.nodes.append(node)
                stack.pop()
            elif _living(i) is not None:
                self.index[i] = ~len(self.elsewhere)
                self.elsewhere.append(node)
                stack.pop()
            else:
                entered.add(i)
                stack.extend([x for x in reversed(node.prev) if id(x) not in self.index])
        for node in self.nodes:
            _tape_of[id(node)] = self.ref

    def __del__(self) -> None:
        for node in self.nodes:
            if _tape_of.get(id(node)) is self.ref:
                del _tape_of[id(node)]

    def __reduce__(self) -> tuple[Any, ...]:
        parts: tuple[list[Any], ...] = ([], [], [], [], [], [])
        counts, operands = [], []
        for node in self.nodes:  # in columns: a tuple for each node would burden the garbage collector
            for column, part in zip(parts, take_apart(node)):
                column.append(part)
            counts.append(len(node.prev))
            operands.extend([self.index[id(x)] for x in node.prev])
        attributes = {i: vars(node) for i, node in enumerate(self.nodes) if hasattr(node, "__dict__")}
        moved = {i: used(node) for i, node in enumerate(self.nodes) if _has_moved_operands(node)}
        return _restore, (parts, counts, operands, self.elsewhere, moved), attributes or None


def _has_moved_operands(node: Scalar) -> bool:
    """Whether an operand's data has changed since ``node`` was computed."""
    return not all(map(is_same, [operand.data for operand in node.prev], used(node)))


class Restored:
    """A tape that was loaded from a pickle."""

    def __init__(self, nodes: list[Scalar]) -> None:
        self.nodes = nodes

    def __setstate__(self, attributes: dict[int, dict[str, Any]]) -> None:
        """Set the attributes of nodes of subclasses; these may refer to other nodes of the tape."""
        for i, attribute in attributes.items():
            vars(self.nodes[i]).update(attribute)


def _restore(
    parts: tuple[list[Any], ...],
    counts: list[int],
    operands: list[int],
    elsewhere: list[Scalar],
    moved: dict[int, tuple[float, ...]] | None = None,
) -> Restored:
    """Rebuild the tape. If a node's operands changed later, ``moved`` has the values that it was computed from."""
    nodes: list[Scalar] = []
    start = 0
    for part, count in zip(zip(*parts), counts):
        indices = operands[start : start + count]
        start += count
        values = moved.get(len(nodes)) if moved else None
        nodes.append(rebuild(part, [nodes[i] if i >= 0 else elsewhere[~i] for i in indices], values))
    return Restored(nodes)


def _pick(tape: Restored, i: int) -> Scalar:
    return tape.nodes[i]
