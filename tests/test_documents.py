"""The documents name what there is: modules have their places on the maps, links lead somewhere, the README runs."""

import re
from pathlib import Path
from statistics import NormalDist

import pytest

from test_imports import PACKAGE, ROOT

DOCUMENTS = [path for folder in (ROOT, ROOT / "docs", ROOT / "lessons") for path in sorted(folder.glob("*.md"))]
LINK = re.compile(r"\]\(([^()\s]+)\)")
DESIGN, CONTRIBUTING = ROOT / "docs" / "design.md", ROOT / "CONTRIBUTING.md"


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


@pytest.mark.parametrize(("heading", "folder"), [("The map", "."), ("The compiler's modules", "compiler")])
def test_every_room_has_its_row_in_the_design(heading, folder):
    assert rows(section(DESIGN, heading)) == parts(PACKAGE / folder) - {"__init__"}


def test_every_room_has_its_line_in_the_guide_for_contributors():
    block = section(CONTRIBUTING, "The house").split("examples/")[0]
    named = set(re.findall(r"(?<![/.\w])(\w+)(?:\.py|/)", block)) - {"src", "glassgrad", "js"}
    rooms = parts(PACKAGE) | parts(PACKAGE / "compiler")
    assert parts(PACKAGE) - {"__init__"} <= named <= rooms


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
