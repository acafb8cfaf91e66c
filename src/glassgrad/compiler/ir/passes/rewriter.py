"""Write a tape from another one: each operation goes through the steps of a pass before it is appended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glassgrad.compiler.ir.tape import Outputs, Split, Tape, TapeBuilder
from glassgrad.core.op import Op

__all__ = ["Rewriter", "Step"]

Step = Callable[["Rewriter", Op, tuple[int, ...]], "int | None"]


class Rewriter(TapeBuilder):
    """The new tape of a pass. `emit` sends an operation through the steps of the pass before it is appended."""

    def __init__(self, tape: Tape, steps: tuple[Step, ...]) -> None:
        super().__init__(tape.names)
        self.old, self.steps = tape, steps
        self.constants = [self.constant(x) for x in tape.constants]  # the new references of the old constants
        self.new = list(range(tape.inputs)) + [0] * len(tape.ops)  # the new reference of each other old value
        self.seen: dict[tuple[object, ...], int] = {}  # the operations computed on the path to this point
        self.known: dict[int, bool] = {}  # the outcomes of the conditions on the path to this point
        self.keys: list[tuple[object, ...]] = []  # those keys of `seen` that belong where the last operation was put
        # For each segment on the path to this point: its number, its keys in `seen`, and its conditions in `known`.
        self.scopes: list[tuple[int, list[tuple[object, ...]], list[int]]] = []

    def write(self) -> Tape:
        """Return the new tape. A branch whose condition is known disappears."""
        segments = self.old.segments
        here = -1
        # Each item is an old segment, its new parent, the side of the branch, and whether it continues the new parent.
        work: list[tuple[int, int, bool, bool]] = [(0, -1, True, False)]
        while work:
            k, parent, outcome, goes_on = work.pop()
            if not goes_on:
                here = self.open(parent, outcome)
            start, stop, _, exit = segments[k]
            self.operations(start, stop)
            if isinstance(exit, Outputs):
                self.end(Outputs(self.results(exit.refs), exit.path))
                continue
            condition = self.reference(exit.condition)
            sure = self.outcome(condition)
            taken = None if sure is None else exit.yes if sure else exit.no
            if taken is not None:
                work.append((taken, here, bool(sure), True))
                continue
            self.end(Split(condition, None, None, exit.line))
            for child, side in ((exit.no, False), (exit.yes, True)):
                if child is not None:
                    work.append((child, here, side, False))
        return self.finished()

    def operations(self, start: int, stop: int) -> None:
        """Write the old operations from ``start`` to ``stop``."""
        n, ops, args = self.old.inputs, self.old.ops, self.old.args
        new, constants, emit = self.new, self.constants, self.emit
        for i in range(start, stop):
            new[n + i] = emit(ops[i], *[new[a] if a >= 0 else constants[~a] for a in args[i]])

    def reference(self, ref: int) -> int:
        """Return the new reference of an old one, outside all loops."""
        return self.new[ref] if ref >= 0 else self.constants[~ref]

    def results(self, refs: Sequence[int]) -> tuple[int, ...]:
        """Return the new references of results. Inputs keep theirs."""
        n, reference = self.old.inputs, self.reference
        return tuple([ref if 0 <= ref < n else reference(ref) for ref in refs])

    def finished(self) -> Tape:
        """Return the new tape, to which everything has been written."""
        return self.tape

    def open(self, parent: int, outcome: bool) -> int:
        """Begin a segment after ``parent``, where its condition is ``outcome``. Forget values of other paths."""
        while self.scopes and self.scopes[-1][0] != parent:
            self.leave()
        here = self.begin(parent)
        conditions = []
        if parent >= 0:
            self.attach(parent, outcome, here)
            exit = self.tape.segments[parent].exit
            assert isinstance(exit, Split)
            if exit.condition not in self.known:
                conditions.append(exit.condition)
                self.known[exit.condition] = outcome
        self.enter(here, conditions)
        return here

    def enter(self, number: int, conditions: list[int]) -> None:
        """Open a scope, in which these conditions are known."""
        self.keys = []
        self.scopes.append((number, self.keys, conditions))

    def leave(self) -> None:
        """Close the last scope: forget its values and conditions."""
        _, keys, conditions = self.scopes.pop()
        for key in keys:
            del self.seen[key]
        for condition in conditions:
            del self.known[condition]

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

    def outcome(self, condition: int) -> bool | None:
        """Return the outcome of a condition, if it is known here, or None."""
        return self.known.get(condition) if condition >= 0 else self.tape.constants[~condition] != 0

    def made_by(self, ref: int) -> tuple[Op | None, tuple[int, ...]]:
        """Return the operation that made ``ref``, and its operands; (None, ()) for inputs and constants."""
        i = ref - len(self.tape.names)
        return (self.tape.ops[i], self.tape.args[i]) if i >= 0 else (None, ())
