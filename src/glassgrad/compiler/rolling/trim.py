"""Take rounds at the ends of loops out, where operands would need a table because of these rounds alone.

A loop of the reverse sweep reads what a loop of the forward sweep computed, last round first. The forward sweep often
begins with operations before its loop, so the last round of the other reads values from there. Without that round, each
operand moves evenly through the values of one operation. It needs no table, and may be computed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, running, static_size

__all__ = ["trimmed"]

ENDS = 2  # At most this many rounds are taken out at each end.
LEAST = 12  # Loops of fewer rounds stay as they are.
SIZE = 400  # No round is taken out if there would be more static operations than this,
SHARE = 0.006  # or if all rounds taken out were more than this share of the executions.


def trimmed(nodes: Sequence[Node], starts: Any, counts: Any, refs: Any, inputs: int, total: int) -> list[Node]:
    """Return the tree with the rounds taken out.

    Args:
        nodes: the tree, with positions on the flat tape.
        starts, counts, refs: where the operands of each operation begin in ``refs``, and how many it has.
        inputs: the number of inputs.
        total: the number of operations of the flat tape.
    """
    owner, number = np.full(total + 1, -1), np.zeros(total + 1, np.int64)
    for k, one in enumerate(_operations(nodes)):
        owner[one.at], number[one.at] = k, np.arange(len(one.at))
    size, found = static_size(nodes), list[Node]()
    left = SHARE * total
    for node in nodes:
        if isinstance(node, Once) or len(node.trips) != 1 or node.trips[0] < LEAST:
            found.append(node)
            continue
        first, last = _ends(node, starts, counts, refs - inputs, owner, number)
        more = static_size(node.body) * (first + last)
        if size + more > SIZE or more > left:
            first = last = more = 0
        size, left = size + more, left - more
        found += _taken_out(node, first, last)
    return found


def _operations(nodes: Sequence[Node]) -> Iterator[Once]:
    for node in nodes:
        if isinstance(node, Once):
            yield node
        else:
            yield from _operations(node.body)


def _ends(node: Repeat, starts: Any, counts: Any, at: Any, owner: Any, number: Any) -> tuple[int, int]:
    """Return how many rounds to take out at the beginning and at the end of a loop.

    ``at`` has the position of each operand, or a negative number for constants and inputs.
    """
    trips = int(node.trips[0])
    inside = {int(owner[one.at[0]]) for one in _operations(node.body) if len(one.at)}
    first = last = 0
    for one in node.body:
        if not isinstance(one, Once) or len(one.at) != trips:
            continue
        for k in range(int(counts[one.at[0]])):
            where = at[starts[one.at] + k]
            if where[trips // 2] < 0 or owner[where[trips // 2]] in inside:  # a value that the loop carries
                continue
            whose = np.where(where < 0, -1, owner[where])
            steps = np.diff(number[where])
            middle = trips // 2
            even = (whose[1:] == whose[middle]) & (whose[:-1] == whose[middle]) & (steps == steps[middle])
            odd = np.flatnonzero(~even)
            if not len(odd):
                continue
            early, late = odd[odd < middle], odd[odd >= middle]
            begin = int(early[-1]) + 1 if len(early) else 0
            end = trips - 1 - int(late[0]) if len(late) else 0
            if begin <= ENDS and end <= ENDS:
                first, last = max(first, begin), max(last, end)
    return first, last


def _taken_out(node: Repeat, first: int, last: int) -> list[Node]:
    if not first and not last:
        return [node]
    trips = int(node.trips[0])
    rounds = [_round(node.body, trips, r, r + 1) for r in (*range(first), *range(trips - last, trips))]
    inner = Repeat(np.array([trips - first - last]), _round(node.body, trips, first, trips - last))
    return [*[one for body in rounds[:first] for one in body], inner, *[one for body in rounds[first:] for one in body]]


def _round(body: Sequence[Node], trips: int, begin: int, end: int) -> list[Node]:
    """Return the body with the executions of rounds ``begin`` to ``end`` of a loop of ``trips`` rounds.

    What does not run in these rounds is left out.
    """
    return running(_part(node, trips, begin, end) for node in body)


def _part(node: Node, entries: int, begin: int, end: int) -> Node:
    if isinstance(node, Once):
        size = len(node.at) // entries
        return Once(node.at[begin * size : end * size])
    edges = np.concatenate(([0], np.cumsum(node.trips)))
    size = len(node.trips) // entries
    first, last = begin * size, end * size
    return Repeat(node.trips[first:last], running(_span(child, node.trips, edges, first, last) for child in node.body))


def _span(node: Node, trips: Any, edges: Any, first: int, last: int) -> Node:
    entries = int(edges[-1])
    return _part(node, entries, int(edges[first]), int(edges[last])) if entries else node
