"""SciPy's solvers with compiled derivatives: known solutions, what each method gets, what users hand over."""

import sys
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

import glassgrad as gg

optimize = pytest.importorskip("scipy.optimize")
pytestmark = pytest.mark.filterwarnings("ignore:.*`Traced` changes the attribute self.traced:RuntimeWarning")

VALUES = ["Nelder-Mead", "Powell", "COBYQA"]
GRADIENTS = [None, "CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP"]
MATRICES = ["dogleg", "trust-exact"]
EITHER = ["Newton-CG", "trust-ncg", "trust-krylov", "trust-constr"]

SOLVED = 1e-3  # of an x, by methods that stop at gradients of 1e-5 or differences of 1e-4


class Traced:
    """A function that counts its runs on nodes, which are those of the compiler, and its other runs."""

    def __init__(self, f):
        self.f, self.traced, self.plain = f, 0, 0
        self.__name__ = f.__name__

    def __call__(self, x, *args):
        first = next(iter(x.values())) if isinstance(x, dict) else x
        on_nodes = isinstance(first if np.ndim(first) == 0 else np.ravel(first)[0], gg.Scalar)
        self.traced, self.plain = self.traced + on_nodes, self.plain + (not on_nodes)
        return self.f(x, *args)


def rosenbrock(x):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def bowl(p):
    """Least at centre (1, 2), scale 3."""
    return ((p["centre"] - np.array([1.0, 2.0])) ** 2).sum() + (p["scale"] - 3) ** 2


BOWL = {"scale": 1.0, "centre": np.zeros(2)}


def solve(method, fun=rosenbrock, x0=(1.2, 1.4, 1.9), **others):
    return gg.minimize(fun, x0, method=method, **others)


# What each method is handed


@pytest.mark.parametrize("method", [*VALUES, *GRADIENTS, *MATRICES, *EITHER])
def test_every_method_finds_the_minimum_by_machine_code(method):
    f = Traced(rosenbrock)
    result = solve(method, f)
    assert result.success
    assert result.x == pytest.approx(1.0, abs=SOLVED)
    assert f.plain == 0
    assert f.traced == (2 if method in MATRICES + EITHER else 1)  # value with gradient; Hessian


def test_cobyla_has_values_alone():
    f = Traced(bowl)
    result = solve("COBYLA", f, BOWL, tol=1e-6)
    assert result.x == pytest.approx([1, 2, 3], abs=SOLVED)
    assert (f.traced, f.plain) == (1, 0)


@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "trust-exact"])
def test_the_way_is_that_of_derivatives_by_hand(method):
    hess = {} if method == "BFGS" else {"hess": optimize.rosen_hess}
    by_hand = optimize.minimize(optimize.rosen, [-1.2, 1.0, 0.7], method=method, jac=optimize.rosen_der, **hess)
    ours = gg.minimize(rosenbrock, [-1.2, 1.0, 0.7], method=method)
    assert ours.keys() - {"tree"} == by_hand.keys()
    assert ours.nit == by_hand.nit
    assert ours.x == pytest.approx(by_hand.x, rel=1e-6)


@pytest.mark.parametrize("method", EITHER)
def test_many_variables_get_products_with_the_hessian(method, monkeypatch):
    handed = {}

    def spy(*args, **kwargs):
        handed.update(kwargs)
        return optimize.OptimizeResult(x=args[1])

    monkeypatch.setattr(optimize, "minimize", spy)
    x, p = np.linspace(-1.0, 1.0, 30), np.linspace(2.0, 3.0, 30)
    gg.minimize(rosenbrock, x, method=method)
    assert handed["hess"] is None
    assert handed["hessp"](x, p) == pytest.approx(optimize.rosen_hess_prod(x, p), rel=1e-12)


def test_a_method_of_ones_own_gets_all_derivatives():
    def newton(fun, x0, jac, hess, hessp, **others):
        step = np.linalg.solve(hess(x0), jac(x0))
        assert hessp(x0, step) == pytest.approx(jac(x0))
        return optimize.OptimizeResult(x=x0 - step, fun=fun(x0 - step))

    result = gg.minimize(bowl, BOWL, method=newton)
    assert result.fun == pytest.approx(0.0, abs=1e-28)
    assert result.tree["scale"] == pytest.approx(3.0)


