"""Singular, indefinite, empty, infinite and wrongly shaped matrices, and equal eigenvalues."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import glassgrad as gg

LA, GG = np.linalg, gg.linalg
SINGULAR, INDEFINITE = np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[1.0, 2.0], [2.0, 1.0]])
REGULAR = np.array([[3.0, 1.0], [1.0, 2.0]])
REFUSED = {
    "solve": (lambda a: LA.solve(a, np.ones(2)).sum(), SINGULAR),
    "inv": (lambda a: LA.inv(a).sum(), np.array([[0.0, 1.0], [0.0, 2.0]])),
    "inv of 0": (lambda a: LA.inv(a).sum(), np.zeros((2, 2))),
    "matrix_power": (lambda a: LA.matrix_power(a, -1).sum(), SINGULAR),
    "cholesky": (lambda a: LA.cholesky(a).sum(), INDEFINITE),
    "cholesky of a singular": (lambda a: LA.cholesky(a).sum(), SINGULAR),
    "solve_triangular": (lambda a: GG.solve_triangular(a, np.ones(2)).sum(), np.diag([1.0, 0.0])),
    "solve, triangular": (lambda a: LA.solve(np.triu(a), np.ones(2)).sum(), np.diag([0.0, 1.0])),
}


@pytest.mark.parametrize("name", REFUSED)
def test_singular_is_an_error_in_eager_code_and_nan_in_compiled_code(name):
    f, a = REFUSED[name]
    for refused in (lambda: f(a), lambda: f(gg.array(a)), lambda: gg.grad(f)(a), lambda: gg.hessian(f)(a)):
        with pytest.raises(LA.LinAlgError):
            refused()
    assert np.isnan(gg.jit(f)(a))
    read = np.tri(2) if "cholesky" in name else np.tri(2).T if "triangular" in name else np.ones((2, 2))
    assert np.isnan(gg.jit(gg.grad(f))(a)).tolist() == (read == 1).tolist()
    assert np.isnan(gg.jit(gg.hessian(f))(a)).any()
    values, slopes = gg.vmap(gg.value_and_grad(f))(np.stack([a, REGULAR]))
    assert np.isnan(values).tolist() == [True, False]
    assert slopes[1] == pytest.approx(gg.grad(f)(REGULAR), rel=1e-12)


def test_no_result_of_a_singular_matrix_is_a_number():
    """Not even those that are computed before the zero pivot is met."""
    blocks = lambda t: np.array([[2.0, 0.0, 0.0], [0.0, t, t], [0.0, t, t]], dtype=object).view(gg.Array)
    assert np.isnan(gg.jit(lambda t: LA.solve(blocks(t), np.ones(3)))(1.0)).all()
    assert np.isnan(gg.jit(LA.inv)(np.diag([1.0, 0.0, 2.0]))).all()
    assert np.isnan(gg.jit(LA.cholesky)(INDEFINITE)[np.tri(2) == 1]).all()
    lower = lambda a: GG.solve_triangular(a, np.ones(2), lower=True)
    assert np.isnan(gg.jit(lower)(np.diag([1.0, 0.0]))).all()


def test_rows_may_share_entries(monkeypatch):
    """Any mixture of constants, and of nodes that stand in several places, gives what NumPy gives."""
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")
    rng = np.random.default_rng(5)
    for n in (2, 3, 4):
        for _ in range(8):
            kinds = rng.integers(0, 5, size=(n, n))

            def matrix(t: Any) -> Any:
                entries = np.array([1.0, 0.0, t[0], t[1], t[0] * t[1]], dtype=object)
                return entries[kinds]

            at = rng.normal(size=(6, 2))
            numbers = np.array([matrix(t).astype(float) for t in at])
            if min(abs(LA.det(numbers))) < 1e-3:
                continue
            for f in (lambda t: GG.inv(matrix(t)), lambda t: GG.lu(matrix(t))[2], lambda t: GG.det(matrix(t))):
                expected = np.array([gg.values(f(gg.array(t))) for t in at])
                assert gg.vmap(f)(at) == pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert gg.vmap(lambda t: GG.inv(matrix(t)))(at) == pytest.approx(LA.inv(numbers), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("size", [1e300, 1e-300, 1e-310])
def test_huge_and_tiny_matrices(size):
    a, b = REGULAR * size, np.array([4.0, 3.0]) * size
    for found in (gg.values(LA.solve(gg.array(a), b)), gg.jit(LA.solve)(a, b)):
        assert found == pytest.approx([1.0, 1.0], rel=1e-9)


def test_a_plain_array_of_objects_is_refused_with_the_cure():
    for transform in (gg.grad, gg.jit):
        with pytest.raises(gg.TracingError, match=r"write gg\.linalg\.inv instead"):
            transform(lambda t: LA.inv(np.array([[t, 0.0], [0.0, 1.0]], dtype=object))[0, 0])(2.0)


def test_a_determinant_has_a_derivative_where_it_is_zero():
    three = np.arange(9.0).reshape(3, 3)
    cofactors = np.array([[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]])
    assert gg.grad(LA.det)(three) == pytest.approx(cofactors)
    assert gg.jit(gg.grad(LA.det))(three) == pytest.approx(cofactors)
    four = np.diag([2.0, 3.0, 5.0, 0.0])
    assert gg.grad(LA.det)(four) == pytest.approx(np.diag([0.0, 0.0, 0.0, 30.0]))
    assert gg.grad(LA.det)(np.array([[0.0, 1.0], [0.0, 2.0]])) == pytest.approx(np.array([[2.0, 0.0], [-1.0, 0.0]]))


def test_the_logarithm_of_a_zero_determinant():
    for f in (LA.slogdet, gg.jit(LA.slogdet)):
        sign, logarithm = f(gg.array(SINGULAR) if f is LA.slogdet else SINGULAR)
        assert float(gg.values(sign)) == 0.0
        assert float(gg.values(logarithm)) == -np.inf


def test_symmetric_functions_of_equal_eigenvalues_have_right_derivatives():
    for f in (lambda a: LA.eigvalsh(a).sum(), lambda a: LA.eigh(a)[0].sum(), np.trace):
        assert gg.grad(f)(np.eye(3)) == pytest.approx(np.eye(3))
        assert gg.jit(gg.grad(f))(2.0 * np.eye(3)) == pytest.approx(np.eye(3))
    assert gg.grad(lambda a: (LA.eigvalsh(a) ** 3).sum())(2.0 * np.eye(2)) == pytest.approx(12.0 * np.eye(2))
    assert gg.grad(lambda a: LA.norm(a, "nuc"))(np.eye(2)) == pytest.approx(np.eye(2))


@pytest.mark.parametrize(
    "f", [lambda a: LA.eigh(a)[1][0, 0], lambda a: LA.svd(a)[0][0, 0], lambda a: LA.svd(a)[2][1, 0]]
)
def test_vectors_of_equal_values_have_no_derivative(f):
    for a in (np.eye(2), 2.0 * np.eye(3), np.zeros((3, 3))):
        assert not np.isfinite(gg.grad(f)(a)).all()
        assert not np.isfinite(gg.jit(gg.grad(f))(a)).all()
        assert not np.isfinite(gg.hessian(f)(a)).all()


def test_the_condition_of_a_singular_matrix_is_infinite():
    for f in (lambda a: float(LA.cond(gg.array(a))), gg.jit(LA.cond)):
        assert f(np.diag([1.0, 0.0])) == np.inf
        assert f(np.zeros((2, 2))) == np.inf
    assert LA.cond(gg.array(np.zeros((0, 2, 2)))).shape == (0,)


def test_eigenvectors_have_lapacks_signs_for_either_triangle():
    """LAPACK's signs differ between the triangles."""
    matrices = np.random.default_rng(0).normal(size=(8, 3, 3))
    for triangle in "LU":
        expected = LA.eigh(matrices, triangle)[1]
        assert gg.values(LA.eigh(gg.array(matrices), triangle)[1]) == pytest.approx(expected, abs=1e-12)
        assert gg.vmap(lambda a: LA.eigh(a, triangle)[1])(matrices) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("f", [LA.pinv, lambda a, **how: LA.svd(a, compute_uv=False, **how), LA.matrix_rank])
