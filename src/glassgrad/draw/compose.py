"""Turns a picture into a scene: measures the boxes, has them laid out, and makes the shapes that draw them."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise

from glassgrad.draw import colours
from glassgrad.draw.layout import Arrangement, Box, Link, Rectangle, Region, Route, arrange, unshared
from glassgrad.draw.metrics import text_width
from glassgrad.draw.picture import Item, Picture, Wire
from glassgrad.draw.scene import ARROW_LENGTH, Command, Group, Path, Point, Rect, Scene, Shape, Text, arrow_head

SIZE, SMALL = 11.0, 9.0  # Font sizes, in points as all lengths here.
ROW = 18.0  # The height of a line of text in a box.
LINE = 13.0  # The height of a line of small text below the drawing.
PAD = 8.0
NECK = 6.0  # The gap between the badge of an operation and its result.
BADGE = 22.0
PITCH = 14.0  # The distance between two edges that enter a badge, in drawings from left to right.
ASIDE = 5.0  # The distance of a backward arrow from its edge.
TURN = 6.0  # The radius of the turns of an edge that goes back.
MARGIN = 12.0
STACK = 3.0  # How far the second sheet of a collapsed group shows behind the first.
_CLUSTER = 12.0
_MANY = 24  # Up to this many wires enter a collapsed group at places of their own.


def compose(picture: Picture, rankdir: str, theme: str) -> Scene:
    """Lay out a picture and return it as a scene."""
    return _Composer(picture, rankdir, theme).scene()


def compose_film(pictures: Sequence[Picture], rankdir: str, theme: str) -> list[Scene]:
    """Lay out the frames of a film. All scenes have one size, and every box keeps its place.

    Args:
        pictures: Pictures of one graph, which differ in numbers, marks and captions only. The first picture must have
            every wire that occurs in any of them.
    """
    composers = [_Composer(picture, rankdir, theme) for picture in pictures]
    first = composers[0]
    bodies = [(max(w for w, _ in sizes), max(h for _, h in sizes)) for sizes in zip(*(c.bodies for c in composers))]
    largest = max(composer.largest for composer in composers)
    labels: dict[int, float] = defaultdict(float)
    for composer in composers:
        for i, width in composer.labels.items():
            labels[i] = max(labels[i], width)
    for composer in composers:
        composer.bodies, composer.largest, composer.labels = bodies, largest, labels
        composer.backward = first.backward
        composer.badges = [composer._badge(i) for i in range(len(composer.badges))]
    plan = first.plan()
    scenes = [composer.scene(plan) for composer in composers]
    width, height = max(scene.width for scene in scenes), max(scene.height for scene in scenes)
    for scene in scenes:
        scene.width, scene.height = width, height
        scene.groups[0] = Group("back", shapes=[Rect(0, 0, width, height, 0, "back")])
    return scenes


class _Composer:
    def __init__(self, picture: Picture, rankdir: str, theme: str) -> None:
        self.picture, self.theme = picture, theme
        self.across = rankdir == "LR"
        grads = [abs(i.grad) for i in picture.items if i.grad is not None and math.isfinite(i.grad)]
        self.largest = max(grads, default=0.0)
        self.depths = [-1] * len(picture.clusters)  # how deep each is nested; parents come before their children
        for i, cluster in enumerate(picture.clusters[1:], 1):
            self.depths[i] = self.depths[cluster.parent] + 1
        self.backward = any(wire.backward for wire in picture.wires)
        self.labels: dict[int, float] = defaultdict(float)  # The width of the widest label on a wire into each item.
        for wire in picture.wires:
            if wire.label:
                self.labels[wire.head] = max(self.labels[wire.head], text_width(wire.label, SMALL))
        self.badges = [self._badge(i) for i in range(len(picture.items))]
        self.bodies = [self._body(i, item) for i, item in enumerate(picture.items)]

    # -- sizes, as width and height ----------------------------------------------------------------

    def _pitch(self, i: int) -> float:
        pitch = PITCH + (ASIDE if self.backward else 0.0)
        return pitch if self.across else max(pitch, self.labels[i] + 8)

    def _badge(self, i: int) -> tuple[float, float]:
        item = self.picture.items[i]
        if not item.op:
            return 0.0, 0.0
        fan = self._pitch(i) * (item.ports - 1) + 14
        width = max(BADGE, text_width(item.op, SIZE) + 12)
        return (width, max(BADGE, fan)) if self.across else (max(width, fan), BADGE)

    def _body(self, i: int, item: Item) -> tuple[float, float]:
        if item.kind == "stub":
            return 26.0, 16.0
        if item.kind == "summary":
            return text_width(item.name, SIZE) + 2 * PAD, ROW + 8
        if item.kind == "group":
            width = max(text_width(item.name, SIZE, bold=True), *(text_width(line, SMALL) for line in item.lines))
            fan = self._pitch(i) * (min(item.ports, _MANY) - 1) + 14
            width, height = width + 2 * PAD + 6, ROW * (1 + len(item.lines)) + 6
            return (width, max(height, fan)) if self.across else (max(width, fan), height)
        width = text_width(item.name, SIZE, bold=True) + text_width(item.value, SIZE)
        width += 10 if item.name and item.value else 0
        if item.grad is not None:
            width = max(width, text_width("grad", SMALL) + 10 + text_width(_grad_text(item), SIZE))
        width = max(width, text_width(item.now, SMALL))
        return max(width, 22.0) + 2 * PAD, ROW * (1 + (item.grad is not None) + bool(item.now)) + 4

    def _box(self, i: int, item: Item) -> Box:
        (badge_w, badge_h), (body_w, body_h) = self.badges[i], self.bodies[i]
        if self.across:
            length = body_w + (badge_w + NECK if badge_w else 0)
            return Box(length, max(badge_h, body_h), item.region)
        # The label of the last edge stands to the right of it, and so beyond the badge.
        fan = 2 * (self._pitch(i) * (item.ports - 1) / 2 + self.labels[i] + 6) if self.labels[i] else 0
        return Box(body_h + (badge_h + NECK if badge_h else 0), max(badge_w, body_w, fan), item.region)

    def _port(self, wire: Wire) -> float:
        item = self.picture.items[wire.head]
        if item.kind == "group" and item.ports > _MANY:
            return 0.0
        return (wire.port - (item.ports - 1) / 2) * self._pitch(wire.head)

    def _link(self, wire: Wire, parallel: int) -> Link:
        label = (self.labels[wire.head] + 6) if self.across else SMALL + 6
        room = ARROW_LENGTH + 4 + (label if self.labels[wire.head] else 0)
        return Link(wire.tail, wire.head, 0.0, self._port(wire), room, str(parallel or ""))

    def _region(self, i: int) -> Region:
        cluster = self.picture.clusters[i]
        if not i:
            return Region(-1)
        title = text_width(cluster.name, SIZE, bold=True) + 2 * _CLUSTER
        if self.across:
            return Region(cluster.parent, (_CLUSTER, _CLUSTER, ROW + 6, _CLUSTER), (title, 0))
        return Region(cluster.parent, (ROW + 6, _CLUSTER, _CLUSTER, _CLUSTER), (0, title))

    # -- the scene ---------------------------------------------------------------------------------

    def plan(self) -> Arrangement:
        """The places of all boxes, clusters and wires. The routes of `_forward` wires come first."""
        back = self._returning()
        plan = self._arranged([(TURN, TURN)] * len(back))
        if not back:
            return plan
        first = len(self.picture.items)
        sides = []  # An edge that comes from above turns downwards, and one that comes from below turns upwards.
        for n, wire in enumerate(back):
            before, after = plan.middle[first + 2 * n : first + 2 * n + 2]
            head = plan.middle[wire.head] + self._port(wire)
            sides.append((TURN if head <= before else -TURN, TURN if plan.middle[wire.tail] <= after else -TURN))
        return self._arranged(sides)

    def _arranged(self, sides: Sequence[tuple[float, float]]) -> Arrangement:
        """Lay out the picture. ``sides`` has the ports of the lanes of edges that go back, at their two turns."""
        picture = self.picture
        boxes = [self._box(i, item) for i, item in enumerate(picture.items)]
        forward = self._forward()
        pairs = [(wire.tail, wire.head) for wire in forward]
        links = [self._link(wire, n) for wire, n in zip(forward, parallels(pairs), strict=True)]
        for wire, (near_head, near_tail) in zip(self._returning(), sides, strict=True):
            region = self._common(boxes[wire.tail].region, boxes[wire.head].region)
            before, after = len(boxes), len(boxes) + 1  # where the edge turns: before its head, and after its tail
            boxes += [Box(TURN, 2 * TURN, region)] * 2
            links.append(Link(wire.tail, after, 0.0, -near_tail, bundle="back"))
            links.append(Link(before, after, near_head, near_tail))
            links.append(Link(before, wire.head, -near_head, self._port(wire), ARROW_LENGTH + 4))
        return arrange(boxes, links, [self._region(i) for i in range(len(picture.clusters))])

    def _forward(self) -> list[Wire]:
        return [wire for wire in self.picture.wires if not wire.backward and not wire.returning]

    def _returning(self) -> list[Wire]:
        return [wire for wire in self.picture.wires if wire.returning]

    def _common(self, a: int, b: int) -> int:
        """Return the innermost cluster around two clusters."""
        clusters = self.picture.clusters
        while a != b:
            if self.depths[a] >= self.depths[b]:
                a = clusters[a].parent
            else:
                b = clusters[b].parent
        return a

    def scene(self, plan: Arrangement | None = None) -> Scene:
        picture = self.picture
        forward = self._forward()
        plan = plan or self.plan()
        groups = [self._cluster(i, plan.regions[i]) for i in sorted(plan.regions)]
        routes = {(w.tail, w.head, w.port): route for w, route in zip(forward, plan.routes, strict=False)}
        for n, returning in enumerate(self._returning()):
            first = len(forward) + 3 * n
            groups.append(self._return(returning, *plan.routes[first : first + 3]))
        onward = [wire for wire in picture.wires if not wire.returning]
        whole = [(w.backward, routes[w.tail, w.head, w.port]) for w in onward]
        for wire, (_, route), part in zip(onward, whole, unshared(whole), strict=True):
            # The head of a backward arrow is at the beginning of the lane.
            groups.append(self._wire(wire, route if wire.backward else part))
        groups.extend(self._name(i, plan.regions[i]) for i in sorted(plan.regions))
        groups.extend(self._item(i, item, plan) for i, item in enumerate(picture.items))
        width, height = (plan.length, plan.breadth) if self.across else (plan.breadth, plan.length)
        width, height = width + 2 * MARGIN, height + 2 * MARGIN
        footer, footer_width = self._footer(height - MARGIN + 10)
        groups.extend(footer)
        if footer:
            height += 24
        if picture.story:
            groups.append(self._story(height - MARGIN + 10))
            height += 8 + LINE * len(picture.story)
            footer_width = max(footer_width, MARGIN + max(text_width(line, SMALL) for line in picture.story))
        width = max(width, footer_width + MARGIN)
        back = Group("back", shapes=[Rect(0, 0, width, height, 0, "back")])
        return Scene(width, height, [back, *groups], colours.LIGHT, colours.DARK, picture.title, self.theme)

    def _at(self, along: float, across: float) -> Point:
        point = (along, across) if self.across else (across, along)
        return point[0] + MARGIN, point[1] + MARGIN

    def _cluster(self, i: int, rectangle: Rectangle) -> Group:
        cluster = self.picture.clusters[i]
        x, y = self._at(rectangle.start, rectangle.low)
        w, h = rectangle.length, rectangle.breadth
        if not self.across:
            w, h = h, w
        return Group("cluster", cluster.name, [Rect(x, y, w, h, 8, f"cluster{self.depths[i] % 2}")])

    def _name(self, i: int, rectangle: Rectangle) -> Group:
        """Draw the name of a cluster, in front of the lines that run into the cluster."""
        name = self.picture.clusters[i].name
        x, y = self._at(rectangle.start, rectangle.low)
        width = text_width(name, SIZE, bold=True) + 4
        return Group(
            "name",
            shapes=[
                Rect(x + _CLUSTER - 2, y + 5, width, 15, 3, f"plate{self.depths[i] % 2}"),
                Text(x + _CLUSTER, y + 16, name, SIZE, "faint", "start", True),
            ],
        )

    def _wire(self, wire: Wire, route: Route) -> Group:
        style, head_style = ("nowedge", "nowhead") if wire.now else ("edge", "head")
        if wire.backward:
            style, head_style = "flow", "flowhead"
            route = [(m, c + ASIDE) for m, c in route]
            tip = (route[0][0] + 1, route[0][1])
            route = [(tip[0] + ARROW_LENGTH - 1, tip[1]), *route[1:]]
        else:
            tip = route[-1]
            route = [*route[:-1], (tip[0] - ARROW_LENGTH + 1, tip[1])]
        direction = (1.0, 0.0) if self.across else (0.0, 1.0)
        if wire.backward:
            direction = (-direction[0], -direction[1])
        shapes: list[Shape] = [
            Path(curve(route, self._at), style),
            arrow_head(self._at(*tip), direction, head_style),
        ]
        if wire.label and not wire.backward:
            x, y = self._at(*tip)
            if self.across:
                shapes.append(Text(x - ARROW_LENGTH - 2, y - 3, wire.label, SMALL, "faint", "end"))
            else:
                shapes.append(Text(x + 4, y - ARROW_LENGTH - 1, wire.label, SMALL, "faint"))
        return Group("backward" if wire.backward else "edge", wire.title, shapes)

    def _return(self, wire: Wire, there: Route, lane: Route, into: Route) -> Group:
        """Draw an edge that goes back: on to a turn, back along a lane, and after another turn into its head."""
        tip = into[-1]
        into = [*into[:-1], (tip[0] - ARROW_LENGTH + 1, tip[1])]
        lane = lane[::-1]
        commands = [
            *curve(there, self._at),
            *self._turn(there[-1], lane[0], TURN),
            *curve(lane, self._at)[1:],
            *self._turn(lane[-1], into[0], -TURN),
            *curve(into, self._at)[1:],
        ]
        direction = (1.0, 0.0) if self.across else (0.0, 1.0)
        head = arrow_head(self._at(*tip), direction, "returnhead")
        return Group("return", wire.title, [Path(tuple(commands), "return"), head])

    def _turn(self, start: Point, end: Point, reach: float) -> list[Command]:
        """Return half a circle from one point to another, on the side where ``reach`` points."""
        handle = reach * 4 / 3
        return [("C", *self._at(start[0] + handle, start[1]), *self._at(end[0] + handle, end[1]), *self._at(*end))]

    # -- boxes -------------------------------------------------------------------------------------

    def _item(self, i: int, item: Item, plan: Arrangement) -> Group:
        (badge_w, badge_h), (w, h) = self.badges[i], self.bodies[i]
        shapes: list[Shape] = []
        start, middle = plan.start[i], plan.middle[i]
        if badge_w:
            length = badge_w if self.across else badge_h
            cx, cy = self._at(start + length / 2, middle)
            shapes.append(
                Path(
                    (
                        ("M", *self._at(start + length, middle)),
                        ("L", *self._at(start + length + NECK, middle)),
                    ),
                    "rule",
                )
            )
            shapes.append(Rect(cx - badge_w / 2, cy - badge_h / 2, badge_w, badge_h, 7, "op"))
            shapes.append(Text(cx, cy + SIZE * 0.36, item.op, SIZE, "text", "middle"))
            start += length + NECK
        x, y = self._at(start + (w if self.across else h) / 2, middle)
        x, y = x - w / 2, y - h / 2
        if item.kind == "node":
            self._node(item, x, y, w, h, shapes)
        elif item.kind == "group":
            self._closed_group(item, x, y, w, h, shapes)
        else:
            shapes.append(Rect(x, y, w, h, h / 2, "stub"))
            size = SIZE if item.kind == "summary" else SMALL
            shapes.append(Text(x + w / 2, y + h / 2 + size * 0.36, item.name, size, "text", "middle"))
        return Group(item.kind, item.title, shapes)

    def _node(self, item: Item, x: float, y: float, w: float, h: float, shapes: list[Shape]) -> None:
        frame = "root" if item.root else "leaf" if item.leaf else "node"
        shapes.append(Rect(x, y, w, h, 4, item.frame or (f"stale{frame}" if item.stale else frame)))
        base = y + 2 + ROW * 0.69
        if item.now:
            below = base + ROW * (1 if item.grad is None else 2)
            shapes.append(Text(x + w / 2, below, item.now, SMALL, "moved", "middle"))
        if item.grad is not None:
            shapes.append(Rect(x + 2, y + 2 + ROW, w - 4, ROW, 2.5, colours.step(item.grad, self.largest)))
            shapes.append(Text(x + PAD, base + ROW, "grad", SMALL, "text"))
            shapes.append(Text(x + w - PAD, base + ROW, _grad_text(item), SIZE, "text", "end"))
        if item.name and not item.value:
            shapes.append(Text(x + w / 2, base, item.name, SIZE, "text", "middle", True))
        elif item.name:
            shapes.append(Text(x + PAD, base, item.name, SIZE, "text", "start", True))
            shapes.append(Text(x + w - PAD, base, item.value, SIZE, "text", "end"))
        elif item.grad is not None:
            shapes.append(Text(x + w - PAD, base, item.value, SIZE, "text", "end"))
        else:
            shapes.append(Text(x + w / 2, base, item.value, SIZE, "text", "middle"))

    def _closed_group(self, item: Item, x: float, y: float, w: float, h: float, shapes: list[Shape]) -> None:
        shapes.append(Rect(x + STACK, y + STACK, w - STACK, h - STACK, 6, "group"))
        shapes.append(Rect(x, y, w - STACK, h - STACK, 6, "stalegroup" if item.stale else "group"))
        middle = x + (w - STACK) / 2
        base = y + (h - STACK - ROW * (1 + len(item.lines))) / 2 + ROW * 0.72
        shapes.append(Text(middle, base, item.name, SIZE, "text", "middle", True))
        for n, line in enumerate(item.lines):
            shapes.append(Text(middle, base + ROW * (n + 1), line, SMALL, "text", "middle"))

    def _footer(self, y: float) -> tuple[list[Group], float]:
        """Draw the scale of the gradients and the summary of what is left out. Return them with their width."""
        x, groups = MARGIN, []
        if self.largest:
            low, high = _plain(-self.largest), _plain(self.largest)
            shapes: list[Shape] = [Text(x, y + 10, f"grad {low}", SMALL, "faint")]
            x += text_width(f"grad {low}", SMALL) + 5
            scale = [f"grad-{i}" for i in range(colours.STEPS, 0, -1)]
            scale += ["grad0", *(f"grad+{i}" for i in range(1, colours.STEPS + 1))]
            for style in scale:
                shapes.append(Rect(x, y + 1, 11, 11, 1.5, style))
                x += 12
            shapes.append(Text(x + 4, y + 10, high, SMALL, "faint"))
            x += 4 + text_width(high, SMALL) + 24
            groups.append(Group("legend", "the colours of the gradients", shapes))
        if self.picture.caption:
            shapes = [Text(x, y + 10, self.picture.caption, SMALL, "text")]
            x += text_width(self.picture.caption, SMALL)
            groups.append(Group("summary", self.picture.more, shapes))
        return groups, x

    def _story(self, y: float) -> Group:
        """Write below the drawing what has changed since the graph was computed."""
        lines = self.picture.story
        shapes: list[Shape] = [
            Text(MARGIN, y + 10 + LINE * n, line, SMALL, "moved", "start", n == 0) for n, line in enumerate(lines)
        ]
        return Group("stale", " ".join(lines), shapes)


def curve(route: Route, at: Callable[[float, float], Point]) -> tuple[Command, ...]:
    """Return the path of a route: straight along a lane, and an S-curve from one lane to another."""
    commands: list[Command] = [("M", *at(*route[0]))]
    for (m0, c0), (m1, c1) in pairwise(route):
        if c0 == c1:
            commands.append(("L", *at(m1, c1)))
        else:
            bend = (m1 - m0) / 2
            commands.append(("C", *at(m0 + bend, c0), *at(m1 - bend, c1), *at(m1, c1)))
    return tuple(commands)


def parallels(pairs: Iterable[Hashable]) -> list[int]:
    """Count, for each pair of ends, how often it came before. The two edges of ``a + a`` then get separate lanes.

    >>> parallels(["a+", "b+", "a+"])
    [0, 0, 1]
    """
    seen: Counter[Hashable] = Counter()
    counts = []
    for pair in pairs:
        counts.append(seen[pair])
        seen[pair] += 1
    return counts


def _grad_text(item: Item) -> str:
    return _plain(item.grad or 0.0)


def _plain(value: float) -> str:
    return format(value, ".4g").replace("-", "−")
