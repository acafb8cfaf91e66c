"""From a recorded tape to the tape that code is made from: find loops, run the passes, choose loops or straight code.

The passes see loops in both cases, and straight code is the expansion of the improved tape. So the choice never changes
a bit of the results. The environment variable GLASSGRAD_ROLL chooses by hand: with ``1`` all loops stay, where a kernel
with loops can be made at all, and with ``0`` none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from glassgrad.compiler.account import LOOPS_FROM
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.loops import Executions
from glassgrad.compiler.ir.memory.checkpoint import checkpointed
from glassgrad.compiler.ir.memory.distribution import distributed
from glassgrad.compiler.ir.memory.ends import stored_at_ends
from glassgrad.compiler.ir.memory.recompute import recompute
from glassgrad.compiler.ir.memory.repeated import without_repeats
from glassgrad.compiler.ir.memory.slopes import slopes_early
from glassgrad.compiler.ir.passes import improve, sealed, unsealed
from glassgrad.compiler.ir.passes.join import joined
from glassgrad.compiler.ir.passes.merge import merged
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.rolling.roll import roll

if TYPE_CHECKING:
    from glassgrad.compiler.llvm.target import Target

__all__ = ["choice", "chosen", "executed", "improved"]

ROLL_FROM = 1000  # Loops are found in pieces of at least this many operations. Others are compiled quickly as they are.
# Code has loops if it executes at least `LOOPS_FROM` operations, and if at most this share of them is on the tape. Code
# for a batch has loops from so many lines of IR on: straight code with many functions of mathlib outgrows the L1 cache.
SHARE = 0.25
FEW = 32  # But not if each lane has more results than this: code with loops keeps them in cells until the end.


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


def chosen(tape: Tape, target: Target | None = None, kind: str = "scalar") -> Tape:
    """Return the form of an improved tape from which code is made: with loops in one segment, or without loops.

    Args:
        tape: an improved tape.
        target: the processor.
        kind: the kind of the kernel.
    """
    if tape.loops and tape.paths == 1 and choice() != "0":
        executions = executed(tape)
        early = kind == "reduce" or (kind == "batch" and tape.outputs() <= FEW)
        long = executions >= LOOPS_FROM or (early and target is not None and _lines(tape, target) >= LOOPS_FROM)
        if choice() == "1" or (long and len(tape.ops) <= SHARE * executions):
            from glassgrad.compiler.codegen.rolled.kernel import is_rollable  # not earlier: imports must stay fast

            rolled = joined(tape)
            if is_rollable(rolled):
                return distributed(stored_at_ends(checkpointed(recompute(without_repeats(merged(rolled))))))
    return expand(tape)


def _lines(tape: Tape, target: Target) -> int:
    """Return about how many lines of IR a lane executes."""
    from glassgrad.compiler.codegen.module import sizes_of  # not earlier: imports must stay fast

    return int(np.diff(Executions(tape).first) @ np.array(sizes_of(tape, target)))


def executed(tape: Tape) -> int:
    """Return how many operations a tape executes."""
    return Executions(tape).total if tape.loops else len(tape.ops)
