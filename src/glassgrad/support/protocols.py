"""Recognise the arrays of other libraries by the protocols that they follow. No other library is imported for that."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["NOT_FOREIGN", "OURS", "belongs_to", "has_units", "is_foreign"]

PROTOCOLS = ("__array__", "__array_interface__", "__array_struct__", "__dlpack__")
OURS = ("__record__", "__holds_nodes__")  # the attributes of nodes, and of arrays of nodes
# The types that are known not to be foreign: Python's own, and those of NumPy and glassgrad that were met. A look at
# this set is quicker than a call of `is_foreign`.
NOT_FOREIGN: set[type] = {
    float,
    int,
    bool,
    complex,
    str,
    bytes,
    bytearray,
    list,
    tuple,
    dict,
    set,
    frozenset,
    type(None),
}


def is_foreign(x: Any) -> bool:
    """Whether ``x`` is an array, or another holder of numbers, that does not belong to NumPy or to us.

    That is a ``range``, or whatever has ``__array__``, ``__array_interface__``, ``__dlpack__``, the buffer protocol
    (``array.array``, ``memoryview``, an array of ctypes) or a unit. Text and bytes do not count.
    """
    kind = type(x)
    if kind in NOT_FOREIGN or isinstance(x, (type, str, bytes, bytearray)):
        return False
    numpy = sys.modules.get("numpy")
    of_numpy = numpy is not None and isinstance(x, (numpy.ndarray, numpy.generic))
    if of_numpy or any(hasattr(kind, name) for name in OURS):
        if kind.__module__.partition(".")[0] in ("numpy", "glassgrad"):
            NOT_FOREIGN.add(kind)
        return False
    if kind is range or any(hasattr(kind, name) for name in PROTOCOLS) or has_units(x):
        return True
    if "__array_interface__" in getattr(x, "__dict__", ()):
        return True
    try:
        memoryview(x).release()
    except (TypeError, ValueError, BufferError):
        return False
    return True


def has_units(x: Any) -> bool:
    """Whether ``x`` is a quantity of pint, or of a library that is like it."""
    return hasattr(type(x), "magnitude") and hasattr(type(x), "units")


def belongs_to(x: Any, *libraries: str) -> bool:
    """Whether the class of ``x``, or one that it derives from, is defined in one of the libraries."""
    return any(base.__module__.partition(".")[0] in libraries for base in type(x).__mro__)
