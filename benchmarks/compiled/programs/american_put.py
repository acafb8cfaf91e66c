"""An American put along simulated paths: exercised by an `if`, the first time that the spot is below a boundary."""

from __future__ import annotations

from typing import Any, NamedTuple

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family

DATES = 12
STRIKE, STEP = 100.0, 1.0 / DATES
TERMS = (100.0, 0.25, 0.04)  # spot, volatility, rate
BOUNDARY = STRIKE * (1.0 - 0.2 * np.sqrt(1.0 - np.arange(1, DATES + 1) * STEP))  # ends at the strike


class Market(NamedTuple):
    """Three numbers to differentiate with respect to, and normal shocks, one path per row."""

    spot: float
    vol: float
    rate: float
    shocks: Array


def data(case: Case) -> Market:
    shocks = native.aligned(case.size, DATES)
    shocks[...] = np.random.default_rng(0).normal(size=shocks.shape)
    return Market(*TERMS, shocks)


FAMILY = Family(
    title="American put: early exercise by branches",
    about=f"The mean over simulated paths of a put that is exercised on the first of {DATES} dates at which the spot "
    "is below a given boundary, with its derivatives by spot, volatility and rate, path by path. The function "
    f"returns from inside the loop: {DATES + 1} ways through it, unevenly taken. What has no branches carries all "
    "paths to the end and selects. C and NumPy by hand compare the sum of the shocks, and need an exponential only "
    "at exercise.",
    unit="path",
    axis="paths",
    cases=[Case("price and 3 derivatives", 10**k, 10**k) for k in (3, 4, 5, 6)],
    quick=[Case("price and 3 derivatives", n, n) for n in (1_000, 10_000)],
    data=data,
)


def payoff(np: Any, shocks: Any, spot: Any, vol: Any, rate: Any) -> Any:
    """The program for scalars."""
    drift, spread = (rate - 0.5 * vol * vol) * STEP, vol * STEP**0.5
    for i in range(DATES):
        spot = spot * np.exp(drift + spread * shocks[i])
        if spot < BOUNDARY[i]:
            return np.exp(-rate * STEP * (i + 1)) * (STRIKE - spot)
    return 0.0 * spot


def selecting(np: Any, where: Any, shocks: Any, spot: Any, vol: Any, rate: Any) -> Any:
    """The program without branches, for one path or for rows of paths. `shocks[i]` belongs to date i."""
    drift, spread = (rate - 0.5 * vol * vol) * STEP, vol * STEP**0.5
    result, level = None, spot
    alive = 1.0
    for i in range(DATES):
        level = level * np.exp(drift + spread * shocks[i])
        now = where(level < BOUNDARY[i], alive, 0.0)
        term = now * np.exp(-rate * STEP * (i + 1)) * (STRIKE - level)
        result = term if result is None else result + term
        alive = alive - now
    return result


