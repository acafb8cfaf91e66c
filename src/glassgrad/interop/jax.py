"""Functions of glassgrad in JAX's programs: `function` makes a ``jax.custom_vjp`` with a callback of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import update_wrapper
from typing import Any

import numpy as np

from glassgrad.core.op import admitted
from glassgrad.interop.levels import KEPT, Level, Levels
from glassgrad.support.naming import own_name
from glassgrad.support.protocols import belongs_to
from glassgrad.transforms.tracing import Function, name_of

__all__ = ["JaxFunction", "function"]


def function(f: Function) -> JaxFunction:
    """Make a function of JAX's arrays from ``f``. It is compiled by glassgrad, and JAX calls it back.

    It works under ``jax.jit``, ``jax.vmap`` and ``jax.grad``, also repeatedly. JAX's forward mode cannot differentiate
    it (``jax.jvp``, ``jax.hessian``): write ``jax.jacrev(jax.jacrev(f))`` for a Hessian. All computation is in float64.
    The results have JAX's common dtype of the arrays of floats among the arguments.

    Args:
        f: a plain function, as for `glassgrad.jit`. It receives an array of nodes for an array, and a node for a
            number. JAX must know the shapes of the results beforehand. So ``f`` is run once at ones, uncompiled, for
            each structure and shape of its arguments.

    Returns:
        A function with the same arguments. Arrays and numbers may be nested in lists, tuples, dicts and dataclasses.
        Each number and array among the results becomes an array of JAX.

    Raises:
        TypeError: ``f`` is not callable. Or, when called: an array is complex.
        ImportError: (when called) JAX is not installed.

    Example:
        >>> import glassgrad as gg
        >>> energy = gg.interop.jax.function(lambda x: (x * x).sum())
        >>> import jax  # doctest: +SKIP
        >>> jax.grad(energy)(jax.numpy.array([1.0, 2.0]))  # doctest: +SKIP
        Array([2., 4.], dtype=float32)
    """
    return JaxFunction(f)


class JaxFunction:
    """A function of JAX's arrays; see `function`."""

    def __init__(self, f: Function) -> None:
        self._levels = Levels(f, "gg.interop.jax.function")
        self._known: dict[Any, Any] = {}
        self.__name__ = name_of(f)
        update_wrapper(self, f, updated=())

    def __reduce__(self) -> Any:
        return type(self), (self._levels.f,)

    def __repr__(self) -> str:
        return f"<gg.interop.jax.function of {own_name(self._levels.f)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        import jax

        level, leaves, _ = self._levels.level(args, kwargs, _is_of_jax)
        who = f"an argument of {own_name(self._levels.f)}"
        arrays = [jax.numpy.asarray(x if _is_of_jax(x) else admitted(x, who)) for x in leaves]
        if any(jax.numpy.iscomplexobj(x) for x in arrays):
            raise TypeError(f"{who} is a complex array: pass x.real or x.imag")
        floating = [x for x in arrays if jax.numpy.issubdtype(x.dtype, jax.numpy.floating)]
        dtype = jax.numpy.result_type(*floating) if floating else jax.numpy.result_type(float)
        key = level, dtype, tuple([x.shape for x in arrays])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            nested = level.probed(key[2])
            shapes = [_shape_of(jax, x, dtype) for x in nested.numbers]
            found = self._known[key] = nested, _callable(jax, level, shapes, [x.ndim for x in arrays])
        nested, call = found
        return nested.rebuilt(call(*arrays))


def _is_of_jax(x: Any) -> bool:
    return belongs_to(x, "jax", "jaxlib") and hasattr(x, "dtype") and hasattr(x, "shape")


def _shape_of(jax: Any, x: Any, dtype: Any) -> Any:
    """The shape and dtype of a result. Truths and integers keep their kind."""
    kind = np.asarray(x).dtype if not hasattr(x, "elements") else np.dtype(bool)
    if kind.kind in "biu":
        dtype = jax.dtypes.canonicalize_dtype(kind)
    return jax.ShapeDtypeStruct(np.shape(x), dtype)


def _callable(jax: Any, level: Level, shapes: Sequence[Any], axes: Sequence[int]) -> Any:
    """A function of JAX's arrays that calls a level, and that JAX can differentiate by the level's pullback.

    Args:
        jax: the library.
        level: the level.
        shapes: the shape and dtype of each result.
        axes: how many axes each argument has.
    """

    def back(*given: Any) -> tuple[Any, ...]:
        found = _run(level, [np.asarray(x).astype(float) for x in given], axes)
        return tuple([np.asarray(x).astype(shape.dtype) for x, shape in zip(found, shapes)])

    def host(*xs: Any) -> Any:
        return jax.pure_callback(back, tuple(shapes), *xs, vmap_method="expand_dims")

    call: Any = jax.custom_vjp(host)

    def forward(*xs: Any) -> Any:
        return call(*xs), xs

    def backward(xs: Any, cotangents: Any) -> Any:
        float0 = jax.dtypes.float0
        weights = [jax.numpy.zeros(c.shape) if c.dtype == float0 else c for c in cotangents]
        wanted = [k for k, x in enumerate(xs) if jax.numpy.issubdtype(x.dtype, jax.numpy.floating)]
        slopes: list[Any] = [np.zeros(x.shape, float0) for x in xs]
        if wanted:
            alike = [jax.ShapeDtypeStruct(xs[k].shape, xs[k].dtype) for k in wanted]
            given = [*xs, *weights]
            pullback = _callable(jax, level.pullback(wanted, len(xs)), alike, [x.ndim for x in given])
            found = pullback(*given)
            for k, slope in zip(wanted, found):
                slopes[k] = slope
        return tuple(slopes)

    call.defvjp(forward, backward)
    return call


def _run(level: Level, arrays: Sequence[Any], axes: Sequence[int]) -> list[Any]:
    """The results of a level. Under ``jax.vmap`` each array has further axes in front, of the lanes or of length 1."""
    front = [x.shape[: x.ndim - n] for x, n in zip(arrays, axes)]
    batch = np.broadcast_shapes(*front)
    lanes = [math.prod(shape) != 1 for shape in front]
    size = math.prod(batch)
    if not any(lanes):
        single = [x.reshape(x.shape[x.ndim - n :]) for x, n in zip(arrays, axes)]
        return [np.reshape(x, batch + np.shape(x)) for x in level.run(single).numbers]
    flat = []
    for x, n, lane in zip(arrays, axes, lanes):
        inner = x.shape[x.ndim - n :]
        flat.append(np.broadcast_to(x, batch + inner).reshape(size, *inner) if lane else x.reshape(inner))
    return [x.reshape(batch + x.shape[1:]) for x in level.run(flat, lanes).numbers]
