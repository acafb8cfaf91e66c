"""Convert an `Array` to the plain array of objects behind it, on which NumPy works element by element, and back."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from glassgrad.core import scalar
from glassgrad.core.arrays.foreign import DATES, plain, plain_numbers
from glassgrad.core.op import admitted, as_float
from glassgrad.core.scalar import Scalar

__all__ = ["bare", "comparable", "elements", "is_truth", "known", "objects", "truths", "wrapped"]


def bare(x: Any) -> Any:
    """Convert ``x`` for NumPy's functions: an `Array` to a plain array of objects, a node to one of no dimensions.

    Raises:
        TypeError: ``x`` is an instance of a subclass of ``np.ndarray`` that means more than its numbers, holds dates,
            or is bytes.
    """
    kind = type(x)
    if getattr(kind, "__holds_nodes__", False):
        return x.view(np.ndarray) if isinstance(x, np.ndarray) else x.elements
    if kind is float or kind is int or kind is bool:
        return x
    if kind is np.ndarray:
        return x if x.dtype.kind not in DATES else plain_numbers(x, "an operand")
    if isinstance(x, Scalar):
        alone = np.empty((), dtype=object)
        alone[()] = x
        return alone
    if isinstance(x, np.ndarray):
        return plain(x, "an operand of nodes")
    if isinstance(x, np.generic):
        item = x if x.dtype.kind in DATES else x.item()
        return as_float(item, "an operand") if isinstance(item, np.generic) else item  # item() keeps a longdouble
    if isinstance(x, bytearray):
        as_float(x, "an operand")  # raises
    return admitted(x, "an operand")


def comparable(x: Any) -> Any:
    """As `bare`, but dates and times become text: no number equals them, or equals text."""
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in DATES:
        return np.asarray(x).astype(str).astype(object)
    return bare(x)


def objects(x: Any) -> Any:
    """Convert ``x``, a number, a node or an array of any kind, to a plain array of dtype object."""
    plainly = bare(x)
    if getattr(plainly, "dtype", None) == np.longdouble:  # its elements would not be Python floats
        plainly = plainly.astype(float)
    return np.asarray(plainly, dtype=object)


def wrapped(result: Any) -> Any:
    """Convert arrays of objects in ``result``, which may be a tuple or list, to `Array`; leave anything else."""
    if isinstance(result, np.ndarray):
        return result if result.dtype != object or type(result) is not np.ndarray else result.view(_class("nodes"))
    if type(result) in (tuple, list):
        return type(result)(map(wrapped, result))
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*map(wrapped, result))
    return result


def truths(found: Any) -> Any:
    """Convert the results of comparisons to an array of bool, or to `Truths` if one is traced; leave a single truth."""
    if not isinstance(found, np.ndarray) or found.dtype == bool:
        return found
    if scalar.is_decided() and any(isinstance(t, Scalar) for t in elements(found)):
        return _class("truths")(found)
    return found.astype(bool)


@cache
def _class(module: str) -> Any:
    """`Array` or `Truths`, imported late, because their modules import this one."""
    return getattr(import_module(f"glassgrad.core.arrays.{module}"), {"nodes": "Array", "truths": "Truths"}[module])


def is_truth(x: Any) -> bool:
    """Whether ``x`` is a bool or a traced comparison, which has ``&`` like a bool."""
    return isinstance(x, (bool, np.bool_)) or getattr(x, "is_truth", False)


def elements(x: Any) -> list[Any]:
    """The elements of an array of objects, in order."""
    return x.ravel().tolist()  # type: ignore[no-any-return]


def known(x: Any) -> float | None:
    """The value of a number or node; None for a node while a function is traced for compilation, and it is hidden."""
    if not isinstance(x, Scalar):
        return float(x)
    return None if scalar.is_decided() else x.data
