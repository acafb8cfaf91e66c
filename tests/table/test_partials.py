"""Every operation's partials: against mpmath's derivative, against the nudge, beside kinks and at them."""

from __future__ import annotations

import itertools
import math
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from mpmath import mp

import glassgrad as gg
from glassgrad.core.op import TABLE, Op
from glassgrad.transforms import nudges
from helpers import exact, sampling

EPS = sys.float_info.epsilon

# A rule is a few operations, each within 2 ULP, and squares double what they are given: 8 ULP of a normal number. A
# subnormal has fewer digits, and so has what is computed of it; nothing below the least normal number is promised.
RULE = 8.0
FLOOR = 4 * sys.float_info.min

# Where a rule rounds an argument on the way, the derivative is off as by that much of its argument; where it takes a
# difference, by the rounding of the terms.
AMPLIFIED = {
    "gelu_slope": lambda x: 8 / (abs(abs(x) - math.sqrt(2.0)) + EPS),  # (2 - x * x) phi
    "silu_slope": lambda x: 8 / (abs(abs(x) - 2.399357280515468) + EPS),
}

TWO_SIDED = {  # where differences of the reference find a slope, besides inside the domain and off the kinks
    "pow": lambda a, b: abs(a) > 1e-300,  # near 0, a ** (b - 1) may be infinite while b times it is not
    "mod": lambda a, b: abs(a) < 2.0**40 * abs(b),  # beyond, kinks lie closer together than floats
    "floordiv": lambda a, b: abs(a) < 2.0**40 * abs(b),
}

NO_SLOPE = {"detach"}  # whose derivative is 0 by decree

AT_KINKS = {  # as the table's docstrings say
    "abs": {(0.0,): (0.0,)},
    "abs_slope": {(0.0,): (math.nan,)},
    "relu": {(0.0,): (0.0,)},
    "sign": {(0.0,): (0.0,)},
    "floor": {(2.0,): (0.0,), (-3.0,): (0.0,), (0.0,): (0.0,)},
    "ceil": {(2.0,): (0.0,), (-3.0,): (0.0,), (0.0,): (0.0,)},
    "maximum": {(1.5, 1.5): (0.5, 0.5), (0.0, -0.0): (0.5, 0.5), (-2.0, -2.0): (0.5, 0.5)},
    "minimum": {(1.5, 1.5): (0.5, 0.5), (0.0, -0.0): (0.5, 0.5), (-2.0, -2.0): (0.5, 0.5)},
    "sqrt": {(0.0,): (math.inf,)},
    "cbrt": {(0.0,): (math.inf,)},
    "hypot": {(0.0, 0.0): (0.0, 0.0)},
    "atan2": {(0.0, 0.0): (math.nan, math.nan), (0.0, -2.0): (-0.5, 0.0)},
    "mod": {(4.0, 2.0): (1.0, -2.0), (-6.0, 3.0): (1.0, 2.0), (0.0, 3.0): (1.0, 0.0)},
    "floordiv": {(4.0, 2.0): (0.0, 0.0), (-6.0, 3.0): (0.0, 0.0)},
    "where": {(0.0, 2.0, 3.0): (0.0, 0.0, 1.0)},
    **{
        name: {(1.5, 1.5): (0.0, 0.0), (0.0, -0.0): (0.0, 0.0)}
        for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
    },
}

BY_CONVENTION = [  # not kinks, but decided: JAX and PyTorch say the same
    ("pow", (0.0, 0.0), (0.0, 0.0)),
    ("pow", (0.0, 1.0), (1.0, 0.0)),
    ("pow", (0.0, 2.0), (0.0, 0.0)),
    ("pow", (-2.0, 3.0), (12.0, math.nan)),
    ("pow", (-2.0, 0.0), (0.0, math.nan)),
    ("where", (1.0, 2.0, 3.0), (0.0, 1.0, 0.0)),
    ("where", (-0.0, 2.0, 3.0), (0.0, 0.0, 1.0)),
    ("where", (math.nan, 2.0, 3.0), (0.0, 1.0, 0.0)),
    ("relu", (math.nan,), (1.0,)),
    ("relu", (-0.0,), (0.0,)),
    ("abs", (-0.0,), (0.0,)),
    ("atan2", (-0.0, -2.0), (-0.5, 0.0)),
    ("maximum", (math.nan, 1.0), (1.0, 1.0)),
    ("minimum", (1.0, math.nan), (1.0, 1.0)),
    ("detach", (3.0,), (0.0,)),
    ("asin", (1.0,), (math.inf,)),
    ("asin", (-1.0,), (math.inf,)),
    ("acos", (1.0,), (-math.inf,)),
    ("acosh", (1.0,), (math.inf,)),
    ("abs", (math.nan,), (math.nan,)),
    ("exp", (800.0,), (math.inf,)),
    ("tanh", (math.inf,), (0.0,)),
    ("atan", (math.inf,), (0.0,)),
    ("hypot", (3.0, -4.0), (0.6, -0.8)),
]

