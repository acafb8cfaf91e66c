"""`Trace`: run a function once on nodes, list the nodes as they are made, and sweep over that list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import FunctionType
from typing import Any

from glassgrad.core import anomaly, folded, forward, refusals, reverse, scalar, trace_sweep
from glassgrad.core.op import as_float, describe
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE, Block, State
from glassgrad.support.naming import full_name, own_name, parameters
from glassgrad.transforms.trees import Tree, concrete, refuse_without_places

__all__ = ["Trace", "inside_a_trace", "name_of"]

Function = Callable[..., Any]


class Argument:
    """An argument's name in messages; the text is made only if there is a message."""

    __slots__ = ("f", "name")

    def __init__(self, f: Function, name: str) -> None:
        self.f, self.name = f, name

    def __str__(self) -> str:
        return f"argument {self.name!r} of {own_name(self.f)}"


class Result:
    """The name in messages of a function's result."""

    __slots__ = ("f",)

    def __init__(self, f: Function) -> None:
        self.f = f

    def __str__(self) -> str:
        return f"the result of {full_name(self.f)}"


class Trace(Block):
    """One run of a function on nodes. Inside the ``with`` block, sweeps may build nodes of their own, which an
    enclosing trace records too. Nodes that the function makes in threads of its own are recorded as well."""

    __slots__ = (
        "also",
        "argnums",
        "args",
        "aux",
        "f",
        "has_aux",
        "inputs",
        "kwargs",
        "made",
        "names",
        "outermost",
        "result",
        "single",
        "symbolic",
        "variables",
    )  # faster than a dict in a class that derives from a compiled one

    def __init__(
        self, f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any, has_aux: bool, also: Any = ()
    ) -> None:
        self.f = f
        self.single = isinstance(argnums, int)
        self.argnums = _positions(f, args, (argnums,) if self.single else tuple(argnums))
        self.names = _parameters(f, len(args))
        for i in self.argnums:
            if args[i] is None:
                raise TypeError(
                    f"argument {self.names[i]!r} of {own_name(f)} is None, which has no derivative: pass a number, or "
                    "use argnums to differentiate with respect to another argument"
                )
        self.inputs = [Tree(args[i], Argument(f, self.names[i])) for i in self.argnums]
        trees = [*self.inputs, Tree(also, "jvp: each tangent")] if also else self.inputs
        self.outermost = not inside_a_trace()
        self.symbolic = inside_a_trace() or any(isinstance(x, Scalar) for tree in trees for x in tree.leaves)
        self.args, self.kwargs, self.has_aux, self.also = args, kwargs, has_aux, also
        self.made: list[Scalar] = []
        self.variables: list[list[Scalar]] = []

    def __enter__(self) -> Trace:
        state = self.inner()
        state.trace()
        self.enter(state)
        try:
            self._run(state)
            if state.tracing.refused is not None:  # an error in another thread, where it may have been lost
                raise state.tracing.refused
        except BaseException as error:
            if self.symbolic:
                self._release()
            if refused := refusals.explained(error, own_name(self.f)):
                raise scalar.TracingError(refused) from error
            raise
        return self

    def _end(self, state: State, *exc: object) -> None:
        if self.symbolic:
            self._release()
        Block._end(self, state)

    def _release(self) -> None:
        trace_sweep.release([node for nodes in self.variables for node in nodes])

    def _run(self, state: State) -> None:
        for tree, i in zip(self.inputs, self.argnums):
            names = tree.labels(self.names[i])
            variables = [scalar.variable(x, name) for x, name in zip(tree.leaves, names)]
            if tree.integers:
                scalar.mark_integers([variables[k] for k in tree.integers])
            self.variables.append(variables)
        outer = state.heard
        state.heard = (*outer, self.made.append)
        state.folds = not self.symbolic and not outer and not self.also
        result = self._run_compiled() if scalar.is_decided() else self.f(*self._rebuild(fixed=False), **self.kwargs)
        state.heard, state.folds = outer, False
        self.aux = None
        if self.has_aux:
            if not isinstance(result, (tuple, list)) or len(result) != 2:
                name = full_name(self.f)
                raise TypeError(
                    f"has_aux=True, so {name} must return (result, aux), but it returned {describe(result)}"
                )
            result, self.aux = result
        self.result = result

    def _rebuild(self, fixed: bool) -> list[Any]:
        """The positional arguments, with nodes in those to differentiate with respect to."""
        args = list(self.args)
        for i, tree, nodes in zip(self.argnums, self.inputs, self.variables):
            args[i] = tree.rebuild_nodes(nodes, fixed)
        return args

    def _run_compiled(self) -> Any:
        """The result of a function that is traced for compilation; it must not change its arguments."""
        from glassgrad.transforms.given import require_unchanged

        return require_unchanged(self.f, full_name(self.f), lambda: (self._rebuild(fixed=True), self.kwargs))

    # The result, and its derivatives

    def scalar_result(self, user: str) -> Any:
        """The function's result, which must be one number; ``user`` names the transform for the error."""
        result = self.result
        axes: int | None = None if isinstance(result, Scalar) else getattr(result, "ndim", None)
        if axes == 0 and result.dtype == object and hasattr(result, "item"):
            import numpy as np

            result = np.asarray(result).item()  # a labelled array's own item() asks the node for one
        if isinstance(result, Scalar):
            return +result  # + turns a truth into a number
        if isinstance(result, (list, tuple, dict)) or axes:
            cure = "" if user == "hessian" else "use gg.jacobian, or "
            raise TypeError(
                f"{user} needs a function whose result is one number, but {full_name(self.f)} returned "
                f"{describe(result)}; {cure}reduce it (a sum, a mean)"
            )
        return as_float(result, Result(self.f))

    def gradients(self, roots: Sequence[Any]) -> list[list[list[Any]]]:
        """Return, for each root, the derivatives with respect to every variable, grouped by argument."""
        return self._sweep([[(root, 1.0)] for root in roots], self.symbolic)

    def _sweep(self, sweeps: Sequence[Sequence[tuple[Any, Any]]], symbolic: bool) -> list[list[list[Any]]]:
        """A row of derivatives for each list of pairs (root, derivative to start from)."""
        flat = [node for nodes in self.variables for node in nodes]
        some = [[pair for pair in pairs if isinstance(pair[0], Scalar)] for pairs in sweeps]
        if not any(some):
            rows: list[list[Any]] = [[0.0] * len(flat) for _ in some]
        elif symbolic:
            self.made = folded.unfold(self.made)
            rows = reverse.gradients(some, flat, self.made)
        else:
            rows = trace_sweep.sweep_trace(self.made, some, flat)
        if anomaly.watching() and self.outermost:
            names = [f"the derivative with respect to {name!r}" for name in self._variable_names()]
            for given, pairs, row in zip(sweeps, some, rows):
                self._require_finite([root for root, _ in given], row, names, partial(self._again, pairs, flat))
        return [self._by_argument(row) for row in rows]

    def _again(self, pairs: Sequence[tuple[Any, Any]], flat: Sequence[Scalar]) -> list[Any]:
        """A row of derivatives, as nodes."""
        self.made = folded.unfold(self.made)
        seeds = [(root, seed if isinstance(seed, Scalar) else Scalar(seed)) for root, seed in pairs]
        return reverse.gradients([seeds], flat, self.made)[0]

    def weighted(self, roots: Sequence[Any], weights: Sequence[Any], symbolic: bool) -> list[list[Any]]:
        """The derivatives of the weighted sum of the roots, in one sweep."""
        pairs = [(root, w) for root, w in zip(roots, weights) if not (isinstance(w, float) and w == 0)]
        return self._sweep([pairs], symbolic)[0]

    def tangents(self, roots: Sequence[Any], directions: Sequence[Sequence[Any]]) -> list[Any]:
        """The derivative of each root along ``directions``, one direction for each argument."""
        flat = [node for nodes in self.variables for node in nodes]
        if not self.symbolic:
            trace_sweep.refuse_leaks(self.made, flat)
        seeds = [d for ds in directions for d in ds]
        along = forward.tangents(self.made, flat, seeds, roots, self.symbolic)
        if anomaly.watching() and self.outermost:

            def again() -> list[Any]:
                return forward.tangents(self.made, flat, [Scalar(x) for x in seeds], roots)

            self._require_finite(roots, along, ["the derivative along the tangents"] * len(roots), again)
        return along

    def _require_finite(
        self, roots: Sequence[Any], found: Sequence[Any], names: Sequence[str], again: Callable[[], Sequence[Any]]
    ) -> None:
        """Raise `AnomalyError` with an explanation if a root or a derivative is nan or infinite. ``names`` are the
        derivatives' names, and ``again`` computes them as nodes."""
        if not any(map(anomaly.is_bad, (*roots, *found))):
            return
        nodes = [node for some in self.variables for node in some]
        for node, name in zip(nodes, self._variable_names()):
            node.label = name
        inputs = {id(node): node.label for node in nodes}
        about = {"function": full_name(self.f), "arguments": {node.label: node.data for node in nodes}}
        anomaly.require_finite(roots, ["the result"] * len(roots), lambda: roots, inputs, **about)
        anomaly.require_finite(found, names, again, inputs, **about)

    def _variable_names(self) -> list[str]:
        names = []
        for i, nodes in zip(self.argnums, self.variables):
            name = self.names[i]
            names += [name] if len(nodes) == 1 else [f"{name}[{k}]" for k in range(len(nodes))]
        return names

    def _by_argument(self, row: list[Any]) -> list[list[Any]]:
        parts, start = [], 0
        for nodes in self.variables:
            parts.append(row[start : start + len(nodes)])
            start += len(nodes)
        return parts

    def matching(self, tangents: Any) -> list[list[Any]]:
        """The numbers of each tangent, which must match its primal in structure and shape."""
        if len(tangents) != len(self.inputs):
            raise ValueError(
                f"jvp needs one tangent for each primal, got {len(self.inputs)} primals and {len(tangents)} tangents"
            )
        return [tree.match(t, "tangent") for tree, t in zip(self.inputs, tangents)]

    # From nodes back to the structures that the user passed

    def leave(self, x: Any) -> Any:
        """A node as a float, unless nodes stay nodes."""
        return x if self.symbolic or not isinstance(x, Scalar) else x.data

    def leave_tree(self, tree: Any) -> Any:
        """``tree`` with nodes as floats and arrays of nodes as arrays of floats, unless nodes stay nodes."""
        if tree is None or self.symbolic:
            return tree
        from glassgrad.support import pytrees

        leaves, structure = pytrees.tree_flatten(tree)
        for leaf in leaves:
            refuse_without_places(leaf, f"{full_name(self.f)} returned")
        return pytrees.tree_unflatten(structure, [*map(concrete, leaves)])

    def like_arguments(self, slopes: list[list[Any]]) -> Any:
        """The derivatives in the structure of the arguments; a tuple if ``argnums`` is a sequence."""
        parts = [tree.rebuild(part) for tree, part in zip(self.inputs, slopes)]
        return parts[0] if self.single else tuple(parts)

    def jacobian_like(self, result: Tree, rows: list[list[list[Any]]]) -> Any:
        """The derivatives of each number of ``result``, in the structure of the result and of the arguments."""
        per_leaf, start = [], 0
        for shape, size in zip(result.shapes, result.sizes):
            block = rows[start : start + size]
            start += size
            parts = [tree.rebuild_block([row[k] for row in block], shape) for k, tree in enumerate(self.inputs)]
            per_leaf.append(parts[0] if self.single else tuple(parts))
        return result.unflatten(per_leaf)


