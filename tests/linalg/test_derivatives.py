"""Values are NumPy's and SciPy's, and first and second derivatives are those of differences, in every mode."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassgrad as gg

STEP = 1e-3
TOLERANCE = 2e-7  # of sixth-order differences of that step, relative to the largest derivative

FIXED = np.array([[1.2, -0.3, 0.8], [0.1, 2.1, -0.7], [0.4, 0.5, -1.9]])
Call = Callable[[Any], Any]


def positive(x: Any) -> Any:
    """Make a positive definite matrix."""
    return x @ x.T + 2.0 * np.eye(len(x))


LA, GG = np.linalg, gg.linalg
CASES: dict[str, tuple[Call, tuple[int, ...]]] = {
    "solve": (lambda x: LA.solve(x, x[0] * 2.0 + 1.0), (3, 3)),
    "solve for columns": (lambda x: LA.solve(x, x @ x + 1.0), (3, 3)),
    "solve for numbers": (lambda x: LA.solve(x, np.arange(6.0).reshape(3, 2)), (3, 3)),
    "solve with numbers": (lambda x: LA.solve(FIXED, x), (3,)),
    "solve a stack": (lambda x: LA.solve(x, np.ones((2, 2, 1))), (2, 2, 2)),
    "solve lower": (lambda x: LA.solve(np.tril(x), x[0]), (3, 3)),
    "inv": (LA.inv, (3, 3)),
    "det of 1": (LA.det, (1, 1)),
    "det of 2": (LA.det, (2, 2)),
    "det of 3": (LA.det, (3, 3)),
    "det of 4": (LA.det, (4, 4)),
    "slogdet": (lambda x: LA.slogdet(x)[1], (3, 3)),
    "cholesky": (lambda x: LA.cholesky(positive(x)), (3, 3)),
    "cholesky of a triangle": (lambda x: LA.cholesky(0.1 * x + 2.0 * np.eye(3)), (3, 3)),
    "cholesky, upper": (lambda x: LA.cholesky(0.1 * x + 2.0 * np.eye(3), upper=True), (3, 3)),
    "qr": (lambda x: tuple(LA.qr(x)), (2, 2)),
    "qr, tall": (lambda x: tuple(LA.qr(x)), (3, 2)),
    "qr, wide": (lambda x: tuple(LA.qr(x)), (2, 3)),
    "qr, complete": (lambda x: tuple(LA.qr(x, "complete")), (3, 2)),
    "qr, r": (lambda x: LA.qr(x, "r"), (3, 2)),
    "lstsq": (lambda x: LA.lstsq(x, np.arange(3.0))[:2], (3, 2)),
    "lstsq, wide": (lambda x: LA.lstsq(x, np.arange(4.0).reshape(2, 2))[0], (2, 3)),
    "eigh": (lambda x: tuple(LA.eigh(x)), (3, 3)),
    "eigh, upper": (lambda x: tuple(LA.eigh(x, "U")), (2, 2)),
    "eigvalsh": (LA.eigvalsh, (3, 3)),
    "svd": (lambda x: tuple(LA.svd(x)), (3, 3)),
    "svd, tall": (lambda x: tuple(LA.svd(x, full_matrices=False)), (3, 2)),
    "svd, wide": (lambda x: tuple(LA.svd(x, full_matrices=False)), (2, 3)),
    "svd, values": (lambda x: LA.svd(x, compute_uv=False), (2, 3)),
    "svdvals": (LA.svdvals, (3, 2)),
    "pinv, tall": (LA.pinv, (3, 2)),
    "pinv, wide": (LA.pinv, (2, 3)),
    "norm, 2": (lambda x: LA.norm(x, 2), (3, 2)),
    "norm, -2": (lambda x: LA.norm(x, -2), (3, 2)),
    "norm, nuc": (lambda x: LA.norm(x, "nuc", axis=(0, 2), keepdims=True), (2, 2, 2)),
    "matrix_power, -2": (lambda x: LA.matrix_power(x, -2), (2, 2)),
    "matrix_power, 5": (lambda x: LA.matrix_power(x, 5), (2, 2)),
    "cond": (LA.cond, (2, 2)),
    "cond, 1": (lambda x: LA.cond(x, 1), (2, 2)),
    "tensorsolve": (lambda x: LA.tensorsolve(x.reshape(3, 1, 1, 3), np.ones((3, 1))), (3, 3)),
    "tensorinv": (lambda x: LA.tensorinv(x.reshape(2, 2, 1), ind=1), (2, 2)),
    "expm": (GG.expm, (3, 3)),
    "expm, squared": (lambda x: GG.expm(8.0 * x), (2, 2)),
    "solve_triangular": (lambda x: GG.solve_triangular(x, np.ones(3)), (3, 3)),
    "solve_triangular, lower": (lambda x: GG.solve_triangular(x, x, trans="T", lower=True), (2, 2)),
    "solve_triangular, unit": (lambda x: GG.solve_triangular(x, np.ones((3, 2)), unit_diagonal=True), (3, 3)),
    "cho_solve": (lambda x: GG.cho_solve(GG.cho_factor(positive(x)), x[0]), (2, 2)),
    "lu": (lambda x: GG.lu(x)[1:], (3, 3)),
    "lu, tall": (lambda x: GG.lu(x, permute_l=True), (3, 2)),
    "lu, wide": (lambda x: GG.lu(x)[1:], (2, 3)),
}


def flat(result: Any) -> list[Any]:
    """The numbers and nodes in a result, in order."""
    if isinstance(result, tuple):
        return [x for part in result for x in flat(part)]
    return np.asarray(result, dtype=object).ravel().tolist()  # type: ignore[no-any-return]


def weighed(call: Call) -> Call:
    """The results of a call added up, each with a weight of its own."""
    return lambda x: gg.total([y * (1.3 + math.cos(k)) for k, y in enumerate(flat(call(x)))])


def differences(f: Call, x: np.ndarray) -> np.ndarray:
    """The derivatives of a function of floats, by differences of sixth order."""
    columns = []
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = STEP
        near, middle, far = [np.asarray(f(x + k * step)) - np.asarray(f(x - k * step)) for k in (1, 2, 3)]
        columns.append((45 * near - 9 * middle + far) / (60 * STEP))
    return np.moveaxis(np.array(columns), 0, -1).reshape(*np.shape(f(x)), *x.shape)


def points(name: str) -> tuple[Call, np.ndarray]:
    call, shape = CASES[name]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    x = rng.uniform(-0.3, 0.3, size=shape)
    if x.ndim > 1:  # far from singular, with singular values apart
        k = np.arange(min(shape[-2:]))
        x[..., k, k] += 1.0 + 0.7 * k
    return weighed(call), x


def close(expected: np.ndarray) -> Any:
    return pytest.approx(expected, rel=0, abs=TOLERANCE * (1 + np.abs(expected).max()))


@pytest.mark.parametrize("name", CASES)
def test_eager_derivatives_are_those_of_differences(name):
    f, x = points(name)
    w = gg.array(x)
    y = f(w)
    y.backward()
    slopes = gg.grad(f)(x)
    assert y.data == pytest.approx(float(f(x)), rel=1e-12)
    assert slopes == close(differences(f, x))
    assert np.array([one.grad for one in w.ravel()]).reshape(x.shape) == pytest.approx(slopes, rel=1e-12, abs=1e-12)
    curves = differences(gg.grad(f), x)
    assert gg.hessian(f)(x) == close(curves)
    assert gg.hvp(f, x, np.ones(x.shape)) == close(curves.sum(axis=tuple(range(x.ndim, 2 * x.ndim))))


@pytest.mark.parametrize("name", CASES)
def test_compiled_code_computes_the_same(name, monkeypatch):
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")  # the code of a tape is tested elsewhere, and `slow` below
    f, x = points(name)
    value, slopes = gg.jit(gg.value_and_grad(f))(x)
    assert value == pytest.approx(float(f(x)), rel=1e-12)
    assert slopes == pytest.approx(gg.grad(f)(x), rel=1e-11, abs=1e-11)
    several = np.stack([x, 0.9 * x, x - 0.05])
    expected = np.array([gg.grad(f)(one) for one in several])
    assert gg.vmap(gg.grad(f))(several) == pytest.approx(expected, rel=1e-11, abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_machine_code_computes_the_same(name):
    f, x = points(name)
    assert gg.jit(gg.grad(f))(x) == pytest.approx(gg.grad(f)(x), rel=1e-11, abs=1e-11)
    assert gg.jit(gg.hessian(f))(x) == pytest.approx(gg.hessian(f)(x), rel=1e-9, abs=1e-9)
    several = np.stack([x, 0.9 * x, x - 0.05])
    assert gg.vmap(gg.grad(f))(several) == pytest.approx(
        np.array([gg.grad(f)(one) for one in several]), rel=1e-11, abs=1e-11
    )


def third_difference(f: Call, x: float, step: float = 1e-2) -> float:
    return (f(x + 2 * step) - 2 * f(x + step) + 2 * f(x - step) - f(x - 2 * step)) / (2 * step**3)


@pytest.mark.parametrize("function", ["solve", "eigh", "svd", "pinv"])
def test_third_derivatives_are_right(function):
    base = np.array([[2.0, 0.3], [0.5, 1.0]])

    def f(t: Any) -> Any:
        a = np.array([[t + base[0, 0], base[0, 1]], [t * t + base[1, 0], base[1, 1]]], dtype=object).view(gg.Array)
        a = a if isinstance(t, gg.Scalar) else a.astype(float)
        if function == "solve":
            return LA.solve(a, np.array([1.0, 2.0]))[0]
        if function == "eigh":
            return LA.eigh(a).eigenvectors[0, 1]
        return LA.svd(a)[0][0, 1] if function == "svd" else LA.pinv(a)[0, 1]

    third = gg.grad(gg.grad(gg.grad(f)))(0.1)
    assert third == pytest.approx(third_difference(f, 0.1), rel=3e-3)


def test_permutations_are_those_of_scipy():
    linalg = pytest.importorskip("scipy.linalg")
    rng = np.random.default_rng(0)
    for shape in ((4, 4), (5, 3), (3, 5)):
        a = rng.integers(-2, 3, size=shape).astype(float)  # with ties
        expected = linalg.lu(a)
        for found in (gg.linalg.lu(a), gg.jit(gg.linalg.lu)(a)):
            for one, other in zip(found, expected, strict=True):
                assert one == pytest.approx(other, abs=1e-13)
    assert (gg.linalg.lu(a, p_indices=True)[0] == linalg.lu(a, p_indices=True)[0]).all()


def test_the_exponential_is_that_of_scipy():
    linalg = pytest.importorskip("scipy.linalg")
    rng = np.random.default_rng(0)
    compiled = gg.jit(gg.linalg.expm)
    for size in (1e-8, 1.0, 30.0):
        a = rng.normal(size=(3, 3)) * size
        for found in (gg.linalg.expm(a[None])[0], compiled(a)):
            assert found == pytest.approx(linalg.expm(a), rel=1e-12, abs=1e-12 * np.abs(linalg.expm(a)).max())


def test_numbers_alone_give_what_numpy_gives():
    a = np.array([[2.0, 1.0], [1.0, 3.0]], dtype=np.float32)
    assert gg.linalg.inv(a).dtype == np.float32
    for name in ("inv", "det", "cholesky", "eigvalsh", "pinv", "svdvals", "cond", "matrix_rank", "norm", "trace"):
        assert np.array_equal(getattr(gg.linalg, name)(a), getattr(np.linalg, name)(a))
    assert gg.linalg.eigh(a)._fields == ("eigenvalues", "eigenvectors")
