"""What a benchmark is made of: a family of programs, its cases, its data, and the contenders, each in its own idiom.

A contender is a function `make(data, threads)` that builds what is to be called and returns it: `call()` does the work
once and returns its results, arrays or nested lists of them. Where they do not lie in the family's order, `make`
returns `(call, read)` and `read(results)` puts them into it; that is for the comparison and is not timed. Imports are
not timed either: the packages that a contender names are loaded before `make` runs.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Call = Callable[[], Any]
Read = Callable[[Any], Any]
Make = Callable[[Any, int], Call | tuple[Call, Read]]

AGREEMENT = 1e-9  # of all results among contenders, relative to the larger of 1 and the value


@dataclass(frozen=True)
class Case:
    """One table: a point on a line of the plot, `size` along its axis."""

    series: str
    size: int
    items: int = 1  # what one call computes: options, observations; times are given per item
    width: int = 0  # a second size, where a family has one

    @property
    def name(self) -> str:
        return f"{self.series}, {self.size:,}"


@dataclass(frozen=True)
class Contender:
    """Who computes it, and what that takes."""

    name: str
    make: Make
    packages: tuple[str, ...]
    threads: bool  # it can use several
    most: int | None  # the size, or the items, beyond which it would take too long
    series: str | None  # only cases of this name, or all
    times: int  # how often one call does the work


@dataclass
class Family:
    """Programs of one kind. `data` makes a case's inputs; `unit` is what an item is called."""

    title: str
    about: str
    unit: str
    axis: str
    cases: list[Case]
    quick: list[Case]
    data: Callable[[Case], Any]
    contenders: dict[str, Contender] = field(default_factory=dict)

    def contender(
        self,
        name: str,
        *packages: str,
        threads: bool = False,
        most: int | None = None,
        series: str | None = None,
        times: int = 1,
    ) -> Callable[[Make], Make]:
        """Enters the function below as a contender."""

        def enter(make: Make) -> Make:
            key = name if series is None else f"{name} [{series}]"
            self.contenders[key] = Contender(name, make, packages, threads, most, series, times)
            return make

        return enter


FAMILIES = (
    "black_scholes",
    "rosenbrock",
    "speelpenning",
    "bundle",
    "mixture",
    "implied_vol",
    "american_put",
    "eight_paths",
    "compile_time",
)


def load(name: str) -> Family:
    """The family of the module of that name."""
    family: Family = importlib.import_module(f"programs.{name}").FAMILY
    return family


def flat(results: Any) -> Array:
    """All numbers of a result, arrays or nested lists of them, in one row."""
    if isinstance(results, tuple | list):
        return np.concatenate([flat(part) for part in results]) if results else np.empty(0)
    if hasattr(results, "detach"):
        results = results.detach()
    return np.asarray(results, dtype=np.float64).ravel()
