"""Random flat tapes of loops over rounds, as tracing writes them, to take apart and to compile.

Each loop repeats one body. Operands come from the same round, from the rounds before, from other loops at the same
round, backwards or anywhere, from inputs and constants.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops

__all__ = ["loops_of_rounds", "random_loops"]

BINARY = [ops.add, ops.mul, ops.sub, ops.maximum]
UNARY = [ops.tanh, ops.exp, ops.neg, ops.square, ops.sin]
NUMBERS = [0.0, 1.0, -1.0, 0.5, 2.0, -0.25, 3.0]


class Writer:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.rounds = rng.randint(8, 30)
        self.inputs = rng.choice([2, 5, 2 * self.rounds, 3 * self.rounds])
        self.tape = Tape([f"x{i}" for i in range(self.inputs)])
        self.tape.constants = [rng.choice(NUMBERS) for _ in range(rng.choice([3, 3 * self.rounds]))]
        self.known: list[list[int]] = []  # values that earlier loops computed, one in each round

    def emit(self, op: Any, *args: int) -> int:
        self.tape.ops.append(op)
        self.tape.args.append(args)
        return self.inputs + len(self.tape.ops) - 1

    def source(self) -> Any:
        """Return a function from the number of a round to an operand from outside the loop."""
        rng, n, size = self.rng, self.inputs, len(self.tape.constants)
        draw = rng.random()
        if draw < 0.2:
            fixed = rng.randrange(n)
            return lambda t: fixed
        if draw < 0.4:
            stride, base = rng.choice([1, 2, 3, -1]), rng.randrange(n)
            return lambda t: (base + stride * t) % n
        if draw < 0.55:
            stride, base = rng.choice([0, 1, 3]), rng.randrange(size)
            return lambda t: ~((base + stride * t) % size)
        if self.known and draw < 0.95:
            values, last = rng.choice(self.known), self.rounds - 1
            kind = rng.random()
            if kind < 0.4:
                return lambda t: values[min(t, len(values) - 1)]
            if kind < 0.7:
                return lambda t: values[max(min(last - t, len(values) - 1), 0)]
            if kind < 0.8:
                return lambda t: values[-1]
            table = [rng.choice(values) for _ in range(self.rounds + 1)]
            return lambda t: table[t]
        mixed = [rng.choice([rng.randrange(n), ~rng.randrange(size)]) for _ in range(self.rounds + 1)]
        return lambda t: mixed[t]

    def loop(self) -> None:
        """Write a loop. A step is an operation, a sum, or an inner loop of steps."""
        rng = self.rng
        body = [self.step() for _ in range(rng.randint(2, 6))]
        before: dict[int, int] = {}
        columns: list[list[int]] = []
        first = rng.choice([0, 0, 1])  # the first round may be missing
        for t in range(first, self.rounds):
            now: list[int] = []
            for kind, times, op, sources, choices in body:
                for e in range(times):
                    place = len(now)
                    args = []
                    for source, choice in zip(sources, choices):
                        if choice < 0.5 and now:
                            args.append(now[int(choice * 2 * len(now))])
                        elif kind == "sum" and len(args) == 0:
                            args.append(before.get(place, source(0)))
                        elif kind == "tied" and before:
                            args.append(before[int(choice * len(before)) % len(before)])
                        else:
                            args.append(source((t + e) % self.rounds))
                    now.append(self.emit(op, *args))
            before = dict(enumerate(now))
            columns.append(now)
        self.known += [[*column] for column in zip(*columns)]

    def step(self) -> tuple[str, int, Any, list[Any], list[float]]:
        rng = self.rng
        draw = rng.random()
        kind = "sum" if draw < 0.25 else "tied" if draw < 0.35 else "free"
        op = ops.add if kind == "sum" else rng.choice(BINARY + UNARY)
        sources = [self.source() for _ in range(op.arity)]
        choices = [rng.random() for _ in sources]
        if kind == "sum":
            choices[0] = 1.0
        return kind, rng.choice([1, 1, 1, 2, 5]), op, sources, choices


def random_loops(rng: random.Random) -> Tape:
    """Return a random flat tape of loops."""
    writer = Writer(rng)
    for _ in range(rng.randint(1, 4)):
        writer.loop()
    values = [value for column in writer.known for value in column]
    refs = [rng.choice(values) for _ in range(rng.choice([1, 3, 40]))] + [column[-1] for column in writer.known]
    tape = writer.tape
    tape.segments = [Segment(0, len(tape.ops), -1, Outputs(tuple(refs)))]
    return tape


def loops_of_rounds() -> st.SearchStrategy[Tape]:
    return st.randoms(use_true_random=False).map(random_loops)
