"""Gaussian elimination with row pivoting, without branches, and what follows from it: solve, inv, det, slogdet, lu.

While a function is traced for compilation, the pivot is not known. Then rows are exchanged by ``where``, so that one
program serves all inputs. The row chosen is LAPACK's: the first with the largest entry.

`solve` and `inv` have the implicit rule (see `held`). Its equations are solved with the same factors: the reverse sweep
over the correction solves the transposed equations. Derivatives of determinants pass through the elimination, which
costs what an inverse costs and has no zeros to divide by.
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

from numpy.linalg import LinAlgError

from glassgrad.core import functions, ops
from glassgrad.core.arrays.elementwise import pick
from glassgrad.core.op import IN_SILENCE
from glassgrad.core.scalar import Scalar
from glassgrad.linalg.batches import Matrix, Vector, transposed
from glassgrad.linalg.entries import is_known, is_triangular, is_zero, less_product, multiplied, nan_unless
from glassgrad.linalg.held import held, tied
from glassgrad.linalg.triangular import substituted

__all__ = ["Factors", "determinant", "eliminate", "inverse", "log_determinant", "permuted", "solved"]


class Exchange(NamedTuple):
    """One exchange of rows: that of step ``k``.

    Attributes:
        k: the row that receives the pivot.
        row: the row that the pivot comes from, if it is known.
        larger: otherwise, for each row below, whether its entry is larger than all above it.
        chosen: and whether it is the pivot's.
    """

    k: int
    row: int | None
    larger: tuple[Any, ...] = ()
    chosen: tuple[Any, ...] = ()


class Factors(NamedTuple):
    """``P A = L U``.

    Attributes:
        rows: L below the diagonal, where its ones are left out, and U on and above it.
        reciprocals: 1 / U[k][k].
        exchanges: P, as a sequence of exchanges.
        valid: a factor for solutions (see `nan_unless`).
    """

    rows: Matrix
    reciprocals: Vector
    exchanges: list[Exchange]
    valid: Any


def eliminate(a: Matrix, singular: float | None = None) -> Factors:
    """Factor a matrix.

    Args:
        a: the matrix. It is not changed.
        singular: the divisor in place of a pivot of 0; None if that is an error.

    Raises:
        LinAlgError: a pivot is 0, and ``singular`` is None.
    """
    rows = [list(row) for row in a]
    n = len(rows)
    columns = len(rows[0]) if rows else 0
    reciprocals, exchanges, conditions = [], [], []
    for k in range(min(n, columns)):
        exchange = _pivot([row[k] for row in rows], k)
        exchanges.append(exchange)
        rows = [list(row) for row in zip(*[_exchanged(list(column), exchange) for column in zip(*rows)])]
        pivot = rows[k][k]
        regular = pivot != 0.0
        conditions.append(regular)
        if singular is not None:
            pivot = pick(regular, pivot, singular)
        elif is_known(regular ^ True):
            raise LinAlgError("Singular matrix")
        reciprocal = ops.div(1.0, pivot)
        reciprocals.append(reciprocal)
        for i in range(k + 1, n):
            if is_zero(rows[i][k]):
                continue
            factor = rows[i][k] = ops.div(rows[i][k], pivot)
            for j in range(k + 1, columns):
                rows[i][j] = less_product(rows[i][j], factor, rows[k][j])
    return Factors(rows, reciprocals, exchanges, nan_unless(conditions))


def _pivot(column: Vector, k: int) -> Exchange:
    best = abs(column[k])
    larger: list[Any] = []
    for x in column[k + 1 :]:
        size = abs(x)
        more = False if is_zero(x) else size > best
        best = pick(more, size, best)
        larger.append(more)
    if not any(isinstance(more, Scalar) for more in larger):
        return Exchange(k, max((k + 1 + i for i, more in enumerate(larger) if more), default=k))
    chosen: list[Any] = []
    later: Any = False  # whether a row further down is larger still
    for more in reversed(larger):
        chosen.append(more & (later ^ True))
        later = later | more
    return Exchange(k, None, tuple(larger), tuple(reversed(chosen)))


def _exchanged(column: Vector, exchange: Exchange) -> Vector:
    """Return a column of the rows after an exchange."""
    k, row = exchange.k, exchange.row
    if row is not None:
        column[k], column[row] = column[row], column[k]
        return column
    above = column[k]
    for i, (more, chosen) in enumerate(zip(exchange.larger, exchange.chosen), k + 1):
        column[k], column[i] = _choice(more, column[i], column[k]), _choice(chosen, above, column[i])
    return column


def _choice(condition: Any, a: Any, b: Any) -> Any:
    """Return ``a`` if the condition holds, else ``b``; no choice is made between equal numbers."""
    if a is b or (type(a) is float and type(b) is float and a == b):
        return a
    return pick(condition, a, b)


def permuted(column: Vector, exchanges: list[Exchange]) -> Vector:
    """Return ``P`` times a column."""
    column = list(column)
    for exchange in exchanges:
        column = _exchanged(column, exchange)
    return column


def _substituted(factors: Factors, b: Vector, times: Any) -> Vector:
    """Solve ``L U x = b``; ``times`` multiplies an entry of a factor by an unknown, or is None for plain arithmetic."""
    rows, n = factors.rows, len(b)
    x = list(b)
    for i in range(n):
        for j in range(i):
            x[i] = _minus(x[i], rows[i][j], x[j], times)
    for i in reversed(range(n)):
        for j in range(i + 1, n):
            x[i] = _minus(x[i], rows[i][j], x[j], times)
        x[i] = ops.div(x[i], rows[i][i]) if times is operator.mul else times(factors.reciprocals[i], x[i])
    return multiplied(x, factors.valid)


def _minus(x: Any, a: Any, b: Any, times: Any) -> Any:
    if is_zero(a) or is_zero(b):
        return x
    return x - times(a, b)


def solved(a: Matrix, b: Matrix) -> Matrix:
    """Solve ``A X = B``, where B is a list of rows.

    If all entries of one triangle are the number 0, as in a Cholesky factor, this needs no elimination.

    Raises:
        LinAlgError: a pivot is 0.
    """
    n = len(a)
    for lower in (False, True):
        if is_triangular(a, lower):
            return substituted(a, b, lower, singular="Singular matrix")
    factors = eliminate(a)
    known = not any(isinstance(x, Scalar) for row in a for x in row)
    found = []
    for column in transposed(b, len(b[0]) if b else 0):
        x = _substituted(factors, permuted(column, factors.exchanges), operator.mul)
        found.append(x if known else _with_rule(a, factors, column, x))
    return transposed(found, n)


def _with_rule(a: Matrix, factors: Factors, b: Vector, x: Vector) -> Vector:
    """Return the solution ``x`` with the derivative ``inverse(A) (db - dA x)``."""
    rest = []
    for row, right in zip(a, b):
        for entry, unknown in zip(row, x):
            if isinstance(entry, Scalar) and not is_zero(unknown):
                right = right - held(unknown, entry)
        rest.append(right)
    correction = _substituted(factors, permuted(rest, factors.exchanges), held)
    return [tied(value, change) for value, change in zip(x, correction)]


def inverse(a: Matrix) -> Matrix:
    """Invert a matrix.

    Raises:
        LinAlgError: a pivot is 0.
    """
    n = len(a)
    return solved(a, [[float(i == j) for j in range(n)] for i in range(n)])


def determinant(a: Matrix) -> Any:
    """Return the determinant, up to 3 by 3 by its definition."""
    n = len(a)
    if n == 0:
        return 1.0
    if n == 1:
        return a[0][0]
    if n == 2:
        return _minor(a, 0, 1)
    if n == 3:
        x, y, z = a[0]
        return x * _minor(a[1:], 1, 2) - y * _minor(a[1:], 0, 2) + z * _minor(a[1:], 0, 1)
    factors = eliminate(a, singular=1.0)
    return _sign(factors.exchanges) * functions.prod([factors.rows[k][k] for k in range(n)])


def _minor(rows: Matrix, j: int, k: int) -> Any:
    return rows[0][j] * rows[1][k] - rows[0][k] * rows[1][j]


def _sign(exchanges: list[Exchange]) -> Any:
    """Return the sign of a permutation, 1.0 or -1.0."""
    sign: Any = 1.0
    for one in exchanges:
        if one.row is not None:
            sign = sign if one.row == one.k else -sign
        else:
            some = one.larger[0]
            for more in one.larger[1:]:
                some = some | more
            sign = pick(some, -sign, sign)
    return sign


def log_determinant(a: Matrix) -> tuple[Any, Any]:
    """Return the sign of the determinant, and the logarithm of its size; 0 and -inf if it is 0."""
    factors = eliminate(a, singular=1.0)
    pivots = [factors.rows[k][k] for k in range(len(a))]
    sign = _sign(factors.exchanges)
    for x in pivots:
        sign = sign * ops.sign(x)
    with IN_SILENCE:  # the logarithm of 0 is -inf
        logs = [ops.log(abs(x)) for x in pivots]
    return sign, functions.total(logs)
