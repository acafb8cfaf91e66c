"""Functions with loops: code with loops, straight code and the interpreter give the same bits.

And they agree with Python.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassgrad as gg
from glassgrad.compiler.ir.expand import expand
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.runtime import forms
from helpers.branching import code_for, runnable
from helpers.loop_nests import LoopNest, loop_nests

LANES = 11
FEW = settings(max_examples=15, deadline=None)
POINT = 0.3, -0.7, 1.1


@contextlib.contextmanager
def rolling(choice: str, least: int = 8) -> Iterator[None]:
    """Compile code with loops ("1") or without ("0"). Find loops in pieces of at least ``least`` operations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSGRAD_ROLL", choice)
        patch.setattr(forms, "ROLL_FROM", least)
        yield


def bits(results: Any) -> bytes:
    numbers = np.concatenate(results_of(results))
    return np.where(np.isnan(numbers), np.nan, numbers).tobytes()


def results_of(results: Any) -> list[Any]:
    if isinstance(results, (list, tuple)):
        return [x for one in results for x in results_of(one)]
    return [np.ravel(results).astype(float)]


def sum_of(f: Any) -> Any:
    """The sum of a function's results, so that it has a gradient."""
    return lambda *xs: gg.sum(f(*xs))


TRANSFORMS = {
    "value": lambda f: f,
    "grad": lambda f: gg.grad(sum_of(f), argnums=(0, 1, 2)),
    "jacobian": lambda f: gg.jacobian(f, argnums=(0, 1)),
    "hessian": lambda f: gg.hessian(sum_of(f), argnums=(0, 1)),
    "nested": lambda f: gg.grad(lambda x, y, z: gg.grad(sum_of(f))(x, y, z) * y, argnums=(0, 1)),
}


def compiled(f: Any, how: str) -> Any:
    """What code gives for ``f``, called in the way ``how``."""
    columns = [np.linspace(x - 0.5, x + 0.5, LANES) for x in POINT]
    if how == "jit":
        return gg.jit(f)(*POINT)
    if how == "vmap":
        return gg.vmap(f)(*columns)
    return gg.vmap(f, reduce="sum")(*columns)


@pytest.fixture(autouse=True)
def _patient():
    before, gg.config.compile_budget = gg.config.compile_budget, math.inf
    yield
    gg.config.compile_budget = before


@pytest.mark.skipif(not runnable(), reason="no machine code")
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("how", ["jit", "vmap", "reduce"])
@given(nest=loop_nests())
@FEW
def test_loops_or_not_gives_the_same_bits(transform: str, how: str, nest: LoopNest):
    f = TRANSFORMS[transform](nest.function)
    found = []
    for choice in "01":
        with rolling(choice):
            found.append(bits(compiled(f, how)))
    assert found[0] == found[1]
