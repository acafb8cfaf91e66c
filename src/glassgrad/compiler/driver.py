"""What a thread does for its share of a batch: part after part, until no more are left, all without Python."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from glassgrad.compiler.machine import Loaded, load
from glassgrad.compiler.target import host

__all__ = ["driver", "shares"]

TEXT = """
define i64 @drive(i64 %most, i64 %mine, ptr %kernel, ptr %turns, i64 %threads, i64 %parts, i64 %step, i64 %chunk,
                  i64 %row, i64 %lanes, ptr %ins, ptr %outs, ptr %scratch, ptr %missed) {
entry:
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
  %line = mul i64 %share, 64
  %turn = getelementptr inbounds i8, ptr %turns, i64 %line
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
  br i1 %folds, label %place, label %run
place:
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
"""
LINE = 64  # bytes: of a line of the cache, in which one share's turns are counted, apart from the others'
NUMBER, ADDRESS = ctypes.c_int64, ctypes.c_void_p
Signature = ctypes.CFUNCTYPE(*[NUMBER] * 3, *[ADDRESS] * 2, *[NUMBER] * 6, *[ADDRESS] * 4)


@cache
def driver() -> tuple[Any, Loaded]:
    """The function of C that runs a kernel over parts of a batch, and what keeps it in memory.

    The parts are shared out evenly, side by side: a thread takes those of its own share in turn, then what the others
    have left of theirs. So what it brings near ahead of its work is seldom what another one writes.

    Its arguments are: how many parts to take at most; the number of its share; the kernel; where the next part of each
    share is counted, ``LINE`` bytes apart; how many shares there are; how many parts, and of how many lanes, the last
    one of all that are left; how many lanes have a row of sums, of how many bytes, where results are summed (else 0);
    the kernel's last five. It returns 0 where each run did.
    """
    loaded = load(TEXT, host().scalar(), 1, "drive")
    return Signature(loaded.address), loaded


def shares(threads: int, parts: int) -> tuple[Any, Any]:
    """For each thread the next part of its share, first in a row of ``LINE`` bytes; and the part where that ends."""
    bounds = np.arange(threads + 1) * parts // threads
    turns = np.zeros((threads, LINE // 8), np.int64)
    turns[:, 0] = bounds[:-1]
    return turns, bounds[1:]
