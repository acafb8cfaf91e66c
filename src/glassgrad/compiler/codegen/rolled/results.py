"""Store the results of a tape with loops, or add them up over the lanes.

A few results are stored one after another. If there are many, or if their lanes do not lie side by side, they are
collected in cells, and loops copy them from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form, owners
from glassgrad.compiler.codegen.rolled.leaves import write_rows
from glassgrad.compiler.codegen.rolled.places import Table
from glassgrad.compiler.codegen.rolled.plan import Plan
from glassgrad.compiler.codegen.rolled.writer import Writer
from glassgrad.compiler.codegen.sums import accumulate, add_lanes, clear, counted
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["ADD", "CLEAR", "TOTAL", "ResultTables", "rows_of", "store_results", "write_sums"]

ADD = Signature(
    "add", (("i64", "lane0"), ("i64", "fresh"), ("i64", "count"), ("i64", "valid"), ("ptr", "rows"), ("ptr", "sums"))
)
CLEAR = Signature("clear", (("ptr", "sums"),))
TOTAL = Signature("total", (("ptr", "sums"), ("ptr", "to")))


class ResultTables:
    """For each leaf of the results, how its cells are found: the first and the distance, or a table."""

    def __init__(self, plan: Plan) -> None:
        self.found: list[tuple[int, int] | Table] = []
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

    def cell(self, writer: Writer, k: int) -> Callable[[Int], Pointer]:
        """Return a function that writes the address of the cell of a number of leaf k."""
        found, code, unit = self.found[k], writer.code, writer.plan.area.unit
        if isinstance(found, Table):
            table = writer.start(found)

            def looked(j: Int) -> Pointer:
                at = code.read_int(table.element("i32", j), "i32", constant=True)
                return writer.cells.offset(at.cast("sext", "i64"))

            return looked
        first, step = found
        return lambda j: writer.cells.offset(j * (step * unit)).offset(first * unit)


def store_results(plan: Plan, writer: Writer, tables: ResultTables) -> None:
    """Store the results of a block, or collect them in rows if they are summed."""
    memory, owner = writer.memory, owners(plan.module.outputs)
    if not plan.listed:
        for place, ref in enumerate(plan.refs):
            memory.store_alone(plan.module.outputs[owner[place]], owner[place], _number(plan, owner, place), writer.value(ref))
        return
    for ref, k in plan.kept.items():
        writer.write_cell(writer.value(ref), writer.cells.offset((plan.cells.more + k) * plan.area.unit))
    if plan.reduced:
        rows = rows_of(plan, writer)
        cell, unit = tables.cell(writer, 0), plan.area.unit
        if plan.refs:
            with writer.code.count(len(plan.refs)) as j:
                writer.write_cell(writer.read_cell(cell(j)), rows.offset(j * unit))
        return
    for k, form in enumerate(plan.module.outputs):
        if not form.size:
            continue
        cell = tables.cell(writer, k)
        if form.layout == CONTIGUOUS or memory.code.lanes == 1:
            _store_columns(memory, form, k, writer, cell)
        else:
            write_rows(memory, form, k, plan.vector, cell)


def rows_of(plan: Plan, writer: Writer) -> Pointer:
    """Return the address of the rows with the results of a block that are to be summed."""
    return writer.cells.offset((plan.cells.more + len(plan.kept)) * plan.area.unit, inside=False)


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


def write_sums(plan: Plan) -> None:
    """Add the functions that clear the sums, add the results of a block to them, and add up their lanes.

    Each vector of sums is for as many lanes as the processor's vectors have, even if a block has more. So the sums do
    not depend on the block.
    """
    code = Code(plan.module.target._replace(lanes=plan.vector))
    given, lanes = ADD.values(code), code.lanes
    latest = given.count - lanes
    first = code.pick(given.fresh > latest, latest, given.fresh)
    with code.repeat(first, given.fresh) as loop:
        p, fresh = loop.state
        mask = counted(code, p, fresh, given.lane0 + p, given.valid)

        def write(where: Int) -> None:
            at = given.rows.offset(where * plan.area.unit).element("double", p)
            accumulate(code, given.sums, where, F(code, code.read(code.f64, at)), mask)

        code.each(len(plan.refs), write)
        further = p + lanes
        loop.again(further < given.count, code.pick(further > latest, latest, further), further)
    code.ret()
    plan.module.add(ADD, code)
    for signature in (CLEAR, TOTAL):
        code = Code(plan.module.target._replace(lanes=plan.vector))
        given = signature.values(code)
        if signature is CLEAR:
            clear(code, given.sums, len(plan.refs))
        else:
            add_lanes(code, given.sums, len(plan.refs), given.to)
        code.ret()
        plan.module.add(signature, code)
