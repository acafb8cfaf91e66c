# cython: boundscheck=False, wraparound=False, initializedcheck=False, binding=False, annotation_typing=False
"""The symbolic reverse sweep: derivatives as new nodes, which can be differentiated again, drawn and compiled.

A sweep needs to know which nodes depend on the variables, and where their operands' derivatives are. `Active` finds
this out once and keeps it in arrays, so the sweep itself looks nothing up.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core import ops
from glassgrad.core.op import IN_SILENCE, as_float
from glassgrad.core.row_ops import RowOp
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import HERE, State
from glassgrad.graph import topological
from glassgrad.support.naming import said

if not cython.compiled:
    from glassgrad.core.scalar import ADD, CONSTANT, MUL, _binary, new_mark

__all__ = ["Active", "gather", "gradient", "gradients", "passed_on", "plain", "watched"]


def gradient(root: Any, wrt: Sequence[Any], order: Iterable[Any] | None = None, seed: Any = 1.0) -> list[Any]:
    """Build the derivative of ``root`` with respect to each node of ``wrt``, as new nodes, with the table's rules.

    Partials are computed only on the paths from ``root`` to ``wrt``. To differentiate ``x ** n`` with respect to ``x``,
    the derivative with respect to ``n`` is not computed.

    Args:
        root: the node to differentiate.
        wrt: the nodes to differentiate with respect to, leaves or results; each is treated as an independent variable.
        order: the nodes that may lie between, operands before results; by default, all nodes below ``root``.
        seed: the derivative to start from, a number or a node.

    Returns:
        One node for each of ``wrt``, or a float where the derivative is a constant, such as 0.0.

    Raises:
        ValueError: a node of ``wrt`` is not below ``root`` (if ``order`` is not given).
        TypeError: an operation on the way has no derivative.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(3.0, label="x")
        >>> slope, = gradient(x ** 3, [x])
        >>> slope.data, gradient(slope, [x])[0].data
        (27.0, 18.0)
    """
    if order is None:
        order = topological(root)
        known = {id(node) for node in order}
        for node in wrt:
            if id(node) not in known:
                raise ValueError(
                    f"node {said(node)!r} belongs to another graph: {said(root)!r} was not computed from it, so there "
                    "is no derivative. Differentiate with respect to a node that it was computed from"
                )
    return gradients([[(root, seed)]], wrt, order)[0]


def gradients(sweeps: Sequence[Sequence[tuple[Any, Any]]], wrt: Sequence[Any], order: Iterable[Any]) -> list[list[Any]]:
    """Like `gradient`, but for several sweeps over one graph, each from several roots at once.

    If there are several sweeps, each visits only the nodes below its own roots.

    Args:
        sweeps: one for each row of the result: a list of pairs (root, derivative to start from).
        wrt, order: as for `gradient`.
    """
    graph = Active(wrt, order)
    starts = [[graph.number(root) for root, _ in sweep] for sweep in sweeps]  # before a rule marks nodes again
    adjoints = [None] * graph.count
    rows = []
    with IN_SILENCE:  # at the edge of a domain, a derivative is inf or nan, as in IEEE 754
        state = watched()
        for sweep, numbers in zip(sweeps, starts):
            reached: dict[int, Any] = {}  # where compiled code makes a choice: a node that says whether one arrives
            last = None
            for (root, seed), i in zip(sweep, numbers):
                last = root
                if i >= 0:
                    gather(adjoints, reached, i, +seed, None)
            places = range(len(graph.nodes)) if len(sweeps) == 1 else graph.below(numbers)
            _sweep(graph, places, adjoints, reached, state, last)
            rows.append([0.0 if adjoints[i] is None else adjoints[i] for i in graph.variables])
            if len(sweeps) > 1:
                for i in (*graph.variables, *[graph.own[k] for k in places]):  # all that this sweep has reached
                    adjoints[i] = None
    return rows


@cython.cclass
class Active:
    """The nodes that depend on some variables, with a number for each, and the numbers of their operands.

    Nodes are marked while this is made, and not afterwards: a rule that a user wrote may contain a sweep of its own,
    which marks them again.

    Args:
        wrt: the variables.
        order: the nodes that may depend on them, operands before results.

    Attributes:
        nodes: the results that depend on a variable, in order.
        own: the number of each of them.
        first: where its operands begin in ``operands``; one entry more than there are nodes.
        operands: the numbers of all operands, -1 for one that depends on no variable.
        variables: the numbers of the variables.
        place: for each number, the place of its node in ``nodes``, or -1 for a variable that is no result.
        count: how many numbers there are.
    """

    if not cython.compiled:
        nodes: list[Any]
        own: Any
        first: Any
        operands: Any
        place: Any
        variables: list[int]
        count: int
        _mark: int
        _seen: bytearray

    def __init__(self, wrt: Sequence[Any], order: Iterable[Any]) -> None:
        self._mark = new_mark()
        self.count = 0
        for node in wrt:
            self._enter(node)
        self.variables = [self.number(node) for node in wrt]
        self.nodes = []
        size = self._find(order if type(order) is list else list(order))
        self.own = array("i", bytes(4 * len(self.nodes)))
        self.first = array("i", bytes(4 * (len(self.nodes) + 1)))
        self.operands = array("i", bytes(4 * size))
        self.place = array("i", [-1]) * self.count
        self._seen = bytearray(len(self.nodes))
        self._fill()

    def number(self, node: Scalar) -> int:
        """Return the number of ``node``, or -1 if it depends on no variable. Valid until nodes are marked again."""
        return node._waiting if node._mark == self._mark else -1

    def _enter(self, node: Scalar) -> None:
        if node._mark != self._mark:
            node._mark = self._mark
            node._waiting = self.count
            self.count += 1

    def _is_active(self, x: Any) -> bool:
        return isinstance(x, Scalar) and self.number(x) >= 0

    def _find(self, order: list[Any]) -> int:
        """Number the nodes that depend on a variable, and list the results. Return how many operands these have."""
        size = 0
        for node in order:
            a = node._a
            b = node._b
            if isinstance(a, tuple):
                for x in a:
                    if self._is_active(x):
                        self._enter(node)
                        self.nodes.append(node)
                        size += len(a)
                        break
            elif self._is_active(a) or self._is_active(b):
                self._enter(node)
                self.nodes.append(node)
                size += 1 if b is None else 2
        return size

    def _fill(self) -> None:
        k = 0
        at = 0
        for node in self.nodes:
            a = node._a
            b = node._b
            self.own[k] = node._waiting
            self.place[self.own[k]] = k
            self.first[k] = at
            if isinstance(a, tuple):
                for x in a:
                    self.operands[at] = self._number_of(x)
                    at += 1
            else:
                self.operands[at] = self._number_of(a)
                at += 1
                if b is not None:
                    self.operands[at] = self._number_of(b)
                    at += 1
            k += 1
        self.first[k] = at

    def _number_of(self, x: Any) -> int:
        return self.number(x) if isinstance(x, Scalar) else -1

    def below(self, numbers: Iterable[int]) -> list[int]:
        """Return the places in ``nodes`` of those that these ``numbers`` depend on, in order."""
        found: list[int] = []
        for i in numbers:
            self._see(i, found)
        for k in found:  # the list grows meanwhile
            for at in range(self.first[k], self.first[k + 1]):
                self._see(self.operands[at], found)
        for k in found:
            self._seen[k] = 0
        found.sort()
        return found

    def _see(self, i: int, found: list[int]) -> None:
        k = self.place[i] if i >= 0 else -1
        if k >= 0 and not self._seen[k]:
            self._seen[k] = 1
            found.append(k)


def watched() -> State | None:
    """Return the current state if new nodes should note which derivative they belong to, otherwise None."""
    state = HERE.state()
    return state if state.lines else None


def _sweep(
    graph: Active, places: Sequence[int], adjoints: list[Any], reached: dict[int, Any], state: State | None, root: Any
) -> None:
    """Send derivatives from the last of these nodes to the first."""
    for k in reversed(places):
        i = graph.own[k]
        if adjoints[i] is None:
            continue
        node = graph.nodes[k]
        if state is None and not reached and (node._operation is ADD or node._operation is MUL):
            _send_by_product_or_sum(graph, k, node, adjoints, reached)
        elif isinstance(node._operation, RowOp):
            _send_to_rows(graph, k, node, adjoints, reached, state, root)
        else:
            _send(graph, k, node, adjoints, reached, state, root)


def _send_by_product_or_sum(graph: Active, k: int, node: Scalar, adjoints: list[Any], reached: dict[int, Any]) -> None:
    """Do as `_send` for a sum or product, as the table says, without calling its rules."""
    derivative = adjoints[graph.own[k]]
    at = graph.first[k]
    i = graph.operands[at]
    j = graph.operands[at + 1]
    if i >= 0:
        _add(adjoints, i, times(derivative, 1.0 if node._operation is ADD else plain(node._b)))
    if j >= 0:
        _add(adjoints, j, times(derivative, 1.0 if node._operation is ADD else plain(node._a)))


def _send(
    graph: Active, k: int, node: Scalar, adjoints: list[Any], reached: dict[int, Any], state: State | None, root: Any
) -> None:
    """Apply the chain rule at result ``k`` of the graph: add its derivative times each partial to the operands'."""
    op = node._operation
    own = graph.own[k]
    derivative = adjoints[own]
    when = reached.get(own) if reached else None
    at = graph.first[k]
    inputs = inputs_of(node)
    for i in range(len(inputs)):
        number = graph.operands[at + i]
        if number < 0:
            continue
        if state is not None:
            state.deriving = (node, i, root)
        partial = partial_of(op, i, node, inputs)
        if when is None and not op.selects:
            share = times(derivative, partial)
            if reached:
                gather(adjoints, reached, number, share, None)
            else:
                _add(adjoints, number, share)
            continue
        share, arrives = passed_on(op, derivative, partial, when)
        if share is not None:
            gather(adjoints, reached, number, share, arrives)


