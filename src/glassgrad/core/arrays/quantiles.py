"""Medians, quantiles and percentiles of nodes.

While a function is traced, few elements are sorted without a branch, and nan is a choice (`networks.py`). Otherwise the
order is found as `ordering.py` finds it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.core.arrays.choices import deliver, over_axes
from glassgrad.core.arrays.elementwise import isnan, pick
from glassgrad.core.arrays.networks import is_small, sorted_by_choices
from glassgrad.core.arrays.ordering import any_nan, in_order
from glassgrad.support.frames import users_line

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

Statistic = Callable[[Sequence[Any]], list[Any]]


def _of_sorted(row: list[Any], statistic: Statistic, without_nan: bool, small: bool) -> list[Any]:
    """Apply ``statistic``, which takes a sorted list without nan, to ``row``.

    If there is nan in ``row``, the results are nan, or without those elements if ``without_nan``.
    """
    if small and row:
        return _by_choices(sorted_by_choices(row), statistic, without_nan)
    if any_nan(row):
        if not without_nan:
            return [next(t for t in reversed(row) if isnan(t))] * len(statistic(row))
        row = [t for t in row if not bool(isnan(t))]
    return statistic(in_order(row)) if row else [math.nan] * len(statistic([0.0]))


def _by_choices(ordered: list[Any], statistic: Statistic, without_nan: bool) -> list[Any]:
    """As `_of_sorted`, of a sorted list with nan last, without a branch."""
    if not without_nan:
        last = ordered[-1]
        return [pick(isnan(last), last, found) for found in statistic(ordered)]
    results = [math.nan] * len(statistic(ordered))
    for count in range(1, len(ordered) + 1):  # the results of the first `count`, if these are not nan
        over = isnan(ordered[count - 1])
        results = [pick(over, old, new) for old, new in zip(results, statistic(ordered[:count]))]
    return results


def _is_small(x: Any, axis: Any) -> bool:
    size, shape = np.size(x), np.shape(x)
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return is_small(size, math.prod([shape[a] for a in axes]))


# Quantiles

# The position of the quantile q among n sorted elements, from 0, by Hyndman and Fan (1996), as NumPy numbers them.
POSITIONS: dict[str, Callable[[int, float], float]] = {
    "inverted_cdf": lambda n, q: n * q - 1,
    "averaged_inverted_cdf": lambda n, q: n * q - 1,
    "closest_observation": lambda n, q: n * q - 1 - 0.5,
    "interpolated_inverted_cdf": lambda n, q: n * q + q * 0 - 1,
    "hazen": lambda n, q: _position(n, q, 0.5),
    "weibull": lambda n, q: _position(n, q, 0.0),
    "linear": lambda n, q: (n - 1) * q,
    "median_unbiased": lambda n, q: _position(n, q, 1 / 3.0),
    "normal_unbiased": lambda n, q: _position(n, q, 3 / 8.0),
    "lower": lambda n, q: math.floor((n - 1) * q),
    "higher": lambda n, q: math.ceil((n - 1) * q),
    "midpoint": lambda n, q: 0.5 * (math.floor((n - 1) * q) + math.ceil((n - 1) * q)),
    "nearest": lambda n, q: round((n - 1) * q),
}
# How much of the step to the next element is added, if it is not the fraction of the position.
SHARES: dict[str, Callable[[float, int], float]] = {
    "inverted_cdf": lambda share, below: float(share > 0.0),
    "averaged_inverted_cdf": lambda share, below: 1.0 if share > 0.0 else 0.5,
    "closest_observation": lambda share, below: float(share > 0.0 or below % 2 == 0),
}


def _position(n: int, q: float, alpha: float) -> float:
    return n * q + (alpha + q * (1 - alpha - alpha)) - 1


def _between(xs: Sequence[Any], q: float, method: str) -> Any:
    """The quantile ``q`` of the sorted ``xs``, by NumPy's formula."""
    position = POSITIONS[method](len(xs), q)
    below = math.floor(position)
    share = position - below
    share = SHARES[method](share, below) if method in SHARES else share
    first, second = (min(max(k, 0), len(xs) - 1) for k in (below, below + 1))
    if share == 0.0 or first == second:
        return xs[first]
    if share == 1.0:
        return xs[second]
    step = xs[second] - xs[first]
    return xs[first] + step * share if share < 0.5 else xs[second] - step * (1.0 - share)


def _quantiles(x: Any, q: Any, axis: Any, out: Any, keepdims: Any, method: str, without_nan: bool, name: str) -> Any:
    shares = np.asarray(q, dtype=float)
    if not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"{name} needs values from 0 to {'100' if 'percent' in name else '1'}")
    if method not in POSITIONS:
        raise ValueError(f"{method!r} is not a method of {name}, which are {', '.join(POSITIONS)}")
    columns: list[list[Any]] = []
    small = _is_small(x, axis)

    def statistic(xs: Sequence[Any]) -> list[Any]:
        return [_between(xs, share, method) for share in shares.ravel().tolist()]

    def number(row: list[Any]) -> int:
        columns.append(_of_sorted(row, statistic, without_nan, small))
        return len(columns) - 1

    places = over_axes(number, x, axis, keepdims)
    found = np.empty(shares.size, dtype=object)
    for k in range(shares.size):
        found[k] = np.frompyfunc(lambda i, k=k: columns[i][k], 1, 1)(places)
    if shares.ndim == 0:
        return deliver(found[0], out)
    return deliver(np.array([*found], dtype=object).reshape(*shares.shape, *np.shape(places)), out)


def _without_weights(weights: Any, name: str) -> None:
    if weights is not None:
        raise TypeError(f"{users_line()}: {name} of nodes takes no weights: repeat the elements, or leave weights out")


# Before NumPy 2.4, these functions took `method` by its old name, interpolation, too.
def quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: Any = False, *, weights: Any = None, **old: Any,
) -> Any:  # fmt: skip
    _without_weights(weights, "np.quantile")
    return _quantiles(a, q, axis, out, keepdims, old.get("interpolation") or method, False, "np.quantile")


def nanquantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: Any = False, *, weights: Any = None, **old: Any,
) -> Any:  # fmt: skip
    _without_weights(weights, "np.nanquantile")
    return _quantiles(a, q, axis, out, keepdims, old.get("interpolation") or method, True, "np.nanquantile")


def percentile(a: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
    return quantile(a, np.asarray(q, dtype=float) / 100.0, *args, **kwargs)


def nanpercentile(a: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
    return nanquantile(a, np.asarray(q, dtype=float) / 100.0, *args, **kwargs)


# Medians


def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """The middle element, or the mean of the two in the middle."""
    return _medians(a, axis, out, keepdims, False)


def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    return _medians(a, axis, out, keepdims, True)


def _medians(x: Any, axis: Any, out: Any, keepdims: Any, without_nan: bool) -> Any:
    small = _is_small(x, axis)
    return deliver(over_axes(lambda row: _of_sorted(row, _middle, without_nan, small)[0], x, axis, keepdims), out)


def _middle(ordered: Sequence[Any]) -> list[Any]:
    half = len(ordered) // 2
    return [ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0]
