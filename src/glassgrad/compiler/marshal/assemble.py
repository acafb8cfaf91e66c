"""Put the numbers that a kernel wrote into the structure of the results.

A kernel writes arrays first, then numbers. The functions here make leaves from these, in the order of the structure.
Then `deliver` builds the structure, and fills ``out`` if it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.frontend.results import Result, Results
from glassgrad.compiler.marshal.out import copy_to_out
from glassgrad.support import pytrees

__all__ = ["deliver", "leaves_of_call", "leaves_of_lanes", "leaves_of_sums", "split"]


def split(results: Results, flat: Sequence[float], single: bool) -> tuple[list[Any], list[float]]:
    """Split the numbers of one call, in the order of the kernel, into arrays and the numbers after them.

    Args:
        results: the layout of the results.
        flat: the numbers.
        single: whether arrays are float32.
    """
    arrays, start = [], 0
    for leaf in results.ordered():
        if leaf.is_array:
            kind = leaf.kind_of_array(single)
            arrays.append(np.array(flat[start : start + leaf.size], dtype=kind).reshape(leaf.shape))
            start += leaf.size
    return arrays, [float(x) for x in flat[start:]]


def leaves_of_call(results: Results, arrays: Sequence[Any], numbers: Sequence[float]) -> list[Any]:
    """Return the leaves of one call, from the arrays and numbers that a kernel wrote."""
    leaves = [leaf.value.copy() if isinstance(leaf.value, np.ndarray) else leaf.value for leaf in results.leaves]
    for k, x in zip(results.order, (*arrays, *numbers)):
        leaf = results.leaves[k]
        leaves[k] = _array(leaf, x) if leaf.is_array else x != 0 if leaf.is_truth else x
    return leaves


def leaves_of_lanes(results: Results, arrays: Sequence[Any], lanes: int) -> list[Any]:
    """Return the leaves of a batch, from the arrays that a kernel wrote. Each array holds all lanes of one leaf."""
    leaves = [
        None if leaf.value is None else np.broadcast_to(leaf.value, (lanes, *np.shape(leaf.value))).copy()
        for leaf in results.leaves
    ]
    for k, array in zip(results.order, arrays):
        leaves[k] = _array(results.leaves[k], array)
    return leaves


def leaves_of_sums(results: Results, sums: Any, lanes: int, reduce: str, single: bool) -> list[Any]:
    """Return the leaves of a reduced batch.

    Args:
        results: the layout of the results of one lane.
        sums: the sums or means of the numbers, in the order of the kernel; an array or a tuple.
        lanes: the number of lanes.
        reduce: ``"sum"`` or ``"mean"``.
        single: whether arrays are float32.
    """
    sums = np.asarray(sums, dtype=float)
    times = lanes if reduce == "sum" else 1.0
    leaves = [None if leaf.value is None else leaf.value * times for leaf in results.leaves]
    start = 0
    for k in results.order:
        leaf = results.leaves[k]
        some = sums[start : start + leaf.size]
        start += leaf.size
        if leaf.is_whole and reduce == "sum":
            leaves[k] = some.reshape(leaf.shape).astype(leaf.dtype) if leaf.is_array else int(some[0])
        elif leaf.is_array:
            leaves[k] = some.reshape(leaf.shape).astype(np.float32 if leaf.is_single(single) else float)
        else:
            leaves[k] = float(some[0])
    return leaves


def deliver(results: Results, leaves: list[Any], out: Any = None) -> Any:
    """Return the leaves in their structure. If ``out`` is given, its arrays hold the results.

    Raises:
        TypeError, ValueError: see `copy_to_out`.
    """
    if out is not None:
        copy_to_out(results, leaves, out)
    return pytrees.tree_unflatten(results.structure, leaves)


def _array(leaf: Result, array: Any) -> Any:
    """Convert an array that a kernel wrote to the dtype that the user gets."""
    return array != 0 if leaf.is_truth else array.astype(leaf.dtype) if leaf.is_whole else array
