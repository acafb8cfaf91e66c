"""Detect a traced function that changes its arguments: a compiled function works on a copy, so the change is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from glassgrad.core.scalar import TracingError
from glassgrad.support import pytrees
from glassgrad.support.frames import is_a_library, line_of

__all__ = ["CHANGED", "Given", "line_that_changes", "require_unchanged"]

CHANGED = (
    "changes an argument. A compiled function gets a copy, so the change would be lost. Change a copy of your own "
    "(x = list(x), x = x.copy()) and return it"
)


class Given:
    """The arguments of one run, as the function received them."""

    def __init__(self, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self._all = args, kwargs
        self._leaves, self._structure = pytrees.tree_flatten(self._all, none_is_leaf=True)

    def changed(self) -> bool:
        """Whether a list, a dict or another container among the arguments has new contents."""
        leaves, structure = pytrees.tree_flatten(self._all, none_is_leaf=True)
        return structure != self._structure or any(a is not b for a, b in zip(leaves, self._leaves))

    def refuse_to_write(self, error: Exception, name: str) -> None:
        """Raise `TracingError` if ``error`` came from writing to an array argument: those are read-only."""
        arrays = any(isinstance(leaf, np.ndarray) for leaf in self._leaves)
        if arrays and isinstance(error, ValueError) and "read-only" in str(error):
            raise TracingError(f"{line_of(error)}: {name} {CHANGED}") from None


def line_that_changes(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """Run ``f`` once more and return the user's line that changes an argument."""
    given, found, before = Given(args, kwargs), [""], [""]

    def look(frame: FrameType, event: str, _: Any) -> Any:
        if is_a_library(frame.f_globals):
            return None
        if not found[0] and event in ("line", "return") and before[0] and given.changed():
            found[0] = before[0]
        before[0] = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        return look

    outer = sys.gettrace()
    sys.settrace(look)
    try:
        f(*args, **kwargs)
    except Exception:
        pass
    finally:
        sys.settrace(outer)
    return found[0] or before[0]


def require_unchanged(
    f: Callable[..., Any], name: str, make: Callable[[], tuple[Sequence[Any], dict[str, Any]]]
) -> Any:
    """Return the result of ``f`` for the arguments that ``make`` returns, positional and keyword arguments.

    Raises:
        TracingError: the function changed an argument.
    """
    args, kwargs = make()
    given = Given(args, kwargs)
    try:
        result = f(*args, **kwargs)
    except ValueError as error:
        given.refuse_to_write(error, name)
        raise
    if given.changed():
        args, kwargs = make()
        raise TracingError(f"{line_that_changes(f, args, kwargs)}: {name} {CHANGED}")
    return result
