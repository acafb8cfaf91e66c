"""Stacks of matrices: what the functions of this package take, and how each is applied to one matrix after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from glassgrad.core.arrays.wrapping import objects, wrapped
from glassgrad.core.op import admitted, as_float
from glassgrad.core.scalar import Scalar

__all__ = [
    "Matrix",
    "Vector",
    "each",
    "finished",
    "lower_triangles",
    "matrices",
    "numbers",
    "numpys",
    "right_side",
    "square",
    "transposed",
]

numpys: Any = np.linalg  # the annotations of its functions refuse Any
Vector = list[Any]
Matrix = list[Vector]


def matrices(x: Any, user: str) -> np.ndarray[Any, Any]:
    """Convert ``x`` to a stack of matrices, an array of objects whose numbers are floats.

    Raises:
        LinAlgError: ``x`` has fewer than two axes.
    """
    array = objects(x)
    if array.ndim < 2:
        raise LinAlgError(f"{array.ndim}-dimensional array given. Array must be at least two-dimensional")
    return of_floats(array, user)


def square(x: Any, user: str) -> np.ndarray[Any, Any]:
    """As `matrices`, for square ones.

    Raises:
        LinAlgError: ``x`` has fewer than two axes, or the last two differ in length.
    """
    array = matrices(x, user)
    if array.shape[-1] != array.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")
    return array


def lower_triangles(x: Any, user: str) -> np.ndarray[Any, Any]:
    """As `square`, for symmetric ones: the lower triangle of each, and its mirror image."""
    array = square(x, user)
    return np.where(np.tri(array.shape[-1], dtype=bool), array, np.swapaxes(array, -1, -2))


def of_floats(array: np.ndarray[Any, Any], user: str) -> np.ndarray[Any, Any]:
    """Convert the numbers of an array of objects to floats; nodes are kept."""
    flat = array.ravel().tolist()
    if all(type(x) is float or isinstance(x, Scalar) for x in flat):
        return array
    found = np.empty(len(flat), dtype=object)
    found[:] = [x if isinstance(x, Scalar) else as_float(x, user) for x in flat]
    return found.reshape(array.shape)


def each(
    function: Callable[..., Any], operands: Sequence[Any], cores: Sequence[int], results: Sequence[tuple[int, ...]]
) -> Any:
    """Apply ``function`` to each matrix of stacks whose leading axes are broadcast against each other.

    Args:
        function: takes nested lists, and returns a nested list, or a tuple of them if there are several ``results``.
        operands: arrays of objects.
        cores: for each operand, how many of its last axes ``function`` takes.
        results: the shape of each result for one matrix.

    Returns:
        An array of objects for each of ``results`` (a number or node if it has no axes), or the only one. `finished`
        makes of it what users get.
    """
    arrays = [objects(x) for x in operands]
    leads = [a.shape[: a.ndim - core] for a, core in zip(arrays, cores)]
    lead = np.broadcast_shapes(*leads)
    stacks = [np.broadcast_to(a, lead + a.shape[a.ndim - core :]) for a, core in zip(arrays, cores)]
    found = [np.empty(lead + shape, dtype=object) for shape in results]
    for index in np.ndindex(lead):
        answers = function(*[stack[index].tolist() for stack in stacks])
        for array, answer, shape in zip(found, answers if len(results) > 1 else (answers,), results):
            _put(array, index, answer, shape)
    alone = [a if a.ndim else a.item() for a in found]
    return alone[0] if len(results) == 1 else tuple(alone)


def _put(array: np.ndarray[Any, Any], index: tuple[int, ...], answer: Any, shape: tuple[int, ...]) -> None:
    if len(shape) == 2:
        for i, row in enumerate(answer):
            for j, x in enumerate(row):
                array[(*index, i, j)] = x
    elif len(shape) == 1:
        for i, x in enumerate(answer):
            array[(*index, i)] = x
    else:
        array[index] = answer


def finished(result: Any, *arguments: Any) -> Any:
    """Return a result of `each` for users: an `Array`, or an array of float64 if no argument holds a node."""
    if isinstance(result, tuple):
        return tuple([finished(x, *arguments) for x in result])
    if any(map(_has_nodes, arguments)):
        return wrapped(result)
    return result.astype(float) if isinstance(result, np.ndarray) else np.float64(result)


def _has_nodes(x: Any) -> bool:
    if isinstance(x, Scalar) or getattr(type(x), "__holds_nodes__", False):
        return True
    x = admitted(x, "an operand")
    if isinstance(x, np.ndarray):
        return x.dtype == object and any(isinstance(one, Scalar) for one in x.ravel().tolist())
    return isinstance(x, (list, tuple)) and any(map(_has_nodes, x))


def numbers(*arguments: Any) -> tuple[Any, ...] | None:
    """Return the arguments for NumPy's own function if none of them holds a node, else None."""
    if any(map(_has_nodes, arguments)):
        return None
    return tuple([x.astype(float) if getattr(x, "dtype", float) == np.dtype(object) else x for x in arguments])


def right_side(a: np.ndarray[Any, Any], b: Any, user: str) -> tuple[np.ndarray[Any, Any], bool]:
    """Convert the right side of equations with the matrices ``a`` to a stack of matrices.

    Returns:
        The stack, and whether ``b`` was one vector.

    Raises:
        ValueError: the shapes do not match.
    """
    right = of_floats(objects(b), user)
    alone = right.ndim == 1
    right = right[:, None] if alone else right
    if right.ndim < 2 or right.shape[-2] != a.shape[-1]:
        raise ValueError(
            f"{user}: the right side must have {a.shape[-1]} rows, like the matrix, got shape {np.shape(b)} for a "
            f"matrix of shape {a.shape}"
        )
    return right, alone


def transposed(matrix: Matrix, columns: int) -> Matrix:
    """Return the transpose of a matrix, which may have no rows, with that number of columns."""
    return [list(column) for column in zip(*matrix)] if matrix else [[] for _ in range(columns)]
