"""Calls whose inner nodes are not kept: the operation of their results, and how they are run again.

A call of a function by `glassgrad.checkpoint` is *folded*: the nodes made in it are dropped, except for those that
somebody still refers to, its *results*. A result keeps its value. In place of its operands it has those nodes from
outside that the call used, and its operation is `Folded`. A sweep that reaches a result *opens* the call: the function
runs again, and each result gets the operation and the operands of its twin. So the graph is, node for node, the one of
an ordinary call. `scalar.py` opens and closes calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import ref

from glassgrad.core.op import Op
from glassgrad.core.state import HERE, Block
from glassgrad.support.naming import full_name

__all__ = ["Call", "Folded", "Listening"]


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


class Call:
    """A folded call.

    Attributes:
        count: the number of nodes made in it.
        places, results: the results, each as its place among these nodes, and a weak reference.
        externals, values: the nodes from outside, and their values.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self.f, self.args, self.kwargs = f, tuple(args), dict(kwargs)
        self.note = HERE.state().note
        self.count = 0
        self.places: list[int] = []
        self.results: list[ref[Any]] = []
        self.externals: tuple[Any, ...] = ()
        self.values: tuple[float, ...] = ()

    def again(self) -> list[Any]:
        """Run the function again. Return the nodes it makes."""
        made: list[Any] = []
        with Listening(made, self.note, "nan"):
            kept = self.f(*self.args, **self.kwargs)
        del kept
        return made

    def changed(self) -> RuntimeError:
        """Return the error for a function that does not do the same when it runs again."""
        return RuntimeError(
            f"gg.checkpoint: {full_name(self.f)} computed something else when it ran again for the derivative. Its "
            "result must depend only on its arguments and on nodes, and its arguments must not be changed: draw random "
            "numbers outside, and pass them"
        )


class Folded(Op):
    """The operation of a result of a folded call."""

    def __init__(self, call: Call) -> None:
        super().__init__("checkpoint", value=None, partials=None)
        self.call = call
