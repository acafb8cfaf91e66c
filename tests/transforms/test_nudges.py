"""Nudges against closed forms: their values, their errors, and whether they catch a wrong gradient."""

from __future__ import annotations

import cmath
import enum
import math
from collections import OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.transforms import nudges
from glassgrad.transforms.nudges import (
    FIRST_DERIVATIVE,
    METHODS,
    ONE_SIDED_STEP,
    SAFETY,
    GradReport,
    compare,
    derivative,
    estimate,
    partials,
)

# A function, its derivative, where to ask for it: easy, huge, tiny, quickly turning, beside edges and kinks.
CLOSED_FORMS = [
    ("exp", math.exp, math.exp, [0, 1, -5, 30, 700, -700]),
    ("log", math.log, lambda x: 1 / x, [1, 1e-3, 1e-10, 1e-20, 1e-300, 1e10, 1e300]),
    ("sin", math.sin, math.cos, [0, 1, 100, 1e6, 1e10, math.pi]),
    ("cos at its tops", math.cos, lambda x: -math.sin(x), [0, math.pi, 1e-9]),
    ("tanh", math.tanh, lambda x: 1 / math.cosh(x) ** 2, [0, 1, -3, 5, 15, 20, 300]),
    ("square", lambda x: x * x, lambda x: 2 * x, [0, 1, 1e-10, 1e10, 1e150]),
    ("cube", lambda x: x**3, lambda x: 3 * x * x, [0, 1e-5, 1, 1e100]),
    ("sqrt", math.sqrt, lambda x: 0.5 / math.sqrt(x), [1, 1e-4, 1e-12, 1e12]),
    ("reciprocal", lambda x: 1 / x, lambda x: -1 / x / x, [1, -1e-3, 1e-6, 1e5, 1e-100]),
    ("x log x", lambda x: x * math.log(x), lambda x: math.log(x) + 1, [1e-5, 1, 1 / math.e]),
    ("asin beside its edge", math.asin, lambda x: 1 / math.sqrt(1 - x * x), [0, 0.5, 0.999999, -0.999999999]),
    ("constant", lambda x: 5.0, lambda x: 0.0, [0, 3, -1e9]),
    ("line far up", lambda x: 3 * x + 1e9, lambda x: 3.0, [0, 1, 1e5]),
    ("sin(1e8 x)", lambda x: math.sin(1e8 * x), lambda x: 1e8 * math.cos(1e8 * x), [0, 1, 0.3, 1e-8]),
    ("sin(1e10 x)", lambda x: math.sin(1e10 * x), lambda x: 1e10 * math.cos(1e10 * x), [0, 1, 0.3]),
    ("atan(1e6 x)", lambda x: math.atan(1e6 * x), lambda x: 1e6 / (1 + (1e6 * x) ** 2), [0, 1e-6, 1e-3, 1]),
    (
        "a narrow bell",
        lambda x: math.exp(-(((x - 1) * 1e5) ** 2)),
        lambda x: -2e10 * (x - 1) * math.exp(-(((x - 1) * 1e5) ** 2)),
        [1, 1 + 1e-5, 1 + 2e-6],
    ),
    ("abs beside its kink", abs, lambda x: math.copysign(1, x), [1, 1e-5, 1e-9, -1e-12, 1e-20]),
    ("relu(x - 1)", lambda x: max(x - 1, 0.0), lambda x: float(x > 1), [1 + 1e-5, 1 + 1e-9, 1 - 1e-9, 3]),
    ("x ** 1.5, complex below 0", lambda x: x**1.5, lambda x: 1.5 * x**0.5, [2, 1e-8]),
    ("(x - 1) ** 3, multiplied out", lambda x: x**3 - 3 * x**2 + 3 * x - 1, lambda x: 3 * (x - 1) ** 2, [1, 1.01]),
]
POINTS = [(name, f, df, float(x)) for name, f, df, xs in CLOSED_FORMS for x in xs]


def label(point):
    return f"{point[0]} at {point[3]:g}"


@pytest.mark.parametrize("point", POINTS, ids=label)
def test_estimates_hold_what_they_promise(point):
    _, f, df, x = point
    value, error = estimate(f, x)
    exact = df(x)
    assert abs(value - exact) <= SAFETY * error + 1e-12 * abs(exact)
    assert derivative(f, x) == value


