"""The lanes of a block: vectors of lanes that lie side by side, as many as fit into the block.

Near the end of a batch a block has more lanes than are left. Then its last vectors overlap those before them, so some
lanes are computed twice.
"""

from __future__ import annotations

from typing import Any

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.layout import CONTIGUOUS, Form
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F, kernel_name
from glassgrad.compiler.llvm.target import Target

__all__ = ["BlockCode", "Lanes", "joined", "split", "vector_of"]


class BlockCode(Code):
    """A function that computes blocks of several vectors of lanes. Calls of mathlib are for one vector each."""

    def __init__(self, target: Target, vectors: int) -> None:
        super().__init__(target._replace(lanes=target.lanes * vectors))
        self.vector = target.lanes
        self.part = vector_of("double", target.lanes)

    def call_kernel(self, name: str, *xs: F | float) -> F:
        function = kernel_name(name, self.vector)
        self.needs.add(function)
        columns = zip(*[split(self, self.f(x), self.vector) for x in xs])
        parts = [self.call(self.part, function, [(self.part, x) for x in some]) for some in columns]
        return joined(self, parts, self.vector)


class Lanes:
    """The lanes of a block.

    Args:
        code: the function that computes them.
        vector: how many lanes a vector has.
        first: the first lane of the block.
        stop: the lane at which the batch ends.

    Attributes:
        starts: the first lane of each vector.
    """

    def __init__(self, code: Code, vector: int, first: Int, stop: Int) -> None:
        self.code, self.vector, self.first = code, vector, first
        self.latest = stop - vector if code.lanes > 1 else first
        self.starts = [self.start(first + k if k else first) for k in range(0, code.lanes, vector)]

    def start(self, lane: Int) -> Int:
        """Return the first lane of the vector that would start at ``lane`` if the batch did not end."""
        return self.code.pick(lane > self.latest, self.latest, lane) if self.code.lanes > 1 else lane

    def apart(self, memory: Memory, table: str, form: Form, k: int) -> Int | int:
        """Return the bytes from lane to lane of leaf k of a table."""
        apart: Int | int = form.width if form.layout == CONTIGUOUS else memory.field(table, k, 1)
        return apart

    def addresses(self, memory: Memory, table: str, form: Form, k: int, number: Pointer) -> list[Pointer]:
        """Return, for each vector, the address of its first lane. ``number`` is the address for lane 0 of the batch."""
        apart = self.apart(memory, table, form, k)
        return [number.offset(start * apart) for start in self.starts]


def vector_of(kind: str, count: int) -> str:
    """Return the type of ``count`` numbers side by side."""
    return f"<{count} x {kind}>" if count > 1 else kind


def joined(code: Code, parts: list[str], vector: int) -> F:
    """Join vectors to one."""
    width = vector
    while len(parts) > 1:
        kind, width = vector_of("double", width), 2 * width
        parts = [code.shuffle(kind, a, b, range(width)) for a, b in zip(parts[::2], parts[1::2])]
    return F(code, parts[0])


def split(code: Code, value: Any, vector: int) -> list[str]:
    """Split numbers or a mask into vectors."""
    if code.lanes == vector:
        return [value.name]
    return [code.shuffle(value.type, value.name, "poison", range(k, k + vector)) for k in range(0, code.lanes, vector)]
