"""Finds installed fonts for the letters of a PNG or PDF drawing, and the letters that no font has.

DejaVu Sans, which comes with matplotlib, is the first choice. For characters that it lacks, the fonts of the machine
are searched. matplotlib can set scripts that join or reorder letters (Arabic, Devanagari) only if it was built with
libraqm. It never sets an emoji made of several characters. A square stands for anything that would come out wrong.
"""

from __future__ import annotations

import contextlib
import logging
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

BASE = "DejaVu Sans"
SUBSTITUTE = "□"  # It stands for a character that cannot be drawn.
_SHOWN = 60  # The largest number of characters that a warning lists.

_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB",
    "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans CJK JP", "Droid Sans Fallback",
)  # fmt: skip
_JAPANESE = (
    "Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "Yu Gothic", "Meiryo", "MS Gothic", "Hiragino Sans",
    "IPAexGothic", "IPAGothic", "TakaoGothic",
)  # fmt: skip
_KOREAN = (
    "Noto Sans CJK KR", "Noto Sans KR", "Source Han Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "NanumGothic",
    "UnDotum", "Baekmuk Gulim",
)  # fmt: skip
_OTHERS = ("Noto Sans", "Segoe UI", "Arial Unicode MS", "Arial", "FreeSans")

# Scripts whose letters change with their neighbours, or do not simply run from left to right.
_SHAPED = re.compile(
    "[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f\u1780-\u18af\u1a20-\u1cff\ua8e0-\ua9ff"
    "\uaa60-\uaadf\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U00011000-\U000115ff]"
)
_JOINERS = "\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f"
_PICTURE = "\u203c-\u3299\U0001f000-\U0001faff"
# An emoji of several characters: a picture with a skin colour, joined pictures, a flag, or a key.
_SEQUENCE = re.compile(f"[{_PICTURE}0-9#*]?[{_JOINERS}][{_JOINERS}{_PICTURE}]*")


class Fonts:
    """The fonts for some texts, which are given as ``(text, bold)``.

    Attributes:
        missing: the characters that cannot be drawn, in the order in which they appear.
    """

    def __init__(self, texts: Iterable[tuple[str, bool]]) -> None:
        texts = list(texts)
        self._families: dict[bool, list[str]] = {}
        self._absent: set[str] = set()  # characters that no font has
        for bold in (False, True):
            needed = dict.fromkeys(character for text, heavy in texts if heavy is bold for character in text)
            self._choose(bold, [one for one in needed if _is_drawn(one)])
        unset = {character for text, _ in texts for part in _unset(text) for character in part if _is_drawn(character)}
        self._unset = {character for character in unset if not character.isascii()}
        named = self._unset | self._absent
        self.missing = [one for one in dict.fromkeys("".join(text for text, _ in texts)) if one in named]

    def _choose(self, bold: bool, needed: list[str]) -> None:
        left = needed
        self._families[bold] = chosen = []
        for family in _candidates(needed):
            lacking = [one for one in left if not _has(family, bold, one)]
            if len(lacking) < len(left) or family == BASE:
                chosen.append(family)
            left = lacking
            if not left:
                break
        self._absent.update(left)

    def properties(self, size: float, bold: bool) -> FontProperties:
        """Return the fonts in matplotlib's form."""
        return _properties(tuple(self._families[bold]), size, bold)

    def others(self) -> list[str]:
        """Return the font families in use besides DejaVu Sans."""
        found = dict.fromkeys(family for families in self._families.values() for family in families)
        return [family for family in found if family != BASE]

    @property
    def pdf_type(self) -> int:
        """How to embed the fonts in a PDF: as TrueType (42), or glyph by glyph (3) where TrueType may fail.

        The outlines of Noto Sans CJK are not TrueType's, and MuPDF shows none of its letters if embedded as 42.
        """
        return 3 if self.others() else 42

    def set(self, text: str) -> str:
        """Return the text with a square in place of each character that cannot be drawn."""
        for part in _unset(text):
            text = text.replace(part, SUBSTITUTE)
        return "".join(_substitute(character) if character in self._absent else character for character in text)

    def warn(self) -> None:
        """Warn once of all characters that cannot be drawn, if there are any."""
        if not self.missing:
            return
        named = [f"{one} (U+{ord(one):04X})" for one in self.missing]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        cures = ["Save the drawing as .svg or .html, which use the reader's fonts."]
        if self._absent:
            cures.append("Or install a font that has them; Noto Sans CJK has Chinese, Japanese and Korean.")
        if self._unset:
            cures.append("matplotlib joins letters from version 3.11 on, and draws no emoji of several characters.")
        warnings.warn(
            f"PNG and PDF cannot show {', '.join(named[:_SHOWN])}{more}: {SUBSTITUTE} stands for them. "
            + " ".join(cures),
            stacklevel=2,
        )


def _substitute(character: str) -> str:
    """Return a square for a letter, and nothing for a mark on a letter."""
    return "" if unicodedata.category(character) in ("Mn", "Me") else SUBSTITUTE


def _is_drawn(character: str) -> bool:
    selects = "\ufe00" <= character <= "\ufe0f"  # a variation selector, which changes the character before it
    return not selects and not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")


def _unset(text: str) -> list[str]:
    """Return the parts of a text that matplotlib would draw wrongly."""
    if text.isascii():
        return []
    found = [match[0] for match in _SEQUENCE.finditer(text)]
    return found if _shapes() else [*found, *_SHAPED.findall(text)]


@cache
def _shapes() -> bool:
    """Whether matplotlib can join and reorder letters."""
    from matplotlib import ft2font

    return hasattr(ft2font, "__libraqm_version__")


def _candidates(needed: Iterable[str]) -> Iterator[str]:
    """Yield the font families to search, with the likely ones first."""
    yield BASE
    from matplotlib.font_manager import fontManager

    _find_new_fonts()
    text = "".join(needed)
    likely = [*_CHINESE, *_JAPANESE, *_KOREAN, *_OTHERS]
    if re.search("[\u3040-\u30ff]", text):
        likely = [*_JAPANESE, *likely]
    elif re.search("[\u1100-\u11ff\uac00-\ud7af]", text):
        likely = [*_KOREAN, *likely]
    installed = dict.fromkeys(sorted(entry.name for entry in fontManager.ttflist if not _stands_in(entry.name)))
    yield from (family for family in dict.fromkeys(likely) if family in installed)
    yield from (family for family in installed if family not in likely and family != BASE)


def _stands_in(family: str) -> bool:
    """Whether a font only has placeholders, which say which letter is missing."""
    return "last resort" in family.lower() or "lastresort" in family.lower()


@cache
def _find_new_fonts() -> None:
    """Tell matplotlib, once in a process, of fonts that are newer than its list of fonts."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in known:
            try:
                fontManager.addfont(path)
            except Exception:  # matplotlib cannot read it: a bitmap font, or a damaged file
                continue


@cache
def _has(family: str, bold: bool, character: str) -> bool:
    font = _font(family, bold)
    return font is not None and bool(font.get_char_index(ord(character)))


@cache
def _font(family: str, bold: bool) -> Any:
    """Return matplotlib's font for a family, or None if it cannot read or scale it."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    try:
        with quiet():
            properties = FontProperties(family=family, weight="bold" if bold else "normal")
            font = get_font(findfont(properties, fallback_to_default=False))
        return font if font.scalable else None
    except Exception:  # not found or not readable: another font is tried
        return None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence matplotlib's messages about fonts without a bold face. It takes the next best face, as it should."""
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@cache
def _properties(families: tuple[str, ...], size: float, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=list(families), size=size, weight="bold" if bold else "normal")
