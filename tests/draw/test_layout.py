"""Where things go: nothing overlaps, no edge runs through a box, clusters hold what is theirs, edges go one way."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad import Scalar, draw
from glassgrad.draw.layers import Edge, Vertex, place, ranks
from glassgrad.draw.layout import Arrangement, Box, Link, Region, arrange


def random_graph(n: int, seed: int, groups: int = 0):
    """A computation of ``n`` operations on few leaves, some of it in nested groups."""
    choose = random.Random(seed)
    nodes = [Scalar(choose.uniform(0.5, 2.0), label=f"x{i}") for i in range(4)]
    open_groups = []
    for i in range(n):
        if groups and choose.random() < 0.2 and len(open_groups) < groups:
            open_groups.append(gg.group(f"group {i}"))
            open_groups[-1].__enter__()
        elif open_groups and choose.random() < 0.2:
            open_groups.pop().__exit__(None, None, None)
        a, b = choose.choice(nodes[-8:]), choose.choice(nodes)
        nodes.append(a.tanh() if choose.random() < 0.3 else a * b if choose.random() < 0.5 else a + b)
    while open_groups:
        open_groups.pop().__exit__(None, None, None)
    total = nodes[-1]
    for node in nodes[-6:-1]:
        total = total + node
    return total


def overlap(a, b) -> bool:
    return a[0] < b[2] - 0.01 and b[0] < a[2] - 0.01 and a[1] < b[3] - 0.01 and b[1] < a[3] - 0.01


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize(("size", "groups"), [(10, 0), (60, 0), (200, 0), (30, 3), (150, 4)])
def test_no_boxes_overlap_and_no_edge_runs_through_one(rankdir, size, groups, drawn):
    for seed in range(3):
        root = random_graph(size, seed, groups)
        root.backward()
        picture = drawn(draw(root, rankdir=rankdir, names=False).svg())
        boxes = picture.boxes("node")
        for i, a in enumerate(boxes):
            assert not any(overlap(a, b) for b in boxes[:i])
        for curve in picture.curves():
            for x, y in curve[1:-1]:
                inside = [b for b in boxes if b[0] + 1 < x < b[2] - 1 and b[1] + 1 < y < b[3] - 1]
                assert not inside, (curve[0], curve[-1])


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_labels_of_edges_are_on_no_box_and_on_no_other_label(rankdir, drawn):
    from glassgrad.draw.metrics import text_width

    root = random_graph(40, 5)
    picture = drawn(draw(root, rankdir=rankdir, names=False).svg())
    labels = []
    for group in picture.kind("edge"):
        for text in group.iter("{http://www.w3.org/2000/svg}text"):
            width = text_width(text.text, 9)
            x, y = float(text.get("x")), float(text.get("y"))
            left = x - width if text.get("text-anchor") == "end" else x
            labels.append((left, y - 7, left + width, y))
    for i, a in enumerate(labels):
        assert not any(overlap(a, b) for b in [*labels[:i], *picture.boxes("node")])


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_clusters_hold_their_members_and_nothing_else(rankdir, drawn):
    for seed in range(4):
        root = random_graph(80, seed, 4)
        drawing = draw(root, rankdir=rankdir, names=False)
        picture = drawn(drawing.svg())
        inner = drawing._picture
        clusters = dict(zip(range(1, len(inner.clusters)), picture.boxes("cluster"), strict=True))
        for item, box in zip(inner.items, picture.boxes("node"), strict=True):
            around, region = set(), item.region
            while region > 0:
                around.add(region)
                region = inner.clusters[region].parent
            for number, cluster in clusters.items():
                within = cluster[0] < box[0] and box[2] < cluster[2] and cluster[1] < box[1] and box[3] < cluster[3]
                assert within if number in around else not overlap(box, cluster)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_edges_point_onward(neuron, rankdir, drawn):
    axis = 0 if rankdir == "LR" else 1
    for curve in drawn(draw(neuron, rankdir=rankdir).svg()).curves():
        along = [point[axis] for point in curve]
        assert along == sorted(along)


def test_everything_is_inside_the_picture(drawn):
    for rankdir in ("LR", "TB"):
        picture = drawn(draw(random_graph(50, 1, 2), rankdir=rankdir, names=False).svg())
        width, height = float(picture.root.get("width")), float(picture.root.get("height"))
        for kind in ("node", "cluster"):
            for left, top, right, bottom in picture.boxes(kind):
                assert left >= 0
                assert top >= 0
                assert right <= width
                assert bottom <= height


def test_a_tree_is_drawn_without_a_crossing():
    # The children of vertex i are 2i + 1 and 2i + 2; edges lead to the root.
    edges = [Edge(i, (i - 1) // 2, 0.0, -5.0 if i % 2 else 5.0) for i in range(1, 31)]
    placement = place([Vertex(40, 20)] * 31, edges)
    rank = ranks([Vertex(40, 20)] * 31, edges)
    for level in range(5):
        here = [i for i in range(31) if rank[i] == level]
        assert sorted(here, key=placement.middle.__getitem__) == here


def test_a_leaf_stands_right_before_its_first_use():
    # 0 -> 1 -> 2 -> 3 and a leaf 4 -> 3
    assert ranks([Vertex(1, 1)] * 5, [Edge(0, 1), Edge(1, 2), Edge(2, 3), Edge(4, 3)]) == [0, 1, 2, 3, 2]


def test_a_straight_chain_is_straight():
    placement = place([Vertex(10, 10)] * 50, [Edge(i, i + 1) for i in range(49)])
    assert max(placement.middle) - min(placement.middle) < 1e-9
    assert all(len(route) == 2 for route in placement.routes)


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="cycle"):
        place([Vertex(1, 1)] * 2, [Edge(0, 1), Edge(1, 0)])
    with pytest.raises(ValueError, match="cycle"):
        arrange([Box(1, 1)] * 2, [Link(0, 1), Link(1, 0)])


def test_nothing_to_lay_out():
    assert arrange([], []).length == 0


graphs = st.integers(1, 25).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.floats(1, 80), st.floats(1, 60), st.integers(0, 4)), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40),
    )
)


def rectangles(plan: Arrangement, boxes: list[Box]) -> list[tuple[float, float, float, float]]:
    return [
        (s, m - box.breadth / 2, s + box.length, m + box.breadth / 2)
        for s, m, box in zip(plan.start, plan.middle, boxes, strict=True)
    ]


@given(graphs)
def test_any_graph_in_any_clusters(graph):
    sizes, pairs = graph
    boxes = [Box(length, breadth, region) for length, breadth, region in sizes]
    links = [Link(min(a, b), max(a, b)) for a, b in pairs if a != b]
    pad = (5.0, 5.0, 15.0, 5.0)
    regions = [Region(-1), Region(0, pad), Region(1, pad), Region(0, pad), Region(2, pad)]
    plan = arrange(boxes, links, regions)
    found = rectangles(plan, boxes)
    for i, a in enumerate(found):
        assert not any(overlap(a, b) for b in found[:i])
    for link, route in zip(links, plan.routes, strict=True):
        tail, head = found[link.tail], found[link.head]
        assert route[0] == pytest.approx((tail[2], plan.middle[link.tail]), abs=1e-6)
        assert route[-1] == pytest.approx((head[0], plan.middle[link.head]), abs=1e-6)
        along = [m for m, _ in route]
        assert all(b >= a - 1e-6 for a, b in itertools.pairwise(along))


@pytest.mark.parametrize("size", [500, 1_621])
def test_large_graphs_are_laid_out(size):
    drawing = draw(random_graph(size, 2), max_nodes=10_000, names=False)
    assert drawing.scene.width > 0


def test_a_chain_deeper_than_recursion(drawn):
    y = Scalar(0.5)
    for _ in range(3_000):
        y = y.sin()
    assert len(drawn(draw(y, max_nodes=5_000, names=False).svg()).kind("node")) == 3_001


def test_groups_nested_deeper_than_recursion(drawn):
    from contextlib import ExitStack

    y = Scalar(0.5)
    with ExitStack() as stack:
        for i in range(1_200):
            stack.enter_context(gg.group(f"g{i}"))
        y = y.sin()
    assert len(drawn(draw(y, names=False).svg()).kind("cluster")) == 1_200
    assert len(drawn(draw(y, names=False, collapse=True).svg()).kind("group")) == 1
    assert draw(y, names=False).dot().count("subgraph") == 1_200


def test_ports_that_spread_stand_apart_so_that_their_lines_do_not_cross_in_a_knot():
    boxes, ports = [Vertex(80, 100)] * 4, [Vertex(0, 0, place="first")] * 3
    placed = place([*boxes, *ports], [Edge(4 + port, box) for port in range(3) for box in range(4)])
    first, second, third = sorted(placed.middle[4:])
    assert min(second - first, third - second) > placed.breadth / 5
