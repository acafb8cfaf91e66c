"""Errors speak of what the user wrote: the function, the argument, the element, the line, and a cure that fits."""

import array
import collections
import functools
import math
import re
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg

HERE = Path(__file__).name


def said(f, *args, error=(TypeError, ValueError)):
    """What the error says."""
    with pytest.raises(error) as caught:
        f(*args)
    assert type(caught.value).__name__ not in ("AttributeError", "RecursionError")
    return str(caught.value)


# Arguments that hold numbers in another library's way


class Series:
    """Looks like pandas' to those who do not know it."""

    ndim, shape, dtype = 1, (2,), np.dtype(float)

    def __init__(self, data=(1.0, 2.0)):
        self._data = np.array(data)

    def to_numpy(self):
        return self._data

    def __array__(self, dtype=None, copy=None):
        return self._data

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return self._data[i]

    def __setitem__(self, i, x):
        self._data[i] = x


class Tensor(Series):
    """Looks like PyTorch's."""

    dtype = "torch.float32"
    to_numpy = property()
    data = grad = None

    def detach(self):
        return self

    def numpy(self):
        return self._data

    def ravel(self):
        return self

    def tolist(self):
        return self._data.tolist()

    def __float__(self):
        raise TypeError("only tensors of one element can be converted")


class Foreign:
    """An array of a library that says no more than how NumPy may read it."""

    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0])


