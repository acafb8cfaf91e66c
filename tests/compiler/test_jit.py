"""``gg.jit``: what goes in, what comes out, and that it is what Python gives."""

from __future__ import annotations

import itertools
import math
import random
import threading
import warnings
from collections import namedtuple
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar
from helpers.branching import bits
from helpers.ir import parsed

HERE = Path(__file__).name
Point = namedtuple("Point", "x y")


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


# What goes in and comes out


@pytest.mark.usefixtures("how")
def test_structures_go_in_and_come_out():
    def f(tree, *rest, k=2.0):
        point, table = tree
        return {
            "sum": point.x + point.y * k,
            "list": [table["w"] @ table["v"], (rest[0], None, 3)],
            "point": Point(table["w"].sum(), table["v"] * 2),
        }

    w, v = np.arange(6.0).reshape(2, 3), np.array([1.0, -1.0, 2.0])
    args = ((Point(1.5, -2.0), {"w": w, "v": v}), 7.0)
    found, expected = gg.jit(f)(*args, k=3.0), f(*args, k=3.0)
    assert found["sum"] == expected["sum"] == -4.5
    assert type(found["sum"]) is float
    assert found["list"][0].tolist() == expected["list"][0].tolist()
    assert found["list"][1] == (7.0, None, 3)
    assert isinstance(found["point"], Point)
    assert found["point"].x == 15.0
    assert found["point"].y.tolist() == [2.0, -2.0, 4.0]
    assert gg.jit(f)(*args)["sum"] == -2.5, "k has its default"


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize(
    "number", [2, True, np.float64(2.5), np.float32(2.5), np.int8(3), Fraction(5, 2), np.array(2.5)]
)
def test_numbers_of_every_kind(number):
    assert gg.jit(lambda x: x * x + 1.0)(number) == float(number) ** 2 + 1.0


@pytest.mark.usefixtures("how")
def test_arrays_of_every_kind():
    f = gg.jit(lambda x: 2.0 * x - 1.0)
    base = np.arange(12.0).reshape(3, 4)
    read_only = base.copy()
    read_only.flags.writeable = False
    misaligned = np.frombuffer(b"\0" + base.tobytes(), dtype=np.uint8)[1:].view(float).reshape(3, 4)
    assert not misaligned.flags.aligned
    for array in [
        base,
        read_only,
        misaligned,
        np.asfortranarray(base),
        base.astype(">f8"),
        base.astype("<f8"),
        np.repeat(base, 2, axis=1)[:, ::2],
        base[::-1, ::-1],
        base.T.copy().T,
        np.broadcast_to(base[0], (3, 4)),
        base[:, :0],
        base[0],
        base[1, 1],
        np.array(3.0),
        base.astype(int),
        base.astype(bool),
        base.astype(np.uint8),
        base.astype(np.float16),
        base.astype(object),
        np.ma.asarray(base).data,
    ]:
        before = np.array(array, dtype=float)
        found = f(array)
        assert np.shape(found) == np.shape(array)
        assert np.array_equal(found, 2.0 * before - 1.0)
        assert np.array_equal(np.array(array, dtype=float), before), "arguments stay as they are"
        assert np.asarray(found).dtype == np.float64


@pytest.mark.usefixtures("how")
def test_numbers_of_numpy_and_whole_ones_go_the_short_way_too():
    f = gg.jit(lambda x: x * 2.5)
    for x in (2.0, np.float64(2.0), 2):
        for _ in range(20):
            assert f(x) == 5.0


def test_a_masked_array_is_refused():
    with pytest.raises(TypeError, match="masked"):
        gg.jit(lambda x: x)(np.ma.array([1.0, 2.0], mask=[0, 1]))


def test_float32_in_float32_out():
    f = gg.jit(lambda x, k: (x * k, x.sum()))
    x = np.array([0.1, 0.2, 0.3], dtype=np.float32)
    array, total = f(x, 3.0)
    assert array.dtype == np.float32
    assert array.tolist() == (x.astype(float) * 3.0).astype(np.float32).tolist(), "computed with doubles"
    assert total == float(np.sum(x.astype(float)))
    assert f(x.astype(">f4"), 3.0)[0].dtype == np.float32
    mixed = gg.jit(lambda x, y: x + y)(x, np.ones(3))
    assert mixed.dtype == np.float64
    assert gg.jit(gg.grad(lambda x: (x * x).sum()))(x).dtype == np.float32


