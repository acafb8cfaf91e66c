"""Mistakes that mypy and pyright must find: one in each line that is marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import glassgrad as gg


def product(x: float, y: float) -> float:
    return x * y


def loss(w: NDArray[np.float64], x: NDArray[np.float64]) -> float:
    return float(w @ x)


gg.sin("0.5")  # error
gg.sin(1.0, 2.0)  # error
gg.maximum(1.0)  # error
gg.Scalar("2.0")  # error
print(gg.Scalar(2.0).nothing)  # error
gg.grad(product)(1.0)  # error
gg.grad(product)(1.0, 2.0, 3.0)  # error
gg.grad(product)("1.0", 2.0)  # error
gg.grad(product)(1.0, z=2.0)  # error
gg.grad(loss)([1.0], np.ones(1))  # error
gg.grad(3.0)  # error
gg.value_and_grad(product)(1.0)  # error
gg.jit(product)(1.0)  # error
gg.jit(product)("1.0", 2.0)  # error
gg.jit(gg.grad(product))(1.0, 2.0, 3.0)  # error
gg.jit(product, max_path=3)  # error
gg.vmap(product)(np.ones(3))  # error
gg.vmap(product)(np.ones(3), "lanes")  # error
gg.vmap(product, reduce="max")(np.ones(3), np.ones(3))  # error
slope: str = gg.grad(product)(1.0, 2.0)  # error
total: str = gg.jit(product)(1.0, 2.0)  # error
several: float = gg.vmap(product)(np.ones(3), np.ones(3))  # error
gg.linalg.solve(np.eye(2))  # error
gg.linalg.solve(2.0, np.ones(2))  # error
gg.linalg.inv(2.0)  # error
gg.linalg.inv(np.eye(2), 3)  # error
gg.linalg.eigh(np.eye(2), UPLO="X")  # error
gg.linalg.norm(np.ones(2), "nucleus")  # error
gg.linalg.matrix_power(np.eye(2), 0.5)  # error
gg.linalg.solve_triangular(np.eye(2), np.ones(2), upper="yes")  # error
gg.linalg.lu_factor(np.eye(2))  # error
inverse: float = gg.linalg.inv(np.eye(2))  # error
vectors: float = gg.linalg.eigh(np.eye(2)).eigenvectors  # error
gg.zeros("3")  # error
gg.zeros(3, fill=1.0)  # error
gg.full(3)  # error
gg.take(np.ones(3))  # error
gg.jit(product, static_argnames=1)  # error
gg.jit(product, static_argnums="x")  # error
gg.vmap(product, static_names="x")  # error
gg.interop.torch.function(3.0)  # error
gg.interop.numpy.function(product)  # error
