"""Check and convert the arguments of schedules."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

__all__ = ["count", "finite", "fraction", "per_group"]


def count(name: str, value: Any, least: int = 1) -> int:
    """`value` as an int of at least `least`."""
    try:
        found = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, {least} or more, got {value!r}") from None
    if isinstance(value, bool) or found < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, got {value!r}")
    return found


def finite(name: str, value: Any) -> float:
    """`value` as a finite float."""
    if isinstance(value, (str, bool)) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return float(value)


def fraction(name: str, value: Any, above_zero: bool = False) -> float:
    """`value` as a float from 0 to 1."""
    found = finite(name, value)
    if not 0 <= found <= 1 or (above_zero and found == 0):
        raise ValueError(
            f"{name} must be a number {'above 0 and at most' if above_zero else 'from 0 to'} 1, got {value!r}"
        )
    return found


def per_group(name: str, value: Any, groups: Sequence[Any]) -> list[float]:
    """One number for each group."""
    values = list(value) if hasattr(value, "__iter__") else [value] * len(groups)
    if len(values) != len(groups):
        raise ValueError(
            f"{name} must be a number, or a list of {len(groups)}, one for each parameter group, got {value!r}"
        )
    return [finite(name, x) for x in values]
