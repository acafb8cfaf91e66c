"""Gradient descent, with momentum."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from glassgrad.nn.optim.optimizer import (
    LEARNING_RATE,
    WEIGHT_DECAY,
    Check,
    Columns,
    Optimizer,
    Option,
    flag,
    gradients,
    number,
)

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent, with optional momentum and weight decay, and with PyTorch's arguments.

    Args:
        params: the Scalars to move, such as `model.parameters()`; or a list of groups. A group is a dict such as
            `{"params": [w, b], "lr": 0.1}`, with the options that differ from those given here.
        lr: the learning rate, above 0. You may change it between steps: `sgd.lr *= 0.9`.
        momentum: the share of the velocity that is kept from step to step, at least 0 and below 1.
        dampening: the share of each gradient, except the first, that does not enter the velocity.
        weight_decay: adds `weight_decay * parameter` to the gradient, which pulls each parameter towards 0.
        nesterov: whether to look ahead along the velocity; needs momentum, and no dampening.
        maximize: whether to go up the gradient instead of down.

    Each `step()` changes every parameter p like this (Sutskever, Martens, Dahl & Hinton, "On the importance of
    initialization and momentum in deep learning", ICML 2013, but with the learning rate outside the velocity):

        g = p.grad + weight_decay * p.data
        v = momentum * v + (1 - dampening) * g        # v = g in the first step
        p.data -= lr * v                              # nesterov: lr * (g + momentum * v)

    Raises:
        TypeError, ValueError: an option is invalid, or a parameter is not a leaf, or occurs twice.

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

    checks: ClassVar[dict[str, Check]] = {
        "lr": LEARNING_RATE,
        "momentum": number("momentum must be at least 0 and below 1", lambda m: 0 <= m < 1),
        "dampening": number("dampening must be a finite number", math.isfinite),
        "weight_decay": WEIGHT_DECAY,
        "nesterov": flag("nesterov"),
        "maximize": flag("maximize"),
    }
    momentum, dampening, weight_decay = Option("momentum"), Option("dampening"), Option("weight_decay")
    nesterov, maximize = Option("nesterov"), Option("maximize")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {**options, "nesterov": nesterov, "maximize": maximize})

    def _require_consistent(self, options: dict[str, Any]) -> None:
        momentum, dampening = options["momentum"], options["dampening"]
        if options["nesterov"] and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"nesterov=True needs momentum above 0 and no dampening, got momentum={momentum:g}, "
                f"dampening={dampening:g}: pass momentum=0.9, for example"
            )

    def _column_names(self, options: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",) if options["momentum"] else ()

    def _move(self, group: dict[str, Any], columns: Columns) -> None:
        lr, momentum, nesterov = group["lr"], group["momentum"], group["nesterov"]
        params, slopes = group["params"], gradients(group, group["weight_decay"])
        if momentum:
            if "momentum_buffer" in columns:
                part = 1 - group["dampening"]
                velocity = [momentum * v + part * slope for v, slope in zip(columns["momentum_buffer"], slopes)]
            else:
                velocity = slopes
            columns["momentum_buffer"] = velocity
            slopes = [slope + momentum * v for slope, v in zip(slopes, velocity)] if nesterov else velocity
        for parameter, slope in zip(params, slopes):
            parameter.data -= lr * slope

    def _told(self, group: dict[str, Any]) -> list[str]:
        return [name for name in super()._told(group) if name != "dampening" or group[name]]
