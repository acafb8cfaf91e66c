"""What is composed from the table: its contract at the edges, at ties and kinks, and what it takes."""

from __future__ import annotations

import itertools
import math
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.core import functions
from glassgrad.core.op import TABLE
from helpers import exact
from helpers.functions import ALIASES, IN_THE_TABLE, OF_ONE, OF_TWO

EPS = sys.float_info.epsilon
INF, NAN = math.inf, math.nan

OF_MANY = {"total", "prod", "mean", "dot", "norm", "logsumexp", "log_softmax", "softmax"}
EVERYWHERE = [name for name in OF_ONE if name not in ("logit", "entr", "log1mexp")]  # defined for every number

POINTS = [*(0.0, 0.1, -0.1, 0.5, -0.5, 1.0, -1.0, 2.5, -2.5, 10.0, -10.0), *(40.0, -40.0, 700.0, -700.0, 1e5, -1e5)]


def one_argument(name: str):
    f = getattr(gg, name)
    return (lambda x: gg.clip(x, -1.0, 1.0)) if name == "clip" else f


def backward(f, x: float) -> float:
    node = gg.Scalar(x)
    f(node).backward()
    return node.grad


def test_every_function_is_tested():
    assert set(functions.__all__) | IN_THE_TABLE == set(OF_ONE) | set(OF_TWO) | OF_MANY | set(ALIASES)
    assert set(functions.METHODS) | IN_THE_TABLE <= set(OF_ONE)
    assert set(TABLE) >= IN_THE_TABLE
    for name in functions.__all__:
        assert getattr(gg, name) is getattr(functions, name)
        assert name in gg.__all__
    for alias, name in ALIASES.items():
        assert getattr(gg, alias) is getattr(gg, name)


# No hidden branch

SEVERAL = [1.0, 2.0, 0.5, 2.0]


@pytest.mark.parametrize("name", [*functions.__all__, *sorted(IN_THE_TABLE)])
def test_no_function_branches(name):
    """Traced, each is one way for all inputs; and so are its derivatives, to the second."""
    f = getattr(gg, name)
    if name == "clip":
        f, args = one_argument(name), (0.3,)
    elif name in OF_MANY:
        args = (SEVERAL, SEVERAL) if name == "dot" else (SEVERAL,)
    else:
        args = (0.3, 0.4) if name in OF_TWO else (0.3,)
    one = (lambda *xs: f(*xs)[0]) if name in ("softmax", "log_softmax") else f
    for g in (f, gg.grad(one), gg.hessian(one)):
        tape = gg.jit(g).lower(*args).tape
        assert len(tape.segments) == 1, tape
        assert tape.paths == 1


def test_one_program_serves_all_orders_of_size():
    """Compiled once, it computes for any input what it computes eagerly."""
    compiled = {f: gg.jit(gg.value_and_grad(f)) for f in (gg.logsumexp, gg.norm, gg.prod)}
    rows = [*itertools.permutations([0.0, 1.0, -700.0]), (INF, 0.0, 1.0), (-INF, -INF, -INF), (1e300, 1e-300, 0.0)]
    for f, g in compiled.items():
        for row in rows:
            value, slopes = g(list(row))
            assert value == pytest.approx(f(list(row)), rel=8 * EPS, nan_ok=True)
            assert slopes == pytest.approx(gg.grad(f)(list(row)), rel=8 * EPS, abs=1e-300, nan_ok=True)
        assert g.lower(list(rows[0])).tape.paths == 1


# At the edges


@pytest.mark.parametrize("name", EVERYWHERE)
def test_nudges(name):
    for x in (-30.0, -3.0, -0.3, 0.2, 0.7, 4.0, 25.0):
        gg.check_grad(one_argument(name), x).raise_if_wrong()


