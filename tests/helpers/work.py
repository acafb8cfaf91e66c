"""How much work a call is, counted rather than timed: Python's instructions and calls, and LLVM's instructions."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

__all__ = ["calls", "growth", "instructions", "work"]


def work(call: Callable[[], Any]) -> int:
    """The number of bytecode instructions that ``call()`` runs. What is compiled to C counts for nothing."""
    count = 0

    def step(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event == "opcode":
            count += 1
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def calls(call: Callable[[], Any]) -> int:
    """The number of calls that ``call()`` makes in this thread, of Python functions and of C functions."""
    count = 0

    def count_calls(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.collect()
    gc.disable()  # what is collected may call, too
    before = sys.getprofile()
    sys.setprofile(count_calls)
    try:
        call()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def instructions(text: str) -> int:
    """The number of instructions in a module of LLVM IR."""
    bodies = re.findall(r"^define [^\n]*\{\n(.*?)^\}", text, re.S | re.M)
    return sum(line.startswith("  ") for body in bodies for line in body.splitlines())


def growth(counts: Sequence[int]) -> float:
    """By how much the work grows from 2n to 4n, relative to how much it grows from n to 2n: 2 where it is linear, 4
    where it is quadratic, whatever it takes at least."""
    one, two, four = counts
    return (four - two) / max(1, two - one)
