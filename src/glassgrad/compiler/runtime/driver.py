"""What threads do for a batch that they share: part after part, and between two batches wait for more, all without
Python."""

from __future__ import annotations

import ctypes
import time
from functools import cache
from string import Template
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.machine import Loaded, load, once

__all__ = ["LINE", "Driver", "Job", "aligned", "driver", "turns"]

LINE = 8  # numbers in a line of the cache: what one thread writes to is in another line than what others use
FREE, GONE, BUSY = 1, 2, 3  # what a thread's desk says where it does not hold the address of a job
LEFT, FOUND, NEXT = range(3)  # the numbers of a job: its first line is written to by all that are at it,
BATCH = ("threads", "parts", "step", "chunk", "row", "lanes", "ins", "outs", "missed")
RUN = ("kernel", "scratch", "size", "parts")
FIELDS = (*BATCH, *RUN[:3])  # the next two hold these, as all of them are read,
GIVEN = slice(LINE + BATCH.index("ins"), LINE + len(BATCH))
POINTERS = ("ins", "outs", "missed", "kernel", "scratch")
TURNS = 3 * LINE  # and then each share has a line
PACED, TRIES = 3_000, 5  # turns by which it is measured, so many times, how long one takes
STEPS = 8  # of a turn, each of which waits for the one before: so little of the core is used

