"""Snapshots of an object's contents, to find out later whether they changed."""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from contextvars import ContextVar
from functools import cached_property
from typing import Any

__all__ = [
    "attributes_of",
    "contents_of",
    "generator_state",
    "held_by",
    "is_array",
    "is_same",
    "looked_up",
    "module_states",
]

# Of a container with more elements than this, only the length is compared; of an array, about a hundred elements.
LONG = 100_000


def attributes_of(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, including those of ``__slots__``. For a class: only its own."""
    if isinstance(value, type):
        return {key: held for key, held in vars(value).items() if not key.startswith("__")}
    found = dict(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for key in (slots,) if isinstance(slots, str) else slots:
            with suppress(AttributeError, TypeError):  # a slot may be empty, or not readable from Python
                found[key] = getattr(value, key)
    return {key: held for key, held in found.items() if not isinstance(looked_up(type(value), key), cached_property)}


def looked_up(kind: type, text: str) -> Any:
    """Look up a name in a class and its bases. Return a method's function, a property's getter, or the value."""
    found = next((vars(one)[text] for one in kind.__mro__ if text in vars(one)), None)
    if isinstance(found, property):
        return found.fget
    return getattr(found, "__func__", found)


def held_by(cell: Any) -> Any:
    """Return the value of a closure's cell or a context variable, or None if it has no value yet."""
    if isinstance(cell, ContextVar):
        return cell.get(None)
    try:
        return cell.cell_contents
    except ValueError:
        return None


def is_array(value: Any) -> bool:
    """Whether a value is a NumPy array. This does not import NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def contents_of(value: Any) -> Any:
    """Copy the contents of a container, to be compared later by `is_same`."""
    if is_array(value):
        return value.copy() if value.size <= LONG else (value.shape, value.ravel()[:: value.size // 100].copy())
    if isinstance(value, bytearray):
        return bytes(value)
    if len(value) > LONG:
        return len(value)
    return list(value.items()) if isinstance(value, dict) else list(value)


def is_same(old: Any, new: Any) -> bool:
    """Whether two results of `contents_of` are the same."""
    if isinstance(old, (int, bytes)):
        return bool(old == new)
    if isinstance(old, tuple):
        return old[0] == new[0] and is_same(old[1], new[1])
    if isinstance(old, list):
        return len(old) == len(new) and all(a is b or _is_same_item(a, b) for a, b in zip(old, new))
    if old.dtype == object:
        return old.shape == new.shape and all(a is b for a, b in zip(old.ravel(), new.ravel()))
    return bool(old.shape == new.shape and ((old == new) | ((old != old) & (new != new))).all())


def _is_same_item(a: Any, b: Any) -> bool:
    """Whether two items of a dict, given as pairs, have the same key and value."""
    return type(a) is tuple and type(b) is tuple and len(a) == len(b) and all(x is y for x, y in zip(a, b))


def module_states() -> Any:
    """Return the states of the global generators of `random` and `numpy.random`."""
    numpy = sys.modules.get("numpy.random")
    legacy = None
    if numpy is not None:
        kind, keys, *rest = numpy.get_state()
        legacy = kind, keys.tobytes(), rest
    return random.getstate(), legacy


def generator_state(value: Any) -> Any:
    """Return the state of a random number generator, or None for any other object."""
    if isinstance(value, random.Random):
        return None if isinstance(value, random.SystemRandom) else value.getstate()
    numpy = sys.modules.get("numpy.random")
    if numpy is None:
        return None
    if isinstance(value, numpy.RandomState):
        return repr(value.get_state())
    if isinstance(value, numpy.Generator):
        return repr(value.bit_generator.state)
    return repr(value.state) if isinstance(value, (numpy.BitGenerator, numpy.SeedSequence)) else None