def test_a_gradient_of_the_users_own_is_used_nested_or_flat():
    calls = []

    def slope(p, weight):
        calls.append(p)
        return {"scale": 2 * weight * (p["scale"] - 3), "centre": 2 * weight * (p["centre"] - np.array([1.0, 2.0]))}

    def flat(p, weight):
        return np.append(slope(p, weight)["centre"], slope(p, weight)["scale"])

    for jac in (slope, flat):
        calls.clear()
        f = Traced(lambda p, weight: weight * bowl(p))
        result = gg.minimize(f, BOWL, args=(2.0,), jac=jac)
        assert result.x == pytest.approx([1, 2, 3])
        assert f.traced == 1
        assert len(calls) >= result.njev
        assert calls[0].keys() == BOWL.keys()


def test_a_hessian_of_the_users_own_is_used():
    calls = []

    def hess(x):
        calls.append(x)
        return optimize.rosen_hess(x)

    f = Traced(rosenbrock)
    assert solve("trust-exact", f, hess=hess).success
    assert calls
    assert f.traced == 1

    def hessp(p, vector):
        calls.append(vector)
        return {name: 2 * v for name, v in vector.items()}

    calls.clear()
    assert solve("Newton-CG", bowl, BOWL, hessp=hessp).x == pytest.approx([1, 2, 3])
    assert set(calls[0]) == {"scale", "centre"}


def test_scipys_words_for_derivatives_go_to_scipy():
    quasi = solve("trust-constr", hess=optimize.SR1())
    assert quasi.success
    assert quasi.nhev == 0
    assert solve("BFGS", jac="2-point").nfev > 3 * solve("BFGS").nfev
    assert solve("BFGS", jac=False).nfev > 3 * solve("BFGS").nfev


def test_a_function_compiled_once_serves_many_problems():
    f = Traced(lambda x, target: ((x - target) ** 2).sum())
    both = gg.jit(gg.value_and_grad(f))
    for target in (1.0, 2.0, 5.0):
        assert gg.minimize(both, [0.0, 0.0], args=(target,), jac=True).x == pytest.approx(target)
    assert (f.traced, f.plain) == (1, 0)
    assert gg.minimize(both, [0.0, 0.0], args=(4.0,), jac=True, method="trust-exact").x == pytest.approx(4.0)


# x0, args, results


class Pair(NamedTuple):
    a: float
    b: float


@pytest.mark.parametrize(
    ("x0", "total"),
    [
        (3.0, lambda x: x),
        (np.float32(3.0), lambda x: x),
        ([3.0, 1], np.sum),
        ((3, 1), np.sum),
        (np.ones((2, 2)), lambda x: x[0, 0] + x[0, 1] + x[1].sum()),
        (np.ones(3, dtype=np.float32), np.sum),
        (np.arange(4), np.sum),
        ([[3.0, 1.0], (2.0, {"z": 1.0})], lambda x: x[0][0] + x[0][1] + x[1][0] + x[1][1]["z"]),
        (Pair(1.0, np.ones(2)), lambda x: x.a + x.b.sum()),
    ],
    ids=lambda x: type(x).__name__,
)
def test_x_reaches_the_function_nested_as_x0_is(x0, total):
    result = gg.minimize(lambda x: (total(x) - 10) ** 2, x0)
    assert result.x.ndim == 1
    assert result.x.dtype == float
    assert total(result.tree) == pytest.approx(10)
    if isinstance(x0, (Pair, np.ndarray)):
        assert type(result.tree) is type(x0)
    if isinstance(x0, np.ndarray):
        assert result.tree.shape == x0.shape
        assert result.tree.dtype == float


def test_numbers_of_x_are_in_the_order_of_sorted_keys_and_rows_and_bounds_too():
    result = gg.minimize(bowl, BOWL, bounds=[(None, None), (None, 1.5), (3.5, 4.0)])
    assert result.x == pytest.approx([1.0, 1.5, 3.5])
    assert result.tree["centre"] == pytest.approx([1.0, 1.5])


