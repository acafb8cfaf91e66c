"""Divide loops into nests where operands then move evenly.

Loops that follow one another without anything in between are found as one: the rows of a matrix, or the steps of a
simulation of which each updates a row. Their operands jump at the end of each row. In a nest of two loops they move
evenly in both, at least but for the first row, which may read the inputs, and the ends of rows, which may read edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.rolling.nodes import Node, Once, Repeat

__all__ = ["nested"]

SHORTEST = 3  # A row has at least this many rounds, and there are as many rows.


def nested(nodes: Sequence[Node], refs: Any) -> list[Node]:
    """Return the tree in which loops are divided into rows. ``refs`` has a row of references for each first operand."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Once):
            found.append(node)
        elif all(isinstance(child, Once) for child in node.body):
            found.append(_divided(node, refs))
        else:
            found.append(Repeat(node.trips, nested(node.body, refs)))
    return found


def _divided(loop: Repeat, refs: Any) -> Repeat:
    trips, entries = int(loop.trips[0]), len(loop.trips)
    if trips < SHORTEST**2 or not (loop.trips == trips).all():
        return loop
    lengths = []
    for child in loop.body:
        for moves in _moves(child.at.reshape(-1, trips), refs):
            lengths += [length] if (length := _row(moves, trips)) else []
    if not lengths:
        return loop
    length = max(set(lengths), key=lengths.count)
    rows = trips // length
    return Repeat(np.full(entries, rows), [Repeat(np.full(entries * rows, length), loop.body)])


def _moves(at: Any, refs: Any) -> Iterator[Any]:
    """Yield, for each operand that moves unevenly, by how much it moves from each round to the next."""
    for row in refs:
        moves = np.diff(row[at], axis=1)
        if moves.any() and (moves != moves[0, 0]).any():
            yield moves


def _row(moves: Any, trips: int) -> int:
    """Return the length of the rows at whose ends an operand jumps, or 0 if there are none."""
    values, counts = np.unique(moves[0], return_counts=True)
    jumps = np.flatnonzero((moves != values[np.argmax(counts)]).any(axis=0)) + 1
    if not len(jumps) or 2 * len(jumps) > trips:
        return 0
    gaps = np.concatenate([jumps[k:] - jumps[:-k] for k in (1, 2, 3)])
    gaps, counts = np.unique(gaps[gaps >= SHORTEST], return_counts=True)
    for length in map(int, gaps[np.lexsort((gaps, -counts))][:4]):
        inner = jumps[(jumps >= length) & (jumps <= trips - length)]
        if trips % length or trips < SHORTEST * length or not len(inner):
            continue
        places = inner % length
        if ((places <= 1) | (places == length - 1)).all() and len(set((inner + 1) // length)) == trips // length - 1:
            return length
    return 0
