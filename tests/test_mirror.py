"""The tests lie as what they test does: a folder here for each room of the house, a file here for a file there.

Below the rooms a file may be named after a subject: what a reader looks for is the room.
"""

from pathlib import Path

import pytest

import conftest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "src" / "glassgrad"

# Folders that are no rooms: tests that walk the table of operations, the player in a browser, what several tests share.
NO_ROOMS = {"table", "player/browser", "helpers", "helpers/typed"}

# Rooms whose tests lie in the room around them, since what they do is seen only from there.
SEEN_FROM_OUTSIDE = {"compiler/codegen/mathlib", "compiler/ir/passes", "player/film"}

# Files about the house as a whole.
WHOLE_HOUSE = {
    *(
        "architecture",
        "coefficients",
        "docstrings",
        "doctests",
        "documents",
        "error_messages",
        "errors",
        "examples",
        "exit",
        "imports",
        "interrupts",
        "lecture",
    ),
    *("lessons", "micrograd_scripts", "mirror", "packaging", "random_programs", "seed", "threads"),
}


def folders(root: Path) -> set[str]:
    """Name the folders below `root` that have Python files."""
    found = {
        path.parent.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if not {"_compiled", "node_modules"} & set(path.parts)
    }
    return found - {"."}


def test_each_folder_is_a_room():
    assert folders(TESTS) - NO_ROOMS <= folders(PACKAGE)


def test_each_room_has_its_tests():
    assert folders(PACKAGE) - SEEN_FROM_OUTSIDE <= folders(TESTS)


@pytest.mark.parametrize("path", sorted(TESTS.glob("test_*.py")), ids=lambda path: path.name)
def test_each_file_of_no_room_is_about_a_module_or_the_whole_house(path):
    name = path.stem.removeprefix("test_")
    assert name in WHOLE_HOUSE or (PACKAGE / f"{name}.py").exists()


@pytest.mark.parametrize("file", sorted({*conftest.ONE_BUILD, *conftest.NOT_MEASURED}))
def test_files_that_are_marked_exist(file):
    assert (TESTS / file).exists()
