"""`record`: keeps the steps of a training loop, so that the player can go through them.

A step is a call of ``backward()``. A graph that is the same in all steps is written only once. Each step that is kept
then costs two columns of numbers.
"""

from __future__ import annotations

import warnings
from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassgrad.core.anomaly import note_lines
from glassgrad.core.scalar import Scalar
from glassgrad.core.state import Block, Within
from glassgrad.draw.names import from_variables
from glassgrad.draw.stale import Changes, changes
from glassgrad.messages import Message
from glassgrad.player.document import encoded, fixed_slopes, nodes_of, of, shown, told
from glassgrad.player.player import Playable, Player, checked_title
from glassgrad.support.frames import levels_to_the_user, users_frame
from glassgrad.support.legible import legible

__all__ = ["Run", "Step", "record"]

Column = NDArray[np.float64]


class record(Block):
    """Keep the values and gradients of each call of `Scalar.backward` in a ``with`` block, for this thread.

    Recording does not change the gradients, not even in the last bit. The gradient of a leaf is the sum that it has
    accumulated. Nodes made in the block remember the line that made them. `gg.grad` and compiled functions do not call
    ``backward()``, and so make no steps.

    Args:
        every: keep the first step and then every ``every``-th.
        steps: the steps to keep, instead of ``every``: a container of step numbers, counted from 0, or a function from
            a step number to bool.
        limit: the largest number of steps to keep. When there are more, every other step is dropped and ``every``
            doubles. With ``steps``, later steps are not kept.

    Returns:
        A context manager. Its ``with`` statement gives the `Run`, which fills as the loop runs.

    Raises:
        ValueError: an option has a wrong value, or both ``every`` and ``steps`` are given.

    Example:
        >>> import glassgrad as gg
        >>> w = gg.Scalar(3.0, label="w")
        >>> with gg.record(every=10) as run:
        ...     for step in range(30):
        ...         w.grad = 0.0
        ...         loss = (w - 1.0) ** 2
        ...         loss.label = "loss"
        ...         loss.backward()
        ...         w.data -= 0.1 * w.grad
        >>> run
        <run of 30 steps, 3 kept: 0, 10, 20; loss from 4 to 0.000531691>
        >>> run.play()
        <player of 'loss': 5 nodes, 3 steps; save("page.html") writes it as a page>
    """

    def __init__(
        self, every: int = 1, steps: Container[int] | Callable[[int], bool] | None = None, limit: int = 200
    ) -> None:
        for name, value, least in (("every", every, 1), ("limit", limit, 2)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be an integer of at least {least}, got {value!r:.60}")
        if steps is not None and every != 1:
            raise ValueError("every and steps must not be given together, because each chooses the steps to keep")
        if steps is not None and not callable(steps) and not hasattr(steps, "__contains__"):
            raise ValueError(f"steps must be step numbers, as in range(0, 100, 10), or a function, got {steps!r:.60}")
        self.every, self.steps, self.limit = every, steps, limit

    def __enter__(self) -> Run:
        run = Run(self.every, self.steps, self.limit)
        state = self.inner()
        state.watcher = _Watcher(run, state.watcher)
        note_lines(state)
        self.enter(state)
        return run


class _Watcher:
    """Runs the sweep of ``backward()`` unchanged, and then keeps its results."""

    def __init__(self, run: Run, outer: Callable[[list[Scalar]], object] | None) -> None:
        self.run, self.outer = run, outer

    def __call__(self, order: list[Scalar]) -> None:
        if self.outer is not None:
            self.outer(order)
        else:
            with Within(watcher=None):  # the usual sweep, which adds in the usual order
                order[-1].backward()
        self.run._note(order[-1])

    def around(self, sweep: Callable[[list[Scalar]], object]) -> _Watcher:
        """Return a watcher of another sweep, such as that of `detect_anomaly` inside the block."""
        return _Watcher(self.run, sweep)


@dataclass(frozen=True)
class Step:
    """A step that was kept. Its columns have an entry for each node, with operands before results.

    Attributes:
        number: the number of its ``backward()`` in the block, counted from 0.
        names: the names of the nodes, or ``""``.
        value: a float64 array of the values in the forward pass.
        grad: a float64 array of the gradients after the sweep, with nan where there is none.
        structure: the number of its graph, which steps with the same graph share.
        slopes: the local derivatives that have no rule, by edge.
        changes: the entry ``changes`` of its document, or None.
    """

    number: int
    names: tuple[str, ...]
    value: Column
    grad: Column
    structure: int
    slopes: dict[str, float | str]
    changes: dict[str, Any] | None = None

    @property
    def loss(self) -> float:
        """The value of the root on which ``backward()`` was called."""
        return float(self.value[-1])

    def __repr__(self) -> str:
        return legible(f"<step {self.number}: {self.names[-1] or 'root'} = {self.loss:g}, {len(self.value):,} nodes>")


class Run(Playable):
    """The steps that `record` kept, in order: ``run[0]`` is the first `Step`, ``run[-1]`` the last.

    Attributes:
        total: the number of steps of the loop.
        stale: the number of steps whose leaves were moved without a new forward pass.
    """

    def __init__(self, every: int, steps: Container[int] | Callable[[int], bool] | None, limit: int) -> None:
        self.total = self.stale = 0
        self._every, self._steps, self._limit = every, steps, limit
        self._kept: list[Step] = []
        self._structures: dict[Any, int] = {}
        self._documents: list[dict[str, Any]] = []
        self._root: Any = None
        self._names: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._kept)

    def __getitem__(self, k: int) -> Step:
        return self._kept[k]

    def __repr__(self) -> str:
        if not self._kept:
            return f"<run of {self.total} steps, none kept>"
        shown = [str(step.number) for step in self._kept]
        numbers = ", ".join(shown if len(shown) <= 6 else [*shown[:3], "…", shown[-1]])
        first, last = self._kept[0], self._kept[-1]
        name = last.names[-1] or "root"
        loss = f"{name} from {first.loss:g} to {last.loss:g}"
        stale = f"; {self.stale} of them without a new forward pass" if self.stale else ""
        return legible(f"<run of {self.total} steps, {len(self)} kept: {numbers}; {loss}{stale}>")

    def play(self, title: str | None = None, lang: str | None = None) -> Player:
        """Return a player that goes through the steps.

        Args:
            title: the title of the page, by default the name of the root.
            lang: the language of the page, as in `play`.

        Raises:
            ValueError: no step was kept, or the language is unknown.
        """
        if not self._kept:
            what = "no step was kept" if self.total else "no backward() was called in the block"
            raise ValueError(f"the run must have a step to play, but {what}")
        document = self._document()
        if checked_title(title) is not None:
            document["title"] = title
        return _RunPlayer([self._root], document, self._names, live=False)._opened({"lang": lang})

    def _document(self) -> dict[str, Any]:
        usual = Counter(step.structure for step in self._kept).most_common(1)[0][0]
        steps: list[dict[str, Any]] = []
        for step in self._kept:
            columns = {"value": _encoded(step.value), "grad": _encoded(step.grad)}
            about = {"slopes": step.slopes, "changes": step.changes}
            rest = {name: column for name, column in about.items() if column}
            label = f"step {step.number}"
            if step.structure == usual:
                steps.append({"label": label, **columns, **rest})
            else:
                own = self._documents[step.structure]
                steps.append({"label": label, "document": {**own, **rest, "nodes": {**own["nodes"], **columns}}})
        return {**self._documents[usual], "run": {"steps": steps}}

    # Filling

    def _note(self, root: Scalar) -> None:
        number = self.total
        self.total += 1
        found = changes([root])
        if found:
            self._note_stale(number, found)
        if not self._wanted(number):
            return
        nodes = nodes_of(root)
        key = _structure(nodes)
        if key not in self._structures:
            frame = users_frame()
            names = from_variables(frame.f_locals, frame.f_globals)
            self._structures[key] = len(self._documents)
            self._documents.append(of(root, names))
            self._names = names
        place = self._structures[key]
        document = self._documents[place]
        value = np.array([shown(found, node) for node in nodes] if found else [node.data for node in nodes])
        grad = np.array([node.grad if node.grad_updated else np.nan for node in nodes])
        slopes = fixed_slopes(nodes, document["slopes"])
        labels = _names(document)
        said = told(found, nodes, {id(node): name for node, name in zip(nodes, labels)})
        if said is not None:
            said["text"].insert(0, Message("stale.step"))
        self._kept.append(Step(number, labels, value, grad, place, slopes, said))
        self._root = root

    def _note_stale(self, number: int, found: Changes) -> None:
        """Count a step without a new forward pass. The first gives a warning."""
        self.stale += 1
        if self.stale > 1:
            return
        frame = users_frame()
        what = found.story(from_variables(frame.f_locals, frame.f_globals))[0]
        warnings.warn(
            f"step {number} called backward() without a new forward pass. {what} The gradients belong to the old "
            "numbers. Compute the loss again in each step before backward(), or call forward() on it.",
            stacklevel=levels_to_the_user(),
        )

    def _wanted(self, number: int) -> bool:
        if self._steps is not None:
            wanted = self._steps(number) if callable(self._steps) else number in self._steps
            return bool(wanted) and len(self._kept) < self._limit
        if number % self._every:
            return False
        while len(self._kept) >= self._limit:
            self._every *= 2
            self._kept = [step for step in self._kept if step.number % self._every == 0]
        return number % self._every == 0


class _RunPlayer(Player):
    def __repr__(self) -> str:
        steps = len(self.document["run"]["steps"])
        return super().__repr__().replace(";", f", {steps} step{'s' * (steps != 1)};", 1)


def _structure(nodes: list[Any]) -> Any:
    """Return a key that two documents share if they differ only in their numbers."""
    places = {id(node): i for i, node in enumerate(nodes)}
    args, counts = array("q"), array("q")
    for node in nodes:
        counts.append(len(node.prev))
        args.extend([places[id(x)] for x in node.prev])
    ops = tuple([node.operation for node in nodes])
    constants = bytes([node.is_constant for node in nodes])
    return ops, args.tobytes(), counts.tobytes(), constants


def _names(document: dict[str, Any]) -> tuple[str, ...]:
    strings = document["strings"]
    return tuple([strings[at] for at in document["nodes"]["label"]])


def _encoded(column: Column) -> list[float | str]:
    return [encoded(x) for x in column.tolist()]
