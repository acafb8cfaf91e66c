"""Walks graphs of nodes: glassgrad's own, and those of any class that keeps its operation and its operands.

The operands are in ``.prev`` or ``._prev`` (as in micrograd), the operation in ``.op`` or ``._op``. A walk does not
recurse, so a graph may have any depth. Its order is fixed: operands come before results, in their own order. If a class
keeps its operands in a set, which has no order, they are sorted by label and value.

>>> import glassgrad as gg
>>> x, y = gg.Scalar(2.0, label="x"), gg.Scalar(3.0, label="y")
>>> [leaf.label for leaf in gg.graph.leaves(x * y + x)]
['x', 'y']
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CycleError",
    "are_in_a_set",
    "cure_for",
    "is_node",
    "leaves",
    "operands",
    "operation_of",
    "to_networkx",
    "topological",
    "trace",
]

OPERANDS = ("prev", "_prev", "_children", "children")  # The first of these that a class has holds its operands.
OPERATION = ("op", "_op")
_MISSING = object()
_PLAIN = frozenset((int, float, str, bytes, bool, complex, type(None), list, tuple, dict, set, frozenset))
_TENSORS = {
    "torch": "a tensor of PyTorch's",
    "jax": "an array of JAX's",
    "jaxlib": "an array of JAX's",
    "tensorflow": "a tensor of TensorFlow's",
}
_CURES = {
    "data": "keep the number: self.data = data",
    OPERANDS: "keep the operands, best in a tuple: self._prev = (self, other) for the result",
    OPERATION: "keep the operation's symbol: self._op = '+'; '' for a leaf",
}


class CycleError(ValueError):
    """Raised if a node depends on itself, so that there is no order in which to compute the graph.

    Example:
        >>> import glassgrad as gg
        >>> class Node:
        ...     op, prev = "+", ()
        >>> node = Node()
        >>> node.prev = (node,)
        >>> try:
        ...     gg.draw(node)
        ... except gg.CycleError as error:
        ...     print(str(error).partition(",")[0])
        node of class Node depends on itself
    """

    __module__ = "glassgrad"


def is_node(value: Any) -> bool:
    """Whether it is an object (not a class) that keeps its operands and its operation."""
    if type(value) in _PLAIN or isinstance(value, type):
        return False
    try:
        return _first(value, OPERATION) is not _MISSING and _first(value, OPERANDS) is not _MISSING
    except Exception:  # attributes of other classes may raise anything
        return False


def operands(node: Any) -> tuple[Any, ...]:
    """Return the operands of ``node``, in order."""
    try:
        prev = node.prev
    except AttributeError:
        prev = _first(node, OPERANDS)
    if type(prev) is tuple and (not prev or prev[-1] is not None):
        return prev
    if isinstance(prev, (set, frozenset)):
        return tuple(sorted(prev, key=_label_and_value))
    return _in_a_tuple(prev, node)


def are_in_a_set(node: Any) -> bool:
    """Whether the class of ``node`` keeps operands in a set, which loses their order and repetitions."""
    return isinstance(_first(node, OPERANDS), (set, frozenset))


def _in_a_tuple(prev: Any, node: Any) -> tuple[Any, ...]:
    if prev is None:
        return ()
    try:
        if iter(prev) is prev:
            raise TypeError("an iterator can be read only once")
        return tuple([operand for operand in prev if operand is not None])
    except TypeError:
        raise TypeError(
            f"the operands of node {_name_of(node)} must be nodes in a tuple, list or set, as in self._prev = (x,), "
            f"got {prev!r:.60}"
        ) from None


def operation_of(node: Any) -> str:
    """Return the text of a node's operation, or ``""`` if it has none."""
    try:
        op = node.op
    except AttributeError:
        op = _first(node, OPERATION)
    if isinstance(op, str):
        return str(op)
    if op is None or op is _MISSING:
        return ""
    named = getattr(op, "__name__", None) or getattr(op, "name", None)  # a function, or a member of an enumeration
    return named if isinstance(named, str) else str(op)


def cure_for(value: Any) -> str:
    """Say what an object lacks that is nearly a node, or a tensor, and how to fix it. Return ``""`` for others."""
    library = type(value).__module__.partition(".")[0]
    if library in _TENSORS:
        return f"{_TENSORS[library]} has no graph of single numbers: compute with Scalars, as in gg.Scalar(float(x))"
    found = {name: _has(value, name if isinstance(name, tuple) else (name,)) for name in _CURES}
    broken = next((text for text in found.values() if isinstance(text, str)), None)
    if broken is not None:
        return f"its property {broken}"
    nearly = found[OPERANDS] or found[OPERATION] or (found["data"] and _has(value, ("grad",)) is True)
    lacking = [name for name, there in found.items() if not there]
    if type(value) in _PLAIN or isinstance(value, type) or not nearly or not lacking:
        return ""
    missing = lacking[0]
    names = " or ".join(f".{name}" for name in (missing[:2] if isinstance(missing, tuple) else (missing,)))
    other = _kept_elsewhere(value) if missing is OPERANDS else None
    cure = f"they seem to be in .{other}, so add self._prev = self.{other}" if other else _CURES[missing]
    return f"it has no {names}: {cure}"


def _first(node: Any, names: tuple[str, ...]) -> Any:
    """Return the first of these attributes that ``node`` has."""
    for name in names:
        value = getattr(node, name, _MISSING)
        if value is not _MISSING:
            return value
    return _MISSING


