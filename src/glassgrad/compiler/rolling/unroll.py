"""Unroll the loops that do not pay.

A loop keeps code small, but each round costs time: the loop itself, and operands that must be found in memory. A small
loop inside another is unrolled if this saves much time for each operation that the code gains.
"""

from __future__ import annotations

from collections.abc import Sequence

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
        chosen = set()
        inside = [one for node in found if isinstance(node, Repeat) for one in _candidates(node.body)]
        for _, gained, loop in sorted(inside, key=lambda one: -one[0]):
            if size + gained <= SIZE:
                size += gained
                chosen.add(id(loop))
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
            found += _rounds(loop)
        else:
            found.append(loop)
    return found


def _is_plain(loop: Repeat) -> bool:
    """Whether a loop has no loops inside, and always as many rounds, not 0."""
    trips = loop.trips[0]
    return trips > 0 and (loop.trips == trips).all() and all(isinstance(child, Once) for child in loop.body)


def _rounds(loop: Repeat) -> list[Node]:
    trips = int(loop.trips[0])
    return [Once(child.at[t::trips]) for t in range(trips) for child in loop.body]


def _candidates(nodes: Sequence[Node]) -> list[tuple[float, int, Repeat]]:
    """Return the innermost loops that would pay to unroll: what it saves for each operation gained, how many, which."""
    found = []
    for node in nodes:
        if isinstance(node, Once):
            continue
        found += _candidates(node.body)
        if _is_plain(node):
            trips, size = int(node.trips[0]), len(node.body)
            gained = size * (trips - 1)
            saves = ROUND * trips * len(node.trips) / max(gained, 1)
            if size * trips <= LONGEST and saves >= WORTH:
                found.append((saves, gained, node))
    return found


def _replaced(nodes: Sequence[Node], chosen: set[int]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
        elif id(node) in chosen:
            found += _rounds(node)
        else:
            found.append(Repeat(node.trips, _replaced(node.body, chosen)))
    return found
