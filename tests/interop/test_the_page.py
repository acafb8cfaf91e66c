"""Each section of docs/with_other_libraries.md runs and prints what it says, where its libraries are installed."""

import re

import pytest

from test_doctests import ROOT, run

PAGE = ROOT / "docs" / "with_other_libraries.md"
SECTIONS = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
IMPORT = re.compile(r"^>>> (?:import|from) ([\w.]+)", re.M)


@pytest.mark.parametrize("text", SECTIONS, ids=lambda text: text.splitlines()[0])
def test_a_section_runs(text):
    for library in IMPORT.findall(text):
        pytest.importorskip(library)
    assert ">>>" in text
    run(text.replace("```", ""), {}, text.splitlines()[0], PAGE, 1)
