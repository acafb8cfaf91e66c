"""What compiling a function has cost, weighed against what running it uncompiled takes.

A function that takes a new route through its branches at every call would pay for code at every call, and use none of
it twice. So each compiled function keeps an account. Work for which there is no code is run uncompiled, and the time
that takes is entered as *missed*. Code is made only while what has been *invested* in it stays below the time missed
plus a small budget (`Config.compile_budget`). So no sequence of calls costs more than twice the time of the function
itself, plus the budget. This is the rule of the ski rental problem: buy once renting has cost as much (A. R. Karlin et
al., *Competitive snoopy caching*, Algorithmica 3, 1988).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glassgrad.compiler.settings import config

__all__ = ["Account", "Tries", "clock", "estimate", "observe"]

SHARE = 0.6  # of the budget that estimates may fill: they are rough
VAIN, FEW = 0.25, 0.05  # what tries may take: of the time without code, and of the budget
LARGE, MOST = 200, 4.0  # operations from which a kernel tells how fast this machine is; how far estimates may move

clock: Callable[[], float] = time.perf_counter  # tests set their own


class Rate:
    """What making a kernel takes, in seconds: some ``once``, some for each operation and for each path but the first.
    ``scale`` is what the last kernels took by that measure, on this machine."""

    def __init__(self, once: float, operation: float, path: float) -> None:
        self.once, self.operation, self.path = once, operation, path
        self.scale = 1.0

    def plain(self, operations: int, paths: int) -> float:
        return self.once + self.operation * operations + self.path * (paths - 1)


_rates = {  # measured on a core of an AMD EPYC (Zen 5)
    "row": Rate(2e-3, 25e-6, 0.0),
    "batch": Rate(10e-3, 30e-6, 9e-3),
}
_rates["fold"] = _rates["batch"]


class Account:
    """The account of one compiled function.

    Attributes:
        invested: seconds spent on traces and code.
        missed: seconds that work took, or would have taken, for which there was no code.
    """

    def __init__(self) -> None:
        self.invested = 0.0
        self.missed = 0.0

    def left(self) -> float:
        """How many seconds may be invested now."""
        return SHARE * config.compile_budget + self.missed - self.invested

    @contextmanager
    def investing(self) -> Iterator[None]:
        """What the block takes is an investment."""
        began = clock()
        try:
            yield
        finally:
            self.invested += clock() - began

    @contextmanager
    def missing(self) -> Iterator[None]:
        """What the block takes is work for which there is no code."""
        began = clock()
        try:
            yield
        finally:
            self.missed += clock() - began


class Tries:
    """What it costs to look for code that fits, for one kind of arguments.

    Each piece of code that does not fit costs microseconds. Where there are many and few fit, the function itself
    would have been done long before. So the search is left out while it has cost more than its share of the time
    that runs without code have taken.

    Attributes:
        vain: seconds that the search took, beyond what a run without code would have taken where it found something.
        without: seconds that runs without code took.
        last: seconds that the last of them took; infinite where there was none.
    """

    def __init__(self) -> None:
        self.vain, self.without, self.last = 0.0, 0.0, math.inf

    def pays(self) -> bool:
        """Whether to look for code."""
        return self.vain <= VAIN * self.without + FEW * config.compile_budget

    def searched(self, seconds: float, found: bool) -> None:
        """A search took so long."""
        self.vain += max(0.0, seconds - self.last) if found else seconds

    def ran(self, seconds: float) -> None:
        """A run without code took so long."""
        self.without += seconds
        self.last = seconds


def estimate(kind: str, operations: int, paths: int = 1) -> float:
    """How many seconds it takes, about, to make a kernel of that kind."""
    rate = _rates[kind]
    return rate.scale * rate.plain(operations, paths)


def observe(kind: str, operations: int, paths: int, seconds: float) -> None:
    """A kernel of that kind took so long."""
    rate = _rates[kind]
    if operations >= LARGE:
        ratio = seconds / rate.plain(operations, paths)
        rate.scale = min(MOST, max(ratio, rate.scale + (ratio - rate.scale) / 4))  # what took long may do so again
