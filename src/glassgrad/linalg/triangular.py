"""Triangular equations and Cholesky factors.

Both are differentiated through the algorithm. For triangular equations that is the implicit rule: the reverse sweep
over a substitution is the substitution for the transposed equations. For Cholesky factors it takes as many operations
as the best form of the implicit rule (Murray, *Differentiation of the Cholesky decomposition*, 2016).
"""

from __future__ import annotations

from typing import Any

from numpy.linalg import LinAlgError

from glassgrad.core import ops
from glassgrad.linalg.batches import Matrix, Vector, each, finished, numbers, numpys, right_side, square, transposed
from glassgrad.linalg.entries import is_known, less_products, multiplied, nan_unless

__all__ = ["cho_factor", "cho_solve", "cholesky", "only_options", "solve_triangular", "substituted"]


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """Return the Cholesky factor L of a positive definite matrix, ``a = L @ L.T``, as `numpy.linalg.cholesky` does.

    Args:
        a: symmetric matrices, of shape (..., n, n). As in NumPy, only the lower triangle is read, so the derivative
            with respect to entries above the diagonal is 0; with ``upper`` it is the other way round.
        upper: whether to return the upper factor U, ``a = U.T @ U``.

    Raises:
        LinAlgError: the matrix is not positive definite. Compiled code gives nan instead.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.linalg.cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
        array([[2., 0.],
               [1., 2.]])
        >>> gg.grad(lambda x: gg.linalg.cholesky([[x, 2.0], [2.0, 5.0]])[0, 0])(4.0)
        0.25
    """
    if plain := numbers(a):
        return numpys.cholesky(*plain, upper=upper)
    array = square(a, "cholesky")
    n = array.shape[-1]
    return finished(each(lambda one: _cholesky(one, upper), [array], [2], [(n, n)]), a)


def _cholesky(a: Matrix, upper: bool) -> Matrix:
    n = len(a)
    a = transposed(a, n) if upper else a
    rows: Matrix = [[0.0] * n for _ in range(n)]
    conditions = []
    for j in range(n):
        square_left = less_products(a[j][j], rows[j][:j], rows[j][:j])
        positive = square_left > 0.0
        if is_known(square_left <= 0.0):  # not for nan, which is the result, as in NumPy
            raise LinAlgError("Matrix is not positive definite")
        conditions.append(positive)
        root = rows[j][j] = ops.sqrt(square_left)
        for i in range(j + 1, n):
            rows[i][j] = ops.div(less_products(a[i][j], rows[i][:j], rows[j][:j]), root)
    factor = nan_unless(conditions)
    rows = [multiplied(row, factor) for row in rows]
    return transposed(rows, n) if upper else rows


def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, **unused: Any
) -> Any:
    """Solve ``a @ x = b`` for a triangular matrix, as `scipy.linalg.solve_triangular` does.

    Args:
        a: triangular matrices, of shape (..., n, n). The entries in the other triangle are not read.
        b: right sides: of shape (n,) or (..., n, k).
        trans: 0 or ``"N"`` for ``a``, 1 or ``"T"`` for its transpose.
        lower: whether ``a`` is lower triangular.
        unit_diagonal: whether to take the diagonal as ones, without reading it.
        unused: SciPy's ``overwrite_b`` and ``check_finite``, which have no effect.

    Raises:
        LinAlgError: an entry of the diagonal is 0. Compiled code gives nan instead.
        ValueError: the shapes do not match.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.linalg.solve_triangular(np.array([[2.0, 0.0], [1.0, 4.0]]), np.array([2.0, 9.0]), lower=True)
        array([1., 2.])
    """
    only_options(unused, "solve_triangular")
    turned = _is_transposed(trans)
    array = square(a, "solve_triangular")

    def solve(matrix: Matrix, right: Matrix) -> Matrix:
        matrix = transposed(matrix, len(matrix)) if turned else matrix
        return substituted(matrix, right, lower != turned, unit_diagonal)

    return _solve_for(solve, array, a, b, "solve_triangular")


