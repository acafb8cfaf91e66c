"""Finds the lines of answers that learners hand in: in a text, a file, a folder, a table or a list.

`collect` refuses nothing. A hand-in without a readable line gets a ``problem`` instead.
"""

from __future__ import annotations

import codecs
import csv
import html
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassgrad.player import line
from glassgrad.player.exercise import documents_in

__all__ = ["GRADES", "Collected", "HandIn", "collect"]

LARGEST = 20_000_000  # Files with more bytes are not read.
TABLES = {".csv", ".tsv"}
PAGES = {".html", ".htm"}
NAME_COLUMNS = (
    "name",
    "full name",
    "student",
    "learner",
    "user",
    "username",
    "user name",
    "email",
    "email address",
    "id",
)
GRADES = ("name", "seed", "right", "of", "score", "note", "misses")  # The columns of a table of grades.
SKIPPED = ("__MACOSX", "__pycache__")
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]


@dataclass(frozen=True)
class HandIn:
    """The hand-in of one learner.

    Attributes:
        name: the name of the learner, or of the file.
        line: the answers, or None if there is no readable line.
        problem: why there is none, or ``""``.
        note: another note, or ``""``.
    """

    name: str
    line: line.Line | None = None
    problem: str = ""
    note: str = ""


@dataclass
class Collected:
    """All hand-ins, and the documents of the exercises that were found with them.

    Attributes:
        handins: the hand-ins.
        pages: the exercises in pages beside the hand-ins.
        page_names: the names of these pages.
        saved: the exercises in files that learners saved.
    """

    handins: list[HandIn] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    page_names: list[str] = field(default_factory=list)
    saved: list[dict[str, Any]] = field(default_factory=list)


def collect(source: Any) -> Collected:
    """Find the lines of answers in ``source``.

    Args:
        source: a text with lines of answers, the path of a file or folder, a DataFrame, or a Series, list or dict of
            texts.

    Raises:
        FileNotFoundError: ``source`` is neither a text with a line of answers nor the path of a file.
        TypeError: ``source`` is something else.
    """
    found = Collected()
    if isinstance(source, str) and line.holds_line(source):
        found.handins = _in_text(source, "")
    elif isinstance(source, (str, os.PathLike)):
        _add_path(found, Path(source))
    elif hasattr(source, "columns"):
        columns = [str(name) for name in source.columns]
        cells = zip(*(list(source[name]) for name in source.columns))
        labels = [label if isinstance(label, str) else "" for label in getattr(source, "index", ())]
        found.handins = _in_rows([dict(zip(columns, row)) for row in cells], labels)
    elif isinstance(source, Mapping) or (hasattr(source, "items") and hasattr(source, "index")):
        found.handins = [one for name, cell in source.items() for one in _in_cell(str(name), cell)]
    elif isinstance(source, Iterable) and not isinstance(source, bytes):
        rows = list(source)
        if rows and all(isinstance(row, Mapping) for row in rows):
            found.handins = _in_rows(rows)
        else:
            found.handins = [one for k, cell in enumerate(rows, 1) for one in _in_cell(f"row {k}", cell)]
    else:
        raise TypeError(
            "answers must be a line of text that starts with gg1:, a file or folder, a DataFrame, a Series, a list "
            f"or a dict, got {source!r:.60}"
        )
    return found


# Files


def _add_path(found: Collected, path: Path) -> None:
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, ValueError):  # a text that is too long for a path
        is_folder = exists = False
    if not exists:
        raise FileNotFoundError(f"{str(path)!r:.80} is neither a line of answers (gg1:...) nor a file or folder")
    if not is_folder:
        _add_file(found, path, path.stem)
        return
    files = sorted(_files(path))
    stems = [file.relative_to(path).with_suffix("").as_posix() for file in files]
    for file, stem in zip(files, stems):
        alone = stems.count(stem) == 1
        _add_file(found, file, stem if alone else file.relative_to(path).as_posix())


def _files(folder: Path) -> Iterator[Path]:
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
        yield from (Path(base, name) for name in names if not name.startswith((".", "~$")))


def _add_file(found: Collected, path: Path, name: str) -> None:
    problem = ""
    text: str | None = None
    try:
        if path.stat().st_size > LARGEST:
            problem = f"larger than {LARGEST // 1_000_000} MB: this is not a file of answers"
        else:
            text = decoded(path.read_bytes())
            problem = "not a text file: a plain .txt file can be read, or a table as .csv" if text is None else ""
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    if text is None:
        found.handins.append(HandIn(name, problem=problem))
        return
    documents = documents_in(text)
    suffix = path.suffix.lower()
    if suffix in PAGES and documents:
        found.pages += documents
        found.page_names.append(name)
        return
    found.saved += documents
    if suffix in PAGES:
        text = html.unescape(re.sub(r"<[^<>]*>", "", text))
    elif suffix == ".ipynb":
        text = _source_of(text)
    elif suffix in TABLES:
        rows = _rows_of(text)
        if not rows or tuple(rows[0]) != GRADES:
            found.handins += _in_rows(rows)
        return
    found.handins += _in_text(text, name)


