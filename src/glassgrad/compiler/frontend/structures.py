"""Results as pytrees: nested lists, tuples, dicts and dataclasses. Some objects must not be leaves of one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from glassgrad.support import pytrees

__all__ = ["flatten", "holds"]

PLAIN = (ModuleType, CodeType, str, bytes, int, float)  # The search does not look inside objects of these types.
# The search examines at most this many objects. A leaf that holds more is assumed to hold a wanted one.
FAR = 20_000


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """Return the leaves of a tree, None among them, and its structure."""
    return pytrees.tree_flatten(tree, none_is_leaf=True, numbers=True)


def holds(leaf: Any, wanted: Callable[[Any], bool]) -> bool:
    """Whether an object that is ``wanted`` can be reached from ``leaf``, through attributes and closures.

    The answer for an iterator is always yes, because an iterator can be used up only once.
    """
    if isinstance(leaf, Iterator):
        return True
    seen: set[int] = set()
    work = [*vars(leaf).values()] if isinstance(leaf, type) else [leaf]
    while work:
        one = work.pop()
        if wanted(one):
            return True
        if id(one) in seen or isinstance(one, PLAIN) or _outlives_a_call(one):
            continue
        seen.add(id(one))
        if len(seen) > FAR:
            return True
        if isinstance(one, type):
            work += vars(one).values()
        elif isinstance(one, np.ndarray):
            work += one.ravel().tolist() if one.dtype == object else []
        elif isinstance(one, FunctionType):
            work += [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
        elif isinstance(one, BuiltinFunctionType):
            work.append(one.__self__)  # the object of a bound method; for a function, its module or None
        else:
            work += gc.get_referents(one)
    return False


def _outlives_a_call(one: Any) -> bool:
    """Whether ``one`` is a class that was defined outside any function."""
    return isinstance(one, type) and "<locals>" not in one.__qualname__
