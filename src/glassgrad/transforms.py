"""Transforms of functions: a function goes in, and one that computes its derivatives comes out.

The function is run once on nodes; what it makes is listed as it is made, and the sweeps run over that list. At the
outermost level they run on floats. Inside another transform, or where an argument is itself a node, they build
nodes, so transforms nest to any order; each call differentiates by nodes of its own, so one call's perturbation is
never taken for another's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import Any

from glassgrad import forward, numeric, reverse, scalar
from glassgrad.op import as_float, describe
from glassgrad.scalar import Scalar

__all__ = ["check_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function = Callable[..., Any]


def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The gradient of ``f``, a function with one number as its result.

    Args:
        f: a function of floats, NumPy arrays, and nested lists, tuples and dicts of them, which it gets as nodes (an
        array as
            an array of nodes).
        argnums: by which positional argument to differentiate, or by which ones.
        has_aux: ``f`` returns ``(result, aux)``; the gradient function then returns ``(gradient, aux)``.

    Returns:
        A function of the same arguments. Its result has the structure of the argument differentiated by: float for
        float, array for array; for a sequence of argnums a tuple of such.

    Raises:
        TypeError: (by the function returned) the result of ``f`` is not one number, or a leaf of an argument is no
        number.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: x ** 3)(2.0)
        12.0
        >>> gg.grad(gg.grad(lambda x: x ** 3))(2.0)
        12.0
        >>> gg.grad(lambda p, x: p["w"] * x + p["b"])({"b": 1.0, "w": 2.0}, 5.0)
        {'b': 1.0, 'w': 5.0}
    """
    return _gradient_function(f, argnums, has_aux, "grad", lambda value, slope: slope)


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """As `grad`, but the function returned gives ``(value, gradient)``; with ``has_aux`` ``((value, aux), gradient)``.

    Example:
        >>> import glassgrad as gg
        >>> gg.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(3.0, 4.0)
        (12.0, (4.0, 3.0))
    """
    return _gradient_function(f, argnums, has_aux, "value_and_grad", lambda value, slope: (value, slope))


def _gradient_function(f: Function, argnums: Any, has_aux: bool, name: str, shape: Function) -> Function:
    _require_function(f, name)
    _require_argnums(argnums, name)

    @_like(f, name)
    def transformed(*args: Any, **kwargs: Any) -> Any:
        with Trace(f, args, kwargs, argnums, has_aux) as trace:
            root = trace.scalar_result(name)
            slopes = trace.gradients([root])[0]
            value, aux = trace.leave(root), trace.leave_tree(trace.aux)
            result = shape(value, trace.like_arguments(slopes))
        if not has_aux:
            return result
        return ((result[0], aux), result[1]) if name == "value_and_grad" else (result, aux)

    return transformed


