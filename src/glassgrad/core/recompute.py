# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: binding=False, annotation_typing=False
"""The forward pass on a graph that exists: which results are out of date, and computing them again."""

from __future__ import annotations

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core import ops
from glassgrad.core.flags import BY_HAND, TOUCHED, UPDATED
from glassgrad.core.scalar import Scalar
from glassgrad.support.naming import said

if not cython.compiled:
    from glassgrad.core.scalar import _computed, _evaluate, _operands, _set_by_hand, _value, _values, connect, is_same
    from glassgrad.core.walks import walk, walk_unfolded

__all__ = ["find_stale"]

ADD, SUB, MUL = ops.add, ops.sub, ops.mul


def forward(root: Scalar) -> None:
    """Compute ``root`` again, and every result it depends on, from the leaves' current data. After an error, all values
    are as before."""
    order = walk_unfolded(root)
    before = [node._data for node in order]
    behind = [(node, _values(node)) for node in order if not _is_up_to_date(node)]
    try:
        for node in order:
            if node._operation.value is None:
                raise TypeError(
                    f"node {said(node)!r} cannot be recomputed: {node.op!r} has no function that computes its value"
                )
            _recompute(node)
    except BaseException:
        for node, data in zip(order, before):
            node._data = data
        for node in order:
            _take_values(node)
        for node, values in behind:
            connect(node, _operands(node), values)
        raise
    _renew(order, before, bool(behind))


def _renew(order: list[Scalar], before: list[float], changed: bool) -> None:
    """After a forward pass, no data counts as set by hand. If any number changed, forget the gradients of results."""
    for i in range(len(order)):
        node = order[i]
        if node._flags & BY_HAND:
            _set_by_hand(node, _computed(node))
        changed = changed or not is_same(node._data, before[i])
    for node in order if changed else ():
        node._grad = 0.0
        node._flags &= ~(UPDATED | TOUCHED)


def _recompute(node: Scalar) -> None:
    """Compute ``node`` again from its operands' current data."""
    _take_values(node)
    if node._operation is ADD:
        node._data = node._x + node._y
    elif node._operation is MUL:
        node._data = node._x * node._y
    elif node._operation is SUB:
        node._data = node._x - node._y
    else:
        node._data = _evaluate(node._operation, _values(node), _operands(node))


def _take_values(node: Scalar) -> None:
    """Store the operands' current data in ``node``, as the values it is computed from."""
    if isinstance(node._a, tuple):
        node._b = tuple([_value(x) for x in node._a])
    else:
        node._x = _value(node._a)
        if node._b is not None:
            node._y = _value(node._b)


def find_stale(*roots: Scalar) -> tuple[dict[int, tuple[Scalar, list[float]]], dict[int, Scalar]]:
    """Find the nodes below ``roots`` whose data has changed since the roots were computed.

    Returns:
        Two dicts with ``id(node)`` as keys, both empty if nothing has changed. The first has the nodes whose data
        changed, each as ``(node, values)``: the values that results were computed from, the oldest result first. The
        second has the results that depend on those nodes, operands before results.
    """
    return _stale_below(roots)


def _stale_below(
    roots: tuple[Scalar, ...],
) -> tuple[dict[int, tuple[Scalar, list[float]]], dict[int, Scalar]]:
    moved: dict[int, tuple[Scalar, list[float]]] = {}
    stale: dict[int, Scalar] = {}
    order = [node for root in roots for node in walk(root)]
    if len(roots) > 1:  # roots may share nodes
        order = list({id(node): node for node in order}.values())
    for node in order:
        if node._flags & BY_HAND:
            moved[id(node)] = (node, [])
        if not _is_up_to_date(node):
            for x, value in zip(_operands(node), _values(node)):
                if not is_same(_value(x), value):
                    moved[id(x)] = (x, [])
    for node in order if moved else ():
        for x, value in zip(_operands(node), _values(node)):
            if id(x) in moved:
                _add_new(moved[id(x)][1], value)
            if id(x) in stale or not is_same(_value(x), value):
                stale[id(node)] = node
        if node._flags & BY_HAND:
            stale[id(node)] = node
    return moved, stale


def _add_new(values: list[float], value: float) -> None:
    for other in values:
        if is_same(value, other):
            return
    values.append(value)


def _is_up_to_date(node: Scalar) -> bool:
    """Whether the operands still have the data that ``node`` was computed from."""
    if isinstance(node._a, tuple):
        for x, value in zip(node._a, node._b):
            if not is_same(_value(x), value):
                return False
        return True
    return is_same(_value(node._a), node._x) and (node._b is None or is_same(_value(node._b), node._y))
