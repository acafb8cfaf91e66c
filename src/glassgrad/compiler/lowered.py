"""The forms of a compiled function, for users to look at: tape, LLVM IR and assembly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassgrad.compiler.codegen.layout import Form
from glassgrad.compiler.drawable import Step, drawable
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.runtime.forms import chosen, improved
from glassgrad.compiler.runtime.units import available

__all__ = ["Lowered"]


class Lowered:
    """The forms of a compiled function, for one kind of arguments.

    Attributes:
        source: the tape as it was traced, with all known paths merged.
        tape: the tape after the passes, with the loops that were found; ``print`` shows it. Code is made from it, or
            from its expansion.
        target: the processor that the code is for, or None without llvmlite.
        llvm: the LLVM IR, as text.
        assembly: the machine code, as text.
    """

    def __init__(self, program: Program, inputs: Sequence[Form], outputs: Sequence[Form], kind: str) -> None:
        assert program.tape is not None
        self.source: Tape = program.tape
        self.target: Target | None = None
        if available():
            from glassgrad.compiler.llvm.host import host

            self.target = host()
        self.tape = improved(self.source, self.target is not None and self.target.fma)
        self._inputs, self._outputs, self._kind = list(inputs), list(outputs), kind

    def __repr__(self) -> str:
        return f"<lowered: {self.tape!r} for {self.target.name if self.target else 'the interpreter'}>"

    @property
    def llvm(self) -> str:
        target = self._require_target()
        from glassgrad.compiler.codegen.batch_kernel import batch_module
        from glassgrad.compiler.codegen.module import INLINED
        from glassgrad.compiler.codegen.rolled.kernel import rolled_module
        from glassgrad.compiler.codegen.rolled.phased import phased_module
        from glassgrad.compiler.codegen.scalar_kernel import scalar_module

        tape = chosen(self.tape, target, self._kind)
        if tape.loops and self._kind == "scalar":
            return phased_module(tape, self._inputs, self._outputs, target).text
        if tape.loops:
            return rolled_module(tape, self._inputs, self._outputs, target, self._kind).text
        if self._kind == "scalar":
            return scalar_module(tape, self._inputs, self._outputs, target, INLINED).text
        return batch_module(tape, self._inputs, self._outputs, target, INLINED, self._kind == "reduce").text

    @property
    def assembly(self) -> str:
        from glassgrad.compiler.llvm.machine import assembly

        target = self._require_target()
        target = target.scalar() if self._kind == "scalar" else target
        return assembly(self.llvm, target, 2)

    def _require_target(self) -> Target:
        if self.target is None:
            raise ImportError(
                "without llvmlite there is no machine code, only a tape that is interpreted. Run pip install llvmlite"
            )
        return self.target

    def draw(self, **options: Any) -> Any:
        """Draw the tape, as ``glassgrad.draw`` does with the same ``options``.

        Branches are nodes. A loop is a frame around its body. Dashed edges lead back to the values that it carries from
        round to round.
        """
        from glassgrad.draw import draw

        return draw(self, **options)

    def __drawable__(self) -> list[Step]:
        return drawable(self.tape)