@pytest.mark.parametrize("point", POINTS, ids=label)
def test_a_right_gradient_passes_and_a_wrong_one_does_not(point):
    _, f, df, x = point
    exact = df(x)
    assert compare(exact, f, x).ok
    size = max(abs(f(x)) / max(abs(x), 1.0), abs(exact)) or 1.0  # of a slope that matters there
    if "1e10" in point[0] or x == 1e10:  # rounding of the argument, 1e-6 there, leaves no more to see
        assert not compare(exact + 0.2 * size, f, x).ok
    else:
        assert not compare(exact + 1e-3 * size, f, x).ok


def test_easy_functions_to_eleven_digits_in_few_calls():
    calls = []

    def counted(x):
        calls.append(x)
        return math.exp(x)

    assert derivative(counted, 1.0) == pytest.approx(math.e, rel=1e-12)
    assert len(calls) <= 15


# The methods ------------------------------------------------------------------------------------------------


def test_the_plain_methods_are_the_textbook_quotients():
    f, x, h = math.exp, 1.0, 0.25
    assert derivative(f, x, method="central", step=h) == (f(x + h) - f(x - h)) / (2 * h)
    assert derivative(f, x, method="forward", step=h) == (f(x + h) - f(x)) / h
    assert derivative(f, x, method="backward", step=h) == (f(x) - f(x - h)) / h


@pytest.mark.parametrize("x", [0.0, 1.0, -3.0, 12.5, 30.0])
def test_default_steps_balance_truncation_and_rounding(x):
    assert derivative(math.sin, x, method="central") == pytest.approx(math.cos(x), abs=FIRST_DERIVATIVE * max(1, x))
    for method in ("forward", "backward"):
        assert derivative(math.sin, x, method=method) == pytest.approx(math.cos(x), abs=4 * ONE_SIDED_STEP * max(1, x))


def test_richardson_sees_more_than_one_difference():
    hard = [
        (math.tan, 1.57, lambda x: 1 / math.cos(x) ** 2),
        (math.exp, 20.0, math.exp),
        (math.log, 1e-3, lambda x: 1 / x),
    ]
    for f, x, df in hard:
        plain = abs(derivative(f, x, method="central") / df(x) - 1)
        extrapolated = abs(derivative(f, x, method="richardson") / df(x) - 1)
        assert extrapolated < plain / 100


def test_the_complex_step_is_exact_to_rounding():
    for x in (-3.0, 0.1, 1.0, 20.0):
        slope = derivative(lambda z: cmath.exp(z) * cmath.sin(z), x, method="complex")
        assert slope == pytest.approx(math.exp(x) * (math.sin(x) + math.cos(x)), rel=4 * nudges.EPS)
    assert derivative(np.tanh, 0.5, method="complex") == pytest.approx(1 / np.cosh(0.5) ** 2, rel=4 * nudges.EPS)
    assert derivative(lambda x: x**3, -3.0, method="complex") == 27.0
    assert derivative(lambda x: x**3, 1.0, method="complex", step=1e-200) == 3.0


def test_at_an_edge_one_side_serves():
    assert derivative(lambda x: x * x + x if x >= 0 else math.nan, 0.0) == pytest.approx(1.0, rel=1e-12)
    assert derivative(lambda x: x + math.sqrt(x) ** 4, 0.0) == pytest.approx(1.0, rel=1e-9)  # raises below 0
    assert derivative(lambda x: x**1.5, 0.0) == pytest.approx(0.0, abs=1e-6)
    assert derivative(lambda x: math.sqrt(1 - x) ** 2, 1.0) == pytest.approx(-1.0, rel=1e-9)
    with pytest.raises(ValueError, match="not on both sides"):
        derivative(math.sqrt, 0.0, method="richardson")


def test_at_a_kink_the_mean_of_both_sides():
    assert derivative(abs, 0.0) == 0.0
    assert derivative(lambda x: max(x, 0.0), 0.0) == 0.5
    assert derivative(abs, 0.0, method="forward") == 1.0
    assert derivative(abs, 0.0, method="backward") == -1.0


