"""One call of a `jit` function: which code serves it, whether making code may pay, or whether it runs uncompiled."""

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

PRICE = 3.0  # making the best code takes so many times as long as making the first
CHEAP = 0.03  # seconds; units are merged whenever that takes less
EAGER = 1e-7  # seconds that an operation takes uncompiled, roughly

Outcome = tuple[Results, list[Any], Sequence[float]]  # a layout, and the arrays and numbers that it is filled with


class ScalarCall:
    """A call.

    Args:
        program: the program for arguments of this kind.
        arguments: the arguments.
        out: what the user gave as ``out``.

    Attributes:
        results: after `run`, the layout of the results if code served the call; else None.
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
        """The results by code that is there, or is made now if it may pay. None if the call is to run uncompiled."""
        program = self.program
        if program.search_cost.vain and not program.search_cost.pays() and not self.user.left_behind:
            return None
        found = self._search() if program.units else None
        if found is not None:
            return found
        with program.lock:
            return self._compile() or self._trace()

    def _search(self) -> Outcome | None:
        """The results of the unit that fits, or None if none does."""
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
        """Make code for paths that have none yet, if it may pay; return the results if the call takes one of them."""
        program = self.program
        paths = self._affordable()
        if not paths:
            return None
        try:
            with self.account.investing():
                allowance = None if self.user.left_behind else self.account.allowance()
                unit = program.add_unit(Unit(program, paths, allowance))
        except TooExpensive as error:
            size = sum([program.traces[path].size for path in paths])
            program.operation_time = error.seconds / max(size, 1)  # they may only copy
            return None
        found = unit.run(self.arguments)
        return None if found is None else self._outcome(found)

    def _affordable(self) -> list[int]:
        """The paths that code may be made for now, at once."""
        program = self.program
        left = self.account.left() if not self.user.left_behind else math.inf  # then there is nothing but code
        waiting = program.waiting()
        some: list[int] = []
        for path in waiting:
            left -= self._price(path)
            if left < 0:
                break
            some.append(path)
        if program.calls_user_code and len(some) < len(waiting):  # it wants one unit for all of them
            return []
        if not some:
            self._compile_in_the_background()
        return some

    def _price(self, path: int) -> float:
        """How many seconds making code for a path will take, roughly."""
        size = self.program.traces[path].size
        return max(account.estimate("scalar", size), self.program.operation_time * size)

    def _compile_in_the_background(self) -> None:
        """Have the first code of a function made in the background if it takes too long to wait for."""
        program = self.program
        if not program.units and program.calls and len(program.traces) == 1:
            compile_in_the_background(program, [0], best=False)
        program.calls += 1

    def _trace(self) -> Outcome | None:
        """Trace the function, if it may pay, and make code for the path that it takes; return the results."""
        program, left = self.program, self.account.left()
        if not self.user.left_behind and (len(program.traces) >= self.user.limit or program.trace_time > left):
            return None  # a function that was left behind raises an error that says so when it is traced
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
        program.search_cost.ran(account.clock() - began)
        return results, *split(results, values, program.single)

    def next_investment(self) -> float:
        """How many seconds the next trace or code will take."""
        program = self.program
        costs = [self._price(path) for path in program.waiting()[:1]]
        if len(program.traces) < self.user.limit:
            costs.append(program.trace_time)
        return min(costs, default=math.inf)

    # Later calls

    def serving(self) -> list[Unit]:
        """The units that may serve calls like this one, the one that fits first."""
        program = self.program
        if self.results is None:
            return []
        return [unit for unit in program.units if unit.serves(self.results, program.units[0].captured)]

    def merge(self, units: Sequence[Unit]) -> None:
        """Have several units merged into one, in which their paths share code, once they have been used enough."""
        program = self.program
        price = PRICE * account.estimate("scalar", program.size)
        calls = sum([unit.kernel.calls for unit in units])
        saved = EAGER * calls * program.size / len(program.traces)
        if len(units) > 1 and not program.calls_user_code and price <= max(CHEAP, saved):
            compile_in_the_background(program, [path for unit in units for path in unit.paths], best=True)
