"""A call of every public function of NumPy that takes numbers, on an array of six: what a table of tests walks.

``x`` is an array of six numbers, floats or nodes, all different and none of them 0, all within (-2, 2.5). A call may
have any arrays and numbers as its result; what nodes get must be what floats get.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from typing import Any

import numpy as np

POINT = np.array([0.7, -1.3, 2.1, 0.4, -0.6, 1.7])
FLOATS = np.array([1.5, -0.5, 2.5, 0.25, -2.0, 1.0])
POSITIVE = np.array([1.5, 0.5, 2.5, 0.25, 2.0, 1.0])
MASK = np.array([True, False, True, True, False, False])

Call = Callable[[Any], Any]


def square(x: Any) -> Any:
    """Make of six numbers a matrix of 2 by 2, far from singular."""
    return x[:4].reshape(2, 2) + 3 * np.eye(2)


def of(name: str, *others: Any, change: Call = lambda x: x) -> Call:
    """A call of NumPy's function of that name."""
    function = getattr(np, name)
    return lambda x: function(change(x), *others)


UNARY: dict[str, Call] = {
    **{
        name: of(name)
        for name in (
            "exp exp2 expm1 sin cos tan sinh cosh tanh asinh arcsinh atan arctan cbrt square negative positive "
            "reciprocal abs absolute fabs sign floor ceil trunc rint conj conjugate degrees rad2deg radians deg2rad "
            "isnan isinf isfinite signbit logical_not sinc real imag angle fix unwrap"
        ).split()
    },
    **{name: of(name, change=lambda x: x / 3) for name in "arcsin asin arccos acos arctanh atanh".split()},
    **{name: of(name, change=lambda x: x + 3) for name in "log log2 log10 log1p sqrt arccosh acosh".split()},
}

BINARY: dict[str, Call] = {
    **{
        name: of(name, FLOATS)
        for name in (
            "add subtract multiply divide true_divide maximum minimum fmax fmin hypot arctan2 atan2 remainder mod fmod "
            "floor_divide copysign logaddexp logaddexp2 heaviside divmod less less_equal greater greater_equal equal "
            "not_equal logical_and logical_or logical_xor"
        ).split()
    },
    **{
        f"{name} of nodes": lambda x, f=f: f(x[::-1] * 2, x)
        for name, f in (
            (name, getattr(np, name))
            for name in "maximum minimum fmax fmin hypot fmod copysign greater logical_or".split()
        )
    },
    "power": lambda x: np.power(x + 3, FLOATS),
    "pow": lambda x: np.pow(POSITIVE, x),
    "float_power": lambda x: np.float_power(x + 3, x),
    "modf": lambda x: np.modf(x),
    "ldexp": lambda x: np.ldexp(x, 3),
    "matmul": lambda x: np.matmul(x.reshape(2, 3), x.reshape(3, 2)),
    "vecdot": lambda x: np.vecdot(x.reshape(2, 3), FLOATS.reshape(2, 3)),
    "matvec": lambda x: np.matvec(FLOATS.reshape(2, 3), x[:3]),
    "vecmat": lambda x: np.vecmat(x[:2], FLOATS.reshape(2, 3)),
}

UFUNC_METHODS: dict[str, Call] = {
    "add.reduce": lambda x: np.add.reduce(x),
    "add.accumulate": lambda x: np.add.accumulate(x),
    "add.outer": lambda x: np.add.outer(x, FLOATS),
    "add.reduceat": lambda x: np.add.reduceat(x, [0, 2, 4]),
    "multiply.reduce": lambda x: np.multiply.reduce(x.reshape(2, 3), axis=1),
    "maximum.reduce": lambda x: np.maximum.reduce(x.reshape(2, 3), axis=1),
    "minimum.reduce": lambda x: np.minimum.reduce(x, initial=0.0),
    "fmax.reduce": lambda x: np.fmax.reduce(x),
    "maximum.accumulate": lambda x: np.maximum.accumulate(x),
    "minimum.accumulate": lambda x: np.minimum.accumulate(x.reshape(2, 3), axis=1),
    "maximum.outer": lambda x: np.maximum.outer(x, FLOATS),
    "hypot.reduce": lambda x: np.hypot.reduce(x),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x),
    "logical_and.reduce": lambda x: np.logical_and.reduce(x > -1.0),
    "logical_or.reduce": lambda x: np.logical_or.reduce(x),
    "power.outer": lambda x: np.power.outer(x + 3, x),
    "add, where": lambda x: np.add.reduce(x, where=MASK),
    "log, where and out": lambda x: np.log(x, where=x > 0.0, out=np.zeros_like(x)),
}

