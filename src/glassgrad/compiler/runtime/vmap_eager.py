"""Run a `vmap` function inside another transform: lane by lane, on nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.marshal.arguments import flatten, leaf_names
from glassgrad.core.arrays.wrapping import is_truth, truths, wrapped
from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar, TracingError
from glassgrad.support import pytrees

__all__ = ["vmap_eager"]


def vmap_eager(
    user: UserFunction, args: tuple[Any, ...], kwargs: dict[str, Any], axes: Sequence[int | None], reduce: str | None
) -> Any:
    """Run a function for each lane. Return the results of all lanes stacked, or reduced.

    If errors are nan, the results of a lane for which the function raises an exception are nan.

    Args:
        user: the function.
        args, kwargs: its arguments.
        axes: the axis of the lanes, or None, for each leaf of the arguments. At least one leaf has lanes.
        reduce: ``"sum"``, ``"mean"`` or None.

    Raises:
        ValueError: arguments lack the axis of their lanes, have different numbers of lanes, or have no lanes.
        TypeError: lanes return results of different structures.
    """
    leaves, structure = flatten(args, kwargs)
    count = _count_lanes(user, leaves, structure, axes)
    results: list[Any] = []
    failed: list[int] = []
    last: Exception | None = None
    for lane in range(count):
        some = [leaf if axis is None or leaf is None else np.take(leaf, lane, axis) for leaf, axis in zip(leaves, axes)]
        inner, named = pytrees.tree_unflatten(structure, some)
        try:
            results.append(user.function(*inner, **named))
        except Exception as error:
            if isinstance(error, TracingError):
                raise
            error.add_note(f"in lane {lane} of {count} of {user.called}")
            if not user.errors_are_nan:
                raise
            failed.append(lane)
            last = error
    if last is not None and not results:
        raise last
    for lane in failed:
        results.insert(lane, pytrees.tree_map(_nothing, results[0]))
    flat = [pytrees.tree_flatten(result, none_is_leaf=True) for result in results]
    if any(other != flat[0][1] for _, other in flat):
        raise TypeError(f"{user.title} must return the same structure for all lanes of vmap, got different ones")
    together = [_together(column, reduce) for column in zip(*[one for one, _ in flat])]
    return pytrees.tree_unflatten(flat[0][1], together)


def _count_lanes(user: UserFunction, leaves: Sequence[Any], structure: Any, axes: Sequence[int | None]) -> int:
    """Return the number of lanes."""
    count, first = -1, ""
    names = leaf_names(structure, user.parameters)
    for name, leaf, axis in zip(names, leaves, axes):
        if axis is None or leaf is None:
            continue
        if not isinstance(leaf, np.ndarray) or not -leaf.ndim <= axis < leaf.ndim:
            raise ValueError(
                f"argument {name!r} of {user.title} is {describe(leaf)}, which has no axis {axis} to run over"
            )
        if count >= 0 and leaf.shape[axis] != count:
            raise ValueError(
                f"all arguments of {user.title} must have the same number of lanes, got {count} for {first!r} and "
                f"{leaf.shape[axis]} for {name!r}"
            )
        first = first or name
        count = leaf.shape[axis]
    if count == 0:
        raise ValueError(f"vmap of {user.title} must have at least one lane inside another transform, got none")
    return count


def _nothing(leaf: Any) -> Any:
    """Return nan in the shape of a leaf of the results."""
    return np.full(leaf.shape, np.nan) if getattr(leaf, "ndim", 0) else np.nan


def _together(column: Sequence[Any], reduce: str | None) -> Any:
    """Stack or reduce one leaf of the results over all lanes."""
    if column[0] is None:
        return None
    if reduce is None:
        return _stack(column)
    total = column[0]
    for x in column[1:]:
        total = total + x
    return total / len(column) if reduce == "mean" else total


def _stack(column: Sequence[Any]) -> Any:
    if hasattr(column[0], "ndim") and column[0].ndim:
        return np.stack(column)
    if not any(isinstance(x, Scalar) for x in column):
        return np.array(column)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return truths(array) if all(map(is_truth, column)) else wrapped(array)