TAILS = [  # where the derivative is tiny beside the value
    *(("tanh", (x,)) for x in (18.0, 20.0, -20.0, 50.0, -350.0)),
    *(("atan", (x,)) for x in (1e8, -1e20, 1e150)),
    *(("erf", (x,)) for x in (5.0, -6.0, 20.0, 26.0)),
    *(("erfc", (x,)) for x in (-5.0, -20.0, 26.0)),
    *(("asinh", (x,)) for x in (1e10, -1e300)),
    *(("acosh", (x,)) for x in (1e10, 1e300, 1.0 + EPS)),
    *(("digamma", (x,)) for x in (1e10, 1e25)),
    *(("atan2", xs) for xs in ((1.0, 1e10), (1e10, 1.0), (1e200, 1e150), (1e-200, -1e-150))),
    *(("hypot", xs) for xs in ((1.0, 1e10), (1e10, 1.0), (1e200, 1e150), (1e-200, -1e-150))),
    *(("asin", (x,)) for x in (1.0 - EPS / 2, -1.0 + EPS / 2)),
    *(("atanh", (x,)) for x in (1.0 - EPS / 2, -1.0 + EPS / 2)),
    ("log1p", (-1.0 + EPS / 2,)),
    ("pow", (0.999, 1e5)),
]


def partial(op: Op, i: int, xs: tuple[float, ...]) -> float:
    with gg.errstate(domain="nan"):
        return float(op.partial(i, op.value(*xs), xs))


def rules(op: Op) -> list[int]:
    """The arguments that ``op`` has a partial for."""
    return [i for i, rule in enumerate(op.partials) if rule is not None]


def tolerance(op: Op, xs: tuple[float, ...], slope) -> float:
    relative = max([EPS, *(math.ulp(x) / abs(x) for x in (*xs, op.value(*xs)) if x)])
    amplified = AMPLIFIED[op.name](*xs) if op.name in AMPLIFIED else 0.0
    return float((RULE + amplified) * relative * abs(slope)) + FLOOR


def agrees(op: Op, i: int, xs: tuple[float, ...]) -> bool:
    """Whether partial ``i`` at ``xs`` is mpmath's derivative."""
    found = partial(op, i, xs)
    if op.name in NO_SLOPE:
        return found == 0
    slope = exact.slope(exact.reference(op.name), xs, i)
    if slope != slope:  # there is none, or none on both sides
        return not math.isfinite(found)
    if abs(slope) > sys.float_info.max * (1 - RULE * EPS):
        return math.isinf(found) and found * slope > 0
    return abs(found - slope) <= tolerance(op, xs, slope)


def quiet(op: Op):
    """Where ``op`` has a derivative that mpmath can find."""
    affordable = exact.affordable(op.name)
    two_sided = TWO_SIDED.get(op.name, lambda *xs: True)
    return lambda *xs: sampling.fine(op, xs) and affordable(*xs) and two_sided(*xs)


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_partials(op):
    for xs in sampling.arguments(op, 1, 60, quiet(op)):
        for i in rules(op):
            assert agrees(op, i, xs), (i, xs, partial(op, i, xs))


@pytest.mark.nightly
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_partials_at_many_points(op):
    for xs in sampling.arguments(op, 2, 1000, quiet(op)):
        for i in rules(op):
            assert agrees(op, i, xs), (i, xs, partial(op, i, xs))


@pytest.mark.parametrize(("name", "xs"), TAILS, ids=str)
def test_partials_to_the_last_digits_in_tails(name, xs):
    for i in rules(TABLE[name]):
        assert agrees(TABLE[name], i, xs), (i, partial(TABLE[name], i, xs))


def scaled_tail(x):
    return mp.exp(x * x) * mp.erfc(x)


ERFCX_DERIVATIVES = {  # and how many units in the last place they may be off
    1: (lambda x: 2 * x * scaled_tail(x) - 2 / mp.sqrt(mp.pi), 4.0),
    2: (lambda x: (2 + 4 * x * x) * scaled_tail(x) - 4 * x / mp.sqrt(mp.pi), 8.0),
}


def check_erfcx(order: int, count: int) -> None:
    rng = np.random.default_rng(0)
    spans = [(-26.0, -1.0), (-1.0, 0.4), (0.4, 0.6), (0.5, 1.0), (1.0, 3.0), (3.0, 30.0)]
    xs = [0.5, math.nextafter(0.5, 1.0), *np.concatenate([rng.uniform(*span, count) for span in spans]).tolist()]
    xs += (10.0 ** rng.uniform(1.0, 15.0, count)).tolist()
    exactly, ulps = ERFCX_DERIVATIVES[order]
    expected = [exact.of(exactly, (x,)) for x in xs]
    derivative = gg.erfcx
    for _ in range(order):
        derivative = gg.grad(derivative)
    ways = {"eager": map(derivative, xs)}
    if find_spec("llvmlite"):
        ways["compiled"] = gg.vmap(derivative)(np.array(xs)).tolist()
    for way, found in ways.items():
        for x, y, reference in zip(xs, found, expected, strict=True):
            assert exact.ulps(y, reference) <= ulps, (way, x, y)


