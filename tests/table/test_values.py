"""Every operation's value against mpmath."""

from __future__ import annotations

import math
import random

import pytest

from glassgrad.core.op import TABLE, Op
from helpers import exact, sampling

ULPS = 2.0  # what is promised


def worst(op: Op, seed: int, count: int) -> tuple[float, tuple[float, ...]]:
    """How far off the values are in units in the last place, and where most."""
    some = sampling.arguments(op, seed, count, exact.affordable(op.name))
    return max((exact.ulps(op.value(*xs), exact.value(op.name, xs)), xs) for xs in some)


def test_every_operation_has_a_reference():
    for name in TABLE:
        assert callable(exact.reference(name))
    assert set(exact.OTHERS) <= set(TABLE)
    assert set(exact.AFFORDABLE) <= set(TABLE)


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_value(op):
    off, xs = worst(op, 1, 150)
    assert off <= ULPS, xs


@pytest.mark.nightly
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_value_at_many_points(op):
    for seed in range(2, 12):
        off, xs = worst(op, seed, 1000)
        assert off <= ULPS, xs


DENSE = {  # intervals in which the C library is, or was, furthest off
    "cbrt": (1.0, 8.0),
    "erfc": (0.3, 27.3),
    "tanh": (-0.6, 0.6),
    "sinh": (-1.0, 1.0),
    "asinh": (-1.0, 1.0),
    "acosh": (1.0, 1.2),
    "atanh": (-0.5, 0.5),
    "log10": (0.5, 2.0),
    "cosh": (-2.0, 2.0),
    "erfcx": (-27.0, 30.0),
    "norm_pdf": (-38.6, 38.6),
    "norm_cdf": (-38.6, 3.0),
    "gelu": (-38.6, 3.0),
    "silu": (-752.0, 5.0),
    "exp_neg_square": (-27.3, 27.3),
    "gelu_slope": (-2.0, 2.0),
    "silu_slope": (-3.0, 3.0),
}


KNOWN = {"tanh": [0.2337555136698165], "erfc": [1.2297589546394614]}  # where the C library was found to be off by more


@pytest.mark.parametrize("name", DENSE)
def test_value_where_digits_are_lost(name):
    op, draw = TABLE[name], random.Random(name)
    xs = [*KNOWN.get(name, ()), *(draw.uniform(*DENSE[name]) for _ in range(2000))]
    off, where = max((exact.ulps(op.value(x), exact.value(name, (x,))), x) for x in xs)
    assert off <= ULPS, where


@pytest.mark.nightly
@pytest.mark.parametrize("name", DENSE)
def test_value_where_digits_are_lost_at_many_points(name):
    op, draw = TABLE[name], random.Random(name)
    for _ in range(100):
        x = draw.uniform(*DENSE[name])
        for near in range(1000):
            at = x + near * math.ulp(x)
            assert exact.ulps(op.value(at), exact.value(name, (at,))) <= ULPS, at


def test_cube_roots_of_subnormal_numbers_and_of_the_largest():
    draw = random.Random(0)
    for k in [*range(-1074, -1000), *range(-1000, 1024, 7)]:
        for x in (math.ldexp(1.0, k), min(math.ldexp(draw.uniform(1, 2), k), 1.7976931348623157e308)):
            assert exact.ulps(TABLE["cbrt"].value(-x), exact.value("cbrt", (-x,))) <= 1.0, x
