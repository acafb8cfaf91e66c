"""The moments of a film: the known numbers at each step, and a sentence about the step.

The steps are those of the player. Forward, each operation is computed in order. Then the root gets its gradient, 1.
Backward, each operation gives its operands their shares, in the reverse order.
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
    """A frame.

    Attributes:
        text: a line about the step.
        values: the value of each node of the document, or None if it is not computed yet.
        grads: the gradient of each node, or None if it has no share yet.
        slopes: the local derivative of each edge.
        node: the node that the step computes, or that gives its gradient to its operands, or None.
        edges: the edges that the step uses.
        is_backward: whether the step is on the way back.
        story: lines about the numbers, for example that leaves were moved after the forward pass.
        stale: the nodes that depend on a node that was moved later.
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
    """Return the moments of one graph.

    Args:
        nodes: the columns of the document.
        root: the place of the root.
        names: the names of the nodes.
        ops: the symbol of each node's operation, or ``""`` for leaves.
        slopes: the local derivative of each edge.
        unknown: whether nan means that a derivative is not known.
    """
    return _Reel(nodes, root, names, ops, slopes, unknown).moments()


def of_run(
    run: Sequence[Mapping[str, Any]],
    name: str,
    slopes_at: Callable[[Sequence[float]], Sequence[float]],
    settled: Callable[[Sequence[float], Mapping[str, Any] | None], Settled],
    moments_at: Callable[[Sequence[float]], list[Moment]],
) -> list[Moment]:
    """Return a moment for each step of a run. Steps with a different graph than most are left out.

    Args:
        run: the steps in the document.
        name: the name of the root.
        slopes_at: a function from the values of all nodes to the local derivatives of all edges.
        settled: a function from the values and changes of a step to the values of one forward pass, lines about them,
            and the stale nodes.
        moments_at: a function from the values of all nodes to the moments of the graph.
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
        self.args: list[list[tuple[int, int]]] = []  # the edges of each node, with the operands that they come from
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
        """Add the shares of a node's operands, and return a line about them."""
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
