"""Cut the paths of a tape into pieces in which loops may be found.

A piece is a part of a path on which only one way is known. It ends at a branch with two known sides, at the results,
or before the last branch that leads to results: the passes treat the operations after it differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.columns import PAD, Columns
from glassgrad.compiler.ir.loops import Assert
from glassgrad.compiler.ir.recorded import RecordedTape
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape

__all__ = ["in_pieces"]


def in_pieces(tape: Tape) -> Tape:
    """Return ``tape`` with one segment for each piece. The branches inside pieces become asserts."""
    joined = [_only_side(tape, k) for k in range(len(tape.segments))]
    if not any(joined):
        return tape
    inserted = [segment for segment, inside in zip(tape.segments, joined) if inside]
    places = np.array([segment.stop for segment in inserted])
    n = tape.inputs

    def new(refs: Any) -> Any:
        """Return the new references: an operation moves by the number of asserts before it."""
        refs = np.asarray(refs, np.int64)
        moves = (refs >= n) & (refs != PAD)
        return refs + np.where(moves, np.searchsorted(places, refs - n, "right"), 0)

    found = RecordedTape(tape.names, _with_asserts(tape.columns(), inserted, places, new))
    found.constants = list(tape.constants)
    number: list[int] = []  # the new number of the segment in which each segment is
    start = asserts = 0  # where the segment begins, and how many asserts there are so far
    for k, (first, stop, parent, exit) in enumerate(tape.segments):
        if k == 0 or not joined[parent]:
            start, above = first + asserts, number[parent] if parent >= 0 else -1
        number.append(len(found.segments))
        if joined[k]:
            asserts += 1
            continue
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=tuple(new(exit.refs).tolist()))
        else:
            exit = exit._replace(condition=int(new(exit.condition)))
        found.segments.append(Segment(start, stop + asserts, above, exit))
    for k, segment in enumerate(found.segments):
        if isinstance(segment.exit, Split):
            yes, no = (None if side is None else number[side] for side in (segment.exit.yes, segment.exit.no))
            found.segments[k] = segment._replace(exit=segment.exit._replace(yes=yes, no=no))
    return found


def _with_asserts(columns: Columns, segments: Sequence[Segment], places: Any, new: Callable[[Any], Any]) -> Columns:
    """Return the operations with an assert at the end of each of some segments, at ``places``."""
    asserts: dict[tuple[bool, str], Assert] = {}
    codes, conditions = [], []
    for segment in segments:
        exit = segment.exit
        assert isinstance(exit, Split)
        key = exit.no is None, exit.line
        if key not in asserts:
            asserts[key] = Assert(*key)
        codes.append(asserts[key])
        conditions.append(exit.condition)
    first = {one: len(columns.ops) + k for k, one in enumerate(asserts.values())}
    rows = np.full((len(segments), columns.operands.shape[1]), PAD, np.int64)
    rows[:, 0] = conditions
    return columns._replace(
        ops=[*columns.ops, *first],
        code=np.insert(columns.code, places, [first[one] for one in codes]),
        operands=np.insert(new(columns.operands), places, new(rows), axis=0),
        wide=columns.wide + np.searchsorted(places, columns.wide, "right"),
        rest=new(columns.rest),
    )


def _only_side(tape: Tape, k: int) -> bool:
    """Whether segment ``k`` belongs to the same piece as the one that follows it."""
    exit = tape.segments[k].exit
    if isinstance(exit, Outputs) or (exit.yes is None) == (exit.no is None):
        return False
    after = exit.no if exit.yes is None else exit.yes
    assert after is not None
    return isinstance(tape.segments[after].exit, Split)
