"""What notebooks keep of pictures: which formats, that they fit, and that they become LaTeX."""

import base64
import re

import pytest

import glassgrad as gg
from glassgrad.draw import notebook

KINDS = {"draw": gg.draw, "draw_dot": gg.draw_dot, "play": gg.play, "quiz": gg.quiz}
EXTRA = {"image/png": b"\x89PNG", "application/pdf": b"%PDF"}


@pytest.fixture(autouse=True)
def settings():
    yield
    gg.config.notebook_formats = None


@pytest.mark.parametrize("kind", KINDS)
def test_by_default_notebooks_are_spared_png_and_pdf(neuron, no_dot, kind):
    bundle = KINDS[kind](neuron)._repr_mimebundle_()
    assert {"image/svg+xml", "text/html"} <= set(bundle)
    assert not EXTRA.keys() & bundle.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_png_and_pdf_are_offered_beside_svg_and_html(neuron, no_dot, kind):
    gg.config.notebook_formats = ("png", "pdf")
    bundle = KINDS[kind](neuron)._repr_mimebundle_()
    assert {"image/svg+xml", "text/html"} <= set(bundle)
    for mime, magic in EXTRA.items():
        assert base64.b64decode(bundle[mime], validate=True).startswith(magic)


@pytest.mark.parametrize("wanted", ["pdf", ("svg", "html", "pdf"), {"application/pdf"}])
def test_what_is_not_asked_for_is_not_made(neuron, wanted):
    gg.config.notebook_formats = wanted
    bundle = gg.draw(neuron)._repr_mimebundle_(exclude=["text/html"])
    assert set(bundle) == {"text/plain", "image/svg+xml", "application/pdf"}
    assert set(gg.draw(neuron)._repr_mimebundle_(include=["image/png"])) == {"image/png"}


def test_the_setting_is_checked():
    assert gg.config.notebook_formats == ("svg", "html")
    gg.config.notebook_formats = ("png", "pdf", "image/png")
    assert gg.config.notebook_formats == ("png", "pdf")
    for bad in ("gif", ["png", "jpeg"], ["image/webp"], [3]):
        with pytest.raises(ValueError, match="must be among 'svg', 'html', 'png', 'pdf'"):
            gg.config.notebook_formats = bad
    for bad in (3, True):
        with pytest.raises(TypeError, match="notebook_formats must be a list of formats"):
            gg.config.notebook_formats = bad
    assert gg.config.notebook_formats == ("png", "pdf")


@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_becomes_latex(neuron, no_dot, kind):
    """nbconvert would run Inkscape on an SVG that has no PDF beside it."""
    exporter = pytest.importorskip("nbconvert").LatexExporter()
    nbformat = pytest.importorskip("nbformat")
    gg.config.notebook_formats = ("png", "pdf")
    data = KINDS[kind](neuron)._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell("show", outputs=[nbformat.v4.new_output("display_data", data)])
    body, resources = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    (name,) = [name for name in resources["outputs"] if name.endswith(".pdf")]
    assert resources["outputs"][name].startswith(b"%PDF")
    assert re.search(r"(includegraphics|adjustimage).*" + re.escape(name), body)


@pytest.mark.parametrize("draw", [gg.draw, gg.draw_dot])
def test_a_picture_is_no_wider_than_its_cell(neuron, no_dot, draw):
    html = draw(neuron)._repr_mimebundle_()["text/html"]
    assert re.fullmatch(
        r'<img alt="[^"]+" src="data:image/svg\+xml;base64,[\w+/=]+" style="max-width: 100%; .*">', html
    )
    svg = base64.b64decode(re.search('base64,([^"]+)', html)[1]).decode()
    assert svg == draw(neuron)._repr_mimebundle_()["image/svg+xml"]


def test_titles_cannot_leave_their_attribute():
    assert 'alt="a&quot; onload=&quot;b&lt;"' in notebook.fitted("<svg/>", 'a" onload="b<')


def test_draw_dot_names_nodes_by_the_callers_variables():
    a, b = gg.Scalar(2.0), gg.Scalar(-3.0, label="mine")
    w = [gg.Scalar(1.0)]
    total = a * b + w[0]
    source = gg.draw_dot(total + 1.0).source
    found = re.findall(r'label="\{([^|]*)\|', source)
    assert sorted(found) == ["1", "a", "mine", "total", "unk", "unk", "w[0]"]
    total.backward()
    assert "do/d(total)|1.000" in gg.draw_dot(total).source


def test_names_can_be_given_or_left_out_of_draw_dot():
    a = gg.Scalar(2.0)
    b = a * a
    assert re.findall(r'label="\{([^|]*)\|', gg.draw_dot(b, names=False).source) == ["unk", "unk"]
    given = gg.draw_dot(b, names={"x": a}).source
    assert re.findall(r'label="\{([^|]*)\|', given) == ["x", "unk"]
    with pytest.raises(TypeError, match=r"names must be a mapping .* got 3"):
        gg.draw_dot(b, names=3)
