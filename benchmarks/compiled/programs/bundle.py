"""Bundle adjustment: the reprojection error of an observation and its Jacobian, as in ADBench's BA."""

from __future__ import annotations

from functools import partial
from typing import Any

import casadi_code
import native
import numpy as np
import xad_code
from families import SOURCES
from family import Array, Call, Case, Family

PARAMETERS = 15


def data(case: Case) -> tuple[Array, Array]:
    """Rows of 15 parameters per observation, and rows of two numbers for the place of the feature."""
    draw = np.random.default_rng(0).uniform
    low = [-0.5] * 3 + [-1.0] * 3 + [400.0, -5.0, -5.0, -0.1, -0.01] + [-2.0, -2.0, 6.0] + [0.5]
    high = [0.5] * 3 + [1.0] * 3 + [600.0, 5.0, 5.0, 0.1, 0.01] + [2.0, 2.0, 9.0] + [1.5]
    rows, features = native.aligned(case.size, PARAMETERS), native.aligned(case.size, 2)
    rows[...] = draw(low, high, rows.shape)
    features[...] = draw(-100, 100, features.shape)
    return rows, features


FAMILY = Family(
    title="Bundle adjustment: residuals and Jacobian",
    about="ADBench's BA, by observation: two residuals, weight × (projection − feature), and their 2 × 15 "
    "derivatives by camera (rotation by Rodrigues, centre, focal length, principal point, radial distortion: 11), "
    "point (3) and weight. Left out is the weight's own residual, 1 − w², and the case of no rotation at all. heyoka "
    "and C by hand lay their lanes last.",
    unit="observation",
    axis="observations",
    cases=[Case("residuals and Jacobian", 10**k, 10**k) for k in (2, 3, 4, 5)],
    quick=[Case("residuals and Jacobian", n, n) for n in (100, 1_000)],
    data=data,
)


def residuals(np: Any, p: Any, feature: Any) -> tuple[Any, Any]:
    """Both residuals as functions of 15 and 2 numbers, with a library's own `sqrt`, `sin` and `cos`."""
    r0, r1, r2, c0, c1, c2, focal, u0, w0, k1, k2, x0, x1, x2, weight = (p[i] for i in range(PARAMETERS))
    angle = np.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    sine, cosine = np.sin(angle), np.cos(angle)
    a0, a1, a2 = r0 / angle, r1 / angle, r2 / angle
    v0, v1, v2 = x0 - c0, x1 - c1, x2 - c2
    along = (a0 * v0 + a1 * v1 + a2 * v2) * (1.0 - cosine)
    y0 = v0 * cosine + (a1 * v2 - a2 * v1) * sine + a0 * along
    y1 = v1 * cosine + (a2 * v0 - a0 * v2) * sine + a1 * along
    y2 = v2 * cosine + (a0 * v1 - a1 * v0) * sine + a2 * along
    u, w = y0 / y2, y1 / y2
    square = u * u + w * w
    radial = 1.0 + square * (k1 + square * k2)
    return weight * (focal * radial * u + u0 - feature[0]), weight * (focal * radial * w + w0 - feature[1])


def by_observation(results: Any) -> list[Array]:
    """Convert 32 rows, lanes last, to residuals of shape (n, 2) and derivatives of shape (n, 2, 15)."""
    rows = np.asarray(results)
    return [rows[:2].T, rows[2:].reshape(2, PARAMETERS, -1).transpose(2, 0, 1)]


@FAMILY.contender("C by hand", threads=True)
def c_by_hand(data: tuple[Array, Array], threads: int) -> Any:
    p, feature, out = (native.aligned(rows, len(data[0])) for rows in (PARAMETERS, 2, 32))
    p[...], feature[...] = (array.T for array in data)
    run = native.bind(native.library(SOURCES / "bundle.c").jacobian, p.shape[1], p, feature, out)
    return (lambda: run() or out), by_observation


@FAMILY.contender("glassgrad", "glassgrad", threads=True)
def glassgrad(data: tuple[Array, Array], threads: int) -> Call:
    import glassgrad as gg

    def project(p: Any, feature: Any) -> Any:
        return gg.array(residuals(gg, p, feature))

    jacobian = gg.jacobian(project)
    both = gg.vmap(lambda p, feature: (project(p, feature), jacobian(p, feature)), threads=threads)
    out = both(*data)
    return lambda: both(*data, out=out)


@FAMILY.contender("heyoka", "heyoka", threads=True)
def heyoka(data: tuple[Array, Array], threads: int) -> Any:
    import heyoka as hy

    p, feature = hy.make_vars(*(f"p{i:02}" for i in range(PARAMETERS))), hy.make_vars("u", "w")
    values = list(residuals(hy, p, feature))
    compiled = hy.cfunc([*values, *hy.diff_tensors(values, p).jacobian.ravel()], [*p, *feature])
    inputs, out = np.ascontiguousarray(np.hstack(data).T), native.aligned(32, len(data[0]))
    return (lambda: compiled(inputs, outputs=out)), by_observation


@FAMILY.contender("JAX", "jax", threads=True)
def jax(data: tuple[Array, Array], threads: int) -> Any:
    import jax
    import jax.numpy as jnp

    def project(p: Any, feature: Any) -> Any:
        error = jnp.stack(residuals(jnp, p, feature))
        return error, error

    both = jax.jit(jax.vmap(jax.jacrev(project, has_aux=True)))
    inputs = [jnp.asarray(array) for array in data]
    return (lambda: jax.block_until_ready(both(*inputs))), lambda results: results[::-1]


