"""The command `glassgrad`, with a function for each of its subcommands: tour, play, film, grade, lessons.

Exit codes: 0 if all went well, 1 after an error (a gradient that disagrees with its nudge, a missing package, an
unsuitable folder), 2 for an invalid command line, 130 after Ctrl-C.
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
from typing import Any, TypeAlias

from glassgrad import __version__
from glassgrad.graph import leaves
from glassgrad.messages import LANGUAGES
from glassgrad.support.legible import legible
from glassgrad.tour import EPOCHS, tour

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

SOLUTIONS: dict[str, bool | str] = {"always": True, "answered": "answered", "never": False}
CURE = 'pip install "glassgrad[lessons]"'
EPILOG = """\
examples:
  glassgrad tour                       a neuron and a network, explained on a page: glassgrad-tour/index.html
  glassgrad tour --seed 1 --epochs 30
  glassgrad play "tanh(x*w + b)" x=2 w=-3 b=6.7      a page that steps through the expression's backprop
  glassgrad film "tanh(x*w + b)" x=2 w=-3 b=6.7 -o backprop.gif      the same as an animation
  glassgrad grade handed-in --quiz exercise.html     grade the answers of a class
  glassgrad lessons                    copy the lessons to ./lessons and open them in Jupyter
"""
PLAY_EPILOG = """\
expressions:
  numbers, names, + - * / ** % //, brackets, pi, and functions of numbers: tanh(x), max(a, b), where(c, a, b)
  write -- before an expression that begins with a minus: glassgrad play -o page.html -- "-x**2" x=3

examples:
  glassgrad play "tanh(x1*w1 + x2*w2 + b)" x1=2 w1=-3 x2=0 w2=1 b=6.88
  glassgrad play "log(a*b)" a=2 b=3 --quiz --seed 7 -o exercise.html
"""

FILM_EPILOG = """\
examples:
  glassgrad film "tanh(x1*w1 + x2*w2 + b)" x1=2 w1=-3 x2=0 w2=1 b=6.88
  glassgrad film "(a*b + c)**2" a=2 b=-3 c=10 -o backprop.mp4 --size 1280 --speed 2 --theme dark
  glassgrad film "exp(x)*x" x=1 --steps 3:                only the backward pass
"""

GRADE_EPILOG = """\
An answer is a line of text that begins with gg1:. Learners get it with *Copy my answers* or *Save* in their page of the
exercise. The command finds answers in text files, notebooks and tables (.csv), also in sub-folders. It grades each with
the numbers of its own seed, so one page of the exercise is enough, whatever its seed.

