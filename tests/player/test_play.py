"""`play`: what it takes, what it is called, what it saves and shows."""

from __future__ import annotations

import os
import webbrowser
from xml.etree import ElementTree

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.player import Player, widget


class Node:
    """A node of another class, such as those of the lessons."""

    def __init__(self, data, prev=(), op="", label="unk"):
        self.data, self.prev, self.op, self.label, self.grad = data, prev, op, label, 0.0


def labels(player):
    strings, nodes = player.document["strings"], player.document["nodes"]
    return [strings[at] for at in nodes["label"]]


def test_nodes_go_by_the_callers_variables():
    x, w = gg.Scalar(2.0), gg.Scalar(-3.0)
    products = [x * w]
    y = products[0].tanh()
    assert labels(gg.play(y)) == ["x", "w", "products[0]", "y"]
    assert labels(gg.play(y, names=False)) == ["", "", "", ""]
    assert labels(gg.play(y, names={"a": x, "b": [w]})) == ["a", "b[0]", "", ""]
    assert gg.play(y).title == "y"
    assert gg.play(y, title="A neuron").title == "A neuron"


def test_a_label_wins(neuron):
    other = neuron["x1"]
    assert "other" not in labels(gg.play(neuron["o"]))
    assert other.label in labels(gg.play(neuron["o"]))


def test_any_node_can_be_played():
    a = Node(2.0, label="a")
    player = gg.play(Node(4.0, (a, a), "+", "b"))
    assert labels(player) == ["a", "b"]
    assert player.document["ops"][0]["live"] is True


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (2.0, "make its inputs Scalars"),
        ([gg.Scalar(1.0), 0.5], r"0.5: a plain number .* \(this is element 1 of the list\)"),
        (np.array([1.0]), r"play\(values\[0\]\)"),
        (gg.tanh, "call it first"),
        (None, "pass the Scalar"),
        (gg.Scalar, "pass the Scalar|call it first"),
    ],
)
def test_what_is_no_node_is_refused_with_a_cure(root, said):
    with pytest.raises(TypeError, match=said):
        gg.play(root)


def test_bad_options_are_refused(neuron):
    with pytest.raises(TypeError, match=r"names must be a mapping .* got 3"):
        gg.play(neuron["o"], names=3)
    with pytest.raises(TypeError, match="title must be text, got 3"):
        gg.play(neuron["o"], title=3)


def test_it_leaves_the_graph_alone(neuron, bundle):
    before = [(node.data, node.grad, node.grad_updated) for node in neuron.values()]
    gg.play(neuron["o"]).html()
    assert [(node.data, node.grad, node.grad_updated) for node in neuron.values()] == before


def test_save_writes_the_page(bundle, neuron, tmp_path):
    player = gg.play(neuron["o"])
    path = player.save(tmp_path / "page.html")
    assert path == tmp_path / "page.html"
    assert path.read_text(encoding="utf-8") == player.html()
    assert player.save(str(tmp_path / "page.HTM")).is_file()


@pytest.mark.parametrize("name", ["page", "page.svg", "page.html.txt"])
def test_another_suffix_is_refused(bundle, neuron, tmp_path, name):
    with pytest.raises(ValueError, match=r"must end in \.html"):
        gg.play(neuron["o"]).save(tmp_path / name)
    assert os.listdir(tmp_path) == ["bundle.js"]


def test_what_cannot_be_written_leaves_what_was_there(bundle, neuron, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("old")
    with pytest.raises(FileNotFoundError, match=r"the folder .* does not exist"):
        gg.play(neuron["o"]).save(tmp_path / "nowhere" / "page.html")
    bundle.unlink()
    with pytest.raises(FileNotFoundError, match="script"):
        gg.play(neuron["o"]).save(page)
    assert page.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_open_shows_the_page_in_the_browser(bundle, neuron, monkeypatch):
    shown = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    path = gg.play(neuron["o"]).open()
    assert shown == [path.as_uri()]
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_notebooks_without_a_kernel_get_the_page_a_picture_and_a_line(bundle, neuron):
    player = gg.play(neuron["o"])
    shown = player._repr_mimebundle_()
    assert set(shown) == {"text/html", "image/svg+xml", "text/plain"}
    assert shown["text/html"].startswith("<iframe ")
    assert ElementTree.fromstring(shown["image/svg+xml"].encode()).tag.endswith("svg")
    assert shown["text/plain"] == "<player of 'o': 10 nodes; save(\"page.html\") writes it as a page>" == repr(player)
    assert set(player._repr_mimebundle_(include=["text/plain", "text/html"], exclude=["text/html"])) == {"text/plain"}


def test_without_anywidget_there_is_no_widget_and_the_page_is_shown_all_the_same(bundle, neuron, monkeypatch):
    monkeypatch.setattr(widget, "find_spec", lambda name: None)
    monkeypatch.setattr(widget, "in_a_kernel", lambda: True)
    player = gg.play(neuron["o"])
    assert "application/vnd.jupyter.widget-view+json" not in player._repr_mimebundle_()
    assert player._display_()._repr_html_().startswith("<iframe ")
    with pytest.raises(ModuleNotFoundError, match=r'pip install "glassgrad\[notebook\]"'):
        player.widget()
    player.refresh()
    assert player.error is None


def test_a_large_graph_is_played_whole_and_its_still_picture_is_cut(bundle):
    x = gg.Scalar(1.0, label="x")
    y = x
    for _ in range(3000):
        y = y * 0.5 + x
    player = gg.play(y)
    assert isinstance(player, Player)
    assert len(player.document["nodes"]["op"]) == 9001
    assert len(player._repr_mimebundle_()["image/svg+xml"]) < 200_000


def test_several_roots_share_one_page():
    """All are computed; the gradients are those of the first, which nothing of the others comes into."""
    w, x = gg.Scalar(3.0), gg.Scalar(2.0)
    y = w * x
    accuracy = y + 1.0
    loss = y * y
    player = gg.play((loss, accuracy, loss))
    nodes = player.document["nodes"]
    strings = [player.document["strings"][at] for at in nodes["label"]]
    assert [strings[i] for i in player.document["roots"]] == ["loss", "accuracy"]
    assert strings[player.document["root"]] == "loss"
    assert strings.count("y") == 1
    assert player.title == "loss, accuracy"
    assert "accuracy = 7" in player.html()
    with pytest.raises(ValueError, match="select must be a node of the graph, got 'unk': 'unk', 'unk'"):
        gg.play([loss, accuracy], select=gg.Scalar(1.0))
    with pytest.raises(ValueError, match="must be given at least one node"):
        gg.play([])
