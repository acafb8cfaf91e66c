"""`quiz`: an exercise on a graph. The learner finds gradients, and each wrong answer is explained."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

from glassgrad.core.op import as_float
from glassgrad.core.scalar import Scalar
from glassgrad.draw import names as naming
from glassgrad.draw.drawing import not_a_node
from glassgrad.draw.metrics import printable
from glassgrad.graph import is_node
from glassgrad.homework import adopt
from glassgrad.messages import ENGLISH, Message, say
from glassgrad.messages import checked as checked_language
from glassgrad.player import grading
from glassgrad.player import line as lines
from glassgrad.player.document import CONSTANT, nodes_of
from glassgrad.player.exercise import Drawn, Exercise, titles_of
from glassgrad.player.grading import Mark, Sums
from glassgrad.player.player import Player, checked_title
from glassgrad.support.late import late
from glassgrad.support.legible import legible

if TYPE_CHECKING:
    from glassgrad.player.gradebook import Gradebook

__all__ = ["Grade", "Quiz", "quiz"]


def quiz(
    root: Any,
    seed: int | str | None = None,
    blanks: Iterable[Any] | None = None,
    title: str | None = None,
    *,
    names: Mapping[str, Any] | bool | None = None,
    hide: str | None = None,
    solution: bool | str = True,
    check: bool = True,
    answers: str = "",
    lang: str | None = None,
) -> Quiz:
    """Make an exercise: find the gradients of the graph that computed ``root``.

    The exercise uses a copy, so the graph itself does not change.

    Args:
        root: a `Scalar`, or a node of any other class with ``.data``, ``.op`` and ``.prev`` (or ``._op`` and
            ``._prev``).
        seed: an integer or a name, which gives each student different numbers. The same seed always gives the same
            numbers. The leaves get small numbers at which every operation is defined; constants stay. The seeds 0 to 63
            give exercises that differ from each other. By default the graph keeps its own numbers.
        blanks: the nodes whose gradients the learner has to find, as nodes or names. By default these are all nodes but
            the root and constants, or only the named ones if there are more than 20. With a seed, gradients that are
            0 or 1 for all numbers are shown.
        title: the title of the exercise.
        names: how to name nodes that have no label, as in `play`.
        hide: ``"local"`` hides the local derivatives on the edges too, until the learner no longer needs them.
        solution: whether the learner can see the worked solution: True (at any time), ``"answered"`` (once every
            gradient has an answer) or False (never).
        check: whether the page checks answers, gives hints and shows the solution. If False, the page only takes
            answers, and does not contain the rules for computing gradients. Grade them with `Quiz.grade`.
        answers: the line of text from the page's *Copy my answers*. The exercise then has these answers, even if the
            notebook is run again elsewhere.
        lang: the language of the exercise: ``"en"``, ``"de"``, ``"fr"`` or ``"es"``. It applies to the page, the
            reasons from `Quiz.grade`, and the worked solution. By default the page is in the reader's language, and the
            rest in English.

    Returns:
        A `Quiz`, which is a `Player` with blanks.

    Raises:
        TypeError: ``root`` is not a node, an operation has no derivative, or an option has the wrong type.
        ValueError: a blank is not a node of the graph, an option has an unknown value, no suitable numbers were found,
            or the line of answers is damaged or belongs to another exercise.

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
        raise TypeError(f"seed must be an integer or a name, got {seed!r:.60}")
    if seed == "":
        raise ValueError('seed must not be "": give a name, or None for no seed')
    if hide not in (None, "local"):
        raise ValueError(f'hide must be None or "local", which also hides local derivatives, got {hide!r:.60}')
    if not isinstance(solution, bool) and solution != "answered":
        raise ValueError(f'solution must be True, False or "answered", got {solution!r:.60}')
    if not isinstance(check, bool):
        raise TypeError(f"check must be True or False, got {check!r:.60}")
    root, known = adopt(root, known)
    exercise = Exercise.of(
        root,
        known,
        blanks=None,
        title=title,
        hide=hide,
        solution=solution if check else False,
        check=check,
        lang=checked_language(lang),
    )
    if blanks is not None:
        exercise = replace(exercise, blanks=_chosen(blanks, exercise.document(), nodes_of(root)))
    return Quiz(exercise, exercise.draw(seed), answers)


