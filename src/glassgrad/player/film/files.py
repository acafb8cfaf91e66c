"""Writes scenes as an animation. Pillow writes GIF and WebP, imageio writes MP4, and `draw.svg` writes SVG."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassgrad.draw.mpl import to_png
from glassgrad.draw.scene import Scene
from glassgrad.draw.svg import to_svg_film

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FORMATS", "encoded"]

FREQUENT = 64  # Of the 255 colours of a GIF, this many are exactly the most frequent colours of the film.
FRAMES_A_SECOND = 10  # The frame rate of a video. Video players handle one frame a second badly.


def encoded(scenes: Sequence[Scene], suffix: str, seconds: Sequence[float], width: int, loop: bool,
            watched: Callable[[Iterable[Scene]], Iterable[Scene]]) -> bytes:  # fmt: skip
    """Return the bytes of the file.

    Args:
        scenes: the scenes, which have one size.
        suffix: one of `FORMATS`.
        seconds: the time to show each scene.
        width: the width of a frame in pixels.
        loop: whether the film repeats.
        watched: a function that passes the scenes on and shows the progress.
    """
    return FORMATS[suffix](scenes, seconds, width, loop, watched)


def _images(scenes: Iterable[Scene], width: int) -> Iterable[Image]:
    from PIL import Image as images

    size: tuple[int, int] | None = None
    for scene in scenes:
        image = images.open(io.BytesIO(to_png(scene, width / scene.width))).convert("RGB")
        if size is None:  # even, because videos need it
            size = (width - width % 2, max(2, round(width * scene.height / scene.width / 2) * 2))
        yield image if image.size == size else image.resize(size)


def _gif(scenes: Sequence[Scene], seconds: Sequence[float], width: int, loop: bool, watched: Any) -> bytes:
    from PIL.Image import Dither

    images = list(_images(watched(scenes), width))
    palette = _palette(_mosaic(images))  # one palette for all frames, or colours would flicker
    frames = [image.quantize(palette=palette, dither=Dither.NONE) for image in images]
    return _by_pillow(frames, "GIF", seconds, loop, optimize=False, disposal=1)


def _palette(image: Image) -> Image:
    """Return a palette with the most frequent colours of an image, and colours near to all others, however rare.

    If area decided, a picture that is mostly white would leave no colours for the thin edges of a large graph.
    """
    from PIL import Image as images
    from PIL.Image import Quantize

    found = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    colours: list[Any] = [colour for _, colour in found]
    flat = [part for colour in colours[:FREQUENT] for part in colour]
    if colours[FREQUENT:]:
        rest = images.new("RGB", (len(colours) - FREQUENT, 1))
        rest.putdata(colours[FREQUENT:])
        flat += rest.quantize(colors=255 - FREQUENT, method=Quantize.MAXCOVERAGE).getpalette() or []
    palette = images.new("P", (1, 1))
    palette.putpalette(flat[: 3 * 255])
    return palette


def _mosaic(frames: Sequence[Image]) -> Image:
    """Return some of the frames as one image."""
    from PIL import Image as images

    some = [frames[round(k * (len(frames) - 1) / 4)] for k in range(5)]
    width, height = some[0].size
    whole = images.new("RGB", (width, height * len(some)))
    for k, frame in enumerate(some):
        whole.paste(frame, (0, k * height))
    return whole


def _webp(scenes: Sequence[Scene], seconds: Sequence[float], width: int, loop: bool, watched: Any) -> bytes:
    return _by_pillow(list(_images(watched(scenes), width)), "WEBP", seconds, loop, lossless=True)


def _by_pillow(frames: list[Any], kind: str, seconds: Sequence[float], loop: bool, **options: Any) -> bytes:
    output = io.BytesIO()
    duration = [round(1000 * s) for s in seconds]
    again = {"loop": 0 if loop else 1} if kind == "WEBP" or loop else {}
    frames[0].save(output, kind, save_all=True, append_images=frames[1:], duration=duration, **again, **options)
    return output.getvalue()


def _mp4(scenes: Sequence[Scene], seconds: Sequence[float], width: int, loop: bool, watched: Any) -> bytes:
    try:
        import imageio.v2 as imageio
        import imageio_ffmpeg  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'an .mp4 film needs {error.name}, which is missing: run pip install "glassgrad[film]", or save a .gif'
        ) from None
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "film.mp4")
        options: Any = {"codec": "libx264", "pixelformat": "yuv420p", "macro_block_size": 2, "quality": 8}
        writer: Any
        with imageio.get_writer(path, format="FFMPEG", fps=FRAMES_A_SECOND, **options) as writer:
            for image, shown in zip(_images(watched(scenes), width), seconds):
                frame = np.asarray(image)
                for _ in range(max(1, round(shown * FRAMES_A_SECOND))):
                    writer.append_data(frame)
        return Path(path).read_bytes()


def _svg(scenes: Sequence[Scene], seconds: Sequence[float], width: int, loop: bool, watched: Any) -> bytes:
    return to_svg_film(list(watched(scenes)), seconds, width, loop).encode()


FORMATS: dict[str, Callable[..., bytes]] = {".gif": _gif, ".webp": _webp, ".mp4": _mp4, ".svg": _svg}
