"""Textbook programs compile as they are, and agree with JAX; a batched solve is fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassgrad as gg

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
import gaussian_process
import kalman_filter

sys.path.pop(0)

# Values, gradients and second derivatives by JAX 0.10.2 in float64, with jax.numpy in place of numpy.
AT, POINT = np.array([-2.0, 0.3]), np.array([0.1, 0.2, -2.0])
KALMAN_30 = (
    -56.86893747200174,
    [-2.02023156270622, -1.3153220380069361],
    [[-0.654042013880191, 0.18592965946138348], [0.18592965946138332, -10.542536999111988]],
)
KALMAN_200 = -383.2209564689486, [-10.624723434059467, -0.2816342679385126]
GAUSSIAN_12 = (
    9.27271684653952,
    [4.236434532811142, -2.525016754316264, 2.512304318538056],
    [
        [5.676045817915784, -4.210974041134818, -0.51891952969796],
        [-4.210974041134817, 2.9077873514707258, 1.0680854052918234],
        [-0.5189195296979614, 1.0680854052918232, 0.46938649027538615],
    ],
)
GAUSSIAN_40 = 15.168715986598269, [5.168987095959588, -6.467189639310171, 12.859176488197715]
CLOSE = 1e-10


def kalman(count: int) -> Any:
    ys = kalman_filter.simulated(count)
    return lambda theta: kalman_filter.log_likelihood(theta, ys)


def gaussian(count: int) -> Any:
    x, y = gaussian_process.measured(count)
    return lambda theta: gaussian_process.negative_log_likelihood(theta, x, y)


SHORT = {"kalman": (kalman(30), AT, KALMAN_30), "gaussian": (gaussian(12), POINT, GAUSSIAN_12)}
LONG = {"kalman": (kalman(200), AT, KALMAN_200), "gaussian": (gaussian(40), POINT, GAUSSIAN_40)}


@pytest.mark.parametrize(("f", "at", "expected"), SHORT.values(), ids=SHORT)
def test_a_textbook_program_agrees_with_jax(f, at, expected, monkeypatch):
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")
    for transform in (gg.value_and_grad(f), gg.jit(gg.value_and_grad(f))):
        value, slopes = transform(at)
        assert value == pytest.approx(expected[0], rel=CLOSE)
        assert slopes == pytest.approx(np.array(expected[1]), rel=CLOSE)
    assert gg.hessian(f)(at) == pytest.approx(np.array(expected[2]), rel=CLOSE)


@pytest.mark.filterwarnings("ignore:.*changes the list")
@pytest.mark.slow
@pytest.mark.parametrize(("f", "at", "expected"), LONG.values(), ids=LONG)
def test_a_long_program_compiles_at_first_try_and_agrees_with_jax(f, at, expected):
    runs = []

    def counted(theta: Any) -> Any:
        runs.append(theta)
        return f(theta)

    compiled = gg.jit(gg.value_and_grad(counted))
    value, slopes = compiled(at)
    assert value == pytest.approx(expected[0], rel=CLOSE)
    assert slopes == pytest.approx(np.array(expected[1]), rel=CLOSE)
    seen = len(runs)
    compiled(at)
    assert len(runs) == seen  # machine code ran, and not the function


def weighed_solution(a: Any, b: Any) -> Any:
    x = np.linalg.solve(a, b)
    return 1.5 * x[0] - x[1] + 0.5 * x[2]


def test_the_gradient_of_a_solve_is_one_path_that_shares_its_factors():
    """A 3 by 3 solve needs 6 divisions. The transposed equations of its gradient need 3 reciprocals more."""
    f = gg.vmap(gg.value_and_grad(weighed_solution, (0, 1)))
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(64, 3, 3)), rng.normal(size=(64, 3))
    value, (by_a, by_b) = f(a, b)
    x = np.linalg.solve(a, b[..., None])[..., 0]
    weights = np.broadcast_to(np.array([1.5, -1.0, 0.5]), b.shape)
    adjoint = np.linalg.solve(np.swapaxes(a, 1, 2), weights[..., None])[..., 0]
    scale = np.linalg.cond(a).max()
    assert value == pytest.approx((x * weights).sum(axis=1), rel=1e-13 * scale)
    assert by_b == pytest.approx(adjoint, rel=1e-13 * scale)
    assert by_a == pytest.approx(-adjoint[:, :, None] * x[:, None, :], rel=1e-12 * scale)
    tape = str(f.lower(a, b).tape)
    assert "guard" not in tape
    assert tape.count(" / ") == 9
