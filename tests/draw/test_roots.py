"""Several roots in one drawing: what they share is drawn once."""

import re

import numpy as np
import pytest

import glassgrad as gg


@pytest.fixture
def training():
    """A loss and an accuracy that come from one prediction."""
    w, x = gg.Scalar(3.0, label="w"), gg.Scalar(2.0, label="x")
    y = w * x
    y.label = "y"
    loss, accuracy = (y - 1.0) ** 2, y / 10.0
    loss.label, accuracy.label = "loss", "accuracy"
    loss.backward()
    return loss, accuracy


@pytest.mark.parametrize("kind", [list, tuple, lambda roots: np.array(roots, dtype=object), gg.array])
def test_all_roots_are_drawn_and_shared_nodes_once(training, drawn, kind):
    picture = drawn(gg.draw(kind(training)).svg())
    texts = picture.texts("node")
    assert [texts.count(name) for name in ("loss", "accuracy", "y", "w", "x")] == [1] * 5
    roots = [group for group in picture.kind("node") if any("s-root" in (one.get("class") or "") for one in group)]
    assert sorted(next(iter(group)).text.split()[0] for group in roots) == ["accuracy", "loss"]


def test_the_tree_has_all_roots_and_refers_back(training):
    lines = str(gg.draw(list(training))).split("\n")
    assert lines[0].startswith("loss = 25")
    (second,) = [i for i, line in enumerate(lines) if line.startswith("accuracy = 0.6")]
    assert lines[second + 1].endswith("y ^")


def test_every_format_has_all_roots(training, tmp_path):
    drawing = gg.draw(training)
    for suffix in ("svg", "html", "tex", "dot", "txt"):
        text = drawing.save(tmp_path / f"y.{suffix}").read_text(encoding="utf-8")
        assert "accuracy" in text
        assert "loss" in text
    assert drawing.save(tmp_path / "y.png").stat().st_size > 1000
    assert drawing.save(tmp_path / "y.pdf").stat().st_size > 1000
    assert "Graph of loss, accuracy" in drawing.svg()


def test_a_root_below_another_root_is_a_root(drawn):
    a = gg.Scalar(1.0, label="a")
    b = a * 2.0
    c = b + a
    for roots in ([b, c], [c, b], [c, b, b, c]):
        picture = drawn(gg.draw(roots).svg())
        assert len(picture.kind("node")) == 4
        assert sum("s-root" in (one.get("class") or "") for one in picture.root.iter()) == 2


def test_draw_dot_has_all_roots(training):
    source = gg.draw_dot(list(training)).source
    for name in ("loss", "accuracy", "y", "w", "x"):
        assert len(re.findall(rf'label="\{{{name}\|', source)) == 1


def test_of_a_large_graph_the_parts_nearest_to_all_roots_are_drawn(drawn):
    x = gg.Scalar(1.0)
    chain = x
    for _ in range(100):
        chain = chain.sin()
    other = x.cos()
    drawing = gg.draw([chain, other], max_nodes=10)
    assert {"cos", "sin"} <= set(drawn(drawing.svg()).texts("node"))
    assert "92 more nodes" in drawing.svg() or "91 more nodes" in drawing.svg()
    total = int(re.search(r"(\d+) more nodes", drawing.svg())[1]) + len(drawn(drawing.svg()).kind("node"))
    assert total == 102


def test_groups_of_several_roots_collapse(drawn):
    x = gg.Scalar(2.0)
    with gg.group("head"):
        a, b = x * 2.0, x * 3.0
    assert len(drawn(gg.draw([a, b], collapse=True).svg()).kind("group")) == 1


@pytest.mark.parametrize("draw", [gg.draw, gg.draw_dot, gg.play])
def test_bad_lists_are_refused_with_the_element(draw):
    x = gg.Scalar(2.0)
    with pytest.raises(TypeError, match=r"0.5: a plain number .* \(this is element 1 of the list\)"):
        draw([x * x, 0.5])
    with pytest.raises(ValueError, match="must be given at least one node"):
        draw([])
    with pytest.raises(TypeError, match="flat list"):
        draw([[x]])


def test_only_roots_that_forward_computes_are_named_in_the_cure():
    x = gg.Scalar(3.0)
    y, z = x * x, x + 1.0
    x.data = 1.0
    assert str(gg.draw([y, x])).endswith("Call forward() on y to compute it again.")
    assert str(gg.draw([y, z])).endswith("Call forward() on y and on z to compute them again.")


def test_roots_from_before_and_after_a_move_are_of_no_one_forward_pass():
    w = gg.Scalar(2.0)
    loss = w * 3.0
    w.data = 1.0
    accuracy = w * 5.0
    drawing = str(gg.draw([loss, accuracy]))
    assert "loss = 6  [*]  (stale)" in drawing
    assert "accuracy = 5  [*]\n" in drawing
    assert "Part of this graph was computed before the change, and part after it." in drawing
    document = gg.play([loss, accuracy]).document
    assert document["changes"]["mixed"]
    assert document["nodes"]["value"][0] == 1.0  # from which the page computes both
