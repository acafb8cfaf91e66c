"""Minuit with compiled functions and gradients: what it finds is known in closed form."""

import numpy as np
import pytest

import glassgrad as gg

Minuit = pytest.importorskip("iminuit").Minuit
costs = pytest.importorskip("iminuit.cost")

SAMPLE = np.random.default_rng(0).exponential(2.0, 200)


def parabola(x, y, z):
    return (x - 2) ** 2 + (y - 3) ** 2 + (z - 4) ** 2


def of_array(p):
    return ((p - np.array([2.0, 3.0, 4.0])) ** 2).sum()


def negative_log_likelihood(tau):
    return (SAMPLE / tau).sum() + SAMPLE.size * gg.log(tau)


@pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_parameters_are_named_after_the_arguments(compiled):
    minuit = Minuit(compiled(parabola), x=0, y=0, z=0, grad=compiled(gg.grad(parabola, argnums=(0, 1, 2))))
    minuit.migrad()
    assert minuit.valid
    assert minuit.parameters == ("x", "y", "z")
    assert list(minuit.values) == pytest.approx([2, 3, 4], abs=1e-6)
    assert list(minuit.errors) == pytest.approx([1, 1, 1], rel=1e-6)  # from where the function is 1 higher
    assert minuit.ngrad > 0


def test_parameters_may_be_an_array():
    minuit = Minuit(gg.jit(of_array), np.zeros(3), name=("a", "b", "c"), grad=gg.jit(gg.grad(of_array)))
    assert list(minuit.migrad().values) == pytest.approx([2, 3, 4], abs=1e-6)


def test_a_likelihood_has_the_errors_of_theory():
    gradient = gg.jit(gg.grad(negative_log_likelihood, argnums=(0,)))  # a tuple: Minuit wants one entry per parameter
    minuit = Minuit(gg.jit(negative_log_likelihood), tau=1.0, grad=gradient)
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.limits["tau"] = (0.01, None)
    minuit.migrad()
    minuit.hesse()
    assert minuit.values["tau"] == pytest.approx(SAMPLE.mean(), rel=1e-4)
    assert minuit.errors["tau"] == pytest.approx(SAMPLE.mean() / np.sqrt(SAMPLE.size), rel=1e-3)


def test_costs_of_iminuit_take_models_of_ours():
    x = np.linspace(0.0, 1.0, 20)
    y = 1 + 2 * x + 0.1 * np.sin(37 * x)

    def line(x, a, b):
        return a + b * x

    slopes = gg.vmap(gg.grad(line, argnums=(1, 2)), in_axes=(0, None, None))
    cost = costs.LeastSquares(
        x, y, 0.1, gg.vmap(line, in_axes=(0, None, None)), grad=lambda *args: np.array(slopes(*args))
    )
    minuit = Minuit(cost, a=0, b=0)
    minuit.migrad()
    assert [minuit.values["b"], minuit.values["a"]] == pytest.approx(np.polyfit(x, y, 1), abs=1e-6)

    density = gg.vmap(lambda x, tau: gg.exp(-x / tau) / tau, in_axes=(0, None))
    found = Minuit(costs.UnbinnedNLL(SAMPLE, density), tau=1.0).migrad()
    assert found.values["tau"] == pytest.approx(SAMPLE.mean(), abs=0.02 * found.errors["tau"])  # where Minuit stops
