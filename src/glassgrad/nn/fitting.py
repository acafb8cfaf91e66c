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
    """Train a model on rows of numbers, and return its losses.

    Ctrl-C ends the training early: the model keeps what it has learned, and `history.stopped` is "interrupted".

    Args:
        model: a `Module`. With `compiled=False`, any callable that takes a row and has `parameters()`.
        X: the rows, an array or nested lists of shape (rows, inputs).
        y: the targets, one for each row: a number; a list of numbers if the model has several outputs; for the cross
            entropy, a class counted from 0.
        loss: "mse", "hinge", "binary_cross_entropy", "cross_entropy", or a function that takes a batch's predictions
            and targets, two lists, and returns a Scalar.
        optimizer: "sgd", "adam", "adamw", or an optimiser of the model's parameters.
        lr: the learning rate, if the optimiser is given by name; PyTorch's 0.001 by default.
        epochs: the number of passes through all rows. In a resumed run, the epochs before count too.
        batch_size: the number of rows in each step; None for all.
        shuffle: whether to shuffle the rows in each epoch. The order depends on `seed` and the epoch's number only.
        seed: an int; the same seed gives the same training.
        validation_data: `(X, y)`, rows that are not trained on. Their loss is measured after each epoch.
        patience: stop after this many epochs without a better loss on the validation data (without any, on `X`).
        min_delta: a loss must be lower than the best by more than this to count as better.
        restore_best: with `patience`, whether to give the model the parameters of its best epoch at the end.
        schedule: a schedule of the optimiser, or a function that makes one: `lambda optimizer: StepLR(optimizer, 30)`.
        schedule_every: when the schedule steps: after each "epoch", or after each "batch", as `OneCycleLR` needs.
        clip_norm, clip_value: limits for the norm of all gradients, and for the size of each.
        compiled: whether to run the model as machine code. The losses are the same up to rounding.
        progress: whether to show a progress bar; by default, on a terminal and in a notebook.
        checkpoint: a file for the state of the run, written after each epoch and at the end. `load` reads it too.
        resume: True to go on from the checkpoint, if the file exists; or the path of a checkpoint, or the `History` of
            a run of this model. With the same arguments, the run ends bit for bit like one that was never interrupted.

    Returns:
        The losses of each epoch, a `History`.

    Raises:
        TypeError, ValueError: the data do not fit the model or the loss, an argument is invalid, or the checkpoint
            belongs to another run. Nothing has changed in that case.
        FloatingPointError: the loss or a gradient became nan or infinite. That step was not taken.

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
    _require_model(model)
    moves = _optimizer(optimizer, lr, model)
    engine = (Compiled if compiled else Eager)(model)
    data = Data.of(X, y, name, lambda row: _outputs(model, row))
    validation = None if validation_data is None else _validation(validation_data, name, model)
    if checkpoint is not None and not isinstance(model, Module):
        raise TypeError(f"a checkpoint needs a gg.nn.Module, which names its parameters, got {model!r:.80}")
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


# The arguments of fit ---------------------------------------------------------------------------------------


def _require_model(model: Any) -> None:
    if isinstance(model, type) or not callable(model) or not hasattr(model, "parameters"):
        raise TypeError(
            f"fit needs a model that takes a row and has parameters(), such as MLP(2, [4, 1]), got {model!r:.80}"
        )


def _validation(pair: Any, loss: str, model: Any) -> Data:
    """The validation data, checked as `X` and `y` are."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"validation_data must be a pair (X, y), got {pair!r:.80}")
    X, y = pair
    return Data.of(X, y, loss, lambda row: _outputs(model, row), "validation ")


def _outputs(model: Any, row: list[float]) -> int | None:
    """The number of the model's outputs; None if it returns a single Scalar."""
    out = model(row)
    if isinstance(out, Scalar):
        return None
    if isinstance(out, (list, tuple)) and out and all(isinstance(x, Scalar) for x in out):
        return len(out)
    raise TypeError(f"a model must return a Scalar or a list of Scalars for a row, but {model!r:.80} gave {out!r:.80}")


def _optimizer(optimizer: Any, lr: float | None, model: Any) -> Optimizer:
    if isinstance(optimizer, Optimizer):
        if lr is not None:
            raise ValueError(f"lr={lr!r} was given, but the optimiser has its own: leave lr out, and set optimizer.lr")
        if not set(map(id, optimizer.parameters)) & set(map(id, model.parameters())):
            raise ValueError("the optimiser has no parameter of this model: make it with model.parameters()")
        return optimizer
    if not isinstance(optimizer, str) or optimizer.lower() not in OPTIMIZERS:
        names = ", ".join(map(repr, OPTIMIZERS))
        raise ValueError(
            f"unknown optimizer {optimizer!r:.80}: choose {names}, or pass gg.optim.SGD(model.parameters(), lr)"
        )
    return OPTIMIZERS[optimizer.lower()](model.parameters(), **({} if lr is None else {"lr": lr}))


def _schedule(schedule: Any, every: str, optimizer: Optimizer) -> LRScheduler | None:
    if every not in ("epoch", "batch"):
        raise ValueError(f"schedule_every must be 'epoch' or 'batch', got {every!r}")
    if schedule is None:
        return None
    made = schedule if isinstance(schedule, LRScheduler) or not callable(schedule) else schedule(optimizer)
    if not isinstance(made, LRScheduler):
        raise TypeError(
            f"schedule must be one of gg.optim.lr_scheduler, or a function that makes one, got {made!r:.80}"
        )
    if made.optimizer is not optimizer:
        raise ValueError("the schedule belongs to another optimiser: pass lambda optimizer: StepLR(optimizer, 30)")
    return made


def _whole(name: str, value: Any, least: int | None) -> int:
    """`value` as an int, at least `least`."""
    needed = f"{name} must be a whole number{'' if least is None else f', {least} or more'}, got {value!r:.60}"
    try:
        found = operator.index(value)
    except TypeError:
        raise TypeError(needed) from None
    if isinstance(value, bool) or (least is not None and found < least):
        raise ValueError(needed)
    return found


def _resumed(resume: Any, checkpoint: Any) -> dict[str, Any] | None:
    """The state to resume from, or None to start a new run."""
    if resume is False:
        return None
    if isinstance(resume, History):
        return resume.state
    if resume is True and checkpoint is None:
        raise ValueError("resume=True needs a checkpoint: pass checkpoint=path, or resume=history")
    if resume is True:
        return load_checkpoint(checkpoint) if os.path.lexists(checkpoint) else None
    if not isinstance(resume, (str, os.PathLike)):
        raise TypeError(f"resume must be True, False, a checkpoint's path or a History, got {resume!r:.80}")
    return load_checkpoint(resume)