@pytest.mark.usefixtures("how")
def test_results_that_depend_on_nothing():
    f = gg.jit(lambda x: (1.0, np.ones(2), np.arange(3), x, True, None, np.float32(0.1), 2**3))
    one, ones, counts, x, truth, none, small, eight = f(2.0)
    assert (one, x, truth, none, small, eight) == (1.0, 2.0, True, None, np.float32(0.1), 8)
    assert type(truth) is bool
    assert ones.tolist() == [1.0, 1.0]
    assert counts.tolist() == [0, 1, 2]
    counts[0] = 5
    assert f(2.0)[2].tolist() == [0, 1, 2], "each call has its own"
    assert gg.jit(lambda x: ())(1.0) == ()
    assert gg.jit(lambda: 3.0)() == 3.0
    assert gg.jit(lambda x: [])(np.ones(0)) == []


@pytest.mark.usefixtures("how")
def test_the_same_number_out_twice():
    def f(x):
        y = x * 2.0
        return y, y, x, np.array([y, x])

    a, b, c, array = gg.jit(f)(3.0)
    assert (a, b, c) == (6.0, 6.0, 3.0)
    assert array.tolist() == [6.0, 3.0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([1.0, "one"],), "argument .*x.* of f is str 'one', which is not a number.*functools.partial"),
        ((1j,), "argument 'x' of f"),
        ((np.array([1j]),), "argument 'x' of f is an array of dtype complex128, which holds no real numbers"),
        ((np.array(["a"]),), "argument 'x' of f is an array of dtype <U1"),
        ((np.array([1.0, "a"], dtype=object),), "argument 'x' of f: .*str 'a'"),
        (([1.0, {"a": object()}],), r"argument .*x\[1\]\['a'\].* of f is object"),
        ((np.array(["2020-01-01"], dtype="datetime64[D]"),), "argument 'x' of f is an array of dtype datetime64"),
        ((1.0, 2.0), "positional argument"),
        ((), "missing 1 required positional argument"),
    ],
)
def test_what_is_no_number_is_refused(args, message):
    def f(x):
        return x * 2.0 if not isinstance(x, (list, np.ndarray)) else 1.0

    with pytest.raises(TypeError, match=message):
        gg.jit(f)(*args)


def test_results_that_are_no_numbers():
    assert gg.jit(lambda x: (x, "name"))(2.0) == (2.0, "name")
    with pytest.raises(TypeError, match="returned an array that contains"):
        gg.jit(lambda x: np.array([x, "a"], dtype=object))(2.0)
    with pytest.raises(TypeError, match=r"jit takes a function.*jit\(f\)\(x\)"):
        gg.jit(3.0)
    with pytest.raises(ValueError, match="max_paths must be a positive integer, got 0"):
        gg.jit(lambda x: x, max_paths=0)


def test_it_looks_like_the_function():
    def f(x):
        """Square."""
        return x * x

    compiled = gg.jit(f)
    assert compiled.__name__ == "f"
    assert compiled.__doc__ == "Square."
    assert compiled.__wrapped__ is f
    assert "f" in repr(compiled)
    assert gg.jit(partial(f))(3.0) == 9.0
    assert gg.jit(gg.sin)(0.5) == pytest.approx(math.sin(0.5), rel=1e-15)

    class Callable:
        def __call__(self, x):
            return x + 1.0

    assert gg.jit(Callable())(2.0) == 3.0


class Curve(NamedTuple):
    """Numbers that a method computes with."""

    level: float
    slope: float

    @gg.jit
    def at(self, x):
        return self.level + self.slope * x

    @gg.vmap
    def over(self, xs):
        return self.level + self.slope * xs


class Named:
    slope = 2.0

    @gg.jit
    def at(self, x):
        return self.slope * x


