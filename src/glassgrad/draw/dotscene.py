"""Draws a DOT graph with our own layout, much as Graphviz would: records, ellipses, coloured and dashed edges."""

import math
import re
from html import unescape
from typing import Any

from glassgrad.draw.compose import curve, parallels
from glassgrad.draw.dotread import Attributes, Graph, read
from glassgrad.draw.layout import Arrangement, Box, Link, Region, Route, arrange
from glassgrad.draw.metrics import printable, text_width
from glassgrad.draw.scene import ARROW_LENGTH, Ellipse, Group, Path, Point, Rect, Scene, Shape, Style, Text, arrow_head

SIZE = 12.0
LINE = 15.0
MARGIN = 8.0
_PAD = (8.0, 5.0)
_COLOURS = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#00ff00", "blue": "#0000ff",
    "purple": "#a020f0", "orange": "#ffa500", "yellow": "#ffff00", "brown": "#a52a2a", "pink": "#ffc0cb",
    "gray": "#c0c0c0", "grey": "#c0c0c0", "lightgray": "#d3d3d3", "lightgrey": "#d3d3d3", "cyan": "#00ffff",
    "magenta": "#ff00ff", "darkgreen": "#006400", "navy": "#000080", "lightblue": "#add8e6", "none": "none",
}  # fmt: skip

# The fields of a record. Each is a text, or again a list of fields.
_Field = list[Any]


def to_scene(source: str) -> Scene:
    """Lay out the graph of a DOT source, and return it as a scene."""
    graph = read(source)
    return _Drawer(graph).scene()


def record_fields(label: str) -> _Field:
    r"""Return the fields of a record's label, nested like its braces.

    >>> record_fields(r"{a\|b|1.0}|{x|y}")
    [['a|b', '1.0'], ['x', 'y']]
    """
    stack: list[_Field] = [[]]
    text, divided = "", False
    i = 0
    while i < len(label):
        c = label[i]
        if c == "\\" and i + 1 < len(label):
            text += label[i : i + 2]
            i += 1
        elif c == "{":
            stack.append([])
            text, divided = "", False
        elif c in "|}":
            if not divided:
                stack[-1].append(_lines(text))
            text, divided = "", False
            if c == "}" and len(stack) > 1:
                inner = stack.pop()
                stack[-1].append(inner)
                divided = True
        else:
            text += c
        i += 1
    if not divided:
        stack[-1].append(_lines(text))
    while len(stack) > 1:
        inner = stack.pop()
        stack[-1].append(inner)
    return stack[0]


def _lines(text: str) -> str:
    """Return the text that a DOT escape string stands for, with a newline between its lines."""
    text = re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nlr" else m[1], text, flags=re.DOTALL)
    return unescape(text).strip("\n")


