"""Text that a terminal can show: where its encoding lacks a sign such as − or ├, signs of ASCII take their place.

Whatever makes text to be printed (a tree, a table, a report) passes it through `legible` at the end.
"""

from __future__ import annotations

import re
import sys

__all__ = ["legible"]

SIGNS = str.maketrans(
    {
        "−": "-", "–": "-", "—": "--", "×": "*", "·": "*", "⋅": "*", "÷": "/", "±": "+-",
        "∂": "d", "√": "sqrt", "∞": "inf", "½": "1/2", "µ": "u",
        "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "→": "->", "←": "<-", "↑": "^", "↓": "v", "⇒": "=>",
        "…": "...", "⋯": "...", "•": "*", "↵": "\\n", "✓": "ok", "✗": "wrong", "⚠": "!", "�": "?",
        "‘": "'", "’": "'", "“": '"', "”": '"', "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ",
        "─": "-", "│": "|", "├": "|", "└": "`", "┌": "+", "┐": "+", "┘": "+", "┤": "|", "┬": "+", "┴": "+", "┼": "+",
        "▸": ">", "▾": "v", "█": "#", "▏": "|",
    }
)  # fmt: skip
_RAISED = dict(zip(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ"), "0123456789+-=()in", strict=True))
_LOWERED = dict(zip(map(ord, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"), "0123456789+-=()", strict=True))
_EXPONENT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ]+")


def legible(text: str, encoding: str | None = None) -> str:
    """Return ``text`` as it can be printed: unchanged where the encoding holds it, else with signs of ASCII.

    Letters that the encoding lacks become escapes, as Python's own `repr` writes them there.

    Args:
        text: what is to be printed.
        encoding: the encoding's name; that of ``sys.stdout`` if not given.

    Example:
        >>> legible("├─ y = −0.5 · x²", "ascii"), legible("é → λ", "latin-1")
        ('|- y = -0.5 * x^2', 'é -> \\\\u03bb')
    """
    if text.isascii():
        return text
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = _EXPONENT.sub(_exponent, text).translate(SIGNS).translate(_LOWERED)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:  # of a stream that somebody made
        pass
    return text


def _exponent(found: re.Match[str]) -> str:
    power = found[0].translate(_RAISED)
    return f"^{power}" if len(power) == 1 else f"^({power})"
