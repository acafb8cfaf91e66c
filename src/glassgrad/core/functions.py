"""Functions composed from the operations of the table.

They are plain Python and work on floats, nodes, arrays and traced values, so they need no entry of their own.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NoReturn

from glassgrad.core.op import admitted, as_float, describe
from glassgrad.core.ops import (
    atan2,
    atanh,
    detach,
    div,
    erfcx,
    exp,
    exp_sub,
    expm1,
    greater,
    less,
    log,
    log1p,
    maximum,
    minimum,
    norm_cdf,
    not_equal,
    relu,
    sqrt,
    where,
)
from glassgrad.support.protocols import NOT_FOREIGN, is_foreign

__all__ = [
    "clip",
    "copysign",
    "dot",
    "elu",
    "entr",
    "expit",
    "leaky_relu",
    "log1mexp",
    "log_expit",
    "log_ndtr",
    "log_norm_cdf",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logit",
    "logsumexp",
    "mean",
    "ndtr",
    "norm",
    "prod",
    "rel_entr",
    "sigmoid",
    "softmax",
    "softplus",
    "total",
    "xlog1py",
    "xlogy",
]

# These functions choose between branches by `where` of the node `relu(x)`, which is not 0 for x > 0. So
# `Scalar.forward` can choose again for a new x, which it could not if Python had decided by the truth of ``x > 0``.

LARGE, SMALL = 2.0**500, 2.0**-500  # Between these, squares neither overflow nor underflow.
HUGE = sys.float_info.max  # the largest finite number

# These functions are also methods of `Scalar`.
METHODS = ["sigmoid", "log_sigmoid", "softplus", "log_norm_cdf", "log1mexp", "logit", "entr"]


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x), accurate in both tails and without overflow.

    Example:
        >>> import glassgrad as gg
        >>> gg.sigmoid(0.0)
        0.5
    """
    x = _operand(x, "sigmoid")
    positive = relu(x)
    e = exp(_minus_abs(x, positive))
    return where(positive, 1.0, e) / (1.0 + e)


def log_sigmoid(x: Any) -> Any:
    """Return log(sigmoid(x)), which is finite for every finite x.

    Example:
        >>> import glassgrad as gg
        >>> gg.log_sigmoid(-800.0)
        -800.0
    """
    x = _operand(x, "log_sigmoid")
    return -softplus(-x)


def softplus(x: Any) -> Any:
    """Return log(1 + e^x), without overflow.

    Example:
        >>> import glassgrad as gg
        >>> gg.softplus(800.0)
        800.0
    """
    x = _operand(x, "softplus")
    positive = relu(x)
    return where(positive, x, 0.0) + log1p(exp(_minus_abs(x, positive)))


def _minus_abs(x: Any, positive: Any) -> Any:
    """Return -|x|. Its sign counts as a constant in the derivative, so unlike ``abs`` it makes no kink at 0."""
    return x * where(positive, -1.0, 1.0)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x where x > 0, else slope * x. Its derivative at 0 is the slope.

    Example:
        >>> import glassgrad as gg
        >>> gg.leaky_relu(-2.0)
        -0.02
    """
    x = _operand(x, "leaky_relu")
    slope = _operand(slope, "leaky_relu")
    return x * where(relu(x), 1.0, slope)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return x where x > 0, else alpha * (e^x - 1) (Clevert et al., 2015).

    Example:
        >>> import glassgrad as gg
        >>> gg.elu(2.0)
        2.0
    """
    x = _operand(x, "elu")
    alpha = _operand(alpha, "elu")
    positive = greater(x, 0.0)  # False for a nan, which then passes through the exponential
    return where(positive, x, alpha * expm1(where(positive, 0.0, x)))


def log_norm_cdf(x: Any) -> Any:
    """Return log(norm_cdf(x)).

    The result and its derivatives are finite for every finite x, also where norm_cdf(x) underflows.

    Example:
        >>> import glassgrad as gg
        >>> gg.log_norm_cdf(-40.0)
        -804.6084420137538
    """
    x = _operand(x, "log_norm_cdf")
    negative = relu(-x)
    left, right = where(negative, x, 0.0), where(negative, 0.0, x)
    mills = 0.5 * erfcx(maximum(left, -LARGE) * -math.sqrt(0.5))  # norm_cdf(x) e^(x*x/2)
    return where(negative, log(mills) - 0.5 * (left * left), log1p(-norm_cdf(-right)))


