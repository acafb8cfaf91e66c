"""`History`: the losses of a training run, and a plot of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History"]

TRAINING, VALIDATION = "#0072B2", "#D55E00"  # From Okabe and Ito's palette, which colour-blind readers tell apart.
WIDE = 100  # If the losses differ by more than this factor, a linear scale would hide the end of the run.


@dataclass
class History:
    """The record of a training run, with one number for each epoch. `fit` returns it.

    Attributes:
        loss: list of float, the mean loss over the rows; each batch is measured before its step.
        val_loss: list of float, the loss on the validation data after the epoch; empty without validation data.
        lr: list of float, the learning rate of the first parameter group at the end of the epoch.
        stopped: str, why the run ended: "epochs", "early" or "interrupted"; "" while it runs.
        best_epoch: int, the epoch with the lowest validation loss (without validation data, the lowest loss), counted
            from 1; 0 before the first epoch.
        state: dict, the state to resume from.

    >>> import glassgrad as gg
    >>> line = gg.nn.Neuron(1, None, seed=0)
    >>> history = gg.nn.fit(line, [[0.0], [1.0]], [1.0, 3.0], optimizer="sgd", lr=0.5, epochs=20)
    >>> history
    <history of 20 epochs: loss 2.132 to 1.567e-06>
    >>> history.epochs, history.stopped, history.best_epoch
    (20, 'epochs', 20)
    """

    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    stopped: str = ""
    best_epoch: int = 0
    state: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def epochs(self) -> int:
        """The number of completed epochs, an int."""
        return len(self.loss)

    @property
    def watched(self) -> list[float]:
        """The losses that decide which epoch is the best: `val_loss` if there is validation data, else `loss`."""
        return self.val_loss or self.loss

    def require_whole(self) -> None:
        """Check that the columns can come from a training run.

        Raises:
            TypeError: a column holds other values than floats, or their lengths differ.
        """
        columns = (self.loss, self.val_loss, self.lr)
        if not all(isinstance(column, list) and all(type(x) is float for x in column) for column in columns):
            raise TypeError("a column of the history must hold floats only")
        if len(self.lr) != len(self.loss) or len(self.val_loss) not in (0, len(self.loss)):
            raise TypeError("the columns of the history differ in length")
        if type(self.best_epoch) is not int or not 0 <= self.best_epoch <= len(self.loss):
            raise TypeError("the best epoch of the history is not one of its epochs")

    def latest(self) -> dict[str, float]:
        """The losses of the last epoch, by name."""
        found = {"loss": self.loss, "val_loss": self.val_loss}
        return {name: column[-1] for name, column in found.items() if column}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Plot the losses over the epochs, on a logarithmic scale if they differ by more than a factor of 100.

        Args:
            ax: the matplotlib axes to draw on; by default, those of a new figure.

        Returns:
            The axes. A notebook shows their figure automatically.

        Raises:
            ValueError: no epoch was completed.
        """
        if not self.loss:
            raise ValueError("the history is empty, so there is nothing to plot: no epoch was completed")
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
