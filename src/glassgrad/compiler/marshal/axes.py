"""``in_axes``: which axis of each argument is that of the lanes."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.marshal.arguments import flatten
from glassgrad.support import pytrees

__all__ = ["leaf_axes", "plain_axes"]


def plain_axes(axes: Any) -> Any:
    """``axes`` with a tuple for a list at the top, as in JAX, and Python's integers for NumPy's."""
    axes = tuple(axes) if isinstance(axes, list) else axes
    return pytrees.tree_map(lambda axis: int(axis) if isinstance(axis, np.integer) else axis, axes)


def leaf_axes(in_axes: Any, args: tuple[Any, ...], kwargs: dict[str, Any], title: str) -> list[int | None]:
    """For each leaf of ``(args, kwargs)`` the axis of its lanes, or None. It is 0 for keyword arguments.

    Args:
        in_axes: an integer, None, or a tuple with an entry for each of ``args``: one of these, or a tree of them.
        title: the name of the function, for errors.

    Raises:
        TypeError: ``in_axes`` holds something else.
        ValueError: it does not have the structure of the arguments.
    """
    axes = in_axes
    if axes is None or type(axes) is int:
        axes = tuple([axes] * len(args))
    if not isinstance(axes, tuple):
        raise TypeError(
            f"vmap: in_axes must be an integer, None, or a tuple with one of these for each argument, got {axes!r}"
        )
    if len(axes) != len(args):
        raise ValueError(
            f"vmap: in_axes={in_axes!r} is for {len(axes)} positional arguments, but {title} was called with "
            f"{len(args)}: give an entry for each"
        )
    found: list[int | None] = []
    for axis, arg in zip(axes, args):
        try:
            found += pytrees.broadcast_prefix(axis, arg)
        except ValueError as error:
            raise ValueError(
                f"vmap: in_axes={in_axes!r} does not have the structure of the arguments: {error}"
            ) from None
    found += [0] * len(flatten((), kwargs)[0])
    for axis in found:
        if axis is not None and type(axis) is not int:
            raise TypeError(f"vmap: in_axes holds {axis!r}, but it may hold only integers and None")
    return found
