"""Functions of SciPy itself with compiled functions and derivatives: integrals, equations, curves and minima."""

import math
from itertools import pairwise

import numpy as np
import pytest

import glassgrad as gg

pytest.importorskip("scipy")
from scipy import integrate, optimize

ways = pytest.mark.parametrize("compiled", [lambda f: f, gg.jit], ids=["eager", "jit"])

# Integrals


def gaussian(x, a):
    return gg.exp(-a * x * x)


@ways
def test_quad_integrates_a_function_and_its_derivative(compiled):
    a = 2.0
    total, _ = integrate.quad(compiled(gaussian), -np.inf, np.inf, args=(a,))
    slope, _ = integrate.quad(compiled(gg.grad(gaussian, argnums=1)), -np.inf, np.inf, args=(a,))
    assert total == pytest.approx(math.sqrt(math.pi / a), rel=1e-8)
    assert slope == pytest.approx(-math.sqrt(math.pi / a) / (2 * a), rel=1e-8)


def test_an_integral_is_an_operation_with_the_integral_of_the_gradient_as_partial():
    slope = gg.jit(gg.grad(gaussian, argnums=1))

    @gg.primitive(partials=lambda y, a: float(integrate.quad(slope, 0, 1, args=(float(a),))[0]))
    def total(a):
        return integrate.quad(gaussian, 0, 1, args=(a,))[0]

    def exact(a):
        return math.sqrt(math.pi / a) / 2 * math.erf(math.sqrt(a))

    def exact_slope(a):
        return (math.exp(-a) - exact(a)) / (2 * a)

    assert total(2.0) == pytest.approx(exact(2.0), rel=1e-12)
    assert gg.grad(lambda a: total(a) ** 2)(2.0) == pytest.approx(2 * exact(2.0) * exact_slope(2.0), rel=1e-12)


@pytest.mark.parametrize("transform", [gg.grad, gg.jit], ids=["grad", "jit"])
def test_quad_inside_a_transform_is_refused(transform):
    with pytest.raises(gg.TracingError, match=r"test_scipy\.py:\d+: .*quad\("):
        transform(lambda a: integrate.quad(gaussian, 0, 1, args=(a,))[0])(2.0)


@ways
def test_rules_on_samples_are_differentiated(compiled):
    x = np.linspace(0.0, 1.0, 101)
    for rule in (integrate.simpson, integrate.trapezoid):
        slope = compiled(gg.grad(lambda a, rule=rule: rule(np.exp(-a * x), x=x)))
        assert slope(2.0) == pytest.approx(rule(-x * np.exp(-2.0 * x), x=x), rel=1e-13)
    fixed = compiled(gg.grad(lambda a: integrate.fixed_quad(lambda x: np.exp(-a * x), 0, 1, n=8)[0]))
    assert fixed(2.0) == pytest.approx((3 * math.exp(-2) - 1) / 4, rel=1e-10)


# Differential equations


@ways
def test_solve_ivp_takes_right_hand_sides_and_events(compiled):
    falling = compiled(lambda t, y: [y[1], -9.81])
    found = integrate.solve_ivp(falling, (0, 5), [1.0, 2.0], events=compiled(lambda t, y: y[0]), rtol=1e-10)
    assert found.t_events[0] == pytest.approx([(2 + math.sqrt(4 + 2 * 9.81)) / 9.81], rel=1e-9)


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_stiff_methods_take_compiled_jacobians(method):
    """Robertson's reaction: at t = 40, from E. Hairer and G. Wanner, Solving Ordinary Differential Equations II."""

    def robertson(t, y):
        a, b, c = y
        return [-0.04 * a + 1e4 * b * c, 0.04 * a - 1e4 * b * c - 3e7 * b * b, 3e7 * b * b]

    jacobian = gg.jit(gg.jacobian(robertson, argnums=1))
    found = integrate.solve_ivp(
        gg.jit(robertson), (0, 40), [1.0, 0.0, 0.0], method=method, jac=jacobian, rtol=1e-9, atol=1e-12
    )
    assert found.success
    assert found.y[:, -1] == pytest.approx([0.7158271, 9.1855e-6, 0.2841638], rel=1e-4)


