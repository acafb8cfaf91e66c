"""The argument ``out``: arrays of the user's that results are written to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.frontend import structures
from glassgrad.compiler.frontend.results import Results
from glassgrad.compiler.marshal.leaves import TakenMemory, span, writable_in_place
from glassgrad.core.op import describe
from glassgrad.support import pytrees

__all__ = ["copy_to_out", "in_place", "out_leaves"]


def out_leaves(results: Results, out: Any) -> list[Any]:
    """The leaves of ``out``: arrays, and None where none is given.

    Raises:
        ValueError: ``out`` does not have the structure of the results.
    """
    leaves, structure = structures.flatten(out)
    if structure != results.structure:
        given = pytrees.tree_unflatten(structure, ["None" if leaf is None else "an array" for leaf in leaves])
        raise ValueError(
            f"out must have the structure of the results, {results.text()}, with an array or None for each, but got "
            + str(given).replace("'", "")
        )
    return list(leaves)


def in_place(results: Results, lanes: int, kinds: Sequence[Any], out: Any, read: Sequence[Any]) -> list[Any]:
    """The arrays of ``out`` that a kernel may write to while it reads its arguments; None in place of any other.

    Args:
        results: the layout of the results of a batch.
        lanes: how many lanes it has.
        kinds: the dtypes of the results, in the order of the kernel.
        out: as the user gave it.
        read: the arrays that the kernel reads.

    Raises:
        TypeError, ValueError: an array has another shape or dtype than the result, or is read-only.
    """
    given = out_leaves(results, out)
    taken = TakenMemory()
    for array in read:
        taken.add(*span(array))
    found: list[Any] = []
    for k, kind in zip(results.order, kinds):
        array, leaf = given[k], results.leaves[k]
        if array is None or leaf.is_truth or leaf.is_whole:
            found.append(None)
            continue
        check_out(array, (lanes, *leaf.shape), kind)
        free = taken.add(*span(array))
        found.append(array if free and writable_in_place(array) else None)
    return found


def check_out(array: Any, shape: tuple[int, ...], kind: Any) -> None:
    """Raise an error unless a result of that shape and dtype can be written to ``array``."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"out takes an array, or None for a new one, but got {describe(array)}")
    if array.shape != shape or array.dtype != kind:
        raise ValueError(
            f"out has shape {array.shape} and dtype {array.dtype}, but the result has shape {shape} and dtype "
            f"{np.dtype(kind)}"
        )
    if not array.flags.writeable:
        raise ValueError("out is a read-only array, so no result can be written to it: pass out.copy()")


def copy_to_out(results: Results, leaves: list[Any], out: Any) -> None:
    """Write the arrays among ``leaves`` to those of ``out``, which take their places. All are checked before any is
    written.

    Raises:
        TypeError, ValueError: ``out`` has another structure than the results, an array in it another shape or dtype,
            or there is an array for a number.
    """
    given = out_leaves(results, out)
    for array, value in zip(given, leaves):
        if array is None:
            continue
        if not isinstance(value, np.ndarray):
            raise TypeError(
                f"out takes arrays for results that are arrays; for the number {value!r} give None, not "
                f"{describe(array)}"
            )
        as_floats = value.dtype.kind in "iu" and getattr(array, "dtype", None) == np.float64
        check_out(array, value.shape, np.float64 if as_floats else value.dtype)
    for k, array in enumerate(given):
        if array is not None:
            if array is not leaves[k]:
                array[...] = leaves[k]
            leaves[k] = array
