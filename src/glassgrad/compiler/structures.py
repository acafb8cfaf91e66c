"""Results as trees: nested lists, tuples, dicts and dataclasses, and what must not be a leaf of one."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Container, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import optree

__all__ = ["NAMESPACE", "flatten", "holds"]

NAMESPACE = "glassgrad results"
PLAIN = (type, ModuleType, CodeType, BuiltinFunctionType, str, bytes, int, float)  # below which nothing is looked for
FAR = 20_000  # objects that are looked at below a leaf, at most; beyond, it is taken to hold what is looked for


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a tree, and its structure. A dataclass is a tree of its fields."""
    leaves, structure = optree.tree_flatten(tree, none_is_leaf=True, namespace=NAMESPACE)
    kinds = {type(leaf) for leaf in leaves if dataclasses.is_dataclass(leaf) and not isinstance(leaf, type)}
    fresh = [kind for kind in kinds if all(field.init for field in dataclasses.fields(kind))]
    for kind in fresh:
        _register(kind)
    return flatten(tree) if fresh else (leaves, structure)


def _register(kind: type) -> None:
    names = tuple([field.name for field in dataclasses.fields(kind)])

    def apart(one: Any) -> Any:
        return [getattr(one, name) for name in names], None

    def together(_: Any, parts: Any) -> Any:  # without __init__, which may want numbers where none are yet
        one: Any = object.__new__(kind)
        for name, part in zip(names, parts):
            object.__setattr__(one, name, part)
        return one

    optree.register_pytree_node(kind, apart, together, namespace=NAMESPACE)


def holds(leaf: Any, wanted: Container[int]) -> bool:
    """Whether an object whose id is ``wanted`` can be reached from ``leaf``: through its attributes, or what it closes
    over. An iterator always counts: it can be used up only once."""
    if isinstance(leaf, Iterator):
        return True
    seen: set[int] = set()
    work = [leaf]
    while work:
        one = work.pop()
        if id(one) in wanted:
            return True
        if id(one) in seen or isinstance(
            one, (type, ModuleType, CodeType, BuiltinFunctionType, str, bytes, int, float)
        ):
            continue
        seen.add(id(one))
        if len(seen) > FAR:
            return True
        if isinstance(one, np.ndarray):
            work += one.ravel().tolist() if one.dtype == object else []
        elif isinstance(one, FunctionType):
            work += [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
        else:
            work += gc.get_referents(one)
    return False
