"""Decide when compiling pays: weigh the time that it takes against the time that uncompiled runs take.

A function that takes a new path through its branches at every call would pay for code at every call and never use it
again. So each compiled function keeps an account. Work without code runs uncompiled, and its time is entered as
*missed*. Code is made only while the time *invested* in code stays below the time missed plus a small budget
(`Config.compile_budget`). So no sequence of calls takes more than twice the time of the function itself, plus the
budget.

This is the rule of the ski rental problem: buy the skis once renting has cost as much (A. R. Karlin et al.,
*Competitive snoopy caching*, Algorithmica 3, 1988).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from glassgrad.core.settings import config

__all__ = ["LOOPS_FROM", "Account", "Allowance", "SearchCost", "TooExpensive", "clock", "estimate", "hoped", "observe"]

# Estimates from the number of operations are rough. They may fill this share of the budget.
SHARE = 0.6
# Estimates from the text of the code are better. They may fill the first share before LLVM begins, and the second while
# it works.
SURE, LAST = 0.9, 0.94
# At least this share of the time of an uncompiled run is the function's own. The rest is spent around it.
OWN = 0.85
# Searches for code that fits may take the first share of the time of uncompiled runs, plus the second of the budget.
VAIN, FEW = 0.25, 0.05
TRACED = 4.0  # A trace takes about this many times as long as an uncompiled run.
# From this many operations on, code for one path may get loops. How long it takes to make is known once they are found.
LOOPS_FROM = 3000
# A kernel of at least LARGE operations tells how fast this machine is. Estimates grow by the factor MOST at most.
LARGE, MOST = 200, 4.0

clock: Callable[[], float] = time.perf_counter  # Tests replace it.


class Rate:
    """The seconds that making a kernel takes: some ``once``, some for each operation, some for each further path.

    ``scale`` is how much longer the last kernels took on this machine. For texts, the rates are those of LLVM at one
    level, and an operation is a line.
    """

    def __init__(self, once: float, operation: float, path: float) -> None:
        self.once, self.operation, self.path = once, operation, path
        self.scale = 1.0

    def plain(self, operations: int, paths: int) -> float:
        """Return the estimate without ``scale``."""
        return self.once + self.operation * operations + self.path * (paths - 1)


_rates = {  # These were measured on a core of an AMD EPYC (Zen 5).
    "scalar": Rate(2e-3, 25e-6, 0.0),
    "batch": Rate(10e-3, 30e-6, 9e-3),
}
_rates["reduce"] = _rates["batch"]
_rates["loops"] = Rate(50e-3, 0.6e-6, 0.0)  # to find loops for each recorded operation, and once to make the code
_rates |= {
    "text0": Rate(0.0, 4e-6, 0.0),
    "text1": Rate(0.0, 20e-6, 0.0),
    "text2": Rate(0.0, 60e-6, 0.0),
    "text4": Rate(0.0, 35e-6, 0.0),
}


class TooExpensive(Exception):
    """Making code would take too long.

    Attributes:
        seconds: how long it would take another time, beginning with what is done.
        done: what is done, if it can be used another time.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.done: Any = None


class Allowance:
    """The seconds that making one kernel may take, counted from now.

    The number of operations does not tell how long LLVM takes: gradients of a loop with branches take three to five
    times as long as other code of the same length. The text of the code tells it well, and takes a tenth of the time to
    make. So code is given up before LLVM begins if it would take more than ``sure`` seconds. It is given up between two
    parts of the text if, judging from the parts before, all of it would take more than ``last``.
    """

    def __init__(self, sure: float, last: float) -> None:
        self.sure, self.last = sure, last
        self._began = clock()

    def require(self, seconds: float) -> None:
        """Raise `TooExpensive` if this many more seconds are too many."""
        if clock() - self._began + seconds > self.sure:
            raise TooExpensive(seconds)

    def parts(self, texts: Sequence[str], level: int, writing: float = 0.0) -> Iterator[str]:
        """Yield the parts of a text. The caller compiles each part before it asks for the next.

        Args:
            texts: the parts.
            level: the level of optimisation.
            writing: the seconds that writing the text took.

        Raises:
            TooExpensive: there is no time for the remaining parts.
        """
        kind = f"text{level}"
        lines = [text.count("\n") for text in texts]
        left = sum(lines)
        for k, text in enumerate(texts):
            began = clock()
            spent, all_of_it = began - self._began, estimate(kind, left)
            if spent + all_of_it > (self.last if k else self.sure):
                raise TooExpensive(writing + estimate(kind, sum(lines)))
            yield text
            observe(kind, lines[k], 1, clock() - began)
            left -= lines[k]


