"""What a function uses besides its arguments: random numbers, the clock, and objects outside that it changes.

Compiled code does what the function did while it was traced, so such state would be frozen into it. What can be seen of
it is found by looking: at the names that the function and those it calls use from their modules and closures, and at
what these hold before and after a trace.
"""

from __future__ import annotations

import dis
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

from glassgrad.frames import is_a_library
from glassgrad.op import Op
from glassgrad.scalar import Scalar

__all__ = ["Outside"]

FUNCTIONS = 200  # functions that are looked at, at most
LONG = 10_000  # elements beyond which of a container only its length is compared, of an array every so many elements
CLOCKS = {
    "time": ["time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time"],
    "datetime": ["now", "today", "utcnow"],
    "os": ["urandom"],
    "uuid": ["uuid1", "uuid4"],
    "secrets": ["randbelow", "token_bytes", "token_hex", "choice", "randbits"],
}
CONTAINERS = (list, dict, set, deque, bytearray)
DRAWS = (
    "draws random numbers: compiled code uses those of its trace again, for every call and every lane. Draw them "
    "before the call, and pass them as an argument"
)
CLOCK = (
    "reads the clock: compiled code uses the reading of its trace at every call. Read it before the call, and pass it "
    "as an argument"
)
CHANGES = "changes {what}, which is outside of it: compiled code does not do that again. Return the value instead"


class Name(NamedTuple):
    """Something outside: what it is called, the object, and where the function uses it, ``"file.py:12"``."""

    text: str
    value: Any
    line: str