SHAPES: dict[str, Call] = {
    "reshape": lambda x: np.reshape(x, (2, 3)),
    "ravel": lambda x: np.ravel(x.reshape(2, 3)),
    "transpose": lambda x: np.transpose(x.reshape(2, 3)),
    "permute_dims": lambda x: np.permute_dims(x.reshape(2, 3), (1, 0)),
    "matrix_transpose": lambda x: np.matrix_transpose(x.reshape(2, 3)),
    "swapaxes": lambda x: np.swapaxes(x.reshape(2, 3), 0, 1),
    "moveaxis": lambda x: np.moveaxis(x.reshape(1, 2, 3), 0, 2),
    "rollaxis": lambda x: np.rollaxis(x.reshape(1, 2, 3), 2),
    "squeeze": lambda x: np.squeeze(x.reshape(1, 2, 3)),
    "expand_dims": lambda x: np.expand_dims(x, 0),
    "atleast_1d": lambda x: np.atleast_1d(x[0]),
    "atleast_2d": lambda x: np.atleast_2d(x),
    "atleast_3d": lambda x: np.atleast_3d(x),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 6)),
    "broadcast_arrays": lambda x: list(np.broadcast_arrays(x, np.ones((2, 6)))),
    "concatenate": lambda x: np.concatenate([x, FLOATS, x]),
    "concat": lambda x: np.concat([x, FLOATS]),
    "stack": lambda x: np.stack([x, FLOATS], axis=1),
    "unstack": lambda x: list(np.unstack(x.reshape(2, 3))),
    "hstack": lambda x: np.hstack([x, FLOATS]),
    "vstack": lambda x: np.vstack([x, FLOATS]),
    "dstack": lambda x: np.dstack([x, FLOATS]),
    "column_stack": lambda x: np.column_stack([x, FLOATS]),
    "block": lambda x: np.block([[x.reshape(2, 3), np.ones((2, 1))]]),
    "append": lambda x: np.append(x, [1.0, 2.0]),
    "insert": lambda x: np.insert(x, 2, 5.0),
    "delete": lambda x: np.delete(x, [0, 3]),
    "split": lambda x: np.split(x, 3),
    "array_split": lambda x: np.array_split(x, 4),
    "hsplit": lambda x: np.hsplit(x, 2),
    "vsplit": lambda x: np.vsplit(x.reshape(2, 3), 2),
    "dsplit": lambda x: np.dsplit(x.reshape(1, 2, 3), 3),
    "flip": lambda x: np.flip(x),
    "flipud": lambda x: np.flipud(x),
    "fliplr": lambda x: np.fliplr(x.reshape(2, 3)),
    "roll": lambda x: np.roll(x, 2),
    "rot90": lambda x: np.rot90(x.reshape(2, 3)),
    "tile": lambda x: np.tile(x, 2),
    "repeat": lambda x: np.repeat(x, 2),
    "resize": lambda x: np.resize(x, 9),
    "pad": lambda x: np.pad(x, 2),
    "pad, edge": lambda x: np.pad(x, (1, 2), mode="edge"),
    "pad, reflect": lambda x: np.pad(x, 2, mode="reflect"),
    "pad, wrap": lambda x: np.pad(x, 2, mode="wrap"),
    "copy": lambda x: np.copy(x),
    "take": lambda x: np.take(x, [4, 0]),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([4, 0]), 0),
    "compress": lambda x: np.compress(MASK, x),
    "extract": lambda x: np.extract(MASK, x),
    "choose": lambda x: np.choose([1, 0, 1, 0, 0, 1], [x, FLOATS]),
    "diag": lambda x: np.diag(x),
    "diag of a matrix": lambda x: np.diag(x[:4].reshape(2, 2)),
    "diagflat": lambda x: np.diagflat(x),
    "diagonal": lambda x: np.diagonal(x[:4].reshape(2, 2)),
    "tril": lambda x: np.tril(x[:4].reshape(2, 2)),
    "triu": lambda x: np.triu(x[:4].reshape(2, 2)),
    "vander": lambda x: np.vander(x, 3),
    "meshgrid": lambda x: list(np.meshgrid(x, FLOATS)),
    "trim_zeros": lambda x: np.trim_zeros(np.concatenate([[0.0], x, [0.0, 0.0]])),
    "zeros_like": lambda x: np.zeros_like(x),
    "ones_like": lambda x: np.ones_like(x),
    "full_like": lambda x: np.full_like(x, 2.5),
    "empty_like": lambda x: np.empty_like(x).shape,
    "ndim": lambda x: np.ndim(x),
    "shape": lambda x: np.shape(x),
    "size": lambda x: np.size(x),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda row: row.sum(), 1, x.reshape(2, 3)),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x.reshape(2, 3), [0, 1]),
    "r_": lambda x: np.r_[x, 0.0],
    "c_": lambda x: np.c_[x, FLOATS],
    "vectorize": lambda x: np.vectorize(lambda t: t * t)(x),
    "frompyfunc": lambda x: np.frompyfunc(lambda t: t * t + 1.0, 1, 1)(x),
    "array": lambda x: np.array(x),
    "asarray": lambda x: np.asarray(x) * 2.0,
    "asanyarray": lambda x: np.asanyarray(x),
    "ascontiguousarray": lambda x: np.ascontiguousarray(x),
    "full": lambda x: np.full(3, x[0]),
    "ndenumerate": lambda x: [t for _, t in np.ndenumerate(x)],
}

IN_PLACE: dict[str, Call] = {}


