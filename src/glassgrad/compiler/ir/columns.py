# cython: boundscheck=False, wraparound=False, initializedcheck=False, binding=False, annotation_typing=False
"""A flat tape's operations in arrays: four bytes for the operation, eight for each operand.

Lists of operations and of tuples of operands take 130 bytes an operation and are slow to search. So a recorded run is
kept in arrays, and lists are made when somebody asks for them. Loops are searched for in the arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassgrad.core.op import Op

__all__ = ["PAD", "WIDEST", "Columns", "columns_of", "lists_of"]

PAD = 1 << 62  # No operand. No reference is that large.
WIDEST = 4  # An operation with more operands is wide: its operands are kept apart, so that few make no array large.


class Columns(NamedTuple):
    """The operations of a flat tape.

    Attributes:
        ops: the operations that occur, each once, in the order in which they first occur.
        code: int32, one for each operation of the tape: its place in ``ops``.
        operands: int64, a row for each operation: the references of its operands, filled up with `PAD`. The row of a
            wide operation has `PAD` only.
        wide: int64, the positions of the wide operations, in ascending order.
        starts: int64, where the operands of each of these begin in ``rest``; one entry more than ``wide`` has.
        rest: int64, the operands of the wide operations, one after another.

    Example:
        >>> from glassgrad.core import ops
        >>> columns = columns_of([ops.mul, ops.neg, ops.mul], [(0, 1), (2,), (3, -1)])
        >>> [op.name for op in columns.ops], columns.code.tolist()
        (['mul', 'neg'], [0, 1, 0])
        >>> columns.operands[1].tolist() == [2, PAD]
        True
    """

    ops: list[Op]
    code: Any
    operands: Any
    wide: Any
    starts: Any
    rest: Any


def columns_of(ops: list[Op], args: list[tuple[int, ...]]) -> Columns:
    """Return the arrays for lists of operations and of their operands."""
    count, width, wide, size = len(ops), 1, 0, 0
    for row in args:
        if len(row) > WIDEST:
            wide += 1
            size += len(row)
        elif len(row) > width:
            width = len(row)
    columns = blank(count, width, wide, size)
    places: dict[Op, int] = {}
    code, operands, rest = columns.code, columns.operands, columns.rest
    wide = at = 0
    for i in range(count):
        op = ops[i]
        place = places.get(op)
        if place is None:
            place = places[op] = len(columns.ops)
            columns.ops.append(op)
        code[i] = place
        row = args[i]
        if len(row) > WIDEST:
            columns.wide[wide] = i
            wide += 1
            for a in row:
                rest[at] = a
                at += 1
            columns.starts[wide] = at
            continue
        for j in range(len(row)):
            operands[i, j] = row[j]
    return columns


def blank(count: int, width: int, wide: int, size: int) -> Columns:
    """Return arrays for ``count`` operations with at most ``width`` operands, and ``wide`` others with ``size``."""
    return Columns(
        [],
        np.zeros(count, np.int32),
        np.full((count, width), PAD, np.int64),
        np.zeros(wide, np.int64),
        np.zeros(wide + 1, np.int64),
        np.zeros(size, np.int64),
    )


def lists_of(columns: Columns) -> tuple[list[Op], list[tuple[int, ...]]]:
    """Return the lists that the arrays stand for: the operations, and the references of the operands of each."""
    ops = columns.ops
    found = [ops[k] for k in columns.code.tolist()]
    args = _rows(columns.operands)
    starts, rest = columns.starts.tolist(), columns.rest
    for k, i in enumerate(columns.wide.tolist()):
        args[i] = tuple(rest[starts[k] : starts[k + 1]].tolist())
    return found, args


def _rows(operands: Any) -> list[tuple[int, ...]]:
    rows: list[tuple[int, ...]] = []
    for i in range(len(operands)):
        width = operands.shape[1]
        while width and operands[i, width - 1] == PAD:
            width -= 1
        if width == 2:
            rows.append((int(operands[i, 0]), int(operands[i, 1])))
        elif width == 1:
            rows.append((int(operands[i, 0]),))
        else:
            rows.append(tuple([int(operands[i, j]) for j in range(width)]))
    return rows
