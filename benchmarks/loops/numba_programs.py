"""numba with gradients by hand: the loops of C by hand in Python. Those of `lorenz` run over BLOCK lanes inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from family import Call
from programs import Program

BLOCK = 16
NAME = "numba, gradient by hand"
PROGRAMS: dict[str, Callable[[Program], Callable[..., Any]]] = {}


def contenders(name: str) -> dict[str, Any]:
    return {NAME: make} if name in PROGRAMS else {}


def make(program: Program, threads: int) -> Call:
    run, arguments = PROGRAMS[program.name](program), program.arguments
    if program.in_axes is None:
        arguments = tuple(np.array([x]) for x in arguments)
    return lambda: run(*arguments)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    return numba.njit(function, fastmath={"contract", "arcp", "nsz"}, error_model="numpy")


def program(maker: Callable[[Program], Callable[..., Any]]) -> Callable[[Program], Callable[..., Any]]:
    """Decorator: register numba's form of the program of that name."""
    PROGRAMS[maker.__name__] = maker
    return maker


@program
def lorenz(program: Program) -> Callable[..., Any]:
    n, h = program.sizes["n"], program.constants["h"]

    def stages(x: Any, y: Any, z: Any, s: Any, r: Any, b: Any) -> Any:
        k1, l1, m1 = s * (y - x), x * (r - z) - y, x * y - b * z
        x2, y2, z2 = x + h / 2 * k1, y + h / 2 * l1, z + h / 2 * m1
        k2, l2, m2 = s * (y2 - x2), x2 * (r - z2) - y2, x2 * y2 - b * z2
        x3, y3, z3 = x + h / 2 * k2, y + h / 2 * l2, z + h / 2 * m2
        k3, l3, m3 = s * (y3 - x3), x3 * (r - z3) - y3, x3 * y3 - b * z3
        x4, y4, z4 = x + h * k3, y + h * l3, z + h * m3
        k4, l4, m4 = s * (y4 - x4), x4 * (r - z4) - y4, x4 * y4 - b * z4
        slopes = k1 + 2 * k2 + 2 * k3 + k4, l1 + 2 * l2 + 2 * l3 + l4, m1 + 2 * m2 + 2 * m3 + m4
        return x2, y2, z2, x3, y3, z3, x4, y4, z4, slopes

    def pulled(x: Any, y: Any, z: Any, s: Any, r: Any, b: Any, ax: Any, ay: Any, az: Any) -> Any:
        return (r - z) * ay + y * az - s * ax, s * ax - ay + x * az, -x * ay - b * az

    stages, pulled = compiled(stages), compiled(pulled)

    def gradient(x: Any, y: Any, z: Any, sigma: Any, rho: Any, beta: Any) -> Any:
        lanes = len(x)
        out = np.zeros((7, lanes))
        kept = np.empty((n, 3, BLOCK))
        state, a, sums = np.empty((3, BLOCK)), np.empty((3, BLOCK)), np.empty((3, BLOCK))
        for lane in range(0, lanes, BLOCK):
            width = min(BLOCK, lanes - lane)
            state[0, :width] = x[lane : lane + width]
            state[1, :width] = y[lane : lane + width]
            state[2, :width] = z[lane : lane + width]
            for t in range(n):
                for l in range(width):
                    u, v, w = state[0, l], state[1, l], state[2, l]
                    kept[t, 0, l], kept[t, 1, l], kept[t, 2, l] = u, v, w
                    k = stages(u, v, w, sigma[lane + l], rho[lane + l], beta[lane + l])[9]
                    state[0, l], state[1, l], state[2, l] = u + h / 6 * k[0], v + h / 6 * k[1], w + h / 6 * k[2]
            a[:], sums[:] = 0.0, 0.0
            a[0] = 1.0
            for t in range(n - 1, -1, -1):
                for l in range(width):
                    s, r, b = sigma[lane + l], rho[lane + l], beta[lane + l]
                    u, v, w = kept[t, 0, l], kept[t, 1, l], kept[t, 2, l]
                    x2, y2, z2, x3, y3, z3, x4, y4, z4, _ = stages(u, v, w, s, r, b)
                    ax, ay, az = a[0, l], a[1, l], a[2, l]
                    c4, d4, e4 = h / 6 * ax, h / 6 * ay, h / 6 * az
                    p4, q4, r4 = pulled(x4, y4, z4, s, r, b, c4, d4, e4)
                    c3, d3, e3 = h / 3 * ax + h * p4, h / 3 * ay + h * q4, h / 3 * az + h * r4
                    p3, q3, r3 = pulled(x3, y3, z3, s, r, b, c3, d3, e3)
                    c2, d2, e2 = h / 3 * ax + h / 2 * p3, h / 3 * ay + h / 2 * q3, h / 3 * az + h / 2 * r3
                    p2, q2, r2 = pulled(x2, y2, z2, s, r, b, c2, d2, e2)
                    c1, d1, e1 = h / 6 * ax + h / 2 * p2, h / 6 * ay + h / 2 * q2, h / 6 * az + h / 2 * r2
                    p1, q1, r1 = pulled(u, v, w, s, r, b, c1, d1, e1)
                    sums[0, l] += c1 * (v - u) + c2 * (y2 - x2) + c3 * (y3 - x3) + c4 * (y4 - x4)
                    sums[1, l] += d1 * u + d2 * x2 + d3 * x3 + d4 * x4
                    sums[2, l] -= e1 * w + e2 * z2 + e3 * z3 + e4 * z4
                    a[0, l], a[1, l], a[2, l] = ax + p1 + p2 + p3 + p4, ay + q1 + q2 + q3 + q4, az + r1 + r2 + r3 + r4
            for l in range(width):
                out[0, lane + l] = state[0, l]
                for k in range(3):
                    out[1 + k, lane + l], out[4 + k, lane + l] = a[k, l], sums[k, l]
        return out

    return compiled(gradient)


