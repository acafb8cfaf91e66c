"""The cache on disk: hits, and everything that may be wrong with a file or a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import ops
from glassgrad.compiler import cache, kernel, machine
from glassgrad.compiler.layout import SPREAD, UNIT, Form
from glassgrad.compiler.tape import Draft, Outputs, Tape
from helpers.branching import runnable

pytest.importorskip("llvmlite")

from glassgrad.compiler.target import host, level


@pytest.fixture
def folder(tmp_path):
    before, gg.config.cache = gg.config.cache, tmp_path / "kernels"
    yield tmp_path / "kernels"
    gg.config.cache = before


@pytest.fixture
def compiled(monkeypatch):
    """A list that gets longer with each kernel that is compiled, those of mathlib not counted."""
    made: list[str] = []
    original = machine.image

    def image(text, target, level):
        if "@kernel(" in text:
            made.append(text)
        return original(text, target, level)

    monkeypatch.setattr(machine, "image", image)
    return made


def function():
    return gg.jit(lambda x, y: gg.exp(x) * y if x > y else x - y)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.kernel"))


def test_what_was_compiled_once_is_loaded(folder, compiled):
    f = function()
    values = f(2.0, 1.0), f(1.0, 2.0)
    count = len(compiled)
    assert count >= 1
    assert len(files(folder)) == count
    g = function()
    assert (g(2.0, 1.0), g(1.0, 2.0)) == values
    assert len(compiled) == count, "nothing was compiled again"
    batch = gg.vmap(lambda x: gg.sin(x) * 2)
    x = np.linspace(-3, 3, 100)
    found = batch(x)
    count = len(compiled)
    assert np.array_equal(gg.vmap(lambda x: gg.sin(x) * 2)(x), found)
    assert len(compiled) == count
    assert not list(folder.glob("*.part"))


def test_without_a_folder_nothing_is_kept(tmp_path, compiled, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert gg.config.cache is None
    function()(2.0, 1.0)
    count = len(compiled)
    function()(2.0, 1.0)
    assert len(compiled) == 2 * count
    assert not list(tmp_path.iterdir())


DAMAGE = {
    "empty": lambda data: b"",
    "cut in the head": lambda data: data[:10],
    "cut behind the head": lambda data: data[:60],
    "cut at the end": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "a bit in the code": lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
    "a bit in the digest": lambda data: data[:25] + bytes([data[25] ^ 1]) + data[26:],
    "another magic": lambda data: b"glassgrad kernel 0\n" + data[19:],
    "noise": lambda data: bytes(range(256)) * (len(data) // 256 + 1),
    "text": lambda data: b"<html>",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_as_good_as_none(folder, compiled, damage):
    value = function()(2.0, 1.0)
    good = [path.read_bytes() for path in files(folder)]
    for path in files(folder):
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    count = len(compiled)
    assert function()(2.0, 1.0) == value
    assert len(compiled) == 2 * count
    assert [path.read_bytes() for path in files(folder)] == good, "and it is written anew"


def test_a_whole_file_whose_code_is_not_code(folder, compiled):
    """Of the right digest, but nothing that the linker takes."""
    value = function()(2.0, 1.0)
    (path,) = files(folder)
    count = len(compiled)
    cache.store(folder, path.stem, cache.Kept(0, (), b"no object file"))
    assert function()(2.0, 1.0) == value
    assert len(compiled) == 2 * count


def test_a_file_that_needs_a_kernel_that_is_not_there(folder, compiled):
    value = function()(2.0, 1.0)
    (path,) = files(folder)
    kept = cache.load(folder, path.stem)
    cache.store(folder, path.stem, kept._replace(needs=("no such kernel",)))
    assert function()(2.0, 1.0) == value


def test_a_folder_in_place_of_the_file(folder, compiled):
    value = function()(2.0, 1.0)
    (path,) = files(folder)
    path.unlink()
    path.mkdir()
    assert function()(2.0, 1.0) == value
    assert not list(folder.glob("*.part"))


def test_a_folder_that_cannot_be_written_to(tmp_path, compiled):
    occupied = tmp_path / "file"
    occupied.write_text("here is no folder")
    before = gg.config.cache
    try:
        for folder in (occupied, occupied / "below", Path("/proc/nowhere/kernels")):
            gg.config.cache = folder
            assert function()(3.0, 5.0) == -2.0
    finally:
        gg.config.cache = before
    assert occupied.read_text() == "here is no folder"


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="root writes everywhere")
def test_a_folder_that_is_read_only(folder):
    folder.mkdir()
    folder.chmod(0o500)
    try:
        assert function()(3.0, 5.0) == -2.0
    finally:
        folder.chmod(0o700)


def test_a_disk_that_is_full(folder, monkeypatch):
    def replace(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    assert function()(3.0, 5.0) == -2.0
    assert not list(folder.iterdir()), "nothing half written is left"


WRITER = """
import sys
import numpy as np
import glassgrad as gg
gg.config.cache = sys.argv[1]
total = 0.0
for k in range(12):
    f = gg.jit(lambda x, y: gg.exp(x) * y + k if x > y else x - y * k)
    total += f(2.0, 1.0) + f(1.0, 2.0)
    total += gg.vmap(lambda x: gg.sqrt(x) + k)(np.arange(9.0)).sum()
