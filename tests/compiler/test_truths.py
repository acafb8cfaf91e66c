"""Truths and numbers: derivatives are numbers, and a comparison meets NumPy's numbers as a bool does."""

import copy
import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassgrad as gg

POINTS = [2.5, 1.0, -3.0, 0.5]

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {  # and its derivative
    "a truth times x": (lambda x: (x > 1) * x, lambda x: float(x > 1)),
    "x times a truth": (lambda x: x * (x > 1), lambda x: float(x > 1)),
    "a truth of NumPy's": (lambda x: x * np.bool_(True), lambda x: 1.0),
    "times both": (lambda x: (x > 1) * x * (x < 2.7), lambda x: float(1 < x < 2.7)),
    "through a choice": (lambda x: gg.where(x > 1, x * (x > 0), 0.0), lambda x: float(x > 1)),
    "a maximum": (lambda x: gg.maximum(x * (x > 1), -1.0), lambda x: float(x > 1)),
    "the sum of two": (lambda x: (x > 1) * x + (x < 2) * x, lambda x: float((x > 1) + (x < 2))),
    "x itself": (lambda x: x, lambda x: 1.0),
    "a truth": (lambda x: x > 1, lambda x: 0.0),
    "a constant truth": (lambda x: True, lambda x: 0.0),
    "NumPy's constant truth": (lambda x: np.False_, lambda x: 0.0),
    "an int": (lambda x: 3, lambda x: 0.0),
    "both ways of an if": (lambda x: x * (x > 0) if x > 1 else x * False, lambda x: float(x > 1)),
}

TRANSFORMS: dict[str, Callable[..., Any]] = {  # their derivatives of a function of one number
    "grad": lambda f, x: gg.grad(f)(x),
    "value_and_grad": lambda f, x: gg.value_and_grad(f)(x)[1],
    "jacobian": lambda f, x: gg.jacobian(f)(x),
    "jvp": lambda f, x: gg.jvp(f, (x,), (1.0,))[1],
    "jvp along a truth": lambda f, x: gg.jvp(f, (x,), (x == x,))[1],
    "vjp": lambda f, x: gg.vjp(f, x)[1](1.0)[0],
    "vjp of a truth": lambda f, x: gg.vjp(f, x)[1](x == x)[0],
    "in a dict": lambda f, x: gg.grad(lambda p: f(p["x"]))({"x": x})["x"],
    "in an array": lambda f, x: gg.grad(lambda a: f(a[0]))(np.array([x], dtype=object))[0],
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_are_numbers(name, transform):
    f, slope = FUNCTIONS[name]
    derivative = lambda x: TRANSFORMS[transform](f, x)
    expected = [slope(x) for x in POINTS]
    for made in (derivative, gg.jit(derivative)):
        found = [made(x) for x in POINTS]
        assert found == expected
        assert all(isinstance(x, float) for x in found)
    batch = gg.vmap(derivative)(np.array(POINTS))
    assert batch.dtype == np.float64
    assert batch.tolist() == expected
    total = gg.vmap(derivative, reduce="sum")(np.array(POINTS))
    assert type(total) is float
    assert total == sum(expected)


SECOND = [gg.hessian, lambda f: lambda x: gg.hvp(f, x, x == x), lambda f: gg.grad(gg.grad(f))]


@pytest.mark.parametrize("second", SECOND)
def test_second_derivatives_are_numbers(second):
    f = lambda x: 0.5 * x * x * (x > 1)
    for made in (second(f), gg.jit(second(f))):
        assert [made(x) for x in POINTS] == [1.0, 0.0, 0.0, 0.0]
        assert type(made(2.5)) is float
    assert gg.vmap(second(f))(np.array(POINTS)).dtype == np.float64


@pytest.mark.parametrize("kind", [int, bool, np.bool_, np.int8, np.float32, np.float64])
def test_derivatives_at_numbers_of_every_kind_are_floats(kind):
    for f in (lambda x: x * (x > 0), lambda x: x * 3, lambda x: x > 0):
        for made in (gg.grad(f), gg.jit(gg.grad(f)), gg.jacobian(f), gg.jit(lambda x: gg.jvp(f, (x,), (kind(1),))[1])):
            assert type(made(kind(1))) is float


def test_of_the_issue():
    times = np.array([0.0, 3599.0, 3600.0, 7200.0])
    found = gg.vmap(gg.grad(lambda i, t: i * (t < 3600)), in_axes=(None, 0))(2.0, times)
    assert found.dtype == np.float64
    assert found.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert repr(gg.jit(gg.grad(lambda x: (x > 1) * x))(2.5)) == "1.0"


def test_a_value_that_is_a_truth_stays_one():
    value, slope = gg.jit(lambda x: gg.jvp(lambda x: x > 1, (x,), (1.0,)))(2.0)
    assert value is True
    assert (type(slope), slope) == (float, 0.0)


# A comparison and NumPy's numbers

OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ("and_", "or_", "xor", "add", "sub", "mul", "eq", "ne", "lt", "ge")},
    **{name: getattr(operator, name) for name in ("iand", "ior", "ixor", "iadd", "imul")},
    **{name: getattr(np, name) for name in ("logical_and", "logical_or", "logical_xor", "maximum", "minimum", "add")},
    **{name: getattr(np, name) for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "equal", "less", "isclose")},
}
OTHERS = [
    *(True, False, 1, 0, 2, -3, 0.5, math.nan),
    *(np.bool_(True), np.bool_(False), np.int64(1), np.int8(-2), np.float64(0.5), np.float32(1.0)),
    *(np.longdouble(1.0), np.array(True), np.array(2), np.array(0.5), np.array(1.0, np.longdouble)),
]


