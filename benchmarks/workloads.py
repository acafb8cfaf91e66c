"""The programs that are timed, in plain Python.

A program takes `leaves`, a list of a peer's own scalars, and that peer's `tanh`. It returns one scalar. It uses only
`+`, `-`, `*` and `tanh`, so every peer runs the same lines on the same numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Program = Callable[[Sequence[Any], Callable[[Any], Any]], Any]


@dataclass(frozen=True)
class Workload:
    """A program and the values of its leaves. `operations` runs the program to count its operations."""

    program: Program
    values: list[float]

    @property
    def operations(self) -> int:
        Tally.count = 0
        self.program([Tally() for _ in self.values], Tally.operation)
        return Tally.count


class Tally:
    """Stands in for a scalar and counts the operations done on it."""

    __slots__ = ()
    count = 0

    def operation(self, other: object = None) -> Tally:
        Tally.count += 1
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = operation


def chain(operations: int) -> Workload:
    """64 multiplications and additions, then a tanh, over and over: one long chain, five leaves.

    The second multiply-add of a pair undoes the first (1.25 * 0.8 = 1, 0.5 * 0.8 = 0.4). So neither the value nor its
    gradient goes to zero or infinity, however long the chain is, and a library that skips zeros gains nothing.
    """

    def program(leaves: Sequence[Any], tanh: Callable[[Any], Any]) -> Any:
        y, a, b, c, d = leaves
        for _ in range(operations // 65):
            for _ in range(16):
                y = y * a + b
                y = y * c + d
            y = tanh(y)
        return y

    return Workload(program, [0.7, 1.25, 0.5, 0.8, -0.4])


def lattice(operations: int, width: int = 100) -> Workload:
    """Rows that mix neighbours, then a sum of squares: a wide graph whose values are each used twice."""
    values = random.Random(0)
    rows = (operations - 2 * width) // (3 * width)

    def program(leaves: Sequence[Any], tanh: Callable[[Any], Any]) -> Any:
        *row, a, b = leaves
        for _ in range(rows):
            row = [left * a + right * b for left, right in zip(row, row[1:] + row[:1], strict=True)]
        return sum(x * x for x in row)

    return Workload(program, [values.uniform(-1, 1) for _ in range(width)] + [0.6, 0.4])


def mlp(rows: int, sizes: Sequence[int] = (2, 16, 16, 1)) -> Workload:
    """A multilayer perceptron with tanh, and its squared errors over `rows` rows. Its parameters are the leaves."""
    values = random.Random(1)
    inputs = [[values.uniform(-1, 1) for _ in range(sizes[0])] for _ in range(rows)]
    targets = [values.choice([-1.0, 1.0]) for _ in range(rows)]
    shapes = list(pairwise(sizes))

    def predict(parameters: Any, tanh: Callable[[Any], Any], signals: Sequence[Any]) -> Any:
        take = iter(parameters)
        for _, fan_out in shapes:
            layer = []
            for _ in range(fan_out):
                total = next(take)
                for signal in signals:
                    total = total + next(take) * signal
                layer.append(tanh(total))
            signals = layer
        return signals[0]

    def program(leaves: Sequence[Any], tanh: Callable[[Any], Any]) -> Any:
        loss = 0.0
        for row, target in zip(inputs, targets, strict=True):
            error = predict(leaves, tanh, row) - target
            loss = loss + error * error
        return loss

    parameters = [values.uniform(-0.5, 0.5) for fan_in, fan_out in shapes for _ in range((fan_in + 1) * fan_out)]
    return Workload(program, parameters)


WORKLOADS: dict[str, Callable[[int], Workload]] = {"chain": chain, "lattice": lattice, "mlp": mlp}
