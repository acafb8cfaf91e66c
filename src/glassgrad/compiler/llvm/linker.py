"""Object files become machine code in memory.

JITLink puts all sections of an object file into one piece of memory, and calls what lies further away than an
instruction reaches (2 GB on x86-64, 128 MB on AArch64) through stubs. LLVM's older loader, RuntimeDyld, gives each
section memory of its own and ends the process where two of them lie too far apart.

llvmlite's JIT keeps about 9 KB of each library that was ever linked, until the JIT itself goes. So a `Linker` begins a
new JIT after some libraries: the old one goes with the last library that is still used.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from glassgrad.compiler.llvm import generator
from glassgrad.compiler.llvm.generator import binding, target_machine, unlocking
from glassgrad.compiler.llvm.host import host

__all__ = ["Linker", "Loaded"]

LINKS = 64  # libraries of one JIT: to make a JIT takes 0.4 ms, to link a library 0.12 ms

_serial = itertools.count()


class Loaded:
    """Machine code in memory, for as long as this object lives; ``address`` is that of its function."""

    def __init__(self, tracker: Any, address: int, image: bytes | None = None) -> None:
        self._tracker = tracker
        self.address = address
        self.image = image

    def __del__(self, ends: Callable[[], bool] = sys.is_finalizing) -> None:
        if self._tracker is not None and not ends():
            unlocking(self._unload)

    def _unload(self) -> None:
        self._tracker = None


class Linker:
    """Links object files for the processor of this machine, so many libraries with each JIT."""

    def __init__(self, links: float = LINKS) -> None:
        self._links = links
        self._current: tuple[Any, Iterator[int]] | None = None  # a JIT, and the numbers of its libraries

    def link(self, images: Sequence[bytes], symbol: str, imports: Mapping[str, int]) -> tuple[Any, int]:
        """What keeps the library in memory, and the address of its function ``symbol``. The object files may use each
        other's symbols, and those in ``imports``, which has their addresses."""
        return unlocking(self._link, images, symbol, imports)

    def _link(self, images: Sequence[bytes], symbol: str, imports: Mapping[str, int]) -> tuple[Any, int]:
        builder = binding().JITLibraryBuilder().export_symbol(symbol)
        for image in images:
            builder.add_object_img(image)
        for name, address in imports.items():
            builder.import_symbol(name, address)
        tracker = builder.link(self._jit(), f"glassgrad{next(_serial)}")
        return tracker, int(tracker[symbol])

    def _jit(self) -> Any:
        """A JIT for another library. Two threads that find the last one full each make one."""
        current = self._current
        if current is None or next(current[1]) >= self._links:
            make = binding().create_lljit_compiler
            current = make(_machine(), use_jit_link=generator.JIT_LINK, suppress_errors=False), itertools.count(1)
            self._current = current
        return current[0]


@cache
def _machine() -> Any:
    return target_machine(host(), 2)
