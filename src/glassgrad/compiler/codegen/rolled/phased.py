"""Write the kernel for one call of a tape whose loops have independent rounds.

The tape is cut into phases (`cut`). Each phase is a function of its own: a kernel for one lane, or for a loop with
independent rounds the kernel for a batch of lanes. The kernel calls one after the other. Its scratch memory holds, one
after another:

    leaves  | for each phase the table of its inputs, then that of its results
    buffers | what each phase computes for later ones
    copies  | what is copied before a phase begins; all phases share it
    marks   | a byte for each lane, set where an assert does not hold
    scratch | the scratch memory of the phases, which share it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.callees import Callees
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, Form
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.rolled.cut import CONSTANTS, COPIES, ROOM, Copy, Phase, cut, lane_loops, pitch
from glassgrad.compiler.codegen.rolled.kernel import rolled_module
from glassgrad.compiler.codegen.scalar_kernel import HEADER, KernelText
from glassgrad.compiler.codegen.values import Pointer
from glassgrad.compiler.codegen.vector import Code
from glassgrad.compiler.ir.loops import Assert, Executions
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.llvm.target import Target
from glassgrad.compiler.rolling.rounds import apart

__all__ = ["phased_module"]

LINE = 64  # All parts of the memory start at cache lines.
LEAF = 24  # the bytes of a leaf


def phased_module(
    tape: Tape,
    inputs: Sequence[Form],
    outputs: Sequence[Form],
    target: Target,
    pause: Callable[[], None] = lambda: None,
) -> KernelText:
    """Write the module for one call of a tape for which `is_rollable` holds.

    The parameters are those of `rolled_module`. It does the same if no rounds are independent, if the tape has masked
    loops, or if it calls functions of the user, whose names are numbers that hold for one tape only.
    """
    if not tape.masked and not Callees(tape).ops:
        parts = apart(tape)
        executions = Executions(parts)
        chosen = lane_loops(parts, executions, target.lanes)
        if chosen:
            return _Phased(parts, inputs, outputs, target, pause, cut(parts, inputs, executions, chosen)).write()
    return rolled_module(tape, inputs, outputs, target, "scalar", pause=pause)


class _Phased:
    def __init__(
        self,
        tape: Tape,
        inputs: Sequence[Form],
        outputs: Sequence[Form],
        target: Target,
        pause: Callable[[], None],
        phases: Sequence[Phase],
    ) -> None:
        self.tape, self.inputs, self.outputs, self.phases = tape, inputs, outputs, phases
        self.texts = [self._text(k, phase, target, pause) for k, phase in enumerate(phases)]
        self.module = Module(Tape([]), [], [], target.scalar(), pause=pause)
        self.code = Code(self.module.target)
        self.given = HEADER.values(self.code)
        self.data: dict[str, np.ndarray] = {}
        self._lay_out()

    def _text(self, k: int, phase: Phase, target: Target, pause: Callable[[], None]) -> KernelText:
        last = k == len(self.phases) - 1
        outputs = self.outputs if last else [Form(0, phase.results, CONTIGUOUS if phase.lanes else BROADCAST)]
        forms = [leaf.form for leaf in phase.leaves]
        kind = "batch" if phase.lanes else "scalar"
        return rolled_module(phase.tape, forms, outputs, target, kind, 1, pause, f"phase{k}")

    def _lay_out(self) -> None:
        """Find the place of each part of the scratch memory, in bytes."""
        self.size = 0
        self.tables = [self._room(LEAF * (len(phase.leaves) + 1)) for phase in self.phases]
        self.buffers = [self._room(8 * phase.results * pitch(phase.lanes)) for phase in self.phases]
        copied = [sum([len(copy.target) for copy in phase.copies if copy.to == COPIES]) for phase in self.phases]
        self.copies = self._room(8 * max(copied))
        self.marks = self._room(max([phase.lanes for phase in self.phases]))
        self.work = self._room(max([text.scratch for text in self.texts]))

    def _room(self, size: int) -> int:
        start = self.size
        self.size += -(-size // LINE) * LINE
        return start

    def write(self) -> KernelText:
        code, module = self.code, self.module
        for k, phase in enumerate(self.phases):
            for j, copy in enumerate(phase.copies):
                self._copy(k, j, copy)
            table = self._at(self.tables[k])
            for j, leaf in enumerate(phase.leaves):
                area, number = self._area(leaf.area, k)
                start = area.element(number, leaf.start)
                self._write_leaf(table.offset(LEAF * j), start, leaf.form.width, leaf.lane, leaf.number)
            self._call(k, phase, table)
        module.add(HEADER, code, exported=True)
        for text in self.texts:
            module.functions += [function._replace(exported=False) for function in text.module.functions]
            module.declarations |= text.module.declarations
            self.data |= text.data or {}
        return KernelText(module, self.size, tuple(sorted(module.needs)), data=self.data)

    def _call(self, k: int, phase: Phase, table: Pointer) -> None:
        """Call a phase. The last one ends the kernel, and so does one in which an assert does not hold."""
        code, given = self.code, self.given
        last = k == len(self.phases) - 1
        outs = given.outs
        if not last:
            outs = table.offset(LEAF * len(phase.leaves))
            start = self._at(self.buffers[k] + (8 * ROOM if phase.lanes else 0))
            self._write_leaf(outs, start, 8, 1, pitch(phase.lanes))
        asserts = any(isinstance(op, Assert) for op in phase.tape.ops)
        if asserts and phase.lanes:
            with code.count(phase.lanes) as lane:
                code.store(code.integer(0, "i8"), self._at(self.marks).offset(lane))
        lanes, zero = code.integer(max(phase.lanes, 1)), code.integer(0)
        header = HEADER._replace(name=f"phase{k}")
        found = code.invoke(header, zero, lanes, lanes, table, outs, self._at(self.work), self._at(self.marks))
        if last:
            code.ret(found)
        elif asserts:
            fails, on = code.new_block("fails"), code.new_block("on")
            code.branch(found != 0 if phase.lanes else zero > found, fails, on)
            code.start(fails)
            code.ret(code.integer(-1))
            code.start(on)

    # Memory

    def _at(self, place: int) -> Pointer:
        found: Pointer = self.given.scratch.offset(place, inside=False)
        return found

    def _area(self, area: int, k: int) -> tuple[Pointer, str]:
        """Return the address of an area, as phase k uses it, and the type of its numbers."""
        if area == COPIES:
            return self._at(self.copies), "double"
        if area == CONSTANTS:
            return self._table(f"gg.data.constants{k}", self.phases[k].constants), "double"
        if area < len(self.inputs):
            pointer = self.code.read_pointer(self.given.ins.field("%leaf", area, 0), constant=True)
            return pointer, self.inputs[area].number
        return self._at(self.buffers[area - len(self.inputs)]), "double"

    def _table(self, symbol: str, numbers: Any) -> Pointer:
        """Return the address of a table of numbers."""
        self.data[symbol] = np.ascontiguousarray(numbers).view(np.uint8)
        self.code.declarations.add(f"@{symbol} = external global i8")
        return Pointer(self.code, f"@{symbol}")

    def _copy(self, k: int, j: int, copy: Copy) -> None:
        """Copy numbers for phase k. ``j`` is the number of the copy."""
        code = self.code
        to, _ = self._area(copy.to, k)
        targets = self._table(f"gg.data.targets{k}.{j}", copy.target.astype(np.int32))
        if copy.area == CONSTANTS:
            area, number = self._table(f"gg.data.sources{k}.{j}", np.array(self.tape.constants)[copy.source]), "double"
        else:
            area, number = self._area(copy.area, k)
            sources = self._table(f"gg.data.sources{k}.{j}", copy.source.astype(np.int32))
        with code.count(len(copy.target)) as i:
            at = i
            if copy.area != CONSTANTS:
                at = code.read_int(sources.element("i32", i), "i32", constant=True).cast("sext", "i64")
            name = code.read(number, area.element(number, at))
            if number == "float":
                name = code.cast("fpext", "float", name, "double")
            target = code.read_int(targets.element("i32", i), "i32", constant=True).cast("sext", "i64")
            code.write("double", name, to.element("double", target))

    def _write_leaf(self, to: Pointer, start: Pointer, width: int, lane: int, number: int) -> None:
        code = self.code
        code.store(start, to)
        code.store(code.integer(width * lane), to.offset(8))
        code.store(code.integer(width * number), to.offset(16))
