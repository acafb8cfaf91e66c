"""Places in the user's source: which instruction is running, on which line, and which construct it belongs to."""

from __future__ import annotations

import dis
import linecache
import re
import sys
from functools import lru_cache
from types import CodeType

from glassgrad.support.frames import is_a_library

__all__ = ["Place", "construct_at", "line_at", "users_place"]

Place = tuple[CodeType, int]  # A bytecode instruction: its code object, and its offset there.
_call = re.compile(r"(?:\w+\.)*(\w+)\s*\(")


def users_place() -> Place:
    """Return the place that the innermost frame of the user's code has reached."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (frame.f_code in _library_code or is_a_library(frame.f_globals)):
        _library_code.add(frame.f_code)
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


_library_code: set[CodeType] = set()  # Code objects that are known to belong to libraries, not to the user.


@lru_cache(maxsize=4096)
def line_at(place: Place) -> str:
    """Return the line of a place, such as ``"file.py:12"``."""
    code, instruction = place
    line = next((n for start, stop, n in code.co_lines() if start <= instruction < stop), None)
    return f"{code.co_filename}:{code.co_firstlineno if line is None else line}"


@lru_cache(maxsize=4096)
def construct_at(place: Place) -> str:
    """Name the construct that asks for a truth value at a place.

    It is ``"if"``, ``"while"``, or the name of the function that is called, such as ``"max"``.
    """
    code, instruction = place
    text = _text_at(code, instruction)
    called = _call.match(text[1]) if text else None
    if called and _is_call(code, instruction):
        return called[1]
    return "while" if text and text[0].lstrip().startswith("while") else "if"


def _is_call(code: CodeType, instruction: int) -> bool:
    return dis.opname[code.co_code[instruction]].startswith(("CALL", "PRECALL"))


def _text_at(code: CodeType, instruction: int) -> tuple[str, str] | None:
    """Return the source line of an instruction, and its text from the instruction on. None if there is no source."""
    for k, (first, _, start, _) in enumerate(code.co_positions()):
        if 2 * k == instruction and first is not None and start is not None:
            line = linecache.getline(code.co_filename, first)
            return (line, line.encode()[start:].decode(errors="replace")) if line else None
    return None