def test_of_a_hermitian_matrix_the_lower_triangle_is_read(f):
    a = np.array([[3.0, 9.0, 7.0], [1.0, 2.0, 8.0], [0.5, 0.0, 4.0]])
    expected = f(a, hermitian=True)
    of_nodes = f(gg.array(a), hermitian=True)
    assert np.asarray(gg.values(of_nodes) if isinstance(of_nodes, gg.Array) else of_nodes) == pytest.approx(expected)
    assert gg.jit(lambda a: f(a, hermitian=True))(a) == pytest.approx(expected)
    slopes = gg.grad(lambda a: np.sum(f(a, hermitian=True)) * 1.0 + a[0, 0])(a)
    assert (slopes[np.triu_indices(3, 1)] == 0.0).all()
    with pytest.raises(LA.LinAlgError, match="square"):
        f(gg.array(a[:2]), hermitian=True)


def test_only_one_triangle_is_read():
    assert gg.grad(lambda a: LA.cholesky(a).sum())(REGULAR)[0, 1] == 0
    assert gg.grad(lambda a: LA.eigvalsh(a)[0])(REGULAR)[0, 1] == 0
    assert gg.grad(lambda a: LA.eigvalsh(a, "U")[0])(REGULAR)[1, 0] == 0


def test_the_rank_of_a_least_squares_problem_may_be_short():
    a, b = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), np.array([1.0, 0.0, 2.0])
    x, residuals, rank, s = LA.lstsq(gg.array(a), b)
    expected = LA.lstsq(a, b)
    assert gg.values(x) == pytest.approx(expected[0], rel=1e-12)
    assert residuals.shape == (0,)
    assert rank == 1
    assert gg.values(s) == pytest.approx(expected[3], abs=1e-14)
    assert LA.matrix_rank(gg.array(a)) == 1
    assert gg.jit(LA.matrix_rank)(a) == 1


