"""Operations of tapes alone, which passes write: `contract` multiplying and adding in one step, rounded once; `pair` a
complementary error function that is given the exponential of its derivative."""

from __future__ import annotations

from glassgrad import ops
from glassgrad.op import Op

__all__ = ["ERFC_GIVEN", "FMA", "FMS", "FNMA", "FUSED", "MULTIPLICATIONS"]

FMA = Op("fma", symbol="fma", code="fma", arity=3, value=lambda a, b, c: a * b + c, partials=None)
FMS = Op("fms", symbol="fms", code="fms", arity=3, value=lambda a, b, c: a * b - c, partials=None)
FNMA = Op("fnma", symbol="fnma", code="fnma", arity=3, value=lambda a, b, c: c - a * b, partials=None)

ERFC_GIVEN = Op(
    "erfc_given",
    code="erfc_given",
    arity=2,
    value=lambda x, e: x if ops.erfc.value is None else ops.erfc.value(x),
    partials=None,
)

MULTIPLICATIONS = frozenset([ops.mul, ops.square])
FUSED = {ops.add: (FMA, FMA), ops.sub: (FMS, FNMA)}  # by which operand is the product