def test_at_the_ends_of_the_floats():
    assert derivative(lambda x: 3 * x, 5e307) == pytest.approx(3.0, rel=1e-12)
    assert derivative(lambda x: 3 * x, 5e-324) == pytest.approx(3.0, rel=1e-12)
    assert derivative(lambda x: 1.7e308 * math.tanh(x), 0.0) == pytest.approx(1.7e308, rel=1e-11)
    assert derivative(lambda x: 1e-300 * x, 1.0) == pytest.approx(1e-300, rel=1e-11)
    assert derivative(lambda x: x * x, 1.0, step=1e-9) == pytest.approx(2.0, rel=1e-5)
    with pytest.raises(ValueError, match="no slope"):
        derivative(lambda x: math.copysign(1.7e308, x), 0.0)


def test_numpy_is_not_asked_to_warn_of_what_lies_beyond_an_edge():
    assert derivative(np.log, 1e-3) == pytest.approx(1000)  # warnings are errors here


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=6), st.floats(-10, 10))
def test_polynomials(coefficients, x):
    def f(t):
        total = 0.0
        for c in coefficients:
            total = total * t + c
        return total

    degree = len(coefficients) - 1
    terms = [c * (degree - i) * x ** (degree - i - 1) for i, c in enumerate(coefficients[:-1])]
    value, error = estimate(f, x)
    size = sum(abs(c) * max(abs(x), 1) ** (degree - i) for i, c in enumerate(coefficients))
    assert value == pytest.approx(math.fsum(terms), abs=SAFETY * error + 1e-12 * size)
    assert error <= 1e-8 * size + 1e-300


@pytest.mark.parametrize("frequency", [2 * math.pi * k for k in (1, 8, 16, 64, 500, 4096)])
def test_waves_as_long_as_a_step_do_not_look_flat(frequency):
    for x in (0.0, 2.0, 2.1):
        assert compare(frequency * math.cos(frequency * x), lambda t: math.sin(frequency * t), x).ok
        assert not compare(0.0, lambda t: math.sin(frequency * t), x).ok


@given(st.floats(0.01, 100), st.floats(-100, 100), st.floats(-5, 5))
def test_waves_of_any_length(frequency, phase, x):
    slope = frequency * math.cos(frequency * x + phase)
    value, error = estimate(lambda t: math.sin(frequency * t + phase), x)
    unseen = nudges.EPS * (abs(frequency * x) + abs(phase)) * (1 + frequency)  # rounding inside the function
    assert abs(value - slope) <= SAFETY * error + 1000 * unseen
    assert error <= 1e-8 * frequency + 1e-11


# Several arguments, and structure ----------------------------------------------------------------------------


