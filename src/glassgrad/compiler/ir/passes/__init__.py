"""Passes: pure functions from tape to tape that leave the results as they are.

`normalise` computes what is constant, does the algebra that IEEE 754 allows, and computes equal things once. `dce`
leaves out what is not used. Three passes change the last bits, for speed or for more digits: `contract` rounds a
product and a sum once instead of twice. `erf_with_exp` computes erf from the exponential of its derivative.
`normal_from_erf` computes the normal distribution without the detour by ``1 + erf(x)``: where that sum is nearly 0, it
has digits that Python's result has lost. No pass reassociates, or assumes that there are no NaNs.
"""

from __future__ import annotations

from glassgrad.compiler.ir.passes.contract import contract
from glassgrad.compiler.ir.passes.dce import dce
from glassgrad.compiler.ir.passes.error_functions import erf_with_exp, normal_from_erf
from glassgrad.compiler.ir.passes.normalise import cse, fold, normalise, simplify
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.core.op import errstate

__all__ = ["contract", "cse", "dce", "erf_with_exp", "fold", "improve", "normal_from_erf", "normalise", "simplify"]


def improve(tape: Tape, fused: bool = False) -> Tape:
    """All passes, verified between; ``fused`` if the target multiplies and adds in one step."""
    with errstate(domain="nan"):
        for one in (normalise, dce, erf_with_exp, normal_from_erf, *([contract] if fused else [])):
            tape = verify(one(tape))
    return tape
