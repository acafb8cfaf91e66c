"""Every example in a docstring or in the documents runs and prints what it says.

Docstrings are read from the source, so that a compiled module's examples are the very ones of its source.
"""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
OF_LIBRARIES = ROOT / "docs" / "with_other_libraries.md"  # which may be missing: tests/interop/test_the_page.py
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted({*(ROOT / "docs").rglob("*.md")} - {OF_LIBRARIES})]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
OWNERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def module_name(path: Path) -> str:
    """Give the name that a source file is imported under."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def docstrings():
    """Give (source file, name, line, text) for each docstring with an example in it."""
    for path in sorted(path for path in SOURCE.rglob("*.py") if "node_modules" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.get_docstring(node) if isinstance(node, OWNERS) else None
            if text and ">>>" in text:
                name = getattr(node, "name", "module")
                line = node.body[0].lineno
                yield pytest.param(path, line, text, id=f"{module_name(path)}:{name}:{line}")


def run(text: str, globs: dict, name: str, path: Path, line: int) -> None:
    test = doctest.DocTestParser().get_doctest(text, globs, name, str(path), line - 1)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    if report:
        pytest.fail("".join(report), pytrace=False)


@pytest.mark.parametrize(("path", "line", "text"), list(docstrings()))
def test_docstring(path, line, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(module_name(path))
    run(text, dict(vars(module)), module.__name__, path, line)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_document(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^```.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    run(text, {}, path.stem, path, 1)
