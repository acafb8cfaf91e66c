"""Operations that exist on tapes only: passes write them, users cannot call them.

`contract` writes `FMA`, `FMS` and `FNMA`, which multiply and add with one rounding. `erf_with_exp` writes `ERF_GIVEN`,
which computes erf from the exponential of its derivative. `normal_from_erf` writes `NORMAL`, which computes the normal
distribution from it. `tanh_slopes` writes `TANH_SLOPE`, which computes the derivative of tanh. `sealed` writes `SEAL`,
which hides how a value was computed, while the passes are at work.
"""

from __future__ import annotations

import math
from typing import Any

from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["ERF_GIVEN", "FMA", "FMS", "FNMA", "FUSED", "MULTIPLICATIONS", "NORMAL", "SEAL", "TANH_SLOPE"]


class TapeOp(Op):
    """An operation that exists on tapes only. It is pickled by its name."""

    def __reduce__(self) -> Any:
        return _named, (self.name,)


def _named(name: str) -> TapeOp:
    return next(op for op in (FMA, FMS, FNMA, ERF_GIVEN, *NORMAL.values(), TANH_SLOPE) if op.name == name)


FMA = TapeOp("fma", symbol="fma", code="fma", arity=3, value=lambda a, b, c: a * b + c, partials=None)
FMS = TapeOp("fms", symbol="fms", code="fms", arity=3, value=lambda a, b, c: a * b - c, partials=None)
FNMA = TapeOp("fnma", symbol="fnma", code="fnma", arity=3, value=lambda a, b, c: c - a * b, partials=None)

MULTIPLICATIONS = frozenset([ops.mul, ops.square])
# The fused operation for a sum or difference whose first, or second, operand is a product.
FUSED = {ops.add: (FMA, FMA), ops.sub: (FMS, FNMA)}


# erf(x), given e**(-x**2). The second operand only saves time; it does not change the result.
ERF_GIVEN = TapeOp("erf_given", code="erf_given", arity=2, value=lambda x, e: math.erf(x), partials=None)


def normal(name: str, sign: float) -> TapeOp:
    """Return an operation for ``(1 + sign erf(x)) / 2``: the probability that a normal variable is below, or above, x.

    The second operand is that of `ERF_GIVEN`.
    """
    return TapeOp(name, code=name, arity=2, value=lambda x, e: 0.5 + 0.5 * sign * math.erf(x), partials=None)


# The operations for both signs of erf.
NORMAL = {1.0: normal("normal_given", 1.0), -1.0: normal("normal_above_given", -1.0)}


def _tanh_slope(x: float) -> float:
    e = math.exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


# 1 - tanh(x)**2. Together with tanh(x) it takes three instructions more than tanh(x) alone.
TANH_SLOPE = TapeOp("tanh_slope", code="tanh_slope", value=_tanh_slope, partials=None)

SEAL = Op("seal", arity=1, value=None, partials=None)
