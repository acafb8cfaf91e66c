"""Pictures outside browsers: programs that know no custom properties show the colours of the light theme."""

import re
import xml.etree.ElementTree as ET

import pytest

import glassgrad as gg
from glassgrad.draw import colours
from glassgrad.draw.scene import Ellipse, Path, Polygon, Rect, Scene, Shape, Text
from helpers.converters import CONVERTERS, Shown

CLOSE = 10  # of 255, to a colour: below what tells black from the darkest ink
THIN = 60  # the same for a line that is thinner than a pixel in some programs
BLACK = {"#000000"}


def extent(shape: Shape) -> tuple[float, float, float, float]:
    """A rectangle around a shape."""
    if isinstance(shape, Rect):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    if isinstance(shape, Ellipse):
        return shape.x - shape.rx, shape.y - shape.ry, shape.x + shape.rx, shape.y + shape.ry
    if isinstance(shape, Text):
        width = len(shape.text) * shape.size * 0.8
        left = shape.x - {"start": 0, "middle": width / 2, "end": width}[shape.anchor]
        return left, shape.y - shape.size, left + width, shape.y + 3
    assert isinstance(shape, Path | Polygon)
    points = shape.points if isinstance(shape, Polygon) else [at[-2:] for _, *at in shape.commands]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1


def wrong(shown: Shown, scene: Scene) -> list[str]:
    """The shapes of which nothing has the colour that the light theme gives them."""
    found = []
    for shape in scene.shapes():
        style = scene.light[shape.style]
        for part, limit in (("fill", CLOSE), ("stroke", THIN)):
            colour = getattr(style, part)
            if colour != "none" and not (part == "stroke" and isinstance(shape, Text)):
                off = shown.off(colour, *extent(shape))
                if off > limit:
                    found.append(f"{part} of {shape}: {off:.0f} from {colour}")
    return found


@pytest.mark.parametrize("program", CONVERTERS)
@pytest.mark.parametrize("theme", ["auto", "light"])
def test_a_drawing_has_the_light_themes_colours(neuron, program, theme):
    drawing = gg.draw(neuron, theme=theme, show_backprop=True)
    shown = Shown(CONVERTERS[program](drawing.svg()), drawing.scene.width)
    assert wrong(shown, drawing.scene) == []
    # Boxes are light within: where programs do not find a colour they paint black.
    for group in drawing.scene.groups:
        for box in group.shapes:
            if isinstance(box, Rect):
                expected = colours.LIGHT[box.style].fill
                assert shown.off(expected, box.x + 3, box.y + 1, box.x + 4, box.y + 2) < CLOSE or group.kind == "back"


@pytest.mark.parametrize("program", CONVERTERS)
def test_a_dark_drawing_is_dark(neuron, program):
    drawing = gg.draw(neuron, theme="dark")
    shown = Shown(CONVERTERS[program](drawing.svg()), drawing.scene.width)
    scene = drawing.scene
    assert wrong(shown, Scene(scene.width, scene.height, scene.groups, scene.dark, scene.dark)) == []


@pytest.mark.parametrize("program", CONVERTERS)
def test_draw_dot_without_graphviz_has_the_notebooks_colours(neuron, no_dot, program):
    from glassgrad.draw.dotscene import to_scene

    dot = gg.draw_dot(neuron)
    scene = to_scene(dot.source)
    shown = Shown(CONVERTERS[program](dot.pipe("svg", encoding="utf-8")), scene.width)
    assert wrong(shown, scene) == []
    record = next(shape for shape in scene.shapes() if isinstance(shape, Rect) and shape.style != "back")
    assert scene.light[record.style].stroke == "#0000ff"
    assert shown.off("#ffffff", record.x + 2, record.y + 2, record.x + 4, record.y + 4) < CLOSE


@pytest.mark.parametrize("program", CONVERTERS)
def test_a_plot_keeps_its_colours(program, tmp_path):
    from matplotlib import pyplot

    from glassgrad.plot import FUNCTION, NUDGE, SLOPE

    axes = gg.plot(gg.tanh, at=1.0)
    axes.figure.savefig(tmp_path / "plot.svg")
    pyplot.close(axes.figure)
    svg = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    shown = Shown(CONVERTERS[program](svg), width)
    for colour in (FUNCTION, SLOPE, NUDGE, "#000000"):  # the curve, the tangent, the nudge, the text
        assert shown.off(colour, 0, 0, width, 200) < CLOSE
    assert (shown.at(2, 2) > 250).all()


def test_what_no_converter_reads_is_in_a_block_that_it_skips(neuron):
    """MuPDF, Inkscape, resvg, cairosvg and Typst take ``fill:var(...)`` for black wherever else they meet it."""
    svg = gg.draw(neuron).svg()
    block = re.search(r"@supports \(color:var\(--a\)\)\{\n(.*\n)*\}", svg)[0]
    assert "var(--gg-node-fill)" in block
    assert "prefers-color-scheme:dark" in block
    assert "var(" not in svg.replace(block, "")
    for shape in ET.fromstring(svg).iter():
        if shape.get("class", "").startswith("s-"):
            assert re.fullmatch(r"#[0-9a-f]{6}|none", shape.get("fill"))
