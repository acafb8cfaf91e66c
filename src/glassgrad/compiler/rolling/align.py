"""Let rounds that lack some operations join a loop.

The first and last rounds of a loop often lack some operations: an adjoint that is not added to yet, a value that has no
neighbour. They stand beside the loop, as long as its body. Where a program would be too large with them, they become
rounds of the loop, and the operations that they lack become a loop of one round or none, which is as good as an `if`.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
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
            following = found[k + 1] if k + 1 < len(found) else None
            if isinstance(following, Repeat):
                one = _chained(node, following, codes)
                if one is not None:
                    found[k : k + 2] = [one]
                    continue
            most = len(node.body)
            before = _match(found[max(k - most, 0) : k], node.body, codes, -1)
            after = _match(found[k + 1 : k + 1 + most], node.body, codes, 1)
            if before or after:
                joined = _joined(
                    node, found[k - len(before) : k], before, found[k + 1 : k + 1 + len(after)], after, codes
                )
                found[k - len(before) : k + 1 + len(after)] = [joined]
                k -= len(before)
        k += 1
    return found


def _match(nodes: Sequence[Node], body: Sequence[Node], codes: Any, step: int) -> list[int]:
    """Return the places in ``body`` of the last (``step`` -1) or first (1) of ``nodes``, as many as it pays to join."""
    j = -1 if step > 0 else len(body)
    places: list[int] = []
    best, worth, gaps, size = 0, SAVES - 1, 0, 0
    for node in nodes[::step]:
        last = j
        j += step
        while 0 <= j < len(body) and not _fits(node, body[j], codes):
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


def _fits(node: Node, whole: Node, codes: Any) -> bool:
    """Whether ``node`` is like ``whole``, or a loop whose body lacks less than half of the operations."""
    if isinstance(node, Once) or isinstance(whole, Once):
        return _code(node, codes) == _code(whole, codes)
    if 2 * static_size(node.body) <= static_size(whole.body):
        return False
    return _places(node.body, whole.body, codes) is not None


def _code(node: Node, codes: Any) -> int:
    return int(codes[node.at[0]]) if isinstance(node, Once) and len(node.at) else -1


def _key(node: Node, codes: Any) -> Any:
    return _code(node, codes) if isinstance(node, Once) else tuple(_key(child, codes) for child in node.body)


def _places(nodes: Sequence[Node], body: Sequence[Node], codes: Any) -> list[int] | None:
    """Return the places of all ``nodes`` in ``body``, or None if they are not part of it in this order."""
    places: list[int] = []
    j = 0
    for node in nodes:
        while j < len(body) and not _fits(node, body[j], codes):
            j += 1
        if j == len(body):
            return None
        places.append(j)
        j += 1
    return places


class _Side(NamedTuple):
    """Some rounds of the new loop: the node at each place of the body, where there is one, and how many rounds."""

    nodes: dict[int, Node]
    rounds: int


def _loop(parts: Sequence[tuple[dict[int, Node], Any]], codes: Any, whole: int) -> Repeat:
    """Return a loop whose rounds are, at each entry, those of several parts, one part after another.

    A part is the node at each place of the body, and its number of rounds at each entry. Where nodes differ, those of
    part number ``whole`` have all operations.
    """
    order = sorted(range(len(parts)), key=lambda k: k != whole)
    entry = [np.repeat(np.arange(len(parts[k][1])), parts[k][1]) for k in order]
    turn = [np.full(len(entries), k) for k, entries in zip(order, entry)]
    sides = [_Side(parts[k][0], len(entries)) for k, entries in zip(order, entry)]
    sequence = np.lexsort((np.concatenate(turn), np.concatenate(entry)))
    return Repeat(sum(trips for _, trips in parts), _body(sides, sequence, codes))


def _joined(
    loop: Repeat, before: Sequence[Node], first: Sequence[int], after: Sequence[Node], last: Sequence[int], codes: Any
) -> Repeat:
    """Return the loop with a round before and after those of each entry, where there are such rounds."""
    once = np.ones(len(loop.trips), np.int64)
    parts = [(dict(enumerate(loop.body)), loop.trips)]
    if first:
        parts.insert(0, (dict(zip(first, before)), once))
    if last:
        parts.append((dict(zip(last, after)), once))
    return _loop(parts, codes, whole=int(bool(first)))


def _chained(a: Repeat, b: Repeat, codes: Any) -> Repeat | None:
    """Return the loop that runs the rounds of two, or None if it would not be small enough.

    What only one of them computes becomes a loop of one round or none.
    """
    keys: list[list[Any]] = [[_key(node, codes) for node in loop.body] for loop in (a, b)]
    nodes: tuple[dict[int, Node], dict[int, Node]] = ({}, {})
    count = groups = 0
    for kind, *spans in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        first, second = a.body[spans[0] : spans[1]], b.body[spans[2] : spans[3]]
        nodes[0].update(enumerate(first, count))
        count += 0 if kind == "equal" else len(first)
        nodes[1].update(enumerate(second, count))
        count += len(second)
        groups += 0 if kind == "equal" else bool(first) + bool(second)
    saved = static_size(a.body) + static_size(b.body) - static_size([*(nodes[0] | nodes[1]).values()])
    if saved - GROUP * groups < SAVES:
        return None
    return _loop(list(zip(nodes, (a.trips, b.trips))), codes, 0)


def _body(sides: Sequence[_Side], order: Any, codes: Any) -> list[Node]:
    """Return the body of a loop whose rounds are those of all sides, in this order."""
    body: list[Node] = []
    group: list[int] = []  # places whose operations the same sides have
    for place in range(len(set().union(*(side.nodes for side in sides))) + 1):
        have = [place in side.nodes for side in sides]
        if group and have != [group[0] in side.nodes for side in sides]:
            body += _grouped(group, sides, order, codes)
            group = []
        group.append(place)
    return body


def _grouped(places: Sequence[int], sides: Sequence[_Side], order: Any, codes: Any) -> list[Node]:
    """Return the nodes of some places of the body, in a loop of one round or none if not all sides have them."""
    have = np.concatenate([np.full(side.rounds, places[0] in side.nodes) for side in sides])
    inner = (np.cumsum(have) - 1)[order[have[order]]]
    some = [[side.nodes[place] for side in sides if place in side.nodes] for place in places]
    nodes = [_reordered(_united(column, codes), inner) for column in some]
    return nodes if have.all() else [Repeat(have[order].astype(np.int64), nodes)]


def _united(nodes: Sequence[Node], codes: Any) -> Node:
    """Return one node for several that run one after another. The bodies of the later ones may lack operations."""
    first = nodes[0]
    if isinstance(first, Once):
        return merged(nodes)
    sides = []
    for node in nodes:
        assert isinstance(node, Repeat)
        places = _places(node.body, first.body, codes)
        assert places is not None
        sides.append(_Side(dict(zip(places, node.body)), int(node.trips.sum())))
    trips = np.concatenate([node.trips for node in nodes])  # type: ignore[union-attr]
    return Repeat(trips, _body(sides, np.arange(sum(side.rounds for side in sides)), codes))


def _reordered(node: Node, order: Any) -> Node:
    """Return a node whose executions, or entries, come in another order."""
    if isinstance(node, Once):
        return Once(node.at[order])
    starts, trips = (np.cumsum(node.trips) - node.trips)[order], node.trips[order]
    rounds = np.arange(trips.sum()) + np.repeat(starts - (np.cumsum(trips) - trips), trips)
    return Repeat(trips, [_reordered(child, rounds) for child in node.body])
