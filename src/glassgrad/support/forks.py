"""What a forked child must find whole.

A forked child has a single thread, a copy of the one that forked. Whatever the other threads were doing stays half
done, and a lock that one of them held is never released. So the compiler has two kinds of locks:

* A *brief* lock is held for one short step: at most while LLVM compiles one part of a module, about 0.1 s. A fork waits
  for all of them, so what they guard is whole in the child.
* Any other lock may be held for seconds, while a function is traced and compiled. A fork does not wait for it. The
  child gets a new one if the old one's holder is gone. What such a lock guards changes in one step, or under a brief
  lock.
"""

from __future__ import annotations

import os
import threading
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["brief", "gate", "renew", "whole"]

PATIENCE = 1.0  # seconds to wait for llvmlite's own lock, which another library may hold for long

_brief: list[Any] = []
_renewed: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_taken: list[Any] = []  # what the fork under way holds
_others: Any = None  # llvmlite's lock


def brief() -> Any:
    """A lock that a fork waits for. A fork takes these locks in the order in which they were made."""
    lock = threading.RLock()
    _brief.append(lock)
    return lock


def renew(owner: Any, name: str) -> None:
    """In a forked child, give ``owner`` a new lock ``name`` if the holder of the old one is gone."""
    _renewed[owner] = name


def wait_for(lock: Any) -> None:
    """Wait for llvmlite's lock as well. It is the last one taken, since it is taken within the others."""
    global _others
    _others = lock


gate = brief()  # passed before each step of long work, so that a fork need not wait for more than one of them
whole = brief()  # held where something changes in several steps


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
