"""Show the progress of a training run: with tqdm's bar, with a plain line if tqdm is missing, or not at all."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["progress_bar"]


def progress_bar(wanted: bool | None, epochs: int, done: int) -> Any:
    """Return an object with the methods `update(numbers)`, to call after each epoch, and `close()`.

    If `wanted` is None, it shows progress on a terminal and in a notebook, but not if standard error is a file or a
    pipe.
    """
    if not (_is_watched() if wanted is None else wanted):
        return _Silent()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Line(epochs, done)
    return _Bar(tqdm(total=epochs, initial=done, unit="epoch", file=sys.stderr, dynamic_ncols=True))


def _is_watched() -> bool:
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")  # true in a notebook, not for IPython in a pipe


class _Silent:
    def update(self, numbers: dict[str, float]) -> None:
        pass

    def close(self) -> None:
        pass


class _Bar:
    def __init__(self, bar: Any) -> None:
        self.bar = bar

    def update(self, numbers: dict[str, float]) -> None:
        self.bar.set_postfix({name: f"{value:.4g}" for name, value in numbers.items()}, refresh=False)
        self.bar.update()

    def close(self) -> None:
        self.bar.close()


class _Line:
    """One line that each epoch overwrites."""

    def __init__(self, epochs: int, done: int) -> None:
        self.epochs, self.done = epochs, done

    def update(self, numbers: dict[str, float]) -> None:
        self.done += 1
        shown = ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        print(f"\repoch {self.done} of {self.epochs}: {shown}   ", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        print(file=sys.stderr)
