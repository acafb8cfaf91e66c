"""Grading a class: what is handed in is found wherever it is, and what cannot be graded is named."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from types import SimpleNamespace

import pytest

import glassgrad as gg
from glassgrad import cli


def root():
    a, b, c = (gg.Scalar(x, label=name) for name, x in (("a", 2.0), ("b", -3.0), ("c", 1.0)))
    return ((a * b + c) * a).tanh()


@pytest.fixture(scope="module")
def exercise():
    return gg.quiz(root(), blanks=["a", "b", "c"])


def handed_in(seed, wrong=(), blanks=("a", "b", "c")):
    """The line of a learner who has the sign wrong in some answers."""
    quiz = gg.quiz(root(), seed=seed, blanks=["a", "b", "c"])
    answers = {name: -x if name in wrong else x for name, x in quiz.answers.items() if name in blanks}
    return quiz.line({name: f"{x:.4g}" for name, x in answers.items()})


@pytest.fixture
def folder(tmp_path):
    """Thirty files, of which every third has a slip."""
    for k in range(30):
        (tmp_path / f"student {k:02}.txt").write_text(handed_in(k, "a" if k % 3 == 0 else ""), encoding="utf-8")
    return tmp_path


def test_a_class_of_thirty(exercise, folder):
    book = exercise.grade(folder)
    assert len(book) == 30
    assert list(book.scores.values()) == [pytest.approx(2 / 3), 1.0, 1.0] * 10
    assert book["student 03"].grade.marks["a"].reason == "the sign is flipped"
    assert book.frequent() == [("a", "the sign is flipped", 10)]
    text = str(book)
    assert re.search(r"^student 03 +3 +2/3 +67%$", text, re.MULTILINE)
    assert re.search(r"^student 03\n  a = -?[\d.]+: the sign is flipped$", text, re.MULTILINE)
    assert "10 x a: the sign is flipped" in text
    assert max(map(len, text.splitlines())) < 100


def spoilt(folder):
    """What learners hand in besides: `{name: what is said of it}`."""
    line = handed_in(40)
    utf16 = handed_in(41).encode("utf-16")
    files = {
        "damaged.txt": (line.replace("~", "~1", 1).encode(), "its checksum is wrong"),
        "cut.txt": (line[:45].encode(), "cut off"),
        "empty.txt": (b"", "it is empty"),
        "blank.txt": (b"\r\n \r\n", "it is empty"),
        "note.txt": (b"I was ill.", "it has no line of answers"),
        "essay.docx": (b"PK\x03\x04\x00\x00\x00" * 50, "not a text file"),
        "page.html": (gg.quiz(root(), seed=50).html().encode(), "this is the page of the exercise, without answers"),
        "grades.csv": (b"name,seed,right,of,score,note,misses\nann,1,2,3,0.67,,\n", None),
        "photo.png": (bytes(range(256)) * 20, "not a text file"),
        "foreign.txt": (gg.quiz(gg.Scalar(2.0, label="x") ** 2, seed=1).line({"x": 4}).encode(), "another exercise"),
        "notepad.txt": (utf16, ""),
        "notepad-without-mark.txt": (handed_in(42).encode("utf-16-le"), ""),
        "bom.txt": (b"\xef\xbb\xbf" + handed_in(43).encode() + b"\r\n", ""),
        "mail.txt": (f"Hi,\r\n> {line[:30]}\r\n> {line[30:]}\r\n-- \r\nJörg".encode("cp1252"), ""),
        "copy.txt": (line.encode(), "a duplicate of mail"),
        "twice.txt": (f"{handed_in(44)}\n{handed_in(44, 'a')}".encode(), "2 lines of answers: the last one is graded"),
        "sub folder/Ann Lee/answers.txt": (handed_in(45).encode(), ""),
        "moodle/onlinetext.html": (f"<p>My answers:<br>{handed_in(46)}</p>".encode(), ""),
        ".DS_Store": (b"\x00\x01", None),
        "__MACOSX/ann.txt": (b"", None),
    }
    for name, (data, _) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {name: said for name, (_, said) in files.items()}


def test_what_cannot_be_graded_is_named_and_the_rest_is_graded(exercise, folder):
    files = spoilt(folder)
    book = exercise.grade(folder)
    named = {name.rpartition(".")[0]: said for name, said in files.items() if said is not None}
    assert len(book) == 30 + len(named)
    for name, said in named.items():
        assert said in book[name].note, name
    graded = {"notepad", "notepad-without-mark", "bom", "mail", "copy", "sub folder/Ann Lee/answers"}
    graded |= {"moodle/onlinetext"}
    for name in graded:
        assert book[name].grade is not None, name
        assert book[name].grade.score == 1.0, name
    assert book["twice"].grade.right == 2
    assert sum(one.grade is not None for one in book.entries) == 30 + len(graded) + 1
    assert book.scores["essay"] == 0.0


def test_a_file_that_cannot_be_read_is_named(exercise, tmp_path, monkeypatch):
    (tmp_path / "ann.txt").write_text(handed_in(1))
    (tmp_path / "bob.txt").symlink_to(tmp_path / "nowhere.txt")
    book = exercise.grade(tmp_path)
    assert book["ann"].grade.score == 1.0
    assert "cannot be read" in book["bob"].note


def test_another_seed_is_named_and_graded_by_its_own_numbers(folder):
    mine = gg.quiz(root(), seed=3, blanks=["a", "b", "c"])
    book = mine.grade(folder)
    assert book["student 03"].note == ""
    assert "seed '4', and graded with its numbers (the exercise has seed 3)" in book["student 04"].note
    assert book["student 04"].grade.score == 1.0


def test_two_learners_of_one_seed_are_named(exercise):
    book = exercise.grade({"ann": handed_in(1), "bob": handed_in(1, "b"), "eve": handed_in(2)})
    assert book["ann"].note == "same seed as bob"
    assert book["bob"].note == "same seed as ann"
    assert book["eve"].note == ""


class Frame:
    """What of a DataFrame is needed, as pandas and polars have it."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name):
        return self._columns[name]


