"""Operations of the user's own, most of them SciPy's: called, differentiated, checked and pickled like ours."""

from __future__ import annotations

import copy
import math
import pickle
import sys

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.core.op import Condition, DomainError, Op
from glassgrad.core.primitive import Primitive

special = pytest.importorskip("scipy.special")

EPS = sys.float_info.epsilon


@gg.primitive(partials=lambda y, x: -j1(x), latex=r"J_0\left({0}\right)")
def j0(x):
    """The Bessel function of the first kind, of order 0."""
    return special.j0(x)


@gg.primitive(partials=lambda y, x: (j0(x) - jn(2.0, x)) / 2)
def j1(x):
    return special.j1(x)


@gg.primitive(partials=(None, lambda y, n, x: (jn(n - 1.0, x) - jn(n + 1.0, x)) / 2))
def jn(n, x):
    return special.jv(n, x)


@gg.primitive(partials=lambda y, x: gg.norm_pdf(x))
def ndtr(x):
    return special.ndtr(x)


@gg.primitive(
    partials=lambda y, p: 1 / gg.norm_pdf(y),
    domain=Condition("0 < p < 1", lambda p: 0 < p < 1),
    symbol="probit",
)
def ndtri(p):
    return special.ndtri(p)


@gg.primitive(partials=lambda y, x: y / (x * (1 + y)), domain=Condition("x >= -1/e", lambda x: x >= -1 / math.e))
def lambertw(x):
    """The principal branch of Lambert's W."""
    return special.lambertw(x).real


@gg.primitive(partials=(lambda y, a, b: y * (gg.digamma(a) - gg.digamma(a + b)), None))
def beta(a, b):
    return special.beta(a, b)


@beta.partial_by("b")
def _(y, a, b):
    return y * (gg.digamma(b) - gg.digamma(a + b))


gammaln = gg.primitive(special.gammaln, partials=lambda y, x: gg.digamma(x))  # a ufunc is a function, too

ONE = [
    (j0, [-7.0, -0.3, 0.0, 0.5, 2.404825557695773, 30.0]),
    (j1, [-7.0, 0.25, 1.0, 30.0]),
    (ndtr, [-8.0, -1.0, 0.0, 0.7, 3.0]),
    (ndtri, [0.001, 0.3, 0.5, 0.99]),
    (lambertw, [-0.3, -0.1, 0.5, 1.0, 100.0]),
    (gammaln, [0.1, 0.9, 2.5, 40.0]),
]


@pytest.mark.parametrize(("f", "xs"), ONE, ids=lambda v: getattr(v, "name", ""))
def test_one_argument(f, xs):
    for x in xs:
        gg.check_grad(f, x).raise_if_wrong()
        node = gg.Scalar(x)
        y = f(node)
        assert y.data == f(x) == float(f.function(x))
        y.backward()
        assert node.grad == gg.grad(f)(x) == gg.jvp(f, (x,), (1.0,))[1]
        gg.check_grad(lambda t: gg.sin(f(t)) * t + f(t) ** 2, x).raise_if_wrong()
        twice = gg.derivative(gg.grad(f), x)
        assert gg.grad(gg.grad(f))(x) == pytest.approx(twice, rel=1e-6, abs=1e-6)


def test_many_orders():
    """J0'' = (J2 - J0) / 2 and J0''' = (3 J1 - J3) / 4, DLMF 10.6.7."""
    x = 1.7
    second = (special.jv(2, x) - special.jv(0, x)) / 2
    third = (3 * special.jv(1, x) - special.jv(3, x)) / 4
    assert gg.grad(gg.grad(j0))(x) == pytest.approx(second, rel=1e-14)
    assert gg.grad(gg.grad(gg.grad(j0)))(x) == pytest.approx(third, rel=1e-13)


