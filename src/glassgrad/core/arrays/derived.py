"""NumPy's functions that are composed of others: sums that skip nan, norms, differences, tests of whole arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core import functions
from glassgrad.core.arrays import choices, elementwise
from glassgrad.core.arrays.choices import NO, deliver
from glassgrad.core.arrays.elementwise import isnan, pick
from glassgrad.core.arrays.wrapping import bare, comparable, objects, truths, wrapped
from glassgrad.support.frames import users_line
from glassgrad.support.late import late

__all__ = ["FUNCTIONS"]

LARGEST = np.finfo(float).max


def _each(function: Any, *arrays: Any) -> Any:
    with np.errstate(all="ignore"):  # a comparison with nan needs no warning
        return np.frompyfunc(function, len(arrays), 1)(*map(objects, arrays))


def _tested(function: Any, *arrays: Any) -> Any:
    return truths(_each(function, *arrays))


# Elementwise


def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    above, below = LARGEST if posinf is None else posinf, -LARGEST if neginf is None else neginf
    found = _each(lambda t: elementwise.nan_to_num(t, nan, above, below), x)
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
    return deliver(_each(elementwise.trunc, x), out)


def sinc(x: Any) -> Any:
    return wrapped(_each(elementwise.sinc, x))


def angle(z: Any, deg: bool = False) -> Any:
    half = 180.0 if deg else math.pi
    return wrapped(_each(lambda t: pick(elementwise.signbit(t), half, 0.0), z))


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


# Sums


def sum_(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, initial: Any = NO, where: Any = NO
) -> Any:  # fmt: skip
    return _summed(np.add, a, axis, dtype, out, keepdims, initial, where)


def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, initial: Any = NO, where: Any = NO
) -> Any:  # fmt: skip
    return _summed(np.multiply, a, axis, dtype, out, keepdims, initial, where)


def _summed(ufunc: Any, a: Any, axis: Any, dtype: Any, out: Any, keepdims: Any, initial: Any, where: Any) -> Any:
    if hasattr(a, "elements"):
        a = a.astype(float)
    empty = isinstance(a, np.ndarray) and not a.size
    if dtype is None and out is None and initial is NO and where is NO and not empty:
        return wrapped(ufunc.reduce(bare(a), axis, keepdims=keepdims is True))
    options = {"initial": initial, "where": where}
    return ufunc.reduce(
        a if isinstance(a, np.ndarray) else wrapped(objects(a)),
        axis,
        dtype,
        out,
        keepdims=False if keepdims is NO else keepdims,
        **{key: x for key, x in options.items() if x is not NO},
    )


def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The number of elements that are not 0; a node while a function is traced."""
    counted = truths(_each(elementwise.truth, a))
    return np.sum(counted, axis=axis, keepdims=keepdims)


def _without_nan(x: Any, instead: float) -> Any:
    return wrapped(_each(lambda t: pick(isnan(t), instead, t), x))


def _counted(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.sum(wrapped(_each(lambda t: pick(isnan(t), 0.0, 1.0), x)), axis=axis, keepdims=keepdims)


def _flag(keepdims: Any) -> bool:
    return keepdims is True


def nansum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, **options: Any) -> Any:
    return np.sum(_without_nan(a, 0.0), axis=axis, out=out, keepdims=_flag(keepdims), **options)


def nanprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, **options: Any) -> Any:
    return np.prod(_without_nan(a, 1.0), axis=axis, out=out, keepdims=_flag(keepdims), **options)


def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumsum(_without_nan(a, 0.0), axis=axis, out=out)


def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumprod(_without_nan(a, 1.0), axis=axis, out=out)


