"""Compute error functions from the exponential of their derivative, and normal distributions from error functions."""

from __future__ import annotations

import math

from glassgrad.compiler.ir.fused_ops import ERF_GIVEN, NORMAL
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.uses import copy, count_uses
from glassgrad.compiler.ir.tape import Outputs, Tape, TapeBuilder
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["erf_with_exp", "normal_from_erf"]


def erf_with_exp(tape: Tape) -> Tape:
    """Compute ``erf(x)`` from the exponential of its derivative, where one segment computes both.

    The exponential is `exp_neg_square`, or ``exp(-(x * x))``. The pass works only after the last branch. Before it, the
    exponential may belong to another path alone, and then the bits of erf would depend on whether that path is known.
    """
    if ops.erf not in tape.ops:
        return tape
    n = tape.inputs
    exponential: dict[int, tuple[int, ...]] = {}  # the operations to compute before an erf; its exponential is the last

    def place(ref: int, op: Op, start: int) -> int:
        i = ref - n
        return i if i >= start and tape.ops[i] is op else -1

    for start, stop, _, exit in tape.segments:
        if not isinstance(exit, Outputs):
            continue
        of: dict[int, tuple[int, ...]] = {}
        for k in range(start, stop):
            if tape.ops[k] is ops.exp_neg_square:
                of[tape.args[k][0]] = (k,)
            elif tape.ops[k] is ops.exp:
                j = place(tape.args[k][0], ops.neg, start)
                i = place(tape.args[j][0], ops.mul, start) if j >= 0 else -1
                if i >= 0 and tape.args[i][0] == tape.args[i][1]:
                    of.setdefault(tape.args[i][0], (i, j, k))
        for k in range(start, stop):
            if tape.ops[k] is ops.erf and tape.args[k][0] in of:
                exponential[k] = of[tape.args[k][0]]
    if not exponential:
        return tape
    builder = TapeBuilder(tape.names)
    constants = [builder.constant(x) for x in tape.constants]
    new = [*range(n), *[-1] * len(tape.ops)]  # the new reference of each old value, once it is computed

    def translated(refs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple([new[a] if a >= 0 else constants[~a] for a in refs])

    for start, stop, parent, exit in tape.segments:
        builder.begin(parent)
        for k in range(start, stop):
            for i in (*exponential.get(k, ()), k):
                if new[n + i] < 0:
                    args = translated(tape.args[i])
                    if i in exponential:
                        new[n + i] = builder.append(ERF_GIVEN, (args[0], new[n + exponential[i][-1]]))
                    else:
                        new[n + i] = builder.append(tape.ops[i], args)
        if isinstance(exit, Outputs):
            builder.end(Outputs(translated(exit.refs), exit.path))
        else:
            builder.end(exit._replace(condition=translated((exit.condition,))[0]))
    return builder.tape


def normal_from_erf(tape: Tape) -> Tape:
    """Compute ``1 + erf(x)`` and ``1 - erf(x)``, and their halves, from the exponential that `erf_with_exp` found.

    So no time is spent on the last bits of erf near 0, where the sum hides them. Like `erf_with_exp`, this pass works
    only after the last branch.
    """
    if ERF_GIVEN not in tape.ops:
        return tape
    n = tape.inputs
    uses = count_uses(tape)
    lines: dict[int, tuple[float, float, int]] = {}  # a, b, j for each operation a + b erf, where operation j is erf
    best: dict[int, int] = {}  # for each j, the operation to be replaced
    for i, (op, args) in enumerate(zip(tape.ops, tape.args)):
        if op is ERF_GIVEN:
            lines[i] = 0.0, 1.0, i
        elif op in (ops.add, ops.sub, ops.mul) and min(args) < 0 <= max(args) - n:
            c, k = tape.constants[~min(args)], max(args) - n
            if k not in lines or uses[n + k] != 1 or abs(c) not in (0.5, 1.0):
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
