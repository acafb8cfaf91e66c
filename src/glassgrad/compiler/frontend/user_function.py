"""The user's function, and everything about it that does not depend on its arguments."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from glassgrad.compiler.account import Account
from glassgrad.compiler.frontend.advice import advice
from glassgrad.core.settings import config
from glassgrad.support.frames import levels_to_the_user
from glassgrad.support.naming import full_name, has_parameter, own_name, parameters, titled

if TYPE_CHECKING:
    from glassgrad.compiler.frontend.program import Program

__all__ = ["UserFunction"]

ROUTES = 5  # A function with at least this many routes gets a warning once new routes run uncompiled.


class UserFunction:
    """A function that is to be compiled.

    Args:
        function: the function.
        max_paths: how many routes through its branches are compiled. None means ``gg.config.max_paths``.
        errors_are_nan: whether a lane for which the function raises an exception has the results nan.

    Attributes:
        title, called: its name in messages, without and with the transforms that made it.
        parameters: the names of its parameters, and the name for further arguments.
        takes_out: whether it has a parameter ``out`` of its own.
        account: the time that compiling it has taken so far, and the time of its uncompiled runs.
        tells_integers: whether its programs tell integers from floats. At first they do not, so ``f(3)`` and ``f(3.0)``
            share their code. They do once the function uses an argument as an index or a count.
    """

    def __init__(
        self, function: Callable[..., Any], max_paths: int | None = None, errors_are_nan: bool = False
    ) -> None:
        self.function, self.max_paths, self.errors_are_nan = function, max_paths, errors_are_nan
        self.title, self.called = own_name(function), full_name(function)
        self.parameters = parameters(function)
        self.takes_out = has_parameter(function, "out")
        self.account = Account()
        self.tells_integers = False
        self._warned = False

    @property
    def limit(self) -> int:
        """How many routes through its branches are compiled."""
        return self.max_paths or config.max_paths

    @property
    def left_behind(self) -> bool:
        """Whether the pickler could not take the function along. Then only the known paths can run."""
        return getattr(self.function, "is_left_behind", False)

    def warn(self, program: Program) -> None:
        """Warn, once, that some inputs run uncompiled, and say what to write instead."""
        if self._warned:
            return
        self._warned = True
        guards = [guard for trace in program.traces for guard in trace.guards]
        most = self.limit if len(program.traces) >= self.limit else None
        message = advice(titled(self.function), guards, len(program.traces) + 1, most)
        warnings.warn(message, RuntimeWarning, stacklevel=levels_to_the_user())

    def warn_of_routes(self, program: Program) -> None:
        """Warn if an input runs uncompiled although many routes are known."""
        if len(program.traces) >= min(ROUTES, self.limit):
            self.warn(program)
