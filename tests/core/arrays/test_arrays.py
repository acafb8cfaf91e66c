"""NumPy and nodes: what NumPy computes on arrays of nodes is what it computes on floats, and it differentiates."""

import math

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar

UNARY = {  # NumPy's name: the derivative at x
    "exp": np.exp,
    "exp2": lambda x: np.exp2(x) * math.log(2),
    "expm1": np.exp,
    "log": lambda x: 1 / x,
    "log2": lambda x: 1 / (x * math.log(2)),
    "log10": lambda x: 1 / (x * math.log(10)),
    "log1p": lambda x: 1 / (1 + x),
    "sqrt": lambda x: 0.5 / np.sqrt(x),
    "cbrt": lambda x: 1 / (3 * np.cbrt(x) ** 2),
    "square": lambda x: 2 * x,
    "reciprocal": lambda x: -1 / x**2,
    "sin": np.cos,
    "cos": lambda x: -np.sin(x),
    "tan": lambda x: 1 + np.tan(x) ** 2,
    "arcsin": lambda x: 1 / np.sqrt(1 - x * x),
    "arccos": lambda x: -1 / np.sqrt(1 - x * x),
    "arctan": lambda x: 1 / (1 + x * x),
    "sinh": np.cosh,
    "cosh": np.sinh,
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "arcsinh": lambda x: 1 / np.sqrt(1 + x * x),
    "arctanh": lambda x: 1 / (1 - x * x),
    "negative": lambda x: -1.0 + 0 * x,
    "positive": lambda x: 1.0 + 0 * x,
    "absolute": lambda x: 1.0 + 0 * x,
    "floor": lambda x: 0 * x,
    "ceil": lambda x: 0 * x,
    "trunc": lambda x: 0 * x,
    "sign": lambda x: 0 * x,
}

POINTS = np.array([[0.1, 0.25, 0.4], [0.55, 0.7, 0.85]])


@pytest.mark.parametrize("name", UNARY)
def test_ufuncs_of_one_argument_on_nodes_and_arrays_of_them(name):
    f = getattr(np, name)
    x = Scalar(0.7)
    y = f(x)
    assert type(y) is Scalar
    assert y.data == pytest.approx(float(f(0.7)), rel=1e-15)
    y.backward()
    assert x.grad == pytest.approx(float(UNARY[name](0.7)), rel=1e-14)

    w = gg.array(POINTS)
    out = f(w)
    assert out.shape == POINTS.shape
    assert gg.values(out) == pytest.approx(f(POINTS), rel=1e-15)
    if name != "sign":  # NumPy's own for objects, by comparisons: plain numbers
        np.sum(out).backward()
        slopes = [[node.grad for node in row] for row in w]
        assert np.array(slopes) == pytest.approx(UNARY[name](POINTS), rel=1e-14)


def test_arccosh():
    x = Scalar(2.0)
    np.arccosh(x).backward()
    assert x.grad == pytest.approx(1 / math.sqrt(3))


BINARY = {
    "add": lambda a, b: (1.0, 1.0),
    "subtract": lambda a, b: (1.0, -1.0),
    "multiply": lambda a, b: (b, a),
    "divide": lambda a, b: (1 / b, -a / b**2),
    "true_divide": lambda a, b: (1 / b, -a / b**2),
    "power": lambda a, b: (b * a ** (b - 1), a**b * math.log(a)),
    "maximum": lambda a, b: (float(a > b), float(b > a)),
    "minimum": lambda a, b: (float(a < b), float(b < a)),
    "hypot": lambda a, b: (a / math.hypot(a, b), b / math.hypot(a, b)),
    "arctan2": lambda a, b: (b / (a * a + b * b), -a / (a * a + b * b)),
    "remainder": lambda a, b: (1.0, -math.floor(a / b)),
    "mod": lambda a, b: (1.0, -math.floor(a / b)),
    "floor_divide": lambda a, b: (0.0, 0.0),
}


