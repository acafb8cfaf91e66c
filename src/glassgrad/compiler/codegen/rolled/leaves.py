"""Copy leaves between arrays and cells, for the lanes of a block.

In a leaf whose numbers of one lane lie side by side, squares of numbers are loaded, transposed and stored. Both ways
are loops, so the code does not grow with the leaf or with the block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glassgrad.compiler.codegen.access import Memory, transposed
from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code

__all__ = ["read_rows", "write_rows"]


def side_of(form: Form, vector: int) -> int:
    """Return the side of the squares of a leaf: a power of two, at most the doubles of a vector."""
    side = vector
    while side > max(1, form.size):
        side //= 2
    return side


@contextmanager
def squares(memory: Memory, table: str, form: Form, k: int, side: int) -> Iterator[tuple[Int, Int, list[Pointer]]]:
    """Write a loop over the squares of leaf k of a table. It works on ``side`` numbers of ``side`` lanes.

    Yields:
        The first number, the first lane of the block, and the address of the first number in each lane.
    """
    code = memory.code
    apart: Int = memory.field(table, k, 1)
    first: Pointer = memory.field(table, k, 0)
    last = form.size - side
    with code.count(-(-form.size // side)) as square:
        number = square * side
        if form.size % side:  # the last square overlaps the one before it
            number = code.pick(number > last, code.integer(last), number)
        corner = first.offset(memory.lane(0) * apart).offset(number * form.width)
        with code.count(code.lanes // side) as group:
            row = corner.offset(group * side * apart)
            rows = [row.offset(apart * lane) if lane else row for lane in range(side)]
            yield number, group * side, rows


def vector_of(kind: str, count: int) -> str:
    return f"<{count} x {kind}>" if count > 1 else kind


def read_rows(memory: Memory, form: Form, k: int, vector: int, cell: Callable[[Int], Pointer]) -> None:
    """Copy leaf k of the inputs to cells. ``cell`` returns the address of the cell of a number."""
    code, side = memory.code, side_of(form, vector)
    kind, double = vector_of(form.number, side), vector_of("double", side)
    with squares(memory, "ins", form, k, side) as (number, lane, rows):
        read = [code.read(kind, row, constant=True) for row in rows]
        columns = transposed(code, kind, read) if side > 1 else read
        to = cell(number).element("double", lane)
        for j, column in enumerate(columns):
            wide = code.cast("fpext", kind, column, double) if form.single else column
            code.write(double, wide, to.offset(j * 8 * code.lanes))


def write_rows(memory: Memory, form: Form, k: int, vector: int, cell: Callable[[Int], Pointer]) -> None:
    """Copy cells to leaf k of the results. ``cell`` returns the address of the cell of a number."""
    code, side = memory.code, side_of(form, vector)
    kind, double = vector_of(form.number, side), vector_of("double", side)
    with squares(memory, "outs", form, k, side) as (number, lane, rows):
        columns = []
        for j in range(side):
            column = code.read(double, cell(number + j if j else number).element("double", lane))
            columns.append(code.cast("fptrunc", double, column, kind) if form.single else column)
        for row, numbers in zip(rows, transposed(code, kind, columns) if side > 1 else columns):
            code.write(kind, numbers, row)
