"""Every operation's column ``code``: the kernel is there, says what it is, and is right on every target."""

from __future__ import annotations

import math
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.core import ops
from glassgrad.core.op import TABLE, Op
from helpers import exact, sampling
from helpers.branching import code_for, runnable, steps_apart

pytest.importorskip("llvmlite")

from glassgrad.compiler.codegen import mathlib
from glassgrad.compiler.codegen.mathlib import machine_code
from glassgrad.compiler.ir.fused_ops import ERF_GIVEN, NORMAL, TANH_SLOPE
from glassgrad.compiler.llvm.host import host
from glassgrad.compiler.llvm.target import Target, level

ULPS = 2.0  # what is promised, of the exact result
AT_EDGES = 4  # floats between the kernel's result and Python's, which is within 2 ULP, too

every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)


def targets() -> dict[str, Target]:
    """This machine's processor, and those that it can stand in for, with vectors and without."""
    found = {"host": host()}
    found |= {name: level(name, host().triple) for name in runnable()}
    return found | {f"{name}, scalar": target.scalar() for name, target in found.items()}


TARGETS = targets()
USUAL = [name for name in TARGETS if name in ("host", "host, scalar", "sse2")]
LONG = [name for name in TARGETS if name not in USUAL]


@cache
def points(op: Op, seed: int, count: int) -> list[tuple[tuple[float, ...], Any]]:
    """Arguments with the exact results."""
    some = sampling.arguments(op, seed, count, exact.affordable(op.name))
    return [(xs, exact.value(op.name, xs)) for xs in some]


def evaluate(op: Op, rows: list[tuple[float, ...]], target: Target) -> list[float]:
    """The kernel of ``op`` over the ``rows``."""
    if op.name != "polygamma":
        return machine_code.evaluate(op.code, *map(list, zip(*rows)), target=target).tolist()
    found = [math.nan] * len(rows)
    for n in {xs[0] for xs in rows}:  # the order is part of the code
        where = [k for k, xs in enumerate(rows) if xs[0] == n]
        values = machine_code.evaluate(f"{op.code}:{int(n)}", [rows[k][1] for k in where], target=target)
        for k, y in zip(where, values.tolist()):
            found[k] = y
    return found


def worst(found: list[float], expected: list[tuple[tuple[float, ...], Any]]) -> tuple[float, Any]:
    return max((exact.ulps(y, reference), (xs, y)) for y, (xs, reference) in zip(found, expected, strict=True))


def edges(op: Op) -> list[tuple[float, ...]]:
    """Edge cases at which the kernel is a function of its arguments: for polygamma, orders that are there."""
    return [xs for xs in sampling.edges(op) if op.name != "polygamma" or xs[0] in (0.0, 1.0, 2.0, 3.0)]


@every_operation
def test_the_kernel_is_there_and_says_what_it_is(op):
    assert op.code is not None
    kernel = mathlib.find(op.code)
    assert kernel.arity == op.arity
    assert kernel.name == op.code
    assert len(kernel.method) > 5, "say by what method it is computed"
    assert len(kernel.source) > 5, "say where that is from"
    assert kernel.small or (kernel.write.__doc__ or "").strip(), "say in the docstring what it computes"


@pytest.mark.parametrize("target", USUAL)
@every_operation
def test_value(op, target):
    expected = points(op, 1, 150)
    off, where = worst(evaluate(op, [xs for xs, _ in expected], TARGETS[target]), expected)
    assert off <= ULPS, where


@pytest.mark.nightly
@pytest.mark.parametrize("target", LONG)
@every_operation
def test_value_on_other_targets(op, target):
    expected = points(op, 1, 150)
    off, where = worst(evaluate(op, [xs for xs, _ in expected], TARGETS[target]), expected)
    assert off <= ULPS, where


@pytest.mark.nightly
@every_operation
def test_value_at_many_points(op):
    for seed in range(2, 8):
        expected = points(op, seed, 1000)
        for target in TARGETS.values():
            off, where = worst(evaluate(op, [xs for xs, _ in expected], target), expected)
            assert off <= ULPS, where


@pytest.mark.parametrize("target", USUAL)
@every_operation
def test_edges(op, target):
    rows = edges(op)
    check_edges(op, rows, evaluate(op, rows, TARGETS[target]))


