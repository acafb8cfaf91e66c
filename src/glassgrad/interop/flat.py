"""Plain functions of a structure of numbers, as a solver calls them: functions of one flat array, compiled.

`Start` is where a solver sets out, and knows how its numbers are nested. `Flat` makes of a user's function what the
solver calls: the function and its derivatives compiled, or those that are the user's own as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler import jit
from glassgrad.compiler.compiled import Compiled
from glassgrad.core.op import describe, is_number
from glassgrad.core.scalar import Scalar
from glassgrad.support import pytrees
from glassgrad.support.naming import own_name
from glassgrad.transforms.tracing import Function, name_of
from glassgrad.transforms.trees import Tree

__all__ = ["Flat", "Start", "flattened", "number", "numbers"]


class Start:
    """Where a solver sets out: the numbers of ``x0`` in one array, ``flat``, and how they are nested.

    A list or tuple of numbers is an array, as it is for SciPy; an array keeps its shape; a number and any other
    structure stay what they are.

    Raises:
        TypeError: a leaf of ``x0`` is no number.
        ValueError: there are none.
    """

    def __init__(self, x0: Any, solver: str) -> None:
        if type(x0) in (list, tuple) and all(map(is_number, x0)):
            x0 = np.array(x0, dtype=float)
        self._tree = Tree(x0, f"x0 of {solver}")
        self._tree.dtypes = [None] * len(self._tree.dtypes)  # solvers work in double precision, whatever x0 has
        self.flat = np.array(self._tree.leaves, dtype=float)
        if not self.flat.size:
            raise ValueError(f"{solver} got an x0 without numbers, {describe(x0)}, so there is nothing to search for")

    def nested(self, flat: Any) -> Any:
        """The numbers or nodes of a flat array, nested as in ``x0``."""
        return self._tree.rebuild(flat.tolist())


class Flat:
    """A user's function of a structure of numbers and of further arguments, for a solver that has one flat array.

    Arguments that are floats, arrays of floats or structures of such are inputs of what is compiled, as for
    `glassgrad.jit`. All others (whole numbers, text, functions) steer it, and are bound.

    Args:
        fun: the function.
        start: how its first argument is nested.
        result: what makes of its results what the solver wants, or refuses them: `number`, `numbers`.
        solver: who asks, for messages.
        args, kwargs: the further arguments.

    Raises:
        TypeError: ``fun`` is no function.
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
            raise TypeError(f"{solver} takes functions, but got {describe(fun)}")
        self.fun, self.start, self.solver, self._result = fun, start, solver, result
        self._names = tuple(kwargs or ())
        self._arguments = [*(args if isinstance(args, tuple) else (args,)), *(kwargs or {}).values()]
        self._free = [k for k, argument in enumerate(self._arguments) if _is_floating(argument)]
        self._inputs = [self._arguments[k] for k in self._free]

    def own(self, fun: Function) -> Function:
        """``fun``, which takes the arguments of the user's function, uncompiled; what a solver hands it besides x comes
        before the further ones."""
        return lambda x, *more: self._call(fun, x, more, self._arguments)

    def value(self) -> Function:
        """The function of the flat array, compiled. What is compiled already is called as it is."""
        own = self.own(self.fun)
        if isinstance(self.fun, Compiled):
            return lambda x: self.result(own(x))
        return self.derived(lambda f: f)

    def derived(self, transform: Callable[[Function], Function]) -> Function:
        """What ``transform`` makes of the function of the flat array, compiled when it is first called."""

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
        """``y``, which the function returned, as the solver wants it."""
        return self._result(y, self.solver, own_name(self.fun))

    def _call(self, fun: Function, x: Any, more: tuple[Any, ...], arguments: Sequence[Any]) -> Any:
        split = len(arguments) - len(self._names)
        return fun(self.start.nested(x), *more, *arguments[:split], **dict(zip(self._names, arguments[split:])))


def flattened(tree: Any) -> Any:
    """The numbers of a structure, such as a gradient that is nested as x is, in one flat array."""
    return np.concatenate([np.ravel(leaf) for leaf in pytrees.tree_leaves(tree)])


def number(result: Any, solver: str, name: str) -> Any:
    """``result``, which must be one number."""
    if getattr(result, "size", None) == 1 and hasattr(result, "item"):
        result = result.item()
    if isinstance(result, Scalar) or is_number(result):
        return result
    cure = "did it forget its return?" if result is None else "reduce it (a sum, a mean), or see gg.least_squares"
    raise TypeError(
        f"{solver} needs a function whose result is one number, but {name} returned {_summary(result)}; {cure}"
    )


def numbers(result: Any, solver: str, name: str) -> Any:
    """All numbers of ``result``, an array or a structure, in one flat array."""
    if isinstance(result, np.ndarray) and result.dtype.kind == "f":
        return result.ravel()
    leaves = [np.ravel(leaf) for leaf in pytrees.tree_leaves(result, none_is_leaf=True)]
    flat = np.concatenate(leaves) if leaves else np.empty(0)
    for x in flat:
        if not isinstance(x, Scalar) and not is_number(x):
            raise TypeError(f"{solver} needs a function whose results are numbers, but {name} returned {_summary(x)}")
    return flat


def _summary(x: Any) -> str:
    """``x`` in a message, without the numbers of an array or a structure, which may be nodes."""
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
