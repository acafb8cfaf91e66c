"""Walking a graph of anything that has ``.op`` and ``.prev``: glassgrad's nodes, and the small classes of the lessons.

Every walk is iterative (depth is no limit) and in a fixed order: operands before results, operands in their order.
Where a class keeps its operands in a set, which has no order, they are taken by label and value.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CycleError", "leaves", "operands", "topological", "trace"]


class CycleError(ValueError):
    """A node is its own operand, directly or through others: no order of computation exists."""


def operands(node: Any) -> tuple[Any, ...]:
    """The operands of ``node``, in order."""
    prev = node.prev
    if isinstance(prev, (set, frozenset)):
        return tuple(sorted(prev, key=lambda n: (str(getattr(n, "label", "")), str(getattr(n, "data", "")), str(n.op))))
    return tuple(prev)


def topological(*roots: Any) -> list[Any]:
    """Every node that ``roots`` depend on and the roots themselves, operands before results. Each node is there once.

    Raises:
        TypeError: a root is not a node.
        CycleError: a node depends on itself.

    Example:
        >>> import glassgrad as gg
        >>> a = gg.Scalar(2.0, label="a")
        >>> [n.label for n in gg.graph.topological(a * a)]
        ['a', 'unk']
    """
    for root in roots:
        if not (hasattr(root, "op") and hasattr(root, "prev")):
            raise TypeError(
                f"a graph starts at a node (anything with .op and .prev), not at {type(root).__name__} {root!r:.60}"
            )
    order: list[Any] = []
    unfinished, finished = 1, 2
    state: dict[int, int] = {}
    stack = list(reversed(roots))
    while stack:
        node = stack[-1]
        if id(node) not in state:
            state[id(node)] = unfinished
            for operand in reversed(operands(node)):
                seen = state.get(id(operand))
                if seen == unfinished:
                    raise CycleError(
                        f"node {getattr(operand, 'label', operand)!r} depends on itself: a graph must not turn back; "
                        "give the new value a node of its own"
                    )
                if seen is None:
                    stack.append(operand)
        else:
            stack.pop()
            if state[id(node)] == unfinished:
                state[id(node)] = finished
                order.append(node)
    return order


def trace(root: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """The nodes and the edges below ``root``: ``(nodes, edges)``.

    Nodes come operands first; an edge is a pair (operand, node), and ``a + a`` has its edge twice.

    Example:
        >>> import glassgrad as gg
        >>> a = gg.Scalar(3.0, label="a")
        >>> nodes, edges = gg.trace(a + a)
        >>> len(nodes), len(edges)
        (2, 2)
    """
    nodes = topological(root)
    return nodes, [(operand, node) for node in nodes for operand in operands(node)]


def leaves(root: Any) -> list[Any]:
    """The nodes below ``root`` that have no operands."""
    return [node for node in topological(root) if not node.prev]
