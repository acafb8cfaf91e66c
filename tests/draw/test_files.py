"""Where a path leads, there a file is written: through links, with its permissions, whole."""

import os
import stat
import sys
import threading

import pytest

import glassgrad as gg
from glassgrad.draw.files import write_whole
from glassgrad.tour.folder import written

posix = pytest.mark.skipif(os.name != "posix", reason="links, modes and pipes as in POSIX")


@pytest.fixture
def save(build_neuron):
    """Ways to save a file of glassgrad's, each ``save(path)``."""
    o = build_neuron()

    def by_tour(path):
        results = path.parent / "results.json"
        results.write_text('{"made_by": "glassgrad tour"}')
        with written(path.parent) as fresh:
            (fresh / path.name).write_text("new")

    return {
        "drawing": lambda path: gg.draw(o).save(path),
        "digraph": lambda path: gg.draw_dot(o).save(path),
        "player": lambda path: gg.play(o).save(path.with_suffix(".html")),
        "write_whole": lambda path: write_whole(path, "new"),
        "tour": by_tour,
    }


WAYS = ["drawing", "digraph", "player", "write_whole", "tour"]


def named(folder, way):
    return folder / ("pic.html" if way == "player" else "pic.svg")


@posix
@pytest.mark.parametrize("way", WAYS)
def test_a_link_stays_a_link(tmp_path, save, way):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    target = tmp_path / "far" / "kept.txt"
    target.write_text("old")
    target.chmod(0o640)
    path = named(tmp_path / "near", way)
    path.symlink_to(os.path.join("..", "far", "kept.txt"))
    save[way](path)
    assert path.is_symlink()
    assert os.readlink(path) == os.path.join("..", "far", "kept.txt")
    assert target.read_text() not in ("", "old")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(target.parent) == ["kept.txt"]
    assert set(os.listdir(path.parent)) <= {path.name, "results.json"}


@posix
@pytest.mark.parametrize("way", WAYS)
def test_a_link_to_a_file_that_is_not_there_yet(tmp_path, save, way):
    path = named(tmp_path, way)
    path.symlink_to("later")
    save[way](path)
    assert path.is_symlink()
    assert (tmp_path / "later").read_text() not in ("", "old")


@posix
@pytest.mark.parametrize("way", WAYS)
def test_all_names_of_a_file_show_what_was_written(tmp_path, save, way):
    path = named(tmp_path, way)
    path.write_text("old")
    os.link(path, tmp_path / "other name")
    save[way](path)
    assert (tmp_path / "other name").read_text() == path.read_text() != "old"


@posix
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_permissions_stay(tmp_path, save, way, mode):
    path = named(tmp_path, way)
    path.write_text("old")
    path.chmod(mode)
    save[way](path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() != "old"


@posix
def test_a_pipe_is_written_to(tmp_path, save):
    path = tmp_path / "pic.svg"
    os.mkfifo(path)
    found = []
    reader = threading.Thread(target=lambda: found.append(path.read_text()))
    reader.start()
    save["drawing"](path)
    reader.join()
    assert "<svg" in found[0]
    assert stat.S_ISFIFO(path.stat().st_mode)


@posix
def test_a_device_is_no_file_to_be_replaced(tmp_path, save):
    (tmp_path / "pic.svg").symlink_to("/dev/null")
    save["drawing"](tmp_path / "pic.svg")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@posix
def test_a_link_that_leads_to_itself(tmp_path, save):
    (tmp_path / "pic.svg").symlink_to("other.svg")
    (tmp_path / "other.svg").symlink_to("pic.svg")
    with pytest.raises(OSError, match="leads back to itself"):
        save["drawing"](tmp_path / "pic.svg")
    assert (tmp_path / "pic.svg").is_symlink()


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_takes_no_new_files(tmp_path, save):
    path = tmp_path / "pic.svg"
    path.write_text("old")
    tmp_path.chmod(0o500)
    try:
        save["drawing"](path)
        assert path.read_text() != "old"
        with pytest.raises(PermissionError, match="no file may be made"):
            save["drawing"](tmp_path / "new.svg")
    finally:
        tmp_path.chmod(0o700)


def test_where_writing_fails_what_was_there_stays(tmp_path, monkeypatch):
    path = tmp_path / "a.svg"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.svg"]


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(PermissionError if sys.platform == "win32" else IsADirectoryError):
        write_whole(tmp_path / "a.svg", "new")
