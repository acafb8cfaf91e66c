"""The variants of a compiled function: for each combination of static arguments, a compiled function of the others."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.marshal.arguments import leaf_names
from glassgrad.compiler.marshal.statics import Chosen, Separated, bound, chosen, has_static, separate
from glassgrad.core.op import describe
from glassgrad.support.frames import levels_to_the_user
from glassgrad.support.naming import titled

__all__ = ["Variants"]

MOST = 64  # A function keeps at most this many variants.

_uses = itertools.count()


class Variant:
    """One variant.

    Attributes:
        compiled: the compiled function of the other arguments.
        values: the names of the static parts, and their values.
        used: grows with each use.
    """

    def __init__(self, compiled: Any, values: list[tuple[str, Any]]) -> None:
        self.compiled, self.values, self.used = compiled, values, next(_uses)


class Call(NamedTuple):
    """A call of a variant: the compiled function, and the arguments without static parts."""

    compiled: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Variants:
    """The variants of a function.

    Args:
        user: the function.
        argnums, argnames: the arguments that are static because the user says so; see `statics.chosen`.
        what: ``"jit"`` or ``"vmap"``, for errors.
    """

    def __init__(self, user: UserFunction, argnums: Any, argnames: Any, what: str) -> None:
        self.user = user
        self.given: Chosen = chosen(user.function, argnums, argnames, what)
        self._any_given = bool(self.given.positions or self.given.names)
        self._known: dict[Any, Variant] = {}
        self._warned = False

    def call(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Sequence[Any], compile: Callable[[Any], Any]
    ) -> Call | None:
        """Return the call of the variant for these arguments, or None if there is nothing static among them.

        Args:
            args, kwargs: the arguments.
            leaves: their leaves.
            compile: compiles a function in the same way. It is not kept, because it refers to the compiled function.
        """
        if not self._any_given and not has_static(leaves):
            return None
        parts = separate(args, kwargs, self.given, self._names, self.user.title)
        if parts is None:
            return None
        found = self._known.get(parts.key)
        if found is None:
            found = self._new(parts, compile)
        found.used = next(_uses)
        return Call(found.compiled, parts.args, parts.kwargs)

    def every(self) -> list[Any]:
        """Return the compiled functions."""
        return [variant.compiled for variant in list(self._known.values())]

    def _names(self, structure: Any) -> list[str]:
        return leaf_names(structure, self.user.parameters)

    def _new(self, parts: Separated, compile: Callable[[Any], Any]) -> Variant:
        compiled = compile(bound(self.user.function, parts.statics))
        compiled.share(self.user)
        names = self._names(parts.structure)
        variant = Variant(compiled, [(names[place], value) for place, value in parts.statics])
        known = dict(self._known)
        if len(known) >= MOST:
            self._warn([*known.values(), variant])
            del known[min(known, key=lambda key: known[key].used)]
        self._known = {**known, parts.key: variant}
        return variant

    def _warn(self, variants: Sequence[Variant]) -> None:
        """Warn, once, that there are more variants than are kept. Name the argument that has most values."""
        if self._warned:
            return
        self._warned = True
        values: dict[str, list[Any]] = {}
        for variant in variants:
            for name, value in variant.values:
                some = values.setdefault(name, [])
                if not any(value is other or (type(value) is type(other) and value == other) for other in some):
                    some.append(value)
        name = max(values, key=lambda name: len(values[name]))
        some = values[name]
        if isinstance(some[-1], FunctionType):
            cure = "Define the function once, outside the loop, so that all calls get the same one"
        else:
            cure = "Pass numbers as ordinary arguments; make static only what has few values"
        warnings.warn(
            f"{titled(self.user.function)} has been called with {len(some)} different values of {name!r}, the last of "
            f"them {describe(some[-1])}. This argument is static, so each value is compiled anew, which is slow, and "
            f"only {MOST} are kept. {cure}.",
            RuntimeWarning,
            stacklevel=levels_to_the_user(),
        )
