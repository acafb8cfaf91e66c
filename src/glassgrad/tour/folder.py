"""A folder that is either as it was or complete: files are made beside it and moved in at the end."""

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
MADE_BY = "glassgrad tour"


@contextmanager
def written(folder: Path) -> Iterator[Path]:
    """A fresh folder to write into; when the block ends well, its files are moved to `folder`.

    `folder` may be new, empty, or an earlier tour's: then files of the same names are replaced, and others in
    it left alone. Anything else is refused with FileExistsError before the block starts. If the block raises,
    `folder` is as it was.
    """
    _check(folder)
    folder = folder.resolve()  # through links, and "." gets its name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OSError(error.errno, f"no folder can be made there ({error.strerror})", str(folder)) from error
    try:
        fresh = beside / "new"  # made by mkdir, so with the permissions that the user's umask asks for
        fresh.mkdir()
        yield fresh
        if folder.exists():
            for name in sorted((path.name for path in fresh.iterdir()), key=lambda name: name == PAGE):
                write_whole(folder / name, (fresh / name).read_bytes())  # the page last: what it shows is there
        else:
            os.replace(fresh, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check(folder: Path) -> None:
    if not folder.exists():
        if folder.is_symlink():
            raise FileExistsError(f"{folder} is a link to nothing: remove it, or choose another --folder")
        return
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is a file, and the tour writes a folder: choose another --folder")
    if any(folder.iterdir()) and not _is_tour(folder):
        raise FileExistsError(
            f"{folder} holds files that no tour wrote, and they are left alone: choose another --folder"
        )


def _is_tour(folder: Path) -> bool:
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(results, dict) and results.get("made_by") == MADE_BY
