"""``in_axes`` by the names of arguments."""

import numpy as np
import pytest

import glassgrad as gg

X = np.arange(3.0)


def f(x, *rest, scale=1.0, p=None):
    return x * scale + sum(rest) + (p["a"] if p else 0.0)


CASES = {
    "the same for all": (({"scale": None}, (X,), {"scale": 2.0}), [0.0, 2.0, 4.0]),
    "a default": (({"scale": None}, (X,), {}), [0.0, 1.0, 2.0]),
    "a keyword alone has lanes": (({"x": None, "scale": 0}, (2.0,), {"scale": X}), [0.0, 2.0, 4.0]),
    "the rest": (({"rest": None}, (X, 1.0, 2.0), {}), [3.0, 4.0, 5.0]),
    "after a tuple": (((0, {"scale": None, "p": {"a": 0}}), (X,), {"scale": 2.0, "p": {"a": X}}), [0.0, 3.0, 6.0]),
    "another axis": (({"p": {"a": 1}, "x": None}, (1.0,), {"p": {"a": X[None]}}), [[1.0], [2.0], [3.0]]),
    "x by keyword": (({"scale": None}, (), {"x": X, "scale": 2.0}), [0.0, 2.0, 4.0]),
    "none named": (({}, (X,), {"scale": X}), [0.0, 1.0, 4.0]),
}


@pytest.mark.parametrize("case", CASES)
def test_axes_by_name(case):
    (axes, args, kwargs), expected = CASES[case]
    over = gg.vmap(f, in_axes=axes)
    for _ in range(2):  # the second call takes the axes that the first found
        assert over(*args, **kwargs).tolist() == expected
    assert gg.grad(lambda y: y * np.sum(over(*args, **kwargs)))(1.0) == np.sum(expected)  # lane by lane, on nodes


def test_gradients_by_name():
    lanes = gg.vmap(gg.grad(f), in_axes={"scale": None})
    assert lanes(X, scale=2.0).tolist() == [2.0, 2.0, 2.0]


def test_derivatives_with_respect_to_what_is_the_same_for_all():
    over = gg.vmap(lambda x, s: x * s, in_axes={"s": None})
    assert gg.grad(lambda s: over(X, s=s).sum())(2.0) == 3.0
    assert gg.jit(gg.grad(lambda s: over(X, s).sum()))(2.0) == 3.0


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"in_axes names 'zzz', but f has no argument of that name"):
        gg.vmap(f, in_axes={"zzz": None})(X)
    with pytest.raises(ValueError, match=r"set its entry of in_axes to None, as in in_axes=\{'scale': None\}"):
        gg.vmap(f)(X, scale=2.0)
    with pytest.raises(ValueError, match="has an axis to run over"):
        gg.vmap(f, in_axes={"x": None})(X)
    with pytest.raises(TypeError, match="may hold only integers and None, got 'a'"):
        gg.vmap(f, in_axes={"x": "a"})(X)
    assert gg.vmap(lambda x, **k: x * k["s"], in_axes={"s": None})(X, s=2.0).tolist() == [0.0, 2.0, 4.0]
