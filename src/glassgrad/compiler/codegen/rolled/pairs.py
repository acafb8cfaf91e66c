"""Which loops compute two rounds at a time.

Two rounds that do not depend on each other can share what both of them load, such as a row of a matrix. And the
processor computes the chain of sums of one round while that of the other waits. This is unroll-and-jam, as in Allen and
Kennedy, *Optimizing Compilers for Modern Architectures*, 8.4.
"""

from __future__ import annotations

from collections.abc import Mapping

from glassgrad.compiler.codegen.rolled.places import Base, Place, Places, Wrapped
from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Assert, Executions, Read

__all__ = ["moves", "pairs"]

SHARED = 12  # Two rounds are computed at a time if they share so many loads, …
LONGEST = 100  # … and if a round has at most this many operations.


def moves(place: Place, loop: int) -> bool:
    """Whether a place in the body of ``loop`` is another one in each of its rounds."""
    base: Base | None = place.base
    return base is not None and base.loop == loop


def pairs(executions: Executions, places: Places, place: Mapping[int, Place]) -> set[int]:
    """Return the loops that compute two rounds at a time.

    Args:
        executions: the executions of the tape.
        places: the pointers of the kernel.
        place: the place of each read in use.
    """
    tape = executions.tape
    around = {loop.parent for loop in tape.loops} | {read.loop for read in tape.reads if not isinstance(read, Read)}
    return {
        k
        for k, loop in enumerate(tape.loops)
        if k not in around
        and not loop.masked
        and isinstance(loop.trips, int)
        and loop.trips % 2 == 0
        and loop.stop - loop.start <= LONGEST
        and not any(isinstance(one, Wrapped) for one in places.moving[k])
        and _is_worth(executions, k, place)
    }


def _is_worth(executions: Executions, k: int, place: Mapping[int, Place]) -> bool:
    """Whether the rounds of loop k are independent, and share enough loads."""
    tape = executions.tape
    loop = tape.loops[k]
    if any(isinstance(op, Assert) for op in tape.ops[loop.start : loop.stop]):
        return False
    refs = {a for args in tape.args[loop.start : loop.stop] for a in args if a in place}
    if sum(not moves(place[a], k) for a in refs) < SHARED:
        return False
    indices, reads = Indices(executions), [tape.reads[a - READS] for a in refs]
    named = {s for read in reads if isinstance(read, Read) for s in indices.owners(read).tolist()}
    return named.isdisjoint(range(loop.start, loop.stop))
