"""Learning rates that change as training goes on. Call `scheduler.step()` once an epoch, after the optimiser's steps.

Each schedule says by `first` what it makes of the learning rate at its start, and by `next` how it gets from one epoch
to the following one. Both take the group's present rate and its rate at the start of training, so that two schedules
on one optimiser multiply, as in PyTorch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from .arguments import count, finite, fraction, per_group
from .optimizer import Optimizer

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


class LRScheduler:
    """Base class of the schedules: a subclass gives `first` and `next`.

    Args:
        optimizer: whose learning rates to change.
        last_epoch: the epoch to go on from, -1 to start anew. To resume a run, `load_state_dict` is simpler.

    Attributes:
        last_epoch: how many times `step()` was called.
        base_lrs: the learning rate that each group started from.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.lr_scheduler.StepLR(sgd, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    1.0 1.0 0.5 0.5 0.25
    """

    kept: ClassVar[tuple[str, ...]] = ("last_epoch", "base_lrs")  # what state_dict holds

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = _optimizer(self, optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"last_epoch={last_epoch} goes on with a schedule, but group {number} never had one: leave it out, "
                    "or load the optimiser's state first"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def first(self, lr: float, base: float) -> float:
        """The learning rate of epoch 0."""
        return lr

    def next(self, lr: float, base: float) -> float:
        """The learning rate of epoch `last_epoch`, from that of the epoch before."""
        raise NotImplementedError

    def step(self) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def get_lr(self) -> list[float]:
        """The learning rates of epoch `last_epoch`, one a group."""
        rule = self.first if self.last_epoch == 0 else self.next
        return [rule(group["lr"], base) for group, base in zip(self.optimizer.param_groups, self.base_lrs)]

    def get_last_lr(self) -> list[float]:
        """The learning rates now, one a group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What a schedule made with the same arguments needs to go on from here. Functions are not in it."""
        return {name: getattr(self, name) for name in self.kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where another schedule was, made with the same arguments.

        Raises:
            ValueError: the state is another kind of schedule's.
        """
        if not isinstance(state_dict, Mapping) or set(state_dict) != set(self.kept):
            raise ValueError(
                f"{type(self).__name__} keeps {', '.join(self.kept)}, and got {state_dict!r:.80}: "
                "give what state_dict() of such a schedule returned"
            )
        for name in self.kept:
            setattr(self, name, state_dict[name])

    def _begin(self) -> None:
        """Set the learning rates of the first epoch, or leave them as they were when a run goes on."""
        self.last_epoch += 1
        if self.last_epoch == 0:
            self._set(self.get_lr())

    def _restart(self) -> None:
        """Begin anew from the rates at the start of training: its turn has come in a sequence."""
        self.last_epoch = 0
        self._set(self.base_lrs)
        self._set(self.get_lr())

    def _rewind(self) -> None:
        """Undo `_begin`: a sequence starts each of its schedules when its turn comes."""
        self.last_epoch -= 1

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = float(lr)

    def __repr__(self) -> str:
        rates = ", ".join(f"{lr:g}" for lr in self.get_last_lr())
        return f"{type(self).__name__}(epoch {self.last_epoch}, lr={rates})"


class StepLR(LRScheduler):
    """Multiply the learning rate by `gamma` every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = count("step_size", step_size)
        self.gamma = finite("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        return lr if self.last_epoch % self.step_size else lr * self.gamma


class MultiStepLR(LRScheduler):
    """Multiply the learning rate by `gamma` at each epoch in `milestones`."""

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
    """Multiply the learning rate by `factor` for the first `total_iters` epochs."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor = fraction("factor", factor, above_zero=True)  # it is divided by when they are over
        self.total_iters = count("total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def first(self, lr: float, base: float) -> float:
        return lr * self.factor

    def next(self, lr: float, base: float) -> float:
        return lr * (1.0 / self.factor) if self.last_epoch == self.total_iters else lr


class ExponentialLR(LRScheduler):
    """Multiply the learning rate by `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = finite("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        return lr * self.gamma


class LinearLR(LRScheduler):
    """Multiply the learning rate by a factor that goes from `start_factor` to `end_factor` in `total_iters` epochs."""

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
    """Bring the learning rate down to `eta_min` in `T_max` epochs along half a cosine, and up again after them.

    Source: Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = count("T_max", T_max)
        self.eta_min = finite("eta_min", eta_min)
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        before, turn = self.last_epoch - 1, math.pi / self.T_max
        if before % (2 * self.T_max) == self.T_max:  # at the bottom, where the ratio below would be 0 / 0
            return lr + (base - self.eta_min) * (1 - math.cos(turn)) / 2
        ratio = (1 + math.cos(turn * self.last_epoch)) / (1 + math.cos(turn * before))
        return ratio * (lr - self.eta_min) + self.eta_min


class LambdaLR(LRScheduler):
    """Multiply the learning rate at the start by `lr_lambda(epoch)`: one function, or a list of one for each group."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(_optimizer(self, optimizer).param_groups)
        self.lr_lambdas = [lr_lambda] * groups if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != groups or not all(map(callable, self.lr_lambdas)):
            raise ValueError(
                f"LambdaLR takes a function of the epoch, or a list of {groups}, one a parameter group, "
                f"got {lr_lambda!r}"
            )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [base * rule(self.last_epoch) for rule, base in zip(self.lr_lambdas, self.base_lrs)]


class OneCycleLR(LRScheduler):
    """One rise of the learning rate to `max_lr` and a long fall, momentum the other way. Step it every batch.

    Args:
        optimizer: whose learning rates, and momentum or first beta, to change.
        max_lr: the largest learning rate, or a list with one for each group.
        total_steps: how many steps the cycle has; or give `epochs` and `steps_per_epoch`.
        pct_start: which part of them the rise takes.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether momentum goes from `max_momentum` to `base_momentum` and back.
        div_factor: the cycle starts at `max_lr / div_factor`,
        final_div_factor: and ends at that divided by `final_div_factor`.
        three_phase: fall as slowly as it rose, then down to the end.

    Source: Smith & Topin, "Super-convergence", 2019.
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
        groups = _optimizer(self, optimizer).param_groups
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("OneCycleLR needs the length of its cycle: total_steps, or epochs and steps_per_epoch")
        if total_steps is None:
            total_steps = count("epochs", epochs) * count("steps_per_epoch", steps_per_epoch)
        self.total_steps = count("total_steps", total_steps)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be 'cos' or 'linear', got {anneal_strategy!r}")
        self.anneal_strategy = anneal_strategy
        self.phases = self._phases(fraction("pct_start", pct_start), three_phase)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(f"{type(optimizer).__name__} has no momentum to change: give cycle_momentum=False")
        if last_epoch == -1:
            highest, least = per_group("base_momentum", base_momentum, groups), per_group("max_lr", max_lr, groups)
            for group, lr, base, top in zip(groups, least, highest, per_group("max_momentum", max_momentum, groups)):
                group.update(initial_lr=lr / div_factor, max_lr=lr, min_lr=lr / div_factor / final_div_factor)
                if cycle_momentum:
                    group.update(base_momentum=base, max_momentum=top)
        super().__init__(optimizer, last_epoch)

    def _phases(self, pct_start: float, three_phase: bool) -> list[tuple[float, str, str, str, str]]:
        """Each phase: the step it ends with, and between which numbers of a group lr and momentum go in it."""
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
                f"OneCycleLR was made for {self.total_steps} steps, and this is step {step}: give more total_steps"
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


class SequentialLR(LRScheduler):
    """Several schedules one after another: `milestones` are the epochs at which the second and later ones begin.

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
        self.optimizer = _optimizer(self, optimizer)
        self.schedulers = list(schedulers)
        self.milestones = [count("a milestone", epoch, least=0) for epoch in milestones]
        for schedule in self.schedulers:
            if not isinstance(schedule, LRScheduler) or isinstance(schedule, ReduceLROnPlateau):
                raise TypeError(f"SequentialLR takes schedules that follow the epoch alone, and got {schedule!r}")
            if schedule.optimizer is not optimizer:
                raise ValueError(f"{schedule!r} changes another optimiser: make all with the same one")
        if not self.schedulers or len(self.milestones) != len(self.schedulers) - 1:
            raise ValueError(
                f"SequentialLR takes one milestone between each two schedules, and got {len(self.schedulers)} "
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
            raise ValueError(f"this SequentialLR has {len(self.schedulers)} schedules, and got {state_dict!r:.80}")
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "schedulers"})
        for schedule, part in zip(self.schedulers, parts):
            schedule.load_state_dict(part)


class ReduceLROnPlateau(LRScheduler):
    """Multiply the learning rate by `factor` once a number has not improved for more than `patience` epochs.

    Args:
        optimizer: whose learning rates to change.
        mode: "min" where less is better, "max" where more is.
        factor: what to multiply with, below 1.
        patience: how many epochs without an improvement are let pass.
        threshold: how much better a number must be to count: relative to the best one, or with
            `threshold_mode="abs"` by itself.
        cooldown: how many epochs to wait after a change before counting again.
        min_lr: the least learning rate, or a list with one for each group.
        eps: a change smaller than this is left out.

    Unlike the others', its `step` takes the number to watch: `schedule.step(validation_loss)`.
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
        self.optimizer = _optimizer(self, optimizer)
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode must be 'rel' or 'abs', got {threshold_mode!r}")
        if not 0 <= finite("factor", factor) < 1:
            raise ValueError(f"factor must be a number from 0 up to but not 1, got {factor!r}")
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor, self.threshold, self.eps = float(factor), finite("threshold", threshold), finite("eps", eps)
        self.patience, self.cooldown = count("patience", patience, least=0), count("cooldown", cooldown, least=0)
        self.min_lrs = per_group("min_lr", min_lr, optimizer.param_groups)
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = 0

    def step(self, metrics: float) -> None:  # type: ignore[override]  # the others need no number
        """Go on to the next epoch, which brought `metrics`."""
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


def _optimizer(schedule: LRScheduler, optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(schedule).__name__} changes an optimiser such as gg.optim.SGD, not {optimizer!r}")
    return optimizer
