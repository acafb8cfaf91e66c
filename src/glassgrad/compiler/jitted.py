"""The callable that `glassgrad.jit` returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from glassgrad.compiler.compiled import Compiled
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.marshal.arguments import Arguments, leaf_names
from glassgrad.compiler.runtime.scalar_call import ScalarCall
from glassgrad.compiler.runtime.specialize import specialize_scalar
from glassgrad.compiler.runtime.streak import MISSING, Streak
from glassgrad.compiler.runtime.units import scalar_forms
from glassgrad.core.anomaly import NanReport

__all__ = ["Jitted"]


class Jitted(Compiled):
    """A compiled function; see `glassgrad.jit`."""

    def __init__(
        self,
        f: Callable[..., Any],
        max_paths: int | None = None,
        static_argnums: Any = None,
        static_argnames: Any = None,
    ) -> None:
        Compiled.__init__(self, f, max_paths, "jit", static_argnums, static_argnames)
        self._streak = Streak()

    def _options(self) -> dict[str, Any]:
        return {
            "max_paths": self.max_paths,
            "static_argnums": self._static[0],
            "static_argnames": self._static[1],
        }

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._streak.program is not None and not kwargs:
            found = self._streak.run(args, self)
            if found is not MISSING:
                return found
        return Compiled._call(self, args, kwargs)

    def _new_call(self, program: Program, arguments: Arguments, out: Any) -> ScalarCall:
        return ScalarCall(program, arguments, out)

    def _remember(self, call: ScalarCall, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if call.results is None:
            self._streak.begin(call)
        else:
            specialize_scalar(self, call, args, kwargs)

    def _run_traced(self, args: tuple[Any, ...], kwargs: dict[str, Any], axes: Any) -> Any:
        return self.function(*args, **kwargs)

    def _lowered(self, program: Program, arguments: Arguments) -> Any:
        from glassgrad.compiler.lowered import Lowered

        with program.lock:
            if len(program.traces) < self._user.limit or not program.traces:
                program.trace(arguments.lane(0))
        return Lowered(program, *scalar_forms(program, program.captured, program.results), "scalar")

    def _explained(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Sequence[Any], structure: Any, result: Any
    ) -> NanReport | None:
        return self._rerun(leaves, structure, leaf_names(structure, self._user.parameters), result)
