"""A `graphviz.Digraph` that displays, renders and saves with or without Graphviz's programs.

Only `draw_dot` imports this module, because it imports the package graphviz.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import graphviz

from glassgrad.draw import notebook
from glassgrad.draw.files import write_whole

SLOW = 1_500  # A graph with more nodes takes Graphviz minutes, so a warning comes first.
_OURS = {"svg": "to_svg", "png": "to_png", "pdf": "to_pdf"}


class Digraph(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that can make SVG, PNG and PDF without the program ``dot``."""

    def pipe(self, format: str | None = None, *, encoding: str | None = None, **options: Any) -> Any:
        """Return the picture as bytes, or as text with ``encoding``; see `graphviz.Digraph.pipe`."""
        self._warn_of_minutes()
        try:
            return super().pipe(format, encoding=encoding, **options)
        except graphviz.ExecutableNotFound as missing:
            data = self._draw(format or self.format, missing)
            return data if encoding is None else data.decode("utf-8")

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> str:
        """Write a picture and return its path; see `graphviz.Digraph.render`."""
        self._warn_of_minutes()
        try:
            rendered: str = super().render(
                filename,
                directory=directory,
                view=view,
                cleanup=cleanup,
                format=format,
                outfile=outfile,
                **options,
            )
            return rendered
        except graphviz.ExecutableNotFound as missing:
            # By now the parent class has saved the source, and so has set filename and directory.
            if outfile is not None:
                path = Path(self.directory, outfile) if directory is None else Path(outfile)
                format = format or path.suffix[1:].lower()
            else:
                format = format or self.format
                path = Path(f"{self.filepath}.{format}")
            write_whole(path, self._draw(format, missing))
            if cleanup:
                os.remove(self.filepath)
            if view or options.get("quiet_view"):
                self._view(str(path), format=format, quiet=bool(options.get("quiet_view")))
            return str(path)

    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
    ) -> str:
        """Write the picture if ``filename`` ends in ``.svg``, ``.png`` or ``.pdf``, else the source."""
        suffix = Path(filename).suffix[1:].lower() if filename is not None else ""
        # render() calls this method to save the source under any name. It passes skip_existing=None.
        if filename is not None and suffix in _OURS and skip_existing is not None:
            path = Path(os.fspath(directory or self.directory), filename)
            if not (skip_existing and path.exists()):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, self.pipe(format=suffix))
            return str(path)
        saved: str = super().save(filename, directory=directory, skip_existing=skip_existing)
        return saved

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """Return what a notebook shows: the picture, no wider than its cell."""
        svg = cache(lambda: self.pipe(format="svg", encoding="utf-8"))
        makers: dict[str, Callable[[], str | bytes]] = {
            "svg": svg,
            "html": lambda: notebook.fitted(svg(), "A graph of values and operations"),
            "png": lambda: self.pipe(format="png"),
            "pdf": lambda: self.pipe(format="pdf"),
        }
        return notebook.bundle(makers, include, exclude)

    def _warn_of_minutes(self) -> None:
        nodes = sum("shape=record" in line for line in self.body)
        if nodes > SLOW and shutil.which(self.engine):
            warnings.warn(
                f"Graphviz takes minutes to lay out {nodes:,} nodes. glassgrad.draw(root, max_nodes={nodes}) takes "
                "seconds, and glassgrad.draw(root) draws the part nearest to the root at once",
                stacklevel=3,
            )

    def _draw(self, format: str, missing: Exception) -> bytes:
        """Return the picture as our own layout draws it."""
        from glassgrad.draw import mpl, svg
        from glassgrad.draw.dotscene import to_scene

        if format not in _OURS:
            raise ValueError(
                f"format must be one of {', '.join(_OURS)} without Graphviz, got {format!r}: "
                "other formats need its program `dot` on the PATH"
            ) from missing
        scene = to_scene(self.source)
        if format == "svg":
            return svg.to_svg(scene).encode()
        return mpl.to_png(scene) if format == "png" else mpl.to_pdf(scene)
