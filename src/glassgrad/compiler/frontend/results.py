"""The results of a function: what kinds of values it returns, and in which structure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.frontend.comparison import Comparison
from glassgrad.core.arrays import Truths
from glassgrad.core.arrays.foreign import plain
from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees

__all__ = ["Result", "Results", "common", "require_alike", "result_of"]

WHOLE = 2**53  # integers up to this size are exact as floats, and compiled code returns floats


class Result(NamedTuple):
    """A leaf of the results, as one lane returns it.

    Attributes:
        kind: ``"number"``, ``"truth"`` or ``"integer"``; ``"array"``, ``"truths"`` or ``"integers"`` for arrays of
            these; or ``"fixed"`` for an object that does not depend on the inputs.
        shape: the shape of an array.
        single: it is a float32 array whatever the arguments are.
        value: the object that is fixed.
        dtype: the dtype of integers. Compiled code returns them as floats.
    """

    kind: str
    shape: tuple[int, ...] = ()
    single: bool = False
    value: Any = None
    dtype: Any = None

    def __eq__(self, other: object) -> bool:
        """Whether one call returns both in the same way: an integer is a number there."""
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
        """Whether a batch of it is an array of integers."""
        return self.kind in ("integer", "integers")

    @property
    def is_truth(self) -> bool:
        return self.kind in ("truth", "truths")

    def is_single(self, single: bool) -> bool:
        """Whether an array of it is float32. ``single``: the arguments are."""
        return (single or self.single) and self.kind in ("array", "number")

    def kind_of_array(self, single: bool) -> Any:
        """The dtype of an array of it, as a kernel writes it."""
        return np.float32 if self.is_single(single) else np.float64


class Results:
    """The layout of all that a function returns along one path.

    Attributes:
        structure: the structure, as optree describes it.
        leaves: a `Result` for each leaf.
        order: the places of the leaves in the order in which kernels write them: arrays first, then numbers.
    """

    def __init__(self, structure: Any, leaves: tuple[Result, ...]) -> None:
        self.structure, self.leaves = structure, leaves
        arrays = [k for k, leaf in enumerate(leaves) if leaf.is_array]
        self.order = arrays + [k for k, leaf in enumerate(leaves) if not leaf.is_array and leaf.kind != "fixed"]

    def ordered(self) -> list[Result]:
        """The leaves in the order of the kernel."""
        return [self.leaves[k] for k in self.order]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self is other or (self.structure == other.structure and self.leaves == other.leaves)

    __hash__ = None  # type: ignore[assignment]

    def text(self) -> str:
        """A description of the results, for a message."""
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
    """One layout for lanes that take different paths: where some return truths and others numbers, all are numbers.

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
                f"{called} returned {describe(leaf.value)}, which is not a number: vmap can stack numbers and arrays "
                "only"
            )
    return Results(first.structure, tuple(leaves))


def require_alike(first: Results, other: Results, called: str) -> None:
    """Raise `TypeError` if two lanes return results of different structure or shape."""

    def shape(leaf: Result) -> Any:
        return ("fixed", str(leaf.value)) if leaf.kind == "fixed" else (leaf.is_array, leaf.shape)

    if first.structure != other.structure or [shape(x) for x in first.leaves] != [shape(x) for x in other.leaves]:
        raise TypeError(
            f"{called} returns {first.text()} for some lanes and {other.text()} for others: vmap needs the same "
            "structure for all"
        )


def _together(column: Sequence[Result]) -> Result:
    """One kind for lanes of different kinds: integers if all are integers or truths, else numbers."""
    first = column[0]
    if all(leaf.is_whole or leaf.is_truth for leaf in column):
        kinds = [leaf.dtype for leaf in column if leaf.is_whole]
        return first._replace(kind="integers" if first.is_array else "integer", dtype=np.result_type(*kinds))
    return first._replace(kind="array" if first.is_array else "number", dtype=None)


def result_of(leaf: Any, name: str) -> tuple[Result, list[Any]]:
    """What kind of result a leaf is, and its numbers or nodes.

    Args:
        leaf: a leaf of what a function returned.
        name: that of the function, for errors.

    Raises:
        TypeError: it is an array with something else than numbers in it, or one that means more than its numbers.
    """
    plain(leaf, f"the result of {name}")
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


def _result_of_objects(array: Any, elements: list[Any], name: str) -> Result:
    if all(isinstance(x, (Comparison, bool)) for x in elements) and elements:
        return Result("truths", array.shape)
    strange = [x for x in elements if not isinstance(x, (Scalar, float, int))]
    if strange:
        raise TypeError(f"{name} returned an array with {describe(strange[0])} in it, which is not a number")
    return Result("array", array.shape)
