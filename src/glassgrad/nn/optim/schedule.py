"""The base class of all schedules: it starts, steps, saves and restores learning rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from glassgrad.nn.optim.optimizer import Optimizer

__all__ = ["LRScheduler", "checked_optimizer"]


class LRScheduler:
    """Base class of the schedules. A subclass defines `first` and `next`.

    Args:
        optimizer: the optimiser whose learning rates change.
        last_epoch: the epoch to continue after; -1 to start at the beginning. To resume a run, `load_state_dict` is
            simpler.

    Attributes:
        last_epoch: int, the number of calls of `step()`.
        base_lrs: list of float, the learning rate with which each group started.

    Raises:
        TypeError: `optimizer` is not an optimiser.
        ValueError: `last_epoch` is given, but a group never had a schedule.

    >>> import glassgrad as gg
    >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=1.0)
    >>> schedule = gg.optim.lr_scheduler.StepLR(sgd, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     print(sgd.lr, end=" ")
    ...     schedule.step()
    1.0 1.0 0.5 0.5 0.25
    """

    kept: ClassVar[tuple[str, ...]] = ("last_epoch", "base_lrs")  # the names of the attributes in state_dict

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked_optimizer(self, optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"last_epoch={last_epoch} continues a schedule, but group {number} never had one: leave last_epoch "
                    "out, or load the optimiser's state first"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def first(self, lr: float, base: float) -> float:
        """The learning rate of epoch 0."""
        return lr

    def next(self, lr: float, base: float) -> float:
        """The learning rate of epoch `last_epoch`, computed from that of the epoch before."""
        raise NotImplementedError

    def step(self) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def get_lr(self) -> list[float]:
        """The learning rates of epoch `last_epoch`, one for each group."""
        rule = self.first if self.last_epoch == 0 else self.next
        return [rule(group["lr"], base) for group, base in zip(self.optimizer.param_groups, self.base_lrs)]

    def get_last_lr(self) -> list[float]:
        """The current learning rates, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return the state: a schedule with the same arguments can continue from it. Functions are not part of it."""
        return {name: getattr(self, name) for name in self.kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from the state of another schedule that had the same arguments.

        Raises:
            ValueError: the state belongs to another kind of schedule, or is damaged.
        """
        if not isinstance(state_dict, Mapping) or set(state_dict) != set(self.kept):
            raise ValueError(
                f"the state of a {type(self).__name__} must have {', '.join(self.kept)}, got {state_dict!r:.80}: "
                "pass a dict from state_dict() of such a schedule"
            )
        for name in self.kept:
            if not _is_like(state_dict[name], getattr(self, name)):
                raise ValueError(f"{type(self).__name__}: the state has {name}={state_dict[name]!r:.80}: it is damaged")
        for name in self.kept:
            setattr(self, name, state_dict[name])

    def _begin(self) -> None:
        """Set the learning rates of the first epoch; if a run is continued, leave them as they are."""
        self.last_epoch += 1
        if self.last_epoch == 0:
            self._set(self.get_lr())

    def _restart(self) -> None:
        """Start again from the initial rates, when this schedule's turn comes in a `SequentialLR`."""
        self.last_epoch = 0
        self._set(self.base_lrs)
        self._set(self.get_lr())

    def _rewind(self) -> None:
        """Undo `_begin`: a `SequentialLR` starts each of its schedules when its turn comes."""
        self.last_epoch -= 1

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = float(lr)

    def __repr__(self) -> str:
        rates = ", ".join(f"{lr:g}" for lr in self.get_last_lr())
        return f"{type(self).__name__}(epoch {self.last_epoch}, lr={rates})"


def checked_optimizer(schedule: Any, optimizer: Any) -> Optimizer:
    """Return `optimizer`, or raise TypeError if it is not one."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(schedule).__name__} needs an optimiser such as gg.optim.SGD, got {optimizer!r}")
    return optimizer


def _is_like(new: Any, own: Any) -> bool:
    """Whether `new`, from a state, can replace a schedule's `own` value: both are numbers, or lists of equal length."""
    if isinstance(own, (list, tuple)):
        return isinstance(new, (list, tuple)) and len(new) == len(own) and all(map(_is_like, new, own))
    if isinstance(own, (int, float)):
        return isinstance(new, (int, float)) and not isinstance(new, bool)
    return isinstance(new, type(own))
