"""Kernels of powers with a real exponent, and of the cube root."""

from __future__ import annotations

import math

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.exponential import clamped, exp_dd, lifted, log_dd, remainder
from glassgrad.compiler.codegen.vector import MAGIC, Code, F

__all__ = ["cbrt", "pow"]

# A power with a larger exponent is 0, 1 or infinite: only the logarithm of 1 is below 2**-54.
MOST = 2.0**64
BEYOND_FRACTIONS = 2.0**52  # From this number on, doubles are integers. From twice it on, they are even.


@kernel(
    "pow",
    method="exp(b ln a), with the logarithm and the product to some 63 bits",
    source="Muller, Elementary Functions, 3rd edition, 2016, ch. 5, 11",
)
def pow(code: Code, a: F, b: F) -> F:
    """Return a**b, with the special cases of IEEE 754's pow."""
    size = code.abs(a)
    hi, lo = log_dd(code, size)
    exponent = clamped(code, b, -MOST, MOST)
    p, p_lo = code.two_product(hi, exponent)
    usual = exp_dd(code, p, code.fma(lo, exponent, p_lo))
    ordinary = (a > 0.0) & (a < math.inf) & (b == b)
    return code.rarely(~ordinary, lambda: [special_power(code, a, b, usual)], [usual])[0]


def special_power(code: Code, a: F, b: F, usual: F) -> F:
    """Return a**b in the special cases. ``usual`` is |a|**b where |a| is neither 0 nor infinite."""
    size, power = code.abs(a), code.abs(b)
    large = power >= BEYOND_FRACTIONS
    shifted = power + BEYOND_FRACTIONS
    whole = large | (shifted - BEYOND_FRACTIONS == power)
    last = code.select(large, power, shifted).bits() & 1
    odd = whole & (power < 2.0 * BEYOND_FRACTIONS) & (last == 1)
    shrinks = (size > 1.0) ^ (b > 0.0)
    y = code.select((size == 0.0) | (size == math.inf), code.select(shrinks, 0.0, math.inf), usual)
    y = code.select(odd, code.copysign(y, a), y)
    nowhere = (a < 0.0) & (size < math.inf) & ~whole
    y = code.select(nowhere | code.isnan(a) | code.isnan(b), math.nan, y)
    return code.select((b == 0.0) | (a == 1.0), 1.0, y)


# The polynomial for m**(-1/3), where 1 <= m <= 8. Its relative error is below 2**-7.1.
CBRT = (
    1.3377003064071291,
    -0.4408300082847433,
    0.1085028231539196,
    -0.012986410221755059,
    0.0005852820105044007,
)
# The binomial series of ((1 - h)**(-1/3) - 1) / h.
BINOMIAL = (1 / 3, 2 / 9, 14 / 81, 35 / 243)


@kernel(
    "cbrt",
    method="a polynomial for 1 / cbrt(m), refined by the binomial series, then Newton's step",
    source="Muller, Elementary Functions, 3rd edition, 2016, ch. 5",
)
def cbrt(code: Code, x: F) -> F:
    """Return the real cube root of ``x = 2**(3q) m``, from that of m, which is between 1 and 8."""
    size, offset = lifted(code, code.abs(x))
    e = code.to_double(size.bits().shifted_right(52)) - 1024.0
    thirds = code.fma(e, 1 / 3, MAGIC).bits()  # its bits end in q: e / 3 rounded is (e + 1) / 3 rounded down
    q = thirds << 52
    m = (size.bits() - q - (q << 1)).double()
    y = code.polynomial(m, CBRT)
    h = 1.0 - (m * y) * (y * y)
    y = code.fma(y * h, code.polynomial(h, BINOMIAL), y)
    square = y * y
    t = m * square
    p, p_lo = code.two_product(t, t)
    rest = code.fma(-p_lo, t, remainder(code, m, p, t))
    t = code.fma(rest * square, 1 / 3, t)
    _, whole = code.nearest_with_bits(offset * (1 / 3))
    root = (t.bits() + q + (whole << 52)).double()
    return code.copysign(code.select((size > 0.0) & (size < math.inf), root, x), x)