TEXT = Template("""
@functions = constant [4 x ptr] [ ptr @drive, ptr @linger, ptr @post, ptr @watch ]

define i64 @drive(ptr %job, i64 %mine, i64 %most, ptr %kernel, ptr %scratch) {
entry:
  $batch
  %own = alloca [3 x i64], align 8
  %folds = icmp ne i64 %row, 0
  %into = select i1 %folds, ptr %own, ptr %outs
  br i1 %folds, label %copy, label %visit
copy:
  %leaf = load [3 x i64], ptr %outs, align 8
  store [3 x i64] %leaf, ptr %own, align 8
  br label %visit
visit:
  %nth = phi i64 [ 0, %entry ], [ 0, %copy ], [ %nth1, %leave ]
  %found0 = phi i64 [ 0, %entry ], [ 0, %copy ], [ %found, %leave ]
  %done0 = phi i64 [ 0, %entry ], [ 0, %copy ], [ %done, %leave ]
  %nowhere = icmp eq i64 %nth, %threads
  br i1 %nowhere, label %end, label %enter
enter:
  %sum = add i64 %mine, %nth
  %share = urem i64 %sum, %threads
  %line = mul i64 %share, $line
  %place = add i64 %line, $shares
  %turn = getelementptr inbounds i64, ptr %job, i64 %place
  %share1 = add i64 %share, 1
  %upto = mul i64 %share1, %parts
  %bound = udiv i64 %upto, %threads
  br label %next
next:
  %found = phi i64 [ %found0, %enter ], [ %either, %run ]
  %done = phi i64 [ %done0, %enter ], [ %more, %run ]
  %on = icmp slt i64 %done, %most
  br i1 %on, label %try, label %end
try:
  %k = atomicrmw add ptr %turn, i64 1 monotonic
  %left = icmp slt i64 %k, %bound
  br i1 %left, label %take, label %leave
leave:
  %nth1 = add i64 %nth, 1
  br label %visit
take:
  %start = mul i64 %k, %step
  %further = add i64 %start, %step
  %after = add i64 %k, 1
  %last = icmp eq i64 %after, %parts
  %stop = select i1 %last, i64 %lanes, i64 %further
  br i1 %folds, label %fold, label %run
fold:
  %first = load i64, ptr %outs, align 8
  %rows = sdiv i64 %start, %chunk
  %far = mul i64 %rows, %row
  %there = add i64 %first, %far
  store i64 %there, ptr %own, align 8
  br label %run
run:
  %result = call i64 %kernel(i64 %start, i64 %stop, i64 %lanes, ptr %ins, ptr %into, ptr %scratch, ptr %missed)
  %either = or i64 %found, %result
  %more = add i64 %done, 1
  br label %next
end:
  %all = phi i64 [ %found0, %visit ], [ %found, %next ]
  ret i64 %all
}

define i64 @linger(ptr %desk, i64 %turns) {
entry:
  store atomic i64 $free, ptr %desk release, align 8
  br label %look
look:
  %n = phi i64 [ 0, %entry ], [ %n1, %wait ], [ 0, %leave ], [ 0, %take ], [ 0, %work ]
  %x = phi i64 [ 3, %entry ], [ $idled, %wait ], [ %x, %leave ], [ %x, %take ], [ %x, %work ]
  %what = load atomic i64, ptr %desk acquire, align 8
  %none = icmp eq i64 %what, $free
  br i1 %none, label %wait, label %take
wait:
  $idle
  %n1 = add i64 %n, 1
  %over = icmp sge i64 %n1, %turns
  br i1 %over, label %leave, label %look
leave:
  %left = cmpxchg ptr %desk, i64 $free, i64 $gone acq_rel acquire
  %away = extractvalue { i64, i1 } %left, 1
  br i1 %away, label %end, label %look
take:
  %taken = cmpxchg ptr %desk, i64 %what, i64 $busy acq_rel acquire
  %mine = extractvalue { i64, i1 } %taken, 1
  br i1 %mine, label %work, label %look
work:
  %job = inttoptr i64 %what to ptr
  %next = getelementptr inbounds i64, ptr %job, i64 $next
  %share = atomicrmw add ptr %next, i64 1 monotonic
  $run
  %far = mul i64 %share, %size
  %space = getelementptr inbounds i8, ptr %scratch, i64 %far
  %result = call i64 @drive(ptr %job, i64 %share, i64 %parts, ptr %kernel, ptr %space)
  %found = getelementptr inbounds i64, ptr %job, i64 $found
  %before = atomicrmw or ptr %found, i64 %result monotonic
  store atomic i64 $free, ptr %desk release, align 8
  %done = atomicrmw sub ptr %job, i64 1 release
  br label %look
end:
  ret i64 %x
}

define i64 @post(ptr %desks, i64 %count, ptr %job, i64 %wanted) {
entry:
  %address = ptrtoint ptr %job to i64
  br label %look
look:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %got = phi i64 [ 0, %entry ], [ %gotn, %next ]
  %more = icmp slt i64 %k, %count
  %few = icmp slt i64 %got, %wanted
  %on = and i1 %more, %few
  br i1 %on, label %try, label %end
try:
  %far = mul i64 %k, $line
  %desk = getelementptr inbounds i64, ptr %desks, i64 %far
  %in = atomicrmw add ptr %job, i64 1 monotonic
  %put = cmpxchg ptr %desk, i64 $free, i64 %address acq_rel monotonic
  %there = extractvalue { i64, i1 } %put, 1
  br i1 %there, label %next, label %back
back:
  %out = atomicrmw sub ptr %job, i64 1 monotonic
  br label %next
next:
  %one = zext i1 %there to i64
  %gotn = add i64 %got, %one
  %k1 = add i64 %k, 1
  br label %look
end:
  ret i64 %got
}

define i64 @watch(ptr %desks, i64 %count, ptr %job, i64 %turns) {
entry:
  %address = ptrtoint ptr %job to i64
  br label %recall
recall:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %more = icmp slt i64 %k, %count
  br i1 %more, label %try, label %look
try:
  %far = mul i64 %k, $line
  %desk = getelementptr inbounds i64, ptr %desks, i64 %far
  %got = cmpxchg ptr %desk, i64 %address, i64 $free acq_rel monotonic
  %back = extractvalue { i64, i1 } %got, 1
  %one = zext i1 %back to i64
  %out = atomicrmw sub ptr %job, i64 %one monotonic
  br label %next
next:
  %k1 = add i64 %k, 1
  br label %recall
look:
  %n = phi i64 [ 0, %recall ], [ %n1, %wait ]
  %x = phi i64 [ 3, %recall ], [ $idled, %wait ]
  %left = load atomic i64, ptr %job acquire, align 8
  %none = icmp eq i64 %left, 0
  %over = icmp sge i64 %n, %turns
  %kept = icmp eq i64 %x, 0
  %stop0 = or i1 %none, %kept
  %stop = or i1 %stop0, %over
  br i1 %stop, label %end, label %wait
wait:
  $idle
  %n1 = add i64 %n, 1
  br label %look
end:
  ret i64 %left
}
""")
NUMBER, ADDRESS = ctypes.c_int64, ctypes.c_void_p
WATCH = NUMBER, ADDRESS, NUMBER, ADDRESS, NUMBER


class Driver(NamedTuple):
    """Functions of machine code; all but ``post`` let other threads use Python meanwhile.

    Attributes:
        drive: a job, the number of a share, how many parts to take at most, the kernel, memory for it to work in. Runs
            the kernel over parts, those of that share in turn, then what is left of the others: so what it brings near
            ahead of its work is seldom what another thread writes. Returns 0 where each run did.
        linger: a thread's desk, how many turns to wait there. Shares in each job that is put on the desk meanwhile.
        post: desks, how many, a job, how many threads are wanted. Puts it on the desks of threads that linger, and
            returns how many those are.
        watch: the same desks, how many, the job, how many turns to wait. Takes the job back from those that have not
            begun, waits for the others, and returns how many are still at it.
        loaded: what keeps them in memory.
    """

    drive: Any
    linger: Any
    post: Any
    watch: Any
    loaded: Loaded


