"""Transforms of functions against closed forms: structures, nesting, perturbation confusion, what must not leak."""

import collections
import copy
import gc
import itertools
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad import Scalar, TracingError, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp, where
from glassgrad.core.reverse import gradient
from glassgrad.core.state import HERE
from helpers.threads import run_in_threads


def diff(f):
    """The derivative of ``f``, by the forward sweep."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


def pulled(f):
    """The derivative of ``f``, by the pullback."""
    return lambda x: vjp(f, x)[1](1.0)[0]


MODES = {"grad": grad, "jvp": diff, "vjp": pulled, "jacobian": jacobian}
modes = pytest.mark.parametrize("D", MODES.values(), ids=MODES)
pairs = pytest.mark.parametrize(
    ("D", "E"),
    list(itertools.product(MODES.values(), repeat=2)),
    ids=[f"{inner} in {outer}" for outer, inner in itertools.product(MODES, repeat=2)],
)


# Derivatives

CLOSED_FORMS = [  # f, f', f'', f'''
    (lambda x: x**5, lambda x: 5 * x**4, lambda x: 20 * x**3, lambda x: 60 * x**2),
    (gg.exp, math.exp, math.exp, math.exp),
    (gg.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)),
    (gg.log, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3, lambda x: -6 / x**4),
    (gg.sqrt, lambda x: 0.5 * x**-0.5, lambda x: -0.25 * x**-1.5, lambda x: 0.375 * x**-2.5),
    (
        gg.tanh,
        lambda x: 1 - math.tanh(x) ** 2,
        lambda x: -2 * math.tanh(x) * (1 - math.tanh(x) ** 2),
        lambda x: (6 * math.tanh(x) ** 2 - 2) * (1 - math.tanh(x) ** 2),
    ),
    (lambda x: x * gg.exp(2 * x), *[lambda x, n=n: (2**n * x + n * 2 ** (n - 1)) * math.exp(2 * x) for n in (1, 2, 3)]),
    (lambda x: 2**x, *[lambda x, n=n: math.log(2) ** n * 2**x for n in (1, 2, 3)]),
    (lambda x: 3.0, lambda x: 0.0, lambda x: 0.0, lambda x: 0.0),
    (lambda x: x, lambda x: 1.0, lambda x: 0.0, lambda x: 0.0),
]


@pytest.mark.parametrize("forms", CLOSED_FORMS)
@pytest.mark.parametrize("x", [0.3, 1.7])
def test_to_third_order_in_every_mixture_of_modes(forms, x):
    f, *derivatives = forms
    for modes in itertools.product(MODES.values(), repeat=3):
        g = f
        for D, expected in zip(modes, derivatives):
            g = D(g)
            assert g(x) == pytest.approx(expected(x), rel=1e-13, abs=1e-13)


def test_orders_beyond_the_third():
    f = gg.sin
    for _ in range(6):
        f = grad(f)
    assert f(0.4) == pytest.approx(-math.sin(0.4), rel=1e-13)
    g = lambda x: x**8
    for order in range(8):
        g = (grad, diff)[order % 2](g)
    assert g(0.7) == pytest.approx(math.factorial(8), rel=1e-13)


def test_value_and_grad():
    assert value_and_grad(lambda x, y: x * y, argnums=(0, 1))(3.0, 4.0) == (12.0, (4.0, 3.0))
    assert value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)
    assert grad(lambda x: value_and_grad(lambda y: y**3)(x)[1])(2.0) == 12.0
    assert grad(lambda x: value_and_grad(lambda y: y**3)(x)[0])(2.0) == 12.0


def test_hessians():
    rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    at = np.array([-0.5, 1.5])
    expected = [[2 - 400 * (at[1] - 3 * at[0] ** 2), -400 * at[0]], [-400 * at[0], 200.0]]
    assert hessian(rosenbrock)(at) == pytest.approx(np.array(expected))
    for v in ([1.0, 0.0], [0.3, -2.0]):
        assert hvp(rosenbrock, at, np.array(v)) == pytest.approx(np.array(expected) @ v)
    nested = hessian(lambda x, y: x * x * y, argnums=(0, 1))(2.0, 3.0)
    assert nested == ((6.0, 4.0), (4.0, 0.0))
    tree = hessian(lambda p: p["a"] ** 2 * p["b"])({"a": 2.0, "b": 3.0})
    assert tree == {"a": {"a": 6.0, "b": 4.0}, "b": {"a": 4.0, "b": 0.0}}
    third = jacobian(hessian(lambda x: x[0] ** 2 * x[1]))(np.array([3.0, 5.0]))
    assert third.shape == (2, 2, 2)
    assert third[0, 0, 1] == third[0, 1, 0] == third[1, 0, 0] == 2.0


def test_jacobians():
    f = lambda x: np.array([x[0] * x[1], gg.sin(x[0]), x[1] ** 2])
    expected = np.array([[4.0, 3.0], [math.cos(3.0), 0.0], [0.0, 8.0]])
    assert jacobian(f)(np.array([3.0, 4.0])) == pytest.approx(expected)
    assert jacobian(lambda x: {"a": x * 2, "b": [x.sum()]})(np.ones(2))["b"][0].tolist() == [1.0, 1.0]
    by_x, by_y = jacobian(lambda x, y: x * y, argnums=(0, 1))(2.0, np.array([1.0, 3.0]))
    assert by_x.tolist() == [1.0, 3.0]
    assert by_y.tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert jacobian(lambda x: (x, x * x, 1.0))(3.0) == (1.0, 6.0, 0.0)
    assert jacobian(lambda x: np.ones(2))(3.0).tolist() == [0.0, 0.0]
    assert jacobian(lambda x: x * x)(np.ones((2, 3))).shape == (2, 3, 2, 3)
    assert jacobian(lambda x: x * x)(np.zeros(0)).shape == (0, 0)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=4), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_products_with_the_jacobian_are_the_jacobians(point, weights):
    def f(x):
        return np.array([gg.sin(x[0]) * x[1], gg.exp(x[0] * 0.3) - x[-1], x[0] * x[1] * x[-1]])

    x, v, u = np.array(point), np.array(weights[: len(point)]), np.array(weights[:3])
    J = jacobian(f)(x)
    value, along = jvp(f, (x,), (v,))
    assert along == pytest.approx(J @ v, rel=1e-12, abs=1e-12)
    again, pullback = vjp(f, x)
    assert pullback(u)[0] == pytest.approx(u @ J, rel=1e-12, abs=1e-12)
    assert value.tolist() == again.tolist() == gg.values(f(gg.array(x))).tolist()


def test_pullbacks_serve_again_and_elsewhere():
    value, pullback = vjp(lambda x, y: [x * y, x], 2.0, 3.0)
    assert value == [6.0, 2.0]
    assert pullback([1.0, 10.0]) == (13.0, 2.0)
    assert pullback([1.0, 0.0]) == (3.0, 2.0)
    _, pullback = vjp(lambda x: x**3, 2.0)
    assert grad(lambda c: pullback(c)[0] * c)(2.0) == 48.0
    assert grad(lambda a: vjp(lambda x: x**3, a)[1](1.0)[0])(2.0) == 12.0
    assert vjp(gg.sqrt, 0.0)[1](0.0) == (0.0,)
    assert vjp(lambda x: x)(3.0)[1](2.0) == (2.0,)


# What goes in and comes out

Point = collections.namedtuple("Point", "x y")


def test_structures_of_every_kind():
    f = lambda p: p["m"].x * p["l"][0] + p["l"][1][0] * p["m"].y.sum()
    at = {"m": Point(2.0, np.ones(2)), "l": [3.0, (4, None)]}
    slope = grad(f)(at)
    assert type(slope["m"]) is Point
    assert slope["m"].x == 3.0
    assert slope["m"].y.tolist() == [4.0, 4.0]
    assert slope["l"] == [2.0, (2.0, None)]
    assert at["l"] == [3.0, (4, None)]
    ordered = grad(lambda p: p["b"] * p["a"])(collections.OrderedDict(b=2.0, a=3.0))
    assert list(ordered.items()) == [("b", 3.0), ("a", 2.0)]
    assert type(ordered) is collections.OrderedDict
    assert grad(lambda p: p["b"] * p["a"])(collections.defaultdict(float, b=2.0, a=3.0)) == {"a": 2.0, "b": 3.0}
    assert grad(lambda p: 1.0)({}) == {}
    assert grad(lambda p: 1.0)([None, ()]) == [None, ()]
    assert grad(lambda p: gg.total(p))([]) == []


def test_tangents_match_by_key_not_by_order():
    f = lambda p: p["a"] * 10 + p["b"]
    assert jvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 0.0, "a": 1.0},))[1] == 10.0


@pytest.mark.parametrize("number", [3, True, np.int64(3), np.float64(3), np.float32(3), np.uint8(3)], ids=repr)
def test_numbers_of_every_kind_give_floats(number):
    for D in MODES.values():
        slope = D(lambda x: 0.3 * x * x)(number)
        assert type(slope) is float
        assert slope == pytest.approx(0.6 * float(number))
    assert hessian(lambda x: 0.3 * x * x)(number) == pytest.approx(0.6)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (0, 2)])
def test_arrays_of_floats_keep_dtype_and_shape(kind, shape):
    x = np.full(shape, 0.5, dtype=kind)
    slope = grad(lambda x: gg.total(np.ravel(x) ** 2) * 0.5)(x)
    assert isinstance(slope, np.ndarray)
    assert (slope.dtype, slope.shape) == (kind, shape)
    assert (slope == x).all()


@pytest.mark.parametrize("kind", [int, bool, np.uint8])
def test_arrays_of_whole_numbers_give_arrays_of_floats(kind):
    for shape in [(), (2,)]:
        slope = grad(lambda x: np.sum(x * x) * 0.3)(np.ones(shape, dtype=kind))
        assert (slope.dtype, slope.shape) == (np.float64, shape)
        assert slope == pytest.approx(np.full(shape, 0.6))


def test_functions_get_arrays_of_nodes():
    seen = []

    def f(x, k):
        seen.extend([x.shape, x.dtype, type(x[0]), k])
        return (x @ x) * k

    assert grad(f)(np.array([1.0, 2.0]), 3).tolist() == [6.0, 12.0]
    assert seen == [(2,), object, Scalar, 3]


def test_arguments_by_position():
    f = lambda x, y: x * y**2
    assert grad(f, argnums=1)(2.0, 3.0) == grad(f, argnums=-1)(2.0, 3.0) == 12.0
    assert grad(f, argnums=(0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert grad(f, argnums=[1, 0])(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, argnums=(0,))(2.0, 3.0) == (9.0,)
    assert grad(lambda x, scale: x * x * len(scale))(2.0, "abc") == 12.0


def test_keywords_pass_through():
    assert grad(lambda x, *, k: x * k)(2.0, k=5.0) == 5.0
    w = Scalar(7.0)
    assert grad(lambda x, k=1.0: x * k)(2.0, k=w) == 7.0


def test_auxiliary_results():
    f = lambda x: (x * x, {"y": x * 3, "s": "text", "n": None, "a": np.array([x, 1.0], dtype=object)})
    slope, aux = grad(f, has_aux=True)(2.0)
    assert (slope, aux["y"], aux["s"], aux["n"], aux["a"].tolist()) == (4.0, 6.0, "text", None, [2.0, 1.0])
    assert type(aux["y"]) is float
    assert value_and_grad(lambda x: (x * x, [x]), has_aux=True)(2.0) == ((4.0, [2.0]), 4.0)
    assert jacobian(lambda x: ([x, x * x], x), has_aux=True)(2.0) == ([1.0, 4.0], 2.0)
    assert jvp(lambda x: (x * x, x), (2.0,), (1.0,), has_aux=True) == (4.0, 4.0, 2.0)
    value, pullback, aux = vjp(lambda x: (x * x, x), 2.0, has_aux=True)
    assert (value, pullback(1.0), aux) == (4.0, (4.0,), 2.0)
    assert hessian(lambda x: (x**3, x), has_aux=True)(2.0) == (12.0, 2.0)
    assert grad(lambda x: grad(lambda y: (y * y * x, y * x), has_aux=True)(x)[1])(3.0) == 6.0
    with pytest.raises(TypeError, match=r"must return \(result, aux\), but it returned Scalar"):
        grad(lambda x: x * x, has_aux=True)(2.0)


def test_results_that_are_constant_or_depend_on_some_arguments_only():
    for f in (lambda x: 3.0, lambda x: 3, lambda x: Scalar(3.0) * 2.0, lambda x: x.data * 2.0, lambda x: np.float64(1)):
        assert grad(f)(2.0) == jvp(f, (2.0,), (1.0,))[1] == hessian(f)(2.0) == hvp(f, 2.0, 1.0) == 0.0
        assert vjp(f, 2.0)[1](1.0) == (0.0,)
    assert grad(lambda x, y: x * x, argnums=(0, 1))(2.0, 3.0) == (4.0, 0.0)
    assert grad(lambda x: x[0])(np.ones(3)).tolist() == [1.0, 0.0, 0.0]
    assert grad(lambda x: x)(5.0) == 1.0
    assert grad(lambda x: np.asarray(x * x))(3.0) == 6.0


def test_plain_pythons_control_flow():
    def power(x, n=5):
        result, i = 1.0, 0
        while i < n:
            result, i = result * x, i + 1
        return result

    assert grad(power)(2.0) == 80.0
    assert grad(lambda x: x * x if x > 1 else -x)(0.5) == -1.0
    assert grad(lambda x: x * x if x > 1 else -x)(2.0) == 4.0
    assert grad(lambda x: x or 1.0)(3.0) == 1.0
    assert grad(lambda xs: sorted(xs)[1])([3.0, 1.0, 2.0]) == [0.0, 0.0, 1.0]
    assert grad(max)([1.0, 5.0, 2.0]) == [0.0, 1.0, 0.0]
    assert grad(sum)([1.0, 2.0]) == [1.0, 1.0]
    assert grad(pow, argnums=(0, 1))(2.0, 3.0) == pytest.approx((12.0, 8 * math.log(2)))
    assert grad(abs)(-2.0) == -1.0

    def newton(a):  # the square root, by iteration to convergence
        x = a
        while abs(x * x - a) > 1e-12:
            x = 0.5 * (x + a / x)
        return x

    assert grad(newton)(2.0) == pytest.approx(0.5 / math.sqrt(2))
    assert grad(grad(newton))(2.0) == pytest.approx(-0.25 * 2**-1.5)


def test_arrays_are_changed_in_place():
    def f(a):
        a[0] = a[1] * 2
        return a.sum()

    at = np.array([1.0, 3.0])
    assert grad(f)(at).tolist() == [0.0, 3.0]
    assert at.tolist() == [1.0, 3.0]


def test_functions_of_numpy_and_ours_are_transformed():
    assert grad(np.sin)(1.0) == math.cos(1.0)
    assert grad(gg.sin)(1.0) == math.cos(1.0)
    assert grad(grad(np.tanh))(1.0) == pytest.approx(-2 * math.tanh(1) * (1 - math.tanh(1) ** 2))
    assert grad(Scalar.tanh)(0.0) == 1.0
    assert grad(gg.sin).__name__ == "grad_of_sin"
    assert grad(grad(lambda x: x)).__doc__.startswith("grad of")


# Nesting: Siskind and Pearlmutter (2005, 2008), Manzyuk and others (2019)


@pairs
def test_perturbations_are_not_confused(D, E):
    """Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (2005)."""
    assert D(lambda x: x * E(lambda y: x + y)(1.0))(1.0) == 1.0  # confusion gives 2
    assert D(lambda x: x * E(lambda y: x * y)(2.0))(1.0) == 2.0
    assert D(lambda x: E(lambda y: x * x * y)(7.0))(3.0) == 6.0
    assert D(lambda x: E(lambda y: y**3 * x)(x))(2.0) == 3 * 3 * 2.0**2  # 3 x^2 x


@pairs
def test_a_function_is_handed_the_outer_variable_itself(D, E):
    assert D(lambda x: E(lambda y: y * y)(x))(3.0) == 2.0
    assert D(lambda x: E(lambda y: x * y)(x))(3.0) == 1.0
    assert D(lambda x: E(lambda y: x * x * y * y)(x))(3.0) == 54.0
    assert D(lambda x: x * E(lambda y: y)(x))(3.0) == 1.0
    assert D(lambda x: E(lambda y: x)(x) + x)(3.0) == 1.0


@pairs
def test_three_levels(D, E):
    f = lambda x: E(lambda y: D(lambda z: x * y * y * z * z * z)(y))(x)  # d/dy (3 x y^2 z^2 at z = y fixed) at y = x
    assert f(2.0) == 3 * 2.0 * 4 * 2.0**3
    assert D(f)(2.0) == 12 * 4 * 2.0**3
    assert D(lambda x: E(lambda y: D(lambda z: x * z)(y) * y)(x))(5.0) == 1.0


def test_hessians_inside_gradients_and_gradients_inside_hessians():
    assert grad(lambda x: hessian(lambda y: x**2 * y**3)(x))(2.0) == 72.0
    assert diff(lambda x: hessian(lambda y: x**2 * y**3)(x))(2.0) == 72.0
    assert hessian(lambda x: grad(lambda y: y**3 * x)(x))(2.0) == 36.0
    assert grad(lambda x: hvp(lambda y: y**3 * x, x, 1.0))(2.0) == 24.0


@modes
def test_functions_that_return_functions(D):
    """The amazing bug of Manzyuk, Pearlmutter, Radul, Rush and Siskind, "Perturbation confusion in forward automatic
    differentiation of higher-order functions" (2019): an operator made by one derivative is used in two others."""
    shift = lambda u: lambda f: lambda x: f(x + u)
    slope_of = lambda f: lambda x: D(lambda u: shift(u)(f)(x))(0.0)
    twice = slope_of(slope_of(gg.exp))
    assert twice(1.0) == pytest.approx(math.e, rel=1e-15)
    assert slope_of(slope_of(slope_of(gg.sin)))(0.3) == pytest.approx(-math.cos(0.3), rel=1e-14)


