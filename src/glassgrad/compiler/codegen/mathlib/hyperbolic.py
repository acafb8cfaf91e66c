"""Kernels of the hyperbolic functions and their inverses.

They use the parts of the kernels in `exponential`. Where terms cancel, sums are kept in two doubles, so one formula
serves from the smallest argument to the largest.
"""

from __future__ import annotations

import math

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.exponential import CODY_WAITE, EXP, expm1_parts, log_of_sum, reduced, remainder
from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["acosh", "asinh", "atanh", "cosh", "sinh", "tanh"]

MUCH = 2.0**60  # Beyond this x, x**2 + 1 rounds to x**2.


@kernel("tanh", method="E / (E + 2) with E = expm1(2 |x|) in two parts", source=CODY_WAITE)
def tanh(code: Code, x: F) -> F:
    """Return the hyperbolic tangent."""
    size = code.abs(x)
    size = code.select(size > 20.0, 20.0, size)
    hi, lo, u, _ = expm1_parts(code, size + size)
    d, d_lo = code.two_sum(u + u, hi)
    inverse = 1.0 / d
    q = hi * inverse
    rest = code.fma(-q, d_lo + lo, remainder(code, hi, q, d) + lo)
    return code.copysign(code.fma(rest, inverse, q), x)


def halves(code: Code, x: F, sign: float) -> F:
    """Return ``(e**x + sign e**-x) / 2`` for x >= 0.

    Divided by ``2**(n-1)`` it is ``e**r + sign w e**-r`` with ``w = 4**-n``. The even powers of r in the polynomial are
    multiplied by ``1 + sign w``, the odd ones by ``1 - sign w``. The product r w is exact, because w is a power of two.
    """
    x = code.select(x > 711.0, 711.0, x)
    r, r_lo, shifted = reduced(code, x)
    bits = shifted.bits()
    w = code.select(x > 40.0, 0.0, sign * ((5115 - (bits << 1)) << 52).double())
    z = r * r
    even, even_lo = code.fast_two_sum(1.0, w)
    odd, odd_lo = code.fast_two_sum(r, -(w * r))
    hi, lo = code.fast_two_sum(even, odd)
    cosine = z * code.estrin(z, EXP[0::2])  # cosh r - 1
    sine = code.fma(z * r, code.estrin(z, EXP[1::2]), r_lo)  # sinh r - r
    rest = code.fma(even, cosine, code.fma(1.0 - w, sine, (odd_lo + even_lo) + lo))
    return (hi + rest) * 2.0 * ((bits - 1025) << 52).double()  # 2 * 2**(n - 2), as n may be 1025


@kernel("sinh", method="(e**x - e**-x) / 2, one reduced argument for both, summed in two parts", source=CODY_WAITE)
def sinh(code: Code, x: F) -> F:
    """Return the hyperbolic sine."""
    return code.copysign(halves(code, code.abs(x), -1.0), x)


@kernel("cosh", method="(e**x + e**-x) / 2, one reduced argument for both, summed in two parts", source=CODY_WAITE)
def cosh(code: Code, x: F) -> F:
    """Return the hyperbolic cosine."""
    return halves(code, code.abs(x), 1.0)


INVERSE = "Muller, Elementary Functions, 3rd edition, 2016, ch. 5; DLMF 4.37"


@kernel("asinh", method="log1p(|x| + x**2 / (1 + sqrt(1 + x**2))), the sum in two parts", source=INVERSE)
def asinh(code: Code, x: F) -> F:
    """Return the inverse hyperbolic sine."""
    a = code.abs(x)
    much = a > MUCH
    g = a * (a / (code.sqrt(a * a + 1.0) + 1.0))
    w, rest = code.fast_two_sum(a, code.select(much, 0.0, g))
    u, u_lo = code.two_sum(1.0, w)
    y = log_of_sum(code, u, u_lo, rest, code.select(much, 1.0, 0.0))
    return code.copysign(code.select(a < math.inf, y, a), x)


@kernel("acosh", method="log1p(t + sqrt(t (t + 2))) with t = x - 1, the root and the sum in two parts", source=INVERSE)
def acosh(code: Code, x: F) -> F:
    """Return the inverse hyperbolic cosine."""
    much = x > MUCH
    t = x - 1.0
    v, v_lo = code.fast_two_sum(code.select(much, 0.0, x), 1.0)
    p, p_lo = code.two_product(code.select(much, 0.0, t), v)
    root = code.sqrt(p)
    rest = (remainder(code, p, root, root) + code.fma(t, v_lo, p_lo)) * (0.5 / root)
    w, lost = code.fast_two_sum(t, root)
    rest = code.select(p > 0.0, rest + lost, 0.0)
    u, u_lo = code.two_sum(1.0, w)
    y = log_of_sum(code, u, u_lo, rest, code.select(much, 1.0, 0.0))
    return code.select(x >= 1.0, code.select(x < math.inf, y, x), math.nan)


@kernel("atanh", method="log1p(2 |x| / (1 - |x|)) / 2, the quotient in two parts", source=INVERSE)
def atanh(code: Code, x: F) -> F:
    """Return the inverse hyperbolic tangent."""
    a = code.abs(x)
    b, b_lo = code.fast_two_sum(1.0, -a)
    twice = a + a
    inverse = 1.0 / b
    w = twice * inverse
    rest = code.fma(-w, b_lo, remainder(code, twice, w, b)) * inverse
    u, u_lo = code.two_sum(1.0, w)
    y = 0.5 * log_of_sum(code, u, u_lo, rest)
    y = code.select(a < 1.0, y, code.select(a == 1.0, math.inf, math.nan))
    return code.copysign(y, x)
