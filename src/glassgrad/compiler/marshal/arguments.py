"""The arguments of a call: flattened, converted to numbers and arrays, and checked.

This is the way in for `jit` and `vmap` alike. For `jit` no argument has lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassgrad.compiler.frontend.program import Argument
from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.marshal.leaves import ArrayLeaf
from glassgrad.core.arrays import Array
from glassgrad.core.arrays.foreign import plain
from glassgrad.core.op import admitted, as_float, describe, is_number
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees
from glassgrad.support.protocols import is_foreign
from glassgrad.transforms.tracing import inside_a_trace

__all__ = ["Arguments", "as_array", "flatten", "is_traced", "leaf_names", "taken"]

NUMBER = "number"  # the kind of a leaf that is a number
USUAL = frozenset([float, int, bool, type(None), np.ndarray, np.float64, np.float32, np.int64, Scalar, Array])


def taken(
    user: UserFunction, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any], list[Any], Any]:
    """The arguments of a call, with arrays of other libraries as NumPy arrays; then their leaves and structure.

    Raises:
        TypeError: an array of another library holds anything but real numbers, or means more than its numbers.
    """
    leaves, structure = flatten(args, kwargs)
    if USUAL.issuperset(map(type, leaves)) or not any(map(is_foreign, leaves)):
        return args, kwargs, leaves, structure
    names = leaf_names(structure, user.parameters)
    leaves = [admitted(leaf, f"argument {name!r} of {user.title}") for leaf, name in zip(leaves, names)]
    converted: Any = pytrees.tree_unflatten(structure, leaves)
    return *converted, leaves, structure


def flatten(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any]:
    """The leaves of ``(args, kwargs)``, None among them, and their structure."""
    leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)
    return leaves, structure


def leaf_names(structure: Any, parameters: tuple[list[str], str]) -> list[str]:
    """The name of each leaf of ``(args, kwargs)``."""
    names, rest = parameters
    found = []
    for accessor in pytrees.treespec_accessors(structure):
        kind, first = accessor.path[:2]
        if kind == 1:
            base = str(first)
        elif first < len(names):
            base = names[first]
        else:
            base = f"{rest}[{first - len(names)}]"
        found.append(accessor[2:].codify(base))
    return found


def is_traced(leaves: Sequence[Any]) -> bool:
    """Whether another transform is running, or nodes are among the leaves: then the function is run as it is."""
    if inside_a_trace():
        return True
    return any(
        isinstance(x, Scalar)
        or (isinstance(x, np.ndarray) and x.dtype == object and any(isinstance(e, Scalar) for e in x.ravel()))
        for x in leaves
    )


class Arguments:
    """The arguments of one call.

    Args:
        user: the function they are for.
        leaves, structure: as `flatten` gives them.
        axes: for each leaf the axis of its lanes, or None. No argument of a `jit` call has lanes: then it is None.

    Attributes:
        values: for each leaf a float, an `ArrayLeaf` or None.
        arrays, numbers: those of them that are arrays, and those that are numbers. Kernels take them in this order.
        lanes: how many lanes there are; -1 if no argument has any.
        key: equal for arguments that one `Program` serves.

    Raises:
        TypeError: a leaf is not a number, and not an array of numbers.
        ValueError: a leaf lacks the axis of its lanes, or has another number of lanes than the leaves before it.
    """

    def __init__(
        self, user: UserFunction, leaves: Sequence[Any], structure: Any, axes: Sequence[int | None] | None = None
    ) -> None:
        self.user, self.leaves, self.structure, self.axes = user, leaves, structure, axes
        self.values: list[float | ArrayLeaf | None] = []
        self.arrays: list[ArrayLeaf] = []
        self.numbers: list[float] = []
        self.lanes, self._first = -1, 0
        kinds: list[Any] = []
        for k, leaf in enumerate(leaves):
            value = self._converted(k, leaf, None if axes is None else axes[k])
            self.values.append(value)
            if value is None:
                kinds.append(None)
            elif isinstance(value, ArrayLeaf):
                self.arrays.append(value)
                kinds.append((value.shape, value.single))
            else:
                self.numbers.append(value)
                kinds.append(NUMBER)
        self.key = structure, tuple(kinds)

    def _converted(self, k: int, leaf: Any, axis: int | None) -> float | ArrayLeaf | None:
        """Leaf ``k``, as a kernel takes it."""
        if leaf is None:
            return None
        if isinstance(leaf, np.ndarray):
            return self._array(k, leaf, axis)
        number = type(leaf) is float or type(leaf) is np.float64
        if not number and not is_number(leaf):
            raise self._refused(k)
        if axis is not None:
            raise ValueError(
                f"argument {self.name(k)!r} of {self.user.title} is the number {leaf!r}, which has no axis {axis} to "
                f"run over: give an array, or None for it in in_axes{self._by_name(k)}, so that all lanes get the same"
            )
        return float(leaf) if number else as_float(leaf, f"argument {self.name(k)!r} of {self.user.title}")

    def _by_name(self, k: int) -> str:
        """How to write None for leaf ``k`` if it is a keyword argument."""
        kind, name = pytrees.treespec_accessors(self.structure)[k].path[:2]
        return f", as in in_axes={{{name!r}: None}}" if kind == 1 else ""

    def _array(self, k: int, leaf: Any, axis: int | None) -> ArrayLeaf:
        known = type(leaf) is np.ndarray and leaf.dtype.kind == "f"  # so that no message will need its name
        array = as_array(leaf, "" if known else self.name(k), self.user.title)
        if axis is None:
            return ArrayLeaf(array, False)
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(
                f"argument {self.name(k)!r} of {self.user.title} has shape {array.shape}, so there is no axis {axis} "
                "to run over: set in_axes to the axis of the batch, or to None for an argument without one"
            )
        array = array if axis in (0, -array.ndim) else np.moveaxis(array, axis, 0)
        if self.lanes < 0:
            self.lanes, self._first = array.shape[0], k
        elif array.shape[0] != self.lanes:
            raise ValueError(
                f"the batch has {self.lanes} lanes by argument {self.name(self._first)!r} of {self.user.title}, but "
                f"{array.shape[0]} by argument {self.name(k)!r}"
            )
        return ArrayLeaf(array, True)

    def _refused(self, k: int) -> TypeError:
        leaf = self.leaves[k]
        cure = "fix strings, flags and options first, with functools.partial"
        if self.structure.namespace:  # there is a dataclass
            cure += ', or mark the field of a dataclass as static, field(metadata={"static": True})'
        return TypeError(
            f"argument {self.name(k)!r} of {self.user.title} is {describe(leaf)}, which is not a number: compiled "
            f"functions take numbers, arrays of them, and nested lists, tuples, dicts and dataclasses of those; {cure}"
        )

    @cached_property
    def names(self) -> list[str]:
        """The name of each leaf."""
        return leaf_names(self.structure, self.user.parameters)

    def name(self, k: int) -> str:
        """The name of leaf ``k``."""
        return self.names[k]

    def described(self) -> list[Argument]:
        """The leaves as a `Program` wants to know them."""
        return [
            Argument("", None)
            if value is None
            else Argument(name, value.shape, value.single)
            if isinstance(value, ArrayLeaf)
            else Argument(name, None)
            for name, value in zip(self.names, self.values)
        ]

    @property
    def single(self) -> bool:
        """Whether results are float32: there are arrays, with lanes if any have lanes, and all of them are float32."""
        arrays = [a for a in self.arrays if a.lanes or self.axes is None]
        return bool(arrays) and all(a.single for a in arrays)

    def lane(self, k: int) -> list[float]:
        """The inputs of lane ``k``, in the order of the kernel."""
        return [*[x for array in self.arrays for x in array.lane(k)], *self.numbers]

    def packed(self, captured: Sequence[Scalar]) -> Any:
        """The numbers, and the values of nodes from outside, side by side as a kernel takes them."""
        return np.array([*self.numbers, *[node.data for node in captured]], dtype=float)


def as_array(leaf: Any, name: str, title: str) -> Any:
    """An array of float64 or float32 with the numbers of ``leaf``: ``leaf`` itself if it is one.

    Args:
        leaf: an array.
        name, title: of the argument and of the function, for errors.

    Raises:
        TypeError: it holds something else than real numbers.
    """
    kind = leaf.dtype.kind
    if type(leaf) is not np.ndarray:
        leaf = np.asarray(plain(leaf, f"argument {name!r} of {title}"))
    if leaf.dtype == np.float64 or leaf.dtype == np.float32:
        return leaf
    native = leaf.dtype.newbyteorder("=")
    if native == np.float64 or native == np.float32:
        return leaf.astype(native)
    if kind in "fiub":
        return leaf.astype(np.float64)
    if kind == "O":
        try:
            return np.array([as_float(x, name) for x in leaf.ravel()], dtype=float).reshape(leaf.shape)
        except TypeError as error:
            raise TypeError(f"argument {name!r} of {title}: {error}") from None
    raise TypeError(
        f"argument {name!r} of {title} is an array of dtype {leaf.dtype}, which holds no real numbers: convert it first"
    )