def test_the_inner_function_keeps_what_it_made_for_the_outer():
    made = []

    def outer(x):
        def inner(y):
            made.append(y * x)
            return y * y

        grad(inner)(x)
        return made[-1] * x

    assert grad(outer)(3.0) == 27.0  # x * x * x


@given(st.lists(st.sampled_from(list(MODES.values())), min_size=2, max_size=3), st.floats(0.2, 2.0))
def test_a_saddle_point_by_nested_derivatives_of_two_variables(modes, x):
    f = lambda a, b: gg.sin(a * b) + a * a * b
    D, E = modes[:2]
    mixed = D(lambda a: E(lambda b: f(a, b))(1.5))(x)
    assert mixed == pytest.approx(math.cos(1.5 * x) - 1.5 * x * math.sin(1.5 * x) + 2 * x, rel=1e-12, abs=1e-12)


# What nodes outside have to do with it


def test_closures_keep_their_gradients():
    w = Scalar(3.0, label="w")
    fresh = Scalar(2.0)
    w.grad = 7.0

    def f(x):
        unused = [fresh * 2.0, gg.relu(-x * x) * fresh]
        return x * x * w + gg.relu(fresh * -1.0) * x * len(unused)

    assert grad(f)(2.0) == 12.0
    assert jvp(f, (2.0,), (1.0,)) == (12.0, 12.0)
    assert hessian(f)(2.0) == 6.0
    assert vjp(f, 2.0)[1](1.0) == (12.0,)
    assert jacobian(f)(2.0) == 12.0
    assert (w.grad, w.grad_updated) == (7.0, True)
    assert (fresh.grad, fresh.grad_updated) == (0.0, False)


