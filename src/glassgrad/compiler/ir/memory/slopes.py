"""Compute the derivative of each tanh where its value is computed, since both share their work.

The reverse sweep computes the derivative from the argument, often in another loop. Then the argument is stored. Storing
the derivative instead takes the same memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.fused_ops import TANH_SLOPE
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.memory.insertion import Insertions, Renamed, as_affine
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
    """Compute derivatives beside a tanh in another loop, which has ended, and read them from there."""
    bodies, executions = final_bodies(tape), Executions(tape)
    stops = [segment.stop for segment in tape.segments]
    positions: dict[int, list[int]] = defaultdict(list)  # by segment: other segments may belong to other paths
    for j, op in enumerate(tape.ops):
        if op is ops.tanh and bodies[j] >= 0:
            positions[bisect_right(stops, j)].append(j)
    tanh = {segment: _Tanh(executions, some) for segment, some in positions.items()}
    new = copy(tape)
    insertions = Insertions(new, executions)
    early: dict[int, int] = {}  # for each tanh, the reference of its derivative
    for i, op in enumerate(tape.ops):
        here = tanh.get(bisect_right(stops, i)) if op is TANH_SLOPE and bodies[i] >= 0 else None
        found = here.find(i) if here is not None else None
        if found is None:
            continue
        index, some = found
        for j in some:
            if j not in early:
                early[j] = insertions.insert(j, int(executions.home[j]), TANH_SLOPE, tape.args[j])
        new.ops[i], loop = ops.identity, int(executions.home[i])
        names = {j: early[j] for j in some}
        insertions.replaced[i, tape.args[i][0]] = insertions.read(Renamed(loop, index, names))
    return dce(insertions.write()) if insertions.added else tape


class _Tanh:
    """The executions of the operations ``positions``, found by their arguments."""

    def __init__(self, executions: Executions, positions: Sequence[int]) -> None:
        self.executions, tape = executions, executions.tape
        arguments = [executions.values(tape.args[j][0], int(executions.home[j])) for j in positions]
        values = [tape.inputs + int(executions.first[j]) + np.arange(len(x)) for j, x in zip(positions, arguments)]
        joined = np.concatenate([np.zeros(0, np.int64), *arguments])
        order = np.argsort(joined, kind="stable")
        self.arguments, self.values = joined[order], np.concatenate([np.zeros(0, np.int64), *values])[order]

    def find(self, i: int) -> tuple[Any, list[int]] | None:
        """Return, for operation i, an index that names the tanh of its argument, and the operations that it names.

        Return None if some execution has no tanh, or none in a loop that has ended.
        """
        executions, loop = self.executions, int(self.executions.home[i])
        wanted = executions.values(executions.tape.args[i][0], loop)
        places = np.searchsorted(self.arguments, wanted)
        if not len(wanted) or places.max() >= len(self.arguments) or (self.arguments[places] != wanted).any():
            return None
        index = self.values[places]
        some = np.unique(np.searchsorted(executions.first, index - executions.tape.inputs, "right") - 1).tolist()
        start = self._outermost(i)[0]
        if any(self._outermost(j)[1] > start for j in some):
            return None
        return as_affine(executions, loop, index), some

    def _outermost(self, i: int) -> tuple[int, int]:
        """Return the start and the end of the outermost loop around operation i, or of itself."""
        around = self.executions.chain(int(self.executions.home[i]))
        return self.executions.tape.loops[around[0]][:2] if around else (i, i + 1)
