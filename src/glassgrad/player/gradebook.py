"""`grade`: grades the answers of a class, as a table with the reason for each wrong answer.

`handins` finds the lines of answers. Each line is graded with the numbers of its own seed. If a hand-in cannot be
graded, its row in the table says why, and the others are graded all the same.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassgrad.draw.files import write_whole
from glassgrad.draw.metrics import printable
from glassgrad.player.exercise import Exercise, Unreadable, documents_in, key_of, numbers_key
from glassgrad.player.handins import GRADES, Collected, HandIn, collect, decoded
from glassgrad.player.line import Line
from glassgrad.player.quiz import Grade, Quiz
from glassgrad.support.legible import legible

if TYPE_CHECKING:
    from glassgrad.player.grading import Mark

__all__ = ["Entry", "Gradebook", "grade", "grade_with"]

WIDEST = 32  # Longer names are cut to this many characters in the table.
FREQUENT = 10  # The table lists at most this many frequent mistakes.

NO_EXERCISE = (
    "there is no exercise to grade by: put a page of it, which gg.quiz(...).save(...) writes, into the folder, "
    "or name a page, as in: glassgrad grade FOLDER --quiz page.html"
)


def grade(exercise: Any, answers: Any = None) -> Grade | Gradebook:
    """Grade the answers to an exercise.

    Args:
        exercise: a `Quiz`, or the path of a page that it saved, or a list of such paths. None means that the pages lie
            beside the answers, or that the page's *Save* button saved the answers.
        answers: the answers, as for `Quiz.grade`: a line of text, a file, a folder, a DataFrame, and so on. With a
            single argument, as in ``gg.grade(folder)``, that argument is the answers.

    Returns:
        A `Grade` for one learner, or a `Gradebook` for a class.

    Raises:
        TypeError: ``exercise`` is something else. The other errors are those of `Quiz.grade`.
        ValueError: there is no exercise to grade by.

    Example:
        >>> import glassgrad as gg
        >>> x, w = gg.Scalar(2.0, label="x"), gg.Scalar(-3.0, label="w")
        >>> exercise = gg.quiz(x * w)
        >>> gg.grade(exercise, {"ann": exercise.line({"x": -3, "w": 2}), "bob": exercise.line({"x": "-6/2", "w": -3})})
        name  seed  right  score
        ann   -     2/2     100%
        bob   -     1/2      50%
        <BLANKLINE>
        bob
          w = -3: multiplied by w itself: the derivative of a product is the other factor
    """
    if isinstance(exercise, Quiz):
        found: Grade | Gradebook = exercise.grade(answers)
        return found
    if isinstance(answers, Quiz):
        raise TypeError("the exercise must come first: gg.grade(exercise, answers)")
    if answers is None:
        exercise, answers = None, exercise
    elif not isinstance(exercise, (str, os.PathLike, list, tuple, type(None))):
        raise TypeError(
            f"exercise must be a quiz from gg.quiz, or a path of a page that it saved, got {exercise!r:.60}"
        )
    collected = collect(answers)
    pages = [] if exercise is None else [exercise] if isinstance(exercise, (str, os.PathLike)) else list(exercise)
    key = _key_of(map(Path, pages), collected)
    return _outcome(answers, _all(collected, key.named), key)


def grade_files(answers: Path, pages: Iterable[Path]) -> Gradebook:
    """Grade the answers in a folder or file by the exercises in ``pages``, or by those beside the answers.

    Raises:
        ValueError: there are no files in the folder, or there is no exercise.
        OSError: a page or the folder cannot be read.
    """
    collected = collect(answers)
    key = _key_of(pages, collected)
    handins = _all(collected, key.named)
    if not handins:
        raise ValueError(f"nothing was handed in: there are no answers in {str(answers)!r}")
    if not key.graphs:
        raise ValueError(NO_EXERCISE)
    return Gradebook(_noted([_entry(one, key) for one in handins]))


def _all(collected: Collected, named: bool) -> list[HandIn]:
    """Return all hand-ins. If the exercise is ``named``, a page of it in the folder was handed in by mistake."""
    told = "this is the page of the exercise, without answers: hand in the line from *Copy my answers* or *Save*"
    return collected.handins + [HandIn(name, problem=told) for name in collected.page_names if named]


def _key_of(pages: Iterable[Path], collected: Collected) -> _Key:
    """Return the exercises to grade by: the pages that are named, or those beside the answers, or those saved most."""
    key = _Key()
    for page in pages:
        key.add_page(page)
        key.named = True
    if not key.graphs:
        for document in collected.pages or _by_frequency(collected.saved):
            with contextlib.suppress(
                Unreadable
            ):  # a learner's broken file; its line gets a note if no other exercise fits
                key.add(document)
    return key


def _by_frequency(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the exercises in saved files, with the most frequent first, because a single one may be changed."""

    def shape(document: dict[str, Any]) -> str:
        columns = document["nodes"]
        return repr([columns.get("kind"), columns.get("args"), document.get("ops"), document["quiz"].get("blanks")])

    counts = Counter(map(shape, documents))
    return sorted(documents, key=lambda document: -counts[shape(document)])


