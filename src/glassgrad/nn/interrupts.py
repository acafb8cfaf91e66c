"""Delay Ctrl-C until a step is complete."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

__all__ = ["Whole"]


class Whole:
    """A block that Ctrl-C does not interrupt: the interrupt is delivered at the end of the block.

    Python interrupts only the main thread, so in other threads this does nothing.
    """

    def __enter__(self) -> None:
        self.pending = False
        handler = signal.getsignal(signal.SIGINT)
        self.handler = handler if threading.current_thread() is threading.main_thread() else None
        if self.handler is not None:  # it is also None if the handler was not set by Python
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
