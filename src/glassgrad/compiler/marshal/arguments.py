"""Flatten and check the arguments of a call, and convert them to floats and arrays.

Calls of `jit` and `vmap` functions share this code. In a `jit` call no argument has lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassgrad.compiler.frontend.program import Argument
from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.marshal.leaves import ArrayLeaf
from glassgrad.core.arrays.foreign import plain
from glassgrad.core.op import as_float, cure_for_array, describe, is_number
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees
from glassgrad.transforms.tracing import inside_a_trace

__all__ = ["Arguments", "as_array", "flatten", "is_traced", "is_whole", "leaf_names"]

NUMBER = "number"  # In the key of `Arguments`, this stands for a leaf that is a number.


def flatten(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any]:
    """Return the leaves of ``(args, kwargs)`` and their structure. None is a leaf, too."""
    leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)  # type: ignore[arg-type,var-annotated]
    return leaves, structure


def leaf_names(structure: Any, parameters: tuple[list[str], str]) -> list[str]:
    """Return the name of each leaf of ``(args, kwargs)``."""
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
    """Whether another transform is running, or a leaf is or contains a node. If so, the function runs on nodes."""
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
        user: the function that is called.
        leaves, structure: the results of `flatten`.
        axes: for each leaf, the axis of its lanes, or None. For a `jit` call, ``axes`` itself is None.

    Attributes:
        values: for each leaf, a float, an `ArrayLeaf` or None.
        arrays, numbers: the arrays among these values, and the numbers. Kernels take the arrays first.
        integers: for each leaf, whether it is an integer or an array of integers. All are False as long as that makes
            no difference (`UserFunction.tells_integers`).
        lanes: the number of lanes, or -1 if no argument has lanes.
        key: a key that is equal for all arguments that one `Program` can serve.

    Raises:
        TypeError: a leaf is neither a number nor an array of numbers.
        ValueError: a leaf lacks the axis of its lanes, or its number of lanes differs from that of an earlier leaf.
    """

    def __init__(
        self, user: UserFunction, leaves: Sequence[Any], structure: Any, axes: Sequence[int | None] | None = None
    ) -> None:
        self.user, self.leaves, self.structure, self.axes = user, leaves, structure, axes
        self.values: list[float | ArrayLeaf | None] = []
        self.arrays: list[ArrayLeaf] = []
        self.numbers: list[float] = []
        self.lanes, self._first = -1, 0
        self.integers = [False] * len(leaves)
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
        if user.tells_integers:
            self.integers = [*map(is_whole, leaves)]
            kinds.append(tuple(self.integers))
        self.key = structure, tuple(kinds)

    def _converted(self, k: int, leaf: Any, axis: int | None) -> float | ArrayLeaf | None:
        """Convert leaf ``k`` to the form that a kernel takes."""
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
                "run over. Pass an array, or set its entry of in_axes to None, so that all lanes get the same number"
            )
        return float(leaf) if number else as_float(leaf, f"argument {self.name(k)!r} of {self.user.title}")

    def _array(self, k: int, leaf: Any, axis: int | None) -> ArrayLeaf:
        known = type(leaf) is np.ndarray and leaf.dtype.kind == "f"  # then no error message will need its name
        array = as_array(leaf, "" if known else self.name(k), self.user.title)
        if axis is None:
            return ArrayLeaf(array, False)
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(
                f"argument {self.name(k)!r} of {self.user.title} has shape {array.shape}, so it has no axis {axis} "
                "to run over. Set in_axes to the axis of the lanes, or to None for an argument without lanes"
            )
        array = array if axis in (0, -array.ndim) else np.moveaxis(array, axis, 0)
        if self.lanes < 0:
            self.lanes, self._first = array.shape[0], k
        elif array.shape[0] != self.lanes:
            raise ValueError(
                f"all arguments of {self.user.title} must have the same number of lanes, got {self.lanes} for "
                f"{self.name(self._first)!r} and {array.shape[0]} for {self.name(k)!r}"
            )
        return ArrayLeaf(array, True)

    def _refused(self, k: int) -> TypeError:
        leaf = self.leaves[k]
        cure = cure_for_array(leaf) or (
            "name an argument that steers the function in static_argnums, or fix it first, with functools.partial"
        )
        return TypeError(
            f"argument {self.name(k)!r} of {self.user.title} is {describe(leaf)}, which is not a number. Compiled "
            f"functions take numbers, arrays of them, and nested lists, tuples and dicts of those; {cure}"
        )

    @cached_property
    def names(self) -> list[str]:
        """The names of the leaves."""
        return leaf_names(self.structure, self.user.parameters)

    def name(self, k: int) -> str:
        """Return the name of leaf ``k``."""
        return self.names[k]

    def described(self) -> list[Argument]:
        """Return the description of each leaf that a `Program` needs."""
        return [
            Argument("", None)
            if value is None
            else Argument(name, value.shape, value.single, integer)
            if isinstance(value, ArrayLeaf)
            else Argument(name, None, integer=integer)
            for name, value, integer in zip(self.names, self.values, self.integers)
        ]

    @property
    def single(self) -> bool:
        """Whether results are float32: all arrays among the arguments are. In a batch, only arrays with lanes count."""
        arrays = [a for a in self.arrays if a.lanes or self.axes is None]
        return bool(arrays) and all(a.single for a in arrays)

    def lane(self, k: int) -> list[float]:
        """Return the inputs of lane ``k``, in the order of the kernel."""
        return [*[x for array in self.arrays for x in array.lane(k)], *self.numbers]

    def packed(self, captured: Sequence[Scalar]) -> Any:
        """Return one array with the numbers and the values of captured nodes, as a kernel takes them."""
        return np.array([*self.numbers, *[node.data for node in captured]], dtype=float)


def is_whole(leaf: Any) -> bool:
    """Whether a leaf is an integer, or an array of integers or bools."""
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind in "iub"
    return isinstance(leaf, int)


def as_array(leaf: Any, name: str, title: str) -> Any:
    """Convert an array to float64 or float32. If ``leaf`` is such an array, return it as it is.

    Args:
        leaf: an array.
        name, title: the names of the argument and of the function, for errors.

    Raises:
        TypeError: the array holds anything but real numbers.
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
        f"argument {name!r} of {title} is an array of dtype {leaf.dtype}, which holds no real numbers. Convert it first"
    )
