"""Let rounds that lack some operations join a loop.

The first and last rounds of a loop often lack some operations: an adjoint that is not added to yet, a value that has no
neighbour. They stand beside the loop, as long as its body. Where a program would be too large with them, they become
rounds of the loop, and the operations that they lack become a loop of one round or none, which is as good as an `if`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, merged, static_size

__all__ = ["aligned"]

GROUP = 4  # An `if` in a body must save at least this many operations,
SAVES = 12  # and a round that joins this many beyond that.


def aligned(nodes: Sequence[Node], codes: Any) -> list[Node]:
    """Return the tree in which rounds that lack operations have joined their loops, inner loops first."""
    found: list[Node] = [
        node if isinstance(node, Once) else Repeat(node.trips, aligned(node.body, codes)) for node in nodes
    ]
    k = 0
    while k < len(found):
        node = found[k]
        if isinstance(node, Repeat):
            before = _match(found[:k], node.body, codes, -1)
            after = _match(found[k + 1 :], node.body, codes, 1)
            if before or after:
                joined = _joined(node, found[k - len(before) : k], before, found[k + 1 : k + 1 + len(after)], after)
                found[k - len(before) : k + 1 + len(after)] = [joined]
                k -= len(before)
        k += 1
    return found


def _match(nodes: Sequence[Node], body: Sequence[Node], codes: Any, step: int) -> list[int]:
    """Return the places in ``body`` of the last (``step`` -1) or first (1) of ``nodes``, as many as it pays to join."""
    keys = [_key(node, codes) for node in body]
    some = nodes[::step]
    j = -1 if step > 0 else len(body)
    places: list[int] = []
    best, worth, gaps, size = 0, SAVES - 1, 0, 0
    for node in some:
        key, last = _key(node, codes), j
        j += step
        while 0 <= j < len(body) and keys[j] != key:
            j += step
        if not 0 <= j < len(body):
            break
        places.append(j)
        size += static_size([node])
        gaps += j != last + step
        rest = j < len(body) - 1 if step > 0 else j > 0
        if size - GROUP * (gaps + rest) > worth:
            best, worth = len(places), size - GROUP * (gaps + rest)
    return places[:best][::step]


def _key(node: Node, codes: Any) -> Any:
    if isinstance(node, Once):
        return int(codes[node.at[0]]) if len(node.at) else -1
    return tuple(_key(child, codes) for child in node.body)


class _Side(NamedTuple):
    """Some rounds of the new loop: the node at each place of the body, where there is one, and how many rounds."""

    nodes: dict[int, Node]
    rounds: int


def _joined(
    loop: Repeat, before: Sequence[Node], first: Sequence[int], after: Sequence[Node], last: Sequence[int]
) -> Repeat:
    """Return the loop with a round before and after those of each entry, where there are such rounds."""
    entries, trips = len(loop.trips), loop.trips
    sides = [_Side(dict(enumerate(loop.body)), int(trips.sum()))]
    entry, turn = [np.repeat(np.arange(entries), trips)], [np.ones(sides[0].rounds, np.int64)]
    for places, nodes, when in ((first, before, 0), (last, after, 2)):
        if places:
            sides.append(_Side(dict(zip(places, nodes)), entries))
            entry.append(np.arange(entries))
            turn.append(np.full(entries, when))
    order = np.lexsort((np.concatenate(turn), np.concatenate(entry)))
    body: list[Node] = []
    group: list[int] = []  # places whose operations the same sides have
    for place in range(len(loop.body) + 1):
        have = [place in side.nodes for side in sides]
        if group and (place == len(loop.body) or have != [group[0] in side.nodes for side in sides]):
            body += _grouped(group, sides, order)
            group = []
        group.append(place)
    return Repeat(trips + bool(first) + bool(last), body)


def _grouped(places: Sequence[int], sides: Sequence[_Side], order: Any) -> list[Node]:
    """Return the nodes of some places of the body, in a loop of one round or none if not all sides have them."""
    have = np.concatenate([np.full(side.rounds, places[0] in side.nodes) for side in sides])
    inner = (np.cumsum(have) - 1)[order[have[order]]]
    nodes = [
        _reordered(merged([side.nodes[place] for side in sides if place in side.nodes]), inner) for place in places
    ]
    return nodes if have.all() else [Repeat(have[order].astype(np.int64), nodes)]


def _reordered(node: Node, order: Any) -> Node:
    """Return a node whose executions, or entries, come in another order."""
    if isinstance(node, Once):
        return Once(node.at[order])
    starts, trips = (np.cumsum(node.trips) - node.trips)[order], node.trips[order]
    rounds = np.arange(trips.sum()) + np.repeat(starts - (np.cumsum(trips) - trips), trips)
    return Repeat(trips, [_reordered(child, rounds) for child in node.body])
