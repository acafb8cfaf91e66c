"""Optimisers: what moves parameters along their gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

from .scalar import Scalar


class SGD:
    """Gradient descent, with momentum and weight decay where they are wanted.

    Args:
        parameters: the Scalars to move, such as `model.parameters()`.
        lr: the learning rate, above 0; may be set anew between steps (`sgd.lr *= 0.9`).
        momentum: how much of the last step's velocity is kept, from 0 up to but not 1.
        weight_decay: pulls each parameter towards 0 by adding `weight_decay * parameter` to its gradient.

    Each `step()` does, for every parameter p, what PyTorch's SGD does without dampening (Sutskever, Martens,
    Dahl & Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013, with the
    learning rate outside the velocity):

        v = momentum * v + (p.grad + weight_decay * p.data)
        p.data -= lr * v

    >>> import glassgrad as gg
    >>> x = gg.Scalar(3.0, label="x")
    >>> sgd = gg.optim.SGD([x], lr=0.1)
    >>> for _ in range(50):
    ...     sgd.zero_grad()
    ...     ((x - 1) ** 2).backward()
    ...     sgd.step()
    >>> round(x.data, 3)
    1.0
    """

    def __init__(
        self, parameters: Iterable[Scalar], lr: float, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self.parameters = _checked(parameters)
        self.lr = lr
        self.momentum = _number(momentum, "momentum is a number from 0 up to but not 1", lambda m: 0 <= m < 1)
        self.weight_decay = _number(
            weight_decay, "weight_decay is a finite number of 0 or more", lambda d: 0 <= d < math.inf
        )
        self._velocity = [0.0] * len(self.parameters)

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = _number(value, "the learning rate lr is a finite number above 0", lambda lr: 0 < lr < math.inf)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, as is due before the next `backward()`."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Move every parameter once.

        Raises FloatingPointError where a gradient is NaN or infinite, before any parameter has moved.
        """
        for index, parameter in enumerate(self.parameters):
            if not math.isfinite(parameter.grad):
                raise FloatingPointError(
                    f"the gradient of {_called(index, parameter)} is {parameter.grad!r}: "
                    "no parameter was moved; compute the loss under gg.detect_anomaly() to see where it "
                    "comes from, or lower lr"
                )
        lr, momentum, decay, velocity = self.lr, self.momentum, self.weight_decay, self._velocity
        for index, parameter in enumerate(self.parameters):
            value = parameter.data
            velocity[index] = momentum * velocity[index] + (parameter.grad + decay * value)
            parameter.data = value - lr * velocity[index]

    def __repr__(self) -> str:
        return (
            f"SGD({len(self.parameters)} parameters, lr={self.lr:g}, momentum={self.momentum:g}, "
            f"weight_decay={self.weight_decay:g})"
        )


def _number(value: Any, needed: str, holds: Callable[[float], bool]) -> float:
    """`value` as a float, where it is a number for which `needed` holds."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{needed}, not {value!r}")
    number = float(value)
    if not holds(number):
        raise ValueError(f"{needed}, not {value!r}")
    return number


def _called(index: int, parameter: Scalar) -> str:
    return f"parameter {index}{_label(parameter)}"


def _label(parameter: Scalar) -> str:
    return f" ({parameter.label})" if parameter.named else ""


def _checked(parameters: Iterable[Scalar]) -> list[Scalar]:
    """The parameters as a list, each of them a leaf and there once."""
    if isinstance(parameters, Scalar) or not hasattr(parameters, "__iter__"):
        raise TypeError(f"SGD takes a list of Scalars such as model.parameters(), not {parameters!r}")
    found = list(parameters)
    if not found:
        raise ValueError("SGD got no parameters: give it a list of Scalars such as model.parameters()")
    places: dict[int, int] = {}
    for index, parameter in enumerate(found):
        if not isinstance(parameter, Scalar):
            raise TypeError(f"SGD moves Scalars, and parameter {index} is {parameter!r}: wrap it in gg.Scalar")
        if parameter.op:
            raise ValueError(
                f"{_called(index, parameter)} is the result of {parameter.op!r}: "
                "SGD moves leaves, made by Scalar(number)"
            )
        first = places.setdefault(id(parameter), index)
        if first != index:
            raise ValueError(
                f"parameters {first} and {index}{_label(parameter)} are one Scalar, "
                "and would be moved twice: give it once"
            )
    return found
