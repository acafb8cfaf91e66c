"""From numbers to nodes and back: `array`, `scalars`, `values`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glassgrad.core.op import as_float, describe
from glassgrad.core.scalar import Scalar

if TYPE_CHECKING:
    import numpy as np

    from glassgrad.core.arrays.nodes import Array

__all__ = ["array", "scalars", "values"]


def array(data: Any, label: str | None = None) -> Array:
    """An array of nodes, one for each number in ``data``.

    Args:
        data: numbers in a nested list, tuple or array, of any shape; nodes among them are kept as they are.
        label: the name of the whole: its elements are then labelled ``label[0]``, ``label[1, 2]``, ...

    Returns:
        An `Array`, which is a NumPy array of dtype object, of the shape of ``data``.

    Raises:
        TypeError: an element is not a number, or ``data`` is of a subclass of ``np.ndarray`` that means more than its
            numbers: ``np.matrix``, a masked array, an array with a unit.
        ValueError: the nesting is ragged.

    Example:
        >>> import glassgrad as gg
        >>> w = gg.array([[1.0, 2.0], [3.0, 4.0]], label="w")
        >>> w[1, 0]
        w[1, 0]|3.000|0.000
        >>> (w @ [1.0, 10.0]).sum().data
        64.0
    """
    import numpy as np

    from glassgrad.core.arrays.nodes import Array

    if label is not None and not isinstance(label, str):
        raise TypeError(f"a label is text, but gg.array got {describe(label)}")
    if data is None or isinstance(data, (str, bytes, dict, set)):
        raise TypeError(f"gg.array needs numbers in nested lists or arrays, but got {describe(data)}")
    _require_plain(data)
    numbers = np.empty((), dtype=object)
    if isinstance(data, Scalar):
        numbers[()] = data
    else:
        try:
            numbers = np.array(data, dtype=object)
        except ValueError as error:
            raise ValueError(f"gg.array needs rows of one length, but the nesting is ragged: {error}") from None
    nodes = np.empty(numbers.shape, dtype=object)
    for index in np.ndindex(numbers.shape):
        x: Any = numbers[index]
        if isinstance(x, (list, tuple, np.ndarray)):
            raise ValueError(f"gg.array needs rows of one length, but element {list(index)} is {describe(x)}")
        where = ", ".join(map(str, index))
        node = x if isinstance(x, Scalar) else Scalar(as_float(x, f"gg.array, at [{where}],"))
        if label is not None and not node.named:
            node.label = f"{label}[{where}]" if index else label
        nodes[index] = node
    return nodes.view(Array)


def _require_plain(data: Any) -> None:
    """Refuse arrays that mean more than their numbers, in nested lists, too."""
    from glassgrad.core.arrays.foreign import plain_numbers

    if isinstance(data, (list, tuple)):
        for part in data:
            if not isinstance(part, (float, int, Scalar)):
                _require_plain(part)
    else:
        plain_numbers(data, "an argument of gg.array")


def scalars(*data: Any, labels: str | Sequence[str] | None = None) -> Any:
    """Nodes for all the numbers in ``data``, in the same nesting of lists, tuples, dicts and arrays.

    Args:
        data: numbers, or nested lists, tuples, dicts and arrays of them. Several arguments give a tuple.
        labels: names for the nodes in order, as a list or in one string with spaces or commas.

    Raises:
        TypeError: a leaf is not a number.
        ValueError: there are more or fewer labels than nodes.

    Example:
        >>> import glassgrad as gg
        >>> a, b = gg.scalars(2.0, -3.0, labels="a b")
        >>> a, b
        (a|2.000|0.000, b|-3.000|0.000)
        >>> gg.scalars({"w": [1.0, 2.0]})
        {'w': [unk|1.000|0.000, unk|2.000|0.000]}
    """
    if not data:
        raise TypeError("gg.scalars needs at least one number")
    made: list[Scalar] = []

    def convert(x: Any) -> Any:
        if isinstance(x, dict):
            return {key: convert(value) for key, value in x.items()}
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return type(x)(*map(convert, x))
        if isinstance(x, (list, tuple)):
            return type(x)(map(convert, x))
        if getattr(x, "ndim", 0) or type(x).__module__ == "array":
            nodes = array(x)
            made.extend(nodes.ravel())
            return nodes
        node = x if isinstance(x, Scalar) else Scalar(as_float(x, "gg.scalars"))
        made.append(node)
        return node

    result = convert(data[0]) if len(data) == 1 else tuple([convert(x) for x in data])
    if labels is not None:
        names = labels.replace(",", " ").split() if isinstance(labels, str) else list(labels)
        if len(names) != len(made):
            raise ValueError(f"gg.scalars made {len(made)} nodes but got {len(names)} labels")
        for node, name in zip(made, names):
            node.label = name
    return result


def values(nodes: Any) -> np.ndarray:
    """The data of an array of nodes (numbers among them stay), as an array of float64 of the same shape.

    Raises:
        TypeError: an element is neither a node nor a number.

    Example:
        >>> import glassgrad as gg
        >>> gg.values(gg.array([1.0, 2.0]) * 3.0)
        array([3., 6.])
    """
    import numpy as np

    from glassgrad.core.arrays.foreign import plain_numbers

    objects = np.asarray(plain_numbers(nodes, "the argument of gg.values"), dtype=object)
    numbers = [x.data if isinstance(x, Scalar) else as_float(x, "gg.values") for x in objects.ravel()]
    return np.array(numbers, dtype=float).reshape(objects.shape)