def test_sensitivities_are_integrated_beside_the_solution():
    def growth(t, y, rate):
        return rate * y * (1 - y)

    by_y, by_rate = (gg.grad(growth, argnums=i) for i in (1, 2))
    both = gg.jit(lambda t, s, k: [growth(t, s[0], k), by_y(t, s[0], k) * s[1] + by_rate(t, s[0], k)])
    found = integrate.solve_ivp(both, (0, 2), [0.1, 0.0], args=(1.5,), rtol=1e-10, atol=1e-12)
    y = 1 / (1 + 9 * math.exp(-3.0))  # the logistic curve
    assert found.y[:, -1] == pytest.approx([y, 2 * y * (1 - y)], rel=1e-8)


# Curves


X = np.linspace(0.0, 4.0, 40)
Y = 3 * np.exp(-0.7 * X) + 0.5 + np.random.default_rng(1).normal(0.0, 0.05, X.size)


def decay(x, a, k, c):
    return a * np.exp(-k * x) + c


def test_curve_fit_takes_compiled_models_and_jacobians():
    expected, covariance = optimize.curve_fit(decay, X, Y, p0=(1, 1, 0))
    model = gg.vmap(decay, in_axes=(0, None, None, None))
    gradient = gg.grad(decay, argnums=(1, 2, 3))
    rows = gg.vmap(lambda x, *p: np.array(gradient(x, *p)), in_axes=(0, None, None, None))
    whole = gg.jit(lambda x, *p: np.stack(gg.jacobian(decay, argnums=(1, 2, 3))(x, *p), axis=1))
    for f, jac in ((gg.jit(decay), None), (model, None), (model, rows), (gg.jit(decay), whole)):
        found, errors = optimize.curve_fit(f, X, Y, p0=(1, 1, 0), jac=jac)
        assert found == pytest.approx(expected, rel=1e-6)
        assert errors == pytest.approx(covariance, rel=1e-3)
    assert optimize.curve_fit(gg.jit(decay), X, Y)[0] == pytest.approx(expected, rel=1e-6)  # names tell how many
    bounded = optimize.curve_fit(gg.jit(decay), X, Y, p0=(1, 1, 0.1), bounds=(0, 10), jac=whole)[0]
    assert bounded == pytest.approx(expected, rel=1e-5)


# Minima and roots


def rosenbrock(x):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


@ways
def test_minimize_takes_our_derivatives(compiled):
    start = [-1.2, 1.0, 1.0]
    f, gradient = compiled(rosenbrock), compiled(gg.grad(rosenbrock))
    assert optimize.minimize(f, start, jac=gradient).x == pytest.approx(np.ones(3), abs=1e-4)
    both = optimize.minimize(compiled(gg.value_and_grad(rosenbrock)), np.array(start), jac=True)
    assert both.x == pytest.approx(np.ones(3), abs=1e-4)
    hessian = compiled(gg.hessian(rosenbrock))
    newton = optimize.minimize(f, start, jac=gradient, hess=hessian, method="trust-exact")
    assert newton.x == pytest.approx(np.ones(3), abs=1e-4)
    assert optimize.check_grad(f, gradient, np.array(start)) < 1e-4


@ways
def test_roots_of_one_number(compiled):
    f = compiled(lambda x: x**3 - 2)
    slope, bend = compiled(gg.grad(f)), compiled(gg.grad(gg.grad(f)))
    root = 2 ** (1 / 3)
    assert optimize.newton(f, 1, fprime=slope, fprime2=bend) == pytest.approx(root, rel=1e-14)
    assert optimize.brentq(f, 0, 2) == pytest.approx(root, rel=1e-10)
    both = compiled(gg.value_and_grad(lambda x: x**3 - 2))
    assert optimize.root_scalar(both, x0=1.0, fprime=True, method="newton").root == pytest.approx(root, rel=1e-14)


@ways
def test_roots_of_systems(compiled):
    def system(x):
        return [x[0] ** 2 + x[1] - 3, x[0] - x[1]]

    found = optimize.fsolve(compiled(system), [1, 1], fprime=compiled(gg.jacobian(system)))
    assert found == pytest.approx([(math.sqrt(13) - 1) / 2] * 2, rel=1e-12)


def test_populations_are_lanes():
    found = optimize.differential_evolution(
        gg.vmap(rosenbrock, in_axes=1), [(-2, 2)] * 2, rng=0, polish=False, vectorized=True, updating="deferred"
    )
    assert found.x == pytest.approx([1, 1], abs=1e-3)
