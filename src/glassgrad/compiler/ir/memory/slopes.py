"""Compute the derivative of each tanh where its value is computed, since both share their work.

The reverse sweep computes the derivative from the argument, often in another loop. Then the argument is stored. Storing
the derivative instead takes the same memory.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from glassgrad.compiler.ir.fused_ops import TANH_SLOPE
from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Executions, Read
from glassgrad.compiler.ir.memory.insertion import Insertions, Renamed
from glassgrad.compiler.ir.passes.arrange import arranged
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.uses import copy, final_bodies
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops

__all__ = ["slopes_early"]


def slopes_early(tape: Tape) -> Tape:
    """Compute each `TANH_SLOPE` beside the tanh of the same argument, where there is one after the last branch."""
    if TANH_SLOPE not in tape.ops or ops.tanh not in tape.ops or tape.masked:
        return tape
    tape = _moved(tape)
    return _inserted(tape) if tape.reads or tape.loops else tape


def _moved(tape: Tape) -> Tape:
    """Move each derivative to the tanh of its argument, if both are in the same body."""
    bodies, beside = final_bodies(tape), dict[tuple[int, int], int]()
    moved: dict[int, list[int]] = defaultdict(list)
    for i, (op, args) in enumerate(zip(tape.ops, tape.args)):
        if bodies[i] >= 0 and op is ops.tanh:
            beside.setdefault((bodies[i], args[0]), i)
        elif bodies[i] >= 0 and op is TANH_SLOPE and (bodies[i], args[0]) in beside:
            moved[beside[bodies[i], args[0]]].append(i)
    if not moved:
        return tape
    early = {i for some in moved.values() for i in some}
    return arranged(tape, [k for i in range(len(tape.ops)) if i not in early for k in (i, *moved.get(i, ()))])


def _inserted(tape: Tape) -> Tape:
    """Compute derivatives beside a tanh in another body, and read them from there."""
    n, bodies, executions = tape.inputs, final_bodies(tape), Executions(tape)
    home = executions.home
    beside = {
        args[0] - n: j
        for j, (op, args) in enumerate(zip(tape.ops, tape.args))
        if op is ops.tanh and n <= args[0] < READS and bodies[j] >= 0 and bodies[args[0] - n] == bodies[j]
    }
    new = copy(tape)
    insertions = Insertions(new, executions)
    early: dict[int, int] = {}

    def slope(s: int) -> int:
        """Return the derivative of the tanh of operation s, which is inserted before that tanh."""
        if s not in early:
            j = beside[s]
            early[s] = insertions.insert(j, int(home[j]), TANH_SLOPE, (n + s,))
        return early[s]

    for i, (op, (ref, *_)) in enumerate(zip(tape.ops, [args or (-1,) for args in tape.args])):
        if op is not TANH_SLOPE or bodies[i] < 0:
            continue
        sources = _sources(executions, ref)
        if not sources or not sources <= beside.keys() or any(bodies[s] == bodies[i] for s in sources):
            continue
        new.ops[i] = ops.identity
        found = {s: slope(s) for s in sorted(sources)}
        read = tape.reads[ref - READS] if ref >= READS else None
        insertions.replaced[i, ref] = (
            insertions.read(Renamed(read.loop, read.index, found)) if isinstance(read, Read) else found[ref - n]
        )
    return dce(insertions.write()) if insertions.added else tape


def _sources(executions: Executions, ref: int) -> set[int]:
    """Return the operations whose values a reference names, or none if it may name something else."""
    tape = executions.tape
    if ref < READS:
        return {ref - tape.inputs} if ref >= tape.inputs else set()
    read = tape.reads[ref - READS]
    if not isinstance(read, Read) or not executions.runs_of(read.loop):
        return set()
    indices = Indices(executions)
    low = indices.span(read)[0]
    return set(np.asarray(indices.owners(read)).tolist()) if low >= tape.inputs else set()
