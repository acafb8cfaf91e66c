"""Local derivatives for the player: each rule of the table as a small tape, which a page can run.

A rule such as ``lambda y, x: 0.5 / y`` is called once, with symbols in the place of numbers, and writes down what it
does: the gradient's own tape, for one kind of edge. So the page knows how to compute derivatives without knowing how
to derive them. A rule that does what a tape cannot say (it branches, or calls what the page does not have) has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from glassgrad.core import ops
from glassgrad.core.op import TABLE, Op

__all__ = ["Rule", "is_live", "rule_of", "tape_of"]


class Rule(NamedTuple):
    """A local derivative as a tape: reference 0 is the result y, then come the operands, the constants, and the
    results of ``code``, lines ``[operation, references ...]``; ``out`` is the derivative.

    Example:
        >>> import glassgrad as gg
        >>> rule_of(gg.square, 0)
        Rule(arity=1, constants=(2.0,), code=(('mul', 2, 1),), out=3)
    """

    arity: int
    constants: tuple[float, ...]
    code: tuple[tuple[str | int, ...], ...]
    out: int


class NotATape(TypeError):
    """A rule does what a tape cannot say."""


def is_live(op: Op) -> bool:
    """Whether the page can compute ``op``: it is in the table, with its column for JavaScript."""
    entry = TABLE.get(op.name)
    return entry is not None and entry.value is op.value and bool(entry.js)


@cache
def rule_of(op: Op, i: int) -> Rule | None:
    """The derivative of ``op`` by its operand ``i`` as a tape, or None where there is none."""
    if op.partials is None or op.arity is None or i >= len(op.partials):
        return None
    rule = op.partials[i]
    if rule is None:
        return None
    tape = _Tape(op.arity)
    try:
        slope = rule(*tape.given)
        return tape.closed(slope)
    except Exception:  # whatever a rule of the user's does with what is no number
        return None


def tape_of(op: Op) -> Rule | None:
    """The value of an operation that is composed of the table's, as a tape; None where that cannot be said."""
    if op.value is None or op.arity is None:
        return None
    tape = _Tape(op.arity)
    try:
        return tape.closed(op.value(*tape.given[1:]))
    except Exception:
        return None


class _Tape:
    def __init__(self, arity: int) -> None:
        self.arity = arity
        self.constants: dict[str, tuple[float, Symbol]] = {}  # by how they are written, as 0.0 == -0.0
        self.lines: list[tuple[str, tuple[Symbol, ...], Symbol]] = []
        self.known: dict[tuple[Any, ...], Symbol] = {}
        self.given = [Symbol(self) for _ in range(arity + 1)]

    def symbol(self, x: Any) -> Symbol:
        if isinstance(x, Symbol):
            return x
        if not isinstance(x, (int, float)):
            raise NotATape(f"a rule met {type(x).__name__} {x!r:.60}")
        return self.constants.setdefault(repr(float(x)), (float(x), Symbol(self)))[1]

    def append(self, op: Op, args: Sequence[Any]) -> Symbol:
        if not is_live(op):
            raise NotATape(f"a rule uses {op.name}")
        symbols = tuple([self.symbol(x) for x in args])
        key = (op.name, *map(id, symbols))
        if key not in self.known:
            self.known[key] = Symbol(self)
            self.lines.append((op.name, symbols, self.known[key]))
        return self.known[key]

    def closed(self, slope: Any) -> Rule:
        out = self.symbol(slope)
        places = {id(x): k for k, x in enumerate(self.given)}
        for _, x in self.constants.values():
            places[id(x)] = len(places)
        for _, _, x in self.lines:
            places[id(x)] = len(places)
        code: list[tuple[str | int, ...]] = [(name, *[places[id(x)] for x in args]) for name, args, _ in self.lines]
        return Rule(self.arity, tuple([value for value, _ in self.constants.values()]), tuple(code), places[id(out)])


class Symbol:
    """A number that a rule computes with, of which nothing is known yet: operations on it are written down."""

    __slots__ = ("tape",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, tape: _Tape) -> None:
        self.tape = tape

    @staticmethod
    def __record__(op: Op, args: Sequence[Any]) -> Symbol:
        tape = next(x.tape for x in args if isinstance(x, Symbol))
        return tape.append(op, args)

    def __bool__(self) -> bool:
        raise NotATape("a rule branches on a number: choose with gg.where")

    def __add__(self, other: Any) -> Symbol:
        return self.tape.append(ops.add, (self, other))

    def __radd__(self, other: Any) -> Symbol:
        return self.tape.append(ops.add, (other, self))

    def __sub__(self, other: Any) -> Symbol:
        return self.tape.append(ops.sub, (self, other))

    def __rsub__(self, other: Any) -> Symbol:
        return self.tape.append(ops.sub, (other, self))

    def __mul__(self, other: Any) -> Symbol:
        return self.tape.append(ops.mul, (self, other))

    def __rmul__(self, other: Any) -> Symbol:
        return self.tape.append(ops.mul, (other, self))

    def __truediv__(self, other: Any) -> Symbol:
        return self.tape.append(ops.div, (self, other))

    def __rtruediv__(self, other: Any) -> Symbol:
        return self.tape.append(ops.div, (other, self))

    def __pow__(self, other: Any) -> Symbol:
        return self.tape.append(ops.pow, (self, other))

    def __rpow__(self, other: Any) -> Symbol:
        return self.tape.append(ops.pow, (other, self))

    def __mod__(self, other: Any) -> Symbol:
        return self.tape.append(ops.mod, (self, other))

    def __floordiv__(self, other: Any) -> Symbol:
        return self.tape.append(ops.floordiv, (self, other))

    def __neg__(self) -> Symbol:
        return self.tape.append(ops.neg, (self,))

    def __pos__(self) -> Symbol:
        return self

    def __abs__(self) -> Symbol:
        return self.tape.append(ops.abs, (self,))

    def __lt__(self, other: Any) -> Symbol:
        return self.tape.append(ops.less, (self, other))

    def __le__(self, other: Any) -> Symbol:
        return self.tape.append(ops.less_equal, (self, other))

    def __gt__(self, other: Any) -> Symbol:
        return self.tape.append(ops.greater, (self, other))

    def __ge__(self, other: Any) -> Symbol:
        return self.tape.append(ops.greater_equal, (self, other))

    def __eq__(self, other: Any) -> Symbol:  # type: ignore[override]
        return self.tape.append(ops.equal, (self, other))

    def __ne__(self, other: Any) -> Symbol:  # type: ignore[override]
        return self.tape.append(ops.not_equal, (self, other))