def decoded(data: bytes) -> str | None:
    """Return the text of a file in any encoding of common editors, or None if it is not a text file.

    >>> decoded("gg1:".encode("utf-16")), decoded(b"PK\\x03\\x04\\x00\\x00")
    ('gg1:', None)
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data:
        half = len(data) // 2
        for encoding, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[::2])):
            if zeros.count(0) > 0.8 * half and len(data) % 2 == 0:
                return data.decode(encoding, "replace")
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        strange = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in data)
        return None if strange > 0.02 * len(data) else data.decode("cp1252", "replace")


def _source_of(notebook: str) -> str:
    """Return the code cells of a notebook, or all its cells if the code has no line. Outputs may be out of date."""
    try:
        sources = [(cell["cell_type"] == "code", "".join(cell["source"])) for cell in json.loads(notebook)["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return notebook
    code = "\n".join(source for is_code, source in sources if is_code)
    return code if line.holds_line(code) else "\n".join(source for _, source in sources)


def _rows_of(table: str) -> list[dict[str, Any]]:
    lines = table.splitlines()
    head = lines[0] if lines else ""
    delimiter = max(",;\t", key=head.count)
    return list(csv.DictReader(io.StringIO(table, newline=""), delimiter=delimiter))


# Texts and tables


def _in_text(text: str, name: str) -> list[HandIn]:
    """Return the hand-ins in a text: one for each seed, with its last line."""
    found = list(line.find(text))
    if not found:
        empty = "it is empty" if not text.strip() else "it has no line of answers, which would start with gg1:"
        return [HandIn(name, problem=empty)]
    good: dict[tuple[str | None, str], list[line.Line]] = {}
    for one in found:
        if isinstance(one, line.Line):
            good.setdefault((one.seed, one.graph), []).append(one)
    damaged = [str(one) for one in found if isinstance(one, line.BadLine)]
    several = len(good) > 1 or not name
    handins = []
    for (seed, _), lines in good.items():
        notes = [f"{len(lines)} lines of answers: the last one is graded"] if len(lines) > 1 else []
        label = ": ".join(filter(None, (name, seed or ""))) if several else name
        handins.append(HandIn(label or "answers", lines[-1], note="; ".join(notes)))
    if good and not damaged:
        return handins
    if good:
        note = "another line in it is damaged"
        return [HandIn(one.name, one.line, note="; ".join(filter(None, (one.note, note)))) for one in handins]
    return [HandIn(name or "answers", problem=damaged[-1])]


def _in_cell(name: str, cell: Any) -> list[HandIn]:
    if isinstance(cell, os.PathLike):
        found = Collected()
        _add_path(found, Path(cell))
        return found.handins
    if isinstance(cell, str) and cell.strip():
        return [HandIn(name, one.line, one.problem, one.note) for one in _in_text(cell, name)]
    missing = cell is None or isinstance(cell, str) or cell != cell  # None, "" or nan
    return [HandIn(name, problem="it is empty" if missing else f"it is not text: {cell!r:.40}")]


def _in_rows(rows: list[Any], labels: Sequence[str] = ()) -> list[HandIn]:
    """Return a hand-in for each row of a table. The lines of answers may be in any column."""
    handins: list[HandIn] = []
    for k, row in enumerate(rows, 1):
        cells = {str(key): cell for key, cell in row.items() if isinstance(cell, str)}
        text = "\n".join(cell for cell in cells.values() if line.holds_line(cell))
        label = labels[k - 1] if k <= len(labels) else ""
        name = _name_in(row) or label or f"row {k}"
        if not text and not any(cell.strip() for key, cell in cells.items() if cell != name):
            handins.append(HandIn(name, problem="it is empty"))
        else:
            handins += _in_cell(name, text or " ".join(cells.values()))
    return handins


def _name_in(row: Mapping[Any, Any]) -> str:
    columns = {str(key).strip().lower(): cell for key, cell in row.items() if key is not None}
    parts = [str(columns[key]) for key in ("first name", "last name", "surname") if columns.get(key)]
    if parts:
        return " ".join(parts)
    for key in NAME_COLUMNS:
        if columns.get(key) not in (None, ""):
            return str(columns[key])
    for cell in columns.values():
        if isinstance(cell, str) and cell.strip() and not line.holds_line(cell):
            return cell.strip()
    return ""
