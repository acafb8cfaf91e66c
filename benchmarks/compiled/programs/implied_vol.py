"""Implied volatility: Newton's iteration in a `while` loop that runs as long as each option needs."""

from __future__ import annotations

from functools import partial
from typing import Any

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family

from programs.black_scholes import ROOT_HALF, by_hand

TOLERANCE = 1e-10
STEPS = 8  # as many as any option needs, for those that cannot loop until it is done
DENSITY = (2 * np.pi) ** -0.5


def data(case: Case) -> list[Array]:
    """Five rows: the option's price, spot, strike, rate, years."""
    draw = np.random.default_rng(0).uniform
    rows = native.aligned(5, case.size)
    for row, (low, high) in zip(rows[1:], [(90, 110), (90, 110), (0.0, 0.06), (0.5, 2.0)], strict=True):
        row[:] = draw(low, high, case.size)
    rows[0] = by_hand(*rows[1:4], draw(0.15, 0.6, case.size), rows[4])[0]
    return list(rows)


FAMILY = Family(
    title="Implied volatility: Newton with a data-dependent while",
    about="The volatility at which a call has its price, to 1e-10, and the derivative of that by the price, through "
    f"the loop: one to seven steps, as each option needs. heyoka and CasADi have no such loop and take {STEPS} steps, "
    "standing still once done; PyTorch, autograd and NumPy step until all are done, NumPy only those that are not; "
    "JAX by `while_loop` and forward mode, as it has no reverse through that.",
    unit="option",
    axis="options",
    cases=[Case("Newton", 10**k, 10**k) for k in (2, 3, 4, 5, 6)],
    quick=[Case("Newton", n, n) for n in (1_000, 10_000)],
    data=data,
)


def begin(np: Any, spot: Any, strike: Any, rate: Any, time: Any) -> Any:
    """Return the start: near the inflection point, from where Newton's steps cannot overshoot."""
    m = (np.log(spot / strike) + rate * time) / time
    return np.sqrt(np.sqrt(4.0 * m * m + 1e-4))


def miss(np: Any, erf: Any, vol: Any, price: Any, spot: Any, strike: Any, rate: Any, time: Any) -> tuple[Any, Any]:
    """Return the error of the price at `vol`, and the vega."""
    root = np.sqrt(time)
    spread = vol * root
    d1 = (np.log(spot / strike) + rate * time) / spread + 0.5 * spread
    worth = spot * (0.5 + 0.5 * erf(d1 * ROOT_HALF))
    paid = strike * np.exp(-rate * time) * (0.5 + 0.5 * erf((d1 - spread) * ROOT_HALF))
    return worth - paid - price, spot * DENSITY * np.exp(-0.5 * d1 * d1) * root


def implied(np: Any, price: Any, spot: Any, strike: Any, rate: Any, time: Any) -> Any:
    """The program for scalars."""
    vol = begin(np, spot, strike, rate, time)
    error, vega = miss(np, np.erf, vol, price, spot, strike, rate, time)
    while abs(error) > TOLERANCE:
        vol = vol - error / vega
        error, vega = miss(np, np.erf, vol, price, spot, strike, rate, time)
    return vol


def unrolled(np: Any, step: Any, *quote: Any) -> Any:
    """The program with a fixed number of steps. `step(error, vega)` is 0 once the error is small."""
    vol = begin(np, *quote[1:])
    for _ in range(STEPS):
        vol = vol - step(*miss(np, np.erf, vol, *quote))
    return vol


@FAMILY.contender("C by hand, blocks", threads=True)
def c_blocks(data: list[Array], threads: int) -> Call:
    out = native.aligned(2, len(data[0]))
    run = native.bind(native.library(SOURCES / "implied_vol.c").blocks, len(data[0]), *data, out)
    return lambda: run() or out


