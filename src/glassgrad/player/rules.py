"""Writes each derivative rule of the table as a small tape, which the player's page can run.

A rule such as ``lambda y, x: 0.5 / y`` is called once, with symbols in place of numbers. The symbols write down its
operations: the tape of the local derivative on one kind of edge. So the page can compute derivatives without knowing
calculus. A rule has no tape if it branches, or calls a function that the page does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from glassgrad.core import ops
from glassgrad.core.op import TABLE, Op

__all__ = ["Rule", "is_live", "rule_of", "tape_of"]


class Rule(NamedTuple):
    """A local derivative as a tape.

    The code refers to numbers by their place. Place 0 is the result y of the operation. Then come its operands, the
    constants, and the results of the lines of code.

    Attributes:
        arity: the number of operands.
        constants: the constants.
        code: the lines, as ``(operation, place, ...)``.
        out: the place of the derivative.

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
    """Raised if a rule cannot be written as a tape."""


def is_live(op: Op) -> bool:
    """Whether the page can compute ``op``, because it is in the table and has JavaScript there."""
    entry = TABLE.get(op.name)
    return entry is not None and entry.value is op.value and bool(entry.js)


@cache
def rule_of(op: Op, i: int) -> Rule | None:
    """Return the derivative of ``op`` with respect to operand ``i`` as a tape, or None if there is none."""
    if op.partials is None or op.arity is None or i >= len(op.partials):
        return None
    rule = op.partials[i]
    if rule is None:
        return None
    tape = _Tape(op.arity)
    try:
        slope = rule(*tape.given)
        return tape.closed(slope)
    except Exception:  # a user's rule may raise anything when it meets a symbol
        return None


def tape_of(op: Op) -> Rule | None:
    """Return the value of a composed operation as a tape, or None if there is none."""
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
        self.constants: dict[str, tuple[float, Symbol]] = {}  # by their text, because 0.0 == -0.0
        self.lines: list[tuple[str, tuple[Symbol, ...], Symbol]] = []
        self.known: dict[tuple[Any, ...], Symbol] = {}
        self.given = [Symbol(self) for _ in range(arity + 1)]

    def symbol(self, x: Any) -> Symbol:
        if isinstance(x, Symbol):
            return x
        if not isinstance(x, (int, float)):
            raise NotATape(f"a rule must compute with numbers, got {type(x).__name__} {x!r:.60}")
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
    """A number with an unknown value. Operations on it are written on the tape."""

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