class _Drawer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.across = graph.attributes.get("rankdir", "TB") in ("LR", "RL")
        self.names = list(graph.nodes)
        self.index = {name: i for i, name in enumerate(self.names)}
        self.styles: dict[str, Style] = {"back": Style("#ffffff"), "rim": Style("none", "#000000", 1.0)}
        self.fields: dict[str, _Field] = {}
        self.middles: list[float] = []
        self.sizes = [self._size(name, graph.nodes[name]) for name in self.names]

    def scene(self) -> Scene:
        graph = self.graph
        # Unlike Graphviz, the layout takes no edge that closes a cycle or a loop. Nothing here makes one.
        edges = [(self.index[t], self.index[h], a) for t, h, a in graph.edges if t != h]
        ports = self._ports(edges)
        looks = [(tail, head, _edge_style(a)) for tail, head, a in edges]
        links = [
            Link(tail, head, 0.0, port, ARROW_LENGTH + 3, f"{look}|{n}")
            for (tail, head, look), port, n in zip(looks, ports, parallels(looks), strict=True)
        ]
        boxes = [
            Box(*(size if self.across else size[::-1]), graph.home[name])
            for name, size in zip(self.names, self.sizes, strict=True)
        ]
        regions = [self._region(parent, attributes) for parent, attributes in graph.clusters]
        plan = arrange(boxes, links, regions)
        self.middles = plan.middle
        groups = []
        for i, rectangle in sorted(plan.regions.items()):
            x, y = self._at(rectangle.start, rectangle.low)
            w, h = (rectangle.length, rectangle.breadth) if self.across else (rectangle.breadth, rectangle.length)
            label = _lines(graph.clusters[i][1].get("label", ""))
            shapes: list[Shape] = [
                Rect(x, y, w, h, 0, "rim"),
                Text(x + w / 2, y + LINE, label, SIZE, self._ink("black"), "middle"),
            ]
            groups.append(Group("cluster", shapes=shapes))
        for (tail, head, attributes), route in zip(edges, plan.routes, strict=True):
            groups.append(self._edge(tail, head, attributes, route))
        groups.extend(self._node(i, name, plan) for i, name in enumerate(self.names))
        width, height = (plan.length, plan.breadth) if self.across else (plan.breadth, plan.length)
        width, height = width + 2 * MARGIN, height + 2 * MARGIN
        caption = _lines(graph.attributes.get("label", ""))
        if caption:
            ink, lines = self._ink("black"), caption.split("\n")
            shapes = [Text(MARGIN, height + SIZE + n * LINE, line, SIZE, ink) for n, line in enumerate(lines)]
            groups.append(Group("caption", shapes=shapes))
            width = max(width, 2 * MARGIN + max(text_width(line, SIZE) for line in lines))
            height += MARGIN + LINE * len(lines)
        back = Group("back", shapes=[Rect(0, 0, width, height, 0, "back")])
        title = f"Graph of {len(self.names)} nodes"
        return Scene(width, height, [back, *groups], self.styles, self.styles, title)

    # -- sizes -------------------------------------------------------------------------------------

    def _size(self, name: str, attributes: Attributes) -> Point:
        label = attributes.get("label", name)
        if attributes.get("shape") in ("record", "Mrecord"):
            self.fields[name] = record_fields(label)
            return self._field_size(self.fields[name], not self.across)
        lines = _lines(label).split("\n")
        width = max(text_width(printable(line), SIZE) for line in lines)
        height = len(lines) * LINE
        if attributes.get("shape") in ("box", "rect", "rectangle", "square"):
            return width + 2 * _PAD[0], height + 2 * _PAD[1]
        if attributes.get("shape") in ("plaintext", "plain", "none"):
            return width, height
        return max(1.35 * width + 10, 46.0), max(1.35 * height + 6, 30.0)

    def _field_size(self, part: _Field | str, across: bool) -> Point:
        if isinstance(part, str):
            lines = part.split("\n")
            width = max(text_width(printable(line), SIZE) for line in lines)
            return max(width, 8.0) + 2 * _PAD[0], len(lines) * LINE + 2 * _PAD[1]
        sizes = [self._field_size(inner, not across) for inner in part]
        widths, heights = [w for w, _ in sizes], [h for _, h in sizes]
        return (sum(widths), max(heights)) if across else (max(widths), sum(heights))

    def _region(self, parent: int, attributes: Attributes) -> Region:
        if parent < 0:
            return Region(-1)
        title = text_width(_lines(attributes.get("label", "")), SIZE) + 16
        if self.across:
            return Region(parent, (8, 8, LINE + 8, 8), (title, 0))
        return Region(parent, (LINE + 8, 8, 8, 8), (0, title))

    def _ports(self, edges: list[tuple[int, int, Attributes]]) -> list[float]:
        """Return where each edge enters its head. Edges that lead back lie outside those that lead on."""
        entering: dict[int, list[int]] = {}
        for i, (_, head, _) in enumerate(edges):
            entering.setdefault(head, []).append(i)
        ports = [0.0] * len(edges)
        for head, indices in entering.items():
            back = [i for i in indices if edges[i][2].get("dir") == "back"]
            ahead = [i for i in indices if edges[i][2].get("dir") != "back"]
            half = (len(back) + 1) // 2
            ordered = [*back[:half], *ahead, *back[half:]]
            breadth = self.sizes[head][1 if self.across else 0]
            pitch = min(10.0, 0.6 * breadth / max(len(ordered) - 1, 1))
            for n, i in enumerate(ordered):
                ports[i] = (n - (len(ordered) - 1) / 2) * pitch
        return ports

    # -- shapes ------------------------------------------------------------------------------------

    def _at(self, along: float, across: float) -> Point:
        point = (along, across) if self.across else (across, along)
        return point[0] + MARGIN, point[1] + MARGIN

    def _style(self, style: Style) -> str:
        name = f"d{len(self.styles)}"
        for known, other in self.styles.items():
            if other == style:
                return known
        self.styles[name] = style
        return name

    def _ink(self, colour: str) -> str:
        return self._style(Style(_colour(colour)))

    def _edge(self, tail: int, head: int, attributes: Attributes, route: Route) -> Group:
        colour = _colour(attributes.get("color", "black"))
        dash = (5.0, 2.0) if "dashed" in attributes.get("style", "") else ()
        line = self._style(Style("none", colour, 1.0, dash))
        inset = self._inset(head, route[-1][1])
        route = [*route[:-1], (route[-1][0] + inset, route[-1][1])]
        direction = attributes.get("dir", "forward")
        onward = (1.0, 0.0) if self.across else (0.0, 1.0)
        shapes: list[Shape] = []
        start, end = route[0], route[-1]
        if direction in ("forward", "both"):
            shapes.append(arrow_head(self._at(*end), onward, self._style(Style(colour))))
            route = [*route[:-1], (end[0] - ARROW_LENGTH + 1, end[1])]
        if direction in ("back", "both"):
            shapes.append(arrow_head(self._at(*start), (-onward[0], -onward[1]), self._style(Style(colour))))
            route = [(start[0] + ARROW_LENGTH - 1, start[1]), *route[1:]]
        shapes.insert(0, Path(curve(route, self._at), line))
        if attributes.get("label"):
            x, y = self._at(*route[-1])
            text = printable(_lines(attributes["label"]))
            shapes.append(Text(x - 4, y - 3, text, SIZE - 3, self._ink("black"), "end"))
        return Group("edge", shapes=shapes)

    def _inset(self, head: int, across: float) -> float:
        """Return the distance between the edge of a box and the ellipse in it, at the height of a port."""
        attributes = self.graph.nodes[self.names[head]]
        if attributes.get("shape", "ellipse") not in ("ellipse", "oval", "circle"):
            return 0.0
        width, height = self.sizes[head] if self.across else self.sizes[head][::-1]
        off = min(abs(across - self.middles[head]) / (height / 2), 1.0)
        return width / 2 * (1 - math.sqrt(1 - off * off))

    def _node(self, i: int, name: str, plan: Arrangement) -> Group:
        attributes = self.graph.nodes[name]
        w, h = self.sizes[i]
        x, y = self._at(plan.start[i] + (w if self.across else h) / 2, plan.middle[i])
        x, y = x - w / 2, y - h / 2
        rim = _colour(attributes.get("color", "black"))
        filled = "filled" in attributes.get("style", "")
        fill = _colour(attributes.get("fillcolor", attributes.get("color", "lightgrey"))) if filled else "none"
        dash = (5.0, 2.0) if "dashed" in attributes.get("style", "") else ()
        style = self._style(Style(fill, rim, 1.0, dash))
        ink = self._ink(attributes.get("fontcolor", "black"))
        shape = attributes.get("shape", "ellipse")
        if name in self.fields:
            shapes: list[Shape] = [Rect(x, y, w, h, 0, style)]
            self._fields(
                self.fields[name],
                not self.across,
                x,
                y,
                w,
                h,
                shapes,
                self._style(Style("none", rim, 1.0)),
                ink,
            )
            return Group("node", shapes=shapes)
        if shape in ("box", "rect", "rectangle", "square"):
            shapes = [Rect(x, y, w, h, 0, style)]
        elif shape in ("plaintext", "plain", "none"):
            shapes = []
        else:
            shapes = [Ellipse(x + w / 2, y + h / 2, w / 2, h / 2, style)]
        self._text(_lines(attributes.get("label", name)), x, y, w, h, shapes, ink)
        return Group("node", shapes=shapes)

    def _fields(
        self,
        part: _Field | str,
        across: bool,
        x: float,
        y: float,
        w: float,
        h: float,
        shapes: list[Shape],
        line: str,
        ink: str,
    ) -> None:
        """Draw the fields of a record into a rectangle. Spare room is shared among the fields."""
        if isinstance(part, str):
            self._text(part, x, y, w, h, shapes, ink)
            return
        sizes = [self._field_size(inner, not across) for inner in part]
        spare = ((w if across else h) - sum(size[0 if across else 1] for size in sizes)) / len(part)
        for n, (inner, size) in enumerate(zip(part, sizes, strict=True)):
            if n and across:
                shapes.append(Path((("M", x, y), ("L", x, y + h)), line))
            elif n:
                shapes.append(Path((("M", x, y), ("L", x + w, y)), line))
            if across:
                self._fields(inner, False, x, y, size[0] + spare, h, shapes, line, ink)
                x += size[0] + spare
            else:
                self._fields(inner, True, x, y, w, size[1] + spare, shapes, line, ink)
                y += size[1] + spare

    def _text(self, text: str, x: float, y: float, w: float, h: float, shapes: list[Shape], ink: str) -> None:
        lines = text.split("\n")
        base = y + h / 2 - (len(lines) - 1) * LINE / 2 + SIZE * 0.36
        for n, line in enumerate(lines):
            shapes.append(Text(x + w / 2, base + n * LINE, printable(line), SIZE, ink, "middle"))


def _edge_style(attributes: Attributes) -> str:
    """Return a key for the looks of an edge. Edges with the same key may share their lanes."""
    return "|".join(attributes.get(name, "") for name in ("color", "style", "dir"))


def _colour(name: str) -> str:
    """Return a Graphviz colour as ``#rrggbb``, or black if its name is not known here."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", name):
        return name.lower()
    return _COLOURS.get(name.lower(), "#000000")
