"""Eigenvalues and eigenvectors of symmetric matrices, and singular values and vectors, with their implicit rules.

For a symmetric A with eigenvalues w and eigenvectors V let T = V^T dA V. Then dw_k = T_kk, and
dV = V F with F_mk = T_mk / (w_k - w_m) and F_kk = 0. For A = U S V^T with P = U^T dA V, ds_k = P_kk; the rules of U and
V are those of Townsend, *Differentiating the singular value decomposition*, 2016.

Where eigenvalues are equal, the vectors have no derivative, and the rules give inf or nan. The rule of the eigenvalues
contains no difference of eigenvalues, so derivatives of their symmetric functions, such as their sum, are right there.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from glassgrad.core import functions, ops
from glassgrad.core.op import IN_SILENCE
from glassgrad.linalg import jacobi
from glassgrad.linalg.batches import Matrix, Vector, numpys, transposed
from glassgrad.linalg.held import held, tied
from glassgrad.linalg.sources import Family, results

__all__ = ["eigen", "eigenvalues", "held_product", "singular", "singular_parts", "singular_values"]


def _eigh(matrix: Any, triangle: str) -> Any:
    w, v = numpys.eigh(matrix, triangle)  # the signs of the vectors depend on the triangle
    return np.concatenate([w, v.ravel()])


def _eigh_slopes(matrix: Matrix, found: Vector, k: int, triangle: str) -> Matrix:
    """The partials of an eigenvalue, or of an entry of an eigenvector; dA is taken to be symmetric."""
    n = len(matrix)
    w, v = found[:n], [found[n + i * n : n + (i + 1) * n] for i in range(n)]
    if k < n:
        return [[v[i][k] * v[j][k] for j in range(n)] for i in range(n)]
    row, column = divmod(k - n, n)
    weights = [0.0 if m == column else v[row][m] * _reciprocal(w[column] - w[m]) for m in range(n)]
    left = [functions.total([weights[m] * v[i][m] for m in range(n) if m != column]) for i in range(n)]
    return [[left[i] * v[j][column] for j in range(n)] for i in range(n)]


def _sources(a: Matrix, upper: bool, signs: bool) -> tuple[Vector, Matrix]:
    """Return the eigenvalues and eigenvectors; the signs of the vectors are LAPACK's if ``signs``, else any."""
    n = len(a)
    family = _eigh_family(n, signs or n > jacobi.LARGEST, "U" if upper and signs else "L")
    found = results(family, [x for row in a for x in row])
    return found[:n], [found[n + i * n : n + (i + 1) * n] for i in range(n)]


@cache
def _eigh_family(n: int, by_lapack: bool, triangle: str) -> Family:
    unrolled = None if by_lapack else partial(jacobi.eigh, n=n)
    return Family("eigh", (n, n), n + n * n, _eigh, _eigh_slopes, triangle, unrolled)


def _mirrored(a: Matrix, upper: bool) -> Matrix:
    """Return the symmetric matrix whose lower (or upper) triangle is that of ``a``."""
    n = len(a)
    pairs = [[(min(i, j), max(i, j)) for j in range(n)] for i in range(n)]
    return [[a[p][q] if upper else a[q][p] for p, q in row] for row in pairs]


def eigenvalues(a: Matrix, upper: bool = False) -> Vector:
    """Return the eigenvalues in ascending order."""
    a = _mirrored(a, upper)
    w, v = _sources(a, upper, signs=False)
    n = len(a)
    found = []
    for k in range(n):
        terms = [held(v[i][k] * v[j][k] * (1.0 if i == j else 2.0), a[i][j]) for i in range(n) for j in range(i + 1)]
        found.append(tied(w[k], functions.total(terms)))
    return found


def eigen(a: Matrix, upper: bool = False) -> tuple[Vector, Matrix]:
    """Return the eigenvalues in ascending order, and the matrix whose columns are the eigenvectors."""
    a = _mirrored(a, upper)
    n = len(a)
    w, v = _sources(a, upper, signs=True)
    turned = _sandwiched(v, a, v)
    values = [tied(w[k], turned[k][k]) for k in range(n)]
    gaps = [[_reciprocal(w[k] - w[m]) if m != k else 0.0 for k in range(n)] for m in range(n)]
    change = _changed(v, gaps, [[held(x, y) for x, y in zip(*rows)] for rows in zip(gaps, turned)], turned)
    vectors = [[tied(x, y) for x, y in zip(*rows)] for rows in zip(v, change)]
    return values, vectors


def _changed(v: Matrix, gaps: Matrix, spins: Matrix, turned: Matrix) -> Matrix:
    """Return ``v spins``. Where a gap is infinite, its derivative is nan, even if the factor in ``v`` is 0.

    Without that, a held factor of 0 would send nothing, so that the derivative at the identity matrix, say, would be 0.
    """
    n = len(spins)
    undefined = [functions.total([held(0.0 * gaps[m][k], turned[m][k]) for m in range(n) if m != k]) for k in range(n)]
    return [[x + y for x, y in zip(row, undefined)] for row in held_product(v, spins)]


def _reciprocal(x: Any) -> Any:
    """Return 1 / x, which is inf where a derivative does not exist."""
    with IN_SILENCE:
        return ops.div(1.0, x)


def _svd(matrix: Any) -> Any:
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    return np.concatenate([s, u.ravel(), vt.T.ravel()])


