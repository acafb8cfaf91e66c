"""Arrays of nodes that start with equal numbers: `zeros`, `ones`, `full`, `eye`, `empty`, and their ``_like`` forms.

A program stores into them, ``z[0] = x[0]`` or ``z += x``, as into ``np.zeros(3)``, which cannot hold nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassgrad.core.arrays.making import array, require_label
from glassgrad.core.scalar import Scalar

if TYPE_CHECKING:
    from glassgrad.core.arrays.nodes import Array

__all__ = ["empty", "empty_like", "eye", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like"]


def zeros(shape: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array of nodes of value 0. Other nodes can be stored in it, and added to it in place.

    Args:
        shape: a whole number, or a tuple of whole numbers.
        dtype: None or float. Nodes are float64.
        label: the name of the array, as for `glassgrad.array`.

    Returns:
        An `Array` of that shape.

    Raises:
        TypeError: ``shape`` is not made of whole numbers, ``dtype`` is not float, or ``label`` is not a string.
        ValueError: a length is negative.

    Example:
        >>> import glassgrad as gg
        >>> def powers(x):
        ...     z = gg.zeros(3)
        ...     z[0] = x
        ...     for i in range(1, 3):
        ...         z[i] = z[i - 1] * x
        ...     return z
        >>> gg.jacobian(powers)(2.0)
        array([ 1.,  4., 12.])
    """
    return _filled(shape, 0.0, dtype, label, "gg.zeros")


def ones(shape: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array of nodes of value 1. Arguments and errors are those of `zeros`.

    Example:
        >>> import glassgrad as gg
        >>> gg.values(gg.ones((2, 2)))
        array([[1., 1.],
               [1., 1.]])
    """
    return _filled(shape, 1.0, dtype, label, "gg.ones")


def empty(shape: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array of nodes to be replaced by others. Their value is 0. Arguments and errors are those of `zeros`.

    Example:
        >>> import glassgrad as gg
        >>> z = gg.empty(2)
        >>> z[:] = gg.array([3.0, 4.0]) * 2.0
        >>> gg.values(z)
        array([6., 8.])
    """
    return _filled(shape, 0.0, dtype, label, "gg.empty")


def full(shape: Any, fill_value: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array that is filled with a number, a node, or an array of them that broadcasts to ``shape``.

    Args:
        shape: a whole number, or a tuple of whole numbers.
        fill_value: a number becomes a new node for each element. A node is kept, so that several elements are one node.
        dtype: None or float. Nodes are float64.
        label: the name of the array, as for `glassgrad.array`.

    Returns:
        An `Array` of that shape.

    Raises:
        TypeError: ``fill_value`` holds something that is not a number, or as for `zeros`.
        ValueError: a length is negative, or ``fill_value`` does not broadcast.

    Example:
        >>> import glassgrad as gg
        >>> gg.grad(lambda x: (gg.full(3, x) * [1.0, 2.0, 3.0]).sum())(5.0)
        6.0
    """
    return _filled(shape, fill_value, dtype, label, "gg.full")


def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make a matrix of nodes that are 1 on a diagonal, and 0 elsewhere.

    Args:
        N: the number of rows.
        M: the number of columns; ``N`` if None.
        k: the diagonal: 0 is the main one, positive ones are above it.
        dtype: None or float. Nodes are float64.
        label: the name of the matrix, as for `glassgrad.array`.

    Returns:
        An `Array` of shape ``(N, M)``.

    Raises:
        TypeError: ``N`` or ``M`` is not a whole number, ``dtype`` is not float, or ``label`` is not a string.
        ValueError: ``N`` or ``M`` is negative.

    Example:
        >>> import glassgrad as gg
        >>> gg.values(gg.eye(2, 3))
        array([[1., 0., 0.],
               [0., 1., 0.]])
    """
    import numpy as np

    _require_float(dtype, "gg.eye")
    return array(np.eye(N, M, k), label)


def zeros_like(x: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array of nodes of value 0, with the shape of ``x``: a node, a number, or an array or list of them.

    Raises:
        TypeError: ``x`` is an instance of a subclass of ``np.ndarray`` that means more than its numbers, or as for
            `zeros`.

    Example:
        >>> import glassgrad as gg
        >>> gg.values(gg.zeros_like([[1.0, 2.0]]))
        array([[0., 0.]])
    """
    return _filled(_shape(x, "gg.zeros_like"), 0.0, dtype, label, "gg.zeros_like")


def ones_like(x: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array of nodes of value 1, with the shape of ``x``. Arguments and errors are those of `zeros_like`.

    Example:
        >>> import glassgrad as gg
        >>> gg.values(gg.ones_like([3.0, 4.0]))
        array([1., 1.])
    """
    return _filled(_shape(x, "gg.ones_like"), 1.0, dtype, label, "gg.ones_like")


def empty_like(x: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array of nodes to be replaced by others, with the shape of ``x``. Their value is 0.

    Arguments and errors are those of `zeros_like`.

    Example:
        >>> import glassgrad as gg
        >>> gg.empty_like([3.0, 4.0]).shape
        (2,)
    """
    return _filled(_shape(x, "gg.empty_like"), 0.0, dtype, label, "gg.empty_like")


def full_like(x: Any, fill_value: Any, dtype: Any = None, *, label: str | None = None) -> Array:
    """Make an array with the shape of ``x``, filled as by `full`. The other arguments and errors are those of `full`.

    Example:
        >>> import glassgrad as gg
        >>> gg.values(gg.full_like([3.0, 4.0], 2.5))
        array([2.5, 2.5])
    """
    return _filled(_shape(x, "gg.full_like"), fill_value, dtype, label, "gg.full_like")


def _filled(shape: Any, value: Any, dtype: Any, label: str | None, who: str) -> Array:
    import numpy as np

    from glassgrad.core.arrays.nodes import Array
    from glassgrad.core.arrays.wrapping import objects

    _require_float(dtype, who)
    require_label(label, who)
    filled = np.empty(shape, dtype=object)
    if type(value) is not float or label is not None:
        filled[...] = objects(value)
        return array(filled, label)
    filled.ravel()[:] = [Scalar(value) for _ in range(filled.size)]
    return filled.view(Array)


def _require_float(dtype: Any, who: str) -> None:
    if dtype is not None:
        from glassgrad.core.arrays.ufuncs import float64_only

        float64_only({"dtype": dtype}, who)


def _shape(x: Any, who: str) -> tuple[int, ...]:
    import numpy as np

    from glassgrad.core.arrays.foreign import plain

    return np.shape(plain(x, f"an argument of {who}"))
