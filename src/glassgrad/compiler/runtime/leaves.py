"""Leaves of the arguments and results of a batch as they lie in memory, and the kernel's run over them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED

if TYPE_CHECKING:
    from glassgrad.compiler.runtime.kernel import Kernel

__all__ = ["Batched", "Taken", "run", "span", "strides_of", "writable_in_place"]


class Batched:
    """One leaf of the arguments of a call.

    Attributes:
        array: the array, lanes first; None for a number.
        number: the number.
        lanes: whether it has lanes, or is the same for all.
        shape: what a lane sees.
        single: it is of float32.
        layout: how it lies in memory, `CONTIGUOUS`, `BROADCAST` or `INTERLEAVED`.
        strides: the distances in bytes from lane to lane, and from number to number within a lane. Either may be 0
            (a broadcast array) or negative (a reversed one).
    """

    __slots__ = ("array", "lanes", "layout", "number", "shape", "single", "strides")

    def __init__(self, array: Any, number: float, lanes: bool) -> None:
        self.number, self.lanes = number, lanes
        self.layout, self.strides = BROADCAST, (0, 8)
        self.array: Any = None
        self.shape: Any = None
        self.single = False
        if array is None:
            return
        if not array.flags.aligned or (not lanes and not array.flags.c_contiguous):
            array = array.copy(order="C")
        if lanes:
            step = even(array)
            if step is not None and (array.strides[0] == array.itemsize or array.shape[0] == 1):
                self.layout = CONTIGUOUS
            else:
                self.layout = INTERLEAVED
                if step is None or step != array.itemsize:
                    array = np.ascontiguousarray(array)
                    step = int(array.itemsize)
            self.strides = (array.strides[0], step)
        else:
            self.strides = (0, array.itemsize)
        self.array = array
        self.shape = array.shape[1:] if lanes else array.shape
        self.single = array.dtype == np.float32

    def longer(self, count: int) -> Batched:
        """The same with ``count`` lanes, the last one repeated."""
        more = np.repeat(self.array[-1:], count - len(self.array), axis=0)
        whole = np.concatenate([self.array, more])
        array = (side_by_side if self.layout == CONTIGUOUS else np.empty)(whole.shape, whole.dtype)
        array[...] = whole
        return Batched(array, 0.0, True)

    def column(self, j: int) -> Any:
        """Number j of all lanes."""
        if self.array is None:
            return self.number
        if not self.lanes:
            return float(self.array.ravel()[j])
        return self.array.reshape(len(self.array), -1)[:, j].astype(float)


def even(array: Any) -> int | None:
    """The distance in bytes from number to number within a lane, if it is the same throughout; else None. It may be 0
    or negative. Axes of length 1 do not count: NumPy lets them have any stride."""
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
    """The distances in bytes from lane to lane and from number to number of an array for results."""
    step = even(target)
    assert step is not None
    return target.strides[0], step


def writable_in_place(array: Any) -> bool:
    """Whether a kernel may store results where ``array`` lies: its numbers are aligned, evenly spaced, and no two of
    them share memory."""
    step = even(array)
    if step is None or not array.flags.aligned:
        return False
    lane, width = array.strides[0], array.itemsize
    if step == width:  # numbers side by side
        return bool(abs(lane) >= width * math.prod(array.shape[1:]))
    return bool(lane == width and abs(step) >= width * len(array))  # lanes side by side


def side_by_side(shape: tuple[int, ...], kind: Any) -> Any:
    """An array whose lanes lie side by side, number after number."""
    return np.moveaxis(np.empty((*shape[1:], shape[0]), kind), -1, 0)


def span(array: Any) -> tuple[int, int]:
    """Where the memory of an array begins and ends."""
    if not array.size:
        return array.ctypes.data, array.ctypes.data
    low = high = array.ctypes.data
    for length, stride in zip(array.shape, array.strides):
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + array.itemsize


class Taken:
    """Memory that is in use, as spans in order, none of which overlap."""

    def __init__(self) -> None:
        self._lows: list[int] = []
        self._highs: list[int] = []

    def add(self, low: int, high: int) -> bool:
        """Take the span from ``low`` to ``high``; return whether none of it was in use."""
        lows, highs = self._lows, self._highs
        first = bisect_right(highs, low)  # of the spans that end behind its beginning
        last = bisect_left(lows, high)  # the first of those that begin behind its end
        apart = first >= last
        if not apart:
            low, high = min(low, lows[first]), max(high, highs[last - 1])
        lows[first:last], highs[first:last] = [low], [high]
        return apart


def run(
    kernel: Kernel,
    arrays: Sequence[Batched],
    packed: Any,
    targets: Sequence[Any],
    lanes: int,
    missed: Any,
    threads: int,
) -> tuple[bool, Any]:
    """Run ``kernel`` over a batch.

    Args:
        kernel: of kind ``"batch"`` or ``"fold"``.
        arrays: the arguments that are arrays.
        packed: the numbers among them, the same for all lanes.
        targets: arrays for the results; with ``"fold"`` none.
        lanes: how many there are.
        missed: where to note that a lane's way is not known, a byte for each; None where there are no branches.
        threads: how many to use.

    Returns:
        Whether lanes were missed, and with ``"fold"`` the sums, in rows that are yet to be added.
    """
    few = lanes < kernel.lanes  # than the target takes at once: the last is repeated
    count = kernel.lanes if few else lanes
    if few:
        arrays = [b.longer(count) if b.lanes else b for b in arrays]
    real = targets
    if few:
        real = [
            (side_by_side if t.strides[0] == t.itemsize else np.empty)((count, *t.shape[1:]), t.dtype) for t in targets
        ]
    sums = None
    if kernel.kind == "fold":
        sums = np.empty((kernel.rows(count), sum([form.size for form in kernel.outputs])))
        real = [sums]
    ins = [x for b in arrays for x in (b.array.ctypes.data, *b.strides)]
    outs = [x for t in real for x in (t.ctypes.data, *strides_of(t))]
    tables = np.array([*ins, packed.ctypes.data, 0, 8], dtype=np.int64), np.array(outs, dtype=np.int64)
    at, into = [table.ctypes.data for table in tables]
    if not few:
        return kernel.batch(lanes, at, into, 0 if missed is None else missed.ctypes.data, threads), sums
    flags = None if missed is None else np.zeros(count, np.uint8)
    some = kernel.call(0, count, lanes, at, into, 0 if flags is None else flags.ctypes.data) != 0
    if missed is not None and flags is not None:
        missed[:] = flags[:lanes]
    for t, r in zip(targets, real):
        t[...] = r[:lanes]
    return some, sums
