"""The cache on disk: hits, and everything that may be wrong with a file or a folder."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, Form
from glassgrad.compiler.ir.loops import Affine, Assert
from glassgrad.compiler.ir.tape import Outputs, Tape, TapeBuilder
from glassgrad.compiler.llvm import machine
from glassgrad.compiler.runtime import cache, improved, kernel, kernel_store, trust
from glassgrad.compiler.runtime.scalar_call import ScalarCall
from glassgrad.core import ops
from helpers.branching import runnable
from helpers.rolled_tapes import table, triangular

pytest.importorskip("llvmlite")

from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import level


@pytest.fixture
def folder(tmp_path, monkeypatch):
    if trust.weakness(tmp_path) is not None:
        pytest.skip(f"the folder for tests is not safe: {trust.weakness(tmp_path)}")
    monkeypatch.setattr(ScalarCall, "merge", lambda *_: None)  # whose file would come at its own time
    before, gg.config.cache = gg.config.cache, tmp_path / "kernels"
    yield tmp_path / "kernels"
    gg.config.cache = before


@pytest.fixture
def compiled(monkeypatch):
    """A list that gets longer with each kernel that is compiled, those of mathlib not counted."""
    made: list[str] = []
    original = machine.image

    def image(text, target, level):
        if "@kernel(" in text and machine.generator() is machine.first:  # that one may be at work for an earlier test
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


@pytest.fixture
def python_share(monkeypatch):
    """A list of the passes and code generations that have run; the background may still be at work for another test."""
    made: list[str] = []

    def count(module, name):
        original = getattr(module, name)

        def counted(*args, **kwargs):
            if machine.generator() is machine.first:
                made.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count(improved, "improve")
    count(kernel, "scalar_module")
    count(kernel, "batch_module")
    count(machine, "image")
    return made


def forget_kernels():
    """Forget the kernels of this process, as a new process would not have them."""
    kernel_store._kernels.clear()


def test_a_recorded_tape_is_found_without_passes_or_code_generation(folder, python_share):
    def polynomial(x, y):
        for k in range(20):
            x = x * y + float(k) if k % 3 else x * x - y
        return x

    calls = [
        lambda: gg.jit(gg.value_and_grad(polynomial))(0.5, 0.25),
        lambda: gg.vmap(gg.grad(polynomial))(np.linspace(0, 0.5, 40), np.linspace(0, 1, 40)),
        lambda: gg.vmap(polynomial, reduce="sum")(np.linspace(0, 0.5, 40), np.linspace(0, 1, 40)),
        lambda: gg.jit(lambda x: x * x if x > 1 else x + 1.0)(2.0),
    ]
    wanted = [call() for call in calls]
    assert {"improve", "scalar_module", "batch_module", "image"} <= set(python_share)
    forget_kernels()
    python_share.clear()
    for call, value in zip(calls, wanted, strict=True):
        np.testing.assert_array_equal(call(), value)
    assert python_share == []


def test_another_recorded_tape_is_not_taken_for_the_same(folder):
    """Not even if the facts of one are there when the other is compiled."""
    some = [
        lambda x: x * 3.0 + 0.0,
        lambda x: x * 3.0 - 0.0,
        lambda x: x * -3.0 + 0.0,
        lambda x: (x * 3.0 + 0.0) * 1.0,
        lambda x: (x * 3.0) * 1.0,
        lambda x: x * 3.0 * x if x > 2.0 else x,
        lambda x: x * 3.0 * x if x >= 2.0 else x,
    ]
    for _ in range(2):
        for f in some:
            forget_kernels()
            for x in (-0.0, 1.0, 2.0, 5.0):
                assert repr(gg.jit(f)(x)) == repr(f(x))
    assert len(list(folder.glob("*.facts"))) >= len(some)


def test_tapes_that_become_equal_share_code_on_disk(folder, compiled):
    assert gg.jit(lambda x: x * 3.0)(2.0) == 6.0
    count = len(compiled)
    forget_kernels()
    assert gg.jit(lambda x: 3.0 * x)(2.0) == 6.0
    assert len(compiled) == count


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"[1, 2, 3, 4, 5]", b'["", 1, 0, 1, true]', b'["x", 1, 1, 1, 1]', b"[" * 9999]
)
def test_facts_of_whatever_content(folder, body):
    cache._store(folder, "name", "facts", body)
    assert cache.load_facts(folder, "name") is None


def test_facts_without_code(folder):
    wanted = function()(2.0, 1.0)
    for path in files(folder):
        path.unlink()
    forget_kernels()
    assert function()(2.0, 1.0) == wanted
    assert len(files(folder)) == 1


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


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_facts_are_as_good_as_none(folder, damage):
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))
    (path,) = folder.glob("*.facts")
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    forget_kernels()
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))
    assert cache.load_facts(folder, path.stem) is not None, "they were written again"


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
    draft = TapeBuilder(["x"])
    draft.begin(-1)
    args = (0, draft.constant(constant))
    made = draft.append(op, args[::-1] if swapped else args)
    draft.end(Outputs((made if result is None else result,)))
    return draft.tape


IN, OUT = [Form(0, 1, CONTIGUOUS)], [Form(0, 1, CONTIGUOUS)]


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
        cache.digest(tape(), [Form(0, 1, BROADCAST)], OUT, host(), "row2"),
        cache.digest(tape(), IN, [Form(0, 1, CONTIGUOUS, True)], host(), "row2"),
        cache.digest(tape(), IN, OUT, host(), "row1"),
        cache.digest(tape(), IN, OUT, host(), "batch2"),
        cache.digest(tape(), IN, OUT, host().scalar(), "row2"),
        *[cache.digest(tape(), IN, OUT, level(name, host().triple), "row2") for name in runnable()],
    ]
    assert len({named, *others}) == len(others) + 1


def changed(change) -> Tape:
    one = triangular()
    change(one)
    return one


def loop(k: int, **changes):
    return lambda one: one.loops.__setitem__(k, one.loops[k]._replace(**changes))


def read(k: int, **changes):
    return lambda one: one.reads.__setitem__(k, one.reads[k]._replace(**changes))


LOOPS = [
    loop(0, trips=4),
    loop(1, trips=table(1, 3, 2)),
    loop(1, trips=2),
    loop(0, stop=6),
    loop(2, start=6),
    loop(1, parent=-1),
    lambda one: one.loops.pop(),
    read(0, initial=1),
    read(0, next=5),
    read(0, loop=1),
    read(2, index=table(0, 3, 2)),
    read(2, index=Affine(0, (1,))),
    read(5, index=Affine(10, (-1,))),
    read(5, index=Affine(11, (1,))),
    read(8, loop=0),
    lambda one: one.reads.reverse(),
    lambda one: one.ops.__setitem__(3, Assert(False, "f.py:4")),
]


@pytest.mark.parametrize(
    "name",
    [
        lambda one: cache.digest(one, IN, OUT, host(), "row2"),
        lambda one: kernel_store._key(one, IN, OUT, "row2", host()),
    ],
)
def test_the_name_tells_loops_apart(name):
    assert name(triangular()) == name(triangular())
    names = {name(one) for one in [triangular(), *map(changed, LOOPS)]}
    assert len(names) == len(LOOPS) + 1
    other_line = changed(lambda one: one.ops.__setitem__(3, Assert(True, "other.py:1")))
    assert name(other_line) == name(triangular()), "where an assert stands makes no difference to the code"


def test_the_name_depends_on_the_versions(monkeypatch):
    named = cache.digest(tape(), IN, OUT, host(), "row2")
    monkeypatch.setattr(cache, "__version__", "0.0.1")
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


# What other users may have put there

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no owners and modes of this kind")
STRANGER = 54321


def give_away(monkeypatch, *paths: Path) -> None:
    """Have them belong to another user; where only root could do that, be another user."""
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, STRANGER, -1, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: STRANGER)


def plant(folder: Path) -> Path:
    """Put whole code for `function` into the folder that computes something else; return its file."""
    function()(2.0, 1.0)
    (path,) = files(folder)
    gg.jit(lambda x, y: x * 1000 + y)(2.0, 1.0)
    (other,) = set(files(folder)) - {path}
    kept = cache.load(folder, other.stem)
    assert kept is not None
    cache.store(folder, path.stem, kept)
    other.unlink()
    assert function()(2.0, 1.0) == 2001.0, "it would be run"
    return path


@posix
def test_a_file_of_another_user_is_not_run(folder, compiled, monkeypatch):
    wanted = function()(2.0, 1.0)
    path = plant(folder)
    give_away(monkeypatch, path)
    if os.geteuid() == STRANGER:
        monkeypatch.setattr(cache, "is_trusted", lambda folder: True)
    count = len(compiled)
    assert function()(2.0, 1.0) == wanted
    assert len(compiled) == count + 1


@posix
@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_can_write_to_is_not_run(folder, mode):
    path = plant(folder)
    path.chmod(mode)
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "it is written anew"


@posix
def test_a_link_is_not_followed(folder, tmp_path):
    path = plant(folder)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))
    assert not path.is_symlink()


@posix
def test_a_file_of_two_names_is_not_run(folder, tmp_path):
    """In a folder that was open to all once, anybody could give a file of mine this name."""
    path = plant(folder)
    os.link(path, tmp_path / "elsewhere")
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))


@posix
def test_a_pipe_is_not_waited_for(folder):
    function()(2.0, 1.0)
    (path,) = files(folder)
    path.unlink()
    os.mkfifo(path)
    found = []
    thread = threading.Thread(target=lambda: found.append(function()(2.0, 1.0)), daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert found == [pytest.approx(np.exp(2.0))]


def test_files_that_were_swapped_are_not_run(folder, compiled):
    """Each is whole, but the code is another function's."""
    functions = [lambda x: x + 1, lambda x: x * 5]
    for f in functions:
        gg.jit(f)(2.0)
    first, second = files(folder)
    first.rename(folder / "third")
    second.rename(first)
    (folder / "third").rename(second)
    assert [gg.jit(f)(2.0) for f in functions] == [3.0, 10.0]
    assert len(compiled) == 4


