"""The reference interpreter: it runs any tape over any number of lanes with NumPy alone.

Compiled code is judged by it, and it runs where llvmlite is missing. NumPy does the arithmetic. Every other operation
calls the table's value function lane by lane. At each branch the lanes are divided into two groups. Loops are run round
by round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import mul
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Executions, Read
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.core.op import Op, errstate
from glassgrad.core.row_ops import TAKE

__all__ = ["interpret"]

EXACT = {  # For these operations NumPy gives the same bits as Python.
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "sqrt": np.sqrt,
    "square": np.square,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
}


def interpret(tape: Tape, columns: Sequence[Any], lanes: int) -> tuple[list[Any], Any]:
    """Run ``tape``.

    A tape with loops runs as it stands. The results equal those of its expansion, bit for bit.

    Args:
        tape: a legal tape.
        columns: for each input, a float or an array of ``lanes`` doubles.
        lanes: the number of lanes.

    Returns:
        A list with an array of ``lanes`` doubles for each result, and an array with the number of each lane's path, or
        -1 where that path is not on the tape.
    """
    results = [np.full(lanes, np.nan) for _ in range(tape.outputs())]
    path = np.full(lanes, -1)
    arrays = [np.broadcast_to(np.asarray(x, dtype=float), (lanes,)) for x in columns]
    constants = [np.float64(x) for x in tape.constants]
    group = Group(constants, np.arange(lanes), {i: (x, 0) for i, x in enumerate(arrays)}, [])
    work: list[tuple[int, Group]] = [(0, group)]
    with np.errstate(all="ignore"), errstate(domain="nan"):
        loops = LoopRunner(tape, lanes) if tape.rolled else None
        while work:
            k, group = work.pop()
            first, stop, _, exit = tape.segments[k]
            if loops is None:
                n, value, put = tape.inputs, group.value, group.put
                for i in range(first, stop):
                    put(n + i, apply(tape.ops[i], [value(a) for a in tape.args[i]]))
            elif not loops.run_segment(group, first, stop):
                continue
            if isinstance(exit, Outputs):
                for result, ref in zip(results, exit.refs):
                    result[group.where] = group.value(ref) if loops is None else loops.value(group, ref)
                path[group.where] = exit.path
                continue
            condition = group.value(exit.condition) if loops is None else loops.value(group, exit.condition)
            yes = np.broadcast_to(condition, group.where.shape) != 0
            if yes.all() or not yes.any():  # the lanes stay together
                child = exit.yes if yes.all() else exit.no
                if child is not None and len(group.where):
                    work.append((child, group))
                continue
            for child, side in ((exit.no, ~yes), (exit.yes, yes)):
                if child is not None:
                    work.append((child, group.part(side)))
    return results, path


class Group:
    """Lanes that have gone the same way so far, and their values.

    A value is stored with the number of divisions that its lanes had gone through. The later divisions are applied when
    the value is used.

    Attributes:
        constants: the constants of the tape.
        where: the numbers of the lanes.
        known: the values, by reference.
        sides: for each division, which of the lanes went this way.
    """

    def __init__(self, constants: Any, where: Any, known: dict[int, tuple[Any, int]], sides: list[Any]) -> None:
        self.constants, self.where, self.known, self.sides = constants, where, known, sides

    def value(self, ref: int) -> Any:
        if ref < 0:
            return self.constants[~ref]
        x, seen = self.known[ref]
        if seen < len(self.sides):
            for side in self.sides[seen:]:
                x = x[side]
            self.known[ref] = x, len(self.sides)
        return x

    def put(self, ref: int, x: Any) -> None:
        self.known[ref] = np.broadcast_to(x, self.where.shape), len(self.sides)

    def keep(self, side: Any) -> None:
        """Go on with some of the lanes only."""
        self.where = self.where[side]
        self.sides.append(side)

    def part(self, side: Any) -> Group:
        """Return a group of some of the lanes."""
        return Group(self.constants, self.where[side], dict(self.known), [*self.sides, side])


class LoopRunner:
    """Runs the segments of a tape with loops.

    The latest value of each operation is kept, and the values that reads name are recorded: ``records`` has a row for
    each of them, with all lanes.
    """

    def __init__(self, tape: Tape, lanes: int) -> None:
        self.tape = tape
        self.executions = Executions(tape)
        self.first: list[int] = self.executions.first.tolist()
        self.home: list[int] = self.executions.home.tolist()
        named = np.zeros(self.executions.total, bool)
        for read in tape.reads:
            if isinstance(read, Read):
                refs = self.executions.index(read)
                named[refs[refs >= tape.inputs] - tape.inputs] = True
        results = np.array([a for segment in tape.segments for a in segment.exit.used if a >= EXPANDED], np.int64)
        named[results - EXPANDED - tape.inputs] = True
        self.rows = np.cumsum(named, dtype=np.int32) - 1  # by execution: its row, or -1
        self.rows[~named] = -1
        self.recorded = [bool(named[a:b].any()) for a, b in pairwise(self.first)]
        self.records = np.empty((int(np.count_nonzero(named)), lanes))
        self.carried: dict[int, list[tuple[int, Carried]]] = defaultdict(list)
        for k, one in enumerate(tape.reads):
            if isinstance(one, Carried):
                self.carried[one.loop].append((READS + k, one))
        self.inner: dict[int, list[int]] = defaultdict(list)
        for k, loop in enumerate(tape.loops):
            self.inner[loop.parent].append(k)
        tables = {k: loop.trips for k, loop in enumerate(tape.loops) if isinstance(loop.trips, np.ndarray)}
        self.starts = {k: (np.cumsum(trips) - trips).tolist() for k, trips in tables.items()}
        self.body = [-1] * len(tape.loops) + [0]  # the number of the present execution of each body; of -1, it is 0
        self.round = [0] * len(tape.loops)  # the round since the loop was entered

    def run_segment(self, group: Group, start: int, stop: int) -> bool:
        """Run a segment. Return whether any lanes are left."""
        return self.run(group, start, stop, -1)

    def run(self, group: Group, start: int, stop: int, around: int) -> bool:
        """Run operations ``start`` to ``stop`` of the body of loop ``around``. Return whether any lanes are left."""
        for k in self.inner[around]:
            loop = self.tape.loops[k]
            if not start <= loop.start < stop:
                continue
            run = self.run_masked if loop.masked else self.run_loop
            if not self.run_operations(group, start, loop.start) or not run(group, k):
                return False
            start = loop.stop
        return self.run_operations(group, start, stop)

    def run_loop(self, group: Group, k: int) -> bool:
        loop = self.tape.loops[k]
        entry = self.body[loop.parent]
        trips = loop.trips[entry] if isinstance(loop.trips, np.ndarray) else loop.trips
        for t in range(trips):
            values = [self.value(group, one.next if t else one.initial) for _, one in self.carried[k]]
            for (ref, _), x in zip(self.carried[k], values):
                group.put(ref, x)
            self.begin_round(k, t, entry)
            if not self.run(group, loop.start, loop.stop, k):
                return False
        return True

    def begin_round(self, k: int, t: int, entry: int) -> None:
        trips = self.tape.loops[k].trips
        self.round[k] = t
        self.body[k] = t + (self.starts[k][entry] if isinstance(trips, np.ndarray) else entry * trips)

    def run_masked(self, group: Group, k: int) -> bool:
        """Run a loop whose lanes have different numbers of rounds. Each round runs with the lanes that are in it.

        ``state`` has the values that the loop carries, for all lanes of the group.
        """
        loop, lanes, entry = self.tape.loops[k], len(group.where), self.body[self.tape.loops[k].parent]
        carried = self.carried[k]
        state = [np.array(np.broadcast_to(self.value(group, one.initial), lanes)) for _, one in carried]
        matched = np.ones(lanes, bool)
        active = matched.copy()  # the lanes that have neither left nor failed
        counts: Any = loop.trips
        rounds: Iterable[int] = range(loop.trips)
        if loop.down_from is not None:
            counts = np.broadcast_to(self.value(group, loop.down_from), lanes)
            rounds = reversed(range(loop.trips))
            matched &= counts <= loop.trips
        for t in rounds:
            inside = active & matched & (t < counts)
            if not inside.any():
                continue
            members, inner = np.flatnonzero(inside), group.part(inside)
            for (ref, _), x in zip(carried, state):
                inner.put(ref, x[inside])
            self.begin_round(k, t, entry)
            place = loop.start if loop.until is None else loop.until.position
            alive = place == loop.start or self.run(inner, loop.start, place, k)
            matched[members] = False  # those that come through the round are matched
            if alive and loop.until is not None:
                stays = np.broadcast_to(self.value(inner, loop.until.condition), inner.where.shape) != 0
                left = np.searchsorted(group.where, inner.where[~stays])
                matched[left], active[left] = True, False
                inner.keep(stays)
                alive = bool(stays.any())
            if alive and self.run(inner, place, loop.stop, k):
                through = np.searchsorted(group.where, inner.where)
                matched[through] = True
                for x, (_, one) in zip(state, carried):
                    x[through] = self.value(inner, one.next)
        if loop.until is not None:
            matched &= ~active
        group.keep(matched)
        for (ref, _), x in zip(carried, state):
            group.put(ref, x[matched])
        return bool(matched.any())

    def run_operations(self, group: Group, start: int, stop: int) -> bool:
        n, tape = self.tape.inputs, self.tape
        for i in range(start, stop):
            op, xs = tape.ops[i], [self.value(group, a) for a in tape.args[i]]
            if isinstance(op, Assert):
                holds = (np.broadcast_to(xs[0], group.where.shape) != 0) == op.outcome
                if not holds.all():
                    group.keep(holds)
                    if not holds.any():
                        return False
                continue
            group.put(n + i, apply(op, xs))
            if self.recorded[i] and (row := self.rows[self.first[i] + self.body[self.home[i]]]) >= 0:
                self.records[row, group.where] = group.value(n + i)
        return True

    def value(self, group: Group, ref: int) -> Any:
        read = self.tape.read(ref) if ref >= READS else None
        if not isinstance(read, Read):
            return group.value(ref)
        if isinstance(read.index, Affine):
            rounds = [self.round[k] for k in self.executions.chain(read.loop)]
            named = read.index.base + sum(map(mul, read.index.strides, rounds))
        else:
            named = int(read.index[self.body[read.loop]])
        n = self.tape.inputs
        return group.value(named) if named < n else self.records[self.rows[named - n], group.where]


def apply(op: Op, args: Sequence[Any]) -> Any:
    """Compute ``op`` lane by lane."""
    if op is TAKE:
        return _take(args[0], args[1:])
    exact = EXACT.get(op.name)
    if exact is not None and op.home is None:
        return exact(*args).astype(float, copy=False)
    assert op.value is not None
    function = np.frompyfunc(op.value, len(args), 1)
    columns = np.broadcast_arrays(*[np.asarray(x) for x in args])
    return np.asarray(function(*[column.astype(object) for column in columns]), dtype=object).astype(float)


def _take(place: Any, rows: Sequence[Any]) -> Any:
    """Compute `TAKE` lane by lane."""
    inside = (place >= 0) & (place < len(rows))
    number = np.where(inside, place, 0).astype(int)
    if not rows:
        return np.full(np.shape(place), np.nan)
    found = np.full(np.shape(place), np.nan)
    for k, row in enumerate(rows):
        found = np.where(inside & (number == k), row, found)
    return found
