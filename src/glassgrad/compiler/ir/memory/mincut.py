"""The minimum cut of a network, by Dinic's algorithm.

Source: E. A. Dinic, Algorithm for solution of a problem of maximum flow in networks with power estimation (1970).
"""

from __future__ import annotations

__all__ = ["NEVER", "Network"]

NEVER = 1 << 60  # The capacity of an edge that no cut may contain.


class Network:
    """A network with integer capacities. Nodes are numbers, made by `node`. Node 0 is the source, node 1 the sink.

    Example:
        >>> network = Network()
        >>> a, b = network.node(), network.node()
        >>> for tail, head, capacity in [(0, a, 3), (a, b, 1), (b, 1, 5)]:
        ...     network.edge(tail, head, capacity)
        >>> value, side = network.cut()
        >>> value, side[a], side[b]
        (1, True, False)
    """

    def __init__(self) -> None:
        self.edges: list[list[int]] = [[], []]  # the edges that leave each node; edge e ^ 1 is e turned round
        self.head: list[int] = []
        self.room: list[int] = []  # the capacity that is left

    def node(self) -> int:
        """Add a node. Return its number."""
        self.edges.append([])
        return len(self.edges) - 1

    def edge(self, tail: int, head: int, capacity: int) -> None:
        """Add an edge."""
        for a, b, room in ((tail, head, capacity), (head, tail, 0)):
            self.edges[a].append(len(self.head))
            self.head.append(b)
            self.room.append(room)

    def cut(self) -> tuple[int, list[bool]]:
        """Return the value of a minimum cut, and whether each node is on the source's side.

        Of all minimum cuts, it is the one with the fewest nodes on the source's side.
        """
        total = 0
        while True:
            level = self._levels()
            if level[1] < 0:
                return total, [x >= 0 for x in level]
            total += self._block(level)

    def _levels(self) -> list[int]:
        """Return the distance of each node from the source over edges with room, or -1."""
        level = [-1] * len(self.edges)
        level[0] = 0
        queue = [0]
        for x in queue:  # the list grows meanwhile
            for e in self.edges[x]:
                y = self.head[e]
                if self.room[e] and level[y] < 0:
                    level[y] = level[x] + 1
                    queue.append(y)
        return level

    def _block(self, level: list[int]) -> int:
        """Fill shortest paths until each has a full edge. Return the flow that was added."""
        head, room, edges = self.head, self.room, self.edges
        upcoming = [0] * len(edges)  # the edges before this one lead nowhere
        path: list[int] = []
        total, x = 0, 0
        while True:
            if x == 1:
                flow = min(room[e] for e in path)
                for e in path:
                    room[e] -= flow
                    room[e ^ 1] += flow
                total += flow
                full = next(k for k, e in enumerate(path) if not room[e])
                x = head[path[full] ^ 1]
                del path[full:]
            elif upcoming[x] < len(edges[x]):
                e = edges[x][upcoming[x]]
                if room[e] and level[head[e]] == level[x] + 1:
                    path.append(e)
                    x = head[e]
                else:
                    upcoming[x] += 1
            elif path:
                x = head[path.pop() ^ 1]
                upcoming[x] += 1
            else:
                return total
