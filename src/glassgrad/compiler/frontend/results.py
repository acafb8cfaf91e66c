"""The results of a function: what kinds of values it returns, and in which structure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.frontend.comparison import Comparison
from glassgrad.core.arrays import Truths
from glassgrad.core.arrays.foreign import plain
from glassgrad.core.op import admitted, describe
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees
from glassgrad.support.protocols import is_foreign
from glassgrad.transforms.trees import refuse_without_places

__all__ = ["Result", "Results", "common", "require_alike", "result_of"]

WHOLE = 2**53  # Compiled code returns integers as floats, which represent all of them up to this size.


class Result(NamedTuple):
    """A leaf of the results, as one lane returns it.

    Attributes:
        kind: ``"number"``, ``"truth"`` or ``"integer"``; ``"array"``, ``"truths"`` or ``"integers"`` for arrays of
            these; or ``"fixed"`` for an object that does not depend on the inputs.
        shape: the shape of an array.
        single: whether it is an array of float32, even where the arguments are not.
        value: the fixed object.
        dtype: the dtype of integers. Compiled code returns them as floats.
    """

    kind: str
    shape: tuple[int, ...] = ()
    single: bool = False
    value: Any = None
    dtype: Any = None

    def __eq__(self, other: object) -> bool:
        """Whether a single call returns both in the same form. There, an integer is a number."""
        if not isinstance(other, Result):
            return NotImplemented
        kinds = ["number" if one.kind == "integer" else (one.kind, one.dtype) for one in (self, other)]
        same = kinds[0] == kinds[1] and self[1:3] == other[1:3]
        return same and (self.value is other.value or bool(np.array_equal(self.value, other.value)))

    def __hash__(self) -> int:
        return hash(self[1:3])

    @property
    def size(self) -> int:
        return 0 if self.kind == "fixed" else math.prod(self.shape)

    @property
    def is_array(self) -> bool:
        return self.kind in ("array", "truths", "integers")

    @property
    def is_whole(self) -> bool:
        """Whether a batch returns it as an array of integers."""
        return self.kind in ("integer", "integers")

    @property
    def is_truth(self) -> bool:
        return self.kind in ("truth", "truths")

    def is_single(self, single: bool) -> bool:
        """Whether a batch returns it as an array of float32. ``single`` says whether the arguments are float32."""
        return (single or self.single) and self.kind in ("array", "number")

    def kind_of_array(self, single: bool) -> Any:
        """Return the dtype of the array that a kernel writes for it."""
        return np.float32 if self.is_single(single) else np.float64


class Results:
    """The layout of the results of one path.

    Attributes:
        structure: the structure, as optree describes it.
        leaves: a `Result` for each leaf.
        order: the positions of the leaves, in the order in which kernels write them: arrays first, then numbers.
    """

    def __init__(self, structure: Any, leaves: tuple[Result, ...]) -> None:
        self.structure, self.leaves = structure, leaves
        arrays = [k for k, leaf in enumerate(leaves) if leaf.is_array]
        self.order = arrays + [k for k, leaf in enumerate(leaves) if not leaf.is_array and leaf.kind != "fixed"]

    def ordered(self) -> list[Result]:
        """Return the leaves in the order in which kernels write them."""
        return [self.leaves[k] for k in self.order]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self is other or (self.structure == other.structure and self.leaves == other.leaves)

    __hash__ = None  # type: ignore[assignment]

    def of_numbers(self) -> Results:
        """Return the same layout with numbers in place of truths and integers."""
        return Results(self.structure, tuple([_as_numbers(leaf) for leaf in self.leaves]))

    def text(self) -> str:
        """Describe the results, for a message."""
        whats = [
            repr(leaf.value)
            if leaf.kind == "fixed"
            else f"an array of shape {leaf.shape}"
            if leaf.is_array
            else "a number"
            for leaf in self.leaves
        ]
        return str(pytrees.tree_unflatten(self.structure, whats)).replace("'", "")


def common(every: Sequence[Results], called: str) -> Results:
    """Return one layout for lanes that take different paths.

    Where some lanes return truths and others numbers, all results are numbers.

    Args:
        every: the layouts of the paths.
        called: the name of the function in errors.

    Raises:
        TypeError: they differ in structure or shape, or a result is not a number.
    """
    first = every[0]
    for other in every[1:]:
        require_alike(first, other, called)
    leaves = []
    for column in zip(*[one.leaves for one in every]):
        leaf: Result = column[0]
        if any(other.kind != leaf.kind or other.dtype != leaf.dtype for other in column):
            leaf = _together(column)
        leaves.append(leaf._replace(single=all(other.single for other in column)))
    for leaf in leaves:
        if leaf.kind == "fixed" and leaf.value is not None and not isinstance(leaf.value, np.ndarray):
            raise TypeError(
                f"{called} must return numbers and arrays, because vmap can stack nothing else, got "
                f"{describe(leaf.value)}"
            )
    return Results(first.structure, tuple(leaves))


def require_alike(first: Results, other: Results, called: str) -> None:
    """Raise `TypeError` if two lanes return results of different structure or shape."""

    def shape(leaf: Result) -> Any:
        return ("fixed", str(leaf.value)) if leaf.kind == "fixed" else (leaf.is_array, leaf.shape)

    if first.structure != other.structure or [shape(x) for x in first.leaves] != [shape(x) for x in other.leaves]:
        raise TypeError(
            f"{called} must return the same structure for all lanes of vmap, got {first.text()} for some lanes and "
            f"{other.text()} for others"
        )


def _together(column: Sequence[Result]) -> Result:
    """Return one kind for lanes of different kinds: integers if all are integers or truths, numbers otherwise."""
    first = column[0]
    if all(leaf.is_whole or leaf.is_truth for leaf in column):
        kinds = [leaf.dtype for leaf in column if leaf.is_whole]
        return first._replace(kind="integers" if first.is_array else "integer", dtype=np.result_type(*kinds))
    return _as_numbers(first)


def _as_numbers(leaf: Result) -> Result:
    if leaf.kind == "fixed":
        return leaf
    return leaf._replace(kind="array" if leaf.is_array else "number", dtype=None)


def result_of(leaf: Any, name: str) -> tuple[Result, list[Any]]:
    """Return the description of a leaf of the results, and its numbers or nodes.

    Args:
        leaf: a leaf of the object that a function returned.
        name: the name of the function, for errors.

    Raises:
        TypeError: the leaf is an array that contains anything but numbers, or one that means more than its numbers (as
            a masked array does); or a set, an iterator, or a view of a dict.
    """
    plain(leaf, f"the result of {name}")
    refuse_without_places(leaf, f"{name} returned")
    leaf = _read_if_it_holds_nodes(leaf, name)
    if isinstance(leaf, Comparison) or type(leaf) in (bool, np.bool_):
        return Result("truth"), [leaf]
    if isinstance(leaf, (int, np.integer)) and abs(int(leaf)) <= WHOLE:
        return Result("integer", dtype=np.asarray(leaf).dtype), [leaf]
    if isinstance(leaf, (Scalar, float, int, np.floating, np.integer)):
        return Result("number"), [leaf]
    if isinstance(leaf, Truths):
        leaf = leaf.elements
    if isinstance(leaf, np.ndarray):
        elements = leaf.ravel().tolist()
        if leaf.dtype == object:
            return _result_of_objects(leaf, elements, name), elements
        if leaf.dtype.kind == "f":
            return Result("array", leaf.shape, leaf.dtype == np.float32), elements
        if leaf.dtype == bool:
            return Result("truths", leaf.shape), elements
        if leaf.dtype.kind in "iu" and all(abs(x) <= WHOLE for x in elements):
            return Result("integers", leaf.shape, dtype=leaf.dtype), elements
        if leaf.dtype.kind in "iu":
            return Result("fixed", value=leaf.copy()), []
    return Result("fixed", value=leaf), []


def _read_if_it_holds_nodes(leaf: Any, name: str) -> Any:
    """The nodes of another library's array, such as a column of pandas; anything else unchanged."""
    if is_foreign(leaf) and "object" in str(getattr(leaf, "dtype", getattr(leaf, "dtypes", ""))):
        found = admitted(leaf, f"the result of {name}")
        return found if getattr(getattr(found, "dtype", None), "kind", "") == "O" or isinstance(found, Scalar) else leaf
    return leaf


def _result_of_objects(array: Any, elements: list[Any], name: str) -> Result:
    if all(isinstance(x, (Comparison, bool)) for x in elements) and elements:
        return Result("truths", array.shape)
    strange = [x for x in elements if not isinstance(x, (Scalar, float, int))]
    if strange:
        raise TypeError(f"{name} returned an array that contains {describe(strange[0])}, which is not a number")
    return Result("array", array.shape)
