"""Copies and pickles: what comes back is the same graph, at any depth, in any protocol, from either build."""

import copy
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad import Scalar, graph
from glassgrad.nn import MLP

DEEP = 300_000 if gg.compiled() else 100_000
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


@gg.primitive(partials=lambda y, x: 3 * x**2)
def cube(x):
    return x**3


@gg.primitive(partials=(lambda y, a, b: b, lambda y, a, b: a))
def product(a, b):
    return a * b


class Weight(Scalar):
    """A node with attributes of its own."""

    def __init__(self, data, decay=0.0, **kwargs):
        super().__init__(data, **kwargs)
        self.decay = decay


def round_trip(x, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.loads(pickle.dumps(x, protocol))


ROADS = [*[lambda x, p=p: round_trip(x, p) for p in PROTOCOLS], copy.deepcopy]
roads = pytest.mark.parametrize("road", ROADS, ids=[*[f"protocol {p}" for p in PROTOCOLS], "deepcopy"])


def alike(a, b):
    """Two graphs of the same nodes in the same places."""
    left, right = graph.topological(a), graph.topological(b)
    place_left, place_right = ({id(x): i for i, x in enumerate(nodes)} for nodes in (left, right))
    assert len(left) == len(right)
    for x, y in zip(left, right):
        assert x is not y
        assert (x.data, x.grad, x.grad_updated, x.label, x.named) == (y.data, y.grad, y.grad_updated, y.label, y.named)
        assert (x.op, x.operation, x.is_constant, x.source) == (y.op, y.operation, y.is_constant, y.source)
        assert [place_left[id(o)] for o in x.prev] == [place_right[id(o)] for o in y.prev]
    return True


@roads
def test_a_graph(road):
    x, w = Scalar(2.0, label="x"), Scalar(-3.0, label="w | {weird} \n☃")
    o = (x * w + 1).tanh() ** 2 - gg.maximum(x, w) / gg.where(True, x, w)
    o.label = "o"
    o.backward()
    twin = road(o)
    assert alike(o, twin)
    o.zero_grad()
    o.backward()
    twin.zero_grad()
    twin.backward()
    assert alike(o, twin)
    graph.leaves(twin)[0].data = 5.0
    twin.forward()
    assert x.data == 2.0


@roads
def test_a_leaf(road):
    x = Scalar(2.5, label="x")
    x.grad = 0.5
    assert alike(x, road(x))
    assert alike(Scalar(float("inf")), road(Scalar(float("inf"))))


@roads
def test_what_is_shared_stays_shared(road):
    x = Scalar(2.0)
    y = x * x
    z = y + x
    things = {"x": x, "list": [z, y, z], "array": np.array([y, x], dtype=object), "pair": (y + 1.0, x)}
    twin = road(things)
    assert twin["list"][0] is twin["list"][2]
    assert twin["list"][1] is twin["array"][0]
    assert twin["array"][1] is twin["x"] is twin["pair"][1]
    assert twin["list"][0].prev[0] is twin["list"][1]
    assert twin["list"][1].prev == (twin["x"], twin["x"])
    assert twin["pair"][0].prev[0] is twin["list"][1]
    twin["list"][0].backward()
    assert twin["x"].grad == 5.0
    assert x.grad == 0.0


@st.composite
def families(draw):
    """Nodes of one growing graph, some of them in a list, in any order."""
    nodes = [Scalar(1.0), Scalar(2.0)]
    for i, j in draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=20)):
        a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append(a + b if i % 2 else a * 0.5)
    return [nodes[i % len(nodes)] for i in draw(st.lists(st.integers(0, 99), min_size=1, max_size=8))]


@given(families())
def test_any_list_of_nodes_of_one_graph(family):
    for road in (round_trip, copy.deepcopy):
        twins = road(family)
        same = [[a is b for b in family] for a in family]
        assert [[a is b for b in twins] for a in twins] == same
        together, twin = Scalar(0.0, family, "all"), Scalar(0.0, twins, "all")
        assert [node.op for node in graph.topological(together)] == [node.op for node in graph.topological(twin)]
        assert len(graph.trace(together)[1]) == len(graph.trace(twin)[1])


@roads
def test_groups_come_along(road):
    x = Scalar(2.0)
    with gg.group("outer"):
        with gg.group("inner"):
            y = x * 2.0
        z = y + x
    y.label = "y"
    y2, z2, x2 = road([y, z, x])
    assert (y2.group.name, y2.group.parent.name, y2.label) == ("inner", "outer", "y")
    assert z2.group is y2.group.parent
    assert x2.group is None


@roads
def test_operations_of_the_users_own(road):
    x = Scalar(2.0, label="x")
    o = product(cube(x), 3.0) + gg.custom(4.0, [x], [7.0], name="seven")
    twin = road(o)
    assert alike(x, road(x))
    assert [node.op for node in graph.topological(twin)] == [node.op for node in graph.topological(o)]
    assert twin.prev[0].operation is product
    twin.backward()
    (leaf,) = [node for node in graph.leaves(twin) if not node.is_constant]
    assert leaf.grad == 3 * 12.0 + 7.0


@roads
def test_the_order_of_polygamma_and_unknown_operations(road):
    x = Scalar(2.0)
    twin = road(gg.polygamma(1, x))
    twin.backward()
    assert twin.prev[0].data == 1.0
    assert road(Scalar(1.0, (x, x, x), "mystery")).op == "mystery"


