"""Find out from its bytecode what a frame is doing, such as which function it calls.

This needs no source, so it also works for code from ``exec``, a prompt or a notebook.
"""

from __future__ import annotations

import dis
import re
import sys
from collections.abc import Sequence
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

__all__ = ["UNKNOWN", "Doing", "doing", "mapped"]

UNKNOWN: Any = object()  # This stands for an object that cannot be found by name.
CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")  # These instructions call a function.
# The names of instructions that load a variable begin with one of these.
LOADS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR")
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")  # These instructions load an attribute.
# These instructions replace a value on the stack.
IN_PLACE = (*ATTRIBUTES, "LOAD_FROM_DICT_OR_DEREF", "LOAD_FROM_DICT_OR_GLOBALS")
SILENT = ("PUSH_NULL", "NOP", "EXTENDED_ARG", "LOAD_LOCALS")  # These instructions do not matter for a dotted name.
# The instruction after one of these is not reached from it.
ENDS = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD")
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")  # The frames of comprehensions have these names.
READ = 10_000  # At most this many places are remembered.

Path = tuple[str, ...]  # A dotted name, split at the dots.


class Doing(NamedTuple):
    """The current instruction of a frame.

    Attributes:
        operation: its name, which is ``"CALL"`` for calls of every kind.
        symbol: the symbol of a binary operation, such as ``"%"``.
        written: the function that is called, as the code writes it (``"math.exp"``), or ``""`` if it is not written as
            a dotted name.
        function: the function that is called, or `UNKNOWN`.
        receiver: the object whose attribute the function is, or `UNKNOWN`.
        fixed: whether the name means the same every time.
    """

    operation: str
    symbol: str = ""
    written: str = ""
    function: Any = UNKNOWN
    receiver: Any = UNKNOWN
    fixed: bool = True


class _Place(NamedTuple):
    """The facts about an instruction that do not depend on the run.

    For a call these are the dotted name of the function, and the names of functions that its arguments pass to ``map``.
    """

    code: CodeType
    operation: str
    symbol: str = ""
    path: Path = ()
    maps: tuple[Path, ...] = ()


_places: dict[tuple[int, int], _Place] = {}


def doing(frame: FrameType) -> Doing:
    """Return what ``frame`` is doing."""
    place = _place(frame)
    if place.operation != "CALL":
        return Doing(place.operation, place.symbol)
    if not place.path:
        return Doing("CALL", fixed=False)
    receiver, function, fixed = _resolve(frame, place.path)
    return Doing("CALL", "", ".".join(place.path), function, receiver, fixed)


def mapped(frame: FrameType, anywhere: bool) -> list[Doing]:
    """Return the functions that the arguments of the current call pass to ``map``.

    If there are none and ``anywhere`` is true, return those that the code of ``frame`` passes to ``map`` elsewhere.
    """
    paths = _place(frame).maps
    if not paths and anywhere:
        # In Python 3.11 a comprehension has a frame of its own.
        while frame.f_code.co_name in COMPREHENSIONS and frame.f_back is not None:
            frame = frame.f_back
        paths = _maps(_instructions(frame.f_code))
    found = []
    for path in paths:
        receiver, function, fixed = _resolve(frame, path)
        found.append(Doing("CALL", "", ".".join(path), function, receiver, fixed))
    return found


def _place(frame: FrameType) -> _Place:
    key = id(frame.f_code), frame.f_lasti
    place = _places.get(key)
    if place is None:
        if len(_places) >= READ:
            _places.clear()
        place = _places[key] = _read(frame.f_code, frame.f_lasti)
    return place


def _read(code: CodeType, offset: int) -> _Place:
    instructions = _instructions(code)
    # The offset may point into the cache that follows an instruction.
    at = max([k for k, one in enumerate(instructions) if one.offset <= offset], default=0)
    if instructions[at].opname == "PRECALL":  # in Python 3.11 some calls happen here
        at += 1
    now = instructions[at]
    if now.opname not in CALLS:
        return _Place(code, now.opname, now.argrepr)
    start = at
    while instructions[start - 1].opname in ("PRECALL", "KW_NAMES", "EXTENDED_ARG"):
        start -= 1
    depths = _depths(code, instructions)
    depth = depths.get(instructions[start].offset)
    if depth is None:
        return _Place(code, "CALL")
    base = depth - 2 - _values_for_arguments(now)  # below the function and the NULL or object beside it
    first = start - 1
    while first > 0 and depths.get(instructions[first].offset, depth) > base:
        first -= 1
    levels = [depths.get(one.offset, depth) - base for one in instructions[first : start + 1]]
    return _Place(code, "CALL", "", _dotted(instructions[first:start], levels), _maps(instructions[first:start]))


