"""`draw_dot` makes the notebook's drawing, in a fixed order, with Graphviz's programs and without."""

import importlib
import io
import re
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad import Scalar, draw_dot

HAVE_DOT = shutil.which("dot") is not None
needs_dot = pytest.mark.skipif(not HAVE_DOT, reason="Graphviz's program `dot` is not installed")
SVG = "{http://www.w3.org/2000/svg}"


def statements(source: str) -> tuple[list[str], list[str]]:
    """The lines that make nodes, and those that make edges."""
    lines = [line.strip() for line in source.splitlines()[2:-1]]
    return [line for line in lines if " -> " not in line], [line for line in lines if " -> " in line]


def test_it_is_a_digraph(neuron):
    import graphviz

    dot = draw_dot(neuron)
    assert isinstance(dot, graphviz.Digraph)
    assert (dot.format, dot.engine) == ("svg", "dot")
    assert dot.graph_attr == {"rankdir": "LR", "ordering": "in"}


def test_records_before_and_after_backward(build_neuron):
    before = draw_dot(build_neuron(backward=False)).source
    assert 'label="{x1|2.000}" shape=record' in before
    assert "color" not in before
    assert "do/d" not in before
    assert "red" not in before
    after = draw_dot(build_neuron()).source
    assert 'label="{x1|2.000}|{do/dx1|-1.500}" color=blue shape=record' in after
    assert 'label="{x1w1|-6.000}|{do/d(x1w1)|0.500}" color=blue shape=record' in after
    assert 'label="{x1*w1 + x2*w2|-6.000}|{do/d(x1*w1 + x2*w2)|0.500}"' in after
    assert "[label=tanh color=purple]" in after


def test_every_edge_of_the_neuron(neuron):
    nodes, edges = statements(draw_dot(neuron).source)
    assert len(nodes) == 10 + 5
    red = [edge for edge in edges if "color=red" in edge]
    assert len(edges) - len(red) == 5 + 9
    assert len(red) == 9
    assert all("dir=back" in edge and "style=dashed" in edge for edge in red)
    ids = {line.split(" [")[1]: line.split()[0] for line in nodes}
    x1 = next(node for label, node in ids.items() if label.startswith('label="{x1|'))
    x1w1 = next(node for label, node in ids.items() if label.startswith('label="{x1w1|'))
    assert f"{x1} -> {x1w1}_op" in edges
    assert f"{x1w1}_op -> {x1w1}" in edges
    assert f"{x1} -> {x1w1} [color=red dir=back style=dashed]" in edges


def test_no_backward_edges_on_request_or_where_the_gradient_is_zero(neuron):
    assert "red" not in draw_dot(neuron, show_backprop=False).source
    a, b = Scalar(2.0, label="a"), Scalar(3.0, label="b")
    c = a * b
    c.grad = 0.0
    assert "red" not in draw_dot(c).source
    c.grad = -1.0
    assert draw_dot(c).source.count("color=red") == 2
    c.grad = float("nan")
    assert draw_dot(c).source.count("color=red") == 2


def test_colours_are_for_updated_nodes_only(neuron):
    plain = draw_dot(neuron, colors=False).source
    assert "blue" not in plain
    assert "purple" not in plain
    assert plain.count("color=black") == 15
    assert plain.count("color=red") == 9
    a, b = Scalar(2.0, label="a"), Scalar(3.0, label="b")
    o = a * b
    a.grad = 1.0  # by hand, one node only
    source = draw_dot(o).source
    assert source.count("blue") == 1
    assert "purple" not in source


def test_a_label_longer_than_two_letters_is_put_in_brackets():
    for label, by in (("o", "o"), ("w1", "w1"), ("abc", "(abc)")):
        x = Scalar(1.0, label=label)
        x.grad = 1.0
        assert f"{{do/d{by}|1.000}}" in draw_dot(x).source


def test_both_edges_of_a_plus_a_and_operands_in_order():
    a, b = Scalar(3.0, label="a"), Scalar(4.0, label="b")
    o = a + a
    o.backward()
    _, edges = statements(draw_dot(o).source)
    assert edges.count("n0 -> n1_op") == 2
    assert edges.count("n0 -> n1 [color=red dir=back style=dashed]") == 2
    _, edges = statements(draw_dot(b - a).source)
    nodes, _ = statements(draw_dot(b - a).source)
    assert [re.search("{(.)", line)[1] for line in nodes[:2]] == ["b", "a"]
    assert edges[1:] == ["n0 -> n2_op", "n1 -> n2_op"]


