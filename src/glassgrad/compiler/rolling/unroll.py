"""Unroll the loops that do not pay.

A loop keeps code small, but each round costs time: the loop itself, and operands that must be found in memory. A small
loop inside another is unrolled if this saves much time for each operation that the code gains.
"""

from __future__ import annotations

from collections.abc import Sequence

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, static_size

__all__ = ["unrolled"]

ROUND = 2  # A round of a loop takes as long as this many operations.
WORTH = 8  # Each operation that the code gains must save the time of this many operations, except that
TINY = 8  # loops of so few operations in all are unrolled always.
LONGEST = 64  # A loop of more operations in all stays.
SIZE = 300  # No loop is unrolled if the code would have more operations than this.


def unrolled(nodes: Sequence[Node]) -> list[Node]:
    """Return the tree without the loops that do not pay. Loops that always run one round are removed in any case."""
    found = _without_single_rounds(nodes)
    while True:
        size = static_size(found)
        some = sorted(_candidates(found), key=lambda one: -one[0])
        chosen = set()
        for _, gained, loop in some:
            if size + gained <= SIZE:
                size += gained
                chosen.add(id(loop))
        if not chosen:
            return found
        found = _replaced(found, chosen)


def _without_single_rounds(nodes: Sequence[Node]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
            continue
        body = _without_single_rounds(node.body)
        found += body if (node.trips == 1).all() else [Repeat(node.trips, body)]
    return found


def _candidates(nodes: Sequence[Node]) -> list[tuple[float, int, Repeat]]:
    """Return the innermost loops that would pay to unroll: what it saves for each operation gained, how many, which."""
    found = []
    for node in nodes:
        if isinstance(node, Once):
            continue
        inner = _candidates(node.body)
        trips = int(node.trips[0])
        if all(isinstance(child, Once) for child in node.body) and (node.trips == trips).all() and trips:
            size = len(node.body)
            gained = size * (trips - 1)
            saves = ROUND * trips * len(node.trips) / gained
            if size * trips <= TINY or (size * trips <= LONGEST and saves >= WORTH):
                inner.append((saves, gained, node))
        found += inner
    return found


def _replaced(nodes: Sequence[Node], chosen: set[int]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
        elif id(node) in chosen:
            trips = int(node.trips[0])
            found += [Once(child.at[t::trips]) for t in range(trips) for child in node.body]
        else:
            found.append(Repeat(node.trips, _replaced(node.body, chosen)))
    return found
