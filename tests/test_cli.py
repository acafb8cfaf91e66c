"""The command line: its exit codes, what it prints, that a user's mistake never ends in a traceback."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

import glassgrad as gg
from glassgrad import cli


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """Two small lessons, a file beside them, and a folder to copy them to."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "01_nudge.py").write_text("# %% [markdown]\n# # A nudge\n\n# %%\n1 + 1\n")
    (source / "02_chain.py").write_text("# %%\n2 + 2\n")
    (source / "helper.py").write_text("SIZE = 3\n")
    (source / "__pycache__").mkdir()
    monkeypatch.setattr(cli, "lessons_folder", lambda: source)
    return tmp_path / "target"


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "glassgrad", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_version():
    done = command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"glassgrad {gg.__version__}\n", "")


def test_help_names_the_commands():
    done = command("--help")
    assert done.returncode == 0
    assert "tour" in done.stdout
    assert "lessons" in done.stdout
    assert "play" in done.stdout
    assert "grade" in done.stdout


@pytest.mark.parametrize("name", ["tour", "lessons"])
def test_help_of_a_command_names_its_flags(name, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    assert "--folder" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["tour", "--epochs", "0"], "the number of epochs must be 1 or more, got 0"),
        (["tour", "--epochs", "-3"], "1 or more, got -3"),
        (["tour", "--epochs", "many"], "a whole number, got 'many'"),
        (["tour", "--epochs", "1.5"], "a whole number, got '1.5'"),
        (["tour", "--seed", "-1"], "from 0 to 4294967295, got -1"),
        (["tour", "--seed", "4294967296"], "from 0 to 4294967295"),
        (["tour", "--seed", "x"], "the seed must be a whole number, got 'x'"),
        (["tour", "--folder", ""], "--folder"),
        (["tour", "elsewhere"], "unrecognized arguments: elsewhere"),
        (["play"], "EXPRESSION"),
        (["play", ""], "the expression is empty"),
        (["play", "x^2", "x=2"], "write **"),
        (["play", "x*y", "x=2"], "'y' must have a value: give y=…"),
        (["play", "x", "x=2", "y=3"], "'y' is not in the expression"),
        (["play", "x", "x=2", "x=2"], "x has 2 values"),
        (["play", "ﬁ", "ﬁ=2", "fi=2"], "fi has 2 values"),
        (
            ["play", "x", "x=2", "--hide", "local"],
            "--hide, --solution and --no-check are only for exercises: add --quiz",
        ),
        (["play", "x", "x"], "'x' must be a name, = and a number"),
        (["play", "x", "2=x"], "'2=x' must be a name"),
        (["play", "x", "x="], "the value of x must be a number, such as x=2.5, got ''"),
        (["play", "x", "x=two"], "got 'two'"),
        (["play", "x", "x=nan"], "a finite number, got nan"),
        (["play", "x", "x=1e999"], "a finite number, got 1e999"),
        (["play", "log(x)", "x=-1"], "log(-1.0) is undefined: needs x > 0 (node 'x')\n"),
        (["play", "polygamma(x, x)", "x=2"], "no derivative"),
        (["play", "x", "x=2", "-o", "page.svg"], "must end in .html"),
        (["play", "x", "x=2", "--seed", "1"], "add --quiz"),
    ],
)
def test_a_command_line_that_makes_no_sense_exits_with_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_tour_passes_its_flags_on_and_says_where_the_page_is(tmp_path, monkeypatch, capsys):
    asked = {}

    def tour(folder, **flags):
        asked.update(flags, folder=folder)
        return SimpleNamespace(seconds=1.0, wrong=[], rows=[])

    monkeypatch.setattr(cli, "tour", tour)
    assert cli.main(["tour", "--folder", str(tmp_path), "--seed", "5", "--epochs", "7"]) == 0
    assert asked == {"folder": tmp_path, "seed": 5, "epochs": 7}
    assert (tmp_path / "index.html").as_uri() in capsys.readouterr().out


def test_tour_exits_with_1_where_a_gradient_is_wrong(tmp_path, monkeypatch, capsys):
    wrong = SimpleNamespace(name="layers[0].neurons[1].w[2]")
    found = SimpleNamespace(seconds=1.0, wrong=[wrong], rows=[wrong, wrong])
    monkeypatch.setattr(cli, "tour", lambda *_, **__: found)
    assert cli.main(["tour", "--folder", str(tmp_path)]) == 1
    assert "1 of 2 gradients disagree with their nudge: layers[0].neurons[1].w[2]" in capsys.readouterr().err


def test_tour_into_a_foreign_folder_exits_with_1_without_a_traceback(tmp_path):
    pytest.importorskip("sklearn")
    (tmp_path / "letter.txt").write_text("mine")
    done = command("tour", "--folder", str(tmp_path))
    assert done.returncode == 1
    assert "holds files that are not from a tour" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_tour_where_no_folder_can_be_made_says_so(tmp_path):
    pytest.importorskip("sklearn")
    (tmp_path / "file").write_text("")
    done = command("tour", "--folder", str(tmp_path / "file" / "page"))
    assert done.returncode == 1
    assert f"{tmp_path / 'file' / 'page'}: the folder cannot be made" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (ImportError("no data: get some"), 1, "glassgrad: no data: get some"),
    ],
)
def test_trouble_ends_in_a_line_and_a_code(monkeypatch, capsys, error, code, said):
    def tour(*_, **__):
        raise error

    monkeypatch.setattr(cli, "tour", tour)
    assert cli.main(["tour"]) == code
    assert said in capsys.readouterr().err