def test_partials_of_the_notebooks_neuron():
    def neuron(x1, x2, w1, w2, b):
        return math.tanh(x1 * w1 + x2 * w2 + b)

    slopes = partials(neuron, 2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
    assert slopes == pytest.approx((-1.5, 0.5, 1.0, 0.0, 0.5), abs=1e-11)


def test_partials_keep_the_structure_of_their_argument():
    Point = namedtuple("Point", "x y")
    tree = {"w": np.array([[1.0, 2.0], [3.0, 4.0]]), "p": Point(5.0, [6, (7.0,)])}

    def f(t, k):
        return (t["w"] ** 2).sum() / 2 + k * (t["p"].x + 2 * t["p"].y[0] * t["p"].y[1][0])

    by_tree, by_k = partials(f, tree, 2)
    np.testing.assert_allclose(by_tree["w"], tree["w"], rtol=1e-11)
    assert isinstance(by_tree["p"], Point)
    assert by_tree["p"].x == pytest.approx(2.0)
    assert by_tree["p"].y == [pytest.approx(28.0), (pytest.approx(24.0),)]
    assert by_k == pytest.approx(5 + 84)
    assert partials(lambda t: t["a"] * 2, OrderedDict(a=1.0)) == (OrderedDict(a=pytest.approx(2.0)),)
    assert partials(lambda: 1.0) == ()


def test_arguments_are_left_as_they_were():
    w = np.array([1, 2, 3])  # of integers, too
    (slope,) = partials(lambda w: float(w @ w), w)
    np.testing.assert_allclose(slope, [2, 4, 6], rtol=1e-11)
    assert w.tolist() == [1, 2, 3]


# Reports ----------------------------------------------------------------------------------------------------


def test_a_report_says_which_argument_is_wrong():
    def area(width, height):
        return width * height

    report = compare((4.0, 2.0), area, 3.0, 4.0)
    assert [(row.name, row.verdict) for row in report.rows] == [("width", "ok"), ("height", "WRONG")]
    assert not report
    assert not report.ok
    assert report.rows[1].numeric == pytest.approx(3.0)
    assert report.rows[1].difference == pytest.approx(1.0)
    lines = str(report).splitlines()
    assert lines[0] == "gradient of area: 1 ok, 1 WRONG"
    assert lines[1].split() == ["argument", "value", "analytic", "numeric", "difference", "tolerance", "verdict"]
    assert lines[1].index("verdict") == lines[2].index("ok") == lines[3].index("WRONG")
    assert repr(report) == str(report)
    with pytest.raises(AssertionError, match="1 WRONG"):
        report.raise_if_wrong()
    compare((4.0, 3.0), area, 3.0, 4.0).raise_if_wrong()


def test_verdicts_at_kinks_edges_and_infinities():
    def verdict(analytic, f, x):
        return compare(analytic, f, x).rows[0].verdict

    assert verdict(0.0, abs, 0.0) == verdict(1.0, abs, 0.0) == verdict(-1.0, abs, 0.0) == "kink"
    assert verdict(1.5, abs, 0.0) == "WRONG"
    assert verdict(math.nan, abs, 0.0) == "WRONG"
    assert verdict(math.nan, math.exp, 1.0) == verdict(math.inf, math.exp, 1.0) == "WRONG"
    assert verdict(math.inf, math.sqrt, 0.0) == "undefined"
    assert verdict(1.0, math.floor, 1.0) == "undefined"
    assert verdict(0.0, math.floor, 1.5) == "ok"
    assert verdict(0.0, lambda x: math.nan, 1.0) == "undefined"
    assert verdict(1.0, lambda x: x, math.inf) == "undefined"
    assert verdict(0.0, lambda x: x * abs(x), 0.0) == "ok"  # smooth once, that is enough


def test_a_kink_and_a_place_not_checked_are_explained():
    report = compare((0.0, 1.0), lambda a, b: abs(a) + math.floor(b), 0.0, 1.0)
    assert "a is at a kink: slope -1 on its left, 1 on its right" in str(report)
    assert "b could not be checked" in str(report)
    assert not report.ok
    assert compare(0.0, abs, 0.0).ok


def test_rows_are_named_by_their_place():
    report = compare(
        ({"w": np.array([[0.0, 2.0]])}, [1.0]),
        lambda p, q: p["w"][0, 0] ** 2 + 2 * p["w"][0, 1] + q[0],
        {"w": np.zeros((1, 2))},
        [3],
    )
    assert [row.name for row in report.rows] == ["p['w'][0, 0]", "p['w'][0, 1]", "q[0]"]
    assert report.ok
    assert [row.name for row in compare((1.0, 1.0), lambda *xs: sum(xs), 1.0, 2.0).rows] == ["xs[0]", "xs[1]"]
    assert compare(1.0, lambda x: x, 1.0, names=["w<1>"]).rows[0].name == "w<1>"
    assert [row.name for row in compare((3.0, 2.0), lambda a, *more: a * more[0], 2.0, 3.0).rows] == ["a", "more[0]"]


def test_tolerances_can_be_set():
    assert compare(6.1, lambda x: x * x, 3.0, rtol=0.1).ok
    assert compare(6.1, lambda x: x * x, 3.0, atol=0.2).ok
    assert not compare(6.1, lambda x: x * x, 3.0, rtol=1e-3, atol=1e-3).ok
    assert compare(6.1, lambda x: x * x, 3.0, atol=0.2).rows[0].tolerance == pytest.approx(0.2, rel=1e-6)


def test_a_long_report_shows_the_doubtful_rows_first():
    ones = np.ones(100)
    ones[77] = 2.0
    report = compare((ones,), lambda w: w.sum(), np.zeros(100))
    assert len(report.rows) == 100
    lines = str(report).splitlines()
    assert len(lines) == GradReport.SHOWN + 3
    assert lines[2].startswith("w[77]")
    assert lines[-1] == "(60 more, all in .rows)"


def test_in_a_notebook_a_report_is_a_table_and_names_are_text():
    html = compare((0.0,), abs, 0.0, names=["<b>&"])._repr_html_()
    assert html.count("<tr") == 2
    assert "&lt;b&gt;&amp;" in html
    assert "kink" in html


# Bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "was `return` forgotten"),
        ("1.5", "must return one number"),
        ([1.0], "must return one number"),
        (np.ones(1), "must return one number"),
        (1j, "complex"),
        (np.complex64(1j), "complex"),
    ],
)
def test_what_f_returns_must_be_a_number(returned, said):
    for judge in (derivative, partials, estimate, lambda f, x: compare(0.0, f, x)):
        with pytest.raises(TypeError, match=said):
            judge(lambda x: returned, 1.0)


