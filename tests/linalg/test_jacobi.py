"""Jacobi's method converges within its fixed number of sweeps, also for equal, clustered and graded eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest

from glassgrad.linalg import jacobi

EPS = 2.0**-52


def symmetric(n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    basis = np.linalg.qr(rng.normal(size=(n, n)))[0]
    if kind == "equal":
        values = rng.choice([1.0, 2.0, -1.0], size=n)
    elif kind == "clustered":
        values = 1 + 1e-6 * rng.normal(size=n)
    elif kind == "graded":
        values = 10.0 ** rng.uniform(-12, 0, size=n)
    else:
        values = rng.normal(size=n)
    a = basis @ np.diag(values) @ basis.T
    return np.round(3 * a) if kind == "whole" else (a + a.T) / 2


KINDS = ["random", "equal", "clustered", "graded", "whole"]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_eigenvalues_and_vectors(n, kind):
    rng = np.random.default_rng(n)
    for a in [symmetric(n, kind, rng) * size for size in (1.0, 1e200, 1e-200)]:
        found = np.array(jacobi.eigh(a.ravel().tolist(), n))
        w, v = found[:n], found[n:].reshape(n, n)
        scale = max(np.abs(a).max(), 1e-300)
        assert w / scale == pytest.approx(np.linalg.eigvalsh(a / scale), abs=20 * EPS * n)
        assert v.T @ v == pytest.approx(np.eye(n), abs=40 * EPS * n)
        assert v @ np.diag(w / scale) @ v.T == pytest.approx(a / scale, abs=40 * EPS * n)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 2), (2, 4), (5, 5), (8, 8)])
@pytest.mark.parametrize("kind", KINDS)
def test_singular_values_and_vectors(shape, kind):
    m, n = shape
    a = symmetric(max(shape), kind, np.random.default_rng(m * n))[:m, :n]
    found = np.array(jacobi.svd(a.ravel().tolist(), m, n))
    r = min(shape)
    s, u, v = found[:r], found[r : r + m * r].reshape(m, r), found[r + m * r :].reshape(n, r)
    scale = max(np.abs(a).max(), 1e-300)
    assert s == pytest.approx(np.linalg.svd(a, compute_uv=False), abs=20 * EPS * r * scale)
    if s[-1] > 1e-10 * s[0]:  # else some of the vectors may be any
        assert u.T @ u == pytest.approx(np.eye(r), abs=1e-5 if kind == "graded" else 1e-13)
        assert u @ np.diag(s) @ v.T == pytest.approx(a, abs=40 * EPS * r * scale)