def test_play_writes_a_page_and_says_what_is_on_it(tmp_path, capsys):
    page = tmp_path / "page.html"
    values = ["x1=2", "w1=-3", "x2=0", "w2=1", "b=6.8813735870195432"]
    assert cli.main(["play", "tanh(x1*w1 + x2*w2 + b)", *values, "-o", str(page)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "tanh(x1*w1 + x2*w2 + b) = 0.707107",
        "  x1 = 2          gradient -1.5",
        "  w1 = -3         gradient 1",
        "  x2 = 0          gradient 0.5",
        "  w2 = 1          gradient 0",
        "  b  = 6.88137    gradient 0.5",
        f"Written. Open {page.as_uri()}",
    ]
    assert "<title>tanh(x1*w1 + x2*w2 + b)</title>" in page.read_text(encoding="utf-8")


def test_play_of_an_exercise_gives_no_gradient_away(tmp_path, capsys):
    pages = [tmp_path / name for name in ("ann.html", "ann again.html", "bob.html")]
    for page in pages:
        seed = page.stem.split()[0]
        assert cli.main(["play", "a*b + b", "a=2", "b=3", "--quiz", "--seed", seed, "-o", str(page)]) == 0
    assert "gradient" not in capsys.readouterr().out
    ann, again, bob = (page.read_text(encoding="utf-8") for page in pages)
    assert ann == again != bob
    assert '"quiz":{"seed":"ann"' in ann


def test_play_opens_the_page_when_asked(tmp_path, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(cli.webbrowser, "open", shown.append)
    page = tmp_path / "page.html"
    assert cli.main(["play", "--open", "-o", str(page), "--", "-x**2", "x=3"]) == 0
    assert shown == [page.as_uri()]
    assert "-x**2 = -9" in capsys.readouterr().out


def test_play_where_no_page_can_be_written_says_so(tmp_path):
    done = command("play", "x*x", "x=3", "-o", str(tmp_path / "nowhere" / "page.html"))
    assert done.returncode == 1
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_lessons_become_notebooks(lessons, capsys):
    pytest.importorskip("jupytext")
    assert cli.main(["lessons", "--folder", str(lessons), "--no-open"]) == 0
    assert sorted(path.name for path in lessons.iterdir()) == [
        "01_nudge.ipynb",
        "02_chain.ipynb",
        "helper.py",
    ]
    notebook = json.loads((lessons / "01_nudge.ipynb").read_text())
    assert [cell["cell_type"] for cell in notebook["cells"]] == ["markdown", "code"]
    assert "01_nudge.ipynb" in capsys.readouterr().out


def test_lessons_never_overwrite_what_is_there_unless_forced(lessons, capsys):
    pytest.importorskip("jupytext")
    lessons.mkdir()
    (lessons / "01_nudge.ipynb").write_text("my own solution")
    assert cli.main(["lessons", "--folder", str(lessons), "--no-open"]) == 0
    assert (lessons / "01_nudge.ipynb").read_text() == "my own solution"
    assert (lessons / "02_chain.ipynb").is_file()
    assert "Not changed (--force replaces them): 01_nudge.ipynb" in capsys.readouterr().out
    assert cli.main(["lessons", "--folder", str(lessons), "--no-open", "--force"]) == 0
    assert "A nudge" in (lessons / "01_nudge.ipynb").read_text()


def test_lessons_opens_jupyter_on_the_folder_and_passes_its_exit_code_on(lessons, monkeypatch):
    pytest.importorskip("jupytext")
    started = []
    monkeypatch.setattr(cli, "_is_installed", lambda name: True)
    monkeypatch.setattr(
        cli.subprocess,
        "run",
        lambda arguments, check: started.append(arguments) or SimpleNamespace(returncode=3),
    )
    assert cli.main(["lessons", "--folder", str(lessons)]) == 3
    assert started == [[sys.executable, "-m", "jupyterlab", str(lessons)]]


@pytest.mark.parametrize(("missing", "flags"), [("jupyterlab", []), ("jupytext", ["--no-open"])])
def test_lessons_without_what_they_need_name_the_extra_and_write_nothing(lessons, monkeypatch, capsys, missing, flags):
    monkeypatch.setattr(cli, "_is_installed", lambda name: name != missing)
    assert cli.main(["lessons", "--folder", str(lessons), *flags]) == 1
    assert 'pip install "glassgrad[lessons]"' in capsys.readouterr().err
    assert not lessons.exists()


def test_lessons_into_a_file_are_refused(lessons, capsys):
    pytest.importorskip("jupytext")
    lessons.write_text("")
    assert cli.main(["lessons", "--folder", str(lessons), "--no-open"]) == 1
    assert "is a file, but the lessons need a folder" in capsys.readouterr().err


def test_the_projects_own_lessons_are_found():
    assert any(cli.lessons_folder().glob("*.py"))
