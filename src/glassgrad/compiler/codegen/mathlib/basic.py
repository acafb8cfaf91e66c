"""Kernels of a few instructions: arithmetic, choices, steps and comparisons."""

from __future__ import annotations

from collections.abc import Callable

from glassgrad.compiler.codegen.mathlib import kernel
from glassgrad.compiler.codegen.vector import Code, F

IEEE = "IEEE 754-2019"


def small(name: str, method: str) -> Callable[[Callable[..., F]], Callable[..., F]]:
    """Register the decorated function as a small kernel that follows IEEE 754."""
    return kernel(name, method=method, source=IEEE, small=True)


ONE_INSTRUCTION = "one instruction, correctly rounded"


@small("add", ONE_INSTRUCTION)
def add(code: Code, a: F, b: F) -> F:
    return a + b


@small("sub", ONE_INSTRUCTION)
def sub(code: Code, a: F, b: F) -> F:
    return a - b


@small("mul", ONE_INSTRUCTION)
def mul(code: Code, a: F, b: F) -> F:
    return a * b


@small("div", ONE_INSTRUCTION)
def div(code: Code, a: F, b: F) -> F:
    return a / b


@small("fma", "a * b + c rounded once where the target can, else twice")
def fma(code: Code, a: F, b: F, c: F) -> F:
    return code.fma(a, b, c)


@small("fms", "a * b - c rounded once where the target can, else twice")
def fms(code: Code, a: F, b: F, c: F) -> F:
    return code.fma(a, b, -c)


@small("fnma", "c - a * b rounded once where the target can, else twice")
def fnma(code: Code, a: F, b: F, c: F) -> F:
    return code.fma(-a, b, c)


@small("take", "comparisons; the number itself is read by `rows`")
def take(code: Code, i: F, count: F) -> F:
    return code.select((i >= 0.0) & (i < count), i, 0.0)


@small("pick", "a comparison")
def pick(code: Code, i: F, x: F, k: F) -> F:
    return code.select(i == k, x, 0.0)


@small("neg", "the sign bit")
def neg(code: Code, x: F) -> F:
    return -x


@small("detach", "the argument itself")
def detach(code: Code, x: F) -> F:
    return x


@small("identity", "the argument itself")
def identity(code: Code, x: F) -> F:
    return x


@small("square", "one multiplication")
def square(code: Code, x: F) -> F:
    return x * x


@small("sqrt", ONE_INSTRUCTION)
def sqrt(code: Code, x: F) -> F:
    return code.sqrt(x)


@small("where", "a mask")
def where(code: Code, c: F, a: F, b: F) -> F:
    return code.select(c != 0.0, a, b)


@small("abs", "the sign bit")
def abs(code: Code, x: F) -> F:
    return code.abs(x)


@small("relu", "a mask")
def relu(code: Code, x: F) -> F:
    return code.select(x <= 0.0, 0.0, x)


@small("maximum", "a mask; nan if either is")
def maximum(code: Code, a: F, b: F) -> F:
    return code.select((a > b) | code.isnan(a), a, b)


@small("minimum", "a mask; nan if either is")
def minimum(code: Code, a: F, b: F) -> F:
    return code.select((a < b) | code.isnan(a), a, b)


@small("abs_slope", "a mask")
def abs_slope(code: Code, x: F) -> F:
    return code.select(code.abs(x) > 0.0, code.copysign(1.0, x), x)


@small("sign", "a mask")
def sign(code: Code, x: F) -> F:
    return code.select(code.abs(x) > 0.0, code.copysign(1.0, x), x + 0.0)


@small("floor", "rounded by adding 2**52, then corrected")
def floor(code: Code, x: F) -> F:
    return code.floor(x)


@small("ceil", "rounded by adding 2**52, then corrected")
def ceil(code: Code, x: F) -> F:
    return code.ceil(x)


@small("less", "a mask")
def less(code: Code, a: F, b: F) -> F:
    return code.select(a < b, 1.0, 0.0)


@small("less_equal", "a mask")
def less_equal(code: Code, a: F, b: F) -> F:
    return code.select(a <= b, 1.0, 0.0)


@small("greater", "a mask")
def greater(code: Code, a: F, b: F) -> F:
    return code.select(a > b, 1.0, 0.0)


@small("greater_equal", "a mask")
def greater_equal(code: Code, a: F, b: F) -> F:
    return code.select(a >= b, 1.0, 0.0)


@small("equal", "a mask")
def equal(code: Code, a: F, b: F) -> F:
    return code.select(a == b, 1.0, 0.0)


@small("not_equal", "a mask")
def not_equal(code: Code, a: F, b: F) -> F:
    return code.select(a != b, 1.0, 0.0)
