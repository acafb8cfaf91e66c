"""Eigenvalues of symmetric matrices, singular values, and what follows from them, under NumPy's names."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassgrad.core.arrays.wrapping import objects
from glassgrad.linalg import spectra
from glassgrad.linalg.batches import each, finished, lower_triangles, matrices, numbers, numpys, square
from glassgrad.support.frames import users_line

__all__ = ["EighResult", "SVDResult", "eigh", "eigvalsh", "matrix_rank", "svd", "svdvals"]


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and the matrix whose columns are the eigenvectors."""

    eigenvalues: Any
    eigenvectors: Any


class SVDResult(NamedTuple):
    """Left singular vectors, singular values in descending order, and the transposed right singular vectors."""

    U: Any
    S: Any
    Vh: Any


def _is_upper(triangle: str) -> bool:
    if not isinstance(triangle, str) or triangle.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return triangle.upper() == "U"


def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Return eigenvalues and eigenvectors of symmetric matrices, as `numpy.linalg.eigh` does.

    Args:
        a: matrices, of shape (..., n, n).
        UPLO: ``"L"`` to read the lower triangle only, ``"U"`` for the upper one. The derivative with respect to
            entries of the other triangle is 0.

    Returns:
        A named tuple ``(eigenvalues, eigenvectors)``, with shapes (..., n) and (..., n, n). Where eigenvalues are
        equal, the eigenvectors have no derivative: it comes out as inf or nan. First derivatives of symmetric functions
        of the eigenvalues, such as their sum, are right there. A derivative that depends on the sign of an eigenvector
        refers to LAPACK's choice.

    Raises:
        LinAlgError: a matrix is not square.
        ValueError: ``UPLO`` is neither ``"L"`` nor ``"U"``.

    Example:
        >>> import glassgrad as gg
        >>> round(gg.grad(lambda x: gg.linalg.eigh([[x, 1.0], [1.0, 2.0]]).eigenvalues[1])(2.0), 12)
        0.5
    """
    if plain := numbers(a):
        return EighResult(*numpys.eigh(*plain, UPLO=UPLO))
    upper = _is_upper(UPLO)
    array = square(a, "eigh")
    n = array.shape[-1]
    return EighResult(*finished(each(lambda one: spectra.eigen(one, upper), [array], [2], [(n,), (n, n)]), a))


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Return the eigenvalues of symmetric matrices in ascending order, as `numpy.linalg.eigvalsh` does.

    Args:
        a: matrices, of shape (..., n, n).
        UPLO: as for `eigh`.

    Raises:
        LinAlgError, ValueError: as for `eigh`.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.eigvalsh([[x, 0.0], [0.0, 2.0]]).sum())(2.0)
        1.0
    """
    if plain := numbers(a):
        return numpys.eigvalsh(*plain, UPLO=UPLO)
    upper = _is_upper(UPLO)
    array = square(a, "eigvalsh")
    return finished(each(lambda one: spectra.eigenvalues(one, upper), [array], [2], [array.shape[-1:]]), a)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """Return singular values and vectors, as `numpy.linalg.svd` does.

    Args:
        a: matrices, of shape (..., m, n).
        full_matrices: must be False for nodes, unless m = n: the further vectors are not functions of the matrix.
        compute_uv: whether to return the vectors.
        hermitian: whether the matrices are symmetric. Then only the lower triangle is read, as in NumPy.

    Returns:
        A named tuple ``(U, S, Vh)``, or S alone. Where singular values are equal, or one of a matrix that is not square
        is 0, vectors have no derivative: it comes out as inf or nan.

    Raises:
        LinAlgError: ``a`` has fewer than two axes.
        TypeError: ``full_matrices`` is true, m differs from n, and ``a`` holds nodes.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.svd([[x, 0.0], [0.0, 2.0]]).S[0])(3.0)
        1.0
    """
    if plain := numbers(a):
        found = numpys.svd(*plain, full_matrices, compute_uv, hermitian)
        return SVDResult(*found) if compute_uv else found
    array = lower_triangles(a, "svd") if hermitian else matrices(a, "svd")
    if not compute_uv:
        return svdvals(array)
    m, n = array.shape[-2:]
    if full_matrices and m != n:
        raise TypeError(
            f"{users_line()}: np.linalg.svd of nodes needs full_matrices=False if the matrix is not square, because "
            "the further vectors are not functions of the matrix"
        )
    r = min(m, n)
    s, u, v = finished(each(lambda one: spectra.singular(one, m, n), [array], [2], [(r,), (m, r), (n, r)]), a)
    return SVDResult(u, s, np.swapaxes(v, -1, -2))


def svdvals(a: Any) -> Any:
    """Return the singular values in descending order, as `numpy.linalg.svdvals` does.

    Args:
        a: matrices, of shape (..., m, n).

    Raises:
        LinAlgError: ``a`` has fewer than two axes.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: gg.linalg.svdvals([[x, 0.0], [0.0, 2.0]])[1])(1.0)
        1.0
    """
    if plain := numbers(a):
        return numpys.svd(*plain, compute_uv=False)
    array = matrices(a, "svdvals")
    m, n = array.shape[-2:]
    return finished(each(lambda one: spectra.singular_values(one, m, n), [array], [2], [(min(m, n),)]), a)


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Return the number of singular values that are not negligible, as `numpy.linalg.matrix_rank` does.

    Args:
        A: matrices, of shape (..., m, n), or a vector.
        tol: singular values up to this size count as 0; by default ``rtol`` times the largest one.
        hermitian: as for `svd`.
        rtol: by default max(m, n) times the spacing of floats at 1.

    Returns:
        An integer, or an array of them. While a function is traced for compilation, a node that counts. It has no
        derivative.

    Raises:
        ValueError: both tolerances are given.

    Example:
        >>> import numpy as np, glassgrad as gg
        >>> int(gg.linalg.matrix_rank(np.ones((3, 3))))
        1
    """
    if tol is not None and rtol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    if plain := numbers(A):
        if rtol is None:
            return numpys.matrix_rank(*plain, tol, hermitian)
        return numpys.matrix_rank(*plain, hermitian=hermitian, rtol=rtol)
    if objects(A).ndim < 2:
        return np.any(A != 0.0) + 0
    values = svdvals(lower_triangles(A, "matrix_rank") if hermitian else A)
    if not values.shape[-1]:
        return np.zeros(values.shape[:-1], dtype=int)[()]
    if tol is None:
        spread = max(np.shape(A)[-2:]) * np.finfo(float).eps if rtol is None else rtol
        tol = values[..., :1] * spread
    else:
        tol = np.asarray(tol, dtype=object)[..., None]
    return np.count_nonzero(values > tol, axis=-1)
