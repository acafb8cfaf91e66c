"""What all tests share: how many examples hypothesis tries, plots without a screen, which build is tested."""

import math
import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "Agg")

# ci tries the same examples each time: a failure is of the change at hand. nightly looks for new ones.
settings.register_profile("ci", derandomize=True, database=None, deadline=None, max_examples=60)
settings.register_profile("nightly", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

TESTS = Path(__file__).parent

# Marked one_build: `make test` runs these on the compiled build alone. What they test is the same Python in both
# builds, or the same C. A file stays off the list if it tests a hot module (a `.py` with a `.pxd` beside it: nodes,
# operations, their values and sweeps), calls into machine code, calls back, or the threads of a batch.
ONE_BUILD = [
    # The compiler, from the trace to the code: no hot module but `callback`, which `test_primitives` tests, and those
    # of a run's arrays, which `frontend/test_flattening.py` and the rest of `ir` test
    *("compiler/codegen", "compiler/frontend/test_outer_state.py", "compiler/ir/test_passes.py", "compiler/llvm"),
    *("compiler/test_account.py", "compiler/test_doubling.py", "compiler/test_growth.py", "compiler/test_picklers.py"),
    *("compiler/test_pickling.py", "compiler/test_random_programs.py", "compiler/test_vmap.py"),
    *("compiler/runtime/test_anomalies.py", "compiler/runtime/test_cache.py", "compiler/runtime/test_kernel_store.py"),
    "compiler/runtime/test_optimiser.py",
    # Loops: `rolling/test_scan.py` and `ir/test_columns.py` test the hot modules
    *("compiler/ir/memory", "compiler/ir/test_expand.py", "compiler/ir/test_expand_counts.py"),
    *("compiler/ir/test_interpret.py", "compiler/ir/test_loop_rules.py", "compiler/ir/test_loops.py"),
    *("compiler/ir/test_printing.py", "compiler/ir/test_rolled_passes.py", "compiler/ir/test_rounds.py"),
    *("compiler/rolling/test_coverage.py", "compiler/rolling/test_nests.py", "compiler/rolling/test_roll.py"),
    *("compiler/rolling/test_rounds.py", "compiler/rolling/test_trim.py", "compiler/rolling/test_unroll.py"),
    *("compiler/runtime/test_forms.py", "compiler/test_drawable.py", "compiler/test_loop_programs.py"),
    # The pool's C, compiled by the test, and the table in its header
    *("compiler/runtime/test_pool_model.py", "compiler/runtime/test_pool_races.py"),
    # The table's columns for machine code and JavaScript
    *("table/test_code.py", "table/test_javascript.py", "table/test_player.py"),
    # Readers of a finished graph
    *("draw", "player", "homework", "messages", "support"),
    # Functions composed of the table's operations, and other libraries
    *("core/tables", "interop", "linalg"),
    # Programs of several parts, whose engine is tested elsewhere
    *("nn/test_saving.py", "tour", "test_cli.py", "test_lessons.py", "test_plot.py"),
    # The repository's own files; `test_packaging` runs both builds, in processes of its own
    *("test_architecture.py", "test_coefficients.py", "test_docstrings.py", "test_documents.py", "test_imports.py"),
    *("test_mirror.py", "test_packaging.py", "test_typing.py"),
]


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    one_build = {TESTS / name for name in ONE_BUILD}
    for item in items:
        if not one_build.isdisjoint({item.path, *item.path.parents}):
            item.add_marker(pytest.mark.one_build)


@pytest.fixture(autouse=True)
def _code_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it costs: else a busy machine decides what runs uncompiled. `compiler/test_account.py` has a clock."""
    import glassgrad

    monkeypatch.setattr(glassgrad.config, "compile_budget", math.inf)


def pytest_report_header(config: pytest.Config) -> str:
    import glassgrad

    return f"glassgrad {glassgrad.__version__}: {'compiled' if glassgrad.compiled() else 'plain Python'}"
