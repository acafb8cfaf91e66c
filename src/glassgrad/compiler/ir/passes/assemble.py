"""Put a tape with loops together, once a pass has found all its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassgrad.compiler.ir.loops import EXPANDED, READS, Carried, Executions, Loop, Read
from glassgrad.compiler.ir.passes.arrange import arranged
from glassgrad.compiler.ir.passes.moves import Moves
from glassgrad.compiler.ir.tape import Outputs, Tape

if TYPE_CHECKING:
    from glassgrad.compiler.ir.passes.loop_writer import LoopWriter

__all__ = ["assembled"]


def assembled(writer: LoopWriter) -> Tape:
    """Return the tape that ``writer`` has written: operations in the order in which they run, and loops."""
    draft, n = writer.tape, writer.old.inputs
    order, loops, numbers = _in_order(writer)
    place = [0] * len(order)
    for at, i in enumerate(order):
        place[i] = at
    reads = _used_reads(writer)
    entries = {k: READS + entry for entry, k in enumerate(sorted(reads))}

    def moved(ref: int) -> int:
        if ref < n:
            return ref
        return n + place[ref - n] if ref < READS else entries[ref - READS]

    tape = Tape(draft.names)
    tape.constants = draft.constants
    tape.ops = [draft.ops[i] for i in order]
    tape.args = [tuple(map(moved, draft.args[i])) for i in order]
    tape.loops = loops
    refs = [ref if ref >= READS else moved(ref) for ref in writer.new[n:]]
    moves = Moves(writer.indices, Executions(tape), refs, writer.constants, numbers, writer.operands.named)
    for segment in draft.segments:
        exit = segment.exit
        if isinstance(exit, Outputs):
            exit = exit._replace(refs=moves.results(exit.refs, moved))
        else:
            exit = exit._replace(condition=moved(exit.condition))
        tape.segments.append(segment._replace(exit=exit))
    for k in sorted(reads):
        read = reads[k]
        if isinstance(read, Carried):
            tape.reads.append(Carried(numbers[read.loop], moved(read.initial), moved(read.next)))
        else:
            tape.reads.append(moves.index(read))
    if any(loop.start == loop.stop for loop in loops):  # indices that name values in them are gone only now
        return arranged(tape, range(len(tape.ops)))
    return tape


def _in_order(writer: LoopWriter) -> tuple[list[int], list[Loop], dict[int, int]]:
    """Return the operations in the order in which they run, the loops, and the new number of each old loop."""
    order: list[int] = []
    loops: list[Loop] = []
    numbers = {-1: -1}
    stack = [(-1, iter(writer.bodies[-1]))]
    while stack:
        loop, items = stack[-1]
        for item in items:
            if item < 0:
                old = writer.old.loops[~item]
                numbers[~item] = len(loops)
                loops.append(Loop(len(order), len(order), old.trips, numbers[old.parent]))
                stack.append((~item, iter(writer.bodies[~item])))
                break
            order.append(item)
        else:
            stack.pop()
            if loop >= 0:
                k = numbers[loop]
                loops[k] = loops[k]._replace(stop=len(order))
    return order, loops, numbers


def _used_reads(writer: LoopWriter) -> dict[int, Read | Carried]:
    """Return the reads that the new tape uses, by number. All references in them are new ones."""
    operands, draft = writer.operands, writer.tape
    used: dict[int, Read | Carried] = {}
    ends = [segment.exit.used for segment in draft.segments]
    work = [a - READS for refs in (*draft.args, *ends) for a in refs if READS <= a < EXPANDED]
    while work:
        k = work.pop()
        if k in used:
            continue
        used[k] = read = operands.reads[k]
        if isinstance(read, Carried):
            following = operands.reference(read.next, read.loop)
            used[k] = read._replace(next=following)
            work += [a - READS for a in (read.initial, following) if a >= READS]
    return used
