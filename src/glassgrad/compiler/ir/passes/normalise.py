"""Compute constants, simplify, and compute equal operations once.

`fold`, `simplify` and `cse` each do one of these. `normalise` does all three in one walk, so that each sees the results
of the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.compiler.ir.operations import is_pure
from glassgrad.compiler.ir.passes.algebra import RULES
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.loop_writer import rewrite
from glassgrad.compiler.ir.passes.rewriter import Rewriter
from glassgrad.compiler.ir.tape import Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["cse", "fold", "normalise", "settled", "simplify"]

COMMUTATIVE = frozenset([ops.add, ops.mul, ops.equal, ops.not_equal])  # The order of these operands does not matter.


def folded(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    """Return the constant that an operation on constants gives. This is the step of `fold`."""
    if any(a >= 0 for a in args) or op.value is None or op.home is not None:
        return None
    constants = writer.tape.constants
    return writer.constant(float(op.value(*[constants[~a] for a in args])))


def simplified(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    """Return the replacement of an operation by a rule of algebra. This is the step of `simplify`."""
    rule = RULES.get(op)
    return None if rule is None else rule(writer, args)


def shared(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    """Return the equal operation that was computed before, or append this one. This is the step of `cse`."""
    if not is_pure(op):
        return None
    if op in COMMUTATIVE and args[0] > args[1]:
        args = (args[1], args[0])
    key = (op, args)
    ref = writer.seen.get(key)
    if ref is None:
        ref = writer.seen[key] = writer.append(op, args)
        writer.keys.append(key)
    return ref


def fold(tape: Tape) -> Tape:
    """Compute the operations that depend on constants alone, by the value functions of the table."""
    return rewrite(tape, folded)


def simplify(tape: Tape) -> Tape:
    """Apply the rules of `algebra.RULES`."""
    return rewrite(tape, simplified)


def cse(tape: Tape) -> Tape:
    """Compute an operation once where a path computes it twice."""
    return rewrite(tape, shared)


def normalise(tape: Tape) -> Tape:
    """Do the work of `fold`, `simplify` and `cse` in one walk."""
    return rewrite(tape, folded, simplified, shared)


def settled(tape: Tape) -> Tape:
    """Normalise a tape, and remove what is not used. Where there are loops, go on until nothing changes.

    There one walk is not enough, because values go round: a carried value can be simplified once its next value is.
    """
    if not tape.rolled:
        return dce(normalise(tape))
    while True:
        after = dce(normalise(tape))
        if is_same(after, tape):
            return tape
        tape = after


def is_same(a: Tape, b: Tape) -> bool:
    """Whether two tapes have the same operations, segments, loops and reads."""
    return (
        (a.ops, a.args, a.segments) == (b.ops, b.args, b.segments)
        and len(a.loops) == len(b.loops)
        and len(a.reads) == len(b.reads)
        and all(map(_is_same_entry, [*a.loops, *a.reads], [*b.loops, *b.reads]))
    )


def _is_same_entry(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    def same(x: Any, y: Any) -> bool:
        return np.array_equal(x, y) if isinstance(x, np.ndarray) else type(x) is type(y) and x == y

    return type(a) is type(b) and all(map(same, a, b))
