"""Write a tape from another one: each operation goes through the steps of a pass before it is appended."""

from __future__ import annotations

from collections.abc import Callable

from glassgrad.compiler.ir.tape import Outputs, Split, Tape, TapeBuilder
from glassgrad.core.op import Op

__all__ = ["Rewriter", "Step", "rewrite"]

Step = Callable[["Rewriter", Op, tuple[int, ...]], "int | None"]


class Rewriter(TapeBuilder):
    """The new tape of a pass. `emit` sends an operation through the steps of the pass before it is appended."""

    def __init__(self, names: list[str], steps: tuple[Step, ...]) -> None:
        super().__init__(names)
        self.steps = steps
        self.seen: dict[tuple[object, ...], int] = {}  # the operations computed on the path to this point
        self.known: dict[int, bool] = {}  # the outcomes of the conditions on the path to this point
        # For each segment on the path to this point: its number, its keys in `seen`, and its condition in `known`.
        self.scopes: list[tuple[int, list[tuple[object, ...]], int | None]] = []

    def open(self, parent: int, outcome: bool) -> int:
        """Begin a segment after ``parent``, where its condition is ``outcome``. Forget values of other paths."""
        while self.scopes and self.scopes[-1][0] != parent:
            _, keys, condition = self.scopes.pop()
            for key in keys:
                del self.seen[key]
            if condition is not None:
                del self.known[condition]
        here = self.begin(parent)
        condition = None
        if parent >= 0:
            self.attach(parent, outcome, here)
            exit = self.tape.segments[parent].exit
            assert isinstance(exit, Split)
            if exit.condition not in self.known:
                condition = exit.condition
                self.known[condition] = outcome
        self.scopes.append((here, [], condition))
        return here

    def emit(self, op: Op, *args: int) -> int:
        """Write an operation, or its replacement by a step. Return the reference of its value."""
        for step in self.steps:
            ref = step(self, op, args)
            if ref is not None:
                return ref
        return self.append(op, args)

    def number(self, ref: int) -> float | None:
        """Return the constant that ``ref`` names, or None if it names another value."""
        return self.tape.constants[~ref] if ref < 0 else None

    def made_by(self, ref: int) -> tuple[Op | None, tuple[int, ...]]:
        """Return the operation that made ``ref``, and its operands; (None, ()) for inputs and constants."""
        i = ref - len(self.tape.names)
        return (self.tape.ops[i], self.tape.args[i]) if i >= 0 else (None, ())


def rewrite(tape: Tape, *steps: Step) -> Tape:
    """Return a new tape: each operation goes through ``steps``. A branch whose condition is known disappears."""
    writer = Rewriter(tape.names, steps)
    n, ops_, args_ = tape.inputs, tape.ops, tape.args
    constants = [writer.constant(x) for x in tape.constants]
    new = list(range(n)) + [0] * len(ops_)  # the new reference of each old value
    emit = writer.emit
    here = -1
    # Each item is an old segment, its new parent, the side of the branch, and whether it continues the new parent.
    work: list[tuple[int, int, bool, bool]] = [(0, -1, True, False)]
    while work:
        k, parent, outcome, goes_on = work.pop()
        if not goes_on:
            here = writer.open(parent, outcome)
        start, stop, _, exit = tape.segments[k]
        for i in range(start, stop):
            new[n + i] = emit(ops_[i], *[new[a] if a >= 0 else constants[~a] for a in args_[i]])
        if isinstance(exit, Outputs):
            writer.end(Outputs(tuple([new[a] if a >= 0 else constants[~a] for a in exit.refs]), exit.path))
            continue
        condition = new[exit.condition] if exit.condition >= 0 else constants[~exit.condition]
        number = writer.number(condition)
        sure = writer.known.get(condition) if number is None else number != 0
        taken = None if sure is None else exit.yes if sure else exit.no
        if taken is not None:
            work.append((taken, here, bool(sure), True))
            continue
        writer.end(Split(condition, None, None, exit.line))
        for child, side in ((exit.no, False), (exit.yes, True)):
            if child is not None:
                work.append((child, here, side, False))
    return writer.tape
