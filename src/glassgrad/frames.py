"""Where in the user's code something happens: the innermost frame that is not a library's."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

__all__ = ["home_of", "is_a_library", "users_frame", "users_line"]


def users_frame() -> FrameType:
    """The innermost frame that is not glassgrad's."""
    frame = sys._getframe(1)
    while frame.f_back is not None and home_of(frame) == "glassgrad":
        frame = frame.f_back
    return frame


def users_line() -> str:
    """The line of the innermost frame that is no library's, ``"file.py:12"``."""
    frame = sys._getframe(1)
    while frame.f_back is not None and is_a_library(frame.f_globals):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def is_a_library(names: dict[str, Any]) -> bool:
    """Whether code with these globals is glassgrad's, NumPy's or Python's own, which call the user's for him."""
    home = _home(names)
    return home in ("glassgrad", "numpy") or home in sys.stdlib_module_names


def home_of(frame: FrameType) -> str:
    """The package that the code of ``frame`` is of, ``"glassgrad"``."""
    return _home(frame.f_globals)


def _home(names: dict[str, Any]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]
