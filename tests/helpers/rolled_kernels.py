"""Kernels for tapes with loops, made without a program, and calls of kernels with arrays of any layout."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.codegen.batch_kernel import chunks
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.codegen.mathlib.machine_code import addresses
from glassgrad.compiler.codegen.rolled.kernel import rolled_module
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime.memory import Scratch
from glassgrad.compiler.runtime.threads import KERNEL

__all__ = ["Results", "RolledKernel", "bits", "random_layouts", "run"]


class Results(NamedTuple):
    """What a kernel returned, the bytes of unmatched lanes, and a column for each result, or rows of sums."""

    returned: int
    unmatched: Any
    columns: Any


class RolledKernel:
    """Machine code for a tape with loops. The other arguments are those of `rolled_module`."""

    def __init__(
        self,
        tape: Tape,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        target: Target,
        kind: str,
        vectors: int | None = None,
        level: int = 1,
    ) -> None:
        self.inputs, self.outputs, self.target, self.kind = inputs, outputs, target, kind
        self.text = rolled_module(tape, inputs, outputs, target, kind, vectors)
        where = target.scalar() if kind == "scalar" else target
        used = addresses(self.text.needs, where) | {name: data.ctypes.data for name, data in self.text.data.items()}
        used |= self.text.module.callees.symbols(kind != "scalar")
        self.code = machine.load_parts(self.text.module.parts(), where, level, "kernel", used)

    def call(self, start: int, stop: int, valid: int, ins: int, outs: int, unmatched: int) -> int:
        scratch = Scratch(self.text.scratch)
        return int(KERNEL(self.code.address)(start, stop, valid, ins, outs, scratch.address, unmatched))


def _random_forms(rng: random.Random, count: int, layouts: Sequence[str]) -> list[Form]:
    """Cut ``count`` numbers into leaves of random sizes and layouts. Some are float32."""
    forms, first = [], 0
    while first < count:
        size = rng.randint(1, count - first)
        forms.append(Form(first, size, rng.choice(layouts), rng.random() < 0.2))
        first += size
    return forms


def random_layouts(
    rng: random.Random, kind: str, columns: Sequence[Any], results: int
) -> tuple[list[Form], list[Form]]:
    """Return random leaves for the inputs ``columns``, and for the results. An input that all lanes share gets the same
    number in all of them."""
    one = kind == "scalar"
    inputs = _random_forms(rng, len(columns), [BROADCAST] if one else [CONTIGUOUS, INTERLEAVED, BROADCAST])
    for form in inputs:
        if form.layout == BROADCAST:
            for column in columns[form.first : form.first + form.size]:
                column[:] = column[0]
    if kind == "reduce":
        return inputs, [Form(0, results, CONTIGUOUS)]
    return inputs, _random_forms(rng, results, [BROADCAST] if one else [CONTIGUOUS, INTERLEAVED])


def _leaf(form: Form, lanes: int) -> tuple[Any, tuple[int, int, int]]:
    """Return an array for a leaf, one row for each number, and its entry in the table of leaves."""
    kind = np.float32 if form.single else np.float64
    shape = {CONTIGUOUS: (form.size, lanes), BROADCAST: (form.size, 1), INTERLEAVED: (lanes, form.size)}[form.layout]
    array = np.full(shape, -7.0, kind)
    view = array.T if form.layout == INTERLEAVED else array
    return view, (array.ctypes.data, 0 if form.layout == BROADCAST else view.strides[1], view.strides[0])


def run(kernel: Any, columns: Sequence[Any], lanes: int) -> Results:
    """Run a kernel over ``lanes`` lanes, as a call of a compiled function does. ``columns`` are the inputs."""
    least = 1 if kernel.kind == "scalar" else kernel.target.lanes
    count = max(lanes, least)
    kept, ins, outs = [], [], []
    for form in kernel.inputs:
        view, entry = _leaf(form, count)
        for j in range(form.size):
            column = columns[form.first + j]
            view[j, :lanes] = column if view.shape[1] > 1 or lanes == 1 else column[0]
            view[j, lanes:] = column[-1]
        kept.append(view)
        ins += entry
    results = []
    if kernel.kind == "reduce":
        rows = np.full((chunks(count, kernel.target), sum(form.size for form in kernel.outputs)), np.nan)
        outs += [rows.ctypes.data, 0, 8]
    else:
        for form in kernel.outputs:
            view, entry = _leaf(form, count)
            results.append(view)
            outs += entry
    tables = np.array([*ins, 0], np.int64), np.array([*outs, 0], np.int64)
    unmatched = np.zeros(count, np.uint8)
    returned = kernel.call(0, count, lanes, tables[0].ctypes.data, tables[1].ctypes.data, unmatched.ctypes.data)
    found = rows if kernel.kind == "reduce" else [row[:lanes] for view in results for row in view]
    return Results(returned, unmatched[:lanes], found)


def bits(x: Any) -> Any:
    """Return the bits of doubles, which are the same for every nan."""
    x = np.array(x, float)
    x[np.isnan(x)] = np.nan
    return x.view(np.int64)
