"""Imports point one way, and `import glassgrad` is quick because it brings in nothing heavy."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "glassgrad"

# The order of the house, from the ground up: rooms, and in each room rows of files. A file may import from the rows
# above its own in this list. `__init__` is the room's own `__init__.py`; "." is the package glassgrad.
LAYERS = """
.:
    _build _version
support:
    __init__ bytecode forks frames late legible picklers protocols records signatures
    pytrees
    naming
.:
    graph messages
core:
    __init__ cython_shim node_info op_docs special
    accurate state
    op
    flags folding ops settings static_values
    row_ops
    functions
    refusals
    conversions
    arrays arrays/choices arrays/derived arrays/elementwise arrays/filled arrays/foreign arrays/functions arrays/linear
      arrays/making arrays/networks arrays/nodes arrays/ordering arrays/quantiles arrays/reading arrays/rows
      arrays/storing arrays/sums arrays/truths arrays/ufuncs arrays/wrapping integers pickling scalar
    sweep walks
    folded recompute
    anomaly backward checkpoint primitive reverse tables tables/knots trace_sweep
    forward tables/grid tables/linear tables/slopes
    tables/cubic
    recording
    rerun
linalg:
    batches held
    entries jacobi orthogonal sources
    spectra triangular
    elimination
    powers solving
    spectral
    inverses norms
    __init__
transforms:
    given nudges trees
    tracing
    api
    __init__
.:
    __init__
homework:
    operations
    nodes
    __init__
draw:
    dotread files fonts layers metrics names notebook scene tangles
    colours counting layout mpl stale svg tikz
    picture
    compose dotwrite text
    dotscene drawing
    digraph
    dot
    __init__
.:
    plot
compiler:
    account
compiler/ir:
    __init__ columns fused_ops illegal loops passes/algebra
    legality loop_rules operations printing
    tape
    expand expand_counts indices interpret passes/rewriter recorded rounds
    passes/moves passes/uses
    passes/arrange passes/join
    passes/assemble passes/dce passes/operands
    passes/contract passes/error_functions passes/loop_writer passes/tanh_slopes
    passes/normalise
    passes/merge passes/seal
    passes
compiler/ir/memory:
    __init__ insertion mincut
    costs records segments slopes
    mixed repeated rounds tiling
    checkpoint distribution ends recompute
compiler/rolling:
    __init__ nodes pieces scan
    align nests periods trim unroll
    strings
    flat runs
    finder operands
    writing
    roll rounds
compiler/frontend:
    __init__ comparison locations snapshots structures
    outer_state results
    inline
    flattening
    tracer
    advice paths
    user_function
    program
compiler/llvm:
    __init__ target
    generator
    host
    linker
    machine
compiler/codegen:
    __init__ callback instructions layout regions
    frame schedule stages values
    builder lane_values
    vector
    access callees mathlib mathlib/doubled
    rows scatter
    mathlib/basic mathlib/exponential mathlib/machine_code mathlib/remainders mathlib/special
      mathlib/trigonometric module
    lane_lists pieces mathlib/errors mathlib/gamma mathlib/hyperbolic mathlib/polygamma mathlib/powers python_calls
    batch_plan chain transposition
    scalar_kernel
    sums rolled rolled/bounds rolled/lanes rolled/named rolled/places
    region_kernel rolled/leaves rolled/liveness rolled/shared rolled/summed
    batch_kernel rolled/cells
    rolled/pairs rolled/vectors
    rolled/plan
    rolled/writer
    rolled/masked rolled/results
    rolled/adding
    rolled/cut rolled/kernel
    rolled/phased
compiler/marshal:
    __init__ leaves
    arguments out
    assemble axes statics
compiler/runtime:
    __init__ anomalies fastcall memory optimiser trust
    cache eager forms signature threads vmap_eager
    improved pool
    kernel
    kernel_store
    units
    batch_code scalar_call
    batch_call streak
    replay specialize
compiler:
    drawable
    lowered pickling variants
    compiled
    jitted vmapped
    __init__
.:
    typing
interop:
    flat levels
    jax torch with_scipy
    __init__
nn:
    history initial interrupts losses optim/arguments optim/clipping optim/optimizer progress safetensors
    modules optim/adam optim/schedule optim/sgd rows utils
    optim/adaptive saving twins
    checkpoints optim/lr_scheduler
    optim
    runs
    fitting
    __init__
