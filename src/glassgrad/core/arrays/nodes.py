"""`Array`: an array of nodes."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy import ndarray

from glassgrad.core import scalar
from glassgrad.core.arrays import choices, making, ordering
from glassgrad.core.arrays.foreign import DATES
from glassgrad.core.arrays.functions import apply_function
from glassgrad.core.arrays.rows import indexed
from glassgrad.core.arrays.ufuncs import apply_ufunc
from glassgrad.core.arrays.wrapping import wrapped
from glassgrad.core.op import admitted
from glassgrad.support.frames import users_line

__all__ = ["Array"]

DOUBLE = np.dtype(float)
OPERATORS = {"div": "truediv", "true_divide": "truediv", "subtract": "sub", "multiply": "mul"}  # by PyTorch's names
ARITHMETIC = frozenset([np.add, np.subtract, np.multiply, np.divide, np.negative, np.matmul])


if TYPE_CHECKING:
    Objects = ndarray[tuple[Any, ...], np.dtype[np.object_]]
else:
    Objects = ndarray


def _refuse(method: str) -> NoReturn:
    raise TypeError(
        f"{users_line()}: nodes do not support x.{method}, because the bytes of an array of nodes are addresses: use "
        f"the nodes themselves, or gg.values(x).{method} for the numbers alone, without derivatives"
    )


class Array(Objects):
    """An array of nodes: a NumPy array of dtype object on which NumPy's functions keep derivatives.

    ``gg.array`` makes one, a transformed function gets one for an array argument, and NumPy's functions return one if
    they are given one. Its elements are nodes, or plain numbers where a function has put a number. Elementwise
    functions do the same as on a node; ``max``, ``clip``, ``where`` and similar functions take no branch. Comparisons
    give an array of bool, or `Truths` while a function is traced for compilation. ``np.asarray(x)`` and ``np.array(x)``
    give a plain array of dtype object.

    Args:
        data: numbers in a nested list, tuple or array, of any shape. Nodes among them are kept.
        label: the name of the array, as for `glassgrad.array`.

    Raises:
        TypeError: (from NumPy's functions) nodes do not support this; the message says what to write instead.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> w = gg.array([1.0, -2.0])
        >>> y = np.maximum(w, 0.0).sum()
        >>> y.backward()
        >>> [x.grad for x in w]
        [1.0, 0.0]
    """

    __slots__ = ()
    __array_priority__ = 10_000.0  # above that of plain arrays, so that ``plain.dot(x)`` is an Array, and of tensors
    __holds_nodes__ = True

    def __new__(cls, data: Any, label: str | None = None) -> Array:
        return making.array(data, label)

    if TYPE_CHECKING:  # NumPy's own annotations give Any, or an array of objects

        def __add__(self, other: Any) -> Array: ...
        def __radd__(self, other: Any) -> Array: ...
        def __sub__(self, other: Any) -> Array: ...
        def __rsub__(self, other: Any) -> Array: ...
        def __mul__(self, other: Any) -> Array: ...
        def __rmul__(self, other: Any) -> Array: ...
        def __truediv__(self, other: Any) -> Array: ...
        def __rtruediv__(self, other: Any) -> Array: ...
        def __pow__(self, other: Any) -> Array: ...  # type: ignore[override]
        def __rpow__(self, other: Any) -> Array: ...  # type: ignore[override]
        def __neg__(self) -> Array: ...
        def __pos__(self) -> Array: ...
        def __abs__(self) -> Array: ...

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc in ARITHMETIC and method == "__call__" and not kwargs:  # the usual case, made fast
            plain = []
            for x in inputs:
                kind = type(x)
                if kind is Array:
                    plain.append(x.view(ndarray))
                elif kind is float or kind is int:
                    plain.append(x)
                elif kind is ndarray and (x.dtype is DOUBLE or x.dtype.kind not in DATES):
                    plain.append(x)
                else:
                    return apply_ufunc(ufunc, method, inputs, kwargs)
            try:
                result = ufunc(*plain)
            except ZeroDivisionError:  # from two plain numbers
                return apply_ufunc(ufunc, method, inputs, kwargs)
            return result.view(Array) if type(result) is ndarray else 0.0 if result is False else result
        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply_function(func, types, args, kwargs)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Let PyTorch leave ``tensor * x`` to us; it has no other function of nodes."""
        name = str(getattr(func, "__name__", "")).strip("_")
        reflected = name.startswith("r") and hasattr(operator, name[1:])
        function = getattr(operator, OPERATORS.get(name, name[1:] if reflected else name), None)
        if function is None or len(args) != 2 or kwargs:
            return NotImplemented
        left, right = [admitted(x, "an operand") for x in (args[::-1] if reflected else args)]
        return function(left, right)

    def __jax_array__(self) -> Any:
        """Let JAX leave ``array * x`` to us: it does so for an operand of a type that it does not know."""
        return NotImplemented

    def __iter__(self) -> Iterator[Any]:
        return iter(self.view(ndarray)) if self.ndim == 1 else super().__iter__()

    # Methods that compare or convert elements; NumPy's own do it in C

    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
        return ordering.argmax(self, axis, out, keepdims=keepdims)

    def argmin(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
        return ordering.argmin(self, axis, out, keepdims=keepdims)

    def argsort(self, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
        return ordering.argsort(self, axis)

    def argpartition(self, kth: Any, axis: Any = -1, kind: Any = None, order: Any = None) -> Any:
        return ordering.argsort(self, axis)

    def sort(self, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
        self[...] = ordering.sort(self, axis)

    def partition(self, kth: Any, axis: Any = -1, kind: Any = None, order: Any = None) -> None:
        self[...] = ordering.sort(self, axis)

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        return ordering.searchsorted(self, v, side, sorter)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Any:
        return choices.clip(self, min, max, out)

    def round(self, decimals: Any = 0, out: Any = None) -> Any:
        return choices.round_(self, decimals, out)

    def var(self, *args: Any, **kwargs: Any) -> Any:
        return np.var(self, *args, **kwargs) if self.ndim == 0 else super().var(*args, **kwargs)

    def std(self, *args: Any, **kwargs: Any) -> Any:
        return np.std(self, *args, **kwargs) if self.ndim == 0 else super().std(*args, **kwargs)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapped(self.view(np.ndarray).astype(dtype, *args, **kwargs))

    # The bytes of an array of nodes are addresses

    def tobytes(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported: NumPy would return the addresses of the nodes.

        Raises:
            TypeError: always.
        """
        _refuse("tobytes")

    def tofile(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported, like `tobytes`."""
        _refuse("tofile")

    def byteswap(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported, like `tobytes`."""
        _refuse("byteswap")

    def getfield(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported, like `tobytes`."""
        _refuse("getfield")

    def setfield(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported, like `tobytes`."""
        _refuse("setfield")

    def __bytes__(self) -> bytes:
        _refuse("tobytes")

    def __buffer__(self, flags: int) -> memoryview:  # used by Python 3.12 and later, for np.frombuffer(x)
        _refuse("data")

    def __contains__(self, x: Any) -> bool:
        return bool(np.any(self == x))


scalar.index_by_nodes(Array, indexed)
