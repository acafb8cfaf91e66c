"""Adam and AdamW: each parameter's steps have their own size, computed from running means of its gradient."""

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

__all__ = ["Adam", "AdamW"]

BETAS = "betas must be two numbers, each at least 0 and below 1, such as (0.9, 0.999)"


def _betas(value: Any) -> tuple[float, float] | None:
    """A pair of decay rates."""
    beta = number(BETAS, lambda b: 0 <= b < 1)
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError(f"{BETAS}, got {value!r}")
    found = [beta.read(b) for b in value]
    return (found[0], found[1]) if len(found) == 2 and None not in found else None


class Adam(Optimizer):
    """Adam (Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015), with PyTorch's arguments.

    Args:
        params: the Scalars to move, such as `model.parameters()`; or a list of groups. A group is a dict such as
            `{"params": [w, b], "lr": 0.1}`, with the options that differ from those given here.
        lr: the learning rate, above 0. You may change it between steps: `adam.lr *= 0.9`.
        betas: the decay rates of the running means of the gradient and of its square, each at least 0 and below 1.
        eps: a number above 0, added to the denominator.
        weight_decay: adds `weight_decay * parameter` to the gradient, which pulls each parameter towards 0.
        amsgrad: whether to divide by the largest mean square so far (Reddi, Kale & Kumar, "On the convergence of Adam
            and beyond", ICLR 2018).
        maximize: whether to go up the gradient instead of down.
        decoupled_weight_decay: whether weights decay as in `AdamW`.

    Step t changes every parameter p like this:

        g = p.grad + weight_decay * p.data
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        p.data -= lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)

    Raises:
        TypeError, ValueError: an option is invalid, or a parameter is not a leaf, or occurs twice.

    >>> import glassgrad as gg
    >>> x = gg.Scalar(3.0, label="x")
    >>> adam = gg.optim.Adam([x], lr=0.1)
    >>> for _ in range(300):
    ...     adam.zero_grad()
    ...     ((x - 1) ** 2).backward()
    ...     adam.step()
    >>> round(x.data, 3)
    1.0
    """

    checks: ClassVar[dict[str, Check]] = {
        "lr": LEARNING_RATE,
        "betas": Check(BETAS, _betas),
        "eps": number("eps must be a finite number above 0", lambda eps: 0 < eps < math.inf),
        "weight_decay": WEIGHT_DECAY,
        "amsgrad": flag("amsgrad"),
        "maximize": flag("maximize"),
        "decoupled_weight_decay": flag("decoupled_weight_decay"),
    }
    betas, eps, weight_decay = Option("betas"), Option("eps"), Option("weight_decay")
    amsgrad, maximize = Option("amsgrad"), Option("maximize")
    decoupled_weight_decay = Option("decoupled_weight_decay")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        flags = {"maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, {**options, **flags})

    def _column_names(self, options: dict[str, Any]) -> tuple[str, ...]:
        return ("step", "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if options["amsgrad"] else []))

    def _move(self, group: dict[str, Any], columns: Columns) -> None:
        params, lr, eps, decay, (beta1, beta2) = [group[k] for k in ("params", "lr", "eps", "weight_decay", "betas")]
        for name in self._column_names(group):
            columns.setdefault(name, [0.0] * len(params))
        steps = columns["step"][0] + 1
        decoupled = group["decoupled_weight_decay"]
        slopes, shrink = gradients(group, 0.0 if decoupled else decay), 1 - lr * decay if decoupled else 1.0
        means = [m + (1 - beta1) * (slope - m) for m, slope in zip(columns["exp_avg"], slopes)]
        squares = [beta2 * v + (1 - beta2) * slope * slope for v, slope in zip(columns["exp_avg_sq"], slopes)]
        scales = squares
        if group["amsgrad"]:
            scales = columns["max_exp_avg_sq"] = list(map(max, columns["max_exp_avg_sq"], squares))
        columns.update(step=[steps] * len(params), exp_avg=means, exp_avg_sq=squares)
        size, root = lr / (1 - beta1**steps), math.sqrt(1 - beta2**steps)
        for parameter, m, v in zip(params, means, scales):
            parameter.data = shrink * parameter.data - size * m / (math.sqrt(v) / root + eps)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019).

    The decay does not go through the gradient: before each step, every parameter is multiplied by
    `1 - lr * weight_decay`.

    Args:
        params, lr, betas, eps, amsgrad, maximize: as for `Adam`.
        weight_decay: the rate of the decay, 0 or more.

    Raises:
        TypeError, ValueError: as for `Adam`.

    >>> import glassgrad as gg
    >>> x = gg.Scalar(3.0, label="x")
    >>> gg.optim.AdamW([x])
    AdamW(1 parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)

    def _told(self, group: dict[str, Any]) -> list[str]:
        return [name for name in super()._told(group) if name != "decoupled_weight_decay"]
