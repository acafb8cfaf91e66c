"""Where a nan or an infinity came from: the report names the operation, its operands and its line."""

from __future__ import annotations

import inspect
import math
import pickle
import random
import threading
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad import Scalar
from helpers.branching import SMOOTH, calm, function, nasty


def here():
    """This file and the line of the caller."""
    frame = inspect.currentframe().f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


LINE = {}


def logs(x, y):
    z = x * y
    w, LINE["log"] = gg.log(z), here()
    return w + 1.0


def roots(x):
    y, LINE["sqrt"] = gg.sqrt(x), here()
    return y * 3.0


# Values


def test_a_value_outside_a_domain():
    report = gg.explain_nan(logs, -2.0, 3.0)
    assert (report.function, report.result, report.kind, report.lane) == ("logs", "the result", "value", None)
    assert (report.operation, report.operands, report.line) == ("log", (("", -6.0),), LINE["log"])
    assert math.isnan(report.value)
    assert report.node.operation is gg.log
    assert report.code == 'w, LINE["log"] = gg.log(z), here()'
    assert report.arguments == {"x": -2.0, "y": 3.0}
    for part in ("logs: the result is nan", "log(-6.0) = nan", "needs x > 0", LINE["log"], "x=-2.0, y=3.0"):
        assert part in str(report)
    assert "log(-6.0) = nan" in repr(report)


def test_none_where_all_is_finite():
    assert gg.explain_nan(logs, 2.0, 3.0) is None
    assert gg.explain_nan(gg.grad(roots), 4.0) is None


def test_an_overflow_that_becomes_a_nan_later():
    def f(x):
        e, line = gg.exp(x), here()
        return e / (e + 1.0), line

    report = gg.explain_nan(lambda x: f(x)[0], 1000.0)
    assert (report.operation, report.operands) == ("exp", (("x", 1000.0),))
    assert math.isnan(report.value)
    assert "too large for a float64" in report.why
    assert "div(inf, inf) = nan" in report.then


def test_what_was_not_chosen_does_not_matter():
    def f(x):
        safe = gg.where(x > 0, gg.log(x), 0.0)
        return safe + gg.sqrt(x - 1)

    assert gg.explain_nan(lambda x: gg.where(x > 0, gg.log(x), 0.0), -1.0) is None
    assert gg.explain_nan(f, -1.0).operation == "sqrt"
    assert gg.explain_nan(lambda x: gg.maximum(x, gg.exp(x)), 1000.0).operation == "exp"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_an_argument_is_named(bad):
    report = gg.explain_nan(lambda p, x: (p["w"][1] * x).sum(), {"w": [1.0, 2.0]}, np.array([1.0, bad]))
    assert (report.kind, report.operation, report.line) == ("argument", "", "")
    assert f"its argument 'x[1]' is {bad!r}" in str(report)
    report = gg.explain_nan(lambda p, x: p["w"][1] * x, {"w": [1.0, bad]}, 3.0)
    assert f"its argument \"p['w'][1]\" is {bad!r}" in str(report)


def test_a_constant_is_named():
    assert "mul(x=2.0, inf) = inf, from the constant inf" in str(gg.explain_nan(lambda x: x * math.inf, 2.0))
    report = gg.explain_nan(lambda x: [x, math.nan], 2.0)
    assert (report.kind, report.node, report.result) == ("constant", None, "the result[1]")
    weight = Scalar(math.nan, label="weight")
    assert "the node 'weight' from outside it is nan" in str(gg.explain_nan(lambda x: x * weight, 2.0))


def test_which_of_several_results():
    report = gg.explain_nan(lambda x: {"a": x, "b": (x, np.array([[x, x], [x, gg.log(x)]]))}, -1.0)
    assert report.result == "the result['b'][1][1, 1]"


def test_whole_numbers_that_steer():
    def f(x, n, table, flag=True):
        return sum(gg.log(x - i) * table[i] for i in range(n)) if flag is True else x

    report = gg.explain_nan(f, 2.0, 3, np.array([1, 2, 3]))
    assert (report.operation, report.operands) == ("log", (("", 0.0),))
    assert gg.explain_nan(f, 2.0, 2, np.array([1, 2, 3])) is None
    assert gg.explain_nan(lambda x: gg.log(x - 2), 2).operation == "log", "a whole number may be meant as a number"
    with pytest.raises(TypeError, match="needs a number"):
        gg.explain_nan(lambda x: x + "text", 1.0)


def test_what_else_can_be_an_argument():
    def f(x, mode, none):
        assert none is None
        return gg.log(x) if mode == "log" else x

    assert gg.explain_nan(f, -1.0, "log", none=None).operation == "log"
    assert gg.explain_nan(f, Scalar(-1.0), "log", None).operands == (("x", -1.0),)
    assert gg.explain_nan(gg.log, -1.0).operation == "log"


def test_methods():
    class Model:
        rate = -1.0

        def plain(self, x):
            return gg.log(self.rate * x)

    assert gg.explain_nan(Model().plain, 2.0).operands == (("", -2.0),)
    with pytest.raises(TypeError, match=r"rather than explain_nan\(f\(x\)\)"):
        gg.explain_nan(3.0, 2.0)


