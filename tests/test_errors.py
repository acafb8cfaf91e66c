"""Bad input gets an error that names the thing, the value and the cure; and nothing is half changed."""

import itertools
import math
import operator

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar
from glassgrad.core.op import Op
from glassgrad.core.reverse import gradient
from helpers.ids import shown


class Foreign:
    """A node of another library."""

    def __init__(self, data):
        self.data = data
        self.grad = 0.0

    def __repr__(self):
        return f"Foreign({self.data})"


class Willing(Foreign):
    """A node of another library that takes any number it meets for its own."""

    def __radd__(self, other):
        return "Willing did it"


BAD = {  # what is no number, and the cure that its error tells
    "a string": ("1.5", r"str '1\.5'; convert it first: float\('\.\.\.'\)"),
    "bytes": (b"1.5", "bytes b'1.5'"),
    "a complex": (1 + 2j, r"complex \(1\+2j\); glassgrad differentiates real numbers: pass \.real or \.imag"),
    "NumPy's complex": (np.complex128(2j), r"2j.*pass \.real or \.imag"),
    "None": (None, "None; did a function forget its return"),
    "a list": ([1.0], r"list \[1\.0\]; make many nodes at once with gg\.array"),
    "an array": (np.array([1.0, 2.0]), r"ndarray array\(\[1\., 2\.\]\); make many nodes at once with gg\.array"),
    "an array of one": (np.array([1.0]), r"ndarray .*; make many nodes at once with gg\.array.*take one element"),
    "a dict": ({"a": 1.0}, r"dict \{'a': 1\.0\}"),
    "a foreign node": (Foreign(1.5), r"Foreign Foreign\(1\.5\); it belongs to another library: pass its value"),
    "an object": (object(), "object <object"),
    "a function": (math.sin, "sin"),
    "a type": (float, "float"),
}
bad = pytest.mark.parametrize(("thing", "cure"), BAD.values(), ids=BAD)
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]


@bad
def test_where_a_number_is_meant(thing, cure):
    x = Scalar(2.0, label="x")
    x.grad = 0.5
    for user, action in {
        "Scalar": lambda: Scalar(thing),
        r"Scalar\.data": lambda: setattr(x, "data", thing),
        r"Scalar\.grad": lambda: setattr(x, "grad", thing),
    }.items():
        with pytest.raises(TypeError, match=f"{user}.* needs a number, but got .*{cure}"):
            action()
    assert (x.data, x.grad) == (2.0, 0.5)


@bad
def test_where_an_operand_is_meant(thing, cure):
    x = Scalar(2.0, label="x")
    with pytest.raises(TypeError, match=f"needs a number, but got .*{cure}"):
        Scalar(1.0, (x, thing), "*")
    if isinstance(thing, np.ndarray):
        return  # arrays and nodes get along
    for op in OPERATORS:
        with pytest.raises(TypeError, match=f"needs a number, but got .*{cure}|no Scalar"):
            op(x, thing)
        if op is operator.mod and isinstance(thing, (str, bytes)):
            continue  # Python formats
        with pytest.raises(TypeError, match=f"needs a number, but got .*{cure}|not supported"):
            op(thing, x)


@bad
def test_where_an_argument_of_a_function_is_meant(thing, cure):
    if isinstance(thing, (list, np.ndarray)):
        return
    for f in (gg.exp, gg.relu, gg.sqrt):
        with pytest.raises(TypeError, match=f"{f.name} needs a number, but got .*{cure}"):
            f(thing)
    x = Scalar(2.0)
    for f in (gg.maximum, gg.hypot, gg.atan2, gg.pow):
        with pytest.raises(TypeError, match=f"needs a number, but got .*{cure}"):
            f(x, thing)
        with pytest.raises(TypeError, match=f"needs a number, but got .*{cure}"):
            f(thing, x)


def test_a_node_where_a_number_is_meant():
    x = Scalar(2.0, label="x")
    for action in (lambda: Scalar(x), lambda: setattr(x, "data", Scalar(1.0)), lambda: setattr(x, "grad", x)):
        with pytest.raises(TypeError, match=r"a node already: use it as it is, or take its \.data"):
            action()
    assert (x.data, x.grad) == (2.0, 0.0)


def test_another_library_may_take_over():
    assert Scalar(2.0) + Willing(1.0) == "Willing did it"


def test_numbers_too_large():
    x = Scalar(2.0)
    huge = 10**400
    for action in (
        lambda: Scalar(huge),
        lambda: setattr(x, "data", huge),
        lambda: setattr(x, "grad", huge),
        lambda: x + huge,
        lambda: huge * x,
        lambda: gg.exp(huge),
    ):
        with pytest.raises(OverflowError, match="too large"):
            action()
    assert (x.data, x.grad, x.grad_updated) == (2.0, 0.0, False)


