# cython: boundscheck=False, wraparound=False, initializedcheck=False, binding=False, annotation_typing=False
"""List the nodes of a run as they are made, and write them to arrays when it has ended.

The nodes are numbered in place: a node has room for a number that walks use. So finding an operand takes no dict. The
numbers are sure only until the next walk over the same nodes, so `Flattened.find` checks each.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.compiler.ir.columns import WIDEST, Columns, blank
from glassgrad.core.op import Op
from glassgrad.core.scalar import Scalar

if not cython.compiled:
    from glassgrad.core.scalar import CONSTANT, new_mark

if TYPE_CHECKING:
    from glassgrad.compiler.frontend.tracer import PathTrace

__all__ = ["Flattened", "Recorder", "TooLong", "flattened"]

EVERY = 256  # A trace looks at the clock each time after this many nodes.


class TooLong(BaseException):
    """A trace took longer than it was allowed to. It is no `Exception`, so the traced function does not catch it."""


@cython.cclass
class Recorder:
    """Lists new nodes.

    Args:
        without_code: a function that is called with each node whose operation has no code.
        late: tells when the run has taken too long.

    Attributes:
        made: the nodes.
    """

    if not cython.compiled:
        made: list[Scalar]
        _without_code: Any
        _late: Any

    def __init__(self, without_code: Callable[[Scalar], object], late: Callable[[], bool]) -> None:
        self.made = []
        self._without_code = without_code
        self._late = late

    def hear(self, node: Scalar) -> None:
        """List a new node. The engine calls this."""
        op = node._operation
        if op is not None and op.code is None:
            self._without_code(node)
        self.made.append(node)
        if len(self.made) % EVERY == 0 and self._late():
            raise TooLong

    def close(self) -> None:
        """Let go of the functions, one of which usually belongs to the owner of this recorder."""
        self._without_code = self._late = None


@cython.cclass
class Flattened:
    """The references of a run's nodes.

    Attributes:
        columns: the operations of the run.
        before: for each of the ``turns`` that `flattened` was given, the number of operations before that node.
    """

    if not cython.compiled:
        columns: Columns
        before: list[int]
        _leaves: list[Scalar]
        _made: list[Scalar]
        _refs: array[int]
        _mark: int
        _by_id: dict[int, int] | None
        _numbers: dict[float, int]

    def __init__(self, leaves: list[Scalar], made: list[Scalar]) -> None:
        self._leaves = leaves
        self._made = made
        self._mark = new_mark()
        self._refs = array("q", bytes(8 * (len(leaves) + len(made))))
        self._by_id = None
        self._numbers = {}
        self.before = []

    def find(self, node: Scalar) -> int | None:
        """Return the reference of a node, or None if it is not a node of this run."""
        i = node._waiting
        if i < len(self._refs) and self._at(i) is node:
            return self._refs[i]
        if node._mark < self._mark:  # no walk has come by it since, so it was not numbered
            return None
        if self._by_id is None:
            self._by_id = {id(self._at(k)): k for k in range(len(self._refs))}
        k = self._by_id.get(id(node))
        return None if k is None else self._refs[k]

    def _at(self, i: int) -> Scalar:
        count = len(self._leaves)
        return self._leaves[i] if i < count else self._made[i - count]

    def _number(self, node: Scalar, i: int, ref: int) -> None:
        node._mark = self._mark
        node._waiting = i
        self._refs[i] = ref

    def _reference(self, x: Any, trace: PathTrace) -> int:
        node: Scalar
        if type(x) is float:
            return self._constant(x, trace)
        node = x
        if node._mark == self._mark:
            return self._refs[node._waiting]
        return self._constant(node._data, trace) if node._flags & CONSTANT else trace.capture(node)

    def _constant(self, x: float, trace: PathTrace) -> int:
        if x == 0 or x != x:  # keys of a dict do not tell 0.0 from -0.0, and do not find nan
            return trace.constant(x)
        ref = self._numbers.get(x)
        if ref is None:
            ref = self._numbers[x] = trace.constant(x)
        return ref


def flattened(
    recorder: Recorder,
    leaves: Sequence[Scalar],
    trace: PathTrace,
    inlined: dict[int, Any],
    turns: Sequence[int],
    refuse: Callable[[Scalar], Exception],
) -> Flattened:
    """Write a run to arrays.

    Args:
        recorder: the nodes.
        leaves: the inputs.
        trace: gives the references of constants and captured nodes.
        inlined: from the id of a node to the node or number that replaces it.
        turns: numbers of nodes, in ascending order.
        refuse: makes the error for a node whose value is a fixed number.
    """
    run = Flattened(list(leaves), recorder.made)
    _number_leaves(run)
    run.columns = _blank(run._made, inlined)
    _write(run, trace, inlined, turns, recorder._late, refuse)
    return run


def _number_leaves(run: Flattened) -> None:
    i = 0
    for leaf in run._leaves:
        run._number(leaf, i, i)
        i += 1


def _blank(made: list[Scalar], inlined: dict[int, Any]) -> Columns:
    """Return arrays that are large enough for the operations among these nodes."""
    count = wide = size = 0
    width = 1
    for node in made:
        if node._operation is None or (inlined and id(node) in inlined):
            continue
        count += 1
        if not isinstance(node._a, tuple):
            width = max(width, 1 if node._b is None else 2)
        elif len(node._a) <= WIDEST:
            width = max(width, len(node._a))
        else:
            wide += 1
            size += len(node._a)
    return blank(count, width, wide, size)


def _write(
    run: Flattened,
    trace: PathTrace,
    inlined: dict[int, Any],
    turns: Sequence[int],
    late: Callable[[], bool],
    refuse: Callable[[Scalar], Exception],
) -> None:
    code, operands = run.columns.code, run.columns.operands
    ops: list[Op] = run.columns.ops
    places: dict[Op, int] = {}
    first = len(run._leaves)
    i = first  # the number of the node
    k = wide = 0  # the number of operations, and of wide ones
    turn, next_turn = 0, turns[0] if turns else -1
    for node in run._made:
        if (i - first) % EVERY == EVERY - 1 and late():
            raise TooLong
        while i - first == next_turn:
            run.before.append(k)
            turn += 1
            next_turn = turns[turn] if turn < len(turns) else -1
        op = node._operation
        if op is None:
            if node._mark != run._mark:
                run._number(node, i, run._constant(node._data, trace))
        elif inlined and id(node) in inlined:
            run._number(node, i, run._reference(inlined[id(node)], trace))
        else:
            if op.value is None:
                raise refuse(node)
            place = places.get(op)
            if place is None:
                place = places[op] = len(ops)
                ops.append(op)
            code[k] = place
            if not isinstance(node._a, tuple):
                operands[k, 0] = run._reference(node._a, trace)
                if node._b is not None:
                    operands[k, 1] = run._reference(node._b, trace)
            elif len(node._a) <= WIDEST:
                for j in range(len(node._a)):
                    operands[k, j] = run._reference(node._a[j], trace)
            else:
                _write_wide(run, trace, node._a, k, wide)
                wide += 1
            run._number(node, i, first + k)
            k += 1
        i += 1
    run.before += [k] * (len(turns) - turn)


def _write_wide(run: Flattened, trace: PathTrace, args: tuple[Any, ...], k: int, wide: int) -> None:
    _, _, _, positions, starts, rest = run.columns
    at = int(starts[wide])
    for x in args:
        rest[at] = run._reference(x, trace)
        at += 1
    positions[wide] = k
    starts[wide + 1] = at
