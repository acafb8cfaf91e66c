"""Scan a sequence of codes for repetitions. The compiled build does this in C (``scan.h``), plain Python in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

__all__ = ["distances", "stretches"]


def distances(codes: Any, width: int) -> Any:
    """Return, for each word of ``width`` codes, how far before it the same word stood last; 0 if it is new.

    Words are named by their last code. ``codes`` is a contiguous array of int32.
    """
    found = np.zeros(len(codes), np.int32)
    if cython.compiled:
        if scan_distances(codes.ctypes.data, len(codes), width, found.ctypes.data):  # type: ignore[name-defined]  # noqa: F821
            raise MemoryError
        return found
    words = codes.astype(np.uint64) + np.uint64(1)
    length = 1
    while length < width:  # words of two lengths follow each other; all lengths are powers of 2
        words[length:] = words[length:] + words[:-length] * np.uint64(pow(6364136223846793005, length, 1 << 64))
        length *= 2
    order = np.argsort(words[width - 1 :], kind="stable") + width - 1
    again = words[order]
    same = again[1:] == again[:-1]
    found[order[1:][same]] = np.diff(order)[same]
    return found


def stretches(codes: Any, lags: Any, period: int, least: int) -> Any:
    """Return where items repeat after ``period``: rows of start and stop, those of at least ``least`` items.

    The item must have the same code as the one ``period`` later. An operand that was computed up to two periods before
    must have the same lag in both, or be the same value; operands from further away may be anything. ``codes`` is a
    contiguous array of int32, and ``lags`` one with a row for each operand.
    """
    size = len(codes)
    if cython.compiled:
        found = np.empty((max(size - period, 0) // (least + 1) + 1, 2), np.int32)
        count = scan_stretches(  # type: ignore[name-defined]  # noqa: F821
            codes.ctypes.data, lags.ctypes.data, len(lags), size, period, least, found.ctypes.data
        )
        return found[:count].astype(np.int64)
    same = codes[period:] == codes[:-period]
    for lag in lags:
        a, b = lag[:-period], lag[period:]
        same &= (a == b) | (b - a == period) | ((a > 2 * period) & (b > 2 * period))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], same.view(np.int8), [0]))))
    rows = edges.reshape(-1, 2)
    return rows[rows[:, 1] - rows[:, 0] >= least]
