"""Operations of the user's own, judged by nudges and closed forms."""

import math

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar
from glassgrad.core import ops


@gg.primitive(partials=lambda y, x: gg.exp(x) + 1)
def soft(x):
    """e^x + x"""
    return math.exp(x) + x


@gg.primitive(partials=(lambda y, a, b: y * gg.log(b), lambda y, a, b: y * a / b), symbol="^", name="raise_to")
def power(a, b):
    return b**a


def test_on_floats_ints_nodes_and_arrays():
    assert soft(0.0) == 1.0
    assert soft(0) == 1.0
    assert type(soft(0.0)) is float
    x = Scalar(0.0, label="x")
    y = soft(x)
    assert (y.data, y.op, y.operation, y.prev[0]) == (1.0, "soft", soft, x)
    y.backward()
    assert x.grad == 2.0
    assert soft(np.array([0.0, 1.0])) == pytest.approx([1.0, math.e + 1])
    assert gg.values(soft(gg.array([0.0, 1.0]))) == pytest.approx([1.0, math.e + 1])


def test_two_arguments_with_numbers_on_either_side():
    a, b = Scalar(3.0), Scalar(2.0)
    y = power(a, b)
    y.backward()
    assert (y.data, y.op, y.operation.name) == (8.0, "^", "raise_to")
    assert (a.grad, b.grad) == pytest.approx((8 * math.log(2), 12.0))
    assert power(3, b).prev[0].is_constant
    assert power(a, 2).data == 8.0


def test_nests_to_any_order_and_agrees_with_nudges():
    f = soft
    for order in range(1, 5):
        f = gg.grad(f)
        assert f(0.5) == pytest.approx(math.exp(0.5) + (order == 1))
    assert gg.check_grad(lambda a, b: gg.sin(power(a, b)), 1.5, 2.0)
    assert gg.hessian(lambda a: power(a, 2.0))(1.0) == pytest.approx(2 * math.log(2) ** 2)
    assert gg.jvp(soft, (0.0,), (3.0,)) == (1.0, 6.0)


def test_partials_added_one_by_one():
    @gg.primitive
    def ratio(top, bottom):
        return top / bottom

    @ratio.partial_by("bottom")
    def _(y, top, bottom):
        return -y / bottom

    top, bottom = Scalar(6.0), Scalar(3.0)
    ratio(6.0, bottom).backward()
    assert bottom.grad == pytest.approx(-2 / 3)
    with pytest.raises(TypeError, match="ratio has no derivative with respect to argument 0"):
        ratio(top, bottom).backward()
    assert (top.grad, bottom.grad) == (0.0, pytest.approx(-2 / 3))

    @ratio.partial_by(0)
    def _(y, top, bottom):
        return 1 / bottom

    ratio(top, bottom).backward()
    assert top.grad == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="no argument 'side': choose from top, bottom"):
        ratio.partial_by("side")
    with pytest.raises(ValueError, match="0 to 1, not 2"):
        ratio.partial_by(2)


def test_without_partials_it_is_drawn_but_not_differentiated():
    @gg.primitive
    def mystery(x):
        return x + 1

    x = Scalar(2.0, label="x")
    y = mystery(x)
    assert y.data == 3.0
    assert "mystery" in gg.draw_dot(y).source
    with pytest.raises(TypeError, match=r"no derivative is known.*mystery.*partials=.*partial_by"):
        (y * x).backward()
    with pytest.raises(TypeError, match="no derivative"):
        gg.grad(mystery)(2.0)
    assert x.grad == 0.0
    x.data = 5.0
    assert y.forward().data == 6.0


def test_of_functions_that_are_no_python_functions():
    sine = gg.primitive(partials=lambda y, x: gg.cos(x))(np.sin)
    assert gg.grad(sine)(0.5) == math.cos(0.5)

    class Offset:
        def __call__(self, x):
            return x + 10.0

    op = gg.primitive(partials=lambda y, x: 1.0)(Offset())
    assert op.name == "Offset"
    assert op(1.0) == 11.0


def test_results_and_partials_may_be_numpy_numbers():
    op = gg.primitive(partials=lambda y, x: np.float32(2.0))(lambda x: np.float64(2.0 * x))
    x = Scalar(3.0)
    y = op(x)
    y.backward()
    assert (y.data, type(y.data), x.grad, type(x.grad)) == (6.0, float, 2.0, float)
    assert type(gg.grad(op)(3.0)) is float
    assert [type(number) for number in gg.jvp(op, (3.0,), (1.0,))] == [float, float]
    assert type(gg.grad(lambda x: gg.grad(op)(x) * x)(3.0)) is float


