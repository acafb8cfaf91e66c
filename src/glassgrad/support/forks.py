"""Make locks and the data behind them survive a fork.

A forked child has a single thread, a copy of the one that forked. The work of all other threads stays half done, and a
lock that one of them held is never released. So the compiler has two kinds of locks:

* A *brief* lock is held for one short step: at most while LLVM compiles one part of a module, about 0.1 s. A fork waits
  for all brief locks, so the data that they guard is consistent in the child.
* Any other lock may be held for seconds, while a function is traced and compiled. A fork does not wait for it. If its
  holder is gone, the child gets a new lock. The data behind such a lock changes in a single step, or under a brief
  lock.
"""

from __future__ import annotations

import os
import threading
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["brief", "gate", "renew", "whole"]

# A fork waits at most this many seconds for llvmlite's own lock, because another library may hold it for long.
PATIENCE = 1.0

_brief: list[Any] = []
_renewed: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_taken: list[Any] = []  # The locks that the current fork holds.
_others: Any = None  # The object that holds llvmlite's lock, as `_lock`.


def brief() -> Any:
    """Make a lock that a fork waits for. A fork takes these locks in the order in which they were made."""
    lock = threading.RLock()
    _brief.append(lock)
    return lock


def renew(owner: Any, name: str) -> None:
    """In a forked child, give ``owner`` a new lock ``name`` if the holder of the old one is gone."""
    _renewed[owner] = name


def wait_for(lock: Any) -> None:
    """Let forks wait for llvmlite's lock, too. They take it last, because threads take it inside the other locks."""
    global _others
    _others = lock


# Long work passes through this lock before each step, so a fork waits for one step at most.
gate = brief()
# This lock is held while data changes in several steps.
whole = brief()


def _before() -> None:
    for lock in _brief:
        lock.acquire()
        _taken.append(lock)
    if _others is not None and _others._lock.acquire(timeout=PATIENCE):
        _taken.append(_others._lock)


def _after() -> None:
    while _taken:
        _taken.pop().release()


def _in_child() -> None:
    if _others is not None and _others._lock not in _taken:
        _others._lock = threading.RLock()
    _after()
    for owner, name in list(_renewed.items()):
        lock = getattr(owner, name)
        if lock.acquire(blocking=False):
            lock.release()
        else:
            setattr(owner, name, threading.RLock())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
