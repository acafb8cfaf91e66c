"""NumPy's functions that are linear in their nodes, with plain numbers beside them: each result is a weighted sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.core import functions
from glassgrad.core.arrays.ordering import searchsorted
from glassgrad.core.arrays.wrapping import bare, elements, objects, wrapped
from glassgrad.support.frames import users_line

__all__ = ["FUNCTIONS", "linear"]


def linear(matrix: Any, values: Any) -> Any:
    """The product of a matrix of numbers and a list of nodes; entries that are 0 add nothing."""
    rows = []
    for weights in matrix:
        some = [(w, x) for w, x in zip(weights.tolist(), values) if w != 0.0]
        rows.append(functions.total([x if w == 1.0 else x * w for w, x in some]) if some else 0.0)
    return np.array(rows, dtype=object)


def _plain(x: Any, what: str, cure: str) -> Any:
    """``x``, if it holds plain numbers; otherwise raise TypeError."""
    array = np.asarray(bare(x))
    if array.dtype == object:
        raise TypeError(f"{users_line()}: {what} must be plain numbers, not nodes: {cure}")
    return array


def polyfit(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    """As np.polyfit, which is linear in ``y``; ``x`` and the weights must be plain numbers."""
    if full or cov:
        raise TypeError(f"{users_line()}: np.polyfit of nodes gives the coefficients alone: leave full and cov out")
    at = _plain(x, "the points x of np.polyfit", "solve the normal equations with np.linalg.solve")
    weights = None if w is None else _plain(w, "the weights of np.polyfit", "write the sums out")
    values = objects(y)
    matrix = np.polyfit(at, np.eye(len(at)), deg, rcond, w=weights)
    if values.shape[:1] != at.shape:
        raise TypeError("expected x and y to have same length")
    columns = [linear(matrix, column.tolist()) for column in values.reshape(len(at), -1).T]
    found = np.array(columns, dtype=object).T
    return wrapped(found if values.ndim > 1 else found[:, 0])


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """As np.bincount, whose sums are of nodes; what is counted must be plain integers."""
    places = _plain(x, "the integers of np.bincount", "count with (x == k).sum()")
    found = np.bincount(places, minlength=minlength).astype(object) * 0.0
    np.add.at(found, places, objects(weights))
    return wrapped(found)


def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """As np.histogram, with edges that are plain numbers. The counts have no derivative; sums of weights have one."""
    ready = np.ndim(bins) == 1 and np.asarray(bare(bins)).dtype != object
    if not ready and np.asarray(bare(a)).dtype == object:
        raise TypeError(
            f"{users_line()}: np.histogram of nodes needs edges that are plain numbers: write bins=np.linspace(a, b, n)"
        )
    if not ready and np.ndim(bins):
        _plain(bins, "the edges of np.histogram", "compare with them, and add the comparisons up")
    numbers = elements(objects(a))
    edges = np.asarray(bare(bins)) if ready else np.histogram_bin_edges(np.asarray(a, dtype=float), bins, range)
    places = np.atleast_1d(searchsorted(edges, objects(a).ravel(), "right")) - 1
    found = np.zeros(len(edges) - 1, dtype=int)
    found = found if weights is None else found.astype(object) * 0.0
    shares = [1] * len(numbers) if weights is None else elements(objects(weights))
    for x, place, share in zip(numbers, places.tolist(), shares):
        if place == len(found) and bool(x == edges[-1]):
            place -= 1
        if 0 <= place < len(found):
            found[place] = found[place] + share
    if density:
        return wrapped(found / np.diff(edges) / found.sum()), edges
    return wrapped(found), edges


def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    edges = np.asarray(bare(bins))
    if edges.dtype == object or np.any(np.diff(edges) < 0):
        raise TypeError(f"{users_line()}: np.digitize of nodes needs increasing edges that are plain numbers")
    return searchsorted(edges, x, "left" if right else "right")


FUNCTIONS = {name: globals()[name] for name in ("polyfit", "bincount", "histogram", "digitize")}
