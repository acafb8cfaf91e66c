"""Interrupt code at each point where Python looks for signals.

A test's programs, which run in processes of their own, import this too: `environment` lets them find it. So it needs
nothing but Python.
"""

from __future__ import annotations

import dis
import os
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

__all__ = ["KNOWN", "Interrupter", "environment"]

KNOWN = sys.version_info[:2] == (3, 11)  # CHECKED names the instructions of this version
CHECKED = ("RESUME", "CALL", "JUMP_BACKWARD", "CALL_FUNCTION_EX")  # Python looks for signals after these


def environment(**variables: str) -> dict[str, str]:
    """The environment of a program that imports `helpers`, with the ``variables`` set."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **variables}


class Interrupter:
    """Raises ``error`` at the ``point``-th chance, counted from 1, in files whose names end with one of ``files``.

    Use it as a context manager: afterwards, ``reached`` says whether there were so many chances, ``met`` holds those of
    the ``files`` in which code has run, and ``where`` holds the file and the line of the interruption.
    """

    def __init__(self, files: tuple[str, ...], point: int, error: type[BaseException]) -> None:
        self.files, self.point, self.error = files, point, error
        self.seen = 0
        self.met: set[str] = set()
        self.where: tuple[str, int] | None = None

    def __enter__(self) -> Interrupter:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    @property
    def reached(self) -> bool:
        return self.seen >= self.point

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.endswith(self.files):
            return None
        self.met.update(file for file in self.files if name.endswith(file))
        frame.f_trace_opcodes = True
        if event == "opcode" and _instruction_before(frame) in CHECKED:
            self.seen += 1
            if self.seen == self.point:
                self.where = (name, frame.f_lineno)
                raise self.error
        return self._trace


_names: dict[CodeType, dict[int, str]] = {}  # of each offset, the name of the instruction before it


def _instruction_before(frame: FrameType) -> str | None:
    code = frame.f_code
    if code not in _names:
        found = [(one.offset, one.opname) for one in dis.get_instructions(code)]
        _names[code] = {offset: name for (offset, _), (_, name) in zip(found[1:], found)}
    return _names[code].get(frame.f_lasti)
