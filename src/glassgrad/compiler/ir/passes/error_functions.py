"""Compute error functions from the exponential of their derivative, and normal distributions from error functions."""

from __future__ import annotations

import math

from glassgrad.compiler.ir.fused_ops import ERF_GIVEN, NORMAL
from glassgrad.compiler.ir.passes.arrange import arranged
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.uses import copy, count_uses, final_bodies
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["erf_with_exp", "normal_from_erf"]


def erf_with_exp(tape: Tape) -> Tape:
    """Compute ``erf(x)`` from the exponential of its derivative, where one segment computes both.

    The exponential is `exp_neg_square`, or ``exp(-(x * x))``. The pass works only after the last branch. Before it, the
    exponential may belong to another path alone, and then the bits of erf would depend on whether that path is known.
    """
    if ops.erf not in tape.ops or tape.masked:
        return tape
    exponential = _exponentials(tape)
    if not exponential:
        return tape
    n, order, done = tape.inputs, list[int](), set[int]()
    for k in range(len(tape.ops)):
        for i in (*exponential.get(k, ()), k):
            if i not in done:
                done.add(i)
                order.append(i)
    new = copy(tape)
    for k, operations in exponential.items():
        new.ops[k], new.args[k] = ERF_GIVEN, (tape.args[k][0], n + operations[-1])
    return arranged(new, order)


def _exponentials(tape: Tape) -> dict[int, tuple[int, ...]]:
    """Return, for each erf, the operations of the same body that compute its exponential, which is the last."""
    n, bodies = tape.inputs, final_bodies(tape)
    of: dict[tuple[int, int], tuple[int, ...]] = {}  # by body and operand

    def place(ref: int, op: Op, body: int) -> int:
        i = ref - n
        return i if 0 <= i < len(bodies) and bodies[i] == body and tape.ops[i] is op else -1

    for k, body in enumerate(bodies):
        if body < 0:
            continue
        if tape.ops[k] is ops.exp_neg_square:
            of[body, tape.args[k][0]] = (k,)
        elif tape.ops[k] is ops.exp:
            j = place(tape.args[k][0], ops.neg, body)
            i = place(tape.args[j][0], ops.mul, body) if j >= 0 else -1
            if i >= 0 and tape.args[i][0] == tape.args[i][1]:
                of.setdefault((body, tape.args[i][0]), (i, j, k))
    erfs = [k for k, body in enumerate(bodies) if body >= 0 and tape.ops[k] is ops.erf]
    return {k: of[key] for k in erfs if (key := (bodies[k], tape.args[k][0])) in of}


def normal_from_erf(tape: Tape) -> Tape:
    """Compute ``1 + erf(x)`` and ``1 - erf(x)``, and their halves, from the exponential that `erf_with_exp` found.

    So no time is spent on the last bits of erf near 0, where the sum hides them. Like `erf_with_exp`, this pass works
    only after the last branch.
    """
    if ERF_GIVEN not in tape.ops:
        return tape
    n = tape.inputs
    uses, bodies = count_uses(tape), final_bodies(tape)
    lines: dict[int, tuple[float, float, int]] = {}  # a, b, j for each operation a + b erf, where operation j is erf
    best: dict[int, int] = {}  # for each j, the operation to be replaced
    for i, (op, args) in enumerate(zip(tape.ops, tape.args)):
        if op is ERF_GIVEN:
            lines[i] = 0.0, 1.0, i
        elif op in (ops.add, ops.sub, ops.mul) and min(args) < 0 and max(args) - n in lines:
            c, k = tape.constants[~min(args)], max(args) - n
            if bodies[k] != bodies[i] or uses[n + k] != 1 or abs(c) not in (0.5, 1.0):
                continue
            a, b, j = lines[k]
            if op is ops.mul:
                a, b = c * a, c * b
            elif op is ops.add:
                a = a + c
            else:
                a, b = (c - a, -b) if args[0] < 0 else (a - c, b)
            lines[i] = a, b, j
            if a == abs(b) and a in (0.5, 1.0):
                best[j] = i
    done = copy(tape)
    for j, i in best.items():
        a, b, _ = lines[i]
        where = j if a == 1.0 else i
        done.ops[where], done.args[where] = NORMAL[math.copysign(1.0, b)], tape.args[j]
        if a == 1.0:
            done.ops[i], done.args[i] = ops.add, (n + j, n + j)
    return dce(done)
