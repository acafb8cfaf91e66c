"""Black–Scholes: the price of a call and its derivatives with respect to all five inputs, over a batch."""

from __future__ import annotations

from typing import Any

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family

ARGUMENTS = (0, 1, 2, 3, 4)
ROOT_HALF = 0.5**0.5


def data(case: Case) -> list[Array]:
    """Five rows: spot, strike, rate, volatility, years."""
    draw = np.random.default_rng(0).uniform
    bounds = [(50, 150), (50, 150), (0.0, 0.06), (0.1, 0.5), (0.1, 2.0)]
    rows = native.aligned(5, case.size)
    for row, (low, high) in zip(rows, bounds, strict=True):
        row[:] = draw(low, high, case.size)
    return list(rows)


FAMILY = Family(
    title="Black–Scholes: price and 5 Greeks",
    about="The value of a European call and its gradient by spot, strike, rate, volatility and time. The C by hand "
    "is the closed form of all six, over glibc's libmvec and over polynomials of its own; NumPy by hand is the "
    "closed form too.",
    unit="option",
    axis="options",
    cases=[Case("price and Greeks", 10**k, 10**k) for k in (2, 3, 4, 5, 6)],
    quick=[Case("price and Greeks", n, n) for n in (1_000, 100_000)],
    data=data,
)


def call_price(np: Any, erf: Any = None) -> Any:
    """The price as a function of five numbers, in a library's own functions. `erf` is faster than `erfc`."""
    erf = erf or np.erf

    def cdf(x: Any) -> Any:
        return 0.5 + 0.5 * erf(x * ROOT_HALF)

    def price(spot: Any, strike: Any, rate: Any, vol: Any, time: Any) -> Any:
        spread = vol * np.sqrt(time)
        d1 = (np.log(spot / strike) + rate * time) / spread + 0.5 * spread
        return spot * cdf(d1) - strike * np.exp(-rate * time) * cdf(d1 - spread)

    return price


@FAMILY.contender("C by hand, polynomials", threads=True)
def c_polynomials(data: list[Array], threads: int) -> Call:
    out = native.aligned(6, len(data[0]))
    run = native.bind(native.library(SOURCES / "black_scholes.c").with_polynomials, len(data[0]), *data, out)
    return lambda: run() or out