@pytest.mark.nightly
@pytest.mark.parametrize("target", LONG)
@every_operation
def test_edges_on_other_targets(op, target):
    rows = edges(op)
    check_edges(op, rows, evaluate(op, rows, TARGETS[target]))


@every_operation
def test_the_same_bits_in_one_lane_and_in_many(op):
    """What is an instruction of vectors here is arithmetic there: where results over- and underflow, too."""
    rows = [xs for xs, _ in points(op, 1, 150)] + edges(op)
    if op.arity == 1:
        rng = np.random.default_rng(0)
        some = np.concatenate(
            [rng.uniform(-1080.0, 1030.0, 2000), rng.uniform(-750.0, -700.0, 1000), rng.normal(size=500)]
        )
        rows += [(x,) for x in some.tolist()]
    one = np.array(evaluate(op, rows, host().scalar()))
    for lanes in (host().lanes, 2 * host().lanes, 4 * host().lanes):
        many = np.array(evaluate(op, rows, host()._replace(lanes=lanes)))
        np.testing.assert_array_equal(many, one)  # nan is nan, whichever
        np.testing.assert_array_equal(np.signbit(many)[one == 0], np.signbit(one)[one == 0])


def check_edges(op: Op, rows: list[tuple[float, ...]], found: list[float]) -> None:
    """As Python's values: the same zeros with their signs, the same infinities and nans, and beside those near."""
    for xs, y in zip(rows, found, strict=True):
        expected = op.value(*xs)
        if op.name in ("maximum", "minimum") and xs[0] == xs[1]:
            assert y == expected, (xs, y)
        elif expected == 0 or math.isinf(expected) or math.isnan(expected):
            near = abs(expected) >= 1 and y == math.copysign(1.7976931348623157e308, expected)
            assert exact.same(y, expected) or near, (xs, y, expected)
        else:
            assert steps_apart(y, expected) <= AT_EDGES, (xs, y, expected)


WIDE = np.finfo(np.longdouble).nmant >= 63  # numbers with 11 more bits, whose functions are as good as exact
SWEPT = [op for op in TABLE.values() if op.numpy and op.code and op.name not in ("mod", "floordiv")]


def off_by(found: Any, wide: Any) -> Any:
    """How far off results are, in units in the last place, from those of long doubles."""
    with np.errstate(over="ignore"):
        near = wide.astype(float)
        off = np.abs(np.asarray(found).astype(np.longdouble) - wide) / np.spacing(np.abs(near))
    off[(near == found) | ~np.isfinite(near)] = 0.0
    return off.astype(float)


def sweep(op: Op, seed: int, count: int, targets: list[str]) -> None:
    rows = sampling.arguments(op, seed, count)
    columns = [np.array(column) for column in zip(*rows)]
    with np.errstate(all="ignore"):
        wide = getattr(np, op.numpy)(*[column.astype(np.longdouble) for column in columns])
        for target in targets:
            off = off_by(machine_code.evaluate(op.code, *columns, target=TARGETS[target]), wide)
            assert off.max() <= ULPS, (target, rows[off.argmax()], off.max())


@pytest.mark.skipif(not WIDE, reason="long double has no more digits here than double")
@pytest.mark.parametrize("op", SWEPT, ids=lambda op: op.name)
def test_value_at_thousands_of_points(op):
    if not mathlib.find(op.code).small:
        sweep(op, 9, 2000, list(TARGETS))


@pytest.mark.nightly
@pytest.mark.skipif(not WIDE, reason="long double has no more digits here than double")
@pytest.mark.parametrize("op", SWEPT, ids=lambda op: op.name)
def test_value_at_a_million_points(op):
    for seed in range(10, 20):
        sweep(op, seed, 100_000, list(TARGETS))


