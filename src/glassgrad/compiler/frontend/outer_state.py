"""Find the state that a function uses besides its arguments: random numbers, the clock, objects that it changes.

Compiled code repeats what the function did while it was traced, so such state would be frozen into the code. Two checks
find as much of it as possible. One reads the bytecode of the function, and of the functions that it calls, for names
from modules and closures. The other compares the values behind these names before and after a trace.
"""

from __future__ import annotations

import dis
import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from glassgrad.compiler.frontend.snapshots import (
    attributes_of,
    contents_of,
    generator_state,
    held_by,
    is_array,
    is_same,
    looked_up,
    module_states,
)
from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar
from glassgrad.support.frames import is_a_library

__all__ = ["Outside"]

FUNCTIONS = 200  # At most this many functions are examined.
OBJECTS = 300  # At most this many objects and containers are examined.
SHORT = 100  # The elements of a container are examined too if it has at most this many.
CLOCKS = {  # These functions read the clock, by module.
    "time": "time time_ns perf_counter perf_counter_ns monotonic monotonic_ns process_time thread_time "
    "localtime gmtime ctime strftime".split(),
    "datetime": ["now", "today", "utcnow"],
}
ENTROPY = {  # These functions return random numbers from the operating system, by module.
    "os": ["urandom", "getrandom"],
    "uuid": ["uuid1", "uuid4"],
    "secrets": ["randbelow", "token_bytes", "token_hex", "choice", "randbits"],
}
# These classes and functions take their seed from the operating system if they are called without an argument.
SEEDED = frozenset(
    "Random SystemRandom RandomState default_rng SeedSequence MT19937 PCG64 PCG64DXSM Philox SFC64".split()
)
# A function that uses one of these names may treat floats and nodes differently.
KINDS = frozenset(["isinstance", "issubclass", "type", "hasattr", "getattr", "callable", "__class__", "singledispatch"])
SILENT = frozenset(["CACHE", "PRECALL", "PUSH_NULL"])  # These instructions may stand before a call.
CONTAINERS = (list, dict, set, deque, bytearray)
NAMESPACES = (SimpleNamespace, threading.local)  # Python's own classes for objects with attributes of the user's.
DRAWS = (
    "draws random numbers. Compiled code repeats the numbers of its trace for every call and every lane. Draw them "
    "before the call, and pass them as an argument"
)
CLOCK = (
    "reads the clock. Compiled code repeats the time of its trace at every call. Read the clock before the call, and "
    "pass the time as an argument"
)
CHANGES = "changes {what}, which is defined outside it. Compiled code does not repeat that. Return the value instead"
USES_UP = (
    "uses the iterator {what!r}, which is defined outside it. Compiled code takes nothing more from the iterator, but "
    "repeats the values of its trace. Call next before the call, and pass the value as an argument"
)


class Name(NamedTuple):
    """An object from outside: its name, its value, and the line where the function uses it, ``"file.py:12"``."""

    text: str
    value: Any
    line: str