def test_args_that_are_no_floats_steer():
    def f(x, how, power, rows, target):
        return {"even": lambda r: (r**power).sum(), "none": None}[how](x[rows] - target)

    result = gg.minimize(f, [1.0, 2.0, 3.0], args=("even", 2, np.array([0, 2]), 7.0))
    assert result.x == pytest.approx([7.0, 2.0, 7.0])
    assert gg.minimize(lambda x, a: (x - a) ** 2, 0.0, args=5.0).x == pytest.approx([5.0])


def test_options_and_callback_are_scipys():
    seen = []
    result = solve("BFGS", callback=lambda x: seen.append(x), options={"maxiter": 3, "return_all": True})
    assert not result.success
    assert len(seen) == result.nit == 3
    assert np.array(result.allvecs[1:]) == pytest.approx(np.array(seen))
    states = []
    solve("trust-constr", callback=lambda intermediate_result: states.append(intermediate_result.fun))
    assert states[-1] < 1e-6
    assert solve("Nelder-Mead", tol=1e-9).nfev > solve("Nelder-Mead").nfev


def test_branches_of_the_function_stay_branches():
    def f(x):
        return (x[0] - 1) ** 2 if x[0] > 0 else 1 - 3 * x[0]

    assert gg.minimize(f, [-4.0]).x == pytest.approx([1.0])


# Constraints


def square_of_distance(x):
    return (x[0] - 1) ** 2 + (x[1] - 2.5) ** 2


LINES = [lambda x: x[0] - 2 * x[1] + 2, lambda x: -x[0] - 2 * x[1] + 6, lambda x: -x[0] + 2 * x[1] + 2]


@pytest.mark.parametrize("method", [None, "trust-constr", "COBYLA"])
def test_constraints_as_dicts(method):
    # Nocedal and Wright, Numerical Optimization (2nd edition), example 16.4: (1.4, 1.7)
    lines = [Traced(line) for line in LINES]
    constraints = [{"type": "ineq", "fun": line} for line in lines]
    result = gg.minimize(square_of_distance, [2.0, 0.0], method=method, bounds=[(0, None)] * 2, constraints=constraints)
    assert result.x == pytest.approx([1.4, 1.7], abs=SOLVED)
    counts = {None: 2, "trust-constr": 3, "COBYLA": 1}  # value, Jacobian, Hessian
    assert {(line.traced, line.plain) for line in lines} == {(counts[method], 0)}


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_hock_and_schittkowski_71(method):
    # Hock and Schittkowski, Test Examples for Nonlinear Programming Codes (1981), problem 71
    def cost(x):
        return x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2]

    product = Traced(lambda x: x[0] * x[1] * x[2] * x[3])
    squares = Traced(lambda x: (x * x).sum())
    constraints = [
        optimize.NonlinearConstraint(product, 25, np.inf),
        optimize.NonlinearConstraint(squares, 40, 40),
    ]
    result = gg.minimize(cost, [1.0, 5.0, 5.0, 1.0], method=method, bounds=[(1, 5)] * 4, constraints=constraints)
    assert result.fun == pytest.approx(17.0140173, abs=1e-4)
    assert result.x == pytest.approx([1.0, 4.7429994, 3.8211503, 1.3794082], abs=SOLVED)
    assert product.plain == squares.plain == 0
    assert product.traced == (3 if method == "trust-constr" else 2)  # value, Jacobian, Hessian


def test_constraints_of_many_variables():
    def on_a_sphere(x):
        return (x * x).sum()

    target = np.linspace(1.0, 2.0, 30)
    shell = optimize.NonlinearConstraint(on_a_sphere, 1, 1)
    result = gg.minimize(lambda x: ((x - target) ** 2).sum(), np.ones(30), method="trust-constr", constraints=shell)
    assert result.x == pytest.approx(target / np.linalg.norm(target), abs=SOLVED)


