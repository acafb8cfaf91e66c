"""Rosenbrock's function of n numbers: its gradient, in single calls and over a batch of points."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family

ONE, BATCH = "one call", "batch"
POINTS = 1_000_000  # numbers in a batch, whatever the dimension


def data(case: Case) -> Array:
    """A point, or a batch with one point per row."""
    draw = np.random.default_rng(0).uniform
    points = native.aligned(case.items, case.size)
    points[...] = draw(-1.5, 1.5, points.shape)
    return points if case.series == BATCH else points[0]


FAMILY = Family(
    title="Rosenbrock: gradient",
    about="The gradient of Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)². *One call* is what an optimiser waits for: from Python "
    "with the point as an array, result as an array; C by hand is once called from Python by ctypes and once from a "
    f"loop in C. *Batch* is {POINTS:,} numbers in all. NumPy by hand and C by hand compute the derivative as written "
    "on paper.",
    unit="point",
    axis="dimensions",
    cases=[Case(ONE, n) for n in (10, 100, 1_000)] + [Case(BATCH, n, POINTS // n) for n in (10, 100, 1_000)],
    quick=[Case(ONE, n) for n in (10, 100)] + [Case(BATCH, n, 10_000 // n) for n in (10, 100)],
    data=data,
)


def by_elements(x: Any) -> Any:
    """The program for scalars."""
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100.0 * (x[i + 1] - x[i] * x[i]) ** 2 + (1.0 - x[i]) ** 2
    return total


def by_slices(x: Any) -> Any:
    """The program for arrays."""
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


@FAMILY.contender("C by hand, called by ctypes", series=ONE)
def c_ctypes(point: Array, threads: int) -> Call:
    out = native.aligned(len(point))
    run = native.bind(native.library(SOURCES / "rosenbrock.c").gradient, len(point), point, out)
    return lambda: run() or out


@FAMILY.contender("C by hand, called in C", series=ONE, times=1_000)
def c_looped(point: Array, threads: int) -> Call:
    out = native.aligned(len(point))
    run = native.bind(native.library(SOURCES / "rosenbrock.c").repeated, 1_000, len(point), point, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad, out=", "glassgrad", series=ONE)
def glassgrad_out(point: Array, threads: int) -> Call:
    import glassgrad as gg

    gradient, out = gg.jit(gg.grad(by_elements)), np.empty(len(point))
    return lambda: gradient(point, out=out)


@FAMILY.contender("glassgrad", "glassgrad", series=ONE)
def glassgrad(point: Array, threads: int) -> Call:
    import glassgrad as gg

    gradient = gg.jit(gg.grad(by_elements))
    return lambda: gradient(point)


@FAMILY.contender("heyoka", "heyoka", series=ONE)
def heyoka(point: Array, threads: int) -> Call:
    compiled, out = heyoka_function(len(point)), np.empty(len(point))
    return lambda: compiled(point, outputs=out)


def heyoka_function(n: int) -> Any:
    import heyoka as hy

    x = hy.make_vars(*(f"x{i:04}" for i in range(n)))
    value = hy.sum([100.0 * (b - a * a) ** 2.0 + (1.0 - a) ** 2.0 for a, b in pairwise(x)])
    gradient = hy.diff_tensors([value], x).gradient
    return hy.cfunc(gradient, x, compact_mode=n > 100, batch_size=4 * hy.recommended_simd_size())


@FAMILY.contender("CasADi, ordinary call", "casadi", series=ONE)
def casadi(point: Array, threads: int) -> Call:
    function = casadi_function(len(point))
    return lambda: function(point)


def casadi_function(n: int) -> Any:
    import casadi as ca

    x = ca.SX.sym("x", n)
    value = ca.sumsqr(10.0 * (x[1:] - x[:-1] ** 2)) + ca.sumsqr(1.0 - x[:-1])
    return ca.Function("gradient", [x], [ca.gradient(value, x)])


@FAMILY.contender("CasADi, its VM, buffers", "casadi", series=ONE)
def casadi_vm(point: Array, threads: int) -> Call:
    return casadi_code.buffered(casadi_function(len(point)), [point])


@FAMILY.contender("CasADi, its C, buffers", "casadi", series=ONE)
def casadi_c(point: Array, threads: int) -> Call:
    return casadi_code.buffered(casadi_code.in_c(casadi_function(len(point))), [point])


@FAMILY.contender("JAX", "jax", series=ONE)
def jax(point: Array, threads: int) -> Call:
    import jax
    import jax.numpy as jnp

    gradient, x = jax.jit(jax.grad(by_slices)), jnp.asarray(point)
    return lambda: gradient(x).block_until_ready()


@FAMILY.contender("PyTorch", "torch", series=ONE)
def torch(point: Array, threads: int) -> Call:
    import torch

    x = torch.from_numpy(point).requires_grad_()
    return lambda: torch.autograd.grad(by_slices(x), x)[0]


@FAMILY.contender("autograd", "autograd", series=ONE)
def autograd(point: Array, threads: int) -> Call:
    import autograd.numpy as np
    from autograd import grad

    gradient = grad(lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))
    return lambda: gradient(point)


@FAMILY.contender("XAD", "xad", series=ONE)
def xad(point: Array, threads: int) -> Call:
    sweep = xad_code.sweeper()
    return lambda: sweep(by_elements, point.tolist())[1]


def by_hand(x: Array) -> Array:
    """The gradient at a point, or at points, one per row."""
    gap = x[..., 1:] - x[..., :-1] ** 2
    result = np.zeros_like(x)
    result[..., :-1] = -400.0 * x[..., :-1] * gap - 2.0 * (1.0 - x[..., :-1])
    result[..., 1:] += 200.0 * gap
    return result


@FAMILY.contender("NumPy by hand", "numpy")
def numpy(points: Array, threads: int) -> Call:
    return lambda: by_hand(points)


@FAMILY.contender("C by hand", threads=True, series=BATCH)
def c_batch(points: Array, threads: int) -> Call:
    out = native.aligned(*points.shape)
    run = native.bind(native.library(SOURCES / "rosenbrock.c").batch, *points.shape, points, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad", "glassgrad", threads=True, series=BATCH)
def glassgrad_batch(points: Array, threads: int) -> Call:
    import glassgrad as gg

    gradient = gg.vmap(gg.grad(by_elements), threads=threads)
    out = np.empty(points.shape)
    return lambda: gradient(points, out=out)


@FAMILY.contender("heyoka", "heyoka", threads=True, series=BATCH)
def heyoka_batch(points: Array, threads: int) -> Any:
    compiled = heyoka_function(points.shape[1])
    inputs, out = np.ascontiguousarray(points.T), native.aligned(*points.T.shape)  # it wants the lanes last
    return (lambda: compiled(inputs, outputs=out)), np.transpose


@FAMILY.contender("CasADi, its VM", "casadi", threads=True, series=BATCH)
def casadi_vm_batch(points: Array, threads: int) -> Call:
    lanes, n = points.shape
    return casadi_code.buffered(casadi_code.mapped(casadi_function(n), lanes, threads), [points])


@FAMILY.contender("CasADi, its C", "casadi", threads=True, series=BATCH)
def casadi_c_batch(points: Array, threads: int) -> Call:
    lanes, n = points.shape
    return casadi_code.buffered(casadi_code.mapped_c(casadi_function(n), lanes, threads), [points])


@FAMILY.contender("JAX", "jax", threads=True, series=BATCH)
def jax_batch(points: Array, threads: int) -> Call:
    import jax
    import jax.numpy as jnp

    gradient, x = jax.jit(jax.vmap(jax.grad(by_slices))), jnp.asarray(points)
    return lambda: gradient(x).block_until_ready()


@FAMILY.contender("PyTorch", "torch", threads=True, series=BATCH)
def torch_batch(points: Array, threads: int) -> Call:
    import torch

    x = torch.from_numpy(points).requires_grad_()

    def total(x: Any) -> Any:
        return (100.0 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1.0 - x[:, :-1]) ** 2).sum()

    return lambda: torch.autograd.grad(total(x), x)[0]


@FAMILY.contender("autograd", "autograd", series=BATCH)
def autograd_batch(points: Array, threads: int) -> Call:
    import autograd.numpy as np
    from autograd import grad

    gradient = grad(lambda x: np.sum(100.0 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1.0 - x[:, :-1]) ** 2))
    return lambda: gradient(points)
