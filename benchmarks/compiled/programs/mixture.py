"""A Gaussian mixture: log-likelihood of points, and its gradient with respect to all parameters (ADBench's GMM)."""

from __future__ import annotations

from typing import Any, NamedTuple

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family

COMPONENTS = 5


class Mixture(NamedTuple):
    """Parameters, one component per row, and points. `packed` holds log(diagonal), then the columns below it."""

    alpha: Array
    mean: Array
    packed: Array
    points: Array


def data(case: Case) -> Mixture:
    draw = np.random.default_rng(0)
    d, points = case.width, native.aligned(case.size, case.width)
    points[...] = draw.normal(size=points.shape)
    packed = draw.normal(scale=0.2, size=(COMPONENTS, d + d * (d - 1) // 2))
    return Mixture(draw.normal(size=COMPONENTS), draw.normal(size=(COMPONENTS, d)), packed, points)


def cases(*sizes: int) -> list[Case]:
    return [Case(f"{COMPONENTS} components in {d} dimensions", n, n, d) for d in (2, 10) for n in sizes]


FAMILY = Family(
    title="Gaussian mixture: log-likelihood and gradient",
    about="ADBench's GMM without its prior and its constant: Σ over points of log Σₖ exp(αₖ + log|Lₖ| − |Lₖ (x − "
    "μₖ)|² / 2), less n log Σ exp αₖ, with the gradient by α, μ and L: 31 parameters in 2 dimensions, 330 in 10. The "
    "sum over the points is part of the work. By hand it is responsibilities times the derivatives of the exponents.",
    unit="point",
    axis="points",
    cases=cases(100, 1_000, 10_000, 100_000),
    quick=cases(1_000),
    data=data,
)


def below(d: int) -> list[tuple[int, int]]:
    """Row and column of the entries below the diagonal, column by column."""
    return [(row, column) for column in range(d) for row in range(column + 1, d)]


def exponents(exp: Any, alpha: Any, mean: Any, packed: Any, x: Any) -> list[Any]:
    """Return the terms of a point's log-sum-exp, one per component. The program for scalars."""
    d, result = len(x), []
    for k in range(COMPONENTS):
        gaps = [x[i] - mean[k][i] for i in range(d)]
        z = [exp(packed[k][i]) * gaps[i] for i in range(d)]
        for at, (row, column) in enumerate(below(d)):
            z[row] = z[row] + packed[k][d + at] * gaps[column]
        exponent = alpha[k]
        for i in range(d):
            exponent = exponent + packed[k][i] - 0.5 * (z[i] * z[i])
        result.append(exponent)
    return result


def by_arrays(np: Any, einsum: Any, logsumexp: Any, place: Any, alpha: Any, mean: Any, packed: Any, points: Any) -> Any:
    """The log-likelihood for arrays. `place` says where an entry below the diagonal goes."""
    d = points.shape[1]
    gaps = points[:, None, :] - mean
    lower = einsum("kp,pij->kij", packed[:, d:], place)
    z = np.exp(packed[:, :d]) * gaps + einsum("kij,nkj->nki", lower, gaps)
    inner = alpha + packed[:, :d].sum(1) - 0.5 * (z * z).sum(2)
    return logsumexp(inner, 1).sum() - points.shape[0] * logsumexp(alpha, 0)


def places(d: int) -> Array:
    """Return the place of each packed entry below the diagonal."""
    result = np.zeros((d * (d - 1) // 2, d, d))
    for at, (row, column) in enumerate(below(d)):
        result[at, row, column] = 1.0
    return result


@FAMILY.contender("C by hand", threads=True)
def c_by_hand(data: Mixture, threads: int) -> Call:
    n, d = data.points.shape
    sizes = (f"-DD={d}", f"-DK={COMPONENTS}")
    out = native.aligned(1 + data.alpha.size + data.mean.size + data.packed.size)
    run = native.bind(native.library(SOURCES / "mixture.c", *native.FLAGS, *sizes).gradient, n, *data, out)
    return lambda: run() or out


@FAMILY.contender("glassgrad", "glassgrad", threads=True)
def glassgrad(data: Mixture, threads: int) -> Call:
    import glassgrad as gg

    def likelihood(alpha: Any, mean: Any, packed: Any, x: Any) -> Any:
        return gg.logsumexp(exponents(gg.exp, alpha, mean, packed, x)) - gg.logsumexp(alpha)

    gradient = gg.value_and_grad(likelihood, argnums=(0, 1, 2))
    batch = gg.vmap(gradient, in_axes=(None, None, None, 0), reduce="sum", threads=threads)
    return lambda: batch(*data)


@FAMILY.contender("heyoka", "heyoka", threads=True)
def heyoka(data: Mixture, threads: int) -> Any:
    import heyoka as hy

    n, d = data.points.shape
    numbers = np.concatenate([part.ravel() for part in data[:3]])
    names, x = hy.make_vars(*(f"a{i:03}" for i in range(numbers.size))), hy.make_vars(*(f"x{i:02}" for i in range(d)))
    alpha, mean, packed = names[:COMPONENTS], *(part for part in split(names, d))
    total = hy.sum([hy.exp(e) for e in exponents(hy.exp, alpha, mean, packed, x)])
    value = hy.log(total) - hy.log(hy.sum([hy.exp(a) for a in alpha]))
    compiled = hy.cfunc([value, *hy.diff_tensors([value], names).gradient], [*names, *x], compact_mode=d > 2)
    inputs = np.vstack([np.broadcast_to(numbers[:, None], (numbers.size, n)), data.points.T])
    out = native.aligned(1 + numbers.size, n)
    return lambda: compiled(inputs, outputs=out).sum(1)


def split(names: Any, d: int) -> tuple[list[Any], list[Any]]:
    """Split a row of all parameters into means and packed triangles, one per component."""
    per = d + d * (d - 1) // 2
    first, second = COMPONENTS, COMPONENTS * (1 + d)
    mean = [names[first + k * d : first + (k + 1) * d] for k in range(COMPONENTS)]
    return mean, [names[second + k * per : second + (k + 1) * per] for k in range(COMPONENTS)]


@FAMILY.contender("JAX", "jax", threads=True)
def jax(data: Mixture, threads: int) -> Call:
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp

    place = jnp.asarray(places(data.points.shape[1]))
    gradient = jax.jit(
        jax.value_and_grad(lambda *a: by_arrays(jnp, jnp.einsum, logsumexp, place, *a), argnums=(0, 1, 2))
    )
    inputs = [jnp.asarray(part) for part in data]
    return lambda: jax.block_until_ready(gradient(*inputs))


def casadi_function(d: int) -> Any:
    import casadi as ca

    count = COMPONENTS * (1 + d + d + d * (d - 1) // 2)
    names, x = ca.SX.sym("a", count), ca.SX.sym("x", d)
    alpha, (mean, packed) = names[:COMPONENTS], split(names, d)
    inner = ca.vertcat(*exponents(ca.exp, alpha, mean, packed, [x[i] for i in range(d)]))
    value = ca.logsumexp(inner) - ca.logsumexp(alpha)
    return ca.Function("gradient", [names, x], [value, ca.gradient(value, names)])


@FAMILY.contender("CasADi, its VM", "casadi", most=10_000)
def casadi_vm(data: Mixture, threads: int) -> Call:
    n, d = data.points.shape
    function = casadi_function(d).map(n, [True, False], [True, True])
    return casadi_code.buffered(function, [np.concatenate([part.ravel() for part in data[:3]]), data.points])


@FAMILY.contender("CasADi, its C", "casadi", most=10_000)
def casadi_c(data: Mixture, threads: int) -> Call:
    n, d = data.points.shape
    function = casadi_code.in_c(casadi_function(d)).map(n, [True, False], [True, True])
    return casadi_code.buffered(function, [np.concatenate([part.ravel() for part in data[:3]]), data.points])


@FAMILY.contender("PyTorch", "torch", threads=True)
def torch(data: Mixture, threads: int) -> Call:
    import torch

    alpha, mean, packed = (torch.from_numpy(part).requires_grad_() for part in data[:3])
    points, place = torch.from_numpy(data.points), torch.from_numpy(places(data.points.shape[1]))

    def call() -> Any:
        value = by_arrays(torch, torch.einsum, torch.logsumexp, place, alpha, mean, packed, points)
        return [value, *torch.autograd.grad(value, [alpha, mean, packed])]

    return call


@FAMILY.contender("autograd", "autograd")
def autograd(data: Mixture, threads: int) -> Call:
    import autograd.numpy as np
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    place = places(data.points.shape[1])

    def likelihood(parameters: Any) -> Any:
        alpha, mean, packed = parameters
        return by_arrays(np, np.einsum, logsumexp, place, alpha, mean, packed, data.points)

    gradient = value_and_grad(likelihood)
    return lambda: gradient(tuple(data[:3]))


@FAMILY.contender("XAD", "xad", most=100)
def xad(data: Mixture, threads: int) -> Call:
    import xad.math as math

    d, sweep = data.points.shape[1], xad_code.sweeper()
    numbers = np.concatenate([part.ravel() for part in data[:3]]).tolist()
    rows = data.points.tolist()

    def logsumexp(terms: Any) -> Any:
        most = max(term.value for term in terms)
        total = math.exp(terms[0] - most)
        for term in terms[1:]:
            total = total + math.exp(term - most)
        return math.log(total) + most

    def likelihood(names: list[Any]) -> Any:
        alpha, (mean, packed) = names[:COMPONENTS], split(names, d)
        total = -len(rows) * logsumexp(alpha)
        for x in rows:
            total = total + logsumexp(exponents(math.exp, alpha, mean, packed, x))
        return total

    return lambda: list(sweep(likelihood, numbers))


@FAMILY.contender("NumPy by hand", "numpy")
def numpy(data: Mixture, threads: int) -> Call:
    n, d = data.points.shape
    rows, columns = (np.array(index) for index in zip(*below(d), strict=True))

    def call() -> list[Any]:
        alpha, mean, packed, points = data
        diagonal = np.exp(packed[:, :d])
        lower = np.zeros((COMPONENTS, d, d))
        lower[:, rows, columns] = packed[:, d:]
        lower[:, range(d), range(d)] = diagonal
        gaps = points - mean[:, None]  # component, point, dimension
        z = gaps @ lower.transpose(0, 2, 1)
        inner = (alpha + packed[:, :d].sum(1))[:, None] - 0.5 * (z * z).sum(2)
        most = inner.max(0)
        shares = np.exp(inner - most)
        total = shares.sum(0)
        shares /= total
        weights = np.exp(alpha - alpha.max())
        value = (most + np.log(total)).sum() - n * (alpha.max() + np.log(weights.sum()))
        by_alpha = shares.sum(1)
        by_z = -shares[:, :, None] * z
        by_lower = by_z.transpose(0, 2, 1) @ gaps
        by_mean = -(by_z.sum(1)[:, None, :] @ lower)[:, 0]
        by_diagonal = by_alpha[:, None] + diagonal * by_lower[:, range(d), range(d)]
        by_packed = np.hstack([by_diagonal, by_lower[:, rows, columns]])
        return [value, by_alpha - n * weights / weights.sum(), by_mean, by_packed]

    return call
