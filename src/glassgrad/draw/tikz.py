"""Writes scenes as TeX documents. pdfLaTeX, XeLaTeX and LuaLaTeX make them one page of the size of the drawing.

The picture in the document needs only TikZ and defines its own colours and unit of length, so it can be copied into a
paper.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import groupby

from glassgrad.draw.metrics import printable, text_width
from glassgrad.draw.scene import Ellipse, Polygon, Rect, Scene, Shape, Style, Text

_LARGEST = 14_000.0  # The largest side in points. TeX's lengths end at 16,383 pt.

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


def to_tex(scene: Scene, width: str | None = None) -> str:
    r"""Return a scene as a TeX document.

    XeLaTeX and LuaLaTeX also set letters that TeX's own fonts lack. pdfLaTeX cannot set them, and prints their code
    points instead, such as U+1F600.

    Args:
        scene: the drawing.
        width: the width of the drawing as a TeX length, such as ``\textwidth`` or ``12cm``. By default the drawing
            keeps its natural size.

    Raises:
        ValueError: ``width`` is not a TeX length.
    """
    scale = min(1.0, _LARGEST / max(scene.width, scene.height))
    styles = scene.styles()
    used = sorted({shape.style for shape in scene.shapes()})
    picture = [_shape(shape, styles[shape.style], scale) for shape in scene.shapes()]
    foreign = any(r"\gg" in line.partition(r"\strut")[2] for line in picture)
    unit = "1bp" if width is None else rf"\dimexpr{_length(width)}*100/{round(scene.width * scale * 100)}\relax"
    lines = [
        "% A graph drawn by glassgrad.",
        r"% To put it into a paper, copy the tikzpicture. The paper needs \usepackage{tikz}.",
        *(_FOREIGN_HINT if foreign else ()),
        r"\documentclass{article}",
        r"\usepackage{fix-cm,tikz}",
        *(_FOREIGN_FONTS if foreign else ()),
        r"\begin{document}",
        r"\setbox0=\hbox{%",
        r"\begin{tikzpicture}[line join=round,execute at begin picture=\sffamily]",
        r"\ifdefined\ggunit\else\newdimen\ggunit\fi",
        rf"\ggunit={unit} \pgfsetxvec{{\pgfpoint{{\ggunit}}{{0pt}}}}\pgfsetyvec{{\pgfpoint{{0pt}}{{-\ggunit}}}}",
        *(_FOREIGN_LETTERS if foreign else ()),
        *_colours(used, styles),
        *picture,
        r"\end{tikzpicture}}",
        *_PAGE,
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


_PAGE = (
    r"% One page exactly as large as the drawing.",
    r"\ifdefined\pagewidth \let\pdfpagewidth=\pagewidth \let\pdfpageheight=\pageheight \fi % LuaLaTeX's names",
    r"\pdfpagewidth=\wd0 \pdfpageheight=\ht0 \advance\pdfpageheight by \dp0",
    r"\hoffset=-1in \voffset=-1in",
    r"\shipout\box0",
)
_FOREIGN_HINT = (
    r"% It has letters that only XeLaTeX and LuaLaTeX can set, in a font that has them. In a paper choose fonts:",
    r"% \usepackage{fontspec} \newfontfamily\ggfont{DejaVu Sans} \newfontfamily\ggwidefont{Noto Sans CJK SC}",
)
_FONTS = (
    ("ggfont", ("DejaVu Sans", "Noto Sans", "Arial Unicode MS", "Arial")),
    ("ggwidefont", ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC",
                    "Hiragino Sans", "Malgun Gothic", "WenQuanYi Zen Hei")),
)  # fmt: skip
_FOREIGN_FONTS = (
    r"\ifdefined\Umathcode % XeLaTeX and LuaLaTeX",
    r"\usepackage{fontspec}",
    r"\newcommand\ggchoose[2]{\ifdefined#1\else\IfFontExistsTF{#2}{\newfontfamily#1{#2}}{}\fi}",
    *(rf"\ggchoose\{macro}{{{family}}}" for macro, families in _FONTS for family in families),
    r"\fi",
)
# \ggletters{font}{letters}{their code points, for pdfLaTeX}{the width of these, at most}. \ggright does the same for
# letters that run from right to left.
_FOREIGN_LETTERS = (
    r"\providecommand\ggfont{}\providecommand\ggwidefont{}",
    r"\ifdefined\Umathcode \def\ggletters#1#2#3#4{{#1#2}}\else \def\ggletters#1#2#3#4{\resizebox{#4\ggunit}{!}{#3}}\fi",
    r"\def\ggright#1#2{\ggletters{#1}{\ggscript\ggfrom #2\ggto}}",
    r"\def\ggscript{\ifdefined\addfontfeature\addfontfeature{Script=Arabic}\fi}",
    r"\ifdefined\XeTeXrevision \def\ggfrom{\TeXXeTstate=1 \beginR}\def\ggto{\endR}",
    r"\else \def\ggfrom{\textdir TRT}\def\ggto{}\fi",
)


def _length(width: str) -> str:
    """Return the TeX length ``width``, checked."""
    if not isinstance(width, str) or not re.fullmatch(_LENGTH, width.strip()):
        raise ValueError(
            rf"width must be a TeX length, such as r'\textwidth', r'0.8\linewidth' or '12cm', got {width!r:.60}"
        )
    return width.strip()


_LENGTH = r"(\d+(\.\d*)?|\.\d+)?\s*\\[A-Za-z]+|(\d+(\.\d*)?|\.\d+)\s*(pt|bp|mm|cm|in|pc|em|ex|dd|cc|sp)"


def escape(text: str, size: float = 10.0, bold: bool = False) -> str:
    r"""Return TeX that prints ``text`` in font size ``size``, whatever characters are in it.

    >>> print(escape("a_1 & 50%"))
    a\_1 \& 50\%
    """
    parts = []
    for kind, letters in groupby(printable(text), _kind):
        run = "".join(letters)
        own = [_escape_character(character) for character in run]
        if kind and not all(own):
            plain = "".join(tex or f"U+{ord(character):04X} " for character, tex in zip(run, own, strict=True)).strip()
            parts.append(rf"{kind}{{{run}}}{{{plain}}}{{{_n(text_width(run, size, bold))}}}")
        else:
            parts.append("".join(own))
    return "".join(parts)


def _kind(character: str) -> str:
    """Return the macro and the font for a letter that TeX's own fonts may lack, or ``""`` for other letters."""
    if _escape_character(character) and not _greek(character):
        return ""
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return r"\ggright\ggfont"
    return r"\ggletters\ggwidefont" if unicodedata.east_asian_width(character) in "WF" else r"\ggletters\ggfont"


