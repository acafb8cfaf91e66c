"""Transpose interleaved leaves as a whole, between arrays and the local slots of a long function.

In an interleaved leaf the numbers of one lane lie side by side, but code works on vectors of lanes. So a *square* of
numbers is loaded, one vector for each lane, and transposed. Its width and height are the number of lanes at work. Short
code does this where it needs a number (`access.Memory`). Long code is cut into pieces, and each piece would repeat it.
So in long code a loop over the squares transposes the leaf once for each vector of lanes. Results are stored in the
same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from glassgrad.compiler.codegen.access import Memory, transposed
from glassgrad.compiler.codegen.layout import INTERLEAVED, Form
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import F

__all__ = ["has_squares", "read_leaf", "reading_pays", "write_leaf", "writing_pays"]


def has_squares(form: Form, lanes: int) -> bool:
    """Whether the numbers of a leaf can be transposed."""
    return form.layout == INTERLEAVED and form.size >= lanes > 1


def reading_pays(form: Form, lanes: int, runs: Sequence[set[int]]) -> bool:
    """Whether to transpose a leaf of the inputs once, for pieces that read the inputs in ``runs``.

    It pays if the pieces together would transpose more squares than the leaf has.
    """
    numbers = range(form.first, form.first + form.size)
    squares = sum([len({(ref - form.first) // lanes for ref in refs if ref in numbers}) for refs in runs])
    return squares > -(-form.size // lanes)


def writing_pays(form: Form, lanes: int, runs: Sequence[set[int]]) -> bool:
    """Whether to transpose a leaf of the results once, for pieces that compute the results in ``runs``.

    It does not pay if most squares are each computed by a single piece, because that piece can store them itself.
    """
    numbers = range(form.first, form.first + form.size)
    whole = 0
    for places in runs:
        computed = Counter([(place - form.first) // lanes for place in places if place in numbers])
        whole += sum([count == lanes for count in computed.values()])
    return 2 * whole * lanes < form.size


class _Squares:
    """The squares of a leaf whose local slots start at ``slot``. The last square may overlap the one before it."""

    def __init__(self, memory: Memory, form: Form, slot: int) -> None:
        self.memory, self.form, self.slot = memory, form, slot
        self.count = -(-form.size // memory.code.lanes)

    def start(self, square: Int) -> Int:
        """Return the place of the first number of a square."""
        code, form = self.memory.code, self.form
        start, last = square * code.lanes, form.size - code.lanes
        if form.size % code.lanes == 0:
            return start
        return code.pick(start > last, code.integer(last), start)

    def local(self, start: Int) -> Pointer:
        """Return the address of the slot of number ``start``."""
        memory, width = self.memory, 8 * self.memory.code.lanes
        local: Pointer = memory.scope.local.offset(self.slot * width).offset(start * width)
        return local


def read_leaf(memory: Memory, form: Form, k: int, slot: int) -> None:
    """Transpose leaf k of the inputs into the local slots from ``slot`` on, for the lanes at work."""
    code, lanes = memory.code, memory.code.lanes
    kind = f"<{lanes} x {form.number}>"
    rows = [memory.address("ins", form, k, 0, lane) for lane in range(lanes)]
    squares = _Squares(memory, form, slot)
    with code.count(squares.count) as square:
        start = squares.start(square)
        numbers = [code.read(kind, row.element(form.number, start), constant=True) for row in rows]
        to = squares.local(start)
        for j, column in enumerate(transposed(code, kind, numbers)):
            wide = code.cast("fpext", kind, column, code.f64) if form.single else column
            code.write(code.f64, wide, to.offset(j * 8 * lanes))


def write_leaf(memory: Memory, form: Form, k: int, slot: int) -> None:
    """Transpose the local slots from ``slot`` on into leaf k of the results, for the lanes at work."""
    code, lanes = memory.code, memory.code.lanes
    kind = f"<{lanes} x {form.number}>"
    rows = [memory.address("outs", form, k, 0, lane) for lane in range(lanes)]
    squares = _Squares(memory, form, slot)
    with code.count(squares.count) as square:
        start = squares.start(square)
        source = squares.local(start)
        columns = []
        for j in range(lanes):
            column = F(code, code.read(code.f64, source.offset(j * 8 * lanes)))
            columns.append(code.cast("fptrunc", code.f64, column.name, kind) if form.single else column.name)
        for row, numbers in zip(rows, transposed(code, kind, columns), strict=True):
            code.write(kind, numbers, row.element(form.number, start))
