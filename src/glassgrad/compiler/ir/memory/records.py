"""The reads of a tape with loops, by the body that reads and the body that is read.

A `Frame` is one way in which a loop walks over the rounds of another loop, for instance backwards. Most values that a
reverse sweep reads in a round belong to one frame: they are those of one round of the forward sweep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.memory.insertion import extent, op_of, shifted
from glassgrad.compiler.ir.tape import Tape

__all__ = [
    "Frame",
    "first_uses",
    "has_ended",
    "numbers_stored",
    "operations_named",
    "place_in",
    "reads_in_use",
    "resolved",
    "results_named",
]


class Frame(NamedTuple):
    """For each execution of the body of ``reader``, the number of an execution of the body of ``source``."""

    reader: int
    source: int
    rounds: Any  # an Affine, or the bytes of an array


def reads_in_use(tape: Tape) -> tuple[dict[int, list[int]], set[int]]:
    """Return the reads that operations use, each with these operations in order, and the reads that are used elsewhere:
    by results, conditions and carried values."""
    by_operation: dict[int, list[int]] = defaultdict(list)
    stack = []
    for i, args in enumerate(tape.args):
        for a in dict.fromkeys(args):
            if a >= READS:
                by_operation[a].append(i)
                stack.append(a)
    elsewhere: set[int] = set()
    for *_, exit in tape.segments:
        some = [a for a in exit.used if READS <= a < EXPANDED]
        elsewhere.update(some)
        stack += some
    seen: set[int] = set()
    while stack:
        read = tape.reads[(ref := stack.pop()) - READS]
        if isinstance(read, Carried) and ref not in seen:
            seen.add(ref)
            some = [a for a in (read.initial, read.next) if a >= READS]
            elsewhere.update(some)
            stack += some
    return by_operation, elsewhere


def first_uses(tape: Tape) -> dict[int, int]:
    """Return the reads in use, in order, each with the position of its first use. A use in a loop counts from the start
    of the loop, and a use as a result from the end of the tape."""
    by_operation, elsewhere = reads_in_use(tape)
    found = dict.fromkeys(elsewhere, len(tape.ops)) | {ref: users[0] for ref, users in by_operation.items()}
    for ref in [*found]:
        read = tape.reads[ref - READS]
        if read.loop >= 0:
            found[ref] = min(found[ref], tape.loops[read.loop].start)
        if isinstance(read, Carried):
            for a in (read.initial, read.next):
                if a >= READS:
                    found[a] = min(found[a], tape.loops[read.loop].start)
    return dict(sorted(found.items()))


def resolved(executions: Executions, read: Read) -> tuple[int, Any] | None:
    """Return the one operation whose executions a read names, and their numbers. None if it names other values too."""
    n = executions.tape.inputs
    if isinstance(read.index, Affine):
        ends = extent(executions, read.loop, read.index)
    else:
        ends = (int(read.index.min()), int(read.index.max())) if len(read.index) else None
    if ends is None:
        return None
    low, high = (op_of(executions, x) for x in ends)
    if low < 0 or low != high:
        return None
    return low, shifted(read.index, -n - int(executions.first[low]))


def has_ended(executions: Executions, home: int, reader: int, uses: Iterable[int]) -> bool:
    """Whether the loop ``home`` has ended before operations ``uses`` in the body of the loop ``reader``."""
    around = executions.chain(reader)
    ended = [k for k in executions.chain(home) if k not in around]
    if not ended or reader in executions.chain(home):
        return False
    loop = executions.tape.loops[ended[0]]
    return not any(loop.start <= place_in(executions, i, reader) < loop.stop for i in uses)


def place_in(executions: Executions, i: int, loop: int) -> int:
    """Return where in the body of ``loop`` a value for operation i must be computed: before i, or the loop with i."""
    chain = executions.chain(int(executions.home[i]))
    inner = chain[chain.index(loop) + 1 :] if loop >= 0 else chain
    return executions.tape.loops[inner[0]].start if inner else i


def operations_named(executions: Executions, refs: Any) -> set[int]:
    """Return the operations whose executions an array of expanded references names."""
    n = executions.tape.inputs
    owners = np.searchsorted(executions.first, refs[refs >= n] - n, "right") - 1
    return set(distinct(owners, len(executions.tape.ops)).tolist())


def results_named(tape: Tape) -> Any:
    """Return the expanded references of the results that name one execution of an operation."""
    refs = np.array([a for segment in tape.segments for a in segment.exit.used if a >= EXPANDED], np.int64)
    return refs - EXPANDED


def all_named(executions: Executions) -> Iterator[set[int]]:
    """Yield the operations that each read in use names, and those that results name."""
    tape = executions.tape
    yield operations_named(executions, results_named(tape))
    by_operation, elsewhere = reads_in_use(tape)
    for ref in by_operation.keys() | elsewhere:
        read = tape.reads[ref - READS]
        if isinstance(read, Read):
            found = resolved(executions, read)
            yield {found[0]} if found else operations_named(executions, executions.index(read))


def numbers_stored(tape: Tape, executions: Executions | None = None) -> dict[int, int]:
    """Return how many numbers each loop must store in each round, by the number of the loop."""
    executions = executions or Executions(tape)
    stored = set().union(*all_named(executions))
    counts: dict[int, int] = defaultdict(int)
    for s in stored:
        counts[int(executions.home[s])] += 1
    counts.pop(-1, None)
    return dict(counts)
