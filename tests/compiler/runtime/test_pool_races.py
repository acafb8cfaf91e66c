"""The pool in C, with many callers at once, under ThreadSanitizer.

Each part is run once, no data race is found, and slots make only the moves that are in the table of `pool.h`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import glassgrad

HERE = Path(__file__).parent / "pool"
HEADER = Path(glassgrad.__file__).parent / "compiler" / "runtime" / "pool.h"
ROW = re.compile(r" \*     \w+ +(?:caller|thread) +(\w+) +(\w+) +(?:change|store) ")
COMPILER = shutil.which("gcc") or shutil.which("clang")

# With C11's atomics, and with those that older compilers have instead
STANDARDS = ["gnu11", "gnu99"]


def built(folder: Path, *options: str, include: Path = HEADER.parent) -> Path:
    """The program `crowd`, compiled; skips the test where that is not possible."""
    if COMPILER is None:
        pytest.skip("there is no C compiler")
    program = folder / "crowd"
    command = [COMPILER, "-O1", "-g", *options, f"-I{HERE}", f"-I{include}", str(HERE / "crowd.c"), "-pthread"]
    done = subprocess.run([*command, "-o", str(program)], capture_output=True, text=True, check=False)
    if done.returncode and "tsan" in done.stderr:
        pytest.skip("the compiler has no ThreadSanitizer")
    assert not done.returncode, done.stderr
    return program


def run(program: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=120, check=False)
    if "unexpected memory mapping" in done.stderr:
        pytest.skip("ThreadSanitizer does not run on this kernel")
    return done


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_crowd_of_callers_runs_each_part_once_without_a_race(tmp_path, standard):
    """Though the system refuses some threads at first. A call for five threads uses four slots."""
    options = f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-fsanitize=thread"
    done = run(built(tmp_path, *options))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    *moves, threads = done.stdout.splitlines()
    assert threads == "4 threads"
    table = {f"{before} {after}" for before, after in ROW.findall(HEADER.read_text("utf-8"))}
    assert set(moves) <= table
    assert "WORKING SPINNING" in moves


FAULTS = {
    "an order too weak": ("atomic_add_release(&job->finished, 1)", "atomic_add_relaxed(&job->finished, 1)"),
    "no wait": ("while (atomic_load_acquire(&job->finished) != awaited) {", "while (0) {"),
    "a second ring": ("if (state == SLEEPING) PyThread", "if (state != EMPTY) PyThread"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(tmp_path, fault):
    """Else the test above would say less than it seems to."""
    good, bad = FAULTS[fault]
    include = tmp_path / "include"
    include.mkdir()
    for header in HEADER.parent.glob("*.h"):
        shutil.copy(header, include)
    text = HEADER.read_text("utf-8")
    assert good in text
    (include / "pool.h").write_text(text.replace(good, bad), "utf-8")
    assert run(built(tmp_path, "-fsanitize=thread", include=include)).returncode
