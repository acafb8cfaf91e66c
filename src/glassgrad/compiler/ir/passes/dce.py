"""Dead code elimination: remove the operations that no result and no branch depends on."""

from __future__ import annotations

import numpy as np

from glassgrad.compiler.ir.indices import Indices, distinct
from glassgrad.compiler.ir.loops import EXPANDED, READS, Assert, Executions, Read
from glassgrad.compiler.ir.passes.arrange import arranged
from glassgrad.compiler.ir.tape import Tape

__all__ = ["dce"]


def dce(tape: Tape) -> Tape:
    """Remove the operations that no result and no branch depends on, and loops without operations.

    A tape with masked loops is returned as it is.
    """
    if tape.masked:
        return tape
    live, reads = _live_of_rolled(tape) if tape.rolled else (_live(tape), [])
    if all(live) and len(reads) == len(tape.reads) and all(loop.start < loop.stop for loop in tape.loops):
        return tape
    return arranged(tape, [i for i, is_live in enumerate(live) if is_live], reads)


def _live(tape: Tape) -> bytearray:
    """Return a byte for each operation, which is set if the operation is used."""
    n = tape.inputs
    live = bytearray(n + len(tape.ops))
    for segment in tape.segments:
        for a in segment.exit.used:
            if a >= 0:
                live[a] = 1
    for i in range(len(tape.ops) - 1, -1, -1):
        if live[n + i]:
            for a in tape.args[i]:
                if a >= 0:
                    live[a] = 1
    return live[n:]


def _live_of_rolled(tape: Tape) -> tuple[bytearray, list[int]]:
    """Return the same for a tape with loops, and the reads that are used."""
    indices = Indices(Executions(tape))
    n, runs = tape.inputs, indices.executions.runs_of
    homes = indices.executions.home.tolist()
    ops, reads = bytearray(len(tape.ops)), set[int]()
    ends = np.array([a for segment in tape.segments for a in segment.exit.used], np.int64)
    work = ends[(ends >= n) & (ends < EXPANDED)].tolist()
    work += (n + distinct(indices.owner(ends[ends >= EXPANDED] - EXPANDED), len(tape.ops))).tolist()
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