FOREIGN = {
    "a series": Series(),
    "a tensor": Tensor(),
    "an array of another library": Foreign(),
    "a memoryview": memoryview(np.array([1.0, 2.0])),
    "array.array": array.array("d", [1.0, 2.0]),
    "a range": range(1, 3),
}
total = lambda x: x[0] * x[1]
DOORS = {
    "grad": gg.grad(total),
    "value_and_grad": gg.value_and_grad(total),
    "jacobian": gg.jacobian(total),
    "hessian": gg.hessian(total),
    "jvp": lambda x: gg.jvp(total, (x,), (np.ones(2),)),
    "a tangent": lambda x: gg.jvp(total, (np.ones(2),), (x,)),
    "vjp": lambda x: gg.vjp(total, x)[0],
    "a cotangent": lambda x: gg.vjp(lambda y: y, np.ones(2))[1](x),
    "hvp": lambda x: gg.hvp(total, x, np.ones(2)),
    "jit": gg.jit(total),
    "jit of grad": gg.jit(gg.grad(total)),
    "jit, in a dict": lambda x: gg.jit(lambda p: p["a"][0])({"a": x}),
    "jit, inside grad": lambda x: gg.grad(lambda y: y * gg.jit(total)(x))(1.0),
    "vmap": gg.vmap(lambda x: x * 2.0),
    "vmap, the same for all": lambda x: gg.vmap(lambda y, x: x[0], in_axes=(0, None))(np.ones(9), x),
    "vmap, inside grad": lambda x: gg.grad(lambda y: gg.vmap(lambda x: x * y)(x).sum())(1.0),
    "check_grad": lambda x: [row.analytic for row in gg.check_grad(total, x).rows],
    "explain_nan": lambda x: str(gg.explain_nan(lambda x: gg.log(x[0] - x[1]), x)),
    "minimize": lambda x: gg.minimize(lambda x: x[0] ** 2 + x[1] ** 2, x).x,
    "minimize, further": lambda x: gg.minimize(lambda y, x: (y - x[0] * x[1]) ** 2, 0.0, args=(x,)).x,
    "gg.sin": gg.sin,
    "gg.sigmoid": gg.sigmoid,
    "gg.total": gg.total,
    "gg.dot": lambda x: gg.dot(x, x),
    "gg.array": lambda x: gg.values(gg.array(x)),
    "gg.array, in a list": lambda x: gg.values(gg.array([x, x])),
    "gg.values": gg.values,
    "gg.scalars": lambda x: gg.values(gg.scalars(x)),
    "times a node": lambda x: gg.values(gg.Scalar(2.0) * x),
    "a node minus": lambda x: gg.values(x - gg.Scalar(2.0)),
    "to the power of a node": lambda x: gg.values(x ** gg.Scalar(2.0)),
    "times nodes": lambda x: gg.values(gg.array([1.0, 2.0]) * x),
    "nodes over": lambda x: gg.values(x / gg.array([1.0, 2.0])),
    "gg.maximum": lambda x: gg.values(gg.maximum(gg.Scalar(1.5), x)),
    "np.maximum": lambda x: gg.values(np.maximum(gg.Scalar(1.5), x)),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", FOREIGN)
def test_what_holds_numbers_in_another_way_comes_in_at_every_door(name, door):
    np.testing.assert_equal(DOORS[door](FOREIGN[name]), DOORS[door](np.array([1.0, 2.0])))


@pytest.mark.parametrize("name", FOREIGN)
def test_one_node_cannot_be_made_of_many_numbers(name):
    text = said(gg.Scalar, FOREIGN[name], error=TypeError)
    assert "gg.array(...)" in text
    assert "\n" not in text


@pytest.mark.parametrize("x", [{1.0}, {"a": 1.0}.values(), (t for t in [1.0])], ids=["set", "v", "g"])
def test_elements_without_places_are_to_be_put_in_a_list(x):
    assert "list(x)" in said(gg.grad(total), x, error=TypeError)


# Positions

POSITIONS = [1, np.int64(1), np.uint8(1), np.array(1)]


@pytest.mark.parametrize("i", POSITIONS, ids=repr)
def test_whole_numbers_of_every_kind_are_positions(i):
    f = lambda x, y: x * y * y
    assert gg.grad(f, argnums=i)(2.0, 3.0) == 12.0
    assert gg.value_and_grad(f, argnums=i)(2.0, 3.0) == (18.0, 12.0)
    assert gg.jacobian(f, argnums=(i, np.int8(0)))(2.0, 3.0) == (12.0, 9.0)
    assert gg.hessian(f, argnums=i)(2.0, 3.0) == 4.0
    assert gg.grad(f, argnums=np.int64(-1))(2.0, 3.0) == 12.0
    assert gg.grad(f, argnums=range(2))(2.0, 3.0) == (9.0, 12.0)
    assert gg.jit(gg.grad(f, argnums=i))(2.0, 3.0) == 12.0
    assert gg.vmap(gg.grad(f, argnums=i), in_axes=np.int64(0))(np.ones(3), np.ones(3)).tolist() == [2.0] * 3


@pytest.mark.parametrize("i", [True, np.True_, 1.0, np.float64(1.0), "1", None, (0, True), [0.0], (np.float32(0),)])
def test_what_is_no_position(i):
    assert repr(i) in said(lambda: gg.grad(total, argnums=i), error=TypeError)


@pytest.mark.parametrize("i", [(), [], (0, 0), (np.int64(1), 1)])
def test_positions_that_make_no_sense(i):
    assert repr(i) in said(lambda: gg.grad(total, argnums=i), error=ValueError)


# Names

Weights = collections.namedtuple("Weights", "w")

NAMES = {
    "x": (lambda x: math.sin(x), (1.0,)),
    "x[1]": (lambda x: math.sin(x[1]), (np.ones(2),)),
    "x[0, 2]": (lambda x: math.sin(x[0, 2]), (np.ones((2, 3)),)),
    "params['w'][1]": (lambda params: math.sin(params["w"][1]), ({"b": 1.0, "w": np.ones(2)},)),
    "params['b']": (lambda params: math.sin(params["b"]), ({"b": 1.0, "w": np.ones(2)},)),
    "x[1][0]": (lambda x: math.sin(x[1][0]), ([1.0, (2.0, 3.0)],)),
    "y": (lambda x, y: math.sin(y), (1.0, 2.0)),
    "x * 2 + 1": (lambda x: math.sin(x * 2 + 1), (1.0,)),
    "sin(x[0]) * x[1]": (lambda x: math.sin(gg.sin(x[0]) * x[1]), (np.ones(2),)),
    "(x + 1) * 2": (lambda x: math.sin((x + 1) * 2), (1.0,)),
    "x + 1 > x * 2": (lambda x: math.sin((x + 1 > x * 2) * 1.0), (1.0,)),
    "xs[1]": (lambda *xs: math.sin(xs[1]), (1.0, 2.0)),
    "p.w[1]": (lambda p: math.sin(p.w[1]), (Weights(np.ones(2)),)),
    "x > 0.5": (lambda x: math.sin((x > 0.5) * 1.0), (1.0,)),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_node_goes_by_what_the_user_calls_it(name):
    f, args = NAMES[name]
    text = said(gg.jit(f), *args, error=gg.TracingError)
    assert name in text
    assert "unk" not in text
    if ">" not in name:
        everything = tuple(range(len(args)))
        text = said(gg.grad(f, argnums=everything), *args, error=gg.TracingError)
        assert name in text
        assert "unk" not in text


def loss(x):
    return math.sin(x)


class Model:
    def __call__(self, x):
        return math.sin(x)

    def price(self, x):
        return math.sin(x)


line = loss.__code__.co_firstlineno
FUNCTIONS = {
    "of a name": (loss, "loss"),
    "a lambda": (lambda x: math.sin(x), "your function at "),
    "a partial": (functools.partial(loss), "loss"),
    "a method": (Model().price, "Model.price"),
    "an object": (Model(), "Model"),
    "a gradient": (gg.value_and_grad(loss), "loss"),
    "a gradient of a lambda": (gg.value_and_grad(lambda x: math.sin(x)), "your function at "),
    "twice compiled": (gg.jit(gg.grad(gg.jit(loss))), "loss"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_goes_by_its_own_name(name):
    f, wanted = FUNCTIONS[name]
    for text in (
        said(gg.jit(f), 1.0),
        said(gg.jit(f), 1j),
        said(gg.vmap(f), 1j),
        said(gg.vmap(f, in_axes=None), 1.0),
        said(gg.grad(f), "a"),
        said(gg.grad(f, argnums=3), 1.0),
    ):
        assert wanted in text
        assert "<lambda>" not in text
        assert "_of_" not in text
        if wanted.startswith("your"):
            assert re.search(rf"your function at .*{HERE}:\d+", text)


def product(x):
    return x[0] * x[1]


def test_a_transform_is_named_apart_from_the_function():
    def f(x):
        return x * x

    assert "but f returned" in said(gg.grad(gg.grad(f)), np.ones(2), error=TypeError)
    assert "but gg.grad(product) returned" in said(gg.grad(gg.grad(product)), np.ones(2), error=TypeError)
    text = said(gg.grad(gg.grad(lambda x: x[0] * x[1])), np.ones(2), error=TypeError)
    assert re.search(rf"gg.grad of your function at .*{HERE}:\d+ returned", text)


# Ways out of the graph


def into_floats(x):
    z = np.zeros(2)
    z[0] = x[0]
    return z.sum()


def into_a_slice(x):
    z = np.zeros((2, 2))
    z[0:1, 1] = x[0] * 2.0
    return z.sum()


def added_to_floats(x):
    z = np.ones(2)
    z[1] += x[1]
    return z.sum()


@pytest.mark.parametrize("f", [into_floats, into_a_slice, added_to_floats])
def test_storing_into_an_array_of_floats(f):
    for made in (gg.grad(f), gg.jit(f), gg.jit(gg.grad(f)), gg.jacobian(f)):
        text = said(made, np.ones(2), error=gg.TracingError)
        assert re.search(rf"{HERE}:{f.__code__.co_firstlineno + 2}: storing into z\[.*\] ", text)
        assert "np.zeros_like(x)" in text
        assert "a list" in text
        assert "gg.sin" not in text


def test_the_cure_for_a_store_works():
    def f(x):
        z = np.zeros_like(x)
        z[0] = x[0] * x[1]
        return z.sum()

    assert gg.grad(f)(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]
    assert gg.jit(f)(np.array([2.0, 3.0])) == 6.0


SPECIAL = {"loggamma": "lgamma", "j0": None, "lambertw": None, "beta": None}


@pytest.mark.parametrize("name", SPECIAL)
def test_functions_of_scipy(name):
    special = pytest.importorskip("scipy.special")
    ours = SPECIAL[name]
    if ours is not None:
        ours = name if hasattr(gg, name) else ours
    f = lambda x: getattr(special, name)(x, 2.0) if name == "beta" else getattr(special, name)(x)
    for made in (lambda x: f(gg.Scalar(x)), gg.grad(f), gg.jit(f), gg.grad(lambda x: f(x * 2.0) + x)):
        text = said(made, 0.5, error=TypeError)
        assert f"np.{name}" not in text
        if ours is None:
            assert "gg.primitive" in text
        else:
            assert f"gg.{ours}" in text
            assert hasattr(gg, ours)


CALLS = {
    "math.lgamma": (lambda x: math.lgamma(x), "gg.lgamma"),
    "math.fsum": (lambda x: math.fsum([x, x]), "gg.total"),
    "math.exp": (lambda x: math.exp(x * 2.0), "gg.exp"),
    "a dtype": (lambda x: np.array([x, 1.0], dtype=float).sum(), "leave the dtype out"),
    "astype": (lambda x: np.array([x, x]).astype(float).sum(), "use the array of nodes itself"),
    "np.full": (lambda x: np.full(3, x, dtype=float).sum(), "leave the dtype out, or use gg.full"),
    "np.full_like": (lambda x: np.full_like(np.ones(3), x).sum(), "use gg.full_like"),
    "fill": (lambda x: np.zeros(3).fill(x), "make the array with gg.full"),
    "np.arange": (lambda x: np.arange(x, x + 3).sum(), "start + step * np.arange(n)"),
    "percent": (lambda x: len("%.3f" % x) * x, "f-string"),  # noqa: UP031
    "isnan": (lambda x: x if math.isnan(x) else -x, "x != x"),
    "range": (lambda x: x * len(range(x)), "functools.partial"),
    "an index": (lambda x: x * [1.0, 2.0][x], "functools.partial"),
    "round": (lambda x: x * round(x), "np.round(x)"),
    "int": (lambda x: x * int(x), "gg.floor(x)"),
    "float": (lambda x: x * float(x), "gg.sin"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_cure_fits_what_was_written(name):
    f, cure = CALLS[name]
    for made in (gg.jit(f), gg.grad(f)):
        text = said(made, 1.5, error=gg.TracingError)
        assert cure in text
        assert f"{HERE}:{f.__code__.co_firstlineno}: " in text


# Text of what is traced


def test_a_debug_print_shows_names(capsys):
    def f(params, x):
        y = params["w"] * x[0]
        print(f"{params['w']} {x[0]:.3f} {y:>10.2e} {y > 1.0}")
        print(x, [y], "%s" % x[1])  # noqa: UP031
        return y if y > 1.0 else -y

    compiled = gg.jit(f)
    for w in (2.0, 0.5):
        assert compiled({"w": w}, np.array([1.0, 5.0])) == (w if w > 1.0 else -w)
    printed = capsys.readouterr().out.splitlines()
    assert (
        printed[0] == "params['w'] (traced) x[0] (traced) params['w'] * x[0] (traced) params['w'] * x[0] > 1 (traced)"
    )
    assert printed[1] == "[x[0] (traced) x[1] (traced)] [params['w'] * x[0] (traced)] x[1] (traced)"
    assert printed[:2] == printed[2:], "whatever the value is"


def test_no_text_of_a_comparison_takes_a_branch():
    f = gg.jit(lambda x: x * len(f"{x > 1} {[x > 2]} {(x > 3)!r}") * 0.0 + x)
    assert f(2.0) == 2.0
    assert next(iter(f.programs.values())).tape.paths == 1
    assert next(iter(f.programs.values())).tape.straight


def test_outside_of_compiled_code_text_shows_numbers():
    seen = []
    assert gg.grad(lambda x: (seen.append(f"{x:.3f} {x}"), x * x)[1])(1.5) == 3.0
    assert seen == ["1.500 x|1.500|0.000"]
    assert "traced" not in repr(gg.Scalar(1.0))


@pytest.mark.filterwarnings("ignore:.*changes the list:RuntimeWarning")
def test_text_in_another_thread_shows_numbers():
    """Only what the thread at work traces is traced."""
    import threading

    x, seen = gg.Scalar(1.0, label="x"), []

    def f(y):
        thread = threading.Thread(target=lambda: seen.append(str(x)))
        thread.start()
        thread.join()
        return y * 2.0

    assert gg.jit(f)(1.0) == 2.0
    assert seen == ["x|1.000|0.000"]


TABLE = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "call",
    [
        lambda: gg.jit(lambda n: TABLE[n])(1.0),
        lambda: gg.grad(lambda n: TABLE[n])(1.0),
        lambda: gg.jit(lambda x, n: np.asarray(x)[n, 0])(np.eye(2), 1.0),
        lambda: gg.vmap(lambda x, n: x[n + 1], in_axes=(None, 0))(TABLE, np.array([0.0, 1.0])),
        lambda: gg.jit(gg.grad(lambda x, n: np.asarray(x)[n]))(TABLE, 1.0),
    ],
)
def test_a_node_as_the_index_of_an_array(call):
    """A float is no index. NumPy does not say why, so its message is replaced."""
    with pytest.raises(gg.TracingError, match=r"test_error_messages.py:\d+: .*whole number.*functools.partial"):
        call()


def test_a_wrong_index_of_the_users_own_is_the_users_error():
    with pytest.raises(IndexError, match="out of bounds"):
        gg.jit(lambda x: x[3])(TABLE)


def test_hessian_speaks_of_itself():
    with pytest.raises(TypeError, match="hessian needs a function whose result is one number"):
        gg.hessian(lambda x: x * 2)(TABLE)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (lambda x: (x, x * 2), "tuple (x, x * 2)"),
        (lambda x: [x + 1, [x]], "list [x + 1, [x]]"),
        (lambda x: {"a": x, "b": (1,)}, "dict {'a': x, 'b': (1,)}"),
        (lambda x: [x, *range(11)], "list [x, 0, 1, 2, 3, 4, 5, 6, 7, ...]"),
        (lambda x: [[[[x]]]], "list [[[...]]]"),
    ],
)
def test_nodes_in_lists_and_dicts_have_their_names(result, text):
    with pytest.raises(TypeError, match=re.escape(text)):
        gg.grad(result)(1.0)
