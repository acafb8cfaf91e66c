"""Passes: pure functions from tape to tape that leave its results as they are, but for the last bits where `contract`
rounds once instead of twice, `pair` computes erf from the exponential of its derivative, and `halve` the
normal distribution without the detour by the error function: where that sum is nearly 0, it has digits that Python's
has lost.

`fold` computes what is constant, `simplify` does the algebra that IEEE 754 allows, `share` computes equal things once,
`prune` leaves out what is not used; `normalise` is the first three in one walk, so that each sees what the others
found. None of them reassociates, or takes it that there are no NaNs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from glassgrad import ops
from glassgrad.compiler.algebra import RULES
from glassgrad.compiler.callees import is_pure
from glassgrad.compiler.fused import ERF_GIVEN, FUSED, MULTIPLICATIONS, NORMAL
from glassgrad.compiler.tape import Draft, Outputs, Split, Tape, verify
from glassgrad.op import Op, errstate

__all__ = ["contract", "fold", "halve", "improve", "normalise", "pair", "prune", "share", "simplify"]

COMMUTATIVE = frozenset([ops.add, ops.mul, ops.equal, ops.not_equal])

Step = Callable[["Writer", Op, tuple[int, ...]], "int | None"]


class Writer(Draft):
    """The new tape of a walk; `emit` sends an operation through the steps of the pass before it is appended."""

    def __init__(self, names: list[str], steps: tuple[Step, ...]) -> None:
        super().__init__(names)
        self.steps = steps
        self.seen: dict[tuple[object, ...], int] = {}  # what is computed on the way here
        self.known: dict[int, bool] = {}  # which way conditions went on the way here
        self.scopes: list[tuple[int, list[tuple[object, ...]], int | None]] = []  # of the segments on the way here

    def open(self, parent: int, way: bool) -> int:
        """Begin a segment behind ``parent``, on its ``way``; forget what was computed beside the way here."""
        while self.scopes and self.scopes[-1][0] != parent:
            _, keys, condition = self.scopes.pop()
            for key in keys:
                del self.seen[key]
            if condition is not None:
                del self.known[condition]
        here = self.begin(parent)
        condition = None
        if parent >= 0:
            self.attach(parent, way, here)
            exit = self.tape.segments[parent].exit
            assert isinstance(exit, Split)
            if exit.condition not in self.known:
                condition = exit.condition
                self.known[condition] = way
        self.scopes.append((here, [], condition))
        return here

    def emit(self, op: Op, *args: int) -> int:
        for step in self.steps:
            ref = step(self, op, args)
            if ref is not None:
                return ref
        return self.append(op, args)

    def number(self, ref: int) -> float | None:
        """The number that ``ref`` stands for, or None."""
        return self.tape.constants[~ref] if ref < 0 else None

    def made_by(self, ref: int) -> tuple[Op | None, tuple[int, ...]]:
        """The operation and operands behind ``ref``; (None, ()) for inputs and constants."""
        i = ref - len(self.tape.names)
        return (self.tape.ops[i], self.tape.args[i]) if i >= 0 else (None, ())


def folded(writer: Writer, op: Op, args: tuple[int, ...]) -> int | None:
    if any(a >= 0 for a in args) or op.value is None or op.home is not None:
        return None
    constants = writer.tape.constants
    return writer.constant(float(op.value(*[constants[~a] for a in args])))


def simplified(writer: Writer, op: Op, args: tuple[int, ...]) -> int | None:
    rule = RULES.get(op)
    return None if rule is None else rule(writer, args)


def shared(writer: Writer, op: Op, args: tuple[int, ...]) -> int | None:
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
    writer = Writer(tape.names, steps)
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


def share(tape: Tape) -> Tape:
    """What is computed twice on one way is computed once."""
    return _walk(tape, shared)


def normalise(tape: Tape) -> Tape:
    """`fold`, `simplify` and `share` at once."""
    return _walk(tape, folded, simplified, shared)


def prune(tape: Tape) -> Tape:
    """Operations that no result and no branch depends on are left out."""
    n = tape.inputs
    live = bytearray(n + len(tape.ops))
    for _, _, _, exit in tape.segments:
        for a in exit.refs if isinstance(exit, Outputs) else (exit.condition,):
            if a >= 0:
                live[a] = 1
    for i in range(len(tape.ops) - 1, -1, -1):
        if live[n + i]:
            for a in tape.args[i]:
                if a >= 0:
                    live[a] = 1
    if all(live[n:]):
        return tape
    draft = Draft(tape.names)
    constants = [draft.constant(x) for x in tape.constants]
    new = list(range(n)) + [0] * len(tape.ops)
    for start, stop, parent, exit in tape.segments:
        draft.begin(parent)
        for i in range(start, stop):
            if live[n + i]:
                args = tuple([new[a] if a >= 0 else constants[~a] for a in tape.args[i]])
                new[n + i] = draft.append(tape.ops[i], args)
        if isinstance(exit, Outputs):
            draft.end(Outputs(tuple([new[a] if a >= 0 else constants[~a] for a in exit.refs]), exit.path))
        else:
            a = exit.condition
            draft.end(exit._replace(condition=new[a] if a >= 0 else constants[~a]))
    return draft.tape


def _uses(tape: Tape) -> list[int]:
    """How often each value is used."""
    uses = [0] * (tape.inputs + len(tape.ops))
    ends = [exit.refs if isinstance(exit, Outputs) else (exit.condition,) for _, _, _, exit in tape.segments]
    for refs in (*tape.args, *ends):
        for a in refs:
            if a >= 0:
                uses[a] += 1
    return uses


def _copy(tape: Tape) -> Tape:
    """The same constants and segments, and operations of its own: to be replaced one for one."""
    copy = Tape(tape.names)
    copy.constants, copy.segments = tape.constants, tape.segments
    copy.ops, copy.args = [*tape.ops], [*tape.args]
    return copy


def contract(tape: Tape) -> Tape:
    """A product that is only added to something becomes one operation with that, rounded once. Not where two products
    meet, for ``x * x - y * y`` must be 0 where x is y, and what is not negative stay so; and only behind the last
    branch, so that a branch goes the way that Python's arithmetic goes, and a path computes the same whichever other
    paths are known."""
    n = tape.inputs
    uses = _uses(tape)
    home = [-1] * len(tape.ops)  # the segment, if it is a last one
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

    done = _copy(tape)
    for i, (op, args) in enumerate(zip(tape.ops, tape.args)):
        if op in FUSED and home[i] >= 0 and not (multiplies(args[0]) and multiplies(args[1])):
            for side in (0, 1):
                factors = product(args[side], i)
                if factors is not None:
                    done.ops[i], done.args[i] = FUSED[op][side], (*factors, args[1 - side])
                    break
    return prune(done)


def halve(tape: Tape) -> Tape:
    """``1 + erf(x)`` and ``1 - erf(x)``, and their halves however written, where `pair` found the exponential: computed
    from that, without an error function that is good to its last bit near 0, where the sum does not show it. It is
    behind the last branch, as `pair` is."""
    if ERF_GIVEN not in tape.ops:
        return tape
    n = tape.inputs
    uses = _uses(tape)
    lines: dict[int, tuple[float, float, int]] = {}  # a, b, j of operations that are a + b erf, with erf the j-th one
    best: dict[int, int] = {}  # which one is made of the j-th
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
    done = _copy(tape)
    for j, i in best.items():
        a, b, _ = lines[i]
        where = j if a == 1.0 else i
        done.ops[where], done.args[where] = NORMAL[math.copysign(1.0, b)], tape.args[j]
        if a == 1.0:
            done.ops[i], done.args[i] = ops.add, (n + j, n + j)
    return prune(done)


def pair(tape: Tape) -> Tape:
    """Where one segment computes both ``erf(x)`` and the exponential of its derivative, `exp_neg_square` or written as
    ``exp(-(x * x))``, erf is computed from that. Only behind the last branch: before it the exponential may be there
    for another path alone, and then the bits of erf would depend on whether that path is known."""
    if ops.erf not in tape.ops:
        return tape
    n = tape.inputs
    exponential: dict[int, tuple[int, ...]] = {}  # what is to be computed before an erf, its exponential last

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
    draft = Draft(tape.names)
    constants = [draft.constant(x) for x in tape.constants]
    new = [*range(n), *[-1] * len(tape.ops)]  # the new reference of each old value, once it is computed

    def translated(refs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple([new[a] if a >= 0 else constants[~a] for a in refs])

    for start, stop, parent, exit in tape.segments:
        draft.begin(parent)
        for k in range(start, stop):
            for i in (*exponential.get(k, ()), k):
                if new[n + i] < 0:
                    args = translated(tape.args[i])
                    if i in exponential:
                        new[n + i] = draft.append(ERF_GIVEN, (args[0], new[n + exponential[i][-1]]))
                    else:
                        new[n + i] = draft.append(tape.ops[i], args)
        if isinstance(exit, Outputs):
            draft.end(Outputs(translated(exit.refs), exit.path))
        else:
            draft.end(exit._replace(condition=translated((exit.condition,))[0]))
    return draft.tape


def improve(tape: Tape, fused: bool = False) -> Tape:
    """All passes, verified between; ``fused`` if the target multiplies and adds in one step."""
    with errstate(domain="nan"):
        for one in (normalise, prune, pair, halve, *([contract] if fused else [])):
            tape = verify(one(tape))
    return tape
