"""What counts as a number, and what a node is when it is compared with anything else."""

import datetime
import math
import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar
from glassgrad.core.op import is_number
from helpers.ids import shown


class Unconvertible:
    """It says that it is a number, and is none."""

    def __float__(self):
        raise TypeError("no float of me")


NUMBERS = [
    *(1.5, 2, True, Fraction(3, 2), Decimal("1.5")),
    *(np.float16(1.5), np.float32(1.5), np.float64(1.5), np.longdouble(1.5), np.int8(2), np.uint64(2), np.bool_(True)),
    *(np.array(1.5), np.array(2), np.array(True), np.ma.array(1.5)),
]
NO_NUMBERS = [
    *("3", b"3", bytearray(b"3"), memoryview(b"3"), np.str_("3"), np.bytes_(b"3"), np.array("3"), np.array(b"3")),
    *(np.datetime64("2020-01-01"), np.datetime64(3, "ns"), np.timedelta64(2, "ns"), np.timedelta64(2, "D")),
    *(np.array(np.datetime64("2020")), np.timedelta64("NaT"), datetime.date(2020, 1, 1), datetime.timedelta(2)),
    *(np.void(b"abc"), np.array([(1.0, 2.0)], dtype=[("a", "f8"), ("b", "f8")])[0], np.ma.masked),
    *(1j, np.complex64(1j), np.array(1j), None, np.array(None), object(), [1.0], (1.0,), {}, {1.0}, range(2), int),
    *(lambda: 1.0, ..., NotImplemented, Unconvertible()),
]
DOORS = {
    "Scalar": Scalar,
    "data": lambda x: setattr(Scalar(1.0), "data", x),
    "gg.sin": gg.sin,
    "array": lambda x: gg.array([x]),
    "scalars": lambda x: gg.scalars(1.0, x),
    "values": lambda x: gg.values(np.array([x, None], dtype=object)[:1]),
    "grad": gg.grad(lambda x: 1.0),
    "jvp": lambda x: gg.jvp(lambda x: x, (1.0,), (x,)),
    "vjp": lambda x: gg.vjp(lambda x: x, 1.0)[1](x),
    "times": lambda x: Scalar(1.0) * x,
    "maximum": lambda x: gg.maximum(Scalar(1.0), x),
    "np.maximum": lambda x: np.maximum(Scalar(1.0), x),
    "a result": lambda x: gg.grad(lambda y: x)(1.0),
    "vmap of a result": lambda x: gg.vmap(lambda y: x)(np.ones(9)),
}


@pytest.mark.parametrize("x", NUMBERS, ids=shown)
def test_numbers(x):
    assert is_number(x)
    assert Scalar(x).data == float(x)
    assert (Scalar(1.0) * x).data == float(x)
    if not isinstance(x, np.ma.MaskedArray):
        assert gg.jit(lambda y: y * 2.0)(x) == 2.0 * float(x)
    assert Scalar(float(x)) == x
    assert x == Scalar(float(x))
    assert not Scalar(float(x)) != x


@pytest.mark.parametrize("x", NO_NUMBERS, ids=shown)
def test_what_is_no_number_is_said_to_be_none(x):
    assert is_number(x) == isinstance(x, Unconvertible)
    for name, door in DOORS.items():
        containers = (list, tuple, dict, range, set, bytearray, memoryview)
        if isinstance(x, containers) and name in (
            "array",
            "scalars",
            "grad",
            "jvp",
            "vjp",
            "maximum",
            "values",
            "gg.sin",
        ):
            continue  # there numbers come in containers
        if isinstance(x, range) and name in ("times", "np.maximum"):
            continue  # an operand is an array of its numbers
        if isinstance(x, (tuple, dict, list)) or (x is None and name == "vmap of a result"):
            continue
        if isinstance(x, np.ndarray) and name == "vmap of a result":
            continue  # a constant, whatever it holds
        with pytest.raises((TypeError, ValueError)) as caught:
            door(x)
        assert type(caught.value) in (TypeError, ValueError), name
        assert "recursion" not in str(caught.value)