def test_a_table_in_every_form(exercise):
    lines = {"ann": handed_in(1), "bob": handed_in(2, "ab"), "eve": "", "zoe": "I forgot"}
    names, cells = list(lines), list(lines.values())
    expected = {"ann": 1.0, "bob": pytest.approx(1 / 3), "eve": 0.0, "zoe": 0.0}
    series = SimpleNamespace(items=lines.items, index=names)
    table = {"id": [7, 8, 9, 10], "Name": names, "what was handed in": [*cells[:2], None, cells[3]]}
    rows = [{"student": name, "text": cell} for name, cell in lines.items()]
    for source in (lines, series, Frame(table), rows):
        book = exercise.grade(source)
        assert book.scores == expected, source
        assert book["eve"].note == "it is empty"
        assert "it has no line of answers" in book["zoe"].note
    assert exercise.grade([3])["row 1"].note == "it is not text: 3"
    assert list(exercise.grade(cells).scores) == ["row 1", "row 2", "row 3", "row 4"]
    assert exercise.grade(f"{cells[0]}\n{cells[1]}").scores == {"1": 1.0, "2": pytest.approx(1 / 3)}
    numbers = {"ann": exercise.answers, "bob": {"a": 0.0}}
    assert exercise.grade(numbers).scores == {"ann": 1.0, "bob": 0.0}


