"""Imports point one way, and `import glassgrad` is quick because it brings in nothing heavy."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "glassgrad"

# A module may import from its own row and the rows above it; a sub-package counts as one.
LAYERS = [
    {"_build", "pytrees", "uncompiled"},
    {"picklers", "naming", "state", "frames", "bytecode", "legible", "messages"},
    {"op", "graph", "notes", "numeric", "accurate", "special", "conversions"},
    {"ops", "functions", "reverse", "forward"},
    {
        "refusals",
        "scalar",
        "homework",
        "primitive",
        "arrays",
        "pickling",
        "recording",
        "trees",
        "tracing",
        "calling",
        "callback",
        "anomaly",
        "rerun",
        "given",
    },
    {"transforms", "compiler", "draw", "nn", "optim", "player", "plot"},
    {"interop"},
    {"tour", "cli", "__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
STANDALONE = {"_build", "numeric", "special"}  # these import nothing of ours

HEAVY = {"numpy", "optree", "graphviz", "matplotlib", "tqdm", "sklearn", "IPython", "llvmlite", "scipy", "anywidget"}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_compiled" not in path.parts)


def part(path: Path) -> str:
    """Name the module of the house, or the sub-package, that a file belongs to; '' is the package itself."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def statements(node: ast.AST, later: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Give the imports below `node`, but not those for type checkers; those inside functions if `later`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from statements(other, later)
        elif later or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from statements(child, later)


def imported(path: Path, later: bool) -> set[str]:
    """Name all that a file imports, in full: `from ..op import Op` in draw/svg.py is glassgrad.op.Op."""
    here = ["glassgrad", *path.relative_to(PACKAGE).parts[:-1]]
    names = set()
    for statement in statements(ast.parse(path.read_text(encoding="utf-8")), later):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        else:
            base = here[: len(here) - statement.level + 1] if statement.level else []
            base = [*base, statement.module] if statement.module else base
            names |= {".".join([*base, alias.name]) for alias in statement.names}
    return names


def ours(path: Path, later: bool = True) -> set[str]:
    """Name the parts of the house that a file imports from, other than its own."""
    full = (name.split(".") for name in imported(path, later))
    parts = {name[1] for name in full if name[0] == "glassgrad" and len(name) > 1}
    return parts & LEVEL.keys() - {part(path)}


def label(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def in_fresh_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", FILES, ids=label)
def test_every_module_has_its_layer(path):
    assert part(path) == "" or part(path) in LEVEL, f"give {part(path)} its place in LAYERS"


@pytest.mark.parametrize("path", [path for path in FILES if part(path)], ids=label)
def test_imports_point_one_way(path):
    upward = {name for name in ours(path) if LEVEL[name] > LEVEL[part(path)]}
    assert not upward, f"{label(path)} imports {sorted(upward)}, which stand above it"


@pytest.mark.parametrize("path", [path for path in FILES if part(path) in STANDALONE], ids=label)
def test_judges_import_nothing_of_ours(path):
    assert ours(path) <= {"legible"}  # which shows what they found


def test_no_import_waits_for_itself():
    needs: dict[str, set[str]] = {}
    for path in FILES:
        needs.setdefault(part(path), set()).update(ours(path, later=False))
    TopologicalSorter(needs).prepare()  # raises CycleError, naming the cycle


def test_import_brings_in_nothing_heavy():
    loaded = in_fresh_python("import sys, glassgrad; print(*sys.modules)").split()
    assert not HEAVY & {name.partition(".")[0] for name in loaded}


@pytest.mark.parametrize("folder", ["src", "tests", "lessons", "benchmarks"])
def test_nothing_reaches_outside_the_checkout(folder):
    outside = ".." + "/shared"
    paths = [path for path in (ROOT / folder).rglob("*.py") if ".venv" not in path.parts]
    assert not [path for path in paths if outside in path.read_text(encoding="utf-8")]
