"""One call of a `jit` function. It decides which code serves the call, whether to make code, or to run uncompiled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from glassgrad.compiler import account
from glassgrad.compiler.account import TooExpensive
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.results import Results
from glassgrad.compiler.frontend.tracer import TooLong
from glassgrad.compiler.marshal.arguments import Arguments
from glassgrad.compiler.marshal.assemble import deliver, leaves_of_call, split
from glassgrad.compiler.runtime import eager
from glassgrad.compiler.runtime.units import Found, Unit, compile_in_the_background

__all__ = ["ScalarCall"]

PRICE = 3.0  # Making the best code takes about this many times as long as making the first code.
CHEAP = 0.03  # Units are always merged if merging takes fewer seconds than this.
EAGER = 1e-7  # An uncompiled operation takes about this many seconds.

Outcome = tuple[Results, list[Any], Sequence[float]]  # The layout of the results, their arrays and their numbers.


class ScalarCall:
    """One call of a `jit` function.

    Args:
        program: the program for arguments of this kind.
        arguments: the arguments.
        out: the argument ``out`` of the user.

    Attributes:
        results: after `run`, the layout of the results if code served the call, or None if not.
    """

    def __init__(self, program: Program, arguments: Arguments, out: Any) -> None:
        self.program, self.arguments, self.out = program, arguments, out
        self.user, self.account = program.user, program.user.account
        self.results: Results | None = None

    def run(self) -> Any:
        """Compute the results."""
        found = self._by_code()
        if found is not None:
            self.results = found[0]
        results, arrays, numbers = found or self._uncompiled()
        return deliver(results, leaves_of_call(results, arrays, numbers), self.out)

    # By code

    def _by_code(self) -> Outcome | None:
        """Return the results, by existing code or by code that is made now because it may pay.

        Return None if the call is to run uncompiled.
        """
        program = self.program
        if program.search_cost.vain and not program.search_cost.pays() and not self.user.left_behind:
            return None
        found = self._search() if program.units else None
        if found is not None:
            return found
        with program.lock:
            return self._compile() or self._trace()

    def _search(self) -> Outcome | None:
        """Return the results of the unit that fits, or None if no unit fits."""
        program, units = self.program, self.program.units
        began = account.clock()
        for unit in units:
            found = unit.run(self.arguments)
            if found is not None:
                if unit is not units[0]:
                    program.prefer(unit)
                    program.search_cost.searched(account.clock() - began, found=True)
                return self._outcome(found)
        program.search_cost.searched(account.clock() - began, found=False)
        return None

    def _outcome(self, found: Found) -> Outcome:
        path, arrays, numbers = found
        return self.program.results[path], arrays, numbers

    def _compile(self) -> Outcome | None:
        """Make code for paths without code, if it may pay. Return the results if the call takes one of these paths."""
        program = self.program
        paths = self._affordable()
        if not paths:
            return None
        try:
            with self.account.investing():
                allowance = None if self.user.left_behind else self.account.allowance()
                unit = program.add_unit(Unit(program, paths, allowance))
        except TooExpensive as error:
            program.give_up(paths, error)
            return None
        found = unit.run(self.arguments)
        return None if found is None else self._outcome(found)

    def _affordable(self) -> list[int]:
        """Return the paths without code that may be compiled now, as one unit."""
        program = self.program
        left = self.account.left() if not self.user.left_behind else math.inf  # a function left behind has only code
        waiting = program.waiting()
        given_up = program.given_up
        if given_up is not None and given_up.seconds <= left and {*given_up.paths} <= {*waiting}:
            return [*given_up.paths]
        some: list[int] = []
        for path in waiting:
            left -= self._price(path)
            if left < 0:
                break
            some.append(path)
        if program.calls_user_code and len(some) < len(waiting):  # such a program needs one unit for all paths
            return []
        if not some:
            self._compile_in_the_background()
        return some

    def _price(self, path: int) -> float:
        """Estimate the seconds that it takes to make code for a path."""
        size = self.program.traces[path].size
        return max(account.hoped("scalar", size), self.program.operation_time * size)

    def _compile_in_the_background(self) -> None:
        """Make the first code of a function in the background, if it takes too long to wait for it."""
        program = self.program
        if not program.units and program.calls and len(program.traces) == 1:
            compile_in_the_background(program, [0], best=False)
        program.calls += 1

    def _trace(self) -> Outcome | None:
        """Trace the function if it may pay, make code for the path that it takes, and return the results."""
        program, left = self.program, self.account.left_for_a_trace()
        if not self.user.left_behind and (len(program.traces) >= self.user.limit or program.trace_time > left):
            return None  # tracing a function that was left behind raises an error that says so
        if program.traces and not program.traces[0].guards and not self.user.left_behind:
            return None  # there is no other path
        began = account.clock()
        try:
            with self.account.investing():
                path, values, _ = program.trace(self.arguments.lane(0), late=lambda: account.clock() - began > left)
        except TooLong:
            program.trace_time = 2 * (account.clock() - began)
            return None
        program.trace_time = account.clock() - began
        program.trace_counts[path] += 1
        results = program.results[path]
        return self._compile() or (results, *split(results, values, program.single))

    # Uncompiled

    def _uncompiled(self) -> Outcome:
        program = self.program
        self.user.warn_of_routes(program)
        began = account.clock()
        results, values = eager.run(program, self.arguments.lane(0), self.account)
        spent = account.clock() - began
        program.search_cost.ran(spent)
        if not program.traces:  # a trace took too long, and nobody knows how long it would have taken
            program.trace_time = min(program.trace_time, max(account.TRACED * spent, program.trace_time / 2))
        return results, *split(results, values, program.single)

    def next_investment(self) -> float:
        """Estimate the seconds that the next trace, or the next code, will take: the smaller of the two."""
        program = self.program
        costs = [self._price(path) for path in program.waiting()[:1]]
        if program.given_up is not None:
            costs.append(program.given_up.seconds)
        if len(program.traces) < self.user.limit:
            costs.append(program.trace_time)
        return min(costs, default=math.inf)

    # Later calls

    def serving(self) -> list[Unit]:
        """Return the units that may serve calls like this one. The unit that served this call comes first."""
        program = self.program
        if self.results is None:
            return []
        return [unit for unit in program.units if unit.serves(self.results, program.units[0].captured)]

    def merge(self, units: Sequence[Unit]) -> None:
        """Merge several units in the background, once they have been used enough. Their paths then share code."""
        program = self.program
        price = PRICE * account.estimate("scalar", program.size)
        calls = sum([unit.kernel.calls for unit in units])
        saved = EAGER * calls * program.size / len(program.traces)
        if len(units) > 1 and not program.calls_user_code and price <= max(CHEAP, saved):
            compile_in_the_background(program, [path for unit in units for path in unit.paths], best=True)