class Quiz(Player):
    """A player with blanks. The learner finds the gradients of some nodes, and each wrong answer is explained.

    Attributes:
        answers: a dict from the name of each blank to its gradient, in the order of backpropagation.
        exercise: the `Exercise`, which is the graph without a seed.
    """

    def __init__(self, exercise: Exercise, drawn: Drawn, answers: str = "") -> None:
        super().__init__([drawn.nodes[-1]], drawn.document, drawn.labels, live=False)
        self.exercise = exercise
        self._lang = exercise.lang or ENGLISH
        self._sums = Sums(drawn.nodes, titles_of(drawn.document))
        self._blanks = {self._sums.titles[i]: i for i in sorted(drawn.document["quiz"]["blanks"], reverse=True)}
        self._written = self._read(answers)
        if self._written:
            filled = {str(self._blanks[name]): text for name, text in self._written.items()}
            self.document = {**drawn.document, "exercise": {**drawn.document["exercise"], "answers": filled}}
        self._opened({"lang": exercise.lang})

    @property
    def seed(self) -> int | str | None:
        """The seed of its numbers, or None."""
        seed: int | str | None = self.document["quiz"]["seed"]
        return seed

    @property
    def answers(self) -> dict[str, float]:
        return {name: self._sums.grad(i) for name, i in self._blanks.items()}

    @property
    def given(self) -> dict[str, float]:
        """The answers so far, by name. They come from the notebook's widget, or else from ``answers=``."""
        found = {name: lines.number(text) for name, text in self._written.items()}
        told = {} if self._link is None else self._link.widget.answers
        found |= {self._sums.titles[int(i)]: _as_given(entry.get("answer")) for i, entry in told.items()}
        return {name: answer for name, answer in found.items() if not math.isnan(answer)}

    def line(self, answers: Mapping[str, Any] | None = None) -> str:
        """Return answers as one line of text, as the page's *Copy my answers* does. The default is `given`.

        Raises:
            ValueError: a name is not that of a blank.
        """
        self._refuse_unknown(answers or ())
        told = {name: f"{x:.15g}" for name, x in self.given.items()} | self._written if answers is None else answers
        return lines.write(self.seed, self._id, {name: str(answer) for name, answer in told.items()})

    @overload
    def grade(self, answers: Mapping[str, float] | None = None) -> Grade: ...
    @overload
    def grade(self, answers: Any) -> Any: ...
    def grade(self, answers: Any = None) -> Grade | Gradebook:
        """Grade answers. Each must be right to three significant digits, and a missing answer counts as wrong.

        Args:
            answers: the answers of one learner: ``{name: gradient}``, the line of text from *Copy my answers*, or a
                file with that line, such as the one from *Save*. Or the answers of a class: a folder of such files, a
                CSV file, or a DataFrame, Series, list or dict of such lines. The default is `given`.

        Returns:
            A `Grade` for one learner, or a `Gradebook` for a class. In a class, each line is graded with the numbers of
            its own seed. Hand-ins that cannot be graded are listed with the reason.

        Raises:
            ValueError: a name is not that of a blank, or a single line is damaged or belongs to another exercise or
                seed.
            TypeError: an answer is not a number.
            OSError: the file or folder cannot be read.
        """
        if answers is None:
            return self._marked(self.given)
        if isinstance(answers, Mapping) and not _is_class(answers):
            return self._marked(answers)
        if isinstance(answers, str) and not answers.strip():
            return self._marked({})
        return late("glassgrad.player.gradebook").grade_with(self, answers)  # type: ignore[no-any-return]

    def grade_line(self, found: lines.Line) -> Grade:
        """Grade a line of answers.

        Raises:
            ValueError: the line belongs to another exercise or seed.
        """
        self._check(found)
        return self._grade({name: self._mark_typed(name, found.answers.get(name, "")) for name in self._blanks})

    def solution(self) -> str:
        """Return the worked solution as text: the chain rule with its numbers for each blank, from the root back.

        Raises:
            ValueError: ``solution=False`` or ``check=False`` withholds it, or some gradients have no answer yet.

        Example:
            >>> import glassgrad as gg
            >>> x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
            >>> y = x * w
            >>> print(gg.quiz(y, blanks=["x"]).solution())
            values:
              x = 2
              w = −3
              y = −6
            gradients:
              ∂y/∂x = ∂y/∂y · ∂y/∂x
                = 1 · (−3)
                = −3
        """
        self._check_solution()
        sums = self._sums
        values = [
            f"  {sums.titles[i]} = {grading.shown(sums.value(i))}"
            for i, kind in enumerate(self.document["nodes"]["kind"])
            if kind != CONSTANT
        ]
        lang = self._lang
        solved = [grading.solution(sums, i) for i in self._blanks.values()]
        ways = ["  " + "\n    ".join(_said(line, lang) for line in lines) for lines in solved]
        heads = say(lang, "text.values"), say(lang, "text.gradients")
        return legible("\n".join([heads[0], *values, heads[1], *ways]))

    @property
    def graph(self) -> str:
        """The key of its graph, as in lines of answers."""
        return self._id.partition("-")[0]

    @property
    def _id(self) -> str:
        return str(self.document["exercise"]["id"])

    def _check_solution(self) -> None:
        if self.exercise.solution is False:
            raise ValueError(
                "the worked solution cannot be shown: this exercise was made with solution=False or check=False"
            )
        given = self.given
        missing = [name for name in self._blanks if name not in given]
        if self.exercise.solution == "answered" and missing:
            raise ValueError(
                f"the worked solution is shown once every gradient has an answer, got none for {', '.join(missing)}"
            )

    def _read(self, text: str) -> dict[str, str]:
        """Return the answers in a line, by the names of the blanks."""
        if not isinstance(text, str):
            raise TypeError(f"answers must be the line of text from *Copy my answers*, got {text!r:.60}")
        if not text.strip():
            return {}
        found = lines.read(text)
        self._check(found)
        return {name: answer for name, answer in found.answers.items() if name in self._blanks}

    def _check(self, found: lines.Line) -> None:
        mine = None if self.seed is None else str(self.seed)
        if f"{found.graph}-{found.numbers}" == self._id and found.seed == mine:
            return
        if found.graph != self.graph:
            raise ValueError("these answers belong to another exercise, which has a different graph")
        if found.seed != mine:
            raise ValueError(f"these answers have {_seed_text(found.seed)}, but this exercise has {_seed_text(mine)}")
        raise ValueError(
            f"these answers have {_seed_text(mine)} but other numbers: the exercise was changed later, or made by "
            "another version of glassgrad"
        )

    def _marked(self, answers: Mapping[str, Any]) -> Grade:
        self._refuse_unknown(answers)
        return self._grade({name: self._mark(name, answers.get(name)) for name in self._blanks})

    def _grade(self, marks: Mapping[str, Mark]) -> Grade:
        lang = self._lang
        return Grade({name: mark._replace(reason=_said(mark.reason, lang)) for name, mark in marks.items()}, lang)

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        unknown = [name for name in names if name not in self._blanks]
        if unknown:
            raise ValueError(f"a name must be one of the blanks {', '.join(self._blanks)}, got {unknown[0]!r}")

    def _mark_typed(self, name: str, text: str) -> Mark:
        if text == lines.SHOWN:
            return Mark(False, Message("text.shown"), "shown")
        if text and math.isnan(lines.number(text)):
            return Mark(False, Message("text.not_a_number", text=f"{printable(text)!r:.60}"), "empty")
        return self._mark(name, text)

    def _mark(self, name: str, answer: Any) -> Mark:
        if answer is None or answer == "":
            return grading.mark(self._sums, self._blanks[name], None)
        x = lines.number(answer) if isinstance(answer, str) else math.nan
        given = as_float(answer, f"the answer for {name!r}") if math.isnan(x) else x
        return grading.mark(self._sums, self._blanks[name], given)