def test_data_frames_of_pandas(exercise):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"name": ["ann", "bob"], "answers": [handed_in(1), float("nan")]})
    assert exercise.grade(frame).scores == {"ann": 1.0, "bob": 0.0}
    assert exercise.grade(frame.set_index("name")["answers"]).scores == {"ann": 1.0, "bob": 0.0}
    assert exercise.grade(frame.set_index("name")).scores == {"ann": 1.0, "bob": 0.0}
    assert list(pandas.DataFrame(exercise.grade(frame).rows)["right"].fillna(0)) == [3, 0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_is_a_class(exercise, tmp_path, delimiter):
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerows([["Time", "First name", "Last name", "Answers"], ["9:00", "Ann", "Lee", handed_in(1)]])
    writer.writerow(["9:01", "Bob", "Ray", handed_in(2, "c")])
    path = tmp_path / "form.csv"
    path.write_bytes(target.getvalue().encode("utf-8-sig"))
    assert exercise.grade(path).scores == {"Ann Lee": 1.0, "Bob Ray": pytest.approx(2 / 3)}


def test_one_line_or_one_file_is_one_grade(tmp_path):
    quiz = gg.quiz(root(), seed=1, blanks=["a", "b", "c"])
    line = handed_in(1, "b")
    path = tmp_path / "ann.txt"
    path.write_text(line)
    for answers in (line, path, str(path), f"> {line[:20]}\n> {line[20:]}"):
        grade = quiz.grade(answers)
        assert grade.right == 2
        assert grade.marks["b"].slip == "sign"
    assert gg.grade(quiz, line).right == 2
    assert gg.quiz(root(), blanks=["a", "b", "c"]).grade(line).right == 2  # the teacher's, without a seed
    for bad, said in (
        (handed_in(2), "these answers have seed '2', but this exercise has seed '1'"),
        (line[:-2], "cut off"),
        (line.replace("~", "~1"), "checksum"),
        (gg.quiz(gg.Scalar(2.0) ** 2).line({}), "another exercise"),
    ):
        with pytest.raises(ValueError, match=said):
            quiz.grade(bad)
    with pytest.raises(FileNotFoundError, match="neither a line of answers"):
        quiz.grade("nobody.txt")
    with pytest.raises(TypeError, match="answers must be a line of text"):
        quiz.grade(3)
    with pytest.raises(TypeError, match="the exercise must come first"):
        gg.grade(line, quiz)
    with pytest.raises(TypeError, match="or a path of a page"):
        gg.grade(root(), line)
    with pytest.raises(ValueError, match="a name must be one of the blanks c, b, a, got 'q'"):
        quiz.line({"q": 1})
    (tmp_path / "two.html").write_text("nothing")
    with pytest.raises(ValueError, match=r"two\.html has no exercise"):
        gg.grade(tmp_path / "two.html", line)


def test_names_of_any_kind_survive(tmp_path):
    x, w = gg.Scalar(2.0, label="x ~;:\n"), gg.Scalar(-3.0, label="ŵ'\"")
    quiz = gg.quiz(x * w, seed='a "b": ~\n')
    line = quiz.line(quiz.answers)
    assert set(line) <= set(map(chr, range(33, 127))) - {'"'}
    assert quiz.grade(line).score == 1.0


def test_an_answer_in_a_line_may_be_anything(exercise):
    grade = exercise.grade(exercise.line({"a": "1/3", "b": "shown", "c": "half"}))
    assert [grade.marks[name].slip for name in "bc"] == ["shown", "empty"]
    assert grade.marks["c"].reason == "'half' is not a number"
    assert exercise.grade({"a": f"{exercise.answers['a'] * 2}/2".replace(".", ",")}).marks["a"].ok


def test_a_table_is_no_formula_for_a_spreadsheet(exercise, tmp_path):
    book = exercise.grade({'=cmd("x")': handed_in("+1"), "ann": handed_in(2, "a")})
    path = book.save(tmp_path / "grades.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row["name"] for row in rows] == ['\'=cmd("x")', "ann"]
    assert rows[0]["seed"] == "'+1"
    assert (rows[1]["right"], rows[1]["of"]) == ("2", "3")
    assert rows[1]["misses"].endswith("the sign is flipped")
    with pytest.raises(ValueError, match=r"must end in \.csv"):
        book.save(tmp_path / "grades.xlsx")
    with pytest.raises(KeyError, match="no learner is called"):
        book["eve"]


def test_it_shows_itself_in_a_notebook(exercise):
    html = exercise.grade({"<b>": handed_in(2, "a")})._repr_html_()
    assert "&lt;b&gt;" in html
    assert "the sign is flipped" in html


# Without the exercise at hand: its page is enough


def test_a_page_of_any_seed_grades_the_class(folder, tmp_path_factory):
    page = gg.quiz(root(), seed="the teacher's", blanks=["a", "b", "c"]).save(tmp_path_factory.mktemp("p") / "t.html")
    assert list(gg.grade(page, folder).scores.values()) == [pytest.approx(2 / 3), 1.0, 1.0] * 10
    with pytest.raises(ValueError, match="no exercise to grade by"):
        gg.grade(None, handed_in(1))


def test_operations_and_constants_come_back_from_a_page(tmp_path):
    x, w = gg.Scalar(0.5, label="x"), gg.Scalar(2.5, label="w")
    y = gg.where(x > 0.1, gg.log(w * 3.0 + 1.0), gg.sqrt(w)) + gg.maximum(x, w) ** 2 - gg.sigmoid(-x) / 7
    teacher = gg.quiz(y, seed=1)
    page = teacher.save(tmp_path / "page.html")
    for seed in (2, "ann"):
        quiz = gg.quiz(y, seed=seed)
        assert gg.grade(page, quiz.line(quiz.answers)).score == 1.0
    own = gg.quiz(y)
    own.save(page)
    assert gg.grade(page, own.line(own.answers)).score == 1.0


def test_an_operation_of_ones_own_is_graded_where_it_is(tmp_path):
    @gg.primitive(partials=lambda y, x: 3 * x**2)
    def cube(x):
        return x**3

    y = cube(gg.Scalar(2.0, label="x")) * 2
    quiz = gg.quiz(y)
    line = quiz.line({"x": 24})
    assert quiz.grade(line).marks["x"].ok
    with pytest.raises(ValueError, match="the operation 'cube', which only your own Python code knows"):
        gg.grade(quiz.save(tmp_path / "page.html"), line)


class Value:
    """A node as in a learner's homework."""

    def __init__(self, data, prev=(), op="", label=""):
        self.data, self.grad, self._prev, self._op, self.label = data, 0.0, prev, op, label


HOMEWORK = {  # an operation as homework names it: on which operands, with which value
    "**3": ([1.5], 3.375),
    "sigmoid": ([0.0], 0.5),
    "softplus": ([0.0], math.log(2)),
    "1/x": ([4.0], 0.25),
    "x*3": ([2.0], 6.0),
    "leaky_relu": ([-2.0], -0.02),
    "sum": ([1.0, 2.0, 4.0], 7.0),
    "mean": ([1.0, 2.0, 6.0], 3.0),
    "prod": ([2.0, 3.0, 4.0], 24.0),
    "relu": ([2.0], 2.0),
}


@pytest.mark.parametrize("op", HOMEWORK)
@pytest.mark.parametrize("check", [True, False])
def test_operations_of_other_classes_are_graded_by_a_page(op, check, tmp_path):
    numbers, y = HOMEWORK[op]
    leaves = [Value(x, label=f"x{i}") for i, x in enumerate(numbers)]
    root = Value(2 * y, (Value(2.0, label="w"), Value(y, tuple(leaves), op)), "*")
    page = gg.quiz(root, seed=1, check=check).save(tmp_path / "page.html")
    for seed in (2, 3):
        quiz = gg.quiz(root, seed=seed)
        assert gg.grade(page, quiz.line(quiz.answers)).score == 1.0


@pytest.mark.parametrize(
    "tape",
    [
        {"arity": 1, "constants": [4.0], "code": [["pow", 1, 2]], "out": 3, "more": 1},
        {"arity": 1, "constants": [3.0], "code": [["floordiv", 1, 2]], "out": 3},
        {"arity": 1, "constants": [3.0], "code": [["pow", 1, 1]], "out": 3},
        {"arity": 2, "constants": [], "code": [["add", 1, 2]], "out": 3},
        {"arity": 10**12, "constants": [], "code": [["add", 1, 2]], "out": 3},
        {"arity": 1, "constants": [], "code": [], "out": 1},
        {"arity": 1, "constants": ["x"], "code": [["pow", 1, 2]], "out": 3},
        3,
    ],
)
def test_a_tape_that_is_no_operation_is_refused(tape, tmp_path):
    x = Value(1.5, label="x")
    quiz = gg.quiz(Value(3.375, (x,), "**3"))
    document = json.loads(json.dumps(quiz.document))
    document["ops"][0].update(tape=tape)
    (tmp_path / "page.html").write_text(json.dumps(document, separators=(",", ":")))
    with pytest.raises(ValueError, match=r"the exercise in it|another exercise"):
        gg.grade(tmp_path / "page.html", quiz.line({"x": 6.75}))


@pytest.mark.parametrize(
    "broken",
    [
        lambda d: d["nodes"].pop("op"),
        lambda d: d["nodes"]["args"].append(99) or d["nodes"]["start"].__setitem__(-1, 99),
        lambda d: d.update(version=99),
        lambda d: d["ops"][0].update(name="__import__"),
        lambda d: d["exercise"].clear(),
        lambda d: d["nodes"]["value"].__setitem__(0, "x"),
        lambda d: d["quiz"].update(blanks=[10**9]) or d["exercise"].update(usual=False),
        lambda d: d["nodes"]["op"].pop(),
        lambda d: d["quiz"].pop("seed"),
        lambda d: d["quiz"].update(seed=[]),
    ],
)
def test_a_page_that_somebody_has_changed_is_refused(tmp_path, broken):
    quiz = gg.quiz(root(), seed=1)
    document = json.loads(json.dumps(quiz.document))
    broken(document)
    page = tmp_path / "page.html"
    page.write_text(f"<script>{json.dumps(document, separators=(',', ':'))}</script>")
    with pytest.raises(ValueError, match=r"has no exercise|cannot be read|another version|only your own Python"):
        gg.grade(page, quiz.line({}))


def saved(exercise, answers, **changes):
    """What the button *Save* writes."""
    document = json.loads(json.dumps(exercise.document))
    for name, change in changes.items():
        document[name].update(change)
    return f"{exercise.line(answers)}\n\n{json.dumps(document, separators=(',', ':'))}\n"


def test_saved_files_bring_their_exercise(tmp_path):
    for k in range(4):
        quiz = gg.quiz(root(), seed=k, blanks=["a", "b", "c"])
        fewer = {"quiz": {"blanks": [0]}} if k == 0 else {}  # a clever learner
        (tmp_path / f"{k}.txt").write_text(saved(quiz, {"a": quiz.answers["a"]}, **fewer))
    book = gg.grade(tmp_path)
    assert [len(one.grade.marks) for one in book.entries] == [3, 3, 3, 3]
    (tmp_path / "5.txt").write_text(saved(quiz, quiz.answers, nodes={"op": "?"}))
    assert gg.grade(tmp_path)["5"].grade.score == 1.0


# The command


@pytest.mark.parametrize("change", [{"quiz": {"seed": []}}, {"nodes": {"op": []}}, {"nodes": {"label": [0]}}])
def test_a_broken_exercise_in_a_saved_file_stops_nobody(change, tmp_path):
    for name, changes in (("ann", change), ("bob", {})):
        quiz = gg.quiz(root())
        (tmp_path / f"{name}.txt").write_text(saved(quiz, quiz.answers, **changes))
    assert gg.grade(tmp_path).scores == {"ann": 1.0, "bob": 1.0}


def test_the_command_grades_a_folder(folder, tmp_path_factory, capsys):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    page = gg.quiz(root(), seed=99, blanks=["a", "b", "c"]).save(elsewhere / "page.html")
    table = elsewhere / "grades.csv"
    assert cli.main(["grade", str(folder), "--quiz", str(page), "--csv", str(table)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^student 03 +3 +2/3 +67%$", said, re.MULTILINE)
    assert re.search(r"  a = .*: the sign is flipped", said)
    assert len(table.read_text(encoding="utf-8-sig").splitlines()) == 31
    (folder / "page.html").write_bytes(page.read_bytes())  # beside the answers it needs no name
    assert cli.main(["grade", str(folder), "--brief"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 31


def test_the_command_says_what_is_missing(folder, tmp_path_factory, capsys):
    assert cli.main(["grade", str(folder)]) == 1
    assert "there is no exercise to grade by" in capsys.readouterr().err
    assert cli.main(["grade", str(tmp_path_factory.mktemp("empty"))]) == 1
    assert "nothing was handed in" in capsys.readouterr().err
    assert cli.main(["grade", str(folder / "nobody")]) == 1
    assert "nobody" in capsys.readouterr().err
    assert cli.main(["grade", str(folder), "--quiz", str(folder / "nobody.html")]) == 1
    assert "nobody.html" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["grade", str(folder), "--csv", "grades.xlsx"])
    assert "the table's name must end in .csv" in capsys.readouterr().err


def test_a_terminal_of_ascii_gets_the_table_too(folder, capsys, monkeypatch):
    import sys

    gg.quiz(root(), seed=99, blanks=["a", "b", "c"]).save(folder / "page.html")
    (folder / "Jörg.txt").write_text(handed_in(5))
    target = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", target)
    assert cli.main(["grade", str(folder)]) == 0
    target.seek(0)
    assert "J\\xf6rg" in target.read()


# Notebooks: a grader runs the cells again, without the widget


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # Jupyter's own
def test_answers_in_a_cell_survive_being_run_again(tmp_path):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    line = handed_in("ann", "b")
    cells = [
        "import glassgrad as gg",
        "a, b, c = gg.Scalar(2.0), gg.Scalar(-3.0), gg.Scalar(1.0)\no = ((a * b + c) * a).tanh()",
        f'answers = "{line}"',
        'exercise = gg.quiz(o, seed="ann", blanks=["a", "b", "c"], answers=answers)\nexercise',
        "grade = exercise.grade()\nassert grade == exercise.grade(answers)\nassert grade.right == 2, grade",
        'assert exercise.grade().marks["b"].ok, exercise.grade().marks["b"].reason',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True).execute()
    errors = [[out.evalue for out in cell.outputs if out.output_type == "error"] for cell in notebook.cells]
    assert errors == [[], [], [], [], [], ["the sign is flipped"]]  # the learner's grade, and why
    nbformat.write(notebook, tmp_path / "ann.ipynb")
    assert gg.quiz(root(), blanks=["a", "b", "c"]).grade(tmp_path / "ann.ipynb").right == 2


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_the_line_may_be_in_any_cell_of_a_notebook(kind, exercise, tmp_path):
    cells = [
        {"cell_type": "code", "source": "import glassgrad"},
        {"cell_type": kind, "source": ["my line: ", handed_in(2)]},
    ]
    (tmp_path / "ann.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "bob.ipynb").write_text(json.dumps({"cells": cells[:1]}))
    book = exercise.grade(tmp_path)
    assert book["ann"].seed == "2"
    assert "it has no line of answers" in book["bob"].note


def test_answers_that_were_not_pasted_yet_are_none(exercise):
    handed_out = gg.quiz(root(), seed=1, blanks=["a", "b", "c"], answers="")
    assert handed_out.given == {}
    assert handed_out.grade().right == 0
    assert handed_out.grade("").right == 0
    assert handed_out.document["exercise"]["answers"] is None


def test_answers_of_another_are_refused_where_they_are_pasted():
    with pytest.raises(ValueError, match="these answers have seed '2', but this exercise has seed '1'"):
        gg.quiz(root(), seed=1, answers=handed_in(2))
    with pytest.raises(ValueError, match="cut off"):
        gg.quiz(root(), seed=2, answers=handed_in(2)[:-1])
    with pytest.raises(TypeError, match="answers must be the line of text"):
        gg.quiz(root(), seed=2, answers=3)