def in_place(name: str) -> Callable[[Callable[[Any], Any]], None]:
    def enter(change: Callable[[Any], Any]) -> None:
        def call(x: Any) -> Any:
            y = x * 1.0
            change(y)
            return y

        IN_PLACE[name] = call

    return enter


@in_place("copyto")
def _(y: Any) -> None:
    np.copyto(y, FLOATS, where=MASK)


@in_place("put")
def _(y: Any) -> None:
    np.put(y, [1, 3], [5.0, 6.0])


@in_place("place")
def _(y: Any) -> None:
    np.place(y, MASK, [9.0, y[0]])


@in_place("putmask")
def _(y: Any) -> None:
    np.putmask(y, MASK, FLOATS)


@in_place("copyto, where truths")
def _(y: Any) -> None:
    np.copyto(y, y * y, where=y < 0.5)


@in_place("place by truths")
def _(y: Any) -> None:
    np.place(y, y > 0.5, [y[0] * 2.0])


@in_place("place by truths, two values")
def _(y: Any) -> None:
    np.place(y, y > 0.5, [9.0, y[1]])


@in_place("putmask by truths")
def _(y: Any) -> None:
    np.putmask(y, y > 0.5, [1.0, 2.0, y[1], 4.0])


@in_place("put_along_axis")
def _(y: Any) -> None:
    np.put_along_axis(y, np.array([2, 0]), 7.0, 0)


@in_place("fill_diagonal")
def _(y: Any) -> None:
    np.fill_diagonal(y[:4].reshape(2, 2), 1.0)


@in_place("add.at")
def _(y: Any) -> None:
    np.add.at(y, [0, 0, 2], y[1])


@in_place("maximum.at")
def _(y: Any) -> None:
    np.maximum.at(y, [1, 4], 0.5)


@in_place("operators")
def _(y: Any) -> None:
    y += FLOATS
    y *= y[0]
    y -= 1.0
    y /= 2.0
    y **= 2


@in_place("a mask")
def _(y: Any) -> None:
    y[y < 0.5] = 0.5


@in_place("a mask, added to")
def _(y: Any) -> None:
    y[y < 0.5] += 2.0


@in_place("sort in place")
def _(y: Any) -> None:
    y.sort()


@in_place("x.sort")
def _(y: Any) -> None:
    y.reshape(2, 3).sort(axis=0)


@in_place("x.partition")
def _(y: Any) -> None:
    y.partition(2)
    y[:2].sort()
    y[3:].sort()


@in_place("x.put")
def _(y: Any) -> None:
    y.put([1, 3], [5.0, y[0]])


@in_place("x.fill")
def _(y: Any) -> None:
    y.fill(y[0] * 2.0)


@in_place("x.resize")
def _(y: Any) -> None:
    y.copy().resize((2, 3))


