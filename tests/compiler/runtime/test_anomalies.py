"""Compiled functions whose results are nan or infinite: which lane, which operation, which line."""

from __future__ import annotations

import functools
import inspect
import math
import pickle
import random
import threading
from typing import NamedTuple

import numpy as np
import optree
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassgrad as gg
from helpers.branching import EXACT, SMOOTH, calm, code_for, function, nasty

pytestmark = pytest.mark.filterwarnings("ignore:.*changes the dict 'LINE':RuntimeWarning")

X = np.array([4.0, 1.0, -1.0, -9.0])
Y = np.array([1.0, 2.0, 3.0, 4.0])
LINE = {}


def here():
    """This file and the line of the caller."""
    frame = inspect.currentframe().f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def logs(x, y):
    z, LINE["log"] = gg.log(x), here()
    return z * y if y > 0 else z


def roots(x):
    y, LINE["sqrt"] = gg.sqrt(x), here()
    return y * 3.0


def report_of(f, *args, **kwargs):
    """What is found within `detect_anomaly`, which is what `explain_nan` finds."""
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        f(*args, **kwargs)
    report = caught.value.report
    assert str(caught.value) == str(report)
    assert caught.value.node is report.node
    kwargs.pop("out", None)
    if not any(isinstance(x, np.ndarray) and not np.isfinite(x).all() for x in args):
        assert str(gg.explain_nan(f, *args, **kwargs)) == str(report)
    return report


@pytest.mark.parametrize("calls", [0, 1, 300])
def test_the_first_bad_lane(calls):
    """Whatever code runs: that of the first call, fast paths in C, code that was made better."""
    batch, one = gg.vmap(logs), gg.jit(logs)
    for _ in range(calls):
        batch(abs(X), Y)
        one(2.0, 3.0)
    report = report_of(batch, X, Y)
    assert (report.lane, report.lanes, report.function, report.result) == (2, (2, 4), "logs", "the result")
    assert (report.operation, report.operands, report.line) == ("log", (("x", -1.0),), LINE["log"])
    assert report.arguments == {"x": -1.0, "y": 3.0}
    for part in ("logs: the result is nan in lane 2", "log(x=-1.0) = nan", LINE["log"], "2 of 4 are not finite"):
        assert part in str(report)
    report = report_of(one, -3.0, 2.0)
    assert (report.lane, report.operation, report.operands) == (None, "log", (("x", -3.0),))
    with gg.detect_anomaly():
        assert one(1.0, 5.0) == 0.0
        assert batch(abs(X), Y).tolist() == gg.vmap(logs)(abs(X), Y).tolist()
        assert gg.explain_nan(batch, abs(X), Y) is None
    assert math.isnan(one(-3.0, 2.0)), "and afterwards nothing is looked at"
    assert np.isnan(batch(X, Y)[2:]).all()


@pytest.mark.parametrize("transform", [gg.grad, gg.value_and_grad, gg.jacobian])
def test_a_derivative(transform):
    report = report_of(gg.vmap(transform(roots)), np.array([4.0, 0.0, 0.0]))
    assert (report.lane, report.kind, report.operation, report.line) == (1, "derivative", "sqrt", LINE["sqrt"])
    assert "the derivative of sqrt(x=0.0) = 0.0 with respect to x is inf (it has a kink where x == 0)" in str(report)
    report = report_of(gg.jit(transform(roots)), 0.0)
    assert (report.lane, report.kind, report.operation, report.line) == (None, "derivative", "sqrt", LINE["sqrt"])


def test_a_second_derivative():
    report = report_of(gg.vmap(gg.hessian(lambda x: x**1.5)), np.array([4.0, 0.0]))
    assert report.lane == 1
    assert "part of the derivative of pow(x=0.0, 1.5)" in report.why


class Line(NamedTuple):
    slope: float

    @gg.jit
    def at(self, x):
        return gg.log(self.slope * x)


def test_a_method():
    report = report_of(Line(-1.0).at, 2.0)
    assert (report.operation, report.operands) == ("log", (("", -2.0),))