def test_derivatives_of_constraints_of_the_users_own_are_used():
    calls = []

    def jac(p):
        calls.append(p)
        return np.array([[1.0, 1.0, 0.0]])

    def hess(p, weights):
        calls.append(weights)
        return np.zeros((3, 3))

    on_a_line = Traced(lambda p: p["centre"].sum() - 1)
    nonlinear = optimize.NonlinearConstraint(on_a_line, 0, 0, jac=jac, hess=hess)
    linear = optimize.LinearConstraint([[0, 0, 1]], 4, 4)
    result = gg.minimize(bowl, BOWL, method="trust-constr", constraints=[nonlinear, linear])
    assert result.x == pytest.approx([0, 1, 4], abs=SOLVED)
    assert on_a_line.traced == 1
    assert {type(x) for x in calls} == {dict, np.ndarray}
    calls.clear()
    given = {"type": "eq", "fun": lambda p, level: p["centre"].sum() - level, "jac": lambda p, level: jac(p)}
    result = gg.minimize(bowl, BOWL, constraints=given | {"args": (1.0,)})
    assert result.x == pytest.approx([0, 1, 3], abs=SOLVED)
    assert calls
    assert set(given) == {"type", "fun", "jac"}


# Least squares and roots

# NIST, Statistical Reference Datasets, nonlinear regression: Misra1a, with its certified values
MISRA_X = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0]
MISRA_Y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78]
MISRA_B, MISRA_SUM = [2.3894212918e02, 5.5015643181e-04], 1.2455138894e-01


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_gives_the_certified_values_of_nist(method):
    f = Traced(lambda b, x, y: b[0] * (1 - np.exp(-b[1] * x)) - y)
    data = np.array(MISRA_X), np.array(MISRA_Y)
    result = gg.least_squares(
        f, [250.0, 0.0005], method=method, args=data, x_scale="jac", xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    assert result.x == pytest.approx(MISRA_B, rel=1e-8)
    assert 2 * result.cost == pytest.approx(MISRA_SUM, rel=1e-9)
    assert (f.traced, f.plain) == (2, 0)


def test_residuals_may_be_nested_and_constant_and_arguments_go_by_name():
    def f(p, *, target):
        return {"far": [p["x"] - target, 0.0], "near": p["y"] * np.array([1.0, 2.0])}

    result = gg.least_squares(f, {"x": 0.0, "y": 5.0}, kwargs={"target": 3.0}, bounds=([-9, -9], [2, 9]))
    assert result.tree == pytest.approx({"x": 2.0, "y": 0.0}, abs=1e-6)
    assert result.fun.shape == (4,)
    assert result.jac == pytest.approx(np.array([[1, 0], [0, 0], [0, 1], [0, 2]]))


def test_very_many_residuals_are_a_batch():
    x = np.linspace(0.0, 1.0, 20_000)
    y = 3 * x / (0.5 + x)

    def residual(b, x, y):
        return b[0] * x / (b[1] + x) - y

    axes = (None, 0, 0)
    fun, jac = gg.vmap(residual, in_axes=axes), gg.vmap(gg.grad(residual), in_axes=axes)
    result = gg.least_squares(fun, [1.0, 1.0], jac=jac, args=(x, y))
    assert result.x == pytest.approx([3.0, 0.5])
    assert gg.least_squares(residual, [1.0, 1.0], jac="2-point", args=(x[:50], y[:50])).success


@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1", "krylov", "df-sane"])
def test_roots(method):
    f = Traced(lambda x: [x[0] ** 2 + x[1] ** 2 - 4, x[0] - x[1]])
    result = gg.root(f, [1.0, 2.0], method=method)
    assert result.success
    assert result.x == pytest.approx([2**0.5] * 2, abs=SOLVED)
    assert (f.traced, f.plain) == (2 if method in ("hybr", "lm") else 1, 0)
    assert f.f(result.tree) == pytest.approx([0, 0], abs=4 * SOLVED)


def test_a_jacobian_of_the_users_own_finds_roots():
    def jac(x):
        return [[2 * x[0], 2 * x[1]], [1, -1]]

    f = Traced(lambda x: [x[0] ** 2 + x[1] ** 2 - 4, x[0] - x[1]])
    assert gg.root(f, [1.0, 2.0], jac=jac).x == pytest.approx([2**0.5] * 2)
    assert gg.root(lambda x: (f(x), jac(x)), [1.0, 2.0], jac=True).x == pytest.approx([2**0.5] * 2)
    assert gg.root(f, [1.0, 2.0], jac=False).x == pytest.approx([2**0.5] * 2)
    assert f.traced == 2


def test_the_root_of_one_equation_is_a_number():
    assert gg.root(lambda x: x**3 - 8, 1.0).tree == pytest.approx(2.0)


# Progress and errors


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (lambda: solve("BFGS", progress=True), "minimize"),
        (lambda: solve("Nelder-Mead", progress=True, options={"maxfev": 5}), "minimize"),
        (lambda: gg.least_squares(lambda x: x - 1, [3.0], progress=True, max_nfev=9), "least_squares"),
        (lambda: gg.root(lambda x: x - 1, [3.0], progress=True), "root"),
    ],
)
def test_progress_is_a_bar_of_calls_on_stderr(run, name, capfd):
    result = run()
    out, err = capfd.readouterr()
    assert not out
    last = err.rstrip().split("\r")[-1]
    assert last.startswith(name)
    assert f"{result.nfev}" in last
    assert "calls" in last


