"""`play` makes a `Player`, which steps through the backprop of a graph in a notebook or on a web page."""

from __future__ import annotations

import os
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from glassgrad.core.anomaly import NanReport
from glassgrad.draw import names as naming
from glassgrad.draw import notebook
from glassgrad.draw.drawing import Drawing, roots_of
from glassgrad.draw.files import write_whole
from glassgrad.draw.picture import Choices, look
from glassgrad.homework import Adopted, adopt_all
from glassgrad.player import page
from glassgrad.player import widget as widgets
from glassgrad.player.document import LEAF, dumps, nodes_of, of
from glassgrad.player.judging import Judgement, judge
from glassgrad.player.view import checked, height_of
from glassgrad.support.legible import legible

__all__ = ["Player", "play"]

STILL = 100  # The largest number of boxes in the picture for readers without scripts.


def play(
    root: Any,
    *,
    names: Mapping[str, Any] | bool | None = None,
    title: str | None = None,
    select: Any = None,
    step: Literal["start", "end"] | int | None = None,
    layout: Literal["LR", "TB", "auto"] = "auto",
    panel: str | None = None,
    height: int | None = None,
    compact: bool = False,
    lang: str | None = None,
) -> Player:
    """Step through the backprop of the graph that computed ``root``, and move its leaves.

    The player shows itself in a notebook. There it shares the leaves with you. When you move a leaf in the player, its
    ``data`` are set and the graph is recomputed. When you set its ``data``, the player follows. `Player.save` writes a
    web page that loads nothing else.

    Args:
        root: a `Scalar`, or the result of `record` or `explain_nan`, or a node of any other class with ``.data``,
            ``.grad``, ``.op`` and ``.prev`` (or ``._op`` and ``._prev``). The gradients of another class are judged
            by ours. A list, tuple or array of nodes makes one player, which shows the gradients of the first.
        names: how to name nodes that have no label. By default, a node takes the name of the variable that holds it
            where ``play`` is called. Pass a mapping of names to nodes (or to lists or arrays of nodes) to use those
            names instead, or False for no names.
        title: the title of the page, by default the name of the root.
        select: the node that is selected when the page opens. By default no node is selected.
        step: the step on which the page opens: ``"start"``, where only the leaves are known; ``"end"``, where all
            gradients are known; or the number of steps done. The default is ``"start"``, but ``"end"`` for a run or
            with ``select``.
        layout: ``"LR"`` draws the graph from left to right, ``"TB"`` from top to bottom. ``"auto"`` takes the one that
            is easier to read.
        panel: the panel that is open: ``"step"``, ``"node"``, ``"leaves"``, ``"paths"``, ``"bugs"`` or ``"table"``;
            also ``"time"`` for a run, and ``"judged"`` for a class of your own.
        height: the height of the player in a notebook or page, from 200 to 4000 pixels.
        compact: show only the graph and the step buttons, without header and tabs. A panel is shown if ``panel`` names
            it.
        lang: the language of the page: ``"en"``, ``"de"``, ``"fr"`` or ``"es"``. By default it is the reader's.

    Returns:
        A `Player`. The address of a saved page can have the same options, as in
        ``page.html?step=end&layout=TB&panel=table``.

    Raises:
        TypeError: ``root`` is neither a node nor a list of nodes, or an option has the wrong type.
        ValueError: the run is empty, the graph has a cycle, ``select`` is not in the graph, or an option has an unknown
            value.

    Example:
        >>> import glassgrad as gg
        >>> x, w = gg.Scalar(2.0), gg.Scalar(-3.0)
        >>> y = (x * w).tanh()
        >>> gg.play(y)
        <player of 'y': 4 nodes; save("page.html") writes it as a page>
    """
    opening = {"step": step, "layout": layout, "panel": panel, "height": height, "compact": compact, "lang": lang}
    if isinstance(root, Playable):
        return root.play(title=title)._opened(opening)
    if isinstance(root, NanReport):
        if root.node is None:
            raise ValueError(f"there is no graph to play: {root.why}")
        title = title or f"{root.function}: {root.value}"
        return play(root.root, names=False, title=title, select=root.node)._opened(opening)
    roots = roots_of("play", root)
    roots, known = adopt_all(roots, naming.given(names, sys._getframe(1)))
    document = of(roots, known, checked_title(title))
    judgement = _judged(roots, document)
    if judgement is not None:
        document["judged"] = judgement.column()
    if select is not None:
        document["selected"] = _place(select, roots)
    return Player(roots, document, known, judgement=judgement)._opened(opening)


