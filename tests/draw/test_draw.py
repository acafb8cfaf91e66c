"""What `draw` shows: names, numbers, local derivatives, gradients, constants, groups, and a summary of the rest."""

import re

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar, draw
from glassgrad.draw import colours


def names_in(drawn, drawing) -> set[str]:
    return set(drawn(drawing.svg()).texts("node"))


# -- names -------------------------------------------------------------------------------------------


def test_names_come_from_the_callers_variables(drawn):
    apple, pear = Scalar(2.0), Scalar(3.0)
    juice = apple * pear
    assert {"apple", "pear", "juice"} <= names_in(drawn, draw(juice))


def test_elements_of_containers_have_names(drawn):
    w = [Scalar(1.0), Scalar(2.0)]
    deep = ([Scalar(3.0)],)
    table = {"k": Scalar(4.0), 7: [Scalar(5.0)]}
    matrix = gg.array([[1.0, 2.0], [3.0, 4.0]])
    total = w[1] + deep[0][0] + table["k"] + table[7][0] + matrix[1, 0]
    shown = names_in(drawn, draw(total))
    assert {"w[1]", "deep[0][0]", "table['k']", "table[7][0]", "matrix[1, 0]", "total"} <= shown


SHARED = Scalar(2.0)


def test_locals_come_before_globals_and_variables_before_elements(drawn):
    mine = SHARED
    other = Scalar(1.0)
    many = [mine, other]
    out = many[0] * many[1] * many[0]
    shown = names_in(drawn, draw(out))
    assert {"mine", "other", "out"} <= shown
    assert not any(name.startswith("many") or name == "SHARED" for name in shown)


def test_a_global_gives_its_name(drawn):
    assert "SHARED" in names_in(drawn, draw(SHARED + 1))


def test_a_label_wins_over_a_variable(drawn):
    variable = Scalar(2.0, label="label")
    shown = names_in(drawn, draw(variable * 2))
    assert "label" in shown
    assert "variable" not in shown
    assert "unk" not in shown


def test_the_label_unk_set_by_a_user_is_a_label(drawn):
    node = Scalar(1.0)
    node.label = "unk"
    assert "unk" in names_in(drawn, draw(node))


def test_names_can_be_given_or_left_out(drawn):
    a, b = Scalar(2.0), Scalar(3.0)
    c = a * b
    assert {"left", "both[0]"} <= names_in(drawn, draw(c, names={"left": a, "both": [b]}))
    assert names_in(drawn, draw(c, names=False)) == {"2", "3", "6", "×"}
    with pytest.raises(TypeError, match="names"):
        draw(c, names="a")


def test_numbers_have_no_names(drawn):
    x = Scalar(3.0)
    y = x * 2
    assert "2" in names_in(drawn, draw(y))
    assert not {"unk", "const"} & names_in(drawn, draw(y))


def test_ipython_leftovers_are_no_names():
    from glassgrad.draw.names import from_variables

    node = Scalar(1.0)
    assert from_variables({"_": node, "_3": node, "__": node, "Out": {3: node}, "In": [node]}) == {}


def test_objects_that_raise_what_they_like_are_passed_over(drawn):
    class Rude:
        def __getattr__(self, name):
            raise RuntimeError(name)

    rude = [Rude()]
    kind = Scalar
    x = kind(1.0)
    assert "x" in names_in(drawn, draw(x + 1))
    assert rude


# -- numbers and edges -------------------------------------------------------------------------------


def test_every_node_and_every_edge_once(neuron, drawn):
    picture = drawn(draw(neuron).svg())
    assert len(picture.kind("node")) == 10
    assert len(picture.kind("edge")) == 9
    assert picture.root.get("role") == "img"
    assert "o: 10 nodes" in picture.root.get("aria-label")


def test_both_edges_of_a_plus_a_are_seen(drawn):
    a = Scalar(3.0)
    o = a + a
    for rankdir in ("LR", "TB"):
        curves = drawn(draw(o, rankdir=rankdir).svg()).curves()
        assert len(curves) == 2
        (x0, y0), (x1, y1) = curves[0][-1], curves[1][-1]
        assert abs(x0 - x1) + abs(y0 - y1) >= 10


def test_local_derivatives_are_on_the_edges(neuron, drawn):
    picture = drawn(draw(neuron).svg())
    assert sorted(picture.texts("edge")) == sorted(["−3", "2", "1", "0", "1", "1", "1", "1", "0.5"])
    assert "∂ x1w1 / ∂ x1 = -3.0" in picture.titles("edge")
    assert drawn(draw(neuron, local_derivatives=False).svg()).texts("edge") == []


