"""Cut the paths of a tape into pieces in which loops may be found.

A piece is a part of a path on which only one way is known. It ends at a branch with two known sides, at the results,
or before the last branch that leads to results: the passes treat the operations after it differently.
"""

from __future__ import annotations

from glassgrad.compiler.ir.loops import Assert
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape

__all__ = ["in_pieces"]


def in_pieces(tape: Tape) -> Tape:
    """Return ``tape`` with one segment for each piece. The branches inside pieces become asserts."""
    joined = [_only_side(tape, k) for k in range(len(tape.segments))]
    if not any(joined):
        return tape
    found = Tape(tape.names)
    found.constants = list(tape.constants)
    n = tape.inputs
    asserts: dict[tuple[bool, str], Assert] = {}
    moved: list[int] = []  # the new references of the operations
    number: list[int] = []  # the new number of the segment in which each segment is

    def new(ref: int) -> int:
        return ref if ref < n else moved[ref - n]

    start = 0
    for k, (first, stop, parent, exit) in enumerate(tape.segments):
        inside = k > 0 and joined[parent]
        if not inside:
            start, above = len(found.ops), number[parent] if parent >= 0 else -1
        number.append(len(found.segments))
        for i in range(first, stop):
            moved.append(n + len(found.ops))
            found.ops.append(tape.ops[i])
            found.args.append(tuple(map(new, tape.args[i])))
        if joined[k]:
            assert isinstance(exit, Split)
            key = exit.no is None, exit.line
            found.ops.append(asserts.setdefault(key, Assert(*key)))
            found.args.append((new(exit.condition),))
            continue
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=tuple(map(new, exit.refs)))
        else:
            exit = exit._replace(condition=new(exit.condition))
        found.segments.append(Segment(start, len(found.ops), above, exit))
    for k, segment in enumerate(found.segments):
        if isinstance(segment.exit, Split):
            yes, no = (None if side is None else number[side] for side in (segment.exit.yes, segment.exit.no))
            found.segments[k] = segment._replace(exit=segment.exit._replace(yes=yes, no=no))
    return found


def _only_side(tape: Tape, k: int) -> bool:
    """Whether segment ``k`` belongs to the same piece as the one that follows it."""
    exit = tape.segments[k].exit
    if isinstance(exit, Outputs) or (exit.yes is None) == (exit.no is None):
        return False
    after = exit.no if exit.yes is None else exit.yes
    assert after is not None
    return isinstance(tape.segments[after].exit, Split)
