"""One call over a batch: which lanes run as code, which are traced for more of it, and which run uncompiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler import account
from glassgrad.compiler.account import Account
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.tracer import TooLong
from glassgrad.compiler.runtime import eager
from glassgrad.compiler.runtime.leaves import Batched
from glassgrad.core.scalar import TracingError

if TYPE_CHECKING:
    from glassgrad.compiler.vmapped import BatchCode, Vmapped

__all__ = ["BatchCall"]

SAMPLE = 200  # missed lanes that are looked at for new paths before code is made again
VAIN = 0.5  # tracing lanes in vain may take so much of the time that making code again would
ROUNDS = 200  # how often code is made again in one call, at most


class BatchCall:
    """A call.

    Args:
        owner: the compiled function.
        program: for arguments of this structure.
        batched: the arguments, leaf by leaf.
        lanes: how many there are.
        out: what the user gave as ``out``.

    Attributes:
        uncompiled: the results of lanes that ran uncompiled.
        buffers: what code gave for the others.
        code: that code, or None where there is none yet.
    """

    def __init__(
        self, owner: Vmapped, program: Program, batched: Sequence[Batched | None], lanes: int, out: Any
    ) -> None:
        self.owner, self.program, self.batched, self.lanes, self.out = owner, program, batched, lanes, out
        self.account = owner.account
        self.uncompiled: dict[int, list[float]] = {}
        self.buffers: list[Any] = []
        self.code: BatchCode | None = None
        self._demanded = 0

    def run(self) -> None:
        """Compute the results of all lanes."""
        program, owner = self.program, self.owner
        self._begin()
        for turn in range(ROUNDS + 1):
            missed, self.buffers = owner.execute(self)
            if turn:
                owner.forget()  # kernels that know fewer ways
            if missed is not None:
                missed[list(self.uncompiled)] = 0
            where = np.flatnonzero(missed) if missed is not None else np.empty(0, int)
            if not len(where):
                return
            with program.lock:
                learnt = turn < ROUNDS and self._learn(where)
            if not learnt:
                self._run_uncompiled(where.tolist())
                if owner.reduce is not None:  # what was summed are sums of other lanes: compute each lane by itself
                    _, self.buffers = owner.execute(self)
                return

    # What may be learnt

    def affords(self, seconds: float, lanes: int) -> bool:
        """Whether so many seconds may be invested in code for so many lanes, which have none."""
        if self.program.left_behind or seconds <= self.account.left():  # without the function there is but code
            return True
        self._demand(lanes)
        return seconds <= self.account.left()

    def _demand(self, lanes: int) -> None:
        """Enter in the account what lanes without code take uncompiled, once for each lane."""
        more = lanes - self._demanded
        if more <= 0:
            return
        program = self.program
        if program.lane_time is None:
            one = Account()
            eager.run(program, self.numbers(0), one)
            program.lane_time = one.missed
        self._demanded = lanes
        self.account.missed += more * program.lane_time

    def _begin(self) -> None:
        """Trace the first lane of the first call, and others that take other paths; without a trace, run all lanes
        uncompiled."""
        program = self.program
        with program.lock:
            if not program.traces:
                self._trace(0, None, True)
                if not program.traces and self.affords(program.cost, self.lanes):  # it took too long, but may pay
                    self._trace(0, None, True)
                if program.traces and program.traces[0].guards:
                    self._discover(np.arange(self.lanes), -1)
        if not program.traces:
            self._run_uncompiled(range(self.lanes))

    def _learn(self, where: Any) -> bool:
        """Look for new paths among the missed lanes ``where``; return whether there is better code to be had."""
        program = self.program
        covered = 0 if self.code is None else self.code.paths
        if len(program.traces) < self.owner.limit():
            self._discover(where, int(where[0]))
        return len(program.traces) > covered and self.affords(self.owner.cost(program), len(where))

    def _trace(self, lane: int, gathered: dict[Any, Any] | None, may_raise: bool) -> bool:
        """Trace a lane, if there is time for it; return whether it takes a new path. An exception is raised only if
        it ``may_raise`` one: no lane before it may have raised another."""
        program, left = self.program, self.account.left()
        began = account.clock()
        try:
            with self.account.investing():
                new = program.trace(self.numbers(lane), gathered, lambda: account.clock() - began > left)[2]
            program.cost = account.clock() - began
            return new
        except TooLong:
            program.cost = 2 * (account.clock() - began)
            return False
        except TracingError:
            raise
        except Exception:
            if may_raise:
                raise
            return False

    def _discover(self, where: Any, first: int) -> None:
        """Trace a sample of the lanes ``where``, for as long as new paths are found and code for them may pay."""
        program, owner = self.program, self.owner
        half = SAMPLE // 2
        some = _scattered([*where[half :: max(1, len(where) // half)].tolist(), *where[:half].tolist()])
        gathered: dict[Any, Any] = {}
        making = owner.cost(program)
        vain = 0.0
        for lane in some:
            if len(program.traces) + len(gathered) >= owner.limit() or vain > VAIN * making:
                break
            if not self.affords(making + program.cost, len(where)):
                break
            if self._trace(lane, gathered, lane == first):
                vain = 0.0
                making = owner.cost(program, [found for found, _, _ in gathered.values()])
            else:
                vain += program.cost
        if gathered:
            program.enter(gathered)

    # What runs uncompiled

    def _run_uncompiled(self, lanes: Sequence[int]) -> None:
        program, owner = self.program, self.owner
        began = account.clock()
        for lane, (results, values) in zip(lanes, eager.run_lanes(program, self.batched, lanes)):
            owner.note_results(program, results)
            self.uncompiled[lane] = values
        spent = account.clock() - began
        if len(program.traces) > 1 or len(program.traces) >= owner.limit():
            owner.warn(program)  # now that no lane raised an exception
        self.account.missed += max(0.0, spent - self._demanded * (program.lane_time or 0.0))
        if lanes:
            program.lane_time = spent / len(lanes)

    def numbers(self, lane: int) -> list[float]:
        """The inputs of one lane."""
        found: list[float] = []
        for k in self.program.order:
            b = self.batched[k]
            assert b is not None
            if b.array is None:
                found.append(b.number)
            else:
                found += (b.array[lane] if b.lanes else b.array).ravel().astype(float).tolist()
        return found


def _scattered(lanes: list[int]) -> list[int]:
    """``lanes`` in an order in which neighbours lie far apart, the first of all first: those that lie near each other
    mostly take one path."""
    some = sorted(set(lanes))
    bits = len(some).bit_length()
    return [some[k] for k in sorted(range(len(some)), key=lambda k: f"{k:0{bits}b}"[::-1])]