@pytest.mark.parametrize("name", BINARY)
def test_ufuncs_of_two_arguments_with_nodes_numbers_and_arrays(name):
    f = getattr(np, name)
    value, slopes = float(f(2.5, 0.75)), BINARY[name](2.5, 0.75)
    a, b = Scalar(2.5), Scalar(0.75)
    y = f(a, b)
    y.backward()
    assert y.data == pytest.approx(value, rel=1e-15)
    assert (a.grad, b.grad) == pytest.approx(slopes, rel=1e-14)
    for left, right in [(a, 0.75), (2.5, b), (a, np.float64(0.75)), (np.float32(2.5), b), (np.array(2.5), b)]:
        y = f(left, right)
        assert type(y) is Scalar
        assert y.data == pytest.approx(value, rel=1e-15)
    for left, right in [(a, np.full(3, 0.75)), (np.full(3, 2.5), b), (gg.array([2.5] * 3), b), (a, gg.array([0.75]))]:
        out = f(left, right)
        assert out.dtype == object
        assert gg.values(out) == pytest.approx(np.full(np.broadcast(left, right).shape, value))
    a, b = gg.array([2.5, 2.5]), gg.array([0.75, 0.75])
    f(a, b).sum().backward()
    assert (a[1].grad, b[1].grad) == pytest.approx(slopes, rel=1e-14)


@pytest.mark.parametrize("op", ["+", "-", "*", "/", "**", "%", "//"])
def test_float_arrays_meet_a_node_on_both_sides(op):
    numbers, x = np.array([[1.5, 2.5], [3.5, 4.5]]), Scalar(2.0)
    names = {"numbers": numbers, "x": x}
    for left, right, plain in [("numbers", "x", f"numbers {op} 2.0"), ("x", "numbers", f"2.0 {op} numbers")]:
        out = eval(f"{left} {op} {right}", names)
        assert out.shape == (2, 2)
        assert all(type(y) is Scalar for y in out.ravel())
        assert gg.values(out) == pytest.approx(eval(plain, {"numbers": numbers}))
    for ints in (np.array([1, 2, 3]), np.array([True, True]), np.array([1, 2], dtype=np.uint8)):
        assert all(type(y) is Scalar for y in eval(f"ints {op} x", {"ints": ints, "x": x}))


def test_arrays_without_dimensions_are_not_cut_off():
    """They hold a node, so they are no number: the derivative goes through."""
    x, z = Scalar(2.0), Scalar(5.0)
    wrapped = np.empty((), dtype=object)
    wrapped[()] = z
    for product in (x * wrapped, wrapped * x, x * gg.array(z), np.multiply(x, wrapped)):
        z.zero_grad()
        product.backward()
        assert z.grad == 2.0
    z.zero_grad()
    gg.exp(wrapped).backward()
    assert z.grad == math.exp(5.0)
    assert x < wrapped
    with pytest.raises(TypeError, match="take one element"):
        Scalar(wrapped)


def test_reductions():
    numbers = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
    w = gg.array(numbers)
    for name in ("sum", "mean", "prod", "cumsum", "cumprod", "max", "min", "median", "var", "std", "ptp", "average"):
        f = getattr(np, name)
        assert gg.values(f(w)) == pytest.approx(f(numbers)), name
        if name != "ptp":
            assert gg.values(f(w, axis=0)) == pytest.approx(f(numbers, axis=0)), name
    assert gg.values(w.sum(axis=1)) == pytest.approx([6.0, 16.0])
    assert gg.values(w.mean()) == pytest.approx(numbers.mean())
    assert gg.values(np.linalg.norm(w.ravel())) == pytest.approx(np.linalg.norm(numbers))
    np.mean(w).backward()
    assert w[1, 2].grad == pytest.approx(1 / 6)


def test_the_gradient_of_the_variance_is_the_centred_numbers():
    numbers = np.array([1.0, 2.0, 4.0, 9.0])
    w = gg.array(numbers)
    np.var(w).backward()
    assert [x.grad for x in w] == pytest.approx(2 * (numbers - 4.0) / 4)


