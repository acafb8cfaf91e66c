"""`quiz`: an exercise on a graph. Its gradients are to be found; who asks, gets the reason for each miss."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glassgrad import scalar
from glassgrad.draw import names as naming
from glassgrad.draw.drawing import not_a_node
from glassgrad.draw.names import is_node
from glassgrad.graph import operands
from glassgrad.legible import legible
from glassgrad.op import DomainError, as_float, errstate
from glassgrad.player import grading
from glassgrad.player.document import CONSTANT, nodes_of, of
from glassgrad.player.grading import Mark, Sums
from glassgrad.player.player import Player, checked_title
from glassgrad.scalar import Scalar
from glassgrad.state import Within

__all__ = ["Grade", "Quiz", "quiz"]

WHOLE = [-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0]
HALVES = [x / 2 for x in range(-6, 7) if x]
DRAWS = 300  # tries to stay in the domain, with gradients worth finding
MANY = 20  # gradients to be found without being chosen
LARGEST = 100.0  # of values and gradients that are worth it
SMALLEST = 0.01


def quiz(
    root: Any,
    seed: int | str | None = None,
    blanks: Iterable[Any] | None = None,
    title: str | None = None,
    *,
    names: Mapping[str, Any] | bool | None = None,
) -> Quiz:
    """An exercise: find the gradients of the graph that computed ``root``.

    The exercise is on a copy: the graph stays as it is.

    Args:
        root: a `Scalar`, or any node with ``.op`` and ``.prev``.
        seed: gives each student numbers of their own (a number or a name, the same each time); None: the graph's.
            Leaves then get small numbers that keep every operation in its domain; constants stay.
        blanks: whose gradients are to be found, as nodes or names. If not given, all but the root's and constants'; of
            more than 20, those that have a name.
        title: what the exercise is called.
        names: as in `play`.

    Returns:
        A `Quiz`, a `Player` that asks.

    Raises:
        TypeError: ``root`` is not a node, or an operation has no derivative.
        ValueError: a blank is no node of the graph, or no numbers were found that stay in the domain.

    Example:
        >>> import glassgrad as gg
        >>> x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
        >>> exercise = gg.quiz(x * w)
        >>> exercise.grade({"x": -3, "w": -3})
        1 of 2 right
          w: multiplied by w itself: the derivative of a product is the other factor
          x: right
    """
    if not is_node(root):
        raise TypeError(not_a_node("quiz", root))
    known = naming.given(names, sys._getframe(1))
    checked_title(title)
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, str))):
        raise TypeError(f"seed={seed!r:.60}: needs a whole number or a name, the same for the same student")
    originals = nodes_of(root)
    copies = _copied(originals)
    labels = {id(copy): known[id(node)] for node, copy in zip(originals, copies) if id(node) in known}
    if seed is not None:
        _draw_numbers(copies, seed)
    _differentiate(copies)
    document = of(copies[-1], labels, title)
    asked = _blanks(blanks, document, originals)
    nodes = {**document["nodes"], "grad": [None] * len(copies)}  # else they could be read in the page's source
    document = {**document, "nodes": nodes, "quiz": {"seed": seed, "blanks": asked, "title": title}}
    return Quiz(copies, document, labels)


class Quiz(Player):
    """An exercise that is played: the gradients of some nodes are to be found, and answers get reasons.

    Attributes:
        answers: dict from the name of each blank to its gradient, in the order of backpropagation.
    """

    def __init__(self, nodes: list[Any], document: dict[str, Any], names: Mapping[int, str]) -> None:
        super().__init__([nodes[-1]], document, names, live=False)
        self._sums = Sums(nodes, _titles(document))
        self._blanks = {self._sums.titles[i]: i for i in sorted(document["quiz"]["blanks"], reverse=True)}

    @property
    def answers(self) -> dict[str, float]:
        return {name: self._sums.grad(i) for name, i in self._blanks.items()}

    @property
    def given(self) -> dict[str, float]:
        """What the learner has answered in the notebook's widget so far, by name."""
        told = {} if self._link is None else self._link.widget.answers
        found = {self._sums.titles[int(i)]: entry.get("answer") for i, entry in told.items()}
        return {name: float(answer) for name, answer in found.items() if isinstance(answer, (int, float))}

    def grade(self, answers: Mapping[str, Any]) -> Grade:
        """Grade ``{name: gradient}``, each to three significant digits; a blank that is left out counts as a miss.

        Raises:
            ValueError: a name is none of the blanks.
            TypeError: an answer is no number.
        """
        unknown = [name for name in answers if name not in self._blanks]
        if unknown:
            raise ValueError(f"no gradient of {unknown[0]!r} is asked for: the blanks are {', '.join(self._blanks)}")
        marks = {}
        for name, i in self._blanks.items():
            answer = answers.get(name)
            given = None if answer is None else as_float(answer, f"the answer for {name!r}")
            marks[name] = grading.mark(self._sums, i, given)
        return Grade(marks)

    def solution(self) -> str:
        """The worked solution, as text: from the root back, the chain rule with its numbers for each blank."""
        sums = self._sums
        values = [
            f"  {sums.titles[i]} = {grading.shown(sums.value(i))}"
            for i, kind in enumerate(self.document["nodes"]["kind"])
            if kind != CONSTANT
        ]
        ways = ["\n    ".join(grading.solution(sums, i)) for i in self._blanks.values()]
        return legible("\n".join(["values:", *values, "gradients:", *(f"  {way}" for way in ways)]))


