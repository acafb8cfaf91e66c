"""Tapes with one loop for a simulation and one for its reverse sweep, written without the loop finder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import glassgrad as gg
from glassgrad.compiler.ir.loops import READS, Affine, Carried, Loop, Read
from glassgrad.compiler.ir.tape import Outputs, Segment, Tape
from glassgrad.core import ops

__all__ = ["STEPS", "rolled_gradient"]

Step = Callable[[Sequence[Any], Sequence[Any]], list[Any]]


def lorenz(state: Sequence[Any], p: Sequence[Any]) -> list[Any]:
    """One step by the classical Runge-Kutta method."""
    h = 0.01

    def slope(u: Sequence[Any]) -> list[Any]:
        x, y, z = u
        return [p[0] * (y - x), x * (p[1] - z) - y, x * y - p[2] * z]

    k1 = slope(state)
    k2 = slope([u + h / 2 * k for u, k in zip(state, k1)])
    k3 = slope([u + h / 2 * k for u, k in zip(state, k2)])
    k4 = slope([u + h * k for u, k in zip(state, k3)])
    return [u + h / 6 * (a + 2 * b + 2 * c + d) for u, a, b, c, d in zip(state, k1, k2, k3, k4)]


def heston(state: Sequence[Any], p: Sequence[Any]) -> list[Any]:
    s, v = state
    above = gg.relu(v)
    root = gg.sqrt(above + 1e-300)
    return [
        s * gg.exp((p[0] - 0.5 * above) * 0.01 + root * p[1]),
        v + p[2] * (p[3] - above) * 0.01 + p[4] * root * (p[5] * p[1] + 0.4),
    ]


def garch(state: Sequence[Any], p: Sequence[Any]) -> list[Any]:
    h, total = state
    residual = p[3] - p[4]
    h = p[0] + p[1] * (residual * residual) + p[2] * h
    return [h, total - 0.5 * (gg.log(h) + residual * residual / h)]


def kalman(state: Sequence[Any], p: Sequence[Any]) -> list[Any]:
    """A local linear trend, and its likelihood."""
    a, v, p00, p01, p11, total = state
    a, p00, p01, p11 = a + v, p00 + 2 * p01 + p11 + p[0], p01 + p11, p11 + p[1]
    s, e = p00 + p[2], p[3] - a
    k0, k1 = p00 / s, p01 / s
    total = total - 0.5 * (gg.log(s) + e * e / s)
    return [a + k0 * e, v + k1 * e, p00 - k0 * p00, p01 - k0 * p01, p11 - k1 * p01, total]


def lstm(state: Sequence[Any], p: Sequence[Any]) -> list[Any]:
    """A cell with two hidden values."""
    h, c = state[:2], state[2:]
    gates = [[h[0] * p[g] + h[1] * p[g + 1] + 0.1 * i for i in range(2)] for g in range(4)]
    c = [gg.sigmoid(gates[1][i]) * c[i] + gg.sigmoid(gates[0][i]) * gg.tanh(gates[2][i]) for i in range(2)]
    return [gg.sigmoid(gates[3][i]) * gg.tanh(c[i]) for i in range(2)] + c


# A step, its initial state, its parameters.
STEPS: dict[str, tuple[Step, list[float], list[float]]] = {
    "lorenz": (lorenz, [1.0, 1.5, 0.8], [10.0, 28.0, 8 / 3]),
    "heston": (heston, [100.0, 0.04], [0.03, 0.1, 1.5, 0.04, 0.3, -0.5]),
    "garch": (garch, [0.2, 0.0], [0.1, 0.2, 0.7, 0.3, 0.05]),
    "kalman": (kalman, [0.1, 0.0, 1.0, 0.0, 1.0, 0.0], [0.1, 0.01, 0.5, 0.7]),
    "lstm": (lstm, [0.1, -0.2, 0.3, 0.1], [0.3, -0.5, 0.2, 0.8, 0.1]),
}


def rolled_gradient(name: str, rounds: int) -> Tape:
    """Return a tape that simulates ``rounds`` steps. Its inputs are the state and the parameters. Its results are the
    final state, and the derivatives of the sum of the final state with respect to the inputs."""
    step, state, parameters = STEPS[name]
    size, n = len(state), len(state) + len(parameters)
    forward = gg.jit(lambda *xs: step(xs[:size], xs[size:])).lower(*state, *parameters).tape

    def pullback(*xs: Any) -> Any:
        _, back = gg.vjp(lambda *ys: step(ys[:size], ys[size:]), *xs[:n])
        return back(list(xs[n:]))

    reverse = gg.jit(pullback).lower(*state, *parameters, *[1.0] * size).tape
    tape = Tape([f"x{i}" for i in range(n)])
    tape.constants = [*forward.constants, *reverse.constants, 1.0]
    count = len(forward.ops)
    tape.ops = [*forward.ops]
    tape.args = [tuple(READS + a if 0 <= a < size else a for a in args) for args in forward.args]
    ends = forward.segments[0].exit.refs
    tape.reads = [Carried(0, i, READS + ends[i] if 0 <= ends[i] < size else ends[i]) for i in range(size)]
    keys: dict[Any, int] = {}

    def key(source: Tape, i: int) -> Any:
        args = [f"c{source.constants[~a]!r}" if a < 0 else a for a in source.args[i]]
        return source.ops[i], tuple(args)

    for i in range(count):
        keys[key(forward, i)] = i
    made: dict[int, int] = {i: i for i in range(size, n)}  # the references of the values of `reverse`

    def read(index: Any) -> int:
        tape.reads.append(Read(1, index))
        return READS + len(tape.reads) - 1

    back = np.arange(rounds)[::-1]
    for i in range(size):  # the states before each round
        s = ends[i] - n
        made[i] = read(np.where(back > 0, n + s * rounds + back - 1, i))
    adjoints = [READS + len(tape.reads) + i for i in range(n)]
    tape.reads += [Carried(1, ~(len(tape.constants) - 1) if i < size else ~len(tape.constants), -1) for i in range(n)]
    tape.constants.append(0.0)
    made |= {n + i: adjoints[i] for i in range(size)}
    same: dict[int, int] = {}  # the operations of `reverse` that `forward` has, too

    def renamed(a: int) -> int:
        return ~(~a + len(forward.constants)) if a < 0 else made[a]

    for i, op in enumerate(reverse.ops):
        k = keys.get((op, tuple(same.get(a, a) if not isinstance(a, str) else a for a in key(reverse, i)[1])))
        ref = n + size + i
        if k is not None:
            same[ref] = n + k
            made[ref] = read(Affine(n + k * rounds + rounds - 1, (-1,)))
        else:
            tape.ops.append(op)
            tape.args.append(tuple(map(renamed, reverse.args[i])))
            made[ref] = n + len(tape.ops) - 1
    for i, ref in enumerate(map(renamed, reverse.segments[0].exit.refs)):
        op, args = (ops.add, (adjoints[i], ref)) if i >= size else (ops.identity, (ref,))
        tape.ops.append(op)
        tape.args.append(args)
        ref = n + len(tape.ops) - 1
        tape.reads[adjoints[i] - READS] = tape.reads[adjoints[i] - READS]._replace(next=ref)
    tape.loops = [Loop(0, count, rounds, -1), Loop(count, len(tape.ops), rounds, -1)]
    results = [ends[i] for i in range(size)] + [tape.reads[a - READS].next for a in adjoints]
    tape.segments = [Segment(0, len(tape.ops), -1, Outputs(tuple(results)))]
    return tape
