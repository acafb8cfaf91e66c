"""Values that steer a function instead of being computed with: strings, flags, enums, functions, classes, modules."""

from __future__ import annotations

from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from glassgrad.core.op import Op

__all__ = ["is_static"]

VALUES = (str, bool, Enum, type, Op, ModuleType, type(Ellipsis), slice)
FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, partial)
OF_NUMPY = frozenset(["dtype", "ufunc"])


def is_static(x: Any) -> bool:
    """Whether ``x`` steers a function, so that it is static without being named as such.

    Compiled functions, and functions with a cache, are told by their ``__wrapped__``.
    """
    if isinstance(x, VALUES) or isinstance(x, FUNCTIONS):
        return True
    if any(kind.__module__ == "numpy" and kind.__name__ in OF_NUMPY for kind in type(x).__mro__):
        return True
    return callable(x) and hasattr(x, "__wrapped__")