def _instructions(code: CodeType) -> list[dis.Instruction]:
    """Return the instructions of ``code``. One that loads or stores two variables at once becomes two."""
    found = []
    for one in dis.get_instructions(code):
        if not isinstance(one.argval, tuple):
            found.append(one)
            continue
        for k, (kind, name) in enumerate(zip(re.findall("LOAD|STORE", one.opname), one.argval)):
            single = f"{kind}_FAST"
            found.append(
                one._replace(opname=single, opcode=dis.opmap[single], arg=0, argval=name, offset=one.offset + k)
            )
    return found


def _values_for_arguments(call: dis.Instruction) -> int:
    """Return how many values lie on the stack above the function and the NULL or object beside it."""
    if call.opname == "CALL":
        return call.arg or 0
    if call.opname == "CALL_KW":
        return (call.arg or 0) + 1
    return 2 if sys.version_info >= (3, 14) else 1 + ((call.arg or 0) & 1)


def _dotted(instructions: Sequence[dis.Instruction], levels: Sequence[int]) -> Path:
    """Return the dotted name of the function that a call loads first, or an empty one for any other expression.

    Args:
        instructions: the instructions from the load of the function to the call.
        levels: how many values, counted from the function, lie on the stack before each instruction.
    """
    path: list[str] = []
    k = 0
    while k < len(instructions) and (levels[k] < 2 or (instructions[k].opname in IN_PLACE and levels[k + 1] == 2)):
        one = instructions[k]
        if one.opname not in SILENT:
            if not one.opname.startswith(LOADS if not path else ATTRIBUTES):
                return ()
            path.append(one.argval)
        k += 1
    if levels[k] != 2:
        return ()
    for j in range(k, len(instructions) - 1):  # only branches within an argument return to this depth
        if levels[j + 1] <= 2 and not instructions[j].opname.startswith(("POP_JUMP", "JUMP", *SILENT)):
            return ()
    return tuple(path)


def _maps(instructions: Sequence[dis.Instruction]) -> tuple[Path, ...]:
    """Return the dotted names of the functions that these instructions pass to ``map``."""
    found = []
    loads = [one for one in instructions if one.opname not in (*SILENT, "COPY_FREE_VARS", "CACHE")]
    for k, one in enumerate(loads):
        if one.opname.startswith(LOADS) and one.argval == "map":
            path: list[str] = []
            for other in loads[k + 1 :]:
                if not other.opname.startswith(ATTRIBUTES if path else LOADS):
                    break
                path.append(other.argval)
            if path:
                found.append(tuple(path))
    return tuple(found)


def _depths(code: CodeType, instructions: Sequence[dis.Instruction]) -> dict[int, int]:
    """Return how many values lie on the stack before each instruction, by its offset."""
    places = {one.offset: k for k, one in enumerate(instructions)}
    found: dict[int, int] = {}
    entries = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    todo = [(entry.target, entry.depth + 1 + entry.lasti) for entry in entries]
    todo.append((instructions[0].offset, 0))
    while todo:
        offset, depth = todo.pop()
        while offset in places and offset not in found:
            one = instructions[places[offset]]
            found[offset] = depth
            argument = one.arg if one.opcode >= dis.HAVE_ARGUMENT else None
            if one.opcode in dis.hasjrel or one.opcode in dis.hasjabs:
                todo.append((one.argval, depth + dis.stack_effect(one.opcode, argument, jump=True)))
            if one.opname.startswith(ENDS) or places[offset] + 1 == len(instructions):
                break
            depth += dis.stack_effect(one.opcode, argument, jump=False)
            offset = instructions[places[offset] + 1].offset
    return found


def _resolve(frame: FrameType, path: Path) -> tuple[Any, Any, bool]:
    """Find the object of a dotted name in ``frame``.

    Returns:
        The object before the last dot, the object itself, and whether the name means the same every time.
    """
    receiver, found = UNKNOWN, UNKNOWN
    fixed = False
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if path[0] in names:
            found = names[path[0]]
            fixed = names is not frame.f_locals or (names is frame.f_globals and isinstance(found, ModuleType))
            break
    for name in path[1:]:
        receiver, found = found, _attribute(found, name)
        fixed = fixed and isinstance(receiver, ModuleType)
    return receiver, found, fixed


def _attribute(x: Any, name: str) -> Any:
    """Return an attribute of a module, class or object, without running any code of that object."""
    holders = x.__mro__ if isinstance(x, type) else (x, *type(x).__mro__)
    for holder in holders:
        try:
            names = object.__getattribute__(holder, "__dict__")
        except AttributeError:
            continue
        if name in names:
            return names[name]
    return UNKNOWN
