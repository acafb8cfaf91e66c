"""Scenes as a TeX document, which pdflatex turns into one page of the drawing's size; needs tikz only."""

import unicodedata
from collections.abc import Mapping

from glassgrad.draw.metrics import printable
from glassgrad.draw.scene import Ellipse, Polygon, Rect, Scene, Shape, Style, Text

_LARGEST = 14_000.0  # TeX's dimensions end at 16,383 pt

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\char34{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": r"-{}",
    "…": r"\dots{}",
    "⋯": r"$\cdots$",
    "×": r"$\times$",
    "−": r"$-$",
    "÷": r"$\div$",
    "·": r"$\cdot$",
    "∂": r"$\partial$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "↵": r"$\hookleftarrow$",
    "→": r"$\rightarrow$",
    "←": r"$\leftarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "ß": r"\ss{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
}
_ACCENTS = {"̀": "`", "́": "'", "̂": "^", "̃": "~", "̈": '"', "̌": "v", "̊": "r", "̧": "c"}


def to_tex(scene: Scene) -> str:
    """Return the document. What TeX's standard fonts lack, emoji say, appears as its code point: U+1F600."""
    scale = min(1.0, _LARGEST / max(scene.width, scene.height))
    styles = scene.styles()
    used = sorted({shape.style for shape in scene.shapes()})
    lines = [
        "% A graph drawn by glassgrad.",
        r"\documentclass{article}",
        r"\usepackage[utf8]{inputenc}",
        r"\usepackage{textcomp,fix-cm,tikz}",
        *_colours(used, styles),
        r"\begin{document}",
        r"\setbox0=\hbox{\begin{tikzpicture}[x=1bp,y=-1bp,line join=round]\sffamily",
    ]
    lines += [_shape(shape, styles[shape.style], scale) for shape in scene.shapes()]
    lines += [
        r"\end{tikzpicture}}",
        r"% One page exactly as large as the drawing.",
        r"\pdfpagewidth=\wd0 \pdfpageheight=\ht0 \advance\pdfpageheight by \dp0",
        r"\pdfhorigin=0pt \pdfvorigin=0pt \hoffset=0pt \voffset=0pt",
        r"\shipout\box0",
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    r"""Return ``text`` as TeX that prints it, whatever is in it.

    >>> print(escape("a_1 & 50%"))
    a\_1 \& 50\%
    """
    return "".join(map(_escape_character, printable(text)))


def _escape_character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isascii():
        return character
    greek = _greek(character)
    if greek:
        return greek
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in _ACCENTS:
        base = rf"\{parts[0]}{{}}" if parts[0] in "ij" else parts[0]
        return rf"\{_ACCENTS[parts[1]]}{{{base}}}"
    return f"U+{ord(character):04X}"


def _greek(character: str) -> str:
    """A Greek letter in mathematics mode, or nothing: ``α`` is ``$\\alpha$``."""
    words = unicodedata.name(character, "").split()
    if len(words) == 4 and words[0] == "GREEK" and words[2] == "LETTER":
        name = {"LAMDA": "lambda"}.get(words[3], words[3].lower())
        if words[1] == "SMALL" and name in _SMALL:
            return rf"$\{name}$" if name != "omicron" else "o"
        if words[1] == "CAPITAL" and name in _CAPITAL:
            return rf"$\{name.capitalize()}$"
    return ""


_SMALL = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega".split()
)
_CAPITAL = frozenset("gamma delta theta lambda xi pi sigma upsilon phi psi omega".split())


def _name(style: str) -> str:
    return "gg" + style.replace("+", "p").replace("-", "m")


def _colours(used: list[str], styles: Mapping[str, Style]) -> list[str]:
    lines = []
    for name in used:
        for part in ("fill", "stroke"):
            colour = getattr(styles[name], part)
            if colour != "none":
                lines.append(rf"\definecolor{{{_name(name)}{part}}}{{HTML}}{{{colour[1:].upper()}}}")
    return lines


def _options(name: str, style: Style, scale: float) -> str:
    options = []
    if style.fill != "none":
        options.append(f"fill={_name(name)}fill")
    if style.stroke != "none":
        options.append(f"draw={_name(name)}stroke")
        options.append(f"line width={_n(style.width * scale)}bp")
        if style.dash:
            on_off = " ".join(f"{'off' if i % 2 else 'on'} {_n(d * scale)}bp" for i, d in enumerate(style.dash))
            options.append(f"dash pattern={on_off}")
    return ",".join(options)


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _shape(shape: Shape, style: Style, scale: float) -> str:
    def at(x: float, y: float) -> str:
        return f"({_n(x * scale)},{_n(y * scale)})"

    if isinstance(shape, Text):
        size = shape.size * scale
        anchor = {"start": "base west", "middle": "base", "end": "base east"}[shape.anchor]
        bold = r"\bfseries" if shape.bold else ""
        return (
            rf"\node[anchor={anchor},inner sep=0pt,text={_name(shape.style)}fill,"
            rf"font=\fontsize{{{_n(size)}bp}}{{{_n(size * 1.2)}bp}}\selectfont{bold}] "
            rf"at {at(shape.x, shape.y)} {{\strut {escape(shape.text)}}};"
        )
    options = _options(shape.style, style, scale)
    if isinstance(shape, Rect):
        corners = f",rounded corners={_n(shape.radius * scale)}bp" if shape.radius else ""
        corner = at(shape.x + shape.width, shape.y + shape.height)
        return rf"\path[{options}{corners}] {at(shape.x, shape.y)} rectangle {corner};"
    if isinstance(shape, Ellipse):
        radii = f"[x radius={_n(shape.rx * scale)}bp,y radius={_n(shape.ry * scale)}bp]"
        return rf"\path[{options}] {at(shape.x, shape.y)} circle {radii};"
    if isinstance(shape, Polygon):
        return rf"\path[{options}] {' -- '.join(at(*point) for point in shape.points)} -- cycle;"
    parts = []
    for letter, *c in shape.commands:
        if letter == "M":
            parts.append(at(c[0], c[1]))
        elif letter == "L":
            parts.append(f"-- {at(c[0], c[1])}")
        else:
            parts.append(f".. controls {at(c[0], c[1])} and {at(c[2], c[3])} .. {at(c[4], c[5])}")
    return rf"\path[{options}] {' '.join(parts)};"
