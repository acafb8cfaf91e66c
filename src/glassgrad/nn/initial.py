"""The numbers a network starts from: which generator draws them, and how wide."""

import math
import random
from typing import Protocol


class Generator(Protocol):
    """What can draw a weight: `random.Random`, the module `random`, `numpy.random.Generator` and others."""

    def uniform(self, low: float, high: float, /) -> float: ...


# The variance a weight needs, times the number of inputs, for a layer to pass its inputs' variance on.
# relu discards half of it: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (ICCV 2015), equation 10.
# All others: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), section 4.6.
GAIN = {"relu": 2.0}


def generator(rng: Generator | int | None, seed: int | None) -> Generator:
    """The generator asked for: `rng` itself, a new one from a seed, or Python's shared one.

    With neither, weights come from the module `random`, so `random.seed(1337)` before building a network
    fixes it, as it does in scripts written for micrograd.
    """
    if rng is not None and seed is not None:
        raise ValueError("rng and seed both say where the weights come from: give one of them")
    source = seed if rng is None else rng
    if source is None:
        return random  # the module draws from a generator that all share
    if isinstance(source, bool) or not (hasattr(source, "uniform") or hasattr(source, "__index__")):
        raise TypeError(
            f"weights are drawn by a seed (int), a random.Random or a numpy.random.Generator, not {source!r}"
        )
    if hasattr(source, "__index__"):
        return random.Random(source.__index__())
    return source


def width(n_in: int, activation: object) -> float:
    """The bound of the uniform distribution whose variance is gain / n_in."""
    gain = GAIN.get(activation, 1.0) if isinstance(activation, str) else 1.0
    return math.sqrt(3 * gain / n_in)
