"""What an object holds at a moment, so that it can be seen later whether that changed."""

from __future__ import annotations

import random
import sys
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

LONG = 100_000  # elements beyond which of a container only its length is compared, of an array every so many elements


def attributes_of(value: Any) -> dict[str, Any]:
    """The attributes of an object, those of ``__slots__`` among them, and of a class its own."""
    if isinstance(value, type):
        return {key: held for key, held in vars(value).items() if not key.startswith("__")}
    found = dict(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for key in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, key):
                found[key] = getattr(value, key)
    return {key: held for key, held in found.items() if not isinstance(looked_up(type(value), key), cached_property)}


def looked_up(kind: type, text: str) -> Any:
    """What a class or those it comes from have under a name: a method's function, or what a property calls."""
    found = next((vars(one)[text] for one in kind.__mro__ if text in vars(one)), None)
    if isinstance(found, property):
        return found.fget
    return getattr(found, "__func__", found)


def held_by(cell: Any) -> Any:
    """What a variable of a closure, or of a context, holds; None where it holds nothing yet."""
    if isinstance(cell, ContextVar):
        return cell.get(None)
    try:
        return cell.cell_contents
    except ValueError:
        return None


def is_array(value: Any) -> bool:
    """Whether `value` is a NumPy array. NumPy is not imported for that."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def contents_of(value: Any) -> Any:
    """What a container holds, to be compared later."""
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
    """Whether two items of a dict, as pairs, or elements of a set are one."""
    return type(a) is tuple and type(b) is tuple and len(a) == len(b) and all(x is y for x, y in zip(a, b))


def module_states() -> Any:
    """The states of the generators that `random` and `numpy.random` share."""
    numpy = sys.modules.get("numpy.random")
    legacy = None
    if numpy is not None:
        kind, keys, *rest = numpy.get_state()
        legacy = kind, keys.tobytes(), rest
    return random.getstate(), legacy


def generator_state(value: Any) -> Any:
    """The state of a generator of random numbers; None of anything else."""
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
