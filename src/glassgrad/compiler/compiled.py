"""What `jit` and `vmap` have in common: a callable that finds the program for its arguments, and runs a call of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MethodType
from typing import Any

from glassgrad.compiler.account import Account
from glassgrad.compiler.codegen import callback
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.marshal.arguments import Arguments, is_traced, taken
from glassgrad.compiler.pickling import Pickled
from glassgrad.compiler.runtime.anomalies import Watched
from glassgrad.compiler.runtime.fastcall import FastCallable
from glassgrad.compiler.runtime.units import prepare
from glassgrad.compiler.variants import Variants
from glassgrad.core.anomaly import NanReport
from glassgrad.core.integers import Unsure
from glassgrad.core.op import describe
from glassgrad.core.settings import whole_number
from glassgrad.support import forks
from glassgrad.transforms.tracing import name_of

__all__ = ["Compiled"]

PROGRAMS = 128  # A function keeps at most this many programs, one for each kind of arguments.


class Compiled(Pickled, Watched, FastCallable):
    """A compiled function.

    Args:
        f: the user's function.
        max_paths: how many routes through its branches are compiled; None: as ``gg.config`` says.
        what: ``"jit"`` or ``"vmap"``, for errors.
        static_argnums, static_argnames: the arguments that are static; see `glassgrad.jit`.
        errors_are_nan: whether lanes that raise an exception have the results nan.

    Attributes:
        programs: a program for each kind of arguments: for each structure, and each shape of the arrays in it.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        max_paths: int | None,
        what: str,
        static_argnums: Any = None,
        static_argnames: Any = None,
        errors_are_nan: bool = False,
    ) -> None:
        FastCallable.__init__(self)
        if not callable(f):
            raise TypeError(
                f"{what} takes a function, but got {describe(f)}; did you mean {what}(f)(x) rather than {what}(f(x))?"
            )
        self.function = f
        self.__name__ = name_of(f)
        self.__doc__ = getattr(f, "__doc__", None)
        self.__wrapped__ = f
        self.__module__ = getattr(f, "__module__", None) or __name__
        self.__qualname__ = getattr(f, "__qualname__", self.__name__)
        self.max_paths = None if max_paths is None else whole_number(max_paths, f"{what}: max_paths")
        self.programs = {}
        self._user = UserFunction(f, self.max_paths, errors_are_nan)
        self._static = static_argnums, static_argnames
        self._variants = Variants(self._user, static_argnums, static_argnames, what)
        self._lock = threading.RLock()
        forks.renew(self, "_lock")

    @property
    def account(self) -> Account:
        """What compiling has cost so far, and what running uncompiled took."""
        return self._user.account

    # A call. Fast paths come first; see `FastCallable`

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that no fast path is for."""
        if callback.pending:
            callback.reraise()
        out = kwargs.pop("out", None) if not self._user.takes_out else None
        args, kwargs, leaves, structure = taken(self._user, args, kwargs)
        variant = self._variants.call(args, kwargs, leaves, self._compile_alike)
        if variant is not None:
            named = variant.kwargs if out is None else {**variant.kwargs, "out": out}
            return variant.compiled(*variant.args, **named)
        axes = self._axes(args, kwargs, leaves, structure)
        if is_traced(leaves):
            if out is not None:
                raise TypeError(
                    "out= cannot be used inside another transform, whose results are nodes: leave it out there"
                )
            return self._run_traced(args, kwargs, axes)

        def run(arguments: Arguments) -> Any:
            call = self._new_call(self.program(arguments), arguments, out)
            result = call.run()
            self._remember(call, args, kwargs)
            return result

        return self._with_arguments(run, leaves, structure, axes)

    def _with_arguments(self, use: Callable[[Arguments], Any], leaves: Sequence[Any], structure: Any, axes: Any) -> Any:
        """Return ``use(arguments)``. If it matters which of them are integers, programs tell that from now on."""
        with suppress(Unsure):
            return use(Arguments(self._user, leaves, structure, axes))
        self._user.tells_integers = True
        self.forget()
        return use(Arguments(self._user, leaves, structure, axes))

    def _axes(self, args: Any, kwargs: Any, leaves: Sequence[Any], structure: Any) -> Sequence[int | None] | None:
        """For each leaf the axis of its lanes, or None; None where there are no lanes at all."""
        return None

    def _run_traced(self, args: tuple[Any, ...], kwargs: dict[str, Any], axes: Any) -> Any:
        """Run the function as it is, inside another transform."""
        raise NotImplementedError

    def _new_call(self, program: Program, arguments: Arguments, out: Any) -> Any:
        """A call, which is still to run."""
        raise NotImplementedError

    def _remember(self, call: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Have calls like that one go a shorter way."""
        raise NotImplementedError

    def _own(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        return {name: x for name, x in kwargs.items() if name != "out" or self._user.takes_out}

    def lower(self, *args: Any, **kwargs: Any) -> Any:
        """The code for these arguments, to look at: ``.tape``, ``.llvm``, ``.assembly``, ``.draw()``."""
        args, kwargs, leaves, structure = taken(self._user, args, kwargs)
        variant = self._variants.call(args, kwargs, leaves, self._compile_alike)
        if variant is not None:
            return variant.compiled.lower(*variant.args, **variant.kwargs)
        axes = self._axes(args, kwargs, leaves, structure)
        return self._with_arguments(
            lambda arguments: self._lowered(self.program(arguments), arguments), leaves, structure, axes
        )

    def _lowered(self, program: Program, arguments: Arguments) -> Any:
        raise NotImplementedError

    # Programs

    def program(self, arguments: Arguments) -> Program:
        """The program for arguments of this kind. If there are too many, the one used longest ago is forgotten."""
        key = arguments.key
        found = self.programs.get(key)
        if found is None:
            prepare()
            with self._lock:
                found = self.programs.get(key)
                if found is None:
                    found = Program(self._user, arguments.structure, arguments.described(), arguments.single)
                    if len(self.programs) >= PROGRAMS:
                        del self.programs[min(self.programs, key=lambda key: self.programs[key].used)]
                        self.forget()
                    self.programs[key] = found
        found.use()
        return found

    def kernels(self) -> list[Any]:
        """The kernels that there are now. The last one is the youngest."""
        kernels = [kernel for program in self.programs.values() for kernel in program.kernels()]
        return [*[kernel for variant in self._variants.every() for kernel in variant.kernels()], *kernels]

    # Variants, one for each combination of static arguments

    def _compile_alike(self, f: Callable[..., Any]) -> Compiled:
        """Compile another function with the same options."""
        options = {name: x for name, x in self._options().items() if not name.startswith("static_")}
        return type(self)(f, **options)

    def share(self, user: UserFunction) -> None:
        """Share the account of ``user``, of which this is a variant."""
        self._user.account = user.account

    def _explain(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> NanReport | None:
        args, kwargs, leaves, structure = taken(self._user, args, kwargs)
        variant = self._variants.call(args, kwargs, leaves, self._compile_alike)
        if variant is not None:
            return variant.compiled._explain(variant.args, variant.kwargs, result)  # type: ignore[no-any-return]
        return self._explained(args, kwargs, leaves, structure, result)

    def _explained(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Sequence[Any], structure: Any, result: Any
    ) -> NanReport | None:
        """As `_explain`, where nothing is static."""
        raise NotImplementedError

    # What the function has, and what Python and notebooks look for

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.__dict__.get('__name__', '')}>"

    def __getattr__(self, name: str) -> Any:
        """An attribute of the function, such as ``errordef`` for iminuit, unless Python or a notebook looks for it."""
        function = self.__dict__.get("function")
        if function is None or name.startswith(("__", "_repr_", "_ipython_")) or not hasattr(function, name):
            raise AttributeError(f"{self!r} has no attribute {name!r}, and neither has the function")
        return getattr(function, name)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """In a class it is a method, as a function is."""
        return self if instance is None else MethodType(self, instance)

    def __copy__(self) -> Compiled:
        return self

    def __deepcopy__(self, memo: Any) -> Compiled:
        return self
