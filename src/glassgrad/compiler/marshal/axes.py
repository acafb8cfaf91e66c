"""The argument ``in_axes`` of `vmap`: which axis of each argument holds the lanes."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.marshal.arguments import flatten
from glassgrad.support import pytrees

__all__ = ["leaf_axes", "plain_axes"]


def plain_axes(axes: Any) -> Any:
    """Replace a list at the top of ``axes`` by a tuple, as JAX does, and NumPy's integers by Python's."""
    axes = tuple(axes) if isinstance(axes, list) else axes
    return pytrees.tree_map(lambda axis: int(axis) if isinstance(axis, np.integer) else axis, axes)


def leaf_axes(in_axes: Any, args: tuple[Any, ...], kwargs: dict[str, Any], title: str) -> list[int | None]:
    """Return the axis of the lanes, or None, for each leaf of ``(args, kwargs)``. For keyword arguments it is 0.

    Args:
        in_axes: an integer, None, or a tuple with one entry for each of ``args``. An entry is an integer, None, or a
            tree of these.
        args, kwargs: the arguments.
        title: the name of the function, for errors.

    Raises:
        TypeError: ``in_axes`` holds anything else.
        ValueError: ``in_axes`` does not have the structure of the arguments.
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
            f"vmap: in_axes must have an entry for each positional argument of {title}, {len(args)} in all, got "
            f"{in_axes!r}"
        )
    found: list[int | None] = []
    for axis, arg in zip(axes, args):
        try:
            found += pytrees.broadcast_prefix(axis, arg, is_leaf=lambda x: x is None, none_is_leaf=True)
        except ValueError as error:
            raise ValueError(
                f"vmap: in_axes={in_axes!r} does not have the structure of the arguments: {error}"
            ) from None
    found += [0] * len(flatten((), kwargs)[0])
    for axis in found:
        if axis is not None and type(axis) is not int:
            raise TypeError(f"vmap: in_axes may hold only integers and None, got {axis!r}")
    return found
