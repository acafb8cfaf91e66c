"""Time series: a Kalman filter, GARCH, a hidden Markov model, and soft dynamic time warping."""

from __future__ import annotations

from typing import Any

import glassgrad as gg

from .record import Program, generator


def kalman(n: int = 200, lanes: int = 256) -> Program:
    """The log-likelihood of a local linear trend, with respect to 3 variances and 2 numbers of the start."""

    def likelihood(q1: Any, q2: Any, r: Any, a: Any, v: Any, y: Any) -> Any:
        p00, p01, p11, total = 1.0, 0.0, 1.0, 0.0
        for t in range(n):
            a, p00, p01, p11 = a + v, p00 + 2 * p01 + p11 + q1, p01 + p11, p11 + q2
            s = p00 + r
            e = y[t] - a
            k0, k1 = p00 / s, p01 / s
            total = total - 0.5 * (gg.log(s) + e * e / s)
            a, v = a + k0 * e, v + k1 * e
            p00, p01, p11 = p00 - k0 * p00, p01 - k0 * p01, p11 - k1 * p01
        return total

    return Program(
        name="kalman",
        function=likelihood,
        arguments=(0.1, 0.01, 0.5, 0.0, 0.0, generator().standard_normal((lanes, n))),
        argnums=(0, 1, 2, 3, 4),
        in_axes=(None, None, None, None, None, 0),
        sizes={"n": n},
    )


def garch(n: int = 1000, lanes: int = 256) -> Program:
    """The log-likelihood of returns under GARCH(1, 1), with respect to its 4 parameters."""

    def likelihood(mu: Any, omega: Any, alpha: Any, beta: Any, returns: Any) -> Any:
        variance = omega / (1.0 - alpha - beta)
        total = 0.0
        for t in range(n):
            e = returns[t] - mu
            total = total - 0.5 * (gg.log(variance) + e * e / variance)
            variance = omega + alpha * e * e + beta * variance
        return total

    return Program(
        name="garch",
        function=likelihood,
        arguments=(0.02, 0.05, 0.1, 0.85, generator().standard_normal((lanes, n))),
        argnums=(0, 1, 2, 3),
        in_axes=(None, None, None, None, 0),
        sizes={"n": n},
    )


def hmm(n: int = 300, states: int = 5, symbols: int = 6, lanes: int = 64) -> Program:
    """The log-likelihood of a sequence of symbols by the forward algorithm, with respect to all probabilities.

    The symbols are fixed, so which emission probability a step reads depends on data.
    """
    numbers = generator()
    seen = numbers.integers(0, symbols, n).tolist()

    def likelihood(transition: Any, emission: Any, start: Any) -> Any:
        alpha = [start[i] * emission[i, seen[0]] for i in range(states)]
        total = 0.0
        for t in range(1, n):
            alpha = [
                sum(alpha[i] * transition[i, j] for i in range(states)) * emission[j, seen[t]] for j in range(states)
            ]
            scale = sum(alpha)
            alpha = [a / scale for a in alpha]
            total = total + gg.log(scale)
        return total

    return Program(
        name="hmm",
        function=likelihood,
        arguments=(
            numbers.random((lanes, states, states)),
            numbers.random((lanes, states, symbols)),
            numbers.random((lanes, states)),
        ),
        argnums=(0, 1, 2),
        in_axes=(0, 0, 0),
        sizes={"n": n, "states": states, "symbols": symbols},
        constants={"seen": seen},
    )


def soft_dtw(n: int = 60, lanes: int = 64) -> Program:
    """Soft dynamic time warping of two series, with respect to the first.

    Source: M. Cuturi and M. Blondel, "Soft-DTW: a differentiable loss function for time-series", ICML 2017.
    """
    gamma, far = 0.1, 1e10

    def soft_minimum(a: Any, b: Any, c: Any) -> Any:
        m = gg.minimum(gg.minimum(a, b), c)
        return m - gamma * gg.log(gg.exp((m - a) / gamma) + gg.exp((m - b) / gamma) + gg.exp((m - c) / gamma))

    def distance(x: Any, y: Any) -> Any:
        R = [[far] * (n + 1) for _ in range(n + 1)]
        R[0][0] = 0.0
        for i in range(1, n + 1):
            for j in range(1, n + 1):
                d = x[i - 1] - y[j - 1]
                R[i][j] = d * d + soft_minimum(R[i - 1][j], R[i][j - 1], R[i - 1][j - 1])
        return R[n][n]

    numbers = generator()
    return Program(
        name="soft_dtw",
        function=distance,
        arguments=(numbers.standard_normal((lanes, n)), numbers.standard_normal((lanes, n))),
        argnums=0,
        in_axes=(0, 0),
        sizes={"n": n},
        constants={"gamma": gamma, "far": far},
    )