examples:
  glassgrad play "tanh(a*b + c)" a=1 b=1 c=1 --quiz --seed 7 -o seven.html     a page for each learner
  glassgrad grade handed-in --quiz seven.html --csv grades.csv
  glassgrad grade class.csv --quiz seven.html                   answers in a column of a table
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: the words of the command line, without the program's name; by default, those of this process.
    """
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
    for add in (_add_tour, _add_play, _add_film, _add_grade, _add_lessons):
        add(commands)
    return parser


def _add_tour(commands: Commands) -> None:
    command = commands.add_parser(
        "tour",
        help="watch one neuron and one network that learns, on a page",
        description="Differentiate a neuron, and check each gradient with a nudge. Train a small network of "
        "Scalars on scikit-learn's breast-cancer data, and check its gradients too. Write a page about all of it.",
    )
    command.add_argument(
        "--folder",
        type=_folder,
        default=Path("glassgrad-tour"),
        help="the folder for the page: new, empty, or from an earlier tour (default: %(default)s)",
    )
    command.add_argument(
        "--seed",
        type=_seed,
        default=0,
        help="an int from 0 to 4294967295; the same seed gives the same numbers (default: %(default)s)",
    )
    command.add_argument(
        "--epochs",
        type=_epochs,
        default=EPOCHS,
        help="the number of passes over the training rows, 1 or more (default: %(default)s)",
    )
    _add_language(command, "the page's language (default: English)")
    command.set_defaults(run=_tour)


def _add_play(commands: Commands) -> None:
    command = commands.add_parser(
        "play",
        help="step through the backprop of an expression, on a page",
        description="Write a page that steps through the backprop of an expression, forward and backward, with a "
        "slider for each name. It opens offline, in any browser.",
        epilog=PLAY_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("expression", metavar="EXPRESSION", help='such as "tanh(x*w + b)", in quotes')
    command.add_argument("values", metavar="NAME=NUMBER", nargs="*", type=_assignment, help="the value of each name")
    command.add_argument(
        "-o", "--output", metavar="PAGE", type=_page, default=Path("player.html"), help="default: %(default)s"
    )
    command.add_argument("--open", action="store_true", help="open the page in the browser")
    command.add_argument("--quiz", action="store_true", help="make an exercise: the reader finds the gradients")
    command.add_argument(
        "--seed", help="with --quiz: draw the numbers from this seed, a number or a name, such as the learner's"
    )
    command.add_argument("--hide", choices=["local"], help="with --quiz: also hide the local derivatives on the edges")
    command.add_argument(
        "--solution",
        choices=list(SOLUTIONS),
        default="always",
        help="with --quiz: when to show the worked solution; answered means once every gradient has an answer "
        "(default: %(default)s)",
    )
    command.add_argument(
        "--no-check", action="store_true", help="with --quiz: the page takes answers, but does not check them"
    )
    _add_language(command, "the page's language (default: the reader's)")
    command.set_defaults(run=_play, usage_error=command.error)


def _add_film(commands: Commands) -> None:
    command = commands.add_parser(
        "film",
        help="animate the backprop of an expression",
        description="Write an animation of the backprop of an expression, forward and backward.",
        epilog=FILM_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("expression", metavar="EXPRESSION", help='such as "tanh(x*w + b)", in quotes')
    command.add_argument("values", metavar="NAME=NUMBER", nargs="*", type=_assignment, help="the value of each name")
    command.add_argument(
        "-o", "--output", metavar="FILM", type=Path, default=Path("backprop.gif"),
        help="a file that ends in .gif, .mp4, .webp or .svg (default: %(default)s)",
    )  # fmt: skip
    command.add_argument("--size", metavar="PIXELS", type=int, help="the width (default: two pixels for each point)")
    command.add_argument("--speed", metavar="STEPS", type=float, default=1.0, help="steps per second (default: 1)")
    command.add_argument("--steps", metavar="FROM:TO", type=_steps, help="steps to show, counted from 0 (default: all)")
    command.add_argument("--theme", choices=("light", "dark", "auto"), default="light", help="default: %(default)s")
    command.add_argument("--rankdir", choices=("LR", "TB"), default="LR", help="from left to right, or top to bottom")
    command.set_defaults(run=_film, usage_error=command.error)


def _add_grade(commands: Commands) -> None:
    command = commands.add_parser(
        "grade",
        help="grade the answers of a class to an exercise",
        description="Grade the answers that learners handed in, and print a table with the reason for each mistake. "
        "Answers that cannot be graded are listed.",
        epilog=GRADE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("folder", metavar="FOLDER", type=_folder, help="a folder of answers, or one file")
    command.add_argument(
        "--quiz",
        metavar="PAGE",
        type=Path,
        action="append",
        help="a page of the exercise; not needed if it is in FOLDER, or if the answers were saved with *Save*",
    )
    command.add_argument("--csv", metavar="FILE", type=_table, help="also write the table to a file, for a spreadsheet")
    command.add_argument("--brief", action="store_true", help="print only the table, without the mistakes")
    command.set_defaults(run=_grade)


def _add_lessons(commands: Commands) -> None:
    command = commands.add_parser(
        "lessons",
        help="copy the lessons to a folder and open them in Jupyter",
        description="Copy the lessons to a folder as notebooks, and open it in Jupyter. Notebooks that are already "
        "there are not changed.",
    )
    command.add_argument(
        "--folder", type=_folder, default=Path("lessons"), help="the folder to copy them to (default: %(default)s)"
    )
    command.add_argument("--no-open", action="store_true", help="only copy them; do not start Jupyter")
    command.add_argument("--force", action="store_true", help="replace notebooks that are already there")
    command.set_defaults(run=_lessons)


def _add_language(command: argparse.ArgumentParser, told: str) -> None:
    command.add_argument("--lang", choices=LANGUAGES, help=told)


def _say(text: str) -> None:
    """Print text that may contain the user's names, in characters that the terminal can show."""
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
        options.usage_error("--seed is only for exercises: add --quiz, or leave it out")
    if (options.hide or options.solution != "always" or options.no_check) and not options.quiz:
        options.usage_error("--hide, --solution and --no-check are only for exercises: add --quiz, or leave them out")
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
        options.usage_error(str(error).partition("; gg.errstate")[0])  # gg.errstate cannot be used in a shell
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
            options.usage_error(f"{name} has {names.count(name)} values: give it only one")


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
        raise ModuleNotFoundError(f"Jupyter is not installed: {CURE}, or only copy the lessons, with --no-open")
    copied = copy_lessons(options.folder, force=options.force)
    if copied.written:
        _say(f"Written to {options.folder}: {', '.join(copied.written)}")
    if copied.kept:
        _say(f"Not changed (--force replaces them): {', '.join(copied.kept)}")
    if options.no_open:
        return 0
    return subprocess.run([sys.executable, "-m", "jupyterlab", str(options.folder)], check=False).returncode


