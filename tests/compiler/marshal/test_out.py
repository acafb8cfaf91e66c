"""``out=``: an array for some of the results, None for the others, whichever way a call goes."""

import numpy as np
import pytest

import glassgrad as gg

CALLS = 6


def rounds(compiled):
    """Numbers of calls; in between code gets as good as it gets, so that calls take every way there is."""
    for k in range(CALLS):
        yield k
        for kernel in compiled.kernels():
            if kernel is not None:
                kernel.wait()


def test_a_gradient_beside_a_value():
    f = gg.jit(gg.value_and_grad(lambda x: (x * x).sum()))
    gradient = np.zeros(3)
    for k in rounds(f):
        x = np.arange(3.0) + k
        value, slope = f(x, out=(None, gradient))
        assert slope is gradient
        assert value == (x * x).sum()
        assert gradient.tolist() == (2.0 * x).tolist()


@pytest.mark.parametrize("place", range(4))
def test_one_of_several_arrays(place):
    functions = [
        gg.jit(lambda x: (x * 1.0, x * 2.0, x * 3.0, x[0])),
        gg.vmap(lambda x: (x * 1.0, x * 2.0, x * 3.0, x * 4.0)),
        gg.vmap(lambda x: (x * 1.0, x > 1, x * 3.0, 4.0)),
        gg.vmap(lambda x: (x * np.ones(2), x * 2.0, np.array([x, 3.0]), np.array([1, 2]))),
    ]
    for f in functions:
        x = np.arange(1.0, 20.0)
        plain = f(x)
        if not isinstance(plain[place], np.ndarray):
            continue
        mine = np.zeros_like(plain[place])
        for k in rounds(f):
            x = np.arange(1.0, 20.0) + k
            expected = f(x)
            mine[...] = 0
            found = f(x, out=tuple(mine if j == place else None for j in range(4)))
            for j, (one, other) in enumerate(zip(found, expected)):
                assert (one is mine) == (j == place)
                np.testing.assert_array_equal(one, other)
                assert getattr(one, "dtype", None) == getattr(other, "dtype", None)
            nothing = f(x, out=(None, None, None, None))
            for one, other in zip(nothing, expected):
                np.testing.assert_array_equal(one, other)


def test_in_dicts_and_when_summed():
    f = gg.vmap(lambda x: {"a": x, "b": (x * 2.0, None)})
    mine = np.zeros(9)
    for k in rounds(f):
        x = np.arange(9.0) + k
        found = f(x, out={"a": None, "b": (mine, None)})
        assert found["b"][0] is mine
        np.testing.assert_array_equal(mine, 2.0 * x)
        np.testing.assert_array_equal(found["a"], x)
    total = gg.vmap(gg.value_and_grad(lambda w, x: (w * x).sum()), in_axes=(None, 0), reduce="sum")
    w, rows, slope = np.ones(3), np.ones((10, 3)), np.zeros(3)
    for k in rounds(total):
        value, found = total(w + k, rows, out=(None, slope))
        assert value == 30.0 * (1 + k)
        assert found is slope
        assert slope.tolist() == [10.0] * 3


def test_what_does_not_fit_is_said_before_anything_is_written():
    f = gg.jit(lambda x: (x * 2.0, x[0], x * 3.0))
    x, good = np.arange(3.0), np.zeros(3)
    for k in rounds(f):
        with pytest.raises(TypeError, match=r"for the number 0\.0 it must be None, got ndarray"):
            f(x, out=(good, np.zeros(()), None))
        with pytest.raises(ValueError, match=r"out must have shape \(3,\) .* got shape \(4,\)"):
            f(x, out=(good, None, np.zeros(4)))
        with pytest.raises(
            ValueError, match=r"\(an array of shape \(3,\), a number, an .*\), .*got \(None, an array\)"
        ):
            f(x, out=(None, good))
        assert good.tolist() == [0.0] * 3, k