CO_VARARGS = 4  # The flag of a code object with *args, as in the module inspect, whose import is slow.


def inside_a_trace() -> bool:
    """Whether a trace is running, so that results must stay nodes."""
    return HERE.state().tracing is not None


def _positions(f: Function, args: tuple[Any, ...], argnums: tuple[int, ...]) -> tuple[int, ...]:
    for i in argnums:
        if not -len(args) <= i < len(args):
            raise ValueError(
                f"argnums={i}, but {own_name(f)} was called with {len(args)} positional "
                f"argument{'s' * (len(args) != 1)}, counted from 0"
            )
    positions = tuple([i % len(args) for i in argnums])
    if len(set(positions)) != len(positions):
        raise ValueError(f"argnums={argnums} names the same argument of {own_name(f)} twice")
    return positions


def _parameters(f: Function, count: int) -> list[str]:
    if type(f) is FunctionType and not f.__dict__:  # the usual case: the code object has the signature
        code = f.__code__
        names = list(code.co_varnames[: code.co_argcount])
        rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount :][: bool(code.co_flags & CO_VARARGS)]
    else:
        names, together = parameters(f)
        rest = (together,)
    if len(names) < count:
        names += [f"{rest[0] if rest else 'args'}[{i}]" for i in range(count - len(names))]
    return names[:count]


def name_of(f: Any) -> str:
    """A function's own name, or its class's."""
    return getattr(f, "__name__", None) or type(f).__name__
