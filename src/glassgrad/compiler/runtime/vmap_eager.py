"""A function over a batch inside another transform: lane by lane, on nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.core.arrays.wrapping import is_truth, truths, wrapped
from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees

__all__ = ["unrolled"]


def unrolled(
    f: Callable[..., Any],
    who: str,
    names: Sequence[str],
    leaves: Sequence[Any],
    structure: Any,
    axes: Sequence[int | None],
    reduce: str | None,
) -> tuple[Any] | None:
    """The results of ``f`` for each lane side by side, or summed, in a tuple; None where no argument has lanes.

    Args:
        f: the function, called ``who`` in errors.
        names, leaves, structure, axes: the leaves of its arguments, their names, and which axis the lanes are on.
        reduce: ``"sum"``, ``"mean"`` or None.

    Raises:
        ValueError: arguments have no such axis, or differ in how many lanes they have, or have none.
        TypeError: the results of the lanes differ in structure.
    """
    count = -1
    for name, leaf, axis in zip(names, leaves, axes):
        if axis is None or leaf is None:
            continue
        if not isinstance(leaf, np.ndarray) or not -leaf.ndim <= axis < leaf.ndim:
            raise ValueError(f"argument {name!r} of {who} is {describe(leaf)}, which has no axis {axis} to run over")
        if count >= 0 and leaf.shape[axis] != count:
            raise ValueError(f"the batch has {count} lanes, but {leaf.shape[axis]} by argument {name!r} of {who}")
        count = leaf.shape[axis]
    if count < 0:
        return None
    if count == 0:
        raise ValueError(f"the batch is empty: inside another transform, vmap of {who} needs at least one lane")
    results = []
    for lane in range(count):
        some = [leaf if axis is None or leaf is None else np.take(leaf, lane, axis) for leaf, axis in zip(leaves, axes)]
        args, kwargs = pytrees.tree_unflatten(structure, some)
        results.append(f(*args, **kwargs))
    flat = [pytrees.tree_flatten(result, none_is_leaf=True) for result in results]
    if any(other != flat[0][1] for _, other in flat):
        raise TypeError(
            f"{who} returns results of different structures for different lanes: vmap needs the same for all"
        )
    stacked: list[Any] = []
    for column in zip(*[one for one, _ in flat]):
        if column[0] is None:
            stacked.append(None)
        elif reduce is None:
            stacked.append(_stack(column))
        else:
            total = column[0]
            for x in column[1:]:
                total = total + x
            stacked.append(total / count if reduce == "mean" else total)
    return (pytrees.tree_unflatten(flat[0][1], stacked),)


def _stack(column: Sequence[Any]) -> Any:
    if hasattr(column[0], "ndim") and column[0].ndim:
        return np.stack(column)
    if not any(isinstance(x, Scalar) for x in column):
        return np.array(column)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return truths(array) if all(map(is_truth, column)) else wrapped(array)
