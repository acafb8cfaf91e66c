"""Turns a tape into nodes that `glassgrad.draw` takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Executions, Read
from glassgrad.compiler.ir.printing import Printer
from glassgrad.compiler.ir.tape import Outputs, Tape

__all__ = ["Step", "drawable"]

FEW = 4  # So many inputs that a list names are drawn as operands of the list. More are only named.


class Frame:
    """A loop, as a group of nodes."""

    def __init__(self, name: str, parent: Frame | None) -> None:
        self.name, self.parent = name, parent


class Step:
    """A node of the drawing: an input, an operation, a value that a loop carries, a guard, or the results of a path.

    Attributes:
        op, prev, label: the operation, the operands, the name.
        group: the loop that it belongs to, or None.
        returning: the values that come back to it from the round before.
    """

    def __init__(self, op: str, prev: Sequence[Step], label: str, group: Frame | None = None) -> None:
        self.op, self.prev, self.label, self.group = op, tuple(prev), label, group
        self.returning: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        return self.label or self.op


def drawable(tape: Tape) -> list[Step]:
    """Return the tape as nodes: its end, and its asserts. The operands of a guard are its condition and sides."""
    return _Maker(tape).roots()


class _Maker:
    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.printer = Printer(tape)
        self.executions = Executions(tape)
        self.frames: list[Frame] = []
        for k, loop in enumerate(tape.loops):
            parent = self.frames[loop.parent] if loop.parent >= 0 else None
            self.frames.append(Frame(f"for t{k} in 0..{self.printer.trips(k)}", parent))
        self.inputs = [Step("", (), name) for name in tape.names]
        self.constants: dict[tuple[int, int], Step] = {}
        self.operations: list[Step] = []
        self.reads: dict[int, Step] = {}
        # A step, a value that comes back to it, and the place and the loop where that value is valid.
        self.back: list[tuple[Step, int, int, int]] = []

    def roots(self) -> list[Step]:
        asserts = []
        for i, (op, args) in enumerate(zip(self.tape.ops, self.tape.args)):
            home = int(self.executions.home[i])
            operands = [self.step(a, i, home) for a in args]
            if isinstance(op, Assert):
                step = Step("assert" if op.outcome else "assert not", operands, _short(op.line), self.frame(home))
                asserts.append(step)
            else:
                step = Step(op.symbol, operands, f"v{i}", self.frame(home))
            self.operations.append(step)
        end = self.end()
        for step, ref, place, loop in self.back:  # a read that is met here may add to the list
            step.returning += (self.step(ref, place, loop),)
        return [end, *asserts]

    def frame(self, loop: int) -> Frame | None:
        return self.frames[loop] if loop >= 0 else None

    def end(self) -> Step:
        """Return the step of the first segment's end. The operands of a guard are its condition and its sides."""
        tape = self.tape
        ends: list[Step | None] = [None] * len(tape.segments)
        for k in range(len(tape.segments) - 1, -1, -1):  # a segment stands before its children
            _, stop, _, exit = tape.segments[k]
            if isinstance(exit, Outputs):
                ends[k] = Step("return", self.results(exit.refs, stop), f"path {exit.path}")
                continue
            sides = []
            for child, text in ((exit.yes, "if true"), (exit.no, "if false")):
                after = None if child is None else ends[child]
                sides.append(Step("", (), f"{text}: not taken yet") if after is None else Step(text, [after], text))
            ends[k] = Step("guard", [self.step(exit.condition, stop, -1), *sides], _short(exit.line))
        assert ends[0] is not None
        return ends[0]

    def results(self, refs: Sequence[int], place: int) -> list[Step]:
        """Return the steps of results. Many results of one operation in a loop are one step."""
        members: dict[int, list[int]] = {}  # by the operation that they name, or the place of the only one
        for at, ref in enumerate(refs):
            read = self.tape.read(ref) if ref >= READS else None
            named = self.named(read, "") if isinstance(read, Read) else []
            members.setdefault(named[0] if named else ~at, []).append(ref)
        found = []
        for named_op, group in members.items():
            if len(group) > FEW:
                label = f"{self.printer.show(group[0])}, …, {self.printer.show(group[-1])}"
                found.append(Step("read", [self.step(named_op, place, -1)], label))
            else:
                found += [self.step(ref, place, -1) for ref in group]
        return found

    def step(self, ref: int, place: int, loop: int) -> Step:
        """Return the step of a reference that is used at operation ``place``, in the body of ``loop``."""
        n = self.tape.inputs
        if ref < 0:
            found = self.constants.get((ref, loop))
            if found is None:  # each loop has its own, so that no edge leads from one frame into another
                found = self.constants[ref, loop] = Step("", (), self.printer.show(ref), self.frame(loop))
            return found
        if ref < READS:
            return self.inputs[ref] if ref < n else self.operations[ref - n]
        if ref not in self.reads:
            read = self.tape.read(ref)
            if isinstance(read, Carried):
                self.carried(ref, read)
            else:
                self.read(ref, read, place, loop)
        return self.reads[ref]

    def carried(self, ref: int, carried: Carried) -> None:
        own = self.tape.loops[carried.loop]
        step = Step("carried", (), self.printer.show(ref), self.frame(carried.loop))
        self.reads[ref] = step
        step.prev = (self.step(carried.initial, own.start, own.parent),)
        if self.comes_from_outside(carried):
            step.prev += (self.step(carried.next, own.start, own.parent),)
        else:
            self.back.append((step, carried.next, own.stop, carried.loop))

    def comes_from_outside(self, carried: Carried) -> bool:
        if carried.next >= READS:
            return self.tape.reads[carried.next - READS].loop < carried.loop
        return carried.next < self.tape.inputs + self.tape.loops[carried.loop].start

    def read(self, ref: int, read: Read, place: int, loop: int) -> None:
        inner = [k for k in self.executions.chain(loop) if k > read.loop]
        if inner:  # the read stands in the body of its own loop, before the loop inside that uses it
            place = self.tape.loops[inner[0]].start
        label = self.printer.show(ref)
        named = self.named(read, label)
        before = [self.step(one, place, loop) for one in named if one < self.tape.inputs + place]
        self.reads[ref] = step = Step("read" if named else "", before, label, self.frame(read.loop))
        self.back += [(step, one, place, loop) for one in named if one >= self.tape.inputs + place]

    def named(self, read: Read, label: str) -> list[int]:
        """Return the references of the operations that a read names, and of the inputs if it lists a few."""
        executions, n = self.executions, self.tape.inputs
        reach = executions.reach(read) if isinstance(read.index, Affine) else None
        refs = np.array(reach) if reach else np.unique(executions.index(read))
        ops = np.unique(np.searchsorted(executions.first, refs[refs >= n] - n, "right") - 1)
        if reach and (len(ops) > 1 or reach[0] < n <= reach[1]):  # it names several operations
            refs = np.unique(executions.index(read))
            ops = np.unique(np.searchsorted(executions.first, refs[refs >= n] - n, "right") - 1)
        inputs = refs[(refs >= 0) & (refs < n)] if label.startswith(("[", "(")) else refs[:0]
        return [*(inputs.tolist() if len(inputs) <= FEW else []), *(ops + n).tolist()]


def _short(line: str) -> str:
    """Return the name and line of a file without its folders."""
    return line.replace("\\", "/").rsplit("/", 1)[-1]
