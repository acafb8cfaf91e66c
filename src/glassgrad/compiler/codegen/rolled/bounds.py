"""Facts about indices: their range, and the strides of the number of an execution."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import Affine, Executions, Read

__all__ = ["bounds", "natural", "spread"]


def bounds(executions: Executions, read: Read) -> tuple[int, int]:
    """Return the least and the largest expanded reference of an index. For ragged loops they may be too far apart."""
    index = read.index
    if not isinstance(index, Affine):
        return int(index.min()), int(index.max())
    low = high = index.base
    for loop, stride in zip(executions.chain(read.loop), index.strides):
        far = stride * (int(np.max(executions.tape.loops[loop].trips)) - 1)
        low, high = low + min(far, 0), high + max(far, 0)
    return low, high


def natural(executions: Executions, loop: int) -> tuple[int, ...] | None:
    """Return the strides of the number of an execution of the body of ``loop``, or None if they are not even."""
    strides: list[int] = []
    step = 1
    for k in reversed(executions.chain(loop)):
        trips = executions.tape.loops[k].trips
        if isinstance(trips, np.ndarray):
            return None
        strides.insert(0, step)
        step *= trips
    return tuple(strides)


def spread(executions: Executions, loop: int, first: int, apart: int) -> Affine | Any:
    """Return the place of each execution of the body of ``loop``: ``first`` plus its number times ``apart``."""
    strides = natural(executions, loop)
    if strides is None:
        return first + apart * np.arange(executions.runs_of(loop))
    return Affine(first, tuple([apart * x for x in strides]))
