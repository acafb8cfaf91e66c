"""Copy leaves between arrays and cells, for the lanes of a block.

In an interleaved leaf the numbers of one lane lie side by side, so squares of numbers are loaded, transposed and
stored. Both ways are loops, so the code does not grow with the leaf or with the block. A list of numbers has a leaf for
each number. A loop copies them, too, so the code does not grow with the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from glassgrad.compiler.codegen.access import Memory, transposed
from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form
from glassgrad.compiler.codegen.rolled.lanes import Lanes, vector_of
from glassgrad.compiler.codegen.values import Int, Pointer

__all__ = ["Leaves", "in_groups", "read_leaves", "write_leaves"]

Cell = Callable[[Int], Pointer]  # It returns the address of the cell of a number.


class Leaves(NamedTuple):
    """A leaf, or several that follow one another and have one contiguous number each.

    Attributes:
        first: the first leaf.
        length: how many leaves there are.
        form: the form of the leaf; for several, the form of a leaf with all their numbers.
    """

    first: int
    length: int
    form: Form


def in_groups(leaves: Iterable[tuple[int, Form]]) -> list[Leaves]:
    """Return leaves, given by their numbers and forms, in groups that one loop copies."""
    found: list[Leaves] = []
    for k, form in leaves:
        if found and form.size == 1 and form.layout == CONTIGUOUS:
            first, count, before = found[-1]
            if first + count == k and before == Form(form.first - count, count, CONTIGUOUS, form.single):
                found[-1] = Leaves(first, count + 1, before._replace(size=count + 1))
                continue
        found.append(Leaves(k, 1, form))
    return found


def read_leaves(memory: Memory, lanes: Lanes, leaves: Leaves, cells: Pointer) -> None:
    """Copy leaves of the inputs to ``cells``."""
    code, vector = memory.code, lanes.vector
    k, _, form = leaves
    unit = 8 * code.lanes
    if form.layout == CONTIGUOUS:
        kind, double = vector_of(form.number, vector), vector_of("double", vector)
        with _columns(memory, lanes, "ins", leaves) as (j, addresses):
            to = cells.offset(j * unit)
            for place, address in enumerate(addresses):
                name = code.read(kind, address, constant=True)
                wide = code.cast("fpext", kind, name, double) if form.single else name
                code.write(double, wide, to.offset(place * 8 * vector))
        return
    side = _side(form, vector)
    kind, double = vector_of(form.number, side), vector_of("double", side)
    with _squares(memory, lanes, "ins", form, k, side) as (number, lane, rows):
        read = [code.read(kind, row, constant=True) for row in rows]
        columns = transposed(code, kind, read) if side > 1 else read
        to = cells.offset(number * unit).element("double", lane)
        for place, column in enumerate(columns):
            wide = code.cast("fpext", kind, column, double) if form.single else column
            code.write(double, wide, to.offset(place * unit))


def write_leaves(memory: Memory, lanes: Lanes, leaves: Leaves, cell: Cell) -> None:
    """Copy cells to leaves of the results."""
    code, vector = memory.code, lanes.vector
    k, _, form = leaves
    if form.layout == CONTIGUOUS or code.lanes == 1:
        kind, double = vector_of(form.number, vector), vector_of("double", vector)
        with _columns(memory, lanes, "outs", leaves) as (j, addresses):
            at = cell(j)
            for place, address in enumerate(addresses):
                name = code.read(double, at.offset(place * 8 * vector))
                code.write(kind, code.cast("fptrunc", double, name, kind) if form.single else name, address)
        return
    side = _side(form, vector)
    kind, double = vector_of(form.number, side), vector_of("double", side)
    with _squares(memory, lanes, "outs", form, k, side) as (number, lane, rows):
        columns = []
        for place in range(side):
            column = code.read(double, cell(number + place if place else number).element("double", lane))
            columns.append(code.cast("fptrunc", double, column, kind) if form.single else column)
        for row, numbers in zip(rows, transposed(code, kind, columns) if side > 1 else columns):
            code.write(kind, numbers, row)


def _side(form: Form, vector: int) -> int:
    """Return the side of the squares of a leaf: a power of two, at most the lanes of a vector."""
    side = vector
    while side > form.size:
        side //= 2
    return side


@contextmanager
def _columns(memory: Memory, lanes: Lanes, table: str, leaves: Leaves) -> Iterator[tuple[Int, list[Pointer]]]:
    """Write a loop over the numbers of leaves. Yield the number, and the address of each vector of lanes."""
    code, (k, count, form) = memory.code, leaves
    if count > 1:
        with code.count(count) as j:
            leaf: Pointer = getattr(memory.scope, table).element("%leaf", j + k)
            start = code.read_pointer(leaf, constant=True)
            yield j, lanes.addresses(memory, table, form, k, start)
        return
    unit = memory.field(table, k, 2) if form.layout == CONTIGUOUS else form.width
    starts = lanes.addresses(memory, table, form, k, memory.field(table, k, 0))
    with code.count(form.size) as j:
        yield j, [start.offset(j * unit) for start in starts]


@contextmanager
def _squares(
    memory: Memory, lanes: Lanes, table: str, form: Form, k: int, side: int
) -> Iterator[tuple[Int, Int, list[Pointer]]]:
    """Write a loop over the squares of a leaf.

    Yields:
        The first number, the first lane of the block, and the address of the first number in each lane.
    """
    code, vector = memory.code, lanes.vector
    apart: Int = memory.field(table, k, 1)
    start: Pointer = memory.field(table, k, 0)
    last = form.size - side
    with code.count(-(-form.size // side)) as square:
        number = square * side
        if form.size % side:  # the last square overlaps the one before it
            number = code.pick(number > last, code.integer(last), number)
        corner = start.offset(number * form.width)
        with code.count(code.lanes // side) as group:
            lane = group * side
            first = lanes.start(lanes.first + (lane & -vector)) + (lane & (vector - 1))
            row = corner.offset(first * apart)
            yield number, lane, [row.offset(apart * k) if k else row for k in range(side)]
