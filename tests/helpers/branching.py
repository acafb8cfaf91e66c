"""Random functions with branches, as values that print: what compilers are tried on.

A function is a list of steps. Each is an operation of the table, or a construct by which plain Python chooses: ``if``,
``while``, ``and``, ``or``, ``not``, chained comparisons, ``max``, ``min``, ``sorted``, ``abs``; and each makes a value
that later steps may use. It is run on whatever it is called with.
"""

from __future__ import annotations

import math
import operator
import os
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.core.op import TABLE

TRUTHS = ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"]
ARITHMETIC = ["add", "sub", "mul", "div", "neg", "sqrt", "square", "identity", "detach"]
CHOICES = ["abs", "relu", "sign", "floor", "ceil", "maximum", "minimum", "mod", "floordiv", "where"]
EXACT = [*ARITHMETIC, *CHOICES, *TRUTHS]  # what has one right result
SMOOTH = ["add", "sub", "mul", "div", "neg", "sqrt", "square", "where", "maximum", "minimum", "abs", "relu"]
ALL = [name for name in TABLE if name != "polygamma"]

RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

NASTY = [
    *(0.0, -0.0, math.inf, -math.inf, math.nan),
    *(s * x for s in (1, -1) for x in (5e-324, 1e-310, 2.2250738585072014e-308, 1e-160, 0.5, 1.0, 1.5, 2.0, 3.0)),
    *(s * x for s in (1, -1) for x in (1.0 + 2**-52, 2.0**52 + 0.5, 2.0**53, 1e155, 1e300, 1.7976931348623157e308)),
]

Values = Sequence[Any]
Apply = Callable[[str, list[Any]], Any]
Number = Callable[[random.Random], float]


class Branching:
    """A function of ``inputs`` numbers.

    Args:
        steps: each a tuple: a word, then operands (indices of values, floats) or tuples of such kind.
        every: whether it returns a list of all that operations of the table gave, filled up with zeros, or the last
            value alone.
    """

    def __init__(self, inputs: int, steps: tuple[Any, ...], every: int = 0) -> None:
        self.inputs, self.steps, self.every = inputs, steps, every
        self.__name__ = "branching"

    def __call__(self, *xs: Any) -> Any:
        made: list[Any] = []

        def apply(name: str, args: list[Any]) -> Any:
            made.append(TABLE[name](*args))
            return made[-1]

        result = self.run(xs, apply)
        return made + [0.0] * (self.every - len(made)) if self.every else result

    def run(self, xs: Values, apply: Apply) -> Any:
        """The result at ``xs``; operations of the table are applied by ``apply``."""
        values = list(xs)
        for step in self.steps:
            values.append(_do(step, values, apply))
        return values[-1]

    def __repr__(self) -> str:
        return f"Branching({self.inputs}, {self.steps!r})"


