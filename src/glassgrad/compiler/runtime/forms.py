"""From a recorded tape to the tape that code is made from: find loops, run the passes, choose loops or straight code.

The passes see loops in both cases, and straight code is the expansion of the improved tape. So the choice never changes
a bit of the results. The environment variable GLASSGRAD_ROLL chooses by hand: with ``1`` all loops stay, where a kernel
with loops can be made at all, and with ``0`` none.
"""

from __future__ import annotations

import os

from glassgrad.compiler.account import LOOPS_FROM
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.memory.checkpoint import checkpointed
from glassgrad.compiler.ir.memory.recompute import recompute
from glassgrad.compiler.ir.memory.slopes import slopes_early
from glassgrad.compiler.ir.passes import improve, sealed, unsealed
from glassgrad.compiler.ir.passes.join import joined
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.rolling.roll import roll

__all__ = ["choice", "chosen", "executed", "improved"]

ROLL_FROM = 1000  # Loops are found in pieces of at least this many operations. Others are compiled quickly as they are.
SUMMED_FROM = (
    800  # The same as `LOOPS_FROM`, if results are summed: with loops, terms are added when they are computed.
)
SHARE = 0.25  # Code has loops if it executes at least `LOOPS_FROM` operations, and at most this share is on the tape.


def improved(tape: Tape, fused: bool) -> Tape:
    """Return the tape after the passes, with its loops.

    Args:
        tape: the tape of the known paths, as recorded.
        fused: whether the target has fused multiply-add.
    """
    return slopes_early(unsealed(improve(roll(sealed(tape, ROLL_FROM), ROLL_FROM), fused)))


def choice() -> str:
    """Return what GLASSGRAD_ROLL says: ``"0"``, ``"1"`` or ``"auto"``."""
    return os.environ.get("GLASSGRAD_ROLL", "auto")


def chosen(tape: Tape, summed: bool = False) -> Tape:
    """Return the form of an improved tape from which code is made: with loops in one segment, or without loops.

    Args:
        tape: the tape after the passes.
        summed: whether results are summed over the lanes of a batch.
    """
    if tape.loops and tape.paths == 1 and choice() != "0":
        executions, size = executed(tape), len(tape.ops)
        if choice() == "1" or (executions >= (SUMMED_FROM if summed else LOOPS_FROM) and size <= SHARE * executions):
            from glassgrad.compiler.codegen.rolled.kernel import is_rollable  # not earlier: imports must stay fast

            rolled = joined(tape)
            if is_rollable(rolled):
                return checkpointed(recompute(rolled))
    return expand(tape)


def executed(tape: Tape) -> int:
    """Return how many operations a tape executes."""
    return Executions(tape).total if tape.loops else len(tape.ops)