def _solve_for(solve: Any, array: Any, a: Any, b: Any, user: str) -> Any:
    right, alone = right_side(array, b, user)
    shape = right.shape[-2:]
    found = each(solve, [array, right], [2, 2], [shape])
    return finished(found[..., 0] if alone else found, a, b)


def _is_transposed(trans: Any) -> bool:
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"trans must be 0, 1, 2, 'N', 'T' or 'C', got {trans!r}")
    return trans not in (0, "N")


def only_options(given: dict[str, Any], user: str) -> None:
    """Raise TypeError for keyword arguments other than those of SciPy that have no effect here."""
    for name in given:
        if name not in ("overwrite_a", "overwrite_b", "overwrite_ab", "check_finite"):
            raise TypeError(f"{user}() got an unexpected keyword argument {name!r}")


def substituted(
    a: Matrix, b: Matrix, lower: bool, unit: bool = False, singular: str = "singular matrix: a diagonal entry is 0"
) -> Matrix:
    """Solve the triangular equations ``a X = b``.

    Raises:
        LinAlgError: an entry of the diagonal is 0; ``singular`` is the message.
    """
    n = len(a)
    order = range(n) if lower else range(n - 1, -1, -1)
    regular = [] if unit else [a[i][i] != 0.0 for i in range(n)]
    if any(is_known(one ^ True) for one in regular):
        raise LinAlgError(singular)
    factor = nan_unless(regular)
    columns = []
    for column in transposed(b, len(b[0]) if b else 0):
        x: Vector = [0.0] * n
        for i in order:
            known = slice(0, i) if lower else slice(i + 1, n)
            rest = less_products(column[i], a[i][known], x[known])
            x[i] = rest if unit else ops.div(rest, a[i][i])
        columns.append(multiplied(x, factor))
    return transposed(columns, n)


def cho_factor(a: Any, lower: bool = False, **unused: Any) -> tuple[Any, bool]:
    """Return ``(c, lower)`` for `cho_solve`, as `scipy.linalg.cho_factor` does.

    Args:
        a: a positive definite matrix, of shape (..., n, n); only one of its triangles is read.
        lower: whether to read and return the lower triangle; otherwise it is the upper one.
        unused: SciPy's ``overwrite_a`` and ``check_finite``, which have no effect.

    Returns:
        The factor and ``lower``. The factor's other triangle is 0, where SciPy leaves arbitrary numbers.

    Raises:
        LinAlgError: the matrix is not positive definite. Compiled code gives nan instead.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> factor = gg.linalg.cho_factor(np.array([[4.0, 2.0], [2.0, 5.0]]))
        >>> gg.linalg.cho_solve(factor, np.array([8.0, 12.0]))
        array([1., 2.])
    """
    only_options(unused, "cho_factor")
    return cholesky(a, upper=not lower), lower


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, **unused: Any) -> Any:
    """Solve ``a @ x = b``, given the Cholesky factor of ``a``, as `scipy.linalg.cho_solve` does.

    Args:
        c_and_lower: what `cho_factor` returned, or a Cholesky factor and whether it is the lower one.
        b: right sides: of shape (n,) or (..., n, k).
        unused: SciPy's ``overwrite_b`` and ``check_finite``, which have no effect.

    Raises:
        LinAlgError: an entry of the factor's diagonal is 0. Compiled code gives nan instead.
        ValueError: the shapes do not match.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> L = gg.linalg.cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
        >>> gg.linalg.cho_solve((L, True), np.array([8.0, 12.0]))
        array([1., 2.])
    """
    only_options(unused, "cho_solve")
    c, lower = c_and_lower
    array = square(c, "cho_solve")

    def solve(factor: Matrix, right: Matrix) -> Matrix:
        factor = factor if lower else transposed(factor, len(factor))
        return substituted(transposed(factor, len(factor)), substituted(factor, right, True), False)

    return _solve_for(solve, array, c, b, "cho_solve")
