"""Linear equations, inverses, determinants and LU factors, under NumPy's and SciPy's names."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.linalg import LinAlgError

from glassgrad.core.arrays.wrapping import objects, wrapped
from glassgrad.linalg import elimination
from glassgrad.linalg.batches import Matrix, each, finished, matrices, numbers, numpys, right_side, square
from glassgrad.linalg.triangular import only_options

__all__ = ["SlogdetResult", "det", "inv", "lu", "slogdet", "solve", "tensorinv", "tensorsolve"]


class SlogdetResult(NamedTuple):
    """The sign of a determinant, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


def solve(a: Any, b: Any) -> Any:
    """Solve ``a @ x = b``, as `numpy.linalg.solve` does.

    Args:
        a: matrices, of shape (..., n, n).
        b: one right side of shape (n,), or matrices of shape (..., n, k).

    Returns:
        The solutions, in the shape of ``b``, with leading axes broadcast. An `Array`, or if neither argument holds a
        node, what NumPy returns.

    Raises:
        LinAlgError: a matrix is singular (compiled code gives nan instead), or not square.
        ValueError: the shapes do not match.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> a, b = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([3.0, 4.0])
        >>> gg.linalg.solve(a, b)
        array([1., 1.])
        >>> gg.grad(lambda b: gg.linalg.solve(a, b).sum())(b).round(6)
        array([0.4, 0.2])
    """
    if plain := numbers(a, b):
        return numpys.solve(*plain)
    array = square(a, "solve")
    right, alone = right_side(array, b, "solve")
    found = each(elimination.solved, [array, right], [2, 2], [right.shape[-2:]])
    return finished(found[..., 0] if alone else found, a, b)


def inv(a: Any) -> Any:
    """Invert matrices, as `numpy.linalg.inv` does.

    To solve equations, `solve` is faster and more accurate.

    Args:
        a: matrices, of shape (..., n, n).

    Raises:
        LinAlgError: a matrix is singular (compiled code gives nan instead), or not square.

    Example:
        >>> import glassgrad as gg
        >>> gg.linalg.inv([[2.0, 0.0], [0.0, 4.0]])
        array([[0.5 , 0.  ],
               [0.  , 0.25]])
        >>> gg.grad(lambda x: gg.linalg.inv([[x, 1.0], [0.0, 1.0]])[0, 0])(2.0)
        -0.25
    """
    if plain := numbers(a):
        return numpys.inv(*plain)
    array = square(a, "inv")
    return finished(each(elimination.inverse, [array], [2], [array.shape[-2:]]), a)


def det(a: Any) -> Any:
    """Return determinants, as `numpy.linalg.det` does.

    Args:
        a: matrices, of shape (..., n, n).

    Returns:
        A node, or an array of them in the shape of the leading axes. The derivative also exists where the determinant
        is 0; for n > 3 it may be wrong there if an elimination meets a whole column of zeros before the last.

    Raises:
        LinAlgError: a matrix is not square.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.det([[x, 2.0], [3.0, 4.0]]))(1.0)
        4.0
    """
    if plain := numbers(a):
        return numpys.det(*plain)
    return finished(each(elimination.determinant, [square(a, "det")], [2], [()]), a)


def slogdet(a: Any) -> SlogdetResult:
    """Return the signs and the logarithms of determinants, as `numpy.linalg.slogdet` does.

    Args:
        a: matrices, of shape (..., n, n).

    Returns:
        A named tuple ``(sign, logabsdet)``. The logarithm is finite where the determinant over- or underflows. If the
        determinant is 0, they are 0 and -inf.

    Raises:
        LinAlgError: a matrix is not square.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.slogdet([[x, 0.0], [0.0, 4.0]]).logabsdet)(2.0)
        0.5
    """
    if plain := numbers(a):
        return SlogdetResult(*numpys.slogdet(*plain))
    return SlogdetResult(*finished(each(elimination.log_determinant, [square(a, "slogdet")], [2], [(), ()]), a))