SUMS: dict[str, Call] = {
    "sum": lambda x: np.sum(x.reshape(2, 3), axis=1),
    "sum, keepdims": lambda x: np.sum(x.reshape(2, 3), axis=0, keepdims=True),
    "sum, where": lambda x: np.sum(x, where=MASK),
    "sum, where truths": lambda x: np.sum(x, where=x > 0.5),
    "sum of truths": lambda x: np.sum(x > 0.5) * x[0],
    "sum, float": lambda x: np.sum(x, dtype=float),
    "prod": lambda x: np.prod(x),
    "mean": lambda x: np.mean(x.reshape(2, 3), axis=0),
    "average": lambda x: np.average(x, weights=POSITIVE),
    "var": lambda x: np.var(x, ddof=1),
    "std": lambda x: np.std(x.reshape(2, 3), axis=1),
    "var of one number": lambda x: np.var(x[0]) + x[1:2].reshape(()).var(),
    "cumsum": lambda x: np.cumsum(x),
    "cumprod": lambda x: np.cumprod(x),
    "cumulative_sum": lambda x: np.cumulative_sum(x),
    "cumulative_prod": lambda x: np.cumulative_prod(x),
    "nansum": lambda x: np.nansum(x),
    "nanprod": lambda x: np.nanprod(x),
    "nanmean": lambda x: np.nanmean(x),
    "nanvar": lambda x: np.nanvar(x),
    "nanstd": lambda x: np.nanstd(x),
    "nancumsum": lambda x: np.nancumsum(x),
    "nancumprod": lambda x: np.nancumprod(x),
    "nanmax": lambda x: np.nanmax(x),
    "nanmin": lambda x: np.nanmin(x.reshape(2, 3), axis=1),
    "diff": lambda x: np.diff(x, n=2),
    "ediff1d": lambda x: np.ediff1d(x),
    "gradient": lambda x: np.gradient(x),
    "gradient, spaced": lambda x: np.gradient(x, 0.5, edge_order=2),
    "trapezoid": lambda x: np.trapezoid(x, dx=0.1),
    "trapezoid, x": lambda x: np.trapezoid(FLOATS, x),
    "trace": lambda x: np.trace(x[:4].reshape(2, 2)),
    "dot": lambda x: np.dot(x, FLOATS),
    "vdot": lambda x: np.vdot(FLOATS, x),
    "inner": lambda x: np.inner(x, x),
    "outer": lambda x: np.outer(x, FLOATS),
    "kron": lambda x: np.kron(x, [1.0, 2.0]),
    "cross": lambda x: np.cross(x[:3], x[3:]),
    "tensordot": lambda x: np.tensordot(x.reshape(2, 3), x.reshape(3, 2), 1),
    "einsum": lambda x: np.einsum("ij,kj->ik", x.reshape(2, 3), FLOATS.reshape(2, 3)),
    "einsum, three": lambda x: np.einsum("i,i,j->j", x, FLOATS, x, optimize=True),
    "convolve": lambda x: np.convolve(x, [1.0, 2.0, 0.5]),
    "correlate": lambda x: np.correlate(x, x[:2], mode="valid"),
    "cov": lambda x: np.cov(x.reshape(2, 3)),
    "corrcoef": lambda x: np.corrcoef(x.reshape(2, 3)),
    "average along an axis": lambda x: np.average(x.reshape(2, 3), axis=1, weights=[1.0, 2.0, 3.0]),
    "average, returned": lambda x: np.average(x.reshape(2, 3), axis=0, returned=True),
    "average by nodes, returned": lambda x: np.average(FLOATS, weights=x + 3.0, returned=True),
    "mean, where": lambda x: np.mean(x, where=MASK),
    "std, where": lambda x: np.std(x, where=MASK, correction=1),
    "nansum, where": lambda x: np.nansum(x, where=MASK, initial=1.5),
    "nanmean, where": lambda x: np.nanmean(x, where=MASK),
    "nanvar, where": lambda x: np.nanvar(x.reshape(2, 3), axis=1, where=x.reshape(2, 3) > -0.5, correction=1),
    "nanstd, where": lambda x: np.nanstd(_with_nan(x), where=MASK, ddof=1),
    "nanvar, mean": lambda x: np.nanvar(_with_nan(x), mean=0.5),
    "cov, weights": lambda x: np.cov(x.reshape(2, 3), fweights=[1, 3, 2], aweights=[0.5, 1.0, 2.0]),
    "cov of columns": lambda x: np.cov(x.reshape(3, 2), FLOATS.reshape(3, 2), rowvar=False, ddof=0),
    "bincount": lambda x: np.bincount([0, 1, 1, 0, 4, 2], weights=x, minlength=7),
    "polyfit": lambda x: np.polyfit(FLOATS, x, 2),
    "polyfit, weights": lambda x: np.polyfit([0.0, 1.0, 2.5], x.reshape(3, 2), 1, w=[1.0, 2.0, 0.5]),
    "polyval": lambda x: np.polyval(x, 1.5),
    "polyval at x": lambda x: np.polyval([1.0, -2.0, 0.5], x),
    "polyadd": lambda x: np.polyadd(x, [1.0, 2.0]),
    "polysub": lambda x: np.polysub(x, [1.0, 2.0]),
    "polymul": lambda x: np.polymul(x, [1.0, 2.0]),
    "polyder": lambda x: np.polyder(x),
    "polyint": lambda x: np.polyint(x),
    "poly": lambda x: np.poly(x[:3]),
    "linalg.norm": lambda x: np.linalg.norm(x),
    "linalg.norm, inf": lambda x: np.linalg.norm(x, ord=np.inf),
    "linalg.norm, -inf": lambda x: np.linalg.norm(x, ord=-np.inf),
    "linalg.norm, 1": lambda x: np.linalg.norm(x, ord=1),
    "linalg.norm, 3": lambda x: np.linalg.norm(x, ord=3),
    "linalg.norm, axis": lambda x: np.linalg.norm(x.reshape(2, 3), axis=1),
    "linalg.norm, fro": lambda x: np.linalg.norm(x.reshape(2, 3)),
    "linalg.norm, matrix 1": lambda x: np.linalg.norm(x.reshape(2, 3), ord=1),
    "linalg.norm, matrix inf": lambda x: np.linalg.norm(x.reshape(2, 3), ord=np.inf),
    "linalg.vector_norm": lambda x: np.linalg.vector_norm(x),
    "linalg.matrix_norm": lambda x: np.linalg.matrix_norm(x.reshape(2, 3)),
    "linalg.matrix_power": lambda x: np.linalg.matrix_power(square(x), 3),
    "linalg.matrix_power, inverse": lambda x: np.linalg.matrix_power(square(x), -2),
    "linalg.norm, 2": lambda x: np.linalg.norm(square(x), 2),
    "linalg.norm, nuc": lambda x: np.linalg.norm(square(x), "nuc"),
    "linalg.solve": lambda x: np.linalg.solve(square(x), x[4:]),
    "linalg.inv": lambda x: np.linalg.inv(square(x)),
    "linalg.det": lambda x: np.linalg.det(square(x)),
    "linalg.slogdet": lambda x: np.linalg.slogdet(square(x)),
    "linalg.cholesky": lambda x: np.linalg.cholesky(square(x)),
    "linalg.qr": lambda x: np.linalg.qr(x.reshape(3, 2)),
    "linalg.eigh": lambda x: np.linalg.eigh(square(x)),
    "linalg.eigvalsh": lambda x: np.linalg.eigvalsh(square(x)),
    "linalg.svd": lambda x: np.linalg.svd(x.reshape(3, 2), full_matrices=False),
    "linalg.svdvals": lambda x: np.linalg.svdvals(x.reshape(3, 2)),
    "linalg.pinv": lambda x: np.linalg.pinv(x.reshape(3, 2)),
    "linalg.lstsq": lambda x: np.linalg.lstsq(x.reshape(3, 2), x[:3])[:2],
    "linalg.cond": lambda x: np.linalg.cond(square(x)),
    "linalg.matrix_rank": lambda x: np.linalg.matrix_rank(square(x)),
    "linalg.tensorsolve": lambda x: np.linalg.tensorsolve(square(x), x[4:]),
    "linalg.tensorinv": lambda x: np.linalg.tensorinv(square(x), 1),
    "linalg.multi_dot": lambda x: np.linalg.multi_dot([square(x), square(x), FLOATS[:2]]),
    "linalg.trace": lambda x: np.linalg.trace(square(x)),
    "linalg.diagonal": lambda x: np.linalg.diagonal(square(x)),
    "linalg.cross": lambda x: np.linalg.cross(x[:3], x[3:]),
    "linalg.outer": lambda x: np.linalg.outer(x, FLOATS),
    "linalg.tensordot": lambda x: np.linalg.tensordot(x.reshape(2, 3), x.reshape(3, 2), axes=1),
    "linalg.matmul": lambda x: np.linalg.matmul(square(x), square(x)),
    "linalg.matrix_transpose": lambda x: np.linalg.matrix_transpose(square(x)),
    "linalg.vecdot": lambda x: np.linalg.vecdot(x, FLOATS),
    "linspace": lambda x: np.linspace(x[0], x[2], 4),
    "logspace": lambda x: np.logspace(x[0], x[2], 3),
    "geomspace": lambda x: np.geomspace(x[0], x[2], 3),
    "interp of values": lambda x: np.interp(FLOATS, np.sort(FLOATS), x),
    "interp at nodes": lambda x: np.interp(x, np.sort(FLOATS), FLOATS, left=-1.0),
    "lib.stride_tricks.sliding_window_view": lambda x: np.lib.stride_tricks.sliding_window_view(x, 3).sum(axis=1),
    "poly1d": lambda x: np.poly1d([1.0, 2.0, 3.0])(x),
    "polynomial": lambda x: np.polynomial.polynomial.polyval(x, [1.0, 2.0, 3.0]),
    "fft.fftshift": lambda x: np.fft.fftshift(x),
    "fft.ifftshift": lambda x: np.fft.ifftshift(x),
}

