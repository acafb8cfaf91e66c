"""lmfit with compiled models and exact derivatives, compared with its own fit by differences."""

import numpy as np
import pytest

import glassgrad as gg

lmfit = pytest.importorskip("lmfit")

RNG = np.random.default_rng(1)
X = np.linspace(0.0, 4.0, 40)
Y = 3 * np.exp(-0.7 * X) + 0.5 + RNG.normal(0.0, 0.05, X.size)
START = {"a": 1.0, "k": 1.0, "c": 0.0}


def decay(x, a, k, c):
    return a * np.exp(-k * x) + c


def fitted(result):
    return [result.params[name].value for name in START]


@pytest.fixture(scope="module")
def own():
    """The fit of lmfit without us."""
    return lmfit.Model(decay).fit(Y, x=X, **START)


def test_a_compiled_function_is_a_model(own):
    model = lmfit.Model(gg.jit(decay))
    assert (model.independent_vars, model.param_names) == (["x"], ["a", "k", "c"])
    assert fitted(model.fit(Y, x=X, **START)) == pytest.approx(fitted(own), rel=1e-6)
    assert fitted(model.fit(Y, x=X, a=1, k=1, c=0)) == pytest.approx(fitted(own), rel=1e-6)  # whole numbers


def test_models_of_ours_are_added_to_those_of_lmfit(own):
    both = lmfit.Model(gg.jit(lambda x, a, k: a * gg.exp(-k * x))) + lmfit.models.ConstantModel()
    assert fitted(both.fit(Y, x=X, **START)) == pytest.approx(fitted(own), rel=1e-6)


@pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_exact_derivatives_take_fewer_evaluations(compiled, own):
    jacobian = compiled(gg.jacobian(lambda p: decay(X, **p) - Y))

    def residuals(params):
        return decay(X, **params.valuesdict()) - Y

    def slopes(params):
        found = jacobian(params.valuesdict())
        return np.array([found[name] for name in params])

    minimizer = lmfit.Minimizer(residuals, lmfit.create_params(**START))
    exact, differences = minimizer.leastsq(Dfun=slopes, col_deriv=1), minimizer.leastsq()
    assert fitted(exact) == pytest.approx(fitted(own), rel=1e-6)
    assert exact.nfev < differences.nfev
    for name in START:
        assert exact.params[name].stderr == pytest.approx(own.params[name].stderr, rel=1e-3)
    of_scipy = minimizer.least_squares(jac=lambda params: slopes(params).T)
    assert fitted(of_scipy) == pytest.approx(fitted(own), rel=1e-6)


def test_bounds_and_expressions_stay_those_of_lmfit():
    params = lmfit.create_params(a={"value": 1.0, "min": 0, "max": 2}, k=1.0, c={"expr": "a / 4"})
    ours = lmfit.Model(gg.jit(decay)).fit(Y, params, x=X)
    theirs = lmfit.Model(decay).fit(Y, params, x=X)
    assert fitted(ours) == pytest.approx(fitted(theirs), rel=1e-6)
    assert ours.params["c"].value == pytest.approx(ours.params["a"].value / 4)
