"""Inner loops are unrolled where that saves time for few operations more."""

from __future__ import annotations

from typing import Any

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.rolling.roll import roll
from helpers.recording import recorded


def triangles(rounds: int) -> Tape:
    """Each round has the rows of a triangle, with 1 to 5 sines and a product each."""

    def program(x: Any) -> Any:
        for _ in range(rounds):
            for i in range(5):
                for _ in range(i + 1):
                    x = gg.sin(x)
                x = x * 0.5
        return x

    return recorded(program, 0.3)


def test_rows_of_a_triangle_are_unrolled():
    tape = triangles(100)
    rolled = roll(tape)
    assert max(loop.parent for loop in rolled.loops) == -1
    assert len(rolled.ops) <= 2 * (15 + 5)
    assert expand(rolled).args == tape.args
