"""Threads that share in the work of a batch."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from glassgrad.compiler.driver import LINE, Job, aligned, driver, turns
from glassgrad.compiler.settings import processors

__all__ = ["together"]

FEW = 8  # threads that are kept off the caller's processor; among more processors the system finds an idle one itself
LINGERS = 1e-4  # seconds for which a thread waits for more work before it goes to sleep: it takes as long to wake it


def together(work: Callable[[int], object], threads: int, job: Job | None = None) -> None:
    """Have ``work`` done by the caller and so many other threads; return, or raise, once none is at it any more.

    ``work`` gets a number, 0 for the caller and another one for each thread. Threads that still linger behind an
    earlier call share in the ``job`` instead, if there is one, which is the same work in machine code.

    Where Python is about to end, or the system has no more threads, fewer share in it.
    """
    team = Team(work)
    workers: Workers | None = None
    try:
        with suppress(RuntimeError):
            workers = _of(threads)
            there = workers.post(job, threads) if job is not None else 0
            workers.keep_apart()
            for number in range(there, threads):  # an error may come after a thread was told, which then joins
                workers.pool.submit(workers.help, team, number + 1)
        work(0)
    finally:
        try:
            _end(team, workers, job)
        finally:
            _end(team, workers, job)  # again, should the first have been interrupted before it began
    if team.error is not None:
        raise team.error


def _end(team: Team, workers: Workers | None, job: Job | None) -> None:
    """Wait until no thread is at it; an interruption is put off until then."""
    interrupted = None
    while True:
        try:
            team.close()
            if workers is not None and job is not None:
                workers.watch(job)
            break
        except BaseException as error:
            interrupted = error
    if interrupted is not None:
        raise interrupted


class Team:
    """Threads at one piece of work. Its memory may be gone once it is closed: then none is at it, nor begins."""

    def __init__(self, work: Callable[[int], object]) -> None:
        self.work = work
        self.changed = threading.Condition(threading.Lock())
        self.active = 0
        self.closed = False
        self.error: BaseException | None = None

    def join(self, number: int) -> None:
        """Share in the work, unless it is over."""
        with self.changed:
            if self.closed:
                return
            self.active += 1
        try:
            self.work(number)
        except BaseException as error:
            self.error = error
        finally:
            with self.changed:
                self.active -= 1
                self.changed.notify_all()

    def close(self) -> None:
        """Wait until none is at it."""
        with self.changed:
            self.closed = True
            while self.active:
                self.changed.wait()


class Workers:
    """A pool of threads of this process."""

    def __init__(self, count: int) -> None:
        self.count, self.process = count, os.getpid()
        self.threads = threads = list[int]()  # by their numbers in the system; not self, or the pool would never end
        self.pool = ThreadPoolExecutor(count, "glassgrad", lambda: threads.append(threading.get_native_id()))
        self._apart: object = None
        self._desks = aligned(count * LINE)  # a line of the cache for each thread
        self._first = int(self._desks.ctypes.data)
        self._lingers = count < processors()  # else it would keep others from work

    def help(self, team: Team, number: int) -> None:
        """What a thread does: share in the work, and linger for more."""
        team.join(number)
        team = None  # type: ignore[assignment]  # its work may be gone while this thread lingers
        if self._lingers:
            desk = self.threads.index(threading.get_native_id())
            driver().linger(self._first + 8 * LINE * desk, turns(LINGERS))

    def post(self, job: Job, wanted: int) -> int:
        """Have threads that linger share in ``job``; return how many."""
        return int(driver().post(self._first, self.count, job.address, wanted))

    def watch(self, job: Job) -> None:
        """Wait until none of them is at it."""
        while driver().watch(self._first, self.count, job.address, turns(LINGERS)):
            time.sleep(LINGERS)  # the system has it do something else

    def keep_apart(self) -> None:
        """Have them run on other processors than the caller. Left alone, Linux often wakes a thread where its caller is
        busy, on a machine of two processors more often than not, and moves it only milliseconds later."""
        if processor is None or self.count > FEW:
            return
        with suppress(OSError):  # it is not allowed
            allowed = os.sched_getaffinity(0)
            others = allowed - {processor()} or allowed
            if self._apart == (others, len(self.threads)):
                return
            for thread in self.threads:
                os.sched_setaffinity(thread, others)
            self._apart = (others, len(self.threads))


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


def _of(threads: int) -> Workers:
    """The pool, of so many threads at least."""
    global _workers
    with _lock:
        if _workers is None or _workers.count < threads or _workers.process != os.getpid():
            _workers = Workers(threads)
        return _workers
