"""`TAKE` in machine code: an operation that reads one of many numbers, by a place that is computed.

`lowered` decides how. Numbers among the arguments are read from the array where they lie. Constants become a table.
Other values are in registers or slots, so one of them is chosen by comparisons, each of which halves the candidates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.layout import Form, owners
from glassgrad.compiler.codegen.vector import F
from glassgrad.compiler.ir.passes.loop_writer import rewrite
from glassgrad.compiler.ir.passes.normalise import shared
from glassgrad.compiler.ir.passes.rewriter import Rewriter
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops
from glassgrad.core.op import Op
from glassgrad.core.row_ops import TAKE

__all__ = ["Row", "lowered", "row_lines", "write_row"]

FEW = 4  # constants that are chosen among by comparisons, which takes no longer than a table


class Row(Op):
    """An operation that reads one number of a row, by its place, its only operand.

    Attributes:
        values: the numbers, if they are constants.
        leaf, first, step: if they are in an array among the arguments: its number, the place of the first of them in
            it, and the distance to the next.
        count: how many there are.
    """

    def __init__(self, count: int, values: Sequence[float] = (), leaf: int = 0, first: int = 0, step: int = 1) -> None:
        super().__init__("row", code="take", arity=1, value=None, partials=None)
        self.count, self.values = count, tuple(values)
        self.leaf, self.first, self.step = leaf, first, step


def row_lines(lanes: int) -> int:
    """Estimate the lines of IR of a `Row`."""
    return 12 + 5 * lanes


def lowered(tape: Tape, inputs: Sequence[Form]) -> Tape:
    """Return the tape with a `Row`, or comparisons and choices, in place of each `TAKE`."""
    if TAKE not in tape.ops:
        return tape
    owner = owners(inputs)
    made: dict[tuple[int, ...], Row] = {}

    def lower(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
        if op is not TAKE:
            return None
        place, *rows = args
        if not rows:
            return writer.constant(math.nan)
        if len(rows) > FEW or min(rows) >= 0:
            row = made.get(args[1:]) or _row(writer, rows, inputs, owner)
            if row is not None:
                made[args[1:]] = row
                return writer.emit(row, place)
        return _choice(writer, place, rows)

    return rewrite(tape, lower, shared)


def _row(writer: Rewriter, rows: Sequence[int], inputs: Sequence[Form], owner: Sequence[int]) -> Row | None:
    """Return the operation that reads these values from memory, or None if they do not lie there side by side."""
    numbers = [writer.number(ref) for ref in rows]
    if None not in numbers:
        return Row(len(rows), values=[x for x in numbers if x is not None])
    if min(rows) < 0 or max(rows) >= len(owner):
        return None
    step = rows[1] - rows[0] if len(rows) > 1 else 1
    leaf = owner[rows[0]]
    if any(b - a != step for a, b in pairwise(rows)) or owner[rows[-1]] != leaf:
        return None
    return Row(len(rows), leaf=leaf, first=rows[0] - inputs[leaf].first, step=step)


def _choice(writer: Rewriter, place: int, rows: Sequence[int]) -> int:
    """Write the choice of one of the values ``rows``. Return its reference."""

    def among(low: int, high: int) -> int:
        if high - low == 1:
            return rows[low]
        middle = (low + high) // 2
        below = writer.emit(ops.less, place, writer.constant(float(middle)))
        return writer.emit(ops.where, below, among(low, middle), among(middle, high))

    nan = writer.constant(math.nan)
    inside = writer.emit(ops.less, place, writer.constant(float(len(rows))))
    found = writer.emit(ops.where, inside, among(0, len(rows)), nan)
    return writer.emit(ops.where, writer.emit(ops.less, place, writer.constant(0.0)), nan, found)


def write_row(memory: Memory, row: Row, place: F) -> F:
    """Write the read of the number at ``place``; nan where there is none."""
    code = memory.code
    inside = (place >= 0.0) & (place < float(row.count))
    index = code.nearest_with_bits(code.select(inside, place, 0.0))[1]
    if row.values:
        digest = blake2b(np.array(row.values).tobytes(), digest_size=12).hexdigest()
        found = code.lookup(f"gg.row.{digest}", row.values, index)
    else:
        found = memory.load_at(row.leaf, row.first, row.step, index)
    return code.select(inside, found, math.nan)