def test_at_a_node_the_derivative_is_a_node():
    a = Scalar(2.0, label="a")
    slope = grad(lambda x: x**3)(a)
    assert isinstance(slope, Scalar)
    assert slope.data == 12.0
    slope.backward()
    assert a.grad == 12.0
    tangent = jvp(lambda x: x**3, (2.0,), (a,))[1]
    a.zero_grad()
    tangent.backward()
    assert a.grad == 12.0
    w = gg.array([1.0, 2.0])
    slopes = grad(lambda x: (x**3).sum())(w)
    slopes.sum().backward()
    assert [x.grad for x in w] == [6.0, 12.0]


def test_the_result_of_an_earlier_transform_is_a_number_like_any_other():
    slope = grad(lambda x: x**3)(Scalar(3.0))
    assert grad(lambda x: x * float(slope))(2.0) == 27.0
    assert grad(lambda x: x * copy.copy(slope))(2.0) == 27.0


@modes
def test_an_argument_kept_from_an_earlier_call_is_refused(D):
    kept = []
    assert grad(lambda x: [kept.append(x), x * x][1])(3.0) == 6.0
    with pytest.raises(TracingError, match=r"'x' was an argument in an earlier call.*x\.data"):
        D(lambda y: y * kept[0])(2.0)
    kept[0].backward()
    assert D(lambda y: y * y)(2.0) == 4.0


