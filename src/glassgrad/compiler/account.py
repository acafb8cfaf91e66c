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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from glassgrad.core.settings import config

__all__ = ["Account", "Allowance", "TooDear", "Tries", "clock", "estimate", "observe"]

SHARE = 0.6  # of the budget that estimates by operations may fill: they are rough
SURE, LAST = 0.9, 0.94  # those by the text of the code, before LLVM begins, and while it is at work
OWN = 0.85  # of the time that runs without code take, at least, is the function's own; the rest goes on around it
VAIN, FEW = 0.25, 0.05  # what tries may take: of the time without code, and of the budget
LARGE, MOST = 200, 4.0  # operations from which a kernel tells how fast this machine is; how far estimates may move

clock: Callable[[], float] = time.perf_counter  # tests set their own


class Rate:
    """What making a kernel takes, in seconds: some ``once``, some for each operation and for each path but the first.
    ``scale`` is what the last kernels took by that measure, on this machine. The rates of texts are those of LLVM, by
    its level: their operations are lines."""

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
_rates |= {
    "text0": Rate(0.0, 4e-6, 0.0),
    "text1": Rate(0.0, 20e-6, 0.0),
    "text2": Rate(0.0, 60e-6, 0.0),
}


class TooDear(Exception):
    """Code would take more ``seconds`` to make than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Allowance:
    """How many seconds making one kernel may take, from now on.

    What LLVM takes cannot be told from the number of operations: gradients of a loop with branches take three to five
    times as long as other code of that length. The text of the code, which is made in a tenth of the time, tells it
    well. So code is given up before LLVM begins if that would take more than ``sure``; and between two parts of the
    text if, by what the first ones took, all of it would take more than ``last``.
    """

    def __init__(self, sure: float, last: float) -> None:
        self.sure, self.last = sure, last
        self._began = clock()

    def parts(self, texts: Sequence[str], level: int) -> Iterator[str]:
        """The parts of a text, each of which is compiled before the next one is asked for.

        Raises:
            TooDear: there is no time for those that are left.
        """
        kind = f"text{level}"
        lines = [text.count("\n") for text in texts]
        left = sum(lines)
        for k, text in enumerate(texts):
            began = clock()
            spent, all_of_it = began - self._began, estimate(kind, left)
            if spent + all_of_it > (self.last if k else self.sure):
                raise TooDear(spent + all_of_it)
            yield text
            observe(kind, lines[k], 1, clock() - began)
            left -= lines[k]


class Account:
    """The account of one compiled function.

    Attributes:
        invested: seconds spent on traces and code.
        missed: seconds that work took, or would have taken, for which there was no code.
    """

    def __init__(self) -> None:
        self.invested = 0.0
        self.missed = 0.0

    def left(self, share: float = SHARE) -> float:
        """How many seconds may be invested now, if that may take such a share of the budget."""
        return share * config.compile_budget + OWN * self.missed - self.invested

    def allowance(self) -> Allowance:
        """What making a kernel may take that begins now."""
        return Allowance(self.left(SURE), self.left(LAST))

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
