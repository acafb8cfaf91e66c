"""Memory for kernels: memory for large results, which is reused, and scratch memory.

The operating system clears fresh memory and hands it out page by page. That often takes longer than the computation
that fills the memory. So when a large array of results is gone, its memory is kept for the next one, up to a limit.

There is no lock. Python may drop the last reference to an array anywhere: in a signal's handler, or while another
thread holds a lock. A fork may come at any time, too. So each step is a single operation on a list.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

__all__ = ["LINE", "Scratch", "empty"]

LARGE = 1 << 20  # The memory of arrays of at least this many bytes is kept.
KEPT = 1 << 28  # At most this many bytes are kept.
LINE = 64  # A cache line has this many bytes. Memory is aligned to cache lines.

_kept: list[Any] = []  # The free blocks of memory; the last one was freed last.


class Lease:
    """The owner of an array's memory. When the last view of the array is gone, the memory is kept."""

    block: Any = None  # stays None if an interruption comes before `__init__` has set it

    def __init__(self, block: Any, interface: dict[str, Any]) -> None:
        self.block = block
        self.__array_interface__ = interface

    def __del__(self, kept: list[Any] = _kept) -> None:  # a default still exists when Python ends
        if self.block is not None and sum([block.nbytes for block in kept]) + self.block.nbytes <= KEPT:
            kept.append(self.block)


def empty(shape: tuple[int, ...], dtype: Any) -> Any:
    """Return an array with arbitrary values, like ``numpy.empty``."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < LARGE:
        return np.empty(shape, kind)
    block = _take(size)
    address = block.ctypes.data
    interface = {"shape": shape, "typestr": kind.str, "data": (address + -address % LINE, False), "version": 3}
    return np.asarray(Lease(block, interface))


def _take(size: int) -> Any:
    """Return a block of at least ``size`` + LINE bytes: a kept one of at most twice that size, or a new one."""
    wanted = size + LINE
    others: list[Any] = []
    try:
        with suppress(IndexError):
            while True:
                block = _kept.pop()
                if wanted <= block.nbytes <= 2 * wanted:
                    return block
                others.append(block)
    finally:
        _kept.extend(reversed(others))
    return np.empty(wanted, np.uint8)


class Scratch:
    """Scratch memory for a kernel. Its ``address`` is the start of a cache line."""

    def __init__(self, size: int) -> None:
        self._memory = np.empty(size // 8 + 8)
        address = self._memory.ctypes.data
        self.address = address + -address % 64
