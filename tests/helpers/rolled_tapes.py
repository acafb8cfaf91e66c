"""Random legal tapes with loops, and an interpreter of tapes that is too simple to be wrong.

`random_rolled_tape` makes a tape from a `random.Random`. `rolled_tapes` is a Hypothesis strategy over it. The tapes
have nests of loops, zero and ragged trips, carried values of every distance, values read from any earlier time, asserts
and branches. `run_naively` runs a tape step by step on Python floats.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Split, Tape
from glassgrad.core import ops

__all__ = [
    "executions_of",
    "random_columns",
    "random_rolled_tape",
    "rolled_tapes",
    "run_naively",
    "table",
    "triangular",
]

LONGEST = 400  # The expansion of a random tape has at most about this many operations.
OPERATIONS = [
    *(ops.add, ops.sub, ops.mul, ops.sin, ops.tanh, ops.neg, ops.square, ops.maximum, ops.minimum, ops.less),
    *(ops.exp, ops.sqrt, ops.where, ops.div),
]
NUMBERS = [0.0, 1.0, -1.0, 0.5, 2.0, -0.25, 3.0, -0.0]


def table(*refs: int) -> np.ndarray:
    return np.array(refs, np.int64)


def triangular() -> Tape:
    """Loops 0 ⊃ 1 with 3 × (1, 2, 3) rounds; then a branch; behind it loops 2, which may run no round, and 3."""
    tape = Tape(["x", "y"])
    tape.constants = [0.0, 1.0]
    tape.ops = [ops.neg, ops.sin, ops.mul, Assert(True, "f.py:4"), ops.add, ops.add, ops.less]
    tape.ops += [ops.square, ops.exp, ops.add]
    tape.args = [(0,), (READS + 0,), (READS + 1, 1), (3,), (READS + 2, 4), (6, 3), (6, 7)]
    tape.args += [(READS + 4,), (READS + 5,), (10, READS + 3)]
    tape.loops = [Loop(1, 5, 3, -1), Loop(2, 4, table(1, 2, 3), 0), Loop(7, 8, 0, -1), Loop(8, 10, 2, -1)]
    tape.reads = [
        Carried(0, 2, 6),  # v4
        Carried(1, 3, 4),  # begins with v1, goes on with v2
        Read(0, table(0, 2, 3)),
        Carried(3, ~0, READS + 6),
        Read(2, table()),
        Read(3, Affine(2 + 1 + 3 + 6 - 1, (-1,))),  # executions of v2, backwards from the last
        Carried(3, 8, 11),
        Read(1, Affine(3, (1, -1))),  # executions of v1: row minus column
        Read(-1, Affine(5, ())),  # the last of v1
    ]
    tape.args[3] = (READS + 7,)
    tape.segments = [
        Segment(0, 7, -1, Split(8, 1, 2, "f.py:9")),
        Segment(7, 10, 0, Outputs((11, 6, READS + 8), 0)),
        Segment(10, 10, 0, Outputs((1, 4, 6), 1)),
    ]
    return tape


Event = tuple[str, int]


def events(loops: Sequence[Loop], start: int, stop: int, parent: int, entries: Counter[int]) -> Iterator[Event]:
    """Yield what happens, in order, when operations ``start`` to ``stop`` of the body of loop ``parent`` run.

    ``("run", i)`` is operation i. A loop k is ``("enter", k)``, and for each round ``("begin", k)`` and ``("end", k)``.
    """
    for k, loop in enumerate(loops):
        if loop.parent != parent or not start <= loop.start < stop:
            continue
        yield from (("run", i) for i in range(start, loop.start))
        trips = loop.trips if isinstance(loop.trips, int) else int(loop.trips[entries[k]])
        entries[k] += 1
        yield "enter", k
        for _ in range(trips):
            yield "begin", k
            yield from events(loops, loop.start, loop.stop, k, entries)
            yield "end", k
        start = loop.stop
    yield from (("run", i) for i in range(start, stop))


def events_of(tape: Tape, segment: Segment) -> Iterator[Event]:
    return events(tape.loops, segment.start, segment.stop, -1, Counter())


def chain_of(tape: Tape, loop: int) -> list[int]:
    """Return ``loop`` and the loops around it, outermost first."""
    return [*chain_of(tape, tape.loops[loop].parent), loop] if loop >= 0 else []


def executions_of(tape: Tape) -> list[int]:
    """Return how often each operation runs when all segments run."""
    count = Counter(i for segment in tape.segments for what, i in events_of(tape, segment) if what == "run")
    return [count[i] for i in range(len(tape.ops))]


class NaiveRun:
    """One lane of a tape, run step by step."""

    def __init__(self, tape: Tape, xs: Sequence[float]) -> None:
        self.tape, self.xs = tape, xs
        self.first = [0, *itertools.accumulate(executions_of(tape))]
        self.latest: dict[int, float] = {}  # the latest value of each operation
        self.computed: dict[int, float] = {}  # the value of each execution
        self.count: Counter[int] = Counter()  # how often each operation has run
        self.carried: dict[int, float] = {}
        self.body = {-1: 0}  # the number of the present execution of the body of each loop
        self.round: dict[int, int] = {}  # the number of the present round of each loop since its entry
        self.outcomes: dict[int, set[bool]] = defaultdict(set)  # of the conditions of the asserts

    def value(self, ref: int) -> float:
        tape, n = self.tape, self.tape.inputs
        if ref < n:
            return tape.constants[~ref] if ref < 0 else self.xs[ref]
        if ref < READS:
            return self.latest[ref - n]
        if ref >= EXPANDED:
            return self.computed[ref - EXPANDED]
        read = tape.reads[ref - READS]
        if isinstance(read, Carried):
            return self.carried[ref - READS]
        if isinstance(read.index, Affine):
            rounds = [self.round[k] for k in chain_of(tape, read.loop)]
            named = read.index.base + sum(s * t for s, t in zip(read.index.strides, rounds, strict=True))
        else:
            named = int(read.index[self.body[read.loop]])
        return self.value(named) if named < n else self.computed[named]

    def carry(self, loop: int, field: str) -> None:
        found = {
            c: self.value(getattr(read, field))
            for c, read in enumerate(self.tape.reads)
            if isinstance(read, Carried) and read.loop == loop
        }
        self.carried.update(found)

    def run(self, segment: Segment, heed_asserts: bool) -> bool:
        """Run a segment. Return whether all asserts hold."""
        for what, i in events_of(self.tape, segment):
            if what == "enter":
                self.carry(i, "initial")
                self.round[i] = -1
            elif what == "begin":
                self.round[i] += 1
                self.body[i] = self.body.get(i, -1) + 1
            elif what == "end":
                self.carry(i, "next")
            else:
                op, xs = self.tape.ops[i], [self.value(a) for a in self.tape.args[i]]
                if isinstance(op, Assert):
                    self.outcomes[i].add(xs[0] != 0)
                    if heed_asserts and (xs[0] != 0) != op.outcome:
                        return False
                    y = math.nan
                else:
                    y = float(op.value(*xs))
                self.latest[i] = self.computed[self.tape.inputs + self.first[i] + self.count[i]] = y
                self.count[i] += 1
        return True


def run_naively(tape: Tape, xs: Sequence[float]) -> tuple[list[float] | None, int]:
    """Return the results of one lane and the number of its path, or None and -1 if its path is not on the tape."""
    run, k = NaiveRun(tape, xs), 0
    while True:
        segment = tape.segments[k]
        if not run.run(segment, heed_asserts=True):
            return None, -1
        if isinstance(segment.exit, Outputs):
            return [run.value(ref) for ref in segment.exit.refs], segment.exit.path
        side = segment.exit.yes if run.value(segment.exit.condition) != 0 else segment.exit.no
        if side is None:
            return None, -1
        k = side


def random_columns(rng: random.Random, tape: Tape, lanes: int) -> list[Any]:
    """Return an array of ``lanes`` numbers for each input of a tape."""
    special = [0.0, -0.0, math.inf, math.nan, 1e300]
    return [
        np.array([rng.choice(special) if rng.random() < 0.02 else rng.gauss(0, 1) for _ in range(lanes)])
        for _ in range(tape.inputs)
    ]


class Skeleton:
    """The segments, loops and places for operations of a random tape, and when each operation runs."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.tape = tape = Tape([f"x{i}" for i in range(rng.randint(1, 6))])
        tape.constants = rng.sample(NUMBERS, rng.randint(1, 4))
        self.branching, self.asserting = rng.random() < 0.3, rng.random() < 0.3
        self.is_assert: list[bool] = []
        self.executions = 0
        self.known_trips: dict[int, list[Any]] = defaultdict(list)  # by number of entries
        self.paths = itertools.count()
        self.segment(-1, 0)
        tape.ops = [Assert(True, f"p.py:{i}") if one else ops.add for i, one in enumerate(self.is_assert)]
        tape.args = [()] * len(tape.ops)
        self.measure()

    def segment(self, parent: int, depth: int) -> int:
        rng, segments = self.rng, self.tape.segments
        k, start = len(segments), len(self.is_assert)
        self.block(-1, 0, 1)
        stop = len(self.is_assert)
        segments.append(Segment(start, stop, parent, Outputs((), next(self.paths))))
        if self.branching and depth < 2 and rng.random() < 0.7:
            yes = self.segment(k, depth + 1) if rng.random() < 0.8 else None
            no = self.segment(k, depth + 1) if yes is None or rng.random() < 0.7 else None
            segments[k] = Segment(start, stop, parent, Split(0, yes, no, "q.py:1"))
        return k

    def block(self, loop: int, depth: int, runs: int) -> None:
        rng = self.rng
        for _ in range(rng.randint(1, 4)):
            if depth < 3 and rng.random() < 0.45 and self.executions < LONGEST:
                self.loop(loop, depth, runs)
            else:
                self.is_assert.append(self.asserting and rng.random() < 0.15)
                self.executions += runs

    def loop(self, parent: int, depth: int, entries: int) -> None:
        rng, loops = self.rng, self.tape.loops
        k, start = len(loops), len(self.is_assert)
        most = max(1, min(7, (LONGEST - self.executions) // max(entries, 1) // 3))
        if self.known_trips[entries] and rng.random() < 0.5:
            trips = rng.choice(self.known_trips[entries])
        elif rng.random() < 0.35:
            least = rng.randint(0, 1)
            trips = np.array([rng.randint(least, most) for _ in range(entries)], np.int64)
        else:
            trips = rng.randint(1, most) if rng.random() < 0.95 else 0
        self.known_trips[entries].append(trips)
        loops.append(Loop(start, start, trips, parent))
        runs = entries * trips if isinstance(trips, int) else int(trips.sum())
        self.block(k, depth + 1, runs)
        loops[k] = loops[k]._replace(stop=len(self.is_assert))

    def measure(self) -> None:
        """Find when each operation runs, and until when each operand must be known."""
        tape = self.tape
        count = len(tape.ops)
        self.home, self.segment_of = [-1] * count, [0] * count
        for k, loop in enumerate(tape.loops):
            self.home[loop.start : loop.stop] = [k] * (loop.stop - loop.start)
        for g, segment in enumerate(tape.segments):
            self.segment_of[segment.start : segment.stop] = [g] * (segment.stop - segment.start)
        self.runs = executions_of(tape)
        self.first = [0, *itertools.accumulate(self.runs)]
        self.body_runs: Counter[int] = Counter({-1: 1})
        self.counters: dict[int, list[tuple[int, ...]]] = defaultdict(list)  # the rounds at each execution of a body
        self.counters[-1] = [()]
        self.owner = [s for s, runs in enumerate(self.runs) for _ in range(runs)]  # by execution
        self.time = [0] * len(self.owner)
        # By (place, loop), for each execution of the body of the loop: the time when the place is first reached. A
        # place is an operation, or (loop, "start"), or (loop, "end").
        self.due: dict[Any, dict[int, int]] = defaultdict(dict)
        done: Counter[int] = Counter()
        clock = itertools.count()
        for segment in tape.segments:
            rounds: dict[int, int] = {}
            for what, i in events_of(tape, segment):
                now = next(clock)
                if what == "begin":
                    rounds[i] += 1
                    self.counters[i].append(tuple(rounds[k] for k in chain_of(tape, i)))
                    self.body_runs[i] += 1
                    continue
                home = self.home[i] if what == "run" else tape.loops[i].parent if what == "enter" else i
                place = i if what == "run" else (i, what)
                for k in [-1, *chain_of(tape, home)]:
                    self.due[place, k].setdefault(self.body_runs[k] - 1, now)
                if what == "enter":
                    rounds[i] = -1
                elif what == "run":
                    self.time[self.first[i] + done[i]] = now
                    done[i] += 1
        self.never = next(clock)


class Filler:
    """Chooses the operations and operands of a skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.s, self.rng, self.tape = skeleton, skeleton.rng, skeleton.tape
        self.known_reads: dict[Any, int] = {}
        self.carried: dict[int, list[int]] = defaultdict(list)
        tape, rng = self.tape, self.rng
        for k in range(len(tape.loops)):
            for _ in range(rng.choice([0, 1, 1, 2, 3])):
                self.carried[k].append(READS + len(tape.reads))
                tape.reads.append(Carried(k, -1, -1))
        for k, refs in [*self.carried.items()]:
            loop = tape.loops[k]
            segment = skeleton.segment_of[loop.start]
            for ref in refs:
                initial = self.choose((k, "enter"), loop.start, loop.parent, segment)
                following = self.choose((k, "end"), loop.stop, k, segment)
                tape.reads[ref - READS] = Carried(k, initial, following)
        for i, op in enumerate(tape.ops):
            op = op if skeleton.is_assert[i] else rng.choice(OPERATIONS)
            place = i, i, skeleton.home[i], skeleton.segment_of[i]
            tape.ops[i], tape.args[i] = op, tuple(self.choose(*place) for _ in range(op.arity))
        width = rng.choice([1, 1, 2, 5, 20])
        for g, segment in enumerate(tape.segments):
            place = None, segment.stop, -1, g
            if isinstance(segment.exit, Outputs):
                exit: Any = segment.exit._replace(refs=tuple(self.result(place) for _ in range(width)))
            else:
                exit = segment.exit._replace(condition=self.choose(*place))
            tape.segments[g] = segment._replace(exit=exit)
        self.settle_asserts()

    def result(self, place: Any) -> int:
        """Return a random result. A read of one execution may stand on the tape, or the result may name it itself."""
        ref = self.choose(*place)
        read = self.tape.reads[ref - READS] if ref >= READS else None
        if isinstance(read, Read) and self.rng.random() < 0.7:
            index = read.index
            named = index.base if isinstance(index, Affine) else int(index[0])
            ref = EXPANDED + named if named >= self.tape.inputs else named
        return ref

    def choose(self, place: Any, before: int, home: int, segment: int) -> int:
        """Return a random operand for ``place``, which is in the body of ``home``, after operation ``before`` - 1."""
        rng, tape = self.rng, self.tape
        draw = rng.random()
        if draw < 0.1:
            return ~rng.randrange(len(tape.constants))
        if draw < 0.2:
            return rng.randrange(tape.inputs)
        chain = chain_of(tape, home)
        if draw < 0.4:
            carried = [ref for k in chain for ref in self.carried[k]]
            if carried:
                return rng.choice(carried)
        if draw < 0.65:
            return self.read(place, rng.choice([-1, *chain[-1:] * 4, *chain]), segment)
        seen = [s for s in range(before) if self.in_scope(s, chain, segment)]
        return tape.inputs + rng.choice([*seen, *seen[-3:] * 3]) if seen else rng.randrange(tape.inputs)

    def path(self, segment: int) -> set[int]:
        """Return the segment and those before it."""
        return {segment, *self.path(self.tape.segments[segment].parent)} if segment >= 0 else set()

    def in_scope(self, s: int, chain: Sequence[int], segment: int) -> bool:
        ended = [k for k in chain_of(self.tape, self.s.home[s]) if k not in chain]
        runs = all(np.all(np.asarray(self.tape.loops[k].trips) > 0) for k in ended)
        return runs and not self.s.is_assert[s] and self.s.segment_of[s] in self.path(segment)

    def read(self, place: Any, loop: int, segment: int) -> int:
        """Return a reference to a read in the body of ``loop``, for use at ``place``."""
        s, rng = self.s, self.rng
        path, runs = self.path(segment), s.body_runs[loop]
        # An execution of the body that never reaches the place may read inputs and constants.
        due = [s.never if place is None else s.due[place, loop].get(e, 0) for e in range(runs)]
        usable = [e for e, op in enumerate(s.owner) if s.segment_of[op] in path and not s.is_assert[op]]
        known = set(usable)
        n, constants = self.tape.inputs, len(self.tape.constants)

        def legal(ref: int, until: int) -> bool:
            return -constants <= ref < n or (ref - n in known and s.time[ref - n] < until)

        for _ in range(5 if rng.random() < 0.7 else 0):
            index = self.affine(loop, path)
            named = [index.base + sum(a * t for a, t in zip(index.strides, ts)) for ts in s.counters[loop]]
            if all(map(legal, named, due)) and len({ref < 0 for ref in named}) < 2:
                return self.entry(Read(loop, index))
        table = []
        few = rng.random() < 0.3
        for until in due:
            earlier = [e for e in usable if s.time[e] < until]
            pick = rng.random()
            if earlier and pick < 0.7:
                table.append(n + rng.choice(earlier[-6:] if few else earlier))
            else:
                table.append(rng.randrange(n) if pick < 0.85 else ~rng.randrange(constants))
        return self.entry(Read(loop, np.array(table, np.int64)))

    def affine(self, loop: int, path: set[int]) -> Affine:
        """Return a random affine index. It may be out of range."""
        s, rng, tape, n = self.s, self.rng, self.tape, self.tape.inputs
        chain = chain_of(tape, loop)
        strides, step = [], 1
        for k in reversed(chain):
            strides.insert(0, step)
            step *= tape.loops[k].trips if isinstance(tape.loops[k].trips, int) else 1
        sign = rng.choice([1, 1, -1])
        strides = [sign * x if rng.random() < 0.9 else rng.randint(-2, 2) for x in strides]
        low, high = 0, n - 1
        of = [i for i, g in enumerate(s.segment_of) if g in path and s.runs[i] and not s.is_assert[i]]
        draw = rng.random()
        if draw < 0.15:
            low, high = -len(tape.constants), -1
        elif draw < 0.7 and of:
            i = rng.choice(of)
            low, high = n + s.first[i], n + s.first[i] + s.runs[i] - 1
        moves = [sum(a * t for a, t in zip(strides, ts)) for ts in s.counters[loop]] or [0]
        first, last = low - min(moves), high - max(moves)
        if first > last:
            return Affine(first, tuple(strides))
        return Affine(rng.choice([first, last, rng.randint(first, last)]), tuple(strides))

    def entry(self, read: Read) -> int:
        """Return the reference of a read. Equal reads are stored once."""
        index = read.index
        key = (read.loop, index if isinstance(index, Affine) else index.tobytes())
        if key not in self.known_reads:
            self.known_reads[key] = READS + len(self.tape.reads)
            self.tape.reads.append(read)
        return self.known_reads[key]

    def settle_asserts(self) -> None:
        """Let each assert hold for one random lane, if its condition is the same at each execution."""
        run = NaiveRun(self.tape, [self.rng.gauss(0, 1) for _ in self.tape.names])
        for segment in self.tape.segments:
            run.run(segment, heed_asserts=False)
        for i, found in run.outcomes.items():
            if len(found) == 1:
                self.tape.ops[i] = Assert(found == {True}, self.tape.ops[i].line)


def random_rolled_tape(rng: random.Random) -> Tape:
    """Return a random legal tape, with loops as a rule."""
    return Filler(Skeleton(rng)).tape


def rolled_tapes() -> st.SearchStrategy[Tape]:
    """A strategy for legal tapes with loops."""
    return st.randoms(use_true_random=False).map(random_rolled_tape)