def grade_with(exercise: Quiz, answers: Any) -> Grade | Gradebook:
    """Grade answers by the exercise ``exercise``. `Quiz.grade` lists the possible kinds of answers."""
    if isinstance(answers, Mapping) and any(isinstance(one, Mapping) for one in answers.values()):
        grades = {str(name): exercise.grade(one) for name, one in answers.items()}
        seed = None if exercise.seed is None else str(exercise.seed)
        return Gradebook([Entry(name, seed, one) for name, one in grades.items()])
    return _outcome(answers, _all(collect(answers), named=True), _Key(exercise))


def _outcome(answers: Any, handins: list[HandIn], key: _Key) -> Grade | Gradebook:
    single = isinstance(answers, (str, os.PathLike)) and len(handins) == 1 and not os.path.isdir(answers)
    if not single:
        return Gradebook(_noted([_entry(one, key) for one in handins]))
    (one,) = handins
    if one.line is None:
        raise ValueError(f"{one.name}: {one.problem}" if one.name != "answers" else one.problem)
    mine = key.quiz  # without a seed it is the teacher's, and grades answers of every seed
    quiz = key.quiz_for(one.line) if mine is None or (mine.seed is None and one.line.seed is not None) else mine
    return quiz.grade_line(one.line)


@dataclass(frozen=True)
class Entry:
    """A row of a gradebook.

    Attributes:
        name: the name of the learner, or of the file.
        seed: the seed of the numbers, or None for the graph's own numbers.
        grade: the `Grade`, or None if there is nothing to grade.
        note: a note to the teacher, such as the reason why there is no grade, or ``""``.
        answers: the typed answers, by the names of the blanks.
    """

    name: str
    seed: str | None
    grade: Grade | None = None
    note: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    def misses(self) -> list[tuple[str, str, Mark]]:
        """Return the name, the typed answer and the mark of each blank that is not right."""
        marks = {} if self.grade is None else self.grade.marks
        return [(name, self.answers.get(name, ""), mark) for name, mark in marks.items() if not mark.ok]