class Outside:
    """What ``f`` and the functions that it calls use from outside."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.generators: list[Name] = []
        self.containers: list[Name] = []
        self.objects: list[Name] = []
        self.cells: list[Name] = []
        self.modules: list[tuple[str, dict[str, Any], str]] = []  # names that are stored to, and where
        self.clocks: list[str] = []
        self.randomness = ""  # where `random` or `numpy.random` is used first
        self.first = ""  # the function's first line
        self._seen: set[int] = set()
        self._work: list[Any] = [f]
        while self._work and len(self._seen) < FUNCTIONS:
            self._look(self._work.pop())

    def state(self) -> Any:
        """What all that holds now."""
        return (
            _module_states(),
            [_generator_state(name.value) for name in self.generators],
            [_contents(name.value) for name in self.containers],
            [dict(vars(name.value)) for name in self.objects],
            [_held(name.value) for name in self.cells],
            [names.get(text) for text, names, _ in self.modules],
        )

    @property
    def nothing(self) -> bool:
        """Whether there is nothing whose state could change."""
        return not any(
            (self.generators, self.containers, self.objects, self.cells, self.modules, self.clocks, self.randomness)
        )

    def messages(self, before: Any, called: bool = False) -> Iterator[tuple[str, str]]:
        """What a run changed, or took from the clock: the line, and what is wrong with it and what to do. With
        ``called``, functions of primitives were called, which draw random numbers again at each call."""
        after = self.state()
        pairs = zip(self.generators, before[1], after[1])
        drawn = next((name.line for name, old, new in pairs if old != new), None)
        if drawn is None and before[0] != after[0] and (self.randomness or not called):
            drawn = self.randomness or self.first
        if drawn is not None:
            yield drawn, DRAWS
        if self.clocks:
            yield self.clocks[0], CLOCK
        for name, old, new in zip(self.containers, before[2], after[2]):
            if not _same(old, new):
                yield name.line, CHANGES.format(what=f"the {type(name.value).__name__} {name.text!r}")
        for name, older, newer in zip(self.objects, before[3], after[3]):
            changed = [key for key in {*older, *newer} if older.get(key, self) is not newer.get(key, self)]
            if changed:
                yield name.line, CHANGES.format(what=f"the attribute {name.text}.{min(changed)}")
        for name, old, new in zip(self.cells, before[4], after[4]):
            if old is not new:
                yield name.line, CHANGES.format(what=f"the variable {name.text!r}")
        for (text, _, line), old, new in zip(self.modules, before[5], after[5]):
            if old is not new:
                yield line, CHANGES.format(what=f"the variable {text!r}")

    # How it is found

    def _look(self, f: Any) -> None:
        if id(f) in self._seen:
            return
        self._seen.add(id(f))
        inner = getattr(f, "__recipe__", None)  # a transform of ours
        if isinstance(f, Op):  # a primitive whose function uses such things is called anew each time
            return
        if inner is not None:
            self._work.append(inner[1])
        elif isinstance(f, partial):
            self._work += [f.func]
            for k, value in enumerate([*f.args, *f.keywords.values()]):
                self._sort(Name(f"argument {k} of the partial", value, self.first))
        elif isinstance(f, MethodType):
            self._work.append(f.__func__)
            self._sort(Name(next(iter(f.__func__.__code__.co_varnames), "self"), f.__self__, _first_line(f.__func__)))
        elif isinstance(f, FunctionType):
            if not is_a_library(f.__globals__):
                self._read(f, f.__code__)
            self._work += [value for value in [getattr(f, "__wrapped__", None)] if value is not None]
        elif not isinstance(f, type):
            compiled, own = getattr(f, "function", None), type(f).__call__
            if callable(compiled):
                self._work.append(compiled)
            elif isinstance(own, FunctionType):
                self._work.append(MethodType(own, f))

    def _read(self, f: FunctionType, code: CodeType) -> None:
        """Look at the names that ``code``, of function ``f`` or inside it, takes from outside."""
        self.first = self.first or _first_line(f)
        cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
        line = code.co_firstlineno
        attributes = set(code.co_names)
        for instruction in dis.get_instructions(code):
            line = _line(instruction, line)
            text, where = instruction.argval, f"{code.co_filename}:{line}"
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") and text in f.__globals__:
                self._sort(Name(text, f.__globals__[text], where), attributes)
            elif instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                self.modules.append((text, f.__globals__, where))
            elif instruction.opname in ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF") and text in cells:
                self._sort(Name(text, _held(cells[text]), where), attributes)
            elif instruction.opname == "STORE_DEREF" and text in cells:
                self.cells.append(Name(text, cells[text], where))
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._read(f, constant)

    def _sort(self, name: Name, attributes: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """Put something that is used where it belongs; ``attributes`` are the names that are used beside it."""
        value = name.value
        if isinstance(value, ModuleType):
            self._sort_module(name, attributes)
            return
        if id(value) in self._seen or isinstance(value, (type, Scalar, str, float, int, tuple)):
            if isinstance(value, type) and value.__module__ == "datetime" and attributes & {*CLOCKS["datetime"]}:
                self.clocks.append(name.line)
            return
        module, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if module in CLOCKS and own in CLOCKS[module]:
            self.clocks.append(name.line)
        elif _generator_state(value) is not None:
            self._seen.add(id(value))
            self.generators.append(name)
        elif getattr(value, "__self__", None) is random._inst or module == "numpy.random.mtrand":
            self.randomness = self.randomness or name.line
        elif isinstance(value, CONTAINERS) or _is_array(value):
            self._seen.add(id(value))
            self.containers.append(name)
        elif isinstance(value, (FunctionType, MethodType, partial)):
            self._work.append(value)
        elif hasattr(value, "__dict__") and not is_a_library({"__name__": type(value).__module__}):
            self._work.append(value)
            if id(value) not in {id(other.value) for other in self.objects}:
                self.objects.append(name)
                for key, held in vars(value).items():
                    if isinstance(held, CONTAINERS) or _is_array(held) or _generator_state(held) is not None:
                        self._sort(Name(f"{name.text}.{key}", held, name.line))
        elif hasattr(value, "__recipe__") or hasattr(value, "function"):
            self._work.append(value)

    def _sort_module(self, name: Name, attributes: set[str]) -> None:
        module = name.value
        if module.__name__ in ("random", "numpy.random"):
            self.randomness = self.randomness or name.line
        elif module.__name__ == "numpy" and "random" in attributes:
            self.randomness = self.randomness or name.line
        elif module.__name__ in CLOCKS and attributes & {*CLOCKS[module.__name__]}:
            self.clocks.append(name.line)
        elif not is_a_library(vars(module)):
            for text in attributes & vars(module).keys():
                if not isinstance(vars(module)[text], ModuleType):
                    self._sort(Name(f"{name.text}.{text}", vars(module)[text], name.line))


def _first_line(f: Any) -> str:
    return f"{f.__code__.co_filename}:{f.__code__.co_firstlineno}"


def _line(instruction: dis.Instruction, before: int) -> int:
    positions = instruction.positions
    found = positions.lineno if positions is not None else None
    return before if found is None else found


def _held(cell: Any) -> Any:
    """What a variable of a closure holds; None where it holds nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _is_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _contents(value: Any) -> Any:
    """What a container holds, to be compared later."""
    if _is_array(value):
        return value.copy() if value.size <= LONG else (value.shape, value.ravel()[:: value.size // 100].copy())
    if isinstance(value, bytearray):
        return bytes(value)
    if len(value) > LONG:
        return len(value)
    return list(value.items()) if isinstance(value, dict) else list(value)


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, (int, bytes)):
        return bool(old == new)
    if isinstance(old, tuple):
        return old[0] == new[0] and _same(old[1], new[1])
    if isinstance(old, list):
        return len(old) == len(new) and all(a is b or _same_item(a, b) for a, b in zip(old, new))
    if old.dtype == object:
        return old.shape == new.shape and all(a is b for a, b in zip(old.ravel(), new.ravel()))
    return bool(old.shape == new.shape and ((old == new) | ((old != old) & (new != new))).all())


def _same_item(a: Any, b: Any) -> bool:
    """Whether two items of a dict, as pairs, or elements of a set are one."""
    return type(a) is tuple and type(b) is tuple and len(a) == len(b) and all(x is y for x, y in zip(a, b))


def _module_states() -> Any:
    """The states of the generators that `random` and `numpy.random` share."""
    numpy = sys.modules.get("numpy.random")
    legacy = None
    if numpy is not None:
        kind, keys, *rest = numpy.get_state()
        legacy = kind, keys.tobytes(), rest
    return random.getstate(), legacy


def _generator_state(value: Any) -> Any:
    """The state of a generator of random numbers; None of anything else."""
    if isinstance(value, random.Random):
        return None if isinstance(value, random.SystemRandom) else value.getstate()
    numpy = sys.modules.get("numpy.random")
    if numpy is None:
        return None
    if isinstance(value, numpy.RandomState):
        return repr(value.get_state())
    if isinstance(value, numpy.Generator):
        return repr(value.bit_generator.state)
    return repr(value.state) if isinstance(value, numpy.BitGenerator) else None
