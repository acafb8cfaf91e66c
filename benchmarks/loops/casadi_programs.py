"""CasADi: a loop's step is a function of SX, `mapaccum` repeats it, `map` runs over lanes; in its VM and in its C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import casadi_code
import numpy as np
from family import Array, Call, Read
from programs import Program

Maker = Callable[..., Any]  # from a program and the leaves of its arguments, as columns of MX, to the value
PROGRAMS: dict[str, Maker] = {}


def program(maker: Maker) -> Maker:
    """Decorator: register CasADi's form of the program of that name."""
    PROGRAMS[maker.__name__] = maker
    return maker


def contenders(name: str) -> dict[str, Any]:
    if name not in PROGRAMS:
        return {}
    return {
        "CasADi, its VM": lambda program, threads: make(program, lambda function: function),
        "CasADi, its C": lambda program, threads: make(program, casadi_code.in_c),
    }


def leaves(x: Any) -> list[Array]:
    if isinstance(x, tuple):
        return [leaf for part in x for leaf in leaves(part)]
    return [np.asarray(x, dtype=np.float64)]


def make(program: Program, finished: Callable[[Any], Any]) -> tuple[Call, Read]:
    """Return a call of the gradient over all lanes. Differentiated leaves are one column, all others another."""
    import casadi as ca

    argnums = (program.argnums,) if isinstance(program.argnums, int) else program.argnums
    axes = program.in_axes or (None,) * len(program.arguments)
    parts: dict[bool, list[tuple[int, Array, bool]]] = {True: [], False: []}  # by whether differentiated
    for k, (argument, axis) in enumerate(zip(program.arguments, axes, strict=True)):
        for leaf in leaves(argument):
            parts[k in argnums].append((k, leaf, axis == 0))
    names, columns, shared = [], {}, []
    for kind in (True, False):
        sizes = [prod(leaf.shape[lane:]) for _, leaf, lane in parts[kind]]
        name = ca.MX.sym("differentiated" if kind else "given", sum(sizes))
        names.append(name)
        split = ca.vertsplit(name, [0, *np.cumsum(sizes).tolist()]) if sizes else []
        for (k, _, _), column in zip(parts[kind], split, strict=True):
            columns.setdefault(k, []).append(column)
        shared.append(not any(lane for _, _, lane in parts[kind]))
    value = PROGRAMS[program.name](program, *(column for k in sorted(columns) for column in columns[k]))
    function = ca.Function("gradient", names, [value, ca.gradient(value, names[0])])
    if program.in_axes is not None:
        reduced = [program.reduce is not None] * 2
        function = function.map(program.lanes, shared, reduced)
    inputs = [stacked(parts[kind], 1 if alike else program.lanes) for kind, alike in zip((True, False), shared)]
    widths = [prod(leaf.shape[lane:]) for _, leaf, lane in parts[True]]

    def read(out: list[Array]) -> list[Array]:
        gradients = out[1].reshape(-1, sum(widths))
        return [out[0], *np.split(gradients, np.cumsum(widths)[:-1], axis=1)]

    return casadi_code.buffered(finished(function), inputs), read


def stacked(parts: Sequence[tuple[int, Array, bool]], lanes: int) -> Array:
    """Return one row of numbers for each lane."""
    rows = [leaf.reshape(lanes, -1) if lane else np.tile(leaf.ravel(), (lanes, 1)) for _, leaf, lane in parts]
    return np.hstack(rows) if rows else np.zeros((1, 0))