def outcome(f: Callable[..., Any], *xs: Any) -> Any:
    """The result as a float, or the kind of error."""
    try:
        with np.errstate(all="ignore"):
            return float(f(*xs))
    except (TypeError, gg.TracingError):
        return TypeError


def same(a: Any, b: Any) -> bool:
    return a == b or (a != a and b != b)


@pytest.mark.parametrize("reflected", [False, True], ids=["on the left", "on the right"])
@pytest.mark.parametrize("name", OPERATORS)
def test_comparisons_meet_numpy_as_bools_do(name, reflected, monkeypatch):
    """Also of the result's truth: an ``if`` goes the same way."""
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")  # what is recorded does not depend on how it is run
    operate = OPERATORS[name]
    for other in OTHERS:
        for left in (lambda x: x > 1, lambda x: x):
            f = lambda x: operate(copy.copy(other), left(x)) if reflected else operate(left(x), copy.copy(other))
            steered = lambda x: 2.0 if f(x) else 3.0
            compiled, decided = gg.jit(f), gg.jit(steered)
            for x in (2.0, 1.0, 0.5):
                # the plain result, by NumPy's numbers where Python's have no such operator, and by Python's
                expected = [outcome(f, x), outcome(f, np.float64(x))]
                said = f"{name} {other!r} at {x}"
                for found in (outcome(compiled, x), outcome(lambda x: f(gg.Scalar(x)), x)):
                    if found is TypeError and name in ("iand", "ior", "ixor", "iadd", "imul"):
                        continue  # an array of numbers takes no node in
                    assert any(same(found, one) for one in expected), said
                if TypeError not in expected and not name.startswith("i"):
                    assert outcome(decided, x) in {outcome(steered, x), outcome(steered, np.float64(x))}, said


def test_comparisons_of_lanes_meet_numpy_as_bools_do():
    xs = np.array([2.0, 1.0, 0.5, -1.0])
    for name, other in itertools.product(("and_", "or_", "xor", "logical_xor", "isclose"), OTHERS):
        if name in ("and_", "or_", "xor") and np.asarray(other).dtype.kind == "f":
            continue
        f = lambda x: OPERATORS[name](x > 0.75, other)
        expected = [float(f(x)) for x in xs.tolist()]
        found = gg.vmap(f)(xs)
        np.testing.assert_array_equal(np.asarray(found, dtype=float), expected, err_msg=f"{name} {other!r}")


TESTS: dict[str, Callable[..., Any]] = {
    "isclose": lambda x, y: np.isclose(x, y),
    "isclose of nan": lambda x, y: np.isclose(x, y, equal_nan=True),
    "isclose loosely": lambda x, y: np.isclose(x, y, atol=1.5, rtol=0.0),
    "isclose by name": lambda x, y: np.isclose(b=y, a=2.0, rtol=0.5),
    "isclose to an array": lambda x, y: np.isclose(x, np.array([2.0, 1.0, math.inf])),
    "an array to it": lambda x, y: np.isclose(np.array([2.0, 1.0]), y).any(),
    "allclose": lambda x, y: np.allclose(x, y),
    "allclose of lists": lambda x, y: np.allclose([x, 1.0], [2.0, 1.0]),
    "array_equal": lambda x, y: np.array_equal([x, y], [2.0, 2.0]),
    "any": lambda x, y: np.any([x > 1, y > 1]),
    "all": lambda x, y: np.all([x > 1, y > 1]),
    "isnan": lambda x, y: np.isnan(x),
    "isinf": lambda x, y: np.isinf(x),
    "isfinite": lambda x, y: np.isfinite(x) and np.isfinite(y),
    "logical_not": lambda x, y: np.logical_not(x > y),
    "logical_not of a number": lambda x, y: np.logical_not(x),
    "logical_and of numbers": lambda x, y: np.logical_and(x, y),
    "logical_or of both": lambda x, y: np.logical_or(x > 1, y),
    "logical_xor": lambda x, y: np.logical_xor(x > 1, y > 1),
    "where": lambda x, y: np.where(np.logical_and(x > 0, np.bool_(True)), x, y) * 1.0,
}


@pytest.mark.parametrize("name", TESTS)
def test_tests_of_numpy(name):
    f = TESTS[name]
    points = [(2.0, 2.0), (2.0, 1.0), (1.0, 2.0), (0.0, 0.0), (math.inf, math.inf), (math.nan, math.nan), (-1.0, 0.5)]
    compiled = gg.jit(f)
    for x, y in points:
        expected = np.asarray(f(x, y), dtype=float)
        np.testing.assert_array_equal(np.asarray(compiled(x, y), dtype=float), expected)
        eager = f(gg.Scalar(x), gg.Scalar(y))
        np.testing.assert_array_equal(gg.values(eager), expected)
    slope = gg.grad(lambda x: x * gg.where(np.any(f(x, 1.0)), 2.0, 3.0))(2.0)
    assert slope == gg.jit(gg.grad(lambda x: x * gg.where(np.any(f(x, 1.0)), 2.0, 3.0)))(2.0)


def test_not_by_the_operator_of_bits_is_refused():
    """Of Python's bools it gives -1 and -2, which are both true; of NumPy's it is ``not``. Neither is guessed."""
    with pytest.raises(TypeError, match="logical_not"):
        gg.jit(lambda x: x * ~(x > 0))(1.0)
