"""Dataclasses and attrs classes as trees of their attributes.

optree keeps each class that is registered with it for ever. So only `Opened` is registered, once. `pytrees` puts an
`Opened` in the place of each instance before optree flattens a tree; optree then makes instances again by `rebuilt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

__all__ = ["Layout", "Opened", "any_records", "is_record", "rebuilt"]

_plain: set[type] = {float, int, bool, str, type(None)}  # no records: Python's types, and those of NumPy that were met
NUMBERS = ("__float__", "__array__", "__record__")  # the methods of numbers, arrays and nodes


class Layout:
    """What an instance is besides the attributes that hold its numbers. Layouts are equal if all of this is.

    Attributes:
        kind: its class.
        names: the names of the attributes that are branches of the tree.
        fixed: the names and values of the static fields, which are no branches.
    """

    __slots__ = ("fixed", "kind", "names")

    def __init__(self, kind: type, names: tuple[str, ...], fixed: tuple[tuple[str, Any], ...]) -> None:
        self.kind, self.names, self.fixed = kind, names, fixed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layout):
            return NotImplemented
        if self.kind is not other.kind or self.names != other.names:
            return False
        try:
            return self.fixed == other.fixed
        except ValueError:  # arrays of different numbers
            return False

    def __hash__(self) -> int:
        return hash((self.kind, self.names))

    def __repr__(self) -> str:
        return self.kind.__qualname__


class Opened:
    """Stands for an instance of a dataclass or attrs class while a tree is flattened.

    Attributes:
        parts: the values of its attributes, which are the branches of the tree.
        layout: its class, and the names of the attributes.
        options: the options of `glassgrad.support.pytrees.opened`, for the parts.
    """

    __slots__ = ("layout", "options", "parts")

    def __init__(self, one: Any, numbers: bool = False, static: bool = True) -> None:
        kind = type(one)
        fields = {name: static for name, static in _fields(kind) if hasattr(one, name)}
        own = [name for name in getattr(one, "__dict__", ()) if name not in fields and not _is_cached(kind, name)]
        names = (*[name for name in fields if not fields[name]], *own)
        fixed = tuple([(name, getattr(one, name)) for name in fields if fields[name]]) if static else ()
        self.parts = [getattr(one, name) for name in names]
        self.layout, self.options = Layout(kind, names, fixed), (numbers, static)

    def __repr__(self) -> str:  # in the messages of optree
        return f"an instance of {self.layout}"


def rebuilt(layout: Layout, parts: Iterable[Any]) -> Any:
    """An instance with these parts. ``__init__`` is not called, because it may require numbers before there are any."""
    one: Any = object.__new__(layout.kind)
    for name, part in (*zip(layout.names, parts), *layout.fixed):
        object.__setattr__(one, name, part)
    return one


def is_record(x: Any, numbers: bool = False) -> bool:
    """Whether ``x`` is an instance of a dataclass or of an attrs class.

    Args:
        x: any object.
        numbers: whether instances that are numbers or arrays themselves count, too.
    """
    return _is_record_class(type(x), numbers)


def any_records(leaves: Sequence[Any], numbers: bool = False) -> bool:
    """Whether `is_record` holds for any of the leaves."""
    if _plain.issuperset(map(type, leaves)):  # the usual case, made fast
        return False
    kinds = {*map(type, leaves)}
    _plain.update([kind for kind in kinds if kind.__module__ == "numpy"])
    return any(_is_record_class(kind, numbers) for kind in kinds)


def _is_record_class(kind: type, numbers: bool) -> bool:
    if not hasattr(kind, "__dataclass_fields__") and not hasattr(kind, "__attrs_attrs__"):
        return False
    return numbers or not any(hasattr(kind, name) for name in NUMBERS)


def _fields(kind: Any) -> list[tuple[str, bool]]:
    """The name of each field, and whether it is static. JAX, Equinox and Flax mark static fields in the same ways."""
    if hasattr(kind, "__attrs_attrs__"):
        found: Iterable[Any] = kind.__attrs_attrs__
    else:
        from dataclasses import fields  # whose import is slow; whoever has a dataclass has imported it

        found = fields(kind)
    return [(f.name, bool(f.metadata.get("static")) or f.metadata.get("pytree_node") is False) for f in found]


def _is_cached(kind: type, name: str) -> bool:
    """Whether the attribute is computed from the others when it is first read."""
    return isinstance(getattr(kind, name, None), cached_property)
