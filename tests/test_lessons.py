"""The lessons: kept as they should be, complete, and they run from clean.

A lesson's own asserts check what its prose says; its solution is a cell like any other, so running the lesson
checks that too. Here we check what a lesson cannot say about itself.
"""

import ast
import os
import re
from pathlib import Path

import jupytext
import nbclient
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9]*.py"))

# The notebook that the lessons retell has these sections, in this order; then come two of our own.
SECTIONS = [
    "What is a derivative?",
    "Partial derivatives with multiple variables",
    "Forward pass",
    "Backward pass",
    "Manual backprop through a neuron",
    "Automatic backprop",
    "Automatic backprop with one call: topological sort",
    "The accumulation bug, and its cure",
    "Swapping in `glassgrad.Scalar`",
    "From a neuron to a small network that learns",
]

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path):
    return jupytext.read(path, fmt="py:percent")


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def tagged(path, tag):
    return [i for i, cell in enumerate(read(path).cells) if tag in cell.metadata.get("tags", ())]


def test_every_section_has_its_lesson_in_order():
    titles = [read(path).cells[0].source.splitlines()[0] for path in LESSONS]
    assert titles == [f"# {number}. {section}" for number, section in enumerate(SECTIONS, 1)]
    assert [path.stem[:2] for path in LESSONS] == [f"{number:02d}" for number in range(1, len(SECTIONS) + 1)]


def test_the_index_has_one_line_for_each_lesson():
    listed = re.findall(r"^\| `(\d\d\w+)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [path.stem for path in LESSONS]


@each_lesson
def test_is_stored_as_py_percent_that_names_its_kernel(path):
    text = path.read_text(encoding="utf-8")
    notebook = read(path)
    assert text.startswith("# ---\n# jupyter:\n")
    assert notebook.metadata.kernelspec == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    assert notebook.metadata.jupytext.text_representation.format_name == "percent"
    assert "jupytext_version" not in text  # it would change with each editor's version
    assert not any(cell.get("outputs") for cell in notebook.cells)
    again = jupytext.reads(jupytext.writes(notebook, fmt="py:percent"), fmt="py:percent")
    assert [(cell.cell_type, cell.source) for cell in again.cells] == [
        (cell.cell_type, cell.source) for cell in notebook.cells
    ]


@each_lesson
def test_is_plain_python_and_imports_at_its_top(path):
    cells = code_cells(path)
    trees = [ast.parse(cell.source) for cell in cells]  # no magics, no shell lines
    imports = [
        i for i, tree in enumerate(trees) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    swap = [i for i, cell in enumerate(cells) if cell.source == "from glassgrad import Scalar"]
    assert set(imports) <= {0, *swap}
    assert "import glassgrad as gg" in cells[0].source


@each_lesson
def test_ends_in_one_exercise_with_a_hidden_solution_that_is_checked(path):
    cells = read(path).cells
    (exercise,), (solution,) = tagged(path, "exercise"), tagged(path, "solution")
    headings = [
        i
        for i, cell in enumerate(cells)
        if cell.cell_type == "markdown" and re.search(r"^## Exercise$", cell.source, re.MULTILINE)
    ]
    assert len(headings) == 1
    assert headings[0] < exercise < solution == len(cells) - 2
    assert cells[solution].metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert "assert " in cells[solution].source


def test_the_little_class_grows_only_where_it_says_so():
    """A line of `class Scalar` that its last version did not have is marked `# new`, and no other line is."""
    before = None
    versions = 0
    for path in LESSONS:
        for cell in code_cells(path):
            if not cell.source.startswith("class Scalar:"):
                continue
            after = re.split(r"\n(?=\S)", cell.source)[0].splitlines()
            lines = [(line.removesuffix("  # new"), line.endswith("  # new")) for line in after if line.strip()]
            if before is not None:
                wrong = [line for line, new in lines if new == (line in before)]
                assert not wrong, f"{path.stem}: {wrong}"
            before = {line for line, _ in lines}
            versions += 1
    assert versions >= 8


@each_lesson
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # Jupyter's own
def test_runs_from_clean(path, tmp_path):
    notebook = read(path)
    client = nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    nothing = tmp_path / "bin"
    nothing.mkdir()
    env = {**os.environ, "PATH": str(nothing)}  # so there is no system Graphviz to lean on
    env.pop("MPLBACKEND", None)  # plots go where a reader's notebook puts them
    client.execute(env=env)

    said = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    complaints = [output.text for output in said if output.get("name") == "stderr"]
    assert not complaints  # where warnings would be
    assert not list(tmp_path.glob("*.*")), "a lesson leaves no files behind"
    shown = [output.data for output in said if output.output_type in ("display_data", "execute_result")]
    assert any("image/svg+xml" in data or "image/png" in data for data in shown)