def test_which_result_of_a_structure():
    def f(p, x):
        return {"a": p["w"] * x, "b": (x, np.array([x, p["w"] / x]))}

    report = report_of(gg.vmap(f, in_axes=(None, 0)), {"w": 3.0}, np.array([1.0, 0.0]))
    assert (report.lane, report.result, report.operation) == (1, "the result['b'][1][1]", "div")
    assert report.arguments == {"p['w']": 3.0, "x": 0.0}
    report = report_of(gg.jit(f), {"w": 3.0}, 0.0)
    assert (report.result, report.operands) == ("the result['b'][1][1]", (("p['w']", 3.0), ("x", 0.0)))


def test_lanes_on_other_axes():
    a = np.array([[1.0, 0.0, 4.0], [1.0, 2.0, -1.0]])
    report = report_of(gg.vmap(lambda x: gg.sqrt(x).sum(), in_axes=1), a)
    assert (report.lane, report.operands) == (2, (("x[1]", -1.0),))
    report = report_of(gg.vmap(lambda x, k: gg.sqrt(x).sum() * k, in_axes=(-1, None)), a, 2)
    assert report.lane == 2
    report = report_of(gg.vmap(lambda x, k: gg.log(x) * k), X, k=np.arange(4))
    assert (report.lane, report.arguments) == (2, {"x": -1.0, "k": 2.0})


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_sums_over_the_lanes(reduce):
    batch = gg.vmap(logs, reduce=reduce)
    for _ in range(50):
        batch(abs(X), Y)
    report = report_of(batch, X, Y)
    assert (report.lane, report.operation, report.line) == (2, "log", LINE["log"])
    report = report_of(gg.vmap(lambda x: x * 1e300, reduce=reduce), np.array([1.0, 1e8, 1e8, 1.0]))
    assert (report.lane, report.kind) == (2, "sum")
    assert "every lane is finite" in str(report)
    slope = gg.vmap(gg.value_and_grad(roots), reduce=reduce)
    assert report_of(slope, np.array([4.0, 1.0, 0.0])).lane == 2


def test_out_that_is_an_argument():
    x = X.copy()
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        gg.vmap(lambda x: gg.log(x))(x, out=x)
    assert caught.value.report.operands == (("x", -1.0),)
    assert np.isnan(x[2:]).all(), "the results are there all the same"
    one = np.array([1.0, -1.0])
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        gg.jit(lambda x: np.log(x))(one, out=one)
    assert caught.value.report.operands == (("x[1]", -1.0),)


def test_float32():
    small = np.array([1.0, -1.0], np.float32)
    assert report_of(gg.vmap(lambda x: gg.log(x)), small).operands == (("x", -1.0),)
    large = np.array([1.0, 1e10], np.float32)
    for report in (report_of(gg.vmap(lambda x: x * 1e30), large), report_of(gg.jit(lambda x: x * 1e30), large)):
        assert (report.kind, report.node) == ("float32", None)
        assert "too large for a float32" in str(report)


def test_an_argument_that_is_not_finite():
    for bad in (math.nan, math.inf):
        report = report_of(gg.vmap(lambda x, y: x * y), np.array([1.0, bad]), np.ones(2))
        assert (report.lane, report.kind) == (1, "argument")
        assert f"its argument 'x' is {bad!r}" in str(report)


def test_a_node_from_outside():
    weight = gg.Scalar(2.0, label="weight")
    f = gg.vmap(lambda x: x * weight)
    f(X)
    weight.data = math.nan
    report = report_of(f, X)
    assert (report.lane, report.kind) == (0, "constant")
    assert "the node 'weight' from outside it is nan" in str(report)


def test_compiled_functions_within():
    """Each is looked at once, from outside."""
    inner = gg.jit(logs)

    def outer(x):
        return inner(x, 1.0) + inner(2.0, 1.0)

    report = report_of(gg.vmap(outer), X)
    assert (report.function, report.lane, report.line) == ("outer", 2, LINE["log"])
    report = report_of(gg.jit(gg.vmap(logs)), X, Y)
    assert (report.result, report.operands) == ("the result[2]", (("x[2]", -1.0),))
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        gg.grad(gg.jit(roots))(0.0)
    assert caught.value.node.operation is gg.sqrt


