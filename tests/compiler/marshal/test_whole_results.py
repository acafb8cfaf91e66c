"""Whole numbers and truths among the results: decided by the path, so that lanes may differ in them."""

from __future__ import annotations

import numpy as np
import pytest

import glassgrad as gg

X = np.random.default_rng(0).normal(size=(40, 4))


def newton(a):
    x, rounds = a, 0
    while abs(x * x - a) > 1e-9:
        x, rounds = 0.5 * (x + a / x), rounds + 1
    return x, rounds


@pytest.fixture(params=["code", "interpreted"])
def target(request, monkeypatch):
    if request.param == "interpreted":
        monkeypatch.setenv("GLASSGRAD_TARGET", "none")


RESULTS = {
    "argsort": lambda x: np.argsort(x),
    "argmax": lambda x: np.argmax(x),
    "a mask": lambda x: x > 0,
    "truths that are known": lambda x: np.array([bool(t > 0) for t in x]),
    "a count": lambda x: sum(1 for t in x if t > 0),
    "a truth": lambda x: bool(x[0] > 0),
    "uint8": lambda x: np.array([1, 2] if x[0] > 0 else [3, 4], dtype=np.uint8),
    "the first above": lambda x: np.flatnonzero(x > -9.0),
}


@pytest.mark.parametrize("f", RESULTS.values(), ids=RESULTS)
def test_a_batch_of_them_has_their_dtype(f, target):
    found, expected = gg.vmap(f, max_paths=200)(X), np.array([f(x) for x in X])
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()
    assert gg.vmap(f)(np.empty((0, 4))).dtype == expected.dtype


def test_beside_numbers(target):
    a = np.array([1.0, 2.0, 50.0])
    roots, rounds = gg.vmap(newton)(a)
    assert roots == pytest.approx(np.sqrt(a))
    assert (rounds.dtype, rounds.tolist()) == (np.int64, [newton(x)[1] for x in a])
    assert gg.vmap(newton, reduce="sum")(a)[1] == sum(rounds)
    assert gg.vmap(newton, reduce="mean")(a)[1] == pytest.approx(np.mean(rounds))


def test_a_whole_number_in_one_lane_is_a_number_beside_numbers_in_others(target):
    relu = gg.vmap(lambda x: x if x > 0 else 0)
    found = relu(np.array([1.5, -2.0]))
    assert (found.dtype, found.tolist()) == (np.float64, [1.5, 0.0])
    assert gg.vmap(lambda x: 2 if x > 0 else False)(np.array([1.5, -2.0])).tolist() == [2, 0]


def test_out_may_be_of_doubles(target):
    out = np.empty(2)
    assert gg.vmap(lambda x: 1 if x > 0 else 0)(np.array([1.0, -1.0]), out=out) is out
    assert out.tolist() == [1.0, 0.0]


def test_jit_gives_arrays_of_them_their_dtype(target):
    order = gg.jit(lambda x: (np.argsort(x), x > 0, np.argmax(x)))
    for x in X[:5]:
        places, positive, largest = order(x)
        assert (places.dtype, positive.dtype) == (np.int64, bool)
        assert (places.tolist(), positive.tolist()) == (np.argsort(x).tolist(), (x > 0).tolist())
        assert largest == np.argmax(x)


def test_beyond_what_a_double_holds(target):
    large = np.array([2**60 + 1])
    assert gg.jit(lambda x: large)(1.0).tolist() == [2**60 + 1]
    assert gg.vmap(lambda x: large)(np.ones(2)).tolist() == [[2**60 + 1]] * 2


def test_lanes_of_different_shapes_are_refused_still(target):
    with pytest.raises(TypeError, match="must return the same structure for all lanes"):
        gg.vmap(lambda x: np.flatnonzero(x > 0))(X)


def test_kinds_of_results_are_joined_over_the_paths():
    def f(x):
        return False if x < 0 else x * 2

    for x in ([-1.0, 2.0, 3.0], [2.0, -1.0, 3.0]):
        found = gg.vmap(f)(np.array(x))
        assert found.dtype == float
        assert found.tolist() == [float(f(a)) for a in x]
    mixed = gg.vmap(lambda x: np.zeros(2, np.float32) if x > 0 else x * np.ones(2))
    assert mixed(np.array([1.0, -1.25])).dtype == np.float64


def test_lanes_that_differ_are_named():
    with pytest.raises(TypeError, match="None for some lanes and a number for others"):
        gg.vmap(lambda x: None if x > 0 else x)(np.array([1.0, -1.0]))


def test_inside_another_transform_they_are_the_same():
    batch = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])

    def f(x):
        places, positive = gg.vmap(lambda row: (np.argmax(row), row > 0))(x)
        counts = gg.vmap(lambda row: 3)(x)
        assert (places.dtype, positive.dtype, counts.dtype) == (np.int64, bool, np.int64)
        return (gg.vmap(np.sum)(x) * places).sum() + (positive * x).sum()

    expected = np.array([[3.0, 2.0, 3.0], [2.0, 2.0, 1.0]])
    for slope in (gg.grad(f)(batch), gg.jit(gg.grad(f))(batch)):
        assert slope.tolist() == expected.tolist()
