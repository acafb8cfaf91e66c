"""Floats to try operations on: over the whole range, and most of all where something may go wrong."""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Callable, Iterator

from glassgrad.core.op import Op

HUGE = sys.float_info.max
NORMAL = sys.float_info.min
SUBNORMAL = math.ulp(0.0)

EDGES = [
    *(0.0, -0.0, math.inf, -math.inf, math.nan),
    *(s * x for s in (1, -1) for x in (SUBNORMAL, 1e-310, NORMAL, 1e-200, 1e-20, 0.1, 0.5, 1.5, 2.0, 3.0, 100.0)),
    *(s * x for s in (1, -1) for x in (1.0, math.nextafter(1.0, 0.0), math.nextafter(1.0, 2.0))),
    *(s * x for s in (1, -1) for x in (400.0, 710.0, 745.5, 1e5, 2.0**53, 1e16, 1e154, 1e200, 1e306, HUGE)),
]
FEW_EDGES = [0.0, -0.0, math.inf, -math.inf, math.nan, SUBNORMAL, -1.0, 2.5, -HUGE]  # for three arguments at once

TURNS = [  # roots, poles, extremes and branch points of the functions one meets
    *(0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0),
    *(math.e, 1 / math.e, math.pi, -math.pi, math.pi / 2, -math.pi / 2, math.pi / 4, 3 * math.pi / 2),
    *(math.sqrt(2.0), math.sqrt(0.5), math.log(2.0), math.log(HUGE), math.log(NORMAL)),
    *(1.4616321449683622, -0.504083008264455, -2.4570247382208006),  # of digamma (twice) and of lgamma
]


def one(draw: random.Random) -> float:
    """A finite float, of every size and sign."""
    sign = draw.choice((-1.0, 1.0))
    kind = draw.randrange(11)
    if kind == 0:
        return draw.uniform(-2.0, 2.0)
    if kind == 1:
        return draw.uniform(-40.0, 40.0)
    if kind == 2:
        return sign * draw.uniform(40.0, 800.0)
    if kind in (3, 4):
        return sign * 10.0 ** draw.uniform(-6.0, 6.0)
    if kind == 5:
        return sign * 10.0 ** draw.uniform(-307.0, 308.0)
    if kind == 6:
        return sign * draw.randrange(1, 2**52) * SUBNORMAL * 2.0 ** -draw.randrange(52)
    if kind == 7:
        return float(draw.randint(-12, 12))
    if kind == 8:  # a few units in the last place beside
        x = draw.choice(TURNS)
        return x + draw.randint(-3, 3) * math.ulp(x)
    if kind == 9:
        return draw.choice(TURNS) + sign * 2.0 ** -draw.uniform(1.0, 52.0)
    return draw.randint(-1000, 1000) * (math.pi / 2)


def arguments(op: Op, seed: int, count: int, accept: Callable[..., bool] = lambda *xs: True) -> list[tuple[float, ...]]:
    """``count`` tuples of finite arguments inside the domain of ``op``, those for which ``accept`` holds. There is no
    -0.0 among them, as mpmath knows none: that is one of the edges."""
    draw = random.Random(f"{op.name} {seed}")
    arity = op.arity or 1
    found: list[tuple[float, ...]] = []
    for _ in range(1000 * count):
        xs = [one(draw) for _ in range(arity)]
        if arity > 1 and draw.random() < 0.2:  # close to each other
            i, j = draw.sample(range(arity), 2)
            xs[j] = xs[i] * (1.0 + draw.choice((0.0, 1.0, -1.0)) * 2.0 ** -draw.randint(1, 52))
            xs[j] *= draw.choice((-1.0, 1.0))
        if arity > 1 and draw.random() < 0.1:  # nearly a multiple
            i, j = draw.sample(range(arity), 2)
            xs[i] = xs[j] * draw.randint(-1000, 1000)
        if arity > 1 and draw.random() < 0.3:
            xs[draw.randrange(arity)] = float(draw.randint(-3, 6))
        if all(map(math.isfinite, xs)) and (op.domain is None or op.domain.holds(*xs)) and accept(*xs):
            found.append(tuple(x + 0.0 for x in xs))
            if len(found) == count:
                break
    assert len(found) >= min(count, 10), f"hardly a point inside the domain of {op.name}: {len(found)}"
    return found


def moderate(op: Op, seed: int, count: int) -> list[tuple[float, ...]]:
    """Arguments of a size between 0.05 and 8, away from the kinks and the borders of the domain of ``op``."""
    draw = random.Random(f"{op.name} moderate {seed}")
    found: list[tuple[float, ...]] = []
    for _ in range(1000 * count):
        xs = [draw.choice((-1.0, 1.0)) * 2.0 ** draw.uniform(-4.0, 3.0) for _ in range(op.arity or 1)]
        for i, rule in enumerate(op.partials or ()):
            if rule is None:  # a plain number, such as an order
                xs[i] = float(draw.randint(0, 4))
        if all(fine(op, near) for near in neighbourhood(op, xs, 0.02)) and fine(op, xs):
            found.append(tuple(xs))
            if len(found) == count:
                break
    assert len(found) == count, f"hardly a quiet point in the domain of {op.name}: {len(found)}"
    return found


def neighbourhood(op: Op, xs: list[float], relative: float) -> Iterator[list[float]]:
    """``xs`` with one argument moved a little, where ``op`` has a derivative by it."""
    for i, rule in enumerate(op.partials or ()):
        if rule is not None:
            for factor in (1.0 - relative, 1.0 + relative):
                yield [*xs[:i], xs[i] * factor, *xs[i + 1 :]]


def fine(op: Op, xs: list[float]) -> bool:
    """Whether ``xs`` is inside the domain and at no kink, and the result finite."""
    assert op.value is not None
    return (
        (op.domain is None or op.domain.holds(*xs))
        and not (op.kinks is not None and op.kinks.holds(*xs))
        and math.isfinite(op.value(*xs))
    )


def edges(op: Op) -> Iterator[tuple[float, ...]]:
    """Every tuple of edge cases."""
    arity = op.arity or 1
    return itertools.product(EDGES if arity <= 2 else FEW_EDGES, repeat=arity)