.:
    optim
player:
    expressions film/files film/moments generate grading judging line rules seeds
    document
    exercise film/make page
    film handins view widget
    player
    quiz record
    gradebook
    __init__
tour:
    curve folder network neuron style
    report
    page
    run
    __init__
.:
    cli
    __main__
"""

# The files of this row may import each other, inside functions. A node is an operand of NumPy's functions and pickles:
# its class has methods that NumPy and pickle ask for by name, and what they do is too much for one file. Opening the
# room anew by `late` at each call would cost what adding two nodes costs.
KNOT = "core/scalar"

# Methods that open a room above by `late`, for the user's convenience: the file, and the rooms that it opens.
DOORS = {
    "core/arrays/functions": {"linalg"},
    "core/anomaly": {"player.player"},
    "core/arrays/derived": {"core.tables.linear"},
    "nn/modules": {"nn.saving"},
    "player/quiz": {"player.gradebook"},
}


def levels() -> dict[str, int]:
    """Give the row of each file, by its path without the suffix."""
    found: dict[str, int] = {}
    room, level = "", 0
    for line in LAYERS.strip().splitlines():
        if line.endswith(":"):
            room = line.removesuffix(":")
            continue
        level += not line.startswith("      ")  # a row may go on in the next line
        for name in line.split():
            path = name if room == "." else room if name == "__init__" else f"{room}/{name}"
            assert path not in found, f"{path} has two places in LAYERS"
            found[path] = level
    return found


LEVEL = levels()
STANDALONE = {"_build", "_version", "core/special", "transforms/nudges"}  # these import nothing of ours

HEAVY = {"numpy", "optree", "graphviz", "matplotlib", "tqdm", "sklearn", "IPython", "llvmlite", "scipy", "anywidget"}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if not {"_compiled", "node_modules"} & set(path.parts))


def part(path: Path) -> str:
    """Name a file as LAYERS does: "core/scalar"; "core" is core/__init__.py, "__init__" the package itself."""
    place = path.relative_to(PACKAGE).with_suffix("")
    if place.name == "__init__" and place.parts[:-1]:
        place = place.parent
    return place.as_posix()


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
    """Name the files of the house that a file imports from, other than itself."""
    found = set()
    for name in imported(path, later):
        first, *rest = name.split(".")
        if first != "glassgrad":
            continue
        while rest and "/".join(rest) not in LEVEL:  # the last is a name in the file
            rest.pop()
        found.add("/".join(rest) or "__init__")
    return found - {part(path)}


def label(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def in_fresh_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_every_file_has_its_layer():
    assert set(LEVEL) == set(map(part, FILES))


@pytest.mark.parametrize("path", FILES, ids=label)
def test_imports_point_one_way(path):
    here = LEVEL[part(path)]
    allowed = here if here != LEVEL[KNOT] else here + 1
    upward = {name for name in ours(path) if LEVEL[name] >= allowed}
    assert not upward, f"{label(path)} imports {sorted(upward)}, which stand beside or above it"


@pytest.mark.parametrize("path", [path for path in FILES if part(path) in STANDALONE], ids=label)
def test_judges_import_nothing_of_ours(path):
    assert ours(path) <= {"support/legible", "support/records"}  # which show numbers, and open dataclasses


def test_no_import_waits_for_itself():
    needs = {part(path): ours(path, later=False) for path in FILES}
    TopologicalSorter(needs).prepare()  # raises CycleError, naming the cycle


def test_doors_to_rooms_above_are_few():
    found: dict[str, set[str]] = {}
    for path in FILES:
        for room in re.findall(r'\blate\("glassgrad\.([\w.]+)"\)', path.read_text(encoding="utf-8")):
            found.setdefault(part(path), set()).add(room)
    assert found == DOORS


def test_import_brings_in_nothing_heavy():
    loaded = in_fresh_python("import sys, glassgrad; print(*sys.modules)").split()
    assert not HEAVY & {name.partition(".")[0] for name in loaded}


@pytest.mark.parametrize("folder", ["src", "tests", "lessons", "benchmarks"])
def test_nothing_reaches_outside_the_checkout(folder):
    outside = ".." + "/shared"
    paths = [path for path in (ROOT / folder).rglob("*.py") if ".venv" not in path.parts]
    assert not [path for path in paths if outside in path.read_text(encoding="utf-8")]