def test_products_of_arrays():
    draw = np.random.default_rng(0)
    a, b, v = draw.normal(size=(3, 4)), draw.normal(size=(4, 2)), draw.normal(size=4)
    A, B, V = gg.array(a), gg.array(b), gg.array(v)
    pairs = [
        (A @ B, a @ b),
        (A @ b, a @ b),
        (a @ B, a @ b),
        (A @ V, a @ v),
        (A @ v, a @ v),
        (A @ [1.0, 2.0, 3.0, 4.0], a @ [1.0, 2.0, 3.0, 4.0]),
        (np.dot(A, B), a @ b),
        (np.dot(V, v), v @ v),
        (np.inner(V, V), v @ v),
        (np.vdot(V, V), v @ v),
        (np.outer(V, V), np.outer(v, v)),
        (np.einsum("ij,jk->ik", A, B), a @ b),
        (np.tensordot(A, B, 1), a @ b),
        (np.trace(A[:, :3]), np.trace(a[:, :3])),
    ]
    for ours, numpys in pairs:
        assert gg.values(ours) == pytest.approx(numpys)
    (A @ B).sum().backward()
    assert [x.grad for x in A[0]] == pytest.approx(b.sum(axis=1))
    assert [x.grad for x in B[:, 0]] == pytest.approx(a.sum(axis=0))


def test_broadcasting():
    w, b = gg.array(np.arange(6.0).reshape(2, 3)), gg.array([10.0, 20.0, 30.0], label="b")
    out = w + b
    assert gg.values(out).tolist() == [[10.0, 21.0, 32.0], [13.0, 24.0, 35.0]]
    out.sum().backward()
    assert [x.grad for x in b] == [2.0, 2.0, 2.0]
    column = w * gg.array([[1.0], [2.0]])
    assert column.shape == (2, 3)


def test_comparisons_give_plain_truth():
    w, x = gg.array([1.0, 2.0, 3.0]), Scalar(2.0)
    for mask in (w > 1.5, w > x, np.array([1.0, 2.0, 3.0]) >= x, x < np.array([1.0, 5.0]), np.less(x, w), w == x):
        assert mask.dtype == bool
    assert (w >= 2).tolist() == [False, True, True]
    assert (np.array([1.0, 2.0, 3.0]) == x).tolist() == [False, True, False]
    assert (x != np.array([1.0, 2.0])).tolist() == [True, False]
    assert np.equal(x, 2.0) is True
    assert [y.data for y in w[w > 1.5]] == [2.0, 3.0]
    assert np.argmax(w) == 2
    assert np.allclose(w, [1, 2, 3])
    assert np.sort(gg.array([3.0, 1.0, 2.0]))[0].data == 1.0


def test_choosing():
    w = gg.array([-1.0, 2.0, 3.0])
    np.where(w > 0, w, 0.0).sum().backward()
    assert [x.grad for x in w] == [0.0, 1.0, 1.0]
    w = gg.array([-1.0, 2.0, 3.0])
    np.clip(w, 0.0, 2.5).sum().backward()
    assert [x.grad for x in w] == [0.0, 1.0, 0.0]
    w = gg.array([-1.0, 2.0, 3.0])
    np.maximum(w, 0.0).sum().backward()
    assert [x.grad for x in w] == [0.0, 1.0, 1.0]


def test_in_place():
    x, w = Scalar(2.0), gg.array([1.0, 2.0])
    before = w[0]
    w += x
    w *= 3
    assert gg.values(w) == pytest.approx([9.0, 12.0])
    w.sum().backward()
    assert (before.grad, x.grad) == (3.0, 6.0)
    numbers = np.array([1.0, 2.0])
    for statement in ("numbers += x", "numbers *= x", "numbers -= x", "numbers /= x"):
        with pytest.raises(TypeError, match=r"array of numbers.*gg\.zeros"):
            exec(statement, {"numbers": numbers, "x": x})
    with pytest.raises(TypeError):
        numbers += w
    assert numbers.tolist() == [1.0, 2.0]
    out = np.empty(2, dtype=object)
    assert np.add(x, [1.0, 2.0], out=out) is out
    assert gg.values(out) == pytest.approx([3.0, 4.0])


def test_methods_of_ufuncs():
    x, w = Scalar(2.0), gg.array([1.0, 2.0, 3.0])
    assert np.add.reduce(w).data == 6.0
    assert gg.values(np.add.accumulate(w)) == pytest.approx([1.0, 3.0, 6.0])
    assert gg.values(np.multiply.outer(x, w)) == pytest.approx([2.0, 4.0, 6.0])
    assert np.sum(x) is x
    assert gg.values(np.stack([w, w])).shape == (2, 3)
    assert gg.values(np.concatenate([w, [1.0]])) == pytest.approx([1.0, 2.0, 3.0, 1.0])
    assert np.polyval([1.0, 2.0, 3.0], x).data == 11.0


