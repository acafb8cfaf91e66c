"""Multiplying and adding in one step, rounded once: operations of tapes alone, which the pass `contract` writes."""

from __future__ import annotations

from glassgrad import ops
from glassgrad.op import Op

__all__ = ["FMA", "FMS", "FNMA", "FUSED", "MULTIPLICATIONS"]

FMA = Op("fma", symbol="fma", code="fma", arity=3, value=lambda a, b, c: a * b + c, partials=None)
FMS = Op("fms", symbol="fms", code="fms", arity=3, value=lambda a, b, c: a * b - c, partials=None)
FNMA = Op("fnma", symbol="fnma", code="fnma", arity=3, value=lambda a, b, c: c - a * b, partials=None)

MULTIPLICATIONS = frozenset([ops.mul, ops.square])
FUSED = {ops.add: (FMA, FMA), ops.sub: (FMS, FNMA)}  # by which operand is the product
