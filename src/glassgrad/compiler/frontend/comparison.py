"""The result of comparing nodes while a function is traced: a truth value that is itself a node."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.core import ops
from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar, parts_of, rebuild

__all__ = ["Comparison", "compared"]


class Comparison(Scalar):
    """A node of value 1 or 0 that behaves like a bool. When Python asks for its truth, the tracer records a branch."""

    is_truth = True

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from glassgrad.core.arrays.ufuncs import apply_to_truths

        return apply_to_truths(ufunc, method, inputs, kwargs)

    def __and__(self, other: Any) -> Any:
        if _is_integer(other):
            return self * float(int(other) & 1)
        return _combine(ops.mul, self, other)

    def __or__(self, other: Any) -> Any:
        if _is_integer(other):
            return float(other) + self * float(1 - (int(other) & 1))
        return _combine(ops.maximum, self, other)

    def __xor__(self, other: Any) -> Any:
        if _is_integer(other):
            return float(other) + self * float(1 - 2 * (int(other) & 1))
        return _combine(ops.not_equal, self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __add__(self, other: Any) -> Any:
        if _is_bool_of_numpy(other):  # NumPy adds bools by `or`
            return self | other
        return super().__add__(other)

    def __sub__(self, other: Any) -> Any:
        if _is_bool_of_numpy(other):
            return np.bool_(True) - other  # raises NumPy's own error: its bools cannot be subtracted
        return super().__sub__(other)

    def __invert__(self) -> Any:
        raise TypeError(
            "~ of a comparison is -1 or -2 in Python, and both count as true. Write `not (x > 0)` or "
            "np.logical_not(x > 0)"
        )

    def __pos__(self) -> Any:
        return self * 1.0  # +True is the number 1

    def __neg__(self) -> Any:
        return 0.0 - self  # -False is 0, without a sign

    def __int__(self) -> int:
        return int(bool(self))

    def __index__(self) -> int:
        return int(bool(self))

    def __float__(self) -> float:
        return float(bool(self))

    def __hash__(self) -> int:
        return hash(bool(self))


def compared(op: Op, value: float, operands: tuple[Any, ...]) -> Comparison:
    """Make the node for the result of comparison ``op``, whose ``value`` is 1 or 0."""
    made: Any = rebuild((value, 0.0, op, None, 0, Comparison), operands)
    assert isinstance(made, Comparison)
    return made


def _is_integer(x: Any) -> bool:
    return isinstance(x, (int, np.integer)) and not isinstance(x, bool)


def _is_bool_of_numpy(x: Any) -> bool:
    return isinstance(x, (np.bool_, np.ndarray)) and x.dtype == bool


def _combine(op: Op, a: Comparison, b: Any) -> Any:
    if isinstance(b, (bool, np.bool_)):
        b = float(b)
    elif not isinstance(b, Comparison):
        return NotImplemented
    value, other = parts_of(a)[2], b if isinstance(b, float) else parts_of(b)[2]
    assert op.value is not None
    return compared(op, op.value(value, other), (a, b))