def test_domains_and_kinks():
    def value(x):
        return math.sqrt(x) if x >= 0 else math.nan

    root = gg.primitive(partials=lambda y, x: 0.5 / y, domain=ops.NOT_NEGATIVE, kinks=ops.AT_ZERO, name="root")(value)
    assert root(4.0) == 2.0
    with pytest.raises(gg.DomainError, match=r"root\(-1\.0\) is undefined: needs x >= 0 .*'x'"):
        root(Scalar(-1.0, label="x"))


@pytest.mark.parametrize("function", [3, "f", [math.sin]], ids=repr)
def test_what_is_no_function_is_named(function):
    with pytest.raises(TypeError, match="primitive needs a function of floats, got"):
        gg.primitive(function)
    with pytest.raises(TypeError, match="primitive needs a function"):
        gg.primitive(name="x")(None)


def test_bad_definitions_are_named():
    with pytest.raises(TypeError, match="fixed number of positional arguments"):
        gg.primitive(lambda *xs: 0.0)
    with pytest.raises(TypeError, match="fixed number of positional arguments"):

        @gg.primitive
        def keyword_only(x, *, y):
            return x

    with pytest.raises(ValueError, match="2 arguments but 1 partials"):
        gg.primitive(partials=[None])(lambda a, b: 0.0)
    with pytest.raises(TypeError, match="the result of primitive text needs a number, but got str 'text'"):
        gg.primitive(name="text")(lambda x: "text")(Scalar(1.0))
    with pytest.raises(TypeError, match="takes 1 argument, but got 2"):
        soft(1.0, 2.0)
    with pytest.raises(TypeError, match="soft needs a number, but got None"):
        soft(None)


def test_a_partial_that_is_no_number_changes_nothing():
    op = gg.primitive(partials=lambda y, x: "one", name="worded")(lambda x: x)
    x = Scalar(1.0)
    with pytest.raises((TypeError, ValueError)):
        op(x).backward()
    assert x.grad == 0.0


# gg.custom


def test_custom_with_numbers():
    x, y = Scalar(3.0, label="x"), Scalar(4.0)
    z = gg.custom(12.0, [x, y], [4.0, 3.0], name="area", label="z")
    assert (z.data, z.op, z.label) == (12.0, "area", "z")
    (z * 2.0).backward()
    assert (x.grad, y.grad) == (8.0, 6.0)
    assert z.local_partials() == (4.0, 3.0)
    with pytest.raises(TypeError, match="cannot be recomputed"):
        (z * 2.0).forward()
    assert gg.grad(lambda v: gg.custom(9.0, [v], [6.0]))(3.0) == 6.0
    with pytest.raises(TypeError, match=r"only once.*a rule instead"):
        gg.grad(gg.grad(lambda v: gg.custom(9.0, [v], [6.0])))(3.0)


def test_custom_with_rules():
    def f(v):
        return gg.custom(lambda a: a**3, [v], [lambda y, a: 3 * a**2], name="cube")

    x = Scalar(2.0)
    y = f(x)
    y.backward()
    assert (y.data, x.grad) == (8.0, 12.0)
    x.data = 3.0
    assert y.forward().data == 27.0
    assert gg.grad(gg.grad(f))(2.0) == 12.0
    mixed = gg.custom(7.0, [x, 2.0], [1.0, 5.0])
    assert mixed.prev[1].is_constant


def test_bad_custom_nodes_are_named():
    x = Scalar(1.0)
    with pytest.raises(ValueError, match="2 operands but 1 partials"):
        gg.custom(1.0, [x, x], [1.0])
    with pytest.raises(TypeError, match="at least one operand that is a Scalar"):
        gg.custom(1.0, [2.0], [1.0])
    with pytest.raises(TypeError, match="at least one operand"):
        gg.custom(1.0, [], [])
    with pytest.raises(TypeError, match="partial of custom needs a number, but got None"):
        gg.custom(1.0, [x], [None])
    with pytest.raises(TypeError, match="needs a number, but got str"):
        gg.custom("1", [x], [1.0])
    with pytest.raises(TypeError, match="needs a number, but got None"):
        gg.custom(1.0, [x, None], [1.0, 1.0])


def test_custom_with_a_bare_operand_says_how_to_write_it():
    x = gg.Scalar(2.0)
    with pytest.raises(TypeError, match=r"custom 'twice' needs its operands in a list, .* write \[x\] for one"):
        gg.custom(4.0, x, [2.0], name="twice")
    with pytest.raises(TypeError, match=r"custom 'twice' needs its partials in a list, got float 2\.0"):
        gg.custom(4.0, [x], 2.0, name="twice")
