"""Compile a module to machine code in this process.

There are two code generators. `first` is for threads that a caller waits for, and `better` for the thread that makes
code in the background. They work at the same time, so a call never waits for the background. A long module is compiled
part by part (`Module.parts`), so anything that must wait for a generator, such as a fork, waits for one part at most.
"""

from __future__ import annotations

import atexit
import math
import struct
import threading
from _thread import get_ident
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from glassgrad.compiler.llvm.generator import LOOPS, Generator, binding
from glassgrad.compiler.llvm.linker import Linker, Loaded
from glassgrad.compiler.llvm.target import Target
from glassgrad.support import forks

__all__ = [
    "LOOPS",
    "Loaded",
    "assembly",
    "background",
    "better",
    "first",
    "forever",
    "generator",
    "image",
    "load",
    "load_image",
    "load_parts",
    "once",
    "packed",
]

P = ParamSpec("P")
R = TypeVar("R")

first = Generator()
better = Generator()
background: set[int] = set()  # the ids of threads that make code in the background
_linker = Linker()
forever = Linker(math.inf)  # for code that is never unloaded: in the other linker, it would keep a whole JIT alive


def generator() -> Generator:
    """Return the generator of this thread."""
    return better if get_ident() in background else first


class _Making:
    """Holds the lock under which one result of `once` is made."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        forks.renew(self, "lock")


def once(make: Callable[P, R]) -> Callable[P, R]:
    """Cache a function's results, like `functools.cache`, but return the same object to all threads.

    Even if two threads call it at once, or a signal comes during the call, everyone gets the object that is kept. That
    matters for machine code: code that is not kept would be freed while it runs. A thread waits only for the result
    that it needs itself.
    """
    kept: dict[Any, R] = {}
    making: dict[Any, _Making] = {}

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        key = args, *kwargs.items()
        try:
            return kept[key]
        except KeyError:
            with making.setdefault(key, _Making()).lock:
                return kept[key] if key in kept else kept.setdefault(key, make(*args, **kwargs))

    return made


def assembly(text: str, target: Target, level: int) -> str:
    """Return the assembly of a module, as text."""
    return generator().assembly(text, target, level)


def image(text: str, target: Target, level: int) -> bytes:
    """Return the object file of a module."""
    return generator().image(text, target, level)


def load(text: str, target: Target, level: int, symbol: str) -> Loaded:
    """Return the function ``symbol`` of a module as machine code."""
    return load_parts([text], target, level, symbol)


def load_parts(
    parts: Iterable[str],
    target: Target,
    level: int,
    symbol: str,
    used: Mapping[str, int] = {},
) -> Loaded:
    """Do the same as `load` for a module in parts. ``used`` has the addresses of the functions that it calls."""
    code = packed([image(part, target, level) for part in parts])
    return load_image(code, symbol, used)


def load_image(
    code: bytes,
    symbol: str,
    used: Mapping[str, int] = {},
    linker: Linker = _linker,
) -> Loaded:
    """Return the function ``symbol`` of `packed` object files, which `image` made."""
    binding()
    with forks.gate:
        pass  # let a waiting fork go first
    mine = generator()
    with mine.turn:
        mine.check()
        loaded = Loaded(*linker.link(unpacked(code), symbol, {**used}), code)
    return loaded


def packed(images: Sequence[bytes]) -> bytes:
    """Join object files to one string of bytes: their number, their lengths, and then the files."""
    return struct.pack(f"<{1 + len(images)}Q", len(images), *map(len, images)) + b"".join(images)


def unpacked(code: bytes) -> list[bytes]:
    """Split the bytes that `packed` returned into object files.

    Raises:
        ValueError: the bytes are not packed object files.
    """
    try:
        (count,) = struct.unpack_from("<Q", code)
        lengths = struct.unpack_from(f"<{count}Q", code, 8)
    except struct.error:
        raise ValueError("these bytes are not packed object files") from None
    place = 8 + 8 * count
    if place + sum(lengths) != len(code):
        raise ValueError("these bytes are not packed object files")
    images = []
    for length in lengths:
        images.append(code[place : place + length])
        place += length
    return images


@atexit.register
def _rest() -> None:
    for one in (better, first):
        one.close()
