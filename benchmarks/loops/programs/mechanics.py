"""Mechanics: Lorenz's equations and Kepler's by the classical Runge–Kutta method, and an n-body problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import glassgrad as gg

from .record import Program, generator

H = 0.002  # the step of time of `lorenz` and `kepler`
State = Sequence[Any]


def runge_kutta(field: Callable[..., State], state: State, n: int, h: float) -> State:
    """Go `n` steps of time `h` along a vector field."""
    for _ in range(n):
        k1 = field(*state)
        k2 = field(*[x + h / 2 * k for x, k in zip(state, k1)])
        k3 = field(*[x + h / 2 * k for x, k in zip(state, k2)])
        k4 = field(*[x + h * k for x, k in zip(state, k3)])
        state = [x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(state, k1, k2, k3, k4)]
    return state


def lorenz(n: int = 1000, lanes: int | None = 1000) -> Program:
    """The x coordinate of Lorenz's system after `n` steps, with respect to its start and its 3 parameters."""

    def final(x: Any, y: Any, z: Any, sigma: Any, rho: Any, beta: Any) -> Any:
        def field(x: Any, y: Any, z: Any) -> State:
            return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

        return runge_kutta(field, (x, y, z), n, H)[0]

    return along_a_field("lorenz", final, (1.0, 1.0, 1.0, 10.0, 28.0, 8 / 3), n, lanes)


def kepler(n: int = 1000, lanes: int | None = 1000) -> Program:
    """The x coordinate of a planet after `n` steps, with respect to its position and velocity at the start."""

    def final(x: Any, y: Any, vx: Any, vy: Any) -> Any:
        def field(x: Any, y: Any, vx: Any, vy: Any) -> State:
            square = x * x + y * y
            pull = 1.0 / (square * gg.sqrt(square))
            return vx, vy, -pull * x, -pull * y

        return runge_kutta(field, (x, y, vx, vy), n, H)[0]

    return along_a_field("kepler", final, (1.0, 0.0, 0.0, 1.1), n, lanes)


def along_a_field(name: str, function: Any, start: Sequence[float], n: int, lanes: int | None) -> Program:
    numbers = generator()
    batch = () if lanes is None else tuple(c + 0.1 * numbers.standard_normal(lanes) for c in start)
    return Program(
        name=name,
        function=function,
        arguments=batch or tuple(start),
        argnums=tuple(range(len(start))),
        in_axes=(0,) * len(start) if batch else None,
        sizes={"n": n},
        constants={"h": H},
        # Lorenz's system multiplies a rounding error by e for each 1.1 units of time
        agreement=max(1e-9, 1e-15 * 2.0 ** (2 * n * H)) if name == "lorenz" else 1e-9,
    )


def nbody(n: int = 8, steps: int = 20, lanes: int = 64) -> Program:
    """Gravity between `n` bodies: the sum of squared coordinates at the end, by the start and the masses."""
    h, softening = 0.01, 0.01

    def spread(position: Any, velocity: Any, mass: Any) -> Any:
        x = [[position[i, c] for c in range(3)] for i in range(n)]
        v = [[velocity[i, c] for c in range(3)] for i in range(n)]
        for _ in range(steps):
            a = [[0.0, 0.0, 0.0] for _ in range(n)]
            for i in range(n):
                for j in range(i):
                    d = [x[j][c] - x[i][c] for c in range(3)]
                    square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + softening
                    pull = 1 / (square * gg.sqrt(square))
                    for c in range(3):
                        a[i][c] = a[i][c] + mass[j] * pull * d[c]
                        a[j][c] = a[j][c] - mass[i] * pull * d[c]
            for i in range(n):
                for c in range(3):
                    v[i][c] = v[i][c] + h * a[i][c]
                    x[i][c] = x[i][c] + h * v[i][c]
        return sum(x[i][c] ** 2 for i in range(n) for c in range(3))

    numbers = generator()
    shape = (lanes, n, 3)
    return Program(
        name="nbody",
        function=spread,
        arguments=(numbers.standard_normal(shape), numbers.standard_normal(shape), numbers.random((lanes, n))),
        argnums=(0, 1, 2),
        in_axes=(0, 0, 0),
        sizes={"n": n, "steps": steps},
        constants={"h": h, "softening": softening},
    )
