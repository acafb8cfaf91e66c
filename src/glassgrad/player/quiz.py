"""`quiz`: an exercise on a graph. The learner finds its gradients, and each miss is explained."""

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
    """An exercise: find the gradients of the graph that computed ``root``.

    The exercise is on a copy: the graph stays as it is.

    Args:
        root: a `Scalar`, or a node of any class with ``.data``, ``.op`` and ``.prev`` (or ``._op`` and ``._prev``).
        seed: gives each student numbers of their own (a number or a name, the same each time); None: the graph's.
            Leaves then get small numbers that keep every operation in its domain; constants stay. Whole numbers from 0
            to 63 give exercises that differ from each other.
        blanks: whose gradients are to be found, as nodes or names. If not given, all but the root's and constants'; of
            more than 20, those that have a name. With a seed, gradients that are 0 or 1 whatever the numbers are shown.
        title: what the exercise is called.
        names: as in `play`.
        hide: ``"local"`` hides the local derivatives on the edges, too, until they are no longer needed.
        solution: whether the worked solution can be seen. True: at any time; ``"answered"``: once every gradient has
            an answer; False: never.
        check: whether the page checks answers, gives hints, and shows the solution. If False, it only takes answers:
            the rules that gradients are computed by are not in it. Grade them by `Quiz.grade`.
        answers: the line of text that the page's *Copy my answers* gives. The exercise then has these answers, also
            when the notebook is run again elsewhere.
        lang: the language of the exercise, "en", "de", "fr" or "es": of the page, the reasons of `Quiz.grade` and the
            worked solution. If not given, the page is in its reader's, and the rest in English.

    Returns:
        A `Quiz`, a `Player` that asks.

    Raises:
        TypeError: ``root`` is not a node, or an operation has no derivative.
        ValueError: a blank is no node of the graph; no numbers were found that stay in the domain; the line of answers
            is damaged, or of another exercise.

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
    if seed == "":
        raise ValueError('seed="": a name is not empty; None stands for no seed')
    if hide not in (None, "local"):
        raise ValueError(f'hide={hide!r:.60}: the gradients are always hidden; "local" hides local derivatives, too')
    if not isinstance(solution, bool) and solution != "answered":
        raise ValueError(f'solution={solution!r:.60}: needs True, False, or "answered"')
    if not isinstance(check, bool):
        raise TypeError(f"check={check!r:.60}: needs True or False")
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
    """A player with blanks: the learner finds the gradients of some nodes, and each miss is explained.

    Attributes:
        answers: dict from the name of each blank to its gradient, in the order of backpropagation.
        exercise: the graph before any seed, an `Exercise`.
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
        """What its numbers were drawn for."""
        seed: int | str | None = self.document["quiz"]["seed"]
        return seed

    @property
    def answers(self) -> dict[str, float]:
        return {name: self._sums.grad(i) for name, i in self._blanks.items()}

    @property
    def given(self) -> dict[str, float]:
        """What has been answered so far, by name: in the notebook's widget, or else by ``answers=``."""
        found = {name: lines.number(text) for name, text in self._written.items()}
        told = {} if self._link is None else self._link.widget.answers
        found |= {self._sums.titles[int(i)]: _as_given(entry.get("answer")) for i, entry in told.items()}
        return {name: answer for name, answer in found.items() if not math.isnan(answer)}

    def line(self, answers: Mapping[str, Any] | None = None) -> str:
        """The answers as one line of text, as the page's *Copy my answers* gives it; those `given` if left out.

        Raises:
            ValueError: a name is none of the blanks.
        """
        self._refuse_unknown(answers or ())
        told = {name: f"{x:.15g}" for name, x in self.given.items()} | self._written if answers is None else answers
        return lines.write(self.seed, self._id, {name: str(answer) for name, answer in told.items()})

    @overload
    def grade(self, answers: Mapping[str, float] | None = None) -> Grade: ...
    @overload
    def grade(self, answers: Any) -> Any: ...
    def grade(self, answers: Any = None) -> Grade | Gradebook:
        """Grade answers, each to three significant digits; a blank that is left out counts as a miss.

        Args:
            answers: ``{name: gradient}``; the line of text from *Copy my answers*; a file that has it, such as the one
                from *Save*. Or those of a class: a folder of such files; a DataFrame, a Series, a list or a dict with
                such lines, or a CSV file of them. Those that are `given` if left out.

        Returns:
            A `Grade` for one learner, a `Gradebook` for a class. In a class each line is graded with the numbers of its
            own seed, and what cannot be graded is named.

        Raises:
            ValueError: a name is none of the blanks, or a single line is damaged or of another exercise or seed.
            TypeError: an answer is no number.
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
        """Grade a line of answers that was read.

        Raises:
            ValueError: it is of another exercise or seed.
        """
        self._check(found)
        return self._grade({name: self._mark_typed(name, found.answers.get(name, "")) for name in self._blanks})

    def solution(self) -> str:
        """The worked solution, as text: from the root back, the chain rule with its numbers for each blank.

        Raises:
            ValueError: it is withheld by ``solution=False``, or until every gradient has an answer.
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
        """Which graph it is about, as lines of answers say it."""
        return self._id.partition("-")[0]

    @property
    def _id(self) -> str:
        return str(self.document["exercise"]["id"])

    def _check_solution(self) -> None:
        if self.exercise.solution is False:
            raise ValueError(
                "the worked solution is withheld: this exercise was made with solution=False or check=False"
            )
        given = self.given
        missing = [name for name in self._blanks if name not in given]
        if self.exercise.solution == "answered" and missing:
            raise ValueError(
                f"the worked solution is shown once every gradient has an answer: missing are {', '.join(missing)}"
            )

    def _read(self, text: str) -> dict[str, str]:
        """The answers in a line, by blank."""
        if not isinstance(text, str):
            raise TypeError(f"answers={text!r:.60}: needs the line of text that *Copy my answers* gives")
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
            raise ValueError("these answers are of another exercise: its graph is another")
        if found.seed != mine:
            raise ValueError(f"these answers are of {_seed_text(found.seed)}, and this exercise has {_seed_text(mine)}")
        raise ValueError(
            f"these answers are of {_seed_text(mine)}, but of other numbers: the exercise was changed since, "
            "or made by another version of glassgrad"
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
            raise ValueError(f"no gradient of {unknown[0]!r} is asked for: the blanks are {', '.join(self._blanks)}")

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
    """What became of the answers: ``marks`` by name, each ``(ok, reason, slip)`` with its reason in ``lang``."""

    marks: dict[str, Mark]
    lang: str = ENGLISH

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
        score = say(self.lang, "score.right", right=self.right, all=len(self.marks))
        return legible("\n".join([score, *lines]))


def _said(text: str, lang: str) -> str:
    return text.in_language(lang) if isinstance(text, Message) else text


def _chosen(chosen: Iterable[Any], document: dict[str, Any], originals: list[Any]) -> list[int]:
    """The places of the nodes whose gradients the teacher asks for."""
    kinds, root = document["nodes"]["kind"], document["root"]
    if isinstance(chosen, (str, Scalar)) or not isinstance(chosen, Iterable):
        raise TypeError(f"blanks={chosen!r:.60}: needs a list of nodes or names")
    titles = titles_of(document)
    places = {id(getattr(node, "original", node)): i for i, node in enumerate(originals)}
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


def _as_given(answer: Any) -> float:
    return float(answer) if isinstance(answer, (int, float)) else math.nan


def _is_class(answers: Mapping[Any, Any]) -> bool:
    """Whether a mapping has the lines of a class, by learner, and not the numbers of one."""
    return any(isinstance(x, Mapping) or (isinstance(x, str) and lines.holds_line(x)) for x in answers.values())


def _seed_text(seed: str | None) -> str:
    return "no seed" if seed is None else f"seed {seed!r}"
