"""The initial weights of a network: the generator that draws them, and the width of their distribution."""

import math
import random
from typing import Protocol


class Generator(Protocol):
    """Anything that can draw a weight: `random.Random`, the module `random`, `numpy.random.Generator` and others."""

    def uniform(self, low: float, high: float, /) -> float: ...


# A layer keeps the variance of its inputs if each weight has the variance gain / n_in. The gain is 1, except for relu,
# which discards half of the variance: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (ICCV 2015), equation 10.
# All others: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), section 4.6.
GAIN = {"relu": 2.0}


def generator(rng: Generator | int | None, seed: int | None) -> Generator:
    """Return the generator to draw weights from: `rng` itself, a new one from a seed, or Python's shared one.

    Without `rng` and `seed`, the module `random` draws the weights. So `random.seed(1337)` before building a network
    makes it reproducible, as in scripts written for micrograd.
    """
    if rng is not None and seed is not None:
        raise ValueError("rng and seed both choose the generator: pass only one of them")
    source = seed if rng is None else rng
    if source is None:
        return random  # the module's functions use Python's shared generator
    if isinstance(source, bool) or not (hasattr(source, "uniform") or hasattr(source, "__index__")):
        raise TypeError(f"rng must be an int (a seed), a random.Random or a numpy.random.Generator, got {source!r}")
    if hasattr(source, "__index__"):
        return random.Random(source.__index__())
    return source


def width(n_in: int, activation: object) -> float:
    """The bound b for which the uniform distribution from -b to b has the variance gain / n_in."""
    gain = GAIN.get(activation, 1.0) if isinstance(activation, str) else 1.0
    return math.sqrt(3 * gain / n_in)