@pytest.mark.parametrize("order", ERFCX_DERIVATIVES)
def test_derivatives_of_erfcx(order):
    """Its two terms, 2 x y and 2 / sqrt(pi), cancel for large x: at 3 more than one digit is lost, at 100 four."""
    check_erfcx(order, 60)


@pytest.mark.nightly
@pytest.mark.parametrize("order", ERFCX_DERIVATIVES)
def test_derivatives_of_erfcx_at_many_points(order):
    check_erfcx(order, 5000)


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_partials_are_what_nudges_say(op):
    for xs in sampling.moderate(op, 3, 6):
        found = [partial(op, i, xs) for i in rules(op)]
        numbers = [xs[i] for i in rules(op)]

        def f(*some, xs=xs):
            given = iter(some)
            return op.value(*[next(given) if i in rules(op) else x for i, x in enumerate(xs)])

        report = nudges.compare(tuple(found), f, *numbers)
        if op.name in NO_SLOPE:
            assert [row.verdict for row in report.rows] == ["WRONG"]
        else:
            report.raise_if_wrong()


@pytest.mark.parametrize(
    "op", [op for op in TABLE.values() if op.name not in NO_SLOPE and None not in op.partials], ids=str
)
def test_check_grad_is_content(op):
    for xs in sampling.moderate(op, 4, 3):
        gg.check_grad(op, *xs).raise_if_wrong()


# At kinks and beside them

SPOTS = [0.0, 1.0, -1.0, 2.0, -2.5, 4.0, -6.0]


def kinks(op: Op) -> list[tuple[float, ...]]:
    return [xs for xs in itertools.product(SPOTS, repeat=op.arity) if op.kinks.holds(*xs)]


KINKED = {name: op for name, op in TABLE.items() if op.kinks is not None}


@pytest.mark.parametrize("op", KINKED.values(), ids=KINKED)
def test_partials_beside_kinks(op):
    beside = 0
    for xs in kinks(op):
        for i in range(op.arity):
            x = xs[i]
            for near in (x - 1e-3, x + 1e-3, x - 1e-9, x + 1e-9, math.nextafter(x, -9.0), math.nextafter(x, 9.0)):
                at = (*xs[:i], near, *xs[i + 1 :])
                if sampling.fine(op, at):
                    beside += 1
                    for j in rules(op):
                        assert agrees(op, j, at), (j, at, partial(op, j, at))
    assert beside >= 3


@pytest.mark.parametrize("op", KINKED.values(), ids=KINKED)
def test_partials_at_kinks(op):
    assert op.name in AT_KINKS, f"say in AT_KINKS what the derivatives of {op.name} at {op.kinks.text} are"
    for xs, expected in AT_KINKS[op.name].items():
        assert op.kinks.holds(*xs), xs
        found = tuple(partial(op, i, xs) for i in rules(op))
        assert found == pytest.approx(expected, abs=0.0, rel=4 * EPS, nan_ok=True), xs
        if op.domain is None or op.domain.holds(*xs):
            nodes = [gg.Scalar(x) for x in xs]
            op(*nodes).backward()
            assert tuple(node.grad for node in nodes) == pytest.approx(found, nan_ok=True, abs=0.0)


def test_no_kink_is_listed_that_is_none():
    assert set(AT_KINKS) == set(KINKED)


@pytest.mark.parametrize(("name", "xs", "expected"), BY_CONVENTION, ids=str)
def test_partials_by_convention(name, xs, expected):
    found = tuple(partial(TABLE[name], i, xs) for i in range(len(xs)))
    assert found == pytest.approx(expected, abs=0.0, rel=4 * EPS, nan_ok=True)


# At the edges


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_partials_raise_nowhere(op):
    for xs in sampling.edges(op):
        y = op.value(*xs)
        for i in rules(op):
            assert type(op.partial(i, y, xs)) in (float, int, bool) or isinstance(op.partial(i, y, xs), float), (i, xs)


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_backward_raises_nowhere(op):
    with gg.errstate(domain="nan"):
        for xs in sampling.edges(op):
            nodes = [gg.Scalar(x) if rule is not None else x for x, rule in zip(xs, op.partials, strict=True)]
            op(*nodes).backward()
            for i in rules(op):
                assert exact.same(nodes[i].grad, partial(op, i, xs)) or nodes[i].grad == partial(op, i, xs) == 0, xs