def lessons_folder() -> Path:
    """The folder of the lessons' sources, in the installed package or at the root of a checkout.

    Raises:
        FileNotFoundError: neither of them has lessons.
    """
    installed = Path(str(resources.files("glassgrad"))) / "lessons"
    checkout = Path(__file__).resolve().parents[2] / "lessons"
    for folder in (installed, checkout):
        if any(folder.glob("*.py")):
            return folder
    raise FileNotFoundError(
        f"there are no lessons in {installed} or {checkout}: install glassgrad again, from a wheel or a checkout"
    )


@dataclass
class Copied:
    """The names of the notebooks: those that were written, and those that were already there and not changed."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def copy_lessons(folder: Path, force: bool = False) -> Copied:
    """Write each lesson as a notebook into `folder`. A file that is already there is replaced only if `force`.

    Raises:
        ModuleNotFoundError: jupytext is not installed.
        FileExistsError: `folder` is a file.
    """
    if not _is_installed("jupytext"):
        raise ModuleNotFoundError(f"jupytext, which makes notebooks of the lessons, is not installed: {CURE}")
    import jupytext

    source = lessons_folder()
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file, but the lessons need a folder: choose another --folder")
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
        raise argparse.ArgumentTypeError(f"the seed must be a whole number from 0 to {2**32 - 1}, got {text}")
    return seed


def _epochs(text: str) -> int:
    epochs = _whole(text, "the number of epochs")
    if epochs < 1:
        raise argparse.ArgumentTypeError(f"the number of epochs must be 1 or more, got {text}")
    return epochs


def _assignment(text: str) -> tuple[str, float]:
    name, equals, number = (part.strip() for part in text.partition("="))
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} must be a name, = and a number, as in x=2")
    try:
        x = float(number.replace("−", "-"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"the value of {name} must be a number, such as {name}=2.5, got {number!r}"
        ) from None
    if not math.isfinite(x):
        raise argparse.ArgumentTypeError(f"the value of {name} must be a finite number, got {number}")
    return unicodedata.normalize("NFKC", name), x


def _steps(text: str) -> slice | list[int]:
    first, colon, last = text.partition(":")
    try:
        if not colon:
            return [int(first)]
        return slice(int(first) if first.strip() else None, int(last) if last.strip() else None)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a range of steps: write it as 3:8, 3: or :8") from None


def _table(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".csv":
        raise argparse.ArgumentTypeError(f"the table's name must end in .csv, got {text!r}")
    return path


def _page(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"the page's name must end in .html, got {text!r}")
    return path


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the folder's name must not be empty")
    return Path(text)


def _whole(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{what} must be a whole number, got {text!r}") from None


def _told(error: Exception) -> str:
    """The error's message, without the error number that the system puts before it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
