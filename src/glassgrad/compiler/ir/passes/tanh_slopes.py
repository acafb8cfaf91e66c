"""Compute the derivative of tanh by one operation, which shares its work with tanh."""

from __future__ import annotations

from glassgrad.compiler.ir.fused_ops import MULTIPLICATIONS, TANH_SLOPE
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.uses import copy, final_bodies
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["tanh_slopes"]


def tanh_slopes(tape: Tape) -> Tape:
    """Replace ``4 e / (1 + e)**2`` by one operation, with ``e = exp(-2 |x|)`` as the derivative of tanh writes it.

    The pass works only after the last branch, and where one body computes all of it.
    """
    if tape.masked or not {ops.exp, ops.div} <= set(tape.ops):
        return tape
    new, bodies, n = copy(tape), final_bodies(tape), tape.inputs
    for i, op in enumerate(tape.ops):
        found = _operand(tape, i) if op is ops.div and bodies[i] >= 0 else None
        if found is not None and all(bodies[part - n] == bodies[i] for part in found[1]):
            new.ops[i], new.args[i] = TANH_SLOPE, (found[0],)
    return dce(new) if TANH_SLOPE in new.ops else tape


def _operand(tape: Tape, i: int) -> tuple[int, list[int]] | None:
    """Return x if operation i is the derivative of ``tanh(x)``, and the references of what it is computed from."""
    above, below = tape.args[i]
    numerator = _with_constant(tape, above, ops.mul, 4.0)
    denominator = _made(tape, below)
    if numerator is None or denominator is None or denominator[0] not in MULTIPLICATIONS:
        return None
    whole = {*denominator[1]}
    e = _with_constant(tape, min(whole), ops.add, 1.0) if len(whole) == 1 else None
    power = _made(tape, e) if e is not None and e == numerator else None
    if e is None or power is None or power[0] is not ops.exp:
        return None
    exponent = _made(tape, power[1][0])
    if exponent is None or exponent[0] is not ops.mul:
        return None
    for x, factor in (exponent[1], exponent[1][::-1]):
        sign = _sign(tape, factor, x)
        if sign is not None:
            return x, [above, below, *whole, e, power[1][0], factor, sign]
    return None


def _sign(tape: Tape, factor: int, x: int) -> int | None:
    """Return the condition ``x > 0`` if ``factor`` is -2 where it holds, and else 2."""
    choice = _made(tape, factor)
    if choice is None or choice[0] is not ops.where:
        return None
    condition, *values = choice[1]
    if [tape.constants[~a] if a < 0 else None for a in values] != [-2.0, 2.0]:
        return None
    made = _made(tape, condition)
    if made is None or made[0] is not ops.greater or made[1][0] != x or made[1][1] >= 0:
        return None
    return condition if tape.constants[~made[1][1]] == 0.0 else None


def _made(tape: Tape, ref: int) -> tuple[Op, tuple[int, ...]] | None:
    """Return the operation that makes ``ref``, with its operands, or None if it is no operation's value."""
    i = ref - tape.inputs
    return (tape.ops[i], tape.args[i]) if 0 <= i < len(tape.ops) else None


def _with_constant(tape: Tape, ref: int, op: Op, number: float) -> int | None:
    """Return the other operand if ``ref`` is ``op`` of ``number`` and another operand."""
    made = _made(tape, ref)
    if made is not None and made[0] is op:
        for a, b in (made[1], made[1][::-1]):
            if a < 0 and tape.constants[~a] == number:
                return b
    return None
