"""Write a tape with loops from another one, and compute before a loop what does not change in it."""

from __future__ import annotations

from bisect import bisect_left

from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import EXPANDED, READS, Assert, Executions
from glassgrad.compiler.ir.operations import is_pure
from glassgrad.compiler.ir.passes.assemble import assembled
from glassgrad.compiler.ir.passes.operands import Operands
from glassgrad.compiler.ir.passes.rewriter import Rewriter, Step
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core.op import Op

__all__ = ["LoopWriter", "rewrite"]


class LoopWriter(Rewriter):
    """A `Rewriter` of tapes with loops.

    The new tape is written in the order in which its operations are found. `assembled` puts them in the order in which
    they run. Loops keep their numbers until then.

    Attributes:
        homes: the loop of each new operation, or -1.
        bodies: the body of each loop, and of -1: its operations, and ~k for each loop k in it, in order.
    """

    tape: Tape

    def __init__(self, tape: Tape, steps: tuple[Step, ...]) -> None:
        super().__init__(tape, steps)
        self.homes: list[int] = []
        self.bodies: dict[int, list[int]] = {-1: []}
        self.indices = Indices(Executions(tape))
        self.operands = Operands(self)
        self.loop = -1
        self.chain: list[int] = []  # the loops around this point, outermost first
        self.depth: dict[int, int] = {-1: 0}  # their depths
        self._starts = [loop.start for loop in tape.loops]
        self._certain = [self.indices.runs_at_each_entry(loop) for loop in range(len(tape.loops))]

    # Walking

    def operations(self, start: int, stop: int) -> None:
        n, tape = self.old.inputs, self.old
        turn = bisect_left(self._starts, start)
        for i in range(start, stop):
            while self.chain and tape.loops[self.loop].stop <= i:
                self._close()
            while turn < len(self._starts) and self._starts[turn] == i:
                if tape.loops[turn].stop > i:
                    self._open_loop(turn)
                turn += 1
            if self.loop < 0 or self.indices.executions.runs[self.loop]:
                self.new[n + i] = self._operation(tape.ops[i], tape.args[i])
        while self.chain:
            self._close()

    def _operation(self, op: Op, args: tuple[int, ...]) -> int:
        now = tuple([self.operands.reference(a, self.loop) for a in args])
        if not isinstance(op, Assert):
            return self.emit(op, *now)
        sure = self.outcome(now[0])
        if sure is op.outcome:
            return 0  # nothing refers to it
        if sure is None:
            self.known[now[0]] = op.outcome
            self.scopes[-1][2].append(now[0])
        return self._put(op, now, self.loop)

    def _open_loop(self, loop: int) -> None:
        self.loop = loop
        self.chain.append(loop)
        self.depth[loop] = len(self.chain)
        self.bodies[loop] = []
        self.enter(~loop, [])

    def _close(self) -> None:
        loop = self.chain.pop()
        del self.depth[loop]
        self.loop = self.chain[-1] if self.chain else -1
        self.bodies[self.loop].append(~loop)
        self.leave()

    def reference(self, ref: int) -> int:
        """Return the new reference of an old one, outside all loops. `assembled` gives executions their new numbers."""
        return ref if ref >= EXPANDED else self.operands.reference(ref, -1)

    # Writing

    def append(self, op: Op, args: tuple[int, ...]) -> int:
        """Append an operation to the body of the outermost loop in which its operands change."""
        return self._put(op, args, self._outermost(args) if self.chain and is_pure(op) else self.loop)

    def _put(self, op: Op, args: tuple[int, ...], loop: int) -> int:
        ref = super().append(op, args)
        self.bodies[loop].append(len(self.homes))
        self.homes.append(loop)
        self.keys = self.scopes[self.depth[loop] - len(self.chain) - 1][1]
        return ref

    def _outermost(self, args: tuple[int, ...]) -> int:
        """Return the outermost loop around this point at which an operation can run once for all inside it."""
        depth = len(self.chain)
        needed = max(map(self._depth_of, args), default=0)
        while depth > needed and self._certain[self.chain[depth - 1]]:
            depth -= 1
        return self.chain[depth - 1] if depth else -1

    def _depth_of(self, ref: int) -> int:
        """Return the depth of the innermost loop around this point in which a value changes, or is computed."""
        i = ref - self.old.inputs
        if i < 0:
            return 0
        if ref < READS:
            return self._common_depth(self.homes[i])
        return max(map(self._common_depth, self.operands.loops_of(ref)))

    def _common_depth(self, loop: int) -> int:
        while loop not in self.depth:
            loop = self.old.loops[loop].parent
        return self.depth[loop]

    def made_by(self, ref: int) -> tuple[Op | None, tuple[int, ...]]:
        i = ref - self.old.inputs
        if 0 <= i < len(self.homes) and self.homes[i] in self.depth:  # else its operands may not be valid here
            return self.tape.ops[i], self.tape.args[i]
        return None, ()

    def finished(self) -> Tape:
        return assembled(self)


def rewrite(tape: Tape, *steps: Step) -> Tape:
    """Return a new tape: each operation goes through ``steps``. A branch whose condition is known disappears.

    A tape with masked loops is returned as it is.
    """
    if tape.masked:
        return tape
    writer = LoopWriter(tape, steps) if tape.rolled else Rewriter(tape, steps)
    return writer.write()