# Derivatives


def test_a_derivative():
    for f, x in ((gg.grad(roots), 0.0), (gg.jacobian(roots), 0.0)):
        report = gg.explain_nan(f, x)
        assert (report.kind, report.operation, report.operands) == ("derivative", "sqrt", (("x", 0.0),))
        assert (report.operand, report.slope, report.line) == (0, math.inf, LINE["sqrt"])
        assert "the derivative of sqrt(x=0.0) = 0.0 with respect to x is inf (it has a kink where x == 0)" in str(
            report
        )
    assert gg.explain_nan(gg.jvp(roots), (0.0,), (1.0,)).operation == "sqrt"
    assert gg.explain_nan(lambda x: gg.vjp(roots, x)[1](1.0), 0.0).operation == "sqrt"


def test_a_derivative_of_a_derivative():
    """That of x ** 1.5 at 0: 1.5 x ** 0.5 is 0, and 0.75 x ** -0.5 is infinite."""

    def f(x):
        y, LINE["pow"] = x**1.5, here()
        return y

    for g in (gg.hessian(f), gg.grad(gg.grad(f)), lambda x: gg.hvp(f, x, 1.0)):
        report = gg.explain_nan(g, 0.0)
        assert (report.kind, report.operation, report.operands[1][1]) == ("derivative", "pow", 0.5)
        assert "part of the derivative of pow(x=0.0, 1.5)" in report.why
        assert report.line == LINE["pow"]


def test_a_value_that_spoils_a_derivative():
    """tanh(exp(x)) is 1 for large x, but its derivative is 0 times infinity."""
    report = gg.explain_nan(gg.grad(lambda x: gg.tanh(gg.exp(x))), 1000.0)
    assert (report.kind, report.operation, report.operands) == ("value", "exp", (("x", 1000.0),))
    assert "mul(0.0, inf) = nan, part of the derivative of exp" in report.then


def test_a_gradient_that_overflows_on_its_way():
    report = gg.explain_nan(gg.grad(lambda x: gg.tanh(1e200 * (1e200 * x))), 0.0)
    assert (report.kind, report.operation, report.slope) == ("derivative", "mul", 1e200)
    assert "on the way to it mul(1e+200, 1e+200) = inf" in report.why


def test_a_gradient_that_is_a_number():
    """Of a function that is linear, it depends on no argument."""
    reverse = gg.grad, lambda f: lambda x: gg.vjp(f, x)[1](1.0)
    for transform in reverse:
        report = gg.explain_nan(transform(lambda x: 1e200 * (1e200 * (1e-300 * x))), 1.0)
        assert (report.kind, report.operation) == ("derivative", "mul")
        assert "on the way to it mul(" in report.why
    for transform in (*reverse, lambda f: lambda x: gg.jvp(f, (x,), (1.0,))[1]):
        report = gg.explain_nan(transform(lambda x: x * math.inf), 1.0)
        assert (report.operation, report.operands) == ("mul", (("x", 1.0), ("", math.inf)))


def test_a_rule_of_the_users_own():
    @gg.primitive(partials=lambda y, x: gg.log(x))
    def mine(x):
        return x

    report = gg.explain_nan(gg.grad(lambda x: mine(x) * 2.0), -1.0)
    assert (report.kind, report.operation) == ("derivative", "mine")
    assert math.isnan(report.slope)


# Within detect_anomaly


CALLS = {
    "grad": lambda f, x: gg.grad(f)(x),
    "value_and_grad": lambda f, x: gg.value_and_grad(f)(x),
    "jacobian": lambda f, x: gg.jacobian(f)(x),
    "jvp": lambda f, x: gg.jvp(f, (x,), (1.0,)),
    "vjp": lambda f, x: gg.vjp(f, x)[1](1.0),
    "grad of an array": lambda f, x: gg.grad(lambda xs: f(xs[0]))(np.array([x, 1.0])),
    "grad of a node": lambda f, x: gg.grad(f)(Scalar(x, label="x")),
}


@pytest.mark.parametrize("call", CALLS)
def test_transforms_name_the_operation(call):
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        CALLS[call](roots, 0.0)
    assert caught.value.node.operation is gg.sqrt
    assert caught.value.report.line == LINE["sqrt"]
    assert "the derivative of sqrt(" in str(caught.value)
    with gg.detect_anomaly(), gg.errstate(domain="nan"), pytest.raises(gg.AnomalyError) as caught:
        CALLS[call](lambda x: logs(x, 1.0), -1.0)
    assert caught.value.node.operation is gg.log
    assert caught.value.report.line == LINE["log"]
    with gg.detect_anomaly():
        CALLS[call](roots, 4.0)


def test_second_derivatives_and_products():
    for call in (lambda f, x: gg.hessian(f)(x), lambda f, x: gg.hvp(f, x, 1.0), lambda f, x: gg.grad(gg.grad(f))(x)):
        with (
            gg.detect_anomaly(),
            pytest.raises(gg.AnomalyError, match=r"part of the derivative of pow\(x=0.0, 1.5\)"),
        ):
            call(lambda x: x**1.5, 0.0)