def test_symbolic_gradients():
    x, y = gg.scalars(3.0, 4.0, labels="x y")
    by_x, by_y = gradient(x**2 * y, [x, y])
    assert (by_x.data, by_y.data) == (24.0, 9.0)
    assert gradient(by_x, [y])[0].data == 6.0
    assert gradient(x * 2.0, [x], seed=5.0)[0] == 10.0
    inner = x * y
    assert gradient(inner * inner, [inner])[0].data == 24.0
    with pytest.raises(ValueError, match=r"'y' belongs to another graph.*computed from"):
        gradient(x * x, [y])


def test_what_is_not_chosen_stays_out_to_any_order():
    f = lambda x: where(x > 0, gg.sqrt(x), 0.0)
    for D, E in itertools.product(MODES.values(), repeat=2):
        assert D(f)(0.0) == 0.0
        assert D(E(f))(0.0) == 0.0


# Ways out of the graph are refused while a function is traced

FILE = Path(__file__).name

WAYS_OUT = {
    "float": lambda x: float(x) * x,
    "int": lambda x: int(x) * x,
    "round": lambda x: round(x) * x,
    "round to digits": lambda x: round(x, 2) * x,
    "math.sin": lambda x: math.sin(x) * x,
    "math.exp deep": lambda x: math.exp(gg.sin(x * x) + 1.0),
    "complex": lambda x: complex(x).real,
    "array of floats": lambda x: np.array([x], dtype=float).sum() * x,
    "np.zeros": lambda x: np.zeros(2).__setitem__(0, x),
    "astype": lambda x: np.asarray([x]).astype(float).sum(),
    "copy": lambda x: copy.copy(x) * x,
    "deepcopy": lambda x: copy.deepcopy(x * x) * x,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)) * x,
    "backward": lambda x: [(x * x).backward(), x][1],
    "f-string": lambda x: x * float(x),
}


