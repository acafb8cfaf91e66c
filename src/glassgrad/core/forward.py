# cython: boundscheck=False, wraparound=False, initializedcheck=False, binding=False, annotation_typing=False
"""The forward sweep: tangents, from the inputs to the results, with the same partials as the reverse sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.op import IN_SILENCE
from glassgrad.core.reverse import Active, gather, inputs_of, partial_of, passed_on, watched
from glassgrad.core.row_ops import RowOp
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import State

if not cython.compiled:
    from glassgrad.core.scalar import _operands, _value

__all__ = ["tangents"]


def tangents(
    order: Iterable[Any], wrt: Sequence[Any], seeds: Sequence[Any], roots: Sequence[Any], symbolic: bool = True
) -> list[Any]:
    """Return the tangent of each of ``roots``, 0.0 for one that does not depend on a variable.

    Args:
        order: nodes, operands before results.
        wrt: the variables.
        seeds: their tangents, numbers or nodes.
        roots: nodes or numbers.
        symbolic: whether to build new nodes; if False, tangents are floats.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(3.0)
        >>> y = x * x
        >>> tangents([x, y], [x], [1.0], [y], symbolic=False)
        [6.0]
    """
    graph = Active(wrt, order)
    numbers = [graph.number(root) if isinstance(root, Scalar) else -1 for root in roots]
    found: list[Any] = [None] * graph.count
    for i, seed in zip(graph.variables, seeds):
        found[i] = +seed if symbolic else seed  # + makes a number of a truth
    variables = set(graph.variables)
    reached: dict[int, Any] = {}  # where compiled code makes a choice: a node that says whether a tangent arrives
    with IN_SILENCE:
        state = watched()
        for k, node in enumerate(graph.nodes):
            if graph.own[k] not in variables:
                _send(graph, k, node, found, reached, state, symbolic)
    return [0.0 if i < 0 or found[i] is None else found[i] for i in numbers]


def _send(
    graph: Active, k: int, node: Scalar, found: list[Any], reached: dict[int, Any], state: State | None, symbolic: bool
) -> None:
    """Apply the chain rule at result ``k`` of the graph: add its partials times the operands' tangents."""
    op = node._operation
    own = graph.own[k]
    at = graph.first[k]
    inputs = inputs_of(node) if symbolic else tuple([_value(x) for x in _operands(node)])
    if isinstance(op, RowOp):
        along = [_tangent(found, graph.operands[at + i]) for i in range(len(inputs))]
        zeros = [0.0 if x is None else x for x in along]
        if [x for x in along if x is not None]:
            found[own] = op.tangent(inputs, zeros)
        return
    for i in range(len(inputs)):
        number = graph.operands[at + i]
        tangent = _tangent(found, number)
        if tangent is None:
            continue
        if state is not None:
            state.deriving = (node, i, None)
        partial = partial_of(op, i, node, inputs) if symbolic else op.partial(i, node._data, inputs)
        share, arrives = passed_on(op, tangent, partial, reached.get(number))
        if share is not None:
            gather(found, reached, own, share, arrives)


def _tangent(found: list[Any], i: int) -> Any:
    return found[i] if i >= 0 else None
