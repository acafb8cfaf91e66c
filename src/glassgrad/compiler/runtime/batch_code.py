"""Code for a batch: made for the layouts of one call, used again for any call of the same layouts."""

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
        inputs, outputs: the layouts in memory of its arguments and results.
        kind: ``"batch"``, or ``"fold"`` where results are summed.
        allowance: how long making it may take; None: any time.

    Attributes:
        paths: the number of paths.
        kernel: the machine code, or None if the tape is interpreted.
        captured: the nodes from outside that the paths use.

    Raises:
        TooExpensive: making it takes longer than the allowance.
    """

    def __init__(
        self, program: Program, inputs: list[Form], outputs: list[Form], kind: str, allowance: Allowance | None
    ) -> None:
        self.kind, self.paths = kind, len(program.traces)
        self.tape, self.captured = program.tape, program.captured
        began = account.clock()
        self.kernel = build(self.tape, inputs, outputs, kind, allowance)
        if self.kernel is not None:
            account.observe(kind, program.size, self.paths, account.clock() - began)

    @property
    def straight(self) -> bool:
        """Whether no lane can take an unknown path or fail."""
        return self.tape.straight and not (self.kernel is not None and self.kernel.callees.back)

    def run(self, arguments: Arguments, targets: Sequence[Any], threads: int) -> tuple[Any, Any]:
        """Compute all lanes.

        Args:
            arguments: the arguments.
            targets: arrays for the results; none where they are summed.
            threads: how many may be used.

        Returns:
            An array with a byte for each lane, set where no path matched, or None if all did. And, where results are
            summed, rows of sums that remain to be added; else None.
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
        if self.kind == "fold":
            return unmatched, np.array([[x.sum() for x in found]])
        place = 0
        for target in targets:
            flat = target.reshape(arguments.lanes, -1)
            for j in range(flat.shape[1]):
                flat[:, j] = found[place + j]
            place += flat.shape[1]
        return unmatched, None


def lane_input_forms(program: Program, arrays: Sequence[ArrayLeaf], captured: int) -> list[Form]:
    """The layout of the arguments of a batch, with so many values of nodes from outside behind the numbers."""
    forms, first = [], 0
    for array in arrays:
        forms.append(Form(first, array.size, array.layout, array.single))
        first += array.size
    return [*forms, Form(first, program.inputs - first + captured, BROADCAST)]


def lane_output_forms(results: Results, layouts: Sequence[str], fold: bool, single: bool) -> list[Form]:
    """The layout of the results of a batch, from that of each array."""
    forms, first = [], 0
    for leaf, layout in zip(results.ordered(), layouts):
        forms.append(Form(first, leaf.size, layout, not fold and leaf.is_single(single)))
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
        kernel: of kind ``"batch"`` or ``"fold"``.
        arrays: the arguments that are arrays.
        packed: the numbers, the same for all lanes.
        targets: arrays for the results; none with ``"fold"``.
        lanes: the number of lanes.
        unmatched: a byte for each lane, set where it takes an unknown path; None if there are no branches.
        threads: how many may be used.

    Returns:
        Whether some lanes matched no path; and with ``"fold"`` rows of sums that remain to be added, else None.
    """
    count = max(lanes, kernel.lanes)  # with fewer than a vector has, the last one is repeated
    padded = count > lanes
    real, marks, sums = targets, unmatched, None
    if padded:
        arrays = [array.padded(count) for array in arrays]
        real = [
            (side_by_side if t.strides[0] == t.itemsize else np.empty)((count, *t.shape[1:]), t.dtype) for t in targets
        ]
        marks = None if unmatched is None else np.zeros(count, np.uint8)
    if kernel.kind == "fold":
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