CHOICES: dict[str, Call] = {
    "max": lambda x: np.max(x),
    "amax": lambda x: np.amax(x.reshape(2, 3), axis=0),
    "min": lambda x: np.min(x.reshape(2, 3), axis=1, keepdims=True),
    "amin": lambda x: np.amin(x),
    "max of absolutes": lambda x: np.abs(x).max(),
    "ptp": lambda x: np.ptp(x),
    "clip": lambda x: np.clip(x, -1.0, 1.0),
    "clip, min only": lambda x: np.clip(x, 0.0, None),
    "clip by nodes": lambda x: np.clip(FLOATS, x[1], x[5]),
    "where": lambda x: np.where(x > 0.5, x * x, -x),
    "where by floats": lambda x: np.where(MASK, x, 0.0),
    "where, one argument": lambda x: np.where(x > 0.5)[0],
    "select": lambda x: np.select([x > 1.0, x > 0.0], [x * x, -x], 2.0),
    "piecewise": lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t * t]),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "any": lambda x: np.any(x > 2.0),
    "all": lambda x: np.all(x.reshape(2, 3) > -1.0, axis=1),
    "isclose": lambda x: np.isclose(x, FLOATS, atol=0.3),
    "allclose": lambda x: np.allclose(x, x + 1e-12),
    "array_equal": lambda x: np.array_equal(x, x),
    "array_equiv": lambda x: np.array_equiv(x, x),
    "isposinf": lambda x: np.isposinf(x),
    "isneginf": lambda x: np.isneginf(x),
    "isreal": lambda x: np.isreal(x),
    "iscomplex": lambda x: np.iscomplex(x),
    "isrealobj": lambda x: np.isrealobj(x),
    "iscomplexobj": lambda x: np.iscomplexobj(x),
    "real_if_close": lambda x: np.real_if_close(x),
    "round": lambda x: np.round(x, 1),
    "around": lambda x: np.around(x),
    "argmax": lambda x: np.argmax(x),
    "argmin": lambda x: np.argmin(x.reshape(2, 3), axis=1),
    "nanargmax": lambda x: np.nanargmax(x),
    "nanargmin": lambda x: np.nanargmin(x),
    "argsort": lambda x: np.argsort(x),
    "sort": lambda x: np.sort(x),
    "sort, axis": lambda x: np.sort(x.reshape(2, 3), axis=0),
    "partition": lambda x: np.sort(np.partition(x, 2)[:3]),
    "argpartition": lambda x: np.sort(np.argpartition(x, 2)[:3]),
    "lexsort": lambda x: np.lexsort((x,)),
    "median": lambda x: np.median(x),
    "median, axis": lambda x: np.median(x.reshape(2, 3), axis=1),
    "nanmedian": lambda x: np.nanmedian(x),
    "percentile": lambda x: np.percentile(x, [10, 50, 75]),
    "quantile": lambda x: np.quantile(x, 0.3),
    "quantile, axis": lambda x: np.quantile(x.reshape(2, 3), [0.3, 0.9], axis=1),
    "nanpercentile": lambda x: np.nanpercentile(x, 30),
    "nanquantile": lambda x: np.nanquantile(x, 0.3),
    "searchsorted": lambda x: np.searchsorted(np.sort(FLOATS), x),
    "digitize": lambda x: np.digitize(x, [-1.0, 0.0, 1.0]),
    "nonzero": lambda x: np.nonzero(x)[0],
    "flatnonzero": lambda x: np.flatnonzero(x > 0.5),
    "argwhere": lambda x: np.argwhere(x > 0.5),
    "count_nonzero": lambda x: np.count_nonzero(x > 0.5) * 1.0,
    "histogram by edges": lambda x: np.histogram(x, [-2.0, 0.0, 3.0])[0],
    "histogram, density": lambda x: np.histogram(x, [-2.0, 0.0, 1.0, 3.0], density=True)[0],
    "histogram of floats, weights": lambda x: np.histogram(FLOATS, 3, range=(-2.0, 3.0), weights=x)[0],
    "quantile by another method": lambda x: np.quantile(x, [0.2, 0.5], method="hazen"),
    "percentile by rank": lambda x: np.percentile(x.reshape(2, 3), 40, axis=1, method="nearest", keepdims=True),
    "nanquantile with nan": lambda x: np.nanquantile(_with_nan(x), [0.2, 0.7]),
    "nanmedian with nan": lambda x: np.nanmedian(_with_nan(x).reshape(2, 3), axis=0),
    "intersect1d": lambda x: np.intersect1d(x, [5.0]),
    "union1d": lambda x: np.union1d(x, [5.0]),
    "setdiff1d": lambda x: np.setdiff1d(x, [5.0]),
    "setxor1d": lambda x: np.setxor1d(x, [5.0]),
    "unique_all": lambda x: np.unique_all(x)[1],
    "unique_counts": lambda x: np.unique_counts(x)[1],
    "unique_inverse": lambda x: np.unique_inverse(x)[1],
    "unique_values": lambda x: np.sort(np.unique_values(x)),
    "packbits": lambda x: np.packbits(x > 0.5),
    "ix_": lambda x: x[np.ix_([0, 2])],
    "shares_memory": lambda x: np.shares_memory(x, x),
    "may_share_memory": lambda x: np.may_share_memory(x, x),
    "einsum_path": lambda x: len(np.einsum_path("i,i", x, x)),
    "tril_indices_from": lambda x: x[:4].reshape(2, 2)[np.tril_indices_from(x[:4].reshape(2, 2))],
    "triu_indices_from": lambda x: x[:4].reshape(2, 2)[np.triu_indices_from(x[:4].reshape(2, 2))],
    "diag_indices_from": lambda x: x[:4].reshape(2, 2)[np.diag_indices_from(x[:4].reshape(2, 2))],
    "unique": lambda x: np.unique(np.concatenate([x, x[:2]])),
    "isin": lambda x: np.isin(x, [0.7, 2.1]),
    "a mask": lambda x: x[x > 0.5],
    "a mask of floats": lambda x: FLOATS[x > 0.5].sum() * x[0],
    "masks together": lambda x: x[(x > 0.5) & ~(x > 2.0) | (x < -1.0)],
    "a mask times x": lambda x: x * (x > 0.5),
    "a mask in arithmetic": lambda x: (x > 0.5) * 2.0 - 1.0 + x,
    "any of a mask": lambda x: x.sum() if (x > 2.0).any() else -x.sum(),
    "all of a mask": lambda x: x.sum() if (x > 2.0).all() else -x.sum(),
    "mean of a mask": lambda x: (x > 0.5).mean() * x[0],
    "astype of a mask": lambda x: (x > 0.5).astype(float) * x,
    "a mask of two axes": lambda x: (x.reshape(2, 3) > 0.5).sum(axis=0) * x[:3],
}

