"""Pseudoinverses and least squares, with the implicit rule of Golub and Pereyra (1973), which holds at constant rank.

For P = pinv(A): dP = -P dA P + P P^T dA^T (I - A P) + (I - P A) dA^T P^T P.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from glassgrad.core import functions, ops
from glassgrad.core.arrays.elementwise import pick
from glassgrad.core.arrays.wrapping import objects, wrapped
from glassgrad.core.scalar import Scalar
from glassgrad.linalg import jacobi
from glassgrad.linalg.batches import (
    Matrix,
    Vector,
    each,
    finished,
    lower_triangles,
    matrices,
    numbers,
    numpys,
    of_floats,
    transposed,
)
from glassgrad.linalg.held import tied
from glassgrad.linalg.sources import Family, results
from glassgrad.linalg.spectra import held_product, singular_parts
from glassgrad.linalg.spectral import matrix_rank, svdvals

__all__ = ["lstsq", "pinv"]

EPS = float(np.finfo(float).eps)


def _values(matrix: Any, cutoff: float) -> Any:
    return np.linalg.pinv(matrix, cutoff).ravel()


def _parts(a: Matrix, p: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Return ``P P^T``, ``I - A P``, ``I - P A`` and ``P^T P``."""
    turned_p, turned_a = transposed(p, 0), transposed(a, 0)
    outer = [[functions.dot(x, y) for y in p] for x in p]
    beside = [[float(i == j) - functions.dot(x, y) for j, y in enumerate(turned_p)] for i, x in enumerate(a)]
    within = [[float(i == j) - functions.dot(x, y) for j, y in enumerate(turned_a)] for i, x in enumerate(p)]
    inner = [[functions.dot(x, y) for y in turned_p] for x in turned_p]
    return outer, beside, within, inner


def _slopes(a: Matrix, found: Vector, index: int, cutoff: float) -> Matrix:
    """The partials of one entry of the pseudoinverse."""
    m, n = len(a), len(a[0])
    p = [found[i * m : (i + 1) * m] for i in range(n)]
    k, c = divmod(index, m)
    outer, beside, within, inner = _parts(a, p)
    return [
        [outer[k][j] * beside[i][c] + within[k][j] * inner[i][c] - p[k][i] * p[j][c] for j in range(n)]
        for i in range(m)
    ]


def _by_jacobi(entries: Vector, m: int, n: int, cutoff: float) -> Vector:
    """Return the pseudoinverse row by row, from singular values and vectors."""
    s, u, v = singular_parts(jacobi.svd(entries, m, n), m, n)
    large = [value > cutoff * s[0] for value in s]
    divided = [[pick(more, ops.div(x, value), 0.0) for more, value, x in zip(large, s, row)] for row in u]
    return [functions.dot(row, other) for row in v for other in divided]


@cache
def _family(m: int, n: int, cutoff: float) -> Family:
    unrolled = partial(_by_jacobi, m=m, n=n, cutoff=cutoff) if max(m, n) <= jacobi.LARGEST else None
    return Family("pinv", (m, n), m * n, _values, _slopes, cutoff, unrolled)


def _pinv(a: Matrix, m: int, n: int, cutoff: float) -> Matrix:
    if not m * n:
        return [[] for _ in range(n)]
    found = results(_family(m, n, cutoff), [x for row in a for x in row])
    p = [found[i * m : (i + 1) * m] for i in range(n)]
    outer, beside, within, inner = _parts(a, p)
    turned = transposed(a, n)
    first = _sandwich(p, a, p)
    second, third = _sandwich(outer, turned, beside), _sandwich(within, turned, inner)
    return [[tied(w, y + z - x) for w, x, y, z in zip(*rows)] for rows in zip(p, first, second, third)]


def _sandwich(left: Matrix, a: Matrix, right: Matrix) -> Matrix:
    """Return ``left a right``, with the outer matrices held."""
    half = held_product(left, a)
    return transposed(held_product(transposed(right, 0), transposed(half, 0)), 0)