def test_the_lessons_own_classes(build_neuron, little, little_with_grad):
    bare = draw_dot(build_neuron(little, backward=False)).source
    assert bare.count("shape=record") == 10
    assert "{x1|2.000}" in bare
    o = build_neuron(little_with_grad, backward=False)
    o.grad = 1.0
    source = draw_dot(o).source
    assert source.count("blue") == 1
    assert source.count("purple") == 1
    assert source.count("red") == 1


def test_classes_without_label_or_with_other_numbers():
    class Bare:
        def __init__(self, data, prev=(), op=""):
            self.data, self.prev, self.op = data, prev, op

    source = draw_dot(Bare(7, (Bare("two"), Bare(None)), "max")).source
    assert "{|7.000}" in source
    assert "{|two}" in source
    assert "{|None}" in source


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_rankdir(neuron, rankdir):
    assert f"rankdir={rankdir}" in draw_dot(neuron, rankdir=rankdir).source


@pytest.mark.parametrize("rankdir", ["BT", "lr", "", None, 3])
def test_a_bad_rankdir_is_named_with_the_choices(neuron, rankdir):
    with pytest.raises(ValueError, match="rankdir must be one of .* got " + re.escape(repr(rankdir))) as caught:
        draw_dot(neuron, rankdir=rankdir)
    assert "'LR'" in str(caught.value)
    assert "'TB'" in str(caught.value)


@pytest.mark.parametrize("draw", [gg.draw, gg.draw_dot])
@pytest.mark.parametrize("bad", [3.0, "x", None, [1, 2], Scalar, gg.tanh, 2j, object()])
def test_what_is_no_node_is_an_error_with_a_cure(draw, bad):
    with pytest.raises(TypeError, match="Scalar") as caught:
        draw(bad)
    assert ": " in str(caught.value)


@pytest.mark.parametrize("draw", [gg.draw, gg.draw_dot])
def test_a_cycle_made_by_hand_is_an_error(draw, little):
    a, b = little(1.0, label="a"), little(2.0, label="b")
    c = a + b
    a.prev, a.op = {c}, "+"
    with pytest.raises(gg.CycleError, match="depends on itself"):
        draw(c)


SCRIPT = """
    import sys
    sys.path.insert(0, {here!r})
    from conftest import Little, make_neuron
    from glassgrad import draw, draw_dot
    padding = [object() for _ in range(int(sys.argv[1]))]
    o = make_neuron(Little, backward=False)
    print(draw_dot(o).source)
    print(draw_dot(make_neuron()).source)
    print(draw(make_neuron(), names=False).svg())
"""


