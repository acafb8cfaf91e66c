"""JAX: loops by `lax.scan`, inner loops by arrays, lanes by `vmap`, all compiled by `jit`, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from family import Call
from programs import Program

Maker = Callable[[Program], Callable[..., Any]]
PROGRAMS: dict[str, Maker] = {}


def program(maker: Maker) -> Maker:
    """Decorator: register JAX's form of the program of that name."""
    PROGRAMS[maker.__name__] = maker
    return maker


def contenders(name: str) -> dict[str, Any]:
    return {"JAX": make} if name in PROGRAMS else {}


def make(program: Program, threads: int) -> Call:
    import jax
    import jax.numpy as jnp

    function, axes = PROGRAMS[program.name](program), program.in_axes
    if axes is None:
        gradient = jax.value_and_grad(function, program.argnums)
    elif program.reduce:
        lanes = jax.vmap(function, axes)
        gradient = jax.value_and_grad(lambda *arguments: jnp.sum(lanes(*arguments)), program.argnums)
    else:
        gradient = jax.vmap(jax.value_and_grad(function, program.argnums), axes)
    compiled, arguments = jax.jit(gradient), [arrays(argument) for argument in program.arguments]
    return lambda: jax.block_until_ready(compiled(*arguments))


def arrays(x: Any) -> Any:
    """Move an argument to JAX. Tuples hold several arrays, lists are arrays."""
    import jax.numpy as jnp

    return tuple(map(arrays, x)) if isinstance(x, tuple) else jnp.asarray(np.asarray(x, dtype=np.float64))


