"""`draw` draws a graph, and returns a `Drawing`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from glassgrad.draw import names as naming
from glassgrad.draw import notebook
from glassgrad.draw.compose import compose
from glassgrad.draw.files import write_whole
from glassgrad.draw.picture import Choices, Picture, look
from glassgrad.draw.scene import Scene
from glassgrad.graph import cure_for, is_node
from glassgrad.homework import adopt_all
from glassgrad.support.legible import legible

RANKDIRS = ("LR", "TB")
THEMES = ("auto", "light", "dark")


def draw(
    root: Any,
    *,
    rankdir: str = "LR",
    show_grad: bool = True,
    show_backprop: bool = False,
    local_derivatives: bool = True,
    fold_constants: bool = False,
    collapse: bool | str | Iterable[str] = False,
    max_nodes: int = 500,
    theme: str = "auto",
    names: Mapping[str, Any] | bool | None = None,
) -> Drawing:
    """Draw the graph that computed ``root``.

    The drawing shows itself in a notebook, and `Drawing.save` writes it to a file.

    Args:
        root: a `Scalar`, or a node of any other class with ``.data``, ``.op`` and ``.prev`` (or ``._op`` and
            ``._prev``). A list, tuple or array of nodes makes one drawing of all of them, as in
            ``draw([loss, accuracy])``. Nodes that they share are drawn once. Compiled code is drawn, too:
            ``draw(f.lower(2.0))``, with its branches and loops.
        rankdir: ``"LR"`` draws from left to right, ``"TB"`` from top to bottom.
        show_grad: show the gradients that have been computed, as numbers and as colours: blue below zero, orange
            above.
        show_backprop: add a dashed arrow along each edge that carried a gradient back.
        local_derivatives: write the local derivative d(result)/d(operand) on each edge.
        fold_constants: write constants into their operation, as in ``** 2``, instead of drawing them as nodes.
        collapse: which groups (``with gg.group("neuron 1"):``) to draw as one box each: True for all, or a name or
            a list of names.
        max_nodes: the largest number of boxes to draw. The boxes nearest to the root are drawn, and a line sums up
            the rest.
        theme: ``"light"``, ``"dark"`` or ``"auto"``. With ``"auto"`` an SVG follows the reader's theme, and files of
            other formats are light.
        names: how to name nodes that have no label. By default, a node takes the name of the variable that holds it
            where ``draw`` is called. Pass a mapping of names to nodes (or to lists or arrays of nodes) to use those
            names instead, or False for no names.

    Returns:
        A `Drawing`.

    Raises:
        TypeError: ``root`` is neither a node nor a list of nodes, or ``collapse`` or ``names`` has the wrong type.
        ValueError: the list of nodes is empty, an option has an unknown value, or the graph has a cycle.

    Example:
        >>> import glassgrad as gg
        >>> w, x = gg.Scalar(-3.0), gg.Scalar(2.0)
        >>> y = w * x
        >>> print(gg.draw(y))
        y = −6  [*]
        ├─ w = −3
        └─ x = 2
    """
    as_nodes = getattr(type(root), "__drawable__", None)
    roots = roots_of("draw", root if as_nodes is None else as_nodes(root))
    check_choice("rankdir", rankdir, RANKDIRS)
    check_choice("theme", theme, THEMES)
    if isinstance(max_nodes, bool) or not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes must be a positive integer, got {max_nodes!r}")
    variables = naming.given(names, sys._getframe(1))
    choices = Choices(
        bool(show_grad),
        bool(show_backprop),
        bool(local_derivatives),
        bool(fold_constants),
        _collapse(collapse),
        max_nodes,
    )
    if as_nodes is None:
        roots, variables = adopt_all(roots, variables)
    return Drawing(look(roots, choices, variables), rankdir, theme)


def roots_of(function: str, root: Any) -> list[Any]:
    """Return the nodes that ``function`` was asked to draw, each of them once.

    Args:
        function: the name of the function, for error messages.
        root: a node, or a list, tuple or array of nodes.

    Raises:
        TypeError: ``root`` is neither a node nor a list of nodes.
        ValueError: the list is empty.
    """
    if is_node(root):
        return [root]
    if not isinstance(root, (list, tuple)) and not naming.is_array(root):
        raise TypeError(not_a_node(function, root))
    given = list(root if isinstance(root, (list, tuple)) else root.flat)
    if not given:
        raise ValueError(f"{function}() must be given at least one node, got the empty {type(root).__name__} {root!r}")
    for i, node in enumerate(given):
        if not is_node(node):
            raise TypeError(f"{not_a_node(function, node)} (this is element {i} of the list)")
    return list({id(node): node for node in given}.values())


def not_a_node(function: str, value: Any) -> str:
    """Return the error message for a ``value`` that is not a node, with a way to fix it."""
    cure = "pass the Scalar that your computation returned"
    nearly = cure_for(value)
    if nearly:
        cure = nearly
    elif isinstance(value, (list, tuple)) or hasattr(value, "__array__"):
        several = "" if function == "quiz" else ", or one flat list of them"
        cure = f"pass a node, as in {function}(values[0]){several}"
    elif isinstance(value, (int, float)):
        cure = "a plain number does not remember how it was computed; make its inputs Scalars, as in Scalar(2.0) * 3"
    elif callable(value):
        cure = f"call it first, and pass its result: {function}(f(Scalar(2.0)))"
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    return f"{function}() takes a Scalar (a node with .data, .op and .prev), got {kind} {value!r:.60}: {cure}"


def check_choice(name: str, value: Any, choices: Iterable[str]) -> None:
    """Raise ValueError unless ``value`` is one of ``choices``."""
    if value not in tuple(choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def _collapse(collapse: bool | str | Iterable[str]) -> bool | frozenset[str]:
    if isinstance(collapse, bool):
        return collapse
    if isinstance(collapse, str):
        return frozenset((collapse,))
    try:
        return frozenset(str(getattr(group, "name", group)) for group in collapse)
    except TypeError:
        raise TypeError(f"collapse must be True, False, a name or a list of names, got {collapse!r}") from None


class Drawing:
    """A drawing of a graph. It shows itself in a notebook, prints as a tree, and saves as a picture.

    The drawing keeps the values and gradients that the nodes had when `draw` was called.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(3.0, label="x")
        >>> drawing = gg.draw(x**2)
        >>> print(drawing)
        9  [**]
        ├─ x = 3
        └─ 2
        >>> "<svg" in drawing.svg(), drawing.png()[1:4], drawing.pdf()[:4]
        (True, b'PNG', b'%PDF')
    """

    def __init__(self, picture: Picture, rankdir: str, theme: str) -> None:
        from glassgrad.draw.text import to_text

        self.rankdir, self.theme = rankdir, theme
        self._picture = picture
        self._scene: Scene | None = None
        self._tree = to_text(picture)
        self._dot: str | None = None

    @property
    def scene(self) -> Scene:
        """The boxes, curves and texts with their coordinates. They are laid out on first use."""
        if self._scene is None:
            self._scene = compose(self._picture, self.rankdir, self.theme)
        return self._scene

    def svg(self) -> str:
        """Return the drawing as an SVG document."""
        from glassgrad.draw.svg import to_svg

        return to_svg(self.scene)

    def html(self) -> str:
        """Return the drawing as a web page that loads nothing else."""
        from glassgrad.draw.svg import to_html

        return to_html(self.scene)

    def png(self) -> bytes:
        """Return the drawing as a PNG image, with two pixels to the point."""
        from glassgrad.draw.mpl import to_png

        return to_png(self.scene)

    def pdf(self) -> bytes:
        """Return the drawing as a PDF document of one page."""
        from glassgrad.draw.mpl import to_pdf

        return to_pdf(self.scene)

    def tex(self, width: str | None = None) -> str:
        r"""Return the drawing as a TeX document that draws it with TikZ.

        Args:
            width: the width of the drawing as a TeX length, such as ``r"\textwidth"`` or ``"12cm"``. By default the
                drawing keeps its natural size.

        Raises:
            ValueError: ``width`` is not a TeX length.
        """
        from glassgrad.draw.tikz import to_tex

        return to_tex(self.scene, width)

    def dot(self) -> str:
        """Return the drawing in DOT, Graphviz's language. Graphviz's programs can then lay it out."""
        from glassgrad.draw.dotwrite import to_dot

        return to_dot(self._picture, self.rankdir)

    def save(self, path: str | os.PathLike[str], *, width: str | None = None) -> Path:
        r"""Write the drawing to a file.

        Args:
            path: the file. Its suffix chooses the format: ``.svg``, ``.png``, ``.pdf``, ``.html``, ``.tex``, ``.dot``
                (or ``.gv``) or ``.txt``.
            width: the width of a ``.tex`` drawing as a TeX length, such as ``r"\textwidth"``.

        Returns:
            The path.

        Raises:
            ValueError: the suffix is unknown, ``width`` is not a TeX length, or ``width`` is given for another format.
            OSError: the file cannot be written. An older file of that name is then left as it was.

        Example:
            >>> import tempfile, glassgrad as gg
            >>> y = gg.Scalar(2.0, label="x").tanh()
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     gg.draw(y).save(f"{folder}/graph.svg").name
            'graph.svg'
        """
        path = Path(path)
        make = self._formats().get(path.suffix.lower())
        if make is None:
            choices = ", ".join(self._formats())
            raise ValueError(f"a drawing's file name must end in one of {choices}, got {path.name!r}")
        if width is not None:
            if make != self.tex:
                raise ValueError(f"width is for .tex files only, got width={width!r:.60} for {path.name!r}")
            write_whole(path, self.tex(width))
        else:
            write_whole(path, make())
        return path

    def _formats(self) -> dict[str, Callable[[], str | bytes]]:
        return {
            ".svg": self.svg,
            ".png": self.png,
            ".pdf": self.pdf,
            ".html": self.html,
            ".tex": self.tex,
            ".dot": self.dot,
            ".gv": self.dot,
            ".txt": lambda: self._tree + "\n",
        }

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """Return what a notebook shows: the picture, or the tree where there are no pictures."""
        makers: dict[str, Callable[[], str | bytes]] = {
            "text": lambda: self._tree,
            "svg": self.svg,
            "html": lambda: notebook.fitted(self.svg(), self.scene.title),
            "png": self.png,
            "pdf": self.pdf,
        }
        return notebook.bundle(makers, include, exclude)

    def __str__(self) -> str:
        return legible(self._tree)

    __repr__ = __str__
