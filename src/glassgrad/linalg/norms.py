"""Norms, condition numbers and other short functions of matrices, under NumPy's names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core import functions, ops
from glassgrad.core.arrays.choices import deliver, extreme, over_axes
from glassgrad.core.arrays.elementwise import pick
from glassgrad.core.arrays.wrapping import objects, wrapped
from glassgrad.core.op import IN_SILENCE
from glassgrad.linalg.batches import Vector, each, finished, numbers, numpys
from glassgrad.linalg.solving import inv
from glassgrad.linalg.spectral import svdvals

__all__ = ["cond", "matrix_norm", "multi_dot", "norm", "trace", "vector_norm"]

OF_SINGULAR_VALUES = (2, -2, "nuc")


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the norm of vectors or matrices, as `numpy.linalg.norm` does.

    Args:
        x: an array. Without ``axis`` it must have one or two axes, unless ``ord`` is None.
        ord: for vectors any number, inf or -inf; for matrices None or ``"fro"``, ``"nuc"``, 1, -1, 2, -2, inf or -inf.
        axis: the axis of the vectors, or the two axes of the matrices.
        keepdims: whether to keep these axes, with length 1.

    Returns:
        A node or an `Array`. First derivatives of the norm at 0 are 0.

    Raises:
        ValueError: there is no such norm.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.grad(gg.linalg.norm)(np.array([3.0, 4.0]))
        array([0.6, 0.8])
    """
    if plain := numbers(x):
        return numpys.norm(*plain, ord, axis, keepdims)
    array = objects(x)
    if axis is None and ord is None:
        return deliver(over_axes(functions.norm, array, None, keepdims), None)
    axes = tuple(range(array.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        return deliver(over_axes(lambda row: _vector_norm(row, ord), array, axes, keepdims), None)
    if len(axes) != 2:
        raise ValueError("Improper number of dimensions to norm.")
    return _matrix_norm(array, ord, axes[0] % array.ndim, axes[1] % array.ndim, keepdims)


def _vector_norm(row: list[Any], order: Any) -> Any:
    sizes = [abs(x) for x in row]
    if order is None or order == 2:
        return functions.norm(row)
    if order == math.inf:
        return extreme(sizes, ops.maximum)
    if order == -math.inf:
        return extreme(sizes, ops.minimum)
    if order == 1:
        return functions.total(sizes)
    if order == 0:
        return functions.total([pick(x != 0.0, 1.0, 0.0) for x in row])
    if isinstance(order, str):
        raise ValueError(f"Invalid norm order '{order}' for vectors")
    powers = functions.total([size**order for size in sizes])
    root = pick(powers == 0.0, 1.0, powers) ** (1.0 / order)
    return pick(powers == 0.0, 0.0, root)


def _matrix_norm(array: Any, order: Any, rows: int, columns: int, keepdims: bool) -> Any:
    if rows == columns:
        raise ValueError("Duplicate axes given.")
    if order in (None, "fro", "f"):
        return deliver(over_axes(functions.norm, array, (rows, columns), keepdims), None)
    if order in OF_SINGULAR_VALUES:
        found = _of_singular_values(np.moveaxis(array, (rows, columns), (-2, -1)), order)
        return np.expand_dims(found, (rows, columns)) if keepdims else found
    if order not in (1, -1, math.inf, -math.inf):
        raise ValueError("Invalid norm order for matrices.")
    along, across = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = over_axes(lambda row: functions.total([abs(x) for x in row]), array, along, True)
    pair = ops.maximum if order > 0 else ops.minimum
    found = over_axes(lambda row: extreme(row, pair), sums, across, True)
    return wrapped(found) if keepdims else deliver(over_axes(lambda one: one[0], found, (rows, columns)), None)


def _of_singular_values(array: Any, order: Any) -> Any:
    if not array.size and order != -2:
        return deliver(np.zeros(array.shape[:-2], dtype=object) * 1.0, None)
    s = svdvals(wrapped(array))
    return np.sum(s, axis=-1) if order == "nuc" else s[..., 0 if order == 2 else -1][()]


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Return the norm of vectors, as `numpy.linalg.vector_norm` does.

    Args:
        x: an array.
        axis: the axis or axes of the vectors; None takes the whole array as one vector.
        keepdims, ord: as for `norm`.

    Raises:
        ValueError: there is no such norm.

    Example:
        >>> import glassgrad as gg
        >>> round(gg.grad(lambda x: gg.linalg.vector_norm([x, 4.0]))(3.0), 12)
        0.6
    """
    if plain := numbers(x):
        return numpys.vector_norm(*plain, axis=axis, keepdims=keepdims, ord=ord)
    return deliver(over_axes(lambda row: _vector_norm(row, ord), x, axis, keepdims), None)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Return the norm of the matrices in the last two axes, as `numpy.linalg.matrix_norm` does.

    Args:
        x: matrices, of shape (..., m, n).
        keepdims, ord: as for `norm`.

    Raises:
        ValueError: there is no such norm.

    Example:
        >>> import glassgrad as gg
        >>> round(gg.grad(lambda x: gg.linalg.matrix_norm([[x, 0.0], [0.0, 4.0]]))(3.0), 12)
        0.6
    """
    if plain := numbers(x):
        return numpys.matrix_norm(*plain, keepdims=keepdims, ord=ord)
    array = objects(x)
    return _matrix_norm(array, ord, array.ndim - 2, array.ndim - 1, keepdims)


def cond(x: Any, p: Any = None) -> Any:
    """Return condition numbers, as `numpy.linalg.cond` does.

    Args:
        x: matrices, of shape (..., m, n); square ones unless ``p`` is None, 2 or -2.
        p: None for the ratio of the largest to the smallest singular value, or the order of a norm as for `norm`.

    Raises:
        LinAlgError: a matrix is singular (for other ``p``; compiled code gives nan), empty or not square.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.cond([[x, 0.0], [0.0, 2.0]]))(3.0)
        0.5
    """
    if plain := numbers(x):
        return numpys.cond(*plain, p)
    array = wrapped(objects(x))
    if 0 in array.shape[-2:]:
        raise np.linalg.LinAlgError("cond is not defined on empty arrays")
    if p is None or p == 2 or p == -2:
        return finished(each(_ratio, [svdvals(array) if p != -2 else svdvals(array)[..., ::-1]], [1], [()]), x)
    return norm(array, p, (-2, -1)) * norm(inv(array), p, (-2, -1))


def _ratio(values: Vector) -> Any:
    with IN_SILENCE:  # inf for a singular matrix
        ratio = ops.div(values[0], values[-1])
    return pick((values[0] == 0.0) & (values[-1] == 0.0), math.inf, ratio)  # the matrix 0


def trace(x: Any, /, *, offset: int = 0) -> Any:
    """Return the sums of diagonals, as `numpy.linalg.trace` does.

    Args:
        x: matrices, of shape (..., m, n).
        offset: which diagonal: 0 for the main one, positive numbers for those above.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.trace([[x, 1.0], [1.0, 4.0]]))(3.0)
        1.0
    """
    plain = numbers(x)
    return numpys.trace(plain[0] if plain else wrapped(objects(x)), offset=offset)


def multi_dot(arrays: Any) -> Any:
    """Return the product of two or more matrices, in the cheapest order, as `numpy.linalg.multi_dot` does.

    Args:
        arrays: matrices; the first and the last may be vectors.

    Raises:
        ValueError: there are fewer than two, or their shapes do not match.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.linalg.multi_dot([np.ones((1, 2)), np.ones((2, 3)), np.ones(3)])
        array([6.])
    """
    plain = numbers(*arrays)
    return numpys.multi_dot(plain if plain else [wrapped(objects(x)) for x in arrays])
