"""NumPy's functions that store into an array, or make an array like another. Nodes go into arrays of nodes only."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.core.arrays import choices
from glassgrad.core.arrays.ufuncs import target
from glassgrad.core.arrays.wrapping import bare, objects, wrapped

__all__ = ["FUNCTIONS"]


def _mask(x: Any) -> Any:
    return np.asarray(x, dtype=bool)


def _choose(into: Any, mask: Any, values: Any) -> None:
    """Store ``values`` where a traced mask holds, without a branch."""
    into[...] = objects(choices.where(mask, values, wrapped(into)))


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    if casting == "unsafe":  # np.full uses this if it has a dtype; nodes are converted by float(x), which warns
        np.copyto(bare(dst), bare(src), casting, where=True if where is True else _mask(where))
    elif hasattr(where, "elements"):
        _choose(target(dst, "np.copyto"), where, src)
    else:
        np.copyto(target(dst, "np.copyto"), bare(src), where=True if where is True else _mask(where))


def put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    np.put(target(a, "np.put"), ind, objects(v), mode)


def place(arr: Any, mask: Any, vals: Any) -> None:
    if hasattr(mask, "elements") and mask.size == np.size(arr) and np.size(vals) == 1:
        _choose(target(arr, "np.place"), mask.reshape(np.shape(arr)), objects(vals).item())
    else:
        np.place(target(arr, "np.place"), _mask(mask), objects(vals))


def putmask(a: Any, mask: Any, values: Any) -> None:
    if hasattr(mask, "elements") and mask.size == np.size(a):
        _choose(target(a, "np.putmask"), mask.reshape(np.shape(a)), np.resize(objects(values), np.shape(a)))
    else:
        np.putmask(target(a, "np.putmask"), _mask(mask), objects(values))


def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    np.put_along_axis(target(arr, "np.put_along_axis"), indices, objects(values), axis)


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    np.fill_diagonal(target(a, "np.fill_diagonal"), objects(val), wrap)


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    return wrapped(np.insert(objects(arr), obj, objects(values), axis))


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    if mode == "constant":
        options.setdefault("constant_values", 0.0)
    if "constant_values" in options:
        options["constant_values"] = objects(options["constant_values"])
    padded = np.pad(objects(array), pad_width, mode, **options)
    return wrapped(np.frompyfunc(lambda x: float(x) if isinstance(x, np.generic) else x, 1, 1)(padded))


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None
) -> Any:
    """An array of nodes; if ``dtype`` is neither float nor object, a plain array as NumPy makes it."""
    size = np.shape(a) if shape is None else shape
    if dtype is not None and np.dtype(dtype) not in (np.dtype(float), np.dtype(object)):
        return np.full(size, fill_value, dtype)
    found = np.empty(size, dtype=object)
    found[...] = objects(fill_value)
    return wrapped(found)


def zeros_like(a: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None, **rest: Any) -> Any:
    return _like(np.zeros, 0.0, a, dtype, shape)


def ones_like(a: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None, **rest: Any) -> Any:
    return _like(np.ones, 1.0, a, dtype, shape)


def empty_like(
    prototype: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None, **rest: Any
) -> Any:
    return _like(np.empty, 0.0, prototype, dtype, shape)


def _like(make: Any, value: float, a: Any, dtype: Any, shape: Any) -> Any:
    size = np.shape(a) if shape is None else shape
    if dtype is not None and np.dtype(dtype) != object:  # the user asked for plain numbers
        return make(size, dtype)
    if getattr(a, "dtype", None) == np.bool_:
        return make(size, bool)
    return full_like(a, value, shape=size)


def astype(x: Any, dtype: Any, /, **options: Any) -> Any:
    return x.astype(dtype)


FUNCTIONS = {
    name: globals()[name]
    for name in (
        "copyto put place putmask put_along_axis fill_diagonal insert pad full_like zeros_like ones_like empty_like "
        "astype"
    ).split()
}
