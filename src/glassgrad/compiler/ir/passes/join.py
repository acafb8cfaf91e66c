"""Turn the branches of a tape with one path into asserts, so that the tape has one segment."""

from __future__ import annotations

from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Assert, Carried, Executions, Loop, Until
from glassgrad.compiler.ir.passes.moves import Moves
from glassgrad.compiler.ir.tape import Segment, Split, Tape

__all__ = ["joined"]


def joined(tape: Tape) -> Tape:
    """Return a tape with one path as a tape with one segment. Each branch becomes an assert."""
    if tape.straight:
        return tape
    n, new = tape.inputs, Tape(tape.names)
    new.constants = tape.constants
    before = [k for k, segment in enumerate(tape.segments) for _ in range(segment.start, segment.stop)]
    refs = [n + i + k for i, k in enumerate(before)]  # each branch before an operation adds an assert

    def moved(ref: int) -> int:
        return refs[ref - n] if n <= ref < READS else ref

    for start, stop, _, exit in tape.segments:
        new.ops += tape.ops[start:stop]
        new.args += [tuple(map(moved, args)) for args in tape.args[start:stop]]
        if isinstance(exit, Split):
            new.ops.append(Assert(exit.no is None, exit.line))
            new.args.append((moved(exit.condition),))
        else:
            end = exit
    for loop in tape.loops:
        start, stop = refs[loop.start] - n, refs[loop.stop - 1] - n + 1
        until, count = loop.until, loop.down_from
        if until is not None:
            until = Until(until.position + start - loop.start, moved(until.condition))
        new.loops.append(Loop(start, stop, loop.trips, loop.parent, until, None if count is None else moved(count)))
    constants = [~k for k in range(len(tape.constants))]
    moves = Moves(Indices(Executions(tape)), Executions(new), refs, constants, {k: k for k in range(len(tape.loops))})
    new.segments = [Segment(0, len(new.ops), -1, end._replace(refs=moves.results(end.refs, moved)))]
    for read in tape.reads:
        if isinstance(read, Carried):
            new.reads.append(read._replace(initial=moved(read.initial), next=moved(read.next)))
        else:
            new.reads.append(moves.index(read))
    return new
