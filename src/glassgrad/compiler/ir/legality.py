# cython: boundscheck=False, wraparound=False, initializedcheck=False, binding=False, annotation_typing=False
"""The part of `verify` that looks at each operation."""

from __future__ import annotations

from typing import Any

from glassgrad.compiler.ir.columns import PAD, Columns

__all__ = ["illegal_in_columns", "illegal_in_lists"]

Fault = tuple[int, Any]  # The position of an illegal operation, and the reference that it must not use, or None.


def illegal_in_lists(
    ops: list[Any], args: list[Any], start: int, stop: int, known: bytearray, constants: int
) -> Fault | None:
    """Return the first of the operations ``start`` to ``stop`` that is illegal, or None if all are legal.

    Args:
        ops, args: the lists of a tape.
        known: a byte for each value, constants first, that says whether it is computed. The bytes of the operations
            that are found legal are set.
        constants: the number of constants.
    """
    end = len(known)
    first_op = end - len(ops)
    op = arity = None
    for i in range(start, stop):
        row = args[i]
        if ops[i] is not op:
            op = ops[i]
            arity = op.arity
        if arity is not None and len(row) != arity:
            return i, None
        for a in row:
            place = a + constants
            if not 0 <= place < end or not known[place]:
                return i, a
        known[first_op + i] = 1
    return None


def illegal_in_columns(columns: Columns, start: int, stop: int, known: bytearray, constants: int) -> Fault | None:
    """Do as `illegal_in_lists` for a tape whose operations are in arrays."""
    code, operands, rest, starts = columns.code, columns.operands, columns.rest, columns.starts
    positions = columns.wide
    arities = [-1 if op.arity is None else op.arity for op in columns.ops]
    end, width, wide, pad = len(known), operands.shape[1], 0, PAD
    first_op = end - len(code)
    while wide < len(positions) and positions[wide] < start:
        wide += 1
    for i in range(start, stop):
        count = 0
        if wide < len(positions) and positions[wide] == i:
            for at in range(starts[wide], starts[wide + 1]):
                place = rest[at] + constants
                if not 0 <= place < end or not known[place]:
                    return i, rest[at]
                count += 1
            wide += 1
        else:
            while count < width and operands[i, count] != pad:
                place = operands[i, count] + constants
                if not 0 <= place < end or not known[place]:
                    return i, operands[i, count]
                count += 1
        if arities[code[i]] >= 0 and arities[code[i]] != count:
            return i, None
        known[first_op + i] = 1
    return None
