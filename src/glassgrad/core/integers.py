"""Nodes as an index or a count: ``row[n]``, ``range(n)``, ``int(n)``.

A node that stands for an integer argument is an integer, and so is a sum, a difference or a product of integers. When
Python asks such a node for its index, it gets the value. While a function is compiled, the value becomes guards, so
each value is a path of its own.
"""

from __future__ import annotations

import math
import threading
from typing import Any

from glassgrad.core import ops, refusals, scalar
from glassgrad.core.row_ops import TAKE
from glassgrad.core.scalar import Scalar
from glassgrad.support.naming import quoted, said

__all__ = ["LARGEST", "Unsure", "index_of", "is_integer", "require_integer", "watch"]

LARGEST = 2**53  # Nodes hold floats, which represent all integers up to this size.
# The result of these operations is an integer if all operands are. The condition of `where` may be any number.
CLOSED = frozenset(
    (
        *(ops.add, ops.sub, ops.mul, ops.neg, ops.abs, ops.mod, ops.floordiv, ops.square),
        *(ops.identity, ops.detach, ops.maximum, ops.minimum, ops.where),
    )
)
# The result of these operations is always an integer.
WHOLE = frozenset(
    [ops.floor, ops.ceil, ops.less, ops.less_equal, ops.greater, ops.greater_equal, ops.equal, ops.not_equal]
)


class Unsure(BaseException):
    """It matters whether an argument is an integer, and compiled code does not tell integers from floats yet.

    It is no `Exception`, so the traced function does not catch it. See `watch`.
    """


class _Asked(threading.local):
    count = 0


_asked = _Asked()


class watch:
    """A ``with`` block that raises `Unsure` at its end if it was raised inside, even if NumPy replaced it by another
    exception."""

    def __enter__(self) -> watch:
        self.before = _asked.count
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if _asked.count != self.before and kind is not Unsure:
            raise Unsure from error


def is_integer(node: Scalar) -> bool:
    """Whether ``node`` is an integer: an integer argument, or computed from integers by operations that keep them.

    Raises:
        Unsure: it depends on an argument of which that is not known.
        TracingError: the node belongs to a function that another thread traces.
    """
    decider = scalar.decider_of(node)
    if decider is not None and threading.get_ident() != decider.thread:
        raise decider.refusal(node, refusals.INDEX)  # which is remembered, even if the program catches it here
    known: set[int] = set() if decider is None else decider.integers
    found: set[int] = set()
    work: list[Any] = [node]
    unsure = False
    while work:
        x = work.pop()
        if not isinstance(x, Scalar):
            if not float(x).is_integer():
                return False
            continue
        if id(x) in known or id(x) in found:
            continue
        found.add(id(x))
        op, operands, value = scalar.parts_of(x)
        if op is None:
            mark = scalar.integer_mark(x)
            if mark == "unsure":
                unsure = True
            elif not mark and not (x.is_constant and value.is_integer()):
                return False
        elif op is ops.pow and not isinstance(operands[1], Scalar) and operands[1] >= 0 and operands[1].is_integer():
            work.append(operands[0])
        elif op in CLOSED or op is TAKE:
            work += operands[1:] if op is ops.where or op is TAKE else operands
        elif op not in WHOLE:
            return False
    if unsure:
        _asked.count += 1
        raise Unsure
    known |= found
    return True


def require_integer(node: Scalar, user: str) -> None:
    """Raise `TypeError` if ``node`` is not an integer. ``user`` is the function that needs one.

    It is a `TracingError` if the node belongs to a transform.
    """
    if not is_integer(node):
        scalar.refuse_while_traced(node, refusals.INDEX)
        raise TypeError(
            f"{user} needs an integer as the index, but {quoted(node)} is a float: pass it as an int (3, not 3.0), or "
            "round it with gg.floor"
        )


def index_of(node: Scalar) -> int:
    """Return the value of an integer. While a function is compiled, it becomes guards.

    Raises:
        TypeError: the node is not an integer. It is a `TracingError` if the node belongs to a transform.
        ValueError: its value is nan or infinite.
    """
    if not is_integer(node):
        scalar.refuse_while_traced(node, refusals.INDEX)
        raise TypeError(f"node {said(node)!r} is a float, so it cannot be an index or a count: use int(x)")
    value: float = scalar.parts_of(node)[2]
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise ValueError(f"node {said(node)!r} is {value!r}, so it cannot be an index or a count")
    decider = scalar.decider_of(node)
    return int(value) if decider is None else decider.index(node)