def _do(step: Any, values: Values, apply: Apply) -> Any:
    word, *rest = step
    if word in TABLE:
        return apply(word, [_value(x, values) for x in rest])
    if word == "if":
        condition, then, otherwise = rest
        return _block(then if _holds(condition, values) else otherwise, values, apply)
    if word == "while":
        condition, body, start, rounds = rest
        state, count = _value(start, values), 0
        while count < rounds and _holds(condition, [*values, state]):
            state = _block(body, [*values, state], apply)
            count += 1
        return state
    if word == "choose":  # a comparison as a value
        relation, a, b, yes, no = rest
        a, b, yes, no = [_value(x, values) for x in (a, b, yes, no)]
        return gg.where(RELATIONS[relation](a, b), yes, no)
    some = [_value(x, values) for x in rest]
    if word == "max":
        return max(some)
    if word == "min":
        return min(some)
    if word == "median":
        return sorted(some)[len(some) // 2]
    assert word == "builtin abs"
    return abs(some[0])


def _block(block: Any, values: Values, apply: Apply) -> Any:
    values = list(values)
    for step in block:
        values.append(_do(step, values, apply))
    return values[-1]


def _holds(condition: Any, values: Values) -> bool:
    word, *rest = condition
    if word in RELATIONS:
        return bool(RELATIONS[word](*[_value(x, values) for x in rest]))
    if word == "not":
        return not _holds(rest[0], values)
    if word == "and":
        return _holds(rest[0], values) and _holds(rest[1], values)
    if word == "or":
        return _holds(rest[0], values) or _holds(rest[1], values)
    if word == "between":
        a, b, c = [_value(x, values) for x in rest]
        return bool(a < b <= c)
    assert word == "truth"
    return bool(_value(rest[0], values))


def _value(x: Any, values: Values) -> Any:
    return values[x % len(values)] if isinstance(x, int) else x


# How they are drawn


def nasty(draw: random.Random) -> float:
    """A float where something may go wrong, or a quiet one."""
    return draw.choice((draw.choice(NASTY), draw.uniform(-4.0, 4.0), float(draw.randint(-3, 3))))


def calm(draw: random.Random) -> float:
    """A float of moderate size."""
    return draw.choice((draw.uniform(-3.0, 3.0), float(draw.randint(-2, 2))))


def function(draw: random.Random, operations: Sequence[str], steps: int, choices: int, number: Number) -> Branching:
    """A function with up to so many steps, and constructs that choose."""
    inputs = draw.randint(1, 3)
    left = choices

    def operand() -> Any:
        return draw.randint(0, 11) if draw.random() < 0.8 else number(draw)

    def table() -> Any:
        name = draw.choice(operations)
        return (name, *[operand() for _ in range(TABLE[name].arity or 1)])

    def condition(depth: int = 0) -> Any:
        words = [*RELATIONS, "truth", "between", *["and", "or", "not"] * (depth < 2)]
        word = draw.choice(words)
        if word in ("and", "or"):
            return (word, condition(depth + 1), condition(depth + 1))
        if word == "not":
            return (word, condition(depth + 1))
        return (word, *[operand() for _ in range({"truth": 1, "between": 3}.get(word, 2))])

    def block(depth: int) -> Any:
        return tuple(step(depth + 1) for _ in range(draw.randint(1, 2)))

    def step(depth: int = 0) -> Any:
        nonlocal left
        if left == 0 or depth > 2 or draw.random() < 0.4:
            return table()
        left -= 1
        word = draw.choice(("if", "if", "if", "while", "max", "min", "median", "builtin abs", "choose"))
        if word == "if":
            return (word, condition(), block(depth), block(depth))
        if word == "while":
            return (word, condition(), block(depth), operand(), draw.randint(1, 3))
        if word == "choose":
            return (word, draw.choice(list(RELATIONS)), *[operand() for _ in range(4)])
        if word == "builtin abs":
            return (word, draw.randint(0, 11))
        return (word, *[operand() for _ in range(draw.randint(2, 3))])

    return Branching(inputs, tuple(step() for _ in range(draw.randint(2, steps))))


def with_points(
    operations: Sequence[str] = EXACT, points: int = 16, number: Number = nasty, steps: int = 9, choices: int = 6
) -> st.SearchStrategy[tuple[Branching, list[list[float]]]]:
    """Functions, each with points to try it at, ties among them.

    They are made from a seed rather than draw by draw: hypothesis's own draws are so small at first that hardly a
    function of those that it tries would branch.
    """

    def make(seed: int) -> tuple[Branching, list[list[float]]]:
        draw = random.Random(seed)
        f = function(draw, operations, steps, choices, number)
        rows = [[number(draw) for _ in range(f.inputs)] for _ in range(draw.randint(2, points))]
        return f, [*rows, [rows[0][0]] * f.inputs]

    return st.integers(0, 2**64).map(make)


# How results are compared


def bits(x: Any) -> Any:
    """A float as what it is to the last bit; any nan is the same as any other."""
    x = float(x)
    return "nan" if x != x else (x, math.copysign(1.0, x))


def steps_apart(a: float, b: float) -> float:
    """How many floats lie between, and one more; 0 for equal ones, and for two nans."""
    if a == b or (a != a and b != b):
        return 0
    if a != a or b != b:
        return math.inf
    return abs(_place(a) - _place(b))


def _place(x: float) -> int:
    (n,) = struct.unpack("<q", struct.pack("<d", x))
    return n if n >= 0 else -(n & (2**63 - 1))


@contextmanager
def code_for(target: str | None) -> Iterator[None]:
    """Compile for that target; None is this machine's own, ``"none"`` the interpreter."""
    from glassgrad.compiler.llvm.host import host

    before = os.environ.pop("GLASSGRAD_TARGET", None)
    if target is not None:
        os.environ["GLASSGRAD_TARGET"] = target
    host.cache_clear()
    try:
        yield
    finally:
        os.environ.pop("GLASSGRAD_TARGET", None)
        if before is not None:
            os.environ["GLASSGRAD_TARGET"] = before
        host.cache_clear()


def runnable() -> list[str]:
    """The targets whose code this machine runs; none without llvmlite."""
    if find_spec("llvmlite") is None:
        return []
    import llvmlite.binding as llvm

    from glassgrad.compiler.llvm.target import AVX512

    if not llvm.get_process_triple().startswith(("x86_64", "amd64")):
        return ["neon"]
    has = llvm.get_host_cpu_features()
    found = ["sse2"]
    if has.get("avx2") and has.get("fma"):
        found.append("avx2")
        if all(has.get(name) for name in AVX512):
            found.append("avx512")
    return found