def _send_to_rows(
    graph: Active, k: int, node: Scalar, adjoints: list[Any], reached: dict[int, Any], state: State | None, root: Any
) -> None:
    """Do as `_send` for one of `row_ops`, which reads one of its operands. The others get 0."""
    op = node._operation
    derivative, when = adjoints[graph.own[k]], reached.get(graph.own[k])
    args, inputs = node._a if isinstance(node._a, tuple) else (node._a, node._b), inputs_of(node)
    for i in range(1, len(inputs)):
        number = graph.operands[graph.first[k] + i]
        if number < 0:
            continue
        if state is not None:
            state.deriving = (node, i, root)
        chosen = None
        if args[i].operation not in (None, ops.identity):  # it passes the share on, perhaps by an infinite partial
            chosen = op.chosen(i, inputs)
            chosen = chosen if when is None else ops.where(when, chosen, 0.0)
        gather(adjoints, reached, number, op.share(i, derivative, inputs), chosen)


def inputs_of(node: Scalar) -> tuple[Any, ...]:
    """Return the operands of a result, as its rules see them: constants as numbers."""
    if isinstance(node._a, tuple):
        return tuple([plain(x) for x in node._a])
    return (plain(node._a),) if node._b is None else (plain(node._a), plain(node._b))


def partial_of(op: Any, i: int, node: Scalar, inputs: tuple[Any, ...]) -> Any:
    """Return the partial of a result with respect to operand ``i``, as `Op.partial` does.

    The table's own rules raise nothing for nodes, so they are called without its precautions."""
    if not op.trusted or type(inputs[i]) is float:
        return op.partial(i, node, inputs)
    rule = op.partials[i]
    if len(inputs) == 1:
        partial = rule(node, inputs[0])
    elif len(inputs) == 2:
        partial = rule(node, inputs[0], inputs[1])
    else:
        partial = rule(node, *inputs)
    if type(partial) is float or isinstance(partial, Scalar):
        return partial
    return as_float(partial, f"the partial of {op.name} with respect to argument {i}")


