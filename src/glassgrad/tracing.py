"""One run of a function on nodes, listed as they are made, and the sweeps over that list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from glassgrad import forward, reverse, scalar
from glassgrad.op import as_float, describe
from glassgrad.scalar import Scalar
from glassgrad.state import HERE, Block, State
from glassgrad.trees import Tree, concrete

__all__ = ["Trace", "inside_a_trace", "name_of"]

Function = Callable[..., Any]


class Trace(Block):
    """One run of a function on nodes. Within the ``with`` block the sweeps may build nodes of their own, which an
    enclosing trace records, too. Nodes that the function makes in threads of its own are recorded as well."""

    __slots__ = (
        "argnums",
        "args",
        "aux",
        "f",
        "has_aux",
        "inputs",
        "kwargs",
        "made",
        "names",
        "result",
        "single",
        "symbolic",
        "variables",
    )  # quicker than a dict, in a class derived from C

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
                    f"argument {self.names[i]!r} of {name_of(f)} is None, which has no derivative: pass a number, or "
                    "say by argnums which argument to differentiate by"
                )
        self.inputs = [Tree(args[i], f"argument {self.names[i]!r} of {name_of(f)}") for i in self.argnums]
        trees = [*self.inputs, Tree(also, "the tangents")] if also else self.inputs
        self.symbolic = inside_a_trace() or any(isinstance(x, Scalar) for tree in trees for x in tree.leaves)
        self.args, self.kwargs, self.has_aux = args, kwargs, has_aux
        self.made: list[Scalar] = []
        self.variables: list[list[Scalar]] = []

    def __enter__(self) -> Trace:
        state = self.inner()
        state.trace()
        self.enter(state)
        try:
            self._run(state)
            if state.tracing.refused is not None:  # in another thread, where it may be lost
                raise state.tracing.refused
        except BaseException:
            if self.symbolic:
                self._release()
            raise
        return self

    def _end(self, state: State, *exc: object) -> None:
        if self.symbolic:
            self._release()
        Block._end(self, state)

    def _release(self) -> None:
        scalar.release([node for nodes in self.variables for node in nodes])

    def _run(self, state: State) -> None:
        for tree, i in zip(self.inputs, self.argnums):
            name = self.names[i]
            label = name if len(tree.leaves) == 1 else None
            self.variables.append([scalar.variable(x, label) for x in tree.leaves])
        args = list(self.args)
        for i, tree, nodes in zip(self.argnums, self.inputs, self.variables):
            args[i] = tree.rebuild_nodes(nodes)
        outer = state.heard
        state.heard = (*outer, self.made.append)
        result = self.f(*args, **self.kwargs)
        state.heard = outer
        self.aux = None
        if self.has_aux:
            if not isinstance(result, (tuple, list)) or len(result) != 2:
                raise TypeError(
                    f"has_aux=True, so {name_of(self.f)} must return (result, aux), but it returned {describe(result)}"
                )
            result, self.aux = result
        self.result = result

    # What became of the result

    def scalar_result(self, user: str) -> Any:
        result = self.result
        if getattr(result, "ndim", None) == 0:
            result = result.item()
        if isinstance(result, Scalar):
            return result
        if isinstance(result, (list, tuple, dict)) or hasattr(result, "ndim"):
            raise TypeError(
                f"{user} needs a function whose result is one number, but {name_of(self.f)} returned "
                f"{describe(result)}; use gg.jacobian, or reduce it (a sum, a mean)"
            )
        return as_float(result, f"{user}: the result of {name_of(self.f)}")

    def gradients(self, roots: Sequence[Any], symbolic: bool | None = None) -> list[list[list[Any]]]:
        """For each root the derivatives by every variable, argument by argument."""
        flat = [node for nodes in self.variables for node in nodes]
        rows = []
        for root in roots:
            if not isinstance(root, Scalar):
                row: list[Any] = [0.0] * len(flat)
            elif self.symbolic if symbolic is None else symbolic:
                row = reverse.gradient(root, flat, self.made)
            else:
                row = scalar.sweep_trace(self.made, root, flat)
            rows.append(self._by_argument(row))
        return rows

    def weighted(self, roots: Sequence[Any], weights: Sequence[Any], symbolic: bool) -> list[list[Any]]:
        """The derivatives of the sum of the roots, each times its weight."""
        totals: list[list[Any]] = [[0.0] * len(nodes) for nodes in self.variables]
        for root, weight in zip(roots, weights):
            if isinstance(weight, float) and weight == 0:
                continue
            (row,) = self.gradients([root], symbolic)
            totals = [
                [_plus(total, reverse.times(weight, slope)) for total, slope in zip(*pair)] for pair in zip(totals, row)
            ]
        return totals

    def tangents(self, roots: Sequence[Any], directions: Sequence[Sequence[Any]]) -> list[Any]:
        flat = [node for nodes in self.variables for node in nodes]
        if not self.symbolic:
            scalar.refuse_leaks(self.made, flat)
        seeds = {id(node): d for node, d in zip(flat, [d for ds in directions for d in ds])}
        found = forward.tangents(self.made, seeds, self.symbolic)
        return [found.get(id(root), 0.0) for root in roots]

    def _by_argument(self, row: list[Any]) -> list[list[Any]]:
        parts, start = [], 0
        for nodes in self.variables:
            parts.append(row[start : start + len(nodes)])
            start += len(nodes)
        return parts

    def matching(self, tangents: Any) -> list[list[Any]]:
        if len(tangents) != len(self.inputs):
            raise ValueError(f"jvp got {len(self.inputs)} primals but {len(tangents)} tangents")
        return [tree.match(t, "tangent") for tree, t in zip(self.inputs, tangents)]

    # From nodes back to what the user gave

    def leave(self, x: Any) -> Any:
        return x if self.symbolic or not isinstance(x, Scalar) else x.data

    def leave_tree(self, tree: Any) -> Any:
        """``tree`` with its nodes as floats and its arrays of nodes as arrays of floats, unless they stay nodes."""
        if tree is None or self.symbolic:
            return tree
        import optree

        return optree.tree_map(concrete, tree)

    def like_arguments(self, slopes: list[list[Any]]) -> Any:
        parts = [tree.rebuild(part) for tree, part in zip(self.inputs, slopes)]
        return parts[0] if self.single else tuple(parts)

    def jacobian_like(self, result: Tree, rows: list[list[list[Any]]]) -> Any:
        per_leaf, start = [], 0
        for shape, size in zip(result.shapes, result.sizes):
            block = rows[start : start + size]
            start += size
            parts = [tree.rebuild_block([row[k] for row in block], shape) for k, tree in enumerate(self.inputs)]
            per_leaf.append(parts[0] if self.single else tuple(parts))
        return result.unflatten(per_leaf)


def inside_a_trace() -> bool:
    """Whether a trace is at work, so that results must stay nodes."""
    return HERE.state().tracing is not None


def _plus(a: Any, b: Any) -> Any:
    return b if isinstance(a, float) and a == 0 else a + b


def _positions(f: Function, args: tuple[Any, ...], argnums: tuple[int, ...]) -> tuple[int, ...]:
    for i in argnums:
        if not -len(args) <= i < len(args):
            raise ValueError(f"argnums={i}, but {name_of(f)} was called with {len(args)} positional arguments")
    positions = tuple([i % len(args) for i in argnums])
    if len(set(positions)) != len(positions):
        raise ValueError(f"argnums={argnums} names an argument of {name_of(f)} twice")
    return positions


def _parameters(f: Function, count: int) -> list[str]:
    import inspect

    try:
        names = [p.name for p in inspect.signature(f).parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else str(i) for i in range(count)]


def name_of(f: Any) -> str:
    return getattr(f, "__name__", None) or type(f).__name__
