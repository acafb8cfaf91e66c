"""Elementwise functions of NumPy, composed from the table's operations, for numbers and nodes alike.

They choose with `pick`. If the condition is a plain bool, `pick` chooses at once. While a function is traced for
compilation it uses ``where``, so that none of them takes a branch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from glassgrad.core import functions, ops
from glassgrad.core.arrays.wrapping import is_truth, known
from glassgrad.core.scalar import Scalar

__all__ = ["COMPOSED", "TESTS", "isclose", "nan_to_num", "negated", "pick", "rounded", "truth"]

LN2 = math.log(2.0)
WHOLE = 2.0**52  # Every float of at least this size is a whole number.


def pick(condition: Any, a: Any, b: Any) -> Any:
    """Return ``a`` if the condition holds, else ``b``."""
    if isinstance(condition, Scalar):
        return ops.where(condition, a, b)
    return a if condition else b


def truth(x: Any) -> Any:
    """Whether ``x`` is not 0."""
    return x if is_truth(x) else x != 0.0


def negated(condition: Any) -> Any:
    """Whether the condition does not hold."""
    return condition ^ True


# Tests, whose results are truths


def isnan(x: Any) -> Any:
    return x != x


def isinf(x: Any) -> Any:
    return (x == math.inf) | (x == -math.inf)


def isfinite(x: Any) -> Any:
    return (x < math.inf) & (x > -math.inf)


def isposinf(x: Any) -> Any:
    return x == math.inf


def isneginf(x: Any) -> Any:
    return x == -math.inf


def signbit(x: Any) -> Any:
    number = known(x)
    if number is not None:
        return math.copysign(1.0, number) < 0
    return ops.atan2(x, -1.0) < 0.0  # at x = -0.0, atan2 gives -pi


def logical_and(a: Any, b: Any) -> Any:
    return truth(a) & truth(b)


def logical_or(a: Any, b: Any) -> Any:
    return truth(a) | truth(b)


def logical_xor(a: Any, b: Any) -> Any:
    return truth(a) ^ truth(b)


def logical_not(x: Any) -> Any:
    return negated(truth(x))


def isclose(a: Any, b: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    near = (abs(a - b) <= atol + rtol * abs(b)) & isfinite(b) | (a == b)
    return near | (isnan(a) & isnan(b)) if equal_nan else near


# Numbers


def trunc(x: Any) -> Any:
    return pick(x >= 0.0, ops.floor(x), ops.ceil(x))


def rint(x: Any) -> Any:
    """The nearest whole number; halfway between two, the even one. The derivative is 0."""
    size = ops.detach(abs(x))
    return copysign(pick(size < WHOLE, (size + WHOLE) - WHOLE, size), ops.detach(x))


def rounded(x: Any, decimals: int) -> Any:
    if decimals == 0:
        return rint(x)
    power = 10.0 ** abs(decimals)
    return rint(x * power) / power if decimals > 0 else rint(x / power) * power


def copysign(a: Any, b: Any) -> Any:
    size = abs(a)
    return pick(signbit(b), -size, size)


def fmax(a: Any, b: Any) -> Any:
    return pick(isnan(b), a, pick(isnan(a), b, ops.maximum(a, b)))


def fmin(a: Any, b: Any) -> Any:
    return pick(isnan(b), a, pick(isnan(a), b, ops.minimum(a, b)))


def fmod(a: Any, b: Any) -> Any:
    """The remainder with the sign of ``a``, as in C."""
    negative = signbit(a)
    rest = ops.mod(pick(negative, -a, a), pick(signbit(b), -b, b))
    return pick(negative, -rest, rest)


def modf(x: Any) -> tuple[Any, Any]:
    return pick(isinf(x), copysign(0.0, ops.detach(x)), fmod(x, 1.0)), trunc(x)


def heaviside(x: Any, at_zero: Any) -> Any:
    return pick(x < 0.0, 0.0, pick(x > 0.0, 1.0, pick(x == 0.0, at_zero, ops.detach(x))))


def logaddexp2(a: Any, b: Any) -> Any:
    first = a >= b
    larger, smaller = pick(first, a, b), pick(first, b, a)
    gap = pick((a == b) & isinf(a), 0.0, smaller - larger)
    return larger + ops.log1p(ops.exp2(gap)) / LN2


def ldexp(x: Any, n: Any) -> Any:
    half = int(n) // 2  # in two steps, because 2 ** n alone may overflow
    return x * math.ldexp(1.0, half) * math.ldexp(1.0, int(n) - half)


def sinc(x: Any) -> Any:
    """sin(pi x) / (pi x); near 0 its Taylor series, because the quotient has no derivative there."""
    t = x * math.pi
    square = t * t
    series = 1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0))
    near = abs(t) < 0.02
    divisor = pick(near, 1.0, t)
    return pick(near, series, ops.sin(divisor) / divisor)


def nan_to_num(x: Any, nan: float, above: float, below: float) -> Any:
    return pick(isnan(x), nan, pick(x == math.inf, above, pick(x == -math.inf, below, x)))


# The keys of both tables are the names of NumPy's ufuncs.
TESTS: dict[str, Callable[..., Any]] = {
    "isnan": isnan,
    "isinf": isinf,
    "isfinite": isfinite,
    "signbit": signbit,
    "logical_and": logical_and,
    "logical_or": logical_or,
    "logical_xor": logical_xor,
    "logical_not": logical_not,
}
COMPOSED: dict[str, Callable[..., Any]] = {
    "trunc": trunc,
    "rint": rint,
    "copysign": copysign,
    "fmax": fmax,
    "fmin": fmin,
    "fmod": fmod,
    "modf": modf,
    "divmod": lambda a, b: (ops.floordiv(a, b), ops.mod(a, b)),
    "heaviside": heaviside,
    "logaddexp": functions.logaddexp,
    "logaddexp2": logaddexp2,
    "ldexp": ldexp,
    "fabs": ops.abs,
    "float_power": ops.pow,
    "deg2rad": lambda x: x * (math.pi / 180.0),
    "radians": lambda x: x * (math.pi / 180.0),
    "rad2deg": lambda x: x * (180.0 / math.pi),
    "degrees": lambda x: x * (180.0 / math.pi),
}
