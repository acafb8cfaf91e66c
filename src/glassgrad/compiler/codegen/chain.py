"""Long code for one call along one path: pieces that run one after another.

If only one side of each branch is known, the code computes on along the path without branching. A piece need not end at
a branch: it returns whether one of its conditions failed, and the kernel then leaves the path.
"""

from __future__ import annotations

from collections.abc import Sequence

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.instructions import Block
from glassgrad.compiler.codegen.layout import owners
from glassgrad.compiler.codegen.module import Module, last_uses
from glassgrad.compiler.codegen.values import Int, Value
from glassgrad.compiler.codegen.vector import F, M
from glassgrad.compiler.ir.tape import Outputs, Split, Tape

__all__ = ["is_chain", "write_chain"]

STORED = 300  # results in a piece that only stores results
Condition = tuple[int, bool]  # a value, and whether it must be nonzero


def is_chain(tape: Tape) -> bool:
    """Whether exactly one path is known, and it has branches."""
    return tape.paths == 1 and not tape.straight


def write_chain(module: Module, memory: Memory, slots: Slots, unknown: Block) -> None:
    """Write the body of the kernel; values that leave a piece are in local slots."""
    _Chain(module, memory, slots).write(unknown)


class _Chain:
    def __init__(self, module: Module, memory: Memory, slots: Slots) -> None:
        self.module, self.memory, self.slots = module, memory, slots
        tape, n = module.tape, module.tape.inputs
        self.owner = owners(module.outputs)
        exit = tape.segments[-1].exit
        assert isinstance(exit, Outputs)
        self.exit = exit
        self.runs, self.conditions = _runs(module)
        self.place = {n + i: k for k, run in enumerate(self.runs) for i in run}
        self.results: dict[int, list[int]] = {}
        for where, ref in enumerate(exit.refs):
            self.results.setdefault(ref, []).append(where)
        self.last = last_uses(
            (k, [a for a in _read(tape, run, asked) if a in self.place and self.place[a] != k])
            for k, (run, asked) in enumerate(zip(self.runs, self.conditions))
        )

    def write(self, unknown: Block) -> None:
        code, n = self.memory.code, self.module.tape.inputs
        leaving: dict[int, list[int]] = {}
        for ref, k in self.last.items():
            leaving.setdefault(k, []).append(ref)
        for k, (run, asked) in enumerate(zip(self.runs, self.conditions)):
            for i in run:
                if n + i in self.last:
                    self.slots.take(n + i)
            off, on = self._piece(run, asked), code.new_block("on")
            code.branch(off, unknown, on)
            code.start(on)
            for ref in leaving.get(k, ()):
                self.slots.release(ref)
        rest = [(where, ref) for where, ref in enumerate(self.exit.refs) if ref not in self.place]  # inputs and numbers
        for start in range(0, len(rest), STORED):
            self._store(rest[start : start + STORED])
        code.ret(code.integer(self.exit.path))

    def _piece(self, run: Sequence[int], asked: Sequence[Condition]) -> Int:
        """Compute a run; return whether one of the conditions does not hold."""
        module = self.module
        piece = module.open_piece(self.memory)
        known: dict[int, F] = {}
        module.straight(piece, run, known, self._fetch, self._keep)
        off: Value = piece.code.integer(0, "i1")
        for ref, holds in asked:
            value = known.get(ref) or module.value(piece, ref, self._fetch)
            here = value == 0.0 if holds else value != 0.0
            off = off | here if isinstance(off, M) else here
        return module.close_piece(self.memory, piece, off)

    def _store(self, results: Sequence[tuple[int, int]]) -> None:
        """A piece that only stores results."""
        piece = self.module.open_piece(self.memory)
        for where, ref in results:
            piece.store(where, self.owner[where], self.module.value(piece, ref, self._fetch))
        self.module.close_piece(self.memory, piece)

    def _fetch(self, memory: Memory, ref: int) -> F:
        return memory.load_local(self.slots.of[ref], ref)

    def _keep(self, memory: Memory, ref: int, value: F) -> None:
        if ref in self.last:
            memory.store_local(self.slots.of[ref], ref, value)
        for where in self.results.get(ref, ()):
            memory.store(where, self.owner[where], value)


def _runs(module: Module) -> tuple[list[list[int]], list[list[Condition]]]:
    """The operations in runs of bounded size, and the conditions that are asked at the end of each."""
    tape = module.tape
    runs = module.cut(range(len(tape.ops)))
    ends = [run[-1] + 1 if run else 0 for run in runs]
    conditions: list[list[Condition]] = [[] for _ in runs]
    k = 0
    for _, stop, _, exit in tape.segments:
        while ends[k] < stop:
            k += 1
        if isinstance(exit, Split):
            conditions[k].append((exit.condition, exit.no is None))
    return runs, conditions


def _read(tape: Tape, run: Sequence[int], asked: Sequence[Condition]) -> list[int]:
    return [*[a for i in run for a in tape.args[i]], *[ref for ref, _ in asked]]
