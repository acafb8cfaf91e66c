"""Choices on arrays of nodes that take no branch: max and min, any and all, where, clip."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.core import functions, ops, scalar
from glassgrad.core.arrays import elementwise
from glassgrad.core.arrays.elementwise import isnan, pick, truth
from glassgrad.core.arrays.wrapping import bare, elements, is_truth, objects, truths, wrapped
from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar

__all__ = [
    "all_",
    "any_",
    "clip",
    "deliver",
    "each",
    "extreme",
    "largest",
    "nanmax",
    "nanmin",
    "over_axes",
    "round_",
    "select",
    "smallest",
    "tree",
    "where",
]

NO = np._NoValue


def over_axes(function: Callable[[list[Any]], Any], x: Any, axis: Any, keepdims: Any = False) -> Any:
    """Apply ``function`` to each list of elements along ``axis`` (an int, a tuple of ints, or None for all axes).

    Returns:
        An array of objects, or a single result if no axis is left.
    """
    array = objects(x)
    axes = tuple(range(array.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple([np.lib.array_utils.normalize_axis_index(int(a), array.ndim) for a in axes])
    rest = [a for a in range(array.ndim) if a not in axes]
    shape = tuple([array.shape[a] for a in rest])
    count = math.prod([array.shape[a] for a in axes])
    rows = array.transpose(*rest, *axes).reshape(math.prod(shape), count)
    found = np.empty(len(rows), dtype=object)
    for i, row in enumerate(rows):
        found[i] = function(row.tolist())
    if keepdims is True:
        return found.reshape([1 if a in axes else n for a, n in enumerate(array.shape)])
    return found.reshape(shape) if shape else found[0]


def each(function: Callable[..., Any], *arrays: Any) -> Any:
    """Apply ``function`` to each element of the arrays, which broadcast: an array of objects, or a single result."""
    with np.errstate(all="ignore"):  # a comparison with nan needs no warning
        return np.frompyfunc(function, len(arrays), 1)(*map(objects, arrays))


def deliver(result: Any, out: Any) -> Any:
    """Return ``result``, stored in the array ``out`` if there is one."""
    if out is None:
        return wrapped(result)
    from glassgrad.core.arrays.ufuncs import target

    target(out, "out=")[...] = result
    return out


def tree(pair: Callable[[Any, Any], Any], xs: Sequence[Any]) -> Any:
    """Combine all of ``xs`` with ``pair``, as a balanced tree, so that the longest path is short."""
    level = list(xs)
    while len(level) > 1:
        odd = level[len(level) & ~1 :]
        level = [*map(pair, level[::2], level[1::2]), *odd]
    return level[0]


# The largest and the smallest


def extreme(xs: Sequence[Any], pair: Op) -> Any:
    """Return the largest of ``xs`` (if ``pair`` is `ops.maximum`) or the smallest (`ops.minimum`); nan if one is nan.

    If several elements tie, they share the gradient evenly, as in JAX, in any order. A tree of pairs would not share it
    evenly among three or more. So the value comes from a tree without gradients, and the gradient from a difference
    that is 0.
    """
    larger = getattr(Scalar, pair.name) if all(isinstance(x, Scalar) for x in xs) else pair  # the method is faster
    if len(xs) < 3:
        return tree(larger, xs)
    if not scalar.is_decided():
        values = [x.data if isinstance(x, Scalar) else float(x) for x in xs]
        if values.count(max(values) if pair is ops.maximum else min(values)) < 3:
            return tree(larger, xs)
    top = ops.detach(tree(larger, xs))
    beyond = ops.less if pair is ops.maximum else ops.greater
    passed = [beyond(x, top) for x in xs]
    scale = 2.0 ** -math.ceil(math.log2(len(xs)))  # a power of two, small enough that no sum overflows
    ties = functions.total([pick(p, 0.0, x * scale) for p, x in zip(passed, xs)])
    share = 1.0 / (scale * (float(len(xs)) - functions.total(passed)))
    nothing = (ops.detach(ties) - ties) * share  # its value is 0; its derivative is minus that of the ties' mean
    return ops.where(elementwise.isfinite(top), top - nothing, ties * share)


def largest(
    x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = True
) -> Any:
    return _reduced(ops.maximum, "maximum", x, axis, out, keepdims, initial, where)


def smallest(
    x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = True
) -> Any:
    return _reduced(ops.minimum, "minimum", x, axis, out, keepdims, initial, where)


def nanmax(
    x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = True
) -> Any:
    return _reduced(ops.maximum, "maximum", x, axis, out, keepdims, initial, where, -math.inf)


def nanmin(
    x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = True
) -> Any:
    return _reduced(ops.minimum, "minimum", x, axis, out, keepdims, initial, where, math.inf)


def _reduced(
    pair: Op, name: str, x: Any, axis: Any, out: Any, keepdims: Any, initial: Any, mask: Any, for_nan: Any = None
) -> Any:
    start = [] if initial is NO or initial is None else [initial]
    if hasattr(x, "elements") and x.size and not start and mask is True:  # the maximum of truths is a truth
        return (any_ if pair is ops.maximum else all_)(x, axis, out, keepdims)
    if mask is not True and mask is not NO:
        if not start:
            raise ValueError(f"np.{name} with where= needs initial=, the result if the mask selects nothing")
        x = where(mask, x, start[0])

    def reduce(row: list[Any]) -> Any:
        if not row and not start:
            raise ValueError(f"zero-size array to reduction operation {name} which has no identity")
        if for_nan is None:
            return extreme(row + start, pair)
        found = extreme([pick(isnan(t), for_nan, t) for t in row] + start, pair)
        return pick(tree(lambda a, b: a & b, [isnan(t) for t in row] + [False] * len(start)), math.nan, found)

    return deliver(over_axes(reduce, x, axis, keepdims), out)


# Any and all


def any_(
    x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, initial: Any = NO, where: Any = True
) -> Any:
    """Whether any element is true; this takes no branch."""
    return _of_truths(lambda a, b: a | b, False, x, axis, out, keepdims, where)


def all_(
    x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, initial: Any = NO, where: Any = True
) -> Any:
    """Whether all elements are true; this takes no branch."""
    return _of_truths(lambda a, b: a & b, True, x, axis, out, keepdims, where)


def _of_truths(
    pair: Callable[[Any, Any], Any], start: bool, x: Any, axis: Any, out: Any, keepdims: Any, mask: Any
) -> Any:
    if mask is not True and mask is not NO:
        x = where(mask, x, start)

    def reduce(row: list[Any]) -> Any:
        return tree(pair, [truth(t) for t in row]) if row else start

    found = truths(over_axes(reduce, x, axis, keepdims))
    if out is None:
        return found
    out[...] = found
    return out


# One of two or more choices


def where(condition: Any, x: Any = NO, y: Any = NO) -> Any:
    """Return ``x`` where the condition holds, else ``y``.

    Without ``x`` and ``y``, return the indices where it holds; this takes a branch for each element."""
    if x is NO and y is NO:
        return np.nonzero(condition)
    if type(condition) is np.ndarray and condition.dtype == bool:  # plain bools, which are known now
        return wrapped(np.where(condition, bare(x), bare(y)))
    conditions, a, b = objects(condition), objects(x), objects(y)
    found = each(lambda c, p, q: pick(truth(c), p, q), conditions, a, b)
    if not isinstance(found, np.ndarray) and not any(map(_has_axes, (condition, x, y))):
        return found
    chosen = np.asarray(found, dtype=object)
    return truths(chosen) if chosen.size and all(map(is_truth, elements(chosen))) else wrapped(chosen)


def _has_axes(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or (hasattr(x, "ndim") and not isinstance(x, Scalar))


def select(conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0.0) -> Any:
    """Return, for each element, the choice of the first condition that holds."""
    if len(conditions) != len(choices):
        raise ValueError("list of cases must be same length as list of conditions")
    found = default
    for condition, choice in zip(reversed(list(conditions)), reversed(list(choices))):
        found = where(condition, choice, found)
    return found


def clip(
    x: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = NO, max: Any = NO, **options: Any
) -> Any:
    """Limit ``x`` to bounds, each of which may be None, with `ops.maximum` and then `ops.minimum`."""
    low = a_min if min is NO else min
    high = a_max if max is NO else max
    found = x
    if low is not None and high is not None:
        found = np.minimum(high, np.maximum(low, found))  # if a bound and x are both 0, the result is x, as in NumPy
    elif low is not None:
        found = np.maximum(found, low)
    elif high is not None:
        found = np.minimum(found, high)
    if low is None and high is None:
        found = np.positive(x)
    return found if out is None else deliver(objects(found), out)


def round_(x: Any, decimals: Any = 0, out: Any = None) -> Any:
    """Round to the given number of decimals; the derivative is 0."""
    digits = int(decimals)
    return deliver(each(lambda t: elementwise.rounded(t, digits), x), out)
