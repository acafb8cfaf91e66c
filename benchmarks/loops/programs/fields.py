"""Partial differential equations on a line by explicit steps: heat, and the Brusselator."""

from __future__ import annotations

from typing import Any

from .record import Program, generator


def heat(n: int = 200, steps: int = 200, lanes: int = 64) -> Program:
    """The sum of squares after `steps` steps of the heat equation, by the conductivity and the start."""

    def energy(k: Any, u: Any) -> Any:
        u = list(u)
        for _ in range(steps):
            u = [u[0]] + [u[i] + k * (u[i - 1] - 2 * u[i] + u[i + 1]) for i in range(1, n - 1)] + [u[-1]]
        return sum(v * v for v in u)

    numbers = generator()
    return Program(
        name="heat",
        function=energy,
        arguments=(0.2 + 0.01 * numbers.standard_normal(lanes), numbers.standard_normal((lanes, n))),
        argnums=(0, 1),
        in_axes=(0, 0),
        sizes={"n": n, "steps": steps},
    )


def brusselator(n: int = 256, steps: int = 50, lanes: int = 64) -> Program:
    """Two substances that react and diffuse on `n` points: a sum of squares, by 3 parameters and the start.

    Source: E. Hairer, S. P. Nørsett and G. Wanner, "Solving Ordinary Differential Equations I", II.10.
    """
    h = 0.01

    def energy(a: Any, b: Any, diffusion: Any, u: Any, v: Any) -> Any:
        u, v = list(u), list(v)
        for _ in range(steps):
            reaction = [u[i] * u[i] * v[i] for i in range(n)]
            u, v = (
                [u[0]]
                + [
                    u[i] + h * (a + reaction[i] - (b + 1) * u[i] + diffusion * (u[i - 1] - 2 * u[i] + u[i + 1]))
                    for i in range(1, n - 1)
                ]
                + [u[-1]],
                [v[0]]
                + [
                    v[i] + h * (b * u[i] - reaction[i] + diffusion * (v[i - 1] - 2 * v[i] + v[i + 1]))
                    for i in range(1, n - 1)
                ]
                + [v[-1]],
            )
        return sum(x * x for x in u) + sum(x * x for x in v)

    numbers = generator()
    return Program(
        name="brusselator",
        function=energy,
        arguments=(
            1.0 + 0.01 * numbers.standard_normal(lanes),
            3.0 + 0.01 * numbers.standard_normal(lanes),
            20.0 + numbers.standard_normal(lanes),
            1.0 + 0.5 * numbers.random((lanes, n)),
            3.0 + 0.5 * numbers.random((lanes, n)),
        ),
        argnums=(0, 1, 2, 3, 4),
        in_axes=(0, 0, 0, 0, 0),
        sizes={"n": n, "steps": steps},
        constants={"h": h},
    )
