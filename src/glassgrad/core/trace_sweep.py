# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: binding=False, annotation_typing=False
"""The sweep of a transform that returns numbers. It visits the nodes of one trace, the last one first.

A trace lists its nodes, so no walk is needed, and nodes outside it are not touched. The symbolic sweep, which makes
new nodes, is in `reverse`.
"""

from __future__ import annotations

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.flags import FOUND, TOUCHED, VARIABLE
from glassgrad.core.folding import Folded
from glassgrad.core.scalar import Scalar, TracingError
from glassgrad.support.naming import said

if not cython.compiled:
    from glassgrad.core.folded import sweep_through_calls
    from glassgrad.core.scalar import _has_mark, _operands, new_mark
    from glassgrad.core.sweep import require_rule, sweep_list

__all__ = ["refuse_leaks", "release", "sweep_trace"]


def sweep_trace(
    nodes: list[Scalar], sweeps: list[list[tuple[Scalar, float]]], variables: list[Scalar]
) -> list[list[float]]:
    """Return the derivatives with respect to ``variables``, one row of floats for each of ``sweeps``.

    A sweep is a list of pairs (root, gradient) to start from. ``nodes`` are all the nodes made since the variables, in
    order. Only these nodes are touched; the gradients of all others, such as parameters, stay as they are. If there are
    several sweeps, each visits only the nodes below its own roots."""
    mark = new_mark()
    for node in [*variables, *nodes]:
        node._mark = mark
        node._flags &= ~TOUCHED
        node._grad = 0.0
        if node._operation is not None and node._operation.pullback is not None:
            raise TypeError(
                "a _backward that was set by hand works in backward() only: give the operation its partials, with "
                "@gg.primitive"
            )
    folded = False
    for node in nodes:
        folded = folded or isinstance(node._operation, Folded)
        for x in _operands(node) if node._a is not None else ():
            if isinstance(x, Scalar):
                _refuse_if_leaked(x, mark)
    inside = [[(root, grad) for root, grad in sweep if _has_mark(root, mark)] for sweep in sweeps]
    if any(inside):
        for node in nodes:
            if node._operation is not None and not node._operation.trusted:
                require_rule(node)
    if len(inside) > 1:
        _number(nodes)
    order = nodes
    rows: list[list[float]] = []
    for sweep in inside:
        if not sweep:
            rows.append([0.0] * len(variables))
            continue
        if len(inside) > 1:
            order = _below([root for root, _ in sweep], nodes, mark)
            _forget_gradients(order)
            _forget_gradients(variables)
            _forget_gradients([root for root, _ in sweep])
        for root, grad in sweep:
            root._grad += grad
            root._flags |= TOUCHED
        order = [node for node in order if node._a is not None]
        sweep_through_calls(order, mark) if folded else sweep_list(order, mark)
        rows.append([node._grad for node in variables])
    return rows


def _forget_gradients(nodes: list[Scalar]) -> None:
    for node in nodes:
        node._grad = 0.0
        node._flags &= ~TOUCHED


def _number(nodes: list[Scalar]) -> None:
    i = 0
    for node in nodes:
        node._waiting = i
        i += 1


def _below(roots: list[Scalar], nodes: list[Scalar], mark: int) -> list[Scalar]:
    """Select from ``nodes``, which have this mark and are numbered, those that ``roots`` depend on, in order."""
    found: list[Scalar] = []
    for node in roots:
        if node._a is not None and not node._flags & FOUND:
            node._flags |= FOUND
            found.append(node)
    for node in found:  # the list grows meanwhile
        for x in _operands(node):
            if isinstance(x, Scalar):
                _find(x, found, mark)
    for node in found:
        node._flags &= ~FOUND
    places = [node._waiting for node in found]
    places.sort()
    return [nodes[i] for i in places]


def _find(node: Scalar, found: list[Scalar], mark: int) -> None:
    if node._mark == mark and node._a is not None and not node._flags & FOUND:
        node._flags |= FOUND
        found.append(node)


def refuse_leaks(nodes: list[Scalar], variables: list[Scalar]) -> None:
    """Raise `TracingError` if one of ``nodes`` depends on an argument from an earlier call of a transform."""
    mark = new_mark()
    for node in [*variables, *nodes]:
        node._mark = mark
    for node in nodes:
        for x in _operands(node) if node._a is not None else ():
            if isinstance(x, Scalar):
                _refuse_if_leaked(x, mark)


def _refuse_if_leaked(node: Scalar, mark: int) -> None:
    if node._flags & VARIABLE and node._a is None and node._mark != mark:
        raise TracingError(
            f"node {said(node)!r} was an argument in an earlier call of a transform. It belongs to another graph, so "
            "no derivative goes through it: return it from that function, or keep x.data"
        )


def release(variables: list[Scalar]) -> None:
    """Make plain nodes of ``variables``: their transform has ended, and nodes computed from them may be used
    elsewhere."""
    for node in variables:
        node._flags &= ~VARIABLE
