"""What a thread does for its share of a batch: part after part, until no more are left, all without Python."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from glassgrad.compiler.machine import Loaded, load
from glassgrad.compiler.target import host

__all__ = ["driver"]

TEXT = """
define i64 @drive(i64 %most, ptr %kernel, ptr %turns, i64 %parts, i64 %step, i64 %chunk, i64 %row, i64 %lanes,
                  ptr %ins, ptr %outs, ptr %scratch, ptr %missed) {
entry:
  %mine = alloca [3 x i64], align 8
  %folds = icmp ne i64 %row, 0
  %into = select i1 %folds, ptr %mine, ptr %outs
  br i1 %folds, label %copy, label %next
copy:
  %leaf = load [3 x i64], ptr %outs, align 8
  store [3 x i64] %leaf, ptr %mine, align 8
  br label %next
next:
  %found = phi i64 [ 0, %entry ], [ 0, %copy ], [ %either, %run ]
  %done = phi i64 [ 0, %entry ], [ 0, %copy ], [ %more, %run ]
  %on = icmp slt i64 %done, %most
  br i1 %on, label %try, label %end
try:
  %k = atomicrmw add ptr %turns, i64 1 monotonic
  %left = icmp slt i64 %k, %parts
  br i1 %left, label %take, label %end
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
  store i64 %there, ptr %mine, align 8
  br label %run
run:
  %result = call i64 %kernel(i64 %start, i64 %stop, i64 %lanes, ptr %ins, ptr %into, ptr %scratch, ptr %missed)
  %either = or i64 %found, %result
  %more = add i64 %done, 1
  br label %next
end:
  ret i64 %found
}
"""
NUMBER, ADDRESS = ctypes.c_int64, ctypes.c_void_p
Signature = ctypes.CFUNCTYPE(NUMBER, NUMBER, *[ADDRESS] * 2, *[NUMBER] * 5, *[ADDRESS] * 4)


@cache
def driver() -> tuple[Any, Loaded]:
    """The function of C that runs a kernel over parts of a batch, taken in turn with other threads; and what keeps it
    in memory.

    Its arguments are: how many parts to take at most; the kernel; where it is counted how many have been taken by all;
    how many there are, and of how many lanes, the last one of all that are left; how many lanes have a row of sums, of
    how many bytes, where results are summed (else 0); the kernel's last five. It returns 0 where each run did.
    """
    loaded = load(TEXT, host().scalar(), 1, "drive")
    return Signature(loaded.address), loaded
