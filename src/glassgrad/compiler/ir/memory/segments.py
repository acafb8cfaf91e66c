"""The segments of a loop that is cut into pieces, and of the loop that goes over its rounds backwards."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["Segments"]


class Segments(NamedTuple):
    """Segments of ``size`` rounds.

    Attributes:
        rounds: how many rounds the forward loop has.
        backwards: how many rounds the reverse loop has.
        last: the round of the forward loop whose values the first round of the reverse loop reads.
        size: the number of rounds of a segment. The last segment may be shorter.
    """

    rounds: int
    backwards: int
    last: int
    size: int

    @property
    def top(self) -> int:
        """The segment that the reverse loop takes first."""
        return self.last // self.size

    @property
    def bottom(self) -> int:
        """The segment that the reverse loop takes last."""
        return (self.last - self.backwards + 1) // self.size

    @property
    def visited(self) -> int:
        """How many segments the reverse loop takes."""
        return self.top - self.bottom + 1

    @property
    def opening(self) -> int:
        """How many rounds of its first segment the reverse loop takes."""
        return self.last - self.top * self.size + 1

    @property
    def number(self) -> int:
        """How many segments the forward loop has."""
        return -(-self.rounds // self.size)

    def forward(self) -> Any:
        """Return the number of rounds of each segment in the forward loop."""
        return _trips([self.size] * (self.number - 1) + [self.rounds - (self.number - 1) * self.size])

    def again(self) -> Any:
        """Return the number of rounds of each segment that run again, in the order of the reverse loop."""
        return _trips([self.opening] + [self.size] * (self.visited - 1))

    def reverse(self) -> Any:
        """Return the number of rounds of each segment in the reverse loop."""
        trips = [self.opening] + [self.size] * (self.visited - 1)
        trips[-1] -= (self.last - self.backwards + 1) - self.bottom * self.size
        return _trips(trips)

    def order(self, rounds: Any) -> Any:
        """Return the places of those among ``rounds`` (one for each execution of a body) that run again, in order."""
        segments = rounds // self.size
        places = np.flatnonzero((rounds <= self.last) & (segments >= self.bottom))
        return places[np.argsort(-segments[places], kind="stable")]


def _trips(trips: list[int]) -> Any:
    return trips[0] if len(set(trips)) == 1 else np.array(trips, np.int64)
