"""Give results that name one execution a `Read` of their own, where the plan of a kernel needs that."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Executions, Read
from glassgrad.compiler.ir.passes.uses import copy
from glassgrad.compiler.ir.tape import Outputs, Tape

__all__ = ["results_as_reads"]


def results_as_reads(executions: Executions, every: bool, operations: Any = None) -> Tape:
    """Return a tape of one segment that computes the same, with reads in place of references from `EXPANDED` on.

    Args:
        executions: the executions of the tape.
        every: whether to replace all of them.
        operations: if not all, those that name executions of these operations are replaced: True for each of them.
    """
    tape = executions.tape
    (segment,) = tape.segments
    assert isinstance(segment.exit, Outputs)
    refs = np.array(segment.exit.refs, np.int64)
    chosen = refs >= EXPANDED
    if not every:
        at = np.flatnonzero(chosen)
        owners = np.searchsorted(executions.first, refs[at] - EXPANDED - tape.inputs, "right") - 1
        chosen[at] = False if operations is None else operations[owners]
    if not chosen.any():
        return tape
    values, where = np.unique(refs[chosen], return_inverse=True)
    refs[chosen] = READS + len(tape.reads) + where
    new = copy(tape)
    new.reads = [*tape.reads, *[Read(-1, Affine(value - EXPANDED, ())) for value in values.tolist()]]
    new.segments = [segment._replace(exit=segment.exit._replace(refs=tuple(refs.tolist())))]
    return new
