"""The time from a plain function to its first result: a small one, and programs of up to 300,000 instructions."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import count
from operator import add
from pathlib import Path
from typing import Any

import native
import numpy as np
from family import Array, Call, Case, Family

WIDTH = 16
Program = Callable[[Any, Any], Any]


def data(case: Case) -> tuple[Array, Iterator[Program]]:
    """A point, and a new program of that many instructions for each call, so no cache can know it."""
    return np.random.default_rng(0).uniform(-1, 1, WIDTH), (straight_line(case.size, seed) for seed in count())


FAMILY = Family(
    title="Compile time",
    about="Seconds from a plain function, never seen before, to its first result: tracing, compiling, running. "
    "*First call* is the first compilation of a process that has imported what it needs, *steady* is that of further "
    "functions in the same process. The program is x[i] ← a x[i] + b x[j] + c with i, j, a, b and c at random over 16 "
    "numbers, and a sine now and then: no two stretches are alike. gcc -O3 gets the same as C. JAX's time grows "
    "faster than the program, and is left out where it takes minutes.",
    unit="program",
    axis="instructions",
    cases=[Case("straight-line program", n) for n in (90, 900, 3_000, 30_000, 300_000)],
    quick=[Case("straight-line program", n) for n in (90, 900)],
    data=data,
)


Step = tuple[int, int, float, float, float] | tuple[int]


def steps(size: int, seed: int) -> Iterator[Step]:
    """Yield the steps of the program: four operations each, and one sine after every 32. Values stay near 1."""
    draw, done = random.Random(seed), 0
    while done < size:
        if done % 33 == 32:
            yield (draw.randrange(WIDTH),)
            done += 1
        else:
            a = draw.uniform(-1, 1)
            b = draw.choice((-1, 1)) * (1 - abs(a))
            yield draw.randrange(WIDTH), draw.randrange(WIDTH), a, b, draw.uniform(-1, 1)
            done += 4


def straight_line(size: int, seed: int) -> Program:
    """Return the program as a function of a point and a library's sine."""
    listing = list(steps(size, seed))

    def program(x: Any, sin: Any) -> Any:
        values = [x[i] for i in range(WIDTH)]
        for step in listing:
            if len(step) == 1:
                values[step[0]] = sin(values[step[0]])
            else:
                i, j, a, b, c = step
                values[i] = a * values[i] + b * values[j] + c
        return reduce(add, values)

    return program


@FAMILY.contender("glassgrad", "glassgrad")
def glassgrad(data: tuple[Array, Iterator[Program]], threads: int) -> Call:
    import glassgrad as gg

    def call() -> Any:
        program = next(data[1])
        return gg.jit(lambda x: program(x, gg.sin))(data[0])

    return call


@FAMILY.contender("glassgrad, gradient", "glassgrad", most=100_000)
def glassgrad_gradient(data: tuple[Array, Iterator[Program]], threads: int) -> Any:
    import glassgrad as gg

    def call() -> Any:
        program = next(data[1])
        return gg.jit(gg.value_and_grad(lambda x: program(x, gg.sin)))(data[0])

    return call, lambda both: both[0]


@FAMILY.contender("JAX", "jax", most=900)
def jax(data: tuple[Array, Iterator[Program]], threads: int) -> Call:
    import jax
    import jax.numpy as jnp

    def call() -> Any:
        program = next(data[1])
        return jax.jit(lambda x: program(x, jnp.sin))(data[0]).block_until_ready()

    return call


@FAMILY.contender("JAX, gradient", "jax", most=900)
def jax_gradient(data: tuple[Array, Iterator[Program]], threads: int) -> Any:
    import jax
    import jax.numpy as jnp

    def call() -> Any:
        program = next(data[1])
        return jax.block_until_ready(jax.jit(jax.value_and_grad(lambda x: program(x, jnp.sin)))(data[0]))

    return call, lambda both: both[0]


@FAMILY.contender("heyoka", "heyoka", most=30_000)
def heyoka(data: tuple[Array, Iterator[Program]], threads: int) -> Call:
    import heyoka as hy

    def call() -> Any:
        program, names = next(data[1]), hy.make_vars(*(f"x{i:02}" for i in range(WIDTH)))
        return hy.cfunc([program(names, hy.sin)], names)(data[0])

    return call


@FAMILY.contender("heyoka, compact mode", "heyoka", most=30_000)
def heyoka_compact(data: tuple[Array, Iterator[Program]], threads: int) -> Call:
    import heyoka as hy

    def call() -> Any:
        program, names = next(data[1]), hy.make_vars(*(f"x{i:02}" for i in range(WIDTH)))
        return hy.cfunc([program(names, hy.sin)], names, compact_mode=True)(data[0])

    return call


@FAMILY.contender("CasADi, its VM", "casadi")
def casadi(data: tuple[Array, Iterator[Program]], threads: int) -> Call:
    import casadi as ca

    def call() -> Any:
        program, names = next(data[1]), ca.SX.sym("x", WIDTH)
        return ca.Function("program", [names], [program(names, ca.sin)])(data[0]).full()

    return call


@FAMILY.contender("C, gcc -O3", most=30_000)
def c(data: tuple[Array, Iterator[Program]], threads: int) -> Call:
    class Text(str):
        """An expression in C. Each operation gives it a new name."""

        lines: list[str]

        def name(self, text: str) -> Text:
            result = Text(f"v{len(self.lines)}")
            result.lines = self.lines
            self.lines.append(f"double {result} = {text};")
            return result

        def __rmul__(self, a: Any) -> Text:
            return self.name(f"{a!r} * {self!s}")

        def __add__(self, other: Any) -> Text:
            return self.name(f"{self!s} + {other}")

        def sin(self) -> Text:
            return self.name(f"sin({self!s})")

    def call() -> Array:
        program, lines, names, out = next(data[1]), list[str](), [Text(f"x[{i}]") for i in range(WIDTH)], np.empty(1)
        for name in names:
            name.lines = lines
        result = program(names, Text.sin)
        head = ["#include <math.h>", "void program(const double *x, double *out) {"]
        text = "\n".join([*head, *lines, f"*out = {result};", "}"])
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "program.c"
            source.write_text(text)
            native.bind(native.library(source, "-O3", "-march=native", "-ffast-math").program, data[0], out)()
        return out

    return call
