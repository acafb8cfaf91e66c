"""Code written for the lecture's ``Value`` runs on `Scalar`: its own ``trace`` and ``draw_dot``, word for word."""

import pytest
from graphviz import Digraph

import glassgrad as gg


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root, format="svg", rankdir="LR"):
    nodes, edges = trace(root)
    dot = Digraph(format=format, graph_attr={"rankdir": rankdir})
    for n in nodes:
        label = "{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad)  # noqa: UP031
        dot.node(name=str(id(n)), label=label, shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def test_value_is_another_name_of_scalar():
    assert gg.Value is gg.Scalar
    assert "Value" in gg.__all__
    assert repr(gg.Value(2.0, (), "", "a")) == "a|2.000|0.000"


def test_the_lectures_trace_and_draw_dot_run_on_nodes():
    a, b = gg.Value(2.0, label="a"), gg.Value(-3.0, label="b")
    y = (a * b + a).tanh()
    y.label = "y"
    y.backward()
    nodes, edges = trace(y)
    assert (len(nodes), len(edges)) == (5, 5)
    source = draw_dot(y).source
    assert f'label="{{ y | data {y.data:.4f} | grad 1.0000 }}"' in source
    for symbol in ("tanh", '"+"', '"*"'):
        assert f"label={symbol}]" in source


def test_operands_and_operation_go_by_both_names():
    x = gg.Scalar(3.0)
    y = x + x
    assert y._prev == y.prev == (x, x)
    assert (y._op, y.op, x._op, x._prev) == ("+", "+", "", ())
    with pytest.raises(AttributeError):
        y._prev = ()
