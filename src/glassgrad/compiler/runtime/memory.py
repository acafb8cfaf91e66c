"""Reuse the memory of large results after they are freed.

The operating system clears fresh memory and hands it out page by page. That often takes longer than the computation
that fills the memory. So the memory of large results is kept for later results, up to a limit.

There is no lock. A lease may end wherever Python drops a reference: in a signal handler, for example, or while another
thread holds some lock. A fork may come at any time, too. So each step is a single operation on a list.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

__all__ = ["empty"]

LARGE = 1 << 20  # Memory of at least this many bytes is kept.
KEPT = 1 << 28  # At most this many bytes are kept.
LINE = 64  # Memory is aligned to this many bytes.

_kept: list[Any] = []  # The free blocks; the last one was freed last.


class Lease:
    """The owner of an array's memory. When the last view of the array is gone, the memory is kept for later use."""

    block: Any = None  # stays None if an interruption stops __init__

    def __init__(self, block: Any, interface: dict[str, Any]) -> None:
        self.block = block
        self.__array_interface__ = interface

    def __del__(self, kept: list[Any] = _kept) -> None:  # a default still exists when Python ends, unlike a global
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
