"""`gg.zeros` and its relatives: NumPy's values, nodes that differ, and stores that keep derivatives in every mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar

X = np.array([0.5, -1.5, 2.0])
LIKE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
MADE = {
    "zeros": (lambda m: m.zeros(3), lambda m: m.zeros((2, 3), dtype=float), lambda m: m.zeros(())),
    "ones": (lambda m: m.ones(3), lambda m: m.ones([2, 1]), lambda m: m.ones((0, 2))),
    "full": (lambda m: m.full(2, 1.5), lambda m: m.full((2, 3), [1.0, 2.0, 3.0]), lambda m: m.full((), 4)),
    "eye": (lambda m: m.eye(3), lambda m: m.eye(2, 4, k=1), lambda m: m.eye(3, k=-1, dtype=float)),
    "zeros_like": (lambda m: m.zeros_like(LIKE), lambda m: m.zeros_like([1, 2]), lambda m: m.zeros_like(5.0)),
    "ones_like": (lambda m: m.ones_like(LIKE), lambda m: m.ones_like((1.0, 2.0))),
    "full_like": (lambda m: m.full_like(LIKE, 2.5), lambda m: m.full_like(LIKE, [1.0, 2.0, 3.0])),
}


@pytest.mark.parametrize("make", [f for forms in MADE.values() for f in forms])
def test_the_numbers_are_numpy_s(make):
    found, expected = make(gg), make(np)
    assert type(found) is gg.Array
    assert found.shape == expected.shape
    assert gg.values(found).tolist() == expected.tolist()


@pytest.mark.parametrize("make", [gg.zeros, gg.ones, gg.empty, lambda n: gg.full(n, 2.0), gg.eye])
def test_each_element_is_a_node_of_its_own(make):
    nodes = make(3).ravel().tolist()
    assert all(type(x) is Scalar for x in nodes)
    assert len({id(x) for x in nodes}) == len(nodes)


def test_empty_forms_have_the_shape():
    assert gg.empty((2, 3)).shape == gg.empty_like(LIKE).shape == gg.empty_like(gg.array(LIKE)).shape == (2, 3)


def test_a_node_that_fills_an_array_is_kept():
    x = Scalar(3.0)
    (gg.full(4, x) * gg.full_like(np.ones(4), x)).sum().backward()
    assert x.grad == 24.0


def test_labels_are_those_of_gg_array():
    assert gg.zeros((1, 2), label="w")[0, 1].label == "w[0, 1]"
    assert gg.eye(2, label="q")[1, 0].label == "q[1, 0]"
    with pytest.raises(TypeError, match=r"gg\.ones: a label must be a string, got int 3"):
        gg.ones(2, label=3)  # type: ignore[arg-type]


def test_what_is_not_an_array_of_floats_is_refused():
    with pytest.raises(TypeError, match=r"gg\.zeros cannot give dtype int64, because nodes are float64"):
        gg.zeros(2, int)
    with pytest.raises(TypeError, match=r"gg\.eye cannot give dtype float32"):
        gg.eye(2, dtype=np.float32)
    with pytest.raises(TypeError, match="needs a number, but got str 'a'"):
        gg.full(2, "a")
    with pytest.raises(ValueError, match="broadcast"):
        gg.full(2, [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="masked array, whose mask would be lost"):
        gg.zeros_like(np.ma.masked_array([1.0]))
    for shape in (2.5, "2"):
        with pytest.raises(TypeError):
            gg.zeros(shape)
    with pytest.raises(ValueError, match="negative"):
        gg.zeros(-1)


def stored(x: Any) -> Any:
    z = gg.zeros(3)
    z[0] = x[0] * x[1]
    z[1:] = x[1:] ** 2
    return np.sum(z * [1.0, 2.0, 3.0])


def added(x: Any) -> Any:
    z = gg.ones_like(x)
    z += x
    z[0] += x[2]
    z *= x
    return z.sum()


def matrix(x: Any) -> Any:
    a = gg.eye(3)
    a[0] = x
    a[np.array([1, 2]), np.array([0, 0])] = x[:2]
    return (a @ a).sum()


def recurrence(x: Any) -> Any:
    z = gg.empty(6)
    z[:3] = x
    for i in range(3, 6):
        z[i] = z[i - 1] * z[i - 2] + z[i - 3]
    return z[-1]


@pytest.mark.parametrize("f", [stored, added, matrix, recurrence], ids=lambda f: f.__name__)
def test_stores_keep_derivatives_in_every_mode(f, monkeypatch):
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")
    steps = 1e-6 * np.eye(3)
    values = [[gg.values(f(gg.array(X + side * h))).item() for side in (1, -1)] for h in steps]
    expected = [(above - below) / 2e-6 for above, below in values]
    w = gg.array(X)
    f(w).backward()
    assert [x.grad for x in w] == pytest.approx(expected, rel=1e-6)
    for slope in (gg.grad(f)(X), gg.jit(gg.grad(f))(X), gg.vmap(gg.grad(f))(X[None])[0], gg.grad(gg.jit(f))(X)):
        assert slope == pytest.approx(expected, rel=1e-6)
    assert gg.jit(f)(X) == gg.values(f(gg.array(X)))
