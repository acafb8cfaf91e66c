"""Numbers that LAPACK computes from all entries of a matrix: eigenvalues, singular vectors, pseudoinverses.

Each number is a node of its own, whose operands are the entries. Its value comes from NumPy; compiled code calls back
for it. Its partials follow the implicit rule and contain such nodes again, so derivatives of any order exist. An n
by n result has n^4 partials, which is too many for the usual case, a first derivative. There the results are `tied` to
a correction, whose steps are shared among the results, and the partials here serve for higher derivatives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from glassgrad.core import scalar
from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar
from glassgrad.linalg.batches import Matrix, Vector

__all__ = ["Family", "results"]

KEPT = 4096  # the number of matrices whose results are kept: more than the lanes of one block


class Family(NamedTuple):
    """The results of one function, for matrices of one shape.

    Attributes:
        name: the name in drawings and errors.
        shape: the shape of the matrix.
        size: the number of results.
        values: a function of an array of floats (and the options) that returns all results in a flat array.
        slopes: a function ``slopes(matrix, results, k)`` that returns the partials of result ``k``, in a nested list of
            the shape of the matrix. It works on nodes and floats.
        option: a further argument of ``values`` and ``slopes``, or None.
        unrolled: a function of the entries that computes the results in scalar operations without branches, which
            compiled code contains; or None: then compiled code calls ``values``.
    """

    name: str
    shape: tuple[int, int]
    size: int
    values: Callable[..., Any]
    slopes: Callable[..., Matrix]
    option: Any = None
    unrolled: Callable[[Vector], Vector] | None = None

    def evaluate(self, matrix: Any) -> Any:
        """Return all results for an array of floats: nan if one of them is not finite, which LAPACK may refuse."""
        if not np.isfinite(matrix).all():
            return np.full(self.size, np.nan)
        return self.values(matrix, *self._options())

    def partials(self, matrix: Matrix, found: Vector, k: int) -> Vector:
        return [x for row in self.slopes(matrix, found, k, *self._options()) for x in row]

    def _options(self) -> tuple[Any, ...]:
        return () if self.option is None else (self.option,)


class Entry(Op):
    """The operation of one number among the results of a `Family`."""

    opaque = True  # compiled code calls it
    outside: Any = None

    def __init__(self, family: Family, k: int) -> None:
        self.family, self.k = family, k
        self.function = self._value
        count = family.shape[0] * family.shape[1]
        super().__init__(
            family.name, value=self._value, partials=[_rule(family, k, i) for i in range(count)], slow=True
        )

    def __reduce__(self) -> Any:
        return _entry, (self.family, self.k)

    def _value(self, *numbers: float) -> float:
        found: float = _known_results(self.family, numbers)[self.k]
        return found


class Unrolled(Op):
    """The operation of one result that scalar operations have computed: its first operand. The others are the entries
    of the matrix. The first counts as a constant, so derivatives are by the implicit rule."""

    holds = True
    opaque = False
    outside: Any = None

    def __init__(self, family: Family, k: int) -> None:
        self.family, self.k = family, k
        self.function = _first
        rules = [_behind(rule) for rule in _entry(family, k).partials or ()]
        super().__init__(family.name, value=_first, partials=[lambda *_: 0.0, *rules], selects=True, slow=True)

    def __reduce__(self) -> Any:
        return _unrolled, (self.family, self.k)


def _first(value: Any, *entries: Any) -> Any:
    return value


def _behind(rule: Any) -> Callable[..., Any]:
    return lambda y, value, *entries: rule(y, *entries)


@cache
def _unrolled(family: Family, k: int) -> Unrolled:
    return Unrolled(family, k)


@cache
def _entry(family: Family, k: int) -> Entry:
    return Entry(family, k)


def results(family: Family, entries: Vector) -> Vector:
    """Return all results for the entries of a matrix, row by row: nodes, or floats if no entry is a node."""
    if not any(isinstance(x, Scalar) for x in entries):
        return list(_known_results(family, tuple(entries)))
    if family.unrolled is not None and scalar.is_decided():
        values = family.unrolled(entries)
        return [_unrolled(family, k)(x, *entries) for k, x in enumerate(values)]
    return [_entry(family, k)(*entries) for k in range(family.size)]


_known: dict[tuple[Any, ...], Vector] = {}


def _known_results(family: Family, numbers: tuple[float, ...]) -> Vector:
    """Return all results at ``numbers``. They are kept, because each of them is asked for separately."""
    key = (family, *numbers)
    found = _known.get(key)
    if found is None:
        found = family.evaluate(np.array(numbers, dtype=float).reshape(family.shape)).tolist()
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = found
    return found


class _Last(threading.local):
    """The partials at the matrix that was asked for last, for the other results and entries of the same matrix."""

    key: Any = None
    args: tuple[Any, ...] = ()
    found: Vector
    partials: dict[int, Vector]


_last = _Last()


def _rule(family: Family, k: int, i: int) -> Callable[..., Any]:
    def rule(y: Any, *args: Any) -> Any:
        symbolic = any(isinstance(x, Scalar) for x in args)
        key = family, tuple(map(id, args)) if symbolic else args
        if _last.key != key:
            _last.key, _last.args = key, args  # the arguments are kept, so that their ids stay the same
            _last.found, _last.partials = results(family, list(args)), {}
        if k not in _last.partials:
            rows, columns = family.shape
            matrix = [list(args[r * columns : (r + 1) * columns]) for r in range(rows)]
            _last.partials[k] = family.partials(matrix, _last.found, k)
        return _last.partials[k][i]

    return rule
