"""The operations behind `take`: read one of many numbers by a computed place, and send a derivative back to it.

They exist only while a function is compiled. In eager code the place is known, so `take` returns the element itself.
Both are linear, and each is the other's transpose, so they tell the sweeps how to pass derivatives on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from glassgrad.core.op import Op

__all__ = ["PICK", "TAKE", "RowOp"]


class RowOp(Op):
    """An operation that is linear in all operands but the first, which is a place and has no derivative."""

    def partial(self, i: int, y: Any, args: Sequence[Any]) -> Any:
        return self.share(i, 1.0, args)

    def share(self, i: int, derivative: Any, args: Sequence[Any]) -> Any:
        """Return the part of ``derivative``, with respect to the result, that goes to operand ``i``."""
        raise NotImplementedError

    def tangent(self, args: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """Return the tangent of the result. ``tangents`` are those of ``args``."""
        raise NotImplementedError

    def chosen(self, i: int, args: Sequence[Any]) -> Any:
        """Return whether operand ``i`` is the one that the result depends on."""
        raise NotImplementedError


class _Take(RowOp):
    def share(self, i: int, derivative: Any, args: Sequence[Any]) -> Any:
        return PICK(args[0], derivative, float(i - 1)) if i else 0.0

    def tangent(self, args: Sequence[Any], tangents: Sequence[Any]) -> Any:
        return TAKE(args[0], *tangents[1:])

    def chosen(self, i: int, args: Sequence[Any]) -> Any:
        return args[0] == float(i - 1)

    def __reduce__(self) -> str:
        return "TAKE"


class _Pick(RowOp):
    def share(self, i: int, derivative: Any, args: Sequence[Any]) -> Any:
        return PICK(args[0], derivative, args[2]) if i == 1 else 0.0

    def tangent(self, args: Sequence[Any], tangents: Sequence[Any]) -> Any:
        return PICK(args[0], tangents[1], args[2])

    def chosen(self, i: int, args: Sequence[Any]) -> Any:
        return args[0] == args[2]

    def __reduce__(self) -> str:
        return "PICK"


def _taken(i: float, *rows: float) -> float:
    return rows[int(i)] if 0 <= i < len(rows) else math.nan


# ``TAKE(i, x0, x1, …)`` is the x at place i. It is nan if there is none.
TAKE: RowOp = _Take("take", code="take", value=_taken, partials=None)
# ``PICK(i, x, k)`` is x if i is k, else 0.
PICK: RowOp = _Pick("pick", code="pick", arity=3, value=lambda i, x, k: x if i == k else 0.0, partials=None)
