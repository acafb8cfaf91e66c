"""Memory for kernels: for large results, which is used again, and to work in.

The operating system gives fresh memory page by page and clears each page. That takes longer than many a computation
that fills the memory. So when a large array of results is gone, its memory is kept for the next one, up to a limit.

There is no lock. Python may drop the last reference to an array anywhere: in a signal's handler, or while another
thread holds a lock. A fork may come at any time, too. So each step is a single operation on a list.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

__all__ = ["Scratch", "empty"]

LARGE = 1 << 20  # arrays of so many bytes or more have their memory kept
KEPT = 1 << 28  # bytes that are kept, at most
LINE = 64  # bytes of a line of the cache: memory begins with one

_kept: list[Any] = []  # blocks of memory, the most recent one last


class Lease:
    """The owner of an array's memory. When the last view of the array is gone, the memory is kept."""

    block: Any = None  # stays None if an interruption comes before `__init__` has set it

    def __init__(self, block: Any, interface: dict[str, Any]) -> None:
        self.block = block
        self.__array_interface__ = interface

    def __del__(self, kept: list[Any] = _kept) -> None:  # the default is still there when Python ends
        if self.block is not None and sum([block.nbytes for block in kept]) + self.block.nbytes <= KEPT:
            kept.append(self.block)


def empty(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array whose values are not set, like ``numpy.empty``."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < LARGE:
        return np.empty(shape, kind)
    block = _take(size)
    address = block.ctypes.data
    interface = {"shape": shape, "typestr": kind.str, "data": (address + -address % LINE, False), "version": 3}
    return np.asarray(Lease(block, interface))


def _take(size: int) -> Any:
    """A block of ``size`` bytes and a line more: one that was kept, if it is at most twice as large, or a new one."""
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
    """Memory for a kernel to work in. Its ``address`` is the beginning of a line of the cache."""

    def __init__(self, size: int) -> None:
        self._memory = np.empty(size // 8 + 8)
        address = self._memory.ctypes.data
        self.address = address + -address % 64
