"""What the functions composed from the table are, according to mpmath, and where to try them."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from mpmath import mp, mpf

HUGE = sys.float_info.max
LEAST = math.ulp(0.0)


class Case(NamedTuple):
    """A function of one number: what it is to mpmath, and intervals to try, its tails and turns among them."""

    exact: Callable[[Any], Any]
    intervals: tuple[tuple[float, float], ...]
    points: tuple[float, ...] = ()
    kinks: tuple[float, ...] = ()


def log_sigmoid(x: Any) -> Any:
    return -mp.log1p(mp.exp(-x))


def norm_cdf(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def log_norm_cdf(x: Any) -> Any:
    return mp.log(norm_cdf(x)) if x < 0 else mp.log1p(-norm_cdf(-x))


def log1mexp(x: Any) -> Any:
    size = abs(x)
    return mp.log(-mp.expm1(-size)) if size < 1 else mp.log1p(-mp.exp(-size))


SIGMOID = ((-1.0, 1.0), (-40.0, 40.0), (-752.0, -700.0), (700.0, 752.0), (-1e4, 1e4))
NORMAL = ((-1.0, 1.0), (-8.0, 8.0), (-38.6, 38.6), (-38.6, -37.0))
ENDS = (0.0, LEAST, -LEAST, 1e-310, 1e-20, -1e-20, 1e-8, -1e-8)
SIZES = (*ENDS, 1.0, -1.0, 37.0, -37.0, 709.0, -709.0, 745.0, -745.0, 1e5, -1e5, HUGE, -HUGE)

OF_ONE = {
    "sigmoid": Case(lambda x: 1 / (1 + mp.exp(-x)), SIGMOID, SIZES),
    "log_sigmoid": Case(log_sigmoid, SIGMOID, SIZES),
    "softplus": Case(lambda x: -log_sigmoid(-x), SIGMOID, SIZES),
    "silu": Case(lambda x: x / (1 + mp.exp(-x)), SIGMOID, SIZES),
    "leaky_relu": Case(lambda x: x if x > 0 else mpf(0.01) * x, SIGMOID, SIZES, (0.0,)),
    "elu": Case(lambda x: x if x > 0 else mp.expm1(x), SIGMOID, SIZES, (0.0,)),
    "norm_pdf": Case(lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi), NORMAL, ENDS),
    "norm_cdf": Case(norm_cdf, NORMAL, ENDS),
    "gelu": Case(lambda x: x * norm_cdf(x), NORMAL, ENDS),
    "log_norm_cdf": Case(log_norm_cdf, (*NORMAL, (-1e3, 0.0), (-1e9, -1e3)), (*ENDS, -1e150)),
    "log1mexp": Case(log1mexp, ((-1.0, 1.0), (-40.0, 40.0), (-745.0, 745.0)), SIZES[1:14]),
    "logit": Case(lambda p: mp.log(p / (1 - p)), ((0.0, 1.0), (0.49, 0.51)), (LEAST, 1e-310, 1e-20, 1 - 2.0**-53)),
    "entr": Case(lambda x: -x * mp.log(x), ((0.0, 3.0), (0.99, 1.01), (0.0, 1e9)), (LEAST, 1e-310, 1e-20, 1e300)),
    "clip": Case(lambda x: min(max(x, mpf(-1)), mpf(1)), ((-2.0, 2.0),), SIZES, (-1.0, 1.0)),
}
ALIASES = {"expit": "sigmoid", "log_expit": "log_sigmoid", "ndtr": "norm_cdf", "log_ndtr": "log_norm_cdf"}
IN_THE_TABLE = {"norm_pdf", "norm_cdf", "gelu", "silu"}


def points(name: str, count: int, seed: int = 1) -> list[float]:
    """``count`` points in each of the intervals, and the special ones."""
    draw = random.Random(f"{name} {seed}")
    case = OF_ONE[name]
    return [*case.points, *(draw.uniform(*interval) for interval in case.intervals for _ in range(count))]


# Of two numbers


def logaddexp(a: Any, b: Any) -> Any:
    return max(a, b) + mp.log1p(mp.exp(-abs(a - b)))


OF_TWO: dict[str, Callable[..., Any]] = {
    "copysign": lambda a, b: -abs(a) if b < 0 else abs(a),
    "xlogy": lambda x, y: x * mp.log(y),
    "xlog1py": lambda x, y: x * mp.log1p(y),
    "rel_entr": lambda x, y: x * mp.log(x / y),
    "logaddexp": logaddexp,
}


def pairs(name: str, count: int, seed: int = 1) -> list[tuple[float, float]]:
    """Pairs of every size, of which some are nearly equal, inside the domain."""
    draw = random.Random(f"{name} {seed}")
    found = []
    for _ in range(count):
        if name == "logaddexp":
            a = draw.choice((draw.uniform(-1, 1), draw.uniform(-800, 800), draw.uniform(-40, 0), 0.0))
            found.append((a, draw.choice((a, a - draw.uniform(0, 50), 0.0, draw.uniform(-800, 800)))))
            continue
        x, y = (10.0 ** draw.choice((draw.uniform(-1, 1), draw.uniform(-300, 300))) for _ in range(2))
        if draw.random() < 0.4:
            y = x * (1 + draw.choice((-1, 1)) * 2.0 ** -draw.uniform(1, 52))
        found.append((x, y - 1.0 if name == "xlog1py" and 0.01 < y < 100 else y))
    return [(x, y) for x, y in found if name != "xlog1py" or y > -1]
