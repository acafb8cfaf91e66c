"""Lays out a graph with nested clusters. Each cluster is laid out by itself, and is then one box of its parent.

A link that enters or leaves a cluster passes its border at a port. The route of a link is put together from its pieces
in the clusters on its way. So a cluster is always one rectangle that holds exactly its members, and no other line runs
through it. Coordinates are along and across the ranks; `compose` turns them into x and y.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from glassgrad.draw.layers import Edge, Placement, Vertex, _simplified, place
from glassgrad.draw.tangles import tangled

Route = list[tuple[float, float]]


class Box(NamedTuple):
    """A box to place: its size along and across the ranks, and its region. Region 0 is the whole drawing."""

    length: float
    breadth: float
    region: int = 0


class Region(NamedTuple):
    """A cluster: its parent, its padding (before, after, low, high), and its smallest size along and across."""

    parent: int
    padding: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    least: tuple[float, float] = (0.0, 0.0)


class Link(NamedTuple):
    """A connection of two boxes. Ports are offsets from the middles of the boxes, across the ranks, in points."""

    tail: int
    head: int
    tail_port: float = 0.0
    head_port: float = 0.0
    room: float = 0.0
    bundle: str = ""


class Rectangle(NamedTuple):
    """The place of a cluster: its corner and its size, along and across."""

    start: float
    low: float
    length: float
    breadth: float


def unshared(routes: Iterable[tuple[Hashable, Route]]) -> list[Route]:
    """Cut off the beginning of a route if an earlier route with the same key has drawn it already.

    Edges that leave a box together share the first part of their lane. It is enough to draw that part once: a value
    used by every step of a long chain then costs one line, and not one for each step.

    >>> unshared([("a", [(0, 0), (1, 0), (2, 5)]), ("a", [(0, 0), (1, 0), (2, 9)])])
    [[(0, 0), (1, 0), (2, 5)], [(1, 0), (2, 9)]]
    """
    drawn: set[tuple[Hashable, tuple[float, float], tuple[float, float]]] = set()
    result = []
    for key, route in routes:
        first = 0
        while first < len(route) - 2 and (key, route[first], route[first + 1]) in drawn:
            first += 1
        drawn.update((key, a, b) for a, b in zip(route[first:-1], route[first + 1 : -1], strict=False))
        result.append(route[first:])
    return result


@dataclass
class Arrangement:
    """The finished layout: ``start`` along and ``middle`` across of each box, the routes of links, and the clusters."""

    start: list[float]
    middle: list[float]
    routes: list[Route]
    regions: dict[int, Rectangle]
    length: float
    breadth: float


def arrange(boxes: Sequence[Box], links: Sequence[Link], regions: Sequence[Region] = (Region(-1),)) -> Arrangement:
    """Lay out boxes, links and clusters. ``regions[0]`` is the whole drawing, and parents come before children.

    If a path leaves a cluster and comes back to it, the cluster cannot be one box in a layered drawing. It is then
    dissolved, and its members are drawn in its parent.

    >>> a = arrange([Box(10, 5), Box(10, 5, 1)], [Link(0, 1)], [Region(-1), Region(0, (4, 4, 4, 4))])
    >>> a.regions[1].start > a.start[0] + 10 and a.start[1] >= a.regions[1].start + 4
    True
    """
    parents = [region.parent for region in regions]
    home = [box.region for box in boxes]
    while True:
        nest = _Nest(boxes, links, regions, parents, home)
        tangles = nest.tangles()
        if not tangles:
            break
        for gone in sorted(tangles, reverse=True):
            home = [parents[gone] if region == gone else region for region in home]
            parents = [parents[gone] if parent == gone else parent for parent in parents]
    return nest.arrange()


_Key = tuple[Any, ...]  # ('box', i), ('region', r) or a port: ('in' | 'out', box, tail port, bundle)


class _Piece(NamedTuple):
    """The part of a link inside one region, from member to member. If a member is a region, ``via`` names its port."""

    tail: _Key
    tail_via: _Key | float
    head: _Key
    head_via: _Key | float
    room: float
    bundle: str


@dataclass
class _Inside:
    """The members of one region, and their layout."""

    members: dict[_Key, int] = field(default_factory=dict)
    pieces: dict[_Piece, int] = field(default_factory=dict)
    placement: Placement = field(default_factory=Placement)
    origin: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (0.0, 0.0)


class _Nest:
    def __init__(
        self,
        boxes: Sequence[Box],
        links: Sequence[Link],
        regions: Sequence[Region],
        parents: list[int],
        home: list[int],
    ) -> None:
        self.boxes, self.regions, self.parents, self.home = boxes, regions, parents, home
        self.inside = [_Inside() for _ in regions]
        self.depth = [0] * len(regions)
        for r in range(1, len(regions)):
            self.depth[r] = self.depth[parents[r]] + 1
        for i in range(len(boxes)):
            self._join(home[i], ("box", i))
            r = home[i]
            while r and ("region", r) not in self.inside[parents[r]].members:
                self._join(parents[r], ("region", r))
                r = parents[r]
        self.paths = [self._cut(link) for link in links]

    def _join(self, region: int, key: _Key) -> _Key:
        members = self.inside[region].members
        members.setdefault(key, len(members))
        return key

    def _cut(self, link: Link) -> list[tuple[int, _Piece]]:
        """Cut a link into its pieces, in order from tail to head."""
        tail_region, head_region = self.home[link.tail], self.home[link.head]
        port = (link.tail, link.tail_port, link.bundle)
        leaving, entering = [], []
        a, b = tail_region, head_region
        while a != b:
            if self.depth[a] >= self.depth[b]:
                leaving.append(a)
                a = self.parents[a]
            else:
                entering.append(b)
                b = self.parents[b]
        path = []
        tail: _Key = ("box", link.tail)
        tail_via: _Key | float = link.tail_port
        for region in leaving:
            out = self._join(region, ("out", *port))
            path.append(self._piece(region, _Piece(tail, tail_via, out, 0.0, 0.0, link.bundle)))
            tail, tail_via = ("region", region), out
        box = ("box", link.head)
        for region, inner in zip([a, *reversed(entering)], [*reversed(entering), -1], strict=True):
            if inner < 0:
                piece = _Piece(tail, tail_via, box, link.head_port, link.room, link.bundle)
                path.append(self._piece(region, piece))
            else:
                into = self._join(inner, ("in", *port))
                piece = _Piece(tail, tail_via, ("region", inner), into, 0.0, link.bundle)
                path.append(self._piece(region, piece))
                tail, tail_via = into, 0.0
        return path

    def _piece(self, region: int, piece: _Piece) -> tuple[int, _Piece]:
        pieces = self.inside[region].pieces
        pieces.setdefault(piece, len(pieces))
        return region, piece

    def tangles(self) -> set[int]:
        """Return the regions that are part of a cycle of boxes and clusters."""
        found: set[int] = set()
        for inside in self.inside:
            keys = list(inside.members)
            pairs = ((inside.members[piece.tail], inside.members[piece.head]) for piece in inside.pieces)
            left = [keys[i] for i in tangled(len(keys), pairs)]
            if left and not any(key[0] == "region" for key in left):
                raise ValueError("the graph to draw has a cycle")
            found.update(key[1] for key in left if key[0] == "region")
        return found

    def arrange(self) -> Arrangement:
        for region in sorted(range(len(self.regions)), key=self.depth.__getitem__, reverse=True):
            if self.inside[region].members:
                self._place(region)
        rectangles: dict[int, Rectangle] = {}
        start, middle = [0.0] * len(self.boxes), [0.0] * len(self.boxes)
        for region in sorted(range(len(self.regions)), key=self.depth.__getitem__):
            inside = self.inside[region]
            before, _, low, _ = self.regions[region].padding
            along, across = inside.origin
            for key, i in inside.members.items():
                if key[0] == "box":
                    start[key[1]] = along + before + inside.placement.start[i]
                    middle[key[1]] = across + low + inside.placement.middle[i]
                elif key[0] == "region":
                    inner = self.inside[key[1]]
                    corner = inside.placement.middle[i] - inner.size[1] / 2
                    inner.origin = (along + before + inside.placement.start[i], across + low + corner)
                    rectangles[key[1]] = Rectangle(*inner.origin, *inner.size)
        routes = [self._route(path) for path in self.paths]
        return Arrangement(start, middle, routes, rectangles, *self.inside[0].size)

    def _place(self, region: int) -> None:
        inside = self.inside[region]
        vertices = [self._vertex(key) for key in inside.members]
        edges = [
            Edge(
                inside.members[piece.tail],
                inside.members[piece.head],
                self._port(piece.tail, piece.tail_via),
                self._port(piece.head, piece.head_via),
                piece.room,
                piece.bundle,
            )
            for piece in inside.pieces
        ]
        inside.placement = place(vertices, edges)
        before, after, low, high = self.regions[region].padding
        least_length, least_breadth = self.regions[region].least
        length = inside.placement.length + before + after
        inside.size = (
            max(length, least_length),
            max(inside.placement.breadth + low + high, least_breadth),
        )

    def _vertex(self, key: _Key) -> Vertex:
        if key[0] == "box":
            box = self.boxes[key[1]]
            return Vertex(box.length, box.breadth)
        if key[0] == "region":
            return Vertex(*self.inside[key[1]].size)
        return Vertex(0.0, 0.0, "first" if key[0] == "in" else "last")

    def _port(self, key: _Key, via: _Key | float) -> float:
        """Return the offset of a port from the middle of its box or cluster."""
        if isinstance(via, float):
            return via
        inner = self.inside[key[1]]
        low = self.regions[key[1]].padding[2]
        return low + inner.placement.middle[inner.members[via]] - inner.size[1] / 2

    def _route(self, path: list[tuple[int, _Piece]]) -> Route:
        route: Route = []
        for region, piece in path:
            inside = self.inside[region]
            before, _, low, _ = self.regions[region].padding
            along, across = inside.origin[0] + before, inside.origin[1] + low
            for m, c in inside.placement.routes[inside.pieces[piece]]:
                at = (along + m, across + c)
                # The coordinates on both sides of a border were summed in different orders. Make them agree.
                if route and abs(route[-1][1] - at[1]) < 1e-6:
                    at = (at[0], route[-1][1])
                route.append(at)
        return _simplified(route)
