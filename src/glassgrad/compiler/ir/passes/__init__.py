"""Passes: pure functions from tape to tape that keep the results.

`normalise` computes constants, applies the algebra that IEEE 754 allows, and computes equal operations once. `dce`
removes operations that are not used. On tapes with loops both work on the operations in the bodies, and compute before
a loop what does not change in it.

Four passes change the last bits of results, for speed or for more digits. `contract` rounds a product and a sum once
instead of twice. `erf_with_exp` computes erf from the exponential of its derivative. `normal_from_erf` computes the
normal distribution without the detour through ``1 + erf(x)``. Where that sum is nearly 0, the result has digits that
Python's result has lost. `tanh_slopes` computes the derivative of tanh by one operation.

No pass reassociates, or assumes that there are no NaNs. All passes leave tapes with masked loops alone.
"""

from __future__ import annotations

from glassgrad.compiler.ir.passes.contract import contract
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.error_functions import erf_with_exp, normal_from_erf
from glassgrad.compiler.ir.passes.normalise import cse, fold, normalise, settled, simplify
from glassgrad.compiler.ir.passes.seal import sealed, unsealed
from glassgrad.compiler.ir.passes.tanh_slopes import tanh_slopes
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.core.op import errstate

__all__ = [
    "contract",
    "cse",
    "dce",
    "erf_with_exp",
    "fold",
    "improve",
    "normal_from_erf",
    "normalise",
    "sealed",
    "settled",
    "simplify",
    "tanh_slopes",
    "unsealed",
]


def improve(tape: Tape, fused: bool = False) -> Tape:
    """Run all passes, and verify the tape after each. ``fused`` says that the target has fused multiply-add."""
    with errstate(domain="nan"):
        for one in (settled, erf_with_exp, normal_from_erf, tanh_slopes, *([contract] if fused else [])):
            tape = verify(one(tape))
    return tape