def test_what_numpy_cannot_do_on_nodes_is_named():
    x = Scalar(2.0)
    for f in (np.nextafter, np.frexp, np.gcd, np.spacing, np.bitwise_and):
        with pytest.raises(TypeError, match=f"nodes do not support np.{f.__name__}"):
            f(*[x] * f.nin)
    with pytest.raises(TypeError, match=r"\.real or \.imag"):
        np.array([1j]) * x
    with pytest.raises(TypeError, match="needs a number"):
        np.array(["a"], dtype=object) + x


def test_numpy_scalars_keep_nodes_nodes():
    x = Scalar(2.0)
    for kind in (np.float16, np.float32, np.float64, np.longdouble, np.int8, np.int64, np.uint32, np.bool_):
        for y in (kind(1) * x, x * kind(1), kind(1) + x, x - kind(1), x ** kind(1)):
            assert type(y) is Scalar
        assert bool(kind(1) < x)
    assert np.float64(x) == 2.0
    assert np.asarray([x, 1.0], dtype=float).tolist() == [2.0, 1.0]
    assert np.asarray(x).shape == ()
    assert np.asarray(x).dtype == object


# gg.array, gg.scalars, gg.values


def test_array_of_nested_numbers():
    w = gg.array([[1, 2.0], (np.float32(3), True)], label="w")
    assert w.shape == (2, 2)
    assert w.dtype == object
    assert gg.values(w).tolist() == [[1.0, 2.0], [3.0, 1.0]]
    assert [x.label for x in w.ravel()] == ["w[0, 0]", "w[0, 1]", "w[1, 0]", "w[1, 1]"]
    for numbers in (np.arange(3), np.arange(3, dtype=np.float32), range(3), [0, 1, 2]):
        assert gg.values(gg.array(numbers)).tolist() == [0.0, 1.0, 2.0]
    assert gg.array([]).shape == (0,)
    assert gg.array(np.zeros((0, 3))).shape == (0, 3)
    single = gg.array(3.0, label="b")
    assert single.shape == ()
    assert single.item().label == "b"


def test_array_keeps_the_nodes_among_its_elements():
    x = Scalar(2.0, label="x")
    y = Scalar(3.0)
    w = gg.array([x, y, 1.0], label="w")
    assert w[0] is x
    assert w[1] is y
    assert [node.label for node in w] == ["x", "w[1]", "w[2]"]
    assert gg.array(x).item() is x


def test_a_node_has_the_shape_of_a_number_and_stays_a_node():
    a, b = Scalar(1.0), Scalar(2.0)
    assert (a.shape, a.ndim, a.dtype) == ((), 0, np.asarray(a).dtype)
    for found in (np.where(a < b, a, b), np.where(True, a, b), np.select([a < b, True], [a, b]), np.maximum(a, b)):
        assert type(found) is Scalar
    assert type(gg.jit(lambda a, b: np.where(a < b, a, b))(1.0, 2.0)) is float


def test_scalars_keeps_the_nesting():
    a, b = gg.scalars(2.0, -3, labels="a b")
    assert (a.label, a.data, b.label, b.data) == ("a", 2.0, "b", -3.0)
    assert type(gg.scalars(5)) is Scalar
    nested = gg.scalars({"w": [1.0, (2, 3.0)], "b": np.ones((2, 2))})
    assert nested["w"][1][1].data == 3.0
    assert type(nested["w"][1]) is tuple
    assert nested["b"].shape == (2, 2)
    x, y = gg.scalars([1.0, 2.0], labels=["first one", "y"])
    assert (x.label, y.label) == ("first one", "y")
    assert gg.scalars([x, 1.0])[0] is x
    assert gg.scalars(1.0, 2.0, labels="a,b")[1].label == "b"


def test_values():
    x = Scalar(2.0)
    assert gg.values([x, 1]).tolist() == [2.0, 1.0]
    assert gg.values(x).shape == ()
    assert gg.values([]).dtype == float
    assert gg.values([[x, x * 2.0]]).tolist() == [[2.0, 4.0]]
    assert gg.values(np.array([1, 2])).dtype == float
