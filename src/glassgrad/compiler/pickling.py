"""Pickle compiled functions: the function itself is pickled, and compiled again where it is loaded.

Some picklers cannot pickle the function: Python's own takes only functions that a module holds by name. Then the known
paths are pickled instead.
"""

from __future__ import annotations

import inspect
import pickle
import sys
from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any, NoReturn

from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.core.scalar import TracingError
from glassgrad.support.picklers import by_value, is_elsewhere
from glassgrad.transforms import api
from glassgrad.transforms.tracing import name_of

__all__ = ["LeftBehind", "Pickled"]

Function = Callable[..., Any]


class Pickled:
    """A base class whose subclasses pickle as compiled functions do."""

    function: Function
    programs: dict[Any, Program]
    _user: UserFunction
    __name__: str
    __qualname__: str

    def _options(self) -> dict[str, Any]:
        """Return the arguments that it was made with, besides the function."""
        raise NotImplementedError

    def __reduce_ex__(self, protocol: Any) -> Any:
        value = by_value()
        if _found(self) is self and (not value or is_elsewhere(self.__module__)):
            return self.__qualname__  # pickled by name, like Python's own functions
        f, programs = self.function, {}
        if not value and not _pickles(f):
            f = LeftBehind(f)
        if isinstance(f, LeftBehind):
            programs = dict(self.programs)
        state = recipe(f, value), self._options(), programs, self._user.tells_integers, self._attributes()
        return _blank, (type(self),), state

    def __setstate__(self, state: Any) -> None:
        how, options, programs, tells_integers, attributes = state
        self.__init__(made(how), **options)  # type: ignore[misc]
        self._user.tells_integers = tells_integers
        for program in programs.values():
            program.user = self._user
        self.programs = programs
        vars(self).update(attributes)

    def _attributes(self) -> dict[str, Any]:
        """Return the attributes that users have set on it, as they can on functions."""
        ours = {"function", "max_paths", "programs"}
        return {name: x for name, x in vars(self).items() if name not in ours and not name.startswith("_")}


class LeftBehind:
    """Stands for a function that the pickler could not take along. It has the same name, but cannot be called."""

    is_left_behind = True

    def __init__(self, function: Function) -> None:
        self.__name__ = name_of(function)
        self.__qualname__ = getattr(function, "__qualname__", self.__name__)
        self.__module__ = getattr(function, "__module__", None) or __name__
        self.__doc__ = getattr(function, "__doc__", None)
        self.__signature__ = _bare_signature(function)
        self.note = "Dask tries Python's own pickler first, and uses cloudpickle where it finds __main__ in the result"

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TracingError(
            f"{self.__name__} came back from a pickle without its function, so it cannot be traced for these "
            "arguments: they take a new route through its branches, or have new shapes. Pickle it with cloudpickle, or "
            "define the function at the top level of a module"
        )


def _bare_signature(function: Function) -> inspect.Signature:
    """Return the parameters with their names and kinds, but without defaults and annotations, which may not pickle."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name, kind in zip(("args", "kwargs"), kinds)])
    return inspect.Signature([inspect.Parameter(p.name, p.kind) for p in parameters])


def recipe(f: Any, value: bool) -> Any:
    """Return a picklable recipe for rebuilding a function.

    The recipe is a transform and the recipe of its function, the place of a decorated function, or the function itself.
    ``value`` says whether the pickler pickles functions by value.
    """
    transform = _transform(f)
    if transform is not None:
        name, inner, options = transform
        return "transform", name, recipe(inner, value), options
    if _is_decorated(f) and (not value or is_elsewhere(f.__module__)):
        return "decorated", f.__module__, f.__qualname__
    return "itself", f


def made(recipe: Any) -> Any:
    """Rebuild the function of a `recipe`."""
    kind, *rest = recipe
    if kind == "transform":
        name, inner, options = rest
        return getattr(api, name)(made(inner), **options)
    if kind == "decorated":
        module, name = rest
        import_module(module)
        return _look_up(module, name).function
    return rest[0]


def _blank(kind: type[Pickled]) -> Pickled:
    return kind.__new__(kind)


def _look_up(module: str, name: str) -> Any:
    """Return the object of that (dotted) name in a module, or None."""
    here: Any = sys.modules.get(module)
    for part in name.split("."):
        here = getattr(here, part, None)
    return here


def _found(f: Any) -> Any:
    """Return the object that the module of ``f`` holds under the name of ``f``, or None."""
    return _look_up(getattr(f, "__module__", None) or "", getattr(f, "__qualname__", None) or "")


def _transform(f: Any) -> Any:
    """Return the name, the inner function and the options of a transform, or None if ``f`` is not a transform.

    A function that only looks like a transform, because of `functools.wraps`, is not one.
    """
    of_ours = isinstance(f, FunctionType) and f.__globals__ is vars(api)
    return getattr(f, "__recipe__", None) if of_ours else None


def _is_decorated(f: Any) -> bool:
    """Whether the module of ``f`` holds its compiled function under the name of ``f``, as ``@gg.jit`` does."""
    holder = _found(f)
    return isinstance(holder, Pickled) and holder.function is f


def _pickles(f: Any) -> bool:
    """Whether Python's own pickler can pickle the function. If its name does not tell, this is tried out."""
    if isinstance(f, FunctionType) and _transform(f) is None:
        return _found(f) is f or _is_decorated(f)
    try:
        _Trial(_Nowhere(), 5, buffer_callback=lambda _: None).dump(f)
    except Exception:
        return False
    return True


class _Trial(pickle.Pickler):
    """Python's own pickler, which throws its output away.

    For a compiled function or a transform it tries the inner function, so that no trial starts another trial.
    """

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Pickled):
            return obj.__qualname__ if _found(obj) is obj else (object, (), obj.function)
        if isinstance(obj, FunctionType):
            transform = _transform(obj)
            if transform is not None:
                return object, (), list(transform[1:])
            if _is_decorated(obj):
                return object, ()
        return NotImplemented


class _Nowhere:
    """A file that throws away everything that is written to it."""

    def write(self, data: Any) -> int:
        return len(data)
