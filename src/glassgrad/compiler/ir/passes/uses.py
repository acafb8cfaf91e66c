"""Tools that several passes share: counting uses, finding final bodies, and copying a tape to replace operations."""

from __future__ import annotations

import numpy as np

from glassgrad.compiler.ir.fused_ops import SEAL
from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import EXPANDED, READS, Assert, Executions, Read
from glassgrad.compiler.ir.tape import Outputs, Tape

__all__ = ["copy", "count_uses", "final_bodies"]


def count_uses(tape: Tape) -> list[int]:
    """Count how often each value is used. A value that some read names counts as used more than once."""
    n = tape.inputs
    uses = [0] * (n + len(tape.ops))
    ends = [segment.exit.used for segment in tape.segments]
    carried = [read[1:] for read in tape.reads if not isinstance(read, Read)]
    for refs in (*tape.args, *ends, *carried):
        for a in refs:
            if 0 <= a < READS:
                uses[a] += 1
    direct = np.array([a for refs in ends for a in refs if a >= EXPANDED], np.int64) - EXPANDED
    if len(carried) < len(tape.reads) or len(direct):
        indices = Indices(Executions(tape))
        for s in indices.owner(direct).tolist():
            uses[n + s] += 2
        for read in tape.reads:
            if isinstance(read, Read):
                for s in indices.owners(read).tolist():
                    uses[n + s] += 2
    return uses


def final_bodies(tape: Tape) -> list[int]:
    """Return, for each operation after the last branch of its path, a number of the body that it is in; -1 for others.

    The body is that of the innermost loop around the operation, or its segment.
    """
    bodies = [-1] * len(tape.ops)
    for k, (start, stop, _, exit) in enumerate(tape.segments):
        if isinstance(exit, Outputs):
            bodies[start:stop] = [k] * (stop - start)
    for k, loop in enumerate(tape.loops):
        if loop.start < loop.stop and bodies[loop.start] >= 0:
            bodies[loop.start : loop.stop] = [len(tape.segments) + k] * (loop.stop - loop.start)
    for start, stop, _, _ in tape.segments if tape.rolled or SEAL in tape.ops else ():
        first = start  # what comes after the last assert, and after the first seal
        for i in range(start, stop):
            if isinstance(tape.ops[i], Assert):
                first = max([i, *[loop.stop for loop in tape.loops if loop.start <= i < loop.stop]])
        seals = [i for i in range(first, stop) if tape.ops[i] is SEAL]
        if seals:
            first = min([seals[0], *[loop.start for loop in tape.loops if loop.start <= seals[0] < loop.stop]])
        bodies[start:first] = [-1] * (first - start)
    return bodies


def copy(tape: Tape) -> Tape:
    """Copy a tape so that its operations can be replaced one for one. Nothing else is copied."""
    new = Tape(tape.names)
    new.constants, new.segments, new.loops, new.reads = tape.constants, tape.segments, tape.loops, tape.reads
    new.ops, new.args = [*tape.ops], [*tape.args]
    return new
