"""A user's function as another library's automatic differentiation needs it: compiled, with derivatives of any order.

A `Level` is a function of numbers and arrays. Its pullback and its pushforward are levels too, which are made when they
are first needed. So the other library can differentiate as often as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler import jit, vmap
from glassgrad.compiler.frontend import structures
from glassgrad.core.arrays import Truths
from glassgrad.core.op import describe, errstate, is_number
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees
from glassgrad.support.naming import own_name
from glassgrad.support.protocols import is_foreign
from glassgrad.transforms.api import jvp, vjp
from glassgrad.transforms.tracing import Function, name_of

__all__ = ["KEPT", "Level", "Levels", "Nested", "numbers_in"]

KEPT = 128  # A function keeps at most this many levels, one for each structure of its arguments.
PROBES = (1.0, 0.5, 2.0, -1.0)  # the numbers at which a function is run to find the shapes of its results


class Level:
    """A function of numbers and arrays, compiled for one call or for lanes.

    Args:
        function: it returns numbers and arrays in any structure.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self._compiled: dict[Any, Function] = {}
        self._derived: dict[Any, Level] = {}

    def run(self, arrays: Sequence[Any], lanes: Sequence[bool] | None = None, summed: bool = False) -> Nested:
        """The results for these arrays of float64.

        Args:
            arrays: the arguments; an array without axes is a number.
            lanes: for each argument whether its first axis is that of lanes; None for one call.
            summed: whether the results are summed over the lanes.
        """
        key = None if lanes is None else (tuple(lanes), summed)
        compiled = self._compiled.get(key)
        if compiled is None:
            axes = None if lanes is None else tuple([0 if lane else None for lane in lanes])
            reduce = "sum" if summed else None
            compiled = jit(self.function) if lanes is None else vmap(self.function, in_axes=axes, reduce=reduce)
            self._compiled[key] = compiled
        return Nested(compiled(*arrays))

    def probed(self, shapes: Sequence[tuple[int, ...]]) -> Nested:
        """Results for arguments of these shapes, which tell the structure and shapes of all results.

        Raises:
            Exception: whatever the function raises.
        """
        failure: Exception | None = None
        for number in PROBES:
            arrays = [np.full(shape, number) if shape else number for shape in shapes]
            try:
                with errstate(domain="nan"), np.errstate(all="ignore"):
                    return Nested(self.function(*arrays))
            except Exception as error:
                failure = failure or error
        assert failure is not None
        raise failure

    def pullback(self, wanted: Sequence[int], count: int) -> Level:
        """The level of the derivatives with respect to some arguments.

        Args:
            wanted: the positions of these arguments.
            count: how many arguments there are. The derivatives with respect to the results follow them.
        """

        def pulled(*given: Any) -> Any:
            function, primals = self._partly(given[:count], wanted)
            return vjp(function, *primals)[1](given[count:])

        return self._derive(("pullback", *wanted), pulled)

    def pushforward(self, wanted: Sequence[int], count: int) -> Level:
        """The level of the derivative of the results along tangents of some arguments.

        Args:
            wanted: the positions of these arguments.
            count: how many arguments there are. The tangents follow them.
        """

        def pushed(*given: Any) -> Any:
            function, primals = self._partly(given[:count], wanted)
            return jvp(function, tuple(primals), tuple(given[count:]))[1]

        return self._derive(("pushforward", *wanted), pushed)

    def _partly(self, given: Sequence[Any], wanted: Sequence[int]) -> tuple[Function, list[Any]]:
        """The numbers among the results as a function of the arguments at ``wanted``, and those arguments."""

        def function(*some: Any) -> Any:
            arguments = list(given)
            for k, x in zip(wanted, some):
                arguments[k] = x
            found = numbers_in(structures.flatten(self.function(*arguments))[0])
            return tuple([x * 1.0 if isinstance(x, Truths) else x for x in found])

        return function, [given[k] for k in wanted]

    def _derive(self, key: Hashable, function: Function) -> Level:
        found = self._derived.get(key)
        if found is None:
            function.__name__ = name_of(self.function)
            found = self._derived[key] = Level(function)
        return found


class Nested:
    """Results in their structure.

    Attributes:
        numbers: the leaves that are numbers and arrays of numbers.
    """

    def __init__(self, tree: Any) -> None:
        self._leaves, self._structure = structures.flatten(tree)
        self.numbers = numbers_in(self._leaves)

    def rebuilt(self, numbers: Sequence[Any]) -> Any:
        """The structure with these in place of the numbers."""
        rest = iter(numbers)
        leaves = [next(rest) if _holds_numbers(leaf) else leaf for leaf in self._leaves]
        return pytrees.tree_unflatten(self._structure, leaves)


class Levels:
    """A user's function as levels, one for each structure of its arguments.

    Args:
        f: the function.
        called: the name for messages of the function that makes it one of another library.

    Raises:
        TypeError: ``f`` is not callable.
    """

    def __init__(self, f: Function, called: str) -> None:
        if not callable(f):
            raise TypeError(f"{called} needs a function, got {describe(f)}; did you mean {called}(f)(x)?")
        self.f, self.called = f, called
        self._levels: dict[Any, Level] = {}

    def level(self, args: Any, kwargs: Any, is_array: Callable[[Any], bool]) -> tuple[Level, list[Any], list[int]]:
        """The level for such arguments, the leaves that are numbers and arrays, and their places among all leaves.

        Args:
            args, kwargs: the arguments. Text, None and other leaves that hold no numbers are fixed in the level.
            is_array: whether a leaf is an array of the other library.

        Raises:
            TypeError: a leaf that holds no numbers cannot be hashed.
        """
        leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)
        places = [k for k, leaf in enumerate(leaves) if is_array(leaf) or _holds_numbers(leaf) or is_foreign(leaf)]
        rest = set(range(len(leaves))).difference(places)
        fixed = tuple([leaves[k] if k in rest else None for k in range(len(leaves))])
        key = structure, tuple(places), fixed
        try:
            level = self._levels.get(key)
        except TypeError:
            strange = next(x for x in fixed if x is not None and type(x).__hash__ is None)
            raise TypeError(
                f"an argument of {own_name(self.f)} holds {describe(strange)}, which is neither a number nor an option "
                "that can be hashed"
            ) from None
        if level is None:
            if len(self._levels) >= KEPT:
                self._levels.clear()
            level = self._levels[key] = Level(self._flat(structure, places, fixed))
        return level, [leaves[k] for k in places], places

    def _flat(self, structure: Any, places: Sequence[int], fixed: Sequence[Any]) -> Function:
        def flat(*numbers: Any) -> Any:
            leaves = list(fixed)
            for k, x in zip(places, numbers):
                leaves[k] = x
            args, kwargs = pytrees.tree_unflatten(structure, leaves)
            return self.f(*args, **kwargs)

        flat.__name__ = name_of(self.f)
        return flat


def numbers_in(leaves: Sequence[Any]) -> list[Any]:
    """The leaves that are numbers, nodes, and arrays of these."""
    return [leaf for leaf in leaves if _holds_numbers(leaf)]


def _holds_numbers(leaf: Any) -> bool:
    return isinstance(leaf, (Scalar, np.ndarray, Truths)) or is_number(leaf)