@pytest.mark.parametrize(
    ("f", "function", "argument"),
    [
        (gg.jit(gg.grad(gg.sqrt)), "gg.grad(sqrt)", "x"),
        (gg.grad(gg.sqrt), "gg.grad(sqrt)", "x"),
        (gg.vmap(gg.value_and_grad(functools.partial(logs, y=1.0))), "gg.value_and_grad(logs)", "x"),
        (gg.jit(lambda *args: gg.log(args[0])), f"your function at {__file__}", "args[0]"),
        (gg.jit(lambda *z: gg.log(z[0])), f"your function at {__file__}", "z[0]"),
    ],
)
def test_functions_and_arguments_have_their_users_names(f, function, argument):
    report = gg.explain_nan(f, np.zeros(1) if isinstance(f, type(gg.vmap(logs))) else 0.0)
    assert report.function.startswith(function)
    assert next(iter(report.arguments)) == argument


def test_what_was_not_chosen_does_not_matter():
    safe = gg.vmap(gg.value_and_grad(lambda x: gg.where(x > 0, gg.log(x), 0.0)))
    with gg.detect_anomaly():
        safe(X)
    assert gg.explain_nan(safe, X) is None


def test_without_its_function():
    f = gg.jit(lambda x: gg.log(x))
    f(2.0)
    report = report_of(pickle.loads(pickle.dumps(f)), -1.0)
    assert report.kind == "unknown"
    assert "came back from a pickle without its function" in str(report)


def test_another_thread_is_not_looked_at():
    f, found = gg.jit(logs), []
    for _ in range(20):
        f(1.0, 1.0)
    with gg.detect_anomaly():
        thread = threading.Thread(target=lambda: found.append(f(-1.0, 1.0)))
        thread.start()
        thread.join()
    assert math.isnan(found[0])


def test_inputs_that_run_uncompiled():
    """Beyond `max_paths`."""
    f = gg.jit(lambda x: gg.log(x) if x > 0 else gg.log(x) * 2, max_paths=1)
    f(1.0)
    with pytest.warns(RuntimeWarning):
        assert math.isnan(f(-1.0))
    assert report_of(f, -1.0).operation == "log"


def test_the_player_opens_on_the_lane():
    report = report_of(gg.vmap(gg.grad(roots)), np.array([4.0, 0.0]))
    document = gg.play(report).document
    nodes = document["nodes"]
    assert document["ops"][nodes["op"][document["selected"]]]["name"] == "sqrt"
    assert nodes["value"][document["selected"]] == 0.0


@settings(max_examples=max(10, settings().max_examples // 4))
@given(seed=st.integers(0, 2**64))
def test_random_functions(seed):
    """An error where, and only where, NumPy finds a nan or infinity in the results, and of the first such lane."""
    draw = random.Random(seed)
    operations = SMOOTH if seed % 2 else EXACT
    f = function(draw, operations, 9, 5, calm)
    rows = [[(nasty if seed % 3 else calm)(draw) for _ in range(f.inputs)] for _ in range(6)]
    columns = [np.array(column) for column in zip(*rows)]
    with code_for("none"):
        for transform in (lambda f: f, gg.value_and_grad) if seed % 2 else (lambda f: f,):
            each = gg.vmap(transform(f))
            leaves = optree.tree_leaves(each(*columns))
            bad = np.array([not all(np.isfinite(leaf[k]).all() for leaf in leaves) for k in range(len(rows))])
            for batch in (each, gg.vmap(transform(f), reduce="sum")):
                whole = batch(*columns)
                finite = all(np.isfinite(leaf).all() for leaf in optree.tree_leaves(whole))
                try:
                    with gg.detect_anomaly():
                        batch(*columns)
                    assert finite
                except gg.AnomalyError as error:
                    assert not finite
                    report = error.report
                    assert report.kind != "unknown"
                    assert report.lane == int(bad.argmax()) if bad.any() else report.kind == "sum"
