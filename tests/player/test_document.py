"""The document of a graph: its columns, its strictness, and what it makes of graphs that are not ours."""

from __future__ import annotations

import json
import math
import pickle

import pytest

import glassgrad as gg
from glassgrad.player import document


def neuron():
    x, w, b = (gg.Scalar(v, label=name) for v, name in ((2.0, "x"), (-3.0, "w"), (6.7, "b")))
    n = x * w + b
    n.label = "n"
    return gg.tanh(n)


def column(found, name, i):
    return found["nodes"][name][i]


def test_operands_come_before_results_and_edges_keep_their_order():
    a, b = gg.Scalar(7.0, label="a"), gg.Scalar(3.0, label="b")
    found = document.of(a - b)
    nodes = found["nodes"]
    assert [found["strings"][i] for i in nodes["label"][:2]] == ["a", "b"]
    assert nodes["args"] == [0, 1]
    assert nodes["start"] == [0, 0, 0, 2]
    assert [found["rules"][r]["constants"] for r in nodes["rule"]] == [[1.0], [-1.0]]
    assert found["root"] == 2


def test_kinds():
    found = document.of(gg.Scalar(2.0) * 3.0)
    assert found["nodes"]["kind"] == [1, 2, 0]
    assert found["nodes"]["grad"] == [None, None, None]


def test_names_titles_groups_and_sources():
    with gg.detect_anomaly(), gg.group("outer"), gg.group("inner"):
        x = gg.Scalar(1.0)
        y = x.exp()
    found = document.of(y, {id(x): "x"}, title="<b>")
    assert found["title"] == "<b>"
    assert found["strings"][column(found, "label", 0)] == "x"
    assert found["groups"] == [{"name": "outer", "parent": -1}, {"name": "inner", "parent": 0}]
    assert column(found, "group", 1) == 1
    source = found["strings"][column(found, "source", 1)]
    assert source.split("/")[-1].startswith("test_document.py:")
    assert found["lines"][source] == "y = x.exp()"
    assert document.of(neuron())["title"] == "root"


def test_floats_that_json_cannot_say():
    with gg.errstate(domain="nan"):
        found = document.of(gg.Scalar(math.inf) * gg.Scalar(math.nan) + gg.Scalar(-math.inf))
    assert found["nodes"]["value"] == ["inf", "nan", "nan", "-inf", "nan"]
    assert json.loads(document.dumps(found), parse_constant=pytest.fail)["nodes"]["value"][0] == "inf"


@pytest.mark.parametrize(
    "label", ["</script><script>alert(1)</script>", "<!--", "a&b", "\u2028", '"\\', "😀", "\ud800"]
)
def test_no_label_ends_the_script_around_it(label):
    text = document.dumps(document.of(gg.Scalar(1.0, label=label)))
    assert not set("<>&\u2028\u2029\n") & set(text)
    text.encode()
    assert json.loads(text)["format"] == document.FORMAT


def test_an_operation_of_the_users_own_keeps_its_value_and_slope():
    @gg.primitive(partials=lambda y, x: math.cos(x))
    def mine(x):
        return math.sin(x)

    found = document.of(mine(gg.Scalar(0.5)))
    assert found["ops"] == [
        {"name": "mine", "symbol": "mine", "latex": found["ops"][0]["latex"], "selects": False, "live": False}
    ]
    assert found["nodes"]["rule"] == [-1]
    assert found["slopes"] == {"0": math.cos(0.5)}


def test_a_rule_of_the_users_own_in_our_operations_is_a_tape():
    @gg.primitive(partials=lambda y, x: gg.cos(x) * 1.0)
    def mine(x):
        return math.sin(x)

    found = document.of(mine(gg.Scalar(0.5)))
    assert found["rules"] == [{"arity": 1, "constants": [1.0], "code": [["cos", 1], ["mul", 3, 2]], "out": 4}]
    assert found["slopes"] == {}


class Node:
    """A learner's own class."""

    def __init__(self, data, prev=(), op="", label=""):
        self.data, self.prev, self.op, self.label, self.grad = data, prev, op, label, 0.0


def test_a_learners_class_gets_the_tables_rules_where_it_does_the_same():
    a, b = Node(2.0, label="a"), Node(3.0, label="b")
    good = document.of(Node(6.0, (a, b), "*"))
    assert good["ops"][0]["name"] == "mul"
    assert good["ops"][0]["live"] is True
    wrong = document.of(Node(7.0, (a, b), "*"))
    assert wrong["ops"][0]["live"] is False
    assert wrong["slopes"] == {"0": "nan", "1": "nan"}
    odd = document.of(Node(4.0, (a,), "**2"))
    assert odd["ops"][0]["symbol"] == "**2"


def test_a_node_whose_step_was_written_by_hand_keeps_its_operation():
    x = gg.Scalar(2.0, label="x")
    y = x * x
    y._backward = lambda: None
    assert document.of(y)["ops"][0]["live"] is True


def test_what_is_no_graph_of_numbers_is_refused():
    with pytest.raises(TypeError, match="a graph's root must be a node"):
        document.of(3.0)
    with pytest.raises(TypeError, match="which is not a node"):
        document.of(Node(1.0, (2.0,), "exp"))
    with pytest.raises(TypeError, match="must be a number, got"):
        document.of(Node("seven"))
    loop = Node(1.0, (), "+")
    loop.prev = (loop,)
    with pytest.raises(gg.CycleError):
        document.of(loop)


def test_depth_is_no_limit():
    x = y = gg.Scalar(1.0)
    for _ in range(20_000):
        y = y + x
    assert document.of(y)["root"] == 20_000


def test_the_graph_is_as_it_was():
    root = neuron()
    root.backward()
    before = pickle.dumps(root)
    document.of(root)
    assert pickle.dumps(root) == before
