"""Speelpenning's product of n numbers: its gradient, in single calls."""

from __future__ import annotations

from typing import Any

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family


def data(case: Case) -> Array:
    point = native.aligned(case.size)
    point[:] = np.random.default_rng(0).uniform(0.9, 1.1, case.size)
    return point


FAMILY = Family(
    title="Speelpenning's product: gradient",
    about="The gradient of x₁ x₂ … xₙ: n outputs from one product, linear for reverse mode, quadratic for anything "
    "naive. From Python with the point as an array. By hand it is the products of all before and of all after each.",
    unit="call",
    axis="factors",
    cases=[Case("one call", n) for n in (10, 100, 1_000, 10_000)],
    quick=[Case("one call", n) for n in (10, 100)],
    data=data,
)


def product(x: Any) -> Any:
    result = x[0]
    for i in range(1, len(x)):
        result = result * x[i]
    return result


@FAMILY.contender("C by hand, called by ctypes")
def c_by_hand(point: Array, threads: int) -> Call:
    out = native.aligned(len(point))
    run = native.bind(native.library(SOURCES / "speelpenning.c").gradient, len(point), point, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad, out=", "glassgrad")
def glassgrad_out(point: Array, threads: int) -> Call:
    import glassgrad as gg

    gradient, out = gg.jit(gg.grad(product)), np.empty(len(point))
    return lambda: gradient(point, out=out)


@FAMILY.contender("glassgrad", "glassgrad")
def glassgrad(point: Array, threads: int) -> Call:
    import glassgrad as gg

    gradient = gg.jit(gg.grad(product))
    return lambda: gradient(point)


@FAMILY.contender("heyoka", "heyoka", most=1_000)
def heyoka(point: Array, threads: int) -> Call:
    import heyoka as hy

    x = hy.make_vars(*(f"x{i:05}" for i in range(len(point))))
    value = hy.prod(list(x))
    compiled = hy.cfunc(hy.diff_tensors([value], x).gradient, x, compact_mode=len(point) > 100)
    out = np.empty(len(point))
    return lambda: compiled(point, outputs=out)


def casadi_function(n: int) -> Any:
    import casadi as ca

    x = ca.SX.sym("x", n)
    value = product([x[i] for i in range(n)])
    return ca.Function("gradient", [x], [ca.gradient(value, x)])


@FAMILY.contender("CasADi, ordinary call", "casadi")
def casadi(point: Array, threads: int) -> Call:
    function = casadi_function(len(point))
    return lambda: function(point)


@FAMILY.contender("CasADi, its VM, buffers", "casadi")
def casadi_vm(point: Array, threads: int) -> Call:
    return casadi_code.buffered(casadi_function(len(point)), [point])


@FAMILY.contender("CasADi, its C, buffers", "casadi")
def casadi_c(point: Array, threads: int) -> Call:
    return casadi_code.buffered(casadi_code.in_c(casadi_function(len(point))), [point])


@FAMILY.contender("JAX", "jax")
def jax(point: Array, threads: int) -> Call:
    import jax
    import jax.numpy as jnp

    gradient, x = jax.jit(jax.grad(jnp.prod)), jnp.asarray(point)
    return lambda: gradient(x).block_until_ready()


@FAMILY.contender("PyTorch", "torch")
def torch(point: Array, threads: int) -> Call:
    import torch

    x = torch.from_numpy(point).requires_grad_()
    return lambda: torch.autograd.grad(x.prod(), x)[0]


@FAMILY.contender("autograd", "autograd")
def autograd(point: Array, threads: int) -> Call:
    import autograd.numpy as np
    from autograd import grad

    gradient = grad(np.prod)
    return lambda: gradient(point)


@FAMILY.contender("XAD", "xad")
def xad(point: Array, threads: int) -> Call:
    sweep = xad_code.sweeper()
    return lambda: sweep(product, point.tolist())[1]


@FAMILY.contender("NumPy by hand", "numpy")
def numpy(point: Array, threads: int) -> Call:
    def gradient() -> Array:
        before, after = np.ones_like(point), np.ones_like(point)
        np.cumprod(point[:-1], out=before[1:])
        np.cumprod(point[:0:-1], out=after[-2::-1])
        return before * after

    return gradient
