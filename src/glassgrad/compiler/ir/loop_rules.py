"""The rules for tapes with loops, which `verify` checks.

The time is linear in the length of the tape as it stands, its index tables included, and not in that of its expansion.
Only an affine read in a ragged loop also takes time for each entry of that loop.

One thing is not checked: that a read names a value that has been computed by then. That is a property of the expansion,
so `verify` finds it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler.ir.illegal import IllegalTape
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Executions, Loop, Read, Until

if TYPE_CHECKING:
    from glassgrad.compiler.ir.tape import Tape

__all__ = ["check_rolled"]


def check_rolled(tape: Tape) -> None:
    """Raise `IllegalTape` unless the loops, reads and operands of a tape are legal. Its segments must be legal."""
    for k in range(len(tape.loops)):
        _check_place(tape, k)
    for k in range(len(tape.loops)):
        _check_mask(tape, k)
    _check_in_segments(tape)
    executions = Executions(tape)
    for k in range(len(tape.loops)):
        _check_trips(tape.loops[k].trips, executions.entries[k], f"loop {k}")
    masked = [k for k, loop in enumerate(tape.loops) if loop.masked]
    for k, read in enumerate(tape.reads):
        if not isinstance(read, (Read, Carried)) or not _is_integer(read.loop):
            raise IllegalTape(f"read {k} must be a Read or a Carried of a loop, got {read!r}")
        if isinstance(read, Carried):
            if not 0 <= read.loop < len(tape.loops):
                raise IllegalTape(f"carried value {k} must belong to a loop, got loop {read.loop}")
        else:
            reach = _check_read(tape, executions, k, read)
            if masked and reach is not None:
                _check_that_lanes_have(executions, masked, read, reach, f"read {k}")
    for k, segment in enumerate(tape.segments):
        _check_results(executions, k, [a for a in segment.exit.used if a >= EXPANDED], masked)
    _Scope(tape).check()


def _check_results(executions: Executions, k: int, refs: list[int], masked: list[int]) -> None:
    """Check the results of segment k that name executions."""
    if not refs:
        return
    tape = executions.tape
    if not hasattr(tape.segments[k].exit, "refs"):
        raise IllegalTape(f"segment {k} branches by {refs[0]}, but only results may name one execution")
    least, most = tape.inputs, tape.inputs + executions.total - 1
    low, high = min(refs) - EXPANDED, max(refs) - EXPANDED
    if not least <= low <= high <= most:
        raise IllegalTape(f"the results of segment {k} must name values from {least} to {most}, got {low} to {high}")
    for ref in refs if masked else ():
        value = ref - EXPANDED
        read = Read(-1, np.array([value]))
        _check_that_lanes_have(executions, masked, read, (value, value), f"a result of segment {k}")


def _is_integer(x: object) -> bool:
    return type(x) is int


def _is_table(x: object) -> bool:
    return isinstance(x, np.ndarray) and x.dtype == np.int64 and x.ndim == 1


# Loops


def _check_place(tape: Tape, k: int) -> None:
    """Check that a loop lies within its parent and after the loops before it, which have been checked."""
    loops = tape.loops
    loop = loops[k]
    if not isinstance(loop, Loop) or not all(map(_is_integer, (loop.start, loop.stop, loop.parent))):
        raise IllegalTape(f"loop {k} must be a Loop with integers for start, stop and parent, got {loop}")
    start, stop, trips, parent = loop[:4]
    if not 0 <= start < stop <= len(tape.ops):
        raise IllegalTape(f"loop {k} must hold operations of the tape, got {start} to {stop}")
    if not -1 <= parent < k:
        raise IllegalTape(f"loop {k} must stand after its parent, which is {parent}")
    if parent >= 0 and not (loops[parent].start <= start and stop <= loops[parent].stop):
        raise IllegalTape(f"loop {k} must lie within loop {parent}, got {start} to {stop}")
    before = k - 1  # the loops from the one before outwards, up to the parent, end before this one begins
    while before != parent:
        if loops[before].stop > start:
            raise IllegalTape(f"loop {k} must begin after loop {before}, at {loops[before].stop}, got {start}")
        before = loops[before].parent
    if not (_is_integer(trips) or _is_table(trips)):
        raise IllegalTape(f"the trips of loop {k} must be an integer or an array of int64, got {trips!r}")
    if np.any(np.asarray(trips) < 0):
        raise IllegalTape(f"the trips of loop {k} must not be negative, got {trips}")


def _check_mask(tape: Tape, k: int) -> None:
    """Check what says how often each lane runs a masked loop."""
    loop = tape.loops[k]
    until, count = loop.until, loop.down_from
    if until is None and count is None:
        return
    if until is not None and count is not None:
        raise IllegalTape(f"loop {k} must have until or down_from, not both")
    if not _is_integer(loop.trips) or loop.trips < 1:
        raise IllegalTape(f"the trips of loop {k}, which is masked, must be a positive integer, got {loop.trips}")
    if until is None:
        return
    if not isinstance(until, Until) or not _is_integer(until.position):
        raise IllegalTape(f"loop {k} must have an Until with an integer as position, got {until!r}")
    if not loop.start <= until.position <= loop.stop:
        raise IllegalTape(f"lanes must leave loop {k} in its body, {loop.start} to {loop.stop}, got {until.position}")
    for j, inner in enumerate(tape.loops[k + 1 :], k + 1):
        if inner.start < until.position < inner.stop:
            raise IllegalTape(f"lanes must leave loop {k} outside of inner loops, got {until.position} in loop {j}")


def _check_in_segments(tape: Tape) -> None:
    """Check that each outermost loop lies in one segment."""
    segments = iter(tape.segments)
    stop = 0
    for k, loop in enumerate(tape.loops):
        if loop.parent >= 0:
            continue
        while stop <= loop.start:
            stop = next(segments).stop
        if loop.stop > stop:
            raise IllegalTape(f"loop {k} must lie in one segment, got {loop.start} to {loop.stop} across {stop}")


def _check_trips(trips: Any, entries: int, name: str) -> None:
    if not _is_integer(trips) and len(trips) != entries:
        raise IllegalTape(f"{name} is entered {entries} times, so it must have as many trips, got {len(trips)}")


# Reads


def _check_read(tape: Tape, executions: Executions, k: int, read: Read) -> tuple[int, int] | None:
    """Check a read. Return the least and the greatest reference that it names, or None if it never does."""
    loop, index = read
    if not -1 <= loop < len(tape.loops):
        raise IllegalTape(f"read {k} must belong to a loop, or to -1, got loop {loop}")
    where = f"loop {loop}" if loop >= 0 else "code outside all loops"
    if isinstance(index, Affine):
        depth = len(executions.chain(loop))
        if not isinstance(index.strides, tuple) or not all(map(_is_integer, (index.base, *index.strides))):
            raise IllegalTape(f"read {k} must have an integer as base and a tuple of integers as strides, got {index}")
        if len(index.strides) != depth:
            raise IllegalTape(f"read {k} must have {depth} strides, as it is in {where}, got {len(index.strides)}")
        reach = executions.reach(read)
    elif _is_table(index):
        runs = executions.runs_of(loop)
        if len(index) != runs:
            raise IllegalTape(f"read {k} must name {runs} values, one for each execution of {where}, got {len(index)}")
        reach = (int(index.min()), int(index.max())) if runs else None
    else:
        raise IllegalTape(f"the index of read {k} must be an Affine or an array of int64, got {index!r}")
    least, most = -len(tape.constants), tape.inputs + executions.total - 1
    if reach is not None and not least <= reach[0] <= reach[1] <= most:
        raise IllegalTape(f"read {k} must name values from {least} to {most}, got {reach[0]} to {reach[1]}")
    return reach


def _check_that_lanes_have(
    executions: Executions, masked: list[int], read: Read, reach: tuple[int, int], name: str
) -> None:
    """Check that a read of values of a masked loop is within that loop, or within a loop that runs down from a count.

    Only there can the round that is read be one that the lane has run.
    """
    tape = executions.tape
    chain = executions.chain(read.loop)
    if any(tape.loops[j].down_from is not None for j in chain):
        return
    first, n = executions.first, tape.inputs
    for j in masked:
        low, high = (n + int(first[at]) for at in (tape.loops[j].start, tape.loops[j].stop))
        if j in chain or reach[1] < low or reach[0] >= high:
            continue
        if isinstance(read.index, Affine) or np.any((read.index >= low) & (read.index < high)):
            raise IllegalTape(f"{name} names values of loop {j}, which a lane need not have after that loop")


# Operands


class _Scope:
    """A walk over the operations, which knows at each place which values exist there."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.constants = len(tape.constants)
        self.first_op = self.constants + tape.inputs  # references shifted by `constants` are the places in `known`
        self.known = bytearray(b"\1" * self.first_op + bytes(len(tape.ops)))
        self.carried: list[list[tuple[int, Carried]]] = [[] for _ in tape.loops]
        for k, read in enumerate(tape.reads):
            if isinstance(read, Carried):
                self.carried[read.loop].append((k, read))
        self.open: list[int] = []  # the loops around this place, outermost first
        self.ended: set[int] = set()  # the masked loops that have ended on the path to this place
        self.next_loop = 0

    def check(self) -> None:
        path: list[int] = []  # the segments on the path to this place
        for k, (start, stop, parent, exit) in enumerate(self.tape.segments):
            while path and path[-1] != parent:
                self.forget(*self.tape.segments[path.pop()][:2])
            for i in range(start, stop):
                self.enter_loops_at(i)
                self.check_operation(i)
                self.leave_loops_at(i + 1)
            for ref in self.unsure(exit.used):
                self.require(ref, f"segment {k} ends with")
            path.append(k)

    def unsure(self, refs: Sequence[int]) -> Sequence[int]:
        """Return those of some references that are not known at once to be legal. Executions were checked before."""
        if {*map(type, refs)} != {int}:
            return refs
        some = np.array(refs)
        some = some[some < EXPANDED]
        near = np.abs(some) < len(self.known) - self.constants
        near[near] = some[near] >= -self.constants
        near[near] = np.frombuffer(self.known, np.uint8)[some[near] + self.constants] > 0
        return some[~near].tolist()  # type: ignore[no-any-return]

    def check_operation(self, i: int) -> None:
        op, args = self.tape.ops[i], self.tape.args[i]
        if op.arity is not None and len(args) != op.arity:
            raise IllegalTape(f"v{i} = {op.name} must have {op.arity} operands, got {len(args)}")
        for a in args:
            self.require(a, f"v{i} = {op.name} uses")
        if not isinstance(op, Assert):
            self.known[self.first_op + i] = 1

    def enter_loops_at(self, i: int) -> None:
        loops = self.tape.loops
        self.check_test_at(i)
        while self.next_loop < len(loops) and loops[self.next_loop].start == i:
            count = loops[self.next_loop].down_from
            if count is not None:
                self.require(count, f"loop {self.next_loop} counts")
            for k, carried in self.carried[self.next_loop]:
                self.require(carried.initial, f"carried value {k} begins with")
            self.open.append(self.next_loop)
            self.next_loop += 1
            self.check_test_at(i)

    def check_test_at(self, i: int) -> None:
        """Check the condition of the innermost loop around ``i``, if it is tested there."""
        until = self.tape.loops[self.open[-1]].until if self.open else None
        if until is not None and until.position == i:
            self.require(until.condition, f"loop {self.open[-1]} runs until")

    def leave_loops_at(self, i: int) -> None:
        """End the loops whose body stops at ``i``. If one may run no round, its values do not exist afterwards."""
        while self.open and self.tape.loops[self.open[-1]].stop == i:
            ended = self.open[-1]
            self.check_test_at(i)
            for k, carried in self.carried[ended]:
                self.require(carried.next, f"carried value {k} goes on with")
            self.open.pop()
            loop = self.tape.loops[ended]
            if loop.masked or np.any(np.asarray(loop.trips) == 0):
                self.forget(loop.start, loop.stop)
            if loop.masked:
                self.ended.add(ended)

    def forget(self, start: int, stop: int) -> None:
        self.ended = {k for k in self.ended if not start <= self.tape.loops[k].start < stop}
        self.known[self.first_op + start : self.first_op + stop] = bytes(stop - start)

    def require(self, ref: int, who: str) -> None:
        """Raise `IllegalTape` unless ``ref`` may be used at this place."""
        tape = self.tape
        if not isinstance(ref, (int, np.integer)):
            raise IllegalTape(f"{who} {ref!r}, which is no reference")
        if ref >= READS:
            k = ref - READS
            if k >= len(tape.reads):
                raise IllegalTape(f"{who} read {k}, but the tape has {len(tape.reads)}")
            loop = tape.reads[k].loop
            if loop >= 0 and loop not in self.open and not self.is_left(k):
                raise IllegalTape(f"{who} read {k} of loop {loop}, outside of that loop")
        elif not -self.constants <= ref < len(self.known) - self.constants or not self.known[ref + self.constants]:
            raise IllegalTape(f"{who} {ref}, which is not computed {_why(tape, ref)}")

    def is_left(self, k: int) -> bool:
        """Whether read k is a carried value of a masked loop that has ended in this body."""
        read = self.tape.reads[k]
        parent = self.tape.loops[read.loop].parent
        return isinstance(read, Carried) and read.loop in self.ended and (parent < 0 or parent in self.open)


def _why(tape: Tape, ref: int) -> str:
    """Return where a value would have to be computed, for the error."""
    s = ref - tape.inputs
    around = [*_loops_around(tape, s)] if s >= 0 else []
    skipped = [k for k in around if tape.loops[k].masked or np.any(np.asarray(tape.loops[k].trips) == 0)]
    also = f": loop {skipped[0]} may run no round" if skipped else ""
    return f"on every path to it{also}"


def _loops_around(tape: Tape, s: int) -> Iterator[int]:
    return (k for k, loop in enumerate(tape.loops) if loop.start <= s < loop.stop)
