"""What a training run leaves behind: its losses, epoch by epoch, and a picture of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History"]

TRAINING, VALIDATION = "#0072B2", "#D55E00"  # of Okabe and Ito's palette, which colour-blind readers tell apart
WIDE = 100  # times between the largest and the least loss: a linear scale would hide the rest of the run


@dataclass
class History:
    """The course of a training run, one number an epoch.

    Attributes:
        loss: the mean loss of the rows, each batch measured before its step.
        val_loss: the loss on the validation data after the epoch; empty without any.
        lr: the learning rate of the first parameter group at the end of the epoch.
        stopped: why the run ended: "epochs", "early", "interrupted", or "" while it runs.
        best_epoch: the epoch, from 1, with the least validation loss (or loss, without validation data); 0 before any.
    """

    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    stopped: str = ""
    best_epoch: int = 0
    state: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return len(self.loss)

    @property
    def watched(self) -> list[float]:
        """The losses by which the best epoch is chosen."""
        return self.val_loss or self.loss

    def require_whole(self) -> None:
        """Refuse columns that no run leaves behind.

        Raises:
            TypeError: they are not of floats, or not of one length.
        """
        columns = (self.loss, self.val_loss, self.lr)
        if not all(isinstance(column, list) and all(type(x) is float for x in column) for column in columns):
            raise TypeError("a column of the history is not of numbers")
        if len(self.lr) != len(self.loss) or len(self.val_loss) not in (0, len(self.loss)):
            raise TypeError("the columns of the history differ in length")
        if type(self.best_epoch) is not int or not 0 <= self.best_epoch <= len(self.loss):
            raise TypeError("the best epoch of the history is none of its epochs")

    def latest(self) -> dict[str, float]:
        """The last epoch's losses, by name."""
        found = {"loss": self.loss, "val_loss": self.val_loss}
        return {name: column[-1] for name, column in found.items() if column}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the losses by epoch, on a logarithmic scale where they span much.

        Args:
            ax: the matplotlib axes to draw on, by default those of a new figure.

        Returns:
            The axes. A notebook shows their figure by itself.

        Raises:
            ValueError: no epoch was completed.
        """
        if not self.loss:
            raise ValueError("the history is empty, since no epoch was completed: there is nothing to plot")
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(6, 4), layout="constrained")
        epochs = range(1, self.epochs + 1)
        marker = "o" if self.epochs == 1 else None
        ax.plot(epochs, self.loss, color=TRAINING, marker=marker, label="training")
        if self.val_loss:
            ax.plot(epochs, self.val_loss, color=VALIDATION, marker=marker, linestyle="--", label="validation")
            ax.axvline(
                self.best_epoch, color="gray", linewidth=1, linestyle=":", label=f"best: epoch {self.best_epoch}"
            )
        found = [loss for loss in self.loss + self.val_loss if math.isfinite(loss)]
        if found and min(found) > 0 and max(found) > WIDE * min(found):
            ax.set_yscale("log")
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.grid(alpha=0.25)
        ax.legend(frameon=False)
        return ax

    def __str__(self) -> str:
        if not self.loss:
            return f"<history of 0 epochs{', interrupted' if self.stopped == 'interrupted' else ''}>"
        text = f"{self.epochs} epoch{'s' * (self.epochs != 1)}: loss {self.loss[0]:.4g} to {self.loss[-1]:.4g}"
        if self.val_loss:
            text += f", validation {self.val_loss[0]:.4g} to {self.val_loss[-1]:.4g}, best in epoch {self.best_epoch}"
        ended = {"early": ", stopped early", "interrupted": ", interrupted"}.get(self.stopped, "")
        return f"<history of {text}{ended}>"

    __repr__ = __str__
