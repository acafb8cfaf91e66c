"""The documents name what there is: modules have their places on the maps, links lead somewhere, the README runs."""

import importlib
import re
from pathlib import Path
from statistics import NormalDist

import pytest

from test_imports import PACKAGE, ROOT

FOLDERS = (ROOT, ROOT / "docs", ROOT / "docs" / "decisions", ROOT / "lessons", ROOT / "benchmarks")
DOCUMENTS = [path for folder in FOLDERS for path in sorted(folder.glob("*.md"))]
HOUSE = ["benchmarks", "docs", "examples", "lessons", "src", "tests", "tools"]
LIVING = [path for path in DOCUMENTS if path.name != "CHANGELOG.md"]  # which tells of the past, too
PLACES = [
    f"/{path.relative_to(ROOT).as_posix()}"
    for name in HOUSE
    for path in (ROOT / name).rglob("*.*")
    if "node_modules" not in path.parts
]
IMAGINED = {"src/glassgrad/compiler/ir/passes/even.py", "conf.py"}  # of a recipe, and of a reader's own site
LINK = re.compile(r"\]\(([^()\s]+)\)")
ARCHITECTURE, CONTRIBUTING = ROOT / "docs" / "architecture.md", ROOT / "CONTRIBUTING.md"
DECISIONS = sorted(path for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name != "README.md")


def parts(folder: Path) -> set[str]:
    """The modules of a folder, and its packages."""
    modules = {path.stem for path in folder.glob("*.py")}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py") if path.parent.name != "_compiled"}


def section(path: Path, heading: str) -> str:
    return re.split(r"^#+ ", path.read_text(encoding="utf-8").split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def rows(text: str) -> set[str]:
    """What the first columns of the tables name."""
    first = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return {name.rstrip("/") for cell in first for name in re.findall(r"`([\w/]+)`", cell)}


def anchors(path: Path) -> set[str]:
    """The headings of a document, as links call them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("heading", "folder"), [("The map", "."), ("The compiler's rooms", "compiler")])
def test_every_room_has_its_row_in_the_architecture(heading, folder):
    assert rows(section(ARCHITECTURE, heading)) == parts(PACKAGE / folder) - {"__init__"}


def test_every_folder_has_its_line_in_the_guide_for_contributors():
    named = re.findall(r"^(\w+)/", section(CONTRIBUTING, "The house"), flags=re.M)
    assert sorted(named) == HOUSE


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_the_headings_of_all(path):
    headings = re.findall(r"^## (.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    assert headings[:2] == ["Context", "Decision"]
    assert headings[2:] in ([], ["Measured"], ["Consequences"], ["Measured", "Consequences"])


def test_the_index_of_decisions_has_each_by_its_title():
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(.*?)\]\(([\w-]+\.md)\) \|", index, flags=re.M)
    assert sorted(name for _, name in listed) == [path.name for path in DECISIONS]
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in DECISIONS}
    assert {name: title for title, name in listed} == titles


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in LINK.findall(text):
        if re.match(r"https?:|mailto:", target):
            continue
        place, _, anchor = target.partition("#")
        found = path.parent / place if place else path
        assert found.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(found), f"{target}: there is no such heading"


@pytest.mark.parametrize("path", LIVING, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_are_named_are_there(path):
    named = set(re.findall(r"`([\w/]+\.(?:py|pyi|pxd|h|js))`", path.read_text(encoding="utf-8"))) - IMAGINED
    missing = {name for name in named if not any(place.endswith(f"/{name}") for place in PLACES)}
    assert not missing


def test_the_code_of_the_readme_runs():
    pytest.importorskip("matplotlib").use("Agg")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S):
        exec(compile(block, "README.md", "exec"), names)
    x1, w1 = names["x1"], names["w1"]
    assert (round(x1.grad, 12), round(w1.grad, 12)) == (-1.5, 1.0)
    delta = names["fast"](100.0, 100.0, 1.0, 0.05, 0.2)
    assert delta == pytest.approx(NormalDist().cdf(0.35), rel=1e-14)  # d1 = (0 + 0.05 + 0.02) / 0.2


def glossary() -> list[tuple[str, str]]:
    """The words of the glossary, each with the places it names."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    cells = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    places = [(row[0].strip(), row[-1]) for row in cells if row[0].strip() not in ("word", "---")]
    return [(word, place) for word, cell in places for place in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize(("word", "place"), glossary(), ids=lambda text: text.replace(" ", "-"))
def test_a_place_that_the_glossary_names_is_there(word, place):
    path, _, name = place.partition(":")
    assert (PACKAGE / path).is_file(), f"{word}: there is no file {path}"
    if name:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        found = importlib.import_module(f"glassgrad.{module}")
        for part in name.split("."):
            assert hasattr(found, part), f"{word}: there is no {name} in {path}"
            found = getattr(found, part)