@program
def heston(program: Program) -> Callable[..., Any]:
    n = program.sizes["n"]
    dt, root = 1 / n, (1 / n) ** 0.5

    def gradient(s0: Any, v0: Any, r: Any, kappa: Any, theta: Any, xi: Any, rho: Any, rho2: Any, z: Any) -> Any:
        lanes = len(z)
        out = np.zeros((9, lanes))
        kept = np.empty((n, 3))
        for lane in range(lanes):
            s, v, total = s0, v0, 0.0
            for t in range(n):
                positive = max(v, 0.0)
                deviation = np.sqrt(positive + 1e-300)
                growth = np.exp((r - 0.5 * positive) * dt + deviation * root * z[lane, t, 0])
                s *= growth
                kept[t, 0], kept[t, 1], kept[t, 2] = deviation, growth, s
                shock = rho * z[lane, t, 0] + rho2 * z[lane, t, 1]
                v += kappa * dt * (theta - positive) + xi * deviation * root * shock
                total += s
            a_s = a_v = a_r = a_kappa = a_theta = a_xi = a_rho = a_rho2 = 0.0
            for t in range(n - 1, -1, -1):
                z0, z1 = z[lane, t, 0], z[lane, t, 1]
                z2, deviation, growth = rho * z0 + rho2 * z1, kept[t, 0], kept[t, 1]
                positive = deviation * deviation
                a_s += 1 / n
                exponent, shock = a_s * kept[t, 2], a_v * deviation * root
                a_s *= growth
                a_r += exponent
                a_xi += shock * z2
                a_rho += shock * z0
                a_rho2 += shock * z1
                a_kappa += a_v * (theta - positive)
                a_theta += a_v
                if deviation > 1e-149:
                    by_deviation = root * (exponent * z0 + xi * a_v * z2)
                    a_v += -dt * (0.5 * exponent + kappa * a_v) + 0.5 * by_deviation / deviation
            out[0, lane], out[1, lane], out[2, lane], out[3, lane] = total / n, a_s, a_v, a_r * dt
            out[4, lane], out[5, lane], out[6, lane] = a_kappa * dt, a_theta * kappa * dt, a_xi
            out[7, lane], out[8, lane] = a_rho * xi, a_rho2 * xi
        return out

    return compiled(gradient)


@program
def garch(program: Program) -> Callable[..., Any]:
    n = program.sizes["n"]

    def gradient(mu: Any, omega: Any, alpha: Any, beta: Any, returns: Any) -> Any:
        lanes = len(returns)
        out = np.empty((5, lanes))
        variances = np.empty(n)
        rest = 1.0 - alpha - beta
        for lane in range(lanes):
            variance, total = omega / rest, 0.0
            for t in range(n):
                e = returns[lane, t] - mu
                variances[t] = variance
                total += np.log(variance) + e * e / variance
                variance = omega + alpha * e * e + beta * variance
            a = a_mu = a_omega = a_alpha = a_beta = 0.0
            for t in range(n - 1, -1, -1):
                e, inverse = returns[lane, t] - mu, 1.0 / variances[t]
                a_omega += a
                a_alpha += a * e * e
                a_beta += a * variances[t]
                a_mu += e * inverse - 2.0 * alpha * e * a
                a = beta * a + 0.5 * (e * e * inverse - 1.0) * inverse
            start = a * omega / (rest * rest)
            out[0, lane], out[1, lane], out[2, lane] = -0.5 * total, a_mu, a_omega + a / rest
            out[3, lane], out[4, lane] = a_alpha + start, a_beta + start
        return out

    return compiled(gradient)
