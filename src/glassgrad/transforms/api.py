"""Transforms: each takes a function and returns a function that computes its derivatives.

A call runs the user's function once on nodes, which are listed as they are made. Then sweeps run over that list. At the
outermost level, the sweeps compute floats. Inside another transform, or if an argument is itself a node, they build
nodes, so transforms nest to any order. Each call makes variables of its own, so that one call's perturbation is never
confused with another's.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from types import FunctionType
from typing import Any

from glassgrad.core import trace_sweep
from glassgrad.core.op import admitted, describe
from glassgrad.core.scalar import Scalar
from glassgrad.core.static_values import is_static
from glassgrad.support.naming import innermost, own_name
from glassgrad.transforms import nudges
from glassgrad.transforms.tracing import Function, Result, Trace, inside_a_trace, name_of
from glassgrad.transforms.trees import Tree

__all__ = ["check_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]


def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Return a function that computes the gradient of ``f``, whose result must be one number.

    Args:
        f: a function of floats, NumPy arrays, and nested lists, tuples and dicts of them. It receives nodes in place of
            the numbers, and an `Array` of nodes in place of an array.
        argnums: the position of the argument to differentiate with respect to, counted from 0; or several positions.
        has_aux: whether ``f`` returns ``(result, aux)``. Then the gradient function returns ``(gradient, aux)``.

    Returns:
        A function with the same arguments as ``f``. Its result has the structure of the argument to differentiate with
        respect to: a float for a float, an array of the same shape and dtype for an array of floats. If ``argnums`` is
        a sequence, it is a tuple with one such result for each.

    Raises:
        TypeError: ``f`` is not callable. Or, from the returned function: the result of ``f`` is not one number, or a
            leaf of an argument is not a number.
        ValueError: ``argnums`` is empty, names an argument twice, or (from the returned function) is out of range.
        TracingError: (from the returned function) ``f`` took a value out of the graph, for instance with ``math.sin``.

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
    """Like `grad`, but the function returns ``(value, gradient)``; with ``has_aux``, ``((value, aux), gradient)``.

    This costs no more than the gradient alone. Arguments and errors are as for `grad`.

    Example:
        >>> import glassgrad as gg
        >>> gg.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(3.0, 4.0)
        (12.0, (4.0, 3.0))
    """
    return _gradient_function(f, argnums, has_aux, "value_and_grad", lambda value, slope: (value, slope))


def _gradient_function(f: Function, argnums: Any, has_aux: bool, name: str, shape: Function) -> Function:
    _require_function(f, name)
    argnums = _plain_argnums(argnums, name)

    @_like(f, name, argnums=argnums, has_aux=has_aux)
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
    """Return a function that computes the derivative of every result of ``f`` with respect to every number in its
    arguments, with one reverse sweep for each result.

    Args:
        f: a function as for `grad`, but its result may be an array, or a nested structure of numbers and arrays.
        argnums, has_aux: as for `grad`.

    Returns:
        A function with the same arguments as ``f``. Its result has the structure of the result of ``f``. Each leaf of
        shape ``S`` is replaced by the structure of the argument, whose leaves of shape ``T`` become arrays of shape
        ``S + T``.

    Raises:
        TypeError, ValueError, TracingError: as for `grad`, except that the result may be several numbers.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
        array([[2., 0.],
               [0., 4.]])
    """
    _require_function(f, "jacobian")
    argnums = _plain_argnums(argnums, "jacobian")

    @_like(f, "jacobian", argnums=argnums, has_aux=has_aux)
    def transformed(*args: Any, **kwargs: Any) -> Any:
        with Trace(f, args, kwargs, argnums, has_aux) as trace:
            result = Tree(trace.result, Result(f), output=True)
            rows = trace.gradients(result.leaves)
            aux = trace.leave_tree(trace.aux)
            jacobians = trace.jacobian_like(result, rows)
        return (jacobians, aux) if has_aux else jacobians

    return transformed


def hessian(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Return a function that computes the second derivatives of ``f``, whose result must be one number.

    It is the `jacobian` of the `grad`, with the same arguments and errors. For an argument of shape ``T``, the result
    has shape ``T + T``.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
        array([[10.,  6.],
               [ 6.,  0.]])
    """
    _require_function(f, "hessian")
    slope = _gradient_function(f, argnums, has_aux, "hessian", lambda value, slope: slope)
    return _like(f, "hessian", argnums=argnums, has_aux=has_aux)(jacobian(slope, argnums, has_aux))


