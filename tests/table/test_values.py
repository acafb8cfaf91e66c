"""Every operation's value against mpmath."""

from __future__ import annotations

import math

import pytest

from glassgrad.op import TABLE, Op
from helpers import exact, sampling

ULPS = 2.0  # what is promised, where the C library is as good
C_NAMES = {"abs": "fabs", "mod": "fmod"}


def c_library(op: Op):
    """The C library's function for ``op`` as the math module has it, or None."""
    return getattr(math, C_NAMES.get(op.name, op.name), None)


def excess(op: Op, xs: tuple[float, ...]) -> float:
    """How far off the value at ``xs`` is in units in the last place, less what the C library is off there."""
    reference = exact.value(op.name, xs)
    off = exact.ulps(op.value(*xs), reference)
    if off <= ULPS:
        return off
    function = c_library(op)
    if function is not None and exact.ulps(function(*xs), reference) >= off:
        return 0.0
    return off


def worst(op: Op, seed: int, count: int) -> tuple[float, tuple[float, ...]]:
    return max((excess(op, xs), xs) for xs in sampling.arguments(op, seed, count, exact.affordable(op.name)))


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
