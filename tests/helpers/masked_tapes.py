"""Tapes whose loops run different numbers of times in each lane, and an interpreter of one lane.

`newton`, `decay` and `nested` are written by hand. `random_masked_tape` makes a tape from a `random.Random`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Executions, Loop, Read, Until
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops
from helpers.hand_tapes import tape_of

__all__ = ["decay", "nested", "newton", "random_masked_columns", "random_masked_tape", "rounds_of"]

NUMBERS = [0.0, 1.0, -1.0, 0.5, 3.0, 2.0, 7.0, 5.0, -2.5, np.inf, -np.inf, np.nan, 1e30]


def newton(most: int = 40) -> Tape:
    """``while abs(y * y - x) > 1e-12 * x: y = (y + x / y) / 2``, from y = x, with the derivative by a reverse loop.

    Results: y, its derivative with respect to x, and the number of rounds.
    """
    y, count, a, b = (READS + k for k in range(4))
    before = READS + 4  # y in the round that the reverse loop is at
    body = [
        (ops.square, y),
        (ops.sub, 1, 0),
        (ops.mul, 0, ~0),  # the bound
        (ops.maximum, 2, 3),  # placeholders keep the numbers of operations round
        (ops.sub, ~1, 2),  # -(y*y - x)
        (ops.maximum, 2, 5),
        (ops.greater, 6, 3),  # the condition
        (ops.div, 0, y),
        (ops.add, y, 8),
        (ops.mul, 9, ~2),  # the next y
        (ops.add, count, ~3),
        # the reverse loop: y' = (y + x / y) / 2, so dy = a * (1 - x / y²) / 2, and b += a / (2 y)
        (ops.mul, a, ~2),
        (ops.div, 12, before),
        (ops.div, 0, before),
        (ops.div, 14, before),
        (ops.sub, ~3, 15),
        (ops.mul, 12, 16),
        (ops.add, b, 13),
        (ops.add, b, a),  # after it: y begins as x
    ]
    loops = [Loop(0, 11, most, -1, Until(7, 7)), Loop(11, 18, most, -1, None, count)]
    tape = tape_of(["x"], body, loops, [], [y, 19, count], [1e-12, 0.0, 0.5, 1.0])
    # y before round t is y after round t - 1, and x for t = 0; a table says so for each round
    first = [0, *(1 + 9 * most + t for t in range(most - 1))]
    tape.reads = [
        Carried(0, 0, 10),
        Carried(0, ~1, 11),
        Carried(1, ~3, 17),
        Carried(1, ~1, 18),
        Read(1, np.array(first, np.int64)),
    ]
    return tape


def decay(most: int = 60) -> Tape:
    """``for … : x = x * a; if x < 1: break; s = s + x``, where the test is in the middle of the body, and ds/dx.

    Results: x and s when the lane leaves, the sum's derivative with respect to the first x, and the rounds completed.
    """
    x, s, count, da, db = (READS + k for k in range(5))
    body = [
        (ops.mul, x, 1),
        (ops.greater_equal, 2, ~0),
        (ops.add, s, 2),
        (ops.add, count, ~0),
        (ops.add, da, ~0),  # backwards: the adjoint of x after the round, and that of s, which is 1
        (ops.mul, 6, 1),
        (ops.add, db, 6),
    ]
    loops = [Loop(0, 4, most, -1, Until(2, 3)), Loop(4, 7, most, -1, None, count)]
    reads = [Carried(0, 0, 2), Carried(0, ~1, 4), Carried(0, ~1, 5), Carried(1, ~1, 7), Carried(1, ~1, 8)]
    return tape_of(["x", "a"], body, loops, reads, [x, s, da, count], [1.0, 0.0])


def nested(rounds: int = 4, most: int = 9) -> Tape:
    """A plain loop around `decay` with a loop of three rounds in it, and both back again.

    In each round the sum of the inner sums grows, and x starts again as x + sum. The results are the sum, the sum of
    all records as the reverse loops read them, and the product of the counts that they read.
    """
    x, s, n, total, start, u, back, seen = (READS + k for k in range(8))
    record, rounds_run, product = READS + 8, READS + 9, READS + 10
    body = [
        (ops.mul, x, 1),
        (ops.greater_equal, 2, ~0),
        (ops.sin, u),  # three times
        (ops.add, s, 4),
        (ops.add, n, ~0),
        (ops.add, total, s),
        (ops.add, start, s),
        (ops.add, n, ~1),  # the count, to be recorded
        (ops.add, seen, record),  # backwards
        (ops.add, back, seen),
        (ops.mul, product, rounds_run),
    ]
    loops = [
        Loop(0, 8, rounds, -1),
        Loop(0, 5, most, 0, Until(2, 3)),
        Loop(2, 3, 3, 1),
        Loop(8, 11, rounds, -1),
        Loop(8, 9, most, 3, None, rounds_run),
    ]
    tape = tape_of(["x", "a"], body, loops, [], [7, 11, 12], [1.0, 0.0])
    tape.reads = [
        Carried(1, start, 2),
        Carried(1, ~1, 5),
        Carried(1, ~1, 6),
        Carried(0, ~1, 7),
        Carried(0, 0, 8),
        Carried(2, 2, 4),
        Carried(3, ~1, 11),
        Carried(4, ~1, 10),
    ]
    first = Executions(tape).first
    tape.reads += [
        Read(4, Affine(2 + int(first[3]) + (rounds - 1) * most, (-most, 1))),
        Read(3, Affine(2 + int(first[7]) + rounds - 1, (-1,))),
        Carried(3, ~0, 12),
    ]
    return tape


BINARY = [ops.add, ops.sub, ops.mul, ops.maximum, ops.less]
UNARY = [ops.neg, ops.square, ops.sin, ops.tanh, ops.sqrt, ops.exp]


class _Random:
    """A random tape while it is being made. A reference is `scope`'s to use where it is valid."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.tape = Tape(["x", "y", "z"])
        self.tape.constants = [0.0, 1.0, 0.5, -2.0, 8.0]
        self.inner: tuple[int, int, list[int]] | None = None  # of an inner loop: its trips, the count, its operations
        self.placed: list[tuple[int, int, int, list[int]]] = []  # reads: reference, loop, operation, sizes of the nest

    def op(self, op: Any, *args: int) -> int:
        self.tape.ops.append(op)
        self.tape.args.append(args)
        return self.tape.inputs + len(self.tape.ops) - 1

    def some(self, scope: list[int], least: int = 0) -> list[int]:
        """Append some operations, and return the scope with them."""
        rng, scope = self.rng, [*scope]
        for _ in range(rng.randint(least, 3)):
            op = rng.choice(BINARY + UNARY)
            recent = [*scope, *scope[-3:] * 2]
            scope.append(self.op(op, *[rng.choice(recent) for _ in range(op.arity or 0)]))
        return scope

    def read(self, read: Any) -> int:
        self.tape.reads.append(read)
        return READS + len(self.tape.reads) - 1

    def record(self, loop: int, named: int, sizes: list[int]) -> int:
        """Return a read of an operation in a nest of loops with ``sizes`` rounds. `make` fills it in."""
        self.placed.append((self.read(None), loop, named, sizes))
        return self.placed[-1][0]

    def carry(self, loop: int, *initial: int) -> list[int]:
        return [self.read(Carried(loop, one, one)) for one in initial]

    def go_on(self, ref: int, following: int) -> None:
        reads = self.tape.reads
        reads[ref - READS] = reads[ref - READS]._replace(next=following)

    def open(self, parent: int, trips: int) -> int:
        start = len(self.tape.ops)
        self.tape.loops.append(Loop(start, start, trips, parent))
        return len(self.tape.loops) - 1

    def close(self, loop: int, **more: Any) -> None:
        loops = self.tape.loops
        loops[loop] = loops[loop]._replace(stop=len(self.tape.ops), **more)

    def sum_up(self, parent: int, scope: list[int]) -> int:
        """Write a plain loop, and return a value of it."""
        k = self.open(parent, self.rng.randint(1, 3))
        (c,) = self.carry(k, self.rng.choice(scope))
        inside = self.some([*scope, c], 1)
        self.go_on(c, inside[-1])
        self.close(k)
        return inside[-1]

    def until(self, parent: int, scope: list[int], most: int, nest: bool = True) -> tuple[list[int], int, list[int]]:
        """Write a loop with ``until``. Return what it carries, its counter, and the operations in its body."""
        rng, loop = self.rng, self.open(parent, most)
        n, tape = self.tape.inputs, self.tape
        counter, *carried = self.carry(loop, ~0, *[rng.choice(scope) for _ in range(rng.randint(1, 3))])
        first = len(tape.ops)
        inside = self.some([*scope, *carried, counter])
        if rng.random() < 0.3:
            inside.append(self.sum_up(loop, inside))
        bound = rng.choice([0, 1, 2, ~4, rng.choice(inside)])
        condition = self.op(ops.less, counter, bound)
        if rng.random() < 0.3:
            condition = self.op(ops.mul, condition, self.op(ops.greater, self.op(ops.abs, inside[-1]), ~2))
        position = len(tape.ops)
        place = rng.choice(["start", "middle", "middle", "end"])
        if place == "start":
            (flag,) = self.carry(loop, ~1)
            self.go_on(flag, condition)
            position, condition = first, flag
        if rng.random() < 0.3:
            self.op(Assert(True, "f.py:1"), self.op(ops.less, inside[-1], ~4))
        if nest and rng.random() < 0.4:
            trips = rng.randint(1, 3)
            carried_inside, count, operations = self.until(loop, inside, trips, False)
            inside += [*carried_inside, self.op(ops.add, count, ~0)]
            self.inner = trips, inside[-1], operations
        if rng.random() < 0.3:
            inside.append(self.sum_up(loop, inside))
        inside = self.some(inside, 1)
        one = self.op(ops.add, counter, ~1)
        if rng.random() < 0.3 and carried:
            inside.append(self.op(ops.add, inside[-1], carried[0]))
        self.close(loop, until=Until(len(tape.ops) if place == "end" else position, condition))
        self.go_on(counter, one)
        for c in carried:
            self.go_on(c, rng.choice(inside[-4:]))
        direct = [
            s
            for s in range(first, len(tape.ops))
            if not any(k.start <= s < k.stop for k in tape.loops[loop + 1 :]) and not isinstance(tape.ops[s], Assert)
        ]
        return carried, counter, [n + s for s in direct]

    def make(self) -> Tape:
        rng, tape = self.rng, self.tape
        most, rounds = rng.randint(1, 9), rng.choice([0, 1, 2, 3])
        scope = self.some([0, 1, 2, ~1, ~2, ~3])
        around = self.open(-1, rounds) if rounds else -1
        outer = self.carry(around, rng.choice(scope)) if rounds else []
        inside = self.some([*scope, *outer])
        carried, counter, body = self.until(around, inside, most)
        ran = self.op(ops.add, counter, ~0)
        after = self.some([*inside, *carried, ran], 1)
        if rounds:
            self.go_on(outer[0], after[-1])
            self.close(around)
        results = [ran, after[-1]] + ([] if rounds else carried)
        # backwards
        scope = [0, 1, 2, ran, after[-1]]
        around = self.open(-1, rounds) if rounds else -1
        outer = self.carry(around, rng.choice(scope)) if rounds else []
        inside = self.some([*scope, *outer])
        nest = [rounds] if rounds else []
        count = self.record(around, ran, nest)
        loop = self.open(around, most)
        sums = self.carry(loop, *[rng.choice(inside) for _ in range(rng.randint(1, 2))])
        records = [self.record(loop, s, [*nest, most]) for s in rng.sample(body, min(len(body), rng.randint(1, 3)))]
        body_scope = self.some([*inside, *sums, *records, *records], 1)
        if rng.random() < 0.3:
            body_scope.append(self.sum_up(loop, body_scope))
        if self.inner is not None:
            trips, ran, body = self.inner
            count_inside = self.record(loop, ran, [*nest, most])
            inner = self.open(loop, trips)
            (total,) = self.carry(inner, rng.choice(body_scope))
            records = [self.record(inner, s, [*nest, most, trips]) for s in rng.sample(body, min(len(body), 2))]
            self.go_on(total, self.some([*body_scope[-2:], total, *records], 1)[-1])
            self.close(inner, down_from=count_inside)
            body_scope.append(total)
        for c in sums:
            self.go_on(c, self.op(rng.choice([ops.add, ops.mul]), c, rng.choice(body_scope[-3:])))
        self.close(loop, down_from=count)
        final = self.op(ops.add, sums[0], sums[-1])
        if rounds:
            self.go_on(outer[0], final)
            self.close(around)
        first = Executions(tape).first
        for ref, reader, named, sizes in self.placed:
            base = tape.inputs + int(first[named - tape.inputs])
            steps = [math.prod(sizes[k + 1 :]) for k in range(len(sizes))]
            if rounds:  # the plain loop around counts up here, too
                base += steps[0] * (rounds - 1)
                steps[0] *= -1
            tape.reads[ref - READS] = Read(reader, Affine(base, tuple(steps)))
        tape.segments = [Segment(0, len(tape.ops), -1, Outputs((*results, final)))]
        return tape


