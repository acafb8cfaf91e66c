"""The tape: what a compiled function computes, in flat lists, with its branches as a tree of segments.

A *reference* is an integer: 0 … n-1 are the inputs, n … the operations in the order of the trace, and ~k (negative) the
k-th constant. A *segment* is a run of operations that is left either with results or by a branch: each way of a branch
is the segment that goes on there, or None where no run of the function has gone yet. Segments stand in preorder, each
behind its parent, and an operation may use what was computed in its own segment and in those it was reached through.
`verify` holds all that; it runs between passes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from glassgrad.core.op import Op
from glassgrad.support.legible import legible

__all__ = ["IllegalTape", "Outputs", "Segment", "Split", "Tape", "TapeBuilder", "identity", "verify"]


DEEPEST = 30  # branches to which a printed tape is indented


class Outputs(NamedTuple):
    """A segment's end with results: their references, in order; ``path`` is the number of the run that was traced."""

    refs: tuple[int, ...]
    path: int = 0


class Split(NamedTuple):
    """A segment's end by a branch: where ``condition`` is not 0 it goes on with segment ``yes``, else with ``no``; None
    is a way not known. ``line`` is where the source branches."""

    condition: int
    yes: int | None
    no: int | None
    line: str


class Segment(NamedTuple):
    """Operations ``start`` to ``stop`` (by their position on the tape), the segment before, and how it is left."""

    start: int
    stop: int
    parent: int
    exit: Outputs | Split