@FAMILY.contender("C by hand, plain", threads=True)
def c_plain(data: list[Array], threads: int) -> Call:
    out = native.aligned(2, len(data[0]))
    run = native.bind(native.library(SOURCES / "implied_vol.c").plain, len(data[0]), *data, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad", "glassgrad", threads=True)
def glassgrad(data: list[Array], threads: int) -> Call:
    import glassgrad as gg

    both = gg.vmap(gg.value_and_grad(lambda *quote: implied(gg, *quote)), threads=threads)
    out = both(*data)
    return lambda: both(*data, out=out)


@FAMILY.contender("heyoka", "heyoka", threads=True)
def heyoka(data: list[Array], threads: int) -> Call:
    import heyoka as hy

    def step(error: Any, vega: Any) -> Any:
        return hy.select(hy.gt(error * error, TOLERANCE**2), error / vega, 0.0 * error)

    quote = hy.make_vars("price", "spot", "strike", "rate", "time")
    vol = unrolled(hy, step, *quote)
    by_price = hy.diff_tensors([vol], [quote[0]]).gradient
    compiled = hy.cfunc([vol, *by_price], quote)
    inputs, out = np.array(data), native.aligned(2, len(data[0]))
    return lambda: compiled(inputs, outputs=out)


@FAMILY.contender("JAX", "jax", threads=True)
def jax(data: list[Array], threads: int) -> Call:
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import erf

    def implied(price: Any, *rest: Any) -> Any:
        vol = begin(jnp, *rest)

        def step(state: Any) -> Any:
            vol, error, vega = state
            vol = vol - error / vega
            return vol, *miss(jnp, erf, vol, price, *rest)

        state = vol, *miss(jnp, erf, vol, price, *rest)
        return jax.lax.while_loop(lambda state: jnp.abs(state[1]) > TOLERANCE, step, state)[0]

    def both(price: Any, *rest: Any) -> Any:
        return jax.jvp(lambda price: implied(price, *rest), (price,), (jnp.ones_like(price),))

    compiled, inputs = jax.jit(jax.vmap(both)), [jnp.asarray(row) for row in data]
    return lambda: jax.block_until_ready(compiled(*inputs))


def casadi_function() -> Any:
    import casadi as ca

    def step(error: Any, vega: Any) -> Any:
        return ca.if_else(ca.fabs(error) > TOLERANCE, error / vega, 0.0)

    quote = [ca.SX.sym(name) for name in ("price", "spot", "strike", "rate", "time")]
    vol = unrolled(ca, step, *quote)
    return ca.Function("implied", quote, [vol, ca.gradient(vol, quote[0])])


@FAMILY.contender("CasADi, its VM", "casadi", threads=True, most=10_000)
def casadi_vm(data: list[Array], threads: int) -> Call:
    return casadi_code.buffered(casadi_code.mapped(casadi_function(), len(data[0]), threads), data)


@FAMILY.contender("CasADi, its C", "casadi", threads=True)
def casadi_c(data: list[Array], threads: int) -> Call:
    return casadi_code.buffered(casadi_code.mapped_c(casadi_function(), len(data[0]), threads), data)


@FAMILY.contender("PyTorch", "torch", threads=True)
def torch(data: list[Array], threads: int) -> Call:
    import torch

    price, *rest = (torch.from_numpy(row) for row in data)
    price.requires_grad_()
    ones = torch.ones_like(price)

    def call() -> Any:
        vol = begin(torch, *rest)
        while True:
            error, vega = miss(torch, torch.erf, vol, price, *rest)
            go = error.abs() > TOLERANCE
            if not go.any():
                return vol, torch.autograd.grad(vol, price, ones)[0]
            vol = torch.where(go, vol - error / vega, vol)

    return call


@FAMILY.contender("autograd", "autograd")
def autograd(data: list[Array], threads: int) -> Call:
    import autograd.numpy as np
    from autograd import make_vjp
    from autograd.scipy.special import erf
    from autograd.tracer import getval

    price, *rest = data

    def implied(price: Any) -> Any:
        vol = begin(np, *rest)
        while True:
            error, vega = miss(np, erf, vol, price, *rest)
            go = np.abs(getval(error)) > TOLERANCE
            if not go.any():
                return vol
            vol = np.where(go, vol - error / vega, vol)

    def call() -> Any:
        pullback, vol = make_vjp(implied)(price)
        return vol, pullback(np.ones_like(price))

    return call


@FAMILY.contender("XAD", "xad", most=100)
def xad(data: list[Array], threads: int) -> Call:
    import xad.math as math

    rows, out, sweep = np.transpose(data).tolist(), np.empty((2, len(data[0]))), xad_code.sweeper()

    def by_price(price: list[Any], rest: list[float]) -> Any:
        return implied(math, *price, *rest)

    def call() -> Array:
        for i, (price, *rest) in enumerate(rows):
            (out[0, i],), ((out[1, i],),) = sweep(partial(by_price, rest=rest), [price])
        return out

    return call


@FAMILY.contender("NumPy by hand", "scipy")
def numpy(data: list[Array], threads: int) -> Call:
    from scipy.special import ndtr

    def call() -> Array:
        price, spot, strike, rate, time = data
        root, forward = np.sqrt(time), np.log(spot / strike) + rate * time
        discounted = strike * np.exp(-rate * time)
        vol, slope, going = begin(np, spot, strike, rate, time), np.zeros_like(price), np.arange(len(price))
        while True:
            v, r, s = vol[going], root[going], spot[going]
            spread = v * r
            d1 = forward[going] / spread + 0.5 * spread
            d2 = d1 - spread
            error = s * ndtr(d1) - discounted[going] * ndtr(d2) - price[going]
            vega = s * DENSITY * np.exp(-0.5 * d1 * d1) * r
            left = np.abs(error) > TOLERANCE
            if not left.any():
                return np.stack([vol, slope])
            going, error, vega, bend = going[left], error[left], vega[left], (d1 * d2 / v)[left]
            slope[going] = 1.0 / vega + error * bend * slope[going] / vega
            vol[going] -= error / vega

    return call
