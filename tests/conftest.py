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
# builds. Files that test calls into machine code, calls back, or the threads of a batch are not among them.
ONE_BUILD = [
    *("compiler/test_account.py", "compiler/test_doubling.py", "compiler/test_growth.py"),
    *("compiler/runtime/test_optimiser.py", "compiler/test_picklers.py", "compiler/test_pickling.py"),
    *("compiler/test_random_programs.py", "compiler/codegen/test_schedule.py", "compiler/codegen/test_slots.py"),
    *("compiler/test_vmap.py", "compiler/frontend/test_outer_state.py", "compiler/ir/test_passes.py"),
    *("compiler/ir/test_tape.py", "compiler/llvm/test_linker.py", "compiler/runtime/test_anomalies.py"),
    *("compiler/runtime/test_cache.py", "compiler/runtime/test_kernel_store.py"),
    *("table/test_code.py", "table/test_javascript.py", "table/test_player.py"),
    *("draw/test_elsewhere.py", "draw/test_layout.py", "draw/test_notebook.py", "draw/test_save.py"),
    *("draw/test_tex.py", "player/test_film.py"),
]

# Marked no_cover: long runs whose coverage is not measured, as that would take as long again and find nothing new.
NOT_MEASURED = [
    *("compiler/test_doubling.py", "compiler/test_growth.py", "compiler/test_random_programs.py"),
    *("compiler/codegen/test_slots.py", "table/test_code.py", "test_interrupts.py", "core/test_functions_accuracy.py"),
]


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for mark, files in ((pytest.mark.one_build, ONE_BUILD), (pytest.mark.no_cover, NOT_MEASURED)):
        paths = {TESTS / file for file in files}
        for item in items:
            if item.path in paths:
                item.add_marker(mark)


@pytest.fixture(autouse=True)
def _code_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it costs: else a busy machine decides what runs uncompiled. `compiler/test_account.py` has a clock."""
    import glassgrad

    monkeypatch.setattr(glassgrad.config, "compile_budget", math.inf)


def pytest_report_header(config: pytest.Config) -> str:
    import glassgrad

    return f"glassgrad {glassgrad.__version__}: {'compiled' if glassgrad.compiled() else 'plain Python'}"
