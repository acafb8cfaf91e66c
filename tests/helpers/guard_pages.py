"""Runs compiled functions on arrays that touch pages which must not be read: one byte too far ends the process.

A program of its own (Linux): ``python guard_pages.py``.
"""

import ctypes
import mmap

import numpy as np

import glassgrad as gg

PAGE = mmap.PAGESIZE
libc = ctypes.CDLL(None, use_errno=True)
kept = []


def fenced(size):
    """Memory whose first and last byte touch pages that may be neither read nor written, twice: (at the beginning of
    a page, at the end of one)."""
    pages = -(-max(size, 1) // PAGE)
    whole = mmap.mmap(-1, (pages + 2) * PAGE)
    kept.append(whole)
    memory = np.frombuffer(whole, np.uint8)
    address = memory.ctypes.data
    for guard in (address, address + (pages + 1) * PAGE):
        if libc.mprotect(ctypes.c_void_p(guard), ctypes.c_size_t(PAGE), 0) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")
    inner = memory[PAGE : (pages + 1) * PAGE]
    return inner[:size], inner[len(inner) - size :]


def views(lanes, row, kind):
    """Arrays of shape ``(lanes, *row)`` that use the first and the last byte of their memory."""
    width = np.dtype(kind).itemsize
    count = lanes * int(np.prod(row))

    def made(numbers, build):
        for memory in fenced(numbers * width):
            flat = memory.view(kind)
            flat[:] = np.arange(1, numbers + 1) % 50
            yield build(flat)

    yield from made(count, lambda flat: flat.reshape(lanes, *row))
    yield from made(count, lambda flat: flat.reshape((*row[::-1], lanes)).T)
    yield from made(count, lambda flat: flat.reshape(lanes, *row)[::-1])
    yield from made(lanes, lambda flat: np.broadcast_to(flat.reshape(lanes, *[1] * len(row)), (lanes, *row)))
    yield from made(int(np.prod(row)), lambda flat: np.broadcast_to(flat.reshape(row), (lanes, *row)))
    if len(row) == 1:
        yield from made(lanes + row[0] - 1, lambda flat: np.lib.stride_tricks.sliding_window_view(flat, row[0]))
        yield from made(count, lambda flat: flat.reshape(lanes, *row)[:, ::-1])
        yield from made(count, lambda flat: flat.reshape((*row[::-1], lanes)).T[:, ::-1])
    if not row:
        yield from made(2 * lanes - 1, lambda flat: flat[::2])


def outs(lanes, row, kind):
    count = lanes * int(np.prod(row))
    for memory in fenced(count * np.dtype(kind).itemsize):
        yield memory.view(kind).reshape(lanes, *row)
        yield memory.view(kind).reshape((*row[::-1], lanes)).T


def main():
    checked = 0
    for row in [(), (1,), (3,), (8,), (11,), (2, 3)]:
        weights = np.arange(1.0, 1.0 + np.prod(row)).reshape(row)
        f = gg.vmap(lambda r: (np.sum(r * weights), r + 1.0))
        branching = gg.vmap(lambda r: np.sum(r * weights) if np.sum(r) > 40 else -np.sum(r * weights))
        total = gg.vmap(lambda r: np.sum(r * weights), reduce="sum")
        for kind in (np.float64, np.float32):
            for lanes in (64, 1, 2, 3, 8, 9, 31, 1030):
                for array in views(lanes, row, kind):
                    plain = np.array(array)
                    axes = tuple(range(1, plain.ndim))
                    summed = (plain * weights).sum(axis=axes)
                    decided = np.where(plain.astype(float).sum(axis=axes) > 40, summed, -summed)
                    for _ in range(4):  # the long way, the short way, machine code straight from the call
                        number, more = f(array)
                        np.testing.assert_allclose(number, summed, rtol=1e-6)
                        np.testing.assert_array_equal(more, plain + kind(1.0))
                        np.testing.assert_allclose(branching(array), decided, rtol=1e-6)
                        np.testing.assert_allclose(total(array), summed.sum(), rtol=1e-5)
                        checked += 3
                        if lanes == 64:
                            settle(f, branching, total)
                for number, more in zip(outs(lanes, (), kind), outs(lanes, row, kind)):
                    for _ in range(4):
                        f(plain, out=(number, more))
                        np.testing.assert_array_equal(more, plain + kind(1.0))
                        if lanes == 64:
                            settle(f)
        jitted = gg.jit(lambda r: np.sum(r * weights))
        for kind in (np.float64, np.float32):
            for array in views(5, row, kind):
                for k in range(5):
                    np.testing.assert_allclose(float(jitted(array[k])), (array[k] * weights).sum(), rtol=1e-6)
                    settle(jitted)
    print(checked, "calls")


def settle(*functions):
    """Wait until their code is as good as it gets: only then calls go straight to it."""
    for g in functions:
        for kernel in g.kernels():
            if kernel is not None:
                kernel.wait()


if __name__ == "__main__":
    main()
