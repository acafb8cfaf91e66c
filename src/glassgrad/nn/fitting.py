"""Training in one call: batches, steps, schedule, early stopping, checkpoints."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from typing import Any

from glassgrad.core.scalar import Scalar
from glassgrad.nn.checkpoints import load_checkpoint
from glassgrad.nn.history import History
from glassgrad.nn.modules import Module
from glassgrad.nn.optim import SGD, Adam, AdamW, Optimizer
from glassgrad.nn.optim.arguments import finite
from glassgrad.nn.optim.lr_scheduler import LRScheduler
from glassgrad.nn.rows import Data, Loss, loss_of
from glassgrad.nn.runs import Run
from glassgrad.nn.twins import Compiled, Eager

__all__ = ["fit"]

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW}


def fit(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: str | Loss = "mse",
    optimizer: Optimizer | str = "adam",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    seed: int = 0,
    validation_data: tuple[Any, Any] | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    restore_best: bool = True,
    schedule: LRScheduler | Callable[[Any], LRScheduler] | None = None,
    schedule_every: str = "epoch",
    clip_norm: float | None = None,
    clip_value: float | None = None,
    compiled: bool = False,
    progress: bool | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool | str | os.PathLike[str] | History = False,
) -> History:
    """Train a model on rows of numbers; return the course of the training.

    Args:
        model: a `Module`, or with `compiled=False` anything with `parameters()` that is called with a row.
        X: the rows, of shape (rows, inputs): lists or an array.
        y: their targets: a number a row, a list of them where the model has several outputs, or, for the cross entropy,
            a class counted from 0.
        loss: "mse", "hinge", "binary_cross_entropy", "cross_entropy", or a function of a batch's predictions and
            targets, two lists, that returns a Scalar.
        optimizer: "sgd", "adam", "adamw", or an optimiser that moves the model's parameters.
        lr: the learning rate, where the optimiser is given by name; PyTorch's 0.001 if left out.
        epochs: how often to go through all rows, counted from the start of the run, also of one that is resumed.
        batch_size: how many rows make a step; None for all.
        shuffle: whether each epoch takes the rows in an order of its own, drawn from `seed` and the epoch's number.
        seed: an int; the same seed gives the same training.
        validation_data: `(X, y)` of rows that are not learnt from. Their loss is measured after each epoch.
        patience: stop after so many epochs without a better loss on the validation data, or on `X` without any.
        min_delta: how much less a loss must be to count as better.
        restore_best: with `patience`, leave the model with the parameters of its best epoch.
        schedule: a schedule of the optimiser, or a function that makes one of it: `lambda o: StepLR(o, 30)`.
        schedule_every: when it goes on: each "epoch", or each "batch" as `OneCycleLR` needs it.
        clip_norm, clip_value: the largest norm of the gradients, and the largest single one.
        compiled: whether the model runs as machine code. Losses are the same to rounding.
        progress: whether to show a progress bar; by default on a terminal and in a notebook.
        checkpoint: a file to keep the run in, written after each epoch and at its end. `load` reads it, too.
        resume: True to go on from the checkpoint, if there is one yet; or a checkpoint's path, or the `History` of a
            run of this model. With the same arguments, the run ends bit for bit as one that was never interrupted.

    Returns:
        The losses, epoch by epoch. Ctrl-C ends the training early: what was learned is kept, and `history.stopped` is
        "interrupted".

    Raises:
        TypeError, ValueError: the data do not fit the model or the loss, an argument is not what it must be, or a
            checkpoint is of another run. Nothing has changed then.
        FloatingPointError: the loss or a gradient became nan or infinite. The step was not taken.

    >>> import glassgrad as gg
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> line = gg.nn.Neuron(1, None, seed=0)
    >>> history = gg.nn.fit(line, X, [1.0, 3.0, 5.0, 7.0], optimizer="sgd", lr=0.1, epochs=200)
    >>> line
    Neuron(1, None)
    >>> [round(p.data, 3) for p in line.parameters()]
    [2.0, 1.0]
    >>> history.loss[-1] < 1e-6 < history.loss[0]
    True
    """
    name, measure = loss_of(loss)
    if isinstance(model, type) or not callable(model) or not hasattr(model, "parameters"):
        raise TypeError(
            "fit trains a model that is called with a row and has parameters(), such as MLP(2, [4, 1]), "
            f"not {model!r:.80}"
        )
    moves = _optimizer(optimizer, lr, model)
    engine = (Compiled if compiled else Eager)(model)
    data = Data.of(X, y, name, lambda row: _outputs(model, row))
    validation = None
    if validation_data is not None:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise TypeError(f"validation_data is a pair (X, y), not {validation_data!r:.80}")
        validation = Data.of(*validation_data, name, lambda row: _outputs(model, row), "validation ")
    if checkpoint is not None and not isinstance(model, Module):
        raise TypeError(f"a checkpoint keeps a gg.nn.Module, which names its parameters, not {model!r:.80}")
    run = Run(
        model=model,
        engine=engine,
        measure=measure,
        data=data,
        validation=validation,
        optimizer=moves,
        schedule=_schedule(schedule, schedule_every, moves),
        every_batch=schedule_every == "batch",
        batch_size=len(data) if batch_size is None else _whole("batch_size", batch_size, 1),
        shuffle=bool(shuffle),
        seed=_whole("seed", seed, None),
        patience=None if patience is None else _whole("patience", patience, 1),
        min_delta=finite("min_delta", min_delta),
        clips=(clip_norm, clip_value),
        checkpoint=checkpoint,
        loss_name=name,
    )
    epochs = _whole("epochs", epochs, 0)
    state = _resumed(resume, checkpoint)
    if state is not None:
        run.restore(state)
    run.train(epochs, progress)
    if patience is not None and restore_best:
        run.take_best()
    return run.history


# What goes in -----------------------------------------------------------------------------------------------


def _outputs(model: Any, row: list[float]) -> int | None:
    """How many outputs the model has; None where it gives a Scalar itself."""
    out = model(row)
    if isinstance(out, Scalar):
        return None
    if isinstance(out, (list, tuple)) and out and all(isinstance(x, Scalar) for x in out):
        return len(out)
    raise TypeError(f"a model gives a Scalar, or a list of Scalars, for a row, and {model!r:.80} gave {out!r:.80}")


def _optimizer(optimizer: Any, lr: float | None, model: Any) -> Optimizer:
    if isinstance(optimizer, Optimizer):
        if lr is not None:
            raise ValueError(f"lr={lr!r} and an optimiser that has its own: set optimizer.lr, and leave lr out")
        if not set(map(id, optimizer.parameters)) & set(map(id, model.parameters())):
            raise ValueError("the optimiser moves no parameter of the model: make it of model.parameters()")
        return optimizer
    if not isinstance(optimizer, str) or optimizer.lower() not in OPTIMIZERS:
        names = ", ".join(map(repr, OPTIMIZERS))
        raise ValueError(
            f"no optimizer {optimizer!r:.80}: choose {names}, or give gg.optim.SGD(model.parameters(), lr)"
        )
    return OPTIMIZERS[optimizer.lower()](model.parameters(), **({} if lr is None else {"lr": lr}))


def _schedule(schedule: Any, every: str, optimizer: Optimizer) -> LRScheduler | None:
    if every not in ("epoch", "batch"):
        raise ValueError(f"schedule_every must be 'epoch' or 'batch', got {every!r}")
    if schedule is None:
        return None
    made = schedule if isinstance(schedule, LRScheduler) or not callable(schedule) else schedule(optimizer)
    if not isinstance(made, LRScheduler):
        raise TypeError(f"schedule is one of gg.optim.lr_scheduler, or a function that makes one, not {made!r:.80}")
    if made.optimizer is not optimizer:
        raise ValueError("the schedule changes another optimiser: give lambda optimizer: StepLR(optimizer, 30)")
    return made


def _whole(name: str, value: Any, least: int | None) -> int:
    """`value` as a whole number."""
    needed = f"{name} must be a whole number{'' if least is None else f', {least} or more'}, got {value!r:.60}"
    try:
        found = operator.index(value)
    except TypeError:
        raise TypeError(needed) from None
    if isinstance(value, bool) or (least is not None and found < least):
        raise ValueError(needed)
    return found


def _resumed(resume: Any, checkpoint: Any) -> dict[str, Any] | None:
    """The state to go on from, or None to start anew."""
    if resume is False:
        return None
    if isinstance(resume, History):
        return resume.state
    if resume is True and checkpoint is None:
        raise ValueError("resume=True goes on from a checkpoint: give checkpoint=path, or resume=history")
    if resume is True:
        return load_checkpoint(checkpoint) if os.path.lexists(checkpoint) else None
    if not isinstance(resume, (str, os.PathLike)):
        raise TypeError(f"resume is True, a checkpoint's path or a History, not {resume!r:.80}")
    return load_checkpoint(resume)
