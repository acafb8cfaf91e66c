"""`play`, and `Player`, what it returns: a graph that steps through its backprop, in a notebook and as a page."""

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

STILL = 100  # boxes in the picture for readers without scripts


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
    """Play the backprop of the graph that computed ``root``: step by step, with leaves that can be moved.

    In a notebook the player shows itself, and its leaves are yours: moving one sets its ``data`` and recomputes the
    graph, and the other way round. ``save`` writes it as a page that needs nothing else.

    Args:
        root: a `Scalar`, a node of any class with ``.data``, ``.grad``, ``.op`` and ``.prev`` (or ``._op`` and
            ``._prev``), whose gradients are then judged by ours, what `record` kept of a training loop, or what
            `explain_nan` found. Several nodes in a list, tuple or array are shown and computed together; the gradients
            are those of the first.
        names: a node without a label of its own goes by the variable that holds it in the caller's scope. A mapping of
            names to nodes (or to lists or arrays of them) takes the place of the caller's variables; False: none.
        title: what the page is called; the root's name if not given.
        select: the node that is selected when the page opens; none if not given.
        step: the step that it opens on: "start", where only the leaves are known, "end", where all gradients are, or
            the number of steps that are done. If not given, "start"; "end" for a run or with ``select``.
        layout: "LR" draws the graph from left to right, "TB" from top to bottom; "auto" takes what can be read.
        panel: the panel that is open: "step", "node", "leaves", "paths", "bugs", "table"; "time" for a run, "judged"
            for a class of your own.
        height: of the player in a notebook or page, in pixels, from 200 to 4000.
        compact: show the graph and the buttons that step, without header and tabs, and a panel only if ``panel`` names
            it.
        lang: the language of the page's words, "en", "de", "fr" or "es"; if not given, the reader's.

    Returns:
        A `Player`. The address of a saved page can ask for the same: ``page.html?step=end&layout=TB&panel=table``.

    Raises:
        TypeError: ``root`` is neither a node nor a list of nodes, ``title`` not text, or another option of the wrong
            type.
        ValueError: the run is empty; the graph has a cycle; the node to select is not in it; an option has a value
            that it cannot have.

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
            raise ValueError(f"there is nothing to play: {root.why}")
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
    """What our gradients say of those of another class; None for Scalars, and for several roots: then it is not known
    which of them were differentiated."""
    if len(roots) > 1 or not isinstance(roots[0], Adopted):
        return None
    labels = [document["strings"][at] for at in document["nodes"]["label"]]
    return judge(nodes_of(*roots), [label or f"v{i}" for i, label in enumerate(labels)])


def _place(node: Any, roots: list[Any]) -> int:
    """Which node of the document of ``roots`` it is."""
    for i, other in enumerate(nodes_of(*roots)):
        if getattr(other, "original", other) is node:
            return i
    told = ", ".join(f"{getattr(root, 'label', root)!r:.60}" for root in roots)
    raise ValueError(
        f"select={getattr(node, 'label', node)!r:.60} is not in the graph that is played: "
        f"{told} was not computed from it"
    )


def checked_title(title: Any) -> str | None:
    """The title, if it is one."""
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title={title!r:.60}: a title is text")
    return title


class Playable(ABC):
    """Something that `play` opens by its own method ``play``."""

    @abstractmethod
    def play(self, title: str | None = None) -> Player:
        """The player on it."""


class Player:
    """A graph that is played: shows itself in a notebook, saves as a page.

    What a page shows is taken when `play` is called; in a notebook values follow the nodes.

    Attributes:
        document: a dict, all that the page knows of the graph (see `glassgrad.player.document`).
        judgement: what is right and wrong in the gradients of a class of the user's own; None for Scalars.
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
        self._live = live  # whether the page's leaves are those of `roots`
        self._link: widgets.Link | None = None
        exercise = document.get("exercise", {})
        local = exercise.get("hide") != "local" and exercise.get("check", True)
        choices = Choices(document["quiz"] is None, False, local, False, False, STILL)
        self._still = Drawing(look(roots, choices, self._names), "LR", "auto")

    @property
    def title(self) -> str:
        """What the page is called."""
        return str(self.document["title"])

    def _opened(self, options: Mapping[str, Any]) -> Player:
        """This player, opening as these options of `play` say."""
        self.document["view"] = checked(self.document, **options)
        return self

    def html(self) -> str:
        """The player as a page of its own, with nothing loaded from elsewhere."""
        return page.page(self.document, str(self._still))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the player as a page.

        Args:
            path: ends in ``.html`` (or ``.htm``).

        Returns:
            The path.

        Raises:
            ValueError: the suffix is another.
            OSError: the file cannot be written; then what was there before is still there, whole.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"cannot save a player as {path.name!r}: the name must end in .html")
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
        """Write the steps as an animation: forward through the operations, and backward; or a training run's steps.

        Args:
            path: ends in ``.gif``, ``.mp4``, ``.webp`` or ``.svg``. An ``.mp4`` needs ``"glassgrad[film]"``.
            size: the width in pixels, from 64 to 4096. If not given, two pixels for each point of the drawing.
            speed: steps a second.
            steps: which steps to show, counted from 0: a range, a slice or a list of numbers. If not given, all; of
                more than 300, 300 that lie evenly between the first and the last.
            rankdir: ``"LR"`` from left to right, ``"TB"`` from top to bottom.
            theme: ``"light"`` or ``"dark"``; of an ``.svg`` also ``"auto"``, which follows its reader.
            loop: whether the film begins again at its end. A video leaves that to what shows it.
            progress: show a progress bar; if not given, where the error output is a terminal.

        Returns:
            The path.

        Raises:
            ValueError: the suffix or an option has a value that it cannot have; the player is an exercise.
            ModuleNotFoundError: what writes an ``.mp4`` is not installed.
            OSError: the file cannot be written; then what was there before is still there, whole.

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
        """Show the page in the browser, from a file in the system's folder for temporary ones; return its path."""
        import webbrowser

        path = self.save(Path(tempfile.mkdtemp(prefix="glassgrad-")) / "player.html")
        webbrowser.open(path.as_uri())
        return path

    def widget(self) -> Any:
        """The player as an anywidget, to be put among others; always the same one.

        Raises:
            ModuleNotFoundError: anywidget is not installed.
        """
        return self._tie().widget

    def refresh(self) -> None:
        """Send the widget the leaves' data that were set since. After each cell of a notebook that is done by itself;
        where cells are no such thing, as in marimo, call it."""
        if self._link is not None:
            self._link.refresh()

    @property
    def error(self) -> Exception | None:
        """What Python said to the last numbers from the page: a `DomainError`, say; None if all went well."""
        return None if self._link is None else self._link.error

    def _tie(self) -> widgets.Link:
        if self._link is None:
            kinds = self.document["nodes"]["kind"]
            own = [getattr(node, "original", node) for node in nodes_of(*self._roots)]  # of another class, it may be
            nodes = widgets.leaves(own, kinds, LEAF) if self._live else {}
            values = self.document["nodes"]["value"]
            roots = [getattr(root, "original", root) for root in self._roots]
            self._link = widgets.make(dumps(self.document), nodes, roots, {i: values[i] for i in nodes})
        return self._link

    def _frame(self) -> str:
        return page.frame(self.html(), self.title, height_of(self.document))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """What notebooks show: the widget; the page in a frame where there is none; a picture without scripts."""
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
        """What marimo shows."""
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