def test_elements_of_arrays_are_named():
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        gg.grad(lambda x, y: (gg.sqrt(y) * x).sum(), 1)(np.ones(2), np.array([1.0, 0.0]))
    assert "the derivative with respect to 'y[1]' is inf" in str(caught.value)
    assert "sqrt(y[1]=0.0)" in str(caught.value)


def test_inner_transforms_are_not_stopped():
    """An inner gradient may be infinite where the result is not."""

    def f(x):
        slope = gg.grad(gg.sqrt)(x)
        return gg.where(slope > 1e300, x, slope)

    with gg.detect_anomaly():
        assert gg.grad(f)(0.0) == 1.0


def test_other_threads_and_afterwards():
    found = []

    def elsewhere():
        found.append(gg.grad(roots)(0.0))

    with gg.detect_anomaly():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    elsewhere()
    assert found == [math.inf, math.inf]


def test_the_error_pickles():
    """Else a pool of processes could not hand it on, and would wait for ever."""
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        gg.grad(roots)(0.0)
    back = pickle.loads(pickle.dumps(caught.value))
    assert str(back) == str(caught.value)
    assert (back.node.operation, back.report.why) == (gg.sqrt, caught.value.report.why)
    x = Scalar(0.0, label="x")
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError) as caught:
        gg.sqrt(x).backward()
    back = pickle.loads(pickle.dumps(caught.value))
    assert (str(back), back.node.data, back.report) == (str(caught.value), 0.0, None)


# The player


def selected(player):
    """The operation of the node that is selected when the page opens."""
    document = player.document
    return document["ops"][document["nodes"]["op"][document["selected"]]]["name"]


def test_the_player_opens_on_the_node():
    report = gg.explain_nan(logs, -2.0, 3.0)
    assert selected(report.play()) == "log"
    assert selected(gg.play(report, title="Why")) == "log"
    assert gg.play(report, title="Why").title == "Why"
    assert '"selected":' in report.play().html()
    report = gg.explain_nan(gg.grad(lambda x: roots(x) + 1.0), 0.0)
    player = report.play()
    assert selected(player) == "sqrt"
    assert [op["name"] for op in player.document["ops"]] == ["identity", "sqrt", "mul", "add"], "what is differentiated"
    for f, x in ((gg.hessian(lambda x: x**1.5), 0.0), (gg.grad(lambda x: gg.tanh(gg.exp(x))), 1000.0)):
        report = gg.explain_nan(f, x)
        assert selected(report.play()) == report.operation
    argument = gg.explain_nan(lambda x: x * 2, math.nan).play()
    assert argument.document["nodes"]["op"][argument.document["selected"]] == -1
    with pytest.raises(ValueError, match="no graph to play"):
        gg.explain_nan(lambda x: math.nan, 1.0).play()


def test_a_node_can_be_selected_in_any_graph():
    x, other = Scalar(2.0, label="x"), Scalar(1.0, label="other")
    y = x * x
    z = y + 1.0
    assert gg.play(z).document["selected"] is None
    assert selected(gg.play(z, select=y)) == "mul"
    with pytest.raises(ValueError, match="select must be a node of the graph, got 'other'"):
        gg.play(z, select=other)


# Random functions


@given(seed=st.integers(0, 2**64))
def test_random_functions(seed):
    """There is a report where, and only where, Python's own floats are not finite; what it names is the first."""
    draw = random.Random(seed)
    f = function(draw, SMOOTH, 9, 5, nasty)
    row = [(nasty if draw.random() < 0.5 else calm)(draw) for _ in range(f.inputs)]
    transforms = [
        lambda f: f,
        gg.grad,
        gg.hessian,
        lambda f: lambda x, *more: gg.jvp(lambda t: f(t, *more), (x,), (1.0,)),
    ]
    for transform in transforms:
        g = transform(f)
        with gg.errstate(domain="nan"):
            finite = np.isfinite(np.array(g(*row), dtype=float)).all()
        report = gg.explain_nan(g, *row)
        assert (report is None) == finite
        if report is None:
            continue
        assert not math.isfinite(report.value)
        assert report.kind in ("value", "derivative", "argument", "constant")
        if report.kind == "value":
            assert not math.isfinite(report.node.data)
            assert all(
                math.isfinite(x.data) or x.is_constant or report.node.operation.selects for x in report.node.prev
            ) or ("from the constant" in report.why)
        if report.kind == "derivative":
            assert not math.isfinite(report.slope) or "on its way" in report.why
        if report.kind == "argument":
            assert not all(map(math.isfinite, row))
        if report.node is not None:
            assert report.play().document["selected"] is not None
        if transform is gg.grad:
            with gg.errstate(domain="nan"), gg.detect_anomaly(), pytest.raises(gg.AnomalyError):
                g(*row)


def test_nothing_is_said_twice():
    """Numbers outside of a domain give no warning of NumPy's besides."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gg.explain_nan(lambda x: gg.sqrt(x).sum(), np.array([1.0, -1.0])).operation == "sqrt"
