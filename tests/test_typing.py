"""mypy and pyright, in their strict modes, accept sound programs and find mistakes; and the stub fits the package."""

from __future__ import annotations

import ast
import inspect
import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import glassgrad as gg

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(__file__).parent / "helpers" / "typed"
STUB = ROOT / "src" / "glassgrad" / "__init__.pyi"
LINALG = STUB.parent / "linalg" / "__init__.pyi"
STUBS = [(gg, STUB), (gg.linalg, LINALG)]
PYRIGHT = ROOT / "src" / "glassgrad" / "player" / "js" / "node_modules" / ".bin" / "pyright"


def output(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def mypy() -> str:
    pytest.importorskip("mypy", reason="mypy is not installed")
    paths = [str(path) for path in sorted(PROGRAMS.glob("*.py"))]
    return output([sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *paths], ROOT)


@pytest.fixture(scope="module")
def pyright(tmp_path_factory) -> str:
    if not PYRIGHT.exists() or shutil.which("node") is None:
        pytest.skip("pyright is not installed: run npm ci in src/glassgrad/player/js")
    folder = tmp_path_factory.mktemp("typed")
    for path in PROGRAMS.glob("*.py"):
        shutil.copy(path, folder)
    strict = ["accepted.py", "rejected.py"]
    settings = {"include": ["."], "strict": strict, "extraPaths": [str(ROOT / "src")]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return output([str(PYRIGHT), "--pythonpath", sys.executable], folder)


@pytest.fixture(params=["mypy", "pyright"])
def report(request) -> str:
    return str(request.getfixturevalue(request.param))


def reported(report: str, name: str) -> dict[int, str]:
    return {int(line): text for line, text in re.findall(rf"{name}\.py:(\d+):(.*error.*)", report)}


@pytest.mark.parametrize("name", ["accepted", "lambdas"])
def test_sound_programs_are_accepted(report, name):
    assert reported(report, name) == {}


def test_mistakes_are_found(report):
    lines = (PROGRAMS / "rejected.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    assert set(reported(report, "rejected")) == marked


@pytest.mark.parametrize("name", ["accepted", "lambdas"])
def test_sound_programs_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gg.config, "threads", gg.config.threads)  # which a program sets
    runpy.run_path(str(PROGRAMS / f"{name}.py"))


# The stub agrees with the package

TREE = ast.parse(STUB.read_text())


def declared() -> set[str]:
    found = set()
    for node in TREE.body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname for alias in node.names if alias.asname}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("_")}


def test_the_stub_declares_all_public_names():
    public = {name for name in dir(gg) if not name.startswith("_")}
    assert declared() == public


def functions(stub: Path) -> dict[str, list[ast.arguments]]:
    found: dict[str, list[ast.arguments]] = {}
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node.args)
    return found


FUNCTIONS = [(module, name, args) for module, stub in STUBS for name, args in sorted(functions(stub).items())]


@pytest.mark.parametrize(("module", "name", "overloads"), FUNCTIONS)
def test_the_stub_has_the_parameters(module, name, overloads):
    actual = inspect.signature(getattr(module, name)).parameters.values()
    names = {parameter.name for parameter in actual}
    positional_only = {a.arg for args in overloads for a in args.posonlyargs}
    stub = {a.arg for args in overloads for a in [*args.args, *args.kwonlyargs]}
    assert stub <= names
    assert {p.name for p in actual if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)} <= stub | positional_only


def test_the_stub_of_linear_algebra_declares_all_names():
    assert {*functions(LINALG), "LinAlgError"} == {*gg.linalg.__all__}
