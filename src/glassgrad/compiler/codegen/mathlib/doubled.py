"""Double-double arithmetic: a number is the unevaluated sum of two doubles, accurate to about 104 bits.

    def lost_by_doubles(code, x):                  # x is an F; the result is 1e-20, where doubles would give 0
        return (D(x) + 1e-20 - x).hi

`D` supports Python's operators. The right operand may also be an `F` or a number. The error bounds are those of M.
Joldes, J.-M. Muller and V. Popescu, *Tight and rigorous error bounds for basic building blocks of double-word
arithmetic*, ACM TOMS 44, 2017. Constants are exact fractions, computed rather than written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise

from glassgrad.compiler.codegen.vector import Code, F, M, bits_of
from glassgrad.core import special

__all__ = ["BITS", "LN2", "PI", "D", "constant", "fixed", "log", "polynomial", "power", "select", "split"]

BITS = 160  # Irrational constants are computed to this many bits.


def fixed(value: int) -> Fraction:
    """Return the number that `special` represents in fixed point with `BITS` bits."""
    return Fraction(value, 1 << BITS)


PI = fixed(special._pi(BITS))
LN2 = fixed(special._ln2(BITS))


class D:
    """A number in each lane: ``hi + lo``, where ``hi`` is the double nearest to it."""

    __slots__ = ("hi", "lo")

    def __init__(self, hi: F, lo: F | float = 0.0) -> None:
        self.hi = hi
        self.lo = hi.code.f(lo)

    def __add__(self, other: D | F | float) -> D:
        """Return the sum. For two `D` its relative error is at most 3 * 2**-106, even where they cancel."""
        code = self.hi.code
        if not isinstance(other, D):
            s, e = code.two_sum(self.hi, other)
            return D(*code.fast_two_sum(s, e + self.lo))
        s, e = code.two_sum(self.hi, other.hi)
        t, f = code.two_sum(self.lo, other.lo)
        s, e = code.fast_two_sum(s, e + t)
        return D(*code.fast_two_sum(s, e + f))

    def __sub__(self, other: D | F | float) -> D:
        return self + -other

    def __neg__(self) -> D:
        return D(-self.hi, -self.lo)

    def __mul__(self, other: D | F | float) -> D:
        """Return the product, with a relative error of at most 7 * 2**-106."""
        code = self.hi.code
        if not isinstance(other, D):
            p, e = code.two_product(self.hi, other)
            return D(*code.fast_two_sum(p, code.fma(self.lo, other, e)))
        p, e = code.two_product(self.hi, other.hi)
        e = code.fma(self.hi, other.lo, code.fma(self.lo, other.hi, e))
        return D(*code.fast_two_sum(p, e))

    def __truediv__(self, other: D) -> D:
        """Return the quotient, with a relative error of at most 10 * 2**-106."""
        code = self.hi.code
        q = self.hi / other.hi
        p, e = code.two_product(q, other.hi)
        rest = ((self.hi - p) - e) + (self.lo - q * other.lo)
        return D(*code.fast_two_sum(q, rest / other.hi))

    def scaled(self, factor: F | float) -> D:
        """Return the product with ``factor``, a power of two."""
        return D(self.hi * factor, self.lo * factor)


def split(x: Fraction) -> tuple[float, float]:
    """Return the double nearest to ``x``, and the double nearest to the rest."""
    hi = float(x)
    return hi, float(x - Fraction(hi))


def constant(code: Code, x: Fraction | int) -> D:
    """Return the constant ``x`` in every lane."""
    hi, lo = split(Fraction(x))
    return D(code.constant(hi), lo)


def select(code: Code, mask: M, a: D, b: D) -> D:
    """Return ``a`` in the lanes of the mask and ``b`` in the others."""
    return D(code.select(mask, a.hi, b.hi), code.select(mask, a.lo, b.lo))


def polynomial(code: Code, x: D, coefficients: Sequence[Fraction], bound: float) -> D:
    """Return the polynomial with these coefficients, lowest first, at ``|x| <= bound``, by Horner's rule.

    The terms below ``2**-54`` of the first coefficient are computed in doubles.
    """
    least = abs(coefficients[0]) / 2**54
    count = next((k for k, c in enumerate(coefficients) if abs(c) * Fraction(bound) ** k < least), len(coefficients))
    if count == len(coefficients):
        result = constant(code, coefficients[-1])
        count -= 1
    else:
        result = D(code.polynomial(x.hi, [float(c) for c in coefficients[count:]]))
    for c in reversed(coefficients[:count]):
        result = x * result + constant(code, c)
    return result


def power(x: D, n: int) -> D:
    """Return ``x**n`` for n >= 1 by squaring, with a relative error of at most ``8 n 2**-106``."""
    result = x
    for bit in bin(n)[3:]:
        result = result * result
        if bit == "1":
            result = result * x
    return result


# The logarithm ----------------------------------------------------------------------------------------------

STEPS = 64  # An octave is divided into this many parts.
LEAST = 45 / 64  # The octave begins here, so that 1 lies between two parts.


@cache
def _middles() -> tuple[float, ...]:
    """Return the middle of each part, but 1 for the two parts beside 1."""
    parts = [bits_of(LEAST) + (i << 46) for i in range(STEPS + 1)]
    edges = [1.0 + (b & (1 << 52) - 1) / 2**52 for b in parts]
    edges = [m / 2 if b >> 52 == bits_of(0.5) >> 52 else m for m, b in zip(edges, parts)]
    return tuple(1.0 if 1.0 in (a, b) else (a + b) / 2 for a, b in pairwise(edges))


@cache
def _logarithms() -> tuple[tuple[float, float], ...]:
    """Return the logarithm of each middle, in two parts."""
    ratios = [m.as_integer_ratio() for m in _middles()]
    return tuple(split(fixed(special._log(p, q.bit_length() - 1, BITS))) for p, q in ratios)


def log(code: Code, x: D, offset: F | float = 0.0) -> D:
    """Return ``ln(x 2**offset)`` for normal positive ``x.hi`` and an integer offset, with an error of about 2**-102.

    ``x = 2**k m``, and ``ln m = ln c + 2 atanh((m - c) / (m + c))``, where c is the middle of one of 64 parts of an
    octave (P. T. P. Tang, *Table-driven implementation of the logarithm function*, ACM TOMS 16, 1990). In the two parts
    beside 1, c is 1.
    """
    from_least = x.hi.bits() - bits_of(LEAST)
    k = from_least.shifted_right(52)
    k = (k ^ 0x800) - 0x800  # extend the sign
    part = from_least.shifted_right(46) & STEPS - 1
    hi = (x.hi.bits() - (k << 52)).double()
    lo: F = code.select(x.lo == 0.0, 0.0, x.lo * code.power_of_two(0 - k))
    middle = code.lookup("log_middles", _middles(), part)
    ln_hi = code.lookup("log_hi", [a for a, _ in _logarithms()], part)
    ln_lo = code.lookup("log_lo", [b for _, b in _logarithms()], part)
    r = (D(hi - middle) + lo) / (D(*code.two_sum(hi, middle)) + lo)
    series = polynomial(code, r * r, [Fraction(2, 2 * j + 1) for j in range(8)], 2.0**-14)
    octaves = code.to_double(k) + offset
    return constant(code, LN2) * octaves + (D(ln_hi, ln_lo) + r * series)
