"""The pictures and the forms of code that the documents show are those that the code makes today."""

import re
import sys
from pathlib import Path

import pytest

import glassgrad as gg

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCKS = re.compile(r"^<!-- form: ([\w-]+) -->\n```\w*\n(.*?)\n```$", flags=re.M | re.S)
ASSEMBLY = {  # the instructions that matter; LLVM chooses the others, and the registers
    "scalar-assembly": ["vmulsd", "vsubsd", "vandp", "vucomisd", "j", "vmulsd", "vaddsd", "vfmadd", "ret"],
    "batch-assembly": ["vmulpd", "vsubpd", "vandp", "vcmp"],
}


@pytest.fixture(scope="module", autouse=True)
def scripts():
    sys.path.insert(0, str(DOCS))
    yield
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def made():
    pytest.importorskip("llvmlite")
    import forms

    return forms.forms()


def shown() -> dict[str, str]:
    return dict(BLOCKS.findall((DOCS / "architecture.md").read_text(encoding="utf-8")))


def mnemonics(assembly: str) -> list[str]:
    return [line.split()[0] for line in assembly.splitlines() if line.startswith(" ")]


def in_order(wanted: list[str], found: list[str]) -> bool:
    """Whether the words that begin with ``wanted`` come in this order among ``found``."""
    rest = iter(found)
    return all(any(word.startswith(start) for word in rest) for start in wanted)


def test_the_page_shows_each_form(made):
    assert shown().keys() == made.keys()


@pytest.mark.parametrize("name", sorted(shown().keys() - ASSEMBLY.keys()))
def test_a_form_is_up_to_date(made, name):
    assert shown()[name] == made[name], "run `python docs/forms.py`, and read the text around it"


@pytest.mark.parametrize("name", ASSEMBLY)
def test_the_assembly_has_the_instructions_that_matter(made, name):
    assert in_order(ASSEMBLY[name], mnemonics(made[name]))
    assert in_order(ASSEMBLY[name], mnemonics(shown()[name]))


def test_the_function_on_the_page_has_the_derivative_of_its_recording():
    names = {}
    exec(shown()["source"], names)
    for w, x, y in ((0.5, 1.0, 0.2), (0.5, 10.0, 0.2)):
        error = w * x - y
        value, slope = (error * error, (error + error) * x) if abs(error) < 1 else (2 * abs(error) - 1, 2 * x)
        assert gg.value_and_grad(names["loss"])(w, x, y) == pytest.approx((value, slope), rel=1e-15)


@pytest.mark.parametrize("name", ["neuron.svg", "pipeline.svg"])
def test_a_drawing_is_up_to_date(tmp_path, name):
    import pictures

    pictures.drawings()[name].save(tmp_path / name)
    new, kept = tmp_path / name, DOCS / "images" / name
    assert kept.read_text(encoding="utf-8") == new.read_text(encoding="utf-8"), "run `python docs/pictures.py`"