@once
def driver() -> Driver:
    """The functions, for this processor."""
    target = host().scalar()

    def read(names: tuple[str, ...]) -> str:
        lines = []
        for name in names:
            lines.append(f"%at.{name} = getelementptr inbounds i64, ptr %job, i64 {LINE + FIELDS.index(name)}")
            lines.append(f"%{name} = load {'ptr' if name in POINTERS else 'i64'}, ptr %at.{name}, align 8")
        return "\n  ".join(lines)

    idle = []
    for k in range(STEPS):
        idle += [f"%s{k} = lshr i64 %x{k or ''}, 7", f"%y{k} = xor i64 %x{k or ''}, %s{k}", f"%z{k} = mul i64 %y{k}, 5"]
        idle.append(f"%x{k + 1} = or i64 %z{k}, 1")  # so it is never 0
    places = {"line": LINE, "shares": TURNS, "found": FOUND, "next": NEXT, "free": FREE, "gone": GONE, "busy": BUSY}
    text = TEXT.substitute(places, batch=read(BATCH), run=read(RUN), idle="\n  ".join(idle), idled=f"%x{STEPS}")
    loaded = load(text, target, 1, "functions")
    drive, linger, post, watch = (NUMBER * 4).from_address(loaded.address)
    return Driver(
        ctypes.CFUNCTYPE(NUMBER, ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS)(drive),
        ctypes.CFUNCTYPE(NUMBER, ADDRESS, NUMBER)(linger),
        ctypes.PYFUNCTYPE(NUMBER, ADDRESS, NUMBER, ADDRESS, NUMBER)(post),
        ctypes.CFUNCTYPE(*WATCH)(watch),
        loaded,
    )


@cache
def turns(seconds: float) -> int:
    """How many turns of waiting take about so long."""
    never, least = aligned(LINE), float("inf")
    address = ctypes.cast(driver().watch, ADDRESS).value or 0
    watch = ctypes.PYFUNCTYPE(*WATCH)(address)  # without giving up Python's lock
    never[LEFT] = 1
    for _ in range(TRIES):
        began = time.perf_counter()
        watch(0, 0, never.ctypes.data, PACED)
        least = min(least, time.perf_counter() - began)
    return max(1, int(PACED * seconds / least))


def aligned(count: int) -> Any:
    """Numbers of which none is in a line of the cache with anything else, all 0."""
    memory = np.zeros(count + LINE, np.int64)
    start = -(memory.ctypes.data // 8) % LINE
    return memory[start : start + count]


class Job:
    """A kernel's runs over batches of one length in parts, which threads take: what `Driver.drive` reads and writes.

    Args:
        threads: how many; the parts are shared out evenly among them, side by side.
        parts, step: how many parts, of how many lanes; the last one of all that are left.
        chunk, row: how many lanes have a row of sums, of how many bytes; 0 bytes where results are not summed.
        lanes: of the batch.
        code: the kernel's.
        space: how many bytes it wants to work in.
    """

    def __init__(
        self, *, threads: int, parts: int, step: int, chunk: int, row: int, lanes: int, code: Loaded, space: int
    ) -> None:
        self.code = code  # which stays as long as this does
        self.parts, self.kernel, self.size = parts, code.address, space + -space % (8 * LINE)
        self._numbers = aligned(TURNS + threads * LINE + threads * self.size // 8)
        self.address = int(self._numbers.ctypes.data)
        self.scratch = self.address + 8 * (TURNS + threads * LINE)
        self._turns = self._numbers[TURNS : TURNS + threads * LINE : LINE]
        bounds = np.arange(threads + 1) * parts // threads
        self._first, self._bounds = bounds[:-1].copy(), bounds[1:]
        fields = (threads, parts, step, chunk, row, lanes, 0, 0, 0, self.kernel, self.scratch, self.size)
        self._numbers[LINE : LINE + len(FIELDS)] = fields

    def begin(self, ins: int, outs: int, missed: int) -> None:
        """For a run over a batch: where that lies, as the kernel wants it."""
        self._numbers[GIVEN] = ins, outs, missed
        self._numbers[FOUND : NEXT + 1] = 0, 1
        self._turns[:] = self._first

    @property
    def found(self) -> bool:
        """Whether a run of a thread that it was posted to returned anything but 0."""
        return bool(self._numbers[FOUND])

    @property
    def open(self) -> bool:
        """Whether parts are left to take."""
        return bool((self._turns < self._bounds).any())

    def stop(self) -> None:
        """No one takes another part."""
        self._turns[:] = self.parts
