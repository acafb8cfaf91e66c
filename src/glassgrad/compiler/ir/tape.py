"""The tape: the operations of a compiled function in flat lists, and its branches as a tree of segments.

A *reference* is an integer that names a value. With n inputs, 0 … n-1 are the inputs, n, n+1, … are the operations in
the order of the trace, and ~k (negative) is the k-th constant.

A *segment* is a sequence of operations that ends with results or with a branch. Each side of a branch is the segment
that continues there, or None if no run of the function has taken that side yet. Segments are stored in preorder, each
after its parent. An operation may use the values of its own segment and of its ancestors. `verify` checks these rules
between passes.

A tape may have *loops* (`loops`), whose operations stand on the tape once and run many times. A reference to an
operation then means its latest value. References from `loops.READS` on are operands that name another value at each
execution, and values that a loop carries from round to round. Those from `loops.EXPANDED` on are results that name one
execution of an operation in a loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from glassgrad.compiler.ir.columns import Columns, columns_of
from glassgrad.compiler.ir.illegal import IllegalTape
from glassgrad.compiler.ir.legality import illegal_in_columns, illegal_in_lists
from glassgrad.compiler.ir.loop_rules import check_rolled
from glassgrad.compiler.ir.loops import EXPANDED, READS, Affine, Assert, Carried, Loop, Read
from glassgrad.compiler.ir.printing import Printer
from glassgrad.core.op import Op
from glassgrad.support.legible import legible

__all__ = ["IllegalTape", "Outputs", "Segment", "Split", "Tape", "TapeBuilder", "identity", "verify"]


DEEPEST = 30  # A printed tape is indented for at most this many nested branches.


class Outputs(NamedTuple):
    """The end of a segment with results: their references, in order. ``path`` is the number of the traced run."""

    refs: tuple[int, ...]
    path: int = 0

    @property
    def used(self) -> tuple[int, ...]:
        """The references that the end uses."""
        return self.refs


class Split(NamedTuple):
    """The end of a segment with a branch.

    Where ``condition`` is not 0, segment ``yes`` follows, otherwise segment ``no``. None stands for a side that no run
    has taken. ``line`` is the source line of the branch.
    """

    condition: int
    yes: int | None
    no: int | None
    line: str

    @property
    def used(self) -> tuple[int, ...]:
        """The references that the end uses."""
        return (self.condition,)


class Segment(NamedTuple):
    """Operations ``start`` to ``stop`` (positions on the tape), the segment before, and the end."""

    start: int
    stop: int
    parent: int
    exit: Outputs | Split


class Tape:
    """The computation of a function.

    Attributes:
        names: the names of the inputs.
        constants: the constants.
        ops, args: the operations, and the references of the operands of each.
        segments: the tree of segments. A tape without branches has one.
        loops: the loops, each before those inside it.
        reads: the operands that are no reference to one value; see `glassgrad.compiler.ir.loops`.
        recorded: the operations in arrays, if the tape is a `RecordedTape`.
    """

    recorded: Columns | None = None

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.constants: list[float] = []
        self.ops: list[Op] = []
        self.args: list[tuple[int, ...]] = []
        self.segments: list[Segment] = []
        self.loops: list[Loop] = []
        self.reads: list[Read | Carried] = []

    @property
    def inputs(self) -> int:
        return len(self.names)

    @property
    def straight(self) -> bool:
        """Whether the tape has one segment. If it has no asserts either, every lane has results."""
        return len(self.segments) == 1

    @property
    def rolled(self) -> bool:
        """Whether the tape has what only `glassgrad.compiler.ir.expand.expand` turns into a flat tape."""
        ops = self.ops if self.recorded is None else self.recorded.ops
        return bool(self.loops or self.reads) or Assert in map(type, ops)

    @property
    def masked(self) -> bool:
        """Whether there are loops that lanes run different numbers of times. Passes leave such tapes alone."""
        return any(loop.masked for loop in self.loops)

    @property
    def paths(self) -> int:
        """The number of known paths through the tape."""
        return sum(isinstance(segment.exit, Outputs) for segment in self.segments)

    def columns(self) -> Columns:
        """Return the operations in arrays. If the tape is rolled, these are its static operations."""
        return columns_of(self.ops, self.args) if self.recorded is None else self.recorded

    def read(self, ref: int) -> Read | Carried:
        """Return what a reference from `READS` on stands for."""
        return Read(-1, Affine(ref - EXPANDED, ())) if ref >= EXPANDED else self.reads[ref - READS]

    def outputs(self) -> int:
        """Return the number of results."""
        return next(len(s.exit.refs) for s in self.segments if isinstance(s.exit, Outputs))

    def show(self, ref: int) -> str:
        """Return the text of a reference, as `__str__` prints it."""
        return Printer(self).show(ref)

    def __str__(self) -> str:
        printer = Printer(self)
        lines = [f"inputs: {printer.inputs()}"]
        depth: list[int] = []
        arrived: dict[int, str] = {}
        for k, segment in enumerate(self.segments):
            depth.append(depth[segment.parent] + 1 if k else 0)
            pad = "  " * min(depth[k], DEEPEST)
            if k:
                lines.append(f"{'  ' * min(depth[k] - 1, DEEPEST)}{arrived[k]}:")
            lines += printer.lines(segment.start, segment.stop, pad)
            if isinstance(segment.exit, Outputs):
                lines.append(f"{pad}return {printer.results(segment.exit.refs)}")
            else:
                condition, yes, no, line = segment.exit
                where = f"   # {line}" if line else ""
                lines.append(f"{pad}guard {printer.show(condition)}{where}")
                for child, text in ((yes, "if true"), (no, "if false")):
                    if child is None:
                        lines.append(f"{pad}{text}: not taken yet")
                    else:
                        arrived[child] = text
        return legible("\n".join(lines))

    def __repr__(self) -> str:
        return f"<tape of {len(self.ops)} operations, {self.inputs} inputs, {self.paths} paths>"


def identity(x: float) -> tuple[object, ...]:
    """Return a key for a number. It differs for 0.0 and -0.0, and is the same for every nan."""
    return (x, math.copysign(1.0, x)) if x == x else ("nan",)


class TapeBuilder:
    """A tape while it is being written, segment by segment."""

    def __init__(self, names: Sequence[str]) -> None:
        self.tape = Tape(names)
        self._constants: dict[tuple[object, ...], int] = {}
        self._open: tuple[int, int] = (0, -1)

    def constant(self, x: float) -> int:
        """Return the reference of a number. Each number is stored once."""
        key = identity(x)
        ref = self._constants.get(key)
        if ref is None:
            ref = self._constants[key] = ~len(self.tape.constants)
            self.tape.constants.append(x)
        return ref

    def append(self, op: Op, args: tuple[int, ...]) -> int:
        """Append an operation to the open segment. Return its reference."""
        tape = self.tape
        tape.ops.append(op)
        tape.args.append(args)
        return len(tape.names) + len(tape.ops) - 1

    def begin(self, parent: int) -> int:
        """Begin a segment after segment ``parent``. Return its number."""
        self._open = (len(self.tape.ops), parent)
        return len(self.tape.segments)

    def end(self, exit: Outputs | Split) -> None:
        """End the open segment."""
        start, parent = self._open
        self.tape.segments.append(Segment(start, len(self.tape.ops), parent, exit))

    def attach(self, parent: int, outcome: bool, child: int) -> None:
        """Make ``child`` the segment that follows ``parent`` where its condition is ``outcome``."""
        segment = self.tape.segments[parent]
        assert isinstance(segment.exit, Split)
        exit = segment.exit._replace(yes=child) if outcome else segment.exit._replace(no=child)
        self.tape.segments[parent] = segment._replace(exit=exit)


def verify(tape: Tape) -> Tape:
    """Return ``tape`` if it is legal, or raise `IllegalTape`. The time is linear in the tape's length."""
    if tape.recorded is None and len(tape.ops) != len(tape.args):
        raise IllegalTape(f"ops and args must have the same length, got {len(tape.ops)} and {len(tape.args)}")
    _check_segments(tape)
    if tape.rolled:
        check_rolled(tape)
    else:
        _check_operands(tape)
    return tape


