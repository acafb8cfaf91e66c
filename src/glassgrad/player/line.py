"""The answers to an exercise as one line of text: to be mailed, pasted into a form, or kept in a notebook's cell.

::

    gg1:ann:3fa29c-71bd04:x~-1.5;w~1/3;n~shown:9d02c1f7
    │   │   │      │      │                    └ checksum of what stands before its colon (CRC-32)
    │   │   │      │      └ answers as typed; "shown" where the worked solution was looked at first
    │   │   │      └ the numbers of its leaves
    │   │   └ which graph
    │   └ the seed; empty for none
    └ the format

It is ASCII without spaces: names and seeds are percent-encoded. What mail programs do to a line is undone before it is
read: breaks, quote marks, other kinds of hyphens, invisible characters. The page writes the same (``js/answers.js``).
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
LONGEST = 100_000  # characters of a line: what follows in a file is something else
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))
WHOLE = re.compile(r"gg1:([^:]*):([^:]*):([^:]*):([0-9a-f]{8})", re.IGNORECASE)
QUOTED = re.compile(r"=?\r?\n(?:[ \t]*>)*")  # a break, with the marks of a quoted mail or of quoted-printable
UNSEEN = "[\u00ad\u200b-\u200f\u2060\ufeff]*"  # what editors put between characters
OPENING = re.compile(UNSEEN.join("gg1:"), re.IGNORECASE)


class BadLine(ValueError):
    """A line of answers that is damaged; the message says how."""


@dataclass(frozen=True)
class Line:
    """A line of answers, read.

    Attributes:
        seed: as text; None where the exercise has no seed.
        graph: which graph it is about.
        numbers: which numbers its leaves have.
        answers: what was typed, by the name of the node.
    """

    seed: str | None
    graph: str
    numbers: str
    answers: Mapping[str, str]

    @property
    def text(self) -> str:
        """The line as it is written."""
        return write(self.seed, f"{self.graph}-{self.numbers}", self.answers)


def write(seed: int | str | None, exercise: str, answers: Mapping[str, str]) -> str:
    """The line of these answers, without those that are empty.

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
    """Each line of answers in a text, in order, each once; a `BadLine` for one that is damaged."""
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
    """The line at the start of a text, whatever follows it.

    Raises:
        BadLine: there is none, or it is damaged.
    """
    compact = _compact(text)
    if not compact.lower().startswith(START):
        raise BadLine(f"this is no line of answers: it starts with {START}, and {compact[:20]!r} does not")
    found = WHOLE.match(compact)
    if found is None:
        raise BadLine("the line of answers is cut off: copy all of it, with the 8 characters behind the last colon")
    body = START + found[0].rpartition(":")[0][len(START) :]
    if zlib.crc32(body.encode()) != int(found[4], 16):
        raise BadLine("the line of answers was changed: its checksum is another. Copy it again from the exercise")
    graph, dash, numbers = found[2].partition("-")
    pairs = [pair.partition("~") for pair in found[3].split(";") if pair]
    if not dash or not all(tilde for _, tilde, _ in pairs):
        raise BadLine("the line of answers is of another version of glassgrad: copy it again from a new exercise")
    answers = {unquote(name): unquote(answer) for name, _, answer in pairs}
    return Line(unquote(found[1]) if found[1] else None, graph, numbers, answers)


def number(text: str) -> float:
    """A number as people type it: with a real minus sign, a decimal comma, or as a fraction; nan for what is none.

    >>> number("1/4"), number("−0,5"), number("half")
    (0.25, -0.5, nan)
    """
    plain = _plain(text)
    above, slash, below = plain.partition("/")
    try:
        x = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError):
        return math.nan
    return math.nan if "_" in plain else x  # which only Python reads as a number


def _plain(text: str) -> str:
    """A number's text with a point for the comma, without spaces."""
    return "/".join(part.replace(",", ".", 1) for part in _compact(text).split("/"))


def _compact(text: str) -> str:
    """A text without what mail programs and word processors put into it."""
    text = QUOTED.sub("", text).translate(DASHES)
    return "".join(c for c in text if c.isprintable() and c != " ")


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace").replace("~", "%7E")
