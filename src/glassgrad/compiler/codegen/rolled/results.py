"""Store the results of a tape with loops.

A few results are stored one after another. If there are many, or if their lanes do not lie side by side, they are
collected in cells, and loops copy them from there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form, owners
from glassgrad.compiler.codegen.rolled.lanes import split, vector_of
from glassgrad.compiler.codegen.rolled.leaves import Leaves, in_groups, write_leaves
from glassgrad.compiler.codegen.rolled.places import Table
from glassgrad.compiler.codegen.rolled.plan import Plan
from glassgrad.compiler.codegen.rolled.writer import Writer, data
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["ResultTables", "store_results"]

WIDE = 8  # Numbers that are passed on are copied by so many at a time.


class ResultTables:
    """For each group of leaves of the results, how its cells are found: the first and the distance, or a table."""

    def __init__(self, plan: Plan) -> None:
        self.found: list[tuple[int, int] | Table] = []
        self.groups: list[Leaves] = []
        self.unit = plan.area.unit
        if not plan.listed:
            return
        cells = plan.result_cells()
        self.numbers: Table | None = None  # for each collected result, where its sum is
        if plan.added:
            self.numbers = plan.places.sequence("i4", np.array(plan.collected, np.int64), plan.sums)
        all_of_them = Leaves(0, 1, Form(0, len(cells), CONTIGUOUS))
        self.groups = [all_of_them] if plan.reduced else in_groups(enumerate(plan.module.outputs))
        for _, _, form in self.groups:
            some = cells[form.first : form.first + form.size]
            steps = np.diff(some)
            if len(steps) and (steps != steps[0]).any():
                self.found.append(plan.places.sequence("i4", some, plan.area))
            else:
                self.found.append((int(some[0]) if len(some) else 0, int(steps[0]) if len(steps) else 0))

    def sum(self, code: Code, sums: Pointer, where: Int) -> Pointer:
        """Return the address of the sum of a collected result."""
        if self.numbers is None:
            return sums.offset(where * (8 * code.lanes))
        at = code.read_int(data(code, self.numbers).element("i32", where), "i32", constant=True)
        return sums.offset(at.cast("sext", "i64"))

    def cell(self, code: Code, cells: Pointer, k: int) -> Callable[[Int], Pointer]:
        """Return a function that writes the address of the cell of a number of group k."""
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
            _store(writer, owner[place], place, writer.value(ref))
        return
    for ref, k in plan.kept.items():
        writer.write_cell(writer.value(ref), writer.cells.offset((plan.cells.more + k) * plan.area.unit))
    if plan.reduced:
        return
    for k, leaves in enumerate(tables.groups):
        if leaves.first in plan.passed:
            _pass_on(writer, leaves.first)
        elif leaves.form.size:
            write_leaves(memory, writer.lanes, leaves, tables.cell(memory.code, writer.cells, k))


def _pass_on(writer: Writer, k: int) -> None:
    """Copy a part of a leaf of the inputs to leaf k of the results, for one lane."""
    code, form = writer.code, writer.plan.module.outputs[k]
    start, to = writer.address(writer.plan.original(writer.plan.passed[k])), writer.memory.field("outs", k, 0)

    def copy(kind: str, at: Int | int) -> None:
        code.write(kind, code.read(kind, start.offset(at), align=form.width), to.offset(at), align=form.width)

    with code.count(form.size // WIDE) as j:
        copy(f"<{WIDE} x {form.number}>", j * (WIDE * form.width))
    for k in range(form.size // WIDE * WIDE, form.size):
        copy(form.number, k * form.width)


def _store(writer: Writer, k: int, place: int, value: F) -> None:
    """Store result ``place``, which belongs to leaf k."""
    code, memory, lanes = writer.code, writer.memory, writer.lanes
    form = writer.plan.module.outputs[k]
    j, vector = place - form.first, lanes.vector
    unit = memory.field("outs", k, 2) if form.layout == CONTIGUOUS else form.width
    number: Pointer = memory.field("outs", k, 0)
    number = number.offset(unit * j) if j else number
    kind, double = vector_of(form.number, vector), vector_of("double", vector)
    for name, at in zip(split(code, value, vector), lanes.addresses(memory, "outs", form, k, number)):
        name = code.cast("fptrunc", double, name, kind) if form.single else name
        if form.layout == CONTIGUOUS or code.lanes == 1:
            code.write(kind, name, at)
            continue
        apart = memory.field("outs", k, 1)
        for lane in range(vector):
            one = code.extract(kind, name, lane)
            code.write(form.number, one, at.offset(apart * lane) if lane else at)
