"""The parts of a drawing, before any file format: boxes, paths, polygons and texts, in named styles.

`compose` makes a `Scene`; `svg`, `mpl` and `tikz` each write one. Coordinates are in points, and y grows downwards.
A shape names its style. The colours of that style, light or dark, are looked up when the scene is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Point = tuple[float, float]
Command = tuple[Any, ...]


class Style(NamedTuple):
    """The looks of a shape. Colours are ``#rrggbb`` or ``none``; ``dash`` has the lengths of dashes and gaps."""

    fill: str = "none"
    stroke: str = "none"
    width: float = 1.0
    dash: tuple[float, ...] = ()


class Rect(NamedTuple):
    """A box with its upper left corner at ``(x, y)``, and corners of the given ``radius``."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    style: str


class Path(NamedTuple):
    """An open curve: ``('M', x, y)``, then ``('L', x, y)`` and ``('C', x1, y1, x2, y2, x, y)``."""

    commands: tuple[Command, ...]
    style: str


class Polygon(NamedTuple):
    """A closed, filled outline."""

    points: tuple[Point, ...]
    style: str


class Ellipse(NamedTuple):
    """An ellipse, given by its centre and its two radii."""

    x: float
    y: float
    rx: float
    ry: float
    style: str


class Text(NamedTuple):
    """One line of text. ``y`` is its baseline; ``anchor`` is ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    text: str
    size: float
    style: str
    anchor: str = "start"
    bold: bool = False


Shape = Rect | Path | Polygon | Ellipse | Text


@dataclass
class Group:
    """Shapes that belong together, such as one node, edge or cluster. ``title`` is its tooltip."""

    kind: str
    title: str = ""
    shapes: list[Shape] = field(default_factory=list)


@dataclass
class Scene:
    """A finished drawing: its size, its groups from back to front, and its styles for both themes."""

    width: float
    height: float
    groups: list[Group]
    light: Mapping[str, Style]
    dark: Mapping[str, Style]
    title: str = ""
    theme: str = "light"

    def shapes(self) -> Iterator[Shape]:
        """Yield every shape, from back to front."""
        for group in self.groups:
            yield from group.shapes

    def styles(self) -> Mapping[str, Style]:
        """Return the styles for a file that cannot follow the reader's theme: dark if asked for, else light."""
        return self.dark if self.theme == "dark" else self.light


ARROW_LENGTH = 7.0
ARROW_WIDTH = 2.6


def arrow_head(tip: Point, toward: Point, style: str, length: float = ARROW_LENGTH) -> Polygon:
    """Return a filled arrow head with its tip at ``tip``. It points in the direction of the unit vector ``toward``."""
    (x, y), (dx, dy) = tip, toward
    bx, by = x - dx * length, y - dy * length
    half = ARROW_WIDTH * length / ARROW_LENGTH
    return Polygon(((x, y), (bx - dy * half, by + dx * half), (bx + dy * half, by - dx * half)), style)
