"""Eight paths through three comparisons, evenly mixed, beside the same work without a branch."""

from __future__ import annotations

from typing import Any

import native
import numpy as np
from families import SOURCES
from family import Array, Call, Case, Family

MIXED, STRAIGHT = "eight paths, evenly mixed", "one path, the same work"
ROUNDS = 4
LEAVES = np.array([[0.9 - 0.05 * k, 0.3 + 0.07 * k] for k in range(8)])


def data(case: Case) -> list[Array]:
    """Four rows: three random signs, so the eight paths are equally likely, and a number to compute with."""
    draw = np.random.default_rng(0)
    rows = native.aligned(4, case.size)
    rows[...] = draw.uniform(-1, 1, rows.shape)
    return list(rows)


SIZES = (1_000, 10_000, 100_000, 1_000_000)
FAMILY = Family(
    title="Eight paths",
    about=f"t ← a t + b exp(−t²), {ROUNDS} times, with a and b of the leaf that three nested `if` lead to, and its "
    "derivative; beside it the first leaf for all lanes, without a comparison. JAX and PyTorch compute all eight and "
    "select; NumPy by hand picks each leaf's lanes.",
    unit="lane",
    axis="lanes",
    cases=[Case(series, n, n) for series in (MIXED, STRAIGHT) for n in SIZES],
    quick=[Case(series, 10_000, 10_000) for series in (MIXED, STRAIGHT)],
    data=data,
)


def leaf(exp: Any, k: int, w: Any) -> Any:
    a, b = LEAVES[k].tolist()
    for _ in range(ROUNDS):
        w = a * w + b * exp(-(w * w))
    return w


def branching(exp: Any, x: Any, y: Any, z: Any, w: Any) -> Any:
    if x > 0:
        if y > 0:
            return leaf(exp, 0, w) if z > 0 else leaf(exp, 1, w)
        return leaf(exp, 2, w) if z > 0 else leaf(exp, 3, w)
    if y > 0:
        return leaf(exp, 4, w) if z > 0 else leaf(exp, 5, w)
    return leaf(exp, 6, w) if z > 0 else leaf(exp, 7, w)


def straight(exp: Any, x: Any, y: Any, z: Any, w: Any) -> Any:
    return leaf(exp, 0, w)


def c_call(function: str, data: list[Array]) -> Call:
    out, n = native.aligned(2, len(data[0])), len(data[0])
    run = native.bind(getattr(native.library(SOURCES / "eight_paths.c"), function), n, LEAVES, *data, out)
    return lambda: run() or out


@FAMILY.contender("C by hand, lanes sorted by leaf", threads=True, series=MIXED)
def c_sorting(data: list[Array], threads: int) -> Call:
    return c_call("sorting", data)


def which(x: Any, y: Any, z: Any) -> Any:
    """Return the number of the path."""
    return 4 * (x <= 0) + 2 * (y <= 0) + 1 * (z <= 0)


def enter(series: str, program: Any) -> None:
    """Register contenders that are alike in both series except for the program."""

    @FAMILY.contender("C by hand", threads=True, series=series)
    def c_by_hand(data: list[Array], threads: int) -> Call:
        return c_call(program.__name__, data)

    @FAMILY.contender("glassgrad", "glassgrad", threads=True, series=series)
    def glassgrad(data: list[Array], threads: int) -> Call:
        import glassgrad as gg

        both = gg.vmap(gg.value_and_grad(lambda *lane: program(gg.exp, *lane), argnums=3), threads=threads)
        out = both(*data)
        return lambda: both(*data, out=out)

    @FAMILY.contender("JAX", "jax", threads=True, series=series)
    def jax(data: list[Array], threads: int) -> Call:
        import jax
        import jax.numpy as jnp

        def switching(x: Any, y: Any, z: Any, w: Any) -> Any:
            if program is straight:
                return leaf(jnp.exp, 0, w)
            return jax.lax.switch(which(x, y, z), [lambda w, k=k: leaf(jnp.exp, k, w) for k in range(8)], w)

        both = jax.jit(jax.vmap(jax.value_and_grad(switching, argnums=3)))
        inputs = [jnp.asarray(row) for row in data]
        return lambda: jax.block_until_ready(both(*inputs))

    @FAMILY.contender("PyTorch", "torch", threads=True, series=series)
    def torch(data: list[Array], threads: int) -> Call:
        import torch

        x, y, z, w = (torch.from_numpy(row) for row in data)
        w.requires_grad_()
        ones = torch.ones_like(w)

        def call() -> Any:
            if program is straight:
                value = leaf(torch.exp, 0, w)
            else:
                leaves = torch.stack([leaf(torch.exp, k, w) for k in range(8)])
                value = leaves.gather(0, which(x, y, z)[None])[0]
            return value, torch.autograd.grad(value, w, ones)[0]

        return call

    @FAMILY.contender("NumPy by hand", "numpy", series=series)
    def numpy(data: list[Array], threads: int) -> Call:
        x, y, z, w = data

        def derived(k: int, t: Array) -> tuple[Array, Array]:
            (a, b), slope = LEAVES[k], np.ones_like(t)
            for _ in range(ROUNDS):
                e = np.exp(-t * t)
                slope *= a - 2.0 * b * t * e
                t = a * t + b * e
            return t, slope

        def call() -> Any:
            if program is straight:
                return derived(0, w)
            value, slope, leaves = np.empty_like(w), np.empty_like(w), which(x, y, z)
            for k in range(8):
                lanes = np.flatnonzero(leaves == k)
                value[lanes], slope[lanes] = derived(k, w[lanes])
            return value, slope

        return call


enter(MIXED, branching)
enter(STRAIGHT, straight)
