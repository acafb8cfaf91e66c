"""Expand a tape with masked loops for given numbers of rounds.

Lanes run a masked loop different numbers of times, so there is no flat tape for all of them. There is one for each
choice of rounds. A lane is matched by the flat tape if it runs these rounds, and then both compute the same. This
defines what a masked loop means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Executions
from glassgrad.compiler.ir.tape import Outputs, Split, Tape, TapeBuilder
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["expand_counts"]


def expand_counts(tape: Tape, counts: Mapping[int, Sequence[int]]) -> Tape:
    """Return the flat tape of a lane that runs each masked loop a given number of times.

    Its branches are the tests of the loops with ``until``, comparisons of the counts of the others, and the asserts.

    Args:
        tape: a legal tape with one segment.
        counts: for each masked loop, the number of rounds that the lane completes in each entry. An entry has the
            number of the execution of the body around the loop.

    Raises:
        ValueError: a lane cannot complete so many rounds.
    """
    return _Expansion(tape, counts).write()


class _Expansion:
    """The flat tape while it is being written.

    Attributes:
        now: the flat references of the latest value of each operation, and of the values that loops carry.
        executed: the flat reference of each execution.
        round, body: the round of each loop, and the number of the present execution of its body.
    """

    def __init__(self, tape: Tape, counts: Mapping[int, Sequence[int]]) -> None:
        self.tape, self.counts = tape, counts
        self.executions = Executions(tape)
        self.builder = TapeBuilder(tape.names)
        self.builder.tape.constants = list(tape.constants)
        self.now: dict[int, int] = {}
        self.executed: dict[int, int] = {}
        self.round = [0] * len(tape.loops)
        self.body = [0] * (len(tape.loops) + 1)  # the last is the code outside all loops
        self.starts = [np.cumsum(trips) - trips for trips in map(self.executions.trips, range(len(tape.loops)))]
        self.inner: dict[int, list[int]] = defaultdict(list)
        self.carried: dict[int, list[tuple[int, Carried]]] = defaultdict(list)
        for k, loop in enumerate(tape.loops):
            self.inner[loop.parent].append(k)
        for k, read in enumerate(tape.reads):
            if isinstance(read, Carried):
                self.carried[read.loop].append((READS + k, read))

    def write(self) -> Tape:
        (segment,) = self.tape.segments
        assert isinstance(segment.exit, Outputs)
        self.builder.begin(-1)
        self.run(-1, 0, len(self.tape.ops))
        self.builder.end(segment.exit._replace(refs=tuple(map(self.value, segment.exit.refs))))
        return self.builder.tape

    def value(self, ref: int) -> int:
        n = self.tape.inputs
        if ref < n:
            return ref
        read = self.tape.read(ref) if ref >= READS else None
        if read is None or isinstance(read, Carried):
            return self.now[ref]
        loop, index = read
        if isinstance(index, Affine):
            rounds = [self.round[k] for k in self.executions.chain(loop)]
            named = index.base + sum(stride * t for stride, t in zip(index.strides, rounds))
        else:
            named = int(index[self.body[loop]])
        return named if named < n else self.executed[named]

    def guard(self, condition: int, outcome: bool, line: str = "") -> None:
        """Go on only where the condition has this outcome."""
        builder = self.builder
        k = len(builder.tape.segments)
        yes, no = (k + 1, None) if outcome else (None, k + 1)
        builder.end(Split(condition, yes, no, line))
        builder.begin(k)

    def run(self, loop: int, start: int, stop: int) -> None:
        """Run operations ``start`` to ``stop`` of the body of a loop."""
        for k in self.inner[loop]:
            inner = self.tape.loops[k]
            if start <= inner.start < stop:
                self.run_operations(start, inner.start)
                self.run_loop(k)
                start = inner.stop
        self.run_operations(start, stop)

    def run_operations(self, start: int, stop: int) -> None:
        tape, n = self.tape, self.tape.inputs
        for s in range(start, stop):
            op, args = tape.ops[s], tuple(map(self.value, tape.args[s]))
            if isinstance(op, Assert):
                self.guard(args[0], op.outcome, op.line)
                continue
            made = self.now[n + s] = self.builder.append(op, args)
            self.executed[n + int(self.executions.first[s]) + self.body[self.executions.home[s]]] = made

    def run_loop(self, k: int) -> None:
        loop, entry = self.tape.loops[k], self.body[self.tape.loops[k].parent]
        rounds = range(int(self.executions.trips(k)[entry]))
        if loop.masked:
            rounds = self.masked_rounds(k, entry)
        for number, t in enumerate(rounds):
            self.carry(k, first=not number)
            self.round[k], self.body[k] = t, int(self.starts[k][entry]) + t
            if loop.until is None:
                self.run(k, loop.start, loop.stop)
                continue
            self.run(k, loop.start, loop.until.position)
            last = t == rounds[-1]
            self.guard(self.value(loop.until.condition), not last)
            if not last:
                self.run(k, loop.until.position, loop.stop)
        if loop.down_from is not None:
            self.carry(k, first=not len(rounds))

    def masked_rounds(self, k: int, entry: int) -> range:
        """Return the rounds that the lane begins. Those of a loop with a count are guarded here."""
        loop, complete = self.tape.loops[k], int(self.counts[k][entry])
        most = loop.trips if loop.until is None else loop.trips - 1
        if not 0 <= complete <= most:
            raise ValueError(f"loop {k} completes from 0 to {most} rounds, got {complete}")
        if loop.until is not None:
            return range(complete + 1)
        count = self.value(loop.down_from) if loop.down_from is not None else 0
        if complete:
            self.guard(self.compare(ops.less, complete - 1, count), True)
        if complete < loop.trips:
            self.guard(self.compare(ops.greater_equal, complete, count), True)
        else:
            self.guard(self.compare(ops.greater_equal, loop.trips, count), True)
        return range(complete - 1, -1, -1)

    def compare(self, op: Op, t: int, count: int) -> int:
        return self.builder.append(op, (self.builder.constant(float(t)), count))

    def carry(self, k: int, first: bool) -> None:
        values = [self.value(one.initial if first else one.next) for _, one in self.carried[k]]
        self.now.update(zip([ref for ref, _ in self.carried[k]], values))