def test_two_arguments():
    gg.check_grad(beta, 2.5, 0.7).raise_if_wrong()
    hessian = gg.hessian(beta, argnums=(0, 1))(2.5, 0.7)
    assert hessian[0][1] == pytest.approx(hessian[1][0], rel=1e-14)
    y, a, b = beta.function(2.5, 0.7), special.digamma(2.5), special.digamma(0.7)
    both, bend = special.digamma(3.2), special.polygamma(1, 3.2)
    assert hessian[0][1] == pytest.approx(y * ((a - both) * (b - both) - bend), rel=1e-13)


def test_an_argument_without_a_partial_is_a_plain_number():
    x = gg.Scalar(1.5)
    jn(2.0, x).backward()
    assert x.grad == pytest.approx(special.jvp(2, 1.5), rel=1e-14)
    n = gg.Scalar(2.0, label="n")
    y = jn(n, x)
    before = x.grad
    with pytest.raises(TypeError, match="jn has no derivative with respect to argument 0: pass a plain number"):
        y.backward()
    assert x.grad == before
    with pytest.raises(TypeError, match="no derivative with respect to argument 0"):
        gg.grad(jn, argnums=0)(2.0, 1.5)


def test_no_partial_at_all():
    @gg.primitive
    def mystery(x):
        return x + 1.0

    x = gg.Scalar(1.0)
    y = mystery(x)
    assert y.data == 2.0
    with pytest.raises(TypeError, match="mystery"):
        y.backward()
    with pytest.raises(TypeError, match="mystery"):
        gg.grad(mystery)(1.0)


def test_it_is_an_operation_like_ours():
    assert isinstance(j0, Op)
    assert isinstance(j0, Primitive)
    assert (j0.name, j0.symbol, j0.arity, j0.__name__) == ("j0", "j0", 1, "j0")
    assert j0.__doc__ == "The Bessel function of the first kind, of order 0."
    assert j0.latex.format("x") == r"J_0\left(x\right)"
    assert ndtri.symbol == "probit"
    assert gammaln.name == "gammaln"
    y = ndtri(gg.Scalar(0.5))
    assert (y.op, y.operation) == ("probit", ndtri)


def test_arrays():
    xs = np.array([[0.5, 1.0], [2.0, 3.0]])
    assert j0(xs).tolist() == special.j0(xs).tolist()
    nodes = j0(gg.array(xs))
    assert gg.values(nodes).tolist() == special.j0(xs).tolist()
    slope = gg.grad(lambda v: j0(v).sum())(xs)
    assert slope == pytest.approx(-special.j1(xs), rel=1e-15)


def test_domains():
    with pytest.raises(DomainError, match=r"ndtri\(1.5\) is undefined: needs 0 < p < 1 \(node 'p'\)"):
        ndtri(gg.Scalar(1.5, label="p"))
    with gg.errstate(domain="nan"):
        assert math.isnan(ndtri(1.5))
        assert ndtri(0.0) == -math.inf
        p = gg.Scalar(0.0)
        ndtri(p).backward()
        assert p.grad == math.inf


def test_copies_and_pickles():
    for twin in (copy.copy(j0), copy.deepcopy(j0), pickle.loads(pickle.dumps(j0))):
        assert twin is j0
    y = beta(gg.Scalar(2.0, label="a"), 3.0) * j0(gg.Scalar(0.5, label="x"))
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert [repr(n) for n in gg.graph.topological(twin)] == [repr(n) for n in gg.graph.topological(y)]
        twin.backward()


def test_forward_computes_anew():
    x = gg.Scalar(0.5)
    y = j0(x) * 2.0
    x.data = 2.0
    assert y.forward().data == 2.0 * special.j0(2.0)


def test_what_it_refuses():
    with pytest.raises(TypeError, match="needs a function"):
        gg.primitive(3.0)
    with pytest.raises(TypeError, match="fixed number of positional"):
        gg.primitive(lambda *xs: 1.0)
    with pytest.raises(TypeError, match="fixed number of positional"):
        gg.primitive(lambda x, *, scale: 1.0)
    with pytest.raises(ValueError, match="has 2 arguments but 1 partials"):
        gg.primitive(partials=[lambda y, a, b: 1.0])(lambda a, b: a)
    with pytest.raises(TypeError, match="takes 1 argument"):
        j0(1.0, 2.0)
    with pytest.raises(ValueError, match="no argument 'c'"):
        beta.partial_by("c")
    with pytest.raises(ValueError, match="arguments 0 to 1"):
        beta.partial_by(2)

    @gg.primitive(partials=lambda y, x: 1.0)
    def forgot(x):
        x + 1.0

    for x in (1.0, gg.Scalar(1.0)):
        with pytest.raises(TypeError, match="the result of primitive forgot"):
            forgot(x)