def passed_on(op: Any, derivative: Any, partial: Any, when: Any) -> tuple[Any, Any]:
    """Apply the chain rule at operation ``op``: return the derivative times the partial, and its condition.

    ``when`` is the condition under which the derivative exists, None for always. Where it does not exist, an infinite
    partial does not make it nan."""
    if op.selects and (isinstance(partial, float) or not getattr(op, "holds", False)):
        share = selected(derivative, partial)
        chosen = partial != 0
        if when is not None and share is not None and not bounded(partial):
            share = ops.where(when, share, 0.0)
        if isinstance(chosen, bool) or share is None:
            return share, when
        return share, chosen if when is None else ops.where(when, chosen, 0.0)
    share = times(derivative, partial)
    if when is not None and not (isinstance(partial, float) and math.isfinite(partial)):
        share = ops.where(when, share, 0.0)
    return share, when


def bounded(partial: Any) -> bool:
    """Whether a partial is finite, whichever of its sides is chosen."""
    if isinstance(partial, float):
        return math.isfinite(partial)
    if partial.operation is not ops.where:
        return True
    _, yes, no = partial.prev
    return bounded(plain(yes)) and bounded(plain(no))


def gather(sums: list[Any], reached: dict[int, Any], i: int, share: Any, when: Any) -> None:
    """Add ``share``, which exists if ``when`` holds, to the derivative ``sums[i]``, which is None if there is none."""
    before = reached.pop(i, None)
    if when is not None and (sums[i] is None or before is not None):
        reached[i] = when if before is None else ops.where(before, 1.0, when)
    _add(sums, i, share)


