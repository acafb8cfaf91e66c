"""One walk that computes constants, simplifies, and computes equal things once.

`fold`, `simplify` and `cse` do one of these each. `normalise` does all three in one walk, so that each sees the results
of the others.
"""

from __future__ import annotations

from glassgrad.compiler.ir.operations import is_pure
from glassgrad.compiler.ir.passes.algebra import RULES
from glassgrad.compiler.ir.passes.rewriter import Rewriter, Step
from glassgrad.compiler.ir.tape import Outputs, Split, Tape
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["cse", "fold", "normalise", "simplify"]

COMMUTATIVE = frozenset([ops.add, ops.mul, ops.equal, ops.not_equal])


def folded(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    if any(a >= 0 for a in args) or op.value is None or op.home is not None:
        return None
    constants = writer.tape.constants
    return writer.constant(float(op.value(*[constants[~a] for a in args])))


def simplified(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    rule = RULES.get(op)
    return None if rule is None else rule(writer, args)


def shared(writer: Rewriter, op: Op, args: tuple[int, ...]) -> int | None:
    if not is_pure(op):
        return None
    if op in COMMUTATIVE and args[0] > args[1]:
        args = (args[1], args[0])
    key = (op, args)
    ref = writer.seen.get(key)
    if ref is None:
        ref = writer.seen[key] = writer.append(op, args)
        writer.scopes[-1][1].append(key)
    return ref


def _walk(tape: Tape, *steps: Step) -> Tape:
    """A new tape, each operation sent through ``steps``. A branch whose way is known is followed."""
    writer = Rewriter(tape.names, steps)
    n, ops_, args_ = tape.inputs, tape.ops, tape.args
    constants = [writer.constant(x) for x in tape.constants]
    new = list(range(n)) + [0] * len(ops_)  # the new reference of each old value
    emit = writer.emit
    here = -1
    work: list[tuple[int, int, bool, bool]] = [(0, -1, True, False)]  # old segment, new parent, its way, go on in it?
    while work:
        k, parent, way, goes_on = work.pop()
        if not goes_on:
            here = writer.open(parent, way)
        start, stop, _, exit = tape.segments[k]
        for i in range(start, stop):
            new[n + i] = emit(ops_[i], *[new[a] if a >= 0 else constants[~a] for a in args_[i]])
        if isinstance(exit, Outputs):
            writer.end(Outputs(tuple([new[a] if a >= 0 else constants[~a] for a in exit.refs]), exit.path))
            continue
        condition = new[exit.condition] if exit.condition >= 0 else constants[~exit.condition]
        number = writer.number(condition)
        sure = writer.known.get(condition) if number is None else number != 0
        taken = None if sure is None else exit.yes if sure else exit.no
        if taken is not None:
            work.append((taken, here, bool(sure), True))
            continue
        writer.end(Split(condition, None, None, exit.line))
        for child, side in ((exit.no, False), (exit.yes, True)):
            if child is not None:
                work.append((child, here, side, False))
    return writer.tape


def fold(tape: Tape) -> Tape:
    """What depends on constants alone is computed, by the table's values."""
    return _walk(tape, folded)


def simplify(tape: Tape) -> Tape:
    """The algebra of `algebra.RULES`."""
    return _walk(tape, simplified)


def cse(tape: Tape) -> Tape:
    """What is computed twice on one way is computed once."""
    return _walk(tape, shared)


def normalise(tape: Tape) -> Tape:
    """`fold`, `simplify` and `cse` at once."""
    return _walk(tape, folded, simplified, shared)