class Account:
    """The account of one compiled function.

    Attributes:
        invested: seconds spent on traces and code.
        missed: seconds that work without code took, or would have taken.
    """

    def __init__(self) -> None:
        self.invested = 0.0
        self.missed = 0.0

    def left(self, share: float = SHARE) -> float:
        """Return the seconds that may be invested now, if they may fill that share of the budget."""
        return share * config.compile_budget + OWN * self.missed - self.invested

    def left_for_a_trace(self) -> float:
        """Return the seconds that a trace may take now. It stops when they are over, so no estimate is needed."""
        return self.left(LAST)

    def allowance(self) -> Allowance:
        """Return the allowance for making a kernel, beginning now."""
        return Allowance(self.left(SURE), self.left(LAST))

    @contextmanager
    def investing(self) -> Iterator[None]:
        """Enter the time of the ``with`` block as invested."""
        began = clock()
        try:
            yield
        finally:
            self.invested += clock() - began

    @contextmanager
    def missing(self) -> Iterator[None]:
        """Enter the time of the ``with`` block as missed."""
        began = clock()
        try:
            yield
        finally:
            self.missed += clock() - began


class SearchCost:
    """The cost of searching for code that fits, for one kind of arguments.

    Each unit that does not fit costs microseconds. If there are many and few fit, running the function itself would
    be quicker. So the search is skipped while it has taken more than its share of the time of uncompiled runs.

    Attributes:
        vain: seconds that searches wasted. A search that finds code wastes only the time beyond an uncompiled run.
        without: seconds that uncompiled runs took.
        last: seconds that the last of these took; infinite if there was none.
    """

    def __init__(self) -> None:
        self.vain, self.without, self.last = 0.0, 0.0, math.inf

    def pays(self) -> bool:
        """Whether a search is worth its time."""
        return self.vain <= VAIN * self.without + FEW * config.compile_budget

    def searched(self, seconds: float, found: bool) -> None:
        """Enter the time of a search."""
        self.vain += max(0.0, seconds - self.last) if found else seconds

    def ran(self, seconds: float) -> None:
        """Enter the time of an uncompiled run."""
        self.without += seconds
        self.last = seconds


def estimate(kind: str, operations: int, paths: int = 1) -> float:
    """Estimate the seconds that it takes to make a kernel of a kind."""
    rate = _rates[kind]
    return rate.scale * rate.plain(operations, paths)


def hoped(kind: str, operations: int, paths: int = 1) -> float:
    """Estimate the same for recorded operations, in the hope that they are in loops.

    Estimates for loops are good, so they may fill more of the budget. They are lowered by that much.
    """
    straight = estimate(kind, operations, paths)
    if paths > 1 or operations < LOOPS_FROM:
        return straight
    return min(straight, SHARE / SURE * estimate("loops", operations))


def observe(kind: str, operations: int, paths: int, seconds: float) -> None:
    """Enter the time that a kernel of a kind took."""
    rate = _rates[kind]
    if operations >= LARGE:
        ratio = seconds / rate.plain(operations, paths)
        # Rise at once, but fall slowly: after a slow kernel, others may be as slow.
        rate.scale = min(MOST, max(ratio, rate.scale + (ratio - rate.scale) / 4))
