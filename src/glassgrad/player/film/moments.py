"""The moments of a film: what is known of each node at each step, and what the step does.

The steps are those of the player: forward, each operation in order; then the root's gradient, 1; then backward, each
operation in the reverse order, giving its operands their shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassgrad.draw.counting import symbol
from glassgrad.draw.metrics import number

__all__ = ["Moment", "of_graph", "of_run"]


@dataclass(frozen=True)
class Moment:
    """One frame.

    Attributes:
        text: what the step does, in one line.
        values: of each node of the document; None where it is not computed yet.
        grads: of each node; None where no share has come yet.
        slopes: the local derivative of each edge.
        node: which one the step computes, or which one gives its gradient to its operands; None if neither.
        edges: which edges the step runs along.
        is_backward: whether gradients run.
        story: what is to be said of the numbers, line by line: that leaves were moved since the forward pass, say.
        stale: which nodes were computed before something that they depend on was moved.
    """

    text: str
    values: tuple[float | None, ...]
    grads: tuple[float | None, ...]
    slopes: Sequence[float]
    node: int | None = None
    edges: frozenset[int] = field(default_factory=frozenset)
    is_backward: bool = False
    story: tuple[str, ...] = ()
    stale: frozenset[int] = frozenset()


Settled = tuple[Sequence[float], tuple[str, ...], frozenset[int]]


def of_graph(
    nodes: Mapping[str, Sequence[Any]],
    root: int,
    names: Sequence[str],
    ops: Sequence[str],
    slopes: Sequence[float],
    unknown: bool = False,
) -> list[Moment]:
    """The moments of one graph.

    Args:
        nodes: the document's columns.
        root: whose gradients they are.
        names: of the nodes.
        ops: the symbol of what made each node; "" for leaves.
        slopes: the local derivative of each edge.
        unknown: whether nan stands for a derivative that is not known.
    """
    return _Reel(nodes, root, names, ops, slopes, unknown).moments()


def of_run(
    run: Sequence[Mapping[str, Any]],
    name: str,
    slopes_at: Callable[[Sequence[float]], Sequence[float]],
    settled: Callable[[Sequence[float], Mapping[str, Any] | None], Settled],
    moments_at: Callable[[Sequence[float]], list[Moment]],
) -> list[Moment]:
    """A moment for each step of a run; a step whose graph is another than most steps' is left out.

    Args:
        run: the document's steps.
        name: of the root.
        slopes_at: the local derivative of each edge for the values of all nodes.
        settled: gives the numbers of one forward pass for a step's values and changes, what to say of them, and which
            nodes are stale.
        moments_at: the moments of the graph with these values.
    """
    moments = []
    for step in run:
        if "document" not in step:
            recorded, changes = [float(x) for x in step["value"]], step.get("changes")
            values, story, stale = settled(recorded, changes)
            if changes is not None and changes["mixed"]:
                grads = moments_at(values)[-1].grads
            else:
                grads = tuple(None if x == "nan" else float(x) for x in step["grad"])
            text = f"{step['label']}: {name} = {number(values[-1])}"
            moments.append(Moment(text, tuple(values), grads, slopes_at(values), story=story, stale=stale))
    return moments


class _Reel:
    def __init__(
        self,
        nodes: Mapping[str, Sequence[Any]],
        root: int,
        names: Sequence[str],
        ops: Sequence[str],
        slopes: Sequence[float],
        unknown: bool,
    ) -> None:
        self.final = [float(x) for x in nodes["value"]]
        self.root, self.names, self.ops, self.slopes = root, names, ops, slopes
        self.unknown = unknown
        self.args: list[list[tuple[int, int]]] = []  # of each node: its edges with the operands that they come from
        start = nodes["start"]
        for i in range(len(self.final)):
            self.args.append([(edge, nodes["args"][edge]) for edge in range(start[i], start[i + 1])])
        self.moved = [bool(below) or kind != 2 for below, kind in zip(self.args, nodes["kind"])]

    def moments(self) -> list[Moment]:
        count = len(self.final)
        values: list[float | None] = [None if self.args[i] else self.final[i] for i in range(count)]
        grads: list[float | None] = [None] * count
        made = [Moment("the leaves have their values", tuple(values), tuple(grads), self.slopes)]
        for i in range(count):
            if self.args[i]:
                values[i] = self.final[i]
                edges = frozenset(edge for edge, _ in self.args[i])
                text = f"forward: {self._name(i)} = {self._formula(i)} = {number(self.final[i])}"
                made.append(Moment(text, tuple(values), tuple(grads), self.slopes, i, edges))
        root = self.root
        grads[root] = 1.0
        made.append(
            Moment(
                f"backward: {self._slope(root)} = 1", tuple(values), tuple(grads), self.slopes, root, is_backward=True
            )
        )
        for i in reversed(range(count)):
            if self.args[i] and grads[i] is not None:
                text = self._give(i, grads)
                edges = frozenset(edge for edge, j in self.args[i] if self.moved[j])
                made.append(Moment(text, tuple(values), tuple(grads), self.slopes, i, edges, True))
        return made

    def _give(self, i: int, grads: list[float | None]) -> str:
        """Add the shares of a node's operands; say what they are."""
        upstream = grads[i]
        assert upstream is not None
        shares = []
        for edge, j in self.args[i]:
            if self.moved[j]:
                slope = self.slopes[edge]
                share = upstream * slope
                grads[j] = (grads[j] or 0.0) + share
                above, local, sent = map(self._told, (upstream, slope, share))
                shares.append(f"{self._name(j)} gets {above} · {local} = {sent}")
        return f"backward through {self._name(i)}: {'; '.join(shares)}" if shares else f"backward: {self._name(i)}"

    def _told(self, derivative: float) -> str:
        return "?" if self.unknown and math.isnan(derivative) else number(derivative)

    def _name(self, i: int) -> str:
        return self.names[i] or number(self.final[i])

    def _formula(self, i: int) -> str:
        below = [self._name(j) for _, j in self.args[i]]
        op = symbol(self.ops[i])
        if len(below) == 2 and not op[:1].isalnum():
            return f"{below[0]} {op} {below[1]}"
        return f"{op}({', '.join(below)})"

    def _slope(self, i: int) -> str:
        root = self._name(self.root)
        return f"∂{root}/∂{self._name(i)}"
