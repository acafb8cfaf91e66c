"""The player in a notebook: an anywidget that shares its leaves with Python, in both directions.

When the user moves a leaf in the page, Python sets its data and recomputes its results. When a cell sets a leaf, the
page moves it after the cell has run. References to nodes are weak, so a widget does not keep a graph alive.
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
    """Whether anywidget is installed."""
    return find_spec("anywidget") is not None


def in_a_kernel() -> bool:
    """Whether this is the kernel of a notebook that somebody looks at, so that a widget can be shown.

    nbconvert, nbclient and papermill run cells without a viewer; such kernels take no input. Their output must work
    without a kernel, and the stored state of a widget would be shown only online.
    """
    kernel = getattr(_shell(), "kernel", None)
    return kernel is not None and getattr(kernel, "_allow_stdin", True) is not False


def make(document: str, nodes: Mapping[int, Any], roots: Iterable[Any], shown: Mapping[int, float | str]) -> Link:
    """Make the widget that shows ``document``, and connect it to nodes.

    Args:
        document: the document as JSON.
        nodes: the leaves, by their places in the document.
        roots: the roots, which are recomputed when a leaf moves.
        shown: the values of the leaves in the document, by their places.

    Raises:
        ModuleNotFoundError: anywidget is not installed.
    """
    if not is_installed():
        raise ModuleNotFoundError(f"the player's widget needs anywidget: run {CURE}, or call player.save('page.html')")
    return Link(_widget_class(bundle())(document=document), nodes, roots, shown)


@lru_cache(maxsize=1)
def _widget_class(script: str) -> Any:
    import anywidget
    import traitlets

    class PlayerWidget(anywidget.AnyWidget):  # type: ignore[misc]
        """The state that the page and Python share: the document, the values of leaves, and answers to an exercise."""

        _esm = script
        document = traitlets.Unicode().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)
        answers = traitlets.Dict().tag(sync=True)
        stamp = traitlets.Int(0).tag(sync=True)  # the number of updates from Python
        message = traitlets.Unicode("").tag(sync=True)  # an error in Python, or ""

    return PlayerWidget


class Link:
    """The connection between the leaves of a widget and those in Python.

    Attributes:
        widget: the widget.
        error: the error that the last numbers from the page caused, such as a `DomainError`, or None.
    """

    def __init__(
        self, widget: Any, nodes: Mapping[int, Any], roots: Iterable[Any], shown: Mapping[int, float | str]
    ) -> None:
        self.widget = widget
        self.error: Exception | None = None
        self._nodes = {i: _held(node) for i, node in nodes.items()}
        self._roots = [_held(root) for root in roots]
        self._known = {i: encoded(float(node.data)) for i, node in nodes.items()}
        # Leaves that were moved after the forward pass. The page shows their old values until a leaf is moved there.
        self._behind = {str(i): x for i, x in self._known.items() if x != shown[i]}
        self._sending = False
        widget.observe(self._arrived, names="values")
        _after_each_cell(self)

    def refresh(self) -> None:
        """Send the page the values that Python has set since the last update."""
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
        except Exception as error:  # otherwise it would vanish in the kernel's log
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
    """Recompute ``roots``. Outside the domain of an operation, compute as the page does, and return the error."""
    said = None
    for root in roots:
        if not hasattr(root, "forward"):  # the root is gone, or its class has no forward()
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
    except TypeError:  # a class with __slots__ has no weak references
        return lambda: node


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _after_each_cell(link: Link) -> None:
    """Call ``link.refresh()`` after each cell, as long as the widget exists."""
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

    link.widget.link = link  # keeps the link alive as long as the widget
    shell.events.register("post_run_cell", ran)


def leaves(nodes: Iterable[Any], kinds: Iterable[int], leaf: int) -> dict[int, Any]:
    """Return the nodes that the page can move, by their places."""
    return {i: node for i, (node, kind) in enumerate(zip(nodes, kinds)) if kind == leaf}
