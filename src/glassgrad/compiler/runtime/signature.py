"""The signature of a call: the structure, types and shapes of the arguments, which a fast path checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.codegen.layout import CONTIGUOUS
from glassgrad.compiler.marshal.arguments import Arguments
from glassgrad.compiler.marshal.leaves import ArrayLeaf
from glassgrad.compiler.runtime.fastcall import ARRAY, DICT, INTEGER, LIST, NONE, NUMBER, TUPLE

__all__ = ["Signature", "signature_of"]

NODES = 100_000  # A signature has at most this many nodes.
DEPTH = 50  # Containers are nested at most this deep.
AXES = 8  # Arrays have at most this many axes.
NATIVE = (np.dtype(np.float64), np.dtype(np.float32))


class Signature(NamedTuple):
    """The structure, types and shapes of the arguments of a call.

    A *node* is here a leaf or a container of the arguments.

    Attributes:
        nodes: (kind, size, keys) for each node of ``(args, kwargs)`` except the outermost. Each node comes before its
            children. The size of a container is its number of children. The size of a number or an array is its place
            among the numbers or arrays. The keys are those of a dict, in its own order.
        arrays: (shape of a lane, axis of the lanes or -1, whether lanes are contiguous, character of the dtype) for
            each array.
    """

    nodes: tuple[tuple[int, int, tuple[str, ...] | None], ...]
    arrays: tuple[tuple[tuple[int, ...], int, bool, str], ...]


class _Unsupported(Exception):
    """A fast path cannot check these arguments."""


def signature_of(args: Sequence[Any], kwargs: dict[str, Any], arguments: Arguments) -> Signature | None:
    """Return the signature of a call, or None if no fast path can check such arguments.

    Fast paths know tuples, lists, dicts with strings as keys, floats, ints, None, and arrays of float64 and float32.
    They know no subclasses of these.

    Args:
        args, kwargs: the arguments, without ``out``.
        arguments: the same arguments after conversion.
    """
    walk = _Walk(arguments)
    try:
        nodes = [*walk.nodes(tuple(args), 0), *walk.nodes(kwargs, 0)]
    except _Unsupported:
        return None
    if walk.count != len(arguments.leaves) or len(nodes) > NODES:
        return None
    return Signature(tuple(nodes), tuple(walk.arrays))


class _Walk:
    """A walk over arguments. It meets the leaves in the order of optree, which sorts the keys of dicts."""

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.count = self.numbers = 0
        self.arrays: list[Any] = []

    def nodes(self, x: Any, depth: int) -> list[Any]:
        """Return the nodes of ``x``, in its own order."""
        kind = type(x)
        if kind is tuple or kind is list:
            if depth == DEPTH:
                raise _Unsupported
            found = [(TUPLE if kind is tuple else LIST, len(x), None)]
            for child in x:
                found += self.nodes(child, depth + 1)
            return found
        if kind is dict:
            if depth == DEPTH or any(type(key) is not str for key in x):
                raise _Unsupported
            parts = {key: self.nodes(x[key], depth + 1) for key in sorted(x)}
            return [(DICT, len(x), tuple(x)), *[node for key in x for node in parts[key]]]
        return [self._leaf(x)]

    def _leaf(self, x: Any) -> Any:
        k, arguments = self.count, self.arguments
        self.count += 1
        if k >= len(arguments.leaves) or arguments.leaves[k] is not x:
            raise _Unsupported
        if x is None:
            return NONE, 0, None
        value = arguments.values[k]
        if type(x) in (float, int, np.float64):
            self.numbers += 1
            return INTEGER if arguments.integers[k] else NUMBER, self.numbers - 1, None
        if type(x) is not np.ndarray or x.dtype not in NATIVE or not isinstance(value, ArrayLeaf) or x.ndim > AXES:
            raise _Unsupported
        axis = -1 if arguments.axes is None or (found := arguments.axes[k]) is None else found % x.ndim
        self.arrays.append((value.shape, axis, value.layout == CONTIGUOUS, x.dtype.char))
        return ARRAY, len(self.arrays) - 1, None
