"""Limit the gradients: call these functions between `backward()` and `step()`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from glassgrad.core.scalar import Scalar

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


def clip_grad_norm_(
    parameters: Iterable[Scalar] | Scalar, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale the gradients down so that their norm, as one vector, is at most `max_norm`.

    As in PyTorch, the factor is `max_norm / (norm + 1e-6)`, if that is below 1.

    Args:
        parameters: the Scalars whose gradients to scale, such as `model.parameters()`.
        max_norm: the largest norm, 0 or more.
        norm_type: the order of the norm: 2 for the root of the sum of squares, `math.inf` for the largest size.
        error_if_nonfinite: whether to raise an error if the norm is nan or infinite.

    Returns:
        The norm before scaling, a float.

    Raises:
        FloatingPointError: with `error_if_nonfinite`, the norm is nan or infinite. No gradient has changed.
        TypeError, ValueError: `max_norm` is not a number of 0 or more, `norm_type` is not a number above 0, or a
            parameter is not a Scalar.

    >>> import glassgrad as gg
    >>> a, b = gg.Scalar(1.0), gg.Scalar(1.0)
    >>> a.grad, b.grad = 3.0, 4.0
    >>> gg.nn.utils.clip_grad_norm_([a, b], max_norm=1.0)
    5.0
    >>> round(a.grad, 4), round(b.grad, 4)
    (0.6, 0.8)
    """
    found = _listed(parameters)
    max_norm, norm_type = _positive(max_norm, "max_norm", zero=True), _positive(norm_type, "norm_type")
    norm = _norm([abs(parameter.grad) for parameter in found], norm_type)
    if error_if_nonfinite and not math.isfinite(norm):
        raise FloatingPointError(
            f"the norm of the gradients is {norm!r}, so it cannot be clipped: "
            "compute the loss inside gg.detect_anomaly() to see where that comes from"
        )
    factor = max_norm / (norm + 1e-6)
    if not factor >= 1:
        for parameter in found:
            parameter.grad *= factor
    return norm


def clip_grad_value_(parameters: Iterable[Scalar] | Scalar, clip_value: float) -> None:
    """Limit each gradient to the range from `-clip_value` to `clip_value`.

    Args:
        parameters: the Scalars whose gradients to limit, such as `model.parameters()`.
        clip_value: the largest size of a gradient, 0 or more.

    Raises:
        TypeError, ValueError: `clip_value` is not a number of 0 or more, or a parameter is not a Scalar.

    >>> import glassgrad as gg
    >>> a = gg.Scalar(1.0)
    >>> a.grad = -3.0
    >>> gg.nn.utils.clip_grad_value_([a], 0.5)
    >>> a.grad
    -0.5
    """
    limit = _positive(clip_value, "clip_value", zero=True)
    for parameter in _listed(parameters):
        if abs(parameter.grad) > limit:
            parameter.grad = math.copysign(limit, parameter.grad)


def _norm(sizes: list[float], norm_type: float) -> float:
    if math.inf in sizes or any(map(math.isnan, sizes)):
        return math.nan if any(map(math.isnan, sizes)) else math.inf
    largest = max(sizes, default=0.0)
    if norm_type == math.inf or largest == 0:
        return largest
    if norm_type == 2:
        return math.hypot(*sizes)
    return float(largest * sum((size / largest) ** norm_type for size in sizes) ** (1 / norm_type))


def _listed(parameters: Iterable[Scalar] | Scalar) -> list[Scalar]:
    found = [parameters] if isinstance(parameters, Scalar) else list(parameters)
    for index, parameter in enumerate(found):
        if not isinstance(parameter, Scalar):
            raise TypeError(f"parameter {index} must be a Scalar, got {parameter!r}: pass model.parameters()")
    return found


def _positive(value: float, name: str, zero: bool = False) -> float:
    needed = f"{name} must be a number {'of 0 or more' if zero else 'above 0'}, got {value!r}"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(needed) from None
    if not (number > 0 or (zero and number == 0)):
        raise ValueError(needed)
    return number