@pytest.mark.parametrize("how", ["eager", "compiled"])
@pytest.mark.parametrize("x", NO_NUMBERS, ids=shown)
def test_a_node_is_not_equal_to_what_is_no_number(x, how):
    if x is np.ma.masked:
        return  # which is neither equal nor unequal
    made = gg.jit if how == "compiled" else lambda f: lambda y: f(Scalar(y))
    assert made(lambda y: 1.0 if y == x else 2.0)(2.0) in (2.0, Scalar(2.0))
    assert made(lambda y: 1.0 if y != x else 2.0)(2.0) in (1.0, Scalar(1.0))
    if type(x) is np.void:
        return  # on the left it is NumPy's own, which raises an error
    assert made(lambda y: 1.0 if x == y else 2.0)(2.0) == 2.0
    assert made(lambda y: 1.0 if x != y else 2.0)(2.0) == 1.0
    if isinstance(x, np.complexfloating):
        return  # which NumPy puts in an order
    for less in (operator.lt, operator.ge):
        for swapped in (False, True):
            with pytest.raises(TypeError):
                made(lambda y: 1.0 if (less(x, y) if swapped else less(y, x)) else 2.0)(2.0)


@pytest.mark.parametrize("how", ["eager", "compiled"])
def test_comparisons_are_exact(how):
    """With what is no float, too: a third is not its nearest float, and 0.1 no tenth."""
    made = gg.jit if how == "compiled" else lambda f: lambda y: f(Scalar(y))
    third, tenth = 1 / 3, 0.1
    others = [Fraction(1, 3), Fraction(1, 10), Decimal("0.1"), Decimal.from_float(0.1), 10**400, -(10**400), 2**53 + 1]
    others += [complex(third), complex(0, 1), Fraction(10**400, 3), Decimal("1e400"), Decimal("Infinity")]
    for x in (third, tenth, float(2**53), math.inf, math.nan):
        for other in others:
            for name in ("eq", "ne", "lt", "le", "gt", "ge"):
                if isinstance(other, complex) and name not in ("eq", "ne"):
                    continue
                if x != x and isinstance(other, Decimal) and name not in ("eq", "ne"):
                    continue  # Decimal raises an error
                relation = getattr(operator, name)
                assert bool(made(lambda y: relation(y, other))(x)) == relation(x, other), (x, name, other)
                assert bool(made(lambda y: relation(other, y))(x)) == relation(other, x), (x, name, other)


def test_an_element_that_is_no_number_does_not_hide_in_a_list():
    x = Scalar(3.0)
    assert x not in ["3", np.str_("3"), np.datetime64(3, "ns"), np.timedelta64(3, "ns"), None]
    assert [3.0, "3"].index(x) == 0
    assert (np.array([np.timedelta64(3, "ns"), "3"], dtype=object) == x).tolist() == [False, False]


TIMES = [np.array([1, 2], "m8[ns]"), np.array([1, 2], "m8[D]"), np.array(["1970-01-01", "2020-01-01"], "M8[ns]")]
USES = {
    **{name: lambda x, t, f=f: f(x, t) for name, f in vars(operator).items() if name in ("add", "mul", "matmul", "lt")},
    **{name: lambda x, t, f=f: f(t, x) for name, f in vars(operator).items() if name in ("sub", "pow", "ge")},
    **{name: lambda x, t, name=name: getattr(np, name)(x, t) for name in ("maximum", "dot", "hypot", "isclose")},
    "where": lambda x, t: np.where(x > 0, x, t),
    "concatenate": lambda x, t: np.concatenate([x, t]),
    "clip": lambda x, t: np.clip(x, t[0], 9.0),
    "in place": lambda x, t: operator.iadd(x * 1.0, t),
    "one element": lambda x, t: x * t[0],
    "one node": lambda x, t: t + x[0],
    "an argument": lambda x, t: gg.grad(lambda y: y.sum())(t),
    "gg.array": lambda x, t: gg.array(t),
    "gg.values": lambda x, t: gg.values(t),
    "gg.total": lambda x, t: gg.total([x[0], t[0]]),
}


@pytest.mark.parametrize("t", TIMES, ids=lambda t: str(t.dtype))
@pytest.mark.parametrize("name", USES)
def test_arrays_of_dates_are_no_numbers(name, t):
    """NumPy makes whole numbers of nanoseconds where it makes objects of them."""
    f = USES[name]
    x = np.array([1.0, 2.0])
    for made in (lambda x: f(gg.array(x), t), gg.jit(lambda x: f(x, t)), gg.grad(lambda x: np.sum(f(x, t)))):
        with pytest.raises(TypeError):
            made(x)


@pytest.mark.parametrize("t", TIMES, ids=lambda t: str(t.dtype))
def test_no_node_is_equal_to_a_date(t):
    for made in (lambda f: lambda x: f(gg.array(x)), gg.jit):
        assert made(lambda x: x == t)(np.array([1.0, 2.0])).tolist() == [False, False]
        assert made(lambda x: t != x)(np.array([1.0, 2.0])).tolist() == [True, True]
        assert not made(lambda x: np.array_equal(x, t))(np.array([1.0, 2.0]))
