"""A function of glassgrad is one of JAX's: jit, vmap and grad agree with the same function in JAX."""

import pickle

import numpy as np
import pytest

import glassgrad as gg

jax = pytest.importorskip("jax")
jnp = jax.numpy
function = gg.interop.jax.function
pytestmark = pytest.mark.one_build


def energy(x, y):
    return gg.sin(x).sum() * y + (x * x * y).sum()


def energy_of_jax(x, y):
    return jnp.sin(x).sum() * y + (x * x * y).sum()


OURS = function(energy)
ROWS = np.arange(12.0).reshape(4, 3) / 7


@pytest.fixture(params=[False, True], ids=["float32", "float64"])
def precise(request):
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", request.param)
    yield request.param
    jax.config.update("jax_enable_x64", before)


USES = {
    "call": lambda f, x, y, rows: f(x, y),
    "jit": lambda f, x, y, rows: jax.jit(f)(x, y),
    "grad": lambda f, x, y, rows: jax.grad(f, (0, 1))(x, y),
    "jit of grad": lambda f, x, y, rows: jax.jit(jax.value_and_grad(f, (0, 1)))(x, y),
    "vmap": lambda f, x, y, rows: jax.vmap(f, (0, None))(rows, y),
    "vmap, another axis": lambda f, x, y, rows: jax.vmap(f, (1, None))(rows.T, y),
    "vmap of one": lambda f, x, y, rows: jax.vmap(f, (0, None))(rows[:1], y),
    "vmap of none": lambda f, x, y, rows: jax.vmap(f, (0, None))(rows[:0], y),
    "vmap of grad": lambda f, x, y, rows: jax.jit(jax.vmap(jax.grad(f, (0, 1)), (0, None)))(rows, y),
    "grad of vmap": lambda f, x, y, rows: jax.grad(lambda y: jax.vmap(f, (0, None))(rows, y).sum())(y),
    "vmap of vmap": lambda f, x, y, rows: jax.vmap(jax.vmap(f, (0, None)), (None, 0))(rows, x),
    "Hessian": lambda f, x, y, rows: jax.jacrev(jax.jacrev(f, (0, 1)), (0, 1))(x, y),
    "jit of second derivative": lambda f, x, y, rows: jax.jit(jax.grad(lambda x: (jax.grad(f)(x, y) ** 2).sum()))(x),
    "scan": lambda f, x, y, rows: jax.lax.scan(lambda y, row: (f(row, y), y), y, rows),
}


@pytest.mark.parametrize(
    "use", [pytest.param(use, marks=[pytest.mark.slow] * (name == "Hessian"), id=name) for name, use in USES.items()]
)
def test_it_does_what_a_function_of_jax_does(precise, use):
    arguments = jnp.array([0.3, 1.0, -2.0]), jnp.array(0.7), jnp.array(ROWS)
    found, expected = (jax.tree.leaves(use(f, *arguments)) for f in (OURS, energy_of_jax))
    assert [x.dtype for x in found] == [x.dtype for x in expected]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13 if precise else 2e-5, atol=1e-14 if precise else 1e-5)


def test_third_derivatives():
    f = function(lambda x: gg.sin(x) * x)
    third = jax.grad(jax.grad(jax.grad(f)))(jnp.array(0.7))
    assert third == pytest.approx(-3 * np.sin(0.7) - 0.7 * np.cos(0.7), rel=1e-5)


def test_structures_of_arguments_and_results():
    f = function(lambda p, how, n: {"x": p["w"] * p["b"] * n, "truth": p["w"] > 0, "how": how, "n": 3})
    p = {"w": jnp.array([1.0, -2.0]), "b": jnp.array(3.0)}
    found = f(p, "times", 2)
    assert found["x"].tolist() == [6.0, -12.0]
    assert (found["truth"].tolist(), found["how"], int(found["n"])) == ([True, False], "times", 3)
    slope = jax.jit(jax.grad(lambda p: f(p, "times", jnp.array(2))["x"].sum()))(p)
    assert (slope["w"].tolist(), float(slope["b"])) == ([6.0, 6.0], -2.0)
    assert f({"w": np.array([1.0]), "b": 2.0}, "times", 1)["x"].tolist() == [2.0]


def test_branches_run_as_the_values_say():
    def steep(x):
        if x < 0.75:
            return x * 10.0
        return x

    f = function(steep)
    assert jax.vmap(jax.grad(f))(jnp.array([0.5, 1.0, 0.25])).tolist() == [10.0, 1.0, 10.0]


def test_a_function_that_fails_at_some_points_is_probed_at_others():
    def picky(x):
        if x > 0.75:
            raise ValueError("too large")
        return x * 2.0

    assert float(function(picky)(jnp.array(0.5))) == 1.0


def test_tracers_of_jax_are_told_the_cure():
    for f in (gg.jit(lambda x: x * 2.0), gg.grad(lambda x: x), lambda x: gg.Scalar(1.0) * x, gg.values):
        with pytest.raises(TypeError, match=r"tracer of JAX.*gg\.interop\.jax\.function"):
            jax.jit(f)(1.0)


def test_what_it_refuses():
    with pytest.raises(TypeError, match=r"an argument of energy is a complex array: pass x\.real"):
        OURS(jnp.array([1j]), 1.0)
    with pytest.raises(TypeError, match="needs a function, got float"):
        function(1.0)


def test_it_pickles_and_says_what_it_is():
    f = pickle.loads(pickle.dumps(OURS))
    assert f(ROWS[0], 1.0) == OURS(ROWS[0], 1.0)
    assert repr(f) == "<gg.interop.jax.function of energy>"
