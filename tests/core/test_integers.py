"""Integers among the arguments: as an index or a count their value is known, and each value is a path."""

import math
import warnings

import numpy as np
import pytest

import glassgrad as gg

ROW = [10.0, 20.0, 30.0, 40.0]


def element(x, n):
    return x * ROW[n]


def counted(x, n):
    total = 0.0
    for k in range(n):
        total = total + x * ROW[k]
    return total


def computed(x, n):
    return x * ROW[n + 1] + ROW[2 * n] + ROW[n % 2] + ROW[-n] + ROW[n // 2] + ROW[abs(n - 1)] + ROW[n**2 - n]


def converted(x, n):
    return x * ROW[int(n)] * len(ROW[:n])


@pytest.mark.parametrize("f", [element, counted, computed, converted])
@pytest.mark.parametrize("n", [0, 1])
def test_an_integer_is_an_index_and_a_count(f, n):
    assert gg.jit(f)(3.0, n) == f(3.0, n)
    slope = f(1.0, n) - f(0.0, n)
    assert gg.grad(f)(3.0, n) == gg.jit(gg.grad(f))(3.0, n) == pytest.approx(slope)
    assert gg.grad(f, argnums=(0, 1))(3.0, n) == pytest.approx((slope, 0.0))
    assert gg.vmap(gg.grad(f))(np.ones(2), np.array([n, n])) == pytest.approx([slope] * 2)


@pytest.mark.parametrize("n", [*range(-4, 4)])
def test_each_value_is_a_path(n):
    f = gg.jit(element)
    for k in (0, 3, -4, n, 2, n):
        assert f(2.0, k) == 2.0 * ROW[k]
    assert gg.jit(gg.jacobian(element, argnums=(0, 1)))(2.0, n) == (ROW[n], 0.0)


def test_lanes_are_parted_by_their_index():
    n = np.array([0, 1, 2, 3, -1, -4, 2])
    x = np.arange(1.0, 8.0)
    assert gg.vmap(element)(x, n).tolist() == [element(*lane) for lane in zip(x, n)]
    assert gg.vmap(gg.grad(element), in_axes=(None, 0))(1.0, n).tolist() == [ROW[k] for k in n]
    assert gg.vmap(counted)(x, n % 4).tolist() == [counted(*lane) for lane in zip(x, n % 4)]


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8, np.int8])
def test_an_array_of_integers_holds_indices(kind):
    places = np.array([3, 0, 0, 2], dtype=kind)

    def f(x, places):
        return sum(x * ROW[k] for k in places)

    assert gg.jit(f)(2.0, places) == gg.grad(f)(2.0, places) * 2.0 == 2.0 * (40 + 10 + 10 + 30)
    assert gg.jit(f)(2.0, np.roll(places, 1) % 2) == 2.0 * (10 + 20 + 10 + 10)


def test_numbers_stay_numbers():
    assert gg.jit(gg.grad(lambda x: x * x))(3) == 6.0
    assert gg.grad(lambda n: n * ROW[n] * n)(3) == gg.jit(gg.grad(lambda n: n * ROW[n] * n))(3) == 240.0
    assert gg.vmap(lambda n: n + 1)(np.arange(3)).dtype == np.float64


def test_integers_and_floats_share_their_code_unless_it_matters():
    f = gg.jit(lambda x: x * 2.0 if x > 1 else x)
    assert [f(3), f(3.0), f(0), f(0.5)] == [6.0, 6.0, 0.0, 0.5]
    assert len(f.programs) == 1
    g = gg.jit(lambda x, n: x if x > 1 else ROW[n])
    assert [g(2.0, 1.0), g(2.0, 1), g(0.0, 1), g(2.0, 1.0), g(2, 1)] == [2.0, 2.0, 20.0, 2.0, 2.0]


CALLS = {
    "grad": lambda f, n: gg.grad(f)(1.0, n),
    "jit": lambda f, n: gg.jit(f)(1.0, n),
    "jit of grad": lambda f, n: gg.jit(gg.grad(f))(1.0, n),
    "vmap": lambda f, n: gg.vmap(f)(np.ones(2), np.array([n, n])),
    "vmap of grad": lambda f, n: gg.vmap(gg.grad(f), in_axes=(0, None))(np.ones(2), n),
}


@pytest.mark.parametrize("call", [call for name, call in CALLS.items() if name not in ("grad", "vmap of grad")])
@pytest.mark.parametrize("f", [element, counted, lambda x, n: ROW[n / 2], lambda x, n: x * ROW[n * 1.5]])
def test_a_float_is_no_index(call, f):
    with pytest.raises(gg.TracingError, match=r"test_integers.py:\d+: .*as an index or a count.*pass a whole number"):
        call(f, 2.0)


@pytest.mark.parametrize("n", [4, -5, 100])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_wrong_index_raises_what_the_list_raises(call, n):
    with pytest.raises(IndexError, match=r"^list index out of range(\nin lane 0 of 2 of .*: x = 1, n = .*)?$"):
        call(element, n)


def test_a_float_is_no_index_even_after_the_same_integer():
    f = gg.jit(element)
    for _ in range(20):
        assert f(2.0, 1) == 40.0
    with pytest.raises(TypeError, match="pass a whole number"):
        f(2.0, 1.0)


def test_what_is_rounded_is_an_index():
    def f(x):
        return x * ROW[math.floor(x)]

    for x in (0.5, 1.5, 3.9, -0.5):
        assert gg.jit(f)(x) == f(x)
        assert gg.grad(f)(x) == gg.jit(gg.grad(f))(x) == ROW[math.floor(x)]
    with pytest.raises(ValueError, match=r"is nan, so it cannot be an index|cannot convert float NaN"):
        gg.jit(f)(math.nan)


def test_a_node_is_no_index_outside_transforms():
    with pytest.raises(TypeError, match="is a float, so it cannot be an index or a count: use int"):
        ROW[gg.Scalar(1.0)]


def test_many_values_run_uncompiled_and_the_warning_names_take():
    row = [float(k) for k in range(100)]

    def f(x, n):
        return x * row[n]

    compiled = gg.jit(f, max_paths=6)
    with pytest.warns(
        RuntimeWarning, match=r"`f` has taken 7 different routes, one for each value .*gg.take\(rows, i\)"
    ):
        found = [compiled(2.0, n) for n in range(20)]
    assert found == [2.0 * n for n in range(20)]
    batched = gg.vmap(f, max_paths=6)
    with pytest.warns(RuntimeWarning, match="one for each value"):
        assert batched(np.ones(100), np.arange(100)).tolist() == row


@pytest.mark.parametrize("count", [2**40, -(2**40), 2**53])
def test_large_integers_are_guarded_exactly(count):
    seen = []

    def f(x, n):
        seen.append(int(n))
        return x + len(range(n))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f = gg.jit(f)
        assert f(1.0, count) == 1.0 + max(count, 0)
        assert f(1.0, count - 1) == 1.0 + max(count - 1, 0)
    assert {count, count - 1} <= set(seen)


def test_the_guards_are_shown():
    text = str(gg.jit(element).lower(2.0, 2).tape)
    assert "guard" in text
    assert "n < 4" in text
    assert "test_integers.py" in text


def test_a_pickled_function_knows_its_paths():
    import pickle

    f = gg.jit(lambda x, n: x * ROW[n])
    assert f(2.0, 3) == 80.0
    back = pickle.loads(pickle.dumps(f))
    assert back(3.0, 3) == 120.0
