"""Checkpointing by itself: keep the state of a long loop every k rounds, and run the rounds between again.

The reverse sweep reads in each round values that the forward sweep computed in one round. If these take too much
memory, both loops are cut into segments of k rounds. The forward sweep keeps its carried values at the beginning of
each segment. The reverse sweep takes the segments, last first. It runs the forward body again over the segment, which
records values for one segment only, and then the reverse body. The copies are the same operations on the same operands,
so no bit changes.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from glassgrad.compiler.ir.indices import distinct
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Executions, Read
from glassgrad.compiler.ir.memory.records import first_uses, numbers_stored, resolved, results_named
from glassgrad.compiler.ir.memory.rounds import Pair, named_by_round
from glassgrad.compiler.ir.memory.segments import Segments
from glassgrad.compiler.ir.memory.tiling import Tiled
from glassgrad.compiler.ir.tape import Tape

__all__ = ["FAR", "checkpointed"]

FAR = 200 << 10  # If all stored numbers take at most so many bytes for each lane, no round runs again.
LEAST = 16  # A loop of fewer rounds is not cut into segments.
TRIED = 3  # So many pairs of loops are tried.
NEAREST = 1.6  # How far the number of rounds of a segment may be from the best one, for segments of equal length.


def checkpointed(tape: Tape, far: int = FAR) -> Tape:
    """Return ``tape`` with a forward and a reverse sweep cut into segments, if its records take more than ``far`` bytes
    for each lane and if this saves at least half of them."""
    if len(tape.segments) != 1 or not tape.reads:
        return tape
    executions = Executions(tape)
    before = stored_bytes(executions)
    if before <= far:
        return tape
    found = [tiled for pair in _pairs(executions) if (tiled := _cut(executions, pair)) is not None]
    sizes = [stored_bytes(Executions(tiled)) for tiled in found]
    return found[sizes.index(min(sizes))] if found and 2 * min(sizes) <= before else tape


def stored_bytes(executions: Executions) -> int:
    """Return how much memory the stored numbers take for each lane.

    A value that is read after its outermost loop takes memory from the first execution that is read. A value that is
    read in that loop only shares its memory with those of the other rounds of that loop.
    """
    tape, kept = executions.tape, dict[int, int]()
    at_end = Read(-1, results_named(tape))
    for s, least in _named_in(executions, at_end.index).items():
        kept[s] = _room(executions, at_end, s, least)
    for ref in first_uses(tape):
        read = tape.reads[ref - READS]
        if isinstance(read, Read):
            for s, least in _named(executions, read).items():
                kept[s] = max(kept.get(s, 1), _room(executions, read, s, least))
    return 8 * sum(kept.values())


def _named(executions: Executions, read: Read) -> dict[int, int]:
    """Return the operations that a read names, each with the number of its first execution that is read."""
    found = resolved(executions, read)
    if found is not None:
        (s, numbers) = found
        reach = executions.reach(Read(read.loop, numbers)) if isinstance(numbers, Affine) else (int(numbers.min()), 0)
        return {s: reach[0]} if reach else {}
    return _named_in(executions, executions.index(read))


def _named_in(executions: Executions, index: Any) -> dict[int, int]:
    """Return the same for an array of expanded references."""
    e = index[index >= executions.tape.inputs] - executions.tape.inputs
    owner = np.searchsorted(executions.first, e, "right") - 1
    least = np.full(len(executions.tape.ops), executions.total)
    np.minimum.at(least, owner, e - executions.first[owner])
    ops = distinct(owner, len(least))
    return dict(zip(ops.tolist(), least[ops].tolist()))


def _room(executions: Executions, read: Read, s: int, least: int) -> int:
    """Return how many executions of an operation must be kept for a read."""
    home = int(executions.home[s])
    runs, chain = executions.runs_of(home), executions.chain(home)
    if chain[:1] != executions.chain(read.loop)[:1]:
        return runs - least
    return -(-runs // max(1, executions.runs[chain[0]])) if len(chain) > 1 else runs


def _pairs(executions: Executions) -> list[Pair]:
    """Return a few pairs of loops between which most numbers are stored."""
    tape = executions.tape
    found: Counter[Pair] = Counter()
    for ref in first_uses(tape):
        read = tape.reads[ref - READS]
        if not isinstance(read, Read) or read.loop < 0:
            continue
        named = resolved(executions, read)
        if named is None or executions.home[named[0]] < 0 or not isinstance(named[1], Affine):
            continue
        s, (base, strides) = named
        home = int(executions.home[s])
        forward, reverse = executions.chain(home)[0], executions.chain(read.loop)[0]
        each = executions.runs[home] // max(1, executions.runs[forward])  # executions of s in a round
        if forward != reverse and each and strides[0] == -each and _can_be_cut(executions, forward, reverse):
            found[Pair(forward, reverse, base // each)] += executions.runs[home]
    return [pair for pair, _ in found.most_common(TRIED)]


def _can_be_cut(executions: Executions, forward: int, reverse: int) -> bool:
    first, second = executions.tape.loops[forward], executions.tape.loops[reverse]
    trips = [loop.trips for loop in (first, second)]
    return first.stop <= second.start and all(isinstance(t, int) and t >= LEAST for t in trips)


def _cut(executions: Executions, pair: Pair) -> Tape | None:
    """Return the tape with both loops cut into segments, or None if that cannot be done."""
    executions = Executions(named_by_round(executions, pair))
    tape = executions.tape
    rounds, backwards = tape.loops[pair.forward].trips, tape.loops[pair.reverse].trips
    if not backwards - 1 <= pair.last < rounds:
        return None
    state = sum(isinstance(read, Carried) and read.loop == pair.forward for read in tape.reads)
    stored = sum(
        count * executions.runs[loop] // rounds
        for loop, count in numbers_stored(tape, executions).items()
        if executions.chain(loop)[0] == pair.forward
    )
    size = _size(pair.last + 1, math.sqrt(rounds * max(1, state) / max(1, stored)))
    return Tiled(executions, pair.forward, pair.reverse, Segments(rounds, backwards, pair.last, size)).write()


def _size(rounds: int, best: float) -> int:
    """Return the number of rounds of a segment: near ``best``, and a divisor of ``rounds`` if there is one."""
    best = max(2.0, min(best, rounds / 2))
    near = range(max(2, math.ceil(best / NEAREST)), int(best * NEAREST) + 1)
    return min((k for k in near if rounds % k == 0), key=lambda k: abs(k - best), default=round(best))