def lu(a: Any, permute_l: bool = False, p_indices: bool = False, **unused: Any) -> tuple[Any, ...]:
    """Factor matrices as ``a = P @ L @ U`` by Gaussian elimination with row pivoting, as `scipy.linalg.lu` does.

    Args:
        a: matrices, of shape (..., m, n).
        permute_l: whether to return ``P @ L`` and ``U`` only.
        p_indices: whether to return P as indices of rows. This is not possible while a function is traced for
            compilation.
        unused: SciPy's ``overwrite_a`` and ``check_finite``, which have no effect.

    Returns:
        ``(P, L, U)``. P has no derivative.

    Raises:
        LinAlgError: ``a`` has fewer than two axes.
        TypeError: ``p_indices`` is asked for in traced code.

    Example:
        >>> import glassgrad as gg
        >>> P, L, U = gg.linalg.lu([[1.0, 2.0], [4.0, 4.0]])
        >>> L, U
        (array([[1.  , 0.  ],
               [0.25, 1.  ]]), array([[4., 4.],
               [0., 1.]]))
    """
    only_options(unused, "lu")
    array = matrices(a, "lu")
    m, n = array.shape[-2:]
    small = min(m, n)
    p, lower, upper = finished(each(_lu, [array], [2], [(m, m), (m, small), (small, n)]), a)
    if permute_l:
        return p @ lower, upper
    if p_indices:
        return np.asarray(p @ np.arange(m, dtype=float)).astype(int), lower, upper
    return p, lower, upper


def _lu(a: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    m, n = len(a), len(a[0]) if a else 0
    small = min(m, n)
    factors = elimination.eliminate(a, singular=1.0)
    rows = factors.rows
    lower = [[rows[i][j] if j < i else float(i == j) for j in range(small)] for i in range(m)]
    upper = [[rows[i][j] if j >= i else 0.0 for j in range(n)] for i in range(small)]
    unit = [[float(i == j) for i in range(m)] for j in range(m)]
    return [elimination.permuted(column, factors.exchanges) for column in unit], lower, upper


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Solve the tensor equation ``tensordot(a, x, x.ndim) = b``, as `numpy.linalg.tensorsolve` does.

    Args:
        a: an array of shape ``b.shape + Q``, where the product of Q is the size of ``b``.
        b: the right side.
        axes: the axes of ``a`` to move to the end first.

    Raises:
        LinAlgError: ``a`` is not square in this sense, or is singular.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.linalg.tensorsolve(np.eye(4).reshape(2, 2, 2, 2), np.ones((2, 2))).shape
        (2, 2)
    """
    if plain := numbers(a, b):
        return numpys.tensorsolve(*plain, axes=axes)
    array, right = objects(a), objects(b)
    if axes is not None:
        array = np.moveaxis(array, axes, range(-len(axes), 0)) if len(axes) > 1 else np.moveaxis(array, axes[0], -1)
    shape = array.shape[right.ndim :]
    if math.prod(shape) != right.size or array.size != right.size**2:
        raise LinAlgError("Input arrays must satisfy the requirement prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])")
    return solve(wrapped(array.reshape(right.size, right.size)), wrapped(right.ravel())).reshape(shape)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """Return the inverse for `numpy.tensordot`, as `numpy.linalg.tensorinv` does.

    Args:
        a: an array whose first ``ind`` axes have as many elements together as the others.
        ind: how many axes come first in ``a``, and last in the inverse.

    Raises:
        LinAlgError: ``a`` is not square in this sense, or is singular.
        ValueError: ``ind`` is not positive.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> gg.linalg.tensorinv(np.eye(4).reshape(4, 2, 2), ind=1).shape
        (2, 2, 4)
    """
    if plain := numbers(a):
        return numpys.tensorinv(*plain, ind=ind)
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    array = objects(a)
    first, last = array.shape[:ind], array.shape[ind:]
    return inv(wrapped(array.reshape(math.prod(first), math.prod(last)))).reshape(last + first)
