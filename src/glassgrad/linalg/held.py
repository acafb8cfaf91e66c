"""Two operations that give results an implicit derivative rule, which can be differentiated again.

An implicit rule says how results change when the inputs change: for ``A x = b`` it is ``dx = inverse(A) (db - dA x)``.
We compute the results by any method. Then we build a *correction*, a function of the inputs with this derivative,
and `tied` gives the results the derivative of the correction. In products of the correction, one factor (an entry of
inverse(A), or of x) must count as a constant. `gg.detach` would make it a constant in the second derivative, too, which
would then be wrong. `held` makes it a constant in the first derivative only, because the derivative contains the factor
itself, with its graph.
"""

from __future__ import annotations

import operator
from typing import Any

from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar

__all__ = ["held", "tied"]


class Held(Op):
    """An operation of two arguments. The first counts as a constant."""

    holds = True  # a partial is a factor; only the number 0.0 says that nothing is sent
    opaque = False  # compiled code contains the function
    outside: Any = None

    def __init__(self, name: str, function: Any, partial: Any, **columns: Any) -> None:
        self.function = function
        super().__init__(name, value=function, partials=(lambda y, a, b: 0.0, partial), selects=True, **columns)

    def __reduce__(self) -> Any:
        return _named, (self.name,)


def held(a: Any, x: Any) -> Any:
    """Return ``a * x`` with ``a`` held, for a correction. If ``x`` is a number, that is 0, like its derivative."""
    return HELD(a, x) if isinstance(x, Scalar) else 0.0


def tied(value: Any, correction: Any) -> Any:
    """Return ``value``, with the derivative of ``correction``."""
    return TIED(value, correction)


HELD = Held("held", operator.mul, lambda y, a, x: a, symbol="*", latex=r"{0} \cdot {1}")
TIED = Held("tied", lambda value, correction: value, lambda y, value, correction: 1.0, latex="{0}")


def _named(name: str) -> Held:
    return HELD if name == "held" else TIED
