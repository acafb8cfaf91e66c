"""Link object files to machine code in memory.

JITLink puts all sections of an object file into one piece of memory. It calls functions that are out of an
instruction's reach (2 GB on x86-64, 128 MB on AArch64) through stubs. LLVM's older loader, RuntimeDyld, gives each
section its own memory, and ends the process if two sections lie too far apart.

llvmlite's JIT keeps about 9 KB for each library that was ever linked, until the JIT itself is freed. So a `Linker`
begins a new JIT after some libraries. The old JIT is freed with the last of its libraries that is in use.
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

LINKS = 64  # One JIT links this many libraries. Making a JIT takes 0.4 ms, and linking a library 0.12 ms.

_serial = itertools.count()


class Loaded:
    """Machine code, which stays in memory as long as this object lives.

    Attributes:
        address: the address of its function.
        image: its packed object files.
        data: memory that the code reads.
    """

    def __init__(self, tracker: Any, address: int, image: bytes | None = None) -> None:
        self._tracker = tracker
        self.address = address
        self.image = image
        self.data: Any = None

    def __del__(self, ends: Callable[[], bool] = sys.is_finalizing) -> None:
        if self._tracker is not None and not ends():
            unlocking(self._unload)

    def _unload(self) -> None:
        self._tracker = None


class Linker:
    """Links object files for the processor of this machine. Each JIT links ``links`` libraries."""

    def __init__(self, links: float = LINKS) -> None:
        self._links = links
        self._current: tuple[Any, Iterator[int]] | None = None  # a JIT, and the numbers of its libraries

    def link(self, images: Sequence[bytes], symbol: str, imports: Mapping[str, int]) -> tuple[Any, int]:
        """Link object files to a library.

        Args:
            images: the object files. They may use each other's symbols.
            symbol: the name of the library's function.
            imports: the addresses of other symbols that the object files use.

        Returns:
            An object that keeps the library in memory, and the address of the function.
        """
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
        """Return a JIT that can link another library. If two threads find the current one full, each makes its own."""
        current = self._current
        if current is None or next(current[1]) >= self._links:
            make = binding().create_lljit_compiler
            current = make(_machine(), use_jit_link=generator.JIT_LINK, suppress_errors=False), itertools.count(1)
            self._current = current
        return current[0]


@cache
def _machine() -> Any:
    return target_machine(host(), 2)
