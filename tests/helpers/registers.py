"""Random programs like those that people write: a few variables, assigned again and again, with ``if`` in between.

Unlike those of `branching`, all variables live to the end, through five to eight branches with up to fourteen
operations between. So many regions want the operations of one, and slots of memory are shared out among them. A program
is source text: one that fails can be pasted.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

import glassgrad as gg

__all__ = ["Registers"]

NAMES = "abcd"
NEAR = 1e-9  # a comparison closer than this may go either way in code, whose functions round in their own way
EARLY = 0.15  # how often a branch returns at once


class Registers:
    """A program from a seed.

    Attributes:
        source: its text.
        function: what it defines, of four numbers.
    """

    def __init__(self, seed: int, least: int = 5, most: int = 8, between: int = 14) -> None:
        self.seed = seed
        self.draw = random.Random(seed)
        lines = ["def program(a, b, c, d):"]
        for _ in range(self.draw.randint(least, most)):
            lines += self.operations(1, between)
            lines += self.branch(1)
        lines += self.operations(1, between)
        lines.append("    return a * b + c * d")
        self.source = "\n".join(lines)
        names: dict[str, Any] = {"gg": gg}
        exec(compile(self.source, f"<program {seed}>", "exec"), names)
        self.function: Callable[..., Any] = names["program"]

    def operations(self, depth: int, most: int) -> list[str]:
        return ["    " * depth + self.assignment() for _ in range(self.draw.randint(0, most))]

    def assignment(self) -> str:
        """A variable's new value, of moderate size whatever the old ones are."""
        draw = self.draw
        x, y = draw.choice(NAMES), draw.choice(NAMES)
        k = round(draw.uniform(-0.9, 0.9), 2)
        return draw.choice(
            (
                f"{x} = {x} + {k} * {y}",
                f"{x} = {x} - {y}",
                f"{x} = {x} * {y} * {k / 10:.3f} + {k}",
                f"{x} = gg.exp(-{y} * {y}) * {k} + {x}",
                f"{x} = gg.sin({y} + {k}) + 0.3 * {x}",
                f"{x} = {x} / (1.5 + {y} * {y})",
                f"{x} = gg.tanh({x} - {k} * {y})",
                f"{x} = gg.maximum({x}, {y} * {k})",
            )
        )

    def branch(self, depth: int) -> list[str]:
        draw, pad = self.draw, "    " * depth
        x, y = draw.sample(NAMES, 2)
        edge = f"{draw.uniform(-0.3, 0.3):.3f}"
        condition = draw.choice((f"{x} > {y} + {edge}", f"gg.sin({draw.randint(3, 9)}.0 * {x}) > {edge}"))
        lines = [f"{pad}if {condition}:"]
        if draw.random() < EARLY:
            return [*lines, f"{pad}    return {x} * {draw.choice(NAMES)} - {y}"]
        lines += self.operations(depth + 1, 5) or [f"{pad}    pass"]
        if depth == 1 and draw.random() < 0.3:
            lines += self.branch(2)
        if draw.random() < 0.4:
            lines += [f"{pad}else:", *(self.operations(depth + 1, 5) or [f"{pad}    pass"])]
        return lines

    def points(self, count: int) -> Any:
        """Points to try it at, shape (4, count)."""
        return np.random.default_rng(self.seed).uniform(-1.5, 1.5, (len(NAMES), count))

    def clear(self, points: Any) -> list[int]:
        """The columns of ``points`` where every comparison is clear, so that code decides as Python does."""
        return [k for k, point in enumerate(points.T.tolist()) if self._margin(point) > NEAR]

    def _margin(self, point: list[float]) -> float:
        margins = [1.0]

        class Watched(float):
            def __gt__(self, other: float) -> bool:
                margins.append(abs(float(self) - float(other)))
                return float(self) > float(other)

            def _with(name: str) -> Any:
                plain = getattr(float, name)
                return lambda self, *other: Watched(plain(self, *map(float, other)))

            __add__, __radd__, __sub__, __rsub__ = map(_with, ("__add__", "__radd__", "__sub__", "__rsub__"))
            __mul__, __rmul__, __truediv__, __neg__ = map(_with, ("__mul__", "__rmul__", "__truediv__", "__neg__"))

        def watched(function: Any) -> Any:
            return lambda *xs: Watched(function(*map(float, xs)))

        class Functions:
            exp, sin, tanh, maximum = map(staticmethod, map(watched, (gg.exp, gg.sin, gg.tanh, gg.maximum)))

        names: dict[str, Any] = {"gg": Functions}
        exec(self.source, names)
        names["program"](*map(Watched, point))
        return min(margins)