def _length(tape: Tape) -> int:
    """Return the number of operations, without making lists of them."""
    return len(tape.ops) if tape.recorded is None else len(tape.recorded.code)


def _check_segments(tape: Tape) -> None:
    """Check that the segments are a tree in preorder that holds all operations."""
    if not tape.segments or tape.segments[0].parent != -1:
        raise IllegalTape("there must be a first segment, and its parent must be -1")
    stops, widths = 0, set()
    chain: list[int] = []  # the segments on the path to this point
    for k, (start, stop, parent, exit) in enumerate(tape.segments):
        if start != stops or stop < start:
            raise IllegalTape(f"segment {k} must start at {stops} and not stop before that, got {start} to {stop}")
        stops = stop
        if k and not 0 <= parent < k:
            raise IllegalTape(f"segment {k} comes before its parent {parent}")
        while chain and chain[-1] != parent:
            chain.pop()
        if k and not chain:
            raise IllegalTape(f"segment {k} must stand after its parent {parent}, in preorder")
        if isinstance(exit, Outputs):
            widths.add(len(exit.refs))
        else:
            sides = [side for side in (exit.yes, exit.no) if side is not None]
            if not sides:
                raise IllegalTape(f"segment {k} branches to nowhere")
            for side in sides:
                if not k < side < len(tape.segments) or tape.segments[side].parent != k:
                    raise IllegalTape(f"segment {k} branches to {side}, which is not its child")
        chain.append(k)
    if stops != _length(tape):
        raise IllegalTape(f"{_length(tape) - stops} operations are in no segment")
    if len(widths) > 1:
        raise IllegalTape(f"all paths must return the same number of results, got {sorted(widths)}")


def _check_operands(tape: Tape) -> None:
    """Check that each operand of a tape without loops is computed before it is used."""
    n, constants, columns, count = tape.inputs, len(tape.constants), tape.recorded, _length(tape)
    first_op = constants + n  # references begin at -constants: shifted by that, they are the places in `known`
    known = bytearray(b"\1" * first_op + bytes(count))  # which values are computed on the path to this point
    end = n + count
    chain: list[int] = []  # the segments on the path to this point
    for k, (start, stop, parent, exit) in enumerate(tape.segments):
        while chain and chain[-1] != parent:
            first, last = tape.segments[chain.pop()][:2]
            known[first_op + first : first_op + last] = bytes(last - first)
        if columns is None:
            fault = illegal_in_lists(tape.ops, tape.args, start, min(stop, count), known, constants)
        else:
            fault = illegal_in_columns(columns, start, min(stop, count), known, constants)
        if fault is not None:
            raise _illegal_operation(tape, *fault)
        for a in exit.used:
            if not -constants <= a < end or not known[a + constants]:
                raise IllegalTape(f"segment {k} ends with {a}, which is not computed on every path to it")
        chain.append(k)


def _illegal_operation(tape: Tape, i: int, used: int | None) -> IllegalTape:
    op, args = tape.ops[i], tape.args[i]
    if used is None:
        return IllegalTape(f"v{i} = {op.name} must have {op.arity} operands, got {len(args)}")
    return IllegalTape(f"v{i} = {op.name} uses {used}, which is not computed on every path to it")
