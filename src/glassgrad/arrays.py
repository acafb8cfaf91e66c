"""Many nodes at once, and NumPy: arrays of nodes are NumPy arrays of dtype object.

NumPy calls an operator or a method of each element, so ``w @ x``, ``np.exp(w)``, ``np.sum(w)`` work on them; a ufunc
that meets a bare node asks `apply_ufunc`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from glassgrad.op import TABLE, as_float, describe
from glassgrad.refusals import no_operation, ufunc_name
from glassgrad.scalar import Scalar, TracingError
from glassgrad.truths import OF_BOOLS, TRUTHS, is_close

if TYPE_CHECKING:
    import numpy as np

__all__ = ["apply_function", "apply_ufunc", "array", "scalars", "values"]


def array(data: Any, label: str | None = None) -> np.ndarray:
    """An array of nodes, one for each number in ``data``.

    Args:
        data: numbers in a nested list, tuple or array, of any shape; nodes among them are kept as they are.
        label: the name of the whole: its elements are then labelled ``label[0]``, ``label[1, 2]``, ...

    Returns:
        A NumPy array of dtype object, of the shape of ``data``.

    Raises:
        TypeError: an element is not a number.
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

    if label is not None and not isinstance(label, str):
        raise TypeError(f"a label is text, but gg.array got {describe(label)}")
    if data is None or isinstance(data, (str, bytes, dict, set)):
        raise TypeError(f"gg.array needs numbers in nested lists or arrays, but got {describe(data)}")
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
    return nodes


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

    objects = np.asarray(nodes, dtype=object)
    numbers = [x.data if isinstance(x, Scalar) else as_float(x, "gg.values") for x in objects.ravel()]
    return np.array(numbers, dtype=float).reshape(objects.shape)


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
BY_NUMPY = {op.numpy: op for op in TABLE.values() if op.numpy}


def apply_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What NumPy does when one of a ufunc's ``inputs`` is a bare node (NEP 13): element by element, by the table."""
    import numpy as np

    if kwargs.get("out") is not None and any(out.dtype != object for out in kwargs["out"]):
        raise TypeError(
            f"np.{ufunc.__name__} cannot put nodes into an array of numbers, where their history would be lost: "
            "make it an array of nodes first, gg.array(x)"
        )
    function = _function_for(ufunc.__name__, inputs) if method == "__call__" and not kwargs else None
    if function is None:
        try:
            return getattr(ufunc, method)(*map(_objects, inputs), **kwargs)
        except TracingError:
            raise
        except (TypeError, AttributeError):
            raise TypeError(no_operation(ufunc_name(ufunc))) from None
    if not any(isinstance(x, (np.ndarray, list, tuple)) and np.ndim(x) for x in inputs):
        return function(*[_number(x, ufunc.__name__) for x in inputs])
    result = np.frompyfunc(function, len(inputs), 1)(*map(_objects, inputs))
    if ufunc.__name__ in TRUTHS:
        return _truths(result)
    return result.astype(bool) if ufunc.__name__ in COMPARISONS else result


def _function_for(name: str, inputs: tuple[Any, ...]) -> Callable[..., Any] | None:
    """What does for nodes what the ufunc of that name does for numbers."""
    if name in OF_BOOLS and all(map(_is_truth, inputs)):
        return OF_BOOLS[name]
    if name.startswith("bitwise") and not all(map(_is_truth, inputs)):
        return None
    return COMPARISONS.get(name) or TRUTHS.get(name) or BY_NUMPY.get(name)


def apply_function(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What NumPy does when one of the arguments of ``function``, which is no ufunc, is a bare node (NEP 18)."""
    import numpy as np

    return _isclose(*args, **kwargs) if function is np.isclose else function._implementation(*args, **kwargs)


def _isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    import numpy as np

    numbers = (a, b, rtol, atol)
    if not any(isinstance(x, (np.ndarray, list, tuple)) and np.ndim(x) for x in numbers):
        return is_close(*map(_item, numbers), equal_nan=equal_nan)
    each = np.frompyfunc(lambda *some: is_close(*some, equal_nan=equal_nan), 4, 1)
    with np.errstate(invalid="ignore"):
        return _truths(each(*map(_objects, numbers)))


def _truths(results: Any) -> Any:
    """An array of bools, but of nodes where they are still to be decided, in compiled code."""
    return results.astype(bool) if all(isinstance(x, bool) for x in results.ravel()) else results


def _is_truth(x: Any) -> bool:
    """Whether ``x`` is True or False, or the node of a comparison in compiled code."""
    return getattr(x, "is_truth", False) or getattr(getattr(x, "dtype", x), "kind", type(x)) in (bool, "b")


def _number(x: Any, name: str) -> Any:
    """The item of ``x``; of a date or another of NumPy's that are no numbers, text for a comparison, else an error."""
    if getattr(getattr(x, "dtype", None), "kind", "O") in tuple("biufcO") and not getattr(x, "mask", False):
        return _item(x)
    return str(x) if name in COMPARISONS else as_float(x, f"np.{name}")


def _item(x: Any) -> Any:
    item = x.item() if hasattr(x, "item") else x
    return float(item) if hasattr(item, "dtype") else item  # a longdouble is its own item


def _objects(x: Any) -> Any:
    """``x`` as an array of Python's objects: NumPy would ask its own numbers to do what it asks of us."""
    import numpy as np

    if isinstance(x, (Scalar, np.generic)):
        wrapped = np.empty((), dtype=object)
        wrapped[()] = _item(x)
        return wrapped
    array = np.asarray(x)
    return array.astype(float if array.dtype.kind == "f" else array.dtype).astype(object)
