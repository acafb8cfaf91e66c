"""A held factor is a constant in the first derivative, and itself a part of it."""

from __future__ import annotations

import math
import pickle

import pytest

import glassgrad as gg
from glassgrad.linalg.held import HELD, held, tied


def root(a):
    """The square root of ``a``, whose derivative is by the implicit rule of r * r = a."""
    r = gg.detach(gg.sqrt(a)) if DETACHED else gg.sqrt(a)
    return tied(r, held(0.5 / r, a))


DETACHED = False


def test_derivatives_of_any_order_follow_the_implicit_rule():
    for transform in (lambda f: f, gg.jit):
        for order, expected in enumerate((0.25, -1 / 32, 3 / 256), start=1):
            f = root
            for _ in range(order):
                f = gg.grad(f)
            assert transform(f)(4.0) == pytest.approx(expected, rel=1e-14)
    assert gg.jvp(gg.grad(root), (4.0,), (1.0,))[1] == pytest.approx(-1 / 32)


def test_a_detached_factor_would_lose_the_second_derivative(monkeypatch):
    monkeypatch.setitem(globals(), "DETACHED", True)
    assert gg.grad(root)(4.0) == pytest.approx(0.25)
    assert gg.grad(gg.grad(root))(4.0) == 0.0


def test_nothing_is_sent_to_a_held_factor():
    a, x = gg.Scalar(math.inf), gg.Scalar(0.0)
    y = HELD(a, x) * math.nan
    y.backward()
    assert a.grad == 0.0
    assert math.isnan(x.grad)
    assert gg.grad(lambda a: held(a, gg.Scalar(2.0)))(3.0) == 0.0


def test_operations_pickle_by_name():
    assert pickle.loads(pickle.dumps(HELD)) is HELD
