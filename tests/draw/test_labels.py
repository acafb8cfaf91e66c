"""A label is text: in no format does one break a drawing or put anything into it."""

import re
import shutil
import subprocess
import warnings
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad import Scalar, draw, draw_dot
from glassgrad.draw.dotread import read
from glassgrad.draw.dotscene import record_fields
from glassgrad.draw.metrics import printable
from glassgrad.draw.tikz import escape

HOSTILE = [
    "|",
    "a|b",
    "{",
    "}",
    "{a|b}",
    "<",
    ">",
    "<b>bold</b>",
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "</title><script>x</script>",
    "]]>",
    "&",
    "&lt;",
    "&#60;",
    '"',
    "'",
    '\\"',
    "\\",
    "\\\\",
    "a\\",
    "\\n",
    "\\N \\G \\L",
    "two\nlines",
    "tab\there",
    "\r\n",
    "\x00",
    "\x1b[31mred",
    "\x7f",
    "\ud800",
    "\u202eright to left",
    "\u2028",
    "😀",
    "👩‍👩‍👧",
    "中文",
    "αβγ ∂x/∂y",
    "é\u0301",
    "$x$",
    "$\\frac{1}{2}$",
    "\\input{/etc/passwd}",
    "%comment",
    "#1_2^3~4",
    "x" * 5_000,
    "",
    " ",
    "  two  spaces  ",
    "-->",
    "n0 -> n1",
    "];evil[",
    "node",
    "digraph",
    ":port",
    "style='x'",
    "javascript:alert(1)",
    "{%s}",
    "%s %d",
]


def graph(label: str):
    a = Scalar(2.0, label=label)
    b = Scalar(3.0, label="b")
    with gg.group(label):
        o = a * b
    o.label = label
    o.backward()
    return o


def elements(svg: str) -> list[str]:
    return [element.tag.rpartition("}")[2] for element in ET.fromstring(svg.encode()).iter()]


PLAIN = elements(draw(graph("a"), names=False).svg())


@pytest.mark.parametrize("label", HOSTILE)
def test_svg_and_html(label):
    for collapse in (False, True):
        svg = draw(graph(label), names=False, collapse=collapse).svg()
        tags = elements(svg)
        assert set(tags) <= {"svg", "title", "style", "g", "rect", "path", "polygon", "text"}
        assert not re.search(r"\son\w+=|href|javascript:(?!alert)", re.sub(r">[^<]*<", "><", svg))
    html = draw(graph(label), names=False).html()
    assert "<script" not in html


@pytest.mark.parametrize("label", [label for label in HOSTILE if label.strip() and len(label) < 30])
def test_the_text_itself_is_shown(label, drawn):
    shown = drawn(draw(graph(label), names=False).svg()).texts("node")
    assert printable(label) in shown


@pytest.mark.parametrize("label", HOSTILE)
def test_the_source_of_draw_dot_reads_back(label):
    source = draw_dot(graph(label)).source
    back = read(source)
    assert list(back.nodes) == ["n0", "n1", "n2", "n2_op"]
    assert len(back.edges) == 5
    fields = record_fields(back.nodes["n0"]["label"])
    assert len(fields) == 2
    assert [len(field) for field in fields] == [2, 2]
    name = printable(label)
    if len(name) <= 200:
        assert fields[0] == [name, "2.000"]
    assert fields[1][0].startswith("do/d")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's program `dot` is not installed")
def test_dot_reads_them_all():
    nodes = [Scalar(float(i), label=label) for i, label in enumerate(HOSTILE)]
    total = nodes[0]
    for node in nodes[1:]:
        total = total + node
    total.backward()
    svg = draw_dot(total).pipe(encoding="utf-8", quiet=False)
    root = ET.fromstring(svg.encode())
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert "script" not in tags
    assert "a" not in tags
    texts = [
        (element.text or "").replace("\xa0", " ").strip() for element in root.iter() if element.tag.endswith("}text")
    ]
    for label in HOSTILE:
        name = printable(label)
        if name.strip() and len(name) < 200 and name.isascii():
            assert name.strip() in texts, label
    drawing = draw(total, names=False)
    subprocess.run(["dot", "-Tsvg"], input=drawing.dot().encode(), capture_output=True, check=True)


@pytest.mark.parametrize("label", HOSTILE)
def test_without_dot(label, no_dot, drawn):
    picture = drawn(draw_dot(graph(label)).pipe(encoding="utf-8"))
    assert len(picture.kind("node")) == 4
    assert "script" not in elements(draw_dot(graph(label)).pipe(encoding="utf-8"))


@pytest.mark.parametrize("label", HOSTILE)
def test_tex_has_no_command_of_the_labels(label):
    tex = draw(graph(label), names=False).tex()
    assert all(character.isascii() or character in printable(label) for character in tex)
    assert tex.count("\\begin{") == tex.count("\\end{") == 2
    assert "\\input" not in tex
    text = escape(label)
    bare = re.sub(r"\\[a-zA-Z]+\{?|\\.", "", text)
    assert not re.search(r"[#%&_^~\\|<>]", bare)
    depth = 0
    for mark in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert text.count("$") - text.count("\\$") in range(0, 10_000, 2)


class Pile:
    """One node with an operand for each label: a compact picture of all of them."""

    data, op, label = 0.0, "sum", "pile"
    prev = tuple(Scalar(float(i), label=label) for i, label in enumerate(HOSTILE))


def test_png_and_pdf_take_every_label_as_it_is():
    """Letters that no font here has are named in one warning; nothing else is said."""
    drawing = draw(Pile(), names=False)
    for kind, magic in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert getattr(drawing, kind)().startswith(magic)
        assert len(caught) == 1
        assert "PNG and PDF cannot show" in str(caught[0].message)


@pytest.mark.parametrize("label", HOSTILE)
def test_the_terminal_gets_no_control_characters(label):
    tree = str(draw(graph(label), names=False))
    assert len(tree.splitlines()) == 3
    assert all(line.isprintable() or "\u200d" in line for line in tree.split("\n"))


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_any_text(label):
    a = Scalar(1.0, label=label)
    o = a.tanh()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = draw(o, names=False).svg()
        assert elements(svg).count("g") == elements(draw(Scalar(1.0, label="a").tanh(), names=False).svg()).count("g")
        back = read(draw_dot(o).source)
    assert list(back.nodes) == ["n0", "n1", "n1_op"]
    assert record_fields(back.nodes["n0"]["label"]) == [[printable(label), "1.000"]]
    assert len(str(draw(o, names=False)).split("\n")) == 2
