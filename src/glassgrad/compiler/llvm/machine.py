"""LLVM at work: a module becomes machine code in this process.

There are two generators of code: `first` for all threads that somebody waits for, and `better` for the thread that
makes code in the background. They work at the same time, so a call never waits for the background. A long module is
compiled part by part (`Module.parts`), so that whoever has to wait for a generator, a fork say, waits for one part at
most.
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

from glassgrad.compiler.llvm.generator import Generator, binding
from glassgrad.compiler.llvm.linker import Linker, Loaded
from glassgrad.compiler.llvm.target import Target
from glassgrad.support import forks

__all__ = [
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
background: set[int] = set()  # threads in which nobody waits for what is made
_linker = Linker()
forever = Linker(math.inf)  # for what is never unloaded, which would keep a JIT of the other one alive


def generator() -> Generator:
    """The generator of this thread."""
    return better if get_ident() in background else first


class _Making:
    """Has the lock under which one thing is made."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        forks.renew(self, "lock")


def once(make: Callable[P, R]) -> Callable[P, R]:
    """Like `cache`, and safe for machine code, which would go while it runs if another thread's replaced it: where two
    threads come at once, or a signal comes meanwhile, all get what is kept. A thread waits only for what it needs
    itself."""
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
    """The assembly of a module."""
    return generator().assembly(text, target, level)


def image(text: str, target: Target, level: int) -> bytes:
    """The object file of a module."""
    return generator().image(text, target, level)


def load(text: str, target: Target, level: int, symbol: str) -> Loaded:
    """The function ``symbol`` of a module, as machine code."""
    return load_parts([text], target, level, symbol)


def load_parts(
    parts: Iterable[str],
    target: Target,
    level: int,
    symbol: str,
    used: Mapping[str, int] = {},
) -> Loaded:
    """Like `load`, for a module in parts; ``used`` has the addresses of the functions that it calls."""
    code = packed([image(part, target, level) for part in parts])
    return load_image(code, symbol, used)


def load_image(
    code: bytes,
    symbol: str,
    used: Mapping[str, int] = {},
    linker: Linker = _linker,
) -> Loaded:
    """The function ``symbol`` of `packed` object files that `image` made."""
    binding()
    with forks.gate:
        pass  # a fork that is waiting comes first
    mine = generator()
    with mine.turn:
        mine.check()
        loaded = Loaded(*linker.link(unpacked(code), symbol, {**used}), code)
    return loaded


def packed(images: Sequence[bytes]) -> bytes:
    """Object files as one: their number, their lengths, and then they themselves."""
    return struct.pack(f"<{1 + len(images)}Q", len(images), *map(len, images)) + b"".join(images)


def unpacked(code: bytes) -> list[bytes]:
    """The object files that were `packed`.

    Raises:
        ValueError: these are none.
    """
    try:
        (count,) = struct.unpack_from("<Q", code)
        lengths = struct.unpack_from(f"<{count}Q", code, 8)
    except struct.error:
        raise ValueError("no packed object files") from None
    place = 8 + 8 * count
    if place + sum(lengths) != len(code):
        raise ValueError("no packed object files")
    images = []
    for length in lengths:
        images.append(code[place : place + length])
        place += length
    return images


@atexit.register
def _rest() -> None:
    for one in (better, first):
        one.close()
