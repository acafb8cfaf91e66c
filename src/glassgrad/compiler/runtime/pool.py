"""Threads that share the work of a batch.

The pool is written in C: see `pool.h`, which has its protocol in one table. Its threads run only machine code. A call
posts its work to them, runs parts itself, and returns when no thread works on it any more. No Python runs in between,
so a signal handler never runs in the middle of a call.

If there is no C compiler, `threads.py` starts threads for each call instead.
"""

from __future__ import annotations

from glassgrad.compiler.runtime.threads import run as run_on_started_threads
from glassgrad.core.settings import processors

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

__all__ = ["Split", "states"]

# A thread spins for this many nanoseconds before it goes to sleep. Waking it takes about as long.
SPIN = 100_000
STATES = ["empty", "spinning", "sleeping", "working", "posted"]

if cython.compiled:
    pool_begin()  # type: ignore[name-defined]  # noqa: F821


class Split:
    """A batch that is divided into parts. Threads take the parts one after another.

    Args:
        lanes: the number of lanes of the batch.
        step: the number of lanes of a part. The last part has all remaining lanes.
        parts: the number of parts.
        chunk: how many lanes share a row of sums.
        row: the size of such a row in bytes, or 0 if results are not summed.
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
            kernel: the address of the kernel's code.
            space: the bytes of scratch memory that it needs.
            first, last: the number of the first part, and the number after the last part.
            threads: how many threads may be used.

        Returns:
            Whether the kernel returned anything other than 0 for some part.

        Raises:
            MemoryError: there is not enough memory.
        """
        if not cython.compiled:
            return run_on_started_threads(self, kernel, space, first, last, threads)
        spin = SPIN if threads <= processors() else 0  # a spinning thread must not take a processor from a working one
        return pool_run(  # type: ignore[name-defined, no-any-return]  # noqa: F821
            kernel, space, self.lanes, self.step, self.parts, self.chunk, self.row, self.ins, self.outs, self.unmatched,
            first, last, threads, spin,
        ) != 0  # fmt: skip


def states() -> list[str]:
    """Return the state of each thread of the pool; `pool.h` explains the states. In plain Python there is no pool."""
    found: list[str] = []
    if cython.compiled:
        while (state := pool_state(len(found))) > 0:  # type: ignore[name-defined]  # noqa: F821
            found.append(STATES[state])
    return found
