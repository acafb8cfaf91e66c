"""Dead code elimination: remove the operations that no result and no branch depends on."""

from __future__ import annotations

from itertools import accumulate

from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Assert, Carried, Executions, Loop, Read, is_rolled
from glassgrad.compiler.ir.passes.moves import Moves
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape, TapeBuilder

__all__ = ["dce"]


def dce(tape: Tape) -> Tape:
    """Remove the operations that no result and no branch depends on, and loops without operations."""
    if is_rolled(tape):
        return _dce_of_rolled(tape)
    n = tape.inputs
    live = bytearray(n + len(tape.ops))
    for _, _, _, exit in tape.segments:
        for a in exit.refs if isinstance(exit, Outputs) else (exit.condition,):
            if a >= 0:
                live[a] = 1
    for i in range(len(tape.ops) - 1, -1, -1):
        if live[n + i]:
            for a in tape.args[i]:
                if a >= 0:
                    live[a] = 1
    if all(live[n:]):
        return tape
    builder = TapeBuilder(tape.names)
    constants = [builder.constant(x) for x in tape.constants]
    new = list(range(n)) + [0] * len(tape.ops)
    for start, stop, parent, exit in tape.segments:
        builder.begin(parent)
        for i in range(start, stop):
            if live[n + i]:
                args = tuple([new[a] if a >= 0 else constants[~a] for a in tape.args[i]])
                new[n + i] = builder.append(tape.ops[i], args)
        if isinstance(exit, Outputs):
            builder.end(Outputs(tuple([new[a] if a >= 0 else constants[~a] for a in exit.refs]), exit.path))
        else:
            a = exit.condition
            builder.end(exit._replace(condition=new[a] if a >= 0 else constants[~a]))
    return builder.tape


def _dce_of_rolled(tape: Tape) -> Tape:
    indices = Indices(Executions(tape))
    ops, reads = _live(tape, indices)
    if all(ops) and len(reads) == len(tape.reads) and all(loop.start < loop.stop for loop in tape.loops):
        return tape
    n, count = tape.inputs, len(tape.ops)
    before = [0, *accumulate(ops)]  # how many live operations there are before each operation
    entries = {k: entry for entry, k in enumerate(reads)}
    left = [k for k, loop in enumerate(tape.loops) if before[loop.start] < before[loop.stop]]
    loops = {-1: -1} | {k: new for new, k in enumerate(left)}

    def moved(ref: int) -> int:
        if ref < n:
            return ref
        return n + before[ref - n] if ref < READS else READS + entries[ref - READS]

    new = Tape(tape.names)
    new.constants = tape.constants
    new.ops = [op for op, is_live in zip(tape.ops, ops) if is_live]
    new.args = [tuple(map(moved, args)) for args, is_live in zip(tape.args, ops) if is_live]
    for k in left:
        start, stop, trips, parent = tape.loops[k]
        new.loops.append(Loop(before[start], before[stop], trips, loops[parent]))
    for start, stop, parent, exit in tape.segments:
        end: Outputs | Split
        if isinstance(exit, Outputs):
            end = exit._replace(refs=tuple(map(moved, exit.refs)))
        else:
            end = exit._replace(condition=moved(exit.condition))
        new.segments.append(Segment(before[start], before[stop], parent, end))
    refs = [n + before[i] if ops[i] else None for i in range(count)]
    moves = Moves(indices, Executions(new), refs, [~k for k in range(len(tape.constants))], loops)
    for k in reads:
        read = tape.reads[k]
        if isinstance(read, Carried):
            new.reads.append(Carried(loops[read.loop], moved(read.initial), moved(read.next)))
        else:
            new.reads.append(moves.index(read))
    return new


def _live(tape: Tape, indices: Indices) -> tuple[bytearray, list[int]]:
    """Return a byte for each operation, which is set if the operation is used, and the reads that are used."""
    n, runs = tape.inputs, indices.executions.runs_of
    homes = indices.executions.home.tolist()
    ops, reads = bytearray(len(tape.ops)), set[int]()
    ends = [exit.refs if isinstance(exit, Outputs) else (exit.condition,) for _, _, _, exit in tape.segments]
    work = [a for refs in ends for a in refs]
    work += [n + i for i, op in enumerate(tape.ops) if isinstance(op, Assert) and runs(homes[i])]
    while work:
        ref = work.pop()
        if ref >= READS:
            k = ref - READS
            if k not in reads:
                reads.add(k)
                read = tape.reads[k]
                work += (n + indices.owners(read)).tolist() if isinstance(read, Read) else read[1:]
        elif ref >= n and not ops[ref - n]:
            ops[ref - n] = 1
            work += tape.args[ref - n]
    return ops, sorted(reads)