def singular_parts(found: Vector, m: int, n: int) -> tuple[Vector, Matrix, Matrix]:
    """Split the results of `_svd` into singular values, and the matrices of left and right vectors."""
    r = min(m, n)
    vectors = found[r:]
    u = [vectors[i * r : (i + 1) * r] for i in range(m)]
    v = [vectors[(m + i) * r : (m + i + 1) * r] for i in range(n)]
    return found[:r], u, v


def _gap(s: Vector, k: int, i: int) -> Any:
    """Return 1 / (s_k^2 - s_i^2)."""
    return _reciprocal((s[k] - s[i]) * (s[k] + s[i]))


def _svd_slopes(matrix: Matrix, found: Vector, k: int) -> Matrix:
    """The partials of a singular value, or of an entry of a vector."""
    m, n = len(matrix), len(matrix[0])
    r = min(m, n)
    s, u, v = singular_parts(found, m, n)
    if k < r:
        return [[u[p][k] * v[q][k] for q in range(n)] for p in range(m)]
    row, column = divmod(k - r, r)
    if row < m:
        return _vector_slopes(s, u, v, row, column)
    return transposed(_vector_slopes(s, v, u, row - m, column), m)


def _vector_slopes(s: Vector, u: Matrix, v: Matrix, row: int, k: int) -> Matrix:
    """The partials of ``u[row][k]`` with respect to the matrix ``u S v^T``."""
    m, n, r = len(u), len(v), len(s)
    weights = [0.0 if i == k else u[row][i] * _gap(s, k, i) for i in range(r)]
    left = [functions.total([weights[i] * s[k] * u[p][i] for i in range(r) if i != k]) for p in range(m)]
    right = [functions.total([weights[i] * s[i] * v[q][i] for i in range(r) if i != k]) for q in range(n)]
    if m > r:
        rest = [float(p == row) - functions.total([u[row][i] * u[p][i] for i in range(r)]) for p in range(m)]
        left = [x + y * _reciprocal(s[k]) for x, y in zip(left, rest)]
    return [[left[p] * v[q][k] + u[p][k] * right[q] for q in range(n)] for p in range(m)]


def _singular_sources(a: Matrix, m: int, n: int, signs: bool) -> tuple[Vector, Matrix, Matrix]:
    family = _svd_family(m, n, signs or max(m, n) > jacobi.LARGEST)
    return singular_parts(results(family, [x for row in a for x in row]), m, n)


@cache
def _svd_family(m: int, n: int, by_lapack: bool) -> Family:
    r = min(m, n)
    unrolled = None if by_lapack else partial(jacobi.svd, m=m, n=n)
    return Family("svd", (m, n), r + (m + n) * r, _svd, _svd_slopes, unrolled=unrolled)


def singular_values(a: Matrix, m: int, n: int) -> Vector:
    """Return the singular values of an m by n matrix in descending order."""
    if not m * n:
        return []
    s, u, v = _singular_sources(a, m, n, signs=False)
    found = []
    for k, value in enumerate(s):
        terms = [held(u[p][k] * v[q][k], a[p][q]) for p in range(m) for q in range(n)]
        found.append(tied(value, functions.total(terms)))
    return found


def singular(a: Matrix, m: int, n: int) -> tuple[Vector, Matrix, Matrix]:
    """Return the singular values of an m by n matrix, and the matrices of the left and right singular vectors."""
    r = min(m, n)
    if not r:
        return [], [[] for _ in range(m)], [[] for _ in range(n)]
    s, u, v = _singular_sources(a, m, n, signs=True)
    turned = _sandwiched(u, a, v)
    values = [tied(value, turned[k][k]) for k, value in enumerate(s)]
    left = _turned(s, u, turned, _times_right(a, v) if m > r else None)
    right = _turned(s, v, transposed(turned, r), _times_right(transposed(a, n), u) if n > r else None)
    return values, left, right


def _turned(s: Vector, u: Matrix, turned: Matrix, along: Matrix | None) -> Matrix:
    """Return the vectors ``u`` with their rule.

    Args:
        s, u: the singular values, and the vectors of one side; ``v`` are those of the other side.
        turned: ``u^T dA v``.
        along: ``dA v`` if ``u`` is not square, and so can leave the space that its columns span.
    """
    r = len(s)
    gaps = [[_gap(s, k, i) if i != k else 0.0 for k in range(r)] for i in range(r)]
    spins = [
        [held(gaps[i][k], held(s[k], turned[i][k]) + held(s[i], turned[k][i])) if i != k else 0.0 for k in range(r)]
        for i in range(r)
    ]
    change = _changed(u, gaps, spins, turned)
    if along is not None:
        inside = held_product(u, turned)
        change = [
            [x + held(_reciprocal(s[k]), y - z) for k, (x, y, z) in enumerate(zip(*rows))]
            for rows in zip(change, along, inside)
        ]
    return [[tied(x, y) for x, y in zip(*rows)] for rows in zip(u, change)]


def _times_right(a: Matrix, v: Matrix) -> Matrix:
    """Return ``a v``, with ``v`` held."""
    return transposed(held_product(transposed(v, 0), transposed(a, 0)), 0)


def held_product(a: Matrix, b: Matrix) -> Matrix:
    """Return the product of ``a``, which is held, and ``b``."""
    columns = transposed(b, len(b[0]) if b else 0)
    return [[functions.total([held(x, y) for x, y in zip(row, column)]) for column in columns] for row in a]


def _sandwiched(u: Matrix, a: Matrix, v: Matrix) -> Matrix:
    """Return ``u^T a v``, with ``u`` and ``v`` held."""
    left = held_product(transposed(u, 0), a)
    return transposed(held_product(transposed(v, 0), transposed(left, 0)), 0)
