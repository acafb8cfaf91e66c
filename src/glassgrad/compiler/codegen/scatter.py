"""Sums over lanes of which each lane changes one only: the gradient of a `take` with respect to its rows.

Such a gradient has a `PICK` for each row, of which all but one are 0. A kernel that sums the results over the lanes
would add all of them, for each lane. Instead it adds the one number to the sum of the row that was read. The sums
have the same bits, because each lane has sums of its own until the end of a chunk, and adding 0 changes none.
"""

from __future__ import annotations

from typing import NamedTuple

from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F, M
from glassgrad.compiler.ir.operations import is_uncompilable
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.tape import Outputs, Tape, TapeBuilder
from glassgrad.core.row_ops import PICK

__all__ = ["Scatter", "add_at", "scattered"]

LEAST = 8  # rows; fewer are added one by one


class Scatter(NamedTuple):
    """Results that are `PICK`\\ s of one value by one place.

    Attributes:
        place, value: the references of both.
        first, step, rows: the result for row k is number ``first + step * k``, for each k below ``rows``.
    """

    place: int
    value: int
    first: int
    step: int
    rows: int

    def results(self) -> range:
        """The numbers of the results."""
        return range(self.first, self.first + self.step * self.rows, self.step)


def scattered(tape: Tape) -> tuple[Tape, list[Scatter]]:
    """Return the tape without the `PICK`\\ s that can be added at their place, and how to add them.

    Their results are 0 on the new tape. Behind the results it has the places and values, so that they are computed.
    Only a tape without branches, and without calls of Python functions, is changed.
    """
    if not tape.straight or PICK not in tape.ops or is_uncompilable(tape):
        return tape, []
    exit = tape.segments[0].exit
    assert isinstance(exit, Outputs)
    found = [one for group, rows in _groups(tape, exit).items() if (one := _scatter(*group, rows)) is not None]
    if not found:
        return tape, []
    refs = list(exit.refs)
    builder = TapeBuilder(tape.names)
    constants = [builder.constant(x) for x in tape.constants]
    zero = builder.constant(0.0)
    for one in found:
        for where in one.results():
            refs[where] = zero
    builder.begin(-1)
    for op, args in zip(tape.ops, tape.args):
        builder.append(op, tuple([a if a >= 0 else constants[~a] for a in args]))
    kept = [
        ref for one in found for ref in (one.place, one.value)
    ]  # as results, so that `dce` keeps and renumbers them
    every = [a if a >= 0 or a == zero else constants[~a] for a in [*refs, *kept]]
    builder.end(Outputs(tuple(every), exit.path))
    done = dce(builder.tape)
    (segment,) = done.segments
    assert isinstance(segment.exit, Outputs)
    ends = segment.exit.refs[len(refs) :]
    pairs = zip(found, ends[::2], ends[1::2])
    return done, [one._replace(place=place, value=value) for one, place, value in pairs]


def _groups(tape: Tape, exit: Outputs) -> dict[tuple[int, int], dict[float, int]]:
    """For each place and value, the results that are `PICK`\\ s of them: the result for each row."""
    groups: dict[tuple[int, int], dict[float, int]] = {}
    for where, ref in enumerate(exit.refs):
        i = ref - tape.inputs
        if i >= 0 and tape.ops[i] is PICK and tape.args[i][2] < 0:
            place, value, row = tape.args[i]
            groups.setdefault((place, value), {})[tape.constants[~row]] = where
    return groups


def _scatter(place: int, value: int, rows: dict[float, int]) -> Scatter | None:
    """Return how to add the results of ``rows``, or None if they are few or not evenly spaced."""
    count = len(rows)
    wheres = [rows.get(float(k), -1) for k in range(count)]
    step = wheres[1] - wheres[0] if count > 1 else 1
    if count < LEAST or step <= 0 or wheres != list(range(wheres[0], wheres[0] + step * count, step)) or wheres[0] < 0:
        return None
    return Scatter(place, value, wheres[0], step, count)


def add_at(code: Code, sums: Pointer, scatter: Scatter, place: F, value: F, counted: M) -> None:
    """Add ``value`` to the sum of row ``place``, in the lanes that are ``counted``."""
    inside = (place >= 0.0) & (place < float(scatter.rows)) & counted
    index = code.nearest_with_bits(code.select(inside, place, 0.0))[1]
    addend = code.select(inside, value, 0.0)
    for lane in range(code.lanes):
        row = Int(code, index.name if code.lanes == 1 else code.extract(code.i64, index.name, lane))
        at = sums.offset((row * scatter.step + scatter.first) * (8 * code.lanes)).offset(8 * lane)
        old = code.read("double", at)
        code.write("double", code.binary("fadd", "double", old, code.lane(addend, lane)), at)