@pytest.mark.parametrize("label", [None, 3, math.nan, b"x", ["x"], Scalar(1.0)], ids=shown)
def test_a_label_is_text(label):
    x = Scalar(1.0, label="x")
    with pytest.raises(TypeError, match=r"a label must be a string, got .*str\(\.\.\.\)"):
        x.label = label
    assert x.label == "x"
    with pytest.raises(TypeError, match="a label must be a string"):
        Scalar(1.0, label=label)
    if label is not None:
        with pytest.raises(TypeError, match="a label must be a string"):
            gg.array([1.0], label=label)


def test_any_text_is_a_label():
    for label in ("", " ", "|", "{x}", '"', "a\nb", "☃", "x" * 10_000, "\0", "<b>&amp;</b>"):
        x = Scalar(1.0, label=label)
        assert x.label == label
        assert repr(x) == f"{label}|1.000|0.000"


def test_children_and_symbols():
    x = Scalar(2.0, label="x")
    for children in (x, 3.0, None, "ab", math.sin):
        with pytest.raises(TypeError, match=r"children must be a tuple of operands.*\(x,\) for one"):
            Scalar(1.0, children, "exp")
    for symbol in (None, 3, ["+"], x):
        with pytest.raises(TypeError, match=r"op must be the symbol of an operation, such as '\+'"):
            Scalar(1.0, (x,), symbol)
    with pytest.raises(ValueError, match=r"Scalar\(op='\+'\) needs operands too"):
        Scalar(1.0, op="+")
    assert Scalar(1.0, (), "").prev == ()


def test_no_graph_turns_back_on_itself():
    a = Scalar(1.0, label="a")
    b = a * 2.0
    for node in (a, b):
        with pytest.raises(AttributeError, match=r"prev cannot be set.*no graph contains a cycle.*Make a new node"):
            node.prev = (b,)
        with pytest.raises(TypeError, match=r"'.*' already exists.*no graph contains a cycle.*make a new node"):
            node.__init__(3.0, (b,), "exp")
        with pytest.raises(TypeError, match="already exists"):
            node.__init__(3.0)
    assert (a.data, a.prev, b.data, b.prev) == (1.0, (), 2.0, (a, 2.0))

    class Twice(Scalar):
        def __init__(self, data):
            super().__init__(data)
            super().__init__(data)

    with pytest.raises(TypeError, match="already exists"):
        Twice(1.0)


def test_what_cannot_be_set():
    x = Scalar(1.0) * 2.0
    for name in ("op", "operation", "group", "source", "named", "is_constant", "grad_updated", "no_such_thing"):
        with pytest.raises(AttributeError):
            setattr(x, name, "+")
    for name in ("data", "grad", "label"):
        with pytest.raises((AttributeError, TypeError, NotImplementedError)):
            delattr(x, name)
    assert (x.data, x.op) == (2.0, "*")


def test_a_step_that_is_no_function():
    x = Scalar(1.0)
    y = x * 2.0
    for step in (None, 3, "f", y):
        with pytest.raises(TypeError, match="_backward must be a function without arguments, got"):
            y._backward = step
    with pytest.raises(AttributeError, match="a leaf has no operands"):
        x._backward = lambda: None
    y.backward()
    assert x.grad == 2.0


def test_a_node_of_a_foreign_graph():
    x, y = gg.scalars(1.0, 2.0, labels="x y")
    o = x * 2.0
    o.label = "o"
    with pytest.raises(
        ValueError, match=r"'y' belongs to another graph: 'o' was not computed.*Differentiate with respect to"
    ):
        gradient(o, [x, y])


@pytest.mark.parametrize("method", ["tanh", "exp", "relu", "maximum", "backward", "zero_grad", "__add__"])
@pytest.mark.parametrize("thing", [None, "x", 3.0, object()], ids=shown)
def test_methods_on_what_is_no_node(method, thing):
    arguments = [2.0] if method in ("maximum", "__add__") else []
    try:
        result = getattr(Scalar, method)(thing, *arguments)
    except (TypeError, AttributeError):
        return
    assert thing == 3.0  # a number is as good as a node
    assert isinstance(result, (Scalar, float)) or result == 3.0


def test_operations_are_checked_before_c_relies_on_them():
    x = Scalar(1.0)
    for op in (None, "exp", math.exp):
        for args in ((x,), (x, 2.0), (x, 2.0, 3.0)):
            with pytest.raises((TypeError, AttributeError)):
                Scalar.__record__(op, args)
    for call in (lambda: Op.evaluate(3.0, (1.0,)), lambda: Op.partial(None, 0, 1.0, (1.0,)), lambda: Op.__copy__(3.0)):
        try:
            assert call() == 3.0
        except (TypeError, AttributeError):
            pass
    with pytest.raises(ValueError, match="operation odd must have one partial for each of its 2 "):
        Op("odd", value=None, partials=[None], arity=2)


