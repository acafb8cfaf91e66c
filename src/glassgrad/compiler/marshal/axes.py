"""The argument ``in_axes`` of `vmap`: which axis of each argument holds the lanes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassgrad.support import pytrees
from glassgrad.support.naming import has_parameter, own_name, parameters

__all__ = ["leaf_axes", "plain_axes"]


def plain_axes(axes: Any) -> Any:
    """Replace a list at the top of ``axes`` by a tuple, as JAX does, and NumPy's integers by Python's."""
    axes = tuple(axes) if isinstance(axes, list) else axes
    return pytrees.tree_map(lambda axis: int(axis) if isinstance(axis, np.integer) else axis, axes)


def leaf_axes(in_axes: Any, args: tuple[Any, ...], kwargs: dict[str, Any], f: Callable[..., Any]) -> list[int | None]:
    """Return the axis of the lanes, or None, for each leaf of ``(args, kwargs)``.

    Args:
        in_axes: an integer, None, or a tuple with one entry for each of ``args``. An entry is an integer, None, or a
            tree of these. Or a dict of entries by the names of arguments. A tuple may end with such a dict, for keyword
            arguments. For arguments that are not named, and for other keyword arguments, the axis is 0.
        args, kwargs: the arguments.
        f: the function.

    Raises:
        TypeError: ``in_axes`` holds anything else.
        ValueError: ``in_axes`` does not have the structure of the arguments, or names an argument that does not exist.
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
            f"vmap: in_axes must have an entry for each positional argument of {title}, {len(args)} in all, got "
            f"{in_axes!r}"
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
            raise TypeError(f"vmap: in_axes may hold only integers and None, got {axis!r}")
    return found


def _positional(named: dict[str, Any], count: int, parameters: tuple[list[str], str]) -> list[Any]:
    """Return an entry for each positional argument, from the entries by name."""
    names, rest = parameters
    return [named.get(names[k] if k < len(names) else rest, 0) for k in range(count)]