def test_operands_stay_in_order(drawn):
    a, b = Scalar(1.0), Scalar(2.0)
    for first, second in ((a, b), (b, a)):
        quotient = first / second
        tops = {
            name: box[1]
            for box, group in zip(
                drawn(draw(quotient).svg()).boxes("node"), drawn(draw(quotient).svg()).kind("node"), strict=True
            )
            for name in [t.text for t in group.iter("{http://www.w3.org/2000/svg}text")]
        }
        names = {id(a): "a", id(b): "b"}
        assert tops[names[id(first)]] < tops[names[id(second)]]


def test_full_numbers_are_in_the_tooltips(drawn):
    x = Scalar(1 / 3)
    y = gg.exp(x)
    y.backward()
    titles = drawn(draw(y).svg()).titles("node")
    assert any(f"x = {1 / 3!r}" in title and f"d y / d x = {x.grad!r}" in title for title in titles)


def test_gradients_only_where_they_were_set(neuron, build_neuron, drawn):
    assert drawn(draw(neuron).svg()).texts("node").count("grad") == 10
    assert "−1.5" in drawn(draw(neuron).svg()).texts("node")
    assert "grad" not in drawn(draw(neuron, show_grad=False).svg()).texts()
    assert "grad" not in drawn(draw(build_neuron(backward=False)).svg()).texts()


def test_gradient_colours_follow_sign_and_size(neuron):
    svg = draw(neuron).svg()
    for style in ("s-gradm4", "s-gradp4", "s-grad0"):
        assert f'class="{style}"' in svg
    assert colours.step(1.0, 1.0) == "grad+4"
    assert colours.step(-1e-30, 1.0) == "grad-1"
    assert colours.step(0.0, 0.0) == "grad0"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_gradients_that_are_no_numbers_are_marked(value, drawn):
    a = Scalar(1.0)
    b = a * 2
    a.grad, b.grad = value, 1.0
    drawing = draw(b)
    assert 's-gradbad"' in drawing.svg()
    assert format(value, ".4g").replace("-", "−") in drawn(drawing.svg()).texts("node")
    assert drawing.png().startswith(b"\x89PNG")


def test_backward_arrows_on_request(neuron, drawn):
    assert drawn(draw(neuron).svg()).kind("backward") == []
    assert len(drawn(draw(neuron, show_backprop=True).svg()).kind("backward")) == 9


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [colours.LIGHT, colours.DARK], ids=["light", "dark"])
def test_text_is_legible_on_everything_it_is_on(theme):
    ink = luminance(theme["text"].fill)
    for name in theme:
        if name.startswith("grad") or name in ("node", "leaf", "op", "group", "back", "cluster0", "cluster1"):
            paper = luminance(theme[name].fill)
            contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
            assert contrast >= 4.5, (name, contrast)
    for name in ("back", "cluster0", "cluster1"):
        faint, paper = luminance(theme["faint"].fill), luminance(theme[name].fill)
        assert (max(faint, paper) + 0.05) / (min(faint, paper) + 0.05) >= 4.5, name