def test_no_bar_unless_asked_for(capfd):
    solve("BFGS")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("run", "error", "words"),
    [
        (
            lambda: gg.minimize(lambda x: x, [1.0, 2.0]),
            TypeError,
            r"one number, but your function at .* returned an array of sh",
        ),
        (lambda: gg.minimize(lambda x: [x[0]], [1.0]), TypeError, "returned a list of 1; reduce it"),
        (lambda: gg.minimize(lambda x: None, [1.0]), TypeError, "returned None; is its return missing"),
        (lambda: gg.minimize(3.0, [1.0]), TypeError, "gg.minimize needs a function, got float 3.0"),
        (lambda: gg.minimize(rosenbrock, ["a", 1.0]), TypeError, "x0 of gg.minimize needs a number, but got str 'a'"),
        (lambda: gg.minimize(rosenbrock, {"w": [1j]}), TypeError, "x0 of gg.minimize needs a number, but got complex"),
        (lambda: gg.minimize(rosenbrock, []), ValueError, "at least one number in x0"),
        (lambda: gg.minimize(rosenbrock, None), ValueError, "at least one number in x0"),
        (lambda: gg.minimize(rosenbrock, [1.0, 2.0], method="Newtons"), ValueError, "Unknown solver Newtons"),
        (lambda: gg.minimize(lambda x: float(x[0]), [1.0]), gg.TracingError, "gg.sin"),
        (lambda: gg.minimize(rosenbrock, [1.0, 2.0], jac=True), TypeError, r"must return \(value, derivative\)"),
        (lambda: gg.minimize(rosenbrock, [1.0], constraints={"type": "eq", "fun": 1}), TypeError, "needs a function"),
        (lambda: gg.minimize(rosenbrock, [1.0], constraints={"type": "eq"}), ValueError, "no function"),
        (
            lambda: gg.least_squares(lambda x: [x[0], "a"], [1.0]),
            TypeError,
            "results are numbers, but your function at .* ret",
        ),
        (lambda: gg.least_squares(lambda x: None, [1.0]), TypeError, "returned None"),
        (lambda: gg.root(lambda x: x[:1], [1.0, 2.0]), TypeError, "mismatch between the input and output shape"),
        (lambda: gg.root(lambda x: x, [1.0], method="secant"), ValueError, "Unknown solver secant"),
    ],
)
def test_errors_say_what_is_wrong(run, error, words):
    with pytest.raises(error, match=words):
        run()


@pytest.mark.parametrize("solver", ["minimize", "least_squares", "root"])
def test_without_scipy_the_error_has_the_cure(solver, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=rf"gg\.{solver} needs SciPy: pip install glassgrad\[scipy\]"):
        getattr(gg, solver)(rosenbrock, [1.0, 2.0])
