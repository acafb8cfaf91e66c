"""`Run`: a training run, with its arguments and its progress; it can be resumed from a saved state."""

from __future__ import annotations

import math
import operator
import os
import random
from dataclasses import dataclass, field
from typing import Any

from glassgrad.core.scalar import Scalar
from glassgrad.nn.checkpoints import save_checkpoint
from glassgrad.nn.history import History
from glassgrad.nn.interrupts import Whole
from glassgrad.nn.modules import Module
from glassgrad.nn.optim import Optimizer, ReduceLROnPlateau, clip_grad_norm_, clip_grad_value_
from glassgrad.nn.optim.lr_scheduler import LRScheduler
from glassgrad.nn.progress import progress_bar
from glassgrad.nn.rows import Data, Loss

__all__ = ["Run"]


@dataclass
class Run:
    """One training run: its arguments, and its progress so far."""

    model: Any
    engine: Any
    measure: Loss
    data: Data
    validation: Data | None
    optimizer: Optimizer
    schedule: LRScheduler | None
    every_batch: bool
    batch_size: int
    shuffle: bool
    seed: int
    patience: int | None
    min_delta: float
    clips: tuple[float | None, float | None]
    checkpoint: str | os.PathLike[str] | None
    loss_name: str
    history: History = field(default_factory=History)
    taken: int = 0  # the number of batches done in this epoch
    total: float = 0.0  # the sum of their losses, each times its number of rows
    best: float = math.inf
    best_values: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parameters = list(self.model.parameters())  # stored, because finding them takes as long as a step
        self.names = _names(self.model)

    def train(self, epochs: int, progress: bool | None) -> None:
        """Train until `epochs` epochs are complete, early stopping applies, or Ctrl-C is pressed."""
        self.history.stopped = ""
        self._keep()  # fails now, not after hours of work, if the checkpoint cannot be written
        bar = progress_bar(progress, epochs, self.history.epochs)
        try:
            while self.history.epochs < epochs and not self._is_stalled():
                self._finish_epoch()
                bar.update(self.history.latest())
                self._keep()
            self.history.stopped = "early" if self._is_stalled() else "epochs"
        except KeyboardInterrupt:
            self.history.stopped = "interrupted"
        finally:
            bar.close()
            self._keep()

    def take_best(self) -> None:
        """Give the model the parameters of its best epoch."""
        for parameter, value in zip(self.parameters, self.best_values):
            parameter.data = value

    # One epoch

    def _finish_epoch(self) -> None:
        order = self._order()
        batches = range(0, len(order), self.batch_size)
        for start in batches[self.taken :]:
            self._step(order[start : start + self.batch_size])
        validation = [] if self.validation is None else [self._loss_on(self.validation)]
        with Whole():
            self.history.loss.append(self.total / len(order))
            self.history.val_loss.extend(validation)
            self.taken, self.total = 0, 0.0
            self.history.lr.append(self.optimizer.param_groups[0]["lr"])
            self._judge(self.history.watched[-1])
            if not self.every_batch:
                self._go_on(self.history.watched[-1])

    def _order(self) -> list[int]:
        """The rows in the order of this epoch, which depends only on its number and the seed."""
        order = list(range(len(self.data)))
        if self.shuffle:
            random.Random(f"{self.seed}:{self.history.epochs}").shuffle(order)
        return order

    def _step(self, rows: list[int]) -> None:
        inputs, targets = self.data.batch(rows)
        for parameter in self.parameters:
            parameter.grad = 0.0
        self.optimizer.zero_grad()
        loss = self._measured(inputs, targets)
        if not math.isfinite(loss.data):
            raise FloatingPointError(
                f"the loss became {loss.data!r} in epoch {self.history.epochs + 1}, batch {self.taken + 1}; that step "
                f"was not taken. Lower lr (now {self.optimizer.param_groups[0]['lr']:g}), pass clip_norm=1.0, "
                "or scale X and y"
            )
        loss.backward()
        self.engine.send_back()
        self._clip()
        with Whole():
            self.optimizer.step()
            self.taken += 1
            self.total += loss.data * len(rows)
            if self.every_batch:
                self._go_on(loss.data)

    def _clip(self) -> None:
        norm, value = self.clips
        if value is not None:
            clip_grad_value_(self.optimizer.parameters, value)
        if norm is not None:
            clip_grad_norm_(self.optimizer.parameters, norm)

    def _loss_on(self, data: Data) -> float:
        return float(self._measured(data.inputs, data.targets).data)

    def _measured(self, inputs: Any, targets: list[Any]) -> Scalar:
        loss = self.measure(self.engine.predict(inputs), targets)
        if not isinstance(loss, Scalar):
            raise TypeError(f"a loss must return one Scalar for a batch, but {self.loss_name} returned {loss!r:.80}")
        return loss

    def _go_on(self, watched: float) -> None:
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(watched)
        elif self.schedule is not None:
            self.schedule.step()

    # Early stopping

    def _judge(self, watched: float) -> None:
        """Store the parameters if this epoch is the best so far."""
        if watched < self.best - self.min_delta or not self.best_values:
            self.best, self.history.best_epoch = watched, self.history.epochs
            self.best_values = [parameter.data for parameter in self.parameters]

    def _is_stalled(self) -> bool:
        return self.patience is not None and self.history.epochs - self.history.best_epoch >= self.patience

    # Resuming

    def _keep(self) -> None:
        """Store the state in the history and in the checkpoint, from which the run can be resumed."""
        with Whole():
            self.history.state = self._state()
            if self.checkpoint is not None:
                save_checkpoint(self.checkpoint, self.model, self.history.state)

    def _settings(self) -> dict[str, Any]:
        """The settings that must be the same when a run is resumed."""
        return {
            "loss": self.loss_name,
            "optimizer": type(self.optimizer).__name__,
            "optimizer options": self.optimizer.defaults,
            "schedule": None if self.schedule is None else type(self.schedule).__name__,
            "schedule_every": "batch" if self.every_batch else "epoch",
            "clip_norm": self.clips[0],
            "clip_value": self.clips[1],
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "seed": self.seed,
            "data": self.data.digest,
            "validation_data": None if self.validation is None else self.validation.digest,
        }

    def _state(self) -> dict[str, Any]:
        return {
            "settings": self._settings(),
            "names": self.names,
            "values": [parameter.data for parameter in self.parameters],
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.state_dict(),
            "history": {
                "loss": list(self.history.loss),
                "val_loss": list(self.history.val_loss),
                "lr": list(self.history.lr),
                "best_epoch": self.history.best_epoch,
            },
            "taken": self.taken,
            "total": self.total,
            "best": self.best,
            "best_values": list(self.best_values),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the state of a run that had the same arguments.

        Raises:
            ValueError: the run had other arguments, or its state is damaged.
        """
        try:
            settings, names, values, best = [state[k] for k in ("settings", "names", "values", "best_values")]
            for key, value in self._settings().items():
                if settings[key] != value:
                    raise ValueError(_another(key, settings[key], value))
            if names != self.names or len(values) != len(self.parameters) or len(best) not in (0, len(values)):
                raise ValueError(f"the state belongs to another model than {self.model!r}: make the model as before")
            history = History(**state["history"])
            history.require_whole()
            taken, total, lowest = operator.index(state["taken"]), float(state["total"]), float(state["best"])
            if not all(type(x) is float for column in (values, best) for x in column):
                raise ValueError("the state is damaged: a parameter is not a number")
            self._restore_optimizer(state["optimizer"], state["schedule"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"cannot resume: the state is damaged ({error})") from None
        except ValueError as error:
            raise ValueError(f"cannot resume: {error}") from None
        for parameter, value in zip(self.parameters, values):
            parameter.data = value
        self.history, self.taken, self.total = history, taken, total
        self.best, self.best_values = lowest, list(best)

    def _restore_optimizer(self, optimizer: Any, schedule: Any) -> None:
        """Take over the states of the optimiser and the schedule; after an error, neither has changed."""
        before = self.optimizer.state_dict()
        self.optimizer.load_state_dict(optimizer)
        try:
            if self.schedule is not None:
                self.schedule.load_state_dict(schedule)
        except BaseException:
            self.optimizer.load_state_dict(before)
            raise


def _another(key: str, before: Any, now: Any) -> str:
    """The message for a setting that differs from before."""
    cure = "use the same, or start a new run with resume=False"
    if key in ("data", "validation_data"):
        return f"{'X and y' if key == 'data' else key} differ from those that the run began with: {cure}"
    if key == "optimizer options":
        key = next((name for name in now if before.get(name) != now[name]), "")
        before, now = before.get(key), now[key]
    return f"the run began with {key}={before!r:.60}, got {key}={now!r:.60}: {cure}"


def _names(model: Any) -> list[str]:
    if isinstance(model, Module):
        return [name for name, _ in model.named_parameters()]
    return [str(number) for number in range(len(model.parameters()))]