@pytest.mark.parametrize("x", ["1", None, 1j, [1.0], np.ones(2), np.complex128(1)])
def test_x_must_be_a_number(x):
    with pytest.raises(TypeError, match="x must be a real number"):
        derivative(math.exp, x)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_x_must_be_finite(x):
    with pytest.raises(ValueError, match="must be finite"):
        derivative(math.exp, x)


def test_things_that_float_takes_are_numbers():
    for one in (1, True, np.float32(1), np.array(1.0), np.int64(1)):
        assert derivative(lambda x: np.float32(x) * 2, one, step=0.25) == pytest.approx(2.0)


@pytest.mark.parametrize("step", [0.0, -1.0, math.inf, math.nan])
def test_a_step_must_be_positive(step):
    with pytest.raises(ValueError, match="positive"):
        derivative(math.exp, 1.0, step=step)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "complex"])
def test_a_step_must_move_x(method):
    with pytest.raises(ValueError, match="large enough to move"):
        derivative(math.exp, 1.0, method=method, step=1e-17)


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match="method must be one of auto, central"):
        derivative(math.exp, 1.0, method="middle")
    with pytest.raises(TypeError, match="the function itself"):
        derivative(math.exp(1.0), 1.0)
    with pytest.raises(TypeError, match="must be a function, got 3"):
        partials(3.0, 1.0)
    with pytest.raises(TypeError, match="must be a function, got 3"):
        compare(1.0, 3.0, 1.0)
    with pytest.raises(TypeError, match="cmath"):
        derivative(math.sin, 1.0, method="complex")
    with pytest.raises(TypeError, match="Leave out method='complex'"):
        derivative(abs, 1.0, method="complex")
    with pytest.raises(ValueError, match="disagree"):
        derivative(math.floor, 1.0)
    with pytest.raises(ValueError, match="no slope"):
        derivative(lambda x: math.nan, 1.0)
    with pytest.raises(TypeError, match=r"argument 0\['w'\]\[1\] must be a real number, got 'a'"):
        partials(lambda p: 1.0, {"w": [1.0, "a"]})
    with pytest.raises(ValueError, match="each of 2 arguments, got 1"):
        compare((1.0,), lambda a, b: a, 1.0, 2.0)
    with pytest.raises(ValueError, match="same structure"):
        compare(([1.0],), lambda a: a[0], [1.0, 2.0])
    with pytest.raises(TypeError, match="must be a real number, got None"):
        compare((None,), abs, 1.0)
    with pytest.raises(ZeroDivisionError):
        derivative(lambda x: 1 / x, 0.0)


class Shape(enum.Enum):
    ROUND = "round"
    FLAT = "flat"


@pytest.mark.parametrize(("option", "good"), [(Shape.ROUND, 6.0), (Shape.FLAT, 1.0), (None, 1.0), (slice(1), 1.0)])
def test_check_grad_leaves_out_what_steers_the_function(option, good):
    report = gg.check_grad(lambda x, shape: x * x if shape is Shape.ROUND else x, 3.0, option)
    assert report
    assert f"{good:g}" in str(report)