def jacobian(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The derivatives of every result of ``f`` by every number in its arguments, one reverse sweep a result.

    Args:
        f: a function as for `grad`, but its result may be an array, or a nested structure of numbers and arrays.
        argnums, has_aux: as for `grad`.

    Returns:
        A function of the same arguments. Its result has the structure of the result of ``f``, with each leaf of
        shape ``S`` replaced by the structure of the argument, whose leaves of shape ``T`` become arrays of shape ``S
        + T``.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
        array([[2., 0.],
               [0., 4.]])
    """
    _require_function(f, "jacobian")
    _require_argnums(argnums, "jacobian")

    @_like(f, "jacobian")
    def transformed(*args: Any, **kwargs: Any) -> Any:
        with Trace(f, args, kwargs, argnums, has_aux) as trace:
            result = Tree(trace.result, "the result of " + _name(f), output=True)
            rows = trace.gradients(result.leaves)
            aux = trace.leave_tree(trace.aux)
            jacobians = trace.jacobian_like(result, rows)
        return (jacobians, aux) if has_aux else jacobians

    return transformed


def hessian(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The second derivatives of ``f``, a function with one number as its result: the `jacobian` of its `grad`.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
        array([[10.,  6.],
               [ 6.,  0.]])
    """
    _require_function(f, "hessian")
    return _like(f, "hessian")(jacobian(grad(f, argnums, has_aux), argnums, has_aux))


def jvp(
    f: Function, primals: Sequence[Any] | None = None, tangents: Sequence[Any] | None = None, has_aux: bool = False
) -> Any:
    """The value of ``f`` and its derivative along a direction, in one forward sweep.

    Args:
        f: a function as for `jacobian`.
        primals: its positional arguments, a tuple or list.
        tangents: the direction: the same structure of numbers as ``primals``.
        has_aux: ``f`` returns ``(result, aux)``.

    Returns:
        ``(result, tangent)``, with ``has_aux`` ``(result, tangent, aux)``. Called as ``jvp(f)``: a function of
        ``(primals, tangents)``.

    Raises:
        ValueError: the structures or shapes of primals and tangents differ.

    Example:
        >>> import glassgrad as gg
        >>> gg.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 10.0))
        (12.0, 34.0)
    """
    _require_function(f, "jvp")
    if primals is None:
        return _like(f, "jvp")(lambda primals, tangents: jvp(f, primals, tangents, has_aux))
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError(
            f"jvp takes tuples, jvp(f, (x, ...), (dx, ...)), but got {describe(primals)} and {describe(tangents)}"
        )
    with Trace(f, tuple(primals), {}, tuple(range(len(primals))), has_aux, also=tangents) as trace:
        result = Tree(trace.result, "the result of " + _name(f), output=True)
        directions = trace.matching(tangents)
        along = trace.tangents(result.leaves, directions)
        out = trace.leave_tree(trace.result), result.rebuild(along), trace.leave_tree(trace.aux)
    return out if has_aux else out[:2]


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of ``f`` and its pullback: a function from a derivative by the result to derivatives by the arguments.

    Args:
        f: a function as for `jacobian`.
        primals: its positional arguments.
        has_aux: ``f`` returns ``(result, aux)``.

    Returns:
        ``(result, pullback)``, with ``has_aux`` ``(result, pullback, aux)``. ``pullback(cotangent)``, given the
        structure of the result, returns a tuple with one entry for each of ``primals``. Called as ``vjp(f)``: a
        function of the primals.

    Example:
        >>> import glassgrad as gg
        >>> value, pullback = gg.vjp(lambda x, y: x * y, 3.0, 4.0)
        >>> value, pullback(10.0)
        (12.0, (40.0, 30.0))
    """
    _require_function(f, "vjp")
    if not primals:
        return _like(f, "vjp")(lambda *primals: vjp(f, *primals, has_aux=has_aux))
    with Trace(f, primals, {}, tuple(range(len(primals))), has_aux) as trace:
        result = Tree(trace.result, "the result of " + _name(f), output=True)
        value, aux = trace.leave_tree(trace.result), trace.leave_tree(trace.aux)
    scalar.release([node for nodes in trace.variables for node in nodes])  # the pullback may serve another transform

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        weights = result.match(cotangent, "cotangent")
        symbolic = trace.symbolic or _depth.get() > 0 or any(isinstance(w, Scalar) for w in weights)
        return tuple(trace.like_arguments(trace.weighted(result.leaves, weights, symbolic)))

    return (value, pullback, aux) if has_aux else (value, pullback)


def hvp(f: Function, primals: Any = None, tangents: Any = None) -> Any:
    """The Hessian of ``f`` times a vector, at the cost of a few gradients: a forward sweep over the reverse sweep.

    Args:
        f: a function with one number as its result.
        primals: its positional arguments as a tuple; an argument that is not a tuple may be given as it is.
        tangents: the vector, of the same structure.

    Returns:
        The product, of the structure of the argument; a tuple of such where there are several arguments. Called as
        ``hvp(f)``: a function of ``(primals, tangents)``.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.hvp(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0]), np.array([1.0, 0.0]))
        array([10.,  6.])
    """
    _require_function(f, "hvp")
    if primals is None:
        return _like(f, "hvp")(lambda primals, tangents: hvp(f, primals, tangents))
    if not isinstance(primals, tuple):
        primals, tangents = (primals,), (tangents,)
    which: Any = tuple(range(len(primals))) if len(primals) > 1 else 0
    return jvp(grad(f, which), primals, tangents)[1]


def check_grad(f: Function, *args: Any, **tolerances: Any) -> numeric.GradReport:
    """Compare the gradient of ``f`` at ``args`` with nudges, argument by argument.

    Args:
        f: a function with one number as its result, written so that it runs on floats as well.
        args: where to check: numbers, arrays, nested lists, tuples and dicts.
        tolerances: as for `glassgrad.numeric.compare`.

    Returns:
        A report: true when every derivative agrees; printed, a table of analytic and numeric derivative, their
        difference, and a verdict.

    Example:
        >>> import glassgrad as gg
        >>> bool(gg.check_grad(lambda x, y: x * gg.sin(y), 2.0, 3.0))
        True
    """
    analytic = grad(f, argnums=tuple(range(len(args))))(*args)
    return numeric.compare(analytic, f, *args, **tolerances)


class Trace:
    """One run of a function on nodes. Within the ``with`` block the sweeps may build nodes of their own, which an
    enclosing trace records, too."""

    def __init__(
        self, f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any, has_aux: bool, also: Any = ()
    ) -> None:
        self.f = f
        self.single = isinstance(argnums, int)
        self.argnums = _positions(f, args, (argnums,) if self.single else tuple(argnums))
        self.names = _parameters(f, len(args))
        self.inputs = [Tree(args[i], f"argument {self.names[i]!r} of {_name(f)}") for i in self.argnums]
        trees = [*self.inputs, Tree(also, "the tangents")] if also else self.inputs
        self.symbolic = _depth.get() > 0 or any(isinstance(x, Scalar) for tree in trees for x in tree.leaves)
        self.args, self.kwargs, self.has_aux = args, kwargs, has_aux
        self.made: list[Scalar] = []
        self.variables: list[list[Scalar]] = []

    def __enter__(self) -> Trace:
        self._outer = scalar.listen(None)
        scalar.trace_begins()
        self._token = _depth.set(_depth.get() + 1)
        try:
            self._run()
        except BaseException:
            self.__exit__()
            raise
        scalar.listen(self._outer)
        return self

    def __exit__(self, *exc: object) -> None:
        scalar.listen(self._outer)
        scalar.trace_ends()
        if self.symbolic:
            scalar.release([node for nodes in self.variables for node in nodes])
        _depth.reset(self._token)

    def _run(self) -> None:
        outer = self._outer
        for tree, i in zip(self.inputs, self.argnums):
            name = self.names[i]
            label = name if len(tree.leaves) == 1 else None
            self.variables.append([scalar.variable(x, label) for x in tree.leaves])
        if outer is not None:
            for nodes in self.variables:
                for node in nodes:
                    outer(node)
        made = self.made

        def hook(node: Scalar) -> None:
            made.append(node)
            if outer is not None:
                outer(node)

        args = list(self.args)
        for i, tree, nodes in zip(self.argnums, self.inputs, self.variables):
            args[i] = tree.rebuild_nodes(nodes)
        scalar.listen(hook)
        result = self.f(*args, **self.kwargs)
        self.aux = None
        if self.has_aux:
            if not isinstance(result, (tuple, list)) or len(result) != 2:
                raise TypeError(
                    f"has_aux=True, so {_name(self.f)} must return (result, aux), but it returned {describe(result)}"
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
                f"{user} needs a function whose result is one number, but {_name(self.f)} returned {describe(result)}; "
                "use gg.jacobian, or reduce it (a sum, a mean)"
            )
        return as_float(result, f"{user}: the result of {_name(self.f)}")

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

        return optree.tree_map(_concrete, tree)

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


_depth: ContextVar[int] = ContextVar("glassgrad traces at work", default=0)


class Tree:
    """A pytree of numbers, nodes and arrays, laid out flat: ``leaves`` holds its single numbers and nodes, in order."""

    def __init__(self, tree: Any, what: str, output: bool = False) -> None:
        self.what = what
        self.shapes: list[tuple[int, ...] | None] = []
        self.sizes: list[int] = []
        self.dtypes: list[Any] = []
        self.leaves: list[Any] = []
        if type(tree) is float or isinstance(tree, Scalar):  # the usual case needs no optree
            self.structure = None
            self._add(tree, output)
            return
        import optree

        leaves, self.structure = optree.tree_flatten(tree)
        for leaf in leaves:
            self._add(leaf, output)

    def _add(self, leaf: Any, output: bool) -> None:
        if hasattr(leaf, "ndim") and hasattr(leaf, "__setitem__"):
            elements = leaf.ravel().tolist()
            self.shapes.append(leaf.shape)
            self.dtypes.append(leaf.dtype if leaf.dtype.kind == "f" else None)
        else:  # a number, also one of NumPy's
            elements = [leaf]
            self.shapes.append(None)
            self.dtypes.append(None)
        self.sizes.append(len(elements))
        self.leaves.extend(x if isinstance(x, Scalar) else as_float(x, self.what) for x in elements)

    def unflatten(self, leaves: list[Any]) -> Any:
        if self.structure is None:
            return leaves[0]
        import optree

        return optree.tree_unflatten(self.structure, leaves)

    def rebuild_nodes(self, nodes: list[Any]) -> Any:
        """The tree with ``nodes`` in place of its numbers: arrays become arrays of nodes."""
        leaves, start = [], 0
        for shape, size in zip(self.shapes, self.sizes):
            leaves.append(_array_of_nodes(nodes[start : start + size], shape) if shape else nodes[start])
            start += size
        return self.unflatten(leaves)

    def rebuild(self, values: Sequence[Any]) -> Any:
        """The tree with ``values`` in place of its numbers, floats in arrays of the dtype they had."""
        leaves, start = [], 0
        for shape, size, dtype in zip(self.shapes, self.sizes, self.dtypes):
            leaves.append(_packed(values[start : start + size], shape, dtype))
            start += size
        return self.unflatten(leaves)

    def rebuild_block(self, rows: list[list[Any]], shape: tuple[int, ...] | None) -> Any:
        """The tree with each leaf of shape T an array of shape ``shape`` + T, from one row of values an element."""
        if shape is None:
            return self.rebuild(rows[0])
        leaves, start = [], 0
        for inner, size, dtype in zip(self.shapes, self.sizes, self.dtypes):
            block = [x for row in rows for x in row[start : start + size]]
            leaves.append(_packed(block, shape + (inner or ()), dtype))
            start += size
        return self.unflatten(leaves)

    def match(self, other: Any, name: str) -> list[Any]:
        """The numbers of ``other``, which must have this structure and these shapes."""
        tree = Tree(other, f"the {name} of {self.what}")
        same = tree.structure == self.structure or (_is_leaf(tree.structure) and _is_leaf(self.structure))
        if not same or [shape or () for shape in tree.shapes] != [shape or () for shape in self.shapes]:
            raise ValueError(f"the {name} must have the structure and shape of {self.what}, but got {describe(other)}")
        return tree.leaves


def _is_leaf(structure: Any) -> bool:
    return structure is None or bool(structure.is_leaf())


def _array_of_nodes(nodes: list[Any], shape: tuple[int, ...]) -> Any:
    import numpy as np

    out = np.empty(len(nodes), dtype=object)
    out[:] = nodes
    return out.reshape(shape)


def _packed(values: Sequence[Any], shape: tuple[int, ...] | None, dtype: Any) -> Any:
    if shape is None:
        return values[0]
    if any(isinstance(x, Scalar) for x in values):
        return _array_of_nodes(list(values), shape) if shape else values[0]
    import numpy as np

    return np.array(values, dtype=dtype or float).reshape(shape)


def _concrete(leaf: Any) -> Any:
    if isinstance(leaf, Scalar):
        return leaf.data
    if getattr(getattr(leaf, "dtype", None), "kind", "") == "O":
        from glassgrad.arrays import values

        if all(isinstance(x, (Scalar, float, int)) for x in leaf.ravel()):
            return values(leaf)
    return leaf


def _plus(a: Any, b: Any) -> Any:
    return b if isinstance(a, float) and a == 0 else a + b


def _positions(f: Function, args: tuple[Any, ...], argnums: tuple[int, ...]) -> tuple[int, ...]:
    for i in argnums:
        if not -len(args) <= i < len(args):
            raise ValueError(f"argnums={i}, but {_name(f)} was called with {len(args)} positional arguments")
    positions = tuple([i % len(args) for i in argnums])
    if len(set(positions)) != len(positions):
        raise ValueError(f"argnums={argnums} names an argument of {_name(f)} twice")
    return positions


def _parameters(f: Function, count: int) -> list[str]:
    import inspect

    try:
        names = [p.name for p in inspect.signature(f).parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else str(i) for i in range(count)]


def _require_function(f: Any, name: str) -> None:
    if not callable(f):
        raise TypeError(
            f"{name} takes a function, but got {describe(f)}; did you mean {name}(f)(x) rather than {name}(f(x))?"
        )


def _require_argnums(argnums: Any, name: str) -> None:
    whole = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not whole or not all(type(i) is int for i in whole):
        raise TypeError(f"{name}: argnums is the position of an argument, or a tuple of positions, not {argnums!r}")
    if len(set(whole)) != len(whole):
        raise ValueError(f"{name}: argnums={argnums!r} names an argument twice")


def _like(f: Function, name: str) -> Callable[[Function], Function]:
    def dress(transformed: Function) -> Function:
        try:
            transformed = wraps(f)(transformed)
        except (AttributeError, TypeError):
            pass
        transformed.__name__ = f"{name}_of_{_name(f)}"
        transformed.__doc__ = f"{name} of {_name(f)}. {getattr(f, '__doc__', None) or ''}".rstrip()
        return transformed

    return dress


def _name(f: Any) -> str:
    return getattr(f, "__name__", None) or type(f).__name__
