"""Nodes that become floats: said where nobody asked for a number, and nowhere else."""

from __future__ import annotations

import asyncio
import doctest
import io
import logging
import math
import re
import statistics
import subprocess
import sys
import threading
import types
import unittest
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import GraphWarning, Scalar
from glassgrad.core import conversions

NAMES = """
import array, cmath, collections, ctypes, functools, io, itertools, math, statistics, struct
import math as m
from math import exp as e, sin
import numpy as np
import glassgrad as gg
from glassgrad import Scalar

x, y = Scalar(2.0, label="x"), Scalar(1.5, label="y")
nodes = [x, y, Scalar(3.0)]
arr, floats = np.array(nodes), np.zeros(3)
cast, table, losses = float, {"exp": math.exp, "float": float}, []

class Model:
    loss = x * y
    convert = float

class Record(ctypes.Structure):
    _fields_ = [("value", ctypes.c_double)]

model, record = Model(), Record()
"""

IMPLICIT = {  # what the warning says, by what is written
    "x * math.exp(x)": r"math\.exp\(x\).*gg\.exp",
    "m.tanh(x)": r"m\.tanh\(x\).*gg\.tanh",
    "e(x)": r"e\(x\).*gg\.exp",
    "sin(x) + 1": r"sin\(x\).*gg\.sin",
    "math.atan2(x, y)": r"gg\.atan2",
    "math.atan2(1.0, y if x > 1 else x)": r"gg\.atan2",
    "math.exp(sum([v * v for v in nodes]))": r"math\.exp\(x\)",
    "math.exp(*[x])": r"math\.exp\(x\).*gg\.exp",
    "math.log(x, 10)": r"gg\.log",
    "math.sqrt(model.loss)": r"gg\.sqrt",
    "math.erf(nodes[0])": r"gg\.erf",
    "math.pow(x, 2)": r"math\.pow\(x\).*x \*\* y",
    "math.fabs(-x)": r"abs\(x\)",
    "math.gamma(x)": r"gg\.gamma",
    "math.fmod(x, 2)": r"x % y",
    "math.degrees(x)": r"180 / math\.pi",
    "math.fsum(nodes)": r"math\.fsum.*gg\.total\(nodes\)",
    "math.dist([x], [1.0])": r"gg\.sqrt\(sum",
    "statistics.fmean(nodes)": r"statistics\.fmean.*sum\(nodes\) / len\(nodes\)",
    "cmath.exp(x)": r"cmath\.exp",
    "table['exp'](x)": r"a function written in C",
    "getattr(math, 'exp')(x)": r"a function written in C",
    "[math.exp(v) for v in nodes]": r"gg\.exp",
    "sum(math.exp(v) for v in nodes)": r"gg\.exp",
    "list(map(math.exp, nodes))": r"math\.exp\(x\).*gg\.exp",
    "[v + 1 for v in map(math.exp, nodes)]": r"math\.exp\(x\)",
    "(lambda v: math.exp(v))(x)": r"gg\.exp",
    "functools.reduce(lambda a, v: a + math.exp(v), nodes, 0.0)": r"gg\.exp",
    "math.exp(float(x)) + math.exp(x)": r"gg\.exp",
    "float(x) * math.sin(x)": r"gg\.sin",
    "array.array('d', nodes)": r"gg\.array",
    "struct.pack('d', x)": r"struct\.pack",
    "ctypes.c_double(x)": r"c_double",
    "np.array(nodes, dtype=float)": r"np\.array.*gg\.array",
    "np.array(nodes, float)": r"np\.array",
    "np.asarray(nodes, dtype=np.float64)": r"np\.asarray",
    "np.fromiter(nodes, float)": r"np\.fromiter.*gg\.array\(list",
    "np.full(3, x, dtype=float)": r"np\.full.*use gg\.full",
    "arr.astype(float)": r"arr\.astype.*array of nodes itself",
    "arr.astype(np.float32)": r"astype",
    "np.gradient(nodes)": r"np\.gradient",
    "np.linalg.qr(arr.reshape(1, 3))": r"np\.linalg\.qr",
    "floats.__setitem__(0, x)": r"__setitem__",
    "floats.fill(x)": r"floats\.fill.*make the array with gg\.full",
    "math.prod([1.0, math.exp(x)])": r"gg\.exp",
    "max(math.exp(x), 1.0)": r"gg\.exp",
    "print(math.exp(x), file=io.StringIO())": r"gg\.exp",
    "f'{math.exp(x):.3f}'": r"gg\.exp",
    "'%.3f' % math.exp(x)": r"gg\.exp",
}
STATEMENTS = {
    "floats[0] = x": r"storing x in an array of floats.*gg\.array",
    "floats[:] = nodes": r"storing x in an array",
    "floats[0], floats[1] = y, 1.0": r"'y'",
    "record.value = x": r"storing x in a field",
    "for v in nodes: math.exp(v)": r"gg\.exp",
    "try:\n    math.exp(x)\nfinally:\n    pass": r"gg\.exp",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    math.exp(x)": r"gg\.exp",
    "with io.StringIO() as file:\n    file.write(str(math.exp(x)))": r"gg\.exp",
    "if math.exp(x) > 1: pass": r"gg\.exp",
    "while math.exp(x) < 1: pass": r"gg\.exp",
    "assert math.exp(x)": r"gg\.exp",
    "class A: value = math.exp(x)": r"gg\.exp",
    "def inner(v):\n    return math.exp(v)\ninner(x)": r"gg\.exp",
    "if (z := math.exp(x)): pass": r"gg\.exp",
    "f = math.exp\nv = x\nz = f(v)": r"f\(x\).*gg\.exp",
}
ASKED = [
    "float(x)",
    "float(x * 2)",
    "float(nodes[0])",
    "float(model.loss)",
    "float(x if x > 1 else y)",
    "float(sum(nodes))",
    "float(*[x])",
    "x.__float__()",
    "losses.append(float(x))",
    "losses.extend(float(v) for v in nodes)",
    "losses.extend(map(float, nodes))",
    "[float(v) for v in nodes]",
    "{k: float(v) for k, v in enumerate(nodes)}",
    "tuple(float(v) for v in nodes)",
    "list(map(float, nodes))",
    "[*map(float, nodes)]",
    "sum(map(float, nodes))",
    "max(map(float, nodes), default=0.0)",
    "next(map(float, nodes))",
    "dict(zip('abc', map(float, nodes)))",
    "collections.deque(map(float, nodes))",
    "math.fsum(map(float, nodes))",
    "math.fsum(float(v) for v in nodes)",
    "np.array(list(map(float, nodes)))",
    "np.array([float(v) for v in nodes])",
    "np.fromiter(map(float, nodes), float)",
    "[v + 1.0 for v in map(float, nodes)]",
    "functools.reduce(max, map(float, nodes))",
    "list(itertools.accumulate(map(float, nodes)))",
    "max(nodes, key=float)",
    "sorted(nodes, key=float)",
    "cast(x)",
    "model.convert(x)",
    "np.float64(x)",
    "np.float32(x)",
    "complex(x)",
    "int(x)",
    "round(x)",
    "round(x, 2)",
    "bool(x)",
    "math.exp(float(x))",
    "math.exp(x.data)",
    "float(x) + math.exp(x.data)",
    "max(float(x), 1.0)",
    "str(x)",
    "repr(nodes)",
    "'%.3f' % x",
    "'%.3f %5.2e' % (x, y)",
    "'%(a)f' % {'a': x}",
    "f'{x:.3f} {x} {x!r}'",
    "'{:.3f}'.format(x)",
    "format(x, '.3f')",
    "print(x, '%.2f' % x, file=io.StringIO())",
    "math.isclose(x, y)",
    "math.isclose(x, 2.0, rel_tol=1e-9)",
    "math.isnan(x)",
    "math.isfinite(x) and not math.isinf(x)",
    "np.isclose(x, 2.0)",
    "np.allclose(arr, [2.0, 1.5, 3.0])",
    "x == 2.0 and x < 3 and x != y",
    "np.mean(nodes) + np.sum(arr) + np.exp(arr)[0]",
    "np.sin(x) + gg.exp(x)",
    "math.floor(x) + math.ceil(x) + math.trunc(x)",
    "math.prod(nodes)",
    "gg.values(nodes)",
    "Scalar(float(x))",
]
ASKED_BY_STATEMENTS = [
    "for v in map(float, nodes): pass",
    "a, *b = map(float, nodes)",
    "for epoch in range(3): losses.append(float(x * epoch))",
    "try:\n    float(x)\nfinally:\n    pass",
    "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    float(x)",
    "with io.StringIO() as file:\n    file.write(str(float(x)))",
    "class A: value = float(x)",
    "if float(x) > 1: pass",
    "floats[0] = float(x)",
    "floats[0] = x.data",
    "values = map(float, nodes)\nlist(values)",
    "table['float'] = x",
    "f = float\nv = x\nz = f(v)",
]


