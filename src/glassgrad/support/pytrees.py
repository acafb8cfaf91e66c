"""The functions of optree that glassgrad uses. When Python ends, daemon threads can no longer call them.

When Python ends, it stops each daemon thread that waits for the interpreter's lock. optree waits for that lock inside
C++, and a thread that is stopped there aborts the whole process. So before Python ends, a daemon thread that calls one
of these functions is ended, and a thread that is inside one gets some time to return.

Other modules must write ``pytrees.tree_flatten(...)``. They must not import the function itself, because that would
bypass the check.
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

PATIENCE = 1.0  # The end of a program waits at most this many seconds for daemon threads.
PAUSE = 0.002  # It checks them again after this many seconds.


def _shut_to_daemons(function: Callable[..., Any]) -> Callable[..., Any]:
    def enter(*args: Any, **kwargs: Any) -> Any:
        if threading.current_thread().daemon:
            raise SystemExit  # ends the thread silently
        return function(*args, **kwargs)

    return enter


def _gone() -> None:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            "Python is about to end, and optree, which flattens arguments and results, has already ended. "
            "Write `import optree` before the `atexit.register` of the function that is running now"
        )

    globals().update(dict.fromkeys(__all__, _shut_to_daemons(refuse)))


if "optree" not in sys.modules:
    atexit.register(_gone)  # registered before optree's own exit function, so it runs after that

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
    """Whether the thread of ``frame`` is inside a function of optree."""
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
    while calm < 3 and time.monotonic() < end:  # a thread may hold the old function, and be about to call it
        time.sleep(PAUSE)
        frames = sys._current_frames().items()
        calm = 0 if any(_is_behind(frame) for ident, frame in frames if ident != here) else calm + 1