@FAMILY.contender("C by hand", threads=True)
def c_by_hand(data: Market, threads: int) -> Call:
    out, terms = native.aligned(4), np.array([*data[:3], STRIKE, STEP])
    library = native.library(SOURCES / "american_put.c")
    run = native.bind(library.value, len(data.shocks), DATES, terms, BOUNDARY, data.shocks, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad", "glassgrad", threads=True)
def glassgrad(data: Market, threads: int) -> Call:
    import glassgrad as gg

    def put(spot: Any, vol: Any, rate: Any, shocks: Any) -> Any:
        return payoff(gg, shocks, spot, vol, rate)

    gradient = gg.value_and_grad(put, argnums=(0, 1, 2))
    mean = gg.vmap(gradient, in_axes=(None, None, None, 0), reduce="mean", threads=threads)
    return lambda: mean(*data)


@FAMILY.contender("heyoka", "heyoka", threads=True)
def heyoka(data: Market, threads: int) -> Call:
    import heyoka as hy

    terms, shocks = hy.make_vars("spot", "vol", "rate"), hy.make_vars(*(f"z{i:02}" for i in range(DATES)))
    spot, vol, rate = terms
    drift, spread = (rate - 0.5 * vol * vol) * STEP, vol * STEP**0.5
    value, level, alive = hy.expression(0.0), spot, hy.expression(1.0)
    for i in range(DATES):
        level = level * hy.exp(drift + spread * shocks[i])
        now = hy.select(hy.lt(level, hy.expression(BOUNDARY[i])), alive, hy.expression(0.0))
        value = value + now * hy.exp(-rate * STEP * (i + 1.0)) * (STRIKE - level)
        alive = alive - now
    compiled = hy.cfunc([value, *hy.diff_tensors([value], terms).gradient], [*terms, *shocks])
    n = len(data.shocks)
    inputs = np.vstack([np.repeat(np.array([data[:3]]).T, n, 1), data.shocks.T])
    out = native.aligned(4, n)
    return lambda: compiled(inputs, outputs=out).mean(1)


@FAMILY.contender("JAX", "jax", threads=True)
def jax(data: Market, threads: int) -> Call:
    import jax
    import jax.numpy as jnp

    def mean(spot: Any, vol: Any, rate: Any, shocks: Any) -> Any:
        return jax.vmap(lambda row: selecting(jnp, jnp.where, row, spot, vol, rate))(shocks).mean()

    gradient = jax.jit(jax.value_and_grad(mean, argnums=(0, 1, 2)))
    inputs = [jnp.asarray(part) for part in data]
    return lambda: jax.block_until_ready(gradient(*inputs))


def casadi_function() -> Any:
    import casadi as ca

    terms, shocks = [ca.SX.sym(name) for name in ("spot", "vol", "rate")], ca.SX.sym("z", DATES)
    value = selecting(ca, ca.if_else, shocks, *terms)
    return ca.Function("put", [*terms, shocks], [value, *(ca.gradient(value, term) for term in terms)])


def casadi_call(function: Any, data: Market) -> Call:
    """The sum over the paths is CasADi's `map` with reduced outputs."""
    n = len(data.shocks)
    call = casadi_code.buffered(
        function.map(n, [True, True, True, False], [True] * 4), [np.array([x]) for x in data[:3]] + [data.shocks]
    )
    return lambda: np.concatenate(call()) / n


@FAMILY.contender("CasADi, its VM", "casadi", most=100_000)
def casadi_vm(data: Market, threads: int) -> Call:
    return casadi_call(casadi_function(), data)


@FAMILY.contender("CasADi, its C", "casadi")
def casadi_c(data: Market, threads: int) -> Call:
    return casadi_call(casadi_code.in_c(casadi_function()), data)


@FAMILY.contender("PyTorch", "torch", threads=True)
def torch(data: Market, threads: int) -> Call:
    import torch

    terms = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in data[:3]]
    shocks = torch.from_numpy(np.ascontiguousarray(data.shocks.T))

    def call() -> Any:
        value = selecting(torch, torch.where, shocks, *terms).mean()
        return [value, *torch.autograd.grad(value, terms)]

    return call


@FAMILY.contender("autograd", "autograd")
def autograd(data: Market, threads: int) -> Call:
    import autograd.numpy as np
    from autograd import value_and_grad

    shocks = np.ascontiguousarray(data.shocks.T)
    gradient = value_and_grad(lambda terms: np.mean(selecting(np, np.where, shocks, *terms)))
    return lambda: gradient(tuple(data[:3]))


@FAMILY.contender("XAD", "xad", most=1_000)
def xad(data: Market, threads: int) -> Call:
    import xad.math as math

    rows, sweep = data.shocks.tolist(), xad_code.sweeper()

    def mean(terms: list[Any]) -> Any:
        total = payoff(math, rows[0], *terms)
        for row in rows[1:]:
            total = total + payoff(math, row, *terms)
        return total / len(rows)

    return lambda: list(sweep(mean, data[:3]))


@FAMILY.contender("NumPy by hand", "numpy")
def numpy(data: Market, threads: int) -> Call:
    spot, vol, rate, shocks = data
    dates = np.arange(1, DATES + 1)

    def call() -> Array:
        drift, root = (rate - 0.5 * vol * vol) * STEP, STEP**0.5
        bound = (np.log(BOUNDARY / spot) - drift * dates) / (vol * root)
        sums = np.cumsum(shocks, axis=1)
        below = sums < bound
        date = below.argmax(1)
        paths = np.flatnonzero(below[np.arange(len(date)), date])
        date, total = date[paths], sums[paths, date[paths]]
        time = STEP * (date + 1)
        discount, at = np.exp(-rate * time), spot * np.exp(drift * (date + 1) + vol * root * total)
        parts = [STRIKE - at, -at / spot, at * (vol * time - root * total), -time * STRIKE]
        return np.array([(discount * part).sum() for part in parts]) / len(shocks)

    return call
