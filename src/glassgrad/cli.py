"""The command `glassgrad`: `tour` runs the main job on real input, `play` steps through an expression, `grade` grades
the answers of a class, `lessons` hands out the lessons.

Exit codes: 0 where all went well, 1 where something went wrong (a gradient that disagrees with its nudge, a
package or folder that will not do), 2 for a command line that makes no sense, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import shutil
import subprocess
import sys
import unicodedata
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from glassgrad import __version__
from glassgrad.graph import leaves
from glassgrad.messages import LANGUAGES
from glassgrad.support.legible import legible
from glassgrad.tour import EPOCHS, tour

SOLUTIONS: dict[str, bool | str] = {"always": True, "answered": "answered", "never": False}
CURE = 'pip install "glassgrad[lessons]"'
EPILOG = """\
examples:
  glassgrad tour                       one neuron, one network, one page: glassgrad-tour/index.html
  glassgrad tour --seed 1 --epochs 30
  glassgrad play "tanh(x*w + b)" x=2 w=-3 b=6.7      a page that steps through its backprop
  glassgrad film "tanh(x*w + b)" x=2 w=-3 b=6.7 -o backprop.gif      the same as an animation
  glassgrad grade handed-in --quiz exercise.html     the answers of a class, as a table
  glassgrad lessons                    copy the lessons to ./lessons and open Jupyter on them
"""
PLAY_EPILOG = """\
expressions:
  numbers, names, + - * / ** % //, brackets, pi, and functions of numbers: tanh(x), max(a, b), where(c, a, b)
  one that begins with a minus comes after --, as in: glassgrad play -o page.html -- "-x**2" x=3

examples:
  glassgrad play "tanh(x1*w1 + x2*w2 + b)" x1=2 w1=-3 x2=0 w2=1 b=6.88
  glassgrad play "log(a*b)" a=2 b=3 --quiz --seed 7 -o exercise.html
"""

FILM_EPILOG = """\
examples:
  glassgrad film "tanh(x1*w1 + x2*w2 + b)" x1=2 w1=-3 x2=0 w2=1 b=6.88
  glassgrad film "(a*b + c)**2" a=2 b=-3 c=10 -o backprop.mp4 --size 1280 --speed 2 --theme dark
  glassgrad film "exp(x)*x" x=1 --steps 3:                the backward pass alone
"""

GRADE_EPILOG = """\
The answers are lines of text that begin with gg1:, from *Copy my answers* or *Save* in a page of the exercise. They are
found in text files, notebooks and tables (.csv), in sub-folders too. Each is graded with the numbers of its own seed:
one page of the exercise is enough, whatever its seed.

