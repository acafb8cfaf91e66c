"""Linear algebra on small matrices of nodes: `glassgrad.linalg`, and NumPy's functions on an `Array`.

The functions have NumPy's names and meaning, or SciPy's for those that NumPy lacks. Leading axes are a stack of
matrices. Without nodes among the arguments they return what NumPy returns.

* `elimination`, `triangular`, `orthogonal` and `powers` compute in scalar operations, without branches, so compiled
  code has one path for all inputs.
* `spectra` and `inverses` take their values from LAPACK. Compiled code calls back for them, by `sources`.
* `held` has the two operations by which results get an implicit derivative rule.
* `solving`, `spectral` and `norms` have further public functions. `batches` and `entries` have small tools.

>>> import numpy as np, glassgrad as gg
>>> a, b = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([3.0, 4.0])
>>> gg.jit(gg.grad(lambda a: np.linalg.solve(a, b).sum()))(a).round(6)
array([[-0.4, -0.4],
       [-0.2, -0.2]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.linalg import LinAlgError

from glassgrad.linalg.inverses import lstsq, pinv
from glassgrad.linalg.norms import cond, matrix_norm, multi_dot, norm, trace, vector_norm
from glassgrad.linalg.orthogonal import qr
from glassgrad.linalg.powers import expm, matrix_power
from glassgrad.linalg.solving import det, inv, lu, slogdet, solve, tensorinv, tensorsolve
from glassgrad.linalg.spectral import eigh, eigvalsh, matrix_rank, svd, svdvals
from glassgrad.linalg.triangular import cho_factor, cho_solve, cholesky, solve_triangular

__all__ = [
    "LinAlgError",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "cond",
    "det",
    "eigh",
    "eigvalsh",
    "expm",
    "inv",
    "lstsq",
    "lu",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vector_norm",
]

# NumPy's functions that call ours, if one of their arguments is an `Array`. It runs its own multi_dot and trace.
OURS_ALONE = {"LinAlgError", "cho_factor", "cho_solve", "expm", "lu", "multi_dot", "solve_triangular", "trace"}
NUMPYS: dict[str, Callable[..., Any]] = {name: globals()[name] for name in __all__ if name not in OURS_ALONE}


def __dir__() -> list[str]:
    return sorted(__all__)
