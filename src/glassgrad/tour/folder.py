"""Write a folder completely or not at all: the files are made beside it, and moved into it at the end."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glassgrad.draw.files import write_whole

RESULTS = "results.json"
PAGE = "index.html"
MADE_BY = "glassgrad tour"  # This entry in RESULTS marks the folder of a tour.


@contextmanager
def written(folder: Path) -> Iterator[Path]:
    """Yield a new folder to write into; if the block succeeds, its files are moved to `folder`.

    `folder` may be new, empty, or from an earlier tour. In the last case, files of the same names are replaced, and all
    others are kept. If the block raises an error, `folder` does not change.

    Raises:
        FileExistsError: `folder` holds other files. This is raised before the block starts.
        OSError: the folder cannot be made.
    """
    _check(folder)
    folder = folder.resolve()  # follow links, and replace "." by its name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OSError(error.errno, f"the folder cannot be made ({error.strerror})", str(folder)) from error
    try:
        fresh = beside / "new"  # mkdir gives it the permissions of the user's umask; mkdtemp would not
        fresh.mkdir()
        yield fresh
        if folder.exists():
            for name in sorted((path.name for path in fresh.iterdir()), key=lambda name: name == PAGE):
                write_whole(folder / name, (fresh / name).read_bytes())  # the page last, when all it shows is there
        else:
            os.replace(fresh, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check(folder: Path) -> None:
    if not folder.exists():
        if folder.is_symlink():
            raise FileExistsError(f"{folder} is a broken link: remove it, or choose another --folder")
        return
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is a file, but the tour needs a folder: choose another --folder")
    if any(folder.iterdir()) and not _is_tour(folder):
        raise FileExistsError(
            f"{folder} holds files that are not from a tour; they were not changed: choose another --folder"
        )


def _is_tour(folder: Path) -> bool:
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(results, dict) and results.get("made_by") == MADE_BY
