"""The operation of a folded call's results, and the block that listens to a call. `folded.py` folds calls."""

from __future__ import annotations

from typing import Any

from glassgrad.core.op import Op
from glassgrad.core.state import Block

__all__ = ["Folded", "Listening"]


class Listening(Block):
    """Inside this block new nodes are added to ``made``, and nobody else hears of them."""

    def __init__(self, made: list[Any], note: Any, policy: str) -> None:
        self.made, self.note, self.policy = made, note, policy

    def __enter__(self) -> None:
        state = self.inner()
        state.heard = (self.made.append,)
        state.note, state.policy = self.note, self.policy
        state.traces = state.tracing is not None  # then it also hears of nodes made in other threads
        state.folds = True
        self.enter(state)


class Folded(Op):
    """The operation of a result of a folded call.

    Args:
        call: an object whose method ``unfold`` gives the results the operations and operands of an ordinary call.
    """

    def __init__(self, call: Any) -> None:
        super().__init__("checkpoint", value=None, partials=None)
        self.call = call
