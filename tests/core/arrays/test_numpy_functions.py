"""Every public function of NumPy on arrays of nodes: it gives what it gives floats, or is refused with a cure."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import glassgrad as gg
from glassgrad import Scalar
from helpers.numpy_calls import (
    NOT_OF_FLOATS,
    NOT_OF_NUMBERS,
    OF_STORAGE,
    POINT,
    REFUSED,
    WITHOUT_ARRAYS,
    WORKS,
    Call,
)

POINTS = np.stack([POINT, POINT * 0.9])
STEP = 1e-6
TOLERANCE = 1e-5  # of a central difference of that step, for values and third derivatives of some tens


def flat(result: Any) -> list[Any]:
    """The numbers and nodes in a result, in order."""
    if isinstance(result, (list, tuple)):
        return [x for part in result for x in flat(part)]
    if hasattr(result, "ravel"):
        return np.asarray(result, dtype=object).ravel().tolist()
    return [result.item() if isinstance(result, np.generic) else result]


def numbers(result: Any) -> list[float]:
    return [x.data if isinstance(x, Scalar) else float(x) for x in flat(result)]


def weighed(call: Call) -> Call:
    """The results of a call added up, each with a weight of its own; whole numbers and truths have no derivative."""

    def f(x: Any) -> Any:
        total = x[0] * 0.0
        for k, y in enumerate(flat(call(x))):
            if isinstance(y, float) or (isinstance(y, Scalar) and not hasattr(y, "__and__")):
                total = total + (1.3 + math.cos(k)) * y
        return total

    return f


def differences(f: Call, x: np.ndarray) -> np.ndarray:
    """The gradient of ``f`` by central differences."""
    steps = STEP * np.eye(len(x))
    return np.array([(float(f(x + h)) - float(f(x - h))) / (2 * STEP) for h in steps])


@pytest.fixture
def interpreted(monkeypatch):
    """Compiled functions without their code, which others test: recording them is what differs here."""
    monkeypatch.setenv("GLASSGRAD_TARGET", "none")


@pytest.mark.parametrize("call", WORKS.values(), ids=WORKS)
def test_nodes_get_what_floats_get(call, interpreted):
    expected = numbers(call(POINT.copy()))
    assert numbers(call(gg.array(POINT))) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert numbers(gg.jit(call)(POINT.copy())) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("call", WORKS.values(), ids=WORKS)
def test_and_the_derivatives_of_that(call, interpreted):
    f = weighed(call)
    expected = np.array([differences(f, x) for x in POINTS])
    w = gg.array(POINT)
    f(w).backward()
    assert [x.grad for x in w] == pytest.approx(expected[0], rel=TOLERANCE, abs=TOLERANCE)
    assert gg.grad(f)(POINT.copy()) == pytest.approx(expected[0], rel=TOLERANCE, abs=TOLERANCE)
    assert gg.jit(gg.grad(f))(POINT.copy()) == pytest.approx(expected[0], rel=TOLERANCE, abs=TOLERANCE)
    assert gg.vmap(gg.grad(f))(POINTS) == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("call", WORKS.values(), ids=WORKS)
def test_compiled_code_gives_that_too(call):
    f = weighed(call)
    expected = numbers(call(POINT.copy()))
    assert numbers(gg.jit(call)(POINT.copy())) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert gg.jit(gg.grad(f))(POINT.copy()) == pytest.approx(differences(f, POINT), rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize("name", REFUSED)
def test_the_rest_is_refused_with_a_cure(name):
    call, message = REFUSED[name]
    for refused in (lambda: call(gg.array(POINT)), lambda: gg.jacobian(call)(POINT), lambda: gg.jit(call)(POINT)):
        with pytest.raises(TypeError, match=message) as error:
            refused()
        assert "numpy_calls.py:" in str(error.value) or "an operand of nodes" in str(error.value)


@pytest.mark.parametrize("call", NOT_OF_FLOATS.values(), ids=NOT_OF_FLOATS)
def test_what_floats_cannot_do_nodes_cannot(call):
    for x in (POINT, gg.array(POINT)):
        with pytest.raises(TypeError):
            call(x)


def public(module: Any) -> list[str]:
    """The functions of a module of NumPy."""
    found = {name: getattr(module, name) for name in module.__all__}
    return [name for name, f in found.items() if callable(f) and not isinstance(f, type)]


@pytest.mark.parametrize(("module", "prefix"), [(np, ""), (np.linalg, "linalg."), (np.fft, "fft.")], ids=str)
def test_every_public_function_is_in_a_table(module, prefix):
    told = {re.split(r"[ ,]", name)[0] for name in [*WORKS, *REFUSED, *NOT_OF_FLOATS]}
    told |= {name.split(".")[0] for name in told if not name.startswith(("linalg.", "fft."))}
    others = NOT_OF_NUMBERS | WITHOUT_ARRAYS
    assert not [name for name in public(module) if prefix + name not in told and name not in others]
    asks = [name for name in public(module) if hasattr(getattr(module, name), "_implementation")]
    assert not WITHOUT_ARRAYS & set(asks)


def test_every_method_of_an_array_is_in_a_table():
    told = {re.split(r"[ ,]", name)[0] for name in [*WORKS, *REFUSED]}
    assert not [
        name for name in dir(np.ndarray) if name[0] != "_" and f"x.{name}" not in told and name not in OF_STORAGE
    ]


# Functions of scipy.special that we have too, with points in their domains, where SciPy itself is the reference.
SPECIAL = {
    **dict.fromkeys("cbrt erf erfc erfcx exp2 expit expm1 gamma gammaln".split(), (0.5, 2.0)),
    **dict.fromkeys("log_expit log_ndtr ndtr psi".split(), (0.5, 2.0)),
    **dict.fromkeys("entr log1p logit".split(), (0.3, 0.8)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_functions_of_scipy_special_are_ours(name):
    f, x = getattr(pytest.importorskip("scipy.special"), name), np.array(SPECIAL[name])
    assert f(Scalar(x[0])).data == pytest.approx(f(x[0]), rel=1e-14)
    assert gg.values(f(gg.array(x))) == pytest.approx(f(x), rel=1e-14)
    slope = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    assert gg.grad(lambda x: f(x).sum())(x) == pytest.approx(slope, rel=1e-6)
    assert gg.vmap(gg.grad(f))(x) == pytest.approx(slope, rel=1e-6)
    assert gg.jit(f)(x) == pytest.approx(f(x), rel=1e-14)


def test_functions_of_scipy_special_of_two_arguments():
    special = pytest.importorskip("scipy.special")
    assert gg.grad(special.xlogy, argnums=(0, 1))(2.0, 3.0) == pytest.approx((math.log(3), 2 / 3), rel=1e-15)
    assert gg.grad(special.xlog1py, argnums=(0, 1))(2.0, 3.0) == pytest.approx((math.log(4), 2 / 4), rel=1e-15)
    slopes = math.log(2 / 3) + 1, -2 / 3
    assert gg.grad(special.rel_entr, argnums=(0, 1))(2.0, 3.0) == pytest.approx(slopes, rel=1e-14)
    assert gg.values(special.xlogy(2.0, gg.array([1.5, 3.0]))) == pytest.approx([2 * math.log(1.5), 2 * math.log(3)])


def test_a_function_of_another_library_is_refused_with_ours():
    special = pytest.importorskip("scipy.special")
    for x in (Scalar(0.5), gg.array(POINT)):
        with pytest.raises(TypeError, match=r"nodes do not support scipy\.special\.loggamma: write gg\.lgamma instead"):
            special.loggamma(x)
        with pytest.raises(TypeError, match=r"nodes do not support scipy\.special\.zetac: .*@gg\.primitive"):
            special.zetac(x)


# Programs of several functions

STEPS: dict[str, Call] = {
    "maximum": lambda x: np.maximum(x, 0.0),
    "minimum": lambda x: np.minimum(x, OTHER),
    "clip": lambda x: np.clip(x, -1.0, 1.5),
    "abs": abs,
    "where": lambda x: np.where(x > OTHER, x, -x),
    "mask": lambda x: x * (x > 0.3),
    "mask, stored": lambda x: _stored(x),
    "loop": lambda x: _looped(x),
    "sort": np.sort,
    "cumsum": np.cumsum,
    "accumulate": np.maximum.accumulate,
    "largest": lambda x: x - np.max(x),
    "norm": lambda x: x / (1.0 + np.linalg.norm(x)),
    "std": lambda x: (x - x.mean()) / (x.std() + 1.0),
    "matmul": lambda x: (x.reshape(2, 3) @ x.reshape(2, 3).T).ravel()[[0, 1, 2, 3, 0, 1]],
    "select": lambda x: np.select([x > 1.0, x > 0.0], [x, x * x], 0.1),
    "if": lambda x: x * 2.0 if np.sum(x) > 0 else x - 1.0,
    "if any": lambda x: x + 1.0 if (x > 2.0).any() else x * 0.5,
    "concatenate": lambda x: np.concatenate([x[3:], x[:3]]),
    "argmax": lambda x: x + x[np.argmax(x)],
    "fmod": lambda x: np.fmod(x, 0.7),
    "isclose": lambda x: np.where(np.isclose(x, OTHER), 0.0, x),
    "stack": lambda x: np.stack([x, OTHER]).max(axis=0),
    "exp": lambda x: np.exp(-x * x),
    "count": lambda x: x * np.count_nonzero(x > 0.0),
    "sum, where": lambda x: x + np.sum(x, where=x > 0.0),
}
OTHER = np.array([0.5, -1.0, 2.0, 0.0, 1.5, -0.25])
WEIGHTS = np.array([1.0, -2.0, 0.5, 3.0, 0.7, -1.1])


def _stored(x: Any) -> Any:
    y = x * 1.0
    y[y < 0] = -0.5 * y[y < 0]
    return y


def _looped(x: Any) -> Any:
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] * x[i - 1]
    return y


def programs(count: int) -> list[list[str]]:
    draw = np.random.default_rng(0)
    return [draw.choice(list(STEPS), draw.integers(2, 6)).tolist() for _ in range(count)]


@pytest.mark.parametrize("names", programs(25), ids=" ".join)
def test_programs_of_several_functions(names, interpreted):
    def f(x):
        for name in names:
            x = STEPS[name](x)
        return x

    def loss(x):
        return np.sum(f(x) * WEIGHTS)

    points = np.random.default_rng(1).choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 0.3, 1.7], (4, 6))
    expected, losses = np.array([f(x.copy()) for x in points]), np.array([loss(x) for x in points])
    compiled = gg.jit(f)
    assert np.array([gg.values(f(gg.array(x))) for x in points]) == pytest.approx(expected, abs=1e-12)
    assert np.array([compiled(x) for x in points]) == pytest.approx(expected, abs=1e-12)
    slopes = np.array([gg.grad(loss)(x) for x in points])
    found, batch = gg.vmap(gg.value_and_grad(loss))(points)
    assert found == pytest.approx(losses, abs=1e-11)
    assert batch == pytest.approx(slopes, abs=1e-11)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.concatenate([[x[0]], x[1:], [2.0 * x[0]]]),
        lambda x: np.vstack([[x[0], x[1]], x[:2]]),
        lambda x: np.column_stack([(x[0], x[1]), x[:2]]),
        lambda x: np.concatenate([[[x[0]]], [[x[1]]]]),
        lambda x: np.concatenate([[np.asarray(x)[0]], [np.max(x)]]),
    ],
)
def test_nodes_in_lists_of_lists_become_the_elements(function):
    found = function(gg.array([1.0, 2.0, 3.0]))
    assert {type(x) for x in found.view(np.ndarray).ravel().tolist()} == {gg.Scalar}
    np.testing.assert_array_equal(gg.values(found), function(np.array([1.0, 2.0, 3.0])))