def test_the_same_in_every_process():
    code = textwrap.dedent(SCRIPT).format(here=str(Path(__file__).parent))
    outputs = set()
    for seed, padding in (("0", "10"), ("1", "1000"), ("77", "5")):
        run = subprocess.run(
            [sys.executable, "-c", code, padding],
            env={**_environment(), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ, PYTHONUTF8="1", PYTHONPATH=os.pathsep.join(filter(None, sys.path)))


# -- with Graphviz's programs ------------------------------------------------------------------------


@needs_dot
def test_dot_draws_it(neuron):
    svg = draw_dot(neuron).pipe(encoding="utf-8")
    assert "Generated by graphviz" in svg
    root = ET.fromstring(svg.encode())
    assert sum(g.get("class") == "node" for g in root.iter(f"{SVG}g")) == 15
    assert sum(g.get("class") == "edge" for g in root.iter(f"{SVG}g")) == 23


@needs_dot
def test_a_warning_before_graphviz_takes_minutes(neuron, monkeypatch):
    import glassgrad.draw.digraph as module

    monkeypatch.setattr(module, "SLOW", 9)
    with pytest.warns(UserWarning, match=r"minutes to lay out 10 nodes: glassgrad.draw\(root"):
        draw_dot(neuron).pipe()


# -- without -----------------------------------------------------------------------------------------


def test_without_dot_it_displays_in_a_notebook(neuron, no_dot, drawn):
    bundle = draw_dot(neuron)._repr_mimebundle_()
    picture = drawn(bundle["image/svg+xml"])
    assert len(picture.kind("node")) == 15
    assert len(picture.kind("edge")) == 23
    texts = picture.texts()
    for text in ("x1", "2.000", "do/dx1", "-1.500", "do/d(x1*w1 + x2*w2)", "tanh", "*", "+"):
        assert text in texts


def test_without_dot_it_pipes_renders_and_saves(neuron, no_dot, tmp_path, drawn):
    dot = draw_dot(neuron)
    assert dot.pipe(format="svg").startswith(b"<?xml")
    assert dot.pipe(format="png").startswith(b"\x89PNG")
    assert dot.pipe(format="pdf").startswith(b"%PDF")
    assert dot.pipe("svg", encoding="utf-8").startswith("<?xml")
    path = dot.render(tmp_path / "graph")
    assert path == str(tmp_path / "graph.svg")
    assert (tmp_path / "graph").read_text() == dot.source
    assert len(drawn(Path(path).read_text("utf-8")).kind("node")) == 15
    path = dot.render("other", directory=tmp_path / "new", format="png", cleanup=True)
    assert Path(path).read_bytes().startswith(b"\x89PNG")
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["other.png"]
    path = dot.render(outfile=tmp_path / "as.svg")
    assert path == str(tmp_path / "as.svg")
    assert Path(path).read_bytes().startswith(b"<?xml")
    assert dot.save(tmp_path / "direct.svg") == str(tmp_path / "direct.svg")
    assert (tmp_path / "direct.svg").read_bytes().startswith(b"<?xml")
    assert Path(dot.save(tmp_path / "source.gv")).read_text().startswith("digraph")


def test_without_dot_other_formats_say_what_is_missing(neuron, no_dot):
    with pytest.raises(ValueError, match=r"one of svg, png, pdf without Graphviz, got .* need its program `dot`"):
        draw_dot(neuron, format="jpg").pipe()


def test_without_dot_what_users_add_is_drawn_too(neuron, no_dot, drawn):
    dot = draw_dot(neuron)
    dot.node("note", label="a note", shape="box", style="filled", fillcolor="yellow")
    dot.edge("note", "n0", label="see", color="green")
    with dot.subgraph(name="cluster_a") as inner:
        inner.attr(label="inside")
        inner.node("deep", label="<b>deep</b>")
    picture = drawn(dot.copy().pipe(encoding="utf-8"))
    assert len(picture.kind("node")) == 17
    assert len(picture.kind("edge")) == 24
    assert {"a note", "see", "inside"} <= set(picture.texts())
    assert "#ffff00" in dot.pipe(encoding="utf-8")


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_without_dot_nothing_overlaps_and_the_looks_are_the_notebooks(neuron, no_dot, rankdir):
    svg = draw_dot(neuron, rankdir=rankdir).pipe(encoding="utf-8")
    assert "#0000ff" in svg
    assert "#a020f0" in svg
    assert "#ff0000" in svg
    assert "stroke-dasharray" in svg
    plain = draw_dot(neuron, colors=False, show_backprop=False).pipe(encoding="utf-8")
    assert "#0000ff" not in plain
    assert "#a020f0" not in plain
    assert "#ff0000" not in plain


def test_a_graph_too_large_for_it_is_drawn_in_part_with_a_warning(monkeypatch):
    module = importlib.import_module("glassgrad.draw.dot")  # as an attribute of the package it is the function
    monkeypatch.setattr(module, "DRAWN_MAX", 100)
    monkeypatch.setattr(module, "_PART", 50)
    x = Scalar(0.1, label="x")
    y = x
    for _ in range(200):
        y = y.sin()
    with pytest.warns(UserWarning, match=r"draw\(root, max_nodes="):
        dot = draw_dot(y)
    assert dot.source.count("shape=record") == 50
    assert "151 more nodes: 150 sin, 1 leaf" in dot.source


def test_graphviz_is_imported_only_when_drawing():
    code = "import sys, glassgrad, glassgrad.draw; print('graphviz' in sys.modules, 'matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], env=_environment(), capture_output=True, text=True)
    assert run.stdout.split() == ["False", "False"]


def test_pickle_and_copy_keep_it_drawable(neuron, no_dot):
    import pickle

    dot = pickle.loads(pickle.dumps(draw_dot(neuron)))
    assert dot.source == draw_dot(neuron).source
    assert io.BytesIO(dot.pipe()).read(5) == b"<?xml"
