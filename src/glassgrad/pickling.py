"""Copies and pickles of graphs of any depth.

A pickler follows references by recursion, and a graph is deeper than that goes. So a node does not refer to its
operands when it is pickled, but to a `Tape`: everything below it as flat lists. Nodes pickled together must stay
together: as long as a tape lives (the pickler's memo holds it), each of its nodes is pickled as an index into it.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

from glassgrad.scalar import Scalar, rebuild, refuse_while_traced, take_apart

__all__ = ["Tape", "reduce_node"]

_tape_of: WeakValueDictionary[int, Tape] = WeakValueDictionary()  # by the node's id; a tape keeps its nodes alive


def reduce_node(node: Scalar) -> tuple[Any, ...]:
    """What ``node.__reduce__()`` returns: an index into a tape."""
    refuse_while_traced(node, "a deep copy or a pickle")
    tape = _tape_of.get(id(node))
    if tape is None:
        tape = Tape(node)
    return _pick, (tape, tape.index[id(node)])


class Tape:
    """A node and all below it in flat lists, operands first."""

    def __init__(self, root: Scalar) -> None:
        self.nodes: list[Scalar] = []
        self.elsewhere: list[Scalar] = []  # pickled already, in tapes of their own
        stack = [root]
        self.index: dict[int, int] = {}
        entered: set[int] = set()
        while stack:
            node = stack[-1]
            if id(node) in self.index:
                stack.pop()
            elif id(node) in _tape_of and id(node) not in entered:
                self.index[id(node)] = ~len(self.elsewhere)
                self.elsewhere.append(node)
                stack.pop()
            elif id(node) in entered:
                self.index[id(node)] = len(self.nodes)
                self.nodes.append(node)
                stack.pop()
            else:
                entered.add(id(node))
                stack.extend(reversed(node.prev))
        for node in self.nodes:
            _tape_of[id(node)] = self

    def __reduce__(self) -> tuple[Any, ...]:
        parts = [take_apart(node) for node in self.nodes]
        operands = [tuple([self.index[id(x)] for x in node.prev]) for node in self.nodes]
        attributes = {i: vars(node) for i, node in enumerate(self.nodes) if hasattr(node, "__dict__")}
        return _restore, (parts, operands, self.elsewhere), attributes or None


class Restored:
    """A tape read back."""

    def __init__(self, nodes: list[Scalar]) -> None:
        self.nodes = nodes

    def __setstate__(self, attributes: dict[int, dict[str, Any]]) -> None:
        """Give nodes of subclasses their attributes, which may refer to other nodes of the tape."""
        for i, attribute in attributes.items():
            vars(self.nodes[i]).update(attribute)


def _restore(parts: list[tuple[Any, ...]], operands: list[tuple[int, ...]], elsewhere: list[Scalar]) -> Restored:
    nodes: list[Scalar] = []
    for part, indices in zip(parts, operands):
        nodes.append(rebuild(part, [nodes[i] if i >= 0 else elsewhere[~i] for i in indices]))
    return Restored(nodes)


def _pick(tape: Restored, i: int) -> Scalar:
    return tape.nodes[i]
