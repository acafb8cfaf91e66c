"""The argument ``out``: the user's arrays that results are written to."""

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
    """Return the leaves of ``out``: arrays, and None where no array is given.

    Raises:
        ValueError: ``out`` does not have the structure of the results.
    """
    leaves, structure = structures.flatten(out)
    if structure != results.structure:
        given = pytrees.tree_unflatten(structure, ["None" if leaf is None else "an array" for leaf in leaves])
        raise ValueError(
            f"out must have the structure of the results, {results.text()}, with an array or None for each, got "
            + str(given).replace("'", "")
        )
    return list(leaves)


def in_place(results: Results, lanes: int, kinds: Sequence[Any], out: Any, read: Sequence[Any]) -> list[Any]:
    """Return the arrays of ``out`` that a kernel may write to while it reads its arguments, and None for all others.

    Args:
        results: the layout of the results of a batch.
        lanes: the number of lanes.
        kinds: the dtypes of the results, in the order of the kernel.
        out: the argument that the user passed.
        read: the arrays that the kernel reads.

    Raises:
        TypeError, ValueError: an array does not have the shape or dtype of the result, or is read-only.
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
        raise TypeError(f"out must be an array, or None for a new one, got {describe(array)}")
    if array.shape != shape or array.dtype != kind:
        raise ValueError(
            f"out must have shape {shape} and dtype {np.dtype(kind)}, like the result, got shape {array.shape} and "
            f"dtype {array.dtype}"
        )
    if not array.flags.writeable:
        raise ValueError("out must be writable, got a read-only array. Pass out.copy()")


def copy_to_out(results: Results, leaves: list[Any], out: Any) -> None:
    """Write the arrays among ``leaves`` to those of ``out``, and replace them by those.

    All arrays of ``out`` are checked before any is written.

    Raises:
        TypeError, ValueError: ``out`` does not have the structure of the results, an array in it does not have the
            shape or dtype of its result, or there is an array for a number.
    """
    given = out_leaves(results, out)
    for array, value in zip(given, leaves):
        if array is None:
            continue
        if not isinstance(value, np.ndarray):
            raise TypeError(
                f"out may have arrays only for results that are arrays; for the number {value!r} it must be None, got "
                f"{describe(array)}"
            )
        as_floats = value.dtype.kind in "iu" and getattr(array, "dtype", None) == np.float64
        check_out(array, value.shape, np.float64 if as_floats else value.dtype)
    for k, array in enumerate(given):
        if array is not None:
            if array is not leaves[k]:
                array[...] = leaves[k]
            leaves[k] = array