@FAMILY.contender("C by hand, libmvec", threads=True)
def c_libmvec(data: list[Array], threads: int) -> Call:
    out = native.aligned(6, len(data[0]))
    run = native.bind(native.library(SOURCES / "black_scholes.c").with_libmvec, len(data[0]), *data, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad", "glassgrad", threads=True)
def glassgrad(data: list[Array], threads: int) -> Call:
    import glassgrad as gg

    greeks = gg.vmap(gg.value_and_grad(call_price(gg), argnums=ARGUMENTS), threads=threads)
    out = greeks(*data)
    return lambda: greeks(*data, out=out)


@FAMILY.contender("glassgrad, new arrays", "glassgrad", threads=True)
def glassgrad_new(data: list[Array], threads: int) -> Call:
    import glassgrad as gg

    greeks = gg.vmap(gg.value_and_grad(call_price(gg), argnums=ARGUMENTS), threads=threads)
    return lambda: greeks(*data)


@FAMILY.contender("glassgrad, value alone", "glassgrad", threads=True)
def glassgrad_value(data: list[Array], threads: int) -> Any:
    import glassgrad as gg

    price = gg.vmap(call_price(gg), threads=threads)
    out = price(*data)
    return (lambda: price(*data, out=out)), lambda value: by_hand(*data, value)


def by_hand(*arguments: Array) -> list[Array]:
    """The closed form of price and Greeks. A sixth argument replaces the price, for comparison."""
    from scipy.special import ndtr

    spot, strike, rate, vol, time, *value = arguments
    root = np.sqrt(time)
    spread = vol * root
    d1 = (np.log(spot / strike) + rate * time) / spread + 0.5 * spread
    n1 = ndtr(d1)
    discount = np.exp(-rate * time) * ndtr(d1 - spread)
    paid = strike * discount
    density = spot * np.exp(-0.5 * d1 * d1) * (2 * np.pi) ** -0.5
    price = value[0] if value else spot * n1 - paid
    return [price, n1, -discount, time * paid, density * root, 0.5 * density * vol / root + rate * paid]


@FAMILY.contender("heyoka", "heyoka", threads=True)
def heyoka(data: list[Array], threads: int) -> Call:
    import heyoka as hy

    names = hy.make_vars("spot", "strike", "rate", "vol", "time")
    price = call_price(hy)(*names)
    greeks = hy.diff_tensors([price], names).gradient
    compiled = hy.cfunc([price, *greeks], names, batch_size=4 * hy.recommended_simd_size())
    inputs, out = np.array(data), native.aligned(6, len(data[0]))
    return lambda: compiled(inputs, outputs=out)


@FAMILY.contender("JAX", "jax", threads=True)
def jax(data: list[Array], threads: int) -> Call:
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import erf

    greeks = jax.jit(jax.vmap(jax.value_and_grad(call_price(jnp, erf), argnums=ARGUMENTS)))
    inputs = [jnp.asarray(row) for row in data]
    return lambda: jax.block_until_ready(greeks(*inputs))


def casadi_function() -> Any:
    import casadi as ca

    names = [ca.SX.sym(name) for name in ("spot", "strike", "rate", "vol", "time")]
    price = call_price(ca)(*names)
    return ca.Function("greeks", names, [price, *(ca.gradient(price, name) for name in names)])


@FAMILY.contender("CasADi, its VM", "casadi", threads=True, most=100_000)
def casadi_vm(data: list[Array], threads: int) -> Call:
    return casadi_code.buffered(casadi_code.mapped(casadi_function(), len(data[0]), threads), data)


@FAMILY.contender("CasADi, its C", "casadi", threads=True)
def casadi_c(data: list[Array], threads: int) -> Call:
    return casadi_code.buffered(casadi_code.mapped_c(casadi_function(), len(data[0]), threads), data)


@FAMILY.contender("PyTorch", "torch", threads=True)
def torch(data: list[Array], threads: int) -> Call:
    import torch

    inputs = [torch.from_numpy(row).requires_grad_() for row in data]
    price = call_price(torch)
    ones = torch.ones(len(data[0]), dtype=torch.float64)

    def call() -> Any:
        value = price(*inputs)
        return [value, *torch.autograd.grad(value, inputs, ones)]

    return call


@FAMILY.contender("PyTorch, torch.compile", "torch", threads=True)
def torch_compiled(data: list[Array], threads: int) -> Call:
    import torch

    inputs = [torch.from_numpy(row).requires_grad_() for row in data]
    price = torch.compile(call_price(torch))
    ones = torch.ones(len(data[0]), dtype=torch.float64)

    def call() -> Any:
        value = price(*inputs)
        return [value, *torch.autograd.grad(value, inputs, ones)]

    return call


@FAMILY.contender("autograd", "autograd")
def autograd(data: list[Array], threads: int) -> Call:
    import autograd.numpy as np
    from autograd import make_vjp
    from autograd.scipy.special import erf

    price, ones = call_price(np, erf), np.ones(len(data[0]))

    def call() -> Any:
        pullback, value = make_vjp(lambda arguments: price(*arguments))(data)
        return [value, *pullback(ones)]

    return call


@FAMILY.contender("NumPy by hand", "scipy")
def numpy(data: list[Array], threads: int) -> Call:
    return lambda: by_hand(*data)


@FAMILY.contender("XAD", "xad", most=1_000)
def xad(data: list[Array], threads: int) -> Call:
    import xad.math as math

    price, out = call_price(math), np.empty((6, len(data[0])))
    sweep = xad_code.sweeper()
    rows = np.transpose(data).tolist()

    def call() -> Array:
        for i, row in enumerate(rows):
            (out[0, i],), (out[1:, i],) = sweep(lambda inputs: price(*inputs), row)
        return out

    return call
