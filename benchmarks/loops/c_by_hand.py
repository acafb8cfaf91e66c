"""C by hand: value and gradient as an expert would write them, compiled for the sizes of a program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import native
import numpy as np
from family import About, Array, Call, Read
from programs import Program

SOURCES = Path(__file__).parent / "c"
FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-Wno-psabi")
WIDTHS = {"heston": 32, "lorenz": 16, "kepler": 32, "kalman": 32, "soft_dtw": 32}  # lanes side by side; others: 8


def make(program: Program, threads: int) -> tuple[Call, Read, About]:
    """Compile the program's C, and return a call of it into the same memory every time."""
    if program.name == "mixture":
        return mixture(program)
    out = [np.zeros(program.lanes) if per_lane(program) else np.zeros(1), *gradients(program)]
    runs, images = [], []
    for first, lanes, width in spans(program):
        name = program.name.removesuffix("_arrays")
        path = native.compiled(SOURCES / f"{name}.c", *FLAGS, f"-I{SOURCES}", f"-DW={width}", *definitions(program))
        inputs = [leaf for k in range(len(program.arguments)) for leaf in passed(program, k, first)]
        outputs = [array[first:] if per_lane(program) else array for array in out]
        runs.append(native.bind(getattr(native.loaded(path), name), lanes, *inputs, *outputs))
        images.append(path.read_bytes())

    def call() -> list[Array]:
        for run in runs:
            run()
        return out

    return call, lambda results: results, lambda: {"code": sum(map(native.code_bytes, images))}


def spans(program: Program) -> Iterator[tuple[int, int, int]]:
    """Yield the first lane, the number of lanes, and how many of them C computes side by side, until all are done."""
    lanes = program.lanes
    if program.in_axes is None:
        yield 0, lanes, 1 if program.name in ("lorenz", "kepler") else 8
        return
    best = WIDTHS.get(program.name, 8)
    whole = lanes // best * best
    if whole:
        yield 0, whole, best
    if whole < lanes:
        yield whole, lanes - whole, 8


def definitions(program: Program) -> Iterator[str]:
    """The sizes and constants as macros."""
    for name, value in {**program.sizes, **program.constants}.items():
        yield f"-D{name.upper()}={','.join(map(repr, value)) if isinstance(value, list) else repr(value)}"


def per_lane(program: Program) -> bool:
    return program.in_axes is not None and program.reduce is None


def leaves(x: Any) -> list[Array]:
    """The arrays of an argument: tuples hold several, lists are arrays."""
    if isinstance(x, tuple):
        return [leaf for part in x for leaf in leaves(part)]
    return [np.asarray(x, dtype=np.float64, order="C")]


def passed(program: Program, k: int, first: int) -> list[Any]:
    """What C takes for argument `k` from lane `first` on: an array, or the number itself that all lanes share."""
    argument = program.arguments[k]
    if program.in_axes is None:
        return [np.atleast_1d(leaf) for leaf in leaves(argument)]
    if isinstance(argument, float):
        return [argument]
    return [leaf if program.in_axes[k] is None else leaf[first:] for leaf in leaves(argument)]


def gradients(program: Program) -> Iterator[Array]:
    """Memory for the gradients, in the order in which glassgrad returns them."""
    for k in (program.argnums,) if isinstance(program.argnums, int) else program.argnums:
        shared = program.in_axes is None or program.in_axes[k] is None
        for leaf in leaves(program.arguments[k]):
            lanes = (program.lanes,) if shared and per_lane(program) else ()
            yield np.zeros((*lanes, *leaf.shape))


def mixture(program: Program) -> tuple[Call, Read, About]:
    """The mixture's C is that of the benchmarks of compiled code, which blocks points."""
    alpha, mean, packed, points = program.arguments
    sizes = (f"-DD={program.sizes['d']}", f"-DK={program.sizes['k']}")
    path = native.compiled(SOURCES.parents[1] / "compiled" / "c" / "mixture.c", *native.FLAGS, *sizes)
    out = native.aligned(1 + alpha.size + mean.size + packed.size)
    run = native.bind(native.loaded(path).gradient, len(points), alpha, mean, packed, points, out)
    return lambda: run() or out, lambda results: results, lambda: {"code": native.code_bytes(path.read_bytes())}