class Tape:
    """A program.

    Attributes:
        names: of the inputs.
        constants: the numbers that it uses.
        ops, args: the operations, and the references of the operands of each.
        segments: the tree of branches; a program without branches has one.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.constants: list[float] = []
        self.ops: list[Op] = []
        self.args: list[tuple[int, ...]] = []
        self.segments: list[Segment] = []

    @property
    def inputs(self) -> int:
        return len(self.names)

    @property
    def straight(self) -> bool:
        """Whether there are no branches."""
        return len(self.segments) == 1

    @property
    def paths(self) -> int:
        """How many ways through the program are known."""
        return sum(isinstance(segment.exit, Outputs) for segment in self.segments)

    def outputs(self) -> int:
        """How many results there are."""
        return next(len(s.exit.refs) for s in self.segments if isinstance(s.exit, Outputs))

    def show(self, ref: int) -> str:
        """A reference as `__str__` prints it."""
        if ref < 0:
            return f"{self.constants[~ref]:.17g}"
        return self.names[ref] if ref < self.inputs else f"v{ref - self.inputs}"

    def __str__(self) -> str:
        lines = [f"inputs: {', '.join(self.names) or 'none'}"]
        depth: list[int] = []
        arrived: dict[int, str] = {}
        for k, segment in enumerate(self.segments):
            depth.append(depth[segment.parent] + 1 if k else 0)
            pad = "  " * min(depth[k], DEEPEST)
            if k:
                lines.append(f"{'  ' * min(depth[k] - 1, DEEPEST)}{arrived[k]}:")
            for i in range(segment.start, segment.stop):
                op, args = self.ops[i], [self.show(a) for a in self.args[i]]
                infix = len(args) == 2 and not op.symbol.replace("_", "").isalnum()
                text = f" {op.symbol} ".join(args) if infix else f"{op.name}({', '.join(args)})"
                lines.append(f"{pad}v{i} = {text}")
            if isinstance(segment.exit, Outputs):
                lines.append(f"{pad}return {', '.join(map(self.show, segment.exit.refs)) or 'nothing'}")
            else:
                condition, yes, no, line = segment.exit
                where = f"   # {line}" if line else ""
                lines.append(f"{pad}guard {self.show(condition)}{where}")
                for child, text in ((yes, "if true"), (no, "if false")):
                    if child is None:
                        lines.append(f"{pad}{text}: not met yet")
                    else:
                        arrived[child] = text
        return legible("\n".join(lines))

    def __repr__(self) -> str:
        return f"<tape of {len(self.ops)} operations, {self.inputs} inputs, {self.paths} paths>"


def identity(x: float) -> tuple[object, ...]:
    """What tells a number from others, -0.0 from 0.0 as well; nan is itself."""
    return (x, math.copysign(1.0, x)) if x == x else ("nan",)


class TapeBuilder:
    """A tape while it is being written, segment by segment."""

    def __init__(self, names: Sequence[str]) -> None:
        self.tape = Tape(names)
        self._constants: dict[tuple[object, ...], int] = {}
        self._open: tuple[int, int] = (0, -1)

    def constant(self, x: float) -> int:
        """The reference of a number; each is there once."""
        key = identity(x)
        ref = self._constants.get(key)
        if ref is None:
            ref = self._constants[key] = ~len(self.tape.constants)
            self.tape.constants.append(x)
        return ref

    def append(self, op: Op, args: tuple[int, ...]) -> int:
        tape = self.tape
        tape.ops.append(op)
        tape.args.append(args)
        return len(tape.names) + len(tape.ops) - 1

    def begin(self, parent: int) -> int:
        """Begin a segment; return its number."""
        self._open = (len(self.tape.ops), parent)
        return len(self.tape.segments)

    def end(self, exit: Outputs | Split) -> None:
        """End the segment begun last."""
        start, parent = self._open
        self.tape.segments.append(Segment(start, len(self.tape.ops), parent, exit))

    def attach(self, parent: int, way: bool, child: int) -> None:
        """Have segment ``parent`` go on with ``child`` where its condition is ``way``."""
        segment = self.tape.segments[parent]
        assert isinstance(segment.exit, Split)
        exit = segment.exit._replace(yes=child) if way else segment.exit._replace(no=child)
        self.tape.segments[parent] = segment._replace(exit=exit)


class IllegalTape(AssertionError):
    """A tape breaks a rule that `verify` holds: a mistake in glassgrad."""


def verify(tape: Tape) -> Tape:
    """Return ``tape`` if it is legal, else raise `IllegalTape` with what is wrong. The time is linear in its length."""
    n, constants, stops = tape.inputs, len(tape.constants), 0
    if len(tape.ops) != len(tape.args):
        raise IllegalTape(f"{len(tape.ops)} operations, but operands of {len(tape.args)}")
    if not tape.segments or tape.segments[0].parent != -1:
        raise IllegalTape("the first segment must be there, and have none before it")
    widths = set()
    known = bytearray(len(tape.ops))  # which operations are computed on the way here
    chain: list[int] = []  # the segments on the way here

    def computed(a: int) -> bool:
        return -constants <= a < n or (n <= a < n + len(known) and bool(known[a - n]))

    for k, (start, stop, parent, exit) in enumerate(tape.segments):
        if start != stops or stop < start:
            raise IllegalTape(f"segment {k} starts at {start}, where {stops} is due, and stops at {stop}")
        stops = stop
        if k and not 0 <= parent < k:
            raise IllegalTape(f"segment {k} comes before its parent {parent}")
        while chain and chain[-1] != parent:
            first, last = tape.segments[chain.pop()][:2]
            known[first:last] = bytes(last - first)
        if k and not chain:
            raise IllegalTape(f"segment {k} does not stand behind its parent {parent}, in preorder")
        for i in range(start, stop):
            op, args = tape.ops[i], tape.args[i]
            if op.arity is not None and len(args) != op.arity:
                raise IllegalTape(f"v{i} = {op.name} has {len(args)} operands, not {op.arity}")
            for a in args:
                if not computed(a):
                    raise IllegalTape(f"v{i} = {op.name} uses {a}, which is not computed on every way to it")
            known[i] = 1
        for a in exit.refs if isinstance(exit, Outputs) else (exit.condition,):
            if not computed(a):
                raise IllegalTape(f"segment {k} ends with {a}, which is not computed on the way")
        if isinstance(exit, Outputs):
            widths.add(len(exit.refs))
        else:
            ways = [way for way in (exit.yes, exit.no) if way is not None]
            if not ways:
                raise IllegalTape(f"segment {k} branches to nowhere")
            for way in ways:
                if not k < way < len(tape.segments) or tape.segments[way].parent != k:
                    raise IllegalTape(f"segment {k} branches to {way}, which is not its child")
        chain.append(k)
    if stops != len(tape.ops):
        raise IllegalTape(f"{len(tape.ops) - stops} operations are in no segment")
    if len(widths) > 1:
        raise IllegalTape(f"the paths return {sorted(widths)} results")
    return tape
