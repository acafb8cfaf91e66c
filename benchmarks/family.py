"""The parts of a benchmark: a family of programs, its cases, its data, and the contenders, each in its own idiom.

A contender is a function `make(data, threads)` that returns a function `call`. `call()` does the work once and
returns its results: arrays, or nested lists of them. If they are not in the family's order, `make` returns `(call,
read)`, and `read(results)` reorders them for the comparison; that is not timed. A third function may follow, which
returns more to be told about the contender once it has run: `{"code": bytes of machine code}`. Imports are not timed
either: the packages that a contender names are loaded before `make` runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Call = Callable[[], Any]
Read = Callable[[Any], Any]
About = Callable[[], dict[str, int]]
Make = Callable[[Any, int], Call | tuple[Call, Read] | tuple[Call, Read, About]]

AGREEMENT = 1e-9  # of all results among contenders, relative to the larger of 1 and the value


@dataclass(frozen=True)
class Case:
    """One table: a point on a line of the plot, `size` along its axis."""

    series: str
    size: int
    items: int = 1  # the number of options or observations that one call computes; times are per item
    width: int = 0  # a second size, if the family has one

    @property
    def name(self) -> str:
        return f"{self.series}, {self.size:,}"


@dataclass(frozen=True)
class Contender:
    """A library that computes the family's programs, and its limits."""

    name: str
    make: Make
    packages: tuple[str, ...]
    threads: bool  # whether it can use several threads
    most: int | None  # the largest size, or number of items, that does not take too long
    series: str | None  # only cases of this name; None for all
    times: int  # how many times one call does the work
    agreement: float | None  # how far it may be from the others if its method is another; None: as far as they


@dataclass
class Family:
    """Programs of one kind. `data` makes a case's inputs; `unit` is the name of an item."""

    title: str
    about: str
    unit: str
    axis: str
    cases: list[Case]
    quick: list[Case]
    data: Callable[[Case], Any]
    agreement: float = AGREEMENT
    contenders: dict[str, Contender] = field(default_factory=dict)

    def contender(
        self,
        name: str,
        *packages: str,
        threads: bool = False,
        most: int | None = None,
        series: str | None = None,
        times: int = 1,
        agreement: float | None = None,
    ) -> Callable[[Make], Make]:
        """Decorator: register the function as a contender."""

        def enter(make: Make) -> Make:
            key = name if series is None else f"{name} [{series}]"
            self.contenders[key] = Contender(name, make, packages, threads, most, series, times, agreement)
            return make

        return enter


def flat(results: Any) -> Array:
    """Return all numbers of a result (arrays, or nested lists of them) in one flat array."""
    if isinstance(results, tuple | list):
        return np.concatenate([flat(part) for part in results]) if results else np.empty(0)
    if hasattr(results, "detach"):
        results = results.detach()
    return np.asarray(results, dtype=np.float64).ravel()
