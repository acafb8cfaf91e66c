"""Long code for one call along one path: pieces that run one after another.

If only one side of each branch is known, the code continues along the path without branching. A piece need not end at
a branch: it returns whether one of its conditions failed, and the kernel then leaves the path.
"""

from __future__ import annotations

from collections.abc import Sequence

from glassgrad.compiler.codegen.access import Memory
from glassgrad.compiler.codegen.frame import Slots
from glassgrad.compiler.codegen.instructions import Block
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.pieces import Pieces
from glassgrad.compiler.codegen.values import Int, Value
from glassgrad.compiler.codegen.vector import F, M
from glassgrad.compiler.ir.tape import Outputs, Split, Tape

__all__ = ["is_chain", "write_chain"]

Condition = tuple[int, bool]  # A value, and whether it must be nonzero.


def is_chain(tape: Tape) -> bool:
    """Whether exactly one path is known, and it has branches."""
    return tape.paths == 1 and not tape.straight


def write_chain(module: Module, memory: Memory, slots: Slots, unknown: Block) -> None:
    """Write the body of the kernel. Values that leave a piece are in local slots."""
    _Chain(module, memory, slots).write(unknown)


class _Chain:
    def __init__(self, module: Module, memory: Memory, slots: Slots) -> None:
        self.module, self.memory = module, memory
        tape, n = module.tape, module.tape.inputs
        exit = tape.segments[-1].exit
        assert isinstance(exit, Outputs)
        self.exit = exit
        self.runs, self.conditions = _runs(module)
        self.place = {n + i: k for k, run in enumerate(self.runs) for i in run}
        uses = [
            (k, [a for a in _read(tape, run, asked) if a in self.place and self.place[a] != k])
            for k, (run, asked) in enumerate(zip(self.runs, self.conditions))
        ]
        self.pieces = Pieces(module, memory, slots, uses)
        self.pieces.set_results(exit.refs)

    def write(self, unknown: Block) -> None:
        code = self.memory.code
        for k, (run, asked) in enumerate(zip(self.runs, self.conditions)):
            self.pieces.begin(run)
            off, on = self._piece(run, asked), code.new_block("on")
            code.branch(off, unknown, on)
            code.start(on)
            self.pieces.end(k)
        self.pieces.store([(where, ref) for where, ref in enumerate(self.exit.refs) if ref not in self.place])
        code.ret(code.integer(self.exit.path))

    def _piece(self, run: Sequence[int], asked: Sequence[Condition]) -> Int:
        """Compute a run. Return whether one of the conditions fails."""
        module, pieces = self.module, self.pieces
        piece = module.open_piece(self.memory)
        known: dict[int, F] = {}
        module.straight(piece, run, known, pieces.fetch, pieces.keep)
        off: Value = piece.code.integer(0, "i1")
        for ref, holds in asked:
            value = known.get(ref) or module.value(piece, ref, pieces.fetch)
            here = value == 0.0 if holds else value != 0.0
            off = off | here if isinstance(off, M) else here
        return module.close_piece(self.memory, piece, off)


def _runs(module: Module) -> tuple[list[list[int]], list[list[Condition]]]:
    """Return the operations in runs of bounded size, and the conditions that are checked at the end of each run."""
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
