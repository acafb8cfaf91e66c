"""Convert a user's function of nested numbers to a compiled function of one flat array, as solvers need.

`Start` is a solver's starting point, and knows how its numbers are nested. `Flat` converts a user's function: it
compiles the function and its derivatives, or passes on the user's own derivatives uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler import jit
from glassgrad.compiler.compiled import Compiled
from glassgrad.core.op import admitted, describe, is_number
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees
from glassgrad.support.naming import own_name
from glassgrad.transforms.tracing import Function, name_of
from glassgrad.transforms.trees import Tree

__all__ = ["Flat", "Start", "flattened", "number", "numbers"]


class Start:
    """A solver's starting point: the numbers of ``x0`` in one array, ``flat``, and their nesting.

    A list or tuple of numbers becomes an array, as in SciPy. Arrays keep their shape; single numbers and other
    structures stay as they are.

    Raises:
        TypeError: a leaf of ``x0`` is not a number.
        ValueError: ``x0`` has no leaves.
    """

    def __init__(self, x0: Any, solver: str) -> None:
        if type(x0) in (list, tuple) and all(map(is_number, x0)):
            x0 = np.array(x0, dtype=float)
        self._tree = Tree(x0, f"x0 of {solver}")
        self._tree.dtypes = [None] * len(self._tree.dtypes)  # solvers use double precision, whatever the dtype of x0
        self.flat = np.array(self._tree.leaves, dtype=float)
        if not self.flat.size:
            raise ValueError(f"{solver} needs at least one number in x0, got {describe(x0)}")

    def nested(self, flat: Any) -> Any:
        """The numbers or nodes of a flat array, in the nesting of ``x0``."""
        return self._tree.rebuild(flat.tolist())


class Flat:
    """A user's function, converted for a solver whose x is one flat array.

    The function's first argument is x, in the nesting of ``start``. Further arguments that are floats, arrays of floats
    or structures of these are inputs of the compiled code, as for `glassgrad.jit`. All others (whole numbers, strings,
    functions) are fixed when the function is compiled.

    Args:
        fun: the function.
        start: the nesting of its first argument.
        result: converts the function's result for the solver, and checks it: `number` or `numbers`.
        solver: the solver's name in messages.
        args, kwargs: the further arguments.

    Raises:
        TypeError: ``fun`` is not callable.
    """

    def __init__(
        self,
        fun: Any,
        start: Start,
        result: Callable[[Any, str, str], Any],
        solver: str,
        args: Any = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        if not callable(fun):
            raise TypeError(f"{solver} needs a function, got {describe(fun)}")
        self.fun, self.start, self.solver, self._result = fun, start, solver, result
        self._names = tuple(kwargs or ())
        given = [*(args if isinstance(args, tuple) else (args,)), *(kwargs or {}).values()]
        who = f"a further argument of {own_name(fun)}"
        self._arguments = pytrees.tree_map(lambda x: admitted(x, who), given, none_is_leaf=True)
        self._free = [k for k, argument in enumerate(self._arguments) if _is_floating(argument)]
        self._inputs = [self._arguments[k] for k in self._free]

    def own(self, fun: Function) -> Function:
        """A function of the flat array that calls ``fun``, uncompiled, with the user's further arguments. If the solver
        passes more than x, that comes before them."""
        return lambda x, *more: self._call(fun, x, more, self._arguments)

    def value(self) -> Function:
        """The function of the flat array, compiled. A user's function that is compiled already is called as it is."""
        own = self.own(self.fun)
        if isinstance(self.fun, Compiled):
            return lambda x: self.result(own(x))
        return self.derived(lambda f: f)

    def derived(self, transform: Callable[[Function], Function]) -> Function:
        """The result of ``transform`` on the function of the flat array; it is compiled at its first call."""

        def run(*args: Any) -> Any:
            split = len(args) - len(self._inputs)
            arguments = list(self._arguments)
            for k, value in zip(self._free, args[split:]):
                arguments[k] = value
            return transform(lambda x: self.result(self._call(self.fun, x, (), arguments)))(*args[:split])

        run.__name__ = name_of(self.fun)
        compiled = jit(run)
        return lambda *args: compiled(*args, *self._inputs)

    def result(self, y: Any) -> Any:
        """The function's result ``y``, converted for the solver."""
        return self._result(y, self.solver, own_name(self.fun))

    def _call(self, fun: Function, x: Any, more: tuple[Any, ...], arguments: Sequence[Any]) -> Any:
        split = len(arguments) - len(self._names)
        return fun(self.start.nested(x), *more, *arguments[:split], **dict(zip(self._names, arguments[split:])))


def flattened(tree: Any) -> Any:
    """The numbers of a structure in one flat array, such as a gradient in the nesting of x."""
    return np.concatenate([np.ravel(leaf) for leaf in pytrees.tree_leaves(tree)])


def number(result: Any, solver: str, name: str) -> Any:
    """Return ``result``, which must be one number.

    Raises:
        TypeError: it is anything else.
    """
    if getattr(result, "size", None) == 1 and hasattr(result, "item"):
        result = result.item()
    if isinstance(result, Scalar) or is_number(result):
        return result
    cure = "is its return missing?" if result is None else "reduce it (a sum, a mean), or see gg.least_squares"
    raise TypeError(
        f"{solver} needs a function whose result is one number, but {name} returned {_summary(result)}; {cure}"
    )


def numbers(result: Any, solver: str, name: str) -> Any:
    """Return all numbers of ``result``, an array or a structure, in one flat array.

    Raises:
        TypeError: a leaf is not a number.
    """
    if isinstance(result, np.ndarray) and result.dtype.kind == "f":
        return result.ravel()
    leaves = [np.ravel(leaf) for leaf in pytrees.tree_leaves(result, none_is_leaf=True)]
    flat = np.concatenate(leaves) if leaves else np.empty(0)
    for x in flat:
        if not isinstance(x, Scalar) and not is_number(x):
            raise TypeError(f"{solver} needs a function whose results are numbers, but {name} returned {_summary(x)}")
    return flat


def _summary(x: Any) -> str:
    """Text for ``x`` in a message, without the numbers in an array or a structure, which may be nodes."""
    if getattr(x, "ndim", 0):
        return f"an array of shape {x.shape}"
    if isinstance(x, (list, tuple, dict)):
        return f"a {type(x).__name__} of {len(x)}"
    return describe(x)


def _is_floating(argument: Any) -> bool:
    leaves = pytrees.tree_leaves(argument, none_is_leaf=True)
    return bool(leaves) and all(
        isinstance(leaf, float) or (isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f") for leaf in leaves
    )
