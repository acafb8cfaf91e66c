"""What glassgrad uses of optree, behind one door, which is shut to daemon threads when Python ends.

A daemon thread that runs when Python ends is stopped where it next waits for the interpreter's lock. optree waits for
that lock inside C++, and stopping a thread there aborts the whole process. So, before Python ends, daemon threads that
come to this door end there, and those that are behind it are given time to come out.

All modules call these functions as ``pytrees.tree_flatten(...)``: a name that was imported from here would stay open.
"""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

__all__ = [
    "broadcast_prefix",
    "register_pytree_node",
    "tree_flatten",
    "tree_leaves",
    "tree_map",
    "tree_structure",
    "tree_unflatten",
    "treespec_accessors",
    "treespec_paths",
]

PATIENCE = 1.0  # seconds that the end of a program waits for daemon threads, at most
PAUSE = 0.002  # seconds between two looks


def _shut_to_daemons(function: Callable[..., Any]) -> Callable[..., Any]:
    def enter(*args: Any, **kwargs: Any) -> Any:
        if threading.current_thread().daemon:
            raise SystemExit  # ends the thread, without a word
        return function(*args, **kwargs)

    return enter


def _gone() -> None:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            "Python is about to end, and optree, which takes arguments and results apart, has ended: "
            "write `import optree` before the `atexit.register` of the function that runs now"
        )

    globals().update(dict.fromkeys(__all__, _shut_to_daemons(refuse)))


if "optree" not in sys.modules:
    atexit.register(_gone)  # before optree registers how it ends, so that this runs after it

import optree  # noqa: E402

broadcast_prefix = optree.broadcast_prefix
register_pytree_node = optree.register_pytree_node
tree_flatten = optree.tree_flatten
tree_leaves = optree.tree_leaves
tree_map = optree.tree_map
tree_structure = optree.tree_structure
tree_unflatten = optree.tree_unflatten
treespec_accessors = optree.treespec_accessors
treespec_paths = optree.treespec_paths

_optree = str(Path(optree.__file__).parent)


def _is_behind(frame: Any) -> bool:
    """Whether a thread is in a function of optree's."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_optree):
            return True
        frame = frame.f_back
    return False


@atexit.register
def _shut() -> None:
    here = threading.get_ident()
    if not any(one.daemon and one.ident != here for one in threading.enumerate()):
        return
    for name in __all__:
        globals()[name] = _shut_to_daemons(globals()[name])
    end, calm = time.monotonic() + PATIENCE, 0
    while calm < 3 and time.monotonic() < end:  # a thread may have read a name before, and be about to call it
        time.sleep(PAUSE)
        frames = sys._current_frames().items()
        calm = 0 if any(_is_behind(frame) for ident, frame in frames if ident != here) else calm + 1