def test_a_wrong_derivative_is_found_out():
    @gg.primitive(partials=lambda y, x: -y)
    def wrong(x):
        return math.exp(x)

    assert not gg.check_grad(wrong, 1.0)


def test_a_rule_that_raises_leaves_gradients_as_they_were():
    @gg.primitive(partials=lambda y, x: {}["no"])
    def broken(x):
        return x

    x, z = gg.scalars(1.0, 2.0)
    z.grad = 7.0
    y = broken(x * 1.0) + z * 3.0
    with pytest.raises(KeyError):
        y.backward()
    assert (x.grad, z.grad) == (0.0, 7.0)


def test_rules_in_python_s_arithmetic_follow_ieee_754_at_the_edges():
    @gg.primitive(partials=lambda y, x: -1 / x**2)
    def inverse(x):
        return 1 / x if x else math.inf

    x = gg.Scalar(0.0)
    inverse(x).backward()
    assert x.grad == -math.inf


# custom


def test_custom_with_numbers():
    x, y = gg.scalars(2.0, 3.0)
    z = gg.custom(6.0, [x, y, 4.0], [3.0, 2.0, 0.0], name="product", label="z")
    assert (z.data, z.op, z.label, len(z.prev)) == (6.0, "product", "z", 3)
    (z * z).backward()
    assert (x.grad, y.grad) == (36.0, 24.0)
    with pytest.raises(TypeError, match="cannot be recomputed"):
        z.forward()
    with pytest.raises(TypeError, match="differentiated only once"):
        gg.grad(gg.grad(lambda x: gg.custom(1.0, [x], [2.0])))(1.0)
    assert gg.grad(lambda x: gg.custom(1.0, [x], [2.0]) * x)(3.0) == 7.0


def test_custom_with_functions():
    def f(a, b):
        return gg.custom(lambda a, b: a * b, [a, b], [lambda y, a, b: b, lambda y, a, b: a])

    assert gg.grad(lambda a: gg.grad(lambda b: f(a, b) ** 2)(3.0))(2.0) == pytest.approx(24.0)
    a, b = gg.scalars(2.0, 3.0)
    y = f(a, b) + 0.0
    a.data = 5.0
    assert y.forward().data == 15.0
    y.backward()
    assert (a.grad, b.grad) == (3.0, 5.0)


def test_custom_refuses():
    x = gg.Scalar(1.0)
    with pytest.raises(ValueError, match="1 operands but 2 partials"):
        gg.custom(1.0, [x], [1.0, 2.0])
    with pytest.raises(TypeError, match="at least one operand that is a Scalar"):
        gg.custom(1.0, [1.0], [1.0])
    with pytest.raises(TypeError, match="at least one operand that is a Scalar"):
        gg.custom(1.0, [], [])
    for value, partial in (("1", 1.0), (1.0, "1"), (None, 1.0), (1j, 1.0)):
        with pytest.raises(TypeError, match="needs a number"):
            gg.custom(value, [x], [partial])


def test_custom_copies_and_pickles():
    x = gg.Scalar(2.0, label="x")
    y = gg.custom(4.0, [x], [4.0], name="square") * 3.0
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        twin.backward()
        (leaf,) = [n for n in gg.graph.leaves(twin) if n.label == "x"]
        assert leaf.grad == 12.0
    assert x.grad == 0.0


def test_drawn_like_ours():
    x = gg.Scalar(0.5, label="x")
    source = gg.draw_dot(ndtri(x) + gg.custom(1.0, [x], [2.0], name="mine")).source
    assert "probit" in source
    assert "mine" in source
