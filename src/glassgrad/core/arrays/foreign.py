"""Refuse arrays whose extra meaning would be lost (subclasses of ndarray, dates), and say how to pass their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassgrad.core.op import as_float

__all__ = ["DATES", "plain", "plain_numbers"]

DATES = "mM"  # The kinds of date and time dtypes. NumPy turns some of them into ints, as if they were numbers.

# For each class: its name in words, its meaning beyond its numbers, and how to pass the numbers alone.
CURES = {
    "matrix": ("an np.matrix", "whose * is the matrix product", "pass np.asarray({0}), and write @ for that product"),
    "MaskedArray": ("a masked array", "whose mask would be lost", "pass {0}.filled(...), or choose by gg.where"),
    "recarray": ("an np.recarray", "whose fields would be lost", "pass one of its fields, or np.asarray({0})"),
    "Quantity": ("a Quantity", "whose unit would be lost", "pass its numbers alone, {0}.value"),
    "unyt_array": ("a unyt_array", "whose unit would be lost", "pass its numbers alone, {0}.value"),
}
UNKNOWN = "whose own meaning, such as a unit or a mask, would be lost", "pass its numbers alone, np.asarray({0})"


def plain(array: Any, who: Any) -> Any:
    """Return ``array`` itself if it is a plain NumPy array, or one of ours.

    Args:
        array: an instance of ``np.ndarray`` or of a subclass; anything else is returned unchanged.
        who: its name for the error, such as ``"argument 'x' of f"``.

    Raises:
        TypeError: it is an instance of a subclass such as ``np.matrix``, a masked array, or an array with a unit.
    """
    kind = type(array)
    if kind is np.ndarray or not isinstance(array, np.ndarray) or getattr(kind, "__holds_nodes__", False):
        return array
    if kind is np.memmap:  # an ndarray in a file, with no extra meaning
        return array.view(np.ndarray)
    known = [CURES[base.__name__] for base in kind.__mro__ if base.__name__ in CURES]
    what, meaning, cure = known[0] if known else (f"a {kind.__module__}.{kind.__qualname__}", *UNKNOWN)
    quoted = str(who).split("'")
    raise TypeError(f"{who} is {what}, {meaning}: {cure.format(quoted[1] if len(quoted) > 1 else 'x')}")


def plain_numbers(array: Any, who: Any) -> Any:
    """As `plain`, for an array whose elements must be numbers.

    Raises:
        TypeError: as `plain`, and if the elements are dates or times.
    """
    if isinstance(array, np.ndarray) and array.dtype.kind in DATES and array.size:
        as_float(array.ravel()[0], who)  # raises
    return plain(array, who)
