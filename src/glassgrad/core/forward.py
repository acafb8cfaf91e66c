"""The forward sweep: tangents, from the inputs to the results, with the same partials as the reverse sweep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from glassgrad.core.op import IN_SILENCE
from glassgrad.core.reverse import gather, passed_on, plain
from glassgrad.core.row_ops import RowOp
from glassgrad.graph import operands

__all__ = ["tangents"]


def tangents(order: Iterable[Any], seeds: Mapping[int, Any], symbolic: bool = True) -> dict[int, Any]:
    """Return the tangent of every node of ``order`` that depends on a seeded node, keyed by the node's ``id``.

    Args:
        order: nodes, operands before results.
        seeds: the tangents to start from, numbers or nodes, keyed by the ``id`` of their nodes.
        symbolic: whether to build new nodes; if False, tangents are floats.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(3.0)
        >>> y = x * x
        >>> tangents([x, y], {id(x): 1.0}, symbolic=False)[id(y)]
        6.0
    """
    found = {node: +seed for node, seed in seeds.items()} if symbolic else dict(seeds)  # + makes a number of a truth
    reached: dict[int, Any] = {}  # where compiled code makes a choice: a node that says whether a tangent arrives
    with IN_SILENCE:
        for node in order:
            if id(node) in seeds or node.operation is None:
                continue
            args = operands(node)
            inputs = [plain(x) if symbolic else x.data for x in args]
            if isinstance(node.operation, RowOp):
                if any(id(x) in found for x in args):
                    found[id(node)] = node.operation.tangent(inputs, [found.get(id(x), 0.0) for x in args])
                continue
            result = node if symbolic else node.data
            for i, x in enumerate(args):
                if id(x) not in found:
                    continue
                partial = node.operation.partial(i, result, inputs)
                share, when = passed_on(node.operation, found[id(x)], partial, reached.get(id(x)))
                if share is not None:
                    gather(found, reached, id(node), share, when)
    return found
