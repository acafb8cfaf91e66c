"""Unroll the loops that do not pay.

A loop keeps code small, but each round costs time: the loop itself, and operands that must be found in memory. A small
loop inside another is unrolled if this saves much time for each operation that the code gains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, static_size

__all__ = ["unrolled", "without_tiny_loops"]

ROUND = 2  # A round of a loop takes as long as this many operations.
WORTH = 2  # Each operation that the code gains must save the time of this many operations.
TINY = 8  # A loop of so few operations in all never pays.
LONGEST = 200  # A loop of more operations in all stays.
SIZE = 400  # No loop is unrolled if the code would have more operations than this.


def unrolled(nodes: Sequence[Node]) -> list[Node]:
    """Return the tree without the inner loops that do not pay."""
    found = list(nodes)
    while True:
        size = static_size(found)
        chosen: dict[int, list[Node]] = {}
        inside = [one for node in found if isinstance(node, Repeat) for one in _candidates(node.body)]
        for _, gained, loop, straight in sorted(inside, key=lambda one: -one[0]):
            if size + gained <= SIZE:
                size += gained
                chosen[id(loop)] = straight
        if not chosen:
            return found
        found = _replaced(found, chosen)


def without_tiny_loops(nodes: Sequence[Node]) -> list[Node]:
    """Return the tree without the loops that always run one round, and those that are too small in any case."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
            continue
        loop = Repeat(node.trips, without_tiny_loops(node.body))
        if (loop.trips == 1).all():
            found += loop.body
        elif _is_plain(loop) and len(loop.body) * int(loop.trips[0]) <= TINY:
            found += _straight(loop)
        else:
            found.append(loop)
    return found


def _is_plain(loop: Repeat) -> bool:
    """Whether a loop has no loops inside, and always as many rounds, not 0."""
    trips = loop.trips[0]
    return trips > 0 and (loop.trips == trips).all() and all(isinstance(child, Once) for child in loop.body)


def _straight(loop: Repeat) -> list[Node]:
    """Return all rounds of a loop, one after another. It must have the same number of rounds at each entry, and so must
    its inner loops in each of these rounds."""
    trips = int(loop.trips[0])
    found: list[Node] = []
    for t in range(trips):
        for child in loop.body:
            entries = np.arange(len(loop.trips) * trips) % trips == t
            one = _at(child, entries)
            found += _straight(one) if isinstance(one, Repeat) else [one]
    return found


def _at(node: Node, entries: Any) -> Node:
    """Return a node of a body with those of its executions for which ``entries`` holds."""
    if isinstance(node, Once):
        return Once(node.at[entries])
    inner = np.repeat(entries, node.trips)
    return Repeat(node.trips[entries], [_at(child, inner) for child in node.body])


def _length(loop: Repeat) -> int | None:
    """Return how many operations an entry of a loop runs, or None if entries differ in the rounds of a loop."""
    trips = int(loop.trips[0])
    if not trips or not (loop.trips == trips).all():
        return None
    length = 0
    for child in loop.body:
        if isinstance(child, Once):
            length += trips
            continue
        for t in range(trips):
            one = child.trips[t::trips]
            if not (one == one[0]).all() or not all(isinstance(node, Once) for node in child.body):
                return None
            length += int(one[0]) * len(child.body)
    return length


def _candidates(nodes: Sequence[Node]) -> list[tuple[float, int, Repeat, list[Node]]]:
    """Return the loops that would pay to unroll, each with what it saves for each operation gained, how many operations
    are gained, and its rounds.

    They are innermost loops, and loops of which each round always runs the same inner loops as often.
    """
    found = []
    for node in nodes:
        if isinstance(node, Once):
            continue
        inner = [child for child in node.body if isinstance(child, Repeat)]
        found += _candidates(node.body)
        if any(_is_plain(child) for child in inner):
            continue  # they come first
        length = _length(node)
        if length is None or length > LONGEST:
            continue
        gained = length - static_size(node.body)
        rounds = sum([int(loop.trips.sum()) for loop in (node, *inner)])
        saves = ROUND * rounds / max(gained, 1)
        if saves >= WORTH:
            found.append((saves, gained, node, _straight(node)))
    return found


def _replaced(nodes: Sequence[Node], chosen: Mapping[int, list[Node]]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
        elif id(node) in chosen:
            found += chosen[id(node)]
        else:
            found.append(Repeat(node.trips, _replaced(node.body, chosen)))
    return found