def matrix(column: Any, rows: int) -> Any:
    """A matrix of so many rows, from its numbers row by row."""
    import casadi as ca

    return ca.reshape(column, column.numel() // rows, rows).T


def repeated(n: int, state: Any, step: Callable[..., Any], parameters: Any, *each: Any) -> Any:
    """Return the states of `n` steps as columns, with an argument of a column of `each` for every step."""
    import casadi as ca

    symbols = [ca.SX.sym(f"s{k}", x.shape[0]) for k, x in enumerate((state, parameters, *each))]
    function = ca.Function("step", symbols, [step(*symbols)]).mapaccum(n)
    return function(state, ca.repmat(parameters, 1, n), *each)


@program
def heston(program: Program, *arguments: Any) -> Any:
    import casadi as ca

    *parameters, z = arguments
    n = program.sizes["n"]
    dt, root = 1 / n, (1 / n) ** 0.5

    def step(state: Any, parameters: Any, z: Any) -> Any:
        s, v, total = ca.vertsplit(state)
        r, kappa, theta, xi, rho, rho2 = ca.vertsplit(parameters)
        positive = ca.fmax(v, 0.0)
        deviation = ca.sqrt(positive + 1e-300)
        s = s * ca.exp((r - 0.5 * positive) * dt + deviation * root * z[0])
        v = v + kappa * (theta - positive) * dt + xi * deviation * root * (rho * z[0] + rho2 * z[1])
        return ca.vertcat(s, v, total + s)

    start = ca.vertcat(parameters[0], parameters[1], 0.0)
    return repeated(n, start, step, ca.vertcat(*parameters[2:]), ca.reshape(z, 2, n))[2, -1] / n


@program
def libor(program: Program, forward: Any, volatility: Any, z: Any) -> Any:
    import casadi as ca

    steps, rates, delta = program.sizes["steps"], program.sizes["rates"], 0.25

    def step(state: Any, parameters: Any, z: Any) -> Any:  # the volatilities move up by one rate each step
        rate, sigma = ca.vertsplit(state, rates)
        scaled = delta * sigma
        drift = ca.cumsum(scaled * rate / (1.0 + delta * rate))
        rate = rate * ca.exp(scaled * drift + sigma * (delta**0.5 * z - 0.5 * scaled))
        return ca.vertcat(rate, 0.0, sigma[:-1])

    start = ca.vertcat(forward, 0.0, volatility[:-1])
    rate = repeated(steps, start, step, ca.MX(0, 1), z.T)[:rates, -1]
    bond, annuity, bonds, swaps, value = 1.0, 0.0, [], [], 0.0
    for i in range(steps, rates):
        bond = bond / (1.0 + delta * rate[i])
        annuity = annuity + delta * bond
        bonds.append(bond)
        swaps.append(annuity)
    for m, strike in zip(program.constants["maturities"], program.constants["strikes"]):
        value = value + 100.0 * ca.fmax(bonds[m - 1] + strike * swaps[m - 1] - 1.0, 0.0)
    for i in range(steps):
        value = value / (1.0 + delta * rate[i])
    return value


def runge_kutta(field: Callable[..., Any], h: float) -> Callable[..., Any]:
    def step(x: Any, parameters: Any) -> Any:
        k1 = field(x, parameters)
        k2 = field(x + h / 2 * k1, parameters)
        k3 = field(x + h / 2 * k2, parameters)
        k4 = field(x + h * k3, parameters)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    return step


@program
def lorenz(program: Program, *arguments: Any) -> Any:
    import casadi as ca

    def field(state: Any, parameters: Any) -> Any:
        x, y, z = ca.vertsplit(state)
        sigma, rho, beta = ca.vertsplit(parameters)
        return ca.vertcat(sigma * (y - x), x * (rho - z) - y, x * y - beta * z)

    step = runge_kutta(field, program.constants["h"])
    return repeated(program.sizes["n"], ca.vertcat(*arguments[:3]), step, ca.vertcat(*arguments[3:]))[0, -1]


@program
def kepler(program: Program, *arguments: Any) -> Any:
    import casadi as ca

    def field(state: Any, parameters: Any) -> Any:
        x, y, vx, vy = ca.vertsplit(state)
        square = x * x + y * y
        pull = 1.0 / (square * ca.sqrt(square))
        return ca.vertcat(vx, vy, -pull * x, -pull * y)

    step = runge_kutta(field, program.constants["h"])
    return repeated(program.sizes["n"], ca.vertcat(*arguments), step, ca.MX(0, 1))[0, -1]


@program
def lstm(program: Program, main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    import casadi as ca

    layers, hidden, n = program.sizes["layers"], program.sizes["hidden"], program.sizes["n"]

    def sigmoid(x: Any) -> Any:
        return 1.0 / (1.0 + ca.exp(-x))

    def step(state: Any, parameters: Any, before: Any, now: Any) -> Any:
        *states, total = ca.vertsplit(state, [*range(0, 2 * layers * hidden + 1, hidden), 2 * layers * hidden + 1])
        weights = ca.vertsplit(parameters, hidden)
        first, second, third = weights[-3:]
        x, after = before * first, []
        for layer in range(layers):
            h, c = states[2 * layer], states[2 * layer + 1]
            w, b = weights[8 * layer : 8 * layer + 4], weights[8 * layer + 4 : 8 * layer + 8]
            forget, outgate = sigmoid(x * w[0] + b[0]), sigmoid(x * w[2] + b[2])
            ingate, change = sigmoid(h * w[1] + b[1]), ca.tanh(h * w[3] + b[3])
            c = c * forget + ingate * change
            x = outgate * ca.tanh(c)
            after += [x, c]
        y = x * second + third
        total = total + ca.dot(now, y) - ca.sum1(now) * ca.log(ca.sum1(ca.exp(y)) + 2.0)
        return ca.vertcat(*after, total)

    sequence = ca.reshape(sequence, hidden, n)
    states = repeated(n - 1, ca.vertcat(state, 0.0), step, ca.vertcat(main, extra), sequence[:, :-1], sequence[:, 1:])
    return -states[-1, -1] / ((n - 1) * hidden)


@program
def rnn(program: Program, W: Any, U: Any, b: Any, V: Any, x: Any, y: Any) -> Any:
    import casadi as ca

    n, hidden, inputs = program.sizes["n"], program.sizes["hidden"], program.sizes["inputs"]

    def step(h: Any, weights: Any, x: Any) -> Any:
        W, U, b = ca.vertsplit(
            weights, [0, hidden * inputs, hidden * (inputs + hidden), hidden * (inputs + hidden + 1)]
        )
        return ca.tanh(matrix(W, hidden) @ x + matrix(U, hidden) @ h + b)

    states = repeated(n, ca.MX.zeros(hidden), step, ca.vertcat(W, U, b), ca.reshape(x, inputs, n))
    return (ca.dot(V, states[:, -1]) - y) ** 2


@program
def mlp(program: Program, *arguments: Any) -> Any:
    import casadi as ca

    W1, b1, W2, b2, W3, b3, x, y = arguments
    hidden = program.sizes["hidden"]
    a = ca.tanh(matrix(W1, hidden) @ x + b1)
    a = ca.tanh(matrix(W2, hidden) @ a + b2)
    return (ca.dot(W3, a) + b3 - y) ** 2


PROGRAMS["mlp_arrays"] = mlp


@program
def kalman(program: Program, q1: Any, q2: Any, r: Any, a: Any, v: Any, y: Any) -> Any:
    import casadi as ca

    def step(state: Any, parameters: Any, y: Any) -> Any:
        a, v, p00, p01, p11, total = ca.vertsplit(state)
        q1, q2, r = ca.vertsplit(parameters)
        a, p00, p01, p11 = a + v, p00 + 2 * p01 + p11 + q1, p01 + p11, p11 + q2
        s, e = p00 + r, y - a
        k0, k1 = p00 / s, p01 / s
        total = total - 0.5 * (ca.log(s) + e * e / s)
        return ca.vertcat(a + k0 * e, v + k1 * e, p00 - k0 * p00, p01 - k0 * p01, p11 - k1 * p01, total)

    return repeated(program.sizes["n"], ca.vertcat(a, v, 1.0, 0.0, 1.0, 0.0), step, ca.vertcat(q1, q2, r), y.T)[5, -1]


@program
def garch(program: Program, mu: Any, omega: Any, alpha: Any, beta: Any, returns: Any) -> Any:
    import casadi as ca

    def step(state: Any, parameters: Any, value: Any) -> Any:
        variance, total = ca.vertsplit(state)
        mu, omega, alpha, beta = ca.vertsplit(parameters)
        e = value - mu
        total = total - 0.5 * (ca.log(variance) + e * e / variance)
        return ca.vertcat(omega + alpha * e * e + beta * variance, total)

    start = ca.vertcat(omega / (1.0 - alpha - beta), 0.0)
    return repeated(program.sizes["n"], start, step, ca.vertcat(mu, omega, alpha, beta), returns.T)[1, -1]


@program
def hmm(program: Program, transition: Any, emission: Any, start: Any) -> Any:
    import casadi as ca

    m, seen = program.sizes["states"], program.constants["seen"]
    by_symbol = matrix(emission, m)

    def step(state: Any, transition: Any, emission: Any) -> Any:
        alpha = (matrix(transition, m).T @ state[:m]) * emission
        scale = ca.sum1(alpha)
        return ca.vertcat(alpha / scale, state[m] + ca.log(scale))

    first = ca.vertcat(start * by_symbol[:, seen[0]], 0.0)
    return repeated(len(seen) - 1, first, step, transition, by_symbol[:, seen[1:]])[m, -1]


@program
def soft_dtw(program: Program, x: Any, y: Any) -> Any:
    import casadi as ca

    n, gamma, far = program.sizes["n"], program.constants["gamma"], program.constants["far"]

    def row(above: Any, y: Any, x: Any) -> Any:  # above[0] is the border, which is 0 over the first row alone
        cells = [far]
        for j in range(n):
            a, b, c = above[j + 1], cells[j], above[j]
            m = ca.fmin(ca.fmin(a, b), c)
            soft = m - gamma * ca.log(ca.exp((m - a) / gamma) + ca.exp((m - b) / gamma) + ca.exp((m - c) / gamma))
            cells.append((x - y[j]) ** 2 + soft)
        return ca.vertcat(*cells)

    return repeated(n, ca.MX(ca.DM([0.0] + [far] * n)), row, y, x.T)[n, -1]


@program
def heat(program: Program, k: Any, u: Any) -> Any:
    import casadi as ca

    def step(u: Any, k: Any) -> Any:
        return ca.vertcat(u[0], u[1:-1] + k * (u[:-2] - 2 * u[1:-1] + u[2:]), u[-1])

    return ca.sumsqr(repeated(program.sizes["steps"], u, step, k)[:, -1])


@program
def brusselator(program: Program, a: Any, b: Any, diffusion: Any, u: Any, v: Any) -> Any:
    import casadi as ca

    n, h = program.sizes["n"], program.constants["h"]

    def step(state: Any, parameters: Any) -> Any:
        u, v = ca.vertsplit(state, n)
        a, b, diffusion = ca.vertsplit(parameters)
        x, y = u[1:-1], v[1:-1]
        reaction = x * x * y
        x = x + h * (a + reaction - (b + 1) * x + diffusion * (u[:-2] - 2 * x + u[2:]))
        y = y + h * (b * u[1:-1] - reaction + diffusion * (v[:-2] - 2 * y + v[2:]))
        return ca.vertcat(u[0], x, u[-1], v[0], y, v[-1])

    states = repeated(program.sizes["steps"], ca.vertcat(u, v), step, ca.vertcat(a, b, diffusion))
    return ca.sumsqr(states[:, -1])


@program
def binomial(program: Program, spot: Any, strike: Any, r: Any, sigma: Any, years: Any) -> Any:
    import casadi as ca

    n = program.sizes["n"]
    dt = years / n
    up = ca.exp(sigma * ca.sqrt(dt))
    discount, p = ca.exp(-r * dt), (ca.exp(r * dt) - 1 / up) / (up - 1 / up)
    prices = spot * up ** ca.DM(2.0 * np.arange(n + 1) - n)

    def level(state: Any, parameters: Any) -> Any:  # all levels are as long as the last one
        prices, values = ca.vertsplit(state, n + 1)
        up, rise, fall, strike = ca.vertsplit(parameters)
        prices = prices * up
        later = rise * values[1:] + fall * values[:-1]
        return ca.vertcat(prices, ca.fmax(later, strike - prices[:-1]), 0.0)

    start = ca.vertcat(prices, ca.fmax(strike - prices, 0.0))
    parameters = ca.vertcat(up, discount * p, discount * (1 - p), strike)
    return repeated(n, start, level, parameters)[n + 1, -1]


@program
def nbody(program: Program, positions: Any, velocities: Any, masses: Any) -> Any:
    import casadi as ca

    n, h, softening = program.sizes["n"], program.constants["h"], program.constants["softening"]

    def step(state: Any, masses: Any) -> Any:
        x, v = (ca.vertsplit(half, 3) for half in ca.vertsplit(state, 3 * n))
        pull = [ca.SX.zeros(3) for _ in range(n)]
        for i in range(n):
            for j in range(i):
                d = x[j] - x[i]
                square = ca.sumsqr(d) + softening
                w = 1 / (square * ca.sqrt(square))
                pull[i] += masses[j] * w * d
                pull[j] -= masses[i] * w * d
        v = [v[i] + h * pull[i] for i in range(n)]
        return ca.vertcat(*(x[i] + h * v[i] for i in range(n)), *v)

    states = repeated(program.sizes["steps"], ca.vertcat(positions, velocities), step, masses)
    return ca.sumsqr(states[: 3 * n, -1])


@program
def matmul(program: Program, A: Any, B: Any) -> Any:
    import casadi as ca

    n = program.sizes["n"]
    return ca.sumsqr(matrix(A, n) @ matrix(B, n))


@program
def cholesky(program: Program, A: Any, b: Any) -> Any:
    """All of it is SX: without loops, as 20 x 20 allows."""
    import casadi as ca

    n = program.sizes["n"]
    numbers, right = ca.SX.sym("A", n * n), ca.SX.sym("b", n)
    L: list[list[Any]] = [[None] * n for _ in range(n)]
    y: list[Any] = []
    for i in range(n):
        for j in range(i + 1):
            s = numbers[i * n + j]
            for k in range(j):
                s = s - L[i][k] * L[j][k]
            L[i][j] = ca.sqrt(s) if i == j else s / L[j][j]
        s = right[i]
        for k in range(i):
            s = s - L[i][k] * y[k]
        y.append(s / L[i][i])
    value = sum(v * v for v in y) + 2 * sum(ca.log(L[i][i]) for i in range(n))
    return ca.Function("likelihood", [numbers, right], [value])(A, b)


@program
def mixture(program: Program, alpha: Any, mean: Any, packed: Any, x: Any) -> Any:
    import casadi as ca

    d, k = program.sizes["d"], program.sizes["k"]
    size = d * (d + 1) // 2
    number, middle, triangle, point = (ca.SX.sym(name, n) for name, n in (("a", 1), ("m", d), ("p", size), ("x", d)))
    gaps = point - middle
    z = [ca.exp(triangle[i]) * gaps[i] for i in range(d)]
    at = d
    for column in range(d):
        for row in range(column + 1, d):
            z[row] = z[row] + triangle[at] * gaps[column]
            at += 1
    exponent = number + ca.sum1(triangle[:d]) - 0.5 * ca.sumsqr(ca.vertcat(*z))
    component = ca.Function("component", [number, middle, triangle, point], [exponent]).map(k)
    exponents = component(alpha.T, ca.reshape(mean, d, k), ca.reshape(packed, size, k), ca.repmat(x, 1, k))
    return ca.logsumexp(exponents.T) - ca.logsumexp(alpha)


@program
def dot(program: Program, x: Any, y: Any) -> Any:
    import casadi as ca

    return ca.dot(x, y)


@program
def log_sum_exp(program: Program, x: Any) -> Any:
    import casadi as ca

    return ca.logsumexp(x)
