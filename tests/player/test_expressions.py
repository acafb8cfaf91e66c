"""Expressions typed in a shell: they mean what Python means by them, and nothing else gets through."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.player.expressions import ExpressionError, callables, names_in, parse

VALUES = {"x": 0.7, "y": -1.3, "z": 2.5}


def test_the_neuron():
    values = {"x1": 2, "w1": -3, "x2": 0, "w2": 1, "b": 6.8813735870195432}
    o = parse("tanh(x1*w1 + x2*w2 + b)", values)
    o.backward()
    leaves = {leaf.label: leaf for leaf in gg.graph.leaves(o)}
    assert list(leaves) == ["x1", "w1", "x2", "w2", "b"]
    assert o.data == pytest.approx(math.sqrt(0.5))
    assert leaves["x1"].grad == pytest.approx(-1.5)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-x**2", -(0.7**2)),
        ("2**x**2", 2 ** (0.7**2)),
        ("x - y - z", 0.7 + 1.3 - 2.5),
        ("x / y / z", 0.7 / -1.3 / 2.5),
        ("7 // z + 7 % z + x + y", 7 // 2.5 + 7 % 2.5 + 0.7 - 1.3),
        ("+x * -y - -z", 0.7 * 1.3 + 2.5),
        ("max(x, y) + min(x, z) * pi", 0.7 + 0.7 * math.pi),
        ("where(greater(x, y), x, z) * ln(z)", 0.7 * math.log(2.5)),
        (" ( x\n +  y ) ", 0.7 - 1.3),
        ("0x10 * x + 1_000 * 1e-3", 16 * 0.7 + 1),
        ("leaky_relu(y) + clip(z, 0, 1) + sigmoid(0*x)", -0.013 + 1 + 0.5),
    ],
)
def test_it_means_what_python_means(text, value):
    used = {name: VALUES[name] for name in names_in(text)}
    assert parse(text, used).data == pytest.approx(value, rel=1e-14)


def test_powers_of_numbers_are_of_floats_and_end_at_once():
    assert parse("x * 9**9**9", {"x": 1.0}).data == math.inf


def test_nodes_may_be_given_and_names_are_those_that_pythons_parser_makes_of_them():
    x = gg.Scalar(2.0)
    y = parse("x * ﬁ", {"x": x, "ﬁ": 3.0})
    assert y.prev[0] is x
    assert y.prev[1].label == "fi"


def test_a_long_sum_needs_no_deep_stack():
    y = parse(" + ".join(["x"] * 900), {"x": 1.0})
    y.backward()
    assert y.data == 900.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x^2", r"'x\^2' at column 1: \^ does not mean a power: write \*\*"),
        ("2x", r"write a product with \*"),
        ("x(2)", r"no function 'x': write a product with \*"),
        ("y + sin x", "column 9"),
        ("np.sin(x)", r"write sin\(…\)"),
        ("tanhh(x)", "did you mean tanh"),
        ("frobnicate(x)", "no function 'frobnicate': there are abs"),
        ("sin(x", "never closed"),
        ("sin(x, 2)", "takes 1 argument, but got 2"),
        ("clip(x, 1)", "clip: missing a required argument"),
        ("clip(x, low=1, high=2)", "by position"),
        ("max(*x)", "by position"),
        ("x < 2", r"comparisons cannot be used: greater\(a, b\)"),
        ("x if x else 2", r"where\(c, a, b\)"),
        ("x and y", r"where\(c, a, b\)"),
        ("x[0]", "indices cannot be used"),
        ("x, y", "one expression at a time"),
        ("y = x", "values beside it"),
        ("x − 2", r"operators as \+ - \* /"),
        ("x @ x", r"multiply numbers with \*"),
        ("1j * x", "is not a real number"),
        ("True * x", "is not a real number"),
        ("'x'", "is not a real number"),
        ("f'{x}'", "an expression may have numbers, names"),
        ("lambda: x", "an expression may have numbers, names"),
        ("[x for x in (1, 2)]", "an expression may have numbers, names"),
        ("(yield x)", "an expression may have numbers, names"),
        ("__import__('os').system('true')", "write the function's name alone"),
        ("x.__class__", "write the function's name alone"),
        ("1e999 * x", "too large for a float"),
        ("9" * 400 + " * x", "too large for a float"),
        ("9" * 4900 + " * x", "cannot be read"),
        ("x\0", "null bytes"),
        ("", "is empty"),
        ("   ", "is empty"),
        ("(" * 3000, "more than 60 brackets are open at column 61"),
        ("-" * 4900 + "x", "nested too deep"),
        ("x" * 5001, "at most 5,000 characters, got 5,001"),
        ("1 + 2", "has no variable"),
        ("e * x", r"'e' must have a value: give e=…; Euler's number is exp\(1\)"),
        ("exp + x", "exp is also a function"),
        ("x + é + frob(x)", "'frob\\(x\\)' at column 9"),
    ],
)
def test_what_is_no_expression_is_refused_with_a_cure(text, said):
    with pytest.raises(ExpressionError, match=said):
        parse(text, {"x": 1.0})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "'x', 'y' must have a value: give x=…, y=…"),
        ({"x": 1, "y": 2, "z": 3}, "'z' is not in the expression 'x - y', whose names are x, y"),
        ({"ﬁ": 1, "fi": 2}, "'fi' has two values"),
    ],
)
def test_names_and_values_must_match(values, said):
    with pytest.raises(ExpressionError, match=said):
        parse("x - y", values)


def test_values_are_real_numbers():
    with pytest.raises(TypeError, match="the value of 'x'"):
        parse("x", {"x": "2"})
    with pytest.raises(TypeError, match="an expression must be text"):
        parse(2, {})


def test_outside_of_a_domain_it_says_so():
    with pytest.raises(gg.DomainError, match=r"log\(-1.0\).*'x'"):
        parse("log(x)", {"x": -1.0})


def test_every_operation_of_the_table_can_be_called():
    assert set(gg.TABLE) <= set(callables())


@given(st.text(alphabet="xy0129.+-*/%^()[]{},:=<> _'\"\\eλ", max_size=40))
def test_no_text_gets_anything_but_a_node_or_a_clear_error(text):
    with contextlib.suppress(ExpressionError, gg.DomainError):
        assert isinstance(parse(text, dict.fromkeys(names_in(text), 1.5)), gg.Scalar)
