"""Divide loops into nests where operands then move evenly.

Loops that follow one another without anything in between are found as one: the rows of a matrix, or the steps of a
simulation of which each updates a row. Their operands jump at the end of each row. In a nest of two loops they move
evenly in both, at least but for the first row, which may read the inputs, and the ends of rows, which may read edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, running, selected, static_size

__all__ = ["nested"]

SHORTEST = 3  # A row has at least this many rounds, and there are as many rows.
PAIRS = 24  # Two rounds of a loop become one if it has at least this many rounds.
EDGE = 8  # A round at an end may be left out of the rows if it has at most this many operations.


def nested(nodes: Sequence[Node], refs: Any) -> list[Node]:
    """Return the tree in which loops are divided into rows. ``refs`` has a row of references for each first operand."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
        elif all(isinstance(child, Once) for child in node.body):
            found += _divided(node, refs)
        else:
            found += _divided(Repeat(node.trips, nested(node.body, refs)), refs)
    return found


def _divided(loop: Repeat, refs: Any) -> list[Node]:
    """Return the nodes for a loop: the loop itself, or a nest, and perhaps a round before or after it."""
    trips = int(loop.trips[0])
    if trips < SHORTEST**2 or not (loop.trips == trips).all():
        return [loop]
    straight = all(isinstance(child, Once) for child in loop.body)
    moves = [found for at in _columns(loop) for found in _moves(at, refs)]
    if straight and len(loop.body) <= EDGE // 2 and trips >= PAIRS and any(_alternates(one) for one in moves):
        return _paired(loop, moves, refs)
    ends = [(0, 0), (1, 0), (0, 1)] if static_size(loop.body) <= EDGE else [(0, 0)]
    for first, last in ends:
        rounds = trips - first - last
        lengths = [_row(one[:, first : trips - 1 - last], rounds) for one in moves]
        lengths = [length for length in lengths if length]
        if lengths:
            before, middle, after = _pieces(loop, first, last)
            length = max(set(lengths), key=lengths.count)
            rows, entries = rounds // length, len(loop.trips)
            nest = Repeat(np.full(entries, rows), [Repeat(np.full(entries * rows, length), middle)])
            return [*before, nest, *after]
    return [loop]


def _paired(loop: Repeat, moves: Sequence[Any], refs: Any) -> list[Node]:
    """Return the nodes for a loop in which two rounds become one. Of an odd number of rounds, one is left out at an
    end, where fewer operands jump."""
    trips, odd = int(loop.trips[0]), int(loop.trips[0]) % 2
    jumps = [sum([_uneven_pairs(one[:, first:]) for one in moves]) for first in (0, 1)]
    first = odd if jumps[1] < jumps[0] else 0
    before, middle, after = _pieces(loop, first, odd - first)
    body: list[Node] = [Once(child.at.reshape(-1, trips - odd)[:, t::2].ravel()) for t in (0, 1) for child in middle]  # type: ignore[union-attr]
    pairs = Repeat(np.full(len(loop.trips), trips // 2), body)
    return [*before, *_divided(pairs, refs), *after]


def _pieces(loop: Repeat, first: int, last: int) -> tuple[list[Node], list[Node], list[Node]]:
    """Return the body of a loop for its first rounds, the rounds between, and its last ones."""
    if not first and not last:
        return [], loop.body, []
    trips = int(loop.trips[0])
    place = np.arange(len(loop.trips) * trips) % trips
    before = [selected(child, place == t) for t in range(first) for child in loop.body]
    middle = [selected(child, (place >= first) & (place < trips - last)) for child in loop.body]
    after = [selected(child, place == t) for t in range(trips - last, trips) for child in loop.body]
    return running(before), running(middle), running(after)


def _columns(loop: Repeat) -> Iterator[Any]:
    """Yield the positions of each operation of a body, one row for each entry of the loop. Of an inner loop, these are
    those of its first round."""
    trips = int(loop.trips[0])
    for child in loop.body:
        if isinstance(child, Once):
            yield child.at.reshape(-1, trips)
        elif child.trips[0] and (child.trips == child.trips[0]).all():
            for one in child.body:
                if isinstance(one, Once):
                    yield one.at.reshape(-1, trips, int(child.trips[0]))[:, :, 0]


def _moves(at: Any, refs: Any) -> Iterator[Any]:
    """Yield, for each operand that moves unevenly, by how much it moves from each round to the next."""
    for row in refs:
        moves = np.diff(row[at], axis=1)
        if moves.any() and (moves != moves[0, 0]).any():
            yield moves


def _usual(moves: Any) -> Any:
    """Return by how much an operand moves in most rounds of each entry, if there is such a number."""
    return np.sort(moves, axis=1)[:, moves.shape[1] // 2, None]


def _alternates(moves: Any) -> bool:
    """Whether an operand moves by two distances in turn, in most rounds."""
    same = (moves[:, 2:] == moves[:, :-2]).all(axis=0).mean()
    return bool(same > 0.8 and (moves[:, 1:] != moves[:, :-1]).any(axis=0).mean() > 0.8)


def _uneven_pairs(moves: Any) -> int:
    """Return how often the distance over two rounds is not the usual one, from the first of each pair to the next."""
    both = moves[:, :-1:2] + moves[:, 1::2][:, : len(moves[0, :-1:2])]
    return int((both != _usual(both)).any(axis=0).sum())


def _row(moves: Any, trips: int) -> int:
    """Return the length of the rows at whose ends an operand jumps, or 0 if there are none."""
    jumps = np.flatnonzero((moves != _usual(moves)).any(axis=0)) + 1
    if not len(jumps) or 2 * len(jumps) > trips:
        return 0
    gaps = np.concatenate([jumps[k:] - jumps[:-k] for k in (1, 2, 3)])
    counts = np.bincount(gaps[gaps >= SHORTEST])
    gaps = np.flatnonzero(counts)
    for length in map(int, gaps[np.lexsort((gaps, -counts[gaps]))][:4]):
        inner = jumps[(jumps >= length) & (jumps <= trips - length)]
        if trips % length or trips < SHORTEST * length or not len(inner):
            continue
        places = inner % length
        if ((places <= 1) | (places == length - 1)).all() and len(set((inner + 1) // length)) == trips // length - 1:
            return length
    return 0
