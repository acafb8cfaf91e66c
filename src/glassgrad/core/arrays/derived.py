"""NumPy's functions that are composed of others: tests of whole arrays, differences, norms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core import ops
from glassgrad.core.arrays import choices, elementwise
from glassgrad.core.arrays.choices import NO, deliver, each
from glassgrad.core.arrays.elementwise import isnan, pick
from glassgrad.core.arrays.linear import linear
from glassgrad.core.arrays.wrapping import bare, comparable, objects, truths, wrapped
from glassgrad.support.frames import users_line
from glassgrad.support.late import late

__all__ = ["FUNCTIONS"]

LARGEST = np.finfo(float).max


def _tested(function: Any, *arrays: Any) -> Any:
    return truths(each(function, *arrays))


# Elementwise


def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    above, below = LARGEST if posinf is None else posinf, -LARGEST if neginf is None else neginf
    found = each(lambda t: elementwise.nan_to_num(t, nan, above, below), x)
    if copy:
        return wrapped(found)
    x[...] = found
    return x


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return _tested(lambda p, q: elementwise.isclose(p, q, rtol, atol, equal_nan), a, b)


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return choices.all_(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    if np.shape(a1) != np.shape(a2):
        return False
    same = (lambda p, q: (p == q) | (isnan(p) & isnan(q))) if equal_nan else (lambda p, q: p == q)
    return choices.all_(_tested(same, comparable(a1), comparable(a2)))


def array_equiv(a1: Any, a2: Any) -> Any:
    try:
        np.broadcast_shapes(np.shape(a1), np.shape(a2))
    except ValueError:
        return False
    return choices.all_(_tested(lambda p, q: p == q, comparable(a1), comparable(a2)))


def isposinf(x: Any, out: Any = None) -> Any:
    return deliver(_tested(elementwise.isposinf, x), out)


def isneginf(x: Any, out: Any = None) -> Any:
    return deliver(_tested(elementwise.isneginf, x), out)


def isreal(x: Any) -> Any:
    return np.ones(np.shape(x), dtype=bool) if np.ndim(x) else True


def iscomplex(x: Any) -> Any:
    return np.zeros(np.shape(x), dtype=bool) if np.ndim(x) else False


def fix(x: Any, out: Any = None) -> Any:
    return deliver(each(elementwise.trunc, x), out)


def sinc(x: Any) -> Any:
    return wrapped(each(elementwise.sinc, x))


def angle(z: Any, deg: bool = False) -> Any:
    half = 180.0 if deg else math.pi
    turned = each(lambda t: pick(isnan(t), ops.detach(t), pick(elementwise.signbit(t), half, 0.0)), z)
    return wrapped(turned)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Any:
    """Apply each function to the elements for which its condition holds; the conditions take branches."""
    array = objects(x)
    if not isinstance(condlist, (list, tuple)) or (len(condlist) and np.ndim(condlist[0]) < array.ndim):
        condlist = [condlist]
    masks = [np.broadcast_to(np.asarray(condition, dtype=bool), array.shape) for condition in condlist]
    if len(funclist) == len(masks) + 1:
        masks = [*masks, ~np.logical_or.reduce(masks)]
    if len(funclist) != len(masks):
        raise ValueError(
            f"with {len(masks)} condition(s), either {len(masks)} or {len(masks) + 1} functions are expected"
        )
    found = np.full(array.shape, 0.0, dtype=object)
    for mask, function in zip(masks, funclist):
        if not callable(function):
            found[mask] = bare(function)
        elif mask.any():
            found[mask] = bare(function(wrapped(array[mask]), *args, **kwargs))
    return wrapped(found)


# Along an axis


def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    array = np.moveaxis(wrapped(objects(arr)), axis, -1)
    rows = [objects(func1d(array[index], *args, **kwargs)) for index in np.ndindex(array.shape[:-1])]
    whole = np.stack(rows).reshape(array.shape[:-1] + rows[0].shape)
    ahead, place, more = array.ndim - 1, axis % array.ndim, rows[0].ndim
    return wrapped(np.moveaxis(whole, range(ahead, ahead + more), range(place, place + more)))


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    found = wrapped(objects(a))
    for axis in np.atleast_1d(np.asarray(axes)).tolist():
        result = func(found, axis)
        found = result if np.ndim(result) == np.ndim(found) else np.expand_dims(result, axis)
    return found


# Differences, and functions that are linear in one argument


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NO, append: Any = NO) -> Any:
    """The differences of neighbours; for truths, as for bools, whether neighbours differ."""
    if not hasattr(a, "elements"):
        ends = {} if prepend is NO and append is NO else {"prepend": prepend, "append": append}
        return wrapped(np.diff(bare(a), n, axis, **{key: x if x is NO else objects(x) for key, x in ends.items()}))
    if prepend is not NO or append is not NO:
        raise TypeError(f"{users_line()}: np.diff of a mask takes no prepend or append: use np.concatenate first")
    found = np.moveaxis(a, axis, -1)
    for _ in range(n):
        found = found[..., 1:] != found[..., :-1]
    return np.moveaxis(found, -1, axis)


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """As np.gradient: a weighted sum of the elements, with NumPy's weights; the spacings must be plain numbers."""
    array = objects(f)
    axes = range(array.ndim) if axis is None else [axis] if np.ndim(axis) == 0 else list(axis)
    axes = [a % array.ndim for a in axes]
    spacings = list(varargs) if len(varargs) == len(axes) else list(varargs) * len(axes) or [1.0] * len(axes)
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(f"np.gradient needs one spacing, or one for each of {len(axes)} axes, got {len(varargs)}")
    if any(np.asarray(bare(h)).dtype == object for h in spacings):
        raise TypeError(
            f"{users_line()}: the spacings of np.gradient must be plain numbers, not nodes: write the differences out"
        )
    found = []
    for a, h in zip(axes, spacings):
        n = array.shape[a]
        weights = np.gradient(np.eye(n), h, axis=0, edge_order=edge_order)  # type: ignore[call-overload]
        moved = np.moveaxis(array, a, -1)
        rows = [linear(weights, row.tolist()) for row in moved.reshape(-1, n)]
        found.append(wrapped(np.moveaxis(np.array(rows, dtype=object).reshape(moved.shape), -1, a)))
    return found[0] if len(found) == 1 else tuple(found)


def interp(*args: Any, **kwargs: Any) -> Any:
    return late("glassgrad.core.tables.linear").interp(*args, **kwargs)


# Counts


FUNCTIONS = {
    **{
        name: globals()[name]
        for name in (
            "nan_to_num isclose allclose array_equal array_equiv isposinf isneginf isreal iscomplex fix sinc angle "
            "piecewise apply_along_axis apply_over_axes diff gradient interp"
        ).split()
    },
}
