"""Which pickler is at work: one that pickles functions by value, as cloudpickle and dill do, or only by name.

Python's own pickler writes a function as the name of its module and its own, and refuses lambdas and closures. Others
write what the function is made of. An object that holds a function can pickle it either way, so it asks.
"""

from __future__ import annotations

import pickle
import sys
from types import FrameType, FunctionType
from typing import Any

__all__ = ["by_value", "is_elsewhere"]

PICKLERS = (pickle.Pickler, pickle._Pickler)  # Python's, in C and in Python
BY_NAME = pickle._Pickler.save_global  # type: ignore[attr-defined]  # unless another is put in its place


def by_value() -> bool:
    """Whether the pickler at work pickles functions by value; to be called by an object's ``__reduce_ex__``.

    A pickler does not introduce itself to the objects that it reduces. But those that pickle functions have methods
    written in Python, so a variable of the frame that called ``__reduce_ex__`` holds the pickler.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "glassgrad":
        frame = frame.f_back
    if frame is None:
        return False
    return any(issubclass(type(x), PICKLERS) and _takes_functions(x) for x in list(frame.f_locals.values()))


def is_elsewhere(module: str) -> bool:
    """Whether a process that loads a pickle has that module, so that what it holds can go as a name, when functions can
    go by value: not ``__main__``, nor one that cloudpickle was told of by ``register_pickle_by_value``."""
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
