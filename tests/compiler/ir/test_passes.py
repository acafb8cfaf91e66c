"""Each pass: it makes the tape smaller and keeps its results to the last bit, signs of zeros and nans included."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.ir import passes
from glassgrad.compiler.ir.fused_ops import FMA, FMS, FNMA
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.tape import Outputs, Tape, TapeBuilder, verify
from glassgrad.core import ops
from helpers.branching import NASTY, bits, steps_apart

EDGES = [*NASTY, 1e-5, -7.25, 4.0, -8.0, 3.5, 123456.789]


def traced(f, *args) -> Tape:
    return gg.jit(f).lower(*args).source


def names(tape: Tape) -> list[str]:
    return [op.name for op in tape.ops]


def run(tape: Tape, columns) -> list[list[object]]:
    results, _ = interpret(tape, columns, len(columns[0]) if columns else 1)
    return [list(map(bits, x)) for x in results]


def keeps(one, tape: Tape) -> Tape:
    """The tape after the pass, which gives the same to the last bit at every edge."""
    after = verify(one(tape))
    columns = [np.array(c) for c in zip(*itertools.product(EDGES, repeat=tape.inputs))]
    assert run(after, columns) == run(tape, columns)
    return after


# fold


def test_fold_computes_what_is_constant():
    draft = TapeBuilder(["x"])
    draft.begin(-1)
    two = draft.append(ops.sqrt, (draft.constant(4.0),))
    y = draft.append(ops.sub, (two, draft.constant(0.5)))
    draft.end(Outputs((draft.append(ops.mul, (0, y)),)))
    after = keeps(passes.dce, keeps(passes.fold, draft.tape))
    assert str(after) == "inputs: x\nv0 = x * 1.5\nreturn v0"


def test_fold_keeps_ieee_754_where_python_raises():
    draft = TapeBuilder([])
    draft.begin(-1)
    zero, minus = draft.constant(0.0), draft.constant(-0.0)
    one = draft.constant(1.0)
    quotients = [draft.append(ops.div, (one, x)) for x in (zero, minus)]
    root = draft.append(ops.sqrt, (draft.constant(-1.0),))
    draft.end(Outputs((*quotients, root)))
    with gg.errstate(domain="nan"):
        after = verify(passes.dce(passes.fold(draft.tape)))
    assert names(after) == []
    assert [row[0] for row in run(after, [])] == [(math.inf, 1.0), (-math.inf, -1.0), "nan"]


def test_a_branch_whose_way_is_known_is_followed():
    node = gg.Scalar(3.0)
    constant = (node * 2.0).prev[1]

    def f(x):
        return x + 1 if constant > 1.5 else x

    tape = passes.improve(traced(f, 2.0))
    assert tape.straight
    assert names(tape) == ["add"]


def test_a_branch_asked_twice_is_asked_once():
    def f(x, y):
        z = x if x > 0 else -x
        w = y if x > 0 else z
        return z * w if not x > 0 else z + w

    compiled = gg.jit(f)
    for x in (1.0, -1.0):
        tape = compiled.lower(x, 2.0).source
    after = keeps(passes.normalise, tape)
    assert after.paths == 2
    assert sum(not isinstance(s.exit, Outputs) for s in after.segments) == 1


# simplify


SIMPLER = [  # a function, and what is left of it; None: it must stay, as the sign of a zero, an inf or a nan tells
    (lambda x: x * 1.0, []),
    (lambda x: 1.0 * x, []),
    (lambda x: x / 1.0, []),
    (lambda x: x * -1.0, ["neg"]),
    (lambda x: ops.neg(-x), []),
    (lambda x: x + -0.0, []),
    (lambda x: -0.0 + x, []),
    (lambda x: x - 0.0, []),
    (lambda x: -0.0 - x, ["neg"]),
    (lambda x: x + 0.0, None),
    (lambda x: 0.0 + x, None),
    (lambda x: x - -0.0, None),
    (lambda x: 0.0 - x, None),
    (lambda x: x * 0.0, None),
    (lambda x: 0.0 * x, None),
    (lambda x: x - x, None),
    (lambda x: x / x, None),
    (lambda x: 0.0 / x, None),
    (lambda x: x + (-x), ["sub"]),
    (lambda x: x / 4.0, ["mul"]),
    (lambda x: x / -0.5, ["mul"]),
    (lambda x: x / 2.0**1022, ["mul"]),
    (lambda x: x / 2.0**-1022, ["mul"]),
    (lambda x: x / 3.0, ["div"]),
    (lambda x: x / 5e-324, ["div"]),
    (lambda x: x / 2.0**1023, ["div"]),
    (lambda x: x / math.inf, ["div"]),
    (lambda x: x / 0.0, ["div"]),
    (lambda x: abs(-x), ["abs"]),
    (lambda x: abs(abs(x)), ["abs"]),
    (lambda x: -x * -x, ["mul"]),
    (lambda x: -x * 3.0, ["mul"]),
    (lambda x: -(x * 3.0), ["mul"]),
    (lambda x: gg.square(x), ["mul"]),
    (lambda x: gg.detach(x), []),
    (lambda x: x**0.0, []),
    (lambda x: x**1.0, []),
    (lambda x: x**2.0, ["mul"]),
    (lambda x: gg.where(x, x * 2, x * 2), ["mul"]),
    (lambda x: gg.where(gg.where(x > 1, 1.0, 0.0), x, 2.0), ["greater", "where"]),
    (lambda x: gg.where(gg.where(x > 1, 0.0, 1.0), x, 2.0), ["greater", "where"]),
    (lambda x: gg.where(x == 0, 1.0, 2.0), ["where"]),
    (lambda x: gg.where(x != 0, 1.0, 2.0), ["where"]),
    (lambda x: gg.where(x > 1, gg.where(x > 1, x, 3.0), 2.0), ["greater", "where"]),
    (lambda x: gg.where(x > 1, 2.0, gg.where(x > 1, x, 3.0)), ["greater", "where"]),
    (lambda x: (x > 1) != 0, ["greater"]),
]


@pytest.mark.parametrize(("f", "left"), SIMPLER)
def test_algebra(f, left):
    def exact(x):
        with gg.errstate(domain="nan"):
            return f(x)

    tape = traced(exact, 2.0)
    after = keeps(lambda tape: passes.dce(passes.normalise(tape)), tape)
    keeps(passes.simplify, tape)
    assert names(after) == (names(tape) if left is None else left)


TWO = {
    "-(a) - b": lambda x, y: -x - y,
    "a - (-b)": lambda x, y: x - (-y),
    "(-a) + b": lambda x, y: -x + y,
    "(-a) * b": lambda x, y: -x * y,
    "-(a - b)": lambda x, y: -(x - y),
    "-(a + b)": lambda x, y: -(x + y),
    "-(a * b)": lambda x, y: -(x * y),
    "a / b": lambda x, y: -x / -y,
    "min max": lambda x, y: gg.maximum(x, y) - gg.minimum(y, x),
    "truths": lambda x, y: (x < y) * 1.0 + gg.where(x == y, x, y) + (x != y) * 2.0,
    "mod": lambda x, y: x % y + x // y,
    "reassociation": lambda x, y: (x + y) - y + (x * y) / y,
    "distribution": lambda x, y: x * y + x * 3.0,
}


@pytest.mark.parametrize("name", TWO)
def test_algebra_of_two(name):
    tape = traced(TWO[name], 2.0, 3.0)
    for one in (passes.fold, passes.simplify, passes.cse, passes.normalise, passes.dce, passes.improve):
        keeps(one, tape)


@pytest.mark.parametrize("n", [3.0, 4.0, -1.0, -2.0, 0.5, -0.5, 1.5])
def test_powers_become_products(n):
    """Zeros, infinities and nans are those of pow, and the rest is a few ULP off: half of one for each rounding."""

    def f(x):
        with gg.errstate(domain="nan"):
            return x**n

    tape = passes.improve(traced(f, 2.0))
    assert "pow" not in names(tape)
    x = np.array([*EDGES, *np.random.default_rng(1).uniform(-30, 30, 200), *10.0 ** np.linspace(-70, 70, 100)])
    (found,), _ = interpret(tape, [x], len(x))
    for at, y in zip(x.tolist(), found.tolist()):
        expected = ops.pow.value(at, n)
        if expected == 0 or not math.isfinite(expected):
            assert bits(y) == bits(expected), at
        elif abs(expected) > 1e-300:
            assert steps_apart(y, expected) <= 4, (at, y, expected)


@pytest.mark.parametrize("n", [5.0, -7.0, 0.25, 2.5, math.pi, math.inf, -math.inf, math.nan])
def test_other_powers_stay(n):
    assert names(passes.improve(traced(lambda x: x**n, 2.0))) == ["pow"]


# cse


def test_share_computes_equal_things_once():
    tape = traced(lambda x, y: x * y + y * x + x * y - (x - y) * (y - x), 2.0, 3.0)
    after = keeps(passes.cse, tape)
    assert names(after).count("mul") == 2
    assert names(after).count("sub") == 3, "x - y and y - x are two things"


def test_share_knows_what_was_computed_on_the_way_alone():
    def f(x):
        if x > 0:
            return gg.sqrt(abs(x)) + 1
        y = gg.sqrt(abs(x))
        return y + gg.sqrt(abs(x))

    compiled = gg.jit(f)
    compiled.lower(1.0)
    tape = compiled.lower(-1.0).source
    after = keeps(passes.cse, tape)
    assert names(after).count("sqrt") == 2, "one on each way"


def test_zeros_of_both_signs_are_two_constants():
    tape = traced(lambda x: (x * 0.0, x * -0.0), 1.0)
    assert len(set(keeps(passes.cse, tape).args)) == 2
    nans = traced(lambda x: x * math.nan + x * math.nan, 1.0)
    assert names(keeps(passes.cse, nans)).count("mul") == 1


# dce


def test_prune_leaves_out_what_nothing_depends_on():
    def f(x, y):
        unused = x * y + 3
        if x > 0:
            unused = unused / y
            return x + 1
        return y

    compiled = gg.jit(f)
    compiled.lower(1.0, 1.0)
    tape = compiled.lower(-1.0, 1.0).source
    after = keeps(passes.dce, tape)
    assert names(after) == ["greater", "add"]
    assert after.names == ["x", "y"], "inputs stay"
    assert passes.dce(after) is after


# contract


def test_contract_rounds_once():
    shapes = {
        "fma": (lambda x, y, z: x * y + z, FMA),
        "fma, other side": (lambda x, y, z: z + x * y, FMA),
        "fms": (lambda x, y, z: x * y - z, FMS),
        "fnma": (lambda x, y, z: z - x * y, FNMA),
        "a square": (lambda x, y, z: x * x + z, FMA),
    }
    for f, op in shapes.values():
        after = passes.contract(traced(f, 1.0, 2.0, 3.0))
        assert after.ops == [op]
        (found,), _ = interpret(verify(after), [3.0, 5.0, 0.5], 1)
        assert found[0] == f(3.0, 5.0, 0.5)


def test_contract_takes_only_products_that_are_used_once():
    both = passes.contract(traced(lambda x, y: (x * y + 1, x * y), 1.0, 2.0))
    assert "fma" in names(both)
    tape = passes.normalise(traced(lambda x, y: (x * y + 1, x * y), 1.0, 2.0))
    assert names(passes.contract(tape)) == ["mul", "add"]
    assert names(passes.contract(traced(lambda x, y: x * y, 1.0, 2.0))) == ["mul"]


def test_contract_leaves_alone_where_two_products_meet():
    """One of them rounded and the other not would differ where they are equal."""
    one = passes.contract(traced(lambda x, y: x * y + y * x * 1.5, 1.0, 2.0))
    assert "fma" not in names(one)
    x = np.random.default_rng(0).random(1000)
    assert not gg.vmap(lambda x, y: x * x - y * y)(x, x).any()
    assert not gg.vmap(lambda a, b, c: gg.sqrt(b * b - 4 * a * c))(0.25 * x, x, x).any()


def test_contract_leaves_what_a_branch_depends_on():
    def f(x, y):
        z = x * y - 1
        if z * 2 + x > 0:
            return x * y + 3
        return z

    compiled = gg.jit(f)
    compiled.lower(1.0, 2.0)
    tape = compiled.lower(-1.0, 2.0).source
    after = verify(passes.contract(tape))
    guard = next(k for k, op in enumerate(after.ops) if op is ops.greater)
    assert not {FMA, FMS, FNMA} & set(after.ops[: guard + 1])
    assert FMA in after.ops[guard:]


def test_contract_does_not_reach_across_a_branch():
    """Where the sum is on one way of several, the product before the branch would be computed there anew."""

    def f(x, y):
        z = x * y
        return z + 1 if x > 0 else y

    compiled = gg.jit(f)
    compiled.lower(1.0, 2.0)
    assert not {FMA, FMS, FNMA} & set(passes.contract(compiled.lower(-1.0, 2.0).source).ops)


# normal_from_erf

NORMAL_BY_ERF = {
    "sum of halves": lambda x: 0.5 + 0.5 * gg.erf(x),
    "half of the sum": lambda x: 0.5 * (1 + gg.erf(x)),
    "the sum by 2": lambda x: (gg.erf(x) + 1) / 2,
    "above": lambda x: 0.5 - 0.5 * gg.erf(x),
    "above, half of the difference": lambda x: (1 - gg.erf(x)) * 0.5,
    "above, negative half": lambda x: -0.5 * gg.erf(x) + 0.5,
    "the sum": lambda x: 1 + gg.erf(x),
    "the difference": lambda x: 1 - gg.erf(x),
}


@pytest.mark.parametrize("name", NORMAL_BY_ERF)
def test_halve_takes_the_normal_distribution_however_it_is_written(name):
    f = NORMAL_BY_ERF[name]
    batch = gg.vmap(gg.value_and_grad(f))
    xs = np.concatenate([np.linspace(-7.0, 7.0, 999), [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 5e-324]])
    tape = batch.lower(xs).tape
    assert ("normal_above_given" if name.startswith(("above", "the diff")) else "normal_given") in names(tape)
    assert not {"erf", "erf_given"} & set(names(tape))
    values, slopes = batch(xs)
    for x, value, slope in zip(xs.tolist(), values.tolist(), slopes.tolist(), strict=True):
        expected, by = gg.value_and_grad(f)(x)
        np.testing.assert_allclose(value, expected, rtol=0, atol=4 * 2.0**-53)
        np.testing.assert_allclose(slope, by, rtol=1e-13, atol=1e-300)


def test_halve_leaves_other_uses_of_erf():
    others = {
        "another sum": lambda x: 0.25 + 0.5 * gg.erf(x),
        "another factor": lambda x: 0.5 + 0.3 * gg.erf(x),
        "beyond -1": lambda x: gg.erf(x) - 1,
        "used twice": lambda x: (0.5 + 0.5 * gg.erf(x)) * gg.erf(x),
        "no derivative": None,
    }
    for name, f in others.items():
        function = NORMAL_BY_ERF["the sum"] if f is None else gg.value_and_grad(f)
        found = names(gg.vmap(function).lower(np.ones(3)).tape)
        assert not {"normal_given", "normal_above_given"} & set(found), name


def test_no_bit_depends_on_whether_the_exponential_is_there_for_another_path():
    def f(x):
        y, e = gg.erf(x), gg.exp(-(x * x))
        return y if x > 1.2 else y * e

    xs = np.linspace(1.25, 5.0, 500)
    alone = gg.vmap(f)(xs)
    np.testing.assert_array_equal(gg.vmap(f)(np.append(xs, 0.1))[:-1], alone)


def test_halve_leaves_what_a_branch_depends_on():
    def f(x):
        value, slope = gg.value_and_grad(lambda x: 0.5 + 0.5 * gg.erf(x))(x)
        return value if value > 0.25 else slope

    compiled = gg.jit(f)
    compiled(1.0)
    compiled(-1.0)
    tape = compiled.lower(1.0).tape
    assert ops.erf in tape.ops[: tape.ops.index(ops.greater)]
    assert not {"normal_given", "normal_above_given"} & set(names(tape))


def test_improve_is_stable():
    def f(x, y):
        return gg.grad(lambda x: gg.exp(x * y) / (1 + x * x) if x > y else gg.sin(x) ** 2)(x)

    compiled = gg.jit(f)
    compiled.lower(1.0, 0.5)
    for fused in (False, True):
        tape = passes.improve(compiled.lower(0.1, 0.5).source, fused)
        again = passes.improve(tape, fused)
        assert str(again) == str(tape)
        assert str(passes.improve(compiled.lower(0.1, 0.5).source, fused)) == str(tape)
