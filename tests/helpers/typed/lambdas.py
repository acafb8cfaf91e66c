"""Functions without types, as most people write them: type checkers must not report anything."""

import numpy as np

import glassgrad as gg

lanes = np.linspace(0.0, 1.0, 5)

gg.grad(lambda x: x**3)(2.0)
gg.grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
gg.grad(gg.grad(lambda x: gg.exp(-x)))(2.0)
gg.value_and_grad(lambda w, x: (w @ x).sum())(np.ones((2, 2)), np.ones(2))
gg.jit(gg.grad(lambda w: (w * w).sum()))(np.ones(3))
gg.jit(lambda p, x: p["w"] * x + p["b"])({"w": 1.0, "b": 2.0}, 3.0)
gg.vmap(lambda x: gg.exp(-x) if x > 0 else x)(lanes)
gg.vmap(gg.grad(lambda x: gg.exp(-x)))(lanes)
gg.vmap(lambda w, x: w @ x, in_axes=(None, 0))(np.ones(2), np.ones((5, 2)))
gg.hessian(lambda x: x[0] ** 2 * x[1])(np.ones(2))
gg.minimize(lambda x: (x * x).sum(), np.ones(2))


def untyped(x, y=1.0):  # type: ignore[no-untyped-def]
    return x * y


gg.grad(untyped)(1.0)
gg.jit(untyped)(1.0, y=2.0)
gg.vmap(untyped)(lanes)
