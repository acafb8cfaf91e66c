"""Fused multiply-add: a product and the sum that it goes into become one operation, which rounds once."""

from __future__ import annotations

from glassgrad.compiler.ir.fused_ops import FUSED, MULTIPLICATIONS
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.uses import copy, count_uses
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.core import ops

__all__ = ["contract"]


def contract(tape: Tape) -> Tape:
    """Fuse each product with the sum or difference that uses it, if nothing else uses it.

    A sum or difference of two products is left alone: ``x * x - y * y`` must be 0 where x equals y, and a sum of
    squares must stay nonnegative.

    The pass works only after the last branch. So branches go the same way as in Python's arithmetic, and the results
    of a path do not depend on the other paths that are known.
    """
    n = tape.inputs
    uses = count_uses(tape)
    home = [-1] * len(tape.ops)  # the segment of each operation, if results end that segment
    for k, (start, stop, _, exit) in enumerate(tape.segments):
        if isinstance(exit, Outputs):
            home[start:stop] = [k] * (stop - start)

    def multiplies(a: int) -> bool:
        return a >= n and (tape.ops[a - n] in MULTIPLICATIONS or tape.ops[a - n] is ops.div)

    def product(a: int, i: int) -> tuple[int, ...] | None:
        j = a - n
        if j < 0 or uses[a] != 1 or home[j] != home[i] or tape.ops[j] not in MULTIPLICATIONS:
            return None
        args = tape.args[j]
        return args if len(args) == 2 else (args[0], args[0])

    done = copy(tape)
    for i, (op, args) in enumerate(zip(tape.ops, tape.args)):
        if op in FUSED and home[i] >= 0 and not (multiplies(args[0]) and multiplies(args[1])):
            for side in (0, 1):
                factors = product(args[side], i)
                if factors is not None:
                    done.ops[i], done.args[i] = FUSED[op][side], (*factors, args[1 - side])
                    break
    return dce(done)