@modes
@pytest.mark.parametrize("way", WAYS_OUT)
def test_ways_out_are_refused_with_their_cure(D, way):
    said = rf"{FILE}:\d+: .* out of the graph while '\w*' is being differentiated.*gg\.sin.*x\.data"
    with pytest.raises(TracingError, match=said):
        D(WAYS_OUT[way])(2.0)
    assert float(Scalar(2.0)) == 2.0
    assert D(lambda x: x * x)(3.0) == 6.0


def test_ways_out_of_an_outer_variable_are_refused_too():
    with pytest.raises(TracingError):
        grad(lambda x: grad(lambda y: y * float(x))(1.0))(2.0)
    with pytest.raises(TracingError):
        diff(lambda x: grad(lambda y: y * math.sin(y))(x))(2.0)


def test_other_nodes_may_leave():
    w = Scalar(3.0, label="w")
    doubled = w * 2.0

    def f(x):
        (w * w).backward()
        return x * float(w) * round(w) * math.sin(doubled) * copy.copy(w) + len(pickle.dumps(w)) * 0.0

    assert grad(f)(2.0) == pytest.approx(27 * math.sin(6.0))
    assert w.grad == 6.0
    assert grad(lambda x: x * x.data)(3.0) == 3.0  # .data says that just the number is wanted
    assert grad(lambda x: [repr(x), f"{x:.2f}", str(x), x][-1])(3.0) == 1.0