@pytest.mark.parametrize("name", EVERYWHERE)
def test_at_the_edges_nothing_raises(name):
    f = one_argument(name)
    for x in (INF, -INF, NAN, sys.float_info.max, -sys.float_info.max):
        assert f(gg.Scalar(x)).data == f(x) or math.isnan(f(x))
        backward(f, x)
        if math.isnan(x):
            assert math.isnan(f(x))
            assert math.isnan(backward(f, x)) or OF_ONE[name].kinks
        elif math.isfinite(x) and (name, x > 0) != ("log_norm_cdf", False):
            assert math.isfinite(f(x))
            assert math.isfinite(backward(f, x))


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("sigmoid", 0.0, 1.0),
        ("log_sigmoid", -INF, 0.0),
        ("softplus", 0.0, INF),
        ("silu", -0.0, INF),
        ("gelu", -0.0, INF),
        ("norm_cdf", 0.0, 1.0),
        ("norm_pdf", 0.0, 0.0),
        ("log_norm_cdf", -INF, 0.0),
        ("leaky_relu", -INF, INF),
        ("elu", -1.0, INF),
        ("clip", -1.0, 1.0),
        ("log1mexp", 0.0, 0.0),
    ],
)
def test_limits(name, left, right):
    f = one_argument(name)
    assert (f(-INF), f(INF)) == (left, right)
    assert gg.vmap(f)(np.array([-INF, INF])).tolist() == [left, right]


@pytest.mark.parametrize(
    ("name", "xs", "expected"),
    [
        ("log1mexp", (0.0,), -INF),
        ("logit", (0.0,), -INF),
        ("logit", (1.0,), INF),
        ("logit", (1.5,), NAN),
        ("entr", (0.0,), 0.0),
        ("entr", (-1.0,), NAN),
        ("entr", (INF,), -INF),
        ("xlogy", (0.0, 0.0), 0.0),
        ("xlogy", (0.0, -1.0), 0.0),
        ("xlogy", (0.0, INF), 0.0),
        ("xlogy", (0.0, NAN), NAN),
        ("xlogy", (2.0, 0.0), -INF),
        ("xlog1py", (0.0, -1.0), 0.0),
        ("xlog1py", (0.0, NAN), NAN),
        ("rel_entr", (0.0, 0.0), 0.0),
        ("rel_entr", (0.0, 2.0), 0.0),
        ("rel_entr", (1.0, 0.0), INF),
        ("rel_entr", (1.0, NAN), NAN),
        ("copysign", (2.0, -0.0), -2.0),
        ("copysign", (-2.0, 0.0), 2.0),
        ("copysign", (-INF, 1.0), INF),
        ("copysign", (2.0, -INF), -2.0),
        ("copysign", (NAN, 1.0), NAN),
        ("logaddexp", (INF, INF), INF),
        ("logaddexp", (-INF, -INF), -INF),
        ("logaddexp", (INF, -INF), INF),
        ("logaddexp", (-INF, 3.0), 3.0),
        ("logaddexp", (NAN, -INF), NAN),
        ("logaddexp", (INF, NAN), NAN),
    ],
    ids=str,
)
def test_values_at_borders(name, xs, expected):
    """As SciPy's and NumPy's; but where a logarithm is asked for outside its domain, an eager call says so."""
    f = getattr(gg, name)
    with gg.errstate(domain="nan"):
        assert exact.same(f(*xs) + 0.0, expected)
    assert exact.same(gg.jit(f)(*xs) + 0.0, expected)


def test_outside_the_domain_an_eager_call_raises():
    for f, xs in (
        (gg.log1mexp, (0.0,)),
        (gg.logit, (0.0,)),
        (gg.logit, (1.0,)),
        (gg.entr, (-1.0,)),
        (gg.xlogy, (1.0, 0.0)),
    ):
        with pytest.raises(gg.DomainError):
            f(*xs)
    with pytest.raises(gg.DomainError):
        gg.rel_entr(-1.0, -2.0)