@posix
def test_what_is_made_is_for_this_user_alone(folder):
    gg.config.cache = folder / "below" / "that"
    before = os.umask(0)
    try:
        function()(2.0, 1.0)
    finally:
        os.umask(before)
    (path,) = files(folder / "below" / "that")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for place in (folder, folder / "below", folder / "below" / "that"):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o702, 0o720])
def test_a_folder_that_others_can_write_to_is_refused(folder, compiled, mode):
    path = plant(folder)
    data = path.read_bytes()
    folder.chmod(mode)
    trust._warned.clear()
    count = len(compiled)
    with pytest.warns(RuntimeWarning) as caught:
        assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))
    (warning,) = caught
    assert warning.filename == __file__
    for part in (str(folder), f"{mode:04o}", f"owner {os.geteuid()}", f"chmod go-w {folder}", "gg.config.cache"):
        assert part in str(warning.message)
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0)), "without another warning"
    assert len(compiled) == count + 2, "it works as without a cache"
    assert path.read_bytes() == data
    assert files(folder) == [path]
    folder.chmod(0o700)
    assert function()(2.0, 1.0) == 2001.0, "once it is safe, it is used"


@posix
def test_a_folder_of_another_user_is_refused(folder, monkeypatch):
    plant(folder)
    give_away(monkeypatch, folder)
    trust._warned.clear()
    with pytest.warns(RuntimeWarning, match=f"belongs to user .*, of user {os.geteuid()}, .* a folder of your own"):
        assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))