@dataclass(frozen=True)
class Grade:
    """What became of the answers: ``marks`` by name, each ``(ok, reason, slip)``."""

    marks: dict[str, Mark]

    @property
    def right(self) -> int:
        """How many are right."""
        return sum(mark.ok for mark in self.marks.values())

    @property
    def score(self) -> float:
        """The share that is right, from 0 to 1."""
        return self.right / len(self.marks) if self.marks else 1.0

    def __repr__(self) -> str:
        lines = [f"  {name}: {mark.reason}" for name, mark in self.marks.items()]
        return legible("\n".join([f"{self.right} of {len(self.marks)} right", *lines]))


def _copied(originals: list[Any]) -> list[Any]:
    """The graph once more, node by node; nodes of another class become Scalars."""
    twins: dict[int, Any] = {}
    with Within(heard=()):  # the copies are nobody's business
        for node in originals:
            below = [twins[id(x)] for x in operands(node)]
            if isinstance(node, Scalar):
                parts = scalar.take_apart(node)
                twin = scalar.rebuild((*parts[:5], Scalar), below)
            else:
                twin = Scalar(node.data, tuple(below), str(node.op).lower() if below else "")
                label = str(getattr(node, "label", ""))
                if label not in ("", "unk"):
                    twin.label = label
            twins[id(node)] = twin
    return [twins[id(node)] for node in originals]


def _differentiate(nodes: list[Any]) -> None:
    root = nodes[-1]
    root.zero_grad()
    with Within(watcher=None):  # nor is their backward() a step of a training loop
        root.backward()


def _blanks(chosen: Iterable[Any] | None, document: dict[str, Any], originals: list[Any]) -> list[int]:
    kinds, root = document["nodes"]["kind"], document["root"]
    if chosen is None:
        every = [i for i, kind in enumerate(kinds) if kind != CONSTANT and i != root]
        named = [i for i in every if document["nodes"]["label"][i]]
        return named if len(every) > MANY and named else every
    if isinstance(chosen, (str, Scalar)) or not isinstance(chosen, Iterable):
        raise TypeError(f"blanks={chosen!r:.60}: needs a list of nodes or names")
    titles = _titles(document)
    places = {id(node): i for i, node in enumerate(originals)}
    found = []
    for one in chosen:
        if isinstance(one, str):
            if one not in titles:
                raise ValueError(f"no node is called {one!r}: there are {', '.join(titles)}")
            i = titles.index(one)
        elif is_node(one) and id(one) in places:
            i = places[id(one)]
        else:
            raise ValueError(f"blank {one!r:.60} is no node of this graph: choose among its nodes, or by name")
        if kinds[i] == CONSTANT or i == root:
            what = "the root: its gradient is 1" if i == root else "a constant: it has no gradient"
            raise ValueError(f"blank {titles[i]!r} is {what}; choose other nodes")
        found.append(i)
    return sorted(set(found))


def _titles(document: dict[str, Any]) -> list[str]:
    """A name for each node, no two alike: its label, or ``v`` and its place, as in the page."""
    labels = [document["strings"][at] for at in document["nodes"]["label"]]
    taken: set[str] = set()
    titles = []
    for i, label in enumerate(labels):
        title = label or f"v{i}"
        titles.append(title if title not in taken else f"{title} (v{i})")
        taken.add(titles[-1])
    return titles


# Numbers of one's own


def _draw_numbers(nodes: list[Any], seed: int | str) -> None:
    """Give the leaves small numbers at which every value and gradient is finite, and worth finding if that can be."""
    chance = random.Random(f"glassgrad quiz {seed}")  # of a text: the same in every version of Python
    moved = [node for node in nodes if not node.prev and not node.is_constant]
    choices = [WHOLE if node.data == int(node.data) else HALVES for node in moved if math.isfinite(node.data)]
    if len(choices) < len(moved):
        choices = [WHOLE for _ in moved]
    best: tuple[float, list[float]] | None = None
    for _ in range(DRAWS):
        numbers = [chance.choice(choice) for choice in choices]
        worth = _worth(nodes, moved, numbers)
        if worth is not None and (best is None or worth > best[0]):
            best = worth, numbers
            if worth >= 1:
                break
    if best is None:
        raise ValueError(
            f"no numbers were found for seed {seed!r} at which the whole graph is defined and smooth: "
            "leave out the seed, and the exercise has the graph's own"
        )
    _worth(nodes, moved, best[1])


def _worth(nodes: list[Any], moved: list[Any], numbers: list[float]) -> float | None:
    """How good an exercise the leaves' ``numbers`` make, 1 for good; None where they will not do."""
    for node, x in zip(moved, numbers):
        node.data = x
    try:
        with errstate(domain="raise"):
            nodes[-1].forward()
    except (DomainError, ArithmeticError):
        return None
    if any(_on_a_kink(node) for node in nodes if node.prev):
        return None
    _differentiate(nodes)
    sizes = [abs(float(node.grad)) for node in nodes if not node.is_constant]
    largest = max([*sizes, *(abs(float(node.data)) for node in nodes)])
    if not math.isfinite(largest):
        return None
    smallest = min((size for size in sizes if size), default=0.0)
    zeros = sum(not size for size in sizes)
    return min(1.0, LARGEST / max(largest, LARGEST)) * min(1.0, smallest / SMALLEST) / (1 + zeros)


def _on_a_kink(node: Any) -> bool:
    kinks = node.operation.kinks
    return kinks is not None and bool(kinks.holds(*(x.data for x in node.prev)))
