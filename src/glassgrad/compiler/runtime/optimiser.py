"""Make better code in the background: one thread improves kernels, starting with the hottest.

The hottest kernel is the one that has run longest. The thread gives way to first code, which a call is waiting for. It
has its own code generator (`machine.better`), so first code can be made at the same time. While first code is being
made, the thread rests before each function that it writes, and before each part that it compiles. When Python is about
to end, the thread stops after the current part. A forked child has no such thread, and starts one when a kernel becomes
hot again.

A signal handler may raise an exception between any two of Python's instructions. So no lock is held by Python code
here: a call appends its kernel to a list, and only the thread itself takes kernels from the list.
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

# The thread rests for at most this many seconds. A part takes about as long, so the thread keeps half of the time.
RESTS = 0.1
LEAVES = 0.5  # The end of the program waits for the thread for at most this many seconds.


class Improvable(Protocol):
    """A kernel, or several kernels that are to become one.

    Attributes:
        final: whether its code will not become better.
        spent: the seconds that its code has run. The kernel with the most is improved first.
    """

    final: bool
    spent: float

    def improve(self, pause: Callable[[], None]) -> None:
        """Make better code. ``pause`` is called between all steps."""


_asked: list[ReferenceType[Improvable]] = []  # The kernels that wait for better code.
_working = allocate_lock()  # The background thread holds this lock while it works.
_coming: dict[int, bool] = {}  # The ids of the threads that are making first code now.
_over = False  # True when Python is about to end.


class Abandoned(BaseException):
    """Python is about to end, so better code is no longer needed."""


def ask(kernel: Improvable) -> None:
    """Ask for better code for ``kernel``. The caller must keep the kernel alive."""
    _asked.append(ref(kernel))
    begin()


def begin() -> None:
    """Start the thread, if there is work for it and it is not running."""
    if _asked and not _over and not _working.locked():
        with suppress(RuntimeError):  # the system has no more threads, or Python is about to end
            start_new_thread(_work, ())


def announce() -> None:
    """Note that the calling thread is about to make first code."""
    _coming[get_ident()] = True


def withdraw() -> None:
    """Note that the calling thread has made its first code."""
    _coming.pop(get_ident(), None)


def pause() -> None:
    """Give way to first code: wait while any is being made, but at most `RESTS` seconds.

    Raises:
        Abandoned: Python is about to end.
    """
    end = time.monotonic() + RESTS
    while _coming and not _over and time.monotonic() < end:
        time.sleep(0.001)
    require_time()


def require_time() -> None:
    """Raise an exception if Python is about to end.

    Raises:
        Abandoned: Python is about to end.
    """
    if _over:
        raise Abandoned


def is_over() -> bool:
    """Whether Python is about to end. If so, no better code is made any more."""
    return _over


def _work() -> None:
    """Improve kernels until none is left. The background thread runs this function."""
    from glassgrad.compiler.llvm import machine

    working, here = _working, get_ident()
    while _asked and working.acquire(False):  # if another thread is working, it will find the kernels in the list
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
    """Return the kernel to improve next, or None."""
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
    """Stop the thread, and wait a moment for it.

    If it takes longer, `Generator.close` keeps it out of LLVM, and it ends with the process.
    """
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
