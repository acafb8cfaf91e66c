"""What the operations are, according to mpmath, and how far off a float is.

The reference of an operation is mpmath's function of the same name; `OTHERS` has those that mpmath calls differently,
or does not have. Derivatives need no more: `slope` takes differences of the reference so close together, and with so
many digits, that they are exact for every purpose here.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import mpmath
from mpmath import mp, mpf

OTHERS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda x: -x,
    "pow": lambda a, b: mpf(1) if b == 0 else mpf(0) if a == 0 else mp.power(a, b),
    "mod": lambda a, b: a - b * mp.floor(a / b),
    "floordiv": lambda a, b: mp.floor(a / b),
    "identity": lambda x: x,
    "detach": lambda x: x,
    "exp2": lambda x: mp.power(2, x),
    "exp_sub": lambda a, b: mp.exp(a - b),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "square": lambda x: x * x,
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "exp_neg_square": lambda x: mp.exp(-x * x),
    "gelu_slope": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2 + x * mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "silu_slope": lambda x: (1 + (1 + x) * mp.exp(-x)) / (1 + mp.exp(-x)) ** 2,
    "norm_pdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "norm_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "digamma": lambda x: mp.re(mp.digamma(x)),
    "polygamma": lambda n, x: mp.re(mp.polygamma(int(n), x)),
    "where": lambda c, a, b: a if c else b,
    "abs": abs,
    "abs_slope": mp.sign,
    "relu": lambda x: max(x, mpf(0)),
    "maximum": max,
    "minimum": min,
    "less": lambda a, b: mpf(a < b),
    "less_equal": lambda a, b: mpf(a <= b),
    "greater": lambda a, b: mpf(a > b),
    "greater_equal": lambda a, b: mpf(a >= b),
    "equal": lambda a, b: mpf(a == b),
    "not_equal": lambda a, b: mpf(a != b),
}

AFFORDABLE: dict[str, Callable[..., bool]] = {  # where mpmath answers within milliseconds
    "erf": lambda x: abs(x) < 1e4,
    "erfc": lambda x: abs(x) < 1e4,
    "erfcx": lambda x: abs(x) < 1e4,
    "exp_neg_square": lambda x: abs(x) < 1e4,
    "gelu_slope": lambda x: abs(x) < 1e4,
    "silu_slope": lambda x: abs(x) < 1e5,
    "norm_pdf": lambda x: abs(x) < 1e4,
    "norm_cdf": lambda x: abs(x) < 1e4,
    "gelu": lambda x: abs(x) < 1e4,
    "silu": lambda x: abs(x) < 1e5,
    "gamma": lambda x: 1e-40 < abs(x) < 300,
    "lgamma": lambda x: 1e-40 < abs(x) and -100 < x < 1e30,
    "digamma": lambda x: 1e-40 < abs(x) and -100 < x < 1e30,
    "polygamma": lambda n, x: n <= 6 and 1e-40 < abs(x) and -100 < x < 1e30,
}


def affordable(name: str) -> Callable[..., bool]:
    """Where the reference of operation ``name`` can be had."""
    return AFFORDABLE.get(name, lambda *xs: True)


def reference(name: str) -> Callable[..., Any]:
    """What operation ``name`` is, as a function of mpmath's numbers."""
    found = OTHERS.get(name) or getattr(mp, name, None)
    assert found is not None, f"mpmath has no function {name!r}: tell OTHERS in tests/helpers/exact.py what it is there"
    return found


def value(name: str, xs: tuple[float, ...]) -> Any:
    """The exact value of operation ``name`` at ``xs``, all finite and in its domain."""
    return of(reference(name), xs)


def of(function: Callable[..., Any], xs: tuple[float, ...]) -> Any:
    """``function`` at ``xs``, to many more digits than a float has; nan where it is not real."""
    with mp.workprec(200 + 2 * max(_exponent(x) for x in xs)):
        return _real(function(*map(mpf, xs)))


def slope(function: Callable[..., Any], xs: tuple[float, ...], i: int, order: int = 1) -> Any:
    """The derivative of that order of ``function`` by its i-th argument at ``xs``; nan where it is not real.

    Central differences with steps of ever smaller parts of the argument, until two agree to 20 digits.
    """
    before = None
    for bits in (70, 110, 400, 1200, 2600):
        with mp.workprec(120 + bits * (order + 1) + 2 * max(_exponent(x) for x in xs)):
            now = _difference(function, [*map(mpf, xs)], i, order, bits)
            if now != now or (before is not None and now != 0 and abs(now - before) <= abs(now) * mpf(2) ** -66):
                return now
            before = now
    return before


def _difference(function: Callable[..., Any], xs: list[Any], i: int, order: int, bits: int) -> Any:
    size = mp.mag(xs[i]) if xs[i] else min([0, *(mp.mag(x) for x in xs if x)])
    h = mpf(2) ** (size - bits)

    def at(steps: int) -> Any:
        return _real(function(*xs[:i], xs[i] + steps * h, *xs[i + 1 :]))

    if order == 1:
        return (at(1) - at(-1)) / (2 * h)
    if order == 2:
        return (at(1) - 2 * at(0) + at(-1)) / h**2
    assert order == 3
    return (at(2) - 2 * at(1) + 2 * at(-1) - at(-2)) / (2 * h**3)


def _real(y: Any) -> Any:
    return mp.nan if mp.im(y) != 0 else mp.re(y)


def _exponent(x: float) -> int:
    return abs(math.frexp(x)[1])


def ulps(value: float, exact: Any) -> float:
    """How far off ``value`` is, in units in the last place of the exact result (of the largest float, beyond it)."""
    nearest = float(exact)
    if value == nearest or (value != value and exact != exact):
        return 0.0  # no float is nearer
    if math.isinf(nearest):
        nearest = math.copysign(sys.float_info.max, nearest)
    if not math.isfinite(value):
        if math.isinf(value) and nearest * math.copysign(1, value) >= sys.float_info.max * (1 - 1e-15):
            return 1.0
        return math.inf
    with mp.workprec(2400):
        return float(abs(mpf(value) - exact) / mpf(math.ulp(nearest)))


def same(a: float, b: float) -> bool:
    """Whether two floats are the same, sign of zero included; any nan is the same as any other."""
    return (a != a and b != b) or (a == b and math.copysign(1.0, a) == math.copysign(1.0, b))


__all__ = ["AFFORDABLE", "OTHERS", "affordable", "mpmath", "of", "reference", "same", "slope", "ulps", "value"]
