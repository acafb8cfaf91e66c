"""`take`: read rows by an integer that is computed or an argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.core import ops, scalar
from glassgrad.core.arrays.wrapping import bare, elements, objects, wrapped
from glassgrad.core.integers import index_of, require_integer
from glassgrad.core.op import as_float, describe, is_number
from glassgrad.core.row_ops import TAKE
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE

__all__ = ["indexed", "take"]


def take(rows: Any, index: Any, axis: int = 0) -> Any:
    """Read a row by its number, which may be an argument of a transformed or compiled function.

    ``rows[i]`` of a list or a NumPy array asks for the value of ``i``, so a compiled function gets a path of its own
    for each value. ``gg.take`` takes no branch: one piece of code serves all values, and lanes of `vmap` may differ.
    The derivative goes to the row that was read. An `Array` indexed by an integer, ``x[i]`` or ``x[:, i]``, does the
    same.

    Args:
        rows: an array of numbers or nodes, of any shape, or nested lists of them.
        index: an integer, a node that is one (an integer argument, or sums and products of integers), or an array of
            these. A negative one counts from the end.
        axis: the axis of ``rows`` that is read along.

    Returns:
        The row: a number, a node or an array. It has the shape of ``rows`` with the shape of ``index`` in place of the
        axis.

    Raises:
        TypeError: the index is not an integer.
        IndexError: there is no such row. Compiled functions return nan instead, as outside the domain of an operation.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> f = gg.jit(lambda table, i: gg.take(table, i) ** 2)
        >>> f(np.array([1.0, 2.0, 3.0]), 2), f(np.array([1.0, 2.0, 3.0]), -3)
        (9.0, 1.0)
        >>> gg.grad(lambda table, i: gg.take(table, i) ** 2)(np.array([1.0, 2.0, 3.0]), 2)
        array([0., 0., 6.])
    """
    array = _array(rows)
    if not isinstance(axis, (int, np.integer)) or not -array.ndim <= axis < array.ndim:
        raise ValueError(f"gg.take: axis must be an axis of the rows, of shape {array.shape}, got {axis!r}")
    return _taken(np.moveaxis(array, axis, 0), index, axis % array.ndim)


def indexed(array: Any, index: Any) -> Any:
    """Return ``array[index]``, an `Array` indexed by nodes: alone, in a tuple, or in an array of them."""
    if isinstance(index, Scalar) or isinstance(index, np.ndarray):
        return take(array, index)
    plain = array.view(np.ndarray)
    if any(isinstance(part, (np.ndarray, list)) for part in index):  # NumPy's rules for several arrays
        return wrapped(plain[tuple([_plain_index(part) for part in index])])
    axes, places, axis = [], [], 0
    used = sum(part is not None and part is not Ellipsis for part in index)
    for part in index:
        if isinstance(part, Scalar):
            axes.append(axis)
            places.append(part)
        if isinstance(part, (Scalar, slice)) or part is None:
            axis += 1
        elif part is Ellipsis:
            axis += plain.ndim - used
    left = plain[tuple([slice(None) if isinstance(part, Scalar) else part for part in index])]
    first = np.moveaxis(left, axes, range(len(axes)))
    sizes = first.shape[: len(axes)]
    place = places[0] if len(axes) == 1 else _joined(places, sizes)
    return _taken(first.reshape(math.prod(sizes), *first.shape[len(axes) :]), place, 0, wraps=len(axes) == 1)


def _array(rows: Any) -> Any:
    if not isinstance(rows, np.ndarray):
        try:
            rows = np.array(rows, dtype=object)
        except ValueError as error:
            raise ValueError(f"gg.take needs rows of equal length: {error}") from None
        if any(isinstance(x, (list, tuple, np.ndarray)) for x in elements(rows)):
            raise ValueError("gg.take needs rows of equal length")
    if not rows.ndim:
        raise TypeError(f"gg.take needs rows to read, an array or a list, got {describe(rows[()])}")
    array = bare(rows)
    if array.dtype.kind != "O":
        return array
    some = elements(array)
    if any(isinstance(x, Scalar) for x in some):
        return objects(array)
    numbers = np.array(some)
    if numbers.dtype.kind not in "fiub":
        as_float(next(x for x in some if not is_number(x)), "gg.take")  # raises
    return numbers.reshape(array.shape)


def _plain_index(part: Any) -> Any:
    if isinstance(part, Scalar):
        return index_of(part)
    if isinstance(part, np.ndarray) and part.dtype == object:
        return np.array([index_of(x) if isinstance(x, Scalar) else x for x in elements(part)]).reshape(part.shape)
    return part


def _joined(places: Sequence[Any], sizes: Sequence[int]) -> Any:
    """Return the place in rows that several axes were joined to. It is -1 if a place is out of range."""
    joined: Any = 0.0
    inside: Any = True
    for place, size in zip(places, sizes):
        require_integer(place, "gg.take")
        if scalar.decider_of(place) is None:
            _is_row(int(scalar.parts_of(place)[2]), size)
        at = _from_start(place, size)
        good = ops.where(at < 0.0, 0.0, at < float(size))
        inside = good if inside is True else ops.where(inside, good, 0.0)
        joined = joined * float(size) + at
    return ops.where(inside, joined, -1.0)


def _from_start(place: Any, count: int) -> Any:
    return ops.where(place < 0.0, place + float(count), place)


def _taken(rows: Any, index: Any, axis: int, wraps: bool = True) -> Any:
    """Return the rows of that index; ``axis`` is where their axis stood. ``rows`` have it first."""
    places = np.asarray(bare(index))
    if places.dtype == object:
        read = _reader(rows, wraps)
        some = [read(place) for place in elements(places)]
    elif places.dtype.kind not in "iub":
        raise TypeError(f"gg.take needs an integer as the index, got {describe(index)}")
    else:
        some = [_row(rows, int(place)) for place in elements(places)]
    rest = rows.shape[1:]
    if not places.ndim and not rest:
        return some[0]
    kinds = [row.dtype if isinstance(row, np.ndarray) else np.dtype(_kind(row)) for row in some]
    found = np.empty((places.size, *rest), dtype=rows.dtype if rows.dtype.kind == "f" else np.result_type(rows, *kinds))
    if any(kind.kind == "O" for kind in kinds):
        found = found.astype(object)
    for k, row in enumerate(some):
        found[k] = row
    found = found.reshape(places.shape + rest)
    return wrapped(np.moveaxis(found, range(places.ndim), range(axis, axis + places.ndim)))


def _kind(x: Any) -> type:
    return object if isinstance(x, Scalar) else type(x)


def _reader(rows: Any, wraps: bool) -> Callable[[Any], Any]:
    """Return the function that reads the row of one place, which may be a node."""

    def read(place: Any) -> Any:
        if not isinstance(place, Scalar):
            if isinstance(place, (int, np.integer)):
                return _row(rows, int(place))
            raise TypeError(f"gg.take needs an integer as the index, got {describe(place)}")
        if wraps:
            require_integer(place, "gg.take")
        if scalar.decider_of(place) is None:
            return _row(rows, int(scalar.parts_of(place)[2]), wraps)
        count = len(rows)
        at = _from_start(place, count) if wraps else place
        columns = rows.reshape(count, -1).T if count else np.empty((math.prod(rows.shape[1:]), 0))
        found = np.empty(len(columns), dtype=object)
        for k, column in enumerate(columns):
            found[k] = TAKE(at, *[x if isinstance(x, Scalar) else float(x) for x in column.tolist()])
        return found.reshape(rows.shape[1:]) if rows.ndim > 1 else found[0]

    return read


def _row(rows: Any, place: int, wraps: bool = True) -> Any:
    count = len(rows)
    if not wraps:
        place = place if 0 <= place < count else count  # negative places were counted from the end before
    if not _is_row(place, count):
        return np.full(rows.shape[1:], math.nan) if rows.ndim > 1 else math.nan
    row = rows[place]
    return row.item() if isinstance(row, np.generic) else row


def _is_row(place: int, count: int) -> bool:
    """Whether there is such a row. If not, raise IndexError, unless `errstate` says that the result is nan."""
    if -count <= place < count:
        return True
    if HERE.state().policy == "nan":
        return False
    bounds = f"the index must be from {-count} to {count - 1}" if count else "there are no rows"
    raise IndexError(f"there is no row {place} among {count}: {bounds}")