def _judged(roots: list[Any], document: Mapping[str, Any]) -> Judgement | None:
    """Return the judgement on the gradients of another class.

    It is None for Scalars. It is also None for several roots, because nobody knows which of them was differentiated.
    """
    if len(roots) > 1 or not isinstance(roots[0], Adopted):
        return None
    labels = [document["strings"][at] for at in document["nodes"]["label"]]
    return judge(nodes_of(*roots), [label or f"v{i}" for i, label in enumerate(labels)])


def _place(node: Any, roots: list[Any]) -> int:
    """Return the place of ``node`` in the document of ``roots``."""
    for i, other in enumerate(nodes_of(*roots)):
        if getattr(other, "original", other) is node:
            return i
    told = ", ".join(f"{getattr(root, 'label', root)!r:.60}" for root in roots)
    raise ValueError(
        f"select must be a node of the graph, got {getattr(node, 'label', node)!r:.60}: {told} was not computed from it"
    )


def checked_title(title: Any) -> str | None:
    """Return the title, checked."""
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be text, got {title!r:.60}")
    return title


class Playable(ABC):
    """Something that `play` opens by its own method ``play``."""

    @abstractmethod
    def play(self, title: str | None = None) -> Player:
        """The player on it."""


class Player:
    """A player of a graph. It shows itself in a notebook, and saves as a web page.

    A page keeps the values that the nodes had when `play` was called. In a notebook the values follow the nodes.

    Attributes:
        document: the document of the page, as a dict (see `glassgrad.player.document`).
        judgement: the judgement on the gradients of another class, or None for Scalars.
    """

    def __init__(
        self,
        roots: list[Any],
        document: dict[str, Any],
        names: Mapping[int, str],
        live: bool = True,
        judgement: Judgement | None = None,
    ) -> None:
        self.document = document
        self.judgement = judgement
        self._roots = roots
        self._names = dict(names)
        self._live = live  # whether moving a leaf in the notebook moves those of `roots`
        self._link: widgets.Link | None = None
        exercise = document.get("exercise", {})
        local = exercise.get("hide") != "local" and exercise.get("check", True)
        choices = Choices(document["quiz"] is None, False, local, False, False, STILL)
        self._still = Drawing(look(roots, choices, self._names), "LR", "auto")

    @property
    def title(self) -> str:
        """The title of the page."""
        return str(self.document["title"])

    def _opened(self, options: Mapping[str, Any]) -> Player:
        """Set these options of `play` on how the player opens, and return the player."""
        self.document["view"] = checked(self.document, **options)
        return self

    def html(self) -> str:
        """Return the player as a web page that loads nothing else."""
        return page.page(self.document, str(self._still))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the player as a web page.

        Args:
            path: the file, whose name must end in ``.html`` or ``.htm``.

        Returns:
            The path.

        Raises:
            ValueError: the name ends otherwise.
            OSError: the file cannot be written. An older file of that name is then left as it was.

        Example:
            >>> import tempfile, glassgrad as gg
            >>> x = gg.Scalar(2.0, label="x")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     gg.play(x.tanh()).save(f"{folder}/tanh.html").name
            'tanh.html'
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"a player's file name must end in .html, got {path.name!r}")
        write_whole(path, self.html())
        return path

    def film(
        self,
        path: str | os.PathLike[str],
        *,
        size: int | None = None,
        speed: float = 1.0,
        steps: range | slice | Sequence[int] | None = None,
        rankdir: str = "LR",
        theme: str = "light",
        loop: bool = True,
        progress: bool | None = None,
    ) -> Path:
        """Write the steps as an animation: forward and backward through the operations, or the steps of a run.

        Args:
            path: the file. Its suffix chooses the format: ``.gif``, ``.mp4``, ``.webp`` or ``.svg``. An ``.mp4`` needs
                ``pip install "glassgrad[film]"``.
            size: the width in pixels, from 64 to 4096. By default there are two pixels for each point of the drawing.
            speed: the number of steps per second.
            steps: the steps to show, counted from 0, as a range, a slice or a list of numbers. By default all are
                shown, or 300 evenly spaced ones if there are more than 300.
            rankdir: ``"LR"`` draws from left to right, ``"TB"`` from top to bottom.
            theme: ``"light"`` or ``"dark"``, and for an ``.svg`` also ``"auto"``, which follows the reader's theme.
            loop: whether the film repeats. A video leaves this to the program that shows it.
            progress: whether to show a progress bar. By default it is shown if the error output is a terminal.

        Returns:
            The path.

        Raises:
            ValueError: the suffix is unknown, an option has a wrong value, or the player is an exercise.
            ModuleNotFoundError: the packages for ``.mp4`` are not installed.
            OSError: the file cannot be written. An older file of that name is then left as it was.

        Example:
            >>> import tempfile, glassgrad as gg
            >>> x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     gg.play((x * w).tanh()).film(f"{folder}/backprop.gif", size=320).name
            'backprop.gif'
        """
        from glassgrad.player.film import film

        return film(
            self, path, size=size, speed=speed, steps=steps, rankdir=rankdir, theme=theme, loop=loop, progress=progress
        )

    def open(self) -> Path:
        """Save the page in a temporary folder, show it in the browser, and return its path."""
        import webbrowser

        path = self.save(Path(tempfile.mkdtemp(prefix="glassgrad-")) / "player.html")
        webbrowser.open(path.as_uri())
        return path

    def widget(self) -> Any:
        """Return the player as an anywidget, for use among other widgets. It is always the same one.

        Raises:
            ModuleNotFoundError: anywidget is not installed.
        """
        return self._tie().widget

    def refresh(self) -> None:
        """Send the widget the data of leaves that were set since the last update.

        In Jupyter this happens by itself after each cell. In other notebooks, such as marimo, call it.
        """
        if self._link is not None:
            self._link.refresh()

    @property
    def error(self) -> Exception | None:
        """The error that the last numbers from the page caused, such as a `DomainError`, or None."""
        return None if self._link is None else self._link.error

    def _tie(self) -> widgets.Link:
        if self._link is None:
            kinds = self.document["nodes"]["kind"]
            own = [getattr(node, "original", node) for node in nodes_of(*self._roots)]  # they may be of another class
            nodes = widgets.leaves(own, kinds, LEAF) if self._live else {}
            values = self.document["nodes"]["value"]
            roots = [getattr(root, "original", root) for root in self._roots]
            self._link = widgets.make(dumps(self.document), nodes, roots, {i: values[i] for i in nodes})
        return self._link

    def _frame(self) -> str:
        return page.frame(self.html(), self.title, height_of(self.document))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """Return what a notebook shows: the widget, or the page in a frame, or a picture if scripts do not run."""
        still = self._still
        makers: dict[str, Callable[[], str | bytes]] = {
            "text": lambda: repr(self),
            "svg": still.svg,
            "html": self._frame,
            "png": still.png,
            "pdf": still.pdf,
        }
        bundle = notebook.bundle(makers, include, exclude)
        if not (widgets.is_installed() and widgets.in_a_kernel()):
            return bundle
        shown = self.widget()._repr_mimebundle_()
        data = (shown[0] if isinstance(shown, tuple) else shown) or {}
        wanted = (data.keys() if include is None else set(include)) - set(exclude or ())
        return {**{kind: data[kind] for kind in data if kind in wanted}, **bundle}

    def _display_(self) -> Any:
        """Return what marimo shows."""
        return self.widget() if widgets.is_installed() else _Shown(self._frame())

    def __repr__(self) -> str:
        count = len(self.document["nodes"]["op"])
        nodes = f"{count:,} node{'s' * (count != 1)}"
        stale = "; stale" * (self.document["changes"] is not None)
        return legible(f'<player of {self.title!r:.60}: {nodes}{stale}; save("page.html") writes it as a page>')


class _Shown:
    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        return self.html
