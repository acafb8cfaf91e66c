"""Finds the vertices of a graph that keep it from having an order: those on cycles, or between cycles."""

from collections.abc import Iterable


def tangled(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Remove sources and sinks again and again, and return the vertices of ``range(count)`` that remain.

    >>> tangled(4, [(0, 1), (1, 2), (2, 1), (2, 3)])
    [1, 2]
    """
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for tail, head in pairs:
        after[tail].append(head)
        before[head].append(tail)
    alive = [True] * count
    for onward, back in ((after, before), (before, after)):
        waiting = [sum(alive[v] for v in near) for near in back]
        ready = [v for v in range(count) if alive[v] and not waiting[v]]
        while ready:
            v = ready.pop()
            alive[v] = False
            for u in onward[v]:
                waiting[u] -= 1
                if alive[u] and not waiting[u]:
                    ready.append(u)
    return [v for v in range(count) if alive[v]]