def test_a_node_is_no_count():
    with pytest.raises(gg.TracingError, match="an index or a count"):
        grad(lambda x: sum(x for _ in range(x)))(2.0)


# Nothing stays behind


class Bug(Exception):
    pass


def test_an_exception_leaves_no_state_behind():
    def fails(x):
        raise Bug(x * x)

    def fails_inside(x):
        return grad(fails)(x) * x

    w = Scalar(3.0)
    for f in (fails, fails_inside, lambda x: gg.log(-x), lambda x: float(x), lambda x: x / 0.0):
        for D in (grad, diff, pulled, hessian, lambda f: lambda x: hvp(f, x, 1.0)):
            with pytest.raises((Bug, ValueError, TypeError)):
                D(f)(2.0)
            assert float(w) == 3.0
            (w * w).backward()
            assert grad(lambda x: x * x)(3.0) == 6.0
            assert type(grad(lambda x: x * x)(3.0)) is float
    assert HERE.state().outer is None
    assert not HERE.live


def test_what_a_call_made_is_freed():
    import weakref

    refs = []

    def f(x):
        y = x * x
        refs.extend([weakref.ref(x), weakref.ref(y)])
        return y * x

    for D in (grad, diff, jacobian, hessian, value_and_grad):
        D(f)(2.0)
    gc.collect()
    assert all(ref() is None for ref in refs)