def test_a_method_gets_its_object_as_its_first_argument():
    """As numbers where it is a tree of them, else it is refused: what it holds would be frozen."""
    assert Curve(1.0, 2.0).at(3.0) == 7.0
    assert Curve(0.0, 1.0).at(3.0) == 3.0
    assert Curve.at(Curve(1.0, 2.0), 3.0) == 7.0
    curves = Curve(np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    np.testing.assert_array_equal(curves.over(np.array([2.0, 4.0])), [2.0, 3.0])
    with pytest.raises(TypeError, match=r"argument 'self' of at is .*Named.*functools\.partial"):
        Named().at(3.0)


# out=


@pytest.mark.usefixtures("how")
def test_out_is_written_to():
    f = gg.jit(lambda x, k: x * k)
    x, out = np.arange(4.0), np.empty(4)
    for _ in range(3):
        assert f(x, 2.0, out=out) is out
        assert out.tolist() == [0.0, 2.0, 4.0, 6.0]
    strided = np.zeros(8)[::2]
    assert f(x, 3.0, out=strided) is strided
    assert strided.tolist() == [0.0, 3.0, 6.0, 9.0]
    two = gg.jit(lambda x: {"a": x + 1.0, "b": (x.sum(), x[::-1] * 1.0)})
    outs = {"a": np.empty(4), "b": (None, np.empty(4))}
    found = two(x, out=outs)
    assert found["a"] is outs["a"]
    assert found["b"][0] == 6.0
    assert found["b"][1] is outs["b"][1]
    assert outs["b"][1].tolist() == [3.0, 2.0, 1.0, 0.0]


@pytest.mark.usefixtures("how")
def test_out_may_be_the_argument():
    """What is written must not be read again as if it were the argument."""
    f = gg.jit(lambda x: np.array([x[i] + 10.0 * x[(i + 1) % 5] for i in range(5)]))
    x = np.arange(5.0)
    expected = f(x.copy()).tolist()
    for _ in range(2):
        y = x.copy()
        assert f(y, out=y).tolist() == expected
    buffer = np.zeros(9)
    for shift in range(5):
        buffer[:5] = x
        assert f(buffer[:5], out=buffer[shift : shift + 5]).tolist() == expected
    two = gg.jit(lambda x: (x[::-1] * 1.0, x + 1.0))
    y = x.copy()
    a, b = two(y, out=(y, np.empty(5)))
    assert (a.tolist(), b.tolist()) == ([4.0, 3.0, 2.0, 1.0, 0.0], [1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.empty(3), ValueError, r"must have shape \(4,\).*got shape \(3,\)"),
        (np.empty(4, np.float32), ValueError, "float64.*got .*float32"),
        (np.empty((4, 1)), ValueError, "shape"),
        ([np.empty(4)], ValueError, "structure"),
        (3.0, TypeError, "out must be an array, or None for a new one, got float 3.0"),
    ],
)
def test_out_that_does_not_fit(out, error, message):
    f = gg.jit(lambda x: x * 2.0)
    for _ in range(3):
        with pytest.raises(error, match=message):
            f(np.ones(4), out=out)
        assert f(np.ones(4)).tolist() == [2.0] * 4


def test_out_that_is_read_only():
    out = np.zeros(4)
    out.flags.writeable = False
    f = gg.jit(lambda x: x * 2.0)
    for _ in range(3):
        with pytest.raises(ValueError, match="read-only"):
            f(np.ones(4), out=out)
        f(np.ones(4))
    assert out.tolist() == [0.0] * 4
    with pytest.raises(TypeError, match=r"for the number .* must be None"):
        gg.jit(lambda x: x.sum())(np.ones(3), out=np.empty(()))


def test_a_function_with_an_out_of_its_own_keeps_it():
    assert gg.jit(lambda x, out: x * out)(2.0, out=3.0) == 6.0


def test_a_parameter_called_out_is_the_functions_own():
    def f(x, out=None):
        return x * 2 if out is None else x * out

    compiled = gg.jit(f)
    x, y = np.arange(3.0), np.full(3, 10.0)
    for _ in range(20):
        compiled(x)
    assert compiled(x, out=y).tolist() == [0.0, 10.0, 20.0]
    assert y.tolist() == [10.0] * 3


# Branches


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
@pytest.mark.usefixtures("how")
def test_paths_are_found_as_they_are_met():
    traced = []

    def f(x):
        traced.append(1)
        if x > 10:
            return x * 2
        if x < 0:
            return -x
        return x

    compiled = gg.jit(f)
    assert [compiled(x) for x in (1.0, 20.0, -3.0, 2.0, 30.0, -4.0)] == [1.0, 40.0, 3.0, 2.0, 60.0, 4.0]
    assert len(traced) == 3
    assert compiled.lower(1.0).tape.paths == 3


