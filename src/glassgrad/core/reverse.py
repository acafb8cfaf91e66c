"""The symbolic reverse sweep: derivatives as new nodes, which can be differentiated, drawn and compiled again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from glassgrad.core import ops
from glassgrad.core.op import IN_SILENCE
from glassgrad.graph import operands, topological
from glassgrad.support.naming import said

__all__ = ["gradient", "gradients"]


def gradient(root: Any, wrt: Sequence[Any], order: Iterable[Any] | None = None, seed: Any = 1.0) -> list[Any]:
    """The derivative of ``root`` by each node of ``wrt``, built of new nodes by the table's rules.

    Partials are computed only on the way from ``root`` to ``wrt``: of ``x ** n`` by ``x`` alone, the derivative by
    ``n`` is not asked for.

    Args:
        root: the node to differentiate.
        wrt: the nodes to differentiate by, leaves or inner ones; each is its own variable.
        order: the nodes that may lie between, operands first; found by walking below ``root`` if not given.
        seed: the derivative to start from, a number or a node.

    Returns:
        One node for each of ``wrt``, or the float 0.0 (or another) where the derivative is a constant.

    Raises:
        ValueError: a node of ``wrt`` is not below ``root`` (when ``order`` is not given).
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
                    f"node {said(node)!r} is of another graph: {said(root)!r} was not computed from it, so there is no "
                    "derivative; differentiate by a node that it was computed from"
                )
    return gradients([[(root, seed)]], wrt, order)[0]


def gradients(sweeps: Sequence[Sequence[tuple[Any, Any]]], wrt: Sequence[Any], order: Iterable[Any]) -> list[list[Any]]:
    """Several times `gradient` over one graph, each time from several roots at once.

    Args:
        sweeps: for each row of the result pairs of a root and the derivative to start from.
        wrt, order: as for `gradient`.

    Of several sweeps each walks only what lies below its roots.
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
    with IN_SILENCE:  # at the edge of a domain a derivative is inf or nan, as IEEE 754 says
        for sweep in sweeps:
            adjoints: dict[int, Any] = {}
            reached: dict[int, Any] = {}  # where compiled code chooses: whether an adjoint arrives, as a node
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
    """Of ``nodes``, which have these places, those that ``roots`` depend on, in order."""
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
    for i, x in enumerate(args):
        if id(x) not in active:
            continue
        partial = node.operation.partial(i, node, [plain(arg) for arg in args])
        share, when = passed_on(node.operation, adjoints[id(node)], partial, reached.get(id(node)))
        if share is not None:
            gather(adjoints, reached, id(x), share, when)


def passed_on(op: Any, derivative: Any, partial: Any, when: Any) -> tuple[Any, Any]:
    """What operation ``op`` makes of a derivative, and when it does: None for always. ``when`` is when the derivative
    is there at all; where it is not, an infinite partial makes no nan of it."""
    if op.selects:
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
    """Whether a partial is no nan or infinity, whichever of its numbers is chosen."""
    if isinstance(partial, float):
        return math.isfinite(partial)
    return partial.operation is not ops.where or all(bounded(plain(side)) for side in partial.prev[1:])


def gather(sums: dict[int, Any], reached: dict[int, Any], i: int, share: Any, when: Any) -> None:
    """Add ``share``, which is there ``when`` that holds, to the derivative ``sums[i]``."""
    before = reached.pop(i, None)
    if when is not None and (i not in sums or before is not None):
        reached[i] = when if before is None else ops.where(before, 1.0, when)
    sums[i] = sums[i] + share if i in sums else share


def plain(node: Any) -> Any:
    """A constant node as the number that it stands for, so that rules see a number; other nodes as they are."""
    return node.data if getattr(node, "is_constant", False) else node


def selected(adjoint: Any, partial: Any) -> Any:
    """``adjoint * partial`` for an operation that selects: nothing (None) where the partial is 0, so that a nan on the
    side not taken stays there. Where a choice is left to compiled code, the product is 0 on that side."""
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
    """``a * b`` without a node for a factor of 1. As in Python, ``+`` makes a number of a factor that is a truth
    (``x > 1`` while a function is compiled): derivatives are numbers."""
    if isinstance(a, float) and a == 1:
        return +b
    if isinstance(b, float) and b == 1:
        return +a
    return a * b
