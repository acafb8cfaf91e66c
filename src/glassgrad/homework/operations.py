"""Recognises the operation of a learner's node from its text and its numbers.

The text of an operation is free: ``"+"``, ``"ReLU"``, ``"**2"``, ``"sig"``. A reading of it is accepted only if it
gives the value of the node, because its derivative would be wrong otherwise. If the operands are in a set, they have no
order, and an operand that was used twice is there once. Then the value of the node decides between the readings, if it
can.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glassgrad.core import functions, ops
from glassgrad.core.op import TABLE, Condition, Op
from glassgrad.messages import Message

__all__ = ["Composed", "Reading", "recognised", "with_tape"]

AGREES = 1e-6  # The relative error allowed in the value of a node. tanh made of exponentials is no more exact.
_TINY = 1e-12  # An absolute error that is always allowed, because of cancellation.

_BINARY = {
    "+": ops.add, "plus": ops.add, "sum": ops.add, "-": ops.sub, "minus": ops.sub, "rsub": ops.sub,
    "*": ops.mul, "×": ops.mul, "·": ops.mul, "times": ops.mul, "prod": ops.mul, "/": ops.div, "÷": ops.div,
    "truediv": ops.div, "rdiv": ops.div, "**": ops.pow, "^": ops.pow, "power": ops.pow, "rpow": ops.pow,
    "max": ops.maximum, "min": ops.minimum,
}  # fmt: skip
_SUMS = ("+", "add", "plus", "sum")
_PRODUCTS = ("*", "×", "·", "mul", "times", "prod")
_LEAKY = ("leaky_relu", "leakyrelu", "leaky relu", "lrelu")
_MEANS = ("mean", "avg", "average")
_NUMBER = r"\(?\s*(?P<c>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*\)?"
_INFIX = r"(?P<op>\*\*|\^|\+|-|\*|/|pow|power|add|mul|sub|div)"
_WITH_NUMBER = (re.compile(rf"x?\s*{_INFIX}\s*{_NUMBER}"), re.compile(rf"{_NUMBER}\s*{_INFIX}\s*x?"))


class Composed(Op):
    """An operation that is composed of operations in the table, so that the player's page can compute it too."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of how a node was made.

    Attributes:
        op: the operation, or None if it is not known.
        places: the operands it was applied to, in order. An operand of a set may be there twice.
        trouble: why the local derivatives are not known; otherwise ``""``.
        lost: whether the single operand of a set gives the value neither once nor twice. Then this class does not keep
            constants, or a leaf was changed.
        misfit: whether the operation is known but gives another value. Then a leaf was probably changed.
    """

    op: Op | None
    places: tuple[int, ...]
    trouble: str = ""
    lost: bool = False
    misfit: bool = False


def recognised(text: str, y: float, xs: Sequence[float], is_set: bool, within: float = AGREES) -> Reading:
    """Find out how the operation called ``text`` made the value ``y`` from the operands ``xs``.

    Args:
        text: the text of the operation.
        y: the value of the node.
        xs: the values of its operands.
        is_set: whether the operands come from a set, and so have lost their order and repetitions.
        within: the relative error allowed in ``y``.

    Example:
        >>> recognised("-", 5.0, [2.0, 7.0], is_set=True)
        Reading(op=<glassgrad operation sub>, places=(1, 0), trouble='', lost=False, misfit=False)
        >>> recognised("+", 6.0, [3.0], is_set=True).places
        (0, 0)
        >>> recognised("-", 0.0, [2.0, 2.0], is_set=True).trouble
        'its operands are in a set, which has no order: - gives 0 either way round'
    """
    text = text.strip()
    given = tuple(range(len(xs)))
    if not text:
        return Reading(None, given, Message("trouble.no_name"))
    tried = None
    fitting: list[Reading] = []
    for op, places in _candidates(text.lower(), y, xs, is_set):
        value = _value(op, [xs[i] for i in places])
        tried = value if tried is None else tried
        if _agree(value, y, within, xs):
            fitting.append(Reading(op, places))
            if not is_set:
                break
    if not fitting:
        kept = None if is_set else _with_lost_constant(text.lower(), y, xs, within)
        single = is_set and len(xs) == 1 and _binary(text.lower()) is not None
        return kept or Reading(None, given, _mismatch(text, y, tried), lost=single, misfit=tried is not None)
    slopes = [_slopes(reading, y, xs) for reading in fitting]
    if not all(_agree(a, b, AGREES, ()) for other in slopes[1:] for a, b in zip(slopes[0], other)):
        return Reading(None, given, Message("trouble.no_order", operation=text, value=f"{y:g}"))
    return fitting[0]


def with_tape(text: str, arity: int, constants: Sequence[float], code: Sequence[Sequence[Any]]) -> Op | None:
    """Return the operation called ``text`` that a page computes with a tape, or None if there is none.

    If the tape has one line, the operation has a number in it, such as ``x * 0.01``. The line tells which.

    Example:
        >>> with_tape("leaky_relu", 1, [0.01], [["mul", 1, 2]])
        <glassgrad operation leaky_relu>
    """
    if arity > len(code) + 1:
        return None
    if arity == 1 and len(constants) == len(code) == 1:
        name, *places = code[0]
        op = _binary(name)
        return _bound(op, places.index(2), constants[0], text) if op is not None and sorted(places) == [1, 2] else None
    return _UNARY.get(text) if arity == 1 else _of_many(text.lower(), arity)


def _candidates(text: str, y: float, xs: Sequence[float], is_set: bool) -> Iterator[tuple[Op, tuple[int, ...]]]:
    """Yield the operations that ``text`` may mean, each with the places of its operands."""
    n = len(xs)
    given = tuple(range(n))
    binary = _binary(text)
    if n == 1:
        unary = _leaky(text, y, xs[0]) if text in _LEAKY else _UNARY.get(text)
        if unary is not None:
            yield unary, given
        bound = _with_number(text)
        if bound is not None:
            yield bound, given
        if is_set and binary is not None:
            yield binary, (0, 0)
    elif n == 2:
        if binary is None:  # the number in "**2" may also be an operand
            match = next(filter(None, (pattern.fullmatch(text) for pattern in _WITH_NUMBER)), None)
            binary = _binary(match["op"]) if match else None
        if binary is not None:
            yield binary, (0, 1)
            yield binary, (1, 0)
    if n > 2 or binary is None or (n == 1 and text in ("sum", "prod")):
        many = _of_many(text, n)
        if many is not None:
            yield many, given
    if n > 2 and text in TABLE and TABLE[text].arity == n:
        yield TABLE[text], given


def _mismatch(text: str, y: float, tried: float | None) -> str:
    if tried is None:
        return Message("trouble.unknown", operation=f"{text!r:.40}")
    return Message("trouble.mismatch", value=f"{y:g}", operation=text, tried=f"{tried:g}")


def _slopes(reading: Reading, y: float, xs: Sequence[float]) -> list[float]:
    """Return the local derivative with respect to each operand, summed over its uses."""
    assert reading.op is not None
    args = [xs[i] for i in reading.places]
    slopes = [0.0] * len(xs)
    for k, i in enumerate(reading.places):
        slopes[i] += _partial(reading.op, k, y, args)
    return slopes


def _partial(op: Op, i: int, y: float, xs: Sequence[float]) -> float:
    try:
        return float(op.partial(i, y, xs))
    except (ArithmeticError, TypeError, ValueError):
        return math.nan


def _value(op: Op, xs: Sequence[float]) -> float:
    assert op.value is not None
    try:
        return float(op.value(*xs))
    except (ArithmeticError, ValueError):  # a composed operation may raise
        return math.nan


def _agree(a: float, b: float, within: float, xs: Sequence[float]) -> bool:
    if a == b or (a != a and b != b):
        return True
    scale = max(abs(b), abs(a)) if len(xs) < 3 else sum(map(abs, xs))
    return abs(a - b) <= within * scale + _TINY * min(1.0, scale)


# The catalogue


def _binary(text: str) -> Op | None:
    op = _BINARY.get(text) or TABLE.get(text)
    return op if op is not None and op.arity == 2 and op.partials is not None else None


@lru_cache(maxsize=1024)
def _with_number(text: str) -> Op | None:
    """Return the operation of a text with a number in it, such as ``**2``, ``x*3`` or ``1/x``."""
    for pattern, place in zip(_WITH_NUMBER, (1, 0)):
        match = pattern.fullmatch(text)
        if match:
            op = _binary(match["op"])
            return None if op is None else _bound(op, place, float(match["c"]), text)
    return None


@lru_cache(maxsize=1024)
def _bound(op: Op, place: int, c: float, symbol: str) -> Op:
    """Return ``op`` with its operand ``place`` fixed to the number ``c``."""
    assert op.value is not None
    assert op.partials is not None
    rule = op.partials[1 - place]
    assert rule is not None

    def full(x: Any) -> tuple[Any, Any]:
        return (c, x) if place == 0 else (x, c)

    kinks = None if op.kinks is None else Condition(op.kinks.text, lambda x: op.kinks.holds(*full(x)))  # type: ignore[union-attr]
    other, number = ("{0}", "{1}") if place else ("{1}", "{0}")
    latex = op.latex.replace(number, f"{c:g}").replace(other, "{0}")
    return Composed(
        symbol,
        value=lambda x: op(*full(x)) if hasattr(type(x), "__record__") else op.value(*full(x)),  # type: ignore[misc]
        partials=(lambda y, x: rule(y, *full(x)),),
        latex=latex,
        kinks=kinks,
    )


def _leaky(text: str, y: float, x: float) -> Op:
    """Return a leaky ReLU. Only its value tells its slope below zero, which must be a round number."""
    return _bound(ops.mul, 1, round(y / x, 3) if x < 0 else 1.0 if x else math.nan, text)


def _with_lost_constant(text: str, y: float, xs: Sequence[float], within: float) -> Reading | None:
    """Read an operation on one operand and a constant that was not kept.

    The value may be an old one. So the reading is accepted only if the derivative does not depend on the constant, or
    if the constant is a round number.
    """
    if len(xs) != 1:
        return None
    x = xs[0]
    op = _binary(text)
    if op is ops.add:
        return Reading(_bound(ops.add, 1, y - x, text), (0,))
    if op is ops.pow and x > 0 and y > 0 and x != 1:
        exponent = round(2 * math.log(y) / math.log(x)) / 2
        if _agree(_value(op, (x, exponent)), y, within, ()):
            return Reading(_bound(ops.pow, 1, exponent, text), (0,))
    if op in (ops.sub, ops.mul, ops.div, ops.pow):
        return Reading(None, (0,), Message("trouble.number_lost", operation=text))
    return None


@lru_cache(maxsize=256)
def _of_many(text: str, n: int) -> Op | None:
    """Return a sum, product or mean of ``n`` operands, or None for another text."""
    if n == 0:
        return None
    if text in _SUMS:
        return _many(text, lambda *xs: _folded(ops.add, xs), [lambda y, *xs: 1.0] * n)
    if text in _MEANS:
        return _many(text, lambda *xs: _folded(ops.add, xs) * (1.0 / n), [lambda y, *xs: 1.0 / n] * n)
    if text in _PRODUCTS:
        rules = [lambda y, *xs, i=i: _folded(ops.mul, xs[:i] + xs[i + 1 :]) for i in range(n)]
        return _many(text, lambda *xs: _folded(ops.mul, xs), rules)
    return None


def _many(name: str, value: Callable[..., Any], partials: Sequence[Callable[..., Any]]) -> Op:
    return Composed(name, value=value, partials=partials)


def _folded(op: Op, xs: Sequence[Any]) -> Any:
    total = xs[0] if xs else 1.0
    for x in xs[1:]:
        total = op(total, x)
    return total


_SIGMOID = Composed("sigmoid", value=functions.sigmoid, partials=(lambda y, x: y * (1 - y),))
_SOFTPLUS = Composed("softplus", value=functions.softplus, partials=(lambda y, x: functions.sigmoid(x),))
_INVERSE = _bound(ops.div, 0, 1.0, "1/x")

_UNARY: dict[str, Op] = {
    **{name: op for op in TABLE.values() if op.arity == 1 and op.partials != (None,) for name in (op.name, op.symbol)},
    "-": ops.neg, "-x": ops.neg, "u-": ops.neg, "negative": ops.neg, "usub": ops.neg, "ln": ops.log, "log": ops.log,
    "sigmoid": _SIGMOID, "sig": _SIGMOID, "sigma": _SIGMOID, "σ": _SIGMOID, "logistic": _SIGMOID, "expit": _SIGMOID,
    "softplus": _SOFTPLUS, "swish": ops.silu, "arctan": ops.atan, "arcsin": ops.asin, "arccos": ops.acos,
    "e^x": ops.exp, "e**x": ops.exp, "e^": ops.exp, "sq": ops.square, "sqr": ops.square, "inv": _INVERSE,
    "inverse": _INVERSE, "recip": _INVERSE, "reciprocal": _INVERSE,
}  # fmt: skip
