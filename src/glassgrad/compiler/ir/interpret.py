"""The reference interpreter: it runs any tape over any number of lanes with NumPy alone.

Compiled code is judged by it, and it runs where llvmlite is missing. NumPy does the arithmetic. Every other operation
calls the table's value function lane by lane. At each branch the lanes are divided into two groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.core.op import Op, errstate
from glassgrad.core.row_ops import TAKE

__all__ = ["interpret"]

EXACT = {  # For these operations NumPy gives the same bits as Python.
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "sqrt": np.sqrt,
    "square": np.square,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
}


def interpret(tape: Tape, columns: Sequence[Any], lanes: int) -> tuple[list[Any], Any]:
    """Run ``tape``.

    Args:
        tape: a legal tape.
        columns: for each input, a float or an array of ``lanes`` doubles.
        lanes: the number of lanes.

    Returns:
        A list with an array of ``lanes`` doubles for each result, and an array with the number of each lane's path, or
        -1 where that path is not on the tape.
    """
    n = tape.inputs
    results = [np.full(lanes, np.nan) for _ in range(tape.outputs())]
    path = np.full(lanes, -1)
    constants = [np.float64(x) for x in tape.constants]
    columns = [np.asarray(x, dtype=float) for x in columns]
    start: dict[int, Any] = {i: (np.broadcast_to(x, (lanes,)), 0) for i, x in enumerate(columns)}
    work: list[tuple[int, Any, dict[int, Any], list[Any]]] = [(0, np.arange(lanes), start, [])]
    with np.errstate(all="ignore"), errstate(domain="nan"):
        while work:
            # A value is stored with the number of divisions that its lanes had gone through. The later divisions are
            # applied when the value is used.
            k, where, known, sides = work.pop()

            def value(a: int, known: dict[int, Any] = known, sides: list[Any] = sides) -> Any:
                if a < 0:
                    return constants[~a]
                x, seen = known[a]
                if seen < len(sides):
                    for side in sides[seen:]:
                        x = x[side]
                    known[a] = x, len(sides)
                return x

            first, stop, _, exit = tape.segments[k]
            for i in range(first, stop):
                result = apply(tape.ops[i], [value(a) for a in tape.args[i]])
                known[n + i] = np.broadcast_to(result, where.shape), len(sides)
            if isinstance(exit, Outputs):
                for result, ref in zip(results, exit.refs):
                    result[where] = value(ref)
                path[where] = exit.path
                continue
            condition = np.broadcast_to(value(exit.condition), where.shape)
            yes = condition != 0
            if yes.all() or not yes.any():  # the lanes stay together
                child = exit.yes if yes.all() else exit.no
                if child is not None and len(where):
                    work.append((child, where, known, sides))
                continue
            for child, side in ((exit.no, ~yes), (exit.yes, yes)):
                if child is not None:
                    work.append((child, where[side], dict(known), [*sides, side]))
    return results, path


def apply(op: Op, args: Sequence[Any]) -> Any:
    """Compute ``op`` lane by lane."""
    if op is TAKE:
        return _take(args[0], args[1:])
    exact = EXACT.get(op.name)
    if exact is not None and op.home is None:
        return exact(*args).astype(float, copy=False)
    assert op.value is not None
    function = np.frompyfunc(op.value, len(args), 1)
    columns = np.broadcast_arrays(*[np.asarray(x) for x in args])
    return np.asarray(function(*[column.astype(object) for column in columns]), dtype=object).astype(float)


def _take(place: Any, rows: Sequence[Any]) -> Any:
    """Compute `TAKE` lane by lane."""
    inside = (place >= 0) & (place < len(rows))
    number = np.where(inside, place, 0).astype(int)
    if not rows:
        return np.full(np.shape(place), np.nan)
    found = np.full(np.shape(place), np.nan)
    for k, row in enumerate(rows):
        found = np.where(inside & (number == k), row, found)
    return found
