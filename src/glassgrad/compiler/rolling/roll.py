"""Roll a flat tape: write a tape with loops whose expansion is the flat tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.tape import Segment, Tape
from glassgrad.compiler.rolling.finder import find_loops
from glassgrad.compiler.rolling.flat import Flat
from glassgrad.compiler.rolling.nodes import Node, Once
from glassgrad.compiler.rolling.pieces import in_pieces
from glassgrad.compiler.rolling.trim import trimmed
from glassgrad.compiler.rolling.writing import written

__all__ = ["ROLL_FROM", "roll"]

ROLL_FROM = 64  # Shorter pieces are left straight.


def roll(tape: Tape, least: int = ROLL_FROM) -> Tape:
    """Return a tape with loops whose expansion is ``tape``, which must be flat.

    Loops are found in each piece of a path; see `in_pieces`. Pieces of fewer than ``least`` operations stay straight.
    The result is ``tape`` itself if there is no loop.
    """
    flat = Flat.of(in_pieces(tape))
    codes = flat.codes()
    nodes: list[Node] = []
    starts = []
    for segment in flat.segments:
        starts.append(len(nodes))
        nodes += _found(flat, codes, segment, least)
    if all(isinstance(node, Once) for node in nodes):
        return tape
    return written(flat, nodes, [*starts, len(nodes)])


def _found(flat: Flat, codes: Any, segment: Segment, least: int) -> list[Node]:
    """Return the tree of the operations of a segment."""
    start, stop = segment.start, segment.stop
    if stop - start < max(least, 1):
        return [Once(np.array([i])) for i in range(start, stop)]
    found = _moved(find_loops(codes[start:stop], *flat.first(start, stop)), start)
    return trimmed(found, flat.starts, flat.counts, flat.refs, flat.inputs, len(flat))


def _moved(nodes: Sequence[Node], by: int) -> list[Node]:
    return [
        Once(node.at + by) if isinstance(node, Once) else node._replace(body=_moved(node.body, by)) for node in nodes
    ]
