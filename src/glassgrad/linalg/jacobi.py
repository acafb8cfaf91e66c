"""Jacobi's method for eigenvalues and singular values of small matrices, with a fixed number of rotations.

Compiled code contains it in place of a call of LAPACK. The signs of its vectors are not LAPACK's, so they serve only
where signs cancel: in the derivatives of the values. Rotations take no branch. Each sweep over all pairs squares what
is left beside the diagonal, once that is small; see Golub and Van Loan, *Matrix Computations*, sections 8.5 and 8.6.3.
"""

from __future__ import annotations

import math
from typing import Any

from glassgrad.core import functions, ops
from glassgrad.core.arrays.choices import tree
from glassgrad.core.arrays.elementwise import pick
from glassgrad.linalg.batches import Matrix, Vector, transposed

__all__ = ["LARGEST", "eigh", "svd"]

LARGEST = 8
# For each size, the most sweeps that 12,000 matrices needed (random, graded, of whole numbers, with equal or clustered
# eigenvalues) until all that was left beside the diagonal was rounding errors.
SWEEPS = {2: 2, 3: 5, 4: 6, 5: 7, 6: 8, 7: 9, 8: 10}
NEGLIGIBLE = 2.0**-104


def _scale(entries: Vector) -> Any:
    """Return the largest size of ``entries``: 1 if all are 0, nan if one is not finite."""
    size = tree(ops.maximum, [abs(x) for x in entries])
    return pick(size < math.inf, pick(size > 0.0, size, 1.0), math.nan)


def _rotation(first: Any, second: Any, beside: Any) -> tuple[Any, Any, Any]:
    """Return the tangent, cosine and sine of the smaller angle whose rotation makes a symmetric 2 by 2 matrix diagonal.

    If the entry beside the diagonal is a rounding error, there is no rotation: where eigenvalues are equal, its angle
    could be large, and the sweeps would not converge.
    """
    gap = second - first
    twice = pick(beside * beside <= NEGLIGIBLE * abs(first * second), 0.0, 2.0 * beside)
    size = ops.sqrt(gap * gap + twice * twice)
    sum_ = gap + pick(gap < 0.0, -size, size)
    tangent = ops.div(twice, pick(sum_ == 0.0, 1.0, sum_))
    cosine = ops.div(1.0, ops.sqrt(1.0 + tangent * tangent))
    return tangent, cosine, tangent * cosine


def _turn(left: Vector, right: Vector, cosine: Any, sine: Any) -> tuple[Vector, Vector]:
    """Return two columns after a rotation."""
    pairs = list(zip(left, right))
    return [cosine * x - sine * y for x, y in pairs], [sine * x + cosine * y for x, y in pairs]


def _pairs(n: int) -> list[tuple[int, int]]:
    return [(p, q) for p in range(n) for q in range(p + 1, n)] * SWEEPS.get(n, 0)


def _unit(n: int) -> Matrix:
    return [[float(i == j) for j in range(n)] for i in range(n)]


def eigh(entries: Vector, n: int) -> Vector:
    """Return the eigenvalues of a symmetric matrix in ascending order, and its eigenvectors row by row."""
    scale = _scale(entries)
    a = [[ops.div(x, scale) for x in entries[i * n : (i + 1) * n]] for i in range(n)]
    vectors = _unit(n)  # each in a row
    for p, q in _pairs(n):
        beside = a[p][q]
        tangent, cosine, sine = _rotation(a[p][p], a[q][q], beside)
        a[p][p], a[q][q] = a[p][p] - tangent * beside, a[q][q] + tangent * beside
        a[p][q] = a[q][p] = 0.0
        rest = [k for k in range(n) if k not in (p, q)]
        turned = _turn([a[k][p] for k in rest], [a[k][q] for k in rest], cosine, sine)
        for k, x, y in zip(rest, *turned):
            a[k][p] = a[p][k] = x
            a[k][q] = a[q][k] = y
        vectors[p], vectors[q] = _turn(vectors[p], vectors[q], cosine, sine)
    rows = _sorted([[a[k][k] * scale, *vectors[k]] for k in range(n)])
    return [row[0] for row in rows] + [x for column in zip(*[row[1:] for row in rows]) for x in column]


def svd(entries: Vector, m: int, n: int) -> Vector:
    """Return the singular values in descending order, and the left and right singular vectors row by row.

    Where a singular value is 0, the vector on the longer side is 0.
    """
    wide = m < n
    rows = [entries[i * n : (i + 1) * n] for i in range(m)]
    scale = _scale(entries)
    columns = [[ops.div(x, scale) for x in column] for column in (rows if wide else transposed(rows, n))]
    r = len(columns)
    vectors = _unit(r)
    for p, q in _pairs(r):
        left, right = columns[p], columns[q]
        products = [functions.dot(x, y) for x, y in ((left, left), (right, right), (left, right))]
        _, cosine, sine = _rotation(*products)
        columns[p], columns[q] = _turn(left, right, cosine, sine)
        vectors[p], vectors[q] = _turn(vectors[p], vectors[q], cosine, sine)
    sizes = [functions.norm(column) for column in columns]
    found = _sorted([[-size, *column, *row] for size, column, row in zip(sizes, columns, vectors)])
    values = [-row[0] for row in found]
    length = max(m, n)
    divisors = [pick(size == 0.0, 1.0, size) for size in values]
    long = [[ops.div(x, size) for x in row[1 : 1 + length]] for size, row in zip(divisors, found)]
    short = [row[1 + length :] for row in found]
    u, v = (short, long) if wide else (long, short)
    flat = [x for side in (u, v) for column in zip(*side) for x in column]
    return [size * scale for size in values] + flat


def _sorted(rows: Matrix) -> Matrix:
    """Sort rows by their first entries, by exchanges of neighbours without branches."""
    rows = list(rows)
    for start in range(len(rows)):
        for i in range(start % 2, len(rows) - 1, 2):
            first, second = rows[i], rows[i + 1]
            swap = second[0] < first[0]
            rows[i] = [pick(swap, y, x) for x, y in zip(first, second)]
            rows[i + 1] = [pick(swap, x, y) for x, y in zip(first, second)]
    return rows
