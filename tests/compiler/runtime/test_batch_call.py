"""Lanes of ``gg.vmap`` for which the function raises an exception."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import glassgrad as gg
from glassgrad.compiler.runtime import eager

X = np.array([4.0, -1.0, 9.0, 0.25, -4.0, 1.0])
BAD = X < 0
WAYS = ["code", "interpreter", "uncompiled"]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """The ways to run a lane."""
    if request.param == "interpreter":
        monkeypatch.setenv("GLASSGRAD_TARGET", "none")
    elif request.param == "uncompiled":
        monkeypatch.setattr(gg.config, "_compile_budget", 0.0)
    else:
        pytest.importorskip("llvmlite")
    return request.param


def root(x, scale=1.0):
    if x < 0:
        raise ArithmeticError(f"no root of {x}")
    return scale * gg.sqrt(x)


def pair(x):
    """Two kinds of results, and exceptions of two kinds at different places."""
    if x < -2:
        raise KeyError(x)
    y = np.array([root(x), 2.0 * x])
    return {"y": y, "big": x > 3}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("reduce", [None, "sum"])
def test_an_exception_names_its_lane_and_numbers(reduce):
    with pytest.raises(ArithmeticError, match=r"no root of -1\.0") as caught:
        gg.vmap(root, reduce=reduce)(X, scale=np.full(6, 0.5))
    assert caught.value.__notes__ == ["in lane 1 of 6 of root: x = -1, scale = 0.5"]


@pytest.mark.usefixtures("way")
def test_it_is_named_in_a_later_call_too():
    batch = gg.vmap(gg.grad(root))
    batch(np.array([1.0, 2.0]))
    for first in (3, 5):
        x = np.where(np.arange(8) >= first, -1.0 - np.arange(8.0), 1.0)
        with pytest.raises(ArithmeticError) as caught:
            batch(x)
        assert caught.value.__notes__ == [f"in lane {first} of 8 of gg.grad(root): x = {-1 - first}"]


def test_a_lane_of_many_numbers_names_the_first_ones():
    with pytest.raises(ZeroDivisionError) as caught:
        gg.vmap(lambda x: 1 // 0)(np.arange(40.0).reshape(4, 10))
    (note,) = caught.value.__notes__
    assert note.endswith(": " + f"{', '.join(f'x[{k}] = {k}' for k in range(8))}, and 2 more numbers")


def test_inside_another_transform_the_lane_is_named():
    with pytest.raises(ArithmeticError) as caught:
        gg.grad(lambda x: gg.vmap(root)(x).sum())(X)
    assert caught.value.__notes__ == ["in lane 1 of 6 of root"]


@pytest.mark.usefixtures("way")
def test_errors_become_nan_and_other_lanes_are_what_they_are():
    found = gg.vmap(root, on_error="nan")(X, scale=np.full(6, 3.0))
    assert np.isnan(found).tolist() == BAD.tolist()
    assert found[~BAD].tolist() == [3.0 * math.sqrt(x) for x in X[~BAD].tolist()]


@pytest.mark.usefixtures("way")
def test_all_results_of_a_lane_become_nan():
    batch = gg.vmap(pair, on_error="nan")
    for x in (X, X[::-1].copy(), X[~BAD]):
        found, bad = batch(x), x < 0
        assert found["y"].shape == (len(x), 2)
        assert np.isnan(found["y"]).all(axis=1).tolist() == bad.tolist()
        assert np.isnan(found["big"].astype(float)).tolist() == bad.tolist()
        assert found["y"][~bad].tolist() == [[math.sqrt(t), 2 * t] for t in x[~bad].tolist()]
        assert found["big"][~bad].tolist() == (x[~bad] > 3).tolist()


@pytest.mark.usefixtures("way")
def test_values_and_gradients():
    value, slope = gg.vmap(gg.value_and_grad(root), on_error="nan")(X)
    assert np.isnan(value).tolist() == np.isnan(slope).tolist() == BAD.tolist()
    assert slope[~BAD].tolist() == [gg.grad(root)(x) for x in X[~BAD].tolist()]


@pytest.mark.usefixtures("way")
def test_a_sum_over_lanes_with_errors_is_nan():
    total = gg.vmap(root, reduce="sum", on_error="nan")
    assert math.isnan(total(X))
    assert total(X[~BAD]) == sum(math.sqrt(x) for x in X[~BAD].tolist())


def test_inside_another_transform_errors_become_nan():
    def last(x):
        return gg.vmap(root, on_error="nan")(x)

    assert np.isnan(gg.jit(last)(X)).tolist() == BAD.tolist()
    slope = gg.grad(lambda x: last(x)[~BAD].sum())(X)
    assert slope.tolist() == [0.0 if x < 0 else gg.grad(root)(x) for x in X.tolist()]


def test_lanes_with_errors_run_as_code(monkeypatch):
    """The function is traced up to the exception, once for each path."""
    pytest.importorskip("llvmlite")
    batch = gg.vmap(pair, on_error="nan")
    batch(X)
    monkeypatch.setattr(eager, "run_lanes", None)
    (program,) = batch.programs.values()
    traces = len(program.traces)
    assert np.isnan(batch(np.tile(X, 100))["y"][:, 0]).tolist() == np.tile(BAD, 100).tolist()
    assert len(program.traces) == traces == 3


@pytest.mark.usefixtures("way")
def test_if_all_lanes_raise_the_first_exception_says_so():
    batch = gg.vmap(root, on_error="nan")
    with pytest.raises(ArithmeticError) as caught:
        batch(-X[~BAD])
    assert caught.value.__notes__[-1] == "all other lanes raised one, too, so the shape of the results is unknown"
    assert batch(X[~BAD]).tolist() == np.sqrt(X[~BAD]).tolist()
    assert np.isnan(batch(-X[~BAD])).all()  # by now the shape is known


@pytest.mark.usefixtures("way")
def test_the_only_lane_without_an_error_tells_the_shape():
    x = -np.arange(1.0, 2001.0)
    x[1234] = 4.0
    found = gg.vmap(root, on_error="nan")(x)
    assert found[1234] == 2.0
    assert np.isnan(found).sum() == 1999


def test_a_mistake_that_only_nodes_show_does_not_become_nan():
    with pytest.raises(gg.TracingError, match="math"):
        gg.vmap(lambda x: math.sin(x), on_error="nan")(X)
    with pytest.raises(AttributeError, match="fromhex"):
        gg.vmap(lambda x: x.fromhex("0x1p0") * x, on_error="nan")(X)


def test_options():
    with pytest.raises(ValueError, match="on_error='ignore': choose 'raise' or 'nan'"):
        gg.vmap(root, on_error="ignore")
    assert gg.vmap(root).on_error == "raise"
    assert pickle.loads(pickle.dumps(gg.vmap(root, on_error="nan"))).on_error == "nan"


def test_an_anomaly_in_a_sum_is_explained_where_errors_are_nan():
    """The report names a lane; looking for it raises no exception of the function."""
    total = gg.vmap(root, reduce="sum", on_error="nan")
    with pytest.raises(gg.AnomalyError), gg.detect_anomaly():
        total(X)
