"""Training data: rows of inputs with their targets, and the losses by name."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from glassgrad.core.scalar import Scalar
from glassgrad.nn import losses

__all__ = ["LOSSES", "Data", "loss_of"]

Loss = Callable[[Any, Any], Any]

LOSSES: dict[str, Loss] = {
    "mse": losses.mse,
    "hinge": losses.hinge,
    "binary_cross_entropy": losses.binary_cross_entropy,
    "cross_entropy": losses.cross_entropy,
}


def loss_of(loss: str | Loss) -> tuple[str, Loss]:
    """Return the name of a loss, and the loss as a function of a batch's predictions and targets.

    Raises:
        ValueError: there is no loss of that name.
        TypeError: `loss` is neither a name nor a function.
    """
    if callable(loss):
        name = next((name for name, known in LOSSES.items() if known is loss), None)
        return name or str(getattr(loss, "__name__", type(loss).__name__)), _by_row(name, loss)
    if not isinstance(loss, str):
        raise TypeError(f"loss must be a name or a function of predictions and targets, got {loss!r:.80}")
    if loss not in LOSSES:
        raise ValueError(f"unknown loss {loss!r}: choose {', '.join(map(repr, LOSSES))}, or pass a function")
    return loss, _by_row(loss, LOSSES[loss])


def _by_row(name: str | None, loss: Loss) -> Loss:
    """The loss of rows that may have several outputs each. Our losses, except the cross entropy, take single numbers,
    so for them the rows are flattened."""
    if name is None or name == "cross_entropy":
        return loss

    def flat(predictions: Any, targets: Any) -> Any:
        if isinstance(predictions[0], list):
            predictions, targets = [[x for row in rows for x in row] for rows in (predictions, targets)]
        return loss(predictions, targets)

    return flat


@dataclass(frozen=True)
class Data:
    """Rows and their targets.

    Attributes:
        inputs: a float64 array of shape (rows, inputs).
        targets: one for each row: a float, a class (an int), or a list of floats.
        digest: a checksum, to recognise the same data when a run is resumed.
    """

    inputs: Any
    targets: list[Any]
    digest: int

    @classmethod
    def of(cls, X: Any, y: Any, loss: str, outputs: Callable[[Any], int | None], what: str = "") -> Data:
        """Check and convert the data that were passed to `fit`.

        Args:
            X, y: the rows and their targets.
            loss: the name of the loss, which the targets must fit.
            outputs: gives the number of the model's outputs for a row; None if it is a single Scalar.
            what: a prefix for the names in messages, such as "validation ".

        Raises:
            TypeError, ValueError: the data are empty, are not numbers, or do not fit the model or the loss.
        """
        inputs, targets = _numbers(X, f"{what}X"), _numbers(y, f"{what}y")
        if inputs.ndim != 2:
            cure = ": make each number a row, [[x] for x in X]" if inputs.ndim == 1 else ""
            raise ValueError(f"{what}X must be a list of rows, of shape (rows, inputs), got shape {inputs.shape}{cure}")
        if not inputs.size:
            raise ValueError(f"{what}X is empty, of shape {inputs.shape}: there is nothing to learn from")
        if targets.ndim not in (1, 2) or len(targets) != len(inputs):
            raise ValueError(
                f"{what}y must have one target for each of the {len(inputs)} rows of X, got shape {targets.shape}"
            )
        width = outputs(inputs[0].tolist())
        read = _classes if loss == "cross_entropy" else _targets
        found = read(targets, width, loss, f"{what}y")
        return cls(inputs, found, zlib.crc32(targets.tobytes(), zlib.crc32(inputs.tobytes())))

    def __len__(self) -> int:
        return len(self.targets)

    def batch(self, rows: Sequence[int]) -> tuple[Any, list[Any]]:
        """The inputs and the targets of some rows."""
        return self.inputs[list(rows)], [self.targets[i] for i in rows]


def _numbers(values: Any, name: str) -> Any:
    """The values as a float64 array."""
    import numpy as np

    try:
        found = np.asarray(values)
        if found.dtype.kind == "O":
            found = np.array([x.data if isinstance(x, Scalar) else x for x in found.ravel().tolist()]).reshape(
                found.shape
            )
        if found.dtype.kind not in "fiub":
            raise TypeError
        found = found.astype(float)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} must be numbers, with equally many in each row, got {values!r:.60}: "
            "convert text and categories to numbers first"
        ) from None
    if found.ndim and not np.isfinite(found).all():
        place = np.argwhere(~np.isfinite(found))[0].tolist()
        wrong = found[tuple(place)]
        raise ValueError(
            f"{name}[{', '.join(map(str, place))}] is {wrong}: remove rows with nan or infinity, or fill in a number"
        )
    return found


def _targets(targets: Any, width: int | None, loss: str, name: str) -> list[Any]:
    """Check targets that are numbers: one for each row, or one for each output of each row."""
    shape = targets.shape
    if width is None and shape[1:] == (1,):  # a column
        targets = targets[:, 0]
    elif loss in LOSSES and shape[1:] != (() if width is None else (width,)):
        wanted = f"({shape[0]},)" if width is None else f"({shape[0]}, {width})"
        cure = " (or loss='cross_entropy' for classes)" if width is not None and targets.ndim == 1 else ""
        raise ValueError(
            f"{name} must have shape {wanted} for {loss}, because the model gives {width or 1} "
            f"number{'s' * ((width or 1) > 1)} for each row, got shape {shape}{cure}"
        )
    if loss == "hinge" and not ((targets == 1) | (targets == -1)).all():
        wrong = targets[(targets != 1) & (targets != -1)].flat[0]
        raise ValueError(f"the targets {name} of hinge must be -1 or 1, got {wrong:g}: 2*y - 1 converts 0 and 1")
    if loss == "binary_cross_entropy" and not ((targets >= 0) & (targets <= 1)).all():
        wrong = targets[(targets < 0) | (targets > 1)].flat[0]
        raise ValueError(
            f"the targets {name} of binary_cross_entropy must be from 0 to 1, got {wrong:g}: (y + 1) / 2 converts -1 "
            "and 1"
        )
    found: list[Any] = targets.tolist()
    return found


def _classes(targets: Any, width: int | None, loss: str, name: str) -> list[Any]:
    """Check targets that are classes, counted from 0."""
    if width is None:
        raise ValueError(
            "cross_entropy needs a model with one output for each class, at least two, but this model has one output: "
            "use loss='binary_cross_entropy'"
        )
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    if targets.ndim != 1:
        raise ValueError(
            f"cross_entropy needs one class for each row, but {name} has shape {targets.shape}: y.argmax(axis=1) "
            "converts columns to classes"
        )
    good = (targets == targets.round()) & (targets >= 0) & (targets < width)
    if not good.all():
        wrong = targets[~good][0]
        raise ValueError(f"{name} must hold classes from 0 to {width - 1} for {width} outputs, got {wrong:g}")
    found: list[Any] = targets.astype(int).tolist()
    return found
