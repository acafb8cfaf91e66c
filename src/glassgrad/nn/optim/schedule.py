"""What all schedules share: how a learning rate begins, goes on from epoch to epoch, and is kept and restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from glassgrad.nn.optim.optimizer import Optimizer

__all__ = ["LRScheduler", "checked_optimizer"]


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
        self.optimizer = checked_optimizer(self, optimizer)
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
            if not _is_like(state_dict[name], getattr(self, name)):
                raise ValueError(f"{type(self).__name__}: the state has {name}={state_dict[name]!r:.80}: it is damaged")
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


def checked_optimizer(schedule: Any, optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(schedule).__name__} changes an optimiser such as gg.optim.SGD, not {optimizer!r}")
    return optimizer


def _is_like(new: Any, own: Any) -> bool:
    """Whether a value from a state can replace a schedule's own: a number a number, a list one of the same length."""
    if isinstance(own, (list, tuple)):
        return isinstance(new, (list, tuple)) and len(new) == len(own) and all(map(_is_like, new, own))
    if isinstance(own, (int, float)):
        return isinstance(new, (int, float)) and not isinstance(new, bool)
    return isinstance(new, type(own))
