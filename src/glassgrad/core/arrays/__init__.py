"""Many nodes at once, and NumPy: an array of nodes is a `glassgrad.Array`, a NumPy array of dtype object.

NumPy asks an `Array` what its functions mean (NEP 13 and NEP 18). Elementwise functions go to the table of operations,
so they mean for an array what they mean for a node; choices such as ``np.max`` and ``np.where`` take no branch;
what nodes cannot do is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassgrad.core.arrays.making import array, scalars, values
from glassgrad.core.op import hand_arrays_to

if TYPE_CHECKING:
    from glassgrad.core.arrays.nodes import Array
    from glassgrad.core.arrays.truths import Truths

__all__ = ["Array", "Truths", "array", "scalars", "values"]

LAZY = {"Array": "nodes", "Truths": "truths"}  # they need NumPy, which `import glassgrad` does not


def __getattr__(name: str) -> Any:
    if name not in LAZY:
        raise AttributeError(f"module 'glassgrad.core.arrays' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"glassgrad.core.arrays.{LAZY[name]}"), name)
    return found


def _over_arrays(op: Any, args: Any) -> Any:
    from glassgrad.core.arrays.ufuncs import over_arrays

    return over_arrays(op, args)


hand_arrays_to(_over_arrays)
