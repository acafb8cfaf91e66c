"""The fast path of a call: no Python runs between the user and the machine code.

A `FastCallable` remembers the signatures of earlier calls, and the code that served them. A call with the same
signature goes straight to that code, as ``fastcall.h`` explains. Any other call goes to the method ``_call``. This
module is compiled by Cython. In plain Python it remembers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.state import HERE

__all__ = ["ARRAY", "DICT", "INTEGER", "LIST", "NONE", "NUMBER", "TRUTH", "TUPLE"]
__all__ += ["FastCallable", "FastPath", "is_fast", "result_nodes"]

NONE, NUMBER, ARRAY, TUPLE, LIST, DICT, TRUTH, INTEGER = range(8)  # kinds of nodes, as in fastpath.h

PATHS = 8  # A callable remembers at most this many paths.
FASTER = 8  # Each time a path is renewed, it may serve this many times as many calls as before.
LONGEST = 1 << 16  # A path serves at most this many calls until it is renewed.


class FastPath(NamedTuple):
    """Everything that a fast path checks and does.

    Attributes:
        nodes: (kind, size, keys) for each node of the arguments; see `Signature`.
        arguments: (shape of a lane, axis of the lanes or -1, whether lanes are contiguous, ``"d"`` or ``"f"``) for each
            array among the arguments.
        captured: the captured nodes. Their values follow the numbers among the arguments.
        out: 0 if results may be written to ``out``, 1 if only Python may do this, 2 if ``out`` is the function's own
            argument.
        units: (address, bytes of scratch memory, whether to release the interpreter, address of its version, its
            version) for each kernel. They are tried until one fits.
        batch: None for one call. For a batch: (address of the kernel for many lanes, its bytes of scratch memory, the
            number of lanes from which it is used, lanes that the kernel takes at once, lines of code for a lane, lines
            times lanes from which threads may pay, whether there are branches, 1 for a sum or 2 for a mean or else 0,
            lanes that share a row of sums).
        results: (kind, size) for each node of the results; see `result_nodes`. It is empty if Python assembles them.
        targets: (shape of a lane, axis of the lanes or -1, whether lanes are contiguous, character of the dtype, dtype)
            for each array among the results.
        numbers: how many numbers are among the results.
        helpers: the objects that C calls or keeps; see ``fast_make_helpers``.
    """

    nodes: list[Any]
    arguments: list[Any]
    captured: tuple[Any, ...]
    out: int
    units: list[Any]
    batch: tuple[Any, ...] | None
    results: list[Any]
    targets: list[Any]
    numbers: int
    helpers: tuple[Any, ...]


@cython.cclass
class Path:
    """A fast path as C has it.

    Args:
        path: all that it checks and does.
        left: how many calls it serves until Python looks for better code; -1 means for ever.
    """

    def __init__(self, path: FastPath, left: int) -> None:
        self._path = fast_make(  # type: ignore[name-defined]  # noqa: F821
            path.nodes,
            path.arguments,
            path.captured,
            path.out,
            path.units,
            path.batch,
            path.results,
            path.targets,
            path.numbers,
            left,
            path.helpers,
        )

    def __dealloc__(self) -> None:
        fast_free(self._path)  # type: ignore[name-defined]  # noqa: F821

    def left(self) -> int:
        """How many calls are left until Python looks for better code."""
        return fast_left(self._path)  # type: ignore[name-defined,no-any-return]  # noqa: F821


@cython.cclass
class FastCallable:
    """A callable that remembers fast paths. Its subclasses define ``_call(args, kwargs)`` for all other calls."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all fast paths."""
        self._paths: tuple[Any, ...] = ()
        self._known: dict[Any, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if HERE.live:
            state = HERE.state()
            if state.tag:  # inside a trace, the function itself runs
                return self._call(args, kwargs)
            if state.watches:
                return self._watched(args, kwargs)
        if cython.compiled:
            for path in self._paths:
                result = fast_run(cython.cast(Path, path)._path, args, kwargs)  # type: ignore[name-defined]  # noqa: F821
                if result is not NotImplemented:
                    return result
        return self._call(args, kwargs)

    def _call(self, args: Any, kwargs: Any) -> Any:
        raise NotImplementedError

    def _watched(self, args: Any, kwargs: Any) -> Any:
        """Do the same as ``_call``, while `detect_anomaly` checks results."""
        raise NotImplementedError

    def knows(self, name: Any, code: Any) -> bool:
        """Whether the path called ``name`` goes to this code, and has calls left."""
        found = self._known.get(name)
        return found is not None and found[0] == code and self._left(found) != 0

    def served(self, name: Any) -> int:
        """Return how many calls the path called ``name`` has served, or 0 if its calls are not counted."""
        found = self._known.get(name)
        return 0 if found is None or found[2] < 0 else found[2] - self._left(found)

    def served_by(self, serial: int) -> int:
        """Return how many calls all paths have served whose names begin with ``serial``."""
        return sum([self.served(name) for name in list(self._known) if name[0] == serial])

    def _left(self, found: Any) -> int:
        return found[1].left() if cython.compiled else -1

    def remember(self, name: Any, code: Any, first: int, path: FastPath) -> None:
        """Remember a path. From now on, calls with its signature take it.

        Args:
            name: the name of the path, a tuple. The path replaces any other path with this name.
            code: a key that is equal for paths to the same code.
            first: how many calls the path serves before ``_call`` looks for better code. Each renewed path serves
                `FASTER` times as many. -1 means that there will be no better code.
            path: the path.
        """
        if self.knows(name, code):
            return
        known = self._known.get(name)
        left = first if first < 0 or known is None or known[2] < 0 else min(FASTER * known[2], LONGEST)
        made = Path(path, left) if cython.compiled else None
        others = {key: value for key, value in self._known.items() if key != name}
        while len(others) >= PATHS:
            del others[next(iter(others))]
        others[name] = (code, made, left)
        self._known = others  # a new dict, because other threads may be reading the old one
        if cython.compiled:
            self._paths = tuple([made for _, made, _ in reversed(list(others.values()))])


@cache
def is_fast() -> bool:
    """Whether there are fast paths: this module is compiled, and NumPy's arrays have the memory layout it expects."""
    if not cython.compiled:
        return False
    import numpy as np

    array = np.zeros((2, 3, 4), np.float32)[::-1, :, ::2]
    array.flags.writeable = False
    found = fast_describe(array)  # type: ignore[name-defined]  # noqa: F821
    expected = (array.ctypes.data, array.shape, array.strides, "f", "=", False)
    return found == expected and fast_describe(np.ones(5))[1:] == ((5,), (8,), "d", "=", True)  # type: ignore[name-defined,no-any-return]  # noqa: F821


def result_nodes(structure: Any, leaves: Sequence[tuple[int, int]]) -> tuple[list[Any], Callable[..., Any] | None]:
    """What the results of a call look like.

    Args:
        structure: the structure, as optree describes it.
        leaves: (`ARRAY`, `NUMBER` or `TRUTH`, place among the arrays or among the numbers) for each leaf.

    Returns:
        (kind, size) for each node, each before its children, where all containers are tuples; and None. C builds them,
        so no code of a user's own structure runs. For any other structure: the nodes of a tuple of all leaves, and the
        function that puts it into the structure.
    """
    nodes: list[Any] = []
    if _add_nodes(nodes, structure, iter(leaves)):
        return nodes, None
    return [(TUPLE, len(leaves)), *leaves], structure.unflatten


def _add_nodes(nodes: list[Any], structure: Any, leaves: Iterator[tuple[int, int]]) -> bool:
    """Add the nodes of a structure; return whether all its containers are tuples."""
    if structure.is_leaf():
        nodes.append(next(leaves))
        return True
    nodes.append((TUPLE, structure.num_children))
    return structure.type is tuple and all(_add_nodes(nodes, child, leaves) for child in structure.children())
