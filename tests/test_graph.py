"""Walks over glassgrad's nodes and over the small classes of the lessons: order, completeness, cycles, depth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad import CycleError, Scalar, graph
from glassgrad.core.walks import count_operations


class Plain:
    """What a reader of the lessons may have written: operands in a set, no gradient, no label."""

    def __init__(self, data, prev=(), op=""):
        self.data = data
        self.prev = set(prev)
        self.op = op


class Named(Plain):
    def __init__(self, data, prev=(), op="", label=""):
        super().__init__(data, prev, op)
        self.label = label


@st.composite
def graphs(draw):
    """A node over up to four leaves, by random additions and products."""
    nodes = [Scalar(1.0, label=f"leaf {i}") for i in range(draw(st.integers(1, 4)))]
    for i, j in draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=30)):
        a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append(a + b if (i + j) % 2 else a * b)
    return nodes[-1]


@given(graphs())
def test_operands_come_before_results_and_each_node_once(root):
    order = graph.topological(root)
    place = {id(node): i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    for node in order:
        for operand in node.prev:
            assert place[id(operand)] < place[id(node)]


@given(graphs())
def test_nodes_and_edges_are_those_found_by_recursion(root):
    """The seed's own trace, which collects sets."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v.prev:
                edges.add((child, v))
                build(child)

    build(root)
    ours, pairs = gg.trace(root)
    assert set(ours) == nodes
    assert set(pairs) == edges
    assert len(pairs) == sum(len(node.prev) for node in nodes)
    assert set(graph.leaves(root)) == {node for node in nodes if not node.prev}


def test_the_order_is_fixed():
    a, b = gg.scalars(2.0, 3.0, labels="a b")
    c = a * b
    d = a + c
    e = d - b
    expected = [a, b, c, d, e]
    for _ in range(3):
        assert [id(x) for x in graph.topological(e)] == [id(x) for x in expected]
        nodes, edges = gg.trace(e)
        assert [id(x) for x in nodes] == [id(x) for x in expected]
        assert [(x.label, y.op) for x, y in edges] == [
            ("a", "*"), ("b", "*"), ("a", "+"), ("unk", "+"), ("unk", "-"), ("b", "-"),
        ]  # fmt: skip
    assert [x.label for x in graph.leaves(e)] == ["a", "b"]


def test_an_operand_twice_is_an_edge_twice():
    a = Scalar(3.0)
    nodes, edges = gg.trace(a + a)
    assert len(nodes) == 2
    assert [edge[0] is a for edge in edges] == [True, True]


def test_a_leaf_is_a_graph():
    a = Scalar(1.0)
    assert graph.topological(a) == [a]
    assert gg.trace(a) == ([a], [])
    assert graph.leaves(a) == [a]


def test_constants_are_leaves():
    x = Scalar(2.0, label="x")
    assert [leaf.label for leaf in graph.leaves(2 * x + 0.5)] == ["2", "x", "0.5"]


def test_small_classes_of_the_readers_own():
    a, b = Plain(2.0), Plain(-3.0)
    c = Plain(-6.0, (a, b), "*")
    o = Plain(-8.0, (c, a), "+")
    assert set(graph.topological(o)) == {a, b, c, o}
    assert graph.topological(o)[-1] is o
    assert set(graph.leaves(o)) == {a, b}
    assert len(gg.trace(o)[1]) == 4


def test_sets_are_walked_in_the_order_of_labels():
    for _ in range(5):
        leaves = [Named(float(i), label=f"x{i}") for i in range(8)]
        o = Named(0.0, leaves, "+", "o")
        assert [node.label for node in graph.topological(o)] == [f"x{i}" for i in range(8)] + ["o"]


def test_a_cycle_made_by_hand_is_named():
    a = Named(1.0, (), "", "a")
    b = Named(2.0, (a,), "exp", "b")
    a.prev = {b}
    for walk in (graph.topological, gg.trace, graph.leaves):
        with pytest.raises(CycleError, match=r"'[ab]' depends on itself.*make a new node"):
            walk(b)
    with pytest.raises(ValueError, match="depends on itself"):
        gg.draw_dot(b)
    alone = Named(1.0, (), "+", "alone")
    alone.prev = (alone, alone)
    with pytest.raises(CycleError, match="'alone'"):
        graph.topological(alone)


def test_a_cycle_far_below_is_found():
    a = Plain(0.0)
    node = a
    for _ in range(5000):
        node = Plain(1.0, (node,), "exp")
    a.prev = (node,)
    a.op = "+"
    with pytest.raises(CycleError):
        graph.topological(node)


def test_a_diamond_is_no_cycle():
    a = Plain(1.0)
    b, c = Plain(2.0, (a,), "exp"), Plain(3.0, (a,), "log")
    assert len(graph.topological(Plain(0.0, (b, c), "+"))) == 4


@pytest.mark.parametrize("root", [3.0, None, "x", [Scalar(1.0)], object()], ids=lambda root: type(root).__name__)
def test_what_is_no_node_is_named(root):
    for walk in (graph.topological, gg.trace, graph.leaves):
        with pytest.raises(TypeError, match=rf"\.op and \.prev.*{type(root).__name__}"):
            walk(root)


def test_a_deep_chain():
    x = node = Scalar(1.0)
    for _ in range(50_000):
        node = node * x
    assert len(graph.topological(node)) == 50_001
    assert len(gg.trace(node)[1]) == 100_000
    assert graph.leaves(node) == [x]
    plain = Plain(0.0)
    for _ in range(50_000):
        plain = Plain(1.0, (plain,), "exp")
    assert len(graph.topological(plain)) == 50_001
    while plain.prev:  # Python frees a chain of its objects by recursion
        plain = plain.prev.pop()


def test_operations_are_counted():
    x, y = Scalar(2.0), Scalar(3.0)
    counts = count_operations(gg.tanh(x * y + x) * y + 1.0)
    assert counts["*"] == 2
    assert counts["+"] == 2
    assert counts["tanh"] == 1
    assert count_operations(x) == {"": 1}
