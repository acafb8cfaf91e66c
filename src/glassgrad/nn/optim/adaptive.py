"""Two schedules that depend on more than the epoch: one also changes momentum, the other watches a loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from glassgrad.nn.optim.arguments import count, finite, fraction, per_group
from glassgrad.nn.optim.optimizer import Optimizer
from glassgrad.nn.optim.schedule import LRScheduler, checked_optimizer

__all__ = ["OneCycleLR", "ReduceLROnPlateau"]


class OneCycleLR(LRScheduler):
    """Raise the learning rate to `max_lr`, then lower it to almost 0, with momentum the opposite way. Step every batch.

    Source: Smith & Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2019.

    Args:
        optimizer: the optimiser whose learning rates, and momentum or first beta, change.
        max_lr: the largest learning rate, or a list with one for each group.
        total_steps: the number of steps of the cycle; or pass `epochs` and `steps_per_epoch`.
        pct_start: the share of the steps that raise the rate, from 0 to 1.
        anneal_strategy: the shape of rise and fall, "cos" or "linear".
        cycle_momentum: whether momentum goes from `max_momentum` to `base_momentum` and back.
        base_momentum, max_momentum: the lowest and highest momentum, or a list with one for each group.
        div_factor: the initial learning rate is `max_lr / div_factor`.
        final_div_factor: the final learning rate is the initial one divided by `final_div_factor`.
        three_phase: whether to return to the initial rate as slowly as it rose, and only then go down to the final one.
        last_epoch: as for `LRScheduler`.

    Raises:
        TypeError, ValueError: an argument is invalid. (From `step`) the cycle is over.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=0.1, momentum=0.9)
    >>> schedule = gg.optim.OneCycleLR(sgd, max_lr=1.0, total_steps=5, pct_start=0.4, anneal_strategy="linear")
    >>> for _ in range(4):
    ...     print(f"lr {sgd.lr:.3f}, momentum {sgd.momentum:.3f}")
    ...     schedule.step()
    lr 0.040, momentum 0.950
    lr 1.000, momentum 0.850
    lr 0.667, momentum 0.883
    lr 0.333, momentum 0.917
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        groups = checked_optimizer(self, optimizer).param_groups
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError(
                "OneCycleLR needs the length of its cycle: pass total_steps, or epochs and steps_per_epoch"
            )
        if total_steps is None:
            total_steps = count("epochs", epochs) * count("steps_per_epoch", steps_per_epoch)
        self.total_steps = count("total_steps", total_steps)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be 'cos' or 'linear', got {anneal_strategy!r}")
        self.anneal_strategy = anneal_strategy
        self.phases = self._phases(fraction("pct_start", pct_start), three_phase)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(f"{type(optimizer).__name__} has no momentum to change: pass cycle_momentum=False")
        if last_epoch == -1:
            bases, rates = per_group("base_momentum", base_momentum, groups), per_group("max_lr", max_lr, groups)
            for group, lr, base, top in zip(groups, rates, bases, per_group("max_momentum", max_momentum, groups)):
                group.update(initial_lr=lr / div_factor, max_lr=lr, min_lr=lr / div_factor / final_div_factor)
                if cycle_momentum:
                    group.update(base_momentum=base, max_momentum=top)
        super().__init__(optimizer, last_epoch)

    def _phases(self, pct_start: float, three_phase: bool) -> list[tuple[float, str, str, str, str]]:
        """The phases: each has its last step, and the names of the values between which lr and momentum move."""
        end = pct_start * self.total_steps - 1
        rise = (end, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if not three_phase:
            return [rise, (self.total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        fall = (2 * end, "max_lr", "initial_lr", "base_momentum", "max_momentum")
        return [rise, fall, (self.total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]

    def get_lr(self) -> list[float]:
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"OneCycleLR has {self.total_steps} steps, but this is step {step}: pass a larger total_steps"
            )
        ends = [phase[0] for phase in self.phases]
        place = min(sum(step > end for end in ends), len(ends) - 1)
        start = ends[place - 1] if place else 0.0
        part = (step - start) / (ends[place] - start) if ends[place] != start else 1.0
        _, low, high, momentum_from, momentum_to = self.phases[place]
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            momentum = self._between(group[momentum_from], group[momentum_to], part)
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            else:
                group["momentum"] = momentum
        return [self._between(group[low], group[high], part) for group in self.optimizer.param_groups]

    def _between(self, start: float, end: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return start + part * (end - start)
        return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


class ReduceLROnPlateau(LRScheduler):
    """Multiply the learning rate by `factor` if a number, such as a loss, stops improving.

    Unlike other schedules, its `step` takes the number to watch: `schedule.step(validation_loss)`.

    Args:
        optimizer: the optimiser whose learning rates change.
        mode: "min" if lower numbers are better, "max" if higher ones are.
        factor: the factor for the learning rate, at least 0 and below 1.
        patience: the rate changes after more than this many epochs without improvement.
        threshold: a number must be better than the best one by more than this.
        threshold_mode: "rel" if `threshold` is relative to the best number, "abs" if it is absolute.
        cooldown: after a change, this many epochs do not count.
        min_lr: the lowest learning rate, or a list with one for each group.
        eps: smaller changes of the rate are not made.

    Raises:
        TypeError, ValueError: an argument is invalid.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.ReduceLROnPlateau(sgd, factor=0.5, patience=1)
    >>> for loss in [3.0, 2.0, 2.0, 2.0, 1.0]:
    ...     schedule.step(loss)
    ...     print(sgd.lr, end=" ")
    1.0 1.0 1.0 0.5 0.5
    """

    kept: ClassVar[tuple[str, ...]] = ("last_epoch", "best", "cooldown_counter", "num_bad_epochs")

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = checked_optimizer(self, optimizer)
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode must be 'rel' or 'abs', got {threshold_mode!r}")
        if not 0 <= finite("factor", factor) < 1:
            raise ValueError(f"factor must be at least 0 and below 1, got {factor!r}")
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor, self.threshold, self.eps = float(factor), finite("threshold", threshold), finite("eps", eps)
        self.patience, self.cooldown = count("patience", patience, least=0), count("cooldown", cooldown, least=0)
        self.min_lrs = per_group("min_lr", min_lr, optimizer.param_groups)
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = 0

    def step(self, metrics: float) -> None:  # type: ignore[override]  # other schedules take no number
        """Go on to the next epoch; `metrics` is the number to watch."""
        metrics = float(metrics)
        self.last_epoch += 1
        if self._is_better(metrics):
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def _reduce(self) -> None:
        for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            lr = max(group["lr"] * self.factor, least)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr

    def _is_better(self, metrics: float) -> bool:
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "abs":
            return sign * metrics > sign * self.best + self.threshold
        return sign * metrics > sign * self.best * (1 + sign * self.threshold)
