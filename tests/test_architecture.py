"""The pictures and the forms of code that the documents show are those that the code makes today."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import glassgrad as gg

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
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
    assert shown()[name] == made[name], "run `make docs`, and read the text around it"


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


def test_the_numbers_on_the_page_are_those_of_the_code():
    pytest.importorskip("llvmlite")
    from glassgrad.compiler import compiled
    from glassgrad.compiler.codegen import batch_kernel, batch_plan
    from glassgrad.compiler.runtime import fastcall, kernel, memory

    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    for text in (
        f"blocks of {batch_plan.BLOCK:,} ",
        f"chunks of {batch_kernel.CHUNK:,} lanes",
        f"from {memory.LARGE >> 20} MB on",
        f"up to {memory.KEPT >> 20} MB",
        f"layout of the results | {fastcall.PATHS} for each function |",
        f"| {compiled.PROGRAMS} for each function |",
        f"`max_paths`, {gg.config.max_paths} |",
        f"{1000 * kernel.WARM:.0f} ms of running (long code: {1000 * kernel.HOT:.0f} ms)",
    ):
        assert text in page.replace("\n", " "), text


@pytest.mark.parametrize("name", ["neuron.svg", "pipeline.svg"])
def test_a_drawing_is_up_to_date(tmp_path, name):
    import pictures

    pictures.drawings()[name].save(tmp_path / name)
    new, kept = tmp_path / name, DOCS / "images" / name
    assert kept.read_text(encoding="utf-8") == new.read_text(encoding="utf-8"), "run `make docs`"


# --- the recipes, as they are written


def blocks(heading: str, kind: str) -> list[str]:
    """The indented blocks of code of one kind in a section of the page."""
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(rf"^ +```{kind}\n(.*?)^ +```$", section, flags=re.M | re.S)
    return [dedent(block) for block in found]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def with_recipes(folder: Path) -> Path:
    """Copy the package to ``folder``, and do what the two recipes say."""
    copy = folder / "glassgrad"
    shutil.copytree(ROOT / "src" / "glassgrad", copy, ignore=shutil.ignore_patterns("_compiled", "js", "__pycache__"))
    passes = copy / "compiler" / "ir" / "passes"
    (passes / "even.py").write_text(blocks("Add a pass", "python")[0], encoding="utf-8")
    before, added, _, old, new = blocks("Add a pass", "diff")[0].splitlines()
    edit(passes / "__init__.py", before[1:], f"{before[1:]}\n{added[1:]}")
    edit(passes / "__init__.py", old[1:], new[1:])
    entry, kernel = blocks("Add a kernel", "python")[:2]
    with (copy / "core" / "ops.py").open("a", encoding="utf-8") as file:
        file.write(entry)
    with (copy / "compiler" / "codegen" / "mathlib" / "basic.py").open("a", encoding="utf-8") as file:
        file.write(kernel)
    return folder


USE = """
import glassgrad as gg
from glassgrad.core import ops
from glassgrad.compiler.codegen.mathlib.machine_code import evaluate

f = gg.jit(lambda x: gg.cos(-x) + gg.cosh(-x))
f(0.5)
print([op.name for op in f.lower(0.5).source.ops], [op.name for op in f.lower(0.5).tape.ops])
x = gg.Scalar(4.0)
y = ops.rsqrt(x)
y.backward()
print(y.data, x.grad, evaluate("rsqrt", [4.0, 0.0, -0.0, -1.0, float("inf")]).tolist())
"""


def test_the_recipes_work_as_they_are_written(tmp_path):
    pytest.importorskip("llvmlite")
    environment = {**os.environ, "PYTHONPATH": str(with_recipes(tmp_path)), "GLASSGRAD_PURE": "1"}
    done = subprocess.run([sys.executable, "-c", USE], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "['neg', 'cos', 'neg', 'cosh', 'add'] ['cos', 'cosh', 'add']",
        "0.5 -0.0625 [0.5, inf, -inf, nan, 0.0]",  # 1 / sqrt(4), and -1 / (2 * 4 ** 1.5)
    ]
