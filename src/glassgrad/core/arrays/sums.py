"""Sums and products of nodes, and statistics made of them: means, variances, covariances, with and without nan."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassgrad.core.arrays import choices, elementwise
from glassgrad.core.arrays.choices import NO, deliver, each
from glassgrad.core.arrays.elementwise import isnan, pick
from glassgrad.core.arrays.ufuncs import float64_only
from glassgrad.core.arrays.wrapping import bare, objects, truths, wrapped
from glassgrad.core.scalar import Scalar
from glassgrad.support.frames import users_line

__all__ = ["FUNCTIONS"]


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
    counted = truths(each(elementwise.truth, a))
    return np.sum(counted, axis=axis, keepdims=keepdims)


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NO
) -> Any:  # fmt: skip
    array = wrapped(objects(a))
    if weights is not None:
        counted = np.broadcast_to(wrapped(objects(_along_axis(weights, array.shape, axis))), array.shape)
        total = np.sum(counted, axis=axis, keepdims=keepdims)
        if np.asarray(bare(weights)).dtype != object and np.any(np.equal(total, 0.0)):
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        found = np.sum(array * counted, axis=axis, keepdims=keepdims) / total
    else:
        found = np.mean(array, axis=axis, keepdims=keepdims is True)
        total = np.full(np.shape(found), array.size / max(np.size(found), 1))
    return (found, total if np.ndim(found) else np.asarray(total).item()) if returned else found


def _along_axis(weights: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """The weights of the axes ``axis``, shaped so that they broadcast to ``shape``."""
    if np.shape(weights) == shape:
        return weights
    if axis is None:
        raise TypeError("np.average needs an axis when shapes of a and weights differ")
    axes = [int(k) % len(shape) for k in (axis if isinstance(axis, tuple) else (axis,))]
    if np.shape(weights) != tuple([shape[k] for k in axes]):
        raise ValueError("np.average needs weights of the shape of a along the axis")
    order = np.argsort(axes)
    return np.transpose(objects(weights), order).reshape([n if k in axes else 1 for k, n in enumerate(shape)])


# Without nan


def _flag(keepdims: Any) -> bool:
    return keepdims is True


def _masked(x: Any, mask: Any) -> Any:
    """``x`` with nan where the mask does not hold, so that functions that skip nan skip it."""
    return x if mask is NO or mask is True else choices.where(mask, x, np.nan)


def _without_nan(x: Any, instead: float, mask: Any = NO) -> Any:
    return wrapped(each(lambda t: pick(isnan(t), instead, t), _masked(x, mask)))


def _counted(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.sum(wrapped(each(lambda t: pick(isnan(t), 0.0, 1.0), x)), axis=axis, keepdims=keepdims)


def _shared(total: Any, count: Any) -> Any:
    """``total / count``, nan where the count is not above 0."""

    def share(t: Any, n: Any) -> Any:
        if isinstance(n, Scalar):
            return pick(n > 0.0, t / n, math.nan)
        return t / n if n > 0 else math.nan

    return wrapped(each(share, total, count))


def nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, initial: Any = NO, where: Any = NO
) -> Any:  # fmt: skip
    return sum_(_without_nan(a, 0.0, where), axis, dtype, out, keepdims, initial)


def nanprod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, initial: Any = NO, where: Any = NO
) -> Any:  # fmt: skip
    return prod(_without_nan(a, 1.0, where), axis, dtype, out, keepdims, initial)


def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumsum(_without_nan(a, 0.0), axis=axis, dtype=dtype, out=out)


def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumprod(_without_nan(a, 1.0), axis=axis, dtype=dtype, out=out)


def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO, *, where: Any = NO
) -> Any:  # fmt: skip
    float64_only({"dtype": dtype}, "np.nanmean")
    flag, some = _flag(keepdims), _masked(a, where)
    found = _shared(nansum(some, axis, keepdims=flag), _counted(some, axis, flag))
    return found if out is None else deliver(objects(found), out)


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = NO, *,
    where: Any = NO, mean: Any = NO, correction: Any = NO,
) -> Any:  # fmt: skip
    float64_only({"dtype": dtype}, "np.nanvar")
    some = _masked(a, where)
    middle = nanmean(some, axis, keepdims=True) if mean is NO else mean
    square = wrapped(each(lambda t, far: pick(isnan(t), 0.0, far * far), some, wrapped(objects(some)) - middle))
    freedom = _counted(some, axis, _flag(keepdims)) - (ddof if correction is NO else correction)
    found = _shared(np.sum(square, axis=axis, keepdims=_flag(keepdims)), freedom)
    return found if out is None else deliver(objects(found), out)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = NO, **options: Any
) -> Any:  # fmt: skip
    found = np.sqrt(nanvar(a, axis, dtype, None, ddof, keepdims, **options))
    return found if out is None else deliver(objects(found), out)


# Spread


def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO) -> Any:
    flag = _flag(keepdims)
    found = choices.largest(a, axis, keepdims=flag) - choices.smallest(a, axis, keepdims=flag)
    return found if out is None else deliver(objects(found), out)


def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """The covariance matrix of the rows (of the columns if ``rowvar`` is false); the weights must be plain numbers."""
    float64_only({"dtype": dtype}, "np.cov")
    rows = np.atleast_2d(m)
    rows = rows.T if not rowvar and np.ndim(m) > 1 else rows
    if y is not None:
        more = np.atleast_2d(y)
        rows = np.concatenate([rows, more if rowvar or np.ndim(y) < 2 else more.T])
    taken = ddof if ddof is not None else 0 if bias else 1
    if fweights is None and aweights is None:
        centred = rows - np.mean(rows, axis=1, keepdims=True)
        return np.squeeze(wrapped(objects(centred @ centred.T / float(rows.shape[1] - taken))))
    counts, weights = _weights(fweights, "fweights", rows.shape[1]), _weights(aweights, "aweights", rows.shape[1])
    both = counts * weights
    total = both.sum()
    freedom = total - (taken if aweights is None else taken * (both * weights).sum() / total)
    centred = rows - average(rows, 1, both, keepdims=True)
    return np.squeeze(wrapped(objects(centred @ (centred * both).T / float(freedom))))


def _weights(given: Any, name: str, length: int) -> Any:
    weights = np.ones(length) if given is None else np.asarray(bare(given))
    if weights.dtype == object:
        raise TypeError(f"{users_line()}: the {name} of np.cov must be plain numbers, not nodes: write the sums out")
    if weights.shape != (length,) or np.any(weights < 0):
        raise ValueError(f"the {name} of np.cov must be {length} numbers of 0 or more, got {given!r}")
    return weights.astype(float)


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    together = cov(x, y, rowvar, dtype=dtype)
    if np.ndim(together) == 0:
        return together / together
    spread = np.sqrt(np.diag(together))
    return np.clip(together / np.outer(spread, spread), -1.0, 1.0)


FUNCTIONS = {
    "sum": sum_,
    **{
        name: globals()[name]
        for name in (
            "prod count_nonzero average nansum nanprod nancumsum nancumprod nanmean nanvar nanstd ptp cov corrcoef"
        ).split()
    },
}
