"""When to compile: the time that compiling takes is weighed against the time that running uncompiled takes.

A function that takes a new path through its branches at every call would pay for code at every call and never use it
again. So each compiled function keeps an account. Work without code runs uncompiled, and its time is entered as
*missed*. Code is made only while the time *invested* in code stays below the time missed plus a small budget
(`Config.compile_budget`). So no sequence of calls takes more than twice the time of the function itself, plus the
budget. This is the rule of the ski rental problem: buy once renting has cost as much (A. R. Karlin et al., *Competitive
snoopy caching*, Algorithmica 3, 1988).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from glassgrad.core.settings import config

__all__ = ["Account", "Allowance", "SearchCost", "TooExpensive", "clock", "estimate", "observe"]

SHARE = 0.6  # estimates from the number of operations may fill this share of the budget, as they are rough
SURE, LAST = 0.9, 0.94  # estimates from the text of the code may: before LLVM begins, and while it is at work
OWN = 0.85  # at least this share of an uncompiled run is the function itself; the rest goes on around it
VAIN, FEW = 0.25, 0.05  # a search may take this share of the time of uncompiled runs, and this share of the budget
LARGE, MOST = 200, 4.0  # kernels of so many operations tell how fast this machine is; estimates grow by this at most

clock: Callable[[], float] = time.perf_counter  # tests replace it


class Rate:
    """How many seconds it takes to make a kernel: some ``once``, some for each operation, some for each further path.

    ``scale`` is how much longer the last kernels took on this machine. For texts, the rates are those of LLVM at one
    level, and an operation is a line.
    """

    def __init__(self, once: float, operation: float, path: float) -> None:
        self.once, self.operation, self.path = once, operation, path
        self.scale = 1.0

    def plain(self, operations: int, paths: int) -> float:
        return self.once + self.operation * operations + self.path * (paths - 1)


_rates = {  # measured on a core of an AMD EPYC (Zen 5)
    "scalar": Rate(2e-3, 25e-6, 0.0),
    "batch": Rate(10e-3, 30e-6, 9e-3),
}
_rates["reduce"] = _rates["batch"]
_rates |= {
    "text0": Rate(0.0, 4e-6, 0.0),
    "text1": Rate(0.0, 20e-6, 0.0),
    "text2": Rate(0.0, 60e-6, 0.0),
}


class TooExpensive(Exception):
    """Making code would take so many ``seconds``, which is more than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Allowance:
    """How many seconds making one kernel may take, from now on.

    The number of operations does not tell how long LLVM takes: gradients of a loop with branches take three to five
    times as long as other code of the same length. The text of the code tells it well, and takes a tenth of the time to
    make. So code is given up before LLVM begins if it would take more than ``sure`` seconds. It is given up between two
    parts of the text if, judging from the parts before, all of it would take more than ``last``.
    """

    def __init__(self, sure: float, last: float) -> None:
        self.sure, self.last = sure, last
        self._began = clock()

    def parts(self, texts: Sequence[str], level: int) -> Iterator[str]:
        """The parts of a text. Each must be compiled before the next one is asked for.

        Raises:
            TooExpensive: there is no time for the parts that are left.
        """
        kind = f"text{level}"
        lines = [text.count("\n") for text in texts]
        left = sum(lines)
        for k, text in enumerate(texts):
            began = clock()
            spent, all_of_it = began - self._began, estimate(kind, left)
            if spent + all_of_it > (self.last if k else self.sure):
                raise TooExpensive(spent + all_of_it)
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
        """How many seconds may be invested now, if they may fill that share of the budget."""
        return share * config.compile_budget + OWN * self.missed - self.invested

    def allowance(self) -> Allowance:
        """The allowance for making a kernel, beginning now."""
        return Allowance(self.left(SURE), self.left(LAST))

    @contextmanager
    def investing(self) -> Iterator[None]:
        """Count the time of the block as an investment."""
        began = clock()
        try:
            yield
        finally:
            self.invested += clock() - began

    @contextmanager
    def missing(self) -> Iterator[None]:
        """Count the time of the block as work without code."""
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
        vain: seconds that searches took, beyond the time of an uncompiled run if they found something.
        without: seconds that uncompiled runs took.
        last: seconds that the last of these took; infinite if there was none.
    """

    def __init__(self) -> None:
        self.vain, self.without, self.last = 0.0, 0.0, math.inf

    def pays(self) -> bool:
        """Whether to search."""
        return self.vain <= VAIN * self.without + FEW * config.compile_budget

    def searched(self, seconds: float, found: bool) -> None:
        """A search took so long."""
        self.vain += max(0.0, seconds - self.last) if found else seconds

    def ran(self, seconds: float) -> None:
        """An uncompiled run took so long."""
        self.without += seconds
        self.last = seconds


def estimate(kind: str, operations: int, paths: int = 1) -> float:
    """How many seconds making a kernel of that kind will take, roughly."""
    rate = _rates[kind]
    return rate.scale * rate.plain(operations, paths)


def observe(kind: str, operations: int, paths: int, seconds: float) -> None:
    """A kernel of that kind took so long."""
    rate = _rates[kind]
    if operations >= LARGE:
        ratio = seconds / rate.plain(operations, paths)
        rate.scale = min(
            MOST, max(ratio, rate.scale + (ratio - rate.scale) / 4)
        )  # a slow kernel counts at once: others may be as slow
