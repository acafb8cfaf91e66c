"""Writes scenes as SVG. Text stays text, colours follow the reader's theme, and tooltips show all digits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import accumulate, pairwise

from glassgrad.draw.metrics import FONT_FAMILY, printable
from glassgrad.draw.scene import Ellipse, Group, Path, Polygon, Rect, Scene, Shape, Style, Text

_DARK_PAGES = ('[data-jp-theme-light="false"]', '[data-vscode-theme-kind*="dark"]', '[data-theme="dark"]')
_LIGHT_PAGES = ('[data-jp-theme-light="true"]', '[data-vscode-theme-kind*="light"]', '[data-theme="light"]')


def to_svg(scene: Scene) -> str:
    """Return a whole SVG document.

    It holds no script, no link and no font. With ``theme="auto"`` a browser shows it dark if the system prefers dark,
    or if the page around it (JupyterLab, VS Code, Sphinx) is dark. Other programs show it light.
    """
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + to_element(scene)


def to_element(scene: Scene) -> str:
    """Return the ``<svg>`` element alone, for use in a page."""
    width, height = _n(scene.width), _n(scene.height)
    title, styles = _text(scene.title), scene.styles()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="glassgrad gg-{scene.theme}" role="img" '
        f'aria-label="{title}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT_FAMILY}">\n'
    )
    lines = [head, f"<title>{title}</title>\n", f"<style>{_css(scene)}</style>\n"]
    for group in scene.groups:
        lines.extend(_group(group, styles))
    lines.append("</svg>\n")
    return "".join(lines)


def to_svg_film(scenes: Sequence[Scene], seconds: Sequence[float], width: int, loop: bool) -> str:
    """Return an SVG document that shows the scenes one after another, each for its number of ``seconds``.

    It uses SVG's own animation and no script, so it runs in an ``<img>`` too. Programs that do not animate SVG show the
    last scene.
    """
    first = scenes[0]
    height = width * first.height / first.width
    title = _text(first.title)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" class="glassgrad gg-{first.theme}" role="img" aria-label="{title}" '
        f'width="{width}" height="{_n(height)}" viewBox="0 0 {_n(first.width)} {_n(first.height)}" '
        f'font-family="{FONT_FAMILY}">\n',
        f"<title>{title}</title>\n<style>{_css(_together(scenes))}</style>\n",
    ]
    ends = list(accumulate(seconds))
    for markup, frames in _cels(scenes).items():
        if len(frames) == len(scenes):
            lines.append(markup)
        else:
            hidden = "" if len(scenes) - 1 in frames else ' display="none"'
            lines.append(f"<g{hidden}>")
            lines.append(f"{_animation(frames, [0.0, *ends], loop)}{markup}</g>\n")
    lines.append("</svg>\n")
    return "".join(lines)


def _cels(scenes: Sequence[Scene]) -> dict[str, set[int]]:
    """Return each piece of the scenes once, from back to front, with the numbers of the scenes that show it."""
    following: dict[str, str] = {}  # a linked list: the next piece in front of each
    frames: dict[str, set[int]] = {}
    styles = scenes[0].styles()
    for k, scene in enumerate(scenes):
        last = ""
        for group in scene.groups:
            markup = "".join(_group(group, styles))
            if markup not in frames:
                following[markup] = following.get(last, "")
                following[last] = markup
                frames[markup] = set()
            frames[markup].add(k)
            last = markup
    ordered, piece = {}, following[""]
    while piece:
        ordered[piece] = frames[piece]
        piece = following[piece]
    return ordered


def _animation(frames: set[int], times: list[float], loop: bool) -> str:
    """Return the animation that shows a piece in its ``frames``. Frame k runs from ``times[k]`` to ``times[k + 1]``."""
    states = [(times[k] / times[-1], k in frames) for k in range(len(times) - 1)]
    changes = [states[0], *(after for before, after in pairwise(states) if after[1] != before[1])]
    values = ";".join("inline" if shown else "none" for _, shown in changes)
    marks = ";".join(f"{t:.6g}" for t, _ in changes)
    how = 'repeatCount="indefinite"' if loop else 'fill="freeze"'
    return (
        f'<animate attributeName="display" calcMode="discrete" dur="{times[-1]:.6g}s" {how} '
        f'values="{values}" keyTimes="{marks}"/>'
    )


def _together(scenes: Sequence[Scene]) -> Scene:
    """Return one scene that has the groups and styles of all of them."""
    shapes = {shape.style: shape for scene in scenes for shape in scene.shapes()}
    return replace(scenes[0], groups=[Group("all", shapes=list(shapes.values()))])


def to_html(scene: Scene) -> str:
    """Return a web page with the drawing, which loads nothing else."""
    dark = {"auto": "light dark", "light": "light", "dark": "dark"}[scene.theme]
    back = scene.styles()["back"].fill
    page = f"background:{back}" if scene.theme != "auto" else "background:Canvas"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="{dark}">\n<title>{_text(scene.title)}</title>\n'
        f"<style>body{{margin:0;{page}}}svg{{display:block;margin:1rem auto}}"
        "@media print{svg{max-width:100%;height:auto;margin:0 auto}}</style>\n</head>\n<body>\n"
        f"{to_element(scene)}</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """Escape text for XML. Newlines stay; other characters that cannot be printed are replaced."""
    return "\n".join(escape(printable(line)) for line in text.split("\n"))


def _n(value: float) -> str:
    """Return a coordinate rounded to hundredths, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _class(style: str) -> str:
    return "s-" + style.replace("+", "p").replace("-", "m")


