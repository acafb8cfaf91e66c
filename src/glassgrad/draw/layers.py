"""Layered layout of one acyclic graph: a rank for each vertex, an order within each rank, a place for each.

The method is Sugiyama's (Sugiyama, Tagawa and Toda, *Methods for visual understanding of hierarchical system
structures*, 1981). Ranks follow each other along the *main* axis, and the vertices of a rank are spread over the
*cross* axis. `compose` decides which of the two is horizontal.

- The rank of a vertex is the longest path to a sink. So every vertex stands right before the first that uses it.
- An edge over several ranks gets a *dummy* in each rank in between: a lane that is kept free for it. All edges that
  leave a vertex by the same port share their dummies. So a value used forty times is one line with forty branches.
- The order in each rank starts from a depth-first walk, which keeps operands in order. Barycentre sweeps improve it.
- The positions minimise the squared distances between neighbours, subject to the smallest gaps allowed in a rank. In
  one rank this is an isotonic regression, which pooling adjacent violators solves exactly in linear time.

Curves run only in the gaps between ranks, and straight lines only in their own lanes. So no edge can cross a box.
"""

from bisect import bisect, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

BOX_GAP = 14.0  # The distance of two neighbouring boxes in a rank.
LANE_GAP = 9.0  # The distance of two neighbours in a rank if one of them is a lane.
# The gap between two ranks is CURVE_SLOPE times the distance that its curves have to go across, within these limits.
CURVE_SHORT, CURVE_LONG, CURVE_SLOPE = 34.0, 120.0, 0.2
EXCHANGE_MAX = 4_000  # Graphs with more vertices and dummies skip the exchange of single neighbours.
SWEEPS = 10  # The largest number of sweeps that improve the order; large graphs get fewer (see _sweeps).
LANES_MAX = 150_000  # Beyond this many dummies, the longest edges go straight, behind the boxes.


class Vertex(NamedTuple):
    """A vertex to place: its size along and across the ranks. ``place`` can be ``"first"`` or ``"last"`` (rank)."""

    length: float
    breadth: float
    place: str = ""


class Edge(NamedTuple):
    """An edge from ``tail`` to ``head``.

    Attributes:
        tail: the index of the vertex where it starts.
        head: the index of the vertex where it ends.
        tail_port: where it leaves the tail, as an offset from the middle.
        head_port: where it enters the head, likewise.
        room: the length of its end that must be straight.
        bundle: a key; only edges with the same key share lanes.
    """

    tail: int
    head: int
    tail_port: float = 0.0
    head_port: float = 0.0
    room: float = 0.0
    bundle: str = ""


@dataclass
class Placement:
    """The finished layout.

    Attributes:
        start: where each vertex begins along the main axis.
        middle: the middle of each vertex on the cross axis.
        routes: the way points of each edge. Between two of them the edge is a straight line if their cross coordinates
            agree, and an S-curve otherwise.
        length: the size of the whole along the main axis.
        breadth: its size along the cross axis.
    """

    start: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    routes: list[list[tuple[float, float]]] = field(default_factory=list)
    length: float = 0.0
    breadth: float = 0.0


def place(vertices: Sequence[Vertex], edges: Sequence[Edge]) -> Placement:
    """Lay out an acyclic graph. The same graph always gets the same layout.

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
    """Return the rank of each vertex. Ranks follow the longest paths to a sink, and the first rank is 0."""
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
    """The state of a layout: vertices and dummies by rank, and the segments between neighbouring ranks."""

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
        """Make the dummies of each bundle, up to its furthest head, and the segments."""
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
        """Order each rank: start with the order of the walk, and sweep as long as fewer edges cross."""
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
        """Walk depth first from the sinks, through operands in order. Trees then have no crossings."""
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
        for v in range(len(self.rank)):  # a vertex whose only edges go straight has no segment
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
        """Count the pairs of segments that cross, by insertion into a sorted list (Barth, Jünger and Mutzel, 2002)."""
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
        """Exchange neighbours in a rank as long as that saves crossings which the barycentres have left."""
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
        """Count the crossings between the segments of two neighbours if ``a`` stands before ``b``."""
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
        """Find the cross coordinate of each vertex."""
        gaps = [self._gaps(layer) for layer in self.layers]
        breadth = max(offsets[-1] for offsets in gaps)
        for r, layer in enumerate(self.layers):
            fans = sum(map(self._fans, layer))
            if fans > 1:
                gaps[r] = self._gaps(layer, breadth / fans)  # closer together, their segments would cross in a knot
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
        """Whether ``v`` is a port of a cluster's border from which several segments spread."""
        return v < self.real and bool(self.vertices[v].place) and len(self.ins[v]) + len(self.outs[v]) > 1

    def _gaps(self, layer: list[int], fan: float = 0.0) -> list[float]:
        """Return the least distance of each vertex in a rank from the first. Ports that spread are ``fan`` apart."""
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
    """Leave out the way points in the middle of a straight line."""
    kept = route[:1]
    for i in range(1, len(route) - 1):
        if not (kept[-1][1] == route[i][1] == route[i + 1][1]):
            kept.append(route[i])
    kept.append(route[-1])
    return kept