def log1mexp(x: Any) -> Any:
    """Return log(1 - e^-|x|), which is ``log(1 - e^x)`` for negative x and ``log(1 - e^-x)`` for positive x.

    0 is outside its domain. The method is that of M. Maechler, *Accurately computing log(1 - exp(-|a|))*, 2012.

    Example:
        >>> import glassgrad as gg
        >>> gg.log1mexp(1e-20)
        -46.051701859880914
    """
    x = _operand(x, "log1mexp")
    size = abs(x)
    near = relu(math.log(2.0) - size)
    small, large = where(near, size, 1.0), where(near, 1.0, size)
    return where(near, log(-expm1(-small)), log1p(-exp(-large)))


def logit(p: Any) -> Any:
    """Return log(p / (1 - p)), the inverse of `sigmoid`, for 0 < p < 1. It is accurate also near 1/2.

    Example:
        >>> import glassgrad as gg
        >>> gg.logit(0.5), gg.logit(1e-300)
        (0.0, -690.7755278982137)
    """
    p = _operand(p, "logit")
    inner = relu((0.75 - p) * (p - 0.25))
    middle, outer = where(inner, p, 0.5), where(inner, 0.25, p)
    return where(inner, 2.0 * atanh(2.0 * middle - 1.0), log(div(outer, 1.0 - outer)))


def xlogy(x: Any, y: Any) -> Any:
    """Return x * log(y), or 0 where x is 0 and y is not nan.

    Where x is 0 and y is not positive, both derivatives are 0, as PyTorch's derivative with respect to x is.

    Example:
        >>> import glassgrad as gg
        >>> gg.xlogy(0.0, 0.0)
        0.0
    """
    return _times_log(_operand(x, "xlogy"), _operand(y, "xlogy"), 0.0, log)


def xlog1py(x: Any, y: Any) -> Any:
    """Return x * log(1 + y), accurate for small y, or 0 where x is 0 and y is not nan.

    Its derivatives there are like those of `xlogy`.

    Example:
        >>> import glassgrad as gg
        >>> gg.xlog1py(2.0, 1e-20)
        2e-20
    """
    return _times_log(_operand(x, "xlog1py"), _operand(y, "xlog1py"), -1.0, log1p)


def _times_log(x: Any, y: Any, pole: float, logarithm: Any) -> Any:
    """Return ``x * logarithm(y)``. Where x is 0, y is moved to where the logarithm is finite."""
    inside = where(relu(y - pole), minimum(y, HUGE), pole + 1.0)
    return x * logarithm(where(x, y, inside))


def entr(x: Any) -> Any:
    """Return -x * log(x), a term of an entropy, or 0 where x is 0. Its derivative there is inf.

    Example:
        >>> import glassgrad as gg
        >>> gg.entr(0.0), gg.entr(0.5)
        (0.0, 0.34657359027997264)
    """
    x = _operand(x, "entr")
    inside = where(x, x, 1.0)
    term = where(greater(x, HUGE), -math.inf * x, -inside * _log_with_slope(inside))
    return where(x, term, sqrt(where(x, 1.0, x)))  # like a square root: 0 at 0, with derivative inf


def _log_with_slope(x: Any) -> Any:
    """Return log(x), whose derivative 1 / x does not overflow for subnormal x."""
    subnormal = less(abs(x), sys.float_info.min)
    return log(x * where(subnormal, 2.0**60, 1.0)) - where(subnormal, 60 * math.log(2.0), 0.0)


def rel_entr(x: Any, y: Any) -> Any:
    """Return x * log(x / y), a term of a relative entropy, for positive x and y.

    Where x is 0, the result and its derivatives are 0. It is accurate also where x is nearly y.

    Example:
        >>> import glassgrad as gg
        >>> gg.rel_entr(0.0, 2.0), gg.rel_entr(1.0, 1.0)
        (0.0, 0.0)
    """
    x, y = _operand(x, "rel_entr"), _operand(y, "rel_entr")
    a, b = where(x, x, 1.0), where(x, y, 1.0)
    ratio, positive = div(a, b), relu(a)
    near = where(positive, relu((2.0 - ratio) * (ratio - 0.5)), 0.0)
    usual = where(positive, relu((LARGE - ratio) * (ratio - SMALL)), 0.0)
    beside = log1p(where(near, div(a - b, b), 0.0))
    between = log(where(usual, ratio, 1.0))
    far = _log_with_slope(where(usual, 1.0, a)) - _log_with_slope(where(usual, 1.0, b))  # the ratio over- or underflows
    return where(greater(x, HUGE), x * math.inf, x * where(near, beside, where(usual, between, far)))


expit, log_expit, ndtr, log_ndtr = sigmoid, log_sigmoid, norm_cdf, log_norm_cdf  # SciPy's names


