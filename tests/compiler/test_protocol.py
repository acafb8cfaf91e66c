"""Whatever Python can ask of a node while a function is traced: it is recorded, guarded, or refused; never frozen.

Each method and property of `Scalar`, and of the comparisons that a trace gives, stands in one of the tables here; what
a table says of it is shown at several values, with code made at one of them.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import math
import operator
import pickle
import pprint
import reprlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar
from glassgrad.compiler.frontend.comparison import Comparison
from glassgrad.core import functions
from glassgrad.core.op import TABLE
from helpers.branching import bits

HERE = Path(__file__).name


@dataclass
class Pair:
    x: Any
    y: Any


AT = [(2.5, 1.25), (-1.75, 0.5), (0.0, -3.0), (1e300, 7.0), (3.0, 3.0), (math.nan, 1.0)]


def public(op: Any, name: str) -> Callable[..., Any]:
    """The method ``name`` of a node, as a function of floats and nodes alike."""
    if op.arity == 1:
        return lambda x, y: getattr(x, name)() if isinstance(x, Scalar) else op(x)
    return lambda x, y: getattr(x, name)(y) if isinstance(x, Scalar) else op(x, y)


def methods() -> dict[str, Callable[..., Any]]:
    """Every operation and composed function that is a method."""
    found = {}
    for op in TABLE.values():
        for name in {op.name, op.numpy or op.name}:
            if hasattr(Scalar, name):
                found[name] = public(op, name)
    for name in functions.METHODS:
        function = getattr(gg, name)
        found[name] = lambda x, y, function=function, name=name: (
            getattr(x, name)() if isinstance(x, Scalar) else function(x)
        )
    return found


def dividing(operate: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """With a divisor that is not 0, as floats raise there."""
    return lambda x, y: operate(x, y * y + 1.0)


RECORDED: dict[str, Callable[..., Any]] = {  # of x and y, which may be floats; code gives what Python gives
    **methods(),
    "__abs__": lambda x, y: abs(x),
    "__add__": lambda x, y: x + y,
    "__radd__": lambda x, y: 2 + x,
    "__sub__": lambda x, y: x - y,
    "__rsub__": lambda x, y: 2 - x,
    "__mul__": lambda x, y: x * y,
    "__rmul__": lambda x, y: 2 * x,
    "__truediv__": dividing(operator.truediv),
    "__rtruediv__": lambda x, y: 2 / (y * y + 1.0),
    "__floordiv__": dividing(operator.floordiv),
    "__rfloordiv__": lambda x, y: 2 // (y * y + 1.0),
    "__mod__": dividing(operator.mod),
    "__rmod__": lambda x, y: 2 % (y * y + 1.0),
    "__divmod__": dividing(divmod),
    "__rdivmod__": lambda x, y: divmod(2, y * y + 1.0),
    "__pow__": lambda x, y: pow(abs(y), 1.5) + pow(y, 2),
    "__rpow__": lambda x, y: 2**y,
    "__neg__": lambda x, y: -x,
    "__pos__": lambda x, y: +x,
    "__eq__": lambda x, y: x == y,
    "__ne__": lambda x, y: x != y,
    "__lt__": lambda x, y: x < y,
    "__le__": lambda x, y: x <= y,
    "__gt__": lambda x, y: x > y,
    "__ge__": lambda x, y: x >= y,
    "__copy__": lambda x, y: copy.copy(x * y),
    "__array_ufunc__": lambda x, y: np.maximum(x, y) + np.multiply(x, np.array([1.0, 2.0]))[1],
    "__array_function__": lambda x, y: np.clip(x, -1.0, y) + np.where(x > y, x, np.nan_to_num(y)),
    "np.isnan": lambda x, y: np.isnan(x),
    "np.signbit": lambda x, y: np.signbit(x),
    "np.rint": lambda x, y: np.rint(x) + np.rint(y * 1.5),
    "__record__": lambda x, y: Scalar.__record__(TABLE["mul"], (x, y)) if isinstance(x, Scalar) else x * y,
    "conjugate": lambda x, y: x.conjugate(),
    "positive": lambda x, y: np.positive(x),
}

FINITE_ONLY: dict[str, Callable[..., Any]] = {  # Python's own raise where there is no whole number
    "__floor__": lambda x, y: math.floor(x),
    "__ceil__": lambda x, y: math.ceil(x),
    "__trunc__": lambda x, y: math.trunc(x),
}

GUARDED: dict[str, Callable[..., Any]] = {
    "__bool__": lambda x, y: 1.0 if x else 2.0,
    "not": lambda x, y: 1.0 if not x else 2.0,
    "and, or": lambda x, y: (x and y) + (x or y),
    "if": lambda x, y: x if x > y else -y,
    "chained": lambda x, y: 1.0 if y < x <= 3 else 2.0,
    "max, min": lambda x, y: max(x, y, 0.25) - min(x, y),
    "sorted": lambda x, y: sorted([x, y, 0.25])[1],
    "any, all": lambda x, y: any([x > 2, y > 6]) + all([x > 2, y > 1]) * 2.0,
    "in a list": lambda x, y: 1.0 if x in [3.0, 2.5, y] else 2.0,
    "index in a list": lambda x, y: [2.5, x].index(x),
    "lists": lambda x, y: 1.0 if [x, y] < [y, x] else 2.0,
    "tuples": lambda x, y: 1.0 if (x, y) == (3.0, 3.0) else 2.0,
    "a count of truths": lambda x, y: sum(1 for t in (x > 0, y > 0) if t),
    "a truth as an index": lambda x, y: (y, -y)[x > 2],
    "a truth by name": lambda x, y: {True: x, False: y}[bool(x > y)],
    "match": lambda x, y: _match(x),
    "assert": lambda x, y: _assert(x),
    "np.sort": lambda x, y: np.sort(np.array([x, y, 0.5]))[0] if x == x else 0.0,
    "np.argmax": lambda x, y: float(np.argmax(np.array([x, y, 0.5], dtype=object))) if x == x else 0.0,
    "a ufunc of truths": lambda x, y: 1.0 if (np.array([x, y], dtype=object) > 1.0).all() else 2.0,
}


def _match(x: Any) -> float:
    match x:
        case 3.0:
            return 1.0
        case _ if x > 2.0:
            return 2.0
    return 3.0


def _assert(x: Any) -> float:
    try:
        assert x > 1.0
    except AssertionError:
        return 1.0
    return 2.0


SAYS_NOTHING: dict[str, Callable[..., Any]] = {  # of the value: the same for all
    "label": lambda x: x.label,
    "named": lambda x: x.named,
    "group": lambda x: x.group,
    "source": lambda x: x.source,
    "op": lambda x: (x.op, (x * x).op),
    "operation": lambda x: (x.operation, (x * x).operation),
    "_op": lambda x: (x._op, (x * x)._op),
    "_prev": lambda x: (len(x._prev), (x * x)._prev == (x, x)),
    "is_constant": lambda x: (x.is_constant, (x * 2.0).prev[1].is_constant),
    "prev": lambda x: (len(x.prev), (x * x).prev == (x, x) and len((x + 1.0).prev)),
    "grad_updated": lambda x: x.grad_updated,
    "_backward": lambda x: callable((x * x)._backward),
    "data of a constant": lambda x: (x * 2.0).prev[1].data,
    "__repr__": lambda x: repr(x),
    "__str__": lambda x: str(x),
    "__format__": lambda x: f"{x:.3f}",
    "an f-string": lambda x: f"{x} {x * 2.0:>10.3f} {x > 0.0!s} {x > 0.0}",
    "percent s": lambda x: "%s %r" % (x, x + 1.0),  # noqa: UP031
    "format": lambda x: "{:.2e} {!r}".format(x, [x]),  # noqa: UP032
    "text of a list": lambda x: str([x, {"x": x}, (x > 1.0,)]),
    "text of an array": lambda x: f"{np.array([x, x * 2.0])} {np.array2string(np.array([x], dtype=object))}",
    "text of a long array": lambda x: str(np.array([x] * 2000)),
    "pprint": lambda x: pprint.pformat({"x": x, "y": [x * 1.0] * 30}),
    "reprlib": lambda x: reprlib.repr([x, x > 2.0]),
    "a log": lambda x: logging.LogRecord("n", 10, "f", 1, "%s %r", (x, x > 0), None).getMessage(),
    "a dict by text": lambda x: {"x (traced)": 1.0}.get(str(x), 2.0),
    "the hash of text": lambda x: hash(f"{x}"),
    "json of text": lambda x: json.dumps({"x": x, "t": x > 0}, default=str),
    "a dataclass": lambda x: repr(Pair(x, x > 0.0)),
    "print": lambda x: print(x, x > 1.0, file=io.StringIO()),
    "an exception": lambda x: str(ValueError(x, x > 1.0)),
}

REFUSED: dict[str, Callable[..., Any]] = {
    "__float__": lambda x: float(x),
    "__int__": lambda x: int(x),
    "__index__": lambda x: [1.0, 2.0][x],
    "range": lambda x: range(x),
    "__round__": lambda x: round(x),
    "round to digits": lambda x: round(x, 2),
    "percent": lambda x: "%.2f" % x,  # noqa: UP031
    "percent d": lambda x: "%d" % x,  # noqa: UP031
    "__hash__": lambda x: hash(x),
    "in a set": lambda x: x in {2.5, 3.0},
    "a key": lambda x: {2.5: 1.0}.get(x, 0.0),
    "a set": lambda x: len({x, x * 1.0}),
    "data": lambda x: x.data,
    "setting data": lambda x: setattr(x, "data", 3.0),
    "grad": lambda x: x.grad,
    "setting grad": lambda x: setattr(x, "grad", 3.0),
    "backward": lambda x: (x * x).backward(),
    "_step_back": lambda x: (x * x)._backward(),
    "forward": lambda x: (x * x).forward(),
    "zero_grad": lambda x: (x * x).zero_grad(),
    "local_partials": lambda x: (x * x).local_partials(),
    "__reduce__": lambda x: pickle.dumps(x),
    "__reduce_ex__": lambda x: copy.deepcopy(x * x),
    "copy of an argument": lambda x: copy.copy(x),
    "__init__": lambda x: Scalar(1.0, (x,), "neg"),
    "math.sin": lambda x: math.sin(x),
    "math.isnan": lambda x: math.isnan(x),
    "math.isfinite of a result": lambda x: math.isfinite(x * x),
    "math.fsum": lambda x: math.fsum([x, x]),
    "np.float64": lambda x: np.float64(x),
    "an array of floats": lambda x: np.array([x, x], dtype=float),
    "into an array of floats": lambda x: operator.setitem(np.zeros(2), 0, x),
    "Fraction": lambda x: Fraction(float(x)),
    "Decimal": lambda x: Decimal(float(x)),
    "complex": lambda x: complex(x),
    "gg.values": lambda x: gg.values([x]),
    "graph values": lambda x: (x * 1.0).prev[0].data,
    "np.full": lambda x: np.full(3, x, dtype=float),
    "a slice": lambda x: [1.0, 2.0][:x],
    "chr": lambda x: chr(x),
}

NOT_THERE = {  # what floats have and nodes do not: an AttributeError or TypeError tells, and nothing is frozen
    "is_integer": lambda x: x.is_integer(),
    "hex": lambda x: x.hex(),
    "as_integer_ratio": lambda x: x.as_integer_ratio(),
    "real": lambda x: x.real,
    "iteration": lambda x: list(x),
    "len": lambda x: len(x),
    "an item": lambda x: x[0],
    "a call": lambda x: x(),
    "await": lambda x: x.__await__(),
    "with": lambda x: x.__enter__(),
    "invert": lambda x: ~x,
    "shift": lambda x: x << 1,
    "pow by a modulus": lambda x: pow(x, 2, 3),
    "matmul": lambda x: x @ x,
    "np.frexp": lambda x: np.frexp(x),
    "np.spacing": lambda x: np.spacing(x),
    "a list that often": lambda x: [1.0] * x,
    "struct.pack": lambda x: struct.pack("d", x),
    "a node of a node": lambda x: Scalar(x),
    "a dunder of arrays": lambda x: x.__array__(),
}

OWN = {  # Python's of every object, and glassgrad's own store
    *("__class__", "__delattr__", "__dir__", "__doc__", "__getattribute__", "__getstate__", "__init_subclass__"),
    *("__module__", "__new__", "__setattr__", "__sizeof__", "__slots__", "__subclasshook__", "__weakref__"),
    *(
        "__dealloc__",
        "_a",
        "_b",
        "_data",
        "_flags",
        "_grad",
        "_mark",
        "_note",
        "_operation",
        "_partial",
        "_waiting",
        "_x",
        "_y",
    ),
    *(
        "__pyx_vtable__",
        "__setstate__",
        "__setstate_cython__",
        "__reduce_cython__",
        "__dict__",
        "__static_attributes__",
    ),
    *("__firstlineno__", "__annotations__", "__signature__"),
    *("shape", "ndim", "dtype"),
}


def test_every_method_of_nodes_is_in_a_table():
    tables = {*RECORDED, *FINITE_ONLY, *GUARDED, *SAYS_NOTHING, *REFUSED}
    for name in dir(Scalar):
        assert name in tables | OWN, f"say in a table what Scalar.{name} does while a function is traced"
    assert not tables & OWN
    known = {name for name in tables if name.isidentifier() and (name.startswith("__") or hasattr(Scalar, name))}
    assert known <= {*dir(Scalar), *GUARDED}, "a table tells of what is not there any more"


def eagerly(f: Callable[..., Any], *xs: float) -> list[Any]:
    with gg.errstate(domain="nan"), np.errstate(invalid="ignore"):
        return flat(f(*xs))


def flat(result: Any) -> list[Any]:
    return [bits(x) for x in (result if isinstance(result, tuple) else (result,))]


@pytest.fixture(autouse=True)
def _interpreter(monkeypatch):
    """What is recorded does not depend on how it is run, and the interpreter gives every bit."""
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded(name):
    f = RECORDED[name]
    compiled = gg.jit(f)
    for xs in AT:
        assert flat(compiled(*xs)) == eagerly(f, *xs), xs
    assert next(iter(compiled.programs.values())).tape.straight, "recorded, without a question"


@pytest.mark.parametrize("name", FINITE_ONLY)
def test_recorded_where_python_gives_whole_numbers(name):
    f = FINITE_ONLY[name]
    compiled = gg.jit(f)
    for x, y in [(2.5, 1.0), (-2.5, 1.0), (0.0, 0.0), (-0.5, 0.0), (7.0, 0.0), (1e15 + 0.5, 0.0)]:
        assert compiled(x, y) == f(x, y)
    assert next(iter(compiled.programs.values())).tape.straight


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("first", range(3))
def test_guarded(name, first):
    f = GUARDED[name]
    compiled = gg.jit(f)
    for xs in [*AT[first:], *AT[:first]]:
        with np.errstate(invalid="ignore"):
            found = flat(compiled(*xs))
        assert found == eagerly(f, *xs), xs
    assert next(iter(compiled.programs.values())).tape.paths > 1


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
@pytest.mark.parametrize("name", SAYS_NOTHING)
def test_says_nothing_of_the_value(name):
    seen = []

    def f(x):
        seen.append(SAYS_NOTHING[name](x))
        return x if x > 0 else -x

    compiled = gg.jit(f)
    assert [compiled(x) for x in (2.0, -3.0)] == [2.0, 3.0]
    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.parametrize("make", [gg.jit, gg.vmap], ids=["jit", "vmap"])
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, make):
    argument = 2.5 if make is gg.jit else np.array([2.5, 3.5])
    with pytest.raises(gg.TracingError, match=rf"{HERE}:\d+: ") as caught:
        make(REFUSED[name])(argument)
    line = int(str(caught.value).split(f"{HERE}:")[1].split(":")[0])
    assert line == REFUSED[name].__code__.co_firstlineno, "the line that asks"
    assert "freeze" in str(caught.value)
    assert len(str(caught.value).rsplit(": ", 1)[1]) > 20, "the cure"


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "copy of an argument"])
def test_refused_inside_a_gradient_too(name):
    f = REFUSED[name]
    with pytest.raises(gg.TracingError):
        gg.jit(gg.grad(lambda x: (f(x * 1.0), x)[1]))(2.5)


@pytest.mark.parametrize("name", NOT_THERE)
def test_not_there(name):
    with pytest.raises((TypeError, AttributeError, struct.error)):
        gg.jit(lambda x: NOT_THERE[name](x) or 1.0)(2.5)


# Nodes from outside


@pytest.mark.parametrize(
    "name", [name for name in REFUSED if name not in ("__hash__", "in a set", "a key", "a set", "setting data")]
)
def test_of_nodes_from_outside_nothing_is_frozen_either(name):
    w = Scalar(2.5, label="w")
    with pytest.raises(gg.TracingError):
        gg.jit(lambda x: (REFUSED[name](w), x)[1])(1.0)


def test_nodes_from_outside_may_be_told_apart():
    a, b = Scalar(2.0), Scalar(3.0)
    weights = {a: 1.0, b: 10.0}
    f = gg.jit(lambda x: sum(x * node * weight for node, weight in weights.items()) * len({a, b, a}))
    assert f(1.0) == 64.0


def test_a_choice_by_a_node_from_outside_is_guarded():
    w = Scalar(1.0)
    f = gg.jit(lambda x: x if w > 0 else -x)
    assert f(2.0) == 2.0
    w.data = -1.0
    assert f(2.0) == -2.0


@pytest.mark.filterwarnings("ignore:.*changes:RuntimeWarning")
def test_a_node_of_an_earlier_trace_is_no_node_from_outside():
    kept = []

    def f(x):
        kept.append(x * 1.0)
        return kept[0] * x if x > 0 else kept[0] - x

    compiled = gg.jit(f)
    compiled(2.0)
    with pytest.raises(gg.TracingError, match="f uses 'x', an argument that an earlier call"):
        compiled(-2.0)


# What a comparison gives, which does what a bool does

TRUTH: dict[str, Callable[..., Any]] = {
    "__and__": lambda c, d: 1.0 if c & d else 2.0,
    "__rand__": lambda c, d: 1.0 if True & c else 2.0,
    "__or__": lambda c, d: 1.0 if c | d else 2.0,
    "__ror__": lambda c, d: 1.0 if False | c else 2.0,
    "__xor__": lambda c, d: 1.0 if c ^ d else 2.0,
    "__rxor__": lambda c, d: 1.0 if True ^ c else 2.0,
    "__int__": lambda c, d: int(c) + 0.5,
    "__index__": lambda c, d: [1.0, 2.0][c],
    "__float__": lambda c, d: float(c),
    "__hash__": lambda c, d: 1.0 if c in {True} else 2.0,
    "__bool__": lambda c, d: 1.0 if c and not d else 2.0,
    "__eq__": lambda c, d: 1.0 if c == d else 2.0,
    "__add__": lambda c, d: c + d + 0.5,
    "__mul__": lambda c, d: c * 2.5,
    "__neg__": lambda c, d: -c * 1.0,
    "__pos__": lambda c, d: +c * 1.0,
    "__sub__": lambda c, d: c - d - 0.5,
    "__lt__": lambda c, d: 1.0 if c < d else 2.0,
    "sum": lambda c, d: sum([c, d]) * 1.0,
    "__array_ufunc__": lambda c, d: (np.True_ & c) * 2.5 + np.add(d, np.False_) + (np.array([1, 2]) & c).sum(),
    "a key": lambda c, d: {True: 1.0, False: 2.0}[c],
    "math": lambda c, d: math.exp(c),
    "range": lambda c, d: sum(1.0 for _ in range(c)),
}


def test_every_method_of_comparisons_is_in_the_table():
    own = {"is_truth", "__invert__"}  # refused
    own |= {"__module__", "__doc__", "__dict__", "__weakref__", "__static_attributes__", "__firstlineno__"}
    assert {name for name in vars(Comparison) if name not in own} <= set(TRUTH)


@pytest.mark.parametrize("name", TRUTH)
def test_comparisons_do_what_bools_do(name):
    def f(x, y):
        return TRUTH[name](x > y, y <= 1.0)

    compiled = gg.jit(f)
    for xs in AT:
        assert flat(compiled(*xs)) == flat(f(*xs)), xs


def test_a_comparison_asked_twice_is_recorded_once():
    def f(x):
        truth = x > 1
        y = -x if truth else x
        return y * 2 if truth and not x > 5 else y

    assert str(gg.jit(f).lower(2.0).source).count("guard") == 2


def test_a_comparison_as_a_result_is_a_truth():
    f = gg.jit(lambda x, y: (x > y, x == y, x > 1))
    assert f(2.0, 1.0) == (True, False, True)
    assert all(type(x) is bool for x in f(0.5, 0.5))
    found = gg.vmap(lambda x: x > 1)(np.array([0.0, 1.0, 2.0, math.nan]))
    assert found.dtype == bool
    assert found.tolist() == [False, False, True, False]


def test_comparisons_with_whole_numbers_that_no_float_is():
    big = 2**53 + 1
    f = gg.jit(lambda x: [x < big, x <= big, x > big, x >= big, x == big, x != big])
    for x in (2.0**53, 2.0**53 + 2, math.inf, -math.inf, math.nan):
        assert f(x) == [x < big, x <= big, x > big, x >= big, x == big, x != big]
    huge = 10**400
    g = gg.jit(lambda x: [x < huge, x > huge, x == huge, x < -huge, x >= -huge])
    for x in (1e308, math.inf, -math.inf, math.nan):
        assert g(x) == [x < huge, x > huge, x == huge, x < -huge, x >= -huge]
