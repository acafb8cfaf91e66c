"""Static arguments: strings, flags, functions. They are no inputs of compiled code, so each value gets code of its own.

`separate` takes them out of the arguments. `bound` gives a function that puts them back, which is then compiled.
"""

from __future__ import annotations

import dataclasses
import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial, wraps
from typing import Any, NamedTuple

import numpy as np

from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar
from glassgrad.core.static_values import is_static
from glassgrad.support import pytrees

__all__ = ["Chosen", "Separated", "bound", "chosen", "has_static", "separate"]

# Leaves of these types are never static, so that looking at the types of all leaves is enough in most calls.
INPUTS = frozenset([float, int, np.float64, np.ndarray, type(None), Scalar])


def has_static(leaves: Sequence[Any]) -> bool:
    """Whether a leaf may be static by itself. This is quick if all leaves are numbers and arrays."""
    return any(type(x) not in INPUTS and is_static(x) for x in leaves)


@lru_cache(256)
def data_places(structure: Any) -> frozenset[int]:
    """The places of the leaves that are elements of a list or tuple. Bools and strings there are data, not options."""
    found = []
    for place, accessor in enumerate(pytrees.treespec_accessors(structure)):
        inside = accessor.path[2:]
        if inside and type(accessor[-1]).__name__ == "SequenceEntry":
            found.append(place)
    return frozenset(found)


class Chosen(NamedTuple):
    """The arguments that the user made static.

    Attributes:
        positions: the positions, counted from 0.
        names: the names.
    """

    positions: frozenset[int]
    names: frozenset[str]


def chosen(f: Callable[..., Any], argnums: Any, argnames: Any, what: str) -> Chosen:
    """Return the static arguments that ``static_argnums`` and ``static_argnames`` give.

    An argument may be passed by position or by name, so each position stands for its name, too, and vice versa.

    Args:
        f: the function.
        argnums: a position or several. A negative one counts from the end of the parameters.
        argnames: a name or several.
        what: ``"jit"`` or ``"vmap"``, for errors.

    Raises:
        TypeError: ``argnums`` is not a position, or ``argnames`` not a name.
        ValueError: the function has no such parameter.
    """
    if argnums is None and argnames is None:
        return Chosen(frozenset(), frozenset())
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = None
    listed = [p.name for p in parameters or () if p.kind <= p.POSITIONAL_OR_KEYWORD]
    more = parameters is None or any(p.kind == p.VAR_POSITIONAL for p in parameters)
    positions = {_position(i, argnums, len(listed), more, what) for i in _several(argnums)}
    names = set()
    for name in (argnames,) if isinstance(argnames, str) else _several(argnames):
        if not isinstance(name, str):
            raise TypeError(f"{what}: static_argnames must be the name of an argument or several, got {argnames!r}")
        kinds = [p.kind for p in parameters or () if p.name == name]
        if parameters is not None and not kinds and not any(p.kind == p.VAR_KEYWORD for p in parameters):
            raise ValueError(f"{what}: static_argnames={argnames!r}, but the function has no parameter {name!r}")
        names.add(name)
    by_name = [p.name for p in parameters or () if p.kind == p.POSITIONAL_OR_KEYWORD]
    names |= {listed[i] for i in positions if i < len(listed) and listed[i] in by_name}
    positions |= {listed.index(name) for name in names if name in listed}
    return Chosen(frozenset(positions), frozenset(names))


def _several(x: Any) -> Sequence[Any]:
    return () if x is None else tuple(x) if isinstance(x, (tuple, list, range, set, frozenset)) else (x,)


def _position(i: Any, argnums: Any, count: int, more: bool, what: str) -> int:
    try:
        if isinstance(i, bool):
            raise TypeError
        place = operator.index(i)
    except TypeError:
        raise TypeError(
            f"{what}: static_argnums must be the position of an argument, counted from 0, or several, got {argnums!r}"
        ) from None
    if place < 0 and not more:
        place += count
    if place < 0 or (place >= count and not more):
        raise ValueError(f"{what}: static_argnums={argnums!r}, but the function has {count} positional parameters")
    return place


