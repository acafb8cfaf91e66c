"""Read from memory what a loop would compute a second time.

The partial of ``1 / x`` contains ``1 / x``. So the reverse sweep divides again what the forward sweep has divided.
Divisions, functions and other operations that take long are not repeated: the earlier loop's result is read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import READS, Assert, Executions, Read
from glassgrad.compiler.ir.memory.costs import DIVISION, cost_of
from glassgrad.compiler.ir.memory.insertion import shifted
from glassgrad.compiler.ir.memory.records import has_ended, resolved
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["without_repeats"]


def without_repeats(tape: Tape) -> Tape:
    """Return ``tape`` with reads in place of dear operations that an earlier loop has done with the same operands.

    A tape with masked loops stays as it is.
    """
    if not tape.reads or tape.masked:
        return tape
    executions, n = Executions(tape), tape.inputs
    users: dict[tuple[Op, int], list[int]] = defaultdict(list)  # by operation and operand
    for u, (op, args) in enumerate(zip(tape.ops, tape.args)):
        if _is_dear(op):
            for a in dict.fromkeys(args):
                users[op, a].append(u)
    new = _copy(tape)
    for i, op in enumerate(tape.ops):
        found = _done_before(executions, i, users) if _is_dear(op) else None
        if found is not None:
            index = shifted(found[1], n + int(executions.first[found[0]]))
            new.ops[i], new.args[i] = ops.identity, (READS + len(new.reads),)
            new.reads.append(Read(int(executions.home[i]), index))
    return dce(new) if len(new.reads) > len(tape.reads) else tape


def _is_dear(op: Op) -> bool:
    return cost_of(op) >= DIVISION and not isinstance(op, Assert)


def _copy(tape: Tape) -> Tape:
    new = Tape(tape.names)
    new.constants, new.segments, new.loops = tape.constants, tape.segments, tape.loops
    new.ops, new.args, new.reads = [*tape.ops], [*tape.args], [*tape.reads]
    return new


def _done_before(executions: Executions, i: int, users: dict[tuple[Op, int], list[int]]) -> tuple[int, Any] | None:
    """Return an operation of an earlier loop that does what operation i does, and the numbers of its executions."""
    tape, reader = executions.tape, int(executions.home[i])
    op, args = tape.ops[i], tape.args[i]
    for a in args:
        read = tape.reads[a - READS] if a >= READS else None
        if not isinstance(read, Read) or read.loop != reader:
            continue
        found = resolved(executions, read)
        if found is None or not has_ended(executions, int(executions.home[found[0]]), reader, (i,)):
            continue
        s, numbers = found
        for u in users.get((op, tape.inputs + s), ()):
            if executions.home[u] == executions.home[s] and _is_same(executions, u, numbers, i):
                return u, numbers
    return None


def _is_same(executions: Executions, u: int, numbers: Any, i: int) -> bool:
    """Whether the executions ``numbers`` of operation u have the same operands as those of operation i."""
    tape, reader, home = executions.tape, int(executions.home[i]), int(executions.home[u])
    places = executions.index(Read(reader, numbers))
    for a, b in zip(tape.args[i], tape.args[u]):
        direct = min(a, b) < tape.inputs
        if (direct and a != b) or not (
            direct or np.array_equal(executions.values(a, reader), executions.values(b, home)[places])
        ):
            return False
    return True
