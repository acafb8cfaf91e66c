"""Memory for large results, used again once they are gone.

Fresh memory comes page by page from the operating system, cleared, which takes longer than many a computation that
fills it. So what large results lay in is kept for the next ones, up to a limit.

There is no lock. A lease may end wherever Python drops a reference, in a signal's handler, say, or while another thread
holds any lock, and a fork may come at any time. So each step is one operation on a list.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

__all__ = ["Scratch", "empty"]

LARGE = 1 << 20  # bytes from which memory is kept
KEPT = 1 << 28  # bytes that are kept, at most
LINE = 64  # bytes to which it is aligned

_kept: list[Any] = []  # blocks, the one let go last at the end


class Lease:
    """The owner of an array's memory: when the last view of it is gone, the memory is kept."""

    block: Any = None  # none where an interruption came before it was given

    def __init__(self, block: Any, interface: dict[str, Any]) -> None:
        self.block = block
        self.__array_interface__ = interface

    def __del__(self, kept: list[Any] = _kept) -> None:  # which is there when Python ends, too
        if self.block is not None and sum([block.nbytes for block in kept]) + self.block.nbytes <= KEPT:
            kept.append(self.block)


def empty(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of whatever values, like ``numpy.empty``."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < LARGE:
        return np.empty(shape, kind)
    block = _take(size)
    address = block.ctypes.data
    interface = {"shape": shape, "typestr": kind.str, "data": (address + -address % LINE, False), "version": 3}
    return np.asarray(Lease(block, interface))


def _take(size: int) -> Any:
    """A block of ``size`` bytes and a line: one that was kept, if it is not much too large, or a new one."""
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
    """Memory for a kernel to work in, from the beginning of a line of the cache on."""

    def __init__(self, size: int) -> None:
        self._memory = np.empty(size // 8 + 8)
        address = self._memory.ctypes.data
        self.address = address + -address % 64
