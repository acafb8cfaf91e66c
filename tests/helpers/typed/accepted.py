"""Public use that mypy and pyright accept in their strict modes, with the types that they must find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import glassgrad as gg
from glassgrad import Scalar
from glassgrad.typing import Number

Floats = NDArray[np.float64]

# Nodes

a = Scalar(2.0, label="a")
b = Scalar(-3.0, label="b")
c = a * b + a.sin() - 1.0 / b**2
assert_type(c, Scalar)
c.label = "c"
c.backward()
assert_type(a.grad, float)
assert_type(c.data, float)
assert_type(c.prev, tuple[Scalar, ...])
a.data -= 0.1 * a.grad
a.zero_grad()

# Operations

assert_type(gg.sin(0.5), float)
assert_type(gg.sin(1), float)
assert_type(gg.sin(a), Scalar)
assert_type(gg.sin(gg.array([1.0, 2.0])), gg.Array)
assert_type(gg.sin(np.zeros(3)), Floats)
assert_type(gg.tanh(a + 1.0), Scalar)
assert_type(gg.sigmoid(0.5), float)
assert_type(gg.softplus(a), Scalar)
assert_type(gg.maximum(1.0, 2.0), float)
assert_type(gg.maximum(a, 0.0), Scalar)
assert_type(gg.maximum(0.0, a), Scalar)
assert_type(gg.maximum(gg.array([1.0]), 0.0), gg.Array)
assert_type(gg.maximum(np.zeros(3), 0.0), Floats)
assert_type(gg.hypot(a, b), Scalar)
assert_type(gg.where(True, 1.0, 2.0), float)
assert_type(gg.where(a > 0.0, a, 0.0), Scalar)
assert_type(gg.where(np.zeros(3) > 0.0, 1.0, np.zeros(3)), Floats)
assert_type(gg.polygamma(1, a), Scalar)
assert_type(gg.leaky_relu(a, 0.1), Scalar)
assert_type(gg.clip(0.5, 0.0, 1.0), float)
assert_type(gg.total([1.0, 2.0]), float)
assert_type(gg.total([a, b]), Scalar)
assert_type(gg.dot([a, b], [1.0, 2.0]), Scalar)
assert_type(gg.softmax([a, b])[0], Scalar)
assert_type(gg.mean(np.zeros(3)), float)

# Arrays of nodes

w = gg.array([[1.0, 2.0], [3.0, 4.0]], label="w")
assert_type(w, gg.Array)
assert_type(gg.values(w), Floats)

# Functions


def cube(x: float) -> float:
    return x**3 + gg.sin(x)


def product(x: float, y: float = 2.0) -> float:
    return gg.exp(-x) * y


def loss(w: Floats, x: Floats, y: float) -> float:
    return (gg.dot(w, x) - y) ** 2


def mean_loss(parameters: dict[str, Floats], x: Floats, *, penalty: float) -> float:
    return gg.dot(parameters["w"], x) + penalty


def with_aux(w: Floats, x: float) -> tuple[float, str]:
    return gg.total(w) * x, "fine"


def softened(x: Number) -> Number:
    return gg.exp(-x * x) + 1.0


assert_type(softened(2.0), float | Scalar)

# Derivatives

assert_type(gg.grad(cube)(2.0), float)
assert_type(gg.grad(gg.grad(cube))(2.0), float)
assert_type(gg.grad(product)(2.0), float)
assert_type(gg.grad(product)(2.0, 3.0), float)
assert_type(gg.grad(product)(2.0, y=3.0), float)
assert_type(gg.grad(product, 1)(2.0, 3.0), float)
assert_type(gg.grad(product, argnums=(0, 1))(2.0, 3.0), tuple[float, float])
assert_type(gg.grad(loss)(np.ones(2), np.ones(2), 1.0), Floats)
assert_type(gg.grad(loss, argnums=2)(np.ones(2), np.ones(2), 1.0), float)
assert_type(gg.grad(loss, argnums=(0, 1, 2))(np.ones(2), np.ones(2), 1.0), tuple[Floats, Floats, float])
assert_type(gg.grad(mean_loss)({"w": np.ones(2)}, np.ones(2), penalty=0.1), dict[str, Floats])
assert_type(gg.grad(with_aux, has_aux=True)(np.ones(2), 1.0), tuple[Floats, str])
assert_type(gg.value_and_grad(cube)(2.0), tuple[float, float])
assert_type(gg.value_and_grad(loss)(np.ones(2), np.ones(2), 1.0), tuple[float, Floats])
assert_type(gg.value_and_grad(product, (0, 1))(1.0, 2.0), tuple[float, tuple[float, float]])
assert_type(gg.value_and_grad(with_aux, has_aux=True)(np.ones(2), 1.0), tuple[tuple[float, str], Floats])
assert_type(gg.hessian(cube)(2.0), float)
assert_type(gg.hessian(loss)(np.ones(2), np.ones(2), 1.0), Floats)
assert_type(gg.jacobian(cube)(2.0), float)
assert_type(gg.jacobian(loss)(np.ones(2), np.ones(2), 1.0), Floats)
assert_type(gg.hessian(product)(2.0, y=3.0), float)
assert_type(gg.jvp(cube, (2.0,), (1.0,)), tuple[float, float])
value, pullback = gg.vjp(cube, 2.0)
assert_type(value, float)
assert_type(pullback(1.0), tuple[float])
assert_type(gg.hvp(cube, 2.0, 1.0), float)
assert_type(gg.derivative(cube, 2.0), float)
assert gg.check_grad(cube, 2.0)

# Compiled functions

fast = gg.jit(product)
assert_type(fast(2.0), float)
assert_type(fast(2.0, y=3.0), float)
assert_type(gg.jit(gg.grad(cube))(2.0), float)
assert_type(gg.jit(gg.value_and_grad(loss))(np.ones(2), np.ones(2), 1.0), tuple[float, Floats])
assert_type(gg.jit(loss)(np.ones(2), np.ones(2), y=1.0), float)
gradient = gg.jit(gg.grad(loss))
slopes = np.empty(2)
assert_type(gradient(np.ones(2), np.ones(2), 1.0, out=slopes), Floats)
print(gradient.lower(np.ones(2), np.ones(2), 1.0).llvm)

lanes = np.linspace(0.0, 1.0, 5)
assert_type(gg.vmap(cube)(lanes), Floats)
assert_type(gg.vmap(product)(lanes), Floats)
assert_type(gg.vmap(product)(lanes, lanes), Floats)
assert_type(gg.vmap(gg.grad(cube))(lanes), Floats)
assert_type(gg.vmap(gg.value_and_grad(cube))(lanes), tuple[Floats, Floats])
assert_type(gg.vmap(gg.value_and_grad(product, (0, 1)))(lanes, lanes), tuple[Floats, tuple[Floats, Floats]])
assert_type(gg.vmap(cube, reduce="sum")(lanes), float)
assert_type(gg.vmap(loss, in_axes=(None, 0, 0))(np.ones(2), np.ones((5, 2)), lanes), Floats)
assert_type(gg.vmap(gg.grad(loss), in_axes=(None, 0, 0))(np.ones(2), np.ones((5, 2)), lanes), Floats)
gg.vmap(cube)(lanes, out=np.empty(5))

# Tables

rates = gg.CubicSpline([0.0, 1.0, 2.0], [0.02, 0.03, 0.035], bc_type="natural")
assert_type(gg.interp(0.5, [0.0, 1.0], [1.0, 2.0]), float)
assert_type(gg.interp(a, [0.0, 1.0], [1.0, 2.0]), Scalar)
assert_type(gg.interp(0.5, [0.0, 1.0], [a, b]), Scalar)
assert_type(gg.interp(lanes, [0.0, 1.0], gg.array([1.0, 2.0])), gg.Array)
assert_type(gg.interp2(0.5, a, [0.0, 1.0], [0.0, 1.0], np.eye(2)), Scalar)
assert_type(gg.interp(lanes, [0.0, 1.0], [1.0, 2.0]), Floats)

# Arrays to store in, and rows

z = gg.zeros(3)
assert_type(z, gg.Array)
z[0] = a
z[1:] += 2.0
assert_type(gg.zeros((2, 3), label="z"), gg.Array)
assert_type(gg.ones_like(lanes), gg.Array)
assert_type(gg.full(3, a), gg.Array)
assert_type(gg.eye(3), gg.Array)
assert_type(z + 1.0, gg.Array)
assert_type(1.0 - z, gg.Array)
assert_type(2.0 * z / (1.0 + z * z), gg.Array)
assert_type(-(abs(z) ** 2), gg.Array)
assert_type(gg.take(lanes, np.arange(2)), Floats)
gg.take(lanes, 1)
gg.take(z, 1)

# Linear algebra

matrix: Floats = np.array([[2.0, 0.5], [0.5, 1.0]])
side = np.ones(2)
nodes = gg.array(matrix)
assert_type(gg.linalg.solve(matrix, side), Floats)
assert_type(gg.linalg.solve(nodes, side), gg.Array)
assert_type(gg.linalg.solve(matrix, gg.array(side)), gg.Array)
assert_type(gg.linalg.solve_triangular(matrix, side, lower=True, check_finite=False), Floats)
assert_type(gg.linalg.solve_triangular(nodes, side, trans="T"), gg.Array)
assert_type(gg.linalg.inv(matrix), Floats)
assert_type(gg.linalg.inv(nodes), gg.Array)
assert_type(gg.linalg.pinv(nodes, rcond=1e-12), gg.Array)
assert_type(gg.linalg.expm(matrix), Floats)
assert_type(gg.linalg.matrix_power(nodes, -2), gg.Array)
assert_type(gg.linalg.cholesky(nodes, upper=True), gg.Array)
factor = gg.linalg.cho_factor(nodes, lower=True)
assert_type(factor, tuple[gg.Array, bool])
assert_type(gg.linalg.cho_solve(factor, side), gg.Array)
assert_type(gg.linalg.qr(matrix).R, Floats)
assert_type(gg.linalg.qr(nodes, "r"), gg.Array)
assert_type(gg.linalg.eigh(nodes, UPLO="U").eigenvalues, gg.Array)
eigenvalues, eigenvectors = gg.linalg.eigh(matrix)
assert_type(eigenvectors, Floats)
assert_type(gg.linalg.eigvalsh(matrix), Floats)
u, s, vh = gg.linalg.svd(nodes, full_matrices=False)
assert_type(s, gg.Array)
assert_type(gg.linalg.svd(matrix, compute_uv=False), Floats)
assert_type(gg.linalg.svdvals(nodes), gg.Array)
assert_type(gg.linalg.norm(side), float)
assert_type(gg.linalg.norm(nodes, "fro"), Scalar)
assert_type(gg.linalg.vector_norm(side, ord=1), float)
assert_type(gg.linalg.lstsq(matrix, side, rcond=None)[0], Floats)
assert_type(gg.linalg.lstsq(nodes, side)[0], gg.Array)
sign, size = gg.linalg.slogdet(nodes)
gg.linalg.det([[a, 1.0], [0.0, b]])
try:
    gg.linalg.inv(np.zeros((2, 2)))
except gg.linalg.LinAlgError as error:
    print(error)


def log_density(x: Floats, mean: Floats, covariance: Floats) -> float:
    factor = gg.linalg.cholesky(covariance)
    scaled = gg.linalg.solve_triangular(factor, x - mean, lower=True)
    return -0.5 * gg.dot(scaled, scaled) - gg.total(gg.log(np.diag(factor)))


assert_type(gg.jit(gg.grad(log_density, 2))(side, np.zeros(2), matrix), Floats)
assert_type(gg.vmap(log_density, in_axes=(0, None, None))(np.ones((5, 2)), np.zeros(2), matrix), Floats)

# Options, dataclasses and other libraries


def power(x: float, n: int, mode: str = "plain") -> float:
    return x**n if mode == "plain" else -(x**n)


assert_type(gg.jit(power, static_argnames="mode")(2.0, 3, mode="negative"), float)
assert_type(gg.jit(gg.grad(power), static_argnames=["n", "mode"])(2.0, 3), float)
assert_type(gg.vmap(power, in_axes=(0, None, None), static_argnames="mode")(lanes, 3, "plain"), Floats)
assert_type(gg.vmap(power, in_axes=(0, None, None), static_argnums=(1, 2))(lanes, 3, "plain"), Floats)
assert_type(gg.vmap(power, reduce="sum", in_axes=(0, None), static_argnames="mode")(lanes, 3, mode="plain"), float)


@dataclass(frozen=True)
class Line:
    slope: float
    offset: float


def height(line: Line, x: float) -> float:
    return line.slope * x + line.offset


assert_type(gg.grad(height)(Line(1.0, 2.0), 3.0), Line)
assert_type(gg.jit(gg.value_and_grad(height))(Line(1.0, 2.0), 3.0), tuple[float, Line])
assert_type(gg.vmap(height, in_axes=(None, 0))(Line(1.0, 2.0), lanes), Floats)
gg.interop.torch.function(log_density, in_axes=(0, None, None))
gg.interop.jax.function(log_density)

# Pictures, and the player

drawing = gg.draw(c, rankdir="TB")
drawing.save("c.svg")
gg.draw_dot(c)

# Modules and optimisers

model = gg.nn.MLP(3, [4, 4, 1])
optimizer = gg.optim.SGD(model.parameters(), lr=0.1)
optimizer.zero_grad()
optimizer.step()

# Solvers


def squares(x: Floats) -> float:
    return gg.dot(x, x)


found = gg.minimize(squares, np.ones(2))

# Blocks

with gg.errstate(domain="nan"), gg.group("layer"):
    gg.log(a)
try:
    gg.log(-1.0)
except gg.DomainError as error:
    print(error)
gg.config.threads = 2
