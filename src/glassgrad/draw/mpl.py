"""Writes scenes as PNG and PDF with matplotlib's renderers. They look like the SVG, and need no display.

The shapes go to the renderer directly. One matplotlib artist for each shape would take ten times as long, and large
drawings have tens of thousands of shapes.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from typing import Any

from glassgrad.draw.fonts import Fonts, quiet
from glassgrad.draw.metrics import printable
from glassgrad.draw.scene import Ellipse, Path, Polygon, Rect, Scene, Shape, Style, Text

SCALE = 2.0  # A PNG has two pixels to the point, so that its text is sharp.
_SIDE, _AREA = 30_000.0, 40e6  # The largest side and area of a PNG, in pixels. Larger drawings are scaled down.
_CORNER = 0.5523  # The distance of the control points of a quarter circle from its ends, by the radius.


def to_png(scene: Scene, scale: float = SCALE) -> bytes:
    """Return the scene as a PNG image with ``scale`` pixels to the point, or fewer if it would be too large."""
    area = (_AREA / (scene.width * scene.height)) ** 0.5
    scale = min(scale, _SIDE / max(scene.width, scene.height), area)
    return _write(scene, "png", 72 * scale, 1.0)


def to_pdf(scene: Scene) -> bytes:
    """Return the scene as a PDF document of one page. A page larger than PDF's 200 inches is scaled down."""
    return _write(scene, "pdf", 72, min(1.0, 14_400 / max(scene.width, scene.height)))


def _write(scene: Scene, format: str, dpi: float, unit: float) -> bytes:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    output = io.BytesIO()
    texts = [(printable(shape.text), shape.bold) for shape in scene.shapes() if isinstance(shape, Text)]
    fonts = Fonts(texts)
    fonts.warn()
    with rc_context({"pdf.fonttype": fonts.pdf_type, "text.usetex": False}), warnings.catch_warnings(), quiet():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # for combining marks, which have no glyph
        figure = Figure(figsize=(scene.width * unit / 72, scene.height * unit / 72), dpi=dpi)
        canvas = (FigureCanvasAgg if format == "png" else FigureCanvasPdf)(figure)
        figure.add_artist(_artist(scene, unit, fonts))
        # Without a date, the same drawing always makes the same file.
        metadata = {"Title": scene.title, "Software" if format == "png" else "CreationDate": None}
        canvas.print_figure(output, format=format, dpi=dpi, metadata=metadata)
    return output.getvalue()


def _artist(scene: Scene, unit: float, fonts: Fonts) -> Any:
    from matplotlib.artist import Artist

    class Shapes(Artist):
        """All the shapes of a scene, from back to front."""

        def draw(self, renderer: Any) -> None:
            _Painter(renderer, scene, unit, fonts).paint()

        def get_window_extent(self, renderer: Any = None) -> Any:
            return self.figure.bbox

    return Shapes()


class _Painter:
    def __init__(self, renderer: Any, scene: Scene, unit: float, fonts: Fonts) -> None:
        from matplotlib.transforms import Affine2D

        self.renderer, self.scene, self.unit, self.fonts = renderer, scene, unit, fonts
        self.scale = renderer.points_to_pixels(1.0) * unit
        self.height = scene.height * self.scale
        self.transform = Affine2D().scale(self.scale, -self.scale).translate(0, self.height)

    def paint(self) -> None:
        styles: Mapping[str, Style] = self.scene.styles()
        for shape in self.scene.shapes():
            if isinstance(shape, Text):
                self._text(shape, styles[shape.style])
            else:
                self._path(shape, styles[shape.style])

    def _path(self, shape: Shape, style: Style) -> None:
        from matplotlib.colors import to_rgba

        gc = self.renderer.new_gc()
        drawn = style.stroke != "none"
        gc.set_linewidth(style.width * self.unit if drawn else 0.0)
        if drawn:
            gc.set_foreground(style.stroke)
        if style.dash:
            gc.set_dashes(0, [length * self.unit for length in style.dash])
        gc.set_joinstyle("round")
        gc.set_snap(False)
        fill = None if style.fill == "none" else to_rgba(style.fill)
        self.renderer.draw_path(gc, _outline(shape), self.transform, fill)
        gc.restore()

    def _text(self, shape: Text, style: Style) -> None:
        text = self.fonts.set(printable(shape.text))
        if not text:
            return
        font = self.fonts.properties(shape.size * self.unit, shape.bold)
        x, y = shape.x * self.scale, self.height - shape.y * self.scale
        if shape.anchor != "start":
            width, _, _ = self.renderer.get_text_width_height_descent(text, font, False)
            x -= width if shape.anchor == "end" else width / 2
        if self.renderer.flipy():
            y = self.height - y
        gc = self.renderer.new_gc()
        gc.set_foreground(style.fill)
        self.renderer.draw_text(gc, x, y, text, font, 0, False)
        gc.restore()


def _outline(shape: Shape) -> Any:
    """Return the outline of a shape as a matplotlib path."""
    from matplotlib.path import Path as Outline

    if isinstance(shape, Polygon):
        return Outline([*shape.points, shape.points[0]], closed=True)
    if isinstance(shape, Ellipse):
        x, y, rx, ry = shape.x, shape.y, shape.rx, shape.ry
        return _rounded(x - rx, y - ry, x + rx, y + ry, rx, ry)
    if isinstance(shape, Rect):
        radius = min(shape.radius, shape.width / 2, shape.height / 2)
        return _rounded(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height, radius, radius)
    vertices, codes = [], []
    assert isinstance(shape, Path)
    for letter, *at in shape.commands:
        code = {"M": Outline.MOVETO, "L": Outline.LINETO, "C": Outline.CURVE4}[letter]
        for i in range(0, len(at), 2):
            vertices.append((at[i], at[i + 1]))
            codes.append(code)
    return Outline(vertices, codes)


def _rounded(x0: float, y0: float, x1: float, y1: float, rx: float, ry: float) -> Any:
    """Return a rectangle with elliptic corners. If the corners meet, it is an ellipse."""
    from matplotlib.path import Path as Outline

    if not rx:
        return Outline([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], closed=True)
    kx, ky = rx * (1 - _CORNER), ry * (1 - _CORNER)
    line, curve = [Outline.LINETO], [Outline.CURVE4] * 3
    vertices = [
        (x0 + rx, y0), (x1 - rx, y0), (x1 - kx, y0), (x1, y0 + ky), (x1, y0 + ry),
        (x1, y1 - ry), (x1, y1 - ky), (x1 - kx, y1), (x1 - rx, y1),
        (x0 + rx, y1), (x0 + kx, y1), (x0, y1 - ky), (x0, y1 - ry),
        (x0, y0 + ry), (x0, y0 + ky), (x0 + kx, y0), (x0 + rx, y0), (x0 + rx, y0),
    ]  # fmt: skip
    codes = [Outline.MOVETO, *(line + curve) * 4, Outline.CLOSEPOLY]
    return Outline(vertices, codes)
