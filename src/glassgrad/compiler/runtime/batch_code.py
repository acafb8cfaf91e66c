"""Code for a batch. It is made for the memory layouts of one call, and serves all calls with the same layouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler import account
from glassgrad.compiler.account import Allowance
from glassgrad.compiler.codegen.layout import BROADCAST, Form
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.results import Results
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.marshal.arguments import Arguments
from glassgrad.compiler.marshal.leaves import ArrayLeaf, side_by_side, strides_of
from glassgrad.compiler.runtime.units import build

__all__ = ["BatchCode", "lane_input_forms", "lane_output_forms", "run_kernel"]


class BatchCode:
    """Code for the paths of a program that are known now.

    Args:
        program: the program.
        inputs, outputs: the memory layouts of its arguments and results.
        kind: ``"batch"``, or ``"reduce"`` if results are summed.
        allowance: the time that making it may take, or None for any time.

    Attributes:
        paths: the number of paths.
        kernel: the machine code, or None if the tape is interpreted.
        captured: the captured nodes that the paths use.

    Raises:
        TooExpensive: making the code would take longer than the allowance.
    """

    def __init__(
        self, program: Program, inputs: list[Form], outputs: list[Form], kind: str, allowance: Allowance | None
    ) -> None:
        self.kind, self.paths = kind, len(program.traces)
        self.tape, self.captured = program.tape, program.captured
        began = account.clock()
        done = program.done_for(range(self.paths))
        self.kernel = build(self.tape, inputs, outputs, kind, allowance, done)
        if self.kernel is not None and not self.kernel.loops:
            account.observe(kind, program.size, self.paths, account.clock() - began)

    @property
    def straight(self) -> bool:
        """Whether every lane has a result: no lane can take a path without code, and none can fail."""
        return self.tape.straight and not (self.kernel is not None and self.kernel.callees.back)

    def run(self, arguments: Arguments, targets: Sequence[Any], threads: int) -> tuple[Any, Any]:
        """Compute all lanes.

        Args:
            arguments: the arguments.
            targets: arrays for the results, or none if results are summed.
            threads: how many threads may be used.

        Returns:
            An array with a byte for each lane, which is set if the lane is unmatched, or None if no lane is. And rows
            of sums that remain to be added, or None if results are not summed.
        """
        unmatched = None if self.straight else np.zeros(arguments.lanes, np.uint8)
        if self.kernel is None:
            return self._interpret(arguments, targets, unmatched)
        packed = arguments.packed(self.captured)
        some, sums = run_kernel(self.kernel, arguments.arrays, packed, targets, arguments.lanes, unmatched, threads)
        return unmatched if some else None, sums

    def _interpret(self, arguments: Arguments, targets: Sequence[Any], unmatched: Any) -> tuple[Any, Any]:
        columns = [array.column(j) for array in arguments.arrays for j in range(array.size)]
        columns += arguments.packed(self.captured).tolist()
        found, paths = interpret(self.tape, columns, arguments.lanes)
        if unmatched is not None:
            unmatched[:] = paths < 0
        if self.kind == "reduce":
            return unmatched, np.array([[x.sum() for x in found]])
        place = 0
        for target in targets:
            flat = target.reshape(arguments.lanes, -1)
            for j in range(flat.shape[1]):
                flat[:, j] = found[place + j]
            place += flat.shape[1]
        return unmatched, None


def lane_input_forms(program: Program, arrays: Sequence[ArrayLeaf], captured: int) -> list[Form]:
    """Return the memory layout of a batch's arguments. The values of ``captured`` nodes follow the numbers."""
    forms, first = [], 0
    for array in arrays:
        forms.append(Form(first, array.size, array.layout, array.single))
        first += array.size
    return [*forms, Form(first, program.inputs - first + captured, BROADCAST)]


def lane_output_forms(results: Results, layouts: Sequence[str], reduced: bool, single: bool) -> list[Form]:
    """Return the memory layout of a batch's results, from the layout of each array."""
    forms, first = [], 0
    for leaf, layout in zip(results.ordered(), layouts):
        forms.append(Form(first, leaf.size, layout, not reduced and leaf.is_single(single)))
        first += leaf.size
    return forms


def run_kernel(
    kernel: Any,
    arrays: Sequence[ArrayLeaf],
    packed: Any,
    targets: Sequence[Any],
    lanes: int,
    unmatched: Any,
    threads: int,
) -> tuple[bool, Any]:
    """Run ``kernel`` over a batch.

    Args:
        kernel: a kernel of kind ``"batch"`` or ``"reduce"``.
        arrays: the arguments that are arrays.
        packed: the numbers, which are the same for all lanes.
        targets: arrays for the results, or none for ``"reduce"``.
        lanes: the number of lanes.
        unmatched: an array with a byte for each lane, to be set if the lane is unmatched, or None if no lane can be.
        threads: how many threads may be used.

    Returns:
        Whether some lanes are unmatched. And, for ``"reduce"``, rows of sums that remain to be added, otherwise None.
    """
    count = max(lanes, kernel.lanes)  # if the lanes do not fill a vector, the last lane is repeated
    padded = count > lanes
    real, marks, sums = targets, unmatched, None
    if padded:
        arrays = [array.padded(count) for array in arrays]
        real = [
            (side_by_side if t.strides[0] == t.itemsize else np.empty)((count, *t.shape[1:]), t.dtype) for t in targets
        ]
        marks = None if unmatched is None else np.zeros(count, np.uint8)
    if kernel.kind == "reduce":
        sums = np.empty((kernel.rows(count), sum([form.size for form in kernel.outputs])))
        real = [sums]
    ins = [x for leaf in arrays for x in (leaf.array.ctypes.data, *leaf.strides)]
    outs = [x for t in real for x in (t.ctypes.data, *strides_of(t))]
    tables = np.array([*ins, packed.ctypes.data, 0, 8], dtype=np.int64), np.array(outs, dtype=np.int64)
    at, into = [table.ctypes.data for table in tables]
    address = 0 if marks is None else marks.ctypes.data
    if not padded:
        return kernel.batch(lanes, at, into, address, threads), sums
    some = kernel.call(0, count, lanes, at, into, address) != 0
    if unmatched is not None:
        unmatched[:] = marks[:lanes]
    for t, r in zip(targets, real):
        t[...] = r[:lanes]
    return some, sums