@pytest.mark.usefixtures("how")
def test_paths_may_return_different_things():
    def f(x):
        if x > 1:
            return x, x
        if x > 0:
            return [x, np.array([x, x])]
        if x > -1:
            return None
        return x > -2

    compiled = gg.jit(f)
    for _ in range(2):
        for x in (2.0, 0.5, -0.5, -1.5, -2.5, math.nan):
            found, expected = compiled(x), f(x)
            assert type(found) is type(expected)
            assert str(found) == str(expected)


@pytest.mark.usefixtures("how")
def test_comparisons_with_nan_are_pythons():
    def f(x, y):
        found = 0.0
        for k, truth in enumerate((x < y, x <= y, x > y, x >= y, x == y, x != y, not x < y, not x == y)):
            if truth:
                found += 2.0**k
        return found + max(x, y) * 0.0 + (1000.0 if min(x, y) != min(y, x) else 0.0)

    compiled = gg.jit(f)
    some = (1.0, 2.0, math.nan, -0.0, 0.0, math.inf)
    for x, y in itertools.product(some, repeat=2):
        assert bits(compiled(x, y)) == bits(f(x, y)), (x, y)


@pytest.mark.usefixtures("how")
def test_exceptions_of_the_users_own():
    def f(x):
        if x < 0:
            raise ValueError(f"no root of {x}")
        if x > 100:
            raise KeyError("too large", x)
        return gg.sqrt(x)

    compiled = gg.jit(f)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^no root of -4\.0$"):
            compiled(-4.0)
        assert compiled(4.0) == 2.0
        with pytest.raises(KeyError) as caught:
            compiled(101.0)
        assert caught.value.args == ("too large", 101.0)
    with pytest.raises(ZeroDivisionError):
        gg.jit(lambda x: (1 // 0) * x)(2.0)


@pytest.mark.usefixtures("how")
def test_exceptions_that_are_caught_within():
    def f(x):
        try:
            if x < 0:
                raise ValueError("below 0")
            return x
        except ValueError:
            return -x

    compiled = gg.jit(f)
    assert [compiled(x) for x in (1.0, -2.0, 3.0, -4.0)] == [1.0, 2.0, 3.0, 4.0]


def test_a_refusal_that_the_function_catches_is_raised():
    def f(x):
        try:
            return float(x)
        except Exception:
            return 5.0

    with pytest.raises(gg.TracingError, match=rf"{HERE}:\d+: float"):
        gg.jit(f)(1.0)


@pytest.mark.usefixtures("how")
def test_beyond_max_paths_it_runs_uncompiled_and_says_so_once():
    def f(x):
        k = 0
        while x > 1:
            x = x / 2
            k += 1
        return k + 1 / x

    compiled = gg.jit(f, max_paths=3)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        values = [compiled(2.0**k) for k in range(12)]
    assert values == [k + 1.0 for k in range(12)]
    assert len(heard) == 1
    text = str(heard[0].message)
    assert heard[0].category is RuntimeWarning
    assert f"{HERE}:{f.__code__.co_firstlineno + 2}" in text, "the line that branches"
    assert text.startswith("`f` has taken 4 different routes through its `while` statements, mostly at")
    assert "(max_paths=3)" in text
    assert "gg.where" in text
    assert heard[0].filename.endswith(HERE)
    assert compiled.lower(1.0).tape.paths == 3


@pytest.mark.usefixtures("how")
def test_beyond_max_paths_it_is_as_within():
    def f(x, y):
        if x > 3:
            return (1.0 / y, (x, -x)[y > 0], x)
        return (2.0 / y, 0.0, 0.0)

    compiled = gg.jit(f, max_paths=1)
    compiled(1.0, 1.0)
    with pytest.warns(RuntimeWarning, match="`f` has taken 2 different routes through its `if` statements"):
        assert compiled(4.0, 0.0) == (math.inf, 4.0, 4.0)
    assert compiled(4.0, -1.0) == (-1.0, 4.0, 4.0)
    assert compiled(0.0, 0.0) == (math.inf, 0.0, 0.0)

    def g(x):
        if x > 1:
            raise ValueError(f"{x} is too much")
        return x

    refuses = gg.jit(g, max_paths=1)
    refuses(0.0)
    with pytest.warns(RuntimeWarning), pytest.raises(ValueError, match=r"^2\.0 is too much$"):
        refuses(2.0)


def test_config_max_paths():
    f = gg.jit(lambda x: x if x > 0 else -x)
    before, gg.config.max_paths = gg.config.max_paths, 1
    try:
        assert f(1.0) == 1.0
        with pytest.warns(RuntimeWarning):
            assert f(-1.0) == 1.0
    finally:
        gg.config.max_paths = before


def test_settings_are_checked():
    for bad in (0, -1, 2.5, "3", True):
        with pytest.raises(ValueError, match="must be a positive integer"):
            gg.config.max_paths = bad
        with pytest.raises(ValueError, match="must be a positive integer"):
            gg.config.threads = bad
    with pytest.raises(TypeError, match=r"config\.cache"):
        gg.config.cache = 3
    with pytest.raises(AttributeError, match="no setting 'maxpaths'"):
        gg.config.maxpaths = 3
    assert "max_paths=64" in repr(gg.config)


# What is not a function of its arguments


@pytest.mark.filterwarnings("ignore:.*draws:RuntimeWarning")
def test_random_functions_are_refused():
    draw = random.Random(1)

    def f(x):
        y = x * 2 if draw.random() > 0.5 else x * 3 + 1
        return y if x > 0 else -y

    compiled = gg.jit(f)

    def often():
        for k in range(20):
            compiled((-1.0) ** k)

    with pytest.raises(gg.TracingError, match=rf"{HERE}:\d+: two runs of the function differed.*random"):
        often()


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
def test_a_function_that_changes_what_it_branches_on_is_refused():
    state = [0.0]

    def f(x):
        state[0] += 1.0
        return x if x > state[0] else -x

    compiled = gg.jit(f)
    compiled(10.0)
    with pytest.raises(gg.TracingError, match="two runs of the function differed"):
        compiled(-10.0)


# Nodes from outside


@pytest.mark.usefixtures("how")
def test_what_is_known_well_still_runs_as_it_is_inside_a_trace():
    """Else a number from outside that is being differentiated would count as a constant, without a word."""
    scale = [2.0]
    compiled = gg.jit(lambda x: x * scale[0])

    def outer(w):
        scale[0] = w
        return compiled(3.0) * w

    for _ in range(20):
        compiled(3.0)
    for kernel in compiled.kernels():
        if kernel is not None:  # where there is code
            kernel.wait()
    for _ in range(2):
        compiled(3.0)
    assert gg.grad(outer)(5.0) == 30.0


def test_nodes_from_outside_are_read_at_each_call():
    w, b = Scalar(2.0, label="w"), Scalar(1.0)
    f = gg.jit(lambda x: w * x + b if x > 0 else b - x)
    assert (f(3.0), f(-3.0)) == (7.0, 4.0)
    w.data, b.data = 10.0, 0.5
    assert (f(3.0), f(-3.0)) == (30.5, 3.5)
    layer = gg.array([1.0, 2.0, 3.0])
    g = gg.jit(lambda x: (layer @ x, layer[0], gg.grad(lambda y: (layer * y).sum())(x)))
    value, first, slope = g(np.ones(3))
    assert (value, first, slope.tolist()) == (6.0, 1.0, [1.0, 2.0, 3.0])
    layer[0].data = 5.0
    value, first, slope = g(np.ones(3))
    assert (value, first, slope.tolist()) == (10.0, 5.0, [5.0, 2.0, 3.0])
    assert layer[0].grad == 0.0


@pytest.mark.usefixtures("how")
def test_a_node_from_outside_only_on_one_way():
    w = Scalar(2.0)
    f = gg.jit(lambda x: x if x > 0 else w * x)
    assert f(1.0) == 1.0
    assert f(-1.0) == -2.0
    w.data = 7.0
    assert [f(x) for x in (-1.0, 1.0, -2.0)] == [-7.0, 1.0, -14.0]


def test_a_function_compiled_is_traced_through():
    inner = gg.jit(lambda x: x * x if x > 0 else -x)
    node = Scalar(3.0)
    result = inner(node)
    assert isinstance(result, Scalar)
    result.backward()
    assert node.grad == 6.0
    assert inner(gg.array([1.0, 2.0])[0]).data == 1.0
    assert gg.jit(lambda x: inner(x) + inner(-x))(3.0) == 12.0
    assert gg.grad(inner)(3.0) == 6.0
    assert gg.grad(inner)(-3.0) == -1.0


# Transforms, in every order

TRANSFORMS = {
    "grad": (gg.grad, lambda x: 3 * x * x),
    "value_and_grad": (gg.value_and_grad, lambda x: (x**3, 3 * x * x)),
    "jacobian": (gg.jacobian, lambda x: 3 * x * x),
    "hessian": (gg.hessian, lambda x: 6 * x),
    "jvp": (lambda f: lambda x: gg.jvp(f, (x,), (2.0,)), lambda x: (x**3, 6 * x * x)),
    "vjp": (lambda f: lambda x: gg.vjp(f, x)[1](2.0)[0], lambda x: 6 * x * x),
    "hvp": (lambda f: lambda x: gg.hvp(f, x, 2.0), lambda x: 12 * x),
    "grad of grad": (lambda f: gg.grad(gg.grad(f)), lambda x: 6 * x),
}


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("order", ["outside", "inside", "both"])
def test_transforms_in_every_order(name, order):
    transform, expected = TRANSFORMS[name]
    cube = lambda x: x * x * x if x > 0 else -(-x * x * x) + 0.0
    if order == "outside":
        f = gg.jit(transform(cube))
    elif order == "inside":
        f = transform(gg.jit(cube))
    else:
        f = gg.jit(transform(gg.jit(cube)))
    for x in (2.0, 3.0, -1.5):
        assert f(x) == pytest.approx(expected(x), rel=1e-14)


@pytest.mark.usefixtures("how")
def test_transforms_of_arrays():
    x = np.array([-1.2, 1.0, 0.3, -0.7])
    for transform in (gg.grad, gg.hessian, gg.jacobian):
        assert gg.jit(transform(rosenbrock))(x) == pytest.approx(transform(rosenbrock)(x), rel=1e-13)
    value, slope = gg.jit(gg.value_and_grad(rosenbrock))(x)
    assert value == pytest.approx(rosenbrock(x))
    assert slope.shape == (4,)
    v = np.array([1.0, 0.0, -1.0, 2.0])
    assert gg.jit(lambda x, v: gg.hvp(rosenbrock, x, v))(x, v) == pytest.approx(gg.hessian(rosenbrock)(x) @ v)
    assert gg.jit(lambda x, v: gg.jvp(rosenbrock, (x,), (v,))[1])(x, v) == pytest.approx(gg.grad(rosenbrock)(x) @ v)
    tree = gg.jit(gg.grad(lambda p: (p["w"] * p["b"]).sum() + p["b"] ** 2))({"w": np.ones(2), "b": 3.0})
    assert tree["w"].tolist() == [3.0, 3.0]
    assert tree["b"] == 8.0
    pair = gg.jit(gg.grad(lambda x, y: x * y, argnums=(0, 1)))(2.0, 5.0)
    assert pair == (5.0, 2.0)
    value, aux = gg.jit(gg.grad(lambda x: (x * x, {"double": 2 * x}), has_aux=True))(3.0)
    assert (value, aux) == (6.0, {"double": 6.0})


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: gg.where(x > 0, gg.sqrt(x), 0.0), -1.0, 0.0),
        (lambda x: gg.where(x > 0, gg.sqrt(x), 0.0), 0.0, 0.0),
        (lambda x: gg.where(x > 0, 1 / x, 2 * x), 0.0, 2.0),
        (lambda x: gg.sqrt(gg.where(x > 0, x, 0.0)), -1.0, 0.0),
        (lambda x: gg.relu(gg.sqrt(x)), 0.0, 0.0),
        (lambda x: gg.where(x > 0, 1 / x, 0.0) + gg.where(x > 1, gg.sqrt(x), 0.0), 0.0, 0.0),
        (lambda x: gg.where(x != 0, gg.where(x > -1, 1 / x, 0.0), 3 * x), 0.0, 3.0),
    ],
)
def test_no_nan_comes_from_the_side_not_taken(f, x, slope):
    with gg.errstate(domain="nan"):
        assert gg.grad(f)(x) == slope
    assert gg.jit(gg.grad(f))(x) == slope
    assert gg.jit(lambda x: gg.jvp(f, (x,), (1.0,))[1])(x) == slope
    assert gg.jit(gg.grad(gg.grad(f)))(x) == 0.0
    assert gg.vmap(gg.grad(f))(np.array([x, 4.0]))[0] == slope


