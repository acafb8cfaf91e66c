"""The algebra that IEEE 754 allows: rules that replace an operation by a cheaper one with the same results.

A rule takes the tape being written and the operands' references. It returns the reference of the replacement, or None
if it does not apply. Rules preserve the signs of zeros, infinities and NaNs. The operations that a rule emits go
through all rules again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from glassgrad.core import ops
from glassgrad.core.op import Op

if TYPE_CHECKING:
    from glassgrad.compiler.ir.passes.rewriter import Rewriter

__all__ = ["RULES"]

Rule = Callable[["Rewriter", "tuple[int, ...]"], "int | None"]

# Operations whose result is 1 or 0.
TRUTHS = frozenset([ops.less, ops.less_equal, ops.greater, ops.greater_equal, ops.equal, ops.not_equal])


def _add(w: Rewriter, args: tuple[int, ...]) -> int | None:
    for x, y in (args, args[::-1]):
        number = w.number(y)
        if number == 0 and math.copysign(1.0, number) < 0:  # only -0.0: x + 0.0 would turn -0.0 into 0.0
            return x
        op, (z, *_) = _behind(w, y)
        if op is ops.neg:
            return w.emit(ops.sub, x, z)
    return None


def _sub(w: Rewriter, args: tuple[int, ...]) -> int | None:
    x, y = args
    number = w.number(y)
    if number == 0 and math.copysign(1.0, number) > 0:
        return x
    number = w.number(x)
    if number == 0 and math.copysign(1.0, number) < 0:
        return w.emit(ops.neg, y)
    op, (z, *_) = _behind(w, y)
    return w.emit(ops.add, x, z) if op is ops.neg else None


def _mul(w: Rewriter, args: tuple[int, ...]) -> int | None:
    for x, y in (args, args[::-1]):
        number = w.number(y)
        if number == 1:
            return x
        if number == -1:
            return w.emit(ops.neg, x)
        op, (z, *_) = _behind(w, x)
        if op is ops.neg:
            if number is not None:
                return w.emit(ops.mul, z, w.constant(-number))
            other, (v, *_) = _behind(w, y)
            if other is ops.neg:
                return w.emit(ops.mul, z, v)
    return None


def _div(w: Rewriter, args: tuple[int, ...]) -> int | None:
    x, y = args
    number = w.number(y)
    if number == 1:
        return x
    if number is not None and math.isfinite(number) and abs(math.frexp(number)[0]) == 0.5:
        inverse = 1.0 / number
        if 2.0**-1022 <= abs(inverse) <= 2.0**1023:
            return w.emit(ops.mul, x, w.constant(inverse))
    return None


def _neg(w: Rewriter, args: tuple[int, ...]) -> int | None:
    op, inner = w.made_by(args[0])
    if op is ops.neg:
        return inner[0]
    if op is ops.mul:
        number = w.number(inner[1]) if inner[1] < 0 else w.number(inner[0])
        if number is not None:
            return w.emit(ops.mul, inner[0] if inner[1] < 0 else inner[1], w.constant(-number))
    return None


def _square(w: Rewriter, args: tuple[int, ...]) -> int | None:
    return w.emit(ops.mul, args[0], args[0])


def _same(w: Rewriter, args: tuple[int, ...]) -> int | None:
    return args[0]


def _abs(w: Rewriter, args: tuple[int, ...]) -> int | None:
    op, inner = w.made_by(args[0])
    return w.emit(ops.abs, inner[0]) if op is ops.neg or op is ops.abs else None


def _pow(w: Rewriter, args: tuple[int, ...]) -> int | None:
    x, n = args[0], w.number(args[1])
    if n is None:
        return None
    one = w.constant(1.0)
    if n == 0:
        return one
    if n == int(n) if math.isfinite(n) else False:
        if n > 4 or n < -2:  # multiplications would round more often than the kernel
            return None
        base = x if n > 0 else w.emit(ops.div, one, x)
        squared = base if abs(n) == 1 else w.emit(ops.mul, base, base)
        if abs(n) <= 2:
            return squared
        return w.emit(ops.mul, squared, base if n == 3 else squared)
    if n in (0.5, -0.5, 1.5):  # unlike the root, (-0.0) ** 0.5 is 0.0 and (-inf) ** 0.5 is inf
        unsigned = w.emit(ops.add, x, w.constant(0.0))
        root = w.emit(ops.sqrt, unsigned)
        if n != 0.5:
            root = w.emit(ops.mul, unsigned, root) if n > 0 else w.emit(ops.div, one, root)
        lowest = w.emit(ops.equal, x, w.constant(-math.inf))
        return w.emit(ops.where, lowest, w.constant(math.inf if n > 0 else 0.0), root)
    return None


def _where(w: Rewriter, args: tuple[int, ...]) -> int | None:
    c, a, b = args
    if a == b:
        return a
    number = w.number(c)
    if number is not None:
        return a if number != 0 else b
    op, inner = w.made_by(c)
    if op is ops.where:
        first, second = w.number(inner[1]), w.number(inner[2])
        if first is not None and second is not None and (first != 0) != (second != 0):
            return w.emit(ops.where, inner[0], a, b) if first != 0 else w.emit(ops.where, inner[0], b, a)
    if op in (ops.equal, ops.not_equal):
        x, y = inner if inner[1] < 0 else inner[::-1]
        if w.number(y) == 0:
            return w.emit(ops.where, x, b, a) if op is ops.equal else w.emit(ops.where, x, a, b)
    op, inner = w.made_by(a)
    if op is ops.where and inner[0] == c:
        return w.emit(ops.where, c, inner[1], b)
    op, inner = w.made_by(b)
    if op is ops.where and inner[0] == c:
        return w.emit(ops.where, c, a, inner[2])
    return None


def _not_equal(w: Rewriter, args: tuple[int, ...]) -> int | None:
    for x, y in (args, args[::-1]):
        if w.number(y) == 0 and w.made_by(x)[0] in TRUTHS:
            return x
    return None


def _behind(w: Rewriter, ref: int) -> tuple[Op | None, tuple[int, ...]]:
    """Return the operation that made ``ref``, and its operands, of which there is at least one."""
    op, args = w.made_by(ref)
    return op, args or (0,)


RULES: dict[Op, Rule] = {
    ops.add: _add,
    ops.sub: _sub,
    ops.mul: _mul,
    ops.div: _div,
    ops.neg: _neg,
    ops.square: _square,
    ops.identity: _same,
    ops.detach: _same,
    ops.abs: _abs,
    ops.pow: _pow,
    ops.where: _where,
    ops.not_equal: _not_equal,
}
