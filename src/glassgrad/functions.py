"""What is composed from the table, in plain Python: it works on floats, nodes and traced values, and needs no entry."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import Any

from glassgrad.op import as_float, describe
from glassgrad.ops import detach, erfc, exp, expm1, log, log1p, maximum, minimum, relu, sqrt, where

__all__ = [
    "clip",
    "dot",
    "elu",
    "gelu",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "norm",
    "norm_cdf",
    "norm_pdf",
    "prod",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "total",
]

# Choices between two branches are made by `where` of a node, `relu(x)`, which is not 0 where x > 0. So `Scalar.forward`
# makes them anew, which it could not if they were made by the truth of ``x > 0`` in Python.

LARGE, SMALL = 2.0**500, 2.0**-500  # beyond these squares overflow, or lose digits

METHODS = ["sigmoid", "log_sigmoid", "softplus", "silu", "gelu", "norm_cdf", "norm_pdf"]  # of Scalar, too


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), right to the last digits in both tails, where it overflows nowhere.

    Example:
        >>> import glassgrad as gg
        >>> gg.sigmoid(0.0)
        0.5
    """
    positive = relu(x)
    e = exp(_minus_abs(x, positive))
    return where(positive, 1.0, e) / (1.0 + e)


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)), finite wherever x is.

    Example:
        >>> import glassgrad as gg
        >>> gg.log_sigmoid(-800.0)
        -800.0
    """
    return -softplus(-x)


def softplus(x: Any) -> Any:
    """log(1 + e^x), without overflow.

    Example:
        >>> import glassgrad as gg
        >>> gg.softplus(800.0)
        800.0
    """
    positive = relu(x)
    return where(positive, x, 0.0) + log1p(exp(_minus_abs(x, positive)))


def _minus_abs(x: Any, positive: Any) -> Any:
    """-|x|, by a sign that is a constant to the derivative: unlike ``abs`` it leaves no kink at 0."""
    return x * where(positive, -1.0, 1.0)


def silu(x: Any) -> Any:
    """x * sigmoid(x), also called swish (Elfwing et al., 2017).

    Example:
        >>> import glassgrad as gg
        >>> gg.silu(0.0)
        0.0
    """
    return x * sigmoid(x)


def gelu(x: Any) -> Any:
    """x * norm_cdf(x), the exact form (Hendrycks and Gimpel, 2016).

    Example:
        >>> import glassgrad as gg
        >>> round(gg.gelu(1.0), 6)
        0.841345
    """
    return x * norm_cdf(x)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where x > 0, else slope * x; its derivative at 0 is the slope.

    Example:
        >>> import glassgrad as gg
        >>> gg.leaky_relu(-2.0)
        -0.02
    """
    return x * where(relu(x), 1.0, slope)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, else alpha * (e^x - 1) (Clevert et al., 2015).

    Example:
        >>> import glassgrad as gg
        >>> gg.elu(2.0)
        2.0
    """
    positive = relu(x)
    return where(positive, x, alpha * expm1(where(positive, 0.0, x)))


def norm_pdf(x: Any) -> Any:
    """The density of the standard normal distribution.

    Example:
        >>> import glassgrad as gg
        >>> round(gg.norm_pdf(0.0), 6)
        0.398942
    """
    return exp(-0.5 * (x * x)) * (1 / math.sqrt(2 * math.pi))


def norm_cdf(x: Any) -> Any:
    """The distribution function of the standard normal, exact in the left tail.

    Example:
        >>> import glassgrad as gg
        >>> gg.norm_cdf(0.0)
        0.5
    """
    return 0.5 * erfc(x * -math.sqrt(0.5))


def clip(x: Any, low: float, high: float) -> Any:
    """x held between ``low`` and ``high``.

    Example:
        >>> import glassgrad as gg
        >>> gg.clip(7.0, 0.0, 1.0)
        1.0
    """
    return minimum(maximum(x, low), high)


def total(xs: Iterable[Any]) -> Any:
    """The sum of ``xs``; 0.0 of none. Unlike `sum` it makes no node for the 0 that a sum starts from.

    Example:
        >>> import glassgrad as gg
        >>> gg.total([1.0, 2.0, 3.0])
        6.0
    """
    result: Any = None
    for x in _flat(xs, "total"):
        result = x if result is None else result + x
    return 0.0 if result is None else _number(result, "total")


def prod(xs: Iterable[Any]) -> Any:
    """The product of ``xs``; 1.0 of none.

    Example:
        >>> import glassgrad as gg
        >>> gg.prod([1.0, 2.0, 3.0])
        6.0
    """
    result: Any = None
    for x in _flat(xs, "prod"):
        result = x if result is None else result * x
    return 1.0 if result is None else _number(result, "prod")


def mean(xs: Iterable[Any]) -> Any:
    """The arithmetic mean of ``xs``.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.mean([1.0, 2.0, 6.0])
        3.0
    """
    values = _some(xs, "mean")
    return total(values) / float(len(values))


def dot(xs: Iterable[Any], ys: Iterable[Any]) -> Any:
    """The inner product of two sequences of equal length; 0.0 of none.

    Raises:
        ValueError: the lengths differ.

    Example:
        >>> import glassgrad as gg
        >>> gg.dot([1.0, 2.0], [3.0, 4.0])
        11.0
    """
    left, right = list(_flat(xs, "dot")), list(_flat(ys, "dot"))
    if len(left) != len(right):
        raise ValueError(f"dot needs sequences of one length, but got {len(left)} and {len(right)} elements")
    return total(x * y for x, y in zip(left, right))


def norm(xs: Iterable[Any]) -> Any:
    """The Euclidean length of ``xs``, without overflow on the way; 0.0 of none. Its derivatives at the origin are 0,
    as those of ``abs`` and ``hypot`` are.

    Example:
        >>> import glassgrad as gg
        >>> gg.norm([3.0, 4.0])
        5.0
    """
    values = _numbers(xs, "norm")
    if not values:
        return 0.0
    largest = detach(reduce(maximum, [abs(x) for x in values]))
    scale = 1.0  # a power of two, so that nothing is rounded
    if largest > LARGE:
        scale = 2.0**-600
    elif largest < SMALL:
        scale = 2.0**600
    scaled = values if scale == 1 else [x * scale for x in values]
    squares = total(x * x for x in scaled)
    root = where(squares, sqrt(where(squares, squares, 1.0)), 0.0)
    return root if scale == 1 else root / scale


def logsumexp(xs: Iterable[Any]) -> Any:
    """log(sum(exp(x))), without overflow.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.logsumexp([1000.0, 1000.0]) == 1000.0 + gg.log(2.0)
        True
    """
    values = _some(xs, "logsumexp")
    largest = detach(reduce(maximum, values))  # subtracted and added again, it has no derivative
    if largest == math.inf or largest == -math.inf:
        return max(values)
    return largest + log(total(exp(x - largest) for x in values))


def logaddexp(a: Any, b: Any) -> Any:
    """log(e^a + e^b), without overflow.

    Example:
        >>> import glassgrad as gg
        >>> gg.logaddexp(0.0, 0.0) == gg.log(2.0)
        True
    """
    return logsumexp([a, b])


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """The logarithms of `softmax`, finite also where that underflows.

    Example:
        >>> import glassgrad as gg
        >>> gg.log_softmax([0.0, -1000.0])
        [0.0, -1000.0]
    """
    values = _some(xs, "log_softmax")
    normaliser = logsumexp(values)
    return [x - normaliser for x in values]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """exp(x) / sum(exp(x)) for each x, without overflow: numbers above 0 that sum to 1.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.softmax([1000.0, 1000.0])
        [0.5, 0.5]
    """
    values = _some(xs, "softmax")
    largest = detach(reduce(maximum, values))
    weights = [exp(x - largest) for x in values]
    whole = total(weights)
    return [w / whole for w in weights]


def _flat(xs: Any, user: str) -> Iterable[Any]:
    if hasattr(xs, "ravel"):
        return xs.ravel()  # type: ignore[no-any-return]
    if isinstance(xs, (str, bytes, dict)) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{user} needs several numbers or nodes, in a list or an array, but got {describe(xs)}")
    return xs  # type: ignore[no-any-return]


def _numbers(xs: Iterable[Any], user: str) -> list[Any]:
    return [_number(x, user) for x in _flat(xs, user)]


def _number(x: Any, user: str) -> Any:
    return x if type(x) is float or hasattr(type(x), "__record__") else as_float(x, user)


def _some(xs: Iterable[Any], user: str) -> list[Any]:
    values = _numbers(xs, user)
    if not values:
        raise ValueError(f"{user} of nothing is undefined: needs at least one value")
    return values
