"""``in_axes``: which axis of each argument is that of the lanes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassgrad.support import pytrees
from glassgrad.support.naming import has_parameter, own_name, parameters

__all__ = ["leaf_axes", "plain_axes"]


def plain_axes(axes: Any) -> Any:
    """``axes`` with a tuple for a list at the top, as in JAX, and Python's integers for NumPy's."""
    axes = tuple(axes) if isinstance(axes, list) else axes
    return pytrees.tree_map(lambda axis: int(axis) if isinstance(axis, np.integer) else axis, axes)


def leaf_axes(in_axes: Any, args: tuple[Any, ...], kwargs: dict[str, Any], f: Callable[..., Any]) -> list[int | None]:
    """For each leaf of ``(args, kwargs)`` the axis of its lanes, or None.

    Args:
        in_axes: an integer, None, or a tuple with an entry for each of ``args``: one of these, or a tree of them. Or a
            dict of such entries by the names of arguments. A tuple may end with such a dict, for keyword arguments. The
            axis of arguments that are not named, and of other keyword arguments, is 0.
        args, kwargs: the arguments.
        f: the function.

    Raises:
        TypeError: ``in_axes`` holds something else.
        ValueError: it does not have the structure of the arguments, or names an argument that there is none of.
    """
    title = own_name(f)
    axes: Any = in_axes
    named: dict[str, Any] = {}
    if isinstance(axes, dict):
        axes, named = tuple(_positional(axes, len(args), parameters(f))), axes
    elif isinstance(axes, tuple) and len(axes) == len(args) + 1 and isinstance(axes[-1], dict) and kwargs:
        axes, named = axes[:-1], axes[-1]
    elif axes is None or type(axes) is int:
        axes = tuple([axes] * len(args))
    if not isinstance(axes, tuple):
        raise TypeError(
            "vmap: in_axes must be an integer, None, or a tuple with one of these for each argument, or a dict by the "
            f"names of arguments, got {axes!r}"
        )
    if len(axes) != len(args):
        raise ValueError(
            f"vmap: in_axes={in_axes!r} is for {len(axes)} positional arguments, but {title} was called with "
            f"{len(args)}: give an entry for each"
        )
    for name in named:
        if name not in kwargs and not has_parameter(f, name):
            raise ValueError(f"vmap: in_axes names {name!r}, but {title} has no argument of that name")
    found: list[int | None] = []
    for axis, arg in [*zip(axes, args), *[(named.get(name, 0), kwargs[name]) for name in sorted(kwargs)]]:
        try:
            found += pytrees.broadcast_prefix(axis, arg)
        except ValueError as error:
            raise ValueError(
                f"vmap: in_axes={in_axes!r} does not have the structure of the arguments: {error}"
            ) from None
    for axis in found:
        if axis is not None and type(axis) is not int:
            raise TypeError(f"vmap: in_axes holds {axis!r}, but it may hold only integers and None")
    return found


def _positional(named: dict[str, Any], count: int, parameters: tuple[list[str], str]) -> list[Any]:
    """The entries for so many positional arguments, from those by name."""
    names, rest = parameters
    return [named.get(names[k] if k < len(names) else rest, 0) for k in range(count)]
