"""Random functions with loops, as Python source: nests, triangles, `while`, lists that are updated, tables, and sums
whose order depends on data.

A function takes three numbers and returns a list of numbers. It never branches on their values, unless it is asked to.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

import glassgrad as gg

__all__ = ["LoopNest", "loop_nests", "random_loop_nest"]

EXACT = ["{a} + {b}", "{a} - {b}", "{a} * {b}", "0.5 * {a} + {b}", "{a} / (1.0 + {b} * {b})", "-{a}"]
SMOOTH = [*EXACT, "gg.sin({a})", "gg.exp(-{a} * {a})", "gg.tanh({a} + {b})", "gg.sqrt(1.0 + {a} * {a})", "gg.erf({a})"]


class LoopNest(NamedTuple):
    """A random function, and its source."""

    function: Callable[..., list[Any]]
    source: str


class Writer:
    """Writes the source of a random function."""

    def __init__(self, rng: random.Random, exact: bool, branches: bool) -> None:
        self.rng, self.branches = rng, branches
        self.formulas = EXACT if exact else SMOOTH
        self.lines = ["def f(x, y, z):"]
        self.names = ["x", "y", "z"]
        self.lists: list[tuple[str, int]] = []
        self.counters: list[tuple[str, int]] = []
        self.fresh = 0
        self.left = 400  # about so many more operations may be recorded

    def name(self, kind: str) -> str:
        self.fresh += 1
        return f"{kind}{self.fresh}"

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * (depth + 1) + text)

    def index(self, size: int) -> str:
        """Return an index of a list, which may depend on counters, in many ways."""
        rng = self.rng
        if not self.counters or rng.random() < 0.15:
            return str(rng.randrange(size))
        counter, _ = rng.choice(self.counters)
        table = [rng.randrange(size) for _ in range(rng.randint(2, 6))]
        return rng.choice(
            [
                f"{counter} % {size}",
                f"({counter} + {rng.randrange(size)}) % {size}",
                f"({size} - 1 - {counter}) % {size}",
                f"({counter} * {rng.randint(2, 5)} + {rng.randrange(size)}) % {size}",
                f"{table}[{counter} % {len(table)}]",
            ]
        )

    def operand(self) -> str:
        rng = self.rng
        draw = rng.random()
        if self.lists and draw < 0.4:
            name, size = rng.choice(self.lists)
            return f"{name}[{self.index(size)}]"
        if self.counters and draw < 0.5:
            return rng.choice(["({0} + 1.0)", "0.1 * {0}", "[0.5, 1.0, -0.25][{0} % 3]"]).format(
                rng.choice(self.counters)[0]
            )
        return rng.choice(self.names[-6:]) if draw < 0.95 else str(rng.choice([0.0, 1.0, 0.3, -0.0]))

    def formula(self) -> str:
        return self.rng.choice(self.formulas).format(a=self.operand(), b=self.operand())

    def block(self, depth: int, runs: int) -> None:
        rng = self.rng
        for _ in range(rng.randint(2, 4)):
            draw = rng.random()
            if len(self.counters) < 3 and draw < (0.6 if not self.counters else 0.35) and self.left > 0:
                self.loop(depth, runs)
                continue
            self.left -= 2 * runs
            if draw < 0.5 and self.lists:
                name, size = rng.choice(self.lists)
                at = self.index(size)
                self.line(depth, f"{name}[{at}] = 0.5 * {name}[{at}] + {self.formula()}")
            elif draw < 0.75:
                name = rng.choice(self.names[3:])
                self.line(depth, f"{name} = 0.5 * {name} + {self.formula()}")
            elif not self.counters and draw < 0.85:
                self.list(depth)
            elif not self.counters:
                self.variable(depth)
            else:
                self.line(depth, f"{rng.choice(self.names[3:])} = {self.formula()}")
        if self.branches and self.counters and rng.random() < 0.5:
            name = rng.choice(self.names[3:])
            self.line(depth, f"if {self.operand()} > 1e6: {name} = -{name}")

    def variable(self, depth: int) -> None:
        formula, name = self.formula(), self.name("v")
        self.line(depth, f"{name} = {formula}")
        self.names.append(name)

    def list(self, depth: int) -> None:
        name, size = self.name("a"), self.rng.randint(2, 6)
        content = self.rng.choice(["[0.0] * {n}", "[{a}] * {n}", "[{a} * (k + 1) for k in range({n})]"])
        self.line(depth, f"{name} = {content.format(n=size, a=self.operand())}")
        self.lists.append((name, size))

    def loop(self, depth: int, runs: int) -> None:
        rng, counter = self.rng, self.name("i")
        most = max(1, min(9, self.left // (4 * runs)))
        trips = rng.randint(1, most)
        kind = rng.random()
        if kind < 0.25 and self.counters:  # a triangle
            outer, count = rng.choice(self.counters)
            self.line(depth, f"for {counter} in range({outer} + {rng.randint(0, 1)}):")
            trips = count + 1
        elif kind < 0.4:
            self.line(depth, f"{counter} = -1")
            self.line(depth, f"while {counter} < {trips - 1}:")
            self.line(depth + 1, f"{counter} += 1")
        else:
            self.line(depth, f"for {counter} in range({trips}):")
        self.counters.append((counter, trips))
        self.block(depth + 1, runs * trips)
        self.counters.pop()

    def write(self) -> LoopNest:
        self.variable(0)
        self.variable(0)
        self.list(0)
        self.loop(0, 1)
        self.block(0, 1)
        some = [*self.names, *[f"*{name}" for name, _ in self.lists]]
        self.line(0, f"return [{', '.join(some)}]")
        source = "\n".join(self.lines)
        found: dict[str, Any] = {"gg": gg, "math": math}
        exec(source, found)
        return LoopNest(found["f"], source)


def random_loop_nest(rng: random.Random, exact: bool = False, branches: bool = False) -> LoopNest:
    """Return a random function.

    Args:
        rng: the source of chance.
        exact: whether each operation has one right result.
        branches: whether it branches on values; almost all arguments take the same side.
    """
    return Writer(rng, exact, branches).write()


def loop_nests(exact: bool = False, branches: bool = False) -> st.SearchStrategy[LoopNest]:
    """A strategy for random functions with loops."""
    return st.randoms(use_true_random=False).map(lambda rng: random_loop_nest(rng, exact, branches))