def _cutoff(given: Any, user: str) -> float:
    if isinstance(given, Scalar) or np.ndim(given):
        raise TypeError(f"{user}: the tolerance must be one plain number, got {given!r}")
    return float(given)


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Return pseudoinverses, as `numpy.linalg.pinv` does.

    Args:
        a: matrices, of shape (..., m, n).
        rcond: singular values up to this fraction of the largest one count as 0. By default 1e-15, as in NumPy.
        hermitian: whether the matrices are symmetric. Then only the lower triangle is read, as in NumPy.
        rtol: another name for ``rcond``, whose default is max(m, n) times the spacing of floats at 1.

    Returns:
        Matrices of shape (..., n, m). The derivative is right where the rank does not change nearby, if the singular
        values that count as 0 are 0, up to rounding. If ``rcond`` cuts off larger ones, it is only an approximation.

    Raises:
        LinAlgError: ``a`` has fewer than two axes.
        ValueError: both tolerances are given.
        TypeError: the tolerance is a node or an array, and ``a`` holds nodes.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.pinv([[x], [0.0]])[0, 0])(2.0)
        -0.25
    """
    if rcond is not None and rtol is not None:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    if plain := numbers(a):
        return numpys.pinv(*plain, **({"rtol": rtol} if rtol is not None else {"rcond": rcond}), hermitian=hermitian)
    array = lower_triangles(a, "pinv") if hermitian else matrices(a, "pinv")
    cutoff = _cutoff(1e-15 if rcond is None and rtol is None else rcond if rtol is None else rtol, "gg.linalg.pinv")
    found = _pseudoinverses(array, cutoff)
    if not array.size:
        return found
    # In the rule, terms that are 0 at full rank have rounding errors that grow with the cube of the condition number. A
    # step of Newton's iteration, which changes nothing else, removes them.
    return found + found @ (np.eye(array.shape[-2]) - wrapped(array) @ found)


def _pseudoinverses(array: Any, cutoff: float) -> Any:
    m, n = array.shape[-2:]
    return wrapped(each(lambda one: _pinv(one, m, n, cutoff), [array], [2], [(n, m)]))


def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """Solve ``a @ x = b`` in the sense of least squares, as `numpy.linalg.lstsq` does.

    Args:
        a: a matrix of shape (m, n).
        b: right sides: of shape (m,) or (m, k).
        rcond: singular values up to this fraction of the largest one count as 0. By default max(m, n) times the spacing
            of floats at 1; -1 stands for that spacing itself. For the derivatives see `pinv`.

    Returns:
        ``(x, residuals, rank, s)``: the solution (the shortest one if there are many); the sums of squares of
        ``b - a @ x``, empty unless the rank is n and m > n; the rank; and the singular values of ``a``. While a
        function is traced for compilation, the rank is a node and is taken to be full for the shape of ``residuals``.

    Raises:
        LinAlgError: ``a`` is not a matrix, or the numbers of rows differ.
        TypeError: ``rcond`` is a node or an array.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> a, b = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 3.0, 5.0])
        >>> gg.grad(lambda b: gg.linalg.lstsq(a, b)[0][1])(b).round(6) + 0.0
        array([-0.5,  0. ,  0.5])
    """
    if plain := numbers(a, b):
        found: tuple[Any, Any, Any, Any] = numpys.lstsq(*plain, rcond=rcond)
        return found
    array, right = matrices(a, "lstsq"), of_floats(objects(b), "lstsq")
    if array.ndim != 2 or right.ndim not in (1, 2):
        raise np.linalg.LinAlgError(
            f"{max(array.ndim, right.ndim)}-dimensional array given. Array must be two-dimensional"
        )
    m, n = array.shape
    if right.shape[0] != m:
        raise np.linalg.LinAlgError("Incompatible dimensions")
    cutoff = _cutoff(EPS * max(m, n) if rcond is None else EPS if rcond == -1 else rcond, "gg.linalg.lstsq")
    matrix, sides = wrapped(array), wrapped(right)
    if min(m, n):
        inverse = _pseudoinverses(array, cutoff)
        x = inverse @ sides
        x = x + inverse @ (sides - matrix @ x)  # a step of refinement
    else:
        x = np.zeros((n, *right.shape[1:]), dtype=object) * 1.0
    s = svdvals(matrix)
    rank = matrix_rank(matrix, rtol=cutoff) if min(m, n) else 0
    full = m > n and (isinstance(rank, Scalar) or int(rank) == n)
    rest = sides - matrix @ x if full else sides
    residuals = np.atleast_1d((rest * rest).sum(axis=0)) if full else np.array([])
    return finished(x, a, b), residuals, rank if isinstance(rank, Scalar) else int(rank), s
