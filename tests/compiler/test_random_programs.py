"""Random functions with branches: Python, the interpreter of tapes and compiled code agree.

Where each operation has one right result the comparison is of every bit: of what Python computes with the tape as it
was traced, of that with the tape after the passes, and of that with machine code. Where code multiplies and adds in one
step it is compared with exact fused arithmetic. Where operations are within 2 ULP only, code and Python walk together:
what each operation made of what came before is looked at, so that no error grows on the way.
"""

from __future__ import annotations

import math
import random
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.ir.fused_ops import FMA, FMS, FNMA
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.passes import improve
from glassgrad.compiler.ir.tape import Outputs, Tape
from glassgrad.core.op import TABLE, Op
from helpers.branching import (
    ALL,
    EXACT,
    SMOOTH,
    Branching,
    bits,
    calm,
    code_for,
    runnable,
    steps_apart,
    with_points,
)

FEW = settings(max_examples=max(40, settings().max_examples // 2))  # where each example is compiled
MORE = settings(max_examples=4 * settings().max_examples)
ULPS = 4  # 2 of the code's, 2 of the table's own
PLAIN = "sse2" if "sse2" in runnable() else "none"  # rounds each operation
FUSING = [target for target in runnable() if target != "sse2"]


@pytest.fixture(autouse=True)
def _no_warnings():
    """Paths beyond the most are no matter here."""
    before, gg.config.max_paths = gg.config.max_paths, 4096
    yield
    gg.config.max_paths = before


def eagerly(f: Any, row: list[float]) -> Any:
    with gg.errstate(domain="nan"):
        return f(*row)


def columns(rows: list[list[float]]) -> list[Any]:
    return [np.array(column) for column in zip(*rows)]


def medium(draw: random.Random) -> float:
    """A float that most functions have a value at, or none at all."""
    return draw.choice((draw.uniform(-30.0, 30.0), draw.choice((-0.0, 0.0, 0.5, 1.0, -2.5, 3.0, math.inf, math.nan))))


def traced(f: Any, rows: list[list[float]]) -> Tape:
    """The tape of all the paths that ``rows`` take, as it was traced."""
    compiled = gg.jit(f)
    for row in rows:
        lowered = compiled.lower(*row)
    return lowered.source


def decisions(f: Branching, row: list[float]) -> list[bool]:
    """What Python's own comparisons of floats gave, in order."""
    found: list[bool] = []

    class Number(float):
        def __bool__(self) -> bool:
            found.append(float(self) != 0)
            return found[-1]

        def __abs__(self) -> Number:
            return Number(float(self).__abs__())

    def asked(name: str) -> Any:
        def compare(self: Number, other: float) -> bool:
            found.append(getattr(float, name)(self, other))
            return found[-1]

        return compare

    for name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
        setattr(Number, name, asked(name))
    Number.__hash__ = float.__hash__

    def apply(name: str, args: list[Any]) -> Number:
        with gg.errstate(domain="nan"):
            return Number(TABLE[name](*map(float, args)))

    f.run([Number(x) for x in row], apply)
    return found


@MORE
@given(with_points(ALL))
def test_the_tape_is_what_python_does(drawn):
    f, rows = drawn
    tape = traced(f, rows)
    (found,), paths = interpret(tape, columns(rows), len(rows))
    assert [bits(x) for x in found] == [bits(eagerly(f, row)) for row in rows]
    assert (paths >= 0).all()


@MORE
@given(with_points(EXACT, choices=5))
def test_lanes_share_a_path_where_python_decides_alike(drawn):
    """Each path of a program is one row of decisions, and each row of decisions one path. (What a comparison that is
    not asked for its truth gave is no decision, but chooses a value: there are none of these here.)"""
    f, rows = drawn
    assume("choose" not in repr(f))
    _, paths = interpret(traced(f, rows), columns(rows), len(rows))
    seen: dict[Any, int] = {}
    for row, path in zip(rows, paths.tolist()):
        assert seen.setdefault(tuple(decisions(f, row)), path) == path
    # Constants decide nothing that is recorded, so that rows of decisions may differ only where inputs do
    assert len(set(seen.values())) == len(seen)


@MORE
@given(with_points(EXACT, steps=10))
def test_passes_keep_every_bit(drawn):
    f, rows = drawn
    tape = traced(f, rows)
    (before,), paths = interpret(tape, columns(rows), len(rows))
    (after,), same_paths = interpret(improve(tape), columns(rows), len(rows))
    assert [bits(x) for x in after] == [bits(x) for x in before]
    assert same_paths.tolist() == paths.tolist()


@MORE
@given(with_points(EXACT, steps=10))
def test_fusing_leaves_decisions_and_rounds_once(drawn):
    """Fused and then taken apart again, each bit is as before; and no path differs."""
    f, rows = drawn
    tape = traced(f, rows)
    (before,), paths = interpret(tape, columns(rows), len(rows))
    (after,), same_paths = interpret(improve(tape, fused=True), columns(rows), len(rows))  # FMA.value rounds twice
    assert [bits(x) for x in after] == [bits(x) for x in before]
    assert same_paths.tolist() == paths.tolist()


@FEW
@given(with_points(EXACT, points=20))
def test_code_gives_every_bit(drawn):
    f, rows = drawn
    expected = [bits(eagerly(f, row)) for row in rows]
    with code_for(PLAIN):
        one, batch = gg.jit(f), gg.vmap(f)
        assert [bits(one(*row)) for row in rows] == expected
        assert [bits(x) for x in batch(*columns(rows))] == expected
        assert [bits(x) for x in batch(*columns(rows * 7))] == expected * 7


@pytest.mark.skipif(not FUSING, reason="no target here multiplies and adds in one step")
@FEW
@given(with_points(EXACT, points=20), st.sampled_from(FUSING or [""]))
def test_fused_code_gives_every_bit_of_fused_arithmetic(drawn, target):
    f, rows = drawn
    with code_for(target):
        one, batch = gg.jit(f), gg.vmap(f)
        found = [bits(one(*row)) for row in rows]
        many = [bits(x) for x in batch(*columns(rows))]
        tape = improve(traced(f, rows), fused=True)
    (expected,), _ = interpret(rounding_once(tape), columns(rows), len(rows))
    assert found == [bits(x) for x in expected]
    assert many == found


def fused(a: float, b: float, c: float) -> float:
    """``a * b + c`` rounded once."""
    if not all(map(math.isfinite, (a, b, c))):
        return a * b + c if not (math.isinf(c) and math.isfinite(a) and math.isfinite(b)) else c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        product = 0.0 if a * b == 0 and (a == 0 or b == 0) else math.nan
        return math.copysign(0.0, a) * math.copysign(1.0, b) + c if product == 0 else 0.0
    try:
        return exact.numerator / exact.denominator or math.copysign(0.0, exact)
    except OverflowError:
        return math.copysign(math.inf, exact)


def rounding_once(tape: Tape) -> Tape:
    """The tape with exact fused operations."""
    ways = {
        FMA: lambda a, b, c: fused(float(a), float(b), float(c)),
        FMS: lambda a, b, c: fused(float(a), float(b), -float(c)),
        FNMA: lambda a, b, c: fused(-float(a), float(b), float(c)),
    }
    known = {op: Op(op.name, symbol=op.symbol, arity=3, value=way, partials=None) for op, way in ways.items()}
    tape.ops = [known.get(op, op) for op in tape.ops]
    return tape


@settings(max_examples=max(15, settings().max_examples // 5))
@given(with_points(ALL, number=medium, steps=6))
def test_each_operation_of_code_is_within_a_few_ulps(drawn):
    f, rows = drawn
    longest = 0
    for row in rows:
        made: list[float] = []
        eagerly(lambda *xs: f.run(xs, lambda name, args: made.append(TABLE[name](*args)) or made[-1]), row)
        longest = max(longest, len(made))
    f.every = longest + 40  # as code may go other ways where a comparison is close
    batch = gg.vmap(f)(*columns(rows))
    for k, row in enumerate(rows):
        walk_along(f, row, [float(column[k]) for column in batch])
        walk_along(f, row, list(map(float, gg.jit(f)(*row))))


def walk_along(f: Branching, row: list[float], given: list[float]) -> None:
    """Run ``f`` with what code made of each operation, if that is near enough to what Python makes of it."""
    rest = iter(given)

    def apply(name: str, args: list[float]) -> float:
        expected, found = TABLE[name].evaluate([float(x) for x in args]), next(rest)
        assert steps_apart(found, expected) <= ULPS, (name, args, found, expected)
        if name in EXACT:
            assert bits(found) == bits(expected), (name, args, found, expected)
        return found

    with gg.errstate(domain="nan"):
        f.run(row, apply)
    assert not any(rest)


# Derivatives


def gradient(f: Branching) -> Any:
    return gg.value_and_grad(f, argnums=tuple(range(f.inputs)))


def flat(results: Any) -> list[float]:
    return [float(x) for x in np.ravel(gg.values(np.array(results, dtype=object).ravel()))]


def flat_gradient(f: Branching) -> Any:
    slope = gradient(f)

    def rows(*xs: Any) -> list[Any]:
        value, slopes = slope(*xs)
        return [value, *slopes]

    return rows


def flat_hessian(f: Branching) -> Any:
    curvature = gg.hessian(f, argnums=tuple(range(f.inputs)))
    return lambda *xs: [x for row in curvature(*xs) for x in row]


@FEW
@given(with_points(SMOOTH, points=10))
def test_code_of_gradients_gives_every_bit_of_their_tape(drawn):
    f, rows = drawn
    derivatives_agree(flat_gradient(f), rows)


@FEW
@given(with_points(SMOOTH, points=6, steps=4))
def test_code_of_hessians_gives_every_bit_of_their_tape(drawn):
    f, rows = drawn
    derivatives_agree(flat_hessian(f), rows)


def derivatives_agree(g: Any, rows: list[list[float]]) -> None:
    tape = traced(g, rows)
    expected, paths = interpret(tape, columns(rows), len(rows))
    assert (paths >= 0).all()
    wanted = [[bits(x[k]) for x in expected] for k in range(len(rows))]
    with code_for(PLAIN):
        one, batch = gg.jit(g), gg.vmap(g)
        assert [list(map(bits, one(*row))) for row in rows] == wanted
        assert [list(map(bits, lane)) for lane in zip(*batch(*columns(rows)))] == wanted


@MORE
@given(with_points(SMOOTH, number=calm))
def test_the_tape_of_a_gradient_is_the_eager_gradient(drawn):
    f, rows = drawn
    agrees_with_eager(flat_gradient(f), f, rows, 1e-13)


@given(with_points(SMOOTH, number=calm, steps=4))
def test_the_tape_of_a_hessian_is_the_eager_hessian(drawn):
    f, rows = drawn
    agrees_with_eager(flat_hessian(f), f, rows, 1e-12)


@MORE
@given(with_points(SMOOTH, points=8, steps=6))
def test_derivatives_are_numbers_where_eager_ones_are(drawn):
    """On adversarial inputs, too: no nan comes from what is not taken, and none is lost."""
    f, rows = drawn
    for g in (flat_gradient(f), flat_hessian(f)):
        found, _ = interpret(traced(g, rows), columns(rows), len(rows))
        for k, row in enumerate(rows):
            numbers = [math.isfinite(x) for x in map(float, eagerly(g, row))]
            assert [math.isfinite(x[k]) for x in found] == numbers, row


def agrees_with_eager(g: Any, f: Branching, rows: list[list[float]], rounding: float) -> None:
    """The order of summation differs, so that numbers agree but for rounding, in proportion to the largest."""
    expected = [list(map(float, eagerly(g, row))) for row in rows]
    found, paths = interpret(traced(g, rows), columns(rows), len(rows))
    assert (paths >= 0).all()
    for k, wanted in enumerate(expected):
        if not all(abs(x) < 1e8 for x in wanted):
            continue
        scale = 1.0 + max(map(abs, wanted))
        for x, y in zip(found, wanted, strict=True):
            assert abs(x[k] - y) <= rounding * scale**2, (f, rows[k], [float(c[k]) for c in found], wanted)


# Batches


@FEW
@given(with_points(EXACT, points=6), st.integers(1, 40), st.integers(1, 3))
def test_neither_length_nor_threads_nor_neighbours_matter(drawn, count, threads):
    f, rows = drawn
    batch = gg.vmap(f, threads=threads)
    many = [rows[k % len(rows)] for k in range(count)]
    together = [bits(x) for x in batch(*columns(many))]
    alone = {k: bits(gg.vmap(f)(*columns([row]))[0]) for k, row in enumerate(rows[:count])}
    assert together == [alone[k % len(rows)] for k in range(count)]
    assert [bits(x) for x in batch(*columns(many[::-1]))] == together[::-1]


@FEW
@given(with_points(EXACT, points=8))
def test_few_paths_are_as_good_as_many(drawn):
    """What is run uncompiled, as its path was one too many, gives the same."""
    f, rows = drawn
    expected = [bits(eagerly(f, row)) for row in rows]
    with code_for(PLAIN), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        one, batch = gg.jit(f, max_paths=1), gg.vmap(f, max_paths=2)
        assert [bits(one(*row)) for row in rows] == expected
        assert [bits(x) for x in batch(*columns(rows))] == expected


@settings(max_examples=max(12, settings().max_examples // 5))
@given(with_points(ALL, number=medium, steps=6))
def test_better_code_gives_the_same_bits(drawn):
    """What is made anew in the background, as it is used much, computes the same."""
    f, rows = drawn
    one, batch = gg.jit(f), gg.vmap(f)
    many = columns(rows * 150)

    def found() -> list[object]:
        return [list(map(bits, x)) for x in ([one(*row) for row in rows], batch(*many), batch(*columns(rows)))]

    first = found()
    for kernel in [*one.kernels(), *batch.kernels()]:
        kernel.wait()
        assert kernel.final
    assert found() == first


@pytest.mark.nightly
@settings(max_examples=300)
@given(with_points(EXACT, points=40, steps=30, choices=8))
def test_long_functions(drawn):
    f, rows = drawn
    expected = [bits(eagerly(f, row)) for row in rows]
    with code_for(PLAIN):
        assert [bits(gg.jit(f)(*row)) for row in rows[:3]] == expected[:3]
        assert [bits(x) for x in gg.vmap(f)(*columns(rows))] == expected


def test_that_random_functions_branch():
    """Else all this would say less than it seems to."""
    most = 0

    @settings(max_examples=40, derandomize=True, database=None)
    @given(with_points(EXACT))
    def look(drawn):
        nonlocal most
        tape = traced(*drawn)
        most = max(most, sum(isinstance(s.exit, Outputs) for s in tape.segments))

    look()
    assert most >= 4
