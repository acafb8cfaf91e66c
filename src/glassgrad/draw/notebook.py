"""The formats in which a notebook gets a picture.

These are SVG and HTML, and also PNG and PDF if ``gg.config.notebook_formats`` asks for them. A notebook stores every
format it gets, so each one costs time and space. Front ends show the HTML; converters to LaTeX take the PDF.
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
    """Return the contents by MIME type, in the form of ``_repr_mimebundle_``. Only the formats wanted are made.

    Args:
        makers: a function that makes each format, by the names of `MIME` and ``"text"``.
        include: the MIME types that are wanted. None stands for text, SVG, HTML and the formats of the setting.
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
    """Return an SVG as HTML that is never wider than its cell. JupyterLab shows a bare SVG at its full width.

    The HTML holds an image and not an SVG element, because notebooks that are not trusted drop such elements.
    """
    data = b64encode(svg.encode("utf-8", "replace")).decode("ascii")
    return f'<img alt="{escape(title)}" src="data:image/svg+xml;base64,{data}" style="max-width: 100%; height: auto">'
