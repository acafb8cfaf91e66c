"""SciPy's linear algebra cannot see nodes: it is refused, and the message names the function to use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassgrad as gg

sl = pytest.importorskip("scipy.linalg")
from scipy.linalg import cholesky, expm  # noqa: E402

A, B = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0])
COUNTERPARTS = {
    "expm": lambda x: sl.expm(x), "solve": lambda x: sl.solve(x, B), "solve, b": lambda x: sl.solve(A, x[0]),
    "inv": lambda x: sl.inv(x), "det": lambda x: sl.det(x), "cholesky": lambda x: sl.cholesky(x),
    "cho_factor": lambda x: sl.cho_factor(x), "cho_solve": lambda x: sl.cho_solve((A, True), x[0]),
    "solve_triangular": lambda x: sl.solve_triangular(x, B), "lu": lambda x: sl.lu(x), "qr": lambda x: sl.qr(x),
    "svd": lambda x: sl.svd(x), "svdvals": lambda x: sl.svdvals(x), "eigh": lambda x: sl.eigh(x),
    "eigvalsh": lambda x: sl.eigvalsh(x), "pinv": lambda x: sl.pinv(x), "lstsq": lambda x: sl.lstsq(x, B),
    "norm, 2": lambda x: sl.norm(x, 2),
}  # fmt: skip
OTHERS = {
    "logm": lambda x: sl.logm(x), "sqrtm": lambda x: sl.sqrtm(x), "lu_factor": lambda x: sl.lu_factor(x),
    "schur": lambda x: sl.schur(x), "rq": lambda x: sl.rq(x), "signm": lambda x: sl.signm(x),
    "lu_solve": lambda x: sl.lu_solve(sl.lu_factor(A), x[0]), "funm": lambda x: sl.funm(x, np.exp),
    "eig": lambda x: sl.eig(x), "null_space": lambda x: sl.null_space(x), "polar": lambda x: sl.polar(x),
    "solve_sylvester": lambda x: sl.solve_sylvester(x, A, A), "solve_toeplitz": lambda x: sl.solve_toeplitz(x[0], B),
    "solve_banded": lambda x: sl.solve_banded((0, 1), x, B), "expm_frechet": lambda x: sl.expm_frechet(x, A),
    "cosm": lambda x: sl.cosm(x), "fractional_matrix_power": lambda x: sl.fractional_matrix_power(x, 0.5),
    "solve_discrete_lyapunov": lambda x: sl.solve_discrete_lyapunov(0.1 * x, A),
}  # fmt: skip


def transformed(call: Any) -> list[Any]:
    return [lambda: gg.jacobian(call)(A), lambda: gg.jit(call)(A), lambda: gg.vmap(call)(A[None])]


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_the_refusal_names_our_function(name):
    for refused in transformed(COUNTERPARTS[name]):
        with pytest.raises(gg.TracingError, match=rf"write gg\.linalg\.{name.partition(',')[0]} instead"):
            refused()


@pytest.mark.parametrize("name", {**COUNTERPARTS, **OTHERS})
def test_no_function_drops_the_graph(name):
    call = {**COUNTERPARTS, **OTHERS}[name]
    for refused in (*transformed(call), lambda: call(gg.array(A))):
        with pytest.raises((TypeError, ValueError)):
            refused()


def test_eager_refusals_name_our_function_where_scipy_converts_the_nodes():
    for call, name in ((expm, "expm"), (cholesky, "cholesky"), (lambda x: sl.lu(x), "lu"), (sl.qr, "qr")):
        for _ in range(2):  # a place is refused each time
            with pytest.raises(
                TypeError, match=rf"nodes do not support scipy\.linalg\.{name}: write gg\.linalg\.{name}"
            ):
                call(gg.array(A))


def test_other_parts_of_scipy_are_not_blamed_on_linear_algebra():
    stats = pytest.importorskip("scipy.stats")
    with pytest.warns(gg.GraphWarning, match="multivariate_normal"):
        stats.multivariate_normal.logpdf(B, cov=gg.array(A))


def test_functions_that_only_move_entries_work():
    assert gg.jacobian(lambda x: sl.toeplitz(x))(B)[0, 1] == pytest.approx([0.0, 1.0])
    assert gg.grad(lambda x: sl.norm(x))(B) == pytest.approx(B / np.sqrt(5.0))


def test_numbers_are_as_before():
    assert sl.expm(gg.values(gg.array(A))) == pytest.approx(gg.linalg.expm(A), rel=1e-12)
