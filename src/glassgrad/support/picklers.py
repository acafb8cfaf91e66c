"""Find out whether the pickler in use pickles functions by value, as cloudpickle and dill do, or only by name.

Python's own pickler writes a function as two names, its module's and its own, and refuses lambdas and closures. Other
picklers write the function's code and its closure. An object that holds a function must know which kind is in use.
"""

from __future__ import annotations

import pickle
import sys
from types import FrameType, FunctionType
from typing import Any

__all__ = ["by_value", "is_elsewhere"]

PICKLERS = (pickle.Pickler, pickle._Pickler)  # These are Python's own picklers, in C and in Python.
# Python's own pickler pickles functions with this method.
BY_NAME = pickle._Pickler.save_global  # type: ignore[attr-defined]


def by_value() -> bool:
    """Whether the pickler in use pickles functions by value. Call this from an object's ``__reduce_ex__``.

    A pickler does not pass itself to the objects that it reduces. But picklers that pickle functions by value have
    methods written in Python, so a variable in the frame that called ``__reduce_ex__`` holds the pickler.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "glassgrad":
        frame = frame.f_back
    if frame is None:
        return False
    return any(issubclass(type(x), PICKLERS) and _takes_functions(x) for x in list(frame.f_locals.values()))


def is_elsewhere(module: str) -> bool:
    """Whether the process that loads a pickle can import ``module``, so that its contents can be pickled by name.

    False for ``__main__``, and for modules that were registered with cloudpickle's ``register_pickle_by_value``."""
    registry = getattr(sys.modules.get("cloudpickle"), "list_registry_pickle_by_value", tuple)
    return module != "__main__" and not any(f"{module}.".startswith(f"{name}.") for name in registry())


def _takes_functions(pickler: Any) -> bool:
    override = getattr(pickler, "reducer_override", None)
    if override is not None:
        try:
            return override(lambda: None) is not NotImplemented
        except Exception:
            return False
    return isinstance(pickler, PICKLERS[1]) and pickler.dispatch.get(FunctionType) is not BY_NAME