@cache
def _escape_character(character: str) -> str:
    """Return TeX that prints a character in TeX's own fonts, or ``""`` if they lack it."""
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
    return ""


def _greek(character: str) -> str:
    """Return a Greek letter in mathematics mode, such as ``$\\alpha$`` for ``α``, or ``""`` for other letters."""
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
        options.append(rf"line width={_n(style.width * scale)}\ggunit")
        if style.dash:
            on_off = " ".join(rf"{'off' if i % 2 else 'on'} {_n(d * scale)}\ggunit" for i, d in enumerate(style.dash))
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
            rf"font=\fontsize{{{_n(size)}\ggunit}}{{{_n(size * 1.2)}\ggunit}}\selectfont{bold}] "
            rf"at {at(shape.x, shape.y)} {{\strut {escape(shape.text, size, shape.bold)}}};"
        )
    options = _options(shape.style, style, scale)
    if isinstance(shape, Rect):
        corners = rf",rounded corners={_n(shape.radius * scale)}\ggunit" if shape.radius else ""
        corner = at(shape.x + shape.width, shape.y + shape.height)
        return rf"\path[{options}{corners}] {at(shape.x, shape.y)} rectangle {corner};"
    if isinstance(shape, Ellipse):
        radii = rf"[x radius={_n(shape.rx * scale)}\ggunit,y radius={_n(shape.ry * scale)}\ggunit]"
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
