"""What a function becomes, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassgrad.compiler.layout import Form
from glassgrad.compiler.program import Program
from glassgrad.compiler.tape import Tape

__all__ = ["Lowered"]


class Lowered:
    """A compiled function, at the arguments that it was lowered for.

    Attributes:
        source: the tape as it was traced, all known paths merged.
        tape: the tape that code is made from, after the passes; ``print`` shows it.
        llvm: the LLVM IR, as text.
        assembly: the machine code, as text.
    """

    def __init__(self, program: Program, inputs: Sequence[Form], outputs: Sequence[Form], kind: str) -> None:
        from glassgrad.compiler.kernel import improved
        from glassgrad.compiler.target import host

        assert program.tape is not None
        self.source: Tape = program.tape
        self.target = host()
        self.tape = improved(self.source, self.target)
        self._inputs, self._outputs, self._kind = list(inputs), list(outputs), kind

    def __repr__(self) -> str:
        return f"<lowered: {self.tape!r} for {self.target.name}>"

    @property
    def llvm(self) -> str:
        from glassgrad.compiler.batch import batch_module
        from glassgrad.compiler.module import INLINED
        from glassgrad.compiler.row import row_module

        if self._kind == "row":
            return row_module(self.tape, self._inputs, self._outputs, self.target, INLINED).text
        fold = self._kind == "fold"
        return batch_module(self.tape, self._inputs, self._outputs, self.target, INLINED, fold).text

    @property
    def assembly(self) -> str:
        from glassgrad.compiler.machine import assembly

        target = self.target.scalar() if self._kind == "row" else self.target
        return assembly(self.llvm, target, 2)

    def draw(self, **options: Any) -> Any:
        """A drawing of the tape, its branches among the nodes; ``options`` are those of `glassgrad.draw`."""
        raise NotImplementedError
