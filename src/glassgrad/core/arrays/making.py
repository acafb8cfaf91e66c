"""Convert numbers to nodes and back: `array`, `scalars`, `values`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glassgrad.core.op import as_float, describe
from glassgrad.core.scalar import Scalar

if TYPE_CHECKING:
    import numpy as np

    from glassgrad.core.arrays.nodes import Array

__all__ = ["array", "require_label", "scalars", "values"]


def array(data: Any, label: str | None = None) -> Array:
    """Make an array of nodes, one for each number in ``data``.

    Args:
        data: numbers in a nested list, tuple or array, of any shape. Nodes among them are kept.
        label: the name of the array. Its elements are then labelled ``label[0]``, ``label[1, 2]``, …

    Returns:
        An `Array`: a NumPy array of dtype object, with the shape of ``data``.

    Raises:
        TypeError: an element is not a number, ``label`` is not a string, or ``data`` is an instance of a subclass of
            ``np.ndarray`` that means more than its numbers: ``np.matrix``, a masked array, an array with a unit.
        ValueError: the rows have different lengths.

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

    require_label(label, "gg.array")
    if data is None or isinstance(data, (str, bytes, dict, set)):
        raise TypeError(f"gg.array needs numbers in nested lists or arrays, got {describe(data)}")
    _require_plain(data)
    numbers = np.empty((), dtype=object)
    if isinstance(data, Scalar):
        numbers[()] = data
    else:
        try:
            numbers = np.array(data, dtype=object)
        except ValueError as error:
            raise ValueError(f"gg.array needs rows of equal length: {error}") from None
    nodes = np.empty(numbers.shape, dtype=object)
    for index in np.ndindex(numbers.shape):
        x: Any = numbers[index]
        if isinstance(x, (list, tuple, np.ndarray)):
            raise ValueError(f"gg.array needs rows of equal length, but element {list(index)} is {describe(x)}")
        where = ", ".join(map(str, index))
        node = x if isinstance(x, Scalar) else Scalar(as_float(x, f"gg.array, at [{where}],"))
        if label is not None and not node.named:
            node.label = f"{label}[{where}]" if index else label
        nodes[index] = node
    return nodes.view(Array)


def require_label(label: Any, who: str) -> None:
    """Raise TypeError if ``label`` is neither None nor a string."""
    if label is not None and not isinstance(label, str):
        raise TypeError(f"{who}: a label must be a string, got {describe(label)}")


def _require_plain(data: Any) -> None:
    """Raise TypeError for arrays that mean more than their numbers, also inside nested lists."""
    from glassgrad.core.arrays.foreign import plain_numbers

    if isinstance(data, (list, tuple)):
        for part in data:
            if not isinstance(part, (float, int, Scalar)):
                _require_plain(part)
    else:
        plain_numbers(data, "an argument of gg.array")


def scalars(*data: Any, labels: str | Sequence[str] | None = None) -> Any:
    """Make a node for each number in ``data``, in the same nesting of lists, tuples, dicts and arrays.

    Args:
        data: numbers, or nested lists, tuples, dicts and arrays of them.
        labels: names for the nodes, in order: a list, or one string with spaces or commas between the names.

    Returns:
        The same structure, with nodes for numbers and `Array` for arrays. A tuple if there are several arguments.

    Raises:
        TypeError: a leaf is not a number, or there is no argument.
        ValueError: the number of labels differs from the number of nodes.

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
    """Return the data of an array of nodes, without their graph.

    Args:
        nodes: an `Array`, a node, or nested lists of nodes and numbers.

    Returns:
        An array of float64, of the same shape.

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