@pytest.mark.parametrize("target", TARGETS)
def test_erf_given_the_exponential(target):
    """The kernel that the pass `pair` writes for erf beside its derivative: as good as the one without."""
    kernel = mathlib.find(ERF_GIVEN.code)
    assert len(kernel.method) > 5
    assert len(kernel.source) > 5
    turns = [s * (t + k * 2**-50) for t in (0.5, 1.0, 1.5, 5.9, 6.0, 26.0, 27.2) for k in (-1, 0, 1) for s in (1, -1)]
    expected = points(ops.erf, 1, 150) + [((x,), exact.value("erf", (x,))) for x in turns]
    rows = [x for (x,), _ in expected]
    found = machine_code.evaluate(
        kernel.name, rows, [math.exp(-(x * x)) for x in rows], target=TARGETS[target]
    ).tolist()
    off, where = worst(found, expected)
    assert off <= ULPS, where
    edges = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -1e-310, 1e200, -1e200, 1e308]
    check = machine_code.evaluate(
        kernel.name, edges, [math.exp(-(x * x)) for x in edges], target=TARGETS[target]
    ).tolist()
    check_edges(ops.erf, [(x,) for x in edges], check)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("sign", NORMAL)
def test_normal_given_the_exponential(sign, target):
    """The kernels that the pass `halve` writes: as near as the sum is that they stand for."""
    kernel = mathlib.find(NORMAL[sign].code)
    assert len(kernel.method) > 5
    assert len(kernel.source) > 5
    rng = np.random.default_rng(0)
    xs = [*rng.uniform(-7.0, 7.0, 300).tolist(), *rng.uniform(-0.5, 0.5, 300).tolist(), 6.3, -6.3]
    xs += [s * math.ldexp(1.0, k) for k in range(-60, 3) for s in (1, -1)]
    found = machine_code.evaluate(kernel.name, xs, [math.exp(-(x * x)) for x in xs], target=TARGETS[target]).tolist()
    for x, y in zip(xs, found, strict=True):
        half = exact.value("erfc", (-sign * x,)) / 2
        assert abs(y - half) <= 1.5 * 2.0**-53, (x, y)
        assert 0.0 <= y <= 1.0
    edges = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -1e-310, 1e200, -1e200, 1e308]
    check = machine_code.evaluate(
        kernel.name, edges, [math.exp(-min(x * x, 1e4)) for x in edges], target=TARGETS[target]
    ).tolist()
    for x, y in zip(edges, check, strict=True):
        assert exact.same(y, 0.5 + 0.5 * sign * math.erf(x)), (x, y)


@pytest.mark.parametrize("target", TARGETS)
def test_the_derivative_of_tanh(target):
    """Also in the tails, where ``1 - tanh(x)**2`` has no digits left, and where the result is subnormal."""
    kernel = mathlib.find(TANH_SLOPE.code)
    assert len(kernel.method) > 5
    assert len(kernel.source) > 5
    rng = np.random.default_rng(0)
    xs = np.concatenate([rng.uniform(-a, a, 200) for a in (0.1, 0.6, 2.0, 20.0, 375.0)]).tolist()
    found = machine_code.evaluate(kernel.name, xs, target=TARGETS[target]).tolist()
    off, where = worst(found, [((x,), exact.of(lambda x: exact.mpmath.sech(x) ** 2, (x,))) for x in xs])
    assert off <= 2 * ULPS, where  # as composed functions are
    edges = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -1e-310, 1e200, -1e308]
    check = machine_code.evaluate(kernel.name, edges, target=TARGETS[target]).tolist()
    for x, y in zip(edges, check, strict=True):
        assert exact.same(y, 1.0 - math.tanh(x) ** 2), (x, y)


@pytest.mark.parametrize("target", TARGETS)
def test_erfcx_where_it_overflows(target):
    """There it is 2 e**(x**2), which becomes infinite at -26.6287, before e**(x**2) does at -26.6417."""
    xs = np.linspace(-26.8, -26.6, 2001).tolist()
    found = machine_code.evaluate("erfcx", xs, target=TARGETS[target]).tolist()
    off, where = worst(found, [((x,), exact.value("erfcx", (x,))) for x in xs])
    assert off <= ULPS, where
    assert [math.isinf(y) for y in found] == [x * x > math.log(sys.float_info.max / 2) for x in xs]


NEAR_AND_FAR = ((-1.0, 1.0), (-6.0, 6.0), (0.0, 27.2))  # where the error functions take turns


