"""Layered layout of one acyclic graph: a rank for each vertex, an order within each rank, a place for each.

It is Sugiyama's method (Sugiyama, Tagawa and Toda, *Methods for visual understanding of hierarchical system
structures*, 1981) in the abstract: ranks grow along the *main* axis, vertices of a rank are spread over the
*cross* axis, and `layout` decides which of the two is horizontal.

- Ranks are by longest path to the sinks, so that every vertex stands right before its first consumer.
- An edge over several ranks gets a *dummy* per rank in between, a lane kept free for it. All edges that leave
  a vertex by one port share their dummies: a value used forty times is one line with forty branches.
- Orders come from barycentre sweeps, beginning with a depth-first walk that keeps operands in order.
- Positions minimise the squared distance to the neighbours under the minimal distances within a rank. Along
  one rank that is an isotonic regression, which pooling adjacent violators solves exactly in linear time.

Curves run only in the gaps between ranks and straight lines only in their own lane: no edge can cross a box.
"""

from bisect import bisect, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

BOX_GAP = 14.0  # across, between two boxes
LANE_GAP = 9.0  # across, where one of two neighbours is a lane
CURVE_SHORT, CURVE_LONG, CURVE_SLOPE = 34.0, 120.0, 0.2  # along: what curves get, by how far they have to go
EXCHANGE_MAX = 4_000  # vertices and dummies; in larger graphs neighbours are not exchanged one by one
SWEEPS = 10  # of the order; fewer in large graphs, see _sweeps
LANES_MAX = 150_000  # dummies; beyond, the longest edges go straight behind the boxes


class Vertex(NamedTuple):
    """What is to be placed: its size along and across the ranks; ``place`` is '', 'first' or 'last' rank."""

    length: float
    breadth: float
    place: str = ""


class Edge(NamedTuple):
    """From ``tail`` to ``head``; ports are offsets from the middles; ``room`` stays straight at the head."""

    tail: int
    head: int
    tail_port: float = 0.0
    head_port: float = 0.0
    room: float = 0.0
    bundle: str = ""


@dataclass
class Placement:
    """Where everything went: ``start`` along and ``middle`` across of each vertex, and way points of each
    edge.

    Between two way points an edge is straight where their cross coordinates agree, else an S-curve.
    """

    start: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    routes: list[list[tuple[float, float]]] = field(default_factory=list)
    length: float = 0.0
    breadth: float = 0.0


def place(vertices: Sequence[Vertex], edges: Sequence[Edge]) -> Placement:
    """Lay out an acyclic graph; deterministic, iterative, no randomness.

    >>> p = place([Vertex(10, 5), Vertex(10, 5)], [Edge(0, 1)])
    >>> p.start[1] > p.start[0] + 10, p.middle[0] == p.middle[1]
    (True, True)
    """
    if not vertices:
        return Placement()
    grid = _Grid(vertices, edges)
    grid.order()
    grid.settle()
    return grid.result()


def ranks(vertices: Sequence[Vertex], edges: Iterable[Edge]) -> list[int]:
    """Return the rank of each vertex: the longest path to a sink, counted so that the first rank is 0."""
    n = len(vertices)
    tails: list[list[int]] = [[] for _ in range(n)]
    waiting = [0] * n
    for edge in edges:
        tails[edge.head].append(edge.tail)
        waiting[edge.tail] += 1
    sinks_before_last = any(v.place == "last" for v in vertices)
    height = [int(sinks_before_last and v.place != "last") for v in vertices]
    ready = [v for v in range(n) if not waiting[v]]
    done = 0
    while ready:
        head = ready.pop()
        done += 1
        for tail in tails[head]:
            height[tail] = max(height[tail], height[head] + 1)
            waiting[tail] -= 1
            if not waiting[tail]:
                ready.append(tail)
    if done < n:
        raise ValueError("the graph to lay out has a cycle")
    first = max((h for h, v in zip(height, vertices, strict=True) if v.place != "first"), default=-1) + 1
    for i, vertex in enumerate(vertices):
        if vertex.place == "first":
            height[i] = first
    top = max(height)
    return [top - h for h in height]