def clip(x: Any, low: float, high: float) -> Any:
    """Return x limited to the interval from ``low`` to ``high``.

    Example:
        >>> import glassgrad as gg
        >>> gg.clip(7.0, 0.0, 1.0)
        1.0
    """
    return minimum(maximum(x, low), high)


def total(xs: Iterable[Any]) -> Any:
    """Return the sum of ``xs``, or 0.0 if there are none. Unlike `sum`, it makes no node for an initial 0.

    Example:
        >>> import glassgrad as gg
        >>> gg.total([1.0, 2.0, 3.0])
        6.0
    """
    return _folded(operator.add, _listed(xs, "total"), 0.0, "total")


def prod(xs: Iterable[Any]) -> Any:
    """Return the product of ``xs``, or 1.0 if there are none.

    Example:
        >>> import glassgrad as gg
        >>> gg.prod([1.0, 2.0, 3.0])
        6.0
    """
    return _folded(operator.mul, _listed(xs, "prod"), 1.0, "prod")


def mean(xs: Iterable[Any]) -> Any:
    """Return the arithmetic mean of ``xs``.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.mean([1.0, 2.0, 6.0])
        3.0
    """
    values = _listed(xs, "mean")
    if not values:
        _refuse_nothing("mean")
    return _folded(operator.add, values, 0.0, "mean") / float(len(values))


def dot(xs: Iterable[Any], ys: Iterable[Any]) -> Any:
    """Return the inner product of two sequences of equal length, or 0.0 if they are empty.

    Raises:
        ValueError: the lengths differ.

    Example:
        >>> import glassgrad as gg
        >>> gg.dot([1.0, 2.0], [3.0, 4.0])
        11.0
    """
    left, right = _numbers(xs, "dot"), _numbers(ys, "dot")
    if len(left) != len(right):
        raise ValueError(f"dot needs sequences of equal length, but got {len(left)} and {len(right)} elements")
    return reduce(operator.add, map(operator.mul, left, right)) if left else 0.0


def norm(xs: Iterable[Any]) -> Any:
    """Return the Euclidean length of ``xs``, without overflow on the way, or 0.0 if there are none.

    At the origin its first derivatives are 0 and its second derivatives nan, like those of ``abs`` and ``hypot``.
    The derivatives with respect to an infinite number are nan; those with respect to finite numbers beside it are 0.

    Example:
        >>> import glassgrad as gg
        >>> gg.norm([3.0, 4.0])
        5.0
    """
    values = _numbers(xs, "norm")
    if not values:
        return 0.0
    size = reduce(operator.add, map(operator.mul, values, values))
    scale = where(greater(size, LARGE), 2.0**-600, where(less(size, SMALL), 2.0**600, 1.0))  # powers of two are exact
    scaled = [x * scale for x in values]
    squares = reduce(operator.add, map(operator.mul, scaled, scaled))
    root = where(squares, sqrt(where(squares, squares, 1.0)), abs(squares))  # its second derivative at 0 is nan
    return root / scale


def logsumexp(xs: Iterable[Any]) -> Any:
    """Return log(sum(exp(x))), without overflow.

    The error is a few units in the last place of the result, or of the largest of ``xs`` if that is larger: where the
    sum is near 1, the logarithm and the largest of ``xs`` nearly cancel.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.logsumexp([1000.0, 1000.0]) == 1000.0 + gg.log(2.0)
        True
        >>> gg.logsumexp([0.0, -40.0])
        4.248354255291589e-18
    """
    values = _some(xs, "logsumexp")
    if len(values) < 3:
        return logaddexp(*values) if len(values) == 2 else values[0]
    top = reduce(maximum, values)
    largest = detach(top)  # it is subtracted and added again, so it needs no derivative
    finite = largest + log1p(_sum_less_1([exp(x - largest) for x in values]))
    return where(greater(abs(largest), HUGE), top, finite)


def copysign(a: Any, b: Any) -> Any:
    """Return ``a`` with the sign of ``b``, also with that of -0.0. The derivative with respect to ``b`` is 0.

    Example:
        >>> import glassgrad as gg
        >>> gg.copysign(2.0, -0.0)
        -2.0
    """
    a, b = _operand(a, "copysign"), _operand(b, "copysign")
    size = abs(a)
    negative = less(atan2(detach(b), -1.0), 0.0)  # at b = -0.0, atan2 gives -pi
    return where(negative, -size, size)


