"""What a notebook is offered of a picture: SVG and HTML always, PNG and PDF if ``gg.config.notebook_formats`` asks.

A notebook keeps everything that it was offered, so each format costs time and space. Front ends take HTML, converters
to LaTeX take PDF.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from glassgrad.core.settings import DEFAULT_FORMATS, MIME, config


def bundle(
    makers: Mapping[str, Callable[[], str | bytes]], include: Iterable[str] | None, exclude: Iterable[str] | None
) -> dict[str, Any]:
    """The contents by MIME type, as a ``_repr_mimebundle_`` returns them: what is asked for is made, and no more.

    Args:
        makers: what makes each format, under the names of `MIME` and ``"text"``.
        include: the MIME types wanted; None: text, SVG, HTML and the formats of the setting.
        exclude: MIME types that are not wanted.
    """
    types = {"text": "text/plain", **MIME}
    wanted = (
        {types[name] for name in ("text", *DEFAULT_FORMATS, *config.notebook_formats)}
        if include is None
        else set(include)
    )
    wanted -= set(exclude or ())
    return {types[name]: _encoded(make()) for name, make in makers.items() if types[name] in wanted}


def _encoded(content: str | bytes) -> str:
    return content if isinstance(content, str) else b64encode(content).decode("ascii")


def fitted(svg: str, title: str) -> str:
    """An SVG as HTML that is never wider than what it stands in. JupyterLab shows a bare SVG at its full width.

    It is an image, not an element: notebooks that are not trusted drop SVG elements from HTML.
    """
    data = b64encode(svg.encode("utf-8", "replace")).decode("ascii")
    return f'<img alt="{escape(title)}" src="data:image/svg+xml;base64,{data}" style="max-width: 100%; height: auto">'