def jvp(
    f: Function, primals: Sequence[Any] | None = None, tangents: Sequence[Any] | None = None, has_aux: bool = False
) -> Any:
    """Compute ``f`` and its derivative along a direction, in one forward sweep (a Jacobian-vector product).

    Args:
        f: a function as for `jacobian`.
        primals: its positional arguments, a tuple or list.
        tangents: the direction, with the same structure and shapes as ``primals``.
        has_aux: whether ``f`` returns ``(result, aux)``.

    Returns:
        ``(result, tangent)``, or with ``has_aux`` ``(result, tangent, aux)``. The tangent has the structure of the
        result. ``jvp(f)`` returns a function of ``(primals, tangents)``.

    Raises:
        TypeError: ``f`` is not callable, or ``primals`` or ``tangents`` is not a tuple or list.
        ValueError: the structures or shapes of primals and tangents differ.

    Example:
        >>> import glassgrad as gg
        >>> gg.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 10.0))
        (12.0, 34.0)
    """
    _require_function(f, "jvp")
    if primals is None:
        return _like(f, "jvp", has_aux=has_aux)(lambda primals, tangents: jvp(f, primals, tangents, has_aux))
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError(
            f"jvp needs tuples, jvp(f, (x, ...), (dx, ...)), got {describe(primals)} and {describe(tangents)}"
        )
    with Trace(f, tuple(primals), {}, tuple(range(len(primals))), has_aux, also=tangents) as trace:
        result = Tree(trace.result, Result(f), output=True)
        directions = trace.matching(tangents)
        along = trace.tangents(result.leaves, directions)
        out = trace.leave_tree(trace.result), result.rebuild(along), trace.leave_tree(trace.aux)
    return out if has_aux else out[:2]


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> Any:
    """Compute ``f`` and return its pullback, which computes vector-Jacobian products.

    The pullback takes a derivative with respect to the result and returns derivatives with respect to the arguments.

    Args:
        f: a function as for `jacobian`.
        primals: its positional arguments.
        has_aux: whether ``f`` returns ``(result, aux)``.

    Returns:
        ``(result, pullback)``, or with ``has_aux`` ``(result, pullback, aux)``. ``pullback(cotangent)`` takes a
        structure like the result, and returns a tuple with one entry for each of ``primals``. ``vjp(f)`` returns a
        function of the primals.

    Raises:
        TypeError: ``f`` is not callable, or a leaf of ``primals`` is not a number.
        ValueError: (from the pullback) the structure or shape of the cotangent differs from that of the result.

    Example:
        >>> import glassgrad as gg
        >>> value, pullback = gg.vjp(lambda x, y: x * y, 3.0, 4.0)
        >>> value, pullback(10.0)
        (12.0, (40.0, 30.0))
    """
    _require_function(f, "vjp")
    if not primals:
        return _like(f, "vjp", has_aux=has_aux)(lambda *primals: vjp(f, *primals, has_aux=has_aux))
    with Trace(f, primals, {}, tuple(range(len(primals))), has_aux) as trace:
        result = Tree(trace.result, Result(f), output=True)
        value, aux = trace.leave_tree(trace.result), trace.leave_tree(trace.aux)
    trace_sweep.release([node for nodes in trace.variables for node in nodes])  # another transform may use the pullback

    sweeping = threading.RLock()  # a sweep marks the nodes of the trace, so only one may run at a time

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        weights = result.match(cotangent, "cotangent")
        symbolic = trace.symbolic or inside_a_trace() or any(isinstance(w, Scalar) for w in weights)
        with sweeping:
            return tuple(trace.like_arguments(trace.weighted(result.leaves, weights, symbolic)))

    return (value, pullback, aux) if has_aux else (value, pullback)


