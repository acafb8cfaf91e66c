"""Powers and the exponential of matrices."""

from __future__ import annotations

import math
import operator
from typing import Any

from glassgrad.core import functions, ops
from glassgrad.core.arrays.elementwise import pick
from glassgrad.core.scalar import Scalar
from glassgrad.linalg.batches import Matrix, each, finished, numbers, numpys, square, transposed
from glassgrad.linalg.elimination import inverse, solved

__all__ = ["expm", "matrix_power"]

# Higham, "The scaling and squaring method for the matrix exponential revisited", 2005: the Pade approximant of degree
# 13 is accurate up to the 1-norm THETA. Larger matrices are halved until they are below.
THETA = 5.371920351148152
PADE = [
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
    10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
]  # fmt: skip
SQUARINGS = 16  # As in JAX, traced code gives nan for matrices that need more.


def matrix_power(a: Any, n: Any) -> Any:
    """Return the n-th power of matrices, as `numpy.linalg.matrix_power` does.

    Args:
        a: matrices, of shape (..., k, k).
        n: an integer. A negative one stands for a power of the inverse.

    Raises:
        LinAlgError: a matrix is not square, or is singular and n is negative (compiled code then gives nan).
        TypeError: n is not an integer.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.matrix_power([[x, 1.0], [0.0, 1.0]], 3)[0, 0])(2.0)
        12.0
    """
    if plain := numbers(a):
        return numpys.matrix_power(*plain, n)
    try:
        count = operator.index(n)
    except TypeError:
        raise TypeError("exponent must be an integer") from None
    array = square(a, "matrix_power")
    return finished(each(lambda one: _power(one, count), [array], [2], [array.shape[-2:]]), a)


def _power(a: Matrix, n: int) -> Matrix:
    if n < 0:
        a, n = inverse(a), -n
    result: Matrix | None = None
    while n:
        if n & 1:
            result = a if result is None else product(result, a)
        n >>= 1
        a = product(a, a) if n else a
    return result if result is not None else _identity(len(a))


def _identity(n: int) -> Matrix:
    return [[float(i == j) for j in range(n)] for i in range(n)]


def product(a: Matrix, b: Matrix) -> Matrix:
    """Return the product of two square matrices."""
    columns = transposed(b, len(b))
    return [[functions.dot(row, column) for column in columns] for row in a]


def expm(a: Any) -> Any:
    """Return the exponential of matrices, as `scipy.linalg.expm` does.

    Args:
        a: matrices, of shape (..., n, n).

    Returns:
        The exponentials, of the same shape. The method is Higham's scaling and squaring (2005). In compiled code the
        result is nan for matrices of a 1-norm above 3.5e5.

    Raises:
        LinAlgError: a matrix is not square.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.linalg.expm(np.zeros((2, 2)))
        array([[1., 0.],
               [0., 1.]])
        >>> round(gg.grad(lambda t: gg.linalg.expm([[0.0, t], [0.0, 0.0]])[0, 1])(3.0), 12)
        1.0
    """
    array = square(a, "expm")
    return finished(each(_expm, [array], [2], [array.shape[-2:]]), a)


def _expm(a: Matrix) -> Matrix:
    n = len(a)
    if n < 2:
        return [[ops.exp(x) for x in row] for row in a]
    size: Any = 0.0
    for column in transposed(a, n):
        size = ops.maximum(size, ops.detach(functions.total([abs(x) for x in column])))
    halvings = _halvings(size)
    scale: Any = 1.0 if all(more is True for more in halvings) else pick(size <= THETA * 2.0**SQUARINGS, 1.0, math.nan)
    for more in halvings:
        scale = scale * pick(more, 0.5, 1.0)
    result = _pade([[x * scale for x in row] for row in a])
    for more in halvings:
        squared = product(result, result)
        result = [[pick(more, x, y) for x, y in zip(*rows)] for rows in zip(squared, result)]
    return result


def _halvings(size: Any) -> list[Any]:
    """Return truths, as many of which hold as the matrix must be halved and its exponential squared."""
    if isinstance(size > 0.0, Scalar):  # while a function is traced
        return [size > THETA * 2.0**k for k in range(SQUARINGS)]
    found: list[Any] = []
    while size < math.inf and size > THETA * 2.0 ** len(found):
        found.append(True)
    return found


def _pade(a: Matrix) -> Matrix:
    """Return the Pade approximant of degree 13 of the exponential."""
    n = len(a)
    b, unit = PADE, _identity(n)
    a2 = product(a, a)
    a4 = product(a2, a2)
    a6 = product(a4, a2)

    def combined(*weights: float) -> Matrix:
        terms = list(zip(weights, (a6, a4, a2, unit)))
        return [
            [functions.total([m[i][j] * w for w, m in terms if w and not (m is unit and i != j)]) for j in range(n)]
            for i in range(n)
        ]

    def plus(x: Matrix, y: Matrix) -> Matrix:
        return [[p + q for p, q in zip(*rows)] for rows in zip(x, y)]

    odd = product(a, plus(product(a6, combined(b[13], b[11], b[9], 0.0)), combined(b[7], b[5], b[3], b[1])))
    even = plus(product(a6, combined(b[12], b[10], b[8], 0.0)), combined(b[6], b[4], b[2], b[0]))
    minus = [[p - q for p, q in zip(*rows)] for rows in zip(even, odd)]
    return solved(minus, plus(even, odd))
