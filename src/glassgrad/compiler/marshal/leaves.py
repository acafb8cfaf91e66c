"""The memory layout of one array among the arguments.

Kernels know two layouts of lanes: neighbouring lanes side by side (`CONTIGUOUS`), or the numbers of one lane side by
side (`INTERLEAVED`). An array in any other order is copied. The fast path follows the same rules; see ``fast_open`` in
``fastargs.h``.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED

__all__ = ["ArrayLeaf", "TakenMemory", "even_step", "side_by_side", "span", "strides_of", "writable_in_place"]


class ArrayLeaf:
    """One array among the arguments of a call.

    Args:
        array: an array of float64 or float32. If it has lanes, they are on the first axis.
        lanes: whether it has lanes. If not, every lane gets the whole array.

    Attributes:
        array: the array. It is a copy if the kernel could not read the original.
        shape: the shape that one lane sees.
        single: whether it is float32.
        layout: its layout in memory: `CONTIGUOUS`, `INTERLEAVED` or, without lanes, `BROADCAST`.
        strides: the distances in bytes from lane to lane, and from number to number within a lane. Either may be 0
            (a broadcast array) or negative (a reversed one).
    """

    __slots__ = ("array", "lanes", "layout", "shape", "single", "strides")

    def __init__(self, array: Any, lanes: bool) -> None:
        if not array.flags.aligned or (not lanes and not array.flags.c_contiguous):
            array = array.copy(order="C")
        self.lanes = lanes
        self.layout, self.strides = BROADCAST, (0, array.itemsize)
        if lanes:
            step = even_step(array)
            if step is not None and (array.strides[0] == array.itemsize or array.shape[0] == 1):
                self.layout = CONTIGUOUS
            else:
                self.layout = INTERLEAVED
                if step is None or step != array.itemsize:
                    array = np.ascontiguousarray(array)
                    step = int(array.itemsize)
            self.strides = (array.strides[0], step)
        self.array = array
        self.shape = array.shape[1:] if lanes else array.shape
        self.single = array.dtype == np.float32

    @property
    def size(self) -> int:
        """The number of numbers that one lane sees."""
        return math.prod(self.shape)

    def padded(self, count: int) -> ArrayLeaf:
        """Return the array with ``count`` lanes. The last lane is repeated."""
        if not self.lanes:
            return self
        more = np.repeat(self.array[-1:], count - len(self.array), axis=0)
        whole = np.concatenate([self.array, more])
        array = (side_by_side if self.layout == CONTIGUOUS else np.empty)(whole.shape, whole.dtype)
        array[...] = whole
        return ArrayLeaf(array, True)

    def lane(self, k: int) -> list[float]:
        """Return the numbers that lane ``k`` sees."""
        numbers: list[float] = (self.array[k] if self.lanes else self.array).ravel().astype(float).tolist()
        return numbers

    def column(self, j: int) -> Any:
        """Return number ``j`` of every lane."""
        if not self.lanes:
            return float(self.array.ravel()[j])
        return self.array.reshape(len(self.array), -1)[:, j].astype(float)


def even_step(array: Any) -> int | None:
    """Return the distance in bytes from number to number within a lane, or None if it varies.

    The distance may be 0 or negative. Axes of length 1 do not count, since NumPy lets them have any stride.
    """
    step = expected = None
    for length, stride in zip(reversed(array.shape[1:]), reversed(array.strides[1:])):
        if length == 1:
            continue
        if step is None:
            step = expected = stride
        elif stride != expected:
            return None
        expected *= length
    return int(array.itemsize if step is None else step)


def strides_of(target: Any) -> tuple[int, int]:
    """Return two distances in bytes for an array of results: from lane to lane, and from number to number in a lane."""
    step = even_step(target)
    assert step is not None
    return target.strides[0], step


def side_by_side(shape: tuple[int, ...], kind: Any) -> Any:
    """Make an array in the layout `CONTIGUOUS`. Its first axis is that of the lanes."""
    return np.moveaxis(np.empty((*shape[1:], shape[0]), kind), -1, 0)


def writable_in_place(array: Any) -> bool:
    """Whether a kernel may store results in ``array``.

    Its numbers must be aligned and evenly spaced, and no two of them may share memory.
    """
    step = even_step(array)
    if step is None or not array.flags.aligned:
        return False
    lane, width = array.strides[0], array.itemsize
    if step == width:  # the numbers of a lane are side by side
        return bool(abs(lane) >= width * math.prod(array.shape[1:]))
    return bool(lane == width and abs(step) >= width * len(array))  # the lanes are


def span(array: Any) -> tuple[int, int]:
    """Return the addresses where the memory of an array starts and ends."""
    low = high = array.ctypes.data
    if not array.size:
        return low, high
    for length, stride in zip(array.shape, array.strides):
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + array.itemsize


class TakenMemory:
    """The memory that is in use, as spans of addresses. They are in ascending order, and do not overlap."""

    def __init__(self) -> None:
        self._lows: list[int] = []
        self._highs: list[int] = []

    def add(self, low: int, high: int) -> bool:
        """Take the span from ``low`` to ``high``. Return whether all of it was free."""
        lows, highs = self._lows, self._highs
        first = bisect_right(highs, low)  # the first span that ends after `low`
        last = bisect_left(lows, high)  # the first span that begins at or after `high`
        free = first >= last
        if not free:
            low, high = min(low, lows[first]), max(high, highs[last - 1])
        lows[first:last], highs[first:last] = [low], [high]
        return free
