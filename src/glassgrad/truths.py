"""NumPy's tests and logic, such as isnan and logical_xor, for nodes.

Each is written as comparisons, so in compiled code it is a value, not a branch. NumPy itself would ask every node for
its truth, or has no such test for objects.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

__all__ = ["OF_BOOLS", "TRUTHS", "is_close"]


def _true(x: Any) -> Any:
    return x != 0.0


def _is_infinite(x: Any) -> Any:
    return (x == math.inf) | (x == -math.inf)


def _is_finite(x: Any) -> Any:
    return (x < math.inf) & (x > -math.inf)


TRUTHS: dict[str, Callable[..., Any]] = {
    "logical_and": lambda a, b: _true(a) & _true(b),
    "logical_or": lambda a, b: _true(a) | _true(b),
    "logical_xor": lambda a, b: _true(a) ^ _true(b),
    "logical_not": lambda a: a == 0.0,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "isnan": lambda x: x != x,
    "isinf": _is_infinite,
    "isfinite": _is_finite,
}


def _no_subtraction(a: Any, b: Any) -> Any:
    raise TypeError("NumPy's bools cannot be subtracted: write a != b, or make numbers of them, a * 1.0 - b")


OF_BOOLS: dict[str, Callable[..., Any]] = {"add": operator.or_, "subtract": _no_subtraction}  # what NumPy's bools do


def is_close(a: Any, b: Any, rtol: Any, atol: Any, *, equal_nan: bool) -> Any:
    """What ``np.isclose`` says of two numbers."""
    close = (abs(a - b) <= atol + rtol * abs(b)) & _is_finite(b) | (a == b)
    return close | (a != a) & (b != b) if equal_nan else close