@pytest.mark.parametrize(
    "a", [SINGULAR, np.zeros((2, 2)), np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), np.ones((2, 3))]
)
def test_the_pseudoinverse_of_a_short_rank_is_the_same_in_compiled_code(a):
    assert gg.jit(LA.pinv)(a) == pytest.approx(LA.pinv(a), abs=1e-14)
    f = gg.grad(lambda a: LA.pinv(a)[0, 1])
    assert gg.jit(f)(a) == pytest.approx(f(a), abs=1e-13)
    solution = gg.jit(lambda a: LA.lstsq(a, np.ones(len(a)))[0])
    assert solution(a) == pytest.approx(LA.lstsq(a, np.ones(len(a)))[0], abs=1e-14)


NOTHING = {
    "inv": LA.inv, "det": LA.det, "slogdet": LA.slogdet, "cholesky": LA.cholesky, "eigh": LA.eigh, "svd": LA.svd,
    "eigvalsh": LA.eigvalsh, "qr": LA.qr, "pinv": LA.pinv, "matrix_rank": LA.matrix_rank, "expm": GG.expm, "lu": GG.lu,
    "solve": lambda a: LA.solve(a, np.zeros((0, 2))), "solve_triangular": lambda a: GG.solve_triangular(a, np.zeros(0)),
    "matrix_power": lambda a: LA.matrix_power(a, 2), "norm": lambda a: LA.norm(a),
}  # fmt: skip


def shapes(result: Any) -> Any:
    return [shapes(x) for x in result] if isinstance(result, tuple) else np.shape(result)


@pytest.mark.parametrize("name", NOTHING)
def test_matrices_may_be_empty(name):
    empty = np.zeros((0, 0))
    assert shapes(NOTHING[name](gg.array(empty))) == shapes(NOTHING[name](empty))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 2, 2)])
