"""First derivatives to the last digits, where squares are rounded and where terms cancel: eagerly and compiled."""

from __future__ import annotations

import random

import numpy as np
import pytest

import glassgrad as gg
from helpers import exact
from helpers.branching import code_for, runnable

ULPS = 4.0
LEAST = 1e-307  # smaller results may be made of subnormal numbers
SLOPES = {  # the derivative, an interval where it is normal, and where it is 0 or was furthest off
    "erf": (lambda x: 2 / exact.mp.sqrt(exact.mp.pi) * exact.mp.exp(-x * x), 26.5, 26.5),
    "erfc": (lambda x: -2 / exact.mp.sqrt(exact.mp.pi) * exact.mp.exp(-x * x), 26.5, 21.2),
    "gelu": (exact.reference("gelu_slope"), 37.0, -0.7517915246935645),
    "silu": (exact.reference("silu_slope"), 710.0, -1.2784645427610738),
    "norm_cdf": (exact.reference("norm_pdf"), 37.4, 37.0),
}


@pytest.mark.parametrize("target", [None, *runnable()])
@pytest.mark.parametrize("name", SLOPES)
def test_first_derivatives(name, target):
    slope, end, special = SLOPES[name]
    draw = random.Random(name)
    xs = [draw.uniform(-end, end) for _ in range(150)] + [draw.uniform(-2.0, 2.0) for _ in range(150)]
    xs += [special + draw.choice((-1, 1)) * 10.0 ** draw.uniform(-16, -1) for _ in range(150)]
    expected = [exact.of(slope, (x,)) for x in xs]
    f = gg.grad(getattr(gg, name))
    if target is None:
        found = [f(x) for x in xs]
    else:
        pytest.importorskip("llvmlite")
        with code_for(target):
            found = gg.vmap(f)(np.array(xs)).tolist()
    for x, y, reference in zip(xs, found, expected, strict=True):
        if abs(reference) > LEAST:
            assert exact.ulps(y, reference) <= ULPS, x
