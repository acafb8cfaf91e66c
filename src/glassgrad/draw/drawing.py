"""`draw`: the drawing that goes further than `draw_dot`, and `Drawing`, what it returns."""

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
    """Draw the graph that computed ``root``; in a notebook it shows itself, ``save`` writes it to a file.

    Args:
        root: a `Scalar`, or a node of any class with ``.data``, ``.op`` and ``.prev`` (or ``._op`` and ``._prev``); or
            a list, tuple or array of them, which are drawn together: ``draw([loss, accuracy])``. What they share is
            drawn once.
        rankdir: ``"LR"`` from left to right, ``"TB"`` from top to bottom.
        show_grad: show gradients that were set, as numbers and as colour: blue below zero, orange above.
        show_backprop: add a dashed arrow along each edge that a gradient came back through.
        local_derivatives: write d(result)/d(operand) on each edge.
        fold_constants: write constants into their operation (``** 2``) instead of drawing them as nodes.
        collapse: draw groups (``with gg.group("neuron 1"):``) as one box each: True for all, or the names of some.
        max_nodes: draw at most this many boxes, those nearest to the root, and summarise the rest.
        theme: ``"light"``, ``"dark"``, or ``"auto"``: an SVG then follows its reader, other files are light.
        names: a node without a label of its own goes by the variable that holds it in the caller's scope. A mapping of
            names to nodes (or to lists or arrays of them) takes the place of the caller's variables; False: none.

    Returns:
        A `Drawing`.

    Raises:
        TypeError: ``root`` is neither a node nor a list of nodes.
        ValueError: an option has a value that it cannot have; the graph has a cycle.

    Example:
        >>> import glassgrad as gg
        >>> w, x = gg.Scalar(-3.0), gg.Scalar(2.0)
        >>> y = w * x
        >>> print(gg.draw(y))
        y = −6  [*]
        ├─ w = −3
        └─ x = 2
    """
    roots = roots_of("draw", root)
    check_choice("rankdir", rankdir, RANKDIRS)
    check_choice("theme", theme, THEMES)
    if isinstance(max_nodes, bool) or not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes={max_nodes!r}: needs a whole number of boxes, 1 or more")
    variables = naming.given(names, sys._getframe(1))
    choices = Choices(
        bool(show_grad),
        bool(show_backprop),
        bool(local_derivatives),
        bool(fold_constants),
        _collapse(collapse),
        max_nodes,
    )
    roots, variables = adopt_all(roots, variables)
    return Drawing(look(roots, choices, variables), rankdir, theme)


def roots_of(function: str, root: Any) -> list[Any]:
    """The nodes that ``function`` was asked to draw: one, or those of a list, tuple or array, each once.

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
        raise ValueError(f"{function}({root!r}): there is nothing to draw: pass a node, or a list of at least one")
    for i, node in enumerate(given):
        if not is_node(node):
            raise TypeError(f"{not_a_node(function, node)} (this is element {i} of the list)")
    return list({id(node): node for node in given}.values())


def not_a_node(function: str, value: Any) -> str:
    """The message for something that is not the root of a graph, with the cure."""
    cure = "pass the Scalar that your computation returned"
    nearly = cure_for(value)
    if nearly:
        cure = nearly
    elif isinstance(value, (list, tuple)) or hasattr(value, "__array__"):
        several = "" if function == "quiz" else ", or one flat list of them"
        cure = f"pass a node, as in {function}(values[0]){several}"
    elif isinstance(value, (int, float)):
        cure = "a plain number remembers no computation: make its inputs Scalars, as in Scalar(2.0) * 3"
    elif callable(value):
        cure = f"call it first, and draw what it returns: {function}(f(Scalar(2.0)))"
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    what = f"{kind} {value!r:.60}"
    return f"{function}() takes a Scalar (a node with .data, .op and .prev), not {what}: {cure}"


def check_choice(name: str, value: Any, choices: Iterable[str]) -> None:
    """Raise ValueError unless ``value`` is one of ``choices``."""
    if value not in tuple(choices):
        raise ValueError(f"{name}={value!r}: choose one of {', '.join(map(repr, choices))}")


def _collapse(collapse: bool | str | Iterable[str]) -> bool | frozenset[str]:
    if isinstance(collapse, bool):
        return collapse
    if isinstance(collapse, str):
        return frozenset((collapse,))
    try:
        return frozenset(str(getattr(group, "name", group)) for group in collapse)
    except TypeError:
        raise TypeError(f"collapse={collapse!r}: needs True, False, a group's name or a list of names") from None


class Drawing:
    """A drawing of a graph: shows itself in a notebook, prints as a tree, saves as a picture.

    The picture is taken when `draw` is called; values and gradients that change afterwards do not change it.
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
        """The drawing with its coordinates: boxes, curves and texts. Laid out when first asked for."""
        if self._scene is None:
            self._scene = compose(self._picture, self.rankdir, self.theme)
        return self._scene

    def svg(self) -> str:
        """The drawing as an SVG document."""
        from glassgrad.draw.svg import to_svg

        return to_svg(self.scene)

    def html(self) -> str:
        """The drawing as a page of its own, with nothing loaded from elsewhere."""
        from glassgrad.draw.svg import to_html

        return to_html(self.scene)

    def png(self) -> bytes:
        """The drawing as a PNG image, two pixels a point."""
        from glassgrad.draw.mpl import to_png

        return to_png(self.scene)

    def pdf(self) -> bytes:
        """The drawing as a page of PDF."""
        from glassgrad.draw.mpl import to_pdf

        return to_pdf(self.scene)

    def tex(self, width: str | None = None) -> str:
        r"""The drawing as a TeX document, drawn with TikZ.

        Args:
            width: of the drawing, such as ``r"\textwidth"`` or ``"12cm"``; its own if not given.

        Raises:
            ValueError: ``width`` is no length of TeX's.
        """
        from glassgrad.draw.tikz import to_tex

        return to_tex(self.scene, width)

    def dot(self) -> str:
        """The drawing in Graphviz's language, for its programs to lay out."""
        from glassgrad.draw.dotwrite import to_dot

        return to_dot(self._picture, self.rankdir)

    def save(self, path: str | os.PathLike[str], *, width: str | None = None) -> Path:
        r"""Write the drawing to ``path``; the suffix says in which format.

        Args:
            path: ends in ``.svg``, ``.png``, ``.pdf``, ``.html``, ``.tex``, ``.dot`` (or ``.gv``) or ``.txt``.
            width: of a ``.tex``, as a length of TeX's: ``r"\textwidth"``.

        Returns:
            The path.

        Raises:
            ValueError: the suffix is none of these, or it has a ``width`` and is not ``.tex``.
            OSError: the file cannot be written; then what was there before is still there, whole.
        """
        path = Path(path)
        make = self._formats().get(path.suffix.lower())
        if make is None:
            choices = ", ".join(self._formats())
            raise ValueError(f"cannot save a drawing as {path.name!r}: the name must end in one of {choices}")
        if width is not None:
            if make != self.tex:
                raise ValueError(f"width={width!r:.60} is for .tex: {path.name!r} has the drawing's own size")
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
        """What notebooks show: the picture, and the tree where pictures cannot be shown."""
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
