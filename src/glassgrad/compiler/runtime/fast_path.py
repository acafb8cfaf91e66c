"""The short way of a call over a batch that looks like one before: only addresses are to be filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler.runtime.leaves import Batched, strides_of
from glassgrad.compiler.runtime.memory import empty

if TYPE_CHECKING:
    from glassgrad.compiler.frontend.program import Program, Results
    from glassgrad.compiler.runtime.kernel import Kernel

__all__ = ["Plan", "look"]


def look(args: Sequence[Any]) -> Any:
    """What arguments look like, if all are arrays: equal for those that one plan serves. None otherwise."""
    found = []
    for a in args:
        if type(a) is not np.ndarray:
            return None
        found.append((a.shape, a.strides, a.dtype))
    return tuple(found)


class Plan:
    """A kernel, and tables of leaves in which all but the addresses is filled in.

    Args:
        program, results: whose call it is, and how its results are laid out.
        kernel: for all paths known now.
        arrays: the arguments, each an array that is used as it lies.
        packed: the numbers among them; there are none, but the kernel has a place for them.
        targets: arrays for the results; none where they are folded.
        lanes: how many there are, at least as many as the kernel takes at once.
        branches: whether there are any.
    """

    def __init__(
        self,
        program: Program,
        results: Results,
        kernel: Kernel,
        arrays: Sequence[Batched],
        packed: Any,
        targets: Sequence[Any],
        lanes: int,
        branches: bool,
    ) -> None:
        self.program, self.results, self.kernel, self.lanes, self.branches = program, results, kernel, lanes, branches
        self.known = len(program.traces)
        self.turn = 0  # after how many calls Python looks whether there is better code
        self.arguments = [(b.shape, b.lanes, b.array.dtype.char, *b.strides, b.array.dtype, 0) for b in arrays]
        self.name = (program.serial, *self.arguments)
        self.widths = [b.array.itemsize for b in arrays]
        self.ins = np.array([*[x for b in arrays for x in (0, *b.strides)], 0, 0, 8], dtype=np.int64)
        self.packed = packed
        self.ins[-3] = packed.ctypes.data
        self.shapes = [(t.shape, t.dtype, t.strides) for t in targets]
        self.outs = np.array([x for t in targets for x in (0, *strides_of(t))], dtype=np.int64)
        if kernel.kind == "fold":
            width = sum([form.size for form in kernel.outputs])
            self.shapes = [((kernel.rows(lanes), width), np.dtype(float), (8 * width, 8))]
            self.outs = np.array([0, 0, 8], dtype=np.int64)

    def run(self, args: Sequence[Any], given: Sequence[Any] | None, threads: int) -> list[Any] | None:
        """The arrays of the results, or None where the call must go the long way."""
        if self.known != len(self.program.traces):
            return None
        ins, outs = self.ins.copy(), self.outs.copy()
        for k, (a, width) in enumerate(zip(args, self.widths)):
            address = a.ctypes.data
            if address % width:
                return None
            ins[3 * k] = address
        targets = []
        for k, (shape, kind, strides) in enumerate(self.shapes):
            target = None if given is None else given[k]
            if target is None:
                target = empty(shape, kind)
            if target.strides != strides:
                return None
            outs[3 * k] = target.ctypes.data
            targets.append(target)
        missed = np.zeros(self.lanes, np.uint8) if self.branches else None
        marks = 0 if missed is None else missed.ctypes.data
        return None if self.kernel.batch(self.lanes, ins.ctypes.data, outs.ctypes.data, marks, threads) else targets
