"""Threads that share in the work of a batch.

The pool is in C, in `pool.h`, where its protocol stands in one table. Its threads run machine code only. A call posts
its work to them, runs parts itself, and returns when no thread works on it any more. In between there is no Python, so
a signal's handler never runs in the middle of a call.

Where there is no compiler, `threads.py` starts threads for each call instead.
"""

from __future__ import annotations

from glassgrad.compiler.runtime.threads import run as run_on_started_threads
from glassgrad.core.settings import processors

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

__all__ = ["Split", "states"]

SPIN = 100_000  # nanoseconds for which a thread waits for more work before it goes to sleep: to wake it takes as long
STATES = ["empty", "spinning", "sleeping", "working", "posted"]

if cython.compiled:
    pool_begin()  # type: ignore[name-defined]  # noqa: F821


class Split:
    """A batch in parts, which threads take one after another.

    Args:
        lanes: how many lanes the batch has.
        step: how many lanes a part has. The last part has all that are left.
        parts: how many parts there are.
        chunk, row: so many lanes share a row of sums, of so many bytes; 0 bytes if results are not summed.
        ins, outs, unmatched: the addresses that the kernel takes: of the tables of arguments and of results, and of a
            byte for each lane.
    """

    def __init__(
        self, *, lanes: int, step: int, parts: int, chunk: int, row: int, ins: int, outs: int, unmatched: int
    ) -> None:
        self.lanes, self.step, self.parts, self.chunk, self.row = lanes, step, parts, chunk, row
        self.ins, self.outs, self.unmatched = ins, outs, unmatched

    def run(self, kernel: int, space: int, first: int, last: int, threads: int) -> bool:
        """Run the parts from ``first`` up to ``last``, on this thread and up to ``threads - 1`` others.

        Args:
            kernel: the address of its code.
            space: how many bytes of scratch memory it needs.

        Returns:
            Whether the kernel returned anything but 0, for any part.

        Raises:
            MemoryError: there is not enough memory.
        """
        if not cython.compiled:
            return run_on_started_threads(self, kernel, space, first, last, threads)
        spin = SPIN if threads <= processors() else 0  # with few processors, a thread that spins keeps others from work
        return pool_run(  # type: ignore[name-defined, no-any-return]  # noqa: F821
            kernel, space, self.lanes, self.step, self.parts, self.chunk, self.row, self.ins, self.outs, self.unmatched,
            first, last, threads, spin,
        ) != 0  # fmt: skip


def states() -> list[str]:
    """What each thread of the pool does now, as `pool.h` names it. In plain Python there is no pool."""
    found: list[str] = []
    if cython.compiled:
        while (state := pool_state(len(found))) > 0:  # type: ignore[name-defined]  # noqa: F821
            found.append(STATES[state])
    return found