@dataclass(frozen=True)
class Gradebook:
    """The grades of a class. It prints as a table, with the reasons for wrong answers below.

    Attributes:
        entries: an `Entry` for each hand-in, in the order in which they were found.
    """

    entries: list[Entry]

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, name: str) -> Entry:
        """Return the entry of a learner."""
        for one in self.entries:
            if one.name == name:
                return one
        raise KeyError(f"no learner is called {name!r}; the names are {', '.join(one.name for one in self.entries)}")

    @property
    def scores(self) -> dict[str, float]:
        """The share of right answers, from 0 to 1, by name. It is 0 if there was nothing to grade."""
        return {one.name: 0.0 if one.grade is None else one.grade.score for one in self.entries}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dicts for ``pandas.DataFrame``, with name, seed, right, of, score, note and misses."""
        return [
            {
                "name": one.name,
                "seed": one.seed or "",
                "right": None if one.grade is None else one.grade.right,
                "of": None if one.grade is None else len(one.grade.marks),
                "score": None if one.grade is None else round(one.grade.score, 4),
                "note": one.note,
                "misses": "; ".join(_miss(*miss) for miss in one.misses()),
            }
            for one in self.entries
        ]

    def csv(self) -> str:
        """Return the table as CSV. An apostrophe keeps spreadsheets from running a text as a formula."""
        target = io.StringIO(newline="")
        writer = csv.DictWriter(target, GRADES)
        writer.writeheader()
        writer.writerows({key: _plain(cell) for key, cell in row.items()} for row in self.rows)
        return target.getvalue()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the table as a CSV file and return its path. It is UTF-8 with a byte order mark, for spreadsheets.

        Raises:
            ValueError: the name does not end in .csv.
            OSError: the file cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".csv":
            raise ValueError(f"the file name of grades must end in .csv, got {path.name!r}")
        write_whole(path, self.csv().encode("utf-8-sig"))
        return path

    def frequent(self) -> list[tuple[str, str, int]]:
        """Return mistakes of several learners, most frequent first, as the blank, the reason and the count."""
        counts = Counter((name, mark.reason) for one in self.entries for name, _, mark in one.misses())
        return [(name, reason, count) for (name, reason), count in counts.most_common(FREQUENT) if count > 1]

    def table(self) -> str:
        """Return the table without the reasons."""
        heads = ("name", "seed", "right", "score", "note")
        rows = [heads, *(_cells(one) for one in self.entries)]
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        lines = []
        for name, seed, right, score, note in rows:
            told = note if rows[0][4] != note or any(row[4] for row in rows[1:]) else ""
            start = f"{name:{widths[0]}}  {seed:{widths[1]}}  {right:{widths[2]}}  {score:>5}"
            lines.append(f"{start}  {told}".rstrip())
        return legible("\n".join(lines))

    def __str__(self) -> str:
        parts = [self.table()]
        for one in self.entries:
            misses = [f"  {_miss(*miss)}" for miss in one.misses()]
            if misses:
                parts.append("\n".join([printable(one.name), *misses]))
        frequent = [f"  {count} x {printable(name)}: {reason}" for name, reason, count in self.frequent()]
        if frequent:
            parts.append("\n".join(["most frequent", *frequent]))
        return legible("\n\n".join(parts))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = []
        for one in self.entries:
            misses = "<br>".join(escape(_miss(*miss)) for miss in one.misses())
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in _cells(one))
            rows.append(f"<tr>{cells}<td style='text-align:left'>{misses}</td></tr>")
        heads = "".join(f"<th>{head}</th>" for head in ("name", "seed", "right", "score", "note", "misses"))
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


class _Key:
    """The exercises by which hand-ins are graded."""

    def __init__(self, quiz: Quiz | None = None) -> None:
        self.quiz = quiz
        self.named = (
            quiz is not None
        )  # whether the caller named the exercise; otherwise it was found beside the answers
        self.made: dict[tuple[str, str, str | None], Quiz] = {}
        self.graphs: dict[str, Exercise] = {}
        if quiz is not None:
            self.graphs[quiz.graph] = quiz.exercise

    def add(self, document: Mapping[str, Any]) -> None:
        """Add the exercise of a document.

        Raises:
            Unreadable: the exercise is broken.
        """
        exercise = Exercise.read(document)
        if document["quiz"]["seed"] is None:
            try:
                drawn = exercise.draw(None)
            except (ValueError, ArithmeticError) as error:
                raise Unreadable(f"the exercise in it cannot be graded: {error}") from None
            self.made[(key_of(document), numbers_key(document), None)] = Quiz(exercise, drawn)
        self.graphs.setdefault(exercise.key, exercise)

    def add_page(self, path: Path) -> None:
        """Add the exercises in a page.

        Raises:
            ValueError: the page has no exercise.
            OSError: the page cannot be read.
        """
        documents = documents_in(decoded(path.read_bytes()) or "")
        if not documents:
            raise ValueError(f"{path.name} has no exercise: name a page that gg.quiz(...).save(...) wrote")
        for document in documents:
            self.add(document)

    def quiz_for(self, found: Line) -> Quiz:
        """Return the exercise of a line of answers, with the numbers of its seed.

        Raises:
            ValueError: the line belongs to another exercise.
        """
        if not self.graphs:
            raise ValueError(NO_EXERCISE)
        if found.graph not in self.graphs:
            raise ValueError("these answers belong to another exercise, which has a different graph")
        place = (found.graph, found.numbers, found.seed)
        if place not in self.made:
            exercise = self.graphs[found.graph]
            self.made[place] = Quiz(exercise, exercise.draw(found.seed))
        return self.made[place]

    def note(self, found: Line) -> str:
        """Return a note for the teacher if a line has another seed than the exercise that grades it."""
        seed = None if self.quiz is None else self.quiz.seed
        if seed is None or str(seed) == found.seed:
            return ""
        mine = "no seed" if found.seed is None else f"seed {found.seed!r}"
        return f"{mine}, and graded with its numbers (the exercise has seed {seed!r})"


def _entry(handin: HandIn, key: _Key) -> Entry:
    found = handin.line
    if found is None:
        return Entry(handin.name, None, None, handin.problem)
    try:
        quiz = key.quiz_for(found)
        mark = quiz.grade_line(found)
    except (ValueError, ArithmeticError) as error:
        return Entry(handin.name, found.seed, None, str(error), found.answers)
    unknown = [name for name in found.answers if name not in mark.marks]
    extra = f"not asked for: {', '.join(unknown)}" if unknown else ""
    note = "; ".join(filter(None, (handin.note, key.note(found), extra)))
    return Entry(handin.name, found.seed, mark, note, found.answers)


def _noted(entries: list[Entry]) -> list[Entry]:
    """Return the entries with a note if two learners have the same seed or the same answers."""
    by_seed: dict[str, list[Entry]] = {}
    for one in entries:
        if one.seed is not None and one.grade is not None:
            by_seed.setdefault(one.seed, []).append(one)
    noted = []
    for one in entries:
        others = [] if one.seed is None else [other for other in by_seed.get(one.seed, ()) if other is not one]
        note = one.note
        if others and one.grade is not None:
            same = [other.name for other in others if other.answers == one.answers]
            told = f"a duplicate of {_listed(same)}" if same else f"same seed as {_listed([x.name for x in others])}"
            note = "; ".join(filter(None, (note, told)))
        noted.append(Entry(one.name, one.seed, one.grade, note, one.answers))
    return noted


def _listed(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _cells(one: Entry) -> tuple[str, str, str, str, str]:
    grade = one.grade
    right = "-" if grade is None else f"{grade.right}/{len(grade.marks)}"
    score = "-" if grade is None else f"{100 * grade.score:.0f}%"
    return _short(one.name), _short(one.seed or "-"), right, score, printable(one.note)


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _miss(name: str, typed: str, mark: Mark) -> str:
    equals = f" = {printable(typed)}" if typed and typed != "shown" else ""
    return f"{printable(name)}{equals}: {mark.reason}"


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
