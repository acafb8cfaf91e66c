"""Fused multiply-add: a product and the sum that it goes into become one operation, which rounds once."""

from __future__ import annotations

from glassgrad.compiler.ir.fused_ops import FUSED, MULTIPLICATIONS
from glassgrad.compiler.ir.indices import Indices
from glassgrad.compiler.ir.loops import READS, Carried, Executions
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.uses import copy, count_uses, final_bodies
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["contract"]


def contract(tape: Tape) -> Tape:
    """Fuse each product with the sum or difference that uses it, if nothing else uses it, in the same body of a loop.

    A sum or difference of two products is left alone: ``x * x - y * y`` must be 0 where x equals y, and a sum of
    squares must stay nonnegative. This holds if one of the products is an operand that names values of other rounds.

    The pass works only after the last branch. So branches go the same way as in Python's arithmetic, and the results
    of a path do not depend on the other paths that are known. It leaves tapes with masked loops alone.
    """
    if tape.masked:
        return tape
    n = tape.inputs
    uses = count_uses(tape)
    home = final_bodies(tape)
    products = _reads_of_products(tape)

    def multiplies(a: int) -> bool:
        return a - READS in products if a >= READS else a >= n and _multiplies(tape.ops[a - n])

    def product(a: int, i: int) -> tuple[int, ...] | None:
        j = a - n
        if not n <= a < READS or uses[a] != 1 or home[j] != home[i] or tape.ops[j] not in MULTIPLICATIONS:
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


def _multiplies(op: Op) -> bool:
    return op in MULTIPLICATIONS or op is ops.div


def _reads_of_products(tape: Tape) -> set[int]:
    """Return which reads and carried values of a tape are products or quotients at some execution."""
    if not tape.reads:
        return set()
    n, indices = tape.inputs, Indices(Executions(tape))
    found: set[int] = set()
    carried: list[tuple[int, Carried]] = []
    for k, read in enumerate(tape.reads):
        if isinstance(read, Carried):
            carried.append((k, read))
            owners = [a - n for a in read[1:] if n <= a < READS]
        else:
            owners = indices.owners(read).tolist()
        if any(_multiplies(tape.ops[s]) for s in owners):
            found.add(k)
    size = -1
    while size < len(found):  # a carried value may come from another one
        size = len(found)
        found |= {k for k, read in carried if found & {a - READS for a in read[1:]}}
    return found
