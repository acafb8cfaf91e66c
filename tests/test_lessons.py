"""The lessons: kept as they should be, complete, and they run from clean.

A lesson's own asserts check what its prose says. Its solution is text that is folded away; here it runs as the last
cell. The rest is what a lesson cannot say about itself.
"""

import ast
import itertools
import os
import re
import shutil
from pathlib import Path
from textwrap import dedent

import jupytext
import nbclient
import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9]*.py"))

# The notebook that the lessons retell has these sections, in this order; then come three of our own.
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
    "From a neuron to compiled code",
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


def folded(path):
    """The code of the solution, which is text in a `<details>` that is closed."""
    (k,) = tagged(path, "solution")
    found = re.fullmatch(
        r"<details>\n<summary>.+</summary>\n\n```python\n(.+)\n```\n\n</details>", read(path).cells[k].source, re.DOTALL
    )
    assert found, "a solution is one piece of code in <details>, with empty lines around it, or it is shown open"
    return found[1]


@each_lesson
def test_ends_in_one_exercise_with_a_solution_that_is_folded_and_checked(path):
    """A code cell does not stay folded: JupyterLab opens the outputs of what it runs, nbconvert shows everything."""
    cells = read(path).cells
    (exercise,), (solution,) = tagged(path, "exercise"), tagged(path, "solution")
    headings = [
        i
        for i, cell in enumerate(cells)
        if cell.cell_type == "markdown" and re.search(r"^## Exercise$", cell.source, re.MULTILINE)
    ]
    assert len(headings) == 1
    assert headings[0] < exercise < solution == len(cells) - 2
    assert cells[solution].cell_type == "markdown"
    assert "assert " in folded(path)
    assert not any(cell.metadata.get("jupyter") for cell in cells if "Scalar" in cell.source)


def definitions(code):
    """The functions and assignments to the class in a piece of code, by name, as lines of their text."""
    found = {}
    for node in ast.parse(code).body:
        lines = code.splitlines()[node.lineno - 1 : node.end_lineno]
        if isinstance(node, ast.FunctionDef):
            found[node.name] = lines
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("Scalar."):
            found[ast.unparse(node.targets[0])] = lines
    return found


def kept_steps():
    """What `little_scalar.py` keeps of each lesson: definitions by name."""
    text = (FOLDER / "little_scalar.py").read_text(encoding="utf-8")
    steps = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("lesson_"):
            body = [one for one in node.body if not isinstance(one, ast.Expr | ast.Return)]
            body = body[0].body[1:] if isinstance(body[0], ast.ClassDef) else body
            lines = text.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
            steps[int(node.name.removeprefix("lesson_"))] = dedent("\n".join(lines))
    return steps


def test_the_little_class_grows_only_where_it_says_so():
    """From lesson 4 on, a lesson shows only what it changes. A line that the class did not have is marked `# new`, and
    no other line is. The file that later lessons begin with keeps the same."""
    steps = kept_steps()
    assert sorted(steps) == [3, 4, 5, 6, 7, 8]
    *_, last = (cell.source for cell in code_cells(LESSONS[2]) if cell.source.startswith("class Scalar:"))
    (body,) = (node for node in ast.parse(last).body if isinstance(node, ast.ClassDef))
    methods = "\n".join(last.splitlines()[body.body[1].lineno - 1 : body.end_lineno])
    now = definitions(dedent(methods).replace("  # new", ""))
    assert now == definitions(steps[3])
    for number in range(4, 9):
        path = LESSONS[number - 1]
        assert f"Scalar = little_scalar.after_lesson({number - 1})" in [cell.source for cell in code_cells(path)]
        shown = [cell.source for cell in code_cells(path) if re.search(r"^Scalar\.\w+ = ", cell.source, re.MULTILINE)]
        assert len(shown) == (2 if number == 8 else 1)
        kept = definitions(steps[number])
        for source in shown:
            for name, lines in definitions(source).items():
                before = {line for lines in now.values() for line in lines}
                if name in now:
                    before = set(now[name])
                for line in filter(str.strip, lines):
                    plain = line.removesuffix("  # new")
                    new = plain not in before and not re.match(r"Scalar\.(\w+) = \1$", plain)
                    if not re.match(r"Scalar\.", plain):
                        assert line.endswith("  # new") == new, f"{path.stem}: {line}"
                now[name] = [line.removesuffix("  # new") for line in lines]
        assert {name: now[name] for name in kept} == kept, path.stem


def test_nobody_shows_the_whole_class_again():
    for path in LESSONS[3:]:
        assert not any("class Scalar" in cell.source for cell in code_cells(path)), path.stem


def test_the_file_gives_the_class_as_each_lesson_leaves_it(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import little_scalar

    after = [set(vars(little_scalar.after_lesson(number))) for number in range(3, 9)]
    assert [sorted(now - before) for before, now in itertools.pairwise(after)] == [
        ["grad"],
        ["tanh"],
        [],
        ["backward"],
        ["topological", "zero_grad"],
    ]
    Scalar = little_scalar.after_lesson(8)
    a = Scalar(3.0, label="a")
    (a + a).backward()
    assert repr(a) == "a|3.000|2.000"
    assert little_scalar.after_lesson(4) is not little_scalar.after_lesson(4)
    with pytest.raises(ValueError, match="lessons 3 to 8"):
        little_scalar.after_lesson(9)


@each_lesson
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # Jupyter's own
def test_runs_from_clean(path, tmp_path):
    notebook = read(path)
    notebook.cells.append(nbformat.v4.new_code_cell(folded(path)))
    shutil.copy(FOLDER / "little_scalar.py", tmp_path)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    nothing = tmp_path / "bin"
    nothing.mkdir()
    env = {**os.environ, "PATH": str(nothing)}  # so there is no system Graphviz to lean on
    env.pop("MPLBACKEND", None)  # plots go where a reader's notebook puts them
    client.execute(env=env)

    said = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    complaints = [output.text for output in said if output.get("name") == "stderr"]
    assert not complaints  # where warnings would be
    assert [one.name for one in tmp_path.glob("*.*")] == ["little_scalar.py"], "a lesson leaves no files behind"
    shown = [output.data for output in said if output.output_type in ("display_data", "execute_result")]
    assert any("image/svg+xml" in data or "image/png" in data for data in shown)
