"""Repeated batch calls where there are no fast paths, as in plain Python: only addresses are new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.codegen import callback
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.marshal.leaves import strides_of
from glassgrad.compiler.marshal.out import in_place
from glassgrad.compiler.runtime.batch_call import BatchCall, results_of, threads_for
from glassgrad.compiler.runtime.batch_code import BatchCode
from glassgrad.compiler.runtime.memory import empty
from glassgrad.compiler.runtime.streak import MISSING
from glassgrad.transforms.tracing import inside_a_trace

__all__ = ["Replays"]

KEPT = 8  # A function remembers at most this many kinds of calls.


class Replays:
    """The batch calls of one function that can be replayed, by what their arguments look like.

    The arguments of such a call are arrays that the kernel reads where they lie. They look alike if their shapes,
    strides and dtypes are equal.
    """

    def __init__(self) -> None:
        self._known: dict[Any, _Replay] = {}

    def learn(self, call: BatchCall, args: Sequence[Any]) -> None:
        """Remember a call that is over, if it can be replayed."""
        look = _look(args)
        if look is None or look in self._known or not _replayable(call, args):
            return
        known = dict([*self._known.items()][1 - KEPT :])
        self._known = {**known, look: _Replay(call)}  # a new dict, as other threads read the old one

    def run(self, args: Sequence[Any], out: Any) -> Any:
        """The results of a call, or `MISSING` if it looks like none that is known."""
        found = self._known.get(_look(args)) if self._known else None
        if found is None or inside_a_trace():
            return MISSING
        if callback.pending:
            callback.reraise()
        return found.run(args, out)


def _look(args: Sequence[Any]) -> Any:
    """What arguments look like, if all are arrays; else None."""
    look = []
    for array in args:
        if type(array) is not np.ndarray:
            return None
        look.append((array.shape, array.strides, array.dtype))
    return tuple(look)


def _replayable(call: BatchCall, args: Sequence[Any]) -> bool:
    code, arguments = call.code, call.arguments
    return (
        code is not None
        and code.kernel is not None
        and not code.captured
        and not call.uncompiled
        and call.lanes >= code.kernel.lanes
        and len(arguments.arrays) == len(args)
        and all(leaf.array.ctypes.data == array.ctypes.data for leaf, array in zip(arguments.arrays, args))
    )


class _Replay:
    """The tables of a call in which all but the addresses of arrays is filled in."""

    def __init__(self, call: BatchCall) -> None:
        assert call.code is not None
        self.program: Program = call.program
        self.code: BatchCode = call.code
        self.lanes, self.reduce, self.threads = call.lanes, call.reduce, call.threads
        self.kernel = call.code.kernel
        leaves = call.arguments.arrays
        self.widths = [leaf.array.itemsize for leaf in leaves]
        self.numbers = np.zeros(1)  # a kernel has a place for numbers even where there are none
        ins = [x for leaf in leaves for x in (0, *leaf.strides)]
        self.ins = np.array([*ins, self.numbers.ctypes.data, 0, 8], dtype=np.int64)
        targets = [call.sums] if call.reduce else call.arrays
        self.targets = [(array.shape, array.dtype, array.strides) for array in targets]
        self.outs = np.array([x for array in targets for x in (0, *strides_of(array))], dtype=np.int64)

    def run(self, args: Sequence[Any], out: Any) -> Any:
        """The results, or `MISSING` if the call needs more than this kernel."""
        program, code = self.program, self.code
        if code.paths != len(program.traces):
            return MISSING
        ins = self.ins.copy()
        for k, (array, width) in enumerate(zip(args, self.widths)):
            address = array.ctypes.data
            if address % width:
                return MISSING
            ins[3 * k] = address
        targets = self._targets(args, out)
        outs = self.outs.copy()
        for k, (array, (_, _, strides)) in enumerate(zip(targets, self.targets)):
            if array.strides != strides:
                return MISSING
            outs[3 * k] = array.ctypes.data
        unmatched = None if code.straight else np.zeros(self.lanes, np.uint8)
        marks = 0 if unmatched is None else unmatched.ctypes.data
        if self.kernel.batch(self.lanes, ins.ctypes.data, outs.ctypes.data, marks, threads_for(self.threads)):
            return MISSING
        program.use()
        sums = targets[0] if self.reduce else None
        return results_of(program, targets, sums, self.lanes, self.reduce, out)

    def _targets(self, args: Sequence[Any], out: Any) -> list[Any]:
        """Arrays for the results, those of ``out`` where they can be written to at once."""
        given: Sequence[Any] = [None] * len(self.targets)
        if out is not None and not self.reduce and not self.program.calls_user_code:
            kinds = [kind for _, kind, _ in self.targets]
            given = in_place(self.program.lane_results(), self.lanes, kinds, out, args)
        return [empty(shape, kind) if array is None else array for array, (shape, kind, _) in zip(given, self.targets)]