METHODS: dict[str, Call] = {
    "x.max": lambda x: x.max(),
    "x.min": lambda x: x.reshape(2, 3).min(axis=1),
    "x.sum": lambda x: x.sum(),
    "x.mean": lambda x: x.mean(),
    "x.var": lambda x: x.var(),
    "x.std": lambda x: x.std(),
    "x.prod": lambda x: x.prod(),
    "x.cumsum": lambda x: x.cumsum(),
    "x.cumprod": lambda x: x.cumprod(),
    "x.clip": lambda x: x.clip(-1.0, 1.0),
    "x.clip, max only": lambda x: x.clip(max=1.0),
    "x.round": lambda x: x.round(1),
    "x.argmax": lambda x: x.argmax(),
    "x.argmin": lambda x: x.argmin(),
    "x.argsort": lambda x: x.argsort(),
    "x.argpartition": lambda x: np.sort(x.argpartition(2)[:3]),
    "x.searchsorted": lambda x: np.sort(FLOATS).searchsorted(x),
    "x.nonzero": lambda x: x.nonzero()[0],
    "x.any": lambda x: x.any(),
    "x.all": lambda x: x.all(),
    "x.dot": lambda x: x.dot(FLOATS),
    "x @ y": lambda x: x @ FLOATS,
    "x.T": lambda x: x.reshape(2, 3).T @ x.reshape(2, 3),
    "x.trace": lambda x: square(x).trace(),
    "x.diagonal": lambda x: square(x).diagonal(),
    "x.flatten": lambda x: x.reshape(2, 3).flatten(),
    "x.ravel": lambda x: x.reshape(2, 3).ravel(),
    "x.repeat": lambda x: x.repeat(2),
    "x.take": lambda x: x.take([0, 2]),
    "x.compress": lambda x: x.compress(MASK),
    "x.choose": lambda x: np.array([0, 1]).choose([x[:2], FLOATS[:2]]),
    "x.squeeze": lambda x: x.reshape(1, 6).squeeze(),
    "x.swapaxes": lambda x: x.reshape(2, 3).swapaxes(0, 1),
    "x.transpose": lambda x: x.reshape(2, 3).transpose(),
    "x.copy": lambda x: x.copy(),
    "x.conj": lambda x: x.conj(),
    "x.tolist": lambda x: sum(x.tolist()),
    "x.item": lambda x: x.item(2),
    "x.real": lambda x: x.real,
    "x.imag": lambda x: x.imag,
    "x.conjugate": lambda x: x.conjugate(),
    "x.astype": lambda x: x.astype(object) * 2.0,
    "x.reshape": lambda x: x.reshape(3, -1),
    "x.mT": lambda x: x.reshape(2, 3).mT,
    "x.shape": lambda x: x.reshape(2, 3).shape,
    "x.size": lambda x: x.size,
    "x.ndim": lambda x: x.ndim,
    "x.view": lambda x: x.view(),
    "x.flat": lambda x: list(x.flat),
    "iteration": lambda x: sum(t * t for t in x),
    "rows": lambda x: sum(row @ row for row in x.reshape(2, 3)),
    "slices": lambda x: x[1:] * x[:-1],
    "fancy": lambda x: x[[0, 2, 4]],
    "newaxis": lambda x: x[:, None] * x[None, :],
    "in": lambda x: x[0] if 9.0 in x else x[1],
    "abs(x)": lambda x: abs(x),
    "-x": lambda x: -x,
    "+x": lambda x: +x,
    "x ** 2": lambda x: x**2,
    "2 ** x": lambda x: 2.0**x,
    "x % 1": lambda x: x % 1.0,
    "x // 1": lambda x: x // 0.5,
    "1 / x": lambda x: 1 / x,
    "divmod": lambda x: divmod(x, 0.75),
    "mixed with floats": lambda x: np.exp(np.maximum(x, 0.0)),
    "mixed by where": lambda x: np.log(np.where(MASK, x + 3.0, 2.0)),
    "mixed by storing": lambda x: np.sin(_with_a_float(x)),
    "mixed, a power": lambda x: np.power(_with_a_float(x) + 3.0, 0.5),
    "an array of nodes by np.array": lambda x: np.tanh(np.array([x[0], x[1] * x[2]])) * x[3:5],
}


