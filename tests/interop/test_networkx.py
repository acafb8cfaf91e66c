"""Graphs as graphs of NetworkX: every number of the node, and the chain rule as a sum over paths."""

import math
from itertools import pairwise

import pytest

import glassgrad as gg

nx = pytest.importorskip("networkx")


def neuron():
    x, w, b = (gg.Scalar(v, label=n) for v, n in ((2.0, "x"), (-3.0, "w"), (6.5, "b")))
    return gg.tanh(x * w + b)


def by_paths(g, start, root):
    """The derivative of `root` with respect to `start`: a product along each path, summed over the paths."""
    products = [
        math.prod(g[a][b][key]["local_derivative"] for a, b, key in path)
        for path in nx.all_simple_edge_paths(g, start, root)
    ]
    return math.fsum(products)


def test_nodes_carry_their_numbers():
    o = neuron()
    o.backward()
    g = gg.graph.to_networkx(o)
    assert isinstance(g, nx.DiGraph)
    assert nx.is_directed_acyclic_graph(g)
    for i, node in enumerate(gg.graph.topological(o)):
        assert g.nodes[i] == {"label": node.label, "op": node.op, "data": node.data, "grad": node.grad}
    assert [g.nodes[i]["label"] for i in g if g.in_degree(i) == 0] == ["x", "w", "b"]
    assert all(a < b for a, b in g.edges())


def test_the_derivative_is_the_sum_over_paths_of_products_of_local_derivatives():
    a, b = gg.Scalar(1.5, label="a"), gg.Scalar(-0.5, label="b")
    c = a * b + gg.sin(a)
    d = c * c + a / b  # `c * c` has two edges from c
    d.backward()
    g = gg.graph.to_networkx(d)
    place = {node.label: i for i, node in enumerate(gg.graph.topological(d)) if node.label in ("a", "b")}
    root = g.number_of_nodes() - 1
    assert by_paths(g, place["a"], root) == pytest.approx(a.grad, rel=1e-14)
    assert by_paths(g, place["b"], root) == pytest.approx(b.grad, rel=1e-14)
    value, slope = 1.5 * -0.5 + math.sin(1.5), -0.5 + math.cos(1.5)
    assert a.grad == pytest.approx(2 * value * slope + 1 / -0.5, rel=1e-14)


def test_an_operand_used_twice_has_two_edges_in_order():
    a, b = gg.Scalar(3.0), gg.Scalar(5.0)
    g = gg.graph.to_networkx(a * a)
    assert sorted(g.edges(data="operand")) == [(0, 1, 0), (0, 1, 1)]
    assert [slope for *_, slope in g.edges(data="local_derivative")] == [3.0, 3.0]
    of_difference = gg.graph.to_networkx(a - b)
    assert [slope for *_, slope in sorted(of_difference.edges(data="local_derivative"))] == [1.0, -1.0]


def test_several_roots_share_their_nodes():
    a = gg.Scalar(2.0, label="a")
    b = a * 3.0
    g = gg.graph.to_networkx(b + 1.0, b - 1.0)
    assert sum(label == "a" for _, label in g.nodes(data="label")) == 1
    assert sum(1 for i in g if g.out_degree(i) == 0) == 2


def test_a_leaf_alone_is_a_graph_of_one_node():
    g = gg.graph.to_networkx(gg.Scalar(2.0, label="a"))
    assert (g.number_of_nodes(), g.number_of_edges()) == (1, 0)


def test_long_graphs_and_files(tmp_path):
    y = x = gg.Scalar(1.0, label="x")
    for _ in range(5_000):
        y = gg.sin(y)
    g = gg.graph.to_networkx(y)
    assert nx.dag_longest_path_length(g) == 5_000
    slopes = [g[a][b][0]["local_derivative"] for a, b in pairwise(range(5_001))]
    y.backward()
    assert math.prod(slopes) == pytest.approx(x.grad, rel=1e-10)
    nx.write_graphml(gg.graph.to_networkx(neuron()), tmp_path / "neuron.graphml")
    read = nx.read_graphml(tmp_path / "neuron.graphml", node_type=int)
    assert read.nodes[0]["label"] == "x"
    assert nx.is_isomorphic(read, gg.graph.to_networkx(neuron()))


def test_nodes_of_other_classes():
    engine = pytest.importorskip("micrograd.engine")
    a, b = engine.Value(2.0), engine.Value(-3.0)
    c = a * b + a
    c.backward()
    g = gg.graph.to_networkx(c)
    assert g.number_of_nodes() == 4
    assert sorted(data for _, data in g.nodes(data="data")) == [-6.0, -4.0, -3.0, 2.0]
    assert {grad for i, grad in g.nodes(data="grad") if g.in_degree(i) == 0} == {-2.0, 2.0}
    assert all("local_derivative" not in data for *_, data in g.edges(data=True))


def test_what_is_no_node_is_refused():
    with pytest.raises(TypeError, match="a graph's root must be a node"):
        gg.graph.to_networkx(2.0)
