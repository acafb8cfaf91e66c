"""Fonts for PNG and PDF: which installed ones have the letters of a drawing, and which letters none of them has.

DejaVu Sans, which matplotlib brings, comes first. Characters that it lacks are looked for in the fonts of the machine.
matplotlib can set scripts that join or reorder letters (Arabic, Devanagari) only if it was built with libraqm, and no
emoji made of several characters; what would come out wrong is not drawn.
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
SUBSTITUTE = "□"  # drawn in place of what no font has
_SHOWN = 60  # characters in a warning

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

# Scripts whose letters change with their neighbours, or run from right to left or out of order.
_SHAPED = re.compile(
    "[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f\u1780-\u18af\u1a20-\u1cff\ua8e0-\ua9ff"
    "\uaa60-\uaadf\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U00011000-\U000115ff]"
)
_JOINERS = "\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f"
_PICTURE = "\u203c-\u3299\U0001f000-\U0001faff"
# An emoji of several characters: a picture with a skin, joined pictures, a flag, a key.
_SEQUENCE = re.compile(f"[{_PICTURE}0-9#*]?[{_JOINERS}][{_JOINERS}{_PICTURE}]*")


class Fonts:
    """The fonts for some texts, as ``(text, bold)``.

    Attributes:
        missing: the characters that cannot be shown, in the order in which they appear.
    """

    def __init__(self, texts: Iterable[tuple[str, bool]]) -> None:
        texts = list(texts)
        self._families: dict[bool, list[str]] = {}
        self._absent: set[str] = set()  # no font has them
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
        """The fonts as matplotlib takes them."""
        return _properties(tuple(self._families[bold]), size, bold)

    def others(self) -> list[str]:
        """The families beside DejaVu Sans that letters are taken from."""
        found = dict.fromkeys(family for families in self._families.values() for family in families)
        return [family for family in found if family != BASE]

    @property
    def pdf_type(self) -> int:
        """How to put the fonts into a PDF: as TrueType (42), or glyph by glyph (3) where that may not work.

        Noto Sans CJK has outlines of another kind, and MuPDF shows none of its letters if it comes as TrueType.
        """
        return 3 if self.others() else 42

    def set(self, text: str) -> str:
        """The text as it is drawn, with a square for each character that cannot be shown."""
        for part in _unset(text):
            text = text.replace(part, SUBSTITUTE)
        return "".join(_substitute(character) if character in self._absent else character for character in text)

    def warn(self) -> None:
        """Name what cannot be shown, if there is anything, in one warning."""
        if not self.missing:
            return
        named = [f"{one} (U+{ord(one):04X})" for one in self.missing]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        cures = ["Save the drawing as .svg or .html, which are shown in the reader's fonts."]
        if self._absent:
            cures.append("Or install a font that has them; Noto Sans CJK has Chinese, Japanese and Korean.")
        if self._unset:
            cures.append("matplotlib sets letters that join from version 3.11 on, and no emoji of several characters.")
        warnings.warn(
            f"PNG and PDF cannot show {', '.join(named[:_SHOWN])}{more}: {SUBSTITUTE} stands for them. "
            + " ".join(cures),
            stacklevel=2,
        )


def _substitute(character: str) -> str:
    """A square for a letter; nothing for a mark on one."""
    return "" if unicodedata.category(character) in ("Mn", "Me") else SUBSTITUTE


def _is_drawn(character: str) -> bool:
    selects = "\ufe00" <= character <= "\ufe0f"  # one of several looks of the character before
    return not selects and not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")


def _unset(text: str) -> list[str]:
    """The parts of a text that matplotlib would set wrongly."""
    if text.isascii():
        return []
    found = [match[0] for match in _SEQUENCE.finditer(text)]
    return found if _shapes() else [*found, *_SHAPED.findall(text)]


@cache
def _shapes() -> bool:
    """Whether matplotlib sets scripts that need more than a row of letters."""
    from matplotlib import ft2font

    return hasattr(ft2font, "__libraqm_version__")


def _candidates(needed: Iterable[str]) -> Iterator[str]:
    """The families to look into, likely ones first."""
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
    """Whether a font has signs that only say which letter is missing."""
    return "last resort" in family.lower() or "lastresort" in family.lower()


@cache
def _find_new_fonts() -> None:
    """Tell matplotlib of fonts that were installed after it had made its list; once in a process."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in known:
            try:
                fontManager.addfont(path)
            except Exception:  # a file that is no font for it: bitmaps, a damaged one
                continue


@cache
def _has(family: str, bold: bool, character: str) -> bool:
    font = _font(family, bold)
    return font is not None and bool(font.get_char_index(ord(character)))


@cache
def _font(family: str, bold: bool) -> Any:
    """The font that matplotlib takes for a family; None for one that it cannot read or scale."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    try:
        with quiet():
            properties = FontProperties(family=family, weight="bold" if bold else "normal")
            font = get_font(findfont(properties, fallback_to_default=False))
        return font if font.scalable else None
    except Exception:  # not found, or not readable: another font will do
        return None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without matplotlib's log of fonts that have no bold face: it takes the next best, as it should."""
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