def execute(source, how):
    """Run a statement or expression where names are global, local, or a closure's."""
    names = {}
    exec(NAMES, names)
    if how == "module":
        return exec(compile(source, "<cell>", "exec"), names)
    body = "".join(f"    {line}\n" for line in source.splitlines())
    inner = f"def work():\n{body}\nfor _ in range(3): work()\n"
    if how == "function":
        return exec(compile(inner, "<cell>", "exec"), names)
    outer = f"{NAMES}\n{inner}"
    whole = "def around():\n" + "".join(f"    {line}\n" for line in outer.splitlines()) + "\naround()\n"
    return exec(compile(whole, "<cell>", "exec"), {})


def warned(run):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        run()
    return [str(one.message) for one in found if one.category is GraphWarning], found


HOW = ["module", "function", "closure"]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("source", [*IMPLICIT, *STATEMENTS])
def test_what_takes_a_value_unasked_is_said_once(source, how):
    messages, _ = warned(lambda: execute(source, how))
    assert len(messages) == 1, messages
    assert re.search({**IMPLICIT, **STATEMENTS}[source], messages[0]), messages
    assert ".data" in messages[0]
    assert "float(x)" in messages[0]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("source", [*ASKED, *ASKED_BY_STATEMENTS])
def test_what_asks_for_a_number_or_looks_at_it_is_not_said(source, how):
    messages, _ = warned(lambda: execute(source, how))
    assert not messages


