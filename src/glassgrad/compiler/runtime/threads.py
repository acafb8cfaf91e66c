"""Threads for a batch if there is no C compiler. They are started for each call, and end before it returns.

A signal handler may raise an exception, such as `KeyboardInterrupt`, between any two of Python's instructions. A lock
that Python code holds would then stay locked, and a count that is kept in two steps would be wrong. So threads tell
each other their state by single C operations, such as appending to a list. An executor would not do: its queue and its
futures hold locks in Python code.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import threading
from _thread import start_new_thread
from contextlib import suppress
from typing import TYPE_CHECKING

from glassgrad.compiler.runtime.memory import Scratch

if TYPE_CHECKING:
    from glassgrad.compiler.runtime.pool import Split

__all__ = ["KERNEL", "run"]

LOOKS = 1e-2  # The caller checks at least once in this many seconds whether the threads are done.

KERNEL = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 3, *[ctypes.c_void_p] * 4)


def run(split: Split, kernel: int, space: int, first: int, last: int, threads: int) -> bool:
    """Run parts of a batch: see `Split.run`."""
    _require_room()
    team = Team(split, kernel, space, first, last)
    try:
        team.start(threads - 1)
        team.work()
    finally:
        try:
            team.end()
        finally:
            team.end()  # again, in case the first was interrupted before it began
    if team.error is not None:
        raise team.error
    return any(team.found)


def _require_room(levels: int = 6) -> None:
    """Raise `RecursionError` if the stack has no room for the calls of `Team.end`, which would then retry for ever."""
    if levels:
        _require_room(levels - 1)


class Team:
    """The threads that work on one batch.

    Once the team is closed and every thread that entered has left, the memory of the batch may be freed: no thread is
    at work, and none will start.

    Attributes:
        parts: an iterator over the parts that nobody has taken yet.
        found: the values that the kernel returned.
        came, left: lists that each thread appends to when it enters, and when it leaves.
        closed: no thread starts another part.
        over: no thread works on a part.
        gate: a lock that is opened whenever a thread leaves.
    """

    def __init__(self, split: Split, kernel: int, space: int, first: int, last: int) -> None:
        self.split, self.kernel, self.space, self.last = split, KERNEL(kernel), space, last
        self.process = os.getpid()
        self.parts = itertools.count(first)
        self.found: list[int] = []
        self.came: list[None] = []
        self.left: list[None] = []
        self.closed = self.over = False
        self.gate = threading.Lock()
        self.error: BaseException | None = None

    def start(self, count: int) -> None:
        """Start this many threads, or fewer if the system has no more, or if Python is about to end."""
        with suppress(RuntimeError):
            for _ in range(count):
                start_new_thread(self.join, ())

    def work(self) -> None:
        """Run parts until none is left."""
        split, scratch, row = self.split, Scratch(self.space), (ctypes.c_int64 * 3)()
        outs = split.outs
        if split.row:  # the first leaf, with the address of the part's first row
            ctypes.memmove(row, outs, ctypes.sizeof(row))
            outs, rows = ctypes.addressof(row), row[0]
        for part in self.parts:
            if part >= self.last or self.closed:
                return
            start = part * split.step
            stop = split.lanes if part + 1 == split.parts else start + split.step
            if split.row:
                row[0] = rows + start // split.chunk * split.row
            self.found.append(self.kernel(start, stop, split.lanes, split.ins, outs, scratch.address, split.unmatched))

    def join(self) -> None:
        """Share the work, unless the team is closed."""
        self.came.append(None)
        try:
            if not self.closed:
                self.work()
        except BaseException as error:
            self.error = error
        finally:
            self.left.append(None)
            with suppress(RuntimeError):  # it is open already
                self.gate.release()

    def end(self) -> None:
        """Wait until no thread is at work. An interruption that comes meanwhile is raised after that."""
        interrupted = None
        while not self.over:
            try:
                self.closed = True
                if self.process != os.getpid():  # a signal's handler forked, and the child has no threads
                    self.error = RuntimeError(
                        "the process was forked while threads computed a batch. Only the parent can finish the batch"
                    )
                    self.over = True
                elif len(self.left) < len(self.came):
                    self.gate.acquire(True, LOOKS)
                else:
                    self.over = True
            except BaseException as error:
                interrupted = error
        if interrupted is not None:
            raise interrupted