def test_threads():
    wrong = []

    def work(seed):
        for i in range(60):
            x = 0.5 + seed * 0.1 + i * 0.01
            f = lambda x: gg.sin(x) * x + gg.tanh(x * x)
            slope = math.cos(x) * x + math.sin(x) + 2 * x * (1 - math.tanh(x * x) ** 2)
            results = [grad(f)(x), diff(f)(x), pulled(f)(x), diff(grad(lambda x: x**3))(x) / 6 / x * slope]
            w = Scalar(x)
            f(w).backward()
            results.append(w.grad)
            if not all(math.isclose(result, slope, rel_tol=1e-12) for result in results):
                wrong.append((x, slope, results))
            if float(w) != x:
                wrong.append(w)

    run_in_threads(work)
    assert wrong == []


def test_long_functions():
    n = 100_000 if gg.compiled() else 20_000

    def f(x):
        for _ in range(n):
            x = x * 1.0 + 0.0
        return x

    assert grad(f)(2.0) == 1.0
    assert diff(f)(2.0) == 1.0
    n = 2000
    assert grad(grad(lambda x: f(x) ** 2))(2.0) == 2.0


# Bad input


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian, jvp, vjp, hvp])
@pytest.mark.parametrize("thing", [3.0, None, "f", Scalar(1.0)], ids=repr)
def test_what_is_no_function_is_named(transform, thing):
    with pytest.raises(TypeError, match=rf"{transform.__name__} needs a function, got .*\(f\)\(x\)"):
        transform(thing)


@pytest.mark.parametrize("argument", ["a", 1j, ["a"], {"k": b"x"}, np.array(["a"]), np.array([1j])], ids=repr)
def test_arguments_that_are_no_numbers_are_named(argument):
    def loss(weights):
        return 1.0

    with pytest.raises(TypeError, match="argument 'weights' of loss needs a number, but got"):
        grad(loss)(argument)


@pytest.mark.parametrize(
    "argnums", [2, -3, (0, 5), (), None, 1.0, "0", True, (0, 0), (0, -2), [1, 1]], ids=lambda argnums: repr(argnums)
)
def test_argnums_that_fit_nothing_are_named(argnums):
    with pytest.raises((TypeError, ValueError), match="argnums"):
        grad(lambda x, y: x * y, argnums=argnums)(2.0, 3.0)
    with pytest.raises((TypeError, ValueError), match="argnums"):
        jacobian(lambda x, y: x * y, argnums=argnums)(2.0, 3.0)


@pytest.mark.parametrize(
    "result", [[1.0, 2.0], np.ones(1), {"a": 1.0}, (1.0,), None, "text", 1j, np.array(1j)], ids=lambda r: repr(r)
)
def test_results_that_are_not_one_number_are_named(result):
    with pytest.raises(TypeError, match=r"your function at .*test_api.py:\d+.*(gg\.jacobian|needs a number)"):
        grad(lambda x: result)(2.0)