@dataclass(frozen=True)
class Grade:
    """The marks of one learner.

    Attributes:
        marks: the mark of each blank by name, as ``(ok, reason, slip)``.
        lang: the language of the reasons.
    """

    marks: dict[str, Mark]
    lang: str = ENGLISH

    @property
    def right(self) -> int:
        """The number of right answers."""
        return sum(mark.ok for mark in self.marks.values())

    @property
    def score(self) -> float:
        """The share of right answers, from 0 to 1."""
        return self.right / len(self.marks) if self.marks else 1.0

    def __repr__(self) -> str:
        lines = [f"  {name}: {mark.reason}" for name, mark in self.marks.items()]
        score = say(self.lang, "score.right", right=self.right, all=len(self.marks))
        return legible("\n".join([score, *lines]))


def _said(text: str, lang: str) -> str:
    return text.in_language(lang) if isinstance(text, Message) else text


def _chosen(chosen: Iterable[Any], document: dict[str, Any], originals: list[Any]) -> list[int]:
    """Return the places of the nodes that the teacher chose as blanks."""
    kinds, root = document["nodes"]["kind"], document["root"]
    if isinstance(chosen, (str, Scalar)) or not isinstance(chosen, Iterable):
        raise TypeError(f"blanks must be a list of nodes or names, got {chosen!r:.60}")
    titles = titles_of(document)
    places = {id(getattr(node, "original", node)): i for i, node in enumerate(originals)}
    found = []
    for one in chosen:
        if isinstance(one, str):
            if one not in titles:
                raise ValueError(f"a blank must be one of {', '.join(titles)}, got {one!r}")
            i = titles.index(one)
        elif is_node(one) and id(one) in places:
            i = places[id(one)]
        else:
            raise ValueError(f"a blank must be a node of this graph or its name, got {one!r:.60}")
        if kinds[i] == CONSTANT or i == root:
            what = "the root, whose gradient is always 1" if i == root else "a constant, which has no gradient"
            raise ValueError(f"blank {titles[i]!r} is {what}: choose other nodes")
        found.append(i)
    return sorted(set(found))


def _as_given(answer: Any) -> float:
    return float(answer) if isinstance(answer, (int, float)) else math.nan


def _is_class(answers: Mapping[Any, Any]) -> bool:
    """Whether a mapping holds the lines of a class, and not the numbers of one learner."""
    return any(isinstance(x, Mapping) or (isinstance(x, str) and lines.holds_line(x)) for x in answers.values())


def _seed_text(seed: str | None) -> str:
    return "no seed" if seed is None else f"seed {seed!r}"
