"""The symbolic reverse sweep: derivatives as new nodes, which can be differentiated again, drawn and compiled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from glassgrad.core import ops
from glassgrad.core.op import IN_SILENCE
from glassgrad.core.row_ops import RowOp
from glassgrad.graph import operands, topological
from glassgrad.support.naming import said

__all__ = ["gradient", "gradients"]


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
    active = {id(node) for node in wrt}
    between: list[Any] = []
    place: dict[int, int] = {}
    for node in order:
        if any(id(x) in active for x in operands(node)):
            active.add(id(node))
            place[id(node)] = len(between)
            between.append(node)
    rows = []
    with IN_SILENCE:  # at the edge of a domain, a derivative is inf or nan, as in IEEE 754
        for sweep in sweeps:
            adjoints: dict[int, Any] = {}
            reached: dict[int, Any] = {}  # where compiled code makes a choice: a node that says whether one arrives
            for root, seed in sweep:
                if id(root) in active:
                    gather(adjoints, reached, id(root), +seed, None)
            nodes = between if len(sweeps) == 1 else _below([root for root, _ in sweep], between, place)
            for node in reversed(nodes):
                if id(node) in adjoints:
                    _send(node, adjoints, reached, active)
            rows.append([adjoints.get(id(node), 0.0) for node in wrt])
    return rows


def _below(roots: Sequence[Any], nodes: Sequence[Any], place: dict[int, int]) -> list[Any]:
    """Select from ``nodes``, which have these places, those that ``roots`` depend on, in order."""
    found: set[int] = set()
    stack = [place[id(root)] for root in roots if id(root) in place]
    while stack:
        i = stack.pop()
        if i not in found:
            found.add(i)
            stack += [place[id(x)] for x in operands(nodes[i]) if id(x) in place]
    return [nodes[i] for i in sorted(found)]


def _send(node: Any, adjoints: dict[int, Any], reached: dict[int, Any], active: set[int]) -> None:
    args = operands(node)
    inputs = [plain(arg) for arg in args]
    if isinstance(node.operation, RowOp):
        _send_to_rows(node, args, inputs, adjoints, reached, active)
        return
    for i, x in enumerate(args):
        if id(x) not in active:
            continue
        partial = node.operation.partial(i, node, inputs)
        share, when = passed_on(node.operation, adjoints[id(node)], partial, reached.get(id(node)))
        if share is not None:
            gather(adjoints, reached, id(x), share, when)


def _send_to_rows(
    node: Any, args: Any, inputs: Sequence[Any], adjoints: dict[int, Any], reached: dict[int, Any], active: set[int]
) -> None:
    """Do as `_send` for one of `row_ops`, which reads one of its operands. The others get 0."""
    op, derivative, when = node.operation, adjoints[id(node)], reached.get(id(node))
    for i, x in enumerate(args):
        if i == 0 or id(x) not in active:
            continue
        chosen = None
        if x.operation not in (None, ops.identity):  # it passes the share on, perhaps by an infinite partial
            chosen = op.chosen(i, inputs)
            chosen = chosen if when is None else ops.where(when, chosen, 0.0)
        gather(adjoints, reached, id(x), op.share(i, derivative, inputs), chosen)


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
    return partial.operation is not ops.where or all(bounded(plain(side)) for side in partial.prev[1:])


def gather(sums: dict[int, Any], reached: dict[int, Any], i: int, share: Any, when: Any) -> None:
    """Add ``share``, which exists if ``when`` holds, to the derivative ``sums[i]``."""
    before = reached.pop(i, None)
    if when is not None and (i not in sums or before is not None):
        reached[i] = when if before is None else ops.where(before, 1.0, when)
    sums[i] = sums[i] + share if i in sums else share


def plain(node: Any) -> Any:
    """Return the number that a constant node stands for, so that rules see a number; other nodes as they are."""
    return node.data if getattr(node, "is_constant", False) else node


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
    return a * b