def test_stacks_and_sides_may_be_empty(shape):
    zeros = np.zeros(shape)
    for f in (LA.pinv, LA.qr, lambda a: LA.svd(a, full_matrices=False), LA.svdvals):
        assert shapes(f(gg.array(zeros))) == shapes(f(zeros))
    if len(shape) == 2:
        assert shapes(LA.lstsq(gg.array(zeros), np.zeros(shape[0]))) == shapes(LA.lstsq(zeros, np.zeros(shape[0])))
    else:
        for f in (LA.inv, LA.det, LA.eigh, lambda a: LA.solve(a, np.zeros((2, 1)))):
            assert shapes(f(gg.array(zeros))) == shapes(f(zeros))


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "eigvalsh", "svdvals", "pinv"])
def test_nan_stays_nan(name):
    f = getattr(LA, name)
    a = np.array([[np.nan, 1.0], [1.0, 2.0]])
    assert np.isnan(gg.values(f(gg.array(a)))).any()
    assert np.isnan(gg.jit(f)(a)).any()
    assert np.isnan(gg.grad(lambda a: np.sum(f(a)))(a)).any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: LA.inv(x[0]), LA.LinAlgError, "at least two-dimensional"),
        (lambda x: LA.inv(x[:1]), LA.LinAlgError, "must be square"),
        (lambda x: LA.cholesky(x[:1]), LA.LinAlgError, "must be square"),
        (lambda x: LA.solve(x, np.ones(3)), ValueError, "must have 2 rows"),
        (lambda x: LA.matrix_power(x, 1.5), TypeError, "integer"),
        (lambda x: LA.eigh(x, "X"), ValueError, "UPLO"),
        (lambda x: LA.qr(x, "raw"), ValueError, "mode"),
        (lambda x: LA.norm(x, 3), ValueError, "Invalid norm order"),
        (lambda x: LA.cond(x[:0]), LA.LinAlgError, "empty"),
        (lambda x: LA.lstsq(x, np.ones(3)), LA.LinAlgError, "Incompatible"),
        (lambda x: LA.pinv(x, x[0, 0]), TypeError, "plain number"),
        (lambda x: LA.svd(x[:1]), TypeError, "full_matrices=False"),
        (lambda x: GG.solve_triangular(x, np.ones(2), trans=3), ValueError, "trans"),
        (lambda x: GG.lu(x, unknown=1), TypeError, "unknown"),
        (lambda x: LA.tensorinv(x, 0), ValueError, "ind"),
        (lambda x: LA.tensorsolve(x, np.ones(3)), LA.LinAlgError, "prod"),
    ],
)
def test_wrong_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(gg.array(REGULAR))


def test_integers_and_nested_lists_are_matrices():
    x = gg.Scalar(1.0)
    assert gg.values(GG.solve([[x, 2], [3, 4]], [1, 2])) == pytest.approx([0.0, 0.5])
    assert GG.inv([[1, 2], [3, 4]]) == pytest.approx(LA.inv([[1, 2], [3, 4]]))
    assert gg.values(LA.solve(gg.array([[1, 2], [3, 4]]), [1, 2])) == pytest.approx([0.0, 0.5])


def test_the_package_lists_its_functions():
    assert dir(GG) == sorted(GG.__all__)
    assert dir(gg.interop) == sorted(gg.interop.__all__)


def test_a_graph_can_be_computed_again_pickled_and_drawn():
    def f(a: Any) -> Any:
        return LA.eigvalsh(a)[0] + LA.solve(a, np.ones(2)).sum() + LA.pinv(a)[0, 1]

    a = gg.array(REGULAR, label="a")
    y = f(a)
    again = pickle.loads(pickle.dumps(y))
    again.backward()
    assert again.data == y.data
    a[0, 0].data = 5.0
    y.forward()
    moved = REGULAR + np.diag([2.0, 0.0])
    assert y.data == pytest.approx(f(moved), rel=1e-12)
    y.backward()
    assert a[0, 0].grad == pytest.approx(gg.grad(f)(moved)[0, 0], rel=1e-12)
    assert "eigh" in str(gg.draw(y))


def test_a_nan_is_explained():
    report = gg.explain_nan(lambda a: gg.log(LA.solve(a, np.ones(2))[0] - 1.0), REGULAR)
    assert "log" in str(report)


def test_the_names_that_refusals_suggest_exist():
    from glassgrad.core.refusals import LINALG

    assert sorted({*GG.__all__} - {"LinAlgError"}) == sorted(LINALG)
