"""`Truths`: the result of comparing an `Array` while a function is traced for compilation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from glassgrad.core import ops
from glassgrad.core.arrays.functions import apply_function
from glassgrad.core.arrays.ufuncs import apply_to_truths
from glassgrad.core.arrays.wrapping import truths, wrapped
from glassgrad.core.scalar import Scalar

__all__ = ["Truths"]


def _number(t: Any) -> Any:
    return ops.identity(t) if isinstance(t, Scalar) else float(t)


class Truths(NDArrayOperatorsMixin):
    """An array of truths that are not known yet. It replaces an array of bool while a function is traced.

    It works like an array of bool: ``&``, ``|``, ``~``, ``x * mask``, ``np.where(mask, a, b)``, ``mask.sum()``,
    ``mask.any()``. None of these takes a branch. A branch is taken only where Python must know the answer:
    ``if mask.any():`` takes one, ``x[mask]`` and ``np.asarray(mask)`` take one for each element. It is not a subclass
    of ``np.ndarray``: NumPy cannot index with an array of objects, but it can with the result of ``__array__``.

    Attributes:
        elements: the truths, a plain array of dtype object that holds bools and traced comparisons.
    """

    __slots__ = ("elements",)
    __holds_nodes__ = True
    __hash__ = None  # type: ignore[assignment]
    dtype = np.dtype(bool)

    def __init__(self, elements: Any) -> None:
        self.elements = elements

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if dtype is not None and np.dtype(dtype) == object:
            return self.elements.copy()
        asked = np.array([bool(t) for t in self.elements.ravel().tolist()], dtype=bool).reshape(self.shape)
        return asked if dtype is None else asked.astype(dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return apply_to_truths(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply_function(func, types, args, kwargs)

    # The attributes and methods of an array of bool

    @property
    def shape(self) -> tuple[int, ...]:
        return self.elements.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return self.elements.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return self.elements.size  # type: ignore[no-any-return]

    @property
    def T(self) -> Truths:
        return Truths(self.elements.T)

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return truths(self.elements[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.elements[index] = np.asarray(value, dtype=object)

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                "the truth of an array of several elements is ambiguous: write mask.any(), mask.all(), or gg.where"
            )
        return bool(self.elements.item())

    def __repr__(self) -> str:
        return f"Truths({self.elements!r})"

    def any(self, axis: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
        return np.any(self, axis, keepdims=keepdims, where=where)

    def all(self, axis: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
        return np.all(self, axis, keepdims=keepdims, where=where)

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        return self.astype(float).sum(axis, keepdims=keepdims)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        return self.astype(float).mean(axis, keepdims=keepdims)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """The truths as the numbers 1 and 0, without a branch; for dtype bool, a copy."""
        if np.dtype(dtype) == bool:
            return self.copy()
        return wrapped(np.frompyfunc(_number, 1, 1)(self.elements))

    def argmax(self, axis: Any = None) -> Any:
        return np.asarray(self).argmax(axis)

    def argmin(self, axis: Any = None) -> Any:
        return np.asarray(self).argmin(axis)

    def nonzero(self) -> Any:
        return np.asarray(self).nonzero()

    def reshape(self, *shape: Any, **kwargs: Any) -> Truths:
        return Truths(self.elements.reshape(*shape, **kwargs))

    def ravel(self) -> Truths:
        return Truths(self.elements.ravel())

    def flatten(self) -> Truths:
        return Truths(self.elements.flatten())

    def transpose(self, *axes: Any) -> Truths:
        return Truths(self.elements.transpose(*axes))

    def copy(self) -> Truths:
        return Truths(self.elements.copy())

    def item(self, *index: Any) -> Any:
        return self.elements.item(*index)

    def tolist(self) -> Any:
        return self.elements.tolist()
