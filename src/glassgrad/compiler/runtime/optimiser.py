"""Better code is made in the background: by one thread, the hottest kernel first.

The thread makes way. All that it makes comes from a generator of its own (`machine.better`), so first code, which
somebody waits for, is made at the same time. While first code is being made, the thread rests before each function that
it writes, and before each part that it compiles. When Python is about to end, the thread stops after the part at hand.
A forked child has no such thread, and starts one when a kernel is hot again.

A signal's handler may raise an exception between any two of Python's instructions. So Python code holds no lock here:
who asks appends to a list, and only the thread itself takes from it.
"""

from __future__ import annotations

import atexit
import os
import time
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from weakref import ReferenceType, ref

__all__ = ["Abandoned", "Improvable", "announce", "ask", "begin", "is_over", "pause", "require_time", "withdraw"]

RESTS = 0.1  # seconds to make way for first code, at most: about as long as a part takes, so half of the time is left
LEAVES = 0.5  # seconds for which the end of the program waits for the thread, at most


class Improvable(Protocol):
    """A kernel, or several that are to become one.

    Attributes:
        final: whether its code is as good as it gets.
        spent: for how many seconds its code has run. The optimiser takes the kernel with the most.
    """

    final: bool
    spent: float

    def improve(self, pause: Callable[[], None]) -> None:
        """Make better code; ``pause`` is called between all steps."""


_asked: list[ReferenceType[Improvable]] = []  # kernels that wait for better code
_working = allocate_lock()  # held by the background thread while it works
_coming: dict[int, bool] = {}  # threads that are making first code now
_over = False  # Python is about to end


class Abandoned(BaseException):
    """Python is about to end: better code is no longer wanted."""


def ask(kernel: Improvable) -> None:
    """Have better code made for ``kernel``, which the caller keeps alive."""
    _asked.append(ref(kernel))
    begin()


def begin() -> None:
    """Start the thread, if there is work for it and it is not at work."""
    if _asked and not _over and not _working.locked():
        with suppress(RuntimeError):  # the system has no more threads, or Python is about to end
            start_new_thread(_work, ())


def announce() -> None:
    """This thread is about to make first code."""
    _coming[get_ident()] = True


def withdraw() -> None:
    """This thread has made it."""
    _coming.pop(get_ident(), None)


def pause() -> None:
    """Make way for first code: wait while any is being made, but not for long.

    Raises:
        Abandoned: Python is about to end.
    """
    end = time.monotonic() + RESTS
    while _coming and not _over and time.monotonic() < end:
        time.sleep(0.001)
    require_time()


def require_time() -> None:
    """Go on only if Python is not about to end.

    Raises:
        Abandoned: it is.
    """
    if _over:
        raise Abandoned


def is_over() -> bool:
    """Whether Python is about to end. Then no better code is made any more."""
    return _over


def _work() -> None:
    """Improve kernels until none is left: the background thread's function."""
    from glassgrad.compiler.llvm import machine

    working, here = _working, get_ident()
    while _asked and working.acquire(False):  # if another thread works, it will find what was asked for
        try:
            machine.background.add(here)
            while (kernel := _hottest()) is not None:
                kernel.improve(pause)
                del kernel
        except Abandoned:
            return
        except Exception:
            if not _over:
                raise
        finally:
            machine.background.discard(here)
            working.release()


def _hottest() -> Improvable | None:
    """The kernel to improve next."""
    hottest = None
    for entry in list(_asked):
        kernel = entry()
        if kernel is None or kernel.final:
            _asked.remove(entry)
        elif hottest is None or kernel.spent > hottest.spent:
            hottest = kernel
    return hottest


@atexit.register
def _rest() -> None:
    """Have the thread stop, and wait for it for a moment. If it takes longer, it is kept out of LLVM by
    `Generator.close`, and ends with the process."""
    global _over
    _over = True
    if _working.acquire(timeout=LEAVES):
        _working.release()


def _in_child() -> None:
    global _working
    _working = allocate_lock()
    _coming.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
