"""Store a value after its loop instead of in each round, if only the value of the last round is read later.

A sum that a loop accumulates is an example: its value in each round is carried to the next one, and only the final sum
is read. An `identity` after the loop takes over its record. So the loop does not store the sum in each round, and the
record has a number for each entry of the loop instead of each round. No bit changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.memory.insertion import Insertions
from glassgrad.compiler.ir.memory.records import reads_in_use, results_named
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops

__all__ = ["stored_at_ends"]


def stored_at_ends(tape: Tape) -> Tape:
    """Return ``tape`` with the records of last rounds after their loops. Tapes with masked loops stay as they are."""
    nested = bool(tape.loops) and not tape.masked
    while nested:
        executions = Executions(tape)
        ends = sorted(_ends(executions))
        if not ends:
            break
        insertions = Insertions(tape, executions)
        for s in ends:
            loop = int(executions.home[s])
            around, last = tape.loops[loop].parent, tape.loops[loop].stop - 1
            ref = insertions.insert_after(last, around, ops.identity, (tape.inputs + s,))
            insertions.renamed[s] = ref, np.repeat(np.arange(executions.entries[loop]), executions.trips(loop))
        nested = any(one.loop >= 0 for one in insertions.added)  # then it may be the end of the loop around, too
        tape = insertions.write()
    return tape


def _ends(executions: Executions) -> set[int]:
    """Return the carried operations of which reads and results name executions in last rounds only, after the loop."""
    tape, n, indices = executions.tape, executions.tape.inputs, Indices(executions)
    found: set[int] = set()
    carried = {read.next - n for read in tape.reads if isinstance(read, Carried)}  # others would need a register
    refused = {
        s
        for s, home in enumerate(executions.home.tolist())
        if s not in carried or home < 0 or not indices.runs_at_each_entry(home)
    }
    for ref, users in _users(executions).items():
        read = tape.reads[ref - READS]
        if not isinstance(read, Read) or not executions.runs_of(read.loop):
            continue
        index: Any = None
        around = {k for user in users for k in executions.chain(user)}
        for s in indices.owners(read).tolist():
            if s in refused:
                continue
            home = int(executions.home[s])
            low, high = indices.span(read)
            alone = n + executions.first[s] <= low and high < n + executions.first[s + 1]
            even = _even(executions, read, s) if alone else None
            if even is None:
                index = executions.index(read) if index is None else index
                e = index[(index >= n + executions.first[s]) & (index < n + executions.first[s + 1])]
                even = bool(_is_last(executions, home)[e - n - executions.first[s]].all())
            if even and home not in around:
                found.add(s)
            else:
                refused.add(s)
                found.discard(s)
    for s, numbers in _in_results(executions).items():
        if s not in refused and _is_last(executions, int(executions.home[s]))[numbers].all():
            found.add(s)
        else:
            found.discard(s)
    return found


def _in_results(executions: Executions) -> dict[int, Any]:
    """Return the operations of which results name executions, and the numbers of these."""
    e = np.sort(results_named(executions.tape)) - executions.tape.inputs
    owners = np.searchsorted(executions.first, e, "right") - 1
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    some = owners[starts].tolist()
    return {s: part - executions.first[s] for s, part in zip(some, np.split(e, starts[1:]))}


def _users(executions: Executions) -> dict[int, set[int]]:
    """Return the reads in use, each with the loops in whose bodies it is used."""
    tape = executions.tape
    by_operation, elsewhere = reads_in_use(tape)
    found = {ref: {int(executions.home[i]) for i in users} for ref, users in by_operation.items()}
    for ref in by_operation.keys() | elsewhere:
        read = tape.reads[ref - READS]
        found.setdefault(ref, {-1})
        if isinstance(read, Carried):
            for a, loop in ((read.initial, tape.loops[read.loop].parent), (read.next, read.loop)):
                if a >= READS:
                    found.setdefault(a, set()).add(loop)
    return found


def _even(executions: Executions, read: Read, s: int) -> bool | None:
    """Say whether an affine read of operation s names last rounds only. None if the numbers do not show it."""
    trips = executions.tape.loops[int(executions.home[s])].trips
    if not isinstance(read.index, Affine) or not isinstance(trips, int):
        return None
    first = read.index.base - executions.tape.inputs - int(executions.first[s])
    moving = [
        stride
        for stride, k in zip(read.index.strides, executions.chain(read.loop))
        if not isinstance(executions.tape.loops[k].trips, int) or executions.tape.loops[k].trips > 1
    ]
    return first % trips == trips - 1 and not any(stride % trips for stride in moving)


def _is_last(executions: Executions, loop: int) -> Any:
    """Return, for each execution of the body of ``loop``, whether it is the last round."""
    trips = executions.trips(loop)
    last = np.zeros(executions.runs[loop], bool)
    last[np.cumsum(trips) - 1] = True
    return last
