"""Arrays as they may lie in memory: every stride, order, offset, dtype and byte order that NumPy allows."""

import math

import numpy as np

KINDS = ["f8", "f8", "f8", "f4", "f4", ">f8", ">f4", "i4", "u1", "?", "f2"]


def layout(rng, shape, kind=None):
    """A view of random layout, of that shape, with numbers that tell every place apart; and its memory."""
    kind = np.dtype(kind if kind is not None else rng.choice(KINDS))
    strides, low, high = _strides(rng, shape, kind)
    before = int(rng.choice([0, 0, 0, 1, 3, kind.itemsize, 5 * kind.itemsize]))
    memory = np.zeros(before + high - low + kind.itemsize + int(rng.choice([0, 0, 8])), np.uint8)
    view = np.ndarray(shape, kind, memory, before - low, strides)
    # Numbers are written place by place; where places share memory the last one stays
    numbers = rng.integers(0, 2, view.shape) if kind.kind in "b" else rng.integers(1, 200, view.shape) / 8.0
    view[...] = numbers if kind.kind in "f" else numbers.astype(int)
    if rng.random() < 0.2:
        view.flags.writeable = False
    return view, memory


def _strides(rng, shape, kind):
    """Strides in bytes, and the offsets of the first byte and the last number from the first number."""
    width = kind.itemsize
    strides = [0] * len(shape)
    style = rng.choice(["nested", "nested", "nested", "window", "any"])
    step = width * int(rng.choice([1, 1, 1, 2, 3])) + int(rng.choice([0, 0, 0, 0, 4, 1]))
    for axis in rng.permutation(len(shape)) if rng.random() < 0.6 else reversed(range(len(shape))):
        if style == "any":
            strides[axis] = width * int(rng.integers(-4, 5))
        elif rng.random() < 0.8:  # else the axis is broadcast
            strides[axis] = step * int(rng.choice([1, 1, 1, -1]))
            if style != "window":  # windows overlap: all axes step alike
                step *= max(shape[axis], 1) + int(rng.choice([0, 0, 0, 1, 2]))
        if shape[axis] == 1 and rng.random() < 0.5:
            strides[axis] = int(rng.choice([0, 8, -16, 999, 1 << 40]))
    reach = [(n - 1) * s for n, s in zip(shape, strides) if n > 1] if math.prod(shape) else []
    return strides, sum(r for r in reach if r < 0), sum(r for r in reach if r > 0)


def apart(view):
    """Whether no two places of a small array share memory."""
    places = np.zeros(view.shape, np.int64)
    for axis, stride in enumerate(view.strides):
        places += (np.arange(view.shape[axis]) * stride).reshape([-1 if k == axis else 1 for k in range(view.ndim)])
    ordered = np.sort(places.ravel())
    return bool((np.diff(ordered) >= view.itemsize).all())
