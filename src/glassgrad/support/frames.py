"""Find the line of the user's code that is running, and its source."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any, NamedTuple

__all__ = ["Asked", "asked", "home_of", "is_a_library", "levels_to_the_user", "line_of", "users_frame", "users_line"]

LIBRARIES = {
    *("glassgrad", "numpy", "scipy", "pandas", "matplotlib", "sklearn", "iminuit", "numba", "torch", "jax", "xarray"),
    *(
        "pint",
        "uncertainties",
        "sympy",
        "mpmath",
        "networkx",
        "emcee",
        "lmfit",
        "asteval",
        "dask",
        "distributed",
        "joblib",
    ),
}
LONGEST = 60  # A message quotes at most this many characters of source.


class Asked(NamedTuple):
    """The user's code that is running.

    Attributes:
        line: its file and line, as in ``"file.py:12"``.
        kind: ``"store"`` for an assignment to an element of an array or list, ``"percent"`` for text made with ``%``,
            ``"call"``, or ``"other"``.
        text: the piece of source, or ``""`` if it is not known.
        callee: the name of the function in a call, as in ``"math.sin"``, or ``""``.
    """

    line: str
    kind: str
    text: str
    callee: str = ""


def users_frame() -> FrameType:
    """Return the innermost frame outside of glassgrad."""
    frame = sys._getframe(1)
    while frame.f_back is not None and home_of(frame) == "glassgrad":
        frame = frame.f_back
    return frame


def users_line() -> str:
    """Return the line of the innermost frame outside of libraries, as in ``"file.py:12"``."""
    return _line(_past_libraries(sys._getframe(1)))


def line_of(error: BaseException) -> str:
    """Return the line outside of libraries from which ``error`` came, or ``""`` if there is none."""
    line, trace = "", error.__traceback__
    while trace is not None:
        if not is_a_library(trace.tb_frame.f_globals):
            line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return line


def levels_to_the_user() -> int:
    """Return the ``stacklevel`` with which the caller's warning shows the first line outside of glassgrad.

    Compiled functions have no frames, and ``warnings`` does not count them either.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and home_of(frame) == "glassgrad":
        level, frame = level + 1, frame.f_back
    return level


def asked() -> Asked:
    """Find out from its current instruction what the user's code is doing with a node."""
    inner = users_frame()
    frame = _past_libraries(inner)
    line, text = _line(frame), _source(frame)
    callee = _callee(text)
    kind = _kind(inner)
    if inner is not frame and kind != "percent":  # the user only called the library
        kind = "call"
    return Asked(line, kind, " ".join(text.split())[:LONGEST], callee)


def is_a_library(names: dict[str, Any]) -> bool:
    """Whether code with the globals ``names`` belongs to glassgrad, to another library, or to Python itself."""
    home = _home(names)
    return home in LIBRARIES or home in sys.stdlib_module_names


def home_of(frame: FrameType) -> str:
    """Return the name of the package of a frame's code, as in ``"glassgrad"``."""
    return _home(frame.f_globals)


def _past_libraries(frame: FrameType) -> FrameType:
    """Return the first frame outside of libraries, from ``frame`` outwards."""
    while frame.f_back is not None and is_a_library(frame.f_globals):
        frame = frame.f_back
    return frame


def _line(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _home(names: dict[str, Any]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]


def _kind(frame: FrameType) -> str:
    import dis

    code, at = frame.f_code.co_code, frame.f_lasti
    name = dis.opname[code[at]] if 0 <= at < len(code) else ""
    if name in ("STORE_SUBSCR", "STORE_SLICE"):
        return "store"
    if name == "BINARY_OP" and _operator(frame.f_code, at) in ("%", "%="):
        return "percent"
    return "call" if name.startswith("CALL") else "other"


def _operator(code: CodeType, at: int) -> str:
    import dis

    for instruction in dis.get_instructions(code):
        if instruction.offset == at:
            return str(instruction.argrepr)
    return ""


def _source(frame: FrameType) -> str:
    """Return the source of the current instruction of ``frame``, or ``""`` if it is not known."""
    import linecache

    positions = list(frame.f_code.co_positions())
    if not 0 <= frame.f_lasti // 2 < len(positions):
        return ""
    first, last, start, stop = positions[frame.f_lasti // 2]
    if first is None or last is None or start is None or stop is None:
        return ""
    lines = [linecache.getline(frame.f_code.co_filename, k, frame.f_globals).encode() for k in range(first, last + 1)]
    lines[-1] = lines[-1][:stop]
    lines[0] = lines[0][start:]
    return b"".join(lines).decode(errors="replace").strip()


def _callee(text: str) -> str:
    import ast

    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    return ast.unparse(tree.func) if isinstance(tree, ast.Call) else ""