@program
def heston(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    n = program.sizes["n"]
    dt, root = 1 / n, (1 / n) ** 0.5

    def path(s: Any, v: Any, r: Any, kappa: Any, theta: Any, xi: Any, rho: Any, rho2: Any, z: Any) -> Any:
        def step(state: Any, z: Any) -> Any:
            s, v, total = state
            positive = jnp.maximum(v, 0.0)
            deviation = jnp.sqrt(positive + 1e-300)
            s = s * jnp.exp((r - 0.5 * positive) * dt + deviation * root * z[0])
            v = v + kappa * (theta - positive) * dt + xi * deviation * root * (rho * z[0] + rho2 * z[1])
            return (s, v, total + s), None

        return jax.lax.scan(step, (s, v, 0.0), z)[0][2] / n

    return path


@program
def libor(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    steps, rates, delta = program.sizes["steps"], program.sizes["rates"], 0.25
    maturities, strikes = np.array(program.constants["maturities"]), np.array(program.constants["strikes"])
    index = np.arange(rates)

    def portfolio(forward: Any, volatility: Any, z: Any) -> Any:
        def step(rate: Any, now: Any) -> Any:
            n, z = now
            scaled = jnp.where(index > n, delta * volatility[jnp.clip(index - n - 1, 0)], 0.0)
            drift = jnp.cumsum(scaled * rate / (1.0 + delta * rate))
            growth = scaled * drift + scaled / delta * (delta**0.5 * z - 0.5 * scaled)
            return rate * jnp.exp(growth), None

        rate = jax.lax.scan(step, forward, (np.arange(steps), z))[0]
        bonds = jnp.cumprod(1.0 / (1.0 + delta * rate[steps:]))
        swaps = jnp.cumsum(delta * bonds)
        gains = bonds[maturities - 1] + strikes * swaps[maturities - 1] - 1.0
        return 100.0 * jnp.sum(jnp.maximum(gains, 0.0)) / jnp.prod(1.0 + delta * rate[:steps])

    return portfolio


@program
def binomial(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    n = program.sizes["n"]

    def put(spot: Any, strike: Any, r: Any, sigma: Any, years: Any) -> Any:
        dt = years / n
        up = jnp.exp(sigma * jnp.sqrt(dt))
        discount, p = jnp.exp(-r * dt), (jnp.exp(r * dt) - 1 / up) / (up - 1 / up)
        prices = spot * up ** (2.0 * np.arange(n + 1) - n)

        def level(state: Any, _: Any) -> Any:  # all levels are as long as the last one
            prices, values = state
            prices = prices * up
            later = discount * (p * values[1:] + (1 - p) * values[:-1])
            return (prices, jnp.append(jnp.maximum(later, strike - prices[:-1]), 0.0)), None

        start = prices, jnp.maximum(strike - prices, 0.0)
        return jax.lax.scan(level, start, length=n)[0][1][0]

    return put


def runge_kutta(field: Any, state: Any, n: int, h: float) -> Any:
    import jax

    def step(state: Any, _: Any) -> Any:
        k1 = field(*state)
        k2 = field(*[x + h / 2 * k for x, k in zip(state, k1)])
        k3 = field(*[x + h / 2 * k for x, k in zip(state, k2)])
        k4 = field(*[x + h * k for x, k in zip(state, k3)])
        return tuple(x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(state, k1, k2, k3, k4)), None

    return jax.lax.scan(step, state, length=n)[0]


@program
def lorenz(program: Program) -> Any:
    def final(x: Any, y: Any, z: Any, sigma: Any, rho: Any, beta: Any) -> Any:
        def field(x: Any, y: Any, z: Any) -> Any:
            return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

        return runge_kutta(field, (x, y, z), program.sizes["n"], program.constants["h"])[0]

    return final


@program
def kepler(program: Program) -> Any:
    import jax.numpy as jnp

    def field(x: Any, y: Any, vx: Any, vy: Any) -> Any:
        square = x * x + y * y
        pull = 1.0 / (square * jnp.sqrt(square))
        return vx, vy, -pull * x, -pull * y

    return lambda *start: runge_kutta(field, start, program.sizes["n"], program.constants["h"])[0]


@program
def nbody(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    h, softening = program.constants["h"], program.constants["softening"]

    def spread(x: Any, v: Any, mass: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            x, v = state
            d = x[None] - x[:, None]
            square = jnp.sum(d * d, axis=2) + softening
            v = v + h * jnp.einsum("j,ij,ijc->ic", mass, 1 / (square * jnp.sqrt(square)), d)
            return (x + h * v, v), None

        return jnp.sum(jax.lax.scan(step, (x, v), length=program.sizes["steps"])[0][0] ** 2)

    return spread


@program
def lstm(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    layers, hidden, n = program.sizes["layers"], program.sizes["hidden"], program.sizes["n"]

    def loss(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
        def step(state: Any, seen: Any) -> Any:
            x, after = seen[0] * extra[0], []
            for layer in range(layers):
                h, c = state[2 * layer], state[2 * layer + 1]
                weight, bias = main[2 * layer].reshape(4, hidden), main[2 * layer + 1].reshape(4, hidden)
                forget, outgate = jax.nn.sigmoid(x * weight[0] + bias[0]), jax.nn.sigmoid(x * weight[2] + bias[2])
                ingate, change = jax.nn.sigmoid(h * weight[1] + bias[1]), jnp.tanh(h * weight[3] + bias[3])
                c = c * forget + ingate * change
                x = outgate * jnp.tanh(c)
                after += [x, c]
            y = x * extra[1] + extra[2]
            shift = jnp.log(jnp.sum(jnp.exp(y)) + 2.0)
            return jnp.stack(after), jnp.sum(seen[1] * (y - shift))

        return -jnp.sum(jax.lax.scan(step, state, (sequence[:-1], sequence[1:]))[1]) / ((n - 1) * hidden)

    return loss


@program
def rnn(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    def loss(weights: Any, x: Any, y: Any) -> Any:
        W, U, b, V = weights
        h = jax.lax.scan(lambda h, x: (jnp.tanh(W @ x + U @ h + b), None), jnp.zeros(len(b)), x)[0]
        return (V @ h - y) ** 2

    return loss


@program
def mlp(program: Program) -> Any:
    import jax.numpy as jnp

    def loss(layers: Any, x: Any, y: Any) -> Any:
        for W, b in layers[:-1]:
            x = jnp.tanh(W @ x + b)
        W, b = layers[-1]
        return ((W @ x + b)[0] - y) ** 2

    return loss


PROGRAMS["mlp_arrays"] = mlp


@program
def kalman(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    def likelihood(q1: Any, q2: Any, r: Any, a: Any, v: Any, y: Any) -> Any:
        def step(state: Any, y: Any) -> Any:
            a, v, p00, p01, p11, total = state
            a, p00, p01, p11 = a + v, p00 + 2 * p01 + p11 + q1, p01 + p11, p11 + q2
            s, e = p00 + r, y - a
            k0, k1 = p00 / s, p01 / s
            total = total - 0.5 * (jnp.log(s) + e * e / s)
            return (a + k0 * e, v + k1 * e, p00 - k0 * p00, p01 - k0 * p01, p11 - k1 * p01, total), None

        return jax.lax.scan(step, (a, v, 1.0, 0.0, 1.0, 0.0), y)[0][-1]

    return likelihood


@program
def garch(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    def likelihood(mu: Any, omega: Any, alpha: Any, beta: Any, returns: Any) -> Any:
        def step(state: Any, value: Any) -> Any:
            variance, total = state
            e = value - mu
            total = total - 0.5 * (jnp.log(variance) + e * e / variance)
            return (omega + alpha * e * e + beta * variance, total), None

        return jax.lax.scan(step, (omega / (1.0 - alpha - beta), 0.0), returns)[0][1]

    return likelihood


@program
def hmm(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    seen = np.array(program.constants["seen"])

    def likelihood(transition: Any, emission: Any, start: Any) -> Any:
        def step(alpha: Any, now: Any) -> Any:
            alpha = (alpha @ transition) * emission[:, now]
            scale = jnp.sum(alpha)
            return alpha / scale, jnp.log(scale)

        return jnp.sum(jax.lax.scan(step, start * emission[:, seen[0]], seen[1:])[1])

    return likelihood


@program
def soft_dtw(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    n, gamma, far = program.sizes["n"], program.constants["gamma"], program.constants["far"]
    i, k = np.arange(1, n + 1), np.arange(2, 2 * n + 1)[:, None]
    inside = (k - i >= 1) & (k - i <= n)

    def distance(x: Any, y: Any) -> Any:
        costs = (x - y[np.clip(k - i - 1, 0, n - 1)]) ** 2  # by diagonals: cell i, k - i

        def diagonal(state: Any, now: Any) -> Any:
            before, last = state  # with row 0
            cost, inside = now
            a, b, c = last[:-1], last[1:], before[:-1]
            m = jnp.minimum(jnp.minimum(a, b), c)
            soft = m - gamma * jnp.log(jnp.exp((m - a) / gamma) + jnp.exp((m - b) / gamma) + jnp.exp((m - c) / gamma))
            return (last, jnp.append(far, jnp.where(inside, cost + soft, far))), None

        start = jnp.full(n + 1, far).at[0].set(0.0), jnp.full(n + 1, far)
        return jax.lax.scan(diagonal, start, (costs, inside))[0][1][n]

    return distance


@program
def heat(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    def energy(k: Any, u: Any) -> Any:
        def step(u: Any, _: Any) -> Any:
            return u.at[1:-1].add(k * (u[:-2] - 2 * u[1:-1] + u[2:])), None

        return jnp.sum(jax.lax.scan(step, u, length=program.sizes["steps"])[0] ** 2)

    return energy


@program
def brusselator(program: Program) -> Any:
    import jax
    import jax.numpy as jnp

    h = program.constants["h"]

    def energy(a: Any, b: Any, diffusion: Any, u: Any, v: Any) -> Any:
        def bend(x: Any) -> Any:
            return diffusion * (x[:-2] - 2 * x[1:-1] + x[2:])

        def step(state: Any, _: Any) -> Any:
            u, v = state
            x, y = u[1:-1], v[1:-1]
            reaction = x * x * y
            u = u.at[1:-1].add(h * (a + reaction - (b + 1) * x + bend(u)))
            return (u, v.at[1:-1].add(h * (b * x - reaction + bend(v)))), None

        u, v = jax.lax.scan(step, (u, v), length=program.sizes["steps"])[0]
        return jnp.sum(u * u) + jnp.sum(v * v)

    return energy


@program
def matmul(program: Program) -> Any:
    import jax.numpy as jnp

    return lambda A, B: jnp.sum((A @ B) ** 2)


@program
def cholesky(program: Program) -> Any:
    import jax.numpy as jnp
    from jax.scipy.linalg import solve_triangular

    def likelihood(A: Any, b: Any) -> Any:
        L = jnp.linalg.cholesky(jnp.tril(A) + jnp.tril(A, -1).T, symmetrize_input=False)
        y = solve_triangular(L, b, lower=True)
        return jnp.sum(y * y) + 2 * jnp.sum(jnp.log(jnp.diag(L)))

    return likelihood


@program
def dot(program: Program) -> Any:
    import jax.numpy as jnp

    return lambda x, y: jnp.dot(x, y)


@program
def log_sum_exp(program: Program) -> Any:
    from jax.scipy.special import logsumexp

    return lambda x: logsumexp(x)


@program
def mixture(program: Program) -> Any:
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp

    d = program.sizes["d"]
    columns, rows = (np.array(some) for some in zip(*((c, r) for c in range(d) for r in range(c + 1, d))))

    def likelihood(alpha: Any, mean: Any, packed: Any, x: Any) -> Any:
        lower = jnp.zeros((len(alpha), d, d)).at[:, rows, columns].set(packed[:, d:])
        gaps = x - mean
        z = jnp.exp(packed[:, :d]) * gaps + jnp.einsum("kij,kj->ki", lower, gaps)
        return logsumexp(alpha + packed[:, :d].sum(1) - 0.5 * (z * z).sum(1)) - logsumexp(alpha)

    return likelihood