class _Grid:
    """The working state: vertices and dummies by rank, and the segments between neighbouring ranks."""

    def __init__(self, vertices: Sequence[Vertex], edges: Sequence[Edge]) -> None:
        self.vertices, self.edges = vertices, edges
        self.real = len(vertices)
        self.rank = ranks(vertices, edges)
        self.breadth = [v.breadth for v in vertices]
        self.count = max(self.rank) + 1
        self.ins: list[list[tuple[int, float, float]]] = [[] for _ in vertices]
        self.outs: list[list[tuple[int, float, float]]] = [[] for _ in vertices]
        self.room = [0.0] * self.count
        self.chains: dict[tuple[int, float, str], list[int]] = {}
        self.direct: set[int] = set()
        self._lanes()
        self.layers: list[list[int]] = [[] for _ in range(self.count)]
        self.position = [0] * len(self.rank)
        self.y = [0.0] * len(self.rank)

    def _lanes(self) -> None:
        """Give each bundle its dummies, as far as its furthest head needs them, and make the segments."""
        reach: dict[tuple[int, float, str], int] = {}
        for edge in self.edges:
            key = (edge.tail, edge.tail_port, edge.bundle)
            reach[key] = max(reach.get(key, 0), self.rank[edge.head])
        longest = self._longest_lane(reach)
        for i, edge in enumerate(self.edges):
            tail, head = edge.tail, edge.head
            first, last = self.rank[tail], self.rank[head]
            self.room[last] = max(self.room[last], edge.room)
            if last - first > longest:
                self.direct.add(i)
                continue
            chain = self.chains.setdefault((tail, edge.tail_port, edge.bundle), [])
            while len(chain) < last - first - 1:
                dummy = len(self.rank)
                self.rank.append(first + len(chain) + 1)
                self.breadth.append(0.0)
                self.ins.append([])
                self.outs.append([])
                before, port = (chain[-1], 0.0) if chain else (tail, edge.tail_port)
                self._segment(before, dummy, port, 0.0)
                chain.append(dummy)
            if last - first == 1:
                self._segment(tail, head, edge.tail_port, edge.head_port)
            else:
                self._segment(chain[last - first - 2], head, 0.0, edge.head_port)

    def _longest_lane(self, reach: dict[tuple[int, float, str], int]) -> int:
        spans = sorted(last - self.rank[key[0]] for key, last in reach.items())
        total, longest = 0, 0
        for span in spans:
            total += span
            if total > LANES_MAX:
                return max(longest, 1)
            longest = span
        return longest

    def _segment(self, tail: int, head: int, tail_port: float, head_port: float) -> None:
        self.outs[tail].append((head, tail_port, head_port))
        self.ins[head].append((tail, tail_port, head_port))

    # -- order -------------------------------------------------------------------------------------

    def order(self) -> None:
        """Order each rank: the walk's order, then sweeps as long as they cross fewer edges."""
        self._walk()
        best, fewest = self.layers, self._crossings()
        stale = 0
        for sweep in range(self._sweeps()):
            if not fewest or stale > 3:
                break
            self._sweep(forward=sweep % 2 == 0)
            crossings = self._crossings()
            stale += 1
            if crossings < fewest:
                best, fewest, stale = [layer[:] for layer in self.layers], crossings, 0
        self.layers = best
        self._index()
        if fewest and len(self.rank) <= EXCHANGE_MAX:
            self._exchange()

    def _sweeps(self) -> int:
        return SWEEPS if len(self.rank) < 20_000 else 4

    def _walk(self) -> None:
        """Depth first from the sinks through operands in order: trees come out without a crossing."""
        seen = [False] * len(self.rank)
        for sink in range(len(self.rank)):
            if self.outs[sink] or seen[sink]:
                continue
            stack = [sink]
            while stack:
                v = stack.pop()
                if seen[v]:
                    continue
                seen[v] = True
                self.layers[self.rank[v]].append(v)
                operands = sorted(self.ins[v], key=lambda segment: segment[2], reverse=True)
                stack.extend(tail for tail, _, _ in operands if not seen[tail])
        for v in range(len(self.rank)):  # an edge without lanes may leave its tail without a segment
            if not seen[v]:
                self.layers[self.rank[v]].append(v)
        self._index()

    def _index(self) -> None:
        for layer in self.layers:
            for i, v in enumerate(layer):
                self.position[v] = i

    def _sweep(self, forward: bool) -> None:
        position = self.position
        towards = self.ins if forward else self.outs
        layers = self.layers if forward else self.layers[::-1]
        centres = [0.0] * len(self.rank)
        for n, layer in enumerate(layers):
            for i, v in enumerate(layer):
                near = towards[v]
                if forward:
                    sum_ = sum(position[u] + port * 1e-3 for u, port, _ in near)
                else:
                    sum_ = sum(position[u] + port * 1e-3 for u, _, port in near)
                centres[v] = sum_ / len(near) if near else float(i)
            ordered = sorted(layer, key=centres.__getitem__)
            for i, v in enumerate(ordered):
                position[v] = i
            self.layers[n if forward else self.count - 1 - n] = ordered

    def _crossings(self) -> int:
        """Count the pairs of segments that cross, by insertion (Barth, Jünger and Mutzel, 2002)."""
        position, total = self.position, 0
        for layer in self.layers:
            ends: list[float] = []
            for v in layer:
                heads = [(tail_port, position[head] + head_port * 1e-4) for head, tail_port, head_port in self.outs[v]]
                if len(heads) > 1:
                    heads.sort()
                for _, at in heads:
                    total += len(ends) - bisect(ends, at)
                    insort(ends, at)
        return total

    def _exchange(self) -> None:
        """Exchange neighbours within a rank as long as that saves crossings: what barycentres leave over."""
        for _ in range(8):
            saved = 0
            for layer in self.layers:
                for i in range(len(layer) - 1):
                    a, b = layer[i], layer[i + 1]
                    gain = self._pairs(a, b) - self._pairs(b, a)
                    if gain > 0:
                        layer[i], layer[i + 1] = b, a
                        self.position[a], self.position[b] = i + 1, i
                        saved += gain
            if not saved:
                return

    def _pairs(self, a: int, b: int) -> int:
        """Crossings between the segments of two neighbours with ``a`` before ``b``."""
        position, total = self.position, 0
        for u, port, _ in self.ins[a]:
            at = position[u] + port * 1e-4
            total += sum(at > position[v] + other * 1e-4 for v, other, _ in self.ins[b])
        for u, _, port in self.outs[a]:
            at = position[u] + port * 1e-4
            total += sum(at > position[v] + other * 1e-4 for v, _, other in self.outs[b])
        return total

    # -- positions ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Give each vertex its cross coordinate."""
        gaps = [self._gaps(layer) for layer in self.layers]
        breadth = max(offsets[-1] for offsets in gaps)
        for r, layer in enumerate(self.layers):
            fans = sum(map(self._fans, layer))
            if fans > 1:
                gaps[r] = self._gaps(layer, breadth / fans)  # close together their segments cross in a knot
        for layer, offsets in zip(self.layers, gaps, strict=True):
            for v, offset in zip(layer, offsets, strict=True):
                self.y[v] = offset - offsets[-1] / 2
        downward = range(self.count)
        upward = range(self.count - 1, -1, -1)
        rounds = 4 if len(self.rank) < 20_000 else 2
        for _ in range(rounds):
            for r in upward:
                self._settle_rank(r, gaps[r], False, True)
            for r in downward:
                self._settle_rank(r, gaps[r], True, False)
        for _ in range(rounds):
            for r in upward:
                self._settle_rank(r, gaps[r], True, True)
            for r in downward:
                self._settle_rank(r, gaps[r], True, True)

    def _fans(self, v: int) -> bool:
        """Whether ``v`` is a port in a border from which several segments spread."""
        return v < self.real and bool(self.vertices[v].place) and len(self.ins[v]) + len(self.outs[v]) > 1

    def _gaps(self, layer: list[int], fan: float = 0.0) -> list[float]:
        """The least distance of each vertex of a rank from the first one, with ``fan`` between ports that spread."""
        offsets = [0.0]
        for a, b in pairwise(layer):
            gap = BOX_GAP if a < self.real and b < self.real else LANE_GAP
            if fan > gap and self._fans(a) and self._fans(b):
                gap = fan
            offsets.append(offsets[-1] + (self.breadth[a] + self.breadth[b]) / 2 + gap)
        return offsets

    def _settle_rank(self, r: int, offsets: list[float], by_ins: bool, by_outs: bool) -> None:
        y, real = self.y, self.real
        layer = self.layers[r]
        blocks: list[list[float]] = []  # weight, weighted sum, members
        for v, offset in zip(layer, offsets, strict=True):
            weight = total = 0.0
            stiff = 1.0 if v < real else 4.0
            if by_ins:
                for u, port, own in self.ins[v]:
                    w = stiff if u < real else stiff * 2
                    weight += w
                    total += w * (y[u] + port - own)
            if by_outs:
                for u, own, port in self.outs[v]:
                    w = stiff if u < real else stiff * 2
                    weight += w
                    total += w * (y[u] + port - own)
            if not weight:
                weight = 0.05
                total = weight * y[v]
            block = [weight, total - weight * offset, 1]
            while blocks and blocks[-1][1] * block[0] > block[1] * blocks[-1][0]:
                before = blocks.pop()
                block = [block[0] + before[0], block[1] + before[1], block[2] + before[2]]
            blocks.append(block)
        i = 0
        for weight, total, members in blocks:
            at = total / weight
            for _ in range(int(members)):
                y[layer[i]] = at + offsets[i]
                i += 1

    # -- the result --------------------------------------------------------------------------------

    def result(self) -> Placement:
        low = min(self.y[v] - self.breadth[v] / 2 for v in range(len(self.rank)))
        y = [at - low for at in self.y]
        left, right = self._columns(y)
        start = [0.0] * self.real
        for v, vertex in enumerate(self.vertices):
            r = self.rank[v]
            leaf = not self.ins[v]
            start[v] = right[r] - vertex.length if leaf else left[r]
        routes = [self._route(i, edge, y, left, right, start) for i, edge in enumerate(self.edges)]
        breadth = max(y[v] + self.breadth[v] / 2 for v in range(len(self.rank)))
        return Placement(start, y[: self.real], routes, right[-1], breadth)

    def _columns(self, y: list[float]) -> tuple[list[float], list[float]]:
        left, right = [0.0] * self.count, [0.0] * self.count
        at = 0.0
        for r, layer in enumerate(self.layers):
            if r:
                far = max(
                    (abs(y[u] + port - y[v] - own) for v in layer for u, port, own in self.ins[v]),
                    default=0.0,
                )
                at += min(max(CURVE_SHORT, CURVE_SLOPE * far), CURVE_LONG) + self.room[r]
            left[r] = at
            at += max((self.vertices[v].length for v in layer if v < self.real), default=0.0)
            right[r] = at
        return left, right

    def _route(
        self, i: int, edge: Edge, y: list[float], left: list[float], right: list[float], start: list[float]
    ) -> list[tuple[float, float]]:
        first, last = self.rank[edge.tail], self.rank[edge.head]
        out = y[edge.tail] + edge.tail_port
        route = [(start[edge.tail] + self.vertices[edge.tail].length, out), (right[first], out)]
        if i not in self.direct:
            chain = self.chains[edge.tail, edge.tail_port, edge.bundle]
            for r, dummy in zip(range(first + 1, last), chain, strict=False):
                route.append((left[r] - self.room[r], y[dummy]))
                route.append((right[r], y[dummy]))
        into = y[edge.head] + edge.head_port
        route.append((left[last] - self.room[last], into))
        route.append((start[edge.head], into))
        return _simplified(route)


def _simplified(route: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out the way points in the middle of a straight run."""
    kept = route[:1]
    for i in range(1, len(route) - 1):
        if not (kept[-1][1] == route[i][1] == route[i + 1][1]):
            kept.append(route[i])
    kept.append(route[-1])
    return kept
