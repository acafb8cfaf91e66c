"""Arrays of nodes, and NumPy. An array of nodes is a `glassgrad.Array`, a NumPy array of dtype object.

NumPy lets an `Array` define what NumPy's functions do with it (NEP 13 and NEP 18). Elementwise functions use the table
of operations, so they do the same for an array as for a node. Choices such as ``np.max`` and ``np.where`` take no
branch. Functions that nodes do not support raise an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassgrad.core.arrays.filled import (
    empty,
    empty_like,
    eye,
    full,
    full_like,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from glassgrad.core.arrays.making import array, scalars, values
from glassgrad.core.op import hand_arrays_to

if TYPE_CHECKING:
    from glassgrad.core.arrays.nodes import Array
    from glassgrad.core.arrays.rows import take
    from glassgrad.core.arrays.truths import Truths

__all__ = [
    "Array",
    "Truths",
    "array",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "scalars",
    "take",
    "values",
    "zeros",
    "zeros_like",
]

# These names are imported on first use, because they import NumPy, and `import glassgrad` does not.
_LAZY = {"Array": "nodes", "Truths": "truths", "take": "rows"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'glassgrad.core.arrays' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"glassgrad.core.arrays.{_LAZY[name]}"), name)
    return found


def _over_arrays(op: Any, args: Any) -> Any:
    from glassgrad.core.arrays.ufuncs import over_arrays

    return over_arrays(op, args)


hand_arrays_to(_over_arrays)
