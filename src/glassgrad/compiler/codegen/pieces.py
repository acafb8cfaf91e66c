"""Move values between the pieces of the kernel for one call, and store their results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.layout import owners
from glassgrad.compiler.codegen.module import Module, last_uses
from glassgrad.compiler.codegen.vector import F

__all__ = ["Pieces"]

STORED = 300  # A piece that only stores results stores at most this many.


class Pieces:
    """The pieces of a kernel, which run one after another.

    Args:
        module: the module that the pieces are added to.
        memory: the memory of the kernel, which calls the pieces.
        slots: local slots for values that leave a piece.
        uses: pairs of a place and the references that are used there but computed elsewhere, in ascending order.

    Attributes:
        results: for each value that is a result, its places among the results.
    """

    def __init__(self, module: Module, memory: Memory, slots: Slots, uses: Iterable[tuple[int, Sequence[int]]]) -> None:
        self.module, self.memory, self.slots = module, memory, slots
        self.results: dict[int, list[int]] = {}
        self._owner = owners(module.outputs)
        self._last = last_uses(uses)
        self._leaving: dict[int, list[int]] = {}
        for ref, place in self._last.items():
            self._leaving.setdefault(place, []).append(ref)

    def set_results(self, refs: Sequence[int]) -> None:
        """From now on the values ``refs`` are the results."""
        self.results = {}
        for where, ref in enumerate(refs):
            self.results.setdefault(ref, []).append(where)

    def begin(self, run: Iterable[int]) -> None:
        """Take slots for those operations of a run whose values leave it."""
        n = self.module.tape.inputs
        for i in run:
            if n + i in self._last:
                self.slots.take(n + i)

    def end(self, place: int) -> None:
        """Release the slots of values that are used for the last time at ``place``."""
        for ref in self._leaving.get(place, ()):
            if ref >= self.module.tape.inputs:
                self.slots.release(ref)

    def fetch(self, memory: Memory, ref: int) -> F:
        return memory.load_local(self.slots.of[ref], ref)

    def keep(self, memory: Memory, ref: int, value: F) -> None:
        if ref in self._last:
            memory.store_local(self.slots.of[ref], ref, value)
        for where in self.results.get(ref, ()):
            memory.store(where, self._owner[where], value)

    def store(self, results: Sequence[tuple[int, int]]) -> None:
        """Store results that were computed elsewhere, given as pairs of a place and a reference."""
        for start in range(0, len(results), STORED):
            piece = self.module.open_piece(self.memory)
            for where, ref in results[start : start + STORED]:
                piece.store(where, self._owner[where], self.module.value(piece, ref, self.fetch))
            self.module.close_piece(self.memory, piece)