def test_themes(neuron):
    auto, light, dark = (draw(neuron, theme=theme).svg() for theme in ("auto", "light", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert "--gg-" in auto
    assert "prefers-color-scheme" not in light + dark
    assert colours.DARK["back"].fill in dark
    assert colours.DARK["back"].fill not in light
    with pytest.raises(ValueError, match="'auto', 'light', 'dark'"):
        draw(neuron, theme="blue")


@pytest.mark.parametrize("option", [{"rankdir": "XY"}, {"max_nodes": 0}, {"max_nodes": 2.5}, {"max_nodes": True}])
def test_bad_options_are_named(neuron, option):
    (name, value), *_ = option.items()
    with pytest.raises(ValueError, match=re.escape(f"{name} must be ") + ".* got " + re.escape(repr(value))):
        draw(neuron, **option)


# -- constants ---------------------------------------------------------------------------------------


def test_constants_are_folded_when_asked(drawn):
    x = Scalar(3.0)
    y = 5 - 3 * x**2
    drawn_whole, folded = drawn(draw(y).svg()), drawn(draw(y, fold_constants=True).svg())
    assert len(drawn_whole.kind("node")) == 7
    assert len(drawn_whole.kind("edge")) == 6
    assert len(folded.kind("node")) == 4
    assert len(folded.kind("edge")) == 3
    assert {"** 2", "3 ×", "5 −"} <= set(folded.texts("node"))


def test_folded_into_a_function(drawn):
    x = Scalar(3.0)
    shown = drawn(draw(gg.maximum(x, 0.5), fold_constants=True).svg()).texts("node")
    assert any(text.endswith("(·, 0.5)") for text in shown)


def test_a_users_own_leaf_is_not_folded(drawn):
    x, two = Scalar(3.0), Scalar(2.0)
    assert len(drawn(draw(x * two, fold_constants=True).svg()).kind("node")) == 3


# -- groups ------------------------------------------------------------------------------------------


def network():
    x = [Scalar(1.0, label="x0"), Scalar(2.0, label="x1")]
    with gg.group("layer"):
        out = []
        for i in range(2):
            with gg.group(f"neuron {i}"):
                out.append((x[0] * 0.5 + x[1] * x[0]).tanh())
    total = out[0] + out[1]
    total.label = "total"
    return total


def test_groups_are_clusters_inside_clusters(drawn):
    picture = drawn(draw(network(), names=False).svg())
    assert picture.titles("cluster") == ["layer", "neuron 0", "neuron 1"]
    layer, first, second = picture.boxes("cluster")
    for inner in (first, second):
        assert layer[0] < inner[0]
        assert layer[1] < inner[1]
        assert inner[2] < layer[2]
        assert inner[3] < layer[3]
    assert first[3] < second[1] or second[3] < first[1]


def test_all_groups_collapsed(drawn):
    picture = drawn(draw(network(), collapse=True, names=False).svg())
    assert picture.kind("cluster") == []
    assert len(picture.kind("node")) == 3
    (group,) = picture.titles("group")
    assert group == "layer\n10 nodes\n4 ×, 2 +, 2 tanh"
    assert sorted(picture.texts("edge")) == ["×2", "×2", "×4"]


def test_some_groups_collapsed(drawn):
    picture = drawn(draw(network(), collapse="neuron 1", names=False).svg())
    assert picture.titles("cluster") == ["layer", "neuron 0"]
    assert [title.split("\n")[0] for title in picture.titles("group")] == ["neuron 1"]
    both = drawn(draw(network(), collapse=["neuron 0", "neuron 1"], names=False).svg())
    assert both.titles("cluster") == ["layer"]
    assert len(both.kind("group")) == 2
    with pytest.raises(TypeError, match="collapse"):
        draw(network(), collapse=3)


def test_groups_of_equal_name_are_two_clusters(drawn):
    x = Scalar(1.0)
    with gg.group("same"):
        y = x.tanh()
    with gg.group("same"):
        z = y.tanh()
    assert drawn(draw(z).svg()).titles("cluster") == ["same", "same"]


def test_a_group_that_is_left_and_entered_again_is_drawn_open(drawn):
    class Node:
        def __init__(self, name, prev=(), group=None):
            self.data, self.prev, self.op, self.label, self.group = 1.0, prev, "f" if prev else "", name, group

    class Group:
        name, parent = "tangled", None

    a = Node("a", (), Group)
    b = Node("b", (a,))
    c = Node("c", (b, a), Group)
    picture = drawn(draw(c).svg())
    assert picture.kind("cluster") == []
    assert len(picture.kind("node")) == 3
    closed = drawn(draw(c, collapse=True).svg())
    assert closed.kind("group") == []
    assert len(closed.kind("node")) == 3


# -- what is not drawn -------------------------------------------------------------------------------


def test_the_rest_is_summarised_in_one_box(drawn):
    x = Scalar(0.5)
    y = x
    for _ in range(1000):
        y = y.sin()
    drawing = draw(y, max_nodes=100)
    picture = drawn(drawing.svg())
    assert len(picture.kind("node")) == 100
    assert picture.texts("summary") == ["… 901 more nodes: 900 sin, 1 leaf"]
    assert len(picture.kind("edge")) == 100
    assert "901 more nodes" in str(drawing)


def tree(depth):
    layer = [Scalar(float(i)) for i in range(2**depth)]
    while len(layer) > 1:
        layer = [a + b for a, b in zip(layer[::2], layer[1::2], strict=True)]
    return layer[0]


def test_many_loose_ends_get_a_stub_each(drawn):
    picture = drawn(draw(tree(8), max_nodes=15).svg())
    assert len(picture.kind("node")) == 15
    assert len(picture.kind("stub")) == 8
    assert picture.texts("summary") == ["… 496 more nodes: 256 leaves, 240 +"]


def test_counts_of_what_is_left_out_add_up(drawn):
    for maximum in (1, 2, 7, 100, 510, 511, 600):
        picture = drawn(draw(tree(8), max_nodes=maximum).svg())
        shown = len(picture.kind("node"))
        assert shown == min(maximum, 511)
        said = "".join(picture.texts("summary"))
        rest = int(re.search(r"[\d,]+", said)[0].replace(",", "")) if said else 0
        assert shown + rest == 511


def test_the_littles_are_counted_too(little, drawn):
    y = little(1.0, label="x")
    for i in range(50):
        y = y + little(1.0, label=f"c{i}")
    assert drawn(draw(y, max_nodes=11).svg()).texts("summary") == ["… 90 more nodes: 46 leaves, 44 +"]


def test_a_million_nodes_answer_at_once(drawn):
    y = Scalar(0.5)
    for _ in range(1_000_000):
        y = -y
    drawing = draw(y)
    text, svg = str(drawing), drawing.svg()
    assert len(drawn(svg).kind("node")) == 500
    assert "999,501 more nodes" in text


def test_a_node_with_very_many_operands():
    class Node:
        def __init__(self, prev=(), op=""):
            self.data, self.prev, self.op = 1.0, prev, op

    total = Node([Node() for _ in range(20_000)], "sum")
    svg = draw(total, max_nodes=50).svg()
    assert "19,951 more nodes: 20k leaves" in svg


# -- any node ----------------------------------------------------------------------------------------


def test_the_lessons_own_classes(build_neuron, little, little_with_grad, drawn):
    picture = drawn(draw(build_neuron(little, backward=False), names=False).svg())
    assert len(picture.kind("node")) == 10
    assert len(picture.kind("edge")) == 9
    o = build_neuron(little_with_grad, backward=False)
    o.grad = 1.0
    assert drawn(draw(o).svg()).texts("node").count("grad") == 1


def test_an_operand_that_is_no_node_is_named():
    class Node:
        data, op, prev, label = 1.0, "+", (1.0, 2.0), "n"

    with pytest.raises(TypeError, match=r"node 'n' has the operand 1\.0, which is not a node"):
        draw(Node())


def test_numpy_numbers_as_data(drawn):
    class Node:
        data, op, prev = np.float32(1.5), "", ()

    assert "1.5" in drawn(draw(Node()).svg()).texts("node")


# -- the tree of text --------------------------------------------------------------------------------


def test_the_tree_of_the_neuron(neuron):
    assert str(draw(neuron)).splitlines()[:4] == [
        "o = 0.7071  [tanh]  grad 1",
        "└─ n = 0.8814  [+]  grad 0.5",
        "   ├─ x1*w1 + x2*w2 = −6  [+]  grad 0.5",
        "   │  ├─ x1w1 = −6  [*]  grad 0.5",
    ]


def test_shared_nodes_are_written_once():
    x = Scalar(2.0)
    square = x * x
    text = str(draw(square * square, names=False))
    assert text.splitlines() == ["16  [*]", "├─ #1 = 4  [*]", "│  ├─ 2", "│  └─ 2", "└─ #1 ^"]
    named = str(draw(square * square))
    assert named.splitlines() == ["16  [*]", "├─ square = 4  [*]", "│  ├─ x = 2", "│  └─ x = 2", "└─ square ^"]


def test_deep_and_large_trees_are_cut():
    y = Scalar(0.5)
    for _ in range(400):
        y = y.sin()
    text = str(draw(y))
    assert len(text.splitlines()) < 150
    assert max(map(len, text.splitlines())) < 200
    assert "more nodes of the drawing" in text


def test_a_drawing_shows_its_tree_in_a_terminal(neuron):
    assert repr(draw(neuron)) == str(draw(neuron))


def test_operations_left_out_are_counted_among_numbers_too(drawn):
    y = Scalar(0.5)
    for _ in range(100):
        y = y * 1.5
    for fold in (False, True):
        picture = drawn(draw(y, max_nodes=20, fold_constants=fold).svg())
        products = picture.texts("node").count("× 1.5" if fold else "×")
        assert f" {100 - products} ×" in picture.texts("summary")[0]


def test_the_tree_shows_numbers_that_the_picture_folds():
    x = Scalar(3.0)
    y = x * 2
    assert str(draw(y, fold_constants=True)).splitlines() == ["y = 6  [*]", "├─ x = 3", "└─ 2"]


def test_without_gradients_the_tree_has_none_either():
    x = gg.Scalar(2.0, label="x")
    y = x * 3.0
    y.backward()
    assert "grad 3" in str(gg.draw(y))
    assert "grad" not in str(gg.draw(y, show_grad=False))
