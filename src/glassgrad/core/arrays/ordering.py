"""Sorting and searching among nodes.

In eager code, NumPy finds the order of the nodes' values. While a function is traced, few elements are sorted by a
network of choices, which takes no branch (`networks.py`). Otherwise comparisons of nodes find the order, so that in
compiled code each order is a path of its own, and one question asks whether there is any nan. nan comes last.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.core import ops, scalar
from glassgrad.core.arrays.choices import over_axes, tree
from glassgrad.core.arrays.elementwise import isnan, pick
from glassgrad.core.arrays.networks import is_small, sorted_by_choices
from glassgrad.core.arrays.wrapping import elements, objects, wrapped
from glassgrad.core.scalar import Scalar

__all__ = [
    "any_nan",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "in_order",
    "lexsort",
    "nanargmax",
    "nanargmin",
    "partition",
    "searchsorted",
    "sort",
    "unique",
]


def _values(xs: Sequence[Any]) -> Any:
    """The values of numbers and eager nodes."""
    return np.array([x.data if isinstance(x, Scalar) else float(x) for x in xs], dtype=float)


def any_nan(xs: Sequence[Any]) -> bool:
    """Whether any of ``xs`` is nan: a single branch, however many there are."""
    return bool(tree(lambda a, b: a | b, [isnan(x) for x in xs])) if xs else False


def _first(conditions: Sequence[Any]) -> int:
    return next(i for i, condition in enumerate(conditions) if condition)


# The place of the largest or smallest


def _place(xs: Sequence[Any], pair: Any, by_numpy: Any) -> int:
    if not xs:
        raise ValueError(f"attempt to get {by_numpy.__name__} of an empty sequence")
    if not scalar.is_decided():
        return int(by_numpy(_values(xs)))
    if any_nan(xs):
        return next(i for i, x in enumerate(xs) if isnan(x))
    top = ops.detach(tree(pair, xs))
    return next((i for i, x in enumerate(xs[:-1]) if x == top), len(xs) - 1)


def _whole(found: Any, out: Any) -> Any:
    result = found.astype(np.intp) if isinstance(found, np.ndarray) else np.intp(found)
    if out is None:
        return result
    out[...] = result
    return out


def argmax(x: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the largest element; the first of them if several tie."""
    return _whole(over_axes(lambda row: _place(row, ops.maximum, np.argmax), x, axis, keepdims), out)


def argmin(x: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    return _whole(over_axes(lambda row: _place(row, ops.minimum, np.argmin), x, axis, keepdims), out)


def nanargmax(x: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    return _whole(over_axes(lambda row: _nan_place(row, ops.maximum, np.argmax, -math.inf), x, axis, keepdims), out)


def nanargmin(x: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    return _whole(over_axes(lambda row: _nan_place(row, ops.minimum, np.argmin, math.inf), x, axis, keepdims), out)


def _nan_place(xs: Sequence[Any], pair: Any, by_numpy: Any, instead: float) -> int:
    if xs and bool(tree(lambda a, b: a & b, [isnan(x) for x in xs])):
        raise ValueError("All-NaN slice encountered")
    return _place([pick(isnan(x), instead, x) for x in xs], pair, by_numpy)


# Order


def _order(xs: Sequence[Any]) -> list[int]:
    """The indices of ``xs`` from the smallest to the largest, nan last; equal elements keep their order."""
    if not scalar.is_decided():
        return np.argsort(_values(xs), kind="stable").tolist()  # type: ignore[no-any-return]
    places = list(range(len(xs)))
    last: list[int] = []
    if any_nan(xs):
        last = [i for i in places if isnan(xs[i])]
        places = [i for i in places if i not in last]
    return sorted(places, key=lambda i: xs[i]) + last


def _along(function: Any, x: Any, axis: Any) -> Any:
    """Apply ``function``, from a list to a list of the same length, along ``axis``; if None, to all elements."""
    array = objects(x)
    array = array.ravel() if axis is None else np.moveaxis(array, axis, -1)
    rows = array.reshape(-1, array.shape[-1]) if array.size else array.reshape(0, 0)
    found = np.empty(array.shape, dtype=object)
    into = found.reshape(rows.shape)
    for i, row in enumerate(rows):
        into[i] = function(row.tolist())
    return found if axis is None else np.moveaxis(found, -1, axis)


def argsort(x: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The indices that sort the elements; equal elements keep their order."""
    return _along(_order, x, axis).astype(np.intp)


def argpartition(x: Any, kth: Any, axis: Any = -1, kind: Any = None, order: Any = None) -> Any:
    return argsort(x, axis)


def sort(x: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The elements in increasing order, nan last."""
    array = objects(x)
    small = is_small(array.size, array.size if axis is None else array.shape[axis])
    return wrapped(_along(sorted_by_choices if small else in_order, array, axis))


def partition(x: Any, kth: Any, axis: Any = -1, kind: Any = None, order: Any = None) -> Any:
    return sort(x, axis)


def in_order(xs: Sequence[Any]) -> list[Any]:
    """``xs`` from the smallest to the largest, nan last; while a function is traced, this takes branches."""
    return [xs[i] for i in _order(xs)]


def lexsort(keys: Any, axis: Any = -1) -> Any:
    """The indices that sort by the last key; ties are sorted by the key before it, and so on."""
    rows = [objects(key).tolist() for key in keys]
    if any(isinstance(row, list) and row and isinstance(row[0], list) for row in rows):
        raise TypeError("np.lexsort of nodes needs keys of one dimension")
    places = list(range(len(rows[0])))
    for row in rows:
        places = [places[i] for i in _order([row[k] for k in places])]
    return np.array(places, dtype=np.intp)


def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """The indices at which the values ``v`` must be inserted into the sorted ``a`` to keep it sorted."""
    row, wanted = elements(objects(a)), objects(v)
    if sorter is not None:
        row = [row[i] for i in sorter]
    if not scalar.is_decided():
        found = np.searchsorted(_values(row), _values(elements(wanted)).reshape(wanted.shape), side)
        return found if wanted.ndim else np.intp(found)
    numbers = [x for x in row if not bool(isnan(x))] if any_nan(row) else row
    search = bisect.bisect_left if side == "left" else bisect.bisect_right

    def place(x: Any) -> int:
        if any_nan([x]):
            return len(numbers) if side == "left" else len(row)
        return search(numbers, x)

    return _whole(over_axes(lambda one: place(one[0]), wanted[..., None], -1), None)


def unique(x: Any, *args: Any, **kwargs: Any) -> Any:
    """The distinct elements in increasing order; of equal elements the first is returned."""
    array = objects(x)
    if scalar.is_decided() and any_nan(elements(array)):
        raise TypeError("np.unique of nodes that are nan cannot be compiled")
    return _by_index(array, args, kwargs) if not scalar.is_decided() else wrapped(np.unique(array, *args, **kwargs))


def _by_index(array: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    names = ("return_index", "return_inverse", "return_counts", "axis")
    options = {**dict(zip(names, args)), **kwargs}
    wanted = options.pop("return_index", False)
    if options.get("axis") is not None:
        return wrapped(np.unique(array, return_index=wanted, **options))
    found = np.unique(_values(elements(array)).reshape(array.shape), return_index=True, **options)
    nodes = wrapped(array.ravel()[found[1]])
    rest = found[1:] if wanted else found[2:]
    return (nodes, *rest) if rest else nodes
