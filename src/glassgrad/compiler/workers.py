"""Threads that share in the work of a batch."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

__all__ = ["start"]

FEW = 8  # threads that are kept off the caller's processor; among more processors the system finds an idle one itself


class Workers:
    """A pool of threads of this process."""

    def __init__(self, count: int) -> None:
        self.count, self.process = count, os.getpid()
        self.threads: list[int] = []  # by their numbers in the system
        self.pool = ThreadPoolExecutor(count, "glassgrad", lambda: self.threads.append(threading.get_native_id()))
        self._apart: tuple[int, int] | None = None

    def keep_apart(self) -> None:
        """Have them run on other processors than the caller. Left alone, Linux often wakes a thread where its caller is
        busy, on a machine of two processors more often than not, and moves it only milliseconds later."""
        if processor is None or self.count > FEW:
            return
        here = processor()
        if self._apart == (here, len(self.threads)):
            return
        self._apart = (here, len(self.threads))
        with suppress(OSError):  # not allowed, or a thread that has just begun to end
            others = os.sched_getaffinity(0) - {here}
            for thread in self.threads if others else ():
                os.sched_setaffinity(thread, others)


def _processor() -> Callable[[], int] | None:
    """What tells which processor the calling thread is on, where threads can be told where to run."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    with suppress(OSError, AttributeError):
        function: Callable[[], int] = ctypes.CDLL(None).sched_getcpu
        return function
    return None


processor = _processor()
_lock = threading.Lock()
_workers: Workers | None = None


def start(work: Callable[[], int], threads: int) -> list[Future[int]]:
    """Have ``work`` done in so many threads.

    Raises:
        RuntimeError: Python is about to end, and starts none.
    """
    global _workers
    with _lock:
        if _workers is None or _workers.count < threads or _workers.process != os.getpid():
            _workers = Workers(threads)
        workers = _workers
    workers.keep_apart()
    return [workers.pool.submit(work) for _ in range(threads)]
