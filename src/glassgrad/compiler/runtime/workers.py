"""Threads that share in the work of a batch.

A signal may end a call at any of Python's instructions: a lock that Python code holds would stay locked, and what is
counted in two steps be wrong. So what threads tell each other here is told by single operations of C, and there is no
`Condition` and no executor, which are Python.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import os
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from glassgrad.compiler.runtime.driver import GONE, LINE, Job, aligned, driver, turns
from glassgrad.core.settings import processors

__all__ = ["together"]

FEW = 8  # threads that are kept off the caller's processor; among more processors the system finds an idle one itself
LINGERS = 1e-4  # seconds for which a thread waits for more work before it goes to sleep: it takes as long to wake it
QUEUED = 4  # calls for each thread that may wait for it; those that come when it has more to do go on alone
LOOKS = 1e-2  # seconds after which the caller looks itself whether threads are done


def together(work: Callable[[int], object], threads: int, job: Job | None = None) -> None:
    """Have ``work`` done by the caller and so many other threads; return, or raise, once none is at it any more.

    ``work`` gets a number, 0 for the caller and another one for each thread. Threads that still linger behind an
    earlier call share in the ``job`` instead, if there is one, which is the same work in machine code.

    Where Python is about to end, or the system has no more threads, fewer share in it.
    """
    _room()
    team, workers = Team(work), _of(threads)
    try:
        workers.call(team, threads, job)
        work(0)
    finally:
        try:
            _end(team, workers, job)
        finally:
            _end(team, workers, job)  # again, should the first have been interrupted before it began
    if team.error is not None:
        raise team.error


def _room(levels: int = 6) -> None:
    """Raise `RecursionError` where Python has no room for what `_end` calls: it would try for ever."""
    if levels:
        _room(levels - 1)


class Team:
    """Threads at one piece of work. Its memory may be gone once it is closed, and as many left as came: then none is
    at it, nor begins."""

    def __init__(self, work: Callable[[int], object]) -> None:
        self.work, self.process = work, os.getpid()
        self.numbers = itertools.count(1)
        self.came = list[None]()
        self.left = list[None]()
        self.closed = self.over = False  # no one begins any more; no one is at it
        self.gate = threading.Lock()  # opened whenever one leaves
        self.error: BaseException | None = None

    def join(self) -> None:
        """Share in the work, unless it is over."""
        self.came.append(None)
        try:
            if not self.closed:
                self.work(next(self.numbers))
        except BaseException as error:
            self.error = error
        finally:
            self.left.append(None)
            with suppress(RuntimeError):  # it is open
                self.gate.release()


def _end(team: Team, workers: Workers, job: Job | None) -> None:
    """Wait until no thread is at it; an interruption is put off until then."""
    interrupted = None
    while not team.over:
        try:
            team.closed = True
            if team.process != os.getpid():  # a signal's handler forked, and the child has no threads
                team.error = RuntimeError("a call was forked while threads shared in it: only the parent can finish it")
                team.over = True
            elif len(team.left) < len(team.came):
                team.gate.acquire(True, LOOKS)
            elif job is not None and workers.watch(workers.first, workers.count, job.address, workers.turns):
                time.sleep(LINGERS)  # the system has such a thread do something else
            else:
                team.over = True
        except BaseException as error:
            interrupted = error
    if interrupted is not None:
        raise interrupted


class Workers:
    """Threads of this process, which end when this object does."""

    def __init__(self, count: int) -> None:
        self.count, self.process = count, os.getpid()
        self.teams: SimpleQueue[Team | None] = SimpleQueue()
        self.desks = aligned(count * LINE)  # a line of the cache for each thread
        self.first = int(self.desks.ctypes.data)
        self.post, self.watch, self.turns = driver().post, driver().watch, turns(LINGERS)
        self.lingers = count < processors()  # else it would keep others from work
        self.free = list(range(count))  # numbers of desks
        self.threads = list[int]()  # by their numbers in the system
        self._apart: object = None

    def __del__(self) -> None:
        with suppress(AttributeError):  # it was interrupted while it was made
            for _ in range(self.count):
                self.teams.put(None)

    def call(self, team: Team, wanted: int, job: Job | None) -> None:
        """Have so many threads share in the work of ``team``, of which those that linger share in ``job``."""
        there = 0
        if not _over:
            there = self.post(self.first, self.count, job.address, wanted) if job is not None else 0
            self.keep_apart()
        team.numbers = itertools.count(1 + there)
        missing = range(there, 0 if _over else wanted)
        begun = len(self.threads)
        if missing and self.free:
            given = self.teams, self.desks, self.first, self.free, self.threads, self.lingers
            with suppress(RuntimeError):  # there are no more
                for _ in range(begun, wanted):
                    start_new_thread(_serve, given)
                    begun += 1
        if begun and self.teams.qsize() <= QUEUED * self.count:
            for _ in missing:
                self.teams.put(team)

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


def _serve(
    teams: SimpleQueue[Team | None], desks: object, first: int, free: list[int], threads: list[int], lingers: bool
) -> None:
    """What a thread does: join teams, and linger behind each. It holds the memory of the desks, but not `Workers`."""
    try:
        desk = free.pop()
    except IndexError:
        return
    threads.append(threading.get_native_id())
    linger, spins = driver().linger, turns(LINGERS)
    while (team := teams.get()) is not None:
        late = team.closed  # callers are many, and more is in the queue
        team.join()
        del team
        if lingers and not late and not _over:
            linger(first + 8 * LINE * desk, spins)


def _processor() -> Callable[[], int] | None:
    """What tells which processor the calling thread is on, where threads can be told where to run."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    with suppress(OSError, AttributeError):
        function: Callable[[], int] = ctypes.CDLL(None).sched_getcpu
        return function
    return None


processor = _processor()
_workers: Workers | None = None
_over = False  # Python is about to end


def _of(threads: int) -> Workers:
    """So many threads at least. Two callers may each make some: those that came first end after their call."""
    global _workers
    workers = _workers
    if workers is None or workers.count < threads or workers.process != os.getpid():
        workers = _workers = Workers(threads)
    return workers


@atexit.register
def _rest() -> None:
    """Call no more threads, and wait until those that linger have left: machine code is about to go."""
    global _over
    _over = True
    end = time.monotonic() + 1.0
    if _workers is not None and _workers.process == os.getpid():
        while ((_workers.desks != 0) & (_workers.desks != GONE)).any() and time.monotonic() < end:
            time.sleep(LINGERS)
