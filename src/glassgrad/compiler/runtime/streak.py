"""Run a streak of calls uncompiled, with little work around each, because code for them would not pay yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassgrad.compiler import account
from glassgrad.compiler.codegen import callback
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.marshal.assemble import deliver, leaves_of_call, split
from glassgrad.compiler.runtime import eager
from glassgrad.transforms.tracing import inside_a_trace

if TYPE_CHECKING:
    from glassgrad.compiler.runtime.fastcall import FastCallable
    from glassgrad.compiler.runtime.scalar_call import ScalarCall

__all__ = ["MISSING", "Streak"]

LONGEST = 8192  # After this many calls a streak ends, so that code is looked for again.
MISSING = object()  # `Streak.run` returns this instead of a result if the call does not belong to the streak.


class Streak:
    """A streak of uncompiled calls of one function with floats and arrays as arguments.

    While it lasts, a call only runs the function, without looking for code.

    Attributes:
        program: the program of these calls, or None if there is no streak.
    """

    def __init__(self) -> None:
        self.program: Program | None = None
        self._units: list[Any] = []  # the program's units when the streak began: it ends when there are others
        self._enough = 0.0
        self._count = 0

    def begin(self, call: ScalarCall) -> None:
        """Start a streak after an uncompiled call, if calls like it will run uncompiled for some time."""
        program, enough = call.program, call.next_investment()
        if program.on_floats and program.plain and program.user.account.left() < enough:
            self.program, self._units, self._enough = program, program.units, enough

    def end(self) -> None:
        """End the streak. The next call looks for code again."""
        self.program, self._units, self._count = None, [], 0

    def run(self, args: tuple[Any, ...], owner: FastCallable) -> Any:
        """Return the result of a call, or `MISSING` if the call does not belong to the streak."""
        program, enough = self.program, self._enough
        if callback.pending:
            callback.reraise()
        if program is None or not program.takes(args) or inside_a_trace():
            return MISSING
        if program.units is not self._units:  # code was made in the background
            self.end()
            return MISSING
        books = program.user.account
        began = account.clock()
        try:
            found, others = eager.at_once(program, args)
        except Exception:
            return MISSING
        if others is not None:
            results, values = others
            found = deliver(results, leaves_of_call(results, *split(results, values, program.single)))
        books.missed += account.clock() - began
        self._count += 1
        if books.left() >= enough or self._count == LONGEST:
            self.end()
        elif self._count == LONGEST // 32 and owner.served_by(program.serial) < self._count:
            owner.forget()  # kernels that rarely fit cost more than they save
        return found