def _with_nan(x: Any) -> Any:
    y = x * 1.0
    y[2] = np.nan
    return y


def _with_a_float(x: Any) -> Any:
    y = x * 1.0
    y[1] = 0.25
    return y


WORKS: dict[str, Call] = {
    **UNARY,
    **BINARY,
    **UFUNC_METHODS,
    **SHAPES,
    **IN_PLACE,
    **SUMS,
    **CHOICES,
    **METHODS,
}

REFUSED: dict[str, tuple[Call, str]] = {  # with what the message must say
    **{
        f"fft.{name}": (lambda x, f=f: f(x.reshape(2, 3)), "complex")
        for name, f in (
            (name, getattr(np.fft, name))
            for name in ("fft ifft rfft irfft hfft ihfft rfftn irfftn rfft2 irfft2 fft2 ifft2 fftn ifftn").split()
        )
    },
    "linalg.eig": (lambda x: np.linalg.eig(square(x)), "np.linalg.eigh"),
    "linalg.eigvals": (lambda x: np.linalg.eigvals(square(x)), "np.linalg.eigh"),
    "linalg.svd, full": (lambda x: np.linalg.svd(x.reshape(2, 3)), "full_matrices=False"),
    **{
        name: (of(name), f"nodes do not support np.{name}.*gg.values")
        for name in "frexp spacing i0 roots sort_complex histogram_bin_edges".split()
    },
    **{
        name: (of(name, FLOATS), f"nodes do not support np.{name}.*gg.values")
        for name in ("nextafter polydiv histogram2d").split()
    },
    "histogramdd": (lambda x: np.histogramdd(x[:, None]), "nodes do not support np.histogramdd"),
    "histogram by number": (lambda x: np.histogram(x, 3), "edges that are plain numbers"),
    "gradient by nodes": (lambda x: np.gradient(x, x), "spacings of np.gradient must be plain numbers"),
    "digitize by nodes": (lambda x: np.digitize(FLOATS, np.sort(x)), "increasing edges that are plain numbers"),
    "quantile, weights": (
        lambda x: np.quantile(x, 0.5, method="inverted_cdf", weights=POSITIVE),
        "takes no weights: repeat the elements",
    ),
    "polyfit at nodes": (lambda x: np.polyfit(x, FLOATS, 1), "must be plain numbers.*np.linalg.solve"),
    "polyfit, full": (lambda x: np.polyfit(FLOATS, x, 1, full=True), "leave full and cov out"),
    "cov with nodes as weights": (lambda x: np.cov(FLOATS, aweights=x + 3.0), "aweights of np.cov must be plain"),
    "histogram by nodes": (lambda x: np.histogram(FLOATS, np.sort(x)), "edges of np.histogram must be plain numbers"),
    "sum in float32": (lambda x: np.sum(x, dtype=np.float32), "leave dtype out"),
    "add in place": (lambda x: np.add(x, 1.0, out=np.zeros(6)), "array of numbers.*gg.zeros"),
    "operators in place": (
        lambda x: operator.iadd(np.zeros(6), x),
        r"\+= cannot store.*write z = z \+ x, or .*gg.zeros",
    ),
    "copyto": (lambda x: np.copyto(np.zeros(6), x), "array of numbers.*gg.zeros"),
    "put": (lambda x: np.put(np.zeros(6), [0], x[0]), "array of numbers.*gg.zeros"),
    "concatenate, out": (lambda x: np.concatenate([x, x], out=np.zeros(12)), "array of numbers.*gg.zeros"),
    "maximum, out": (lambda x: np.maximum(x, 0.0, out=np.zeros(6)), "array of numbers.*gg.zeros"),
    "sum, out": (lambda x: np.sum(x.reshape(2, 3), axis=0, out=np.zeros(3)), "array of numbers.*gg.zeros"),
    **{
        f"x.{name}": (lambda x, name=name, args=args: getattr(x * 1.0, name)(*args), "addresses")
        for name, args in (
            ("tobytes", ()),
            ("tofile", (os.devnull,)),
            ("byteswap", ()),
            ("getfield", (float,)),
            ("setfield", (1.0, float)),
        )
    },
    "a matrix": (lambda x: x[:4].reshape(2, 2) * FLOATS[:4].reshape(2, 2).view(np.matrix), "write @ for that product"),
    "a masked array": (lambda x: x + np.ma.masked_array(FLOATS, MASK), "filled"),
}

