"""Double-double arithmetic: a number as the unevaluated sum of two doubles, good to about 104 bits.

    def lost_by_doubles(code, x):                  # x is an F; the result is its 1e-20, not 0
        return (D(x) + 1e-20 - x).hi

`D` has Python's operators; either side of them may be an `F` or a number. The bounds on their errors are those of
M. Joldes, J.-M. Muller and V. Popescu, *Tight and rigorous error bounds for basic building blocks of double-word
arithmetic*, ACM TOMS 44, 2017. Constants are given as fractions, and so are computed rather than written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise

from glassgrad.compiler.codegen.vector import Code, F, M, bits_of
from glassgrad.core import special

__all__ = ["BITS", "LN2", "PI", "D", "constant", "fixed", "log", "polynomial", "power", "select", "split"]

BITS = 160  # to which irrational constants are computed


def fixed(value: int) -> Fraction:
    """The number that `special` holds in fixed point of `BITS` bits."""
    return Fraction(value, 1 << BITS)


PI = fixed(special._pi(BITS))
LN2 = fixed(special._ln2(BITS))


class D:
    """A number in every lane: ``hi + lo``, with ``hi`` the double nearest to it."""

    __slots__ = ("hi", "lo")

    def __init__(self, hi: F, lo: F | float = 0.0) -> None:
        self.hi = hi
        self.lo = hi.code.f(lo)

    def __add__(self, other: D | F | float) -> D:
        """Of two of these, within 3 * 2**-106 of the sum, whatever cancels."""
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
        """Within 7 * 2**-106 of the product."""
        code = self.hi.code
        if not isinstance(other, D):
            p, e = code.two_product(self.hi, other)
            return D(*code.fast_two_sum(p, code.fma(self.lo, other, e)))
        p, e = code.two_product(self.hi, other.hi)
        e = code.fma(self.hi, other.lo, code.fma(self.lo, other.hi, e))
        return D(*code.fast_two_sum(p, e))

    def __truediv__(self, other: D) -> D:
        """Within 10 * 2**-106 of the quotient."""
        code = self.hi.code
        q = self.hi / other.hi
        p, e = code.two_product(q, other.hi)
        rest = ((self.hi - p) - e) + (self.lo - q * other.lo)
        return D(*code.fast_two_sum(q, rest / other.hi))

    def scaled(self, factor: F | float) -> D:
        """The product with a power of two."""
        return D(self.hi * factor, self.lo * factor)


def split(x: Fraction) -> tuple[float, float]:
    """The double nearest to ``x``, and the double nearest to the rest."""
    hi = float(x)
    return hi, float(x - Fraction(hi))


def constant(code: Code, x: Fraction | int) -> D:
    hi, lo = split(Fraction(x))
    return D(code.constant(hi), lo)


def select(code: Code, mask: M, a: D, b: D) -> D:
    return D(code.select(mask, a.hi, b.hi), code.select(mask, a.lo, b.lo))


def polynomial(code: Code, x: D, coefficients: Sequence[Fraction], bound: float) -> D:
    """The polynomial with these coefficients, lowest first, at ``|x| <= bound``, by Horner's rule.

    Where what is left of it is below ``2**-54`` of the first coefficient, doubles do.
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
    """``x**n`` for n >= 1 by squaring, within ``8 n 2**-106``."""
    result = x
    for bit in bin(n)[3:]:
        result = result * result
        if bit == "1":
            result = result * x
    return result


# The logarithm ----------------------------------------------------------------------------------------------

STEPS = 64  # parts of an octave
LEAST = 45 / 64  # the octave is from here to twice that; 1 is the border of two parts of it


@cache
def _middles() -> tuple[float, ...]:
    """The middle of each part; 1 itself for the two beside it."""
    parts = [bits_of(LEAST) + (i << 46) for i in range(STEPS + 1)]
    edges = [1.0 + (b & (1 << 52) - 1) / 2**52 for b in parts]
    edges = [m / 2 if b >> 52 == bits_of(0.5) >> 52 else m for m, b in zip(edges, parts)]
    return tuple(1.0 if 1.0 in (a, b) else (a + b) / 2 for a, b in pairwise(edges))


@cache
def _logarithms() -> tuple[tuple[float, float], ...]:
    ratios = [m.as_integer_ratio() for m in _middles()]
    return tuple(split(fixed(special._log(p, q.bit_length() - 1, BITS))) for p, q in ratios)


def log(code: Code, x: D, offset: F | float = 0.0) -> D:
    """``ln(x 2**offset)`` for normal positive ``x.hi`` and a whole offset, within about 2**-102 of it.

    ``x = 2**k m``, and ``ln m = ln c + 2 atanh((m - c) / (m + c))`` with c the middle of one of 64 parts of an octave
    (P. T. P. Tang, *Table-driven implementation of the logarithm function*, ACM TOMS 16, 1990). Beside 1, c is 1.
    """
    from_least = x.hi.bits() - bits_of(LEAST)
    k = from_least.shifted_right(52)
    k = (k ^ 0x800) - 0x800  # the sign drawn in
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
