"""The kernel of the gamma function: the exponential of its logarithm, which `special` computes in double-double."""

from __future__ import annotations

import math

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.mathlib.exponential import exp_dd
from glassgrad.compiler.codegen.mathlib.special import METHOD, TINY, logarithm_of_gamma, pole
from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["gamma"]

OVERFLOW = 172.0  # From here on gamma is infinite,
UNDERFLOW = -200.0  # and below this it is 0, apart from its poles.


@kernel("gamma", method=f"e to the power of lgamma: {METHOD.partition(';')[0]}", source="DLMF 5.5, 5.11")
def gamma(code: Code, x: F) -> F:
    """Return the gamma function. Below zero its sign changes at each integer."""
    inside = (x < OVERFLOW) & (x > UNDERFLOW)
    total = logarithm_of_gamma(code, code.select(inside, x, 1.0))
    size = exp_dd(code, total.hi, total.lo)
    below = code.floor(x)
    odd = (x < 0.0) & (code.floor(below * 0.5) * 2.0 != below)
    size = code.select(inside, size, code.select(x < 0.0, 0.0, math.inf))
    result: F = code.select(odd, -size, size)
    result = code.select(code.abs(x) < TINY, 1.0 / x, result)
    result = code.select((pole(code, x) & (x != 0.0)) | (x == -math.inf), math.nan, result)
    return code.select(code.isnan(x), x, result)
