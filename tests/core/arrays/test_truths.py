"""A mask does while a function is traced what an array of bool does in NumPy."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassgrad as gg

X = np.array([-1.0, 0.5, 2.0, np.nan])
MASK = np.array([True, False, True, True])
OTHERS = {
    "a mask": MASK,
    "a list": MASK.tolist(),
    "whole numbers": np.array([1, 2, -3, 0]),
    "a whole number": 2,
    "an int8": np.int8(3),
    "a truth": True,
    "NumPy's truth": np.True_,
    "no dimensions": np.array(True),
    "1.5": 1.5,
}
BINARY = [getattr(operator, name) for name in ("and_", "or_", "xor", "add", "sub", "mul", "eq", "lt")]
BINARY += [np.maximum, np.minimum, np.logical_xor, np.dot, np.inner, np.kron, np.add.outer]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{f"{f.__name__} of masks": lambda x, f=f: f(x > 0, x < 1) for f in [*BINARY, operator.matmul, np.convolve]},
    **{f"{f.__name__} with one truth": lambda x, f=f: f(x > 0, x[0] < 1) for f in BINARY[:6]},
    **{f"{f.__name__} of one truth": lambda x, f=f: f(x[0] < 1, x > 0) for f in BINARY[:6]},
    "-": lambda x: -(x > 0),
    "~": lambda x: ~(x > 0),
    "abs": lambda x: abs(x > 0),
    "accumulate": lambda x: np.add.accumulate(x > 0),
    "cumsum": lambda x: np.cumsum(x > 0),
    "add.reduce": lambda x: np.add.reduce(x > 0),
    "max": lambda x: np.max(x > 0),
    "min along an axis": lambda x: np.min(x > x[:, None], axis=0),
    "diff": lambda x: np.diff(x > 0),
    "diff twice": lambda x: np.diff(x > x[:, None], n=2, axis=0),
    "crossings": lambda x: np.diff(x > 0).sum(),
    "diff of numbers": lambda x: np.diff(x[:3], prepend=0.0, append=[1.0]),
    "einsum": lambda x: np.einsum("i,i", x > 0, MASK),
    "tensordot": lambda x: np.tensordot(x > 0, x > x[:, None], 1),
    "dot with numbers": lambda x: np.dot(x > 0, [1, 2, 3, 4]),
    "trace": lambda x: np.trace(x > x[:, None]),
    "in place": lambda x: operator.iand(x > 0, MASK),
    "into a mask": lambda x: operator.ior(MASK.copy(), x > 0),
    "1 - mask": lambda x: 1 - (x > 0),
    "/": lambda x: (x > 0) / (x[1] > 0),
    **{f"{f.__name__}, {n}": lambda x, f=f, y=y: f(x > 0, y) for f in BINARY for n, y in OTHERS.items()},
    **{f"{f.__name__}, {n} first": lambda x, f=f, y=y: f(y, x > 0) for f in BINARY for n, y in OTHERS.items()},
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_masks_do_what_arrays_of_bool_do(name, monkeypatch):
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")  # what is recorded does not depend on how it is run
    f = FUNCTIONS[name]
    try:
        with np.errstate(all="ignore"):
            expected = np.asarray(f(X))
    except TypeError:
        with pytest.raises(TypeError):
            gg.jit(f)(X)
        return
    found = np.asarray(gg.jit(f)(X))
    np.testing.assert_array_equal(found.astype(float), expected.astype(float))
    if expected.dtype == bool:
        assert found.dtype == bool
