"""How much work a call is, counted rather than timed: the instructions of Python that it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

__all__ = ["growth", "work"]


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


def growth(counts: Sequence[int]) -> float:
    """By how much the work grows from 2n to 4n, relative to how much it grows from n to 2n: 2 where it is linear, 4
    where it is quadratic, whatever it takes at least."""
    one, two, four = counts
    return (four - two) / max(1, two - one)
