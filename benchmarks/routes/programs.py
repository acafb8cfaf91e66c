"""Programs whose routes through their `if` statements depend on the input, and the calls that are made of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import glassgrad as gg


@dataclass(frozen=True)
class Sequence:
    """So many calls of one function.

    Attributes:
        make: gives the function as it runs uncompiled, and the arguments of each call.
        lanes: whether each call is of `vmap`: its arguments are arrays, and uncompiled it is a loop over their lanes.
    """

    title: str
    make: Callable[[], tuple[Callable[..., Any], list[tuple[Any, ...]]]]
    lanes: bool = False


def newton(a: Any) -> Any:
    x = a if a > 1.0 else 1.0
    for _ in range(200):
        y = 0.5 * (x + a / x)
        if abs(y - x) < 1e-12 * y:
            break
        x = y
    return y


def warping(x: Any, y: Any) -> Any:
    """Dynamic time warping."""
    cost = [[math.inf] * (len(y) + 1) for _ in range(len(x) + 1)]
    cost[0][0] = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            cost[i + 1][j + 1] = (x[i] - y[j]) ** 2 + min(cost[i][j], cost[i][j + 1], cost[i + 1][j])
    return cost[-1][-1]


def ball(height: Any, speed: Any) -> Any:
    """A ball falls on a floor and bounces."""
    for _ in range(200):
        speed = speed - 0.0981
        height = height + 0.01 * speed
        if height < 0.0:
            height, speed = -height, -0.9 * speed
    return height


def spring(x: Any, speed: Any) -> Any:
    """A ball bounces beside a wall."""
    for _ in range(500):
        speed = speed - 0.01 * x
        x = x + 0.01 * speed
        if x < -0.5:
            x, speed = -1.0 - x, -speed
    return x


def put(spot: Any, maximum: Callable[[Any, Any], Any] = max) -> Any:
    """An American option on a tree of 60 steps."""
    steps, rate = 60, 0.05
    up = math.exp(0.2 * math.sqrt(1.0 / steps))
    discount = math.exp(-rate / steps)
    share = (1.0 / discount - 1.0 / up) / (up - 1.0 / up)
    values = [maximum(100.0 - spot * up ** (steps - 2 * j), 0.0) for j in range(steps + 1)]
    for i in range(steps - 1, -1, -1):
        values = [
            maximum(discount * (share * values[j] + (1.0 - share) * values[j + 1]), 100.0 - spot * up ** (i - 2 * j))
            for j in range(i + 1)
        ]
    return values[0]


def smooth_put(spot: Any) -> Any:
    return put(spot, gg.maximum)


def jacobi(b: Any) -> Any:
    """Jacobi's iteration for 9 unknowns, until the largest residual is small."""
    matrix = 4.0 * np.eye(9) + np.fromfunction(lambda i, j: 0.3 / (1.0 + abs(i - j)), (9, 9))
    x = b * 0.0
    for _ in range(200):
        residual = b - matrix @ x
        if np.max(np.abs(residual)) < 1e-8:
            break
        x = x + residual / np.diag(matrix)
    return x.sum()


def randomly(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def spots(calls: int) -> list[tuple[float, ...]]:
    return [(float(spot),) for spot in 90.0 + 20.0 * randomly().random(calls)]


def heights(calls: int) -> list[tuple[float, ...]]:
    return [(1.0 + float(height), 0.0) for height in randomly().random(calls)]


def series(calls: int) -> list[tuple[Any, ...]]:
    rng = randomly()
    return [(rng.normal(size=20), rng.normal(size=20)) for _ in range(calls)]


POWERS = [(10.0 ** float(k),) for k in np.linspace(0, 30, 100)]

SEQUENCES = {
    "newton": Sequence("Newton's iteration, 100 numbers from 1 to 1e30", lambda: (newton, POWERS)),
    "newton-slope": Sequence("its derivative", lambda: (gg.grad(newton), POWERS)),
    "warping": Sequence("dynamic time warping by `min`, 20×20, 12 pairs", lambda: (warping, series(12))),
    "warping-slope": Sequence("its gradient", lambda: (gg.grad(warping), series(12))),
    "ball": Sequence("ball on a floor, 43 heights", lambda: (ball, heights(43))),
    "ball-slope": Sequence("its derivative", lambda: (gg.grad(ball), heights(43))),
    "put": Sequence("American put by `max`, 20 prices", lambda: (gg.grad(put), spots(20))),
    "smooth-put": Sequence("the same by `gg.maximum`", lambda: (gg.grad(smooth_put), spots(20))),
    "jacobi": Sequence(
        "Jacobi's iteration until `np.max(abs(…))` is small, 20 right sides",
        lambda: (jacobi, [(b,) for b in randomly().normal(size=(20, 9))]),
    ),
    "ball-lanes": Sequence(
        "`vmap` of the ball, 64 heights, 5 calls",
        lambda: (ball, [(1.0 + randomly(k).random(64), np.zeros(64)) for k in range(5)]),
        lanes=True,
    ),
    "spring-lanes": Sequence(
        "`vmap` of a spring and a wall, 100 lanes, 5 calls",
        lambda: (spring, [(randomly(k).normal(size=100), randomly(k + 9).normal(size=100)) for k in range(5)]),
        lanes=True,
    ),
    "spring-slope-lanes": Sequence(
        "`vmap` of its gradient",
        lambda: (
            gg.grad(spring, argnums=(0, 1)),
            [(randomly(k).normal(size=100), randomly(k + 9).normal(size=100)) for k in range(5)],
        ),
        lanes=True,
    ),
    "newton-slope-lanes": Sequence(
        "`vmap` of the derivative of Newton's iteration, 1000 numbers, 5 calls",
        lambda: (gg.grad(newton), [(10.0 ** (30.0 * randomly(k).random(1000)),) for k in range(5)]),
        lanes=True,
    ),
    "ball-slope-lanes": Sequence(
        "`vmap` of the ball's derivative, 1000 heights, 5 calls",
        lambda: (gg.grad(ball), [(1.0 + randomly(k).random(1000), np.zeros(1000)) for k in range(5)]),
        lanes=True,
    ),
}