@pytest.mark.parametrize(
    ("f", "needs"),
    [
        (gg.log, r"log\(-2\.0\) is undefined: needs x > 0 \(node 'x'\)"),
        (gg.sqrt, r"sqrt\(-2\.0\) is undefined: needs x >= 0 \(node 'x'\)"),
        (gg.asin, r"asin\(-2\.0\) is undefined"),
        (lambda x: x**0.5, r"\(-2\.0\) \*\* 0\.5 is undefined"),
        (lambda x: x / 0, r"-2\.0 / 0\.0 is undefined: needs a divisor other than 0 \(node 'x'\)"),
        (lambda x: 1 / (x + 2), r"1\.0 / 0\.0 is undefined"),
        (lambda x: x % 0, "divisor other than 0"),
        (lambda x: 0 // (x * 0), "divisor other than 0"),
    ],
)
def test_outside_the_domain(f, needs):
    x = Scalar(-2.0, label="x")
    with pytest.raises(gg.DomainError, match=needs):
        f(x)
    with gg.errstate(domain="nan"):
        assert not math.isfinite(f(x).data)
    with gg.errstate(domain="warn"), pytest.warns(gg.DomainWarning, match=needs) as caught:
        f(x)
    assert caught[0].filename == __file__
    assert (x.grad, x.grad_updated) == (0.0, False)


def test_division_by_zero_is_pythons_error_too():
    for action in (
        lambda: Scalar(1.0) / 0,
        lambda: 1 / Scalar(0.0),
        lambda: Scalar(0.0) ** -1,
        lambda: Scalar(1.0) % 0,
    ):
        with pytest.raises(ZeroDivisionError):
            action()


def test_infinities_and_nans_are_values():
    inf, nan = Scalar(math.inf), Scalar(math.nan)
    assert (inf + 1).data == math.inf
    assert math.isnan((inf - inf).data)
    assert math.isnan((nan * 0).data)
    assert Scalar(1e308) * 10 == math.inf
    assert gg.exp(Scalar(1000.0)) == math.inf
    with pytest.raises(OverflowError, match="infinity"):
        int(inf)
    with pytest.raises(ValueError, match="NaN"):
        int(nan)
    with pytest.raises(OverflowError):
        math.floor(math.inf)
    assert math.floor(inf).data == math.inf
    assert bool(nan)
    (inf * 0.5).backward()
    assert inf.grad == 0.5


def test_operators_that_nodes_do_not_have():
    x = Scalar(2.0)
    for op, other in itertools.product((operator.matmul, operator.and_, operator.lshift), (x, 3)):
        with pytest.raises(TypeError, match="unsupported operand"):
            op(x, other)
    for action in (lambda: x[0], lambda: len(x), lambda: list(x), lambda: range(x), lambda: x(), lambda: [1, 2][x]):
        with pytest.raises(TypeError):
            action()


def test_wrong_numbers_of_arguments():
    x = Scalar(1.0)
    with pytest.raises(TypeError, match="tanh takes 1 argument, but got 2"):
        gg.tanh(x, x)
    with pytest.raises(TypeError, match="maximum takes 2 arguments, but got 1"):
        gg.maximum(x)
    with pytest.raises(TypeError, match="where takes 3 arguments, but got 2"):
        gg.where(x, x)
    with pytest.raises(TypeError, match="exp takes 1 argument, but got 0"):
        gg.exp()


def test_arrays_scalars_and_values():
    with pytest.raises(ValueError, match="rows of equal length"):
        gg.array([[1.0, 2.0], [3.0]])
    with pytest.raises(TypeError, match=r"gg\.array, at \[0, 1\], needs a number, but got str 'a'"):
        gg.array([[1.0, "a"]])
    for data in (None, "text", {"a": 1.0}, {1.0}):
        with pytest.raises(TypeError, match=r"gg\.array needs numbers in nested lists or arrays"):
            gg.array(data)
    with pytest.raises(TypeError, match=r"gg\.array.*needs a number, but got Foreign"):
        gg.array([Foreign(1.0)])
    with pytest.raises(TypeError, match=r"gg\.scalars needs a number, but got None"):
        gg.scalars([1.0, None])
    with pytest.raises(TypeError, match="at least one number"):
        gg.scalars()
    with pytest.raises(ValueError, match="made 2 nodes but got 3 labels"):
        gg.scalars(1.0, 2.0, labels="a b c")
    for data in (["a"], [None], [1j], [[1.0, None]]):
        with pytest.raises(TypeError, match=r"gg\.values needs a number, but got"):
            gg.values(data)