class Outside:
    """The state outside of ``f`` that ``f`` and the functions it calls use."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.generators: list[Name] = []
        self.containers: list[Name] = []
        self.objects: list[Name] = []
        self.cells: list[Name] = []
        self.modules: list[tuple[str, dict[str, Any], str]] = []  # global names that are assigned to, and where
        self.iterators: list[Name] = []
        self.clocks: list[str] = []
        self.entropy: list[str] = []  # the lines that take random numbers from the operating system
        self.randomness = ""  # the first line that uses `random` or `numpy.random`
        self.first = ""  # the function's first line
        self.asks_for_kinds = False  # whether it asks for types, so that floats may take another route than nodes
        self._looked: set[Any] = set()  # ids of functions that were examined
        self._sorted: set[int] = set()  # ids of objects that were examined
        self._stores = False  # whether any function assigns to an attribute
        self._work: list[Any] = [f]
        while self._work and len(self._looked) < FUNCTIONS:
            self._look(self._work.pop())
        if not self._stores:
            self.objects = [name for name in self.objects if not isinstance(name.value, (FunctionType, type))]

    def state(self) -> Any:
        """Return the current contents of everything that was found, to be compared later."""
        return (
            module_states(),
            [generator_state(name.value) for name in self.generators],
            [contents_of(name.value) for name in self.containers],
            [attributes_of(name.value) for name in self.objects],
            [held_by(name.value) for name in self.cells],
            [names.get(text) for text, names, _ in self.modules],
        )

    @property
    def nothing(self) -> bool:
        """Whether nothing was found whose state could change."""
        return not any(
            (
                self.generators,
                self.containers,
                self.objects,
                self.cells,
                self.modules,
                self.iterators,
                self.clocks,
                self.entropy,
                self.randomness,
            )
        )

    def messages(self, before: Any, called: bool = False) -> Iterator[tuple[str, str]]:
        """Describe what a run changed outside, or read from the clock.

        Args:
            before: the `state` before the run.
            called: whether functions of primitives were called. They draw new random numbers at each call.

        Yields:
            The line, and a message that says what is wrong and what to do.
        """
        after = self.state()
        pairs = zip(self.generators, before[1], after[1])
        drawn = next((name.line for name, old, new in pairs if old != new), None)
        if drawn is None and before[0] != after[0] and (self.randomness or not called):
            drawn = self.randomness or self.first
        if drawn is None and self.entropy:
            drawn = self.entropy[0]
        if drawn is not None:
            yield drawn, DRAWS
        if self.clocks:
            yield self.clocks[0], CLOCK
        for name in self.iterators[:1]:
            yield name.line, USES_UP.format(what=name.text)
        for name, old, new in zip(self.containers, before[2], after[2]):
            if not is_same(old, new):
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

    # Finding it

    def _look(self, f: Any) -> None:
        key = (id(f.__func__), id(f.__self__)) if isinstance(f, MethodType) else id(f)
        if key in self._looked:
            return
        self._looked.add(key)
        inner = getattr(f, "__recipe__", None)  # a transform of glassgrad
        if isinstance(f, Op):  # a primitive whose function uses such state is called again each time
            return
        if inner is not None:
            self._work.append(inner[1])
        elif isinstance(f, partial):
            self._work += [f.func]
            self.first = self.first or _first_line(f.func)
            for k, value in enumerate([*f.args, *f.keywords.values()]):
                self._sort(Name(f"argument {k} of the partial", value, self.first))
        elif isinstance(f, MethodType):
            self._work.append(f.__func__)
            code = getattr(f.__func__, "__code__", None)
            text, used = (next(iter(code.co_varnames), "self"), set(code.co_names)) if code else ("self", set())
            self._sort(Name(text, f.__self__, _first_line(f.__func__) or self.first), used)
        elif isinstance(f, FunctionType):
            if not is_a_library(f.__globals__):
                self._read(f, f.__code__)
                for text, value in _defaults(f):
                    self._sort(Name(text, value, _first_line(f)), set(f.__code__.co_names))
            self._work += [value for value in [getattr(f, "__wrapped__", None)] if value is not None]
            for value in f.__dict__.get("__statics__", ()):
                self._sort(Name("a static argument", value, self.first))
        elif not isinstance(f, type):
            compiled, own = getattr(f, "function", None), type(f).__call__
            if callable(compiled):
                self._work.append(compiled)
            elif isinstance(own, FunctionType):
                self._work.append(MethodType(own, f))
            elif callable(getattr(f, "__wrapped__", None)):  # a function with a cache
                self._work.append(f.__wrapped__)

    def _read(self, f: FunctionType, code: CodeType) -> None:
        """Find the names from outside that ``code`` uses. It belongs to ``f`` or to a function inside ``f``."""
        self.first = self.first or _first_line(f)
        cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
        line = code.co_firstlineno
        attributes = set(code.co_names)
        instructions = [one for one in dis.get_instructions(code) if one.opname not in SILENT]
        for instruction, following in zip(instructions, [*instructions[1:], None]):
            line = _line(instruction, line)
            text, where = instruction.argval, f"{code.co_filename}:{line}"
            if text in KINDS or instruction.opname == "MATCH_CLASS":
                self.asks_for_kinds = True
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") and text in f.__globals__:
                self._sort(Name(text, f.__globals__[text], where), attributes)
            elif instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                self.modules.append((text, f.__globals__, where))
            elif instruction.opname in ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF") and text in cells:
                self._sort(Name(text, held_by(cells[text]), where), attributes)
            elif instruction.opname == "STORE_DEREF" and text in cells:
                self.cells.append(Name(text, cells[text], where))
            elif instruction.opname == "IMPORT_NAME" and text in sys.modules:
                self._sort(Name(text, sys.modules[text], where), attributes)
            elif instruction.opname == "STORE_ATTR":
                self._stores = True
            if following is not None and (following.opname, following.arg) == ("CALL", 0) and text in SEEDED:
                self.entropy.append(where)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._read(f, constant)

    def _sort(self, name: Name, attributes: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """Put an object that is used into the right list. ``attributes`` are the names that the same code uses."""
        value = name.value
        if isinstance(value, ModuleType):
            self._sort_module(name, attributes)
            return
        if value is None or isinstance(value, (Scalar, str, float, int)):
            return
        module, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
        holder = getattr(value, "__self__", None) if callable(value) else None
        if isinstance(value, type) and module == "datetime":
            if attributes & {*CLOCKS["datetime"]}:
                self.clocks.append(name.line)
        elif module in CLOCKS and own in CLOCKS[module]:
            self.clocks.append(name.line)
        elif (module in ENTROPY and own in ENTROPY[module]) or isinstance(value, random.SystemRandom):
            self.entropy.append(name.line)
        elif holder is random._inst or module == "numpy.random.mtrand":
            self.randomness = self.randomness or name.line
        elif holder is not None and not isinstance(holder, (ModuleType, type)) and not _is_written(value):
            self._sort(Name(name.text, holder, name.line))  # for example, of generator.normal the generator
        elif isinstance(value, (FunctionType, MethodType, partial)):
            self._work.append(value)
            if isinstance(value, FunctionType) and not is_a_library(value.__globals__):
                self._sort_object(name, attributes)
        elif isinstance(value, ContextVar):
            self.cells.append(name)
        elif type(value).__module__ in ("builtins", "itertools") and hasattr(type(value), "__next__"):
            self.iterators.append(name)
        elif isinstance(value, type) or _is_the_users(value):
            called = {"__init__", "__post_init__"} if isinstance(value, type) else {"__call__"}
            self._sort_object(name, attributes | called)
        elif hasattr(value, "__recipe__") or hasattr(value, "function") or hasattr(value, "__wrapped__"):
            self._work.append(value)
        else:
            self._sort_data(name)

    def _sort_data(self, name: Name) -> None:
        """Keep a container or a generator, and those of its elements that can change."""
        value = name.value
        if id(value) in self._sorted or len(self._sorted) >= OBJECTS:
            return
        if generator_state(value) is not None:
            self._sorted.add(id(value))
            self.generators.append(name)
        elif is_array(value):
            self._sorted.add(id(value))
            self.containers.append(name)
        elif isinstance(value, (*CONTAINERS, tuple)):
            self._sorted.add(id(value))
            if isinstance(value, CONTAINERS):
                self.containers.append(name)
            if len(value) <= SHORT and not isinstance(value, bytearray):
                pairs = value.items() if isinstance(value, dict) else enumerate(value)
                for key, held in pairs:
                    self._sort_held(Name(f"{name.text}[{key!r}]", held, name.line))

    def _sort_object(self, name: Name, attributes: set[str]) -> None:
        """Keep an object, class or function of the user's, its attributes, and the methods that are used."""
        value = name.value
        kind = value if isinstance(value, type) else type(value)
        if is_a_library({"__name__": kind.__module__}) and not isinstance(value, (FunctionType, *NAMESPACES)):
            return
        for text in sorted(attributes):
            found = looked_up(kind, text)
            if isinstance(found, FunctionType):
                self._work.append(found if isinstance(value, type) else MethodType(found, value))
        if id(value) in self._sorted or len(self._sorted) >= OBJECTS:
            return
        self._sorted.add(id(value))
        self.objects.append(name)
        for key, held in attributes_of(value).items():
            if key in attributes:
                self._sort(Name(f"{name.text}.{key}", held, name.line), attributes)
            else:
                self._sort_held(Name(f"{name.text}.{key}", held, name.line))
        if kind is not value and not isinstance(value, FunctionType):
            self._sort_object(Name(kind.__name__, kind, name.line), set())

    def _sort_held(self, name: Name) -> None:
        """Keep the value of an attribute or element if it is data. If it is a function, it may never be used."""
        if _is_the_users(name.value):
            self._sort_object(name, set())
        elif not isinstance(name.value, (type, FunctionType)):
            self._sort_data(name)

    def _sort_module(self, name: Name, attributes: set[str]) -> None:
        module = name.value
        if module.__name__ in ("random", "numpy.random"):
            self.randomness = self.randomness or name.line
        elif module.__name__ == "numpy" and "random" in attributes:
            self.randomness = self.randomness or name.line
        elif module.__name__ in CLOCKS and attributes & {*CLOCKS[module.__name__]}:
            self.clocks.append(name.line)
        elif module.__name__ in ENTROPY and attributes & {*ENTROPY[module.__name__]}:
            self.entropy.append(name.line)
        elif not is_a_library(vars(module)):
            for text in attributes & vars(module).keys():
                if not isinstance(vars(module)[text], ModuleType):
                    self._sort(Name(f"{name.text}.{text}", vars(module)[text], name.line), attributes)


def _is_written(method: Any) -> bool:
    """Whether a method is written in Python."""
    return isinstance(getattr(method, "__func__", None), FunctionType)


def _defaults(f: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the arguments of ``f`` that have a default, with it."""
    some = f.__defaults__ or ()
    names = f.__code__.co_varnames[: f.__code__.co_argcount]
    yield from zip(names[len(names) - len(some) :], some)
    yield from (f.__kwdefaults__ or {}).items()


def _is_the_users(value: Any) -> bool:
    """Whether ``value`` is an object whose attributes the user's code may set."""
    if isinstance(value, (type, FunctionType)):
        return False
    return isinstance(value, NAMESPACES) or not is_a_library({"__name__": type(value).__module__})


def _first_line(f: Any) -> str:
    """Return the line at which a function begins, or "" if it is not written in Python."""
    code = getattr(f, "__code__", None) or getattr(getattr(f, "__func__", None), "__code__", None)
    return "" if code is None else f"{code.co_filename}:{code.co_firstlineno}"


def _line(instruction: dis.Instruction, before: int) -> int:
    positions = instruction.positions
    found = positions.lineno if positions is not None else None
    return before if found is None else found