def hvp(f: Function, primals: Any = None, tangents: Any = None) -> Any:
    """Compute the Hessian of ``f`` times a vector, with a forward sweep over a reverse sweep.

    This costs as much as a few gradients.

    Args:
        f: a function whose result is one number.
        primals: its positional arguments, a tuple; a single argument that is not a tuple may be passed as it is.
        tangents: the vector, with the same structure and shapes as ``primals``.

    Returns:
        The product, with the structure of the argument; a tuple if there are several arguments. ``hvp(f)`` returns a
        function of ``(primals, tangents)``.

    Raises:
        TypeError: ``f`` is not callable, or its result is not one number.
        ValueError: the structures or shapes of primals and tangents differ.

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


def check_grad(f: Function, *args: Any, **tolerances: Any) -> nudges.GradReport:
    """Check the gradient of ``f`` at ``args`` against finite differences, which move one number at a time.

    Args:
        f: a function whose result is one number, and which also runs on floats.
        args: the point to check: numbers, arrays, nested lists, tuples and dicts.
        tolerances: as for `glassgrad.transforms.nudges.compare`.

    Returns:
        A report that is true if every derivative agrees. Print it to see a table of the derivatives from both methods,
        their differences, and verdicts.

    Raises:
        TypeError, ValueError, TracingError: as for `grad`.

    Example:
        >>> import glassgrad as gg
        >>> bool(gg.check_grad(lambda x, y: x * gg.sin(y), 2.0, 3.0))
        True
    """
    from glassgrad.support import pytrees

    args = pytrees.tree_map(lambda leaf: admitted(leaf, f"an argument of {own_name(f)}"), args)
    numbers = [i for i, x in enumerate(args) if x is not None and (isinstance(x, (bool, int)) or not is_static(x))]
    slopes = dict(zip(numbers, grad(f, argnums=numbers)(*args) if numbers else ()))
    return nudges.compare(tuple([slopes.get(i) for i in range(len(args))]), f, *args, **tolerances)


def _require_function(f: Any, name: str) -> None:
    if not callable(f):
        raise TypeError(
            f"{name} needs a function, got {describe(f)}; did you mean {name}(f)(x) rather than {name}(f(x))?"
        )


def _plain_argnums(argnums: Any, name: str) -> int | tuple[int, ...]:
    """``argnums`` as Python ints; NumPy's integers are converted."""
    if type(argnums) is int:  # the usual case
        return argnums
    several = isinstance(argnums, (tuple, list, range))
    positions = tuple([_position(i, argnums, name) for i in (argnums if several else (argnums,))])
    if not positions:
        raise ValueError(f"{name}: argnums={argnums!r} names no argument: give a position, counted from 0")
    if len(set(positions)) != len(positions):
        raise ValueError(f"{name}: argnums={argnums!r} names an argument twice")
    return positions if several else positions[0]


def _position(i: Any, argnums: Any, name: str) -> int:
    try:
        if not isinstance(i, bool):
            return operator.index(i)
    except TypeError:
        pass
    raise TypeError(
        f"{name}: argnums must be the position of an argument, counted from 0, or a tuple of positions, got {argnums!r}"
    )


def _like(f: Function, name: str, **options: Any) -> Callable[[Function], Function]:
    """Give a transformed function the name, signature and docstring of ``f``, and a recipe by which it can be pickled:
    the transform's name, ``f`` and the options."""

    def dress(transformed: Function) -> Function:
        plain = f if isinstance(f, FunctionType) else innermost(f)
        if isinstance(plain, FunctionType):  # the attributes of other callables are not copied
            transformed.__dict__.update(plain.__dict__)
        try:
            transformed = wraps(f, updated=())(transformed)
        except (AttributeError, TypeError):
            pass
        transformed.__recipe__ = (name, f, options)  # type: ignore[attr-defined]
        transformed.__name__ = f"{name}_of_{name_of(f)}"
        transformed.__doc__ = f"{name} of {name_of(f)}. {getattr(f, '__doc__', None) or ''}".rstrip()
        return transformed

    return dress
