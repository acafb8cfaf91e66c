"""Small tools for entries of matrices: zeros that are known beforehand, and nan for what is undefined."""

from __future__ import annotations

import math
from typing import Any

from glassgrad.core import ops
from glassgrad.core.arrays.choices import tree
from glassgrad.core.scalar import Scalar
from glassgrad.linalg.batches import Matrix, Vector

__all__ = ["is_known", "is_triangular", "is_zero", "less_product", "less_products", "multiplied", "nan_unless"]


def is_zero(x: Any) -> bool:
    """Return whether ``x`` is the number 0 and no node, so that products with it can be left out."""
    return type(x) is float and x == 0.0


def is_triangular(a: Matrix, lower: bool) -> bool:
    """Return whether all entries of a square matrix above (or below) the diagonal are the number 0."""
    return all(is_zero(x) for i, row in enumerate(a) for x in (row[i + 1 :] if lower else row[:i]))


def is_known(condition: Any) -> bool:
    """Return whether a condition holds and is not traced."""
    return not isinstance(condition, Scalar) and bool(condition)


def less_product(x: Any, a: Any, b: Any) -> Any:
    """Return ``x - a * b``."""
    if is_zero(a) or is_zero(b):
        return x
    return -(a * b) if is_zero(x) else x - a * b


def less_products(x: Any, a: Vector, b: Vector) -> Any:
    """Return ``x`` less the inner product of ``a`` and ``b``."""
    for p, q in zip(a, b):
        x = less_product(x, p, q)
    return x


def nan_unless(conditions: Vector) -> Any:
    """Return a factor for results that are defined only if all conditions hold: 1, or nan if a traced one does not.

    It is None if no condition is traced. Derivatives of results that are multiplied by nan are nan, too.
    """
    traced = [one for one in conditions if isinstance(one, Scalar)]
    return ops.where(tree(lambda a, b: a & b, traced), 1.0, math.nan) if traced else None


def multiplied(xs: Vector, factor: Any) -> Vector:
    """Return ``xs`` times a factor of `nan_unless`."""
    return xs if factor is None else [x if is_zero(x) else x * factor for x in xs]