def test_the_line_is_the_users():
    x = Scalar(2.0, label="x")
    with pytest.warns(GraphWarning, match="'x'") as found:
        y = x * math.exp(x)
    line = sys._getframe().f_lineno - 1
    assert [(one.filename, one.lineno) for one in found] == [(__file__, line)]
    assert y.data == 2.0 * math.exp(2.0)
    with pytest.warns(GraphWarning) as found:
        np.gradient([x, x * 2.0])
    line = sys._getframe().f_lineno - 1
    assert [(one.filename, one.lineno) for one in found] == [(__file__, line)]


def test_inside_of_scipy_the_line_is_the_users():
    integrate = pytest.importorskip("scipy.integrate")
    w = Scalar(2.0)
    with pytest.warns(GraphWarning, match=r"integrate\.quad") as found:
        area = integrate.quad(lambda t: w * t, 0.0, 1.0)[0]
    line = sys._getframe().f_lineno - 1
    assert area == pytest.approx(1.0)
    assert [(one.filename, one.lineno) for one in found] == [(__file__, line)]


def test_once_a_line():
    x = Scalar(2.0)

    def work():
        math.exp(x)
        return math.exp(x) + math.sin(x)

    messages, found = warned(lambda: [work() for _ in range(100)])
    assert len(messages) == 2
    assert len({one.lineno for one in found}) == 2


def test_it_is_said_again_where_warnings_are_caught_anew():
    x = Scalar(2.0)
    for function in (math.exp, math.sin):
        for _ in range(2):
            with pytest.warns(GraphWarning, match=f"gg.{function.__name__}"):
                function(x)