print(float(total))
"""


def test_several_processes_write_at_once(tmp_path):
    folder = tmp_path / "kernels"
    start = [sys.executable, "-W", "error", "-c", WRITER, str(folder)]
    first = [subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    texts = [process.communicate(timeout=120) for process in first]
    assert len({out for out, _ in texts}) == 1, texts
    assert float(texts[0][0]) > 0
    assert files(folder)
    assert not list(folder.glob("*.part"))
    after = subprocess.run(start, capture_output=True, text=True, timeout=120, check=True)
    assert after.stdout == texts[0][0]
    for path in files(folder):
        assert cache.load(folder, path.stem) is not None


# What the name depends on


def tape(constant: float = 2.0, op=ops.mul, swapped: bool = False, result: int | None = None) -> Tape:
    draft = Draft(["x"])
    draft.begin(-1)
    args = (0, draft.constant(constant))
    made = draft.append(op, args[::-1] if swapped else args)
    draft.end(Outputs((made if result is None else result,)))
    return draft.tape


IN, OUT = [Form(0, 1, UNIT)], [Form(0, 1, UNIT)]


def test_the_name_tells_all_apart():
    named = cache.digest(tape(), IN, OUT, host(), "row2")
    assert named == cache.digest(tape(), IN, OUT, host(), "row2")
    others = [
        cache.digest(tape(3.0), IN, OUT, host(), "row2"),
        cache.digest(tape(-2.0), IN, OUT, host(), "row2"),
        cache.digest(tape(0.0), IN, OUT, host(), "row2"),
        cache.digest(tape(-0.0), IN, OUT, host(), "row2"),
        cache.digest(tape(swapped=True), IN, OUT, host(), "row2"),
        cache.digest(tape(result=0), IN, OUT, host(), "row2"),
        cache.digest(tape(op=ops.add), IN, OUT, host(), "row2"),
        cache.digest(tape(), [Form(0, 1, SPREAD)], OUT, host(), "row2"),
        cache.digest(tape(), IN, [Form(0, 1, UNIT, True)], host(), "row2"),
        cache.digest(tape(), IN, OUT, host(), "row1"),
        cache.digest(tape(), IN, OUT, host(), "batch2"),
        cache.digest(tape(), IN, OUT, host().scalar(), "row2"),
        *[cache.digest(tape(), IN, OUT, level(name, host().triple), "row2") for name in runnable()],
    ]
    assert len({named, *others}) == len(others) + 1


def test_the_name_depends_on_the_versions(monkeypatch):
    named = cache.digest(tape(), IN, OUT, host(), "row2")
    monkeypatch.setattr(gg, "__version__", "0.0.1")
    assert cache.digest(tape(), IN, OUT, host(), "row2") != named
    monkeypatch.undo()
    monkeypatch.setattr(cache, "_stamp", "another source")
    assert cache.digest(tape(), IN, OUT, host(), "row2") != named


def test_config_cache(tmp_path, monkeypatch):
    before = gg.config.cache
    try:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        gg.config.cache = True
        assert gg.config.cache.name == "glassgrad"
        gg.config.cache = "~/kernels"
        assert gg.config.cache == Path.home() / "kernels"
        gg.config.cache = False
        assert gg.config.cache is None
    finally:
        gg.config.cache = before


def test_the_environment_sets_it(tmp_path):
    script = "import glassgrad as gg; gg.jit(lambda x: x * 2)(1.0); print(gg.config.cache)"
    setting = {**os.environ, "GLASSGRAD_CACHE": str(tmp_path / "here")}
    done = subprocess.run([sys.executable, "-c", script], env=setting, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == tmp_path / "here"
    assert files(tmp_path / "here")


def test_large_code_gets_better_in_the_background(folder, monkeypatch):
    """The better code is kept, too, and gives the same."""
    monkeypatch.setattr(kernel, "SMALL", 3)

    def f(x):
        for k in range(30):
            x = x * 1.5 - gg.sin(x) / (k + 1)
        return x

    compiled = gg.jit(f)
    value = compiled(0.3)
    (only,) = compiled.kernels()
    assert not only.final
    only.wait()
    assert only.final
    assert compiled(0.3) == pytest.approx(value, rel=1e-13)
    assert len(files(folder)) == 2
