"""`play`, and `Player`, what it returns: a graph that steps through its backprop, in a notebook and as a page."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from glassgrad.anomaly import NanReport
from glassgrad.draw import names as naming
from glassgrad.draw.drawing import Drawing, not_a_node
from glassgrad.draw.files import write_whole
from glassgrad.draw.picture import Choices, look
from glassgrad.player import page
from glassgrad.player import widget as widgets
from glassgrad.player.document import LEAF, dumps, nodes_of, of
from glassgrad.player.view import checked, height_of

__all__ = ["Player", "names_for", "play"]

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
) -> Player:
    """Play the backprop of the graph that computed ``root``: step by step, with leaves that can be moved.

    In a notebook the player shows itself, and its leaves are yours: moving one sets its ``data`` and recomputes the
    graph, and the other way round. ``save`` writes it as a page that needs nothing else.

    Args:
        root: a `Scalar`, any node with ``.op`` and ``.prev``, what `record` kept of a training loop, or what
            `explain_nan` found.
        names: a node without a label of its own goes by the variable that holds it in the caller's scope. A mapping of
            names to nodes (or to lists or arrays of them) takes the place of the caller's variables; False: none.
        title: what the page is called; the root's name if not given.
        select: the node that is selected when the page opens; none if not given.
        step: the step that it opens on: "start", where only the leaves are known, "end", where all gradients are, or
            the number of steps that are done. If not given, "start"; "end" for a run or with ``select``.
        layout: "LR" draws the graph from left to right, "TB" from top to bottom; "auto" takes what can be read.
        panel: the panel that is open: "step", "node", "leaves", "paths", "bugs", "table", or "time" for a run.
        height: of the player in a notebook or page, in pixels, from 200 to 4000.
        compact: show the graph and the buttons that step, without header and tabs, and a panel only if ``panel`` names
            it.

    Returns:
        A `Player`. The address of a saved page can ask for the same: ``page.html?step=end&layout=TB&panel=table``.

    Raises:
        TypeError: ``root`` is not a node, ``title`` not text, or another option of the wrong type.
        ValueError: the run is empty; the graph has a cycle; the node to select is not in it; an option has a value
            that it cannot have.

    Example:
        >>> import glassgrad as gg
        >>> x, w = gg.Scalar(2.0), gg.Scalar(-3.0)
        >>> y = (x * w).tanh()
        >>> gg.play(y)
        <player of 'y': 4 nodes; save("page.html") writes it as a page>
    """
    from glassgrad.player.record import Run

    opening = {"step": step, "layout": layout, "panel": panel, "height": height, "compact": compact}
    if isinstance(root, Run):
        return root.play(title=title)._opened(opening)
    if isinstance(root, NanReport):
        if root.node is None:
            raise ValueError(f"there is nothing to play: {root.why}")
        title = title or f"{root.function}: {root.value}"
        return play(root.root, names=False, title=title, select=root.node)._opened(opening)
    known = names_for(root, "play", names, sys._getframe(1))
    document = of(root, known, checked_title(title))
    if select is not None:
        document["selected"] = _place(select, root)
    return Player(root, document, known)._opened(opening)


def _place(node: Any, root: Any) -> int:
    """Which node of the document of ``root`` it is."""
    for i, other in enumerate(nodes_of(root)):
        if other is node:
            return i
    raise ValueError(
        f"select={getattr(node, 'label', node)!r:.60} is not in the graph that is played: "
        f"{getattr(root, 'label', root)!r:.60} was not computed from it"
    )


def names_for(root: Any, function: str, names: Mapping[str, Any] | bool | None, frame: Any) -> dict[int, str]:
    """``{id(node): name}``: from the caller's variables in ``frame``, or as ``names`` says; ``root`` is checked first.

    Raises:
        TypeError: ``root`` is not a node, or ``names`` no mapping.
    """
    if not naming.is_node(root):
        raise TypeError(not_a_node(function, root))
    if names is None or names is True:
        return naming.from_variables(frame.f_locals, frame.f_globals)
    if names is False:
        return {}
    if isinstance(names, Mapping):
        return naming.from_variables(names)
    raise TypeError(f"names={names!r:.60}: needs a mapping of names to nodes, or False for no names")


def checked_title(title: Any) -> str | None:
    """The title, if it is one."""
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title={title!r:.60}: a title is text")
    return title


class Player:
    """A graph that is played: shows itself in a notebook, saves as a page.

    What a page shows is taken when `play` is called; in a notebook values follow the nodes.

    Attributes:
        document: a dict, all that the page knows of the graph (see `glassgrad.player.document`).
    """

    def __init__(self, root: Any, document: dict[str, Any], names: Mapping[int, str], live: bool = True) -> None:
        self.document = document
        self._root = root
        self._names = dict(names)
        self._live = live  # whether the page's leaves are those of `root`
        self._link: widgets.Link | None = None
        choices = Choices(document["quiz"] is None, False, True, False, False, STILL)
        self._still = Drawing(root, look(root, choices, self._names), "LR", "auto")

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
            nodes = widgets.leaves(nodes_of(self._root), kinds, LEAF) if self._live else {}
            self._link = widgets.make(dumps(self.document), nodes, self._root)
        return self._link

    def _frame(self) -> str:
        return page.frame(self.html(), self.title, height_of(self.document))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """What notebooks show: the widget; the page in a frame where there is none; a picture without scripts."""
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        bundle["image/svg+xml"] = self._still.svg()
        bundle["text/html"] = self._frame()
        if widgets.is_installed() and widgets.in_a_kernel():
            shown = self.widget()._repr_mimebundle_()
            data = shown[0] if isinstance(shown, tuple) else shown
            bundle = {**(data or {}), **bundle}
        wanted = bundle.keys() if include is None else set(include)
        return {kind: content for kind, content in bundle.items() if kind in wanted and kind not in set(exclude or ())}

    def _display_(self) -> Any:
        """What marimo shows."""
        return self.widget() if widgets.is_installed() else _Shown(self._frame())

    def __repr__(self) -> str:
        count = len(self.document["nodes"]["op"])
        nodes = f"{count:,} node{'s' * (count != 1)}"
        return f'<player of {self.title!r:.60}: {nodes}; save("page.html") writes it as a page>'


class _Shown:
    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        return self.html