def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO) -> Any:
    flag = _flag(keepdims)
    found = nansum(a, axis, keepdims=flag) / _counted(a, axis, flag)
    return found if out is None else deliver(objects(found), out)


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = NO, **options: Any
) -> Any:
    middle = nanmean(a, axis, keepdims=True)
    square = wrapped(_each(lambda t, far: pick(isnan(t), 0.0, far * far), a, a - middle))
    found = np.sum(square, axis=axis, keepdims=_flag(keepdims)) / (_counted(a, axis, _flag(keepdims)) - ddof)
    return found if out is None else deliver(objects(found), out)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = NO, **options: Any
) -> Any:
    found = np.sqrt(nanvar(a, axis, ddof=ddof, keepdims=keepdims))
    return found if out is None else deliver(objects(found), out)


def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO) -> Any:
    flag = _flag(keepdims)
    found = choices.largest(a, axis, keepdims=flag) - choices.smallest(a, axis, keepdims=flag)
    return found if out is None else deliver(objects(found), out)


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, **weights: Any) -> Any:
    """The covariance matrix of the rows (of the columns if ``rowvar`` is false)."""
    if any(x is not None for key, x in weights.items() if key != "dtype"):
        raise TypeError(f"{users_line()}: np.cov of nodes takes no weights: write the weighted sums out")
    rows = np.atleast_2d(m)
    rows = rows.T if not rowvar and np.ndim(m) > 1 else rows
    if y is not None:
        more = np.atleast_2d(y)
        rows = np.concatenate([rows, more if rowvar or np.ndim(y) < 2 else more.T])
    freedom = rows.shape[1] - (ddof if ddof is not None else 0 if bias else 1)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    return np.squeeze(wrapped(objects(centred @ centred.T / float(freedom))))


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, **options: Any) -> Any:
    together = cov(x, y, rowvar)
    if np.ndim(together) == 0:
        return together / together
    spread = np.sqrt(np.diag(together))
    return np.clip(together / np.outer(spread, spread), -1.0, 1.0)


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


def _linear(matrix: Any, values: Any) -> Any:
    """The product of a matrix of numbers and a list of nodes; entries that are 0 add nothing."""
    rows = []
    for weights in matrix:
        some = [(w, x) for w, x in zip(weights.tolist(), values) if w != 0.0]
        rows.append(functions.total([x if w == 1.0 else x * w for w, x in some]) if some else 0.0)
    return np.array(rows, dtype=object)


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
        rows = [_linear(weights, row.tolist()) for row in moved.reshape(-1, n)]
        found.append(wrapped(np.moveaxis(np.array(rows, dtype=object).reshape(moved.shape), -1, a)))
    return found[0] if len(found) == 1 else tuple(found)


def interp(*args: Any, **kwargs: Any) -> Any:
    return late("glassgrad.core.tables.linear").interp(*args, **kwargs)


# Counts


def histogram(a: Any, bins: Any = 10, *args: Any, **kwargs: Any) -> Any:
    """As np.histogram, with edges that are plain numbers; the counts have no derivative."""
    if np.ndim(bins) == 0 or np.asarray(bare(bins)).dtype == object or args or kwargs:
        raise TypeError(
            f"{users_line()}: np.histogram of nodes needs an array of edges that are plain numbers, and takes no range "
            "and no weights"
        )
    return np.histogram(objects(a), bins)


def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    from glassgrad.core.arrays.ordering import searchsorted

    edges = np.asarray(bare(bins))
    if edges.dtype == object or np.any(np.diff(edges) < 0):
        raise TypeError(f"{users_line()}: np.digitize of nodes needs increasing edges that are plain numbers")
    return searchsorted(edges, x, "left" if right else "right")


FUNCTIONS = {
    "sum": sum_,
    **{
        name: globals()[name]
        for name in (
            "nan_to_num isclose allclose array_equal array_equiv isposinf isneginf isreal iscomplex fix sinc angle "
            "piecewise prod count_nonzero nansum nanprod nancumsum nancumprod nanmean nanvar nanstd ptp cov corrcoef "
            "apply_along_axis apply_over_axes diff gradient interp histogram digitize"
        ).split()
    },
}