def casadi_function() -> Any:
    import casadi as ca

    p, feature = ca.SX.sym("p", PARAMETERS), ca.SX.sym("feature", 2)
    values = ca.vertcat(*residuals(ca, p, feature))
    dense = ca.densify(ca.jacobian(values, p).T)  # column by column: the 15 derivatives of each residual
    return ca.Function("both", [p, feature], [values, dense])


@FAMILY.contender("CasADi, its VM", "casadi", threads=True)
def casadi_vm(data: tuple[Array, Array], threads: int) -> Call:
    return casadi_code.buffered(casadi_code.mapped(casadi_function(), len(data[0]), threads), data)


@FAMILY.contender("CasADi, its C", "casadi", threads=True)
def casadi_c(data: tuple[Array, Array], threads: int) -> Call:
    return casadi_code.buffered(casadi_code.mapped_c(casadi_function(), len(data[0]), threads), data)


@FAMILY.contender("PyTorch", "torch", threads=True)
def torch(data: tuple[Array, Array], threads: int) -> Any:
    import torch

    p, feature = (torch.from_numpy(np.ascontiguousarray(array.T)) for array in data)
    p.requires_grad_()
    ones = torch.ones(p.shape[1], dtype=torch.float64)

    def call() -> Any:
        first, second = residuals(torch, p, feature)
        (by_first,) = torch.autograd.grad(first, p, ones, retain_graph=True)
        (by_second,) = torch.autograd.grad(second, p, ones)
        return first, second, by_first, by_second

    return call, lambda rows: by_observation(np.vstack([row.detach().numpy() for row in rows]))


@FAMILY.contender("autograd", "autograd")
def autograd(data: tuple[Array, Array], threads: int) -> Any:
    import autograd.numpy as np
    from autograd import make_vjp

    p, feature = (np.ascontiguousarray(array.T) for array in data)
    seeds = np.eye(2)[:, :, None] * np.ones(p.shape[1])

    def call() -> Any:
        pullback, values = make_vjp(lambda p: np.stack(residuals(np, p, feature)))(p)
        return values, pullback(seeds[0]), pullback(seeds[1])

    return call, lambda rows: by_observation(np.vstack(rows))


@FAMILY.contender("XAD", "xad", most=1_000)
def xad(data: tuple[Array, Array], threads: int) -> Call:
    import xad.math as math

    rows, features = (array.tolist() for array in data)
    out, sweep = [np.empty((len(rows), 2)), np.empty((len(rows), 2, PARAMETERS))], xad_code.sweeper()

    def both(p: list[Any], feature: list[float]) -> list[Any]:
        return list(residuals(math, p, feature))

    def call() -> list[Array]:
        for i, (row, feature) in enumerate(zip(rows, features, strict=True)):
            out[0][i], out[1][i] = sweep(partial(both, feature=feature), row)
        return out

    return call


def by_hand(p: Array, feature: Array) -> list[Array]:
    """The chain rule on paper, for whole columns; c/bundle.c explains the parts."""
    rotation, centre, focal, principal, (k1, k2), point, weight = p[0:3], p[3:6], p[6], p[7:9], p[9:11], p[11:14], p[14]
    angle = np.sqrt((rotation * rotation).sum(0))
    axis, sine, cosine, v = rotation / angle, np.sin(angle), np.cos(angle), point - centre
    rest, cross, along = 1.0 - cosine, np.cross(axis, v, axis=0), (axis * v).sum(0)
    y = cosine * v + sine * cross + rest * along * axis
    image = y[:2] / y[2]
    square = (image * image).sum(0)
    radial, slope = 1.0 + square * (k1 + square * k2), 2.0 * (k1 + 2.0 * square * k2)
    gap, scale = focal * radial * image + principal - feature, weight * focal
    out = np.zeros((2, PARAMETERS, p.shape[1]))
    for k in range(2):
        g = np.empty_like(v)
        g[:2] = scale * slope * image[k] * image / y[2]
        g[k] += scale * radial / y[2]
        g[2] = -(g[:2] * image).sum(0)
        level = (g * axis).sum(0)
        by_v = cosine * g + sine * np.cross(g, axis, axis=0) + rest * level * axis
        by_axis = sine * np.cross(v, g, axis=0) + rest * (level * v + along * g)
        turn = -sine * (g * v).sum(0) + cosine * (g * cross).sum(0) + sine * along * level
        out[k, 0:3] = axis * turn + (by_axis - axis * (axis * by_axis).sum(0)) / angle
        out[k, 3:6], out[k, 11:14] = -by_v, by_v
        out[k, 6], out[k, 7 + k] = weight * radial * image[k], weight
        out[k, 9], out[k, 10] = scale * square * image[k], scale * square * square * image[k]
        out[k, 14] = gap[k]
    return [weight * gap, out]


@FAMILY.contender("NumPy by hand", "numpy")
def numpy(data: tuple[Array, Array], threads: int) -> Any:
    p, feature = (np.ascontiguousarray(array.T) for array in data)
    return (lambda: by_hand(p, feature)), lambda results: [results[0].T, results[1].transpose(2, 0, 1)]