NOT_OF_FLOATS = {  # nor of nodes: any TypeError is right
    "bincount of floats": lambda x: np.bincount(x),
    **{name: of(name) for name in "bitwise_count isnat invert bitwise_not bitwise_invert".split()},
    **{
        name: of(name, FLOATS)
        for name in (
            "gcd lcm left_shift right_shift bitwise_left_shift bitwise_right_shift bitwise_and bitwise_or bitwise_xor"
        ).split()
    },
}

# Attributes of an array that say how it is stored.
OF_STORAGE = set("base ctypes data device dtype dump dumps flags itemsize nbytes setflags strides to_device".split())
# These functions do not ask the class of their arguments: they take no arrays, or make new ones from numbers.
WITHOUT_ARRAYS = set(
    "seterr geterr seterrcall geterrcall setbufsize getbufsize set_printoptions get_printoptions printoptions info "
    "get_include show_config show_runtime issubdtype isdtype promote_types mintypecode typename base_repr binary_repr "
    "format_float_positional format_float_scientific iterable isscalar broadcast_shapes isfortran hanning hamming "
    "blackman bartlett kaiser tri tril_indices triu_indices diag_indices indices identity eye zeros ones empty arange "
    "fromfunction fromiter frombuffer fromfile fromregex fromstring from_dlpack loadtxt genfromtxt load "
    "asfortranarray asarray_chkfinite row_stack".split()
)
NOT_OF_NUMBERS = set(  # of dtypes, text, files, dates, settings; and what has no argument of numbers
    "__array_namespace_info__ array_repr array_str array2string asmatrix bmat broadcast busday_count busday_offset "
    "busdaycalendar can_cast common_type datetime_as_string datetime_data is_busday matrix min_scalar_type "
    "mask_indices memmap nditer nested_iters ndindex poly1d recarray record require result_type save savetxt savez "
    "savez_compressed shape size unpackbits unravel_index ravel_multi_index errstate flatiter finfo iinfo dtype ufunc "
    "vectorize ndarray LinAlgError test fftfreq rfftfreq".split()
)
