"""Names nodes after the caller's variables: ``loss`` for ``loss = …``, and ``w[0]`` for an element of ``w``."""

from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from glassgrad.graph import is_node

_ELEMENTS = 20_000  # So many elements of containers are searched. A picture needs few names.
_DEPTH = 3  # Elements are named down to this depth, as in w[0][1][2].


def from_variables(*scopes: Mapping[str, Any]) -> dict[int, str]:
    """Return ``{id(node): name}`` for the nodes in variables, and in lists, tuples, dicts and arrays there.

    A node takes the first name that is found. Earlier scopes come before later ones, and variables before elements of
    containers. Names that begin with an underscore are left out, and so are IPython's ``In`` and ``Out``.

    >>> class Node:
    ...     op, prev = "", ()
    >>> w = [Node(), Node()]
    >>> sorted(from_variables({"w": w, "first": w[0]}).values())
    ['first', 'w[1]']
    """
    names: dict[int, str] = {}
    for scope in scopes:
        containers = []
        for name, value in list(scope.items()):
            if name.startswith("_") or name in ("In", "Out"):
                continue
            if is_node(value):
                names.setdefault(id(value), name)
            elif _is_container(value):
                containers.append((name, value))
        left = _ELEMENTS
        for name, value in containers:
            left = _name_elements(name, value, names, left)
    return names


def given(names: Mapping[str, Any] | bool | None, frame: FrameType) -> dict[int, str]:
    """Return ``{id(node): name}`` for the option ``names`` of a drawing.

    Args:
        names: a mapping of names to nodes; None or True for the variables in ``frame``; False for no names.
        frame: the caller's frame.

    Raises:
        TypeError: ``names`` is something else.
    """
    if names is None or names is True:
        return from_variables(frame.f_locals, frame.f_globals)
    if names is False:
        return {}
    if isinstance(names, Mapping):
        return from_variables(names)
    raise TypeError(f"names must be a mapping of names to nodes, or False for no names, got {names!r:.60}")


def _is_container(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict)) or is_array(value)


def is_array(value: Any) -> bool:
    """Whether it is an array that may hold nodes: a NumPy array of objects, or a `gg.Array`."""
    # The name of the class tells a NumPy array, so that NumPy need not be imported.
    plain = type(value).__module__ == "numpy" and type(value).__name__ == "ndarray"
    return bool((plain or hasattr(type(value), "__holds_nodes__")) and value.dtype == object)


def _name_elements(name: str, container: Any, names: dict[int, str], left: int) -> int:
    """Name the elements of one container, breadth first. Return how many more elements may be searched."""
    pending = [(name, container, 0)]
    seen = {id(container)}
    for prefix, holder, depth in pending:
        for key, value in _items(holder):
            left -= 1
            if left < 0:
                return 0
            if is_node(value):
                names.setdefault(id(value), f"{prefix}[{key}]")
            elif depth + 1 < _DEPTH and _is_container(value) and id(value) not in seen:
                seen.add(id(value))
                pending.append((f"{prefix}[{key}]", value, depth + 1))
    return left


def _items(holder: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(holder, dict):
        yield from ((f"{key!r:.40}", value) for key, value in list(holder.items()))
    elif isinstance(holder, (list, tuple)):
        yield from ((str(i), value) for i, value in enumerate(holder))
    else:
        shape = holder.shape
        for flat, value in enumerate(holder.flat):
            index = []
            for size in reversed(shape):
                flat, at = divmod(flat, size)
                index.append(str(at))
            yield ", ".join(reversed(index)), value
