"""The loops found in a sequence of operations, as a tree: an `Once` for each static operation, a `Repeat` for each
loop.

A node knows all its executions. A tree can be put together from trees of parts: `placed` puts the tree of one round
into every round, and `merged` makes one node of several of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Node", "Once", "Repeat", "emptied", "executed", "merged", "placed", "running", "selected", "static_size"]


class Once(NamedTuple):
    """A static operation. ``at`` has the position of each of its executions, in order."""

    at: Any


class Repeat(NamedTuple):
    """A loop. ``trips`` has the number of rounds of each entry, in order; ``body`` is the list of nodes of a round."""

    trips: Any
    body: list[Any]


Node = Once | Repeat


def merged(nodes: Sequence[Node]) -> Node:
    """Return one node that stands for several of the same shape, which run one after another."""
    first = nodes[0]
    if len(nodes) == 1:
        return first
    if isinstance(first, Once):
        return Once(np.concatenate([node.at for node in nodes]))  # type: ignore[union-attr]
    bodies = [node.body for node in nodes]  # type: ignore[union-attr]
    trips = np.concatenate([node.trips for node in nodes])  # type: ignore[union-attr]
    return Repeat(trips, [merged(column) for column in zip(*bodies)])


def placed(nodes: Sequence[Node], rows: Any, item: Callable[[Any], Node]) -> list[Node]:
    """Return the tree of a part that runs several times.

    Args:
        nodes: the tree of one run. Its positions are places in a row.
        rows: for each run, an array of items.
        item: returns the node that stands for several items, in order.
    """
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(item(rows[:, node.at].ravel()))
        else:
            found.append(Repeat(np.tile(node.trips, len(rows)), placed(node.body, rows, item)))
    return found


def selected(node: Node, entries: Any) -> Node:
    """Return a node of a body with those of its executions for which ``entries`` holds."""
    if isinstance(node, Once):
        return Once(node.at[entries])
    inner = np.repeat(entries, node.trips)
    return Repeat(node.trips[entries], [selected(child, inner) for child in node.body])


def emptied(node: Node) -> Node:
    """Return a node of the same shape that never runs; a loop is entered once, for no round."""
    if isinstance(node, Once):
        return Once(node.at[:0])
    return Repeat(np.zeros(1, np.int64), [_unentered(child) for child in node.body])


def _unentered(node: Node) -> Node:
    if isinstance(node, Once):
        return Once(node.at[:0])
    return Repeat(node.trips[:0], [_unentered(child) for child in node.body])


def executed(node: Node) -> int:
    """Return how many operations a node runs in all."""
    if isinstance(node, Once):
        return len(node.at)
    return sum(map(executed, node.body))


def running(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes without operations and loops that never run, at any depth."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found += [node] if len(node.at) else []
        elif executed(node):
            found.append(node._replace(body=running(node.body)))
    return found


def static_size(nodes: Sequence[Node]) -> int:
    """Return the number of static operations."""
    return sum(1 if isinstance(node, Once) else static_size(node.body) for node in nodes)
