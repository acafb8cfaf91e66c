"""Scenes as PNG and PDF, by matplotlib's file writers: no display, no global state, the same picture as the SVG."""

import io
import warnings
from typing import Any

from .metrics import printable
from .scene import Ellipse, Path, Polygon, Rect, Scene, Shape, Text

SCALE = 2.0  # pixels a point in a PNG, so that text is sharp
_SIDE, _AREA = 30_000.0, 80e6  # of a PNG, in pixels; larger drawings are scaled down


def to_png(scene: Scene) -> bytes:
    """Return the scene as a PNG image, two pixels a point; fewer where it would not fit into memory."""
    scale = min(
        SCALE,
        _SIDE / max(scene.width, scene.height),
        (_AREA / (scene.width * scene.height)) ** 0.5,
    )
    return _write(scene, "png", scale)


def to_pdf(scene: Scene) -> bytes:
    """Return the scene as one page of PDF, text as text. Above PDF's 200 inches the page is scaled down."""
    return _write(scene, "pdf", min(1.0, 14_400 / max(scene.width, scene.height)))


def _write(scene: Scene, format: str, scale: float) -> bytes:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    # One unit is one point; PNG's scale is its resolution, PDF's is in the size of the page and of everything on it.
    unit = 1.0 if format == "png" else scale
    dpi = 72 * scale if format == "png" else 72
    output = io.BytesIO()
    settings = {"pdf.fonttype": 42, "axes.unicode_minus": False, "text.usetex": False, "path.sketch": None}
    with rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # emoji: a box is drawn in their place
        figure = Figure(figsize=(scene.width * unit / 72, scene.height * unit / 72), dpi=dpi)
        (FigureCanvasAgg if format == "png" else FigureCanvasPdf)(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, scene.width)
        axes.set_ylim(scene.height, 0)
        styles = scene.styles()
        for order, shape in enumerate(scene.shapes()):
            artist = _artist(shape, styles, unit)
            artist.set_zorder(order)
            artist.set_clip_on(False)
            axes.add_artist(artist)
        metadata = {"Title": scene.title}
        if format == "pdf":
            metadata["CreationDate"] = None  # type: ignore[assignment]  # the same drawing is the same file
        else:
            metadata["Software"] = "glassgrad"
        figure.savefig(output, format=format, dpi=dpi, metadata=metadata)
    return output.getvalue()


def _artist(shape: Shape, styles: Any, unit: float) -> Any:
    from matplotlib import patches
    from matplotlib.path import Path as Outline
    from matplotlib.text import Text as Label

    style = styles[shape.style]
    if isinstance(shape, Text):
        return Label(
            shape.x,
            shape.y,
            printable(shape.text),
            fontsize=shape.size * unit,
            family="DejaVu Sans",
            fontweight="bold" if shape.bold else "normal",
            color=style.fill,
            horizontalalignment={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
            verticalalignment="baseline",
            parse_math=False,
        )
    look = {
        "facecolor": style.fill,
        "edgecolor": style.stroke,
        "linewidth": style.width * unit if style.stroke != "none" else 0,
        "linestyle": (0, tuple(d / style.width for d in style.dash)) if style.dash else "-",
        "joinstyle": "round" if isinstance(shape, Path) else "miter",
    }
    if isinstance(shape, Rect):
        if not shape.radius:
            return patches.Rectangle((shape.x, shape.y), shape.width, shape.height, **look)
        radius = min(shape.radius, shape.width / 2, shape.height / 2)
        box = f"round,pad=0,rounding_size={radius}"
        return patches.FancyBboxPatch((shape.x, shape.y), shape.width, shape.height, box, **look)
    if isinstance(shape, Ellipse):
        return patches.Ellipse((shape.x, shape.y), 2 * shape.rx, 2 * shape.ry, **look)
    if isinstance(shape, Polygon):
        return patches.Polygon(shape.points, closed=True, **look)
    vertices, codes = [], []
    for letter, *at in shape.commands:
        code = {"M": Outline.MOVETO, "L": Outline.LINETO, "C": Outline.CURVE4}[letter]
        for i in range(0, len(at), 2):
            vertices.append((at[i], at[i + 1]))
            codes.append(code)
    return patches.PathPatch(Outline(vertices, codes), **look)
