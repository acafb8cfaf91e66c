"""LLVM at work: a module becomes machine code in this process.

There are two generators of code: one for first code, which somebody waits for, and one for the better code that is made
in the background. They work at the same time. A long module is compiled part by part (`Module.parts`), so that whoever
has to wait for a generator, a fork say, waits for one part at most.
"""

from __future__ import annotations

import atexit
import math
import struct
import threading
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
    "better",
    "first",
    "forever",
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
_linker = Linker()
forever = Linker(math.inf)  # for what is never unloaded, which would keep a JIT of the other one alive


class _Making:
    """Has the lock under which what is shared is made."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        forks.renew(self, "lock")


_making = _Making()


def once(make: Callable[P, R]) -> Callable[P, R]:
    """Like `cache`; but where two threads come at once, or a signal comes meanwhile, all get what is kept: machine code
    that is not would go while it runs. What is there is found without the lock, under which LLVM works."""
    kept: dict[Any, R] = {}

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        key = args, *kwargs.items()
        try:
            return kept[key]
        except KeyError:
            with _making.lock:
                return kept[key] if key in kept else kept.setdefault(key, make(*args, **kwargs))

    return made


def assembly(text: str, target: Target, level: int) -> str:
    """The assembly of a module."""
    return first.assembly(text, target, level)


def image(text: str, target: Target, level: int, generator: Generator = first) -> bytes:
    """The object file of a module."""
    return generator.image(text, target, level)


def load(text: str, target: Target, level: int, symbol: str) -> Loaded:
    """The function ``symbol`` of a module, as machine code."""
    return load_parts([text], target, level, symbol)


def load_parts(
    parts: Iterable[str],
    target: Target,
    level: int,
    symbol: str,
    used: Mapping[str, int] = {},
    generator: Generator = first,
) -> Loaded:
    """Like `load`, for a module in parts; ``used`` has the addresses of the functions that it calls."""
    code = packed([image(part, target, level, generator) for part in parts])
    return load_image(code, symbol, used, generator)


def load_image(
    code: bytes,
    symbol: str,
    used: Mapping[str, int] = {},
    generator: Generator = first,
    linker: Linker = _linker,
) -> Loaded:
    """The function ``symbol`` of `packed` object files that `image` made."""
    binding()
    with forks.gate:
        pass  # a fork that is waiting comes first
    with generator.turn:
        generator.check()
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
    for generator in (better, first):
        generator.close()
