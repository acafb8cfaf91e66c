"""The functions of optree that glassgrad uses. Dataclasses and attrs classes are trees without registration.

When Python ends, daemon threads can no longer call these functions.

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

from glassgrad.support.records import Opened, any_records, is_record, rebuilt

__all__ = [
    "broadcast_prefix",
    "tree_flatten",
    "tree_leaves",
    "tree_map",
    "tree_structure",
    "tree_unflatten",
    "treespec_accessors",
]

PATIENCE = 1.0  # The end of a program waits at most this many seconds for daemon threads.
NAMESPACE = "glassgrad"  # of what is registered with optree
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

tree_unflatten = optree.tree_unflatten
treespec_accessors = optree.treespec_accessors

_register: Any = optree.register_pytree_node
_register(
    Opened,
    lambda one: ([opened(part, *one.options) for part in one.parts], one.layout, one.layout.names),
    rebuilt,
    path_entry_type=optree.GetAttrEntry,
    namespace=NAMESPACE,
)


def tree_flatten(tree: Any, *, none_is_leaf: bool = False, numbers: bool = False) -> tuple[list[Any], Any]:
    """Return the leaves of a tree and its structure.

    Args:
        tree: nested lists, tuples, dicts, dataclasses and attrs classes.
        none_is_leaf: whether None is a leaf; otherwise it belongs to the structure.
        numbers: whether dataclasses that are numbers or arrays themselves are trees, too; otherwise they are leaves.
    """
    leaves, structure = optree.tree_flatten(tree, none_is_leaf=none_is_leaf)
    if any_records(leaves, numbers):
        return optree.tree_flatten(opened(tree, numbers), none_is_leaf=none_is_leaf, namespace=NAMESPACE)
    return leaves, structure


def opened(tree: Any, numbers: bool = False, static: bool = True) -> Any:
    """Return the tree with an `Opened` in the place of each dataclass or attrs class that optree can reach.

    Args:
        tree: a tree.
        numbers: as for `tree_flatten`.
        static: whether the static fields belong to the structure.
    """
    leaves, structure = optree.tree_flatten(tree, none_is_leaf=True)
    if not any_records(leaves, numbers):
        return tree
    return optree.tree_unflatten(
        structure, [Opened(x, numbers, static) if is_record(x, numbers) else x for x in leaves]
    )


def tree_leaves(tree: Any, *, none_is_leaf: bool = False) -> list[Any]:
    """Return the leaves of a tree."""
    return tree_flatten(tree, none_is_leaf=none_is_leaf)[0]


def tree_structure(tree: Any, *, none_is_leaf: bool = False) -> Any:
    """Return the structure of a tree."""
    return tree_flatten(tree, none_is_leaf=none_is_leaf)[1]


def tree_map(function: Callable[[Any], Any], tree: Any, *, none_is_leaf: bool = False) -> Any:
    """Return the tree with ``function(leaf)`` in the place of each leaf."""
    leaves, structure = tree_flatten(tree, none_is_leaf=none_is_leaf)
    return tree_unflatten(structure, [*map(function, leaves)])


def broadcast_prefix(prefix: Any, tree: Any) -> list[Any]:
    """Return the leaf of ``prefix`` for each leaf of ``tree``. None is a leaf, and static fields may differ.

    Raises:
        ValueError: ``prefix`` does not have the structure of the upper part of ``tree``.
    """
    both = opened(prefix, static=False), opened(tree, static=False)
    return optree.broadcast_prefix(*both, is_leaf=lambda x: x is None, none_is_leaf=True, namespace=NAMESPACE)


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