def test_filters_work():
    x = Scalar(2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", GraphWarning)
        for _ in range(3):
            with pytest.raises(GraphWarning):
                math.exp(x)
        warnings.simplefilter("ignore", GraphWarning)
        assert math.exp(x) == math.exp(2.0)
    assert issubclass(GraphWarning, UserWarning)


def test_constants_are_numbers():
    y = Scalar(2.0) * 3.0
    constant = y.prev[1]
    assert constant.is_constant
    assert math.exp(constant) == math.exp(3.0)


def test_a_transform_names_the_function_and_its_cure():
    for transform in (gg.grad, gg.jit):
        with pytest.raises(gg.TracingError, match=r"math\.exp\(x\).*gg\.exp"):
            transform(lambda x: x * math.exp(x))(2.0)
        with pytest.raises(gg.TracingError, match=r"storing into z\[0\].*np\.zeros_like"):
            transform(lambda x: np.zeros(2).__class__ and store(x))(2.0)
        with pytest.raises(gg.TracingError, match=r"float\(x\)"):
            transform(lambda x: x * float(x))(2.0)


def store(x):
    z = np.zeros(2)
    z[0] = x
    return z[0]


# Libraries that look


def test_matplotlib_draws_nodes():
    plt = pytest.importorskip("matplotlib.pyplot")
    nodes = [Scalar(float(i)) for i in range(3)]
    figure, axes = plt.subplots()
    axes.plot(nodes)
    axes.plot(range(3), nodes, "o")
    axes.scatter(range(3), nodes)
    axes.bar(range(3), nodes)
    figure.canvas.draw()
    plt.close(figure)


@pytest.mark.parametrize("name", ["pandas", "plotly.express", "wandb.sdk"])
def test_a_viewers_own_code_may_convert(name):
    """In a module of that name: by numpy, by C, or by functions of its own."""
    module = types.ModuleType(name)
    exec(
        "import numpy as np, math\ndef show(nodes): return inner(nodes)\n"
        "def inner(nodes): return np.asarray(nodes, dtype=float), math.exp(nodes[0]), np.gradient(nodes)\n",
        module.__dict__,
    )
    module.show([Scalar(1.0), Scalar(2.0)])


def test_testing_tools_compare():
    x = Scalar(2.0)
    assert x == pytest.approx(2.0)
    assert pytest.approx(x) == 2.0
    compare = unittest.TestCase().assertAlmostEqual
    compare(x, 2.0)
    compare(x, x + 1e-9, places=5)
    np.testing.assert_almost_equal(x, 2.0)
    assert math.fsum([x, x]) == 4.0
    assert np.array([x, x], dtype=float).tolist() == [2.0, 2.0]
    doctest.run_docstring_examples("\n    >>> '%.1f' % x\n    '2.0'\n", {"x": x})


def test_logging_formats():
    log = logging.getLogger("test_conversions")
    log.propagate, stream = False, io.StringIO()
    log.addHandler(logging.StreamHandler(stream))
    log.warning("loss %.3f", Scalar(2.0))
    assert stream.getvalue() == "loss 2.000\n"


def test_a_function_passed_on_is_the_users():
    nodes = [Scalar(1.0), Scalar(2.0)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(float, nodes)) == [1.0, 2.0]
        assert pool.submit(float, nodes[0]).result() == 1.0
    found = []
    thread = threading.Thread(target=lambda: found.append(float(nodes[0])))
    thread.start()
    thread.join()
    assert found == [1.0]

    async def ask():
        return float(nodes[1])

    assert asyncio.run(ask()) == 2.0


def test_a_users_callback_in_a_library_is_the_users_line():
    nodes = [Scalar(2.0), Scalar(1.0)]
    with pytest.warns(GraphWarning, match=r"gg\.exp") as found:
        statistics.fmean([1.0, *sorted(gg.values(nodes), key=lambda v: math.exp(nodes[0]))])
    assert found[0].filename == __file__


def test_at_a_prompt_without_source():
    code = "import math, glassgrad as gg; x = gg.Scalar(2.0)\nfor _ in range(3): math.exp(x)\nfloat(x)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.count("GraphWarning") == 1
    assert "use gg.exp" in done.stderr


# What it costs


def test_a_place_is_judged_once(monkeypatch):
    judged = []
    real = conversions._judged
    monkeypatch.setattr(conversions, "_judged", lambda frame: judged.append(frame.f_lineno) or real(frame))
    x = Scalar(2.0)
    for _ in range(1000):
        float(x)
    assert len(judged) <= 2  # once more where the interpreter has specialised the call
    judged.clear()
    with pytest.warns(GraphWarning) as found:
        [math.exp(x) for _ in range(1000)]
    assert len(found) == 1
    assert len(judged) <= 2


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(conversions, "REMEMBERED", 50)
    x = Scalar(2.0)
    for k in range(200):
        eval(compile(f"float(x) + {k}", f"<cell {k}>", "eval"), {"x": x})
    assert len(conversions._settled) <= 50


def test_the_node_is_called_by_the_variable_or_by_what_made_it():
    price = Scalar(2.0)
    with pytest.warns(GraphWarning, match=r"takes the value of node 'price' out"):
        math.exp(price)
    labelled = Scalar(2.0, label="b")
    with pytest.warns(GraphWarning, match=r"takes the value of node 'b \* 3' out"):
        math.exp(labelled * 3.0)


def test_a_rule_that_returns_a_node_is_named_at_the_call_of_backward():
    s = Scalar(2.0, label="s")
    square = gg.primitive(partials=(lambda y, x: s * x,))(lambda x: x * x)
    y = square(Scalar(3.0, label="x"))
    with pytest.warns(
        GraphWarning, match=r"y\.backward\(…\) takes the value of node 's \* 3' out of the graph"
    ) as found:
        y.backward()
    assert [warning.filename for warning in found] == [__file__]
