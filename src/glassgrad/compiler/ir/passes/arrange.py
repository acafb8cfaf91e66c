"""Put the operations of a tape in another order, or leave some out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Carried, Executions, Loop
from glassgrad.compiler.ir.passes.moves import Moves
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape

__all__ = ["arranged"]


def arranged(tape: Tape, order: Sequence[int], reads: Sequence[int] | None = None) -> Tape:
    """Return a tape with the operations ``order``, in that order, and without loops that have none of them.

    Each operation stays in its segment and in the body of its loop.

    Args:
        tape: a tape. No operation in ``order`` depends on one that is left out.
        order: the positions of the operations.
        reads: the reads to keep, in order. None: all.
    """
    n, count = tape.inputs, len(tape.ops)
    kept = bytearray(count)
    table = [*range(n), *[-1] * count, *range(-len(tape.constants), 0)]  # negative references count from the end
    for ref, i in enumerate(order, n):
        table[n + i] = ref
        kept[i] = 1
    left = [0, *accumulate(kept)]  # how many are left of the operations before each operation
    reads = range(len(tape.reads)) if reads is None else reads
    moved: Callable[[int], int] = table.__getitem__
    if tape.reads:
        entries = dict(zip(reads, range(READS, READS + len(reads))))

        def moved(ref: int) -> int:
            return table[ref] if ref < READS else entries[ref - READS]

    new = Tape(tape.names)
    new.constants = tape.constants
    new.ops = [tape.ops[i] for i in order]
    new.args = [tuple(map(moved, tape.args[i])) for i in order]
    loops = {-1: -1}
    for k, (start, stop, trips, parent, *_) in enumerate(tape.loops):
        if left[start] < left[stop]:
            loops[k] = len(new.loops)
            first = min([table[n + i] - n for i in range(start, stop) if kept[i]])
            new.loops.append(Loop(first, first + left[stop] - left[start], trips, loops[parent]))
    indices, executions = Indices(Executions(tape)), Executions(new)
    refs = [ref if ref >= n else None for ref in table[n : n + count]]
    moves = Moves(indices, executions, refs, [~k for k in range(len(tape.constants))], loops)
    for k in reads:
        read = tape.reads[k]
        if isinstance(read, Carried):
            new.reads.append(Carried(loops[read.loop], moved(read.initial), moved(read.next)))
        else:
            new.reads.append(moves.index(read))
    for start, stop, parent, exit in tape.segments:
        end: Outputs | Split
        if isinstance(exit, Outputs):
            end = exit._replace(refs=moves.results(exit.refs, moved))
        else:
            end = exit._replace(condition=moved(exit.condition))
        new.segments.append(Segment(left[start], left[stop], parent, end))
    return new
