"""Learning-rate schedules. Call `scheduler.step()` once in each epoch, after the optimiser's steps.

Each schedule defines `first`, the learning rate of its first epoch, and `next`, the step from one epoch to the next.
Both take the group's current rate and its rate at the start of training. So the factors of two schedules on one
optimiser multiply, as in PyTorch.

>>> import glassgrad as gg
>>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
>>> schedule = gg.optim.lr_scheduler.ExponentialLR(sgd, gamma=0.5)
>>> for _ in range(4):
...     print(sgd.lr, end=" ")
...     schedule.step()
1.0 0.5 0.25 0.125
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from glassgrad.nn.optim.adaptive import OneCycleLR, ReduceLROnPlateau
from glassgrad.nn.optim.arguments import count, finite, fraction
from glassgrad.nn.optim.optimizer import Optimizer
from glassgrad.nn.optim.schedule import LRScheduler, checked_optimizer

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]


class StepLR(LRScheduler):
    """Multiply the learning rate by `gamma` every `step_size` epochs.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        step_size: an int, 1 or more.
        gamma: a finite number.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.StepLR(sgd, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    1.0 1.0 0.5 0.5 0.25
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = count("step_size", step_size)
        self.gamma = finite("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        return lr if self.last_epoch % self.step_size else lr * self.gamma


class MultiStepLR(LRScheduler):
    """Multiply the learning rate by `gamma` at each epoch in `milestones`.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        milestones: ints, 0 or more; an epoch that occurs twice multiplies twice.
        gamma: a finite number.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.MultiStepLR(sgd, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(5):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    1.0 0.5 0.5 0.25 0.25
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(count("a milestone", epoch, least=0) for epoch in milestones)
        self.gamma = finite("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def first(self, lr: float, base: float) -> float:
        return self.next(lr, base)

    def next(self, lr: float, base: float) -> float:
        return lr * self.gamma ** self.milestones[self.last_epoch]


class ConstantLR(LRScheduler):
    """Multiply the learning rate by `factor` for the first `total_iters` epochs.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        factor: above 0 and at most 1.
        total_iters: an int, 1 or more.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.ConstantLR(sgd, factor=0.25, total_iters=2)
    >>> for _ in range(4):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    0.25 0.25 1.0 1.0
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor = fraction("factor", factor, above_zero=True)  # the rate is divided by it in the end
        self.total_iters = count("total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def first(self, lr: float, base: float) -> float:
        return lr * self.factor

    def next(self, lr: float, base: float) -> float:
        return lr * (1.0 / self.factor) if self.last_epoch == self.total_iters else lr


class ExponentialLR(LRScheduler):
    """Multiply the learning rate by `gamma` every epoch.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        gamma: a finite number.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.ExponentialLR(sgd, gamma=0.5)
    >>> for _ in range(4):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    1.0 0.5 0.25 0.125
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = finite("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        return lr * self.gamma


class LinearLR(LRScheduler):
    """Multiply the learning rate by a factor that goes from `start_factor` to `end_factor` in `total_iters` epochs.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        start_factor: above 0 and at most 1.
        end_factor: from 0 to 1.
        total_iters: an int, 1 or more.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.LinearLR(sgd, start_factor=0.5, total_iters=2)
    >>> for _ in range(4):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    0.5 0.75 1.0 1.0
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = fraction("start_factor", start_factor, above_zero=True)
        self.end_factor = fraction("end_factor", end_factor)
        self.total_iters = count("total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def first(self, lr: float, base: float) -> float:
        return lr * self.start_factor

    def next(self, lr: float, base: float) -> float:
        if self.last_epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))


class CosineAnnealingLR(LRScheduler):
    """Lower the learning rate to `eta_min` in `T_max` epochs along half a cosine, then raise it again the same way.

    Source: Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        T_max: an int, 1 or more.
        eta_min: the lowest learning rate, a finite number.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.CosineAnnealingLR(sgd, T_max=2)
    >>> for _ in range(5):
    ...     print(f"{sgd.lr:.2f}", end=" ")
    ...     schedule.step()
    1.00 0.50 0.00 0.50 1.00
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = count("T_max", T_max)
        self.eta_min = finite("eta_min", eta_min)
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        before, turn = self.last_epoch - 1, math.pi / self.T_max
        if before % (2 * self.T_max) == self.T_max:  # the previous epoch was the lowest: the ratio would be 0 / 0
            return lr + (base - self.eta_min) * (1 - math.cos(turn)) / 2
        ratio = (1 + math.cos(turn * self.last_epoch)) / (1 + math.cos(turn * before))
        return ratio * (lr - self.eta_min) + self.eta_min


class LambdaLR(LRScheduler):
    """Set the learning rate to the initial one times `lr_lambda(epoch)`.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        lr_lambda: a function from the epoch, an int, to a factor; or a list with one function for each group.

    Raises:
        TypeError, ValueError: `lr_lambda` is neither, or `optimizer` is not an optimiser.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.LambdaLR(sgd, lambda epoch: 1 / (1 + epoch))
    >>> for _ in range(4):
    ...     print(f"{sgd.lr:.2f}", end=" ")
    ...     schedule.step()
    1.00 0.50 0.33 0.25
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(checked_optimizer(self, optimizer).param_groups)
        self.lr_lambdas = [lr_lambda] * groups if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != groups or not all(map(callable, self.lr_lambdas)):
            raise ValueError(
                f"LambdaLR needs a function of the epoch, or a list of {groups}, one for each parameter group, "
                f"got {lr_lambda!r}"
            )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [base * rule(self.last_epoch) for rule, base in zip(self.lr_lambdas, self.base_lrs)]


class SequentialLR(LRScheduler):
    """Run several schedules one after another.

    Args:
        optimizer, last_epoch: as for `LRScheduler`.
        schedulers: the schedules, all of the same optimiser; none may be a `ReduceLROnPlateau`.
        milestones: the epochs at which the second schedule and all later ones begin.

    Raises:
        TypeError, ValueError: a schedule belongs to another optimiser or is of a kind that does not fit, or there is
            not one milestone between each two schedules.

    >>> import glassgrad as gg
    >>> from glassgrad.optim.lr_scheduler import ExponentialLR, LinearLR, SequentialLR
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> rise, fall = LinearLR(sgd, start_factor=0.25, total_iters=3), ExponentialLR(sgd, gamma=0.5)
    >>> schedule = SequentialLR(sgd, [rise, fall], milestones=[3])
    >>> for _ in range(6):
    ...     print(f"{sgd.lr:g}", end=" ")
    ...     schedule.step()
    0.25 0.5 0.75 1 0.5 0.25
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked_optimizer(self, optimizer)
        self.schedulers = list(schedulers)
        self.milestones = [count("a milestone", epoch, least=0) for epoch in milestones]
        for schedule in self.schedulers:
            if not isinstance(schedule, LRScheduler) or isinstance(schedule, ReduceLROnPlateau):
                raise TypeError(f"SequentialLR needs schedules that depend only on the epoch, got {schedule!r}")
            if schedule.optimizer is not optimizer:
                raise ValueError(f"{schedule!r} belongs to another optimiser: make all schedules with the same one")
        if not self.schedulers or len(self.milestones) != len(self.schedulers) - 1:
            raise ValueError(
                f"SequentialLR needs one milestone between each two schedules, got {len(self.schedulers)} "
                f"schedules and {len(self.milestones)} milestones"
            )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch + 1
        self._set(self.base_lrs)
        self._rewind()
        self.schedulers[bisect_right(self.milestones, 0)]._begin()

    def step(self) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        place = bisect_right(self.milestones, self.last_epoch)
        if place and self.milestones[place - 1] == self.last_epoch:
            self.schedulers[place]._restart()
        else:
            self.schedulers[place].step()

    def _begin(self) -> None:
        self.schedulers[bisect_right(self.milestones, 0)]._begin()

    def _rewind(self) -> None:
        for schedule in self.schedulers:
            schedule._rewind()

    def _restart(self) -> None:
        self.last_epoch = 0
        self.schedulers[bisect_right(self.milestones, 0)]._restart()

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "schedulers": [schedule.state_dict() for schedule in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        parts = state_dict.get("schedulers") if isinstance(state_dict, Mapping) else None
        if not isinstance(parts, list) or len(parts) != len(self.schedulers):
            raise ValueError(
                f"the state must have {len(self.schedulers)} schedules, as this SequentialLR, got {state_dict!r:.80}"
            )
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "schedulers"})
        for schedule, part in zip(self.schedulers, parts):
            schedule.load_state_dict(part)
