"""Ctrl-C that waits until a step is whole."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

__all__ = ["Whole"]


class Whole:
    """A block that Ctrl-C does not split: it is delivered when the block is left.

    Only the main thread ever gets it; in others this does nothing.
    """

    def __enter__(self) -> None:
        self.pending = False
        handler = signal.getsignal(signal.SIGINT)
        self.handler = handler if threading.current_thread() is threading.main_thread() else None
        if self.handler is not None:  # None, too, where a handler was not set by Python
            signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.pending = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.handler is not None:
            signal.signal(signal.SIGINT, self.handler)
        if self.pending:
            signal.raise_signal(signal.SIGINT)
