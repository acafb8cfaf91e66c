"""Take loops apart so that the rounds of each part are independent of one another.

A loop over the rows of a data set computes the same for each row, and adds some of it up. The sums depend on the rounds
before, all the rest does not. So the loop becomes three kinds of loops, one after another:

* A loop whose rounds are independent: no round uses a value of an earlier one.
* Sums that are accumulated from round to round, ``s = s + x``, become a loop over the sums, with a loop over the rounds
  in it. Its rounds are independent, and each sum adds up in the order that it always had.
* What is left is a loop over the rounds as before. If there are independent rounds in it now, it is taken apart again.

No operation changes, and each still comes after those whose values it uses. So all results keep their bits. Code for
one lane can compute several independent rounds at a time, as the lanes of vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.expand import positions
from glassgrad.compiler.ir.loops import READS, Carried, Executions
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.rolling.finder import find_loops
from glassgrad.compiler.rolling.flat import OPERANDS, Flat, tree_of
from glassgrad.compiler.rolling.nodes import Node, Once, Repeat, placed
from glassgrad.compiler.rolling.strings import FAR
from glassgrad.compiler.rolling.writing import written
from glassgrad.core import ops

__all__ = ["apart"]

LEAST = 8  # Loops of fewer rounds stay as they are.
# If few sums, or anything else, go from round to round, each round waits for the one before. Meanwhile the processor
# does about this many instructions, which are then not worth a loop of their own.
WORK = 16
CHEAP = {ops.add, ops.sub, ops.mul, ops.neg, ops.square, ops.abs, ops.where, ops.relu, ops.maximum, ops.minimum}
CHEAP |= {ops.less, ops.less_equal, ops.greater, ops.greater_equal, ops.equal, ops.not_equal, ops.identity}
DEAR = 16  # Any other operation takes about this many instructions.
SHARE = 0.5  # A loop is taken apart if at least this share of its operations has independent rounds or sums up.


def apart(tape: Tape) -> Tape:
    """Return a tape with the same operations, with the outermost loops of ``tape`` taken apart where that is possible.

    The result is ``tape`` itself if there is no such loop.
    """
    executions = Executions(tape)
    if not any(_may_come_apart(tape, executions, k) for k in range(len(tape.loops))):
        return tape
    place = positions(tape, executions)
    flat = Flat.expanded(tape, executions, place)
    codes = flat.codes()
    nodes: list[Node] = []
    starts, changed = [], False
    for segment in tape.segments:
        starts.append(len(nodes))
        for node in tree_of(tape, executions, place, segment.start, segment.stop):
            rows = None if isinstance(node, Once) else _rows(node)
            parts = None if rows is None else _Rounds(flat, codes, rows).parts()
            changed |= parts is not None
            nodes += [node] if parts is None else parts
    return written(flat, nodes, [*starts, len(nodes)]) if changed else tape


def _may_come_apart(tape: Tape, executions: Executions, k: int) -> bool:
    """Whether an outermost loop may have enough independent rounds, judging by the values that it carries only.

    The time does not depend on the number of rounds.
    """
    loop, n = tape.loops[k], tape.inputs
    if loop.parent >= 0 or executions.runs[k] < LEAST:
        return False
    runs = np.diff(executions.first).tolist()
    tied = _tied_by_carried(tape, k)
    apart = 0  # how often operations run that may be independent, or may be sums that are accumulated
    for i in range(loop.start, loop.stop):
        if n + i not in tied or (tape.ops[i] is ops.add and len(tied.intersection(tape.args[i])) == 1):
            apart += runs[i]
    return bool(apart >= SHARE * sum(runs[loop.start : loop.stop]))


def _tied_by_carried(tape: Tape, k: int) -> set[int]:
    """Return the references in loop k that depend on an earlier round, because they use values that it carries.

    A loop inside it begins with such a value, and goes on with one, or its carried value does not count.
    """
    loop, n = tape.loops[k], tape.inputs
    body = range(n + loop.start, n + loop.stop)
    carried = {READS + j: read for j, read in enumerate(tape.reads) if isinstance(read, Carried)}
    first = {ref for ref, read in carried.items() if read.loop == k and read.next in body}
    inner = {
        ref: read
        for ref, read in carried.items()
        if read.loop > k and loop.start <= tape.loops[read.loop].start < loop.stop
    }
    while True:
        tied, waiting = set(first), dict(inner)
        for ref in body:
            for one, read in [*waiting.items()]:
                if tape.loops[read.loop].start == ref - n:
                    del waiting[one]
                    if read.initial in tied:
                        tied.add(one)
            if not tied.isdisjoint(tape.args[ref - n]):
                tied.add(ref)
        wrong = [ref for ref, read in inner.items() if ref in tied and read.next not in tied]
        if not wrong:
            return tied
        for ref in wrong:
            del inner[ref]


def _rows(loop: Repeat) -> Any:
    """Return the operations of each round, by their positions. None if there are few rounds, or they differ."""
    trips = int(loop.trips[0])
    if len(loop.trips) != 1 or trips < LEAST or not all(_alike(node, trips) for node in loop.body):
        return None
    every = np.sort(np.concatenate([*_positions(loop.body)]))
    return every.reshape(trips, -1)


def _alike(node: Node, rounds: int) -> bool:
    """Whether a node runs the same in each of some rounds around it."""
    if isinstance(node, Once):
        return len(node.at) % rounds == 0
    if len(node.trips) % rounds:
        return False
    trips = node.trips.reshape(rounds, -1)
    return bool((trips == trips[0]).all()) and all(_alike(child, rounds) for child in node.body)


def _positions(nodes: Sequence[Node]) -> list[Any]:
    found = []
    for node in nodes:
        found += [node.at] if isinstance(node, Once) else _positions(node.body)
    return found


class _Rounds:
    """The operations of a loop, as rows of a table.

    Attributes:
        rows: the positions of the operations of each round.
        column: for each operand in a round, the place of its operation in the round.
        operand: whether it is the first operand of its operation, the second, …
        source: for each operand in each round, the place in a round of the operation that computes it, or -1 if that is
            not in the loop.
        before: how many rounds before that operation runs.
    """

    def __init__(self, flat: Flat, codes: Any, rows: Any) -> None:
        self.flat, self.codes, self.rows = flat, codes, rows
        rounds, size = rows.shape
        counts = flat.counts[rows[0]]
        self.column = np.repeat(np.arange(size), counts)
        self.operand = np.arange(len(self.column)) - np.repeat(np.cumsum(counts) - counts, counts)
        refs = flat.refs[flat.starts[rows[:, self.column]] + self.operand]
        place = np.full(len(flat) + 1, -1, np.int64)  # the last is for references that are no operations
        place[rows.ravel()] = np.arange(rows.size)
        where = place[np.where(refs >= flat.inputs, refs - flat.inputs, -1)]
        self.source = np.where(where >= 0, where % size, -1)
        self.before = np.where(where >= 0, np.arange(rounds)[:, None] - where // size, 0)

    def parts(self) -> list[Node] | None:
        """Return the loops that it is taken apart to, or None if too little of it has independent rounds."""
        free = ~self._tied()
        sums = self._sums(free)
        summed = np.zeros(len(free), bool)
        summed[[c for _, chain in sums for c in chain]] = True
        if (free | summed).sum() < SHARE * len(free) or not free.any():
            return None
        waits = (bool(sums) and len(sums) < LEAST) or not (free | summed).all()
        if waits and self._work(free) < WORK:
            return None
        found: list[Node] = [self._loop(np.flatnonzero(free)), *self._summed(sums)]
        left = np.flatnonzero(~free & ~summed)
        if len(left):
            again = _Rounds(self.flat, self.codes, self.rows[:, left]).parts()
            found += [self._loop(left)] if again is None else again
        return found

    def _work(self, chosen: Any) -> int:
        """Estimate how many instructions some operations of a round take."""
        flat = self.flat
        return sum([1 if flat.ops[k] in CHEAP else DEAR for k in flat.op[self.rows[0, chosen]].tolist()])

    def _tied(self) -> Any:
        """Say for each operation of a round whether it depends on an earlier round."""
        tied = np.zeros(self.rows.shape[1], bool)
        tied[self.column[(self.before > 0).any(axis=0)]] = True
        if not tied.any():
            return tied
        same = (self.source == self.source[0]).all(axis=0)
        known: list[bool] = tied.tolist()
        for q, (c, s, fixed) in enumerate(zip(self.column.tolist(), self.source[0].tolist(), same.tolist())):
            if not known[c]:
                several = {s} if fixed else set(self.source[:, q].tolist())
                known[c] = any(known[s] for s in several if s >= 0)
        return np.array(known)

    def _sums(self, free: Any) -> list[tuple[int, list[int]]]:
        """Return the sums that are only accumulated.

        For each: which operand of its additions is the sum so far, and the additions in a round, in order.
        """
        flat = self.flat
        tied = (self.source >= 0) & ~free[np.maximum(self.source, 0)]
        chosen = np.flatnonzero(tied.any(axis=0))
        tied_operands = np.bincount(self.column[chosen], minlength=len(free))
        named = np.unique((np.arange(tied.shape[1]) * len(free) + self.source)[tied]) % len(free)
        uses = np.bincount(named, minlength=len(free))
        follows: dict[int, int] = {}  # from an addition to the one that adds to its sum
        side: dict[int, int] = {}
        starts: list[int] = []
        for q in chosen.tolist():
            c, s, before = int(self.column[q]), int(self.source[1, q]), int(self.before[1, q])
            if tied_operands[c] != 1 or uses[s] != 1 or flat.ops[int(flat.op[self.rows[0, c]])] is not ops.add:
                continue
            later = slice(before, None)  # the first sum may come from anywhere
            if before > 1 or (self.source[later, q] != s).any() or (self.before[later, q] != before).any():
                continue
            follows[s], side[c] = c, int(self.operand[q])
            if before:
                starts.append(c)
        found = []
        for c in starts:
            chain = [c]
            while (after := follows.get(chain[-1], -1)) > chain[-1]:
                chain.append(after)
            if after == c and len({side[k] for k in chain}) == 1:
                found.append((side[c], chain))
        return found

    def _loop(self, columns: Any) -> Repeat:
        """Return the loop over the rounds of some operations."""
        rows = self.rows[:, columns]
        inner = find_loops(self.codes[rows[0]], *self._first(columns))
        return Repeat(np.array([len(rows)]), placed(inner, rows, Once))

    def _first(self, columns: Any) -> tuple[Any, Any]:
        """Return the lags and references of some operations of a round, as `find_loops` needs them."""
        flat, middle = self.flat, len(self.rows) // 2
        at = self.rows[middle, columns]
        place = np.full(self.rows.shape[1] + 1, -1, np.int64)
        place[columns] = np.arange(len(columns))
        size = min(OPERANDS, int(flat.counts[at].max(initial=0)))
        lags, refs = np.full((size, len(columns)), FAR), np.full((size, len(columns)), -1)
        for k in range(size):
            has = flat.counts[at] > k
            refs[k, has] = flat.refs[flat.starts[at[has]] + k]
            some = (self.operand == k) & (place[self.column] >= 0)
            here, source = place[self.column[some]], self.source[middle][some]
            near = (source >= 0) & (self.before[middle][some] == 0) & (place[source] >= 0)
            lags[k, here[near]] = here[near] - place[source[near]]
        return lags, refs

    def _summed(self, sums: Sequence[tuple[int, list[int]]]) -> list[Node]:
        """Return a loop over the sums of each kind."""
        kinds: dict[tuple[int, int], list[list[int]]] = {}
        for side, chain in sums:
            kinds.setdefault((len(chain), side), []).append(chain)
        found: list[Node] = []
        for (length, _), some in sorted(kinds.items()):
            at = self.rows[:, np.array(some)].transpose(1, 0, 2).ravel()
            inner = Repeat(np.full(len(some), length * len(self.rows)), [Once(at)])
            found.append(Repeat(np.array([len(some)]), [inner]))
        return found
