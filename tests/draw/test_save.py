"""Every format, from `pip install` alone: right content, written whole or not at all."""

import os
import shutil
import stat
import subprocess
import sys

import pytest

import glassgrad as gg
from glassgrad import Scalar, draw

STARTS = {
    ".svg": b"<?xml",
    ".png": b"\x89PNG\r\n",
    ".pdf": b"%PDF-",
    ".html": b"<!DOCTYPE html>",
    ".tex": b"% A graph",
    ".dot": b"digraph {",
    ".gv": b"digraph {",
    ".txt": b"o = 0.7071",
}


@pytest.mark.parametrize("suffix", STARTS)
def test_each_suffix_is_a_format(neuron, tmp_path, suffix, no_dot):
    path = tmp_path / f"drawing{suffix}"
    assert draw(neuron).save(path) == path
    assert path.read_bytes().startswith(STARTS[suffix])
    assert draw(neuron).save(str(tmp_path / f"UPPER{suffix.upper()}")).read_bytes() == path.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["drawing", "drawing.jpg", "drawing.svg.gz", ".svg"])
def test_an_unknown_suffix_lists_the_choices(neuron, tmp_path, name):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.html, \.tex, \.dot"):
        draw(neuron).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_half_written(neuron, tmp_path, monkeypatch):
    path = tmp_path / "d.svg"
    path.write_text("before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        draw(neuron).save(path)
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["d.svg"]


def test_a_folder_that_is_not_there(neuron, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot save .*: the folder .* does not exist"):
        draw(neuron).save(tmp_path / "none" / "d.svg")


def test_permissions_are_those_of_any_file(neuron, tmp_path):
    draw(neuron).save(tmp_path / "d.svg")
    (tmp_path / "other").write_text("")
    assert stat.S_IMODE((tmp_path / "d.svg").stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)


@pytest.mark.parametrize("kind", ["svg", "png", "pdf", "tex", "dot", "html"])
def test_the_same_drawing_is_the_same_file(build_neuron, kind):
    first, second = (getattr(draw(build_neuron()), kind)() for _ in range(2))
    assert first == second


def test_png_has_the_size_of_the_svg_twice(neuron):
    drawing = draw(neuron)
    png = drawing.png()
    width, height = (int.from_bytes(png[i : i + 4], "big") for i in (16, 20))
    assert width == pytest.approx(2 * drawing.scene.width, abs=2)
    assert height == pytest.approx(2 * drawing.scene.height, abs=2)


def test_png_shows_what_the_svg_says(neuron):
    """At the middle of boxes the image has the colours of the scene."""
    import io

    from matplotlib.image import imread

    drawing = draw(neuron, theme="dark")
    image = imread(io.BytesIO(drawing.png()))
    scene = drawing.scene
    for group in scene.groups:
        for shape in group.shapes:
            if group.kind == "node" and getattr(shape, "style", "").startswith("grad"):
                x, y = shape.x + 2.5, shape.y + 9
                colour = tuple(round(c * 255) for c in image[int(2 * y), int(2 * x)][:3])
                wanted = scene.dark[shape.style].fill
                assert colour == tuple(int(wanted[i : i + 2], 16) for i in (1, 3, 5))


def test_large_drawings_are_scaled_to_fit_into_an_image():
    y = Scalar(0.5)
    for _ in range(450):
        y = y.sin()
    png = draw(y, names=False).png()
    assert int.from_bytes(png[16:20], "big") <= 30_000


def test_matplotlibs_state_is_left_alone(neuron):
    code = (
        "import sys, glassgrad as gg; from matplotlib import rcParams; before = dict(rcParams);"
        "d = gg.draw(gg.Scalar(1.0).tanh()); d.png(); d.pdf();"
        "print('matplotlib.pyplot' in sys.modules, before == dict(rcParams))"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)), MPLBACKEND="Agg")
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True)
    assert run.stdout.split() == ["False", "True"], run.stderr


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_tex_compiles(tmp_path, neuron):
    nasty = Scalar(1.0, label="\\a_1^2 $x$ #%&~|<>{}\"'` é ß αΩ 😀 中 …")
    with gg.group("a group_1"):
        o = neuron * nasty
    o.label = "o_2"
    o.backward()
    draw(o, show_backprop=True).save(tmp_path / "d.tex")
    subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "d.tex"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert (tmp_path / "d.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's program `dot` is not installed")
def test_graphviz_reads_our_dot(neuron):
    with gg.group("g"):
        o = neuron * 2
    for options in ({}, {"collapse": True}, {"max_nodes": 4}, {"show_backprop": True, "fold_constants": True}):
        source = draw(o, **options).dot()
        run = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True)
        assert b"<svg" in run.stdout
        assert run.stderr == b""


def test_notebooks_get_svg_and_text(neuron):
    bundle = draw(neuron)._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/html", "text/plain"}
    assert "<svg" in bundle["image/svg+xml"]
    assert bundle["text/plain"].startswith("o = ")
    assert set(draw(neuron)._repr_mimebundle_(include=["text/html"])) == {"text/html"}
    assert set(draw(neuron)._repr_mimebundle_(exclude=["text/html", "text/plain"])) == {"image/svg+xml"}
    assert draw(neuron)._repr_svg_() == bundle["image/svg+xml"]


def test_the_page_loads_nothing(neuron):
    page = draw(neuron).html()
    for sign in ("http://", "https://", "url(", "@import", "src="):
        assert sign not in page.replace("http://www.w3.org/2000/svg", "").replace("default-src=", "")
    assert "default-src 'none'" in page


def test_the_drawing_is_of_the_moment_it_was_made(build_neuron):
    o = build_neuron()
    drawing = draw(o)
    before = draw(o).svg()
    o.data = 99.0
    assert drawing.svg() == before
