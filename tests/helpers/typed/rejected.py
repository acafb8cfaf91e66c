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