def made(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir(mode=0o700)
    return folder


@posix
def test_folders_on_the_way(tmp_path, monkeypatch):
    """Whoever can rename a folder on the way, or redirect a link, can put another folder in its place."""
    assert trust.weakness(tmp_path) is None
    above = made(tmp_path, "above")
    below = made(above, "below")
    assert trust.weakness(below) is None
    assert trust.weakness(below / "missing") is None
    for mode in (0o777, 0o770, 0o703):
        above.chmod(mode)
        for place in (below, below / "missing", above / "missing", above / "missing" / ".." / "below"):
            assert f"other users may write to {str(above)!r}" in (trust.weakness(place) or "")
    above.chmod(0o1777)
    assert trust.weakness(below) is None, "in a sticky folder, what is mine stays in its place"
    assert trust.weakness(above / "missing") is None
    assert trust.weakness(above) is not None, "but anybody can add to it"
    safe = made(tmp_path, "safe")
    (safe / "link").symlink_to(below)
    assert trust.weakness(safe / "link") is None
    (safe / "relative").symlink_to("../above/below")
    assert trust.weakness(safe / "relative") is None
    above.chmod(0o777)
    for name in ("link", "relative"):
        assert trust.weakness(safe / name) is not None, "the link leads through a folder that is open"
    (above / "back").symlink_to(safe)
    assert trust.weakness(above / "back") is not None, "and an open folder holds this link"
    (safe / "round").symlink_to(safe / "round")
    assert trust.weakness(safe / "round") is None, "which leads nowhere, so nothing is read there"


@posix
def test_a_folder_of_another_user_on_the_way(tmp_path, monkeypatch):
    above = made(tmp_path, "above")
    below = made(above, "below")
    give_away(monkeypatch, above)
    assert "belongs to user" in (trust.weakness(below) or "")


@posix
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can give links away")
def test_a_link_of_another_user(tmp_path):
    target = made(tmp_path, "target")
    (tmp_path / "link").symlink_to(target)
    os.chown(tmp_path / "link", STRANGER, -1, follow_symlinks=False)
    assert "belongs to user" in (trust.weakness(tmp_path / "link") or "")


# Whatever a file holds


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with one whole file, its name and what it holds."""
    folder = tmp_path_factory.mktemp("kept")
    name = "ab" * 32
    cache.store(folder, name, cache.Kept(64, ("exp", "log"), bytes(range(256))))
    (path,) = files(folder)
    return folder, name, path.read_bytes()


@given(data=st.data())
def test_a_bit_anywhere_is_noticed(kept, data):
    folder, name, good = kept
    place = data.draw(st.integers(0, 8 * len(good) - 1))
    changed = bytearray(good)
    changed[place // 8] ^= 1 << place % 8
    (folder / f"{name}.kernel").write_bytes(changed)
    assert cache.load(folder, name) is None
    (folder / f"{name}.kernel").write_bytes(good[: place // 8])
    assert cache.load(folder, name) is None


HEADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(head=st.binary(max_size=40) | HEADS.map(lambda x: json.dumps(x).encode()), code=st.binary(max_size=10))
def test_a_whole_file_of_whatever_content(kept, head, code):
    """Of the right digest, as an older or a newer program may have written it."""
    folder, name, _ = kept
    body = head + b"\n" + code
    (folder / f"{name}.kernel").write_bytes(cache.MAGIC + cache._check(name, body) + body)
    found = cache.load(folder, name)
    if found is not None:
        assert type(found.scratch) is int
        assert 0 <= found.scratch <= cache.LARGEST
        assert all(type(need) is str for need in found.needs)
        assert found.code == body.partition(b"\n")[2]


def test_deep_json_is_no_error(kept):
    folder, name, _ = kept
    body = b"[" * 100_000 + b"\n"
    (folder / f"{name}.kernel").write_bytes(cache.MAGIC + cache._check(name, body) + body)
    assert cache.load(folder, name) is None


def test_a_file_that_is_too_large_is_not_read(kept, monkeypatch):
    folder, name, good = kept
    (folder / f"{name}.kernel").write_bytes(good)
    assert cache.load(folder, name) is not None
    monkeypatch.setattr(cache, "LARGEST", len(good) - 1)
    assert cache.load(folder, name) is None


@posix
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read(folder, compiled):
    function()(2.0, 1.0)
    (path,) = files(folder)
    path.chmod(0)
    assert function()(2.0, 1.0) == pytest.approx(np.exp(2.0))


def test_a_name_that_no_folder_can_have(compiled):
    before = gg.config.cache
    try:
        gg.config.cache = "nul\0byte"
        assert function()(3.0, 5.0) == -2.0
        gg.config.cache = "x" * 5000
        assert function()(3.0, 5.0) == -2.0
    finally:
        gg.config.cache = before


def test_a_relative_folder_is_where_it_was_when_it_was_set(tmp_path, monkeypatch):
    """Else a program that goes to a folder that it knows nothing of would run code from there."""
    before = gg.config.cache
    try:
        monkeypatch.chdir(tmp_path)
        gg.config.cache = "kernels"
        monkeypatch.chdir(tmp_path.parent)
        assert gg.config.cache == tmp_path / "kernels"
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        gg.config.cache = True
        assert gg.config.cache.is_absolute()
    finally:
        gg.config.cache = before


def test_no_warning_where_nothing_is_wrong(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            function()(2.0, 1.0)
