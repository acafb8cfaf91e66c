"""Threads for a batch where there is no compiler: started for each call, and gone when it returns.

A signal's handler may raise an exception between any two of Python's instructions, `KeyboardInterrupt` say. A lock that
Python code holds would stay locked, and a count that is kept in two steps would be wrong. So threads tell each other
what they do by single operations of C. There is no executor: its queue and its futures hold locks in Python code.
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

LOOKS = 1e-2  # seconds after which the caller looks itself whether threads are done

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
    """Raise `RecursionError` if there is no room for the calls that `Team.end` makes: it would try for ever."""
    if levels:
        _require_room(levels - 1)


class Team:
    """Threads at one batch. The batch's memory may be gone once the team is closed, and as many threads left as came:
    then none is at work, nor will be."""

    def __init__(self, split: Split, kernel: int, space: int, first: int, last: int) -> None:
        self.split, self.kernel, self.space, self.last = split, KERNEL(kernel), space, last
        self.process = os.getpid()
        self.parts = itertools.count(first)  # those not taken yet
        self.found: list[int] = []
        self.came: list[None] = []
        self.left: list[None] = []
        self.closed = self.over = False  # no thread begins a part any more; none is at one
        self.gate = threading.Lock()  # opened whenever a thread leaves
        self.error: BaseException | None = None

    def start(self, count: int) -> None:
        """Start so many threads, or fewer where the system has no more of them, or Python is about to end."""
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
        """Share in the work, unless it is over."""
        self.came.append(None)
        try:
            if not self.closed:
                self.work()
        except BaseException as error:
            self.error = error
        finally:
            self.left.append(None)
            with suppress(RuntimeError):  # it is open
                self.gate.release()

    def end(self) -> None:
        """Wait until no thread is at work. An interruption is put off until then."""
        interrupted = None
        while not self.over:
            try:
                self.closed = True
                if self.process != os.getpid():  # a signal's handler forked, and the child has no threads
                    self.error = RuntimeError(
                        "a call was forked while threads shared in it: only the parent can finish it"
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
