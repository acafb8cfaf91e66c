"""What a model is trained on: rows of inputs with their targets, and the losses by name."""

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
    """The name of a loss, and a function of a batch's predictions and targets.

    Raises:
        ValueError, TypeError: there is no such loss.
    """
    if callable(loss):
        name = next((name for name, known in LOSSES.items() if known is loss), None)
        return name or str(getattr(loss, "__name__", type(loss).__name__)), _by_row(name, loss)
    if not isinstance(loss, str):
        raise TypeError(f"loss is a name or a function of predictions and targets, not {loss!r:.80}")
    if loss not in LOSSES:
        raise ValueError(f"no loss {loss!r}: choose {', '.join(map(repr, LOSSES))}, or a function of yours")
    return loss, _by_row(loss, LOSSES[loss])


def _by_row(name: str | None, loss: Loss) -> Loss:
    """The loss of rows that may have several outputs each: of ours, all but the cross entropy take them one by one."""
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
        targets: of each row: a float, an int class, or a list of floats.
        digest: a number that tells other data apart.
    """

    inputs: Any
    targets: list[Any]
    digest: int

    @classmethod
    def of(cls, X: Any, y: Any, loss: str, outputs: Callable[[Any], int | None], what: str = "") -> Data:
        """What `fit` got as data, checked against the loss and the number of the model's outputs, None for a Scalar.

        Raises:
            TypeError, ValueError: it is empty, not numbers, or does not fit.
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
    """A float64 array of what `fit` got."""
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
            f"{name} must be numbers, with as many in each row, got {values!r:.60}: "
            "turn text and categories into numbers first"
        ) from None
    if found.ndim and not np.isfinite(found).all():
        place = np.argwhere(~np.isfinite(found))[0].tolist()
        wrong = found[tuple(place)]
        raise ValueError(f"{name}[{', '.join(map(str, place))}] is {wrong}: drop such rows, or fill in a number")
    return found


def _targets(targets: Any, width: int | None, loss: str, name: str) -> list[Any]:
    """Targets that are numbers: one a row, or one for each output."""
    shape = targets.shape
    if width is None and shape[1:] == (1,):  # a column
        targets = targets[:, 0]
    elif loss in LOSSES and shape[1:] != (() if width is None else (width,)):
        wanted = f"({shape[0]},)" if width is None else f"({shape[0]}, {width})"
        cure = " (or loss='cross_entropy' for classes)" if width is not None and targets.ndim == 1 else ""
        raise ValueError(
            f"{name} has the shape {shape}, and the model gives {width or 1} number{'s' * ((width or 1) > 1)} a row: "
            f"{loss} needs shape {wanted}{cure}"
        )
    if loss == "hinge" and not ((targets == 1) | (targets == -1)).all():
        wrong = targets[(targets != 1) & (targets != -1)].flat[0]
        raise ValueError(f"hinge takes targets of -1 and 1, and {name} has {wrong:g}: 2*y - 1 makes them from 0 and 1")
    if loss == "binary_cross_entropy" and not ((targets >= 0) & (targets <= 1)).all():
        wrong = targets[(targets < 0) | (targets > 1)].flat[0]
        raise ValueError(
            f"binary_cross_entropy takes targets from 0 to 1, and {name} has {wrong:g}: (y + 1) / 2 makes them from "
            "-1 and 1"
        )
    found: list[Any] = targets.tolist()
    return found


def _classes(targets: Any, width: int | None, loss: str, name: str) -> list[Any]:
    """Targets that are classes, counted from 0."""
    if width is None:
        raise ValueError(
            "cross_entropy needs a model with one output for each class, two at least, and this one has one: "
            "take loss='binary_cross_entropy'"
        )
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    if targets.ndim != 1:
        raise ValueError(
            f"cross_entropy takes one class a row, and {name} has shape {targets.shape}: y.argmax(axis=1) makes "
            "classes of columns"
        )
    good = (targets == targets.round()) & (targets >= 0) & (targets < width)
    if not good.all():
        wrong = targets[~good][0]
        raise ValueError(f"{name} has {wrong:g}, and the classes of a model with {width} outputs are 0 to {width - 1}")
    found: list[Any] = targets.astype(int).tolist()
    return found
