"""heyoka: Taylor's method of adaptive order and step, with variational equations, instead of Runge and Kutta's.

So its results differ from the others' by what their method errs, and it returns the derivatives of all coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from family import Call
from programs import Program

ANOTHER = "heyoka, Taylor's method"


def agreement(program: Program) -> float:
    """How far Taylor's method may be from Runge and Kutta's, relative to the larger of 1 and the value.

    After 20 units of time Lorenz's system has magnified their difference until some lanes have nothing in common.
    """
    return 1e-2 if program.sizes["n"] * program.constants["h"] < 10 or program.name != "lorenz" else 1e3


def contenders(name: str) -> dict[str, Any]:
    return {ANOTHER: make} if name in SYSTEMS else {}


def lorenz(hy: Any) -> list[tuple[Any, Any]]:
    x, y, z = hy.make_vars("x", "y", "z")
    sigma, rho, beta = hy.par[0], hy.par[1], hy.par[2]
    return [(x, sigma * (y - x)), (y, x * (rho - z) - y), (z, x * y - beta * z)]


def kepler(hy: Any) -> list[tuple[Any, Any]]:
    x, y, vx, vy = hy.make_vars("x", "y", "vx", "vy")
    pull = (x * x + y * y) ** -1.5
    return [(x, vx), (y, vy), (vx, -pull * x), (vy, -pull * y)]


SYSTEMS: dict[str, Callable[[Any], list[tuple[Any, Any]]]] = {"lorenz": lorenz, "kepler": kepler}


def make(program: Program, threads: int) -> Call:
    import heyoka as hy

    system = SYSTEMS[program.name](hy)
    states, width = len(system), hy.recommended_simd_size() if program.in_axes else 1
    parameters = len(program.arguments) - states
    kinds = hy.var_args.vars | hy.var_args.params if parameters else hy.var_args.vars
    equations = hy.var_ode_sys(system, kinds, order=1)
    end = program.sizes["n"] * program.constants["h"]
    numbers = np.array(program.arguments).reshape(len(program.arguments), -1)
    if width == 1:
        integrator = hy.taylor_adaptive(equations, numbers[:states, 0].tolist(), pars=numbers[states:, 0].tolist())
    else:
        first = numbers[:, :width]
        integrator = hy.taylor_adaptive_batch(equations, first[:states].copy(), pars=first[states:].copy())
    gradient, start = integrator.get_vslice(order=1, component=0), integrator.state.copy()
    out = np.empty((1 + len(numbers), numbers.shape[1]))

    def call() -> Any:
        for lane in range(0, numbers.shape[1], width):
            some = numbers[:, lane : lane + width].reshape(numbers.shape[0], *start.shape[1:])
            integrator.state[:] = start
            integrator.state[:states] = some[:states]
            integrator.pars[:] = some[states:]
            if width == 1:
                integrator.time = 0.0
            else:
                integrator.set_time(0.0)
            integrator.propagate_until(end)
            out[0, lane : lane + width] = integrator.state[0]
            out[1:, lane : lane + width] = integrator.state[gradient].reshape(len(numbers), width)
        return out

    return call
