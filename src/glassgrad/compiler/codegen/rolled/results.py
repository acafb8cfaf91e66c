"""Store the results of a tape with loops.

A few results are stored one after another. If there are many, or if their lanes do not lie side by side, they are
collected in cells, and loops copy them from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form, owners
from glassgrad.compiler.codegen.rolled.leaves import write_rows
from glassgrad.compiler.codegen.rolled.places import Table
from glassgrad.compiler.codegen.rolled.plan import Plan
from glassgrad.compiler.codegen.rolled.writer import Writer, data
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code

__all__ = ["ResultTables", "store_results"]

class ResultTables:
    """For each leaf of the results, how its cells are found: the first and the distance, or a table."""

    def __init__(self, plan: Plan) -> None:
        self.found: list[tuple[int, int] | Table] = []
        self.unit = plan.area.unit
        if not plan.listed:
            return
        cells = plan.result_cells()
        forms = [Form(0, len(cells), CONTIGUOUS)] if plan.reduced else plan.module.outputs
        for form in forms:
            some = cells[form.first : form.first + form.size]
            steps = np.diff(some)
            if len(steps) and (steps != steps[0]).any():
                self.found.append(plan.places.sequence("i4", some, plan.area))
            else:
                self.found.append((int(some[0]) if len(some) else 0, int(steps[0]) if len(steps) else 0))

    def cell(self, code: Code, cells: Pointer, k: int) -> Callable[[Int], Pointer]:
        """Return a function that writes the address of the cell of a number of leaf k."""
        found, unit = self.found[k], self.unit
        if isinstance(found, Table):
            table = data(code, found)

            def looked(j: Int) -> Pointer:
                at = code.read_int(table.element("i32", j), "i32", constant=True)
                return cells.offset(at.cast("sext", "i64"))

            return looked
        first, step = found
        return lambda j: cells.offset(j * (step * unit)).offset(first * unit)


def store_results(plan: Plan, writer: Writer, tables: ResultTables) -> None:
    """Store the results of a block. If they are summed, store in cells what does not lie there already."""
    memory, owner = writer.memory, owners(plan.module.outputs)
    if not plan.listed:
        for place, ref in enumerate(plan.refs):
            memory.store_alone(plan.module.outputs[owner[place]], owner[place], _number(plan, owner, place), writer.value(ref))
        return
    for ref, k in plan.kept.items():
        writer.write_cell(writer.value(ref), writer.cells.offset((plan.cells.more + k) * plan.area.unit))
    if plan.reduced:
        return
    for k, form in enumerate(plan.module.outputs):
        if not form.size:
            continue
        cell = tables.cell(memory.code, writer.cells, k)
        if form.layout == CONTIGUOUS or memory.code.lanes == 1:
            _store_columns(memory, form, k, writer, cell)
        else:
            write_rows(memory, form, k, plan.vector, cell)


def _number(plan: Plan, owner: list[int], place: int) -> int:
    return place - plan.module.outputs[owner[place]].first


def _store_columns(memory: Memory, form: Form, k: int, writer: Writer, cell: Callable[[Int], Pointer]) -> None:
    """Copy cells to a leaf of the results whose lanes lie side by side."""
    code = memory.code
    first: Pointer = memory.field("outs", k, 0)
    if form.layout == CONTIGUOUS:
        first = first.offset(memory.lane(0) * form.width)
    unit: Any = memory.field("outs", k, 2) if form.layout == CONTIGUOUS else form.width
    kind = f"<{code.lanes} x {form.number}>" if code.lanes > 1 else form.number
    with code.count(form.size) as j:
        value = writer.read_cell(cell(j)).name
        if form.single:
            value = code.cast("fptrunc", code.f64, value, kind)
        code.write(kind, value, first.offset(j * unit))