def test_derivatives_where_a_weight_is_0():
    assert gg.grad(gg.xlogy, argnums=(0, 1))(0.0, 2.0) == (math.log(2.0), 0.0)
    assert gg.grad(gg.xlogy, argnums=(0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert gg.grad(gg.rel_entr, argnums=(0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert gg.grad(gg.entr)(0.0) == INF
    assert gg.grad(gg.entr)(1.0) == -1.0


def test_logsumexp_and_softmax_of_infinities():
    """The limit in which equal ones stay equal."""
    third = pytest.approx([1 / 3] * 3)
    for xs, value, shares in (
        ([INF, 0.0], INF, [1.0, 0.0]),
        ([-INF, 0.0], 0.0, [0.0, 1.0]),
        ([-INF, 3.0, -INF], 3.0, [0.0, 1.0, 0.0]),
        ([INF, -INF, 0.0], INF, [1.0, 0.0, 0.0]),
        ([INF, INF], INF, [0.5, 0.5]),
        ([-INF, -INF, -INF], -INF, third),
        ([-INF], -INF, [1.0]),
    ):
        logs = [pytest.approx(math.log(p)) if p else -INF for p in gg.softmax(xs)]
        for f in (lambda g: g, gg.jit):
            assert f(gg.logsumexp)(xs) == value
            assert list(f(gg.softmax)(xs)) == shares
            assert list(f(gg.log_softmax)(xs)) == logs
        if len(xs) == 2 or value == 3.0:
            assert gg.grad(gg.logsumexp)(xs) == shares
    for xs in ([NAN, 1.0], [1.0, NAN], [INF, NAN, 1.0]):
        assert math.isnan(gg.logsumexp(xs))
        assert all(map(math.isnan, gg.softmax(xs)))


def test_norm_of_infinities():
    assert gg.norm([INF, 1.0]) == gg.jit(gg.norm)([1.0, -INF]) == INF
    assert math.isnan(gg.norm([NAN, 1.0]))
    assert gg.norm([]) == gg.norm([0.0]) == gg.norm([0.0, -0.0]) == 0.0


@pytest.mark.parametrize("infinite", [INF, -INF])
def test_derivatives_of_norm_at_infinity(infinite):
    """The gradient is u = x / |x|, the Hessian (I - u u') / |x|: nan for an infinite number, 0 for one beside it."""
    xs = np.array([2.0, infinite, 0.0])
    slopes, curves = [0.0, NAN, 0.0], [[0.0, NAN, 0.0], [NAN, NAN, NAN], [0.0, NAN, 0.0]]
    nodes = [gg.Scalar(x) for x in xs.tolist()]
    gg.norm(nodes).backward()
    np.testing.assert_array_equal([node.grad for node in nodes], slopes)
    for through in (lambda f: f, gg.jit, lambda f: lambda x: gg.vmap(f)(np.stack([x] * 9))[4]):
        np.testing.assert_array_equal(through(gg.grad(gg.norm))(xs), slopes)
        np.testing.assert_array_equal(through(gg.hessian(gg.norm))(xs), curves)
    np.testing.assert_array_equal(gg.grad(gg.norm)([INF, infinite]), [NAN, NAN])


# At kinks


def test_at_kinks():
    assert backward(gg.leaky_relu, 0.0) == 0.01  # as the docstring says
    assert backward(lambda x: gg.leaky_relu(x, 0.2), -0.0) == 0.2
    assert backward(gg.elu, 0.0) == 1.0  # no kink: both sides have it
    assert backward(lambda x: gg.elu(x, 2.0), 0.0) == 2.0
    for x in (-1.0, 1.0):
        assert backward(lambda x: gg.clip(x, -1.0, 1.0), x) == 0.5
    assert gg.grad(gg.norm)([0.0, 0.0]) == [0.0, 0.0]


SMOOTH = {  # functions made of a kink that have none themselves: truly 2, 2, 2, 1, 0 and 0 at the origin
    "abs(x) ** 2": lambda x: abs(x) ** 2,
    "abs(x) * abs(x)": lambda x: abs(x) * abs(x),
    "hypot(x, 0) ** 2": lambda x: gg.hypot(x, 0.0) ** 2,
    "cosh(abs(x))": lambda x: gg.cosh(abs(x)),
    "abs(x) ** 3": lambda x: abs(x) ** 3,
    "abs(x)": abs,
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_second_derivative_at_a_kink_is_not_silently_wrong(name):
    f = SMOOTH[name]
    for second in (gg.grad(gg.grad(f)), gg.hessian(f), lambda x: gg.hvp(f, x, 1.0)):
        assert math.isnan(second(0.0))
        assert math.isfinite(second(1e-3))
    assert math.isnan(gg.jit(gg.grad(gg.grad(f)))(0.0))
    assert gg.grad(f)(0.0) == 0.0
    assert math.isnan(gg.jvp(gg.grad(f), (0.0,), (1.0,))[1])


@pytest.mark.parametrize("f", [gg.norm, lambda xs: gg.norm(xs) ** 2, lambda xs: gg.hypot(*xs) ** 2])
def test_a_hessian_at_the_origin_is_not_silently_wrong(f):
    """That of the squares is truly 2 I."""
    assert np.isnan(gg.hessian(f)(np.zeros(2))).all()
    assert np.isnan(gg.jit(gg.hessian(f))(np.zeros(2))).all()
    assert gg.grad(f)([0.0, 0.0]) == [0.0, 0.0]
    assert np.isfinite(gg.hessian(f)(np.array([0.0, 1e-3]))).all()


def test_a_kink_that_is_not_chosen_spoils_no_second_derivative():
    def f(x):
        return gg.where(x < 1.0, x * x, abs(x) + gg.hypot(x, x))

    for second in (gg.hessian(f), gg.jit(gg.hessian(f)), gg.jit(gg.grad(gg.grad(f)))):
        assert second(0.0) == 2.0


PIECES = {
    "relu": gg.relu,
    "leaky_relu": gg.leaky_relu,
    "maximum": lambda x: gg.maximum(x, 0.0),
    "minimum": lambda x: gg.minimum(x, -x),
    "where": lambda x: gg.where(x > 0, x, 0.0),
    "clip": lambda x: gg.clip(x, 0.0, 1.0),
}


@pytest.mark.parametrize("f", PIECES.values(), ids=PIECES)
def test_what_is_linear_in_pieces_has_second_derivative_0(f):
    """At its kinks as well, as in JAX and PyTorch: where units of a network are just 0, its Hessian is wanted."""
    assert gg.grad(gg.grad(f))(0.0) == 0.0
    assert gg.jit(gg.grad(gg.grad(f)))(0.0) == 0.0


@pytest.mark.parametrize("power", [lambda y: y**2, lambda y: y * y, gg.square], ids=["** 2", "*", "square"])
def test_the_second_derivative_of_a_squared_maximum_at_its_tie_is_0(power):
    """Truly it is 2, as ``maximum(x, -x)**2`` is ``x * x``: docs/decisions/derivatives-at-edges.md says why."""
    for pick in (gg.maximum, gg.minimum):

        def f(x, pick=pick):
            return power(pick(x, -x))

        for second in (gg.grad(gg.grad(f)), gg.jit(gg.grad(gg.grad(f))), gg.hessian(f)):
            assert [second(x) for x in (-1e-300, 0.0, 1e-300)] == [2.0, 0.0, 2.0]
        assert gg.vmap(gg.grad(gg.grad(f)))(np.array([-1.0, 0.0, 1.0])).tolist() == [2.0, 0.0, 2.0]
        assert [gg.grad(f)(x) for x in (-0.5, 0.0, 0.5)] == [-1.0, 0.0, 1.0]


def test_derivatives_of_prod_at_zeros():
    assert gg.grad(gg.prod)([0.0, 2.0, 3.0]) == [6.0, 0.0, 0.0]
    assert gg.grad(gg.prod)([0.0, 0.0, 3.0]) == [0.0, 0.0, 0.0]
    curved = gg.hessian(gg.prod)(np.array([0.0, 0.0, 3.0]))
    assert curved.tolist() == [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert gg.jit(gg.grad(gg.prod))([2.0, 0.0, 3.0]) == [0.0, 6.0, 0.0]


# Nodes that are computed again


@pytest.mark.parametrize("name", EVERYWHERE)
def test_forward_is_as_if_built_anew(name):
    f = one_argument(name)
    x = gg.Scalar(0.5)
    for start in (-2.0, 0.0, 3.0):
        x.data = start
        y = f(x)
        for leaf in POINTS:
            x.data = leaf
            assert exact.same(y.forward().data, f(leaf)), (start, leaf)
            x.grad = 0.0
            y.backward()
            assert exact.same(x.grad, backward(f, leaf)), (start, leaf)


@pytest.mark.parametrize("f", [gg.logsumexp, lambda xs: gg.softmax(xs)[0], lambda xs: gg.log_softmax(xs)[-1], gg.norm])
def test_functions_of_many_after_their_leaves_changed(f):
    rows = ([1.0, 2.0, 0.5], [-3.0, 0.0, 2.0], [30.0, -30.0, 0.1], [1e200, 0.0, 0.0], [0.0, 0.0, 1e-200])
    for before, after in itertools.permutations(rows, 2):
        nodes = gg.scalars(before)
        y = f(nodes)
        for node, x in zip(nodes, after, strict=True):
            node.data = x
        assert y.forward().data == pytest.approx(f(after), rel=8 * EPS)
        y.backward()
        fresh = gg.scalars(after)
        f(fresh).backward()
        assert [n.grad for n in nodes] == pytest.approx([n.grad for n in fresh], rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("name", [*functions.METHODS, *sorted(IN_THE_TABLE)])
def test_methods(name):
    x = gg.Scalar(0.5)
    assert getattr(x, name)().data == getattr(gg, name)(0.5)
    if name in functions.METHODS:
        assert getattr(gg.Scalar, name).__doc__ == getattr(functions, name).__doc__


# Sums and products


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
def test_sums_and_products(count):
    xs = np.random.default_rng(count).uniform(-5.0, 5.0, count).tolist()
    ys = [x * x - 1.0 for x in xs]
    n = len(xs)
    rounding = (n + 4) * EPS
    assert abs(gg.total(xs) - math.fsum(xs)) <= rounding * math.fsum(map(abs, xs))
    assert abs(gg.mean(xs) - math.fsum(xs) / n) <= rounding * math.fsum(map(abs, xs)) / n
    assert gg.prod(xs) == pytest.approx(math.prod(xs), rel=rounding)
    products = [x * y for x, y in zip(xs, ys, strict=True)]
    assert abs(gg.dot(xs, ys) - math.fsum(products)) <= rounding * math.fsum(map(abs, products))
    assert gg.grad(gg.total)(xs) == [1.0] * n
    assert gg.grad(gg.mean)(xs) == [1.0 / n] * n
    assert gg.grad(gg.dot, argnums=(0, 1))(xs, ys) == (ys, xs)
    assert gg.grad(gg.prod)(xs) == pytest.approx([math.prod(xs[:i] + xs[i + 1 :]) for i in range(n)], rel=2 * rounding)
    for f in (gg.total, gg.mean, gg.prod, gg.norm, gg.logsumexp):
        gg.check_grad(f, xs).raise_if_wrong()


# What they take

NUMBERS = [np.float64(0.25), np.float32(0.25), np.array(0.25), Fraction(1, 4), Decimal("0.25"), np.longdouble(0.25)]
ARRAYS = [[0.25, 0.75], (0.25, 0.75), np.array([0.25, 0.75]), np.array([[0.25], [0.75]]), np.float32([0.25, 0.75])]


@pytest.mark.parametrize("name", OF_ONE)
def test_numbers_of_every_kind_and_arrays(name):
    f = one_argument(name)
    for x in NUMBERS:
        assert f(x) == f(0.25)
    if name != "logit":
        for one in (1, True, np.int64(1), np.float32(1)):
            assert f(one) == f(1.0)
    for xs in ARRAYS:
        for given in (xs, gg.array(xs)):
            found = f(given)
            assert isinstance(found, np.ndarray)
            assert found.shape == np.shape(xs)
            assert gg.values(found).ravel().tolist() == [f(0.25), f(0.75)]
    third = np.float32(1 / 3)  # computed with doubles: only the number itself has float32's digits
    assert f(third) == f(float(third))
    assert gg.values(f(np.array([third]))).tolist() == [f(float(third))]


@pytest.mark.parametrize("name", OF_TWO)
def test_two_numbers_of_every_kind_and_arrays(name):
    f = getattr(gg, name)
    for x in NUMBERS:
        assert f(x, 0.5) == f(0.25, 0.5)
        assert f(0.5, x) == f(0.5, 0.25)
    for xs in ARRAYS:
        assert gg.values(f(xs, 0.5)).ravel().tolist() == [f(0.25, 0.5), f(0.75, 0.5)]
        assert gg.values(f(xs, gg.array(xs))).ravel().tolist() == [f(0.25, 0.25), f(0.75, 0.75)]
    third = np.float32(1 / 3)
    assert f(third, third * 2) == f(float(third), float(third * 2))


@pytest.mark.parametrize("name", sorted(OF_MANY))
def test_many_numbers_of_every_kind(name):
    f = (lambda xs: gg.dot(xs, xs)) if name == "dot" else getattr(gg, name)
    thirds = [1 / 3, 0.1, 2.0]
    for kind in (list, tuple, iter, np.array):
        if name != "dot" or kind is not iter:
            assert f(kind(thirds)) == f(thirds)
    floats = np.float32(thirds)
    for given in (floats, list(floats), floats.reshape(3, 1)):
        assert f(given) == f([float(x) for x in floats])
    assert f([1, True, np.int64(2), Fraction(1, 2)]) == f([1.0, 1.0, 2.0, 0.5])
    nodes = f(gg.array(thirds))
    assert [y.data for y in nodes] == f(thirds) if isinstance(nodes, list) else nodes.data == f(thirds)


def test_functions_of_nothing():
    assert (gg.total([]), gg.prod([]), gg.dot([], []), gg.norm([])) == (0.0, 1.0, 0.0, 0.0)
    for f in (gg.mean, gg.logsumexp, gg.softmax, gg.log_softmax):
        for nothing in ([], (), np.array([]), iter([])):
            with pytest.raises(ValueError, match=rf"{f.__name__} of nothing is undefined"):
                f(nothing)
    with pytest.raises(ValueError, match="equal length"):
        gg.dot([1.0], [1.0, 2.0])


@pytest.mark.parametrize("name", sorted(OF_MANY))
@pytest.mark.parametrize("bad", [3.0, None, "12", {"a": 1.0}, gg.Scalar(1.0), ["a", "b"], [[1.0], [2.0]]], ids=repr)
def test_functions_of_many_say_what_they_need(name, bad):
    args = (bad, [1.0, 2.0]) if name == "dot" else (bad,)
    with pytest.raises(TypeError, match=rf"{name} needs"):
        getattr(gg, name)(*args)


@pytest.mark.parametrize("name", [*OF_ONE, *OF_TWO])
@pytest.mark.parametrize("bad", [None, "12", {"a": 1.0}, 1j], ids=repr)
def test_functions_of_numbers_say_what_they_need(name, bad):
    user = "maximum" if name == "clip" else name
    with pytest.raises(TypeError, match=rf"{user} needs a number"):
        (one_argument(name) if name in OF_ONE else lambda x: getattr(gg, name)(x, 0.5))(bad)


def test_functions_take_iterators_arrays_and_nodes():
    assert gg.total(iter([1.0, 2.0])) == gg.mean(x for x in (3.0, 3.0)) == gg.dot(iter([3.0]), (1.0,)) == 3.0
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert gg.total(matrix) == gg.total(gg.array(matrix)).data == 10.0
    assert gg.mean(gg.array(matrix)).data == 2.5
    assert gg.prod(gg.array(matrix)).data == 24.0
    assert gg.softmax(gg.array([0.0, 0.0]))[0].data == 0.5
    a = gg.Scalar(2.0)
    assert gg.total([a]) is a
    assert gg.total([a, a]).prev == (a, a)  # and no node for the 0 that a sum starts from


def test_clip_of_everything():
    assert math.isnan(gg.clip(NAN, 0.0, 1.0))
    low, high = gg.scalars(0.0, 1.0)
    gg.clip(gg.Scalar(7.0), low, high).backward()
    assert (low.grad, high.grad) == (0.0, 1.0)