def _css(scene: Scene) -> str:
    """Return the style sheet. With ``auto`` it has the colours of both themes, which replace the light attributes.

    Each colour is a custom property, so a page can change it too. Programs other than browsers do not know custom
    properties and would paint ``fill:var(...)`` black. So these rules stand in a block that they skip.
    """
    text = f".glassgrad text{{font-family:{FONT_FAMILY};white-space:pre}}"
    if scene.theme != "auto":
        return text
    scope = ".gg-auto"
    names: dict[str, tuple[str, str]] = {}  # the style and the part of it that each custom property stands for
    rules = []
    for name in dict.fromkeys(shape.style for shape in scene.shapes()):
        declared = []
        for part in ("fill", "stroke"):
            if getattr(scene.light[name], part) != "none":
                variable = f"--gg{_class(name)[1:]}-{part}"
                names[variable] = name, part
                declared.append(f"{part}:var({variable})")
        rules.append(f"{scope} .{_class(name)}{{{';'.join(declared)}}}")
    light, dark = _properties(names, scene.light), _properties(names, scene.dark)
    rules.append(f"{scope}{{{light}}}")
    rules.append(f"@media (prefers-color-scheme:dark){{{scope}{{{dark}}}}}")
    rules.append(f"{','.join(f'{page} {scope}' for page in _DARK_PAGES)}{{{dark}}}")
    rules.append(f"{','.join(f'{page} {scope}' for page in _LIGHT_PAGES)}{{{light}}}")
    return "\n".join([text, "@supports (color:var(--a)){", *rules, "}"])


def _properties(names: Mapping[str, tuple[str, str]], styles: Mapping[str, Style]) -> str:
    return ";".join(f"{variable}:{getattr(styles[name], part)}" for variable, (name, part) in names.items())


def _looks(name: str, style: Style, text: bool = False) -> str:
    """Return the class of a shape, and its looks as attributes for programs that do not read style sheets."""
    looks = f'class="{_class(name)}" fill="{style.fill}"'
    if style.stroke != "none" and not text:
        looks += f' stroke="{style.stroke}" stroke-width="{_n(style.width)}"'
        if style.dash:
            looks += f' stroke-dasharray="{" ".join(map(_n, style.dash))}"'
    return looks


def _group(group: Group, styles: Mapping[str, Style]) -> Iterator[str]:
    yield f'<g class="{group.kind}">'
    if group.title:
        yield f"<title>{_text(group.title)}</title>"
    for shape in group.shapes:
        yield _shape(shape, styles[shape.style])
    yield "</g>\n"


def _shape(shape: Shape, look: Style) -> str:
    style = _looks(shape.style, look, isinstance(shape, Text))
    if isinstance(shape, Rect):
        corner = f' rx="{_n(shape.radius)}"' if shape.radius else ""
        return (
            f'<rect {style} x="{_n(shape.x)}" y="{_n(shape.y)}" '
            f'width="{_n(shape.width)}" height="{_n(shape.height)}"{corner}/>'
        )
    if isinstance(shape, Path):
        d = "".join(letter + " ".join(map(_n, at)) for letter, *at in shape.commands)
        return f'<path {style} d="{d}"/>'
    if isinstance(shape, Polygon):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
        return f'<polygon {style} points="{points}"/>'
    if isinstance(shape, Ellipse):
        centre = f'cx="{_n(shape.x)}" cy="{_n(shape.y)}"'
        return f'<ellipse {style} {centre} rx="{_n(shape.rx)}" ry="{_n(shape.ry)}"/>'
    anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
    bold = ' font-weight="bold"' if shape.bold else ""
    return (
        f'<text {style} x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{_n(shape.size)}"{anchor}{bold}>'
        f"{_text(shape.text)}</text>"
    )
