"""A function's arguments and results as trees of numbers: nested lists, tuples, dicts and arrays (optree's pytrees)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from glassgrad.core.op import as_float, cure_for_array, describe
from glassgrad.core.scalar import Scalar
from glassgrad.support.naming import labels

__all__ = ["Tree", "concrete"]


class Tree:
    """A pytree of numbers, nodes and arrays, flattened: ``leaves`` lists its single numbers and nodes, in order."""

    def __init__(self, tree: Any, what: Any, output: bool = False) -> None:
        self.what = what
        self.shapes: list[tuple[int, ...] | None] = []
        self.sizes: list[int] = []
        self.dtypes: list[Any] = []
        self.leaves: list[Any] = []
        self.statics: dict[int, Any] = {}  # for each leaf that steers the function, and is not a number, its value
        self.integers: list[int] = []  # the places of those leaves that were integers
        if type(tree) is float or isinstance(tree, Scalar):  # the usual case needs no optree
            self.structure = None
            self._add(tree, output)
            return
        from glassgrad.support import pytrees

        leaves, self.structure = pytrees.tree_flatten(tree)
        for leaf in leaves:
            self._add(leaf, output)
        if any(isinstance(leaf, str) for leaf in self.statics.values()):
            self._refuse_data()

    def _add(self, leaf: Any, output: bool) -> None:
        if hasattr(leaf, "ndim") and hasattr(leaf, "__setitem__") and not cure_for_array(leaf):
            _require_plain(leaf, self.what)
            elements = leaf.ravel().tolist()
            self.shapes.append(leaf.shape)
            self.dtypes.append(leaf.dtype if leaf.dtype.kind == "f" else None)
        elif not output and self.structure is not None and not self.structure.is_leaf() and _steers(leaf):
            self.statics[len(self.shapes)] = leaf
            self.shapes.append((0,))
            self.sizes.append(0)
            self.dtypes.append(None)
            return
        else:  # a number, or a NumPy number
            elements = [leaf]
            self.shapes.append(None)
            self.dtypes.append(None)
        if type(elements[0]) is int if elements else False:
            self.integers += range(len(self.leaves), len(self.leaves) + len(elements))
        self.sizes.append(len(elements))
        self.leaves.extend(x if isinstance(x, Scalar) else as_float(x, self.what) for x in elements)

    def _refuse_data(self) -> None:
        """Raise TypeError for a string in a list or tuple: there it is data, not an option."""
        from glassgrad.support import pytrees

        assert self.structure is not None
        accessors = pytrees.treespec_accessors(self.structure)
        for k, leaf in self.statics.items():
            if isinstance(leaf, str) and type(accessors[k][-1]).__name__ == "SequenceEntry":
                as_float(leaf, self.what)  # raises

    def labels(self, base: str) -> tuple[str, ...]:
        """A name for each number, if the tree's name is ``base``: ``x[0]``, ``params['w'][1]``."""
        if self.structure is None and self.shapes == [None]:  # the usual case
            return (base,)
        return labels(self.structure, self.shapes, base)

    def unflatten(self, leaves: list[Any]) -> Any:
        if self.structure is None:
            return leaves[0]
        from glassgrad.support import pytrees

        return pytrees.tree_unflatten(self.structure, leaves)

    def rebuild_nodes(self, nodes: list[Any], fixed: bool = False) -> Any:
        """The tree with ``nodes`` in place of its numbers. Arrays become arrays of nodes, read-only if ``fixed``."""
        leaves, start = [], 0
        for k, (shape, size) in enumerate(zip(self.shapes, self.sizes)):
            if k in self.statics:
                leaves.append(self.statics[k])
                continue
            leaf = _array_of_nodes(nodes[start : start + size], shape) if shape else nodes[start]
            if fixed and shape:
                leaf.flags.writeable = False
            leaves.append(leaf)
            start += size
        return self.unflatten(leaves)

    def rebuild(self, values: Sequence[Any]) -> Any:
        """The tree with ``values`` in place of its numbers; arrays of floats keep their dtype. Static leaves become
        None."""
        leaves, start = [], 0
        for k, (shape, size, dtype) in enumerate(zip(self.shapes, self.sizes, self.dtypes)):
            leaves.append(None if k in self.statics else _packed(values[start : start + size], shape, dtype))
            start += size
        return self.unflatten(leaves)

    def rebuild_block(self, rows: list[list[Any]], shape: tuple[int, ...] | None) -> Any:
        """The tree with each leaf of shape T replaced by an array of shape ``shape`` + T. ``rows`` has one row of
        values for each element of ``shape``."""
        if shape is None:
            return self.rebuild(rows[0])
        leaves, start = [], 0
        for k, (inner, size, dtype) in enumerate(zip(self.shapes, self.sizes, self.dtypes)):
            block = [x for row in rows for x in row[start : start + size]]
            leaves.append(None if k in self.statics else _packed(block, shape + (inner or ()), dtype))
            start += size
        return self.unflatten(leaves)

    def match(self, other: Any, name: str) -> list[Any]:
        """The numbers of ``other``, which must have the same structure and shapes."""
        tree = Tree(other, f"the {name} of {self.what}")
        same = tree.structure == self.structure or (_is_leaf(tree.structure) and _is_leaf(self.structure))
        if not same or [shape or () for shape in tree.shapes] != [shape or () for shape in self.shapes]:
            raise ValueError(f"the {name} must have the structure and shape of {self.what}, got {describe(other)}")
        return tree.leaves


def _steers(leaf: Any) -> bool:
    """Whether a leaf is no number, but steers the function: a string, a function. Bools are numbers here."""
    if isinstance(leaf, (float, int, Scalar)):
        return False
    from glassgrad.core.static_values import is_static

    return is_static(leaf)


def _is_leaf(structure: Any) -> bool:
    return structure is None or bool(structure.is_leaf())


def _require_plain(leaf: Any, what: Any) -> None:
    """Raise TypeError for an array that means more than its numbers: an ``np.matrix``, a mask, a unit, dates."""
    kind = type(leaf)
    usual = kind.__name__ == "ndarray" and kind.__module__ == "numpy" and leaf.dtype.kind in "fiubO"
    if not usual:  # this check does not import NumPy
        from glassgrad.core.arrays.foreign import plain_numbers

        plain_numbers(leaf, what)


def _array_of_nodes(nodes: list[Any], shape: tuple[int, ...]) -> Any:
    import numpy as np

    out = np.empty(len(nodes), dtype=object)
    out[:] = nodes
    return out.reshape(shape).view(_array_class())


@cache
def _array_class() -> Any:
    from glassgrad.core.arrays import Array

    return Array


def _packed(values: Sequence[Any], shape: tuple[int, ...] | None, dtype: Any) -> Any:
    if shape is None:
        return values[0]
    if any(isinstance(x, Scalar) for x in values):
        return _array_of_nodes(list(values), shape) if shape else values[0]
    import numpy as np

    return np.array(values, dtype=dtype or float).reshape(shape)


def concrete(leaf: Any) -> Any:
    """A node as a float, an array of nodes as an array of floats; anything else unchanged."""
    if isinstance(leaf, Scalar):
        return leaf.data
    if getattr(getattr(leaf, "dtype", None), "kind", "") == "O":
        from glassgrad.core.arrays import values

        if all(isinstance(x, (Scalar, float, int)) for x in leaf.ravel()):
            return values(leaf)
    return leaf