def _add(sums: list[Any], i: int, share: Any) -> None:
    before = sums[i]
    if before is None:
        sums[i] = share
    elif _are_simple(before, share):
        sums[i] = _binary(ADD, before, share)
    else:
        sums[i] = before + share


def plain(x: Any) -> Any:
    """Return the number that a constant node stands for, so that rules see a number; other nodes as they are."""
    node: Scalar
    if isinstance(x, Scalar):
        node = x
        return node._data if node._flags & CONSTANT else x
    return x


def selected(adjoint: Any, partial: Any) -> Any:
    """Return ``adjoint * partial`` for an operation that selects one of its operands.

    Where the partial is 0, return None, so that a nan does not spread to the side that was not taken. If compiled code
    makes the choice, the product is 0 on that side."""
    unchosen = partial == 0
    if unchosen is True:
        return None
    if unchosen is False:
        return times(adjoint, partial)
    if partial.operation is ops.where:
        condition, *sides = partial.prev
        shares = [selected(adjoint, plain(side)) for side in sides]
        return ops.where(condition, *[0.0 if share is None else share for share in shares])
    return ops.where(unchosen, 0.0, times(adjoint, partial))


def times(a: Any, b: Any) -> Any:
    """Return ``a * b``, without a node if a factor is 1. As in Python, ``+`` turns a truth (``x > 1`` while a function
    is compiled) into a number, because derivatives are numbers."""
    if isinstance(a, float) and a == 1:
        return +b
    if isinstance(b, float) and b == 1:
        return +a
    return _binary(MUL, a, b) if _are_simple(a, b) else a * b


def _are_simple(a: Any, b: Any) -> bool:
    """Whether one of two operands is a plain node, and the other is one, too, or a float. Then no subclass or other
    library has a say in the result, and the operation needs no dispatch."""
    if type(a) is Scalar:
        return type(b) is Scalar or type(b) is float
    return type(a) is float and type(b) is Scalar
