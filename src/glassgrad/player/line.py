"""The answers to an exercise as one line of text, which can be mailed, pasted into a form, or kept in a notebook.

::

    gg1:ann:3fa29c-71bd04:x~-1.5;w~1/3;n~shown:9d02c1f7
    │   │   │      │      │                    └ the checksum of everything before its colon (CRC-32)
    │   │   │      │      └ the typed answers; "shown" if the learner saw the worked solution first
    │   │   │      └ the key of the numbers of its leaves
    │   │   └ the key of the graph
    │   └ the seed, or nothing
    └ the format

The line is ASCII without spaces; names and seeds are percent-encoded. Mail programs add line breaks, quote marks, other
kinds of hyphens and invisible characters. These are removed before a line is read. The page writes the same lines
(``js/answers.js``).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

__all__ = ["SHOWN", "BadLine", "Line", "find", "holds_line", "number", "read", "write"]

START = "gg1:"
SHOWN = "shown"
LONGEST = 100_000  # The largest number of characters in a line.
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))
WHOLE = re.compile(r"gg1:([^:]*):([^:]*):([^:]*):([0-9a-f]{8})", re.IGNORECASE)
QUOTED = re.compile(r"=?\r?\n(?:[ \t]*>)*")  # A line break in a quoted mail or in quoted-printable text.
UNSEEN = "[\u00ad\u200b-\u200f\u2060\ufeff]*"  # Invisible characters that editors put between others.
OPENING = re.compile(UNSEEN.join("gg1:"), re.IGNORECASE)


class BadLine(ValueError):
    """Raised if a line of answers is damaged. The message says how."""


@dataclass(frozen=True)
class Line:
    """The contents of a line of answers.

    Attributes:
        seed: the seed as text, or None.
        graph: the key of the graph.
        numbers: the key of the numbers of its leaves.
        answers: the typed answers, by the names of the nodes.
    """

    seed: str | None
    graph: str
    numbers: str
    answers: Mapping[str, str]

    @property
    def text(self) -> str:
        """The line itself."""
        return write(self.seed, f"{self.graph}-{self.numbers}", self.answers)


def write(seed: int | str | None, exercise: str, answers: Mapping[str, str]) -> str:
    """Return the line of these answers. Empty answers are left out.

    >>> write("ann", "3fa29c-71bd04", {"x": "-1.5", "w": "1/3"})
    'gg1:ann:3fa29c-71bd04:x~-1.5;w~1/3:17f8ba7b'
    """
    typed = {name: _plain(answer) for name, answer in answers.items()}
    pairs = ";".join(
        f"{_encoded(name)}~{quote(text, safe='/+', errors='replace')}" for name, text in typed.items() if text
    )
    body = f"{START}{'' if seed is None else _encoded(str(seed))}:{exercise}:{pairs}"
    return f"{body}:{zlib.crc32(body.encode()):08x}"


def holds_line(text: str) -> bool:
    """Whether a line of answers starts somewhere in a text."""
    return OPENING.search(text) is not None


def find(text: str) -> Iterator[Line | BadLine]:
    """Yield each different line of answers in a text, in order. A damaged line yields a `BadLine`."""
    starts = [found.start() for found in OPENING.finditer(text)]
    seen = set()
    for start, end in zip(starts, [*starts[1:], len(text)]):
        part = text[start : min(end, start + LONGEST)]
        found: Line | BadLine
        try:
            found = read(part)
        except BadLine as error:
            found = error
        key = found.text if isinstance(found, Line) else part
        if key not in seen:
            seen.add(key)
            yield found


def read(text: str) -> Line:
    """Return the line of answers at the start of a text. More text may follow.

    Raises:
        BadLine: there is no line, or it is damaged.
    """
    compact = _compact(text)
    if not compact.lower().startswith(START):
        raise BadLine(f"a line of answers must start with {START}, got {compact[:20]!r}")
    found = WHOLE.match(compact)
    if found is None:
        raise BadLine("the line of answers is cut off: copy all of it, with the 8 characters after the last colon")
    body = START + found[0].rpartition(":")[0][len(START) :]
    if zlib.crc32(body.encode()) != int(found[4], 16):
        raise BadLine("the line of answers was changed, so its checksum is wrong: copy it again from the exercise")
    graph, dash, numbers = found[2].partition("-")
    pairs = [pair.partition("~") for pair in found[3].split(";") if pair]
    if not dash or not all(tilde for _, tilde, _ in pairs):
        raise BadLine("the line of answers comes from another version of glassgrad: copy it again from a new exercise")
    answers = {unquote(name): unquote(answer) for name, _, answer in pairs}
    return Line(unquote(found[1]) if found[1] else None, graph, numbers, answers)


def number(text: str) -> float:
    """Return a typed number, which may have a real minus sign or a decimal comma, or be a fraction; otherwise nan.

    >>> number("1/4"), number("−0,5"), number("half")
    (0.25, -0.5, nan)
    """
    plain = _plain(text)
    above, slash, below = plain.partition("/")
    try:
        x = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError):
        return math.nan
    return math.nan if "_" in plain else x  # only Python reads 1_000 as a number


def _plain(text: str) -> str:
    """Return the text of a number without spaces, and with a point for a comma."""
    return "/".join(part.replace(",", ".", 1) for part in _compact(text).split("/"))


def _compact(text: str) -> str:
    """Return a text without the characters that mail programs and word processors add."""
    text = QUOTED.sub("", text).translate(DASHES)
    return "".join(c for c in text if c.isprintable() and c != " ")


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace").replace("~", "%7E")
