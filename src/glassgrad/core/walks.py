# cython: boundscheck=False, wraparound=False, initializedcheck=False, binding=False, annotation_typing=False
"""Walks that list the nodes below a root.

A walk stores its mark in each node that it visits, so it needs no set of visited nodes.
"""

from __future__ import annotations

from typing import Any

try:
    import cython
except ImportError:
    from glassgrad.core import cython_shim as cython

from glassgrad.core.folding import Folded
from glassgrad.core.scalar import Scalar

if not cython.compiled:
    from glassgrad.core.scalar import _operands, _unfold, new_mark

__all__ = ["count_operations"]


def walk(root: Scalar) -> list[Scalar]:
    """List ``root`` and the nodes it depends on, operands before results, without the leaves."""
    entered = new_mark()
    done = entered + 1
    order: list[Scalar] = []
    if root._a is None:
        return order
    stack = [root]
    while stack:
        node = stack[len(stack) - 1]
        if node._mark >= entered:
            stack.pop()
            if node._mark == entered:
                node._mark = done
                order.append(node)
            continue
        node._mark = entered
        if isinstance(node._a, tuple):
            for x in reversed(node._a):
                _visit(x, stack, entered)
        else:
            if node._b is not None:
                _visit(node._b, stack, entered)
            _visit(node._a, stack, entered)
    return order


def _visit(operand: Any, stack: list[Scalar], entered: int) -> None:
    if isinstance(operand, Scalar):
        node = operand
        if node._mark < entered and node._a is not None:
            stack.append(node)


def walk_unfolded(root: Scalar) -> list[Scalar]:
    """Do as `walk`, and unfold all calls below ``root``."""
    order = walk(root)
    while has_folded(order):
        for node in order:
            _unfold(node)
        order = walk(root)
    return order


def has_folded(order: list[Scalar]) -> bool:
    """Whether one of the nodes is a result of a folded call."""
    for node in order:
        if isinstance(node._operation, Folded):
            return True
    return False


def leaves_of(order: list[Scalar]) -> list[Scalar]:
    """Return the leaves among the operands of ``order``, each once."""
    found = {}
    for node in order:
        for x in _operands(node):
            if isinstance(x, Scalar):
                leaf = x
                if leaf._a is None:
                    found[id(leaf)] = leaf
    return list(found.values())


def count_operations(root: Scalar) -> dict[str, int]:
    """Count how often each operation occurs in the graph of ``root``.

    Returns:
        A dict from symbol to count; '' counts the leaves, plain numbers included. A million nodes take some tenths of
        a second.

    Example:
        >>> import glassgrad as gg
        >>> x = gg.Scalar(2.0)
        >>> count_operations(x * x + 1.0)
        {'*': 1, '+': 1, '': 2}
    """
    order = walk_unfolded(root)
    counts: dict[Any, int] = {}
    numbers = 0
    for node in order:
        counts[node._operation] = counts.get(node._operation, 0) + 1
        for x in _operands(node):
            numbers += not isinstance(x, Scalar)
    named: dict[str, int] = {}
    for op, count in counts.items():
        named[op.symbol] = named.get(op.symbol, 0) + count
    named[""] = len(leaves_of(order)) + numbers if order else 1
    return named