def logaddexp(a: Any, b: Any) -> Any:
    """Return log(e^a + e^b), without overflow.

    Example:
        >>> import glassgrad as gg
        >>> gg.logaddexp(0.0, 0.0) == gg.log(2.0)
        True
    """
    a, b = _operand(a, "logaddexp"), _operand(b, "logaddexp")
    first = relu(a - b)
    larger, smaller = where(first, a, b), where(first, b, a)
    return larger + log1p(exp_sub(smaller, larger))


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """Return the logarithms of `softmax`, finite also where that underflows.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.log_softmax([0.0, -1000.0])
        [0.0, -1000.0]
    """
    values = _some(xs, "log_softmax")
    largest, weights = _weights(values)
    normaliser = log1p(_sum_less_1(weights))
    gaps = [x - largest for x in values]  # nan where both are infinite, although the weight is 1
    gaps = [where(not_equal(gap, gap), weight - 1.0, gap) for gap, weight in zip(gaps, weights)]
    return [gap - normaliser for gap in gaps]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Return exp(x) / sum(exp(x)) for each x, without overflow. The results are not negative, and their sum is 1.

    Where some of ``xs`` are infinite, the result is the limit in which equal numbers stay equal:
    ``softmax([inf, 0.0])`` is ``[1.0, 0.0]``.

    Raises:
        ValueError: ``xs`` is empty.

    Example:
        >>> import glassgrad as gg
        >>> gg.softmax([1000.0, 1000.0])
        [0.5, 0.5]
    """
    _, weights = _weights(_some(xs, "softmax"))
    whole = 1.0 + _sum_less_1(weights)
    return [w / whole for w in weights]


def _weights(values: list[Any]) -> tuple[Any, list[Any]]:
    """Return the largest of ``values``, detached, and e^(x - largest) for each."""
    largest = detach(reduce(maximum, values))
    return largest, [exp_sub(x, largest) for x in values]


def _sum_less_1(weights: list[Any]) -> Any:
    """Return the sum of ``weights`` minus 1, accurate also where all but one weight are tiny.

    The weights are between 0 and 1, and one of them is 1. The rounding error of each addition is computed exactly. This
    is possible because no weight exceeds the sum so far, which begins with 1 (T. J. Dekker, 1971). In exact arithmetic
    these errors are 0, so they are detached.
    """
    whole: Any = 1.0
    lost = []
    for w in weights:
        larger = whole + w
        lost.append(w - (larger - whole))
        whole = larger
    return (whole - 2.0) + detach(total(lost))


# Arguments of the functions


def _operand(x: Any, user: str) -> Any:
    """Return ``x`` as a float, a node, or an array of float64 or of nodes. Float32 arithmetic would round too much."""
    if type(x) is float or hasattr(x, "__record__"):
        return x
    if type(x) not in NOT_FOREIGN and is_foreign(x):
        x = admitted(x, f"an argument of {user}")
    numpy = sys.modules.get("numpy")  # before NumPy is imported there are no arrays
    if isinstance(x, (list, tuple)) or (numpy is not None and isinstance(x, numpy.ndarray)):
        import numpy as np

        array = np.asarray(x)
        return array if array.dtype == object else array.astype(float)
    return as_float(x, user)


def _listed(xs: Any, user: str) -> list[Any]:
    """Return the elements of ``xs`` in a list: numbers and nodes of any kind."""
    if type(xs) is list:
        return xs
    if type(xs) not in NOT_FOREIGN and is_foreign(xs):
        xs = admitted(xs, f"an argument of {user}")
    if hasattr(xs, "ravel"):
        return xs.ravel().tolist()  # type: ignore[no-any-return]
    if isinstance(xs, (str, bytes, dict)) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{user} needs a list or an array of numbers or nodes, but got {describe(xs)}")
    return list(xs)


def _numbers(xs: Any, user: str) -> list[Any]:
    """Return the elements of ``xs`` as floats and nodes."""
    values = _listed(xs, user)
    for kind in {*map(type, values)}:
        if kind is not float and not hasattr(kind, "__record__"):
            return [x if hasattr(type(x), "__record__") else as_float(x, user) for x in values]
    return values


def _folded(combine: Callable[[Any, Any], Any], values: list[Any], empty: float, user: str) -> Any:
    """Return the ``values`` combined one after another, or ``empty`` if there are none."""
    if not values:
        return empty
    try:
        result = reduce(combine, values)
    except TypeError:
        return reduce(combine, _numbers(values, user))  # raises an error that names the element
    if type(result) is float or hasattr(type(values[0]), "__record__"):
        return result
    return reduce(combine, _numbers(values, user))  # other numbers, such as float32, may have been rounded


def _some(xs: Iterable[Any], user: str) -> list[Any]:
    values = _numbers(xs, user)
    if not values:
        _refuse_nothing(user)
    return values


def _refuse_nothing(user: str) -> NoReturn:
    raise ValueError(f"{user} of nothing is undefined: needs at least one value")