@cache
def error_function(name: str, count: int) -> list[tuple[tuple[float, ...], Any]]:
    rng = np.random.default_rng(0)
    xs = [3.2900943715989754, *np.concatenate([rng.uniform(*turn, count) for turn in NEAR_AND_FAR]).tolist()]
    return [((x,), exact.value(name, (x,))) for x in xs]


def beside_its_derivative(op: Op, target: str, count: int) -> None:
    expected = error_function(op.name, count)
    with code_for(target):
        compiled = gg.vmap(gg.value_and_grad(lambda x: op(x)))
        if op is ops.erf:
            assert ERF_GIVEN.code in str(compiled.lower(np.ones(8)).tape)
        values, _ = compiled(np.array([x for (x,), _ in expected]))
    off, where = worst(values.tolist(), expected)
    assert off <= ULPS, where


@pytest.mark.parametrize("target", runnable())
@pytest.mark.parametrize("name", ["erf", "erfc", "erfcx", "norm_cdf", "gelu"])
def test_beside_its_derivative(name, target):
    """Where the two share an exponential, the value is as good as alone."""
    beside_its_derivative(TABLE[name], target, 700)


@pytest.mark.nightly
@pytest.mark.parametrize("target", runnable())
@pytest.mark.parametrize("name", ["erf", "erfc", "erfcx", "norm_cdf", "gelu"])
def test_beside_its_derivative_at_many_points(name, target):
    beside_its_derivative(TABLE[name], target, 30_000)


@every_operation
def test_through_jit_and_vmap(op):
    """Inlined into the user's function it is as good; a small function and a batch alike."""
    expected = points(op, 1, 30)
    if op.name == "polygamma":
        expected = [one for one in expected if one[0][0] == 2.0]
        call = lambda x: gg.polygamma(2, x)
        rows = [xs[1:] for xs, _ in expected]
    else:
        call = lambda *xs: op(*xs)
        rows = [xs for xs, _ in expected]
    columns = [np.array(column) for column in zip(*rows)]
    for found in (gg.vmap(call)(*columns).tolist(), [float(gg.jit(call)(*xs)) for xs in rows]):
        off, where = worst(found, expected)
        assert off <= ULPS, where


@every_operation
def test_float32(op):
    """Computed with doubles, and rounded once more: within one unit of a float32's last place."""
    if op.name == "polygamma":
        call, some = lambda x: gg.polygamma(2, x), [xs[1:] for xs, _ in points(op, 1, 150) if xs[0] == 2.0]
    else:
        call, some = lambda *xs: op(*xs), [xs for xs, _ in points(op, 1, 150)]
    with np.errstate(over="ignore"):
        columns = [np.array(column, dtype=np.float32) for column in zip(*some)]
    found = gg.vmap(call)(*columns)
    assert found.dtype == np.float32
    order = [2.0] if op.name == "polygamma" else []
    with np.errstate(over="ignore"):
        wanted = np.array([op.value(*order, *map(float, xs)) for xs in zip(*columns)]).astype(np.float32)
    for xs, y, z in zip(zip(*columns), found, wanted):
        assert y == z or (y != y and z != z) or y in (np.nextafter(z, -y), np.nextafter(z, y * 2)), (xs, y, z)


@pytest.mark.parametrize("name", ["sse2", "avx2", "avx512", "neon"])
@every_operation
def test_there_is_code_for_every_target(op, name):
    """Also for processors that this machine does not have: LLVM takes it, and none of it calls a library."""
    from glassgrad.compiler.llvm.generator import binding

    llvm = binding()
    target = level(name, "unknown-unknown-linux-gnu")
    code = f"{op.code}:2" if op.name == "polygamma" else op.code
    module = llvm.parse_assembly(machine_code.array_module(code, target))
    module.verify()
    external = {f.name for f in module.functions if f.is_declaration}
    assert all(function.startswith("llvm.") for function in external), external


def test_code_is_the_same_each_time():
    for name in ("exp", "sin", "pow"):
        assert machine_code.array_module(name, host()) == machine_code.array_module(name, host())


def test_a_target_is_chosen_by_name():
    with code_for("sse2" if "sse2" in runnable() else runnable()[0]):
        assert host().lanes == 2
    with code_for("no such target"), pytest.raises(ValueError, match="must be one of"):
        host()