class Separated(NamedTuple):
    """Arguments without their static parts.

    Attributes:
        key: equal for static parts that are equal, in arguments of one structure.
        structure: that of ``(args, kwargs)``, where an argument that the user made static is a leaf.
        statics: the static parts, each with its place among the leaves of the structure.
        args, kwargs: the rest; None stands where a static part was.
    """

    key: Any
    structure: Any
    statics: list[tuple[int, Any]]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Whole:
    """A static argument while a tree is flattened. It is a leaf, whatever its value is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def separate(
    args: Sequence[Any], kwargs: Mapping[str, Any], given: Chosen, names: Callable[[Any], Sequence[str]], title: str
) -> Separated | None:
    """Take the static parts out of the arguments of a call; return None if there are none.

    Args:
        args, kwargs: the arguments.
        given: the arguments that are static because the user says so. Other leaves are static if `is_static` says so.
        names: a function that names the leaves of a structure, for errors.
        title: the name of the function, for errors.

    Raises:
        TypeError: a static part is not hashable.
    """
    args = tuple([Whole(x) if i in given.positions else x for i, x in enumerate(args)])
    kwargs = {name: Whole(x) if name in given.names else x for name, x in kwargs.items()}
    leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)  # type: ignore[arg-type,var-annotated]
    places = [k for k, x in enumerate(leaves) if type(x) not in INPUTS and (type(x) is Whole or is_static(x))]
    if any(isinstance(leaves[k], (bool, str)) for k in places):
        data = data_places(structure)
        places = [k for k in places if not isinstance(leaves[k], (bool, str)) or k not in data]
    if not places:
        return None
    statics = [(k, x.value if type(x := leaves[k]) is Whole else x) for k in places]
    key = structure, tuple([(k, _typed(value)) for k, value in statics])
    try:
        hash(key)
    except TypeError:
        raise _unhashable(statics, names(structure), title) from None
    for k in places:
        leaves[k] = None
    rest: Any = pytrees.tree_unflatten(structure, leaves)
    return Separated(key, structure, statics, *rest)


def _unhashable(statics: Sequence[tuple[int, Any]], names: Sequence[str], title: str) -> TypeError:
    """The error for the first of the static parts that is not hashable."""
    for place, value in statics:  # noqa: B007 (used behind the loop)
        try:
            hash(_typed(value))
        except TypeError:
            break
    return TypeError(
        f"argument {names[place]!r} of {title} is static, so it must be hashable, got {describe(value)}: make it a "
        "tuple, a frozenset, a string or a frozen dataclass, or leave it out of the static arguments"
    )


def _typed(x: Any) -> Any:
    """Return a key for ``x`` that tells True, 1 and 1.0 apart, also inside tuples, and 0.0 and -0.0."""
    kind = type(x)
    if kind is float:
        return kind, x.hex()
    if isinstance(x, (tuple, frozenset)):
        inner = map(_typed, x)
        plain = kind is tuple or kind is frozenset
        return kind, None if plain else x, frozenset(inner) if isinstance(x, frozenset) else tuple(inner)
    if kind is partial:
        return kind, _typed(x.func), _typed(x.args), tuple([(name, _typed(x.keywords[name])) for name in x.keywords])
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return kind, x, tuple([_typed(getattr(x, f.name, None)) for f in dataclasses.fields(x) if f.compare])
    if kind is slice:
        return kind, _typed((x.start, x.stop, x.step))
    return kind, x


def bound(f: Callable[..., Any], statics: Sequence[tuple[int, Any]]) -> Callable[..., Any]:
    """Return ``f`` with static parts at their places, where its arguments have None."""

    def with_statics(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)  # type: ignore[arg-type,var-annotated]
        for place, value in statics:
            leaves[place] = value
        given: Any = pytrees.tree_unflatten(structure, leaves)
        return f(*given[0], **given[1])

    try:
        found: Callable[..., Any] = wraps(f, updated=())(with_statics)
    except (AttributeError, TypeError):
        found = with_statics
    found.__wrapped__ = f  # type: ignore[attr-defined]
    found.__statics__ = [value for _, value in statics]  # type: ignore[attr-defined]
    found.is_left_behind = getattr(f, "is_left_behind", False)  # type: ignore[attr-defined]
    return found
