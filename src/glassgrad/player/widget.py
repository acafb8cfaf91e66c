"""The player in a notebook: an anywidget whose leaves are Python's, both ways.

A leaf that is moved in the page is set in Python, and what depends on it is computed anew. A leaf that a cell sets is
moved in the page when the cell has run. Nodes are held weakly: a widget keeps no graph alive.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any
from weakref import ref

from glassgrad.core.op import DomainError, errstate
from glassgrad.player.document import encoded
from glassgrad.player.page import bundle

__all__ = ["Link", "is_installed", "make"]

CURE = 'pip install "glassgrad[notebook]"'


def is_installed() -> bool:
    """Whether widgets can be made."""
    return find_spec("anywidget") is not None


def in_a_kernel() -> bool:
    """Whether somebody is there to show a widget: a notebook's kernel runs this, and its front end could be asked.

    nbconvert, nbclient and papermill run cells for nobody to see, and say so by taking no input. What they keep must
    do without a kernel, and a widget's stored state would only be shown online.
    """
    kernel = getattr(_shell(), "kernel", None)
    return kernel is not None and getattr(kernel, "_allow_stdin", True) is not False


def make(document: str, nodes: Mapping[int, Any], roots: Iterable[Any], shown: Mapping[int, float | str]) -> Link:
    """The widget that shows ``document``, tied to the leaves ``nodes`` by id, and to ``roots``, which they change;
    ``shown`` has the leaves' values in the document.

    Raises:
        ModuleNotFoundError: anywidget is not installed.
    """
    if not is_installed():
        raise ModuleNotFoundError(f"the player's widget needs anywidget: {CURE}; player.save('page.html') does not")
    return Link(_widget_class(bundle())(document=document), nodes, roots, shown)


@lru_cache(maxsize=1)
def _widget_class(script: str) -> Any:
    import anywidget
    import traitlets

    class PlayerWidget(anywidget.AnyWidget):  # type: ignore[misc]
        """What the page and Python share: the document, the leaves' values by id, answers of an exercise."""

        _esm = script
        document = traitlets.Unicode().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)
        answers = traitlets.Dict().tag(sync=True)
        stamp = traitlets.Int(0).tag(sync=True)  # counts what Python has sent
        message = traitlets.Unicode("").tag(sync=True)  # what went wrong in Python, "" for nothing

    return PlayerWidget


class Link:
    """The tie between a widget's leaves and Python's.

    Attributes:
        widget: what is shown.
        error: what Python said to the last numbers from the page, or None: they left the domain of an operation, say.
    """

    def __init__(
        self, widget: Any, nodes: Mapping[int, Any], roots: Iterable[Any], shown: Mapping[int, float | str]
    ) -> None:
        self.widget = widget
        self.error: Exception | None = None
        self._nodes = {i: _held(node) for i, node in nodes.items()}
        self._roots = [_held(root) for root in roots]
        self._known = {i: encoded(float(node.data)) for i, node in nodes.items()}
        # Leaves that were moved after the forward pass: the page shows them as they were until something is moved.
        self._behind = {str(i): x for i, x in self._known.items() if x != shown[i]}
        self._sending = False
        widget.observe(self._arrived, names="values")
        _after_each_cell(self)

    def refresh(self) -> None:
        """Send the page what Python has set since."""
        changed: dict[str, float | str] = {}
        for i, held in self._nodes.items():
            node = held()
            if node is not None:
                x = encoded(float(node.data))
                if x != self._known[i]:
                    self._known[i] = changed[str(i)] = x
        if changed:
            self._send({**self._behind, **changed})

    def _send(self, changed: Mapping[str, float | str]) -> None:
        self._behind = {}
        self._sending = True
        try:
            self.widget.values = {**self.widget.values, **changed}
            self.widget.stamp += 1
        finally:
            self._sending = False

    def _arrived(self, change: Any) -> None:
        if self._sending:
            return
        try:
            moved = self._set_leaves(change["new"])
            self.error = _recompute([held() for held in self._roots]) if moved else self.error
            if moved and self._behind:
                self._send({i: x for i, x in self._behind.items() if i not in change["new"]})
        except Exception as error:  # else it would end in the kernel's log, unseen
            self.error = error
        self.widget.message = "" if self.error is None else f"{type(self.error).__name__}: {self.error}"

    def _set_leaves(self, values: Mapping[str, Any]) -> bool:
        moved = False
        for key, x in values.items():
            i = int(key)
            node = self._nodes[i]() if i in self._nodes else None
            if node is not None and encoded(float(x)) != encoded(float(node.data)):
                node.data = float(x)
                self._known[i] = encoded(float(x))
                moved = True
        return moved


def _recompute(roots: Iterable[Any]) -> Exception | None:
    """Compute ``roots`` anew; outside an operation's domain as the page does, by IEEE 754, and say so."""
    said = None
    for root in roots:
        if not hasattr(root, "forward"):  # nobody holds it any more, or its class cannot
            continue
        try:
            root.forward()
        except DomainError as error:
            with errstate(domain="nan"):
                root.forward()
            said = said or error
    return said


def _held(node: Any) -> Callable[[], Any]:
    try:
        return ref(node)
    except TypeError:  # of a class with __slots__
        return lambda: node


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _after_each_cell(link: Link) -> None:
    """Have ``link`` send what a cell has set, as long as its widget is there."""
    shell = _shell()
    if shell is None:
        return
    held = ref(link)

    def ran(result: Any = None) -> None:
        link = held()
        if link is None or link.widget.comm is None:
            shell.events.unregister("post_run_cell", ran)
        else:
            link.refresh()

    link.widget.link = link  # as long as the widget lives, so does the tie
    shell.events.register("post_run_cell", ran)


def leaves(nodes: Iterable[Any], kinds: Iterable[int], leaf: int) -> dict[int, Any]:
    """The nodes that the page can move, by id."""
    return {i: node for i, (node, kind) in enumerate(zip(nodes, kinds)) if kind == leaf}