def test_tangents_that_do_not_match_are_named():
    for primals, tangents in [
        ((2.0,), (1.0, 2.0)),
        ((np.ones(2),), (np.ones(3),)),
        ((np.ones((2, 3)),), (np.ones((3, 2)),)),
        ((2.0,), (np.ones(1),)),
        ((2.0,), ([1.0],)),
        (([2.0, 3.0],), ((1.0, 0.0),)),
        (({"a": 1.0},), ({"b": 1.0},)),
        ((2.0,), (None,)),
    ]:
        with pytest.raises(ValueError, match="tangent"):
            jvp(lambda *xs: 1.0, primals, tangents)
    for primals, tangents in [(2.0, 1.0), ((2.0,), None), (np.ones(2), np.ones(2))]:
        with pytest.raises(TypeError, match=r"jvp needs tuples, jvp\(f, \(x, ...\), \(dx, ...\)\)"):
            jvp(lambda x: x, primals, tangents)
    with pytest.raises(ValueError, match="cotangent must have the structure"):
        vjp(lambda x: [x, x], 2.0)[1](1.0)
    with pytest.raises(ValueError, match="tangent must have the structure"):
        hvp(lambda x: (x**3).sum(), np.ones(2), np.ones(3))
    with pytest.raises(TypeError, match="needs a number, but got str"):
        jvp(lambda x: x, (2.0,), ("1",))


def test_a_backward_by_hand_is_refused_by_transforms():
    def f(x):
        y = x * x
        y._backward = lambda: None
        return y

    with pytest.raises(TypeError, match=r"works in backward\(\) only.*@gg\.primitive"):
        grad(f)(2.0)


def test_nodes_made_by_the_constructor_are_differentiated():
    f = lambda x: Scalar(math.tanh(x.data), (x,), "tanh") * Scalar(x.data * 2.0, (x, 2.0), "*")
    slope = lambda x: (1 - math.tanh(x) ** 2) * 2 * x + math.tanh(x) * 2
    for D in (grad, diff, pulled, jacobian):
        assert D(f)(0.7) == pytest.approx(slope(0.7))


def test_an_operation_without_a_derivative_is_named():
    with pytest.raises(TypeError, match="no derivative is known for operation 'mystery'"):
        grad(lambda x: Scalar(1.0, (x,), "mystery"))(2.0)
    with pytest.raises(TypeError, match="mystery"):
        jvp(lambda x: Scalar(1.0, (x,), "mystery"), (2.0,), (1.0,))


def test_several_sweeps_from_roots_of_which_some_depend_on_no_variable():
    """Their derivatives are zero, and the other rows do not change, however often this is done."""
    outside = gg.Scalar(3.0)

    def f(x, y):
        return [outside, x * y, outside * 2.0, gg.sin(x) * outside, x, 1.0]

    def checked(x, y):
        by_x, by_y = zip(*gg.jacobian(f, argnums=(0, 1))(x, y), strict=True)
        return [+by_x[k] for k in range(6)], [+by_y[k] for k in range(6)]

    wanted = [0.0, 0.5, 0.0, 3.0 * math.cos(2.0), 1.0, 0.0], [0.0, 2.0, 0.0, 0.0, 0.0, 0.0]
    compiled = gg.jit(checked)
    for _ in range(20):
        np.testing.assert_allclose(checked(2.0, 0.5), wanted, rtol=1e-15)
        np.testing.assert_allclose(compiled(2.0, 0.5), wanted, rtol=1e-15)
        nodes = checked(gg.Scalar(2.0), gg.Scalar(0.5))
        np.testing.assert_allclose([[float(getattr(x, "data", x)) for x in row] for row in nodes], wanted, rtol=1e-15)


def test_a_rule_of_the_users_may_contain_a_sweep_of_its_own():
    """Which numbers the nodes again."""

    def rule(y, x):
        return gg.grad(lambda t: t**3)(x)

    cube = gg.primitive(lambda x: x**3, partials=rule, name="cube")

    def f(x):
        y = cube(x) * x
        return cube(y) + y * x

    x = 1.25
    wanted = 12 * x**11 + 5 * x**4  # of x**12 + x**5
    assert gg.grad(f)(x) == pytest.approx(wanted, rel=1e-13)
    assert gg.grad(f)(gg.Scalar(x)).data == pytest.approx(wanted, rel=1e-13)
    assert gg.jvp(f, (gg.Scalar(x),), (1.0,))[1].data == pytest.approx(wanted, rel=1e-13)
    assert gg.grad(gg.grad(f))(x) == pytest.approx(132 * x**10 + 20 * x**3, rel=1e-12)