def test_outside_of_a_domain_it_is_ieee_754():
    f = gg.jit(lambda x: (gg.sqrt(x), 1 / x, gg.sqrt(x) * 0.0))
    assert bits(f(-1.0)[0]) == "nan"
    assert [f(x)[1] for x in (0.0, -0.0)] == [math.inf, -math.inf]


# Threads


def test_calls_from_many_threads():
    w = Scalar(2.0)

    def f(x, k):
        y = w * x
        if k > 5:
            return (y.sum() * k,)
        if k > 4:
            return y * k
        if k > 2:
            return y.sum(), w
        return y - k

    x = np.arange(20.0)
    compiled = gg.jit(f)
    problems: list[object] = []
    start = threading.Barrier(8)

    def work(seed: int) -> None:
        draw = random.Random(seed)
        start.wait()
        for _ in range(300):
            k = draw.choice((0.0, 3.0, 4.5, 7.0))
            found = compiled(x, k)
            y = 2.0 * x
            wanted = (y.sum() * k,) if k > 5 else y * k if k > 4 else (y.sum(), 2.0) if k > 2 else y - k
            same = type(found) is type(wanted) and (
                found.tolist() == wanted.tolist() if isinstance(found, np.ndarray) else found == wanted
            )
            if not same:
                problems.append((k, found))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_while_one_thread_traces_others_go_on_as_usual():
    inside, go_on = threading.Event(), threading.Event()

    def slow(x):
        inside.set()
        assert go_on.wait(120)
        return x * x

    thread = threading.Thread(target=lambda: gg.jit(slow)(3.0))
    thread.start()
    assert inside.wait(120)
    try:
        node = Scalar(2.0)
        (node * node).backward()
        assert (node.grad, float(node), {node}) == (4.0, 2.0, {node})
        assert (node > 1) is True
        assert gg.jit(lambda x: x + 1.0)(1.0) == 2.0
    finally:
        go_on.set()
        thread.join()


