"""QR factors by Householder's reflections, without branches.

They are differentiated through the algorithm, which is exact where the columns are linearly independent. If everything
below a diagonal entry is 0 already, LAPACK leaves out the reflection, which would only turn a sign. Here it is made and
the sign turned back, because leaving it out would lose the derivative with respect to those zeros.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from glassgrad.core import functions, ops
from glassgrad.core.arrays.elementwise import pick
from glassgrad.linalg.batches import Matrix, Vector, each, finished, matrices, numbers, numpys

__all__ = ["QRResult", "qr"]


class QRResult(NamedTuple):
    """An orthogonal matrix and an upper triangular one."""

    Q: Any
    R: Any


def qr(a: Any, mode: str = "reduced") -> Any:
    """Factor matrices as ``a = Q @ R``, with orthonormal columns of Q and upper triangular R, as `numpy.linalg.qr`.

    Args:
        a: matrices, of shape (..., m, n).
        mode: ``"reduced"`` for Q of shape (m, k) and R of shape (k, n), where k = min(m, n); ``"complete"`` for Q of
            shape (m, m) and R of shape (m, n); ``"r"`` for R alone, as in reduced mode.

    Returns:
        A named tuple ``(Q, R)``, or R. Derivatives exist where the first k columns are linearly independent.

    Raises:
        LinAlgError: ``a`` has fewer than two axes.
        ValueError: there is no such mode; ``"raw"`` is not supported for nodes.

    Example:
        >>> import glassgrad as gg
        >>> round(gg.grad(lambda x: abs(gg.linalg.qr([[3.0], [x]]).R[0, 0]))(4.0), 12)
        0.8
    """
    if plain := numbers(a):
        found = numpys.qr(*plain, mode=mode)
        return QRResult(*found) if mode in ("reduced", "complete") else found
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"gg.linalg.qr: mode must be 'reduced', 'complete' or 'r', got {mode!r}")
    array = matrices(a, "qr")
    m, n = array.shape[-2:]
    k = m if mode == "complete" else min(m, n)
    q, r = finished(each(lambda one: _qr(one, m, n, k), [array], [2], [(m, k), (k, n)]), a)
    return r if mode == "r" else QRResult(q, r)


class Reflection(NamedTuple):
    """``I - factor * v v^T`` from row ``k`` on, followed by a sign for row ``k``."""

    k: int
    v: Vector
    factor: Any
    sign: Any

    def apply(self, column: Vector) -> None:
        """Apply the reflection, without the sign, to a column."""
        k = self.k
        size = functions.dot(self.v, column[k:]) * self.factor
        column[k:] = [x - y * size for x, y in zip(column[k:], self.v)]


def _reflection(column: Vector, k: int) -> Reflection:
    first, below = column[k], column[k + 1 :]
    size = functions.norm(column[k:])
    nothing = size == 0.0
    flat: Any = True
    for x in below:
        flat = flat & (x == 0.0)
    to = pick(first >= 0.0, -size, size)
    divisor = pick(nothing, 1.0, first - to)
    factor = pick(nothing, 0.0, ops.div(to - first, pick(nothing, 1.0, to)))
    return Reflection(k, [1.0, *[ops.div(x, divisor) for x in below]], factor, _sign(flat, nothing))


def _sign(flat: Any, nothing: Any) -> Any:
    return pick(nothing, 1.0, pick(flat, -1.0, 1.0))


def _qr(a: Matrix, m: int, n: int, k: int) -> tuple[Matrix, Matrix]:
    columns = [[row[j] for row in a] for j in range(n)]
    reflections = []
    for j in range(min(m, n)):
        one = _reflection(columns[j], j)
        reflections.append(one)
        for column in columns[j:]:
            one.apply(column)
    signs = [one.sign for one in reflections] + [1.0] * (k - len(reflections))
    upper = [[signs[i] * columns[j][i] if j >= i else 0.0 for j in range(n)] for i in range(k)]
    orthogonal = []
    for j in range(k):
        column = [float(i == j) for i in range(m)]
        for one in reversed(reflections):
            one.apply(column)
        orthogonal.append([x * signs[j] for x in column])
    return [[column[i] for column in orthogonal] for i in range(m)], upper
