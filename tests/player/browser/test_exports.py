"""What can be taken along: the picture as SVG and PNG, the chain rule as LaTeX."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import glassgrad as gg
from helpers.converters import CONVERTERS
from helpers.converters import Shown as Seen

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).with_name("screenshots")
SVG = "{http://www.w3.org/2000/svg}"


def download(shown, item):
    shown.host.locator("summary", has_text="Export").click()
    with shown.page.expect_download() as coming:
        shown.button(item).click()
    return coming.value


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_svg(page_of, file_of, neuron, tmp_path, scheme):
    shown = page_of(neuron(), color_scheme=scheme)
    found = download(shown, "Picture as SVG")
    assert re.fullmatch(r"o-step-11\.svg", found.suggested_filename)
    path = tmp_path / "picture.svg"
    found.save_as(path)
    root = ET.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    words = "".join(root.itertext()).split()
    assert {"tanh", "grad"} <= {text.text for text in root.iter(f"{SVG}text")}
    assert any("0.7071" in word for word in words)
    source = path.read_text(encoding="utf-8")
    assert "<script" not in source
    assert "href" not in source
    assert "var(" not in source
    assert "NaN" not in source
    page = tmp_path / "picture.html"  # as a picture on a page, where nothing but itself styles it
    page.write_text(f"<!DOCTYPE html><link rel=icon href='data:,'><img src='{path.name}'>", encoding="utf-8")
    other = file_of(page, wait=False)
    assert other.page.evaluate("() => document.images[0].decode().then(() => document.images[0].naturalWidth)") > 200
    other.see(f"export {scheme}")
    assert path.as_uri() in other.watch.asked
    other.watch.asked.clear()


@pytest.mark.parametrize("program", ["cairosvg", "resvg"])
def test_svg_in_programs_that_are_no_browsers(page_of, neuron, tmp_path, program):
    """Boxes, texts and lines have the colours that the page has in the light, even if it is shown in the dark."""
    shown = page_of(neuron(), color_scheme="dark")
    shown.press("End")
    path = tmp_path / "picture.svg"
    download(shown, "Picture as SVG").save_as(path)
    source = path.read_text(encoding="utf-8")
    root = ET.fromstring(source)
    seen = Seen(CONVERTERS[program](source), float(root.get("width")))
    SCREENSHOTS.mkdir(exist_ok=True)
    (SCREENSHOTS / f"export by {program}.png").write_bytes(CONVERTERS[program](source))
    counts = {"rect": 0, "text": 0, "path": 0}
    for group, left, top in placed(root):
        for one in group:
            kind = one.tag.removeprefix(SVG)
            if kind == "text" and one.text:
                x, y, size = float(one.get("x")), float(one.get("y")), float(one.get("font-size").removesuffix("px"))
                width = size * len(one.text) * 0.8
                x += left - {"middle": width / 2, "end": width}.get(one.get("text-anchor"), 0)
                assert seen.off(hexed(one.get("fill")), x, y + top - size, x + width, y + top) < 40, one.text
            elif kind == "rect" and one.get("fill") not in ("none", None):
                x, y = left + float(one.get("x")), top + float(one.get("y"))
                assert seen.off(hexed(one.get("fill")), x + 2, y + 2, x + 6, y + 6) < 6
            elif kind == "path" and one.get("stroke"):
                x, y = map(float, re.match(r"M([-\d.]+)[ ,]([-\d.]+)", one.get("d")).groups())
                x, y = x + left, y + top
                assert seen.off(hexed(one.get("stroke")), x - 3, y - 3, x + 5, y + 3) < 90
            else:
                continue
            counts[kind] += 1
    assert counts["rect"] > 20
    assert counts["text"] > 30
    assert counts["path"] > 9
    assert {"#ffffff", "#f59b3d", "#e3e8ee"} <= {hexed(one.get("fill")) for one in root.iter(f"{SVG}rect")}


def placed(group, left=0.0, top=0.0):
    """Each group of a picture with where its origin is."""
    moved = re.match(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", group.get("transform", ""))
    if moved:
        left, top = left + float(moved[1]), top + float(moved[2])
    yield group, left, top
    for child in group:
        yield from placed(child, left, top)


def hexed(colour):
    numbers = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour or "")
    return "#{:02x}{:02x}{:02x}".format(*map(int, numbers.groups())) if numbers else colour


def test_png(page_of, neuron):
    from matplotlib import image

    found = download(page_of(neuron()), "Picture as PNG")
    assert found.suggested_filename.endswith(".png")
    data = found.path().read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    pixels = image.imread(io.BytesIO(data))
    height, width = pixels.shape[:2]
    assert width > 400
    assert height > 150
    assert pixels[..., :3].std() > 0.05  # something is drawn
    assert (pixels[0, 0, :3] > 0.9).all()  # on white


def test_latex_of_the_chain_rule(page_of):
    x1, w1 = gg.Scalar(2.0, label="x1"), gg.Scalar(-3.0, label="w1")
    n = x1 * w1
    n.label = "n"
    o = gg.tanh(n + 6.8813735870195432)
    o.label = "o"
    o.backward()
    shown = page_of(o)
    shown.select("x1")
    shown.press("j")
    text = download(shown, "Chain rule as LaTeX").path().read_text(encoding="utf-8")
    assert r"\frac{\partial o}{\partial x_{1}}" in text
    assert r"\frac{\partial o}{\partial n}" in text
    assert "-1.5" in text
    assert text.count("{") == text.count("}")
    area = shown.host.get_by_label("LaTeX of the chain rule")
    assert area.input_value().strip() == text.strip()


def test_latex_can_be_drawn(page_of, neuron):
    """matplotlib's TeX reads each line of it."""
    from matplotlib.mathtext import MathTextParser

    shown = page_of(neuron())
    shown.press("Home")
    parser = MathTextParser("path")
    for _ in range(11):
        shown.press("ArrowRight")
        text = shown.host.get_by_label("LaTeX of the chain rule").input_value()
        text = re.sub(r"\\(begin|end)\{aligned\}", "", text).replace("&", "")
        for line in text.split("\\\\"):
            parser.parse(f"${' '.join(line.split())}$")


def test_names_are_escaped_in_latex(page_of):
    x = gg.Scalar(2.0, label="50% of_all & {more} #1 $ \\end{aligned} ^~")
    o = gg.sin(x)
    o.label = "a_b^2"
    o.backward()
    shown = page_of(o)
    text = shown.host.get_by_label("LaTeX of the chain rule").input_value()
    bare = re.sub(r"\\[%&{}#$_^~\\]", "", text)
    assert not re.search(r"(?<!\\)[%#$]", bare)
    assert text.count("\\end{aligned}") == text.count("\\begin{aligned}")


def test_the_menu_closes(page_of, neuron):
    shown = page_of(neuron())
    menu = shown.host.locator("summary", has_text="Export")
    menu.focus()
    menu.press("Enter")
    shown.button("Picture as SVG").wait_for()
    shown.see("export menu")
    shown.page.keyboard.press("Escape")
    assert not shown.button("Picture as SVG").is_visible()
