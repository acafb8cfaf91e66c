"""Kernels of the hyperbolic functions and their inverses.

They use the parts of the kernels in `exponential`. Where terms cancel, sums are kept in two doubles, so one formula
serves from the smallest argument to the largest.
"""

from __future__ import annotations

import math

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.exponential import (
    BIAS,
    CODY_WAITE,
    EXP,
    LN2_HI,
    LN2_LO,
    LOG2E,
    log_of_sum,
    reduced,
    remainder,
    scaled,
)
from glassgrad.compiler.codegen.vector import MAGIC, Code, F, M

__all__ = ["acosh", "asinh", "atanh", "cosh", "sinh", "tanh", "tanh_slope"]

MUCH = 2.0**60  # Beyond this x, x**2 + 1 rounds to x**2.


def beside_one(code: Code, x: F) -> tuple[F, M]:
    """Return a number q and a mask for the hyperbolic tangent of |x|: where the mask is set it is 1 + q, elsewhere q.

    With ``e = exp(-2 |x|)``, q is ``(1 - e) / (1 + e)`` up to 1/2, and ``-2 e / (1 + e)`` beyond it.
    """
    size = code.abs(x)
    size = code.select(size > 400.0, 400.0, size)
    shifted = code.fma(size, -2.0 * LOG2E, MAGIC + BIAS)
    n = shifted - (MAGIC + BIAS)
    first = code.fma(n, -LN2_HI, -(size + size))
    r = code.fma(n, -LN2_LO, first)
    square = r * r
    rest = r + code.fma(square, code.even_odd(r, EXP, square), code.fma(n, -LN2_LO, first - r))
    power = scaled(code, code.constant(1.0), shifted)
    e = code.fma(power, rest, power)
    above, lost = code.fast_two_sum(1.0, e)
    large = power < 0.5
    part = code.select(large, e * -2.0, code.fma(-power, rest, 1.0 - power))
    inverse = 1.0 / above
    q = part * inverse
    return code.fma(code.fma(-q, lost, remainder(code, part, q, above)), inverse, q), large


@kernel("tanh", method="1 - 2 e / (1 + e) with e = exp(-2 |x|), up to 1/2 as a single quotient", source=CODY_WAITE)
def tanh(code: Code, x: F) -> F:
    """Return the hyperbolic tangent."""
    q, large = code.shared(beside_one, x)
    return code.copysign(code.select(large, q + 1.0, q), x)


@kernel("tanh_slope", method="1 - q**2 or -2 q - q**2, with q as in tanh", source=CODY_WAITE)
def tanh_slope(code: Code, x: F) -> F:
    """Return ``1 - tanh(x)**2``."""
    q, large = code.shared(beside_one, x)
    return code.fma(-q, q, code.select(large, 0.0 - (q + q), 1.0))  # 0 - 0 is not -0


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