# To look at


def test_lowered_code_can_be_looked_at():
    pytest.importorskip("llvmlite")
    lowered = gg.jit(lambda x: x * 2 + 1 if x > 0 else -x).lower(3.0)
    assert "guard" in str(lowered.tape)
    assert HERE in str(lowered.tape)
    assert "not taken yet" in str(lowered.tape)
    assert parsed(lowered.llvm)
    assert lowered.assembly
    drawn = lowered.draw()._repr_svg_()
    assert "guard" in drawn
    assert "not taken yet" in drawn


def test_code_is_the_same_each_time():
    pytest.importorskip("llvmlite")

    def text():
        f = gg.jit(gg.grad(lambda x, y: gg.exp(x * y) if x > y else gg.sin(x) / y))
        f(2.0, 1.0)
        return f.lower(1.0, 2.0).llvm

    assert text() == text()


@pytest.mark.usefixtures("how")
def test_a_long_function():
    def f(x):
        for _ in range(3000):
            x = x * 1.0001 + 0.5
        return x

    assert gg.jit(f)(1.0) == pytest.approx(f(1.0), rel=1e-13)


@pytest.mark.usefixtures("how")
def test_users_operations():
    @gg.primitive(partials=lambda y, x: 3 * x * x)
    def cube(x):
        return x**3

    f = lambda x: cube(x) + 1 if x > 0 else cube(-x)
    assert [gg.jit(f)(x) for x in (2.0, -3.0)] == [9.0, 27.0]
    assert gg.jit(gg.grad(f))(2.0) == 12.0
    assert gg.vmap(f)(np.array([2.0, -3.0])).tolist() == [9.0, 27.0]


def test_custom_values_are_not_frozen():
    """An operation whose value is a fixed number is refused, at its line."""
    f = lambda x: gg.custom(2.0, [x], [3.0], name="twice") * x
    with pytest.raises(gg.TracingError, match=rf"{HERE}:{f.__code__.co_firstlineno}: the value of 'twice' is a fixed"):
        gg.jit(f)(1.0)
    g = lambda x: gg.custom(lambda v: 2 * v, [x], [lambda y, v: 2.0], name="twice") * x
    assert [gg.jit(g)(x) for x in (1.0, 3.0)] == [2.0, 18.0]
    assert gg.jit(gg.grad(g))(3.0) == 12.0
