"""The costs of storing a number and of computing it again, in halves of the time of a multiplication."""

from __future__ import annotations

from glassgrad.compiler.ir.fused_ops import FMA, FMS, FNMA
from glassgrad.compiler.ir.memory.mincut import NEVER
from glassgrad.core import ops
from glassgrad.core.op import Op

__all__ = ["DIVISION", "KEPT", "LOAD", "NEAR", "STORE", "TABLE", "cost_of"]

LOAD = 2  # of reading a stored number, or an input, in each round of the loop that reads
STORE = 10  # of storing a number in each round: the store, and the memory that it takes
KEPT = 8  # of the memory alone: the number is stored anyway, but another would soon take its place
NEAR = 64 << 10  # If all stored numbers take at most so many bytes for each lane, they stay: a block fits the L2 cache.
TABLE = 4  # of reading a number by a table of places

LIGHT = 2
NO_ARITHMETIC = 1
DIVISION = 16
_LIGHT = (
    *(ops.add, ops.sub, ops.mul, ops.square, ops.maximum, ops.minimum, ops.relu, ops.where),
    *(ops.less, ops.less_equal, ops.greater, ops.greater_equal, ops.equal, ops.not_equal, FMA, FMS, FNMA),
)
COSTS: dict[Op, int] = {
    **dict.fromkeys(_LIGHT, LIGHT),
    **dict.fromkeys((ops.identity, ops.neg, ops.abs), NO_ARITHMETIC),
    **dict.fromkeys((ops.div, ops.sqrt), DIVISION),
}


def cost_of(op: Op) -> int:
    """Return the cost of an operation; `NEVER` for those that are too dear to compute again."""
    return COSTS.get(op, NEVER)