def _has(value: Any, names: tuple[str, ...]) -> bool | str:
    """Whether ``value`` has one of these attributes. If reading it raises, return the error as text."""
    for name in names:
        try:
            if hasattr(value, name):
                return True
        except Exception as error:
            return f".{name} raises {type(error).__name__}: {error}"
    return False


def _kept_elsewhere(value: Any) -> str | None:
    """Return the name of an attribute that holds objects of the same class. These may be the operands."""
    attributes: dict[str, Any] = getattr(value, "__dict__", {})
    for name, held in attributes.items():
        if isinstance(held, (tuple, list, set, frozenset)) and held and all(type(x) is type(value) for x in held):
            return name
    return None


def _label_and_value(node: Any) -> tuple[str, str, str]:
    return str(getattr(node, "label", "")), str(getattr(node, "data", "")), operation_of(node)


def _name_of(node: Any) -> str:
    label = getattr(node, "label", None)
    return repr(label)[:80] if isinstance(label, str) and label else f"of class {type(node).__name__}"


def _check_operands(node: Any) -> None:
    """Raise TypeError if an operand of ``node`` is not a node."""
    for operand in operands(node):
        if not is_node(operand):
            cure = cure_for(operand) or "wrap numbers in your class before you compute with them"
            raise TypeError(
                f"node {_name_of(node)} has the operand {operand!r:.80}, which is not a node: every operand in .prev "
                f"must have .op and .prev itself; {cure}"
            )


def topological(*roots: Any) -> list[Any]:
    """Return the ``roots`` and all nodes that they depend on, each of them once, operands before results.

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
        if not is_node(root):
            cure = cure_for(root)
            raise TypeError(
                f"a graph's root must be a node (with .op and .prev), got {type(root).__name__} {root!r:.60}"
                + (f": {cure}" if cure else "")
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
                        f"node {_name_of(operand)} depends on itself, so there is no order to compute in: "
                        "make a new node for the new value"
                    )
                if seen is None:
                    if type(operand) is not type(node):
                        _check_operands(node)
                    stack.append(operand)
        else:
            stack.pop()
            if state[id(node)] == unfinished:
                state[id(node)] = finished
                order.append(node)
    return order


def trace(root: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """Return the nodes and the edges below ``root``, as ``(nodes, edges)``.

    Operands come before results. An edge is a pair ``(operand, node)``, and ``a + a`` has its edge twice. A class that
    keeps its operands in a set, such as micrograd's ``Value``, loses repetitions, so there ``a + a`` has one edge.

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
    """Return the nodes below ``root`` that have no operands.

    Example:
        >>> import glassgrad as gg
        >>> a, b = gg.Scalar(2.0, label="a"), gg.Scalar(3.0, label="b")
        >>> [leaf.label for leaf in gg.graph.leaves(a * b + a)]
        ['a', 'b']
    """
    return [node for node in topological(root) if not operands(node)]


def to_networkx(*roots: Any) -> Any:
    """Return the graph below ``roots`` as a graph of NetworkX, for its algorithms, layouts and file formats.

    Its nodes are the integers 0, 1, 2, … in the order of `topological`: operands come before results. A node has the
    attributes ``label``, ``op``, ``data`` and ``grad``. A leaf's ``op`` is ``""``.

    An edge leads from an operand to its result. It has the attributes ``operand``, the operand's position (0, 1, …),
    and ``local_derivative``, the derivative of the result with respect to that operand. ``a * a`` has two edges from
    ``a``. So the graph is a ``networkx.MultiDiGraph``, which is a subclass of ``networkx.DiGraph``.

    The chain rule is a sum over paths. Multiply the local derivatives along each path from a node to a root, and add
    the products: this is the derivative of the root with respect to the node.

    Nodes of other classes, such as micrograd's, have the attributes that their class has, but no ``local_derivative``.

    Args:
        roots: nodes of any class that keeps its operands and its operation, as for `trace`.

    Raises:
        ImportError: NetworkX is not installed.
        TypeError: a root is not a node.
        CycleError: a node depends on itself.

    Example:
        >>> import glassgrad as gg
        >>> a, b = gg.Scalar(2.0, label="a"), gg.Scalar(3.0, label="b")
        >>> g = gg.graph.to_networkx(a * b)
        >>> g.nodes[2]
        {'label': 'unk', 'op': '*', 'data': 6.0, 'grad': 0.0}
        >>> list(g.edges(data="local_derivative"))
        [(0, 2, 3.0), (1, 2, 2.0)]
    """
    try:
        import networkx
    except ImportError as error:
        raise ImportError("gg.graph.to_networkx needs NetworkX: pip install networkx") from error
    order = topological(*roots)
    number = {id(node): i for i, node in enumerate(order)}
    graph = networkx.MultiDiGraph()
    for i, node in enumerate(order):
        found = {"label": getattr(node, "label", None), "op": operation_of(node)}
        found |= {name: getattr(node, name, None) for name in ("data", "grad")}
        graph.add_node(i, **{name: value for name, value in found.items() if value is not None})
        slopes = node.local_partials() if hasattr(node, "local_partials") else ()
        for k, operand in enumerate(operands(node)):
            known = {"local_derivative": slopes[k]} if slopes else {}
            graph.add_edge(number[id(operand)], i, operand=k, **known)
    return graph