def random_masked_tape(rng: random.Random) -> Tape:
    """Return a tape with a loop that ends at a test, maybe in another loop, and a loop that reads it backwards."""
    return _Random(rng).make()


def random_masked_columns(rng: random.Random, lanes: int) -> list[Any]:
    """Return inputs for such a tape. All of them are exact as float32."""
    return [
        np.array([rng.choice(NUMBERS) if rng.random() < 0.4 else rng.uniform(-3, 6) for _ in range(lanes)])
        .astype(np.float32)
        .astype(float)
        for _ in range(3)
    ]


def rounds_of(tape: Tape, inputs: Sequence[float]) -> tuple[list[float] | None, dict[int, list[int]]]:
    """Run one lane step by step on Python floats.

    Returns:
        The results, or None if the lane is unmatched, and for each masked loop how many rounds it completed in each
        entry, by number; 0 where it was not entered.
    """
    lane = _Lane(tape, inputs)
    matched = lane.run(-1, 0, len(tape.ops))
    (segment,) = tape.segments
    return ([lane.value(ref) for ref in segment.exit.used] if matched else None), lane.counts


class _Lane:
    def __init__(self, tape: Tape, inputs: Sequence[float]) -> None:
        self.tape, self.executions = tape, Executions(tape)
        self.now: dict[int, float] = dict(enumerate(inputs))
        self.all: dict[int, float] = {}
        self.t = [0] * len(tape.loops)
        self.e = [0] * (len(tape.loops) + 1)
        self.counts = {k: [0] * self.executions.entries[k] for k, loop in enumerate(tape.loops) if loop.masked}

    def value(self, ref: int) -> float:
        if ref < 0:
            return self.tape.constants[~ref]
        read = self.tape.reads[ref - READS] if ref >= READS else None
        if not isinstance(read, Read):
            return self.now[ref]
        named = int(self.executions.index(read)[self.e[read.loop]])
        return self.value(named) if named < self.tape.inputs else self.all[named]

    def run(self, loop: int, start: int, stop: int) -> bool:
        s, tape = start, self.tape
        while s < stop:
            inner = [k for k, one in enumerate(tape.loops) if one.start == s and one.parent == loop]
            if inner:
                if not self.run_loop(inner[0]):
                    return False
                s = tape.loops[inner[0]].stop
                continue
            op, xs = tape.ops[s], [self.value(a) for a in tape.args[s]]
            if isinstance(op, Assert):
                if (xs[0] != 0) != op.outcome:
                    return False
            else:
                ref = tape.inputs + s
                value = float(op.value(*xs))
                self.now[ref] = value
                self.all[tape.inputs + int(self.executions.first[s]) + self.e[loop]] = value
            s += 1
        return True

    def carry(self, k: int, side: str) -> None:
        every = [
            (READS + j, one) for j, one in enumerate(self.tape.reads) if isinstance(one, Carried) and one.loop == k
        ]
        self.now.update([(ref, self.value(getattr(one, side))) for ref, one in every])

    def run_loop(self, k: int) -> bool:
        loop, entry = self.tape.loops[k], self.e[self.tape.loops[k].parent]
        trips = self.executions.trips(k)
        count = int(trips[entry])
        rounds = range(count)
        if loop.down_from is not None:
            given = self.value(loop.down_from)
            if not given <= loop.trips:
                return False
            rounds = range(max(0, int(np.ceil(given))) - 1, -1, -1)
        self.carry(k, "initial")
        for t in rounds:
            self.t[k], self.e[k] = t, int(trips[:entry].sum()) + t
            middle = loop.start if loop.until is None else loop.until.position
            if not self.run(k, loop.start, middle):
                return False
            if loop.until is not None and self.value(loop.until.condition) == 0:
                return True
            if not self.run(k, middle, loop.stop):
                return False
            self.carry(k, "next")
            if loop.masked:
                self.counts[k][entry] += 1
        return loop.until is None
