"""Programs that read SVG and are not browsers: what they show of a picture, as pixels."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

ZOOM = 4


def by_cairosvg(svg: str) -> bytes:
    try:
        import cairosvg
    except (ImportError, OSError) as missing:  # OSError: the Cairo library is not installed
        pytest.skip(f"cairosvg cannot be used: {missing}")
    return bytes(cairosvg.svg2png(bytestring=svg.encode(), scale=ZOOM))


def by_resvg(svg: str) -> bytes:
    resvg = pytest.importorskip("resvg_py")
    return bytes(resvg.svg_to_bytes(svg_string=svg, zoom=ZOOM, dpi=96))


def by_mupdf(svg: str) -> bytes:
    pymupdf = pytest.importorskip("pymupdf")
    page = pymupdf.open(stream=svg.encode(), filetype="svg")[0]
    return bytes(page.get_pixmap(matrix=pymupdf.Matrix(ZOOM, ZOOM)).tobytes("png"))


CONVERTERS: dict[str, Callable[[str], bytes]] = {"cairosvg": by_cairosvg, "resvg": by_resvg, "mupdf": by_mupdf}


class Shown:
    """A picture as a program shows it, in colours from 0 to 255; places are in the units of the SVG."""

    def __init__(self, png: bytes, width: float) -> None:
        from matplotlib import image

        pixels = image.imread(io.BytesIO(png))
        rgb, alpha = pixels[..., :3], pixels[..., 3:] if pixels.shape[2] == 4 else 1.0
        self.pixels = 255 * (rgb * alpha + 1 - alpha)
        self.scale = self.pixels.shape[1] / width

    def at(self, x: float, y: float) -> Any:
        return self.pixels[int(y * self.scale), int(x * self.scale)]

    def off(self, colour: str, left: float, top: float, right: float, bottom: float) -> float:
        """How far the nearest pixel of a rectangle is from a colour: the largest difference of a channel."""
        x0, y0 = max(int(left * self.scale), 0), max(int(top * self.scale), 0)
        part = self.pixels[y0 : int(bottom * self.scale) + 1, x0 : int(right * self.scale) + 1]
        return float(np.abs(part - rgb(colour)).max(axis=2).min())


def rgb(colour: str) -> Any:
    """The channels of ``#rrggbb``."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
