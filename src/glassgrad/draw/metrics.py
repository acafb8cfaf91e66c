"""Measures text without a font, and makes any text safe to print.

Drawings are laid out before a renderer exists. So the widths of letters come from a table, that of DejaVu Sans.
Verdana is nearly as wide, and Helvetica and Arial are narrower, so text that fits here also fits in those fonts.
"""

import unicodedata

FONT_FAMILY = "'DejaVu Sans', Verdana, Geneva, sans-serif"

# The widths of U+0020 to U+007E, in thousandths of the font size.
_ASCII = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)  # fmt: skip
_WIDTH = {chr(32 + i): advance / 1000 for i, advance in enumerate(_ASCII)}
_WIDTH.update({"×": 0.838, "−": 0.838, "…": 1.0, "·": 0.318, "∂": 0.517, "⋯": 1.0, "÷": 0.838, "√": 0.637})
_BOLD = 1.12  # DejaVu Sans Bold is this many times as wide as DejaVu Sans.
_WIDE = 1.3  # Emoji and CJK are one em wide in their own fonts, and wider in some others.
_OTHER = 0.72  # The width of all other letters, such as Greek, Cyrillic, arrows and mathematical signs.


def _advance(character: str) -> float:
    """Return the width of a character in ems, and remember it in the table."""
    width = _WIDTH.get(character)
    if width is None:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
            width = 0.0
        elif unicodedata.east_asian_width(character) in "WF" or character >= "\U0001f000":
            width = _WIDE
        else:
            width = _OTHER
        _WIDTH[character] = width
    return width


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text in font size ``size``, in the same unit as ``size``.

    >>> round(text_width("0.707", 10), 2)
    28.62
    """
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1.0)


def printable(text: object) -> str:
    """Return ``str(text)`` on one line, without any character that a file format or a terminal would act on.

    A line break becomes ``↵``, and a control character its picture (from U+2400 on). Lone surrogates and characters
    that change the direction of writing become U+FFFD.

    >>> printable("a\\nb\\x1b")
    'a↵b␛'
    """
    text = str(text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_printable_character, text.replace("\r\n", "\n")))


def _printable_character(character: str) -> str:
    code = ord(character)
    if character in "\n\r\x0b\x0c\x85\u2028\u2029":
        return "↵"
    if code < 32:
        return chr(0x2400 + code)
    if code == 127:
        return "␡"
    category = unicodedata.category(character)
    if category in ("Cc", "Cs", "Cn") or unicodedata.bidirectional(character) in _DIRECTION:
        return "�"
    return character


_DIRECTION = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


def clip(text: str, limit: int) -> str:
    """Return ``text`` with at most ``limit`` characters. If it is cut, it ends in an ellipsis.

    >>> clip("activation", 6)
    'activ…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def number(value: object, spec: str = ".4g") -> str:
    """Return a number in the format ``spec``, with a real minus sign. Anything else becomes printable text.

    >>> number(-0.70710678)
    '−0.7071'
    """
    try:
        text = format(float(value), spec)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return clip(printable(value), 24)
    return text.replace("-", "−")