examples:
  glassgrad play "tanh(a*b + c)" a=1 b=1 c=1 --quiz --seed 7 -o seven.html     a page for each learner
  glassgrad grade handed-in --quiz seven.html --csv grades.csv
  glassgrad grade class.csv --quiz seven.html                   a table with a column of answers
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    except (OSError, ImportError) as error:
        print(f"glassgrad: {_told(error)}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="glassgrad",
        description="Backpropagation you can see: scalar automatic differentiation in Python.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"glassgrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    tour = commands.add_parser(
        "tour",
        help="one neuron, one network that learns, one page that shows both",
        description="Differentiate a neuron and check each gradient by a nudge; train a small network of "
        "Scalars on scikit-learn's breast-cancer data and check its gradients too; write a page of it all.",
    )
    tour.add_argument(
        "--folder",
        type=_folder,
        default=Path("glassgrad-tour"),
        help="where to write: new, empty or an earlier tour's (default: %(default)s)",
    )
    tour.add_argument(
        "--seed",
        type=_seed,
        default=0,
        help="same seed, same numbers: 0 to 4294967295 (default: %(default)s)",
    )
    tour.add_argument(
        "--epochs",
        type=_epochs,
        default=EPOCHS,
        help="passes over the training rows, 1 or more (default: %(default)s)",
    )
    _add_language(tour, "the page's language (default: English)")
    tour.set_defaults(run=_tour)

    play = commands.add_parser(
        "play",
        help="a page that steps through the backprop of an expression",
        description="Write a page that steps through the backprop of an expression, forward and backward, with a "
        "slider for each name. It opens offline, in any browser.",
        epilog=PLAY_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    play.add_argument("expression", metavar="EXPRESSION", help='such as "tanh(x*w + b)", in quotes')
    play.add_argument("values", metavar="NAME=NUMBER", nargs="*", type=_assignment, help="the value of each name")
    play.add_argument(
        "-o", "--output", metavar="PAGE", type=_page, default=Path("player.html"), help="default: %(default)s"
    )
    play.add_argument("--open", action="store_true", help="show the page in the browser")
    play.add_argument("--quiz", action="store_true", help="an exercise: the gradients are to be found")
    play.add_argument("--seed", help="with --quiz: numbers of one's own, the same for the same number or name")
    play.add_argument("--hide", choices=["local"], help="with --quiz: hide the local derivatives on the edges, too")
    play.add_argument(
        "--solution",
        choices=list(SOLUTIONS),
        default="always",
        help="with --quiz: when the worked solution may be seen; answered: once every gradient has an answer "
        "(default: %(default)s)",
    )
    play.add_argument(
        "--no-check", action="store_true", help="with --quiz: the page takes answers, and does not check them"
    )
    _add_language(play, "the page's language (default: its reader's)")
    play.set_defaults(run=_play, usage_error=play.error)

    film = commands.add_parser(
        "film",
        help="an animation of the backprop of an expression",
        description="Write an animation that goes through the backprop of an expression, forward and backward.",
        epilog=FILM_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    film.add_argument("expression", metavar="EXPRESSION", help='such as "tanh(x*w + b)", in quotes')
    film.add_argument("values", metavar="NAME=NUMBER", nargs="*", type=_assignment, help="the value of each name")
    film.add_argument(
        "-o", "--output", metavar="FILM", type=Path, default=Path("backprop.gif"),
        help="ends in .gif, .mp4, .webp or .svg (default: %(default)s)",
    )  # fmt: skip
    film.add_argument("--size", metavar="PIXELS", type=int, help="the width (default: two pixels a point)")
    film.add_argument("--speed", metavar="STEPS", type=float, default=1.0, help="steps a second (default: 1)")
    film.add_argument("--steps", metavar="FROM:TO", type=_steps, help="which steps, counted from 0 (default: all)")
    film.add_argument("--theme", choices=("light", "dark", "auto"), default="light", help="default: %(default)s")
    film.add_argument("--rankdir", choices=("LR", "TB"), default="LR", help="from left to right, or top to bottom")
    film.set_defaults(run=_film, usage_error=film.error)

    grade = commands.add_parser(
        "grade",
        help="the answers of a class to an exercise, as a table",
        description="Grade the answers that learners handed in, and print a table with the reason for each miss. "
        "Answers that cannot be graded are named.",
        epilog=GRADE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    grade.add_argument("folder", metavar="FOLDER", type=_folder, help="a folder of answers, or one file")
    grade.add_argument(
        "--quiz",
        metavar="PAGE",
        type=Path,
        action="append",
        help="a page of the exercise; not needed where it lies in FOLDER, or the answers were saved by *Save*",
    )
    grade.add_argument("--csv", metavar="FILE", type=_table, help="write the table there, too, for a spreadsheet")
    grade.add_argument("--brief", action="store_true", help="print the table only, without the misses")
    grade.set_defaults(run=_grade)

    lessons = commands.add_parser(
        "lessons",
        help="copy the lessons to a folder and open Jupyter on them",
        description="Copy the lessons to a folder as notebooks, and open Jupyter on it. Notebooks that are "
        "there already are kept as they are.",
    )
    lessons.add_argument(
        "--folder", type=_folder, default=Path("lessons"), help="where to copy them (default: %(default)s)"
    )
    lessons.add_argument("--no-open", action="store_true", help="copy only; do not start Jupyter")
    lessons.add_argument("--force", action="store_true", help="replace notebooks that are there already")
    lessons.set_defaults(run=_lessons)
    return parser


def _add_language(command: argparse.ArgumentParser, told: str) -> None:
    command.add_argument("--lang", choices=LANGUAGES, help=told)


def _say(text: str) -> None:
    """Print what may hold names of the user's, in signs that the terminal has."""
    print(legible(text))


def _tour(options: argparse.Namespace) -> int:
    language = {} if options.lang is None else {"lang": options.lang}
    report = tour(options.folder, seed=options.seed, epochs=options.epochs, **language)
    page = (options.folder / "index.html").resolve()
    _say(f"Written in {report.seconds:.1f} s. Open {page.as_uri()}")
    if report.wrong:
        count = f"{len(report.wrong)} of {len(report.rows)}"
        names = ", ".join(row.name for row in report.wrong)
        print(f"glassgrad: {count} gradients disagree with their nudge: {names}", file=sys.stderr)
        return 1
    return 0


def _play(options: argparse.Namespace) -> int:
    from glassgrad.player import Player, play, quiz

    _check_names(options)
    names = [name for name, _ in options.values]
    if options.seed is not None and not options.quiz:
        options.usage_error("--seed is for the numbers of an exercise: add --quiz, or leave it out")
    if (options.hide or options.solution != "always" or options.no_check) and not options.quiz:
        options.usage_error("--hide, --solution and --no-check are for an exercise: add --quiz, or leave them out")
    try:
        root = _root(options)
        player: Player
        if options.quiz:
            player = quiz(
                root,
                seed=options.seed,
                title=options.expression,
                names=False,
                hide=options.hide,
                solution=SOLUTIONS[options.solution],
                check=not options.no_check,
                lang=options.lang,
            )
        else:
            player = play(root, title=options.expression, names=False, lang=options.lang)
    except (ValueError, TypeError, ArithmeticError) as error:
        options.usage_error(str(error).partition("; gg.errstate")[0])  # which is no cure in a shell
    path = player.save(options.output).resolve()
    if not options.quiz:
        _say(f"{options.expression} = {root.data:.6g}")
        width = max(map(len, names))
        for leaf in _leaves(root):
            _say(f"  {leaf.label:{width}} = {leaf.data:<10.6g} gradient {leaf.grad:.6g}")
    _say(f"Written. Open {path.as_uri()}")
    if options.open:
        webbrowser.open(path.as_uri())
    return 0


def _film(options: argparse.Namespace) -> int:
    from glassgrad.player import play

    _check_names(options)
    try:
        player = play(_root(options), title=options.expression, names=False)
        path = player.film(
            options.output, size=options.size, speed=options.speed, steps=options.steps, rankdir=options.rankdir,
            theme=options.theme,
        )  # fmt: skip
    except (ValueError, TypeError, ArithmeticError) as error:
        options.usage_error(str(error).partition("; gg.errstate")[0])
    _say(f"Written: {path.resolve()}")
    return 0


def _check_names(options: argparse.Namespace) -> None:
    names = [name for name, _ in options.values]
    for name in names:
        if names.count(name) > 1:
            options.usage_error(f"{name} is given {names.count(name)} times: give it one value")


def _root(options: argparse.Namespace) -> Any:
    from glassgrad.player.expressions import parse

    root = parse(options.expression, dict(options.values))
    root.backward()
    return root


def _grade(options: argparse.Namespace) -> int:
    from glassgrad.player.gradebook import grade_files

    try:
        book = grade_files(options.folder, options.quiz or [])
    except ValueError as error:
        print(f"glassgrad: {error}", file=sys.stderr)
        return 1
    _say(book.table() if options.brief else str(book))
    if options.csv:
        book.save(options.csv)
        _say(f"\nWritten to {options.csv}")
    return 0 if any(one.grade is not None for one in book.entries) else 1


def _leaves(root: Any) -> list[Any]:
    return [leaf for leaf in leaves(root) if not leaf.is_constant]


def _lessons(options: argparse.Namespace) -> int:
    if not options.no_open and not _is_installed("jupyterlab"):
        raise ModuleNotFoundError(f"Jupyter is missing: {CURE}, or copy the lessons only, by --no-open")
    copied = copy_lessons(options.folder, force=options.force)
    if copied.written:
        _say(f"Written to {options.folder}: {', '.join(copied.written)}")
    if copied.kept:
        _say(f"Kept as they were (--force replaces them): {', '.join(copied.kept)}")
    if options.no_open:
        return 0
    return subprocess.run([sys.executable, "-m", "jupyterlab", str(options.folder)], check=False).returncode


def lessons_folder() -> Path:
    """The folder of the lessons' sources: in the installed package, or at the root of a checkout.

    Raises FileNotFoundError where neither has any.
    """
    installed = Path(str(resources.files("glassgrad"))) / "lessons"
    checkout = Path(__file__).resolve().parents[2] / "lessons"
    for folder in (installed, checkout):
        if any(folder.glob("*.py")):
            return folder
    raise FileNotFoundError(
        f"no lessons in {installed} nor in {checkout}: install glassgrad again, from a wheel or a checkout"
    )


@dataclass
class Copied:
    """What became of each lesson: names of the notebooks."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # there already, and not touched


def copy_lessons(folder: Path, force: bool = False) -> Copied:
    """Write each lesson as a notebook into `folder`; a file that is there already is kept, unless `force`.

    Raises ModuleNotFoundError without jupytext, FileExistsError where `folder` is a file.
    """
    if not _is_installed("jupytext"):
        raise ModuleNotFoundError(f"lessons become notebooks by jupytext, which is missing: {CURE}")
    import jupytext

    source = lessons_folder()
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file, and lessons go into a folder: choose another --folder")
    folder.mkdir(parents=True, exist_ok=True)
    copied = Copied()
    for path in sorted(source.iterdir()):
        if path.is_dir() or path.name == "__init__.py" or path.name.startswith("."):
            continue
        lesson = path.suffix == ".py" and "# %%" in path.read_text(encoding="utf-8")
        target = folder / (path.with_suffix(".ipynb").name if lesson else path.name)
        if target.exists() and not force:
            copied.kept.append(target.name)
            continue
        if lesson:
            jupytext.write(jupytext.read(path, fmt="py:percent"), target)
        else:
            shutil.copyfile(path, target)
        copied.written.append(target.name)
    return copied


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _seed(text: str) -> int:
    seed = _whole(text, "the seed")
    if not 0 <= seed < 2**32:
        raise argparse.ArgumentTypeError(f"the seed is a whole number from 0 to {2**32 - 1}, not {text}")
    return seed


def _epochs(text: str) -> int:
    epochs = _whole(text, "the number of epochs")
    if epochs < 1:
        raise argparse.ArgumentTypeError(f"the number of epochs is 1 or more, not {text}")
    return epochs


def _assignment(text: str) -> tuple[str, float]:
    name, equals, number = (part.strip() for part in text.partition("="))
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} gives no value: write a name, = and a number, as in x=2")
    try:
        x = float(number.replace("−", "-"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"the value of {name} is a number, such as {name}=2.5, not {number!r}"
        ) from None
    if not math.isfinite(x):
        raise argparse.ArgumentTypeError(f"the value of {name} is a finite number, not {number}")
    return unicodedata.normalize("NFKC", name), x


def _steps(text: str) -> slice | list[int]:
    first, colon, last = text.partition(":")
    try:
        if not colon:
            return [int(first)]
        return slice(int(first) if first.strip() else None, int(last) if last.strip() else None)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of steps: write it as 3:8, 3: or :8") from None


def _table(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".csv":
        raise argparse.ArgumentTypeError(f"the table's name ends in .csv, not as {text!r} does")
    return path


def _page(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"the page's name ends in .html, not as {text!r} does")
    return path


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("a folder's name is not empty")
    return Path(text)


def _whole(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{what} is a whole number, not {text!r}") from None


def _told(error: Exception) -> str:
    """What went wrong, without the bare number that the system puts before it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
