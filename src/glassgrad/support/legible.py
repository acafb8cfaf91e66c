"""Make text that any terminal can show: ASCII replaces signs such as − or ├ that the terminal's encoding lacks.

All code that makes text to print (a tree, a table, a report) passes it through `legible` as the last step.
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
    """Return ``text`` in a form that can be printed. It is unchanged if the encoding has all of its characters.

    Otherwise ASCII replaces the signs, and letters that the encoding lacks become escapes, as in Python's `repr`.

    Args:
        text: the text to print.
        encoding: the name of the encoding, by default that of ``sys.stdout``.

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
    except LookupError:  # a stream of the user's own may name an encoding that Python does not have
        pass
    return text


def _exponent(found: re.Match[str]) -> str:
    power = found[0].translate(_RAISED)
    return f"^{power}" if len(power) == 1 else f"^({power})"
