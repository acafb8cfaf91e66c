"""What is composed from the table, against mpmath and closed forms: values, gradients, second derivatives."""

from __future__ import annotations

import itertools
import math
import random
import sys

import numpy as np
import pytest
from mpmath import mp, mpf

import glassgrad as gg
from glassgrad import functions
from helpers import exact

EPS = sys.float_info.epsilon

EXACT = {  # of one number
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "log_sigmoid": lambda x: -mp.log1p(mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "norm_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "norm_pdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "leaky_relu": lambda x: x if x > 0 else mpf(0.01) * x,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "clip": lambda x: min(max(x, mpf(-1)), mpf(1)),
}
OF_MANY = {"total", "prod", "mean", "dot", "norm", "logsumexp", "logaddexp", "log_softmax", "softmax"}

# A handful of operations within 2 ULP each. Where an argument is rounded on the way, as x * sqrt(1/2) and x * x are,
# that is worth x * x times as much in a result that falls like exp(-x * x / 2).
HANDFUL = 12.0
STEEP = {"norm_cdf", "norm_pdf", "gelu"}

KINKED = {"leaky_relu": (0.0,), "elu": (0.0,), "clip": (-1.0, 1.0)}

POINTS = [
    *(0.0, 1e-300, -1e-300, 1e-20, -1e-20, 1e-8, -1e-8, 0.1, -0.1, 0.5, -0.5, 1.0 + EPS, 1.0, -1.0, 2.5, -2.5),
    *(5.0, -5.0, 10.0, -10.0, 20.0, -20.0, 37.0, -37.0, 40.0, -40.0, 100.0, -100.0, 700.0, -700.0, 740.0, -740.0),
    *(800.0, -800.0, 1e5, -1e5),
]


def value(name: str, f, x: float):
    """A function of the reference table in one number, its clipping and slopes at their defaults."""
    return f(x, -1.0, 1.0) if name == "clip" else f(x)


def one_argument(name: str):
    f = getattr(gg, name)
    return (lambda x: gg.clip(x, -1.0, 1.0)) if name == "clip" else f


def tolerance(name: str, x: float, *sizes) -> float:
    steep = x * x if name in STEEP else 0.0
    return float((HANDFUL + 4 * steep) * EPS * sum(map(abs, sizes))) + 4 * sys.float_info.min


def test_every_function_is_tested():
    assert set(functions.__all__) == set(EXACT) | OF_MANY
    assert set(functions.METHODS) <= set(EXACT)
    for name in functions.__all__:
        assert getattr(gg, name) is getattr(functions, name)
        assert name in gg.__all__


@pytest.mark.parametrize("name", EXACT)
def test_values(name):
    f = one_argument(name)
    draw = random.Random(name)
    for x in [*POINTS, *(draw.uniform(-45, 45) for _ in range(200))]:
        expected = exact.of(EXACT[name], (x,))
        assert abs(f(x) - expected) <= tolerance(name, x, expected), (x, f(x))
        assert f(gg.Scalar(x)).data == f(x)
        assert type(f(x)) is float


@pytest.mark.parametrize("name", EXACT)
def test_gradients(name):
    f = one_argument(name)
    for x in POINTS:
        if x in KINKED.get(name, ()):
            continue
        expected = exact.slope(EXACT[name], (x,), 0)
        size = max(abs(expected), abs(f(x)) if name in ("gelu", "silu") else 0)  # products, whose terms may cancel
        for slope in (gg.grad(f)(x), gg.jvp(f, (x,), (1.0,))[1], backward(f, x)):
            assert abs(slope - expected) <= tolerance(name, x, size), (x, slope)


@pytest.mark.parametrize("name", EXACT)
def test_second_and_third_derivatives(name):
    f = one_argument(name)
    for x in POINTS:
        if x in KINKED.get(name, ()) or 0 < abs(x) < 1e-8 or (name in STEEP and not -40 <= x <= 8):
            continue
        slope = gg.grad(f)
        size = abs(f(x)) + abs(slope(x)) if name in ("gelu", "silu") else 0
        for order in (2, 3):
            slope = gg.grad(slope)
            expected = exact.slope(EXACT[name], (x,), 0, order)
            size = size + 8 * abs(expected) + abs(exact.slope(EXACT[name], (x,), 0, order - 1)) * (1 + abs(x))
            assert abs(slope(x) - expected) <= tolerance(name, x, size), (x, order, slope(x))


def backward(f, x: float) -> float:
    node = gg.Scalar(x)
    f(node).backward()
    return node.grad


@pytest.mark.parametrize("name", EXACT)
def test_nudges(name):
    for x in (-30.0, -3.0, -0.3, 0.2, 0.7, 4.0, 25.0):
        gg.check_grad(one_argument(name), x).raise_if_wrong()


@pytest.mark.parametrize("name", EXACT)
def test_at_the_edges_nothing_raises(name):
    f = one_argument(name)
    for x in (math.inf, -math.inf, math.nan, sys.float_info.max, -sys.float_info.max):
        assert f(gg.Scalar(x)).data == f(x) or math.isnan(f(x))
        backward(f, x)
        if math.isnan(x):
            assert math.isnan(f(x))
            assert math.isnan(backward(f, x)) or name in KINKED
        elif math.isfinite(x):
            assert math.isfinite(f(x))
            assert math.isfinite(backward(f, x))


def test_limits():
    inf = math.inf
    for name, left, right in (
        ("sigmoid", 0.0, 1.0),
        ("log_sigmoid", -inf, 0.0),
        ("softplus", 0.0, inf),
        ("norm_cdf", 0.0, 1.0),
        ("norm_pdf", 0.0, 0.0),
        ("leaky_relu", -inf, inf),
        ("elu", -1.0, inf),
        ("clip", -1.0, 1.0),
    ):
        f = one_argument(name)
        assert (f(-inf), f(inf)) == (left, right), name


def test_at_kinks():
    assert backward(gg.leaky_relu, 0.0) == 0.01  # as the docstring says
    assert backward(lambda x: gg.leaky_relu(x, 0.2), -0.0) == 0.2
    assert backward(gg.elu, 0.0) == 1.0  # no kink: both sides have it
    assert backward(lambda x: gg.elu(x, 2.0), 0.0) == 2.0
    for x in (-1.0, 1.0):
        assert backward(lambda x: gg.clip(x, -1.0, 1.0), x) == 0.5


@pytest.mark.parametrize("name", EXACT)
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


@pytest.mark.parametrize("name", functions.METHODS)
def test_methods(name):
    x = gg.Scalar(0.5)
    assert getattr(x, name)().data == getattr(gg, name)(0.5)
    assert getattr(gg.Scalar, name).__doc__ == getattr(functions, name).__doc__


# Of many numbers


def vectors(seed: int, size: float = 5.0):
    draw = random.Random(seed)
    for count in (1, 2, 3, 7, 40):
        yield [draw.uniform(-size, size) for _ in range(count)]


SPANS = [[3e200, 4e200], [3e-200, 4e-200], [1e308], [5e-324], [0.0, 2.0], [1e300, 0.0]]
LARGE = [
    *([1e4, 1e4 + 1.0], [-1e4, -1e4], [8e307, -8e307], [800.0, -800.0, 0.0], [-1e300, 0.0], [1000.0] * 3),
    *([0.0, -1e-17], [5.0], [-745.0, -745.0], [700.0, 709.0, 709.5]),
]


@pytest.mark.parametrize("xs", [*vectors(1), *vectors(2, 500.0), *LARGE], ids=lambda xs: f"{len(xs)} from {xs[0]:.4g}")
def test_logsumexp_and_softmax(xs):
    with mp.workprec(2500):
        weights = [mp.exp(mpf(x) - max(xs)) for x in xs]
        whole = sum(weights)
        expected = max(xs) + mp.log(whole)
        shares = [w / whole for w in weights]
        second = shares[0] * (1 - shares[0])
        log_shares = [mpf(x) - expected for x in xs]
    largest = max(map(abs, xs))
    spread = max(xs) - min(xs)
    assert abs(gg.logsumexp(xs) - expected) <= 4 * EPS * (1 + largest)
    slopes = gg.grad(gg.logsumexp)(xs)
    nodes = gg.scalars(xs)
    gg.logsumexp(nodes).backward()
    rounding = (HANDFUL + len(xs)) * EPS  # of a sum of n numbers; x - max(x) is rounded, too
    for computed in (gg.softmax(xs), slopes, [node.grad for node in nodes]):
        for share, w, x in zip(computed, shares, xs, strict=True):
            assert abs(share - w) <= (rounding + EPS * abs(max(xs) - x)) * w + sys.float_info.min
        assert sum(computed) == pytest.approx(1.0, abs=len(xs) * EPS)
    for mine, theirs in zip(gg.log_softmax(xs), log_shares, strict=True):
        assert abs(mine - theirs) <= 4 * EPS * (1 + largest)
    if spread < 1e5:
        curve = gg.grad(lambda x: gg.grad(gg.logsumexp)([x, *xs[1:]])[0])(xs[0])
        assert abs(curve - second) <= 4 * (rounding + EPS * spread) * shares[0] + sys.float_info.min
    if len(xs) == 2:
        assert gg.logaddexp(*xs) == gg.logsumexp(xs)


def test_logsumexp_of_infinities():
    inf = math.inf
    assert gg.logsumexp([-inf, -inf]) == -inf
    assert gg.logsumexp([-inf, 3.0]) == 3.0
    assert gg.logsumexp([inf, 3.0]) == inf
    assert math.isnan(gg.logsumexp([math.nan, 1.0]))
    assert math.isnan(gg.logsumexp([1.0, math.nan]))
    assert gg.softmax([-inf, 0.0]) == [0.0, 1.0]
    assert gg.log_softmax([-inf, 0.0]) == [-inf, 0.0]
    assert gg.grad(gg.logsumexp)([-inf, 0.0, 0.0]) == [0.0, 0.5, 0.5]


@pytest.mark.parametrize("f", [gg.logsumexp, lambda xs: gg.softmax(xs)[0], lambda xs: gg.log_softmax(xs)[-1], gg.norm])
def test_functions_of_many_after_their_leaves_changed(f):
    for before, after in itertools.permutations(([1.0, 2.0, 0.5], [-3.0, 0.0, 2.0], [30.0, -30.0, 0.1]), 2):
        nodes = gg.scalars(before)
        y = f(nodes)
        for node, x in zip(nodes, after, strict=True):
            node.data = x
        assert y.forward().data == pytest.approx(f(after), rel=8 * EPS)
        y.backward()
        fresh = gg.scalars(after)
        f(fresh).backward()
        assert [n.grad for n in nodes] == pytest.approx([n.grad for n in fresh], rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    "xs", [*vectors(3), [3e200, 4e200], [3e-200, 4e-200], [1e308], [5e-324], [0.0, 2.0], [1e300, 0.0]]
)
def test_norm(xs):
    with mp.workprec(2500):
        expected = mp.sqrt(sum(mpf(x) ** 2 for x in xs))
        slopes = [mpf(x) / expected for x in xs]
        curve = (1 - slopes[0] ** 2) / expected
    rounding = (HANDFUL + len(xs)) * EPS
    assert abs(gg.norm(xs) - expected) <= rounding * expected
    assert gg.norm(gg.array(xs)).data == gg.norm(xs) == gg.norm(np.array(xs))
    for mine, theirs in zip(gg.grad(gg.norm)(xs), slopes, strict=True):
        assert abs(mine - theirs) <= 2 * rounding * abs(theirs)
    if 1e-100 < abs(xs[-1]) < 1e100:
        found = gg.grad(lambda x: gg.grad(gg.norm)([x, *xs[1:]])[0])(xs[0])
        assert abs(found - curve) <= 4 * rounding / expected


def test_norm_at_the_origin():
    assert gg.norm([]) == gg.norm([0.0]) == gg.norm([0.0, -0.0]) == 0.0
    assert gg.grad(gg.norm)([0.0, 0.0]) == [0.0, 0.0]
    assert gg.norm([math.inf, 1.0]) == math.inf
    assert math.isnan(gg.norm([math.nan, 1.0]))


@pytest.mark.parametrize("xs", [*vectors(4)], ids=len)
def test_sums_and_products(xs):
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


def test_functions_of_nothing():
    assert (gg.total([]), gg.prod([]), gg.dot([], [])) == (0.0, 1.0, 0.0)
    for f in (gg.mean, gg.logsumexp, gg.softmax, gg.log_softmax):
        with pytest.raises(ValueError, match=rf"{f.__name__} of nothing|of nothing is undefined"):
            f([])
    with pytest.raises(ValueError, match="one length"):
        gg.dot([1.0], [1.0, 2.0])


@pytest.mark.parametrize("name", sorted(OF_MANY - {"logaddexp"}))
@pytest.mark.parametrize("bad", [3.0, None, "12", {"a": 1.0}, gg.Scalar(1.0), ["a", "b"], [[1.0], [2.0]]], ids=repr)
def test_functions_of_many_say_what_they_need(name, bad):
    args = (bad, [1.0, 2.0]) if name == "dot" else (bad,)
    with pytest.raises(TypeError, match=rf"{name} needs|needs a number|can't multiply sequence"):
        getattr(gg, name)(*args)


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
    assert gg.clip(math.nan, 0.0, 1.0) != gg.clip(math.nan, 0.0, 1.0)
    low, high = gg.scalars(0.0, 1.0)
    gg.clip(gg.Scalar(7.0), low, high).backward()
    assert (low.grad, high.grad) == (0.0, 1.0)