def test_a_primitive_that_could_not_be_found_again_is_refused_when_pickled():
    @gg.primitive(partials=lambda y, x: 1.0)
    def local(x):
        return x

    sine = gg.primitive(partials=lambda y, x: gg.cos(x))(np.sin)
    for op in (local, sine):
        y = op(Scalar(1.0))
        with pytest.raises(pickle.PicklingError, match=r"top level of a module with @gg\.primitive"):
            pickle.dumps(y)
        assert copy.deepcopy(y).operation is op


@roads
def test_subclasses_keep_their_class_and_attributes(road):
    w = Weight(3.0, decay=0.5, label="w")
    v = Weight(2.0, decay=0.25)
    w.partner, v.partner = v, w
    loss = w * w * w.decay + v
    twin = road(loss)
    w2, v2 = [node for node in graph.leaves(twin) if not node.is_constant]
    assert (type(w2), w2.decay, w2.label, type(v2), v2.decay) == (Weight, 0.5, "w", Weight, 0.25)
    assert w2.partner is v2
    assert v2.partner is w2
    assert type(twin) is Scalar


def test_shallow_copies_share_their_operands():
    x = Scalar(2.0, label="x")
    y = x * 3.0
    y.label = "y"
    y.backward()
    twin = copy.copy(y)
    assert twin is not y
    assert (twin.data, twin.grad, twin.label, twin.op) == (6.0, 1.0, "y", "*")
    assert twin.prev[0] is x
    twin.backward()
    assert x.grad == 6.0
    leaf = copy.copy(x)
    leaf.data = 5.0
    assert x.data == 2.0
    w = copy.copy(Weight(1.0, decay=0.1))
    assert (type(w), w.decay, w.data) == (Weight, 0.1, 1.0)
    wide = gg.where(True, x, 1.0)
    assert copy.copy(wide).prev[1] is x


@pytest.mark.parametrize("road", [round_trip, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_models(road):
    model = MLP(3, [4, 1])
    x = [0.1, -0.2, 0.3]
    loss = (model(x) - 1.0) ** 2
    loss.backward()
    twin = road(model)
    assert [p.data for p in twin.parameters()] == [p.data for p in model.parameters()]
    assert [p.grad for p in twin.parameters()] == [p.grad for p in model.parameters()]
    assert twin(x).data == model(x).data
    twin.parameters()[0].data += 1.0
    assert twin.parameters()[0].data != model.parameters()[0].data
    pair = road((model, loss))
    (pair[1] * 1.0).backward()
    assert pair[0].parameters()[0].grad == pytest.approx(2 * model.parameters()[0].grad)


def chain(n):
    x = y = Scalar(1.0, label="x")
    for i in range(n):
        y = y * 1.0 if i % 2 else y + x
    return y


def test_a_deep_graph_is_pickled():
    y = chain(DEEP)
    twin = round_trip(y)
    assert twin.data == y.data
    twin.backward()
    while twin.prev:
        twin = twin.prev[0]
    assert (twin.label, twin.grad) == ("x", 1.0 + DEEP // 2)


def test_a_deep_graph_is_copied():
    y = chain(20_000)
    twin = copy.deepcopy(y)
    twin.backward()
    assert graph.leaves(twin)[0].grad == 10_001.0
    assert copy.copy(y).prev[0] is y.prev[0]


def test_every_node_of_a_deep_graph_in_one_list():
    nodes = [Scalar(1.0)]
    for _ in range(20_000):
        nodes.append(nodes[-1] * 1.0)
    for some in (nodes, nodes[::-1]):
        twins = round_trip(some)
        assert all(twin.data == 1.0 for twin in twins)
        ends = (twins[0], twins[-1]) if some is nodes else (twins[-1], twins[0])
        ends[1].backward()
        assert ends[0].grad == 1.0


def test_pickling_twice_does_not_confuse():
    x = Scalar(2.0)
    y = x * x
    first = pickle.dumps(y)
    z = y + x
    second = pickle.dumps([z, y])
    x.data = 7.0
    assert pickle.loads(first).prev[0].data == 2.0
    z2, y2 = pickle.loads(second)
    assert z2.prev[0] is y2


READ = """
import pickle, sys
import glassgrad as gg
things = pickle.load(sys.stdin.buffer)
o, w = things
o.zero_grad()
o.backward()
x = gg.graph.leaves(o)[-1]
assert x.label == "x" and gg.compiled() == %r, (x, gg.compiled())
assert o.group.name == "g" and o.prev[0].is_constant and w[0].prev[0] is x
sys.stdout.buffer.write(pickle.dumps((o, w, x.grad)))
"""


@pytest.mark.skipif(not gg.compiled(), reason="needs both builds: plain Python is all there is")
@pytest.mark.parametrize("pure", ["1", "0"])
def test_pickles_pass_between_compiled_and_plain_python(pure):
    x = Scalar(2.0, label="x")
    with gg.group("g"):
        o = 3.0 * gg.tanh(x * x)
    w = np.array([x * 2.0, x], dtype=object)
    done = subprocess.run(
        [sys.executable, "-c", READ % (pure == "0")],
        input=pickle.dumps((o, w)),
        capture_output=True,
        timeout=300,
        env={**os.environ, "GLASSGRAD_PURE": pure},
    )
    assert done.returncode == 0, done.stderr.decode()
    o2, w2, slope = pickle.loads(done.stdout)
    o.backward()
    assert slope == x.grad
    assert alike(o, o2)
    assert w2[1].label == "x"
