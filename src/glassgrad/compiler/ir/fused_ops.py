"""Operations of tapes alone, which passes write: `contract` multiplying and adding in one step, rounded once; `pair`
error functions that use the exponential of their derivative; `halve` the normal distribution by them."""

from __future__ import annotations

import math

from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["ERF_GIVEN", "FMA", "FMS", "FNMA", "FUSED", "MULTIPLICATIONS", "NORMAL"]

FMA = Op("fma", symbol="fma", code="fma", arity=3, value=lambda a, b, c: a * b + c, partials=None)
FMS = Op("fms", symbol="fms", code="fms", arity=3, value=lambda a, b, c: a * b - c, partials=None)
FNMA = Op("fnma", symbol="fnma", code="fnma", arity=3, value=lambda a, b, c: c - a * b, partials=None)

MULTIPLICATIONS = frozenset([ops.mul, ops.square])
FUSED = {ops.add: (FMA, FMA), ops.sub: (FMS, FNMA)}  # by which operand is the product


# erf of x, given e**(-x**2), which saves time and does nothing else
ERF_GIVEN = Op("erf_given", code="erf_given", arity=2, value=lambda x, e: math.erf(x), partials=None)


def normal(name: str, sign: float) -> Op:
    """``(1 + sign erf(x)) / 2``, the second operand as of `ERF_GIVEN`: the distribution of a normal variable, or what
    is above it."""
    return Op(name, code=name, arity=2, value=lambda x, e: 0.5 + 0.5 * sign * math.erf(x), partials=None)


NORMAL = {1.0: normal("normal_given", 1.0), -1.0: normal("normal_above_given", -1.0)}
